/* Exporting a case takes two people: one asks, with a reason and for whom it is to be encrypted;
 * another releases it. Both are entries of the case. For a day the two may fetch it. */
#include "base/arena.h"
#include "case/turn.h"

static const int64_t released_ms = (int64_t)24 * 3600 * 1000;

static const struct value *asked_of(const struct value *doc)
{
    return value_get(doc, TEXT("export"));
}

bool case_may_ask_export(struct case_turn *turn, struct case_plan *plan)
{
    return case_care_says(turn, plan, "/reason", "Exporting a case needs its reason.");
}

int case_export_take(struct case_turn *turn)
{
    struct arena *arena = turn->arena;
    struct value asked = case_care_mark(turn);
    turn->event_name = TEXT("case.export");
    value_put(&asked, "person", value_string(text_copy(arena, turn->person->person)));
    value_put(&asked, "reason", value_string(text_copy(arena, turn->event->comment)));
    value_put(&asked, "recipient",
              value_string(text_copy(arena, value_text_at(&turn->event->data, "recipient"))));
    value_put(&turn->doc, "export", asked);
    return 0;
}

static bool refuse(struct case_plan *plan)
{
    plan->kind = CASE_REFUSE;
    return false;
}

bool case_may_release(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *asked = asked_of(&turn->doc);
    if (asked == NULL || value_get(asked, TEXT("released")) != NULL) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "Nobody has asked for an export of this case that still waits.");
        problem_hint(&plan->problem, turn->arena,
                     "`sankofa case export CASE --reason TEXT --recipient KEY` asks for one.");
        return refuse(plan);
    }
    if (text_equal(value_text_at(asked, "by"), turn->person->id) ||
        text_equal(value_text_at(asked, "person"), turn->person->person)) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "You asked for it yourself: another person has to approve.");
        return refuse(plan);
    }
    return true;
}

int case_release_take(struct case_turn *turn)
{
    struct arena *arena = turn->arena;
    struct value asked = case_map_copy(arena, asked_of(&turn->doc));
    struct value released = case_care_mark(turn);
    turn->event_name = TEXT("case.release");
    value_put(&released, "person", value_string(text_copy(arena, turn->person->person)));
    value_put(&released, "until", value_int(turn->event->now_ms + released_ms));
    value_put(&asked, "released", released);
    value_put(&turn->doc, "export", asked);
    return 0;
}

bool case_may_fetch_export(const struct case_state *state, const struct case_person *person,
                           int64_t now_ms, struct arena *arena, struct problem *problem_out)
{
    const struct value *asked = asked_of(&state->doc);
    const struct value *released = value_get(asked, TEXT("released"));
    if (released == NULL) {
        problem_set(problem_out, arena, PROBLEM_NOT_AVAILABLE, "%s",
                    asked == NULL ? N_("Nobody has asked for an export of this case.")
                                  : N_("The export of this case waits for another person's yes."));
        problem_hint(problem_out, arena,
                     "Two people export a case: the dpo asks, a supervisor "
                     "approves.");
        return false;
    }
    if (!text_equal(value_text_at(asked, "by"), person->id) &&
        !text_equal(value_text_at(released, "by"), person->id)) {
        problem_set(problem_out, arena, PROBLEM_NOT_PERMITTED,
                    "An export is for the two people who asked for it and approved it.");
        return false;
    }
    if (value_int_at(released, "until", 0) < now_ms) {
        problem_set(problem_out, arena, PROBLEM_NOT_AVAILABLE,
                    "The export was approved more than a day ago.");
        problem_hint(problem_out, arena, "Ask for it anew.");
        return false;
    }
    return true;
}
