/* What a chart can come to, judged without guards and data; internal to workflow/.
 *
 * A transition counts as possible unless nothing can bring its event. So a warning made of this is
 * nearly always right, and silence proves nothing. */
#ifndef SANKOFA_WORKFLOW_REACH_H
#define SANKOFA_WORKFLOW_REACH_H

#include "workflow/load.h"

struct reach {
    struct load *load;
    const struct chart *chart;
    bool *reachable;
    bool *completes; /* by state: its done event may come */
    bool *possible;  /* by transition: its event may come */
    bool *can_leave; /* by state: a transition leads out of it */
    bool *may_leave; /* by state: a possible one does */
    bool *entered;   /* scratch: what one transition enters */
};

/* Of a sealed chart. */
void reach_find(struct load *load, struct reach *reach_out);
/* Whether `state` is `of` or inside it. */
bool reach_is_within(const struct chart *chart, uint16_t state, uint16_t of);
/* The innermost state that a transition stays inside (ruling 2), or CHART_NONE if it moves nothing.
 */
uint16_t reach_domain_of(const struct chart *chart, const struct chart_transition *transition);
bool reach_holds_target(const struct chart *chart, const struct chart_transition *transition,
                        uint16_t state);
/* Whether a transition with that domain leaves the state, were it active. */
bool reach_leaves(const struct chart *chart, const struct chart_transition *transition,
                  uint16_t domain, uint16_t state);

#endif
