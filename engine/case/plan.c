/* case_plan: may the event be tried, and which checks are asked first. Every check of every
 * candidate whose `by` fits is asked at once, its inputs read over the form's values. */
#include "base/arena.h"
#include "case/turn.h"

static size_t count_checks(const struct case_turn *turn)
{
    size_t count = 0;
    for (size_t i = 0; i < turn->candidate_count; i++)
        count += turn->workflow->transitions[turn->candidates[i]].check_count;
    return count;
}

/* A check with an input that errs is not asked: case_apply meets the same error. */
static size_t ask(const struct case_turn *turn, uint16_t transition, struct case_check *asks_out)
{
    const struct workflow_transition *t = &turn->workflow->transitions[transition];
    size_t count = 0;
    for (size_t i = 0; i < t->check_count; i++) {
        const struct workflow_check *check = &t->checks[i];
        struct value inputs;
        struct text why;
        if (case_inputs(&turn->scope, &check->with, &inputs, &why))
            asks_out[count++] = (struct case_check){
                .key = case_check_key(turn->workflow, transition, check, turn->arena),
                .plugin = check->plugin,
                .step = check->step,
                .inputs = inputs,
                .timeout_ms = check->timeout_ms};
    }
    return count;
}

/* `with` reads the event as guards will. */
static void bind(struct case_turn *turn, struct value *data)
{
    *data = case_form_typed(turn->asked, &turn->form, turn->arena);
    turn->scope.event_name = turn->name;
    turn->scope.event_data = data;
    turn->scope.data = &turn->laid;
}

void case_plan(const struct case_state *state, const struct case_event *event, struct arena *arena,
               struct case_plan *plan_out)
{
    struct case_turn turn;
    struct value data;
    case_turn_init(&turn, state, event, arena);
    case_admit(&turn, plan_out);
    size_t count = plan_out->kind == CASE_CARRY ? count_checks(&turn) : 0;
    if (count == 0)
        return;
    struct case_check *checks = ARENA_ARRAY(arena, struct case_check, count);
    bind(&turn, &data);
    count = 0;
    for (size_t i = 0; i < turn.candidate_count; i++)
        count += ask(&turn, turn.candidates[i], checks + count);
    if (count == 0)
        return;
    plan_out->kind = CASE_ASK;
    plan_out->checks = checks;
    plan_out->check_count = count;
}
