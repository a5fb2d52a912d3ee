/* Erasing a case takes two people: one asks, with a reason, another approves. The asking is an
 * entry of the case like any other; the approval ends it, and the wheel carries it out. */
#include "base/arena.h"
#include "case/turn.h"

static const char hold_flag[] = "legal_hold";

bool case_is_held(const struct value *doc, struct arena *arena, struct problem *problem_out)
{
    if (!value_get(value_get(doc, TEXT("flags")), text_from(hold_flag)))
        return false;
    problem_set(problem_out, arena, PROBLEM_NOT_AVAILABLE, "A legal hold is on this case.");
    problem_hint(problem_out, arena, "It can be erased once the flag \"%s\" is lowered.",
                 hold_flag);
    return true;
}

bool case_may_ask_erasure(struct case_turn *turn, struct case_plan *plan)
{
    if (!case_care_says(turn, plan, "/reason", "Erasing a case needs its reason."))
        return false;
    if (!case_is_held(&turn->doc, turn->arena, &plan->problem))
        return true;
    plan->kind = CASE_REFUSE;
    return false;
}

int case_erasure_take(struct case_turn *turn)
{
    struct arena *arena = turn->arena;
    struct value asked = case_care_mark(turn);
    turn->event_name = TEXT("case.erasure");
    value_put(&asked, "person", value_string(text_copy(arena, turn->person->person)));
    value_put(&asked, "reason", value_string(text_copy(arena, turn->event->comment)));
    value_put(&turn->doc, "erasure", asked);
    return 0;
}

bool case_may_be_erased(const struct case_state *state, const struct case_person *approver,
                        struct arena *arena, struct problem *problem_out)
{
    const struct value *asked = value_get(&state->doc, TEXT("erasure"));
    if (asked == NULL) {
        problem_set(problem_out, arena, PROBLEM_NOT_AVAILABLE,
                    "Nobody has asked for this case to be erased.");
        problem_hint(problem_out, arena, "`sankofa case erase CASE --reason TEXT` asks for it.");
        return false;
    }
    if (text_equal(value_text_at(asked, "by"), approver->id) ||
        text_equal(value_text_at(asked, "person"), approver->person)) {
        problem_set(problem_out, arena, PROBLEM_NOT_PERMITTED,
                    "You asked for it yourself: another person has to approve.");
        return false;
    }
    return !case_is_held(&state->doc, arena, problem_out);
}
