/* Sealing: the derived members of a chart, and what makes a chart impossible to run.
 *
 * The happy path:
 * 1. The numbering is taken for granted and checked: parents first, document order.
 * 2. Children, transitions and ids are laid out for the interpreter.
 * 3. Each state, then each transition is held against the rules; the first fault is told. */
#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "chart/chart.h"

enum { TRANSITIONS_MAX = CHART_NONE - 1 };

struct sealing {
    struct arena *arena;
    struct chart *chart;
    uint32_t *passed; /* by state: the list of targets whose way led through it; 0 none */
    uint32_t *aimed;  /* by state: the list of targets that names it */
    uint32_t list;    /* the list of targets under scrutiny, from 1 */
    struct text why;
    uint16_t state, transition; /* the place of the fault */
};

/* ---- 1. The numbering ---- */

static void check_numbering(const struct chart *chart)
{
    CHECK(chart->state_count > 0);
    CHECK(chart->states[0].kind == CHART_COMPOUND);
    CHECK(chart->states[0].parent == CHART_NONE);
    for (uint16_t s = 1; s < chart->state_count; s++) {
        CHECK(chart->states[s].parent < s);
        /* Depth first: the parent is the state before, or one that holds the state before. */
        uint16_t a = (uint16_t)(s - 1);
        while (a != chart->states[s].parent) {
            CHECK(a != 0);
            a = chart->states[a].parent;
        }
    }
    for (uint16_t t = 0; t < chart->transition_count; t++) {
        const struct chart_transition *transition = &chart->transitions[t];
        CHECK(transition->source < chart->state_count);
        for (uint16_t i = 0; i < transition->target_count; i++)
            CHECK(transition->targets[i] > 0 && transition->targets[i] < chart->state_count);
    }
    for (uint16_t s = 0; s < chart->state_count; s++) {
        const struct chart_state *state = &chart->states[s];
        for (uint16_t i = 0; i < state->initial_count; i++)
            CHECK(state->initial[i] > 0 && state->initial[i] < chart->state_count);
        if (state->default_transition == CHART_NONE)
            continue;
        CHECK(state->kind == CHART_HISTORY);
        CHECK(state->default_transition < chart->transition_count);
        CHECK(chart->transitions[state->default_transition].source == s);
        CHECK(chart->transitions[state->default_transition].trigger == CHART_DEFAULT);
    }
}

/* ---- 2. The layout ---- */

static void lay_children(struct arena *arena, struct chart *chart)
{
    struct chart_state *states = chart->states;
    uint16_t **fill = ARENA_ARRAY(arena, uint16_t *, chart->state_count);
    for (uint16_t s = 0; s < chart->state_count; s++) {
        states[s].last = s;
        states[s].child_count = 0;
        states[s].has_history = false;
        states[s].depth = s == 0 ? 0 : (uint16_t)(states[states[s].parent].depth + 1);
    }
    for (uint16_t s = (uint16_t)(chart->state_count - 1); s > 0; s--) {
        struct chart_state *parent = &states[states[s].parent];
        parent->child_count++;
        parent->has_history |= states[s].kind == CHART_HISTORY;
        if (states[s].last > parent->last)
            parent->last = states[s].last;
    }
    for (uint16_t s = 0; s < chart->state_count; s++) {
        fill[s] = ARENA_ARRAY(arena, uint16_t, states[s].child_count);
        states[s].children = fill[s];
        if (s > 0)
            *fill[states[s].parent]++ = s;
    }
}

/* Eventless ones first, each kind in file order. */
static void lay_transitions(struct arena *arena, struct chart *chart)
{
    struct chart_state *states = chart->states;
    uint16_t **fill = ARENA_ARRAY(arena, uint16_t *, chart->state_count);
    for (uint16_t s = 0; s < chart->state_count; s++)
        states[s].transition_count = states[s].always_count = 0;
    for (uint16_t t = 0; t < chart->transition_count; t++) {
        struct chart_state *source = &states[chart->transitions[t].source];
        if (chart->transitions[t].trigger != CHART_DEFAULT)
            source->transition_count++;
        if (chart->transitions[t].trigger == CHART_ALWAYS)
            source->always_count++;
    }
    for (uint16_t s = 0; s < chart->state_count; s++) {
        fill[s] = ARENA_ARRAY(arena, uint16_t, states[s].transition_count);
        states[s].transitions = fill[s];
    }
    for (int eventless = 1; eventless >= 0; eventless--)
        for (uint16_t t = 0; t < chart->transition_count; t++)
            if (chart->transitions[t].trigger != CHART_DEFAULT &&
                (chart->transitions[t].trigger == CHART_ALWAYS) == (eventless == 1))
                *fill[chart->transitions[t].source]++ = t;
}

static int compare_ids(const void *a, const void *b, void *chart)
{
    const struct chart_state *states = ((const struct chart *)chart)->states;
    return text_compare(states[*(const uint16_t *)a].id, states[*(const uint16_t *)b].id);
}

static void lay_ids(struct arena *arena, struct chart *chart)
{
    size_t count = (size_t)chart->state_count - 1;
    uint16_t *by_id = ARENA_ARRAY(arena, uint16_t, count);
    for (uint16_t i = 0; i < count; i++)
        by_id[i] = (uint16_t)(i + 1);
    qsort_r(by_id, count, sizeof(*by_id), compare_ids, chart);
    chart->by_id = by_id;
}

/* The first child that is no history, or CHART_NONE. */
static uint16_t first_child(const struct chart *chart, uint16_t state)
{
    const struct chart_state *s = &chart->states[state];
    for (uint16_t i = 0; i < s->child_count; i++)
        if (chart->states[s->children[i]].kind != CHART_HISTORY)
            return s->children[i];
    return CHART_NONE;
}

static void lay_initial(struct arena *arena, struct chart *chart, uint16_t state)
{
    struct chart_state *s = &chart->states[state];
    if (s->kind != CHART_COMPOUND || s->initial_count > 0)
        return;
    uint16_t *initial = ARENA_NEW(arena, uint16_t);
    *initial = first_child(chart, state);
    s->initial = initial;
    s->initial_count = 1;
}

/* ---- 3. The rules ---- */

static int refuse(struct sealing *sealing, uint16_t state, uint16_t transition, struct text why)
{
    sealing->state = state;
    sealing->transition = transition;
    sealing->why = why;
    return -EINVAL;
}

#define REFUSE(sealing, state, transition, ...)                                                    \
    refuse((sealing), (state), (transition), text_printf((sealing)->arena, __VA_ARGS__))

/* Whether this target can be active together with those of the same list before it. A history
 * stands for its parent. The ways of earlier targets are marked up to the root. */
static bool joins(struct sealing *sealing, uint16_t target)
{
    const struct chart_state *states = sealing->chart->states;
    if (states[target].kind == CHART_HISTORY)
        target = states[target].parent;
    if (sealing->passed[target] == sealing->list)
        return false;
    sealing->aimed[target] = sealing->list;
    for (uint16_t s = target; s != 0; s = states[s].parent) {
        sealing->passed[s] = sealing->list;
        uint16_t parent = states[s].parent;
        if (sealing->aimed[parent] == sealing->list)
            return false;
        if (sealing->passed[parent] == sealing->list)
            return states[parent].kind == CHART_PARALLEL;
    }
    sealing->passed[0] = sealing->list;
    return true;
}

/* The targets of a transition or an initial, all inside `within` and possible together. */
static int check_targets(struct sealing *sealing, uint16_t state, uint16_t transition,
                         const char *what, const uint16_t *targets, uint16_t count, uint16_t within)
{
    const struct chart *chart = sealing->chart;
    sealing->list++;
    for (uint16_t i = 0; i < count; i++) {
        struct text id = chart->states[targets[i]].id;
        if (!chart_is_descendant(chart, targets[i], within))
            return REFUSE(sealing, state, transition, "%s leads to %.*s, which is not inside %.*s.",
                          what, TEXT_ARG(id), TEXT_ARG(chart->states[within].id));
        if (!joins(sealing, targets[i]))
            return REFUSE(sealing, state, transition,
                          "%s leads to %.*s, which cannot be active together with its other "
                          "targets.",
                          what, TEXT_ARG(id));
    }
    return 0;
}

static int check_children(struct sealing *sealing, uint16_t state)
{
    const struct chart *chart = sealing->chart;
    const struct chart_state *s = &chart->states[state];
    if (s->kind == CHART_COMPOUND || s->kind == CHART_PARALLEL) {
        if (first_child(chart, state) == CHART_NONE)
            return REFUSE(sealing, state, CHART_NONE, "%.*s has no states inside.",
                          TEXT_ARG(state == 0 ? TEXT(N_("The workflow")) : s->id));
        return 0;
    }
    if (s->child_count > 0)
        return REFUSE(sealing, state, CHART_NONE, "%.*s cannot have states inside.",
                      TEXT_ARG(s->id));
    return 0;
}

/* Whether the defaults of histories of one parent name each other for ever. Such a target stands
 * alone in its list; every other target lies deeper, so that no other circle is possible. */
static bool goes_in_a_circle(const struct chart *chart, uint16_t history)
{
    uint16_t parent = chart->states[history].parent, at = history;
    for (uint16_t i = 0; i <= chart->states[parent].child_count; i++) {
        if (chart->states[at].kind != CHART_HISTORY || chart->states[at].parent != parent)
            return false;
        uint16_t transition = chart->states[at].default_transition;
        if (transition == CHART_NONE || chart->transitions[transition].target_count == 0)
            return false;
        at = chart->transitions[transition].targets[0];
    }
    return true;
}

static int check_history(struct sealing *sealing, uint16_t state)
{
    const struct chart *chart = sealing->chart;
    const struct chart_state *s = &chart->states[state];
    if (s->parent == 0)
        return REFUSE(sealing, state, CHART_NONE,
                      "%.*s is a history of the whole workflow, which is never left and entered "
                      "again.",
                      TEXT_ARG(s->id));
    if (s->default_transition == CHART_NONE)
        return REFUSE(sealing, state, CHART_NONE, "%.*s has no default.", TEXT_ARG(s->id));
    const struct chart_transition *t = &chart->transitions[s->default_transition];
    if (t->target_count == 0)
        return REFUSE(sealing, state, s->default_transition, "The default of %.*s has no target.",
                      TEXT_ARG(s->id));
    if (goes_in_a_circle(chart, state))
        return REFUSE(sealing, state, s->default_transition,
                      "The default of %.*s leads in a circle.", TEXT_ARG(s->id));
    return check_targets(sealing, state, s->default_transition, "The default", t->targets,
                         t->target_count, s->parent);
}

static int check_state(struct sealing *sealing, uint16_t state)
{
    const struct chart *chart = sealing->chart;
    const struct chart_state *s = &chart->states[state];
    int status = check_children(sealing, state);
    if (status < 0)
        return status;
    if (s->kind == CHART_FINAL && chart->states[s->parent].kind == CHART_PARALLEL)
        return REFUSE(sealing, state, CHART_NONE,
                      "%.*s is final and a region of a parallel state: put it inside a region.",
                      TEXT_ARG(s->id));
    if (s->kind == CHART_HISTORY)
        return check_history(sealing, state);
    if (s->kind == CHART_COMPOUND)
        return check_targets(sealing, state, CHART_NONE, "The initial", s->initial,
                             s->initial_count, state);
    if (s->initial_count > 0)
        return REFUSE(sealing, state, CHART_NONE, "%.*s cannot have an initial.", TEXT_ARG(s->id));
    return 0;
}

static int check_transition(struct sealing *sealing, uint16_t transition)
{
    const struct chart *chart = sealing->chart;
    const struct chart_transition *t = &chart->transitions[transition];
    const struct chart_state *source = &chart->states[t->source];
    if (t->trigger == CHART_DEFAULT) {
        CHECK(source->default_transition == transition);
        return 0;
    }
    if (source->kind == CHART_FINAL || source->kind == CHART_HISTORY)
        return REFUSE(sealing, t->source, transition, "%.*s is %s: it has no transitions.",
                      TEXT_ARG(source->id),
                      source->kind == CHART_FINAL ? N_("final") : N_("a history"));
    if (t->source == 0)
        return REFUSE(sealing, t->source, transition, "The workflow itself has no transitions.");
    return check_targets(sealing, t->source, transition, "The transition", t->targets,
                         t->target_count, 0);
}

static int check_chart(struct sealing *sealing)
{
    const struct chart *chart = sealing->chart;
    int status = 0;
    for (uint16_t s = 0; s < chart->state_count && status == 0; s++)
        status = check_state(sealing, s);
    for (uint16_t t = 0; t < chart->transition_count && status == 0; t++)
        status = check_transition(sealing, t);
    return status;
}

int chart_seal(struct arena *arena, struct chart *chart, struct text *why_out, uint16_t *state_out,
               uint16_t *transition_out)
{
    struct sealing sealing = {
        .arena = arena, .chart = chart, .state = CHART_NONE, .transition = CHART_NONE};
    int status = 0;
    if (chart->state_count > CHART_STATES_MAX + 1) {
        status = REFUSE(&sealing, CHART_NONE, CHART_NONE, "There are more than %d states.",
                        CHART_STATES_MAX);
    } else if (chart->transition_count > TRANSITIONS_MAX) {
        status = REFUSE(&sealing, CHART_NONE, CHART_NONE, "There are more than %d transitions.",
                        TRANSITIONS_MAX);
    } else {
        check_numbering(chart);
        lay_children(arena, chart);
        lay_transitions(arena, chart);
        lay_ids(arena, chart);
        for (uint16_t s = 0; s < chart->state_count; s++)
            lay_initial(arena, chart, s);
        sealing.passed = ARENA_ARRAY(arena, uint32_t, chart->state_count);
        sealing.aimed = ARENA_ARRAY(arena, uint32_t, chart->state_count);
        status = check_chart(&sealing);
    }
    *why_out = sealing.why;
    *state_out = sealing.state;
    *transition_out = sealing.transition;
    return status;
}
