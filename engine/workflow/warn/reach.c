/* What a chart can come to: see reach.h. */
#include <string.h>

#include "workflow/warn/reach.h"

bool reach_is_within(const struct chart *chart, uint16_t state, uint16_t of)
{
    return state >= of && state <= chart->states[of].last;
}

/* Whether a transition may stay inside this state, if it holds all targets. */
static bool may_be_domain(const struct chart *chart, const struct chart_transition *transition,
                          uint16_t state)
{
    return !transition->reenter ||
           (state != transition->source && chart->states[state].kind != CHART_PARALLEL);
}

uint16_t reach_domain_of(const struct chart *chart, const struct chart_transition *transition)
{
    uint16_t domain = transition->source;

    if (transition->target_count == 0 || (!transition->reenter && transition->target_count == 1 &&
                                          transition->targets[0] == transition->source))
        return CHART_NONE;
    while (!may_be_domain(chart, transition, domain))
        domain = chart->states[domain].parent;
    for (uint16_t i = 0; i < transition->target_count; i++)
        while (transition->targets[i] == domain ||
               !reach_is_within(chart, transition->targets[i], domain) ||
               !may_be_domain(chart, transition, domain))
            domain = chart->states[domain].parent;
    return domain;
}

static uint16_t child_towards(const struct chart *chart, uint16_t parent, uint16_t inside)
{
    while (chart->states[inside].parent != parent)
        inside = chart->states[inside].parent;
    return inside;
}

bool reach_holds_target(const struct chart *chart, const struct chart_transition *transition,
                        uint16_t state)
{
    for (uint16_t i = 0; i < transition->target_count; i++)
        if (reach_is_within(chart, transition->targets[i], state))
            return true;
    return false;
}

bool reach_leaves(const struct chart *chart, const struct chart_transition *transition,
                  uint16_t domain, uint16_t state)
{
    uint16_t region;

    if (domain == CHART_NONE || state == domain || !reach_is_within(chart, state, domain))
        return false;
    if (chart->states[domain].kind != CHART_PARALLEL)
        return true;
    region = child_towards(chart, domain, state);
    return reach_is_within(chart, transition->source, region) ||
           reach_holds_target(chart, transition, region);
}

/* Marks what is entered by way to `state`, from below `domain` down to it. A history is marked with
 * the states its default leads to: what it remembers was reached before. */
static void mark_way(struct reach *reach, uint16_t state, uint16_t domain)
{
    const struct chart_state *s = &reach->chart->states[state];

    if (s->kind == CHART_HISTORY && !reach->entered[state]) {
        const struct chart_transition *instead = &reach->chart->transitions[s->default_transition];

        reach->entered[state] = true;
        for (uint16_t i = 0; i < instead->target_count; i++)
            mark_way(reach, instead->targets[i], s->parent);
    }
    for (; state != domain && state != CHART_NONE; state = reach->chart->states[state].parent)
        reach->entered[state] = true;
}

static bool has_entered_child(const struct reach *reach, uint16_t state)
{
    const struct chart_state *s = &reach->chart->states[state];

    for (uint16_t i = 0; i < s->child_count; i++)
        if (reach->entered[s->children[i]] &&
            reach->chart->states[s->children[i]].kind != CHART_HISTORY)
            return true;
    return false;
}

/* Marks what entering the marked states brings with it. Numbers grow inwards. */
static void complete_entered(struct reach *reach, uint16_t from)
{
    for (uint16_t s = from; s <= reach->chart->states[from].last; s++) {
        const struct chart_state *state = &reach->chart->states[s];

        if (!reach->entered[s])
            continue;
        for (uint16_t i = 0; state->kind == CHART_PARALLEL && i < state->child_count; i++)
            if (reach->chart->states[state->children[i]].kind != CHART_HISTORY)
                reach->entered[state->children[i]] = true;
        if (state->kind != CHART_COMPOUND || has_entered_child(reach, s))
            continue;
        for (uint16_t i = 0; i < state->initial_count; i++)
            mark_way(reach, state->initial[i], s);
    }
}

static uint16_t find_entered(struct reach *reach, const struct chart_transition *transition)
{
    uint16_t domain = reach_domain_of(reach->chart, transition);

    memset(reach->entered, 0, reach->chart->state_count * sizeof(*reach->entered));
    if (domain == CHART_NONE)
        return CHART_NONE;
    for (uint16_t i = 0; i < transition->target_count; i++)
        mark_way(reach, transition->targets[i], domain);
    /* A region that the source leaves and no target names begins anew. */
    if (reach->chart->states[domain].kind == CHART_PARALLEL && transition->source != domain)
        reach->entered[child_towards(reach->chart, domain, transition->source)] = true;
    complete_entered(reach, domain);
    return domain;
}

static bool join(struct reach *reach)
{
    bool grew = false;

    for (uint16_t s = 0; s < reach->chart->state_count; s++) {
        grew |= reach->entered[s] && !reach->reachable[s];
        reach->reachable[s] |= reach->entered[s];
    }
    return grew;
}

static void find_reachable(struct reach *reach)
{
    bool *followed = ARENA_ARRAY(reach->load->arena, bool, reach->chart->transition_count);
    bool again = true;

    reach->entered[0] = true;
    complete_entered(reach, 0);
    join(reach);
    while (again) {
        again = false;
        for (uint16_t t = 0; t < reach->chart->transition_count; t++) {
            const struct chart_transition *transition = &reach->chart->transitions[t];

            if (followed[t] || !reach->reachable[transition->source] ||
                transition->trigger == CHART_DEFAULT)
                continue;
            followed[t] = true;
            find_entered(reach, transition);
            again |= join(reach);
        }
    }
}

/* Inner states have the greater numbers. */
static void find_completing(struct reach *reach)
{
    for (uint16_t s = (uint16_t)(reach->chart->state_count - 1); s > 0; s--) {
        const struct chart_state *state = &reach->chart->states[s];
        bool any = false, all = true;

        for (uint16_t i = 0; i < state->child_count; i++) {
            uint16_t child = state->children[i];

            any |= reach->chart->states[child].kind == CHART_FINAL && reach->reachable[child];
            all &= reach->completes[child] || reach->chart->states[child].kind == CHART_HISTORY;
        }
        reach->completes[s] = state->kind == CHART_PARALLEL ? all : any;
    }
}

static bool is_raised(const struct load *load, struct text event)
{
    for (size_t i = 0; i < load->raised.count; i++)
        if (chart_event_matches(event, load->raised.texts[i]))
            return true;
    return load->sends_any;
}

static bool event_may_come(const struct reach *reach, uint16_t number)
{
    static const char *const engine[] = {"done", "error", "case"};
    const struct load_transition *draft = &reach->load->drafts[number];
    struct text event = draft->event;
    size_t prefix = strlen("done.state.");
    uint16_t state;

    if (draft->variant == ALWAYS || draft->variant == AFTER || draft->variant == DEFAULT ||
        reach->load->transitions[number].by.count > 0 || is_raised(reach->load, draft->event) ||
        text_is(event, "*"))
        return true;
    if (text_ends(event, ".*"))
        event.size -= 2;
    if (text_begins(event, "done.state.")) {
        state = chart_state_named(reach->chart,
                                  (struct text){event.bytes + prefix, event.size - prefix});
        return state != CHART_NONE && reach->completes[state];
    }
    for (size_t i = 0; i < sizeof(engine) / sizeof(engine[0]); i++)
        if (text_is(event, engine[i]) ||
            (text_begins(event, engine[i]) && event.bytes[strlen(engine[i])] == '.'))
            return true;
    return false;
}

/* For each state whether some transition, and whether some possible one, leads out of it. */
static void find_ways_out(struct reach *reach)
{
    const struct chart *chart = reach->chart;

    for (uint16_t t = 0; t < chart->transition_count; t++) {
        const struct chart_transition *transition = &chart->transitions[t];
        uint16_t domain = find_entered(reach, transition);

        if (domain == CHART_NONE || !reach->reachable[transition->source] ||
            transition->trigger == CHART_DEFAULT)
            continue;
        for (uint16_t s = domain; s <= chart->states[domain].last; s++) {
            if (reach->may_leave[s] || reach->entered[s] ||
                !reach_leaves(chart, transition, domain, s) ||
                !load_states_are_together(reach->load, transition->source, s))
                continue;
            reach->can_leave[s] = true;
            reach->may_leave[s] |= reach->possible[t];
        }
    }
}

void reach_find(struct load *load, struct reach *reach_out)
{
    const struct chart *chart = &load->workflow->chart;
    struct reach *reach = reach_out;

    *reach = (struct reach){.load = load, .chart = chart};
    reach->reachable = ARENA_ARRAY(load->arena, bool, chart->state_count);
    reach->completes = ARENA_ARRAY(load->arena, bool, chart->state_count);
    reach->can_leave = ARENA_ARRAY(load->arena, bool, chart->state_count);
    reach->may_leave = ARENA_ARRAY(load->arena, bool, chart->state_count);
    reach->entered = ARENA_ARRAY(load->arena, bool, chart->state_count);
    reach->possible = ARENA_ARRAY(load->arena, bool, chart->transition_count);
    find_reachable(reach);
    find_completing(reach);
    for (uint16_t t = 0; t < chart->transition_count; t++)
        reach->possible[t] = event_may_come(reach, t);
    find_ways_out(reach);
}
