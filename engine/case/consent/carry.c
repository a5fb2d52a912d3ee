/* An approved proposal is carried out: as a new event of whoever submitted it, with its checks, its
 * guard and its `do`, on the data as they are now.
 *
 * The happy path:
 * 1. The timer that the last approval set fires; the event is let in with the form that was
 *    submitted, and only its own transition may take it.
 * 2. Its checks are asked, and the macrostep runs: acted() counts submitter and approvers.
 * 3. A refusal ends the proposal with the reason; a check that fails leaves it, and sets a timer
 *    for the next try. */
#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"

enum { AGAIN_MS = 10000, AGAIN_MS_MAX = 24 * 3600 * 1000 };

static const struct value *record_of(const struct case_turn *turn)
{
    const struct value *record = value_get(case_peek(turn, PART_PROPOSALS), turn->proposal);
    CHECK(record != NULL);
    return record;
}

static struct case_person submitter_of(const struct value *proposal, struct arena *arena)
{
    const struct value *kept = value_get(proposal, TEXT("roles"));
    struct text *roles = ARENA_ARRAY(arena, struct text, value_count(kept));
    for (size_t i = 0; i < value_count(kept); i++)
        roles[i] = value_item(kept, i)->string;
    return (struct case_person){.id = value_text_at(proposal, "by"),
                                .person = value_text_at(proposal, "person"),
                                .roles = roles,
                                .role_count = value_count(kept)};
}

void case_carry_admit(struct case_turn *turn, const struct value *timer)
{
    uint16_t *only = ARENA_NEW(turn->arena, uint16_t);
    turn->proposal = value_text_at(timer, "proposal");
    const struct value *proposal = record_of(turn);
    *only = case_proposal_transition(turn->workflow, proposal);
    turn->candidates = only;
    turn->candidate_count = 1;
    turn->asked = &turn->workflow->transitions[*only].form;
    turn->form = case_form_unpack(value_get(proposal, TEXT("form")), turn->arena);
    turn->laid = case_map_copy(turn->arena, case_peek(turn, PART_DATA));
    case_lay(&turn->laid, &turn->form);
    turn->name = value_text_at(proposal, "event");
    turn->submitter = submitter_of(proposal, turn->arena);
    turn->person = turn->scope.person = &turn->submitter;
    turn->is_carrying = true;
}

int case_carry_out(struct case_turn *turn, const struct value *timer)
{
    CHECK(text_equal(turn->proposal, value_text_at(timer, "proposal")));
    const struct chart_event event = {.name = turn->name,
                                      .transition = CHART_NONE,
                                      .data =
                                          case_form_typed(turn->asked, &turn->form, turn->arena)};
    turn->kind = "carried";
    case_proposal_end(turn, turn->proposal, "carried", NULL);
    return case_macrostep(turn, &event);
}

/* ---- What becomes of it. ---- */

/* As if the event had done nothing but to take its timer. */
static void begin_anew(struct case_turn *turn, const char *kind, const char *verb)
{
    struct value faults = turn->faults;
    struct case_plan plan;
    case_turn_init(turn, turn->state, turn->event, turn->arena);
    case_admit(turn, &plan);
    CHECK(plan.kind == CASE_CARRY);
    value_remove(case_part(turn, PART_TIMERS), turn->event->name);
    turn->faults = faults;
    turn->kind = kind;
    turn->event_name = text_printf(turn->arena, "case.%s.%.*s", verb, TEXT_ARG(turn->name));
}

static struct value refusal_value(const struct problem *problem, struct arena *arena)
{
    struct value facts = value_map(arena), refusal = value_map(arena);
    value_put(&refusal, "code", value_cstring(problem_kind(problem->code)->name));
    value_put(&refusal, "detail", value_string(problem->detail));
    if (problem->errors.kind == VALUE_LIST)
        value_put(&refusal, "errors", problem->errors);
    if (problem->extra.kind == VALUE_MAP)
        value_put(&refusal, "extra", problem->extra);
    value_put(&facts, "refusal", refusal);
    return facts;
}

/* What a guard or a plugin said may tell of the child: it is kept with the proposal, and shown to
 * those who may see its data. */
static void refuse(struct case_turn *turn, const struct problem *problem)
{
    struct value facts = refusal_value(problem, turn->arena);
    begin_anew(turn, "refused", "refuse");
    case_note(turn, "Proposal %.*s was approved, and could not be carried out: %s.",
              TEXT_ARG(turn->proposal), problem_kind(problem->code)->name);
    case_proposal_end(turn, turn->proposal, "refused", &facts);
}

/* 10 s, 20 s, 40 s, and so on to a day. */
static int64_t wait_ms(int64_t tries)
{
    int64_t wait = AGAIN_MS;
    for (int64_t i = 1; i < tries && wait < AGAIN_MS_MAX; i++)
        wait *= 2;
    return wait < AGAIN_MS_MAX ? wait : AGAIN_MS_MAX;
}

static void postpone(struct case_turn *turn)
{
    struct text why = turn->broken.detail;
    begin_anew(turn, "postponed", "postpone");
    struct value proposal = case_map_copy(turn->arena, record_of(turn));
    int64_t tries = value_int_at(&proposal, "tries", 0) + 1;
    int64_t due_ms = case_due(turn->event->now_ms, wait_ms(tries));
    value_put(&proposal, "tries", value_int(tries));
    value_put(&proposal, "message", value_string(why));
    value_set(case_part(turn, PART_PROPOSALS), turn->proposal, proposal);
    case_proposal_schedule(turn, turn->proposal, due_ms);
    case_note(turn, "%.*s It is tried again at %.*s.", TEXT_ARG(why),
              TEXT_ARG(when_write_timestamp(turn->arena, when_from_ms(due_ms))));
}

static bool may_pass_later(const struct problem *broken)
{
    const struct value *said = value_get(&broken->extra, TEXT("retryable"));
    return broken->code != PROBLEM_NONE && (said == NULL || said->boolean);
}

void case_carry_settle(struct case_turn *turn, int result)
{
    struct problem problem = {.code = PROBLEM_NONE};
    if (result != 0)
        case_explain_endless(turn, &problem);
    else
        case_judge(turn, &problem);
    if (result == 0 && may_pass_later(&turn->broken))
        postpone(turn);
    else if (problem.code != PROBLEM_NONE)
        refuse(turn, &problem);
}
