/* One macrostep under way: what the files of this folder share. */
#ifndef SANKOFA_CHART_RUN_H
#define SANKOFA_CHART_RUN_H

#include "chart/chart.h"

/* A selected transition and what it leaves. The roots are active states; each is left with all its
 * descendants. The transition enters as many children of `domain` again: the same ones where it is
 * parallel, one, perhaps another, where it is compound. */
struct chart_move {
    uint16_t transition;
    uint16_t domain; /* CHART_NONE: nothing is left and nothing entered */
    const uint16_t *roots;
    size_t root_count;
};

struct chart_queued {
    struct chart_queued *next;
    struct chart_event event;
};

struct chart_run {
    const struct chart *chart;
    struct chart_configuration *configuration;
    const struct chart_hooks *hooks;
    struct arena *arena;
    struct chart_queued *queue, **queue_end;
    size_t step_count; /* microsteps and internal events */
    size_t microstep_count;
    bool is_closed;
    bool *erred; /* by transition: its guard raised error.execution in this macrostep */

    /* The transitions of the microstep under way. */
    struct chart_move *moves;
    size_t move_count, move_capacity;

    /* Scratch by state, all false or zero between microsteps unless said. */
    bool *seen;        /* selection: its transitions were tried; stale afterwards */
    bool *is_root;     /* a root of a move that is kept */
    uint16_t *beneath; /* how many roots of moves that are kept are this state or inside it */
    bool *entering;
    uint16_t *wanted; /* the child that a compound state is entered to; stale afterwards */
    uint16_t *list;   /* of states or transitions; stale afterwards */
    /* The default transitions of histories that are being entered through. */
    uint16_t *defaults;
    size_t default_count;
};

/* What a pass over the active states in document order goes to after `state`. */
static inline uint16_t chart_next(const struct chart *chart, const bool *active, uint16_t state)
{
    return (uint16_t)(active[state] ? state + 1 : chart->states[state].last + 1);
}

static inline bool chart_has_no_states(const struct chart_state *state)
{
    return state->kind == CHART_ATOMIC || state->kind == CHART_FINAL;
}

/* The child of `ancestor` that is `state` or holds it. */
uint16_t chart_child_towards(const struct chart *chart, uint16_t ancestor, uint16_t state);
/* The first state inside `state` that is active: of a compound one, its active child. CHART_NONE if
 * none is. */
uint16_t chart_first_active(const struct chart *chart, const bool *active, uint16_t state);

/* Nothing is queued: before chart_raise. */
void chart_queue_init(struct chart_run *run);
/* The next internal event; NULL if there is none. */
const struct chart_event *chart_queue_pop(struct chart_run *run);

/* Sets run->moves to the transitions to be taken for `event` (NULL: eventless), free of conflict.
 * Their roots are marked in is_root and beneath. */
void chart_select(struct chart_run *run, const struct chart_event *event);
/* Takes the marks of the moves back. */
void chart_moves_clear(struct chart_run *run);

/* Exits, acts and enters what the moves say. */
void chart_microstep(struct chart_run *run, const struct chart_event *event);
/* Enters the initial states of the chart. */
void chart_enter_initial(struct chart_run *run);

#endif
