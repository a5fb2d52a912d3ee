/* A case put where a workflow's test says: its states are active, their timers run, their steps are
 * due, and nothing of what leads there has happened. */
#include "base/arena.h"
#include "case/turn.h"

/* What belongs to the states in which the case was. */
static const enum case_part of_states[] = {PART_STATES, PART_TIMERS,    PART_DEADLINES,
                                           PART_STEPS,  PART_PROPOSALS, PART_NOTICES};

static void forget_states(struct case_turn *turn)
{
    for (size_t i = 0; i < sizeof of_states / sizeof of_states[0]; i++)
        for (size_t k = value_count(case_peek(turn, of_states[i])); k-- > 0;)
            value_remove(case_part(turn, of_states[i]),
                         value_member(case_peek(turn, of_states[i]), k)->key);
}

/* ---- Which states. ---- */

static void activate(const struct chart *chart, bool *active, uint16_t state)
{
    for (; state != CHART_NONE; state = chart->states[state].parent)
        active[state] = true;
}

static bool has_active_child(const struct chart *chart, const bool *active, uint16_t state)
{
    for (uint16_t i = 0; i < chart->states[state].child_count; i++)
        if (active[chart->states[state].children[i]])
            return true;
    return false;
}

/* A target that is a history means what it says when nothing is remembered. */
static void activate_target(const struct chart *chart, bool *active, uint16_t target)
{
    uint16_t instead = chart->states[target].default_transition;
    if (chart->states[target].kind != CHART_HISTORY) {
        activate(chart, active, target);
        return;
    }
    for (uint16_t i = 0; instead != CHART_NONE && i < chart->transitions[instead].target_count; i++)
        activate(chart, active, chart->transitions[instead].targets[i]);
}

/* In document order a parent comes before its children, so that one walk does. */
static void complete(const struct chart *chart, bool *active)
{
    for (uint16_t s = 0; s < chart->state_count; s++) {
        const struct chart_state *state = &chart->states[s];
        if (!active[s])
            continue;
        for (uint16_t i = 0; state->kind == CHART_PARALLEL && i < state->child_count; i++)
            if (chart->states[state->children[i]].kind != CHART_HISTORY)
                active[state->children[i]] = true;
        if (state->kind != CHART_COMPOUND || has_active_child(chart, active, s))
            continue;
        for (uint16_t i = 0; i < state->initial_count; i++)
            activate_target(chart, active, state->initial[i]);
    }
}

/* ---- What comes with them. ---- */

static void enter(struct case_turn *turn, uint16_t state)
{
    struct text id = turn->workflow->chart.states[state].id;
    const struct value *before = value_get(case_peek(turn, PART_VISITS), id);
    int64_t visit = before == NULL ? 1 : before->integer + 1;
    value_set(case_part(turn, PART_VISITS), id, value_int(visit));
    value_set(case_part(turn, PART_STATES), id, value_int(visit));
    turn->entered[state] = true;
    case_timers_enter(turn, state);
    if (turn->workflow->chart.states[state].parent == 0 &&
        turn->workflow->chart.states[state].kind == CHART_FINAL) {
        value_put(&turn->doc, "closed", value_bool(true));
        value_put(&turn->doc, "closed_at", value_int(turn->event->now_ms));
    }
    if (turn->event->watch != NULL)
        turn->event->watch->enter(turn->event->watch->self, state);
}

static void put_changed(struct case_turn *turn)
{
    struct value changed = value_map(turn->arena);
    value_put(&changed, "by", value_string(text_copy(turn->arena, turn->event->person->id)));
    value_put(&changed, "at", value_int(turn->event->now_ms));
    value_put(&changed, "event", value_cstring("case.given"));
    value_put(&turn->doc, "changed", changed);
}

bool case_given(const struct case_state *state, const struct case_event *event,
                const uint16_t *states, size_t count, struct arena *arena, struct value *doc_out,
                struct text *why_out)
{
    const struct chart *chart = &state->workflow->chart;
    struct case_turn turn;
    case_turn_init(&turn, state, event, arena);
    if (state->doc.kind == VALUE_NULL)
        case_doc_open(&turn);
    else
        turn.scope.code = value_text_at(&turn.doc, "code");
    forget_states(&turn);
    case_lay(case_part(&turn, PART_DATA), &event->data);
    turn.configuration = chart_configuration_empty(arena, chart);
    turn.scope.active = turn.configuration.active;
    for (size_t i = 0; i < count; i++)
        activate_target(chart, turn.configuration.active, states[i]);
    complete(chart, turn.configuration.active);
    if (!chart_configuration_is_legal(chart, &turn.configuration)) {
        *why_out = TEXT(N_("These states cannot be active together."));
        return false;
    }
    for (uint16_t s = 1; s < chart->state_count; s++)
        if (turn.configuration.active[s])
            enter(&turn, s);
    case_steps_start(&turn);
    put_changed(&turn);
    *doc_out = turn.doc;
    if (value_count(&turn.faults) > 0)
        *why_out = value_text_at(value_item(&turn.faults, 0), "message");
    return value_count(&turn.faults) == 0;
}
