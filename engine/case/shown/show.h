/* What the views share: who looks, in which language. */
#ifndef SANKOFA_CASE_SHOW_H
#define SANKOFA_CASE_SHOW_H

#include "case/turn.h"
#include "case/view.h"

/* The text in that language, else `otherwise` (an id). */
struct text case_say(const struct workflow *workflow, const struct workflow_words *words,
                     struct text language, struct text otherwise);
/* What people call an event; its id where it has no title. */
struct text case_event_title(const struct workflow *workflow, struct text event,
                             struct text language);
/* A moment kept in milliseconds, as a timestamp: RFC 3339 in JSON. */
struct value case_moment(int64_t at_ms);
/* Puts those fields of {FIELD: value} that this person may see into `data`, in document order, and
 * the ids of the others into `hidden`: those present (`all` false), or every sensitive field of the
 * workflow, so that hidden ones do not even tell whether they are set. */
void case_show_data(const struct workflow *workflow, const struct case_person *viewer,
                    const struct value *fields, bool all, struct value *data, struct value *hidden);
/* The notices of a case as its card keeps them, in the order in which they were made: [{kind, to or
 * person, state?, at, due?, text? or texts?, proposal?, event?, status?}]. Nothing of its data. */
struct value case_notice_list(const struct value *doc, struct arena *arena);
/* The proposals that wait for approvals, as the card keeps them: [{proposal, transition, submitter,
 * by: [role], not: [PERSON]}]; `not`: whom it excludes, and who has approved.
 */
struct value case_ask_list(const struct case_state *state, struct arena *arena);
/* care_view.c: what care/ keeps, put into a view or a card. */
void case_care_show(const struct case_state *state, const struct case_person *viewer,
                    struct value *view, struct arena *arena);
void case_care_card(const struct case_state *state, struct value *card, struct arena *arena);
/* Why this person may not take it now, as far as can be known; empty: may. */
struct text case_why_not(const struct case_state *state, const struct case_person *viewer,
                         struct text language, int64_t now_ms, uint16_t transition,
                         struct arena *arena);
/* The scope of one who looks at a case, on the data as it is. `active` is borrowed. */
struct case_scope case_show_scope(const struct case_state *state, const struct case_person *viewer,
                                  int64_t now_ms, const bool *active, struct arena *arena);

#endif
