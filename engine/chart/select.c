/* Which transitions are taken: innermost first, then document order, conflicts pre-empted.
 *
 * The happy path:
 * 1. From each active atomic state outwards, the first transition that matches and whose guard
 *    holds. A state is tried once, however many atomic states it holds.
 * 2. What each would leave: the roots.
 * 3. Where two would leave the same state, the one whose source lies deeper wins, else the earlier.
 *
 * Whether a transition conflicts is asked of its roots and their ancestors only, so that many
 * regions which move at once do not cost the square of their number. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "chart/chart.h"
#include "chart/run.h"

static bool matches(const struct chart_transition *transition, uint16_t number,
                    const struct chart_event *event)
{
    switch (transition->trigger) {
    case CHART_ON:
        return chart_event_matches(transition->event, event->name);
    case CHART_AFTER:
        return event->transition == number;
    case CHART_ALWAYS:
    case CHART_DEFAULT:
        return false;
    }
    CHECK(!"a trigger");
    return false;
}

/* ---- 1. Enabled transitions ---- */

static bool guard_holds(struct chart_run *run, uint16_t transition, const struct chart_event *event)
{
    switch (run->hooks->guard(run->hooks->self, transition, event)) {
    case CHART_YES:
        return true;
    case CHART_NO:
        return false;
    case CHART_ERROR:
        if (!run->erred[transition])
            chart_raise(run, TEXT("error.execution"), value_null());
        run->erred[transition] = true;
        return false;
    }
    CHECK(!"an answer of a guard");
    return false;
}

/* The first transition of this state that may be taken, or CHART_NONE. */
static uint16_t first_enabled(struct chart_run *run, uint16_t state,
                              const struct chart_event *event)
{
    const struct chart_state *s = &run->chart->states[state];
    uint16_t begin = event ? s->always_count : 0;
    uint16_t end = event ? s->transition_count : s->always_count;
    for (uint16_t i = begin; i < end; i++) {
        uint16_t number = s->transitions[i];
        if (event && !matches(&run->chart->transitions[number], number, event))
            continue;
        if (guard_holds(run, number, event))
            return number;
    }
    return CHART_NONE;
}

/* The transitions enabled, each once, in run->list. */
static size_t list_enabled(struct chart_run *run, const struct chart_event *event)
{
    const struct chart *chart = run->chart;
    const bool *active = run->configuration->active;
    size_t count = 0;
    memset(run->seen, 0, chart->state_count * sizeof(*run->seen));
    for (uint16_t s = 1; s < chart->state_count; s = chart_next(chart, active, s)) {
        if (!active[s] || !chart_has_no_states(&chart->states[s]))
            continue;
        /* A state that was tried has either given its transition already, or none. */
        for (uint16_t a = s; a != 0 && !run->seen[a]; a = chart->states[a].parent) {
            run->seen[a] = true;
            uint16_t transition = first_enabled(run, a, event);
            if (transition == CHART_NONE)
                continue;
            run->list[count++] = transition;
            break;
        }
    }
    return count;
}

/* ---- 2. What a transition leaves ---- */

/* States a transition leads to once histories have said what they stand for. */
struct targets {
    const uint16_t *states;
    size_t count;
};

static bool has_history(const struct chart *chart, struct targets targets)
{
    for (size_t i = 0; i < targets.count; i++)
        if (chart->states[targets.states[i]].kind == CHART_HISTORY)
            return true;
    return false;
}

/* Appends to `states_out` unless it is NULL; returns the count. */
static size_t resolve(const struct chart_run *run, struct targets targets, uint16_t *states_out)
{
    size_t count = 0;
    for (size_t i = 0; i < targets.count; i++) {
        uint16_t target = targets.states[i];
        const struct chart_state *state = &run->chart->states[target];
        if (state->kind != CHART_HISTORY) {
            if (states_out)
                states_out[count] = target;
            count++;
            continue;
        }
        const struct chart_memory *memory = &run->configuration->memories[target];
        const struct chart_transition *otherwise =
            &run->chart->transitions[state->default_transition];
        struct targets meant = {otherwise->targets, otherwise->target_count};
        if (memory->is_set)
            meant = (struct targets){memory->states, memory->count};
        count += resolve(run, meant, states_out ? states_out + count : NULL);
    }
    return count;
}

static struct targets effective_targets(struct chart_run *run, uint16_t transition)
{
    const struct chart_transition *t = &run->chart->transitions[transition];
    struct targets targets = {t->targets, t->target_count};
    if (!has_history(run->chart, targets))
        return targets;
    size_t count = resolve(run, targets, NULL);
    uint16_t *states = ARENA_ARRAY(run->arena, uint16_t, count);
    resolve(run, targets, states);
    return (struct targets){states, count};
}

/* The innermost state inside which the transition stays (CHART_NONE: it moves nothing). By ruling 2
 * that may be its source or a parallel state; with `reenter`, as in SCXML, neither. */
static uint16_t domain_of(const struct chart_run *run, const struct chart_transition *transition,
                          struct targets targets)
{
    const struct chart_state *states = run->chart->states;
    uint16_t first = CHART_NONE, last = 0;
    for (size_t i = 0; i < targets.count; i++) {
        first = targets.states[i] < first ? targets.states[i] : first;
        last = targets.states[i] > last ? targets.states[i] : last;
    }
    if (targets.count == 0)
        return CHART_NONE;
    uint16_t source = transition->source;
    if (!transition->reenter && first == source && last == source)
        return CHART_NONE;
    if (!transition->reenter && first > source && last <= states[source].last)
        return source;
    for (uint16_t a = states[source].parent;; a = states[a].parent) {
        CHECK(a != CHART_NONE);
        bool is_domain = !transition->reenter || states[a].kind != CHART_PARALLEL;
        if (is_domain && first > a && last <= states[a].last)
            return a;
    }
}

/* The regions of a parallel domain that hold the source or a target, each once. */
static void list_regions(struct chart_run *run, struct targets targets, struct chart_move *move)
{
    const struct chart *chart = run->chart;
    uint16_t source = chart->transitions[move->transition].source;
    uint16_t *regions = ARENA_ARRAY(run->arena, uint16_t, targets.count + 1);
    size_t count = 0;
    for (size_t i = 0; i <= targets.count; i++) {
        uint16_t inside = i < targets.count ? targets.states[i] : source;
        if (inside == move->domain)
            continue;
        uint16_t region = chart_child_towards(chart, move->domain, inside);
        if (!run->entering[region])
            regions[count++] = region;
        run->entering[region] = true; /* lent: which regions are listed */
    }
    for (size_t i = 0; i < count; i++)
        run->entering[regions[i]] = false;
    move->roots = regions;
    move->root_count = count;
}

static struct chart_move move_of(struct chart_run *run, uint16_t transition)
{
    const struct chart *chart = run->chart;
    struct targets targets = effective_targets(run, transition);
    struct chart_move move = {.transition = transition};
    move.domain = domain_of(run, &chart->transitions[transition], targets);
    if (move.domain == CHART_NONE)
        return move;
    if (chart->states[move.domain].kind == CHART_PARALLEL) {
        list_regions(run, targets, &move);
        return move;
    }
    uint16_t *root = ARENA_NEW(run->arena, uint16_t);
    *root = chart_first_active(chart, run->configuration->active, move.domain);
    CHECK(*root != CHART_NONE);
    move.roots = root;
    move.root_count = 1;
    return move;
}

/* ---- 3. Conflicts ---- */

/* Marks the roots of a move that is kept, or takes the marks back. */
static void mark(struct chart_run *run, const struct chart_move *move, bool kept)
{
    for (size_t i = 0; i < move->root_count; i++) {
        run->is_root[move->roots[i]] = kept;
        for (uint16_t a = move->roots[i]; a != 0; a = run->chart->states[a].parent)
            run->beneath[a] = (uint16_t)(run->beneath[a] + (kept ? 1 : -1));
    }
}

/* Whether it would leave a state that a kept move leaves. */
static bool is_in_conflict(const struct chart_run *run, const struct chart_move *move)
{
    for (size_t i = 0; i < move->root_count; i++) {
        if (run->beneath[move->roots[i]] > 0)
            return true;
        for (uint16_t a = move->roots[i]; a != 0; a = run->chart->states[a].parent)
            if (run->is_root[a])
                return true;
    }
    return false;
}

static bool are_in_conflict(const struct chart *chart, const struct chart_move *a,
                            const struct chart_move *b)
{
    for (size_t i = 0; i < a->root_count; i++)
        for (size_t j = 0; j < b->root_count; j++)
            if (a->roots[i] == b->roots[j] ||
                chart_is_descendant(chart, a->roots[i], b->roots[j]) ||
                chart_is_descendant(chart, b->roots[j], a->roots[i]))
                return true;
    return false;
}

/* Drops the kept moves that `move` conflicts with, if its source lies inside the source of each;
 * else false: it is pre-empted itself. */
static bool pre_empts(struct chart_run *run, const struct chart_move *move)
{
    const struct chart *chart = run->chart;
    uint16_t source = chart->transitions[move->transition].source;
    for (size_t i = 0; i < run->move_count; i++) {
        uint16_t other = chart->transitions[run->moves[i].transition].source;
        if (!chart_is_descendant(chart, source, other) &&
            are_in_conflict(chart, move, &run->moves[i]))
            return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < run->move_count; i++) {
        if (are_in_conflict(chart, move, &run->moves[i]))
            mark(run, &run->moves[i], false);
        else
            run->moves[kept++] = run->moves[i];
    }
    run->move_count = kept;
    return true;
}

void chart_moves_clear(struct chart_run *run)
{
    for (size_t i = 0; i < run->move_count; i++)
        mark(run, &run->moves[i], false);
    run->move_count = 0;
}

void chart_select(struct chart_run *run, const struct chart_event *event)
{
    CHECK(run->move_count == 0);
    size_t count = list_enabled(run, event);
    if (count > run->move_capacity) {
        run->moves = ARENA_ARRAY(run->arena, struct chart_move, count);
        run->move_capacity = count;
    }
    for (size_t i = 0; i < count; i++) {
        struct chart_move move = move_of(run, run->list[i]);
        if (is_in_conflict(run, &move) && !pre_empts(run, &move))
            continue;
        mark(run, &move, true);
        run->moves[run->move_count++] = move;
    }
}

const uint16_t *chart_candidates(const struct chart *chart,
                                 const struct chart_configuration *configuration,
                                 const struct chart_event *event, struct arena *arena,
                                 size_t *count_out)
{
    uint16_t *candidates = ARENA_ARRAY(arena, uint16_t, chart->transition_count);
    bool *seen = ARENA_ARRAY(arena, bool, chart->state_count);
    *count_out = 0;
    for (uint16_t s = 1; s < chart->state_count; s = chart_next(chart, configuration->active, s)) {
        if (!configuration->active[s] || !chart_has_no_states(&chart->states[s]))
            continue;
        for (uint16_t a = s; a != 0 && !seen[a]; a = chart->states[a].parent) {
            seen[a] = true;
            const struct chart_state *state = &chart->states[a];
            for (uint16_t i = state->always_count; i < state->transition_count; i++)
                if (matches(&chart->transitions[state->transitions[i]], state->transitions[i],
                            event))
                    candidates[(*count_out)++] = state->transitions[i];
        }
    }
    return candidates;
}
