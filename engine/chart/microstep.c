/* One microstep: exit all, run all `do`, enter all.
 *
 * The happy path:
 * 1. What the moves leave is listed; histories remember; states are left, innermost first.
 * 2. The `do` of each transition runs, in the order of selection.
 * 3. Targets mark the way down to them (wanted); then one pass in document order opens every state
 *    that is entered: a compound one to the child that is wanted, else to its initial, a parallel
 *    one to all its regions.
 * 4. Those states are entered, outermost first; the default transition of a history acts behind its
 *    parent's entry and before that of anything inside it. A final state completes its parent, and
 *    completion climbs through parallel states. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "chart/chart.h"
#include "chart/run.h"

/* ---- 1. Leaving ---- */

/* The states that the moves leave, in document order, in run->list. */
static size_t list_leaving(struct chart_run *run)
{
    const struct chart *chart = run->chart;
    const bool *active = run->configuration->active;
    size_t count = 0;
    uint16_t until = 0; /* the end of the root that the pass is in */
    for (uint16_t s = 1; s < chart->state_count; s = chart_next(chart, active, s)) {
        if (run->is_root[s])
            until = chart->states[s].last;
        if (active[s] && s <= until)
            run->list[count++] = s;
    }
    return count;
}

/* The states that `history` is to remember; counts only where `states_out` is NULL. */
static uint16_t list_remembered(const struct chart_run *run, uint16_t history, uint16_t *states_out)
{
    const struct chart *chart = run->chart;
    const bool *active = run->configuration->active;
    uint16_t parent = chart->states[history].parent;
    uint16_t end = chart->states[parent].last, count = 0;
    bool deep = chart->states[history].deep;
    for (uint16_t s = (uint16_t)(parent + 1); s <= end; s = chart_next(chart, active, s)) {
        bool is_meant =
            deep ? chart_has_no_states(&chart->states[s]) : chart->states[s].parent == parent;
        if (!active[s] || !is_meant)
            continue;
        if (states_out)
            states_out[count] = s;
        count++;
    }
    return count;
}

static void remember(struct chart_run *run, uint16_t state)
{
    const struct chart_state *s = &run->chart->states[state];
    for (uint16_t i = 0; s->has_history && i < s->child_count; i++) {
        uint16_t history = s->children[i];
        if (run->chart->states[history].kind != CHART_HISTORY)
            continue;
        struct chart_memory *memory = &run->configuration->memories[history];
        memory->count = list_remembered(run, history, NULL);
        memory->states = ARENA_ARRAY(run->arena, uint16_t, memory->count);
        list_remembered(run, history, memory->states);
        memory->is_set = true;
    }
}

static void leave_all(struct chart_run *run)
{
    size_t count = list_leaving(run);
    for (size_t i = 0; i < count; i++)
        remember(run, run->list[i]);
    for (size_t i = count; i-- > 0;) {
        run->hooks->leave(run->hooks->self, run->list[i]);
        run->configuration->active[run->list[i]] = false;
    }
}

/* ---- 3. Opening ---- */

static void want_all(struct chart_run *run, const uint16_t *targets, size_t count);

static void want_history(struct chart_run *run, uint16_t history)
{
    const struct chart_memory *memory = &run->configuration->memories[history];
    if (memory->is_set) {
        want_all(run, memory->states, memory->count);
        return;
    }
    uint16_t transition = run->chart->states[history].default_transition;
    const struct chart_transition *t = &run->chart->transitions[transition];
    CHECK(run->default_count < run->chart->state_count);
    run->defaults[run->default_count++] = transition;
    want_all(run, t->targets, t->target_count);
}

/* Marks the way from the outside down to each target. Marks on states that stay active do no harm:
 * only states that are entered are asked. */
static void want_all(struct chart_run *run, const uint16_t *targets, size_t count)
{
    const struct chart_state *states = run->chart->states;
    for (size_t i = 0; i < count; i++) {
        if (states[targets[i]].kind == CHART_HISTORY) {
            want_history(run, targets[i]);
            continue;
        }
        for (uint16_t s = targets[i]; s != 0 && run->wanted[states[s].parent] != s;
             s = states[s].parent)
            run->wanted[states[s].parent] = s;
    }
}

/* Marks the children with which a state is entered. */
static void open_state(struct chart_run *run, uint16_t state)
{
    const struct chart_state *s = &run->chart->states[state];
    switch (s->kind) {
    case CHART_COMPOUND:
        if (run->wanted[state] == CHART_NONE)
            want_all(run, s->initial, s->initial_count);
        CHECK(run->wanted[state] != CHART_NONE);
        run->entering[run->wanted[state]] = true;
        return;
    case CHART_PARALLEL:
        for (uint16_t i = 0; i < s->child_count; i++)
            run->entering[s->children[i]] =
                run->chart->states[s->children[i]].kind != CHART_HISTORY;
        return;
    case CHART_ATOMIC:
    case CHART_FINAL:
        return;
    case CHART_HISTORY:
        CHECK(!"a history is never entered");
    }
}

/* The states that are entered, in document order, in run->list: those marked and, as the pass opens
 * them, what is inside. */
static size_t list_entering(struct chart_run *run)
{
    const struct chart *chart = run->chart;
    size_t count = 0;
    for (uint16_t s = 1; s < chart->state_count;) {
        if (run->entering[s]) {
            run->entering[s] = false;
            run->list[count++] = s++;
            open_state(run, run->list[count - 1]);
        } else {
            s = chart_next(chart, run->configuration->active, s);
        }
    }
    return count;
}

/* Marks what the moves enter just inside their domains. */
static void aim(struct chart_run *run)
{
    const struct chart *chart = run->chart;
    memset(run->wanted, 0xff, chart->state_count * sizeof(*run->wanted)); /* CHART_NONE */
    for (size_t i = 0; i < run->move_count; i++) {
        const struct chart_move *move = &run->moves[i];
        if (move->domain == CHART_NONE)
            continue;
        const struct chart_transition *t = &chart->transitions[move->transition];
        want_all(run, t->targets, t->target_count);
        if (chart->states[move->domain].kind == CHART_COMPOUND) {
            CHECK(run->wanted[move->domain] != CHART_NONE);
            run->entering[run->wanted[move->domain]] = true;
            continue;
        }
        for (size_t r = 0; r < move->root_count; r++)
            run->entering[move->roots[r]] = true;
    }
}

/* ---- 4. Entering ---- */

static bool is_complete(const struct chart_run *run, uint16_t state)
{
    const struct chart_state *s = &run->chart->states[state];
    if (s->kind == CHART_COMPOUND) {
        uint16_t child = chart_first_active(run->chart, run->configuration->active, state);
        return child != CHART_NONE && run->chart->states[child].kind == CHART_FINAL;
    }
    /* Backwards: what is being entered in document order is not there yet at the end. */
    for (uint16_t i = s->child_count; i-- > 0;)
        if (run->chart->states[s->children[i]].kind != CHART_HISTORY &&
            !is_complete(run, s->children[i]))
            return false;
    return s->kind == CHART_PARALLEL;
}

static void raise_done(struct chart_run *run, uint16_t state, struct value data)
{
    struct text id = run->chart->states[state].id;
    chart_raise(run, text_printf(run->arena, "done.state.%.*s", TEXT_ARG(id)), data);
}

/* A final state was entered: its parent is complete, and whatever that completes. */
static void complete(struct chart_run *run, uint16_t final)
{
    const struct chart_state *states = run->chart->states;
    uint16_t state = states[final].parent;
    if (state == 0) {
        run->is_closed = true;
        return;
    }
    raise_done(run, state, run->hooks->final_data(run->hooks->self, final));
    for (state = states[state].parent; states[state].kind == CHART_PARALLEL;
         state = states[state].parent) {
        if (!is_complete(run, state))
            return;
        raise_done(run, state, value_null());
    }
}

/* Runs the default transitions whose parent is entered, or was active all along, before anything
 * inside it is entered. */
static void act_defaults(struct chart_run *run, uint16_t before)
{
    const struct chart *chart = run->chart;
    size_t left = 0;
    for (size_t i = 0; i < run->default_count; i++) {
        uint16_t transition = run->defaults[i];
        if (chart->states[chart->transitions[transition].source].parent < before)
            run->hooks->act(run->hooks->self, transition);
        else
            run->defaults[left++] = transition;
    }
    run->default_count = left;
}

static void enter_all(struct chart_run *run)
{
    size_t count = list_entering(run);
    for (size_t i = 0; i < count; i++) {
        uint16_t state = run->list[i];
        act_defaults(run, state);
        run->configuration->active[state] = true;
        run->hooks->enter(run->hooks->self, state);
        if (run->chart->states[state].kind == CHART_FINAL)
            complete(run, state);
    }
    CHECK(run->default_count == 0);
}

void chart_enter_initial(struct chart_run *run)
{
    const struct chart_state *root = &run->chart->states[0];
    memset(run->wanted, 0xff, run->chart->state_count * sizeof(*run->wanted)); /* CHART_NONE */
    run->configuration->active[0] = true;
    want_all(run, root->initial, root->initial_count);
    CHECK(run->wanted[0] != CHART_NONE);
    run->entering[run->wanted[0]] = true;
    enter_all(run);
}

/* ---- The whole ---- */

static void tell_selected(struct chart_run *run, const struct chart_event *event)
{
    for (size_t i = 0; i < run->move_count; i++)
        run->list[i] = run->moves[i].transition;
    run->hooks->selected(run->hooks->self, run->list, run->move_count, event);
}

void chart_microstep(struct chart_run *run, const struct chart_event *event)
{
    tell_selected(run, event);
    leave_all(run);
    for (size_t i = 0; i < run->move_count; i++)
        run->hooks->act(run->hooks->self, run->moves[i].transition);
    aim(run);
    chart_moves_clear(run);
    enter_all(run);
}
