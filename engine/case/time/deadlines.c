/* Deadlines of states: when they are due, who is reminded before, who is told when they are past.
 * They tell people, and never move the case.
 *
 *   deadlines {STATE: due}    and timers that die with their state (timers.c):
 *   remind    before it is due: who may act in the state gets a notice
 *   escalate  when it is due: so does the role that `escalate` names, too */
#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"

static void set_timer(struct case_turn *turn, uint16_t state, const char *kind, size_t index,
                      int64_t due_ms)
{
    struct text id = turn->workflow->chart.states[state].id;
    int64_t visit = value_get(case_peek(turn, PART_STATES), id)->integer;
    struct value timer = value_map(turn->arena);
    value_put(&timer, "state", value_string(id));
    value_put(&timer, "visit", value_int(visit));
    case_timer_set(
        turn,
        text_printf(turn->arena, "%s.%.*s.%lld.%zu", kind, TEXT_ARG(id), (long long)visit, index),
        kind, due_ms, state, timer);
}

/* `wait` before the deadline. */
static int64_t reminder_ms(const struct case_turn *turn, int64_t due_ms,
                           const struct workflow_wait *wait)
{
    struct workflow_wait back = {.ms = -wait->ms, .workdays = -wait->workdays};
    return case_due_after(turn->workflow, due_ms, &back);
}

void case_deadline_begin(struct case_turn *turn, uint16_t state)
{
    const struct workflow_deadline *deadline = turn->workflow->states[state].deadline;
    int64_t now_ms = turn->event->now_ms;
    if (deadline == NULL)
        return;
    int64_t due_ms = case_due_after(turn->workflow, now_ms, &deadline->within);
    value_set(case_part(turn, PART_DEADLINES), turn->workflow->chart.states[state].id,
              value_int(due_ms));
    for (size_t i = 0; i < deadline->reminder_count; i++) {
        int64_t at_ms = reminder_ms(turn, due_ms, &deadline->reminders[i]);
        if (at_ms > now_ms)
            set_timer(turn, state, "remind", i, at_ms);
    }
    if (!text_is_empty(deadline->escalate))
        set_timer(turn, state, "escalate", 0, due_ms);
}

/* Who may act in the state; where nobody may in it alone, who may in what it stands in. */
static bool is_awaited(const struct case_turn *turn, uint16_t state, struct text role)
{
    const struct workflow *workflow = turn->workflow;
    bool is_anybody = false;
    for (size_t i = 0; i < workflow->role_count; i++)
        is_anybody =
            is_anybody || case_role_is_awaited(workflow, &turn->doc, turn->configuration.active,
                                               state, workflow->roles[i].id);
    return case_role_is_awaited(workflow, &turn->doc, turn->configuration.active,
                                is_anybody ? state : 0, role);
}

static void tell(struct case_turn *turn, uint16_t state, const char *kind, struct text too)
{
    const struct workflow *workflow = turn->workflow;
    struct text id = workflow->chart.states[state].id;
    int64_t due_ms = value_get(case_peek(turn, PART_DEADLINES), id)->integer;
    case_notices_replace(turn, state);
    for (size_t i = 0; i < workflow->role_count; i++)
        if (text_equal(workflow->roles[i].id, too) ||
            is_awaited(turn, state, workflow->roles[i].id))
            case_tell_role(turn, workflow->roles[i].id, kind, state, due_ms);
}

int case_deadline_tell(struct case_turn *turn, const struct value *timer)
{
    bool is_past = value_is_string(value_get(timer, TEXT("kind")), "escalate");
    struct text id = value_text_at(timer, "state");
    uint16_t state = chart_state_named(&turn->workflow->chart, id);
    CHECK(state != CHART_NONE);
    const struct workflow_deadline *deadline = turn->workflow->states[state].deadline;
    CHECK(deadline != NULL);
    turn->event_name =
        text_printf(turn->arena, "case.%s.%.*s", is_past ? "escalate" : "remind", TEXT_ARG(id));
    tell(turn, state, is_past ? "overdue" : "remind", is_past ? deadline->escalate : TEXT_NONE);
    return 0;
}
