/* The statechart interpreter: W3C SCXML, appendix D, with the rulings of workflow-language.md.
 *
 * A chart is an immutable table of states and transitions; a configuration is which of them are
 * active and what history remembers. One external event is one macrostep (chart_start, chart_step):
 *   1. transitions are selected innermost first, then in document order, conflicts pre-empted;
 *   2. all are exited, all `do` run, all entered: one microstep;
 *   3. eventless transitions, then internal events, until none is left.
 * Guards and actions are the caller's, by hooks, so this folder knows neither expressions nor data.
 * Pure and deterministic: the same chart, configuration, event and hook answers give the same
 * calls. */
#ifndef SANKOFA_CHART_CHART_H
#define SANKOFA_CHART_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

enum { CHART_NONE = UINT16_MAX, CHART_STATES_MAX = 4000, CHART_STEPS_MAX = 1000 };

enum chart_kind { CHART_ATOMIC, CHART_COMPOUND, CHART_PARALLEL, CHART_FINAL, CHART_HISTORY };

/* States are numbered in document order, depth first; 0 is the root, a compound state with no id
 * that holds the top-level states. */
struct chart_state {
    struct text id;
    enum chart_kind kind;
    bool deep;               /* of a history */
    uint16_t parent;         /* CHART_NONE for the root */
    const uint16_t *initial; /* of a compound state; NULL: chart_seal makes it the first child that
                                is no history */
    uint16_t initial_count;
    uint16_t default_transition; /* of a history, else CHART_NONE */
    /* Filled by chart_seal: */
    uint16_t depth;
    uint16_t last;            /* the last descendant's number; its own if it has none */
    const uint16_t *children; /* in document order, histories included */
    uint16_t child_count;
    const uint16_t *transitions; /* those of this state, in the order they are tried: first the
                                    eventless ones, then the others */
    uint16_t transition_count;
    uint16_t always_count; /* how many of them are eventless */
    bool has_history;      /* a child is one */
};

enum chart_trigger {
    CHART_ON,     /* an event whose name matches `event` */
    CHART_ALWAYS, /* eventless */
    CHART_AFTER,  /* the timer of this transition (event name: see chart_event.transition) */
    CHART_DEFAULT /* of a history: never selected */
};

/* Transitions are numbered in file order of the whole chart. */
struct chart_transition {
    struct text id;
    uint16_t source;
    enum chart_trigger trigger;
    struct text event; /* CHART_ON: segments joined by dots; `a.b` and `a.b.*` match a.b and a.b.c;
                          `*` all */
    const uint16_t *targets; /* NULL: targetless */
    uint16_t target_count;
    bool reenter; /* SCXML's external transition to the letter */
};

struct chart {
    struct chart_state *states;
    uint16_t state_count;
    struct chart_transition *transitions;
    uint16_t transition_count;
    const uint16_t *by_id; /* chart_seal: all states but the root, sorted by id */
};

/* Fills the derived members from `arena` and checks the chart. 0; or -EINVAL with *why_out, a
 * sentence (targets that cannot be active together, an initial outside its state, ...) and
 * *state_out / *transition_out the place (CHART_NONE where it is not of one). The numbering itself
 * (document order, indices in range) is the caller's promise. A chart that was refused may be
 * mended and sealed again. */
int chart_seal(struct arena *arena, struct chart *chart, struct text *why_out, uint16_t *state_out,
               uint16_t *transition_out);
/* CHART_NONE if there is none. Also of a chart that is not sealed yet, then slowly. */
uint16_t chart_state_named(const struct chart *chart, struct text id);
bool chart_event_matches(struct text descriptor, struct text event);
bool chart_is_descendant(const struct chart *chart, uint16_t state, uint16_t ancestor);

/* What is active, and what each history state remembers: of a shallow one the children of its
 * parent that were active when the parent was left, of a deep one the atomic and final descendants,
 * in document order. */
struct chart_configuration {
    bool *active; /* by state; the root is active once started */
    struct chart_memory {
        bool is_set;
        uint16_t *states;
        uint16_t count;
    } * memories; /* by state: only those of histories are used */
};

struct chart_configuration chart_configuration_empty(struct arena *arena,
                                                     const struct chart *chart);
struct chart_configuration chart_configuration_copy(struct arena *arena, const struct chart *chart,
                                                    const struct chart_configuration *from);
/* Every compound has one active child, every parallel all, every active state its parent; no
 * history is active, and each remembers states inside its parent. One that was never started is not
 * legal. */
bool chart_configuration_is_legal(const struct chart *chart,
                                  const struct chart_configuration *configuration);

struct chart_event {
    struct text name;    /* "register", "done.state.assessment", "error.execution" */
    uint16_t transition; /* a timer: the CHART_AFTER transition it belongs to; else CHART_NONE */
    struct value data;   /* VALUE_NULL if it has none */
    bool is_internal;    /* set by the interpreter for raised events */
};

enum chart_answer { CHART_NO, CHART_YES, CHART_ERROR };

/* The caller's half. `self` is passed through. While hooks run, chart_raise may be called, nothing
 * else. */
struct chart_hooks {
    void *self;
    /* Whether this matching transition may be taken for this event (NULL: eventless). CHART_ERROR
     * counts as CHART_NO and raises error.execution, at most once a transition and macrostep. */
    enum chart_answer (*guard)(void *self, uint16_t transition, const struct chart_event *event);
    /* The transitions of one microstep, selected and free of conflict, before anything is exited.
     */
    void (*selected)(void *self, const uint16_t *transitions, size_t count,
                     const struct chart_event *event);
    /* Runs a state's exit actions, and is told that it is left (timers and steps end). */
    void (*leave)(void *self, uint16_t state);
    /* Runs a transition's `do`. */
    void (*act)(void *self, uint16_t transition);
    /* Is told that a state is entered (visit number, timers) and runs its entry actions. */
    void (*enter)(void *self, uint16_t state);
    /* `data` of a final state that was entered, for its parent's done event; VALUE_NULL if none.
     * Not asked of a top-level one, which has no such event. */
    struct value (*final_data)(void *self, uint16_t state);
    /* May be NULL. Is told each event before its transitions are selected, the external one and the
     * internal ones; it stays bound through the eventless steps that follow. Borrowed for the
     * macrostep. */
    void (*bind)(void *self, const struct chart_event *event);
};

struct chart_run; /* one macrostep under way */

/* Adds an internal event; from within hooks. Borrows both until the macrostep ends. */
void chart_raise(struct chart_run *run, struct text name, struct value data);

struct chart_result {
    bool taken;     /* a transition was selected for the event itself; always when started */
    bool is_closed; /* a top-level final state was entered: nothing is left to do */
    size_t microsteps;
};

/* Enters the chart from nothing; `event` is what opened it. `begin` hands `hooks->self` the run,
 * for chart_raise, before any hook is called. 0; -ELOOP where more than CHART_STEPS_MAX microsteps
 * and internal events together would be needed (entering is the first): the configuration is then
 * of no use. What a history remembers anew is allocated in `arena`. */
int chart_start(const struct chart *chart, struct chart_configuration *configuration,
                const struct chart_event *event, const struct chart_hooks *hooks,
                struct arena *arena, void (*begin)(void *self, struct chart_run *run),
                struct chart_result *result_out);
/* One macrostep for one external event. `configuration` is changed in place. */
int chart_step(const struct chart *chart, struct chart_configuration *configuration,
               const struct chart_event *event, const struct chart_hooks *hooks,
               struct arena *arena, void (*begin)(void *self, struct chart_run *run),
               struct chart_result *result_out);

/* The transitions of active states that match `event`, guards not asked: innermost first, then
 * document order, each once: the order in which they are tried. */
const uint16_t *chart_candidates(const struct chart *chart,
                                 const struct chart_configuration *configuration,
                                 const struct chart_event *event, struct arena *arena,
                                 size_t *count_out);

#endif
