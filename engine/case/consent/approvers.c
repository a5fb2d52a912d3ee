/* Who may approve or reject a proposal, and how an approval is answered. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"

static bool refuse(struct case_plan *plan)
{
    plan->kind = CASE_REFUSE;
    return false;
}

/* Why an ended proposal has ended, as half a sentence. */
static struct text end_written(const struct value *proposal, struct arena *arena)
{
    static const struct {
        const char *status, *words;
    } ends[] = {{"carried", N_("it was carried out")},
                {"refused", N_("it was approved, and then could not be carried out")},
                {"left", N_("the state it was made in was left")}};
    struct text status = value_text_at(proposal, "status");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (text_is(status, ends[i].status))
            return text_from(ends[i].words);
    if (text_is(status, "changed"))
        return text_printf(arena, N_("%.*s, which it rests on, has changed"),
                           TEXT_ARG(value_text_at(proposal, "field")));
    CHECK(text_is(status, "rejected"));
    return text_printf(arena, N_("%.*s rejected it"),
                       TEXT_ARG(value_text_at(proposal, "ended/by")));
}

static void set_ended(struct problem *problem, struct text key, const struct value *proposal,
                      struct arena *arena)
{
    problem_set(problem, arena, PROBLEM_NOT_AVAILABLE, "Proposal %.*s has ended: %.*s.",
                TEXT_ARG(key), TEXT_ARG(end_written(proposal, arena)));
    if (value_get(proposal, TEXT("reason")) != NULL)
        problem_hint(problem, arena, "The reason: %.*s",
                     TEXT_ARG(value_text_at(proposal, "reason")));
}

static const struct value *find(struct case_turn *turn, struct case_plan *plan)
{
    struct text name = turn->event->name;
    const struct value *proposal = value_get(case_peek(turn, PART_PROPOSALS), name);
    if (proposal != NULL) {
        turn->proposal = text_copy(turn->arena, name);
        return proposal;
    }
    problem_set(&plan->problem, turn->arena, PROBLEM_NO_SUCH_PROPOSAL,
                "The case has no proposal %.*s.", TEXT_ARG(name));
    problem_hint(&plan->problem, turn->arena, "`sankofa show CASE` lists those that wait.");
    refuse(plan);
    return NULL;
}

/* A person, or a list of persons. */
static bool names(const struct value *held, struct text person)
{
    if (held != NULL && held->kind == VALUE_STRING)
        return text_equal(held->string, person);
    for (size_t i = 0; held != NULL && held->kind == VALUE_LIST && i < value_count(held); i++)
        if (text_equal(value_item(held, i)->string, person))
            return true;
    return false;
}

const char *case_excluded_as(const struct workflow_approval *approval, const struct value *proposal,
                             const struct value *doc, struct text person)
{
    const struct value *data = value_get(doc, TEXT("data"));
    const struct value *filled = value_at(proposal, "form/values");
    if (approval->excludes_submitter && text_equal(person, value_text_at(proposal, "person")))
        return "submitter";
    for (size_t i = 0; i < approval->excluded_count; i++) {
        struct text field = approval->excluded[i]->id;
        /* What was submitted may name people as well as what is there. */
        if (names(value_get(data, field), person) || names(value_get(filled, field), person))
            return field.bytes;
    }
    return NULL;
}

/* The approver's and the rejecter's half: role, and not their own. */
static bool may_judge(struct case_turn *turn, struct case_plan *plan, const struct value *proposal,
                      const char *verb)
{
    uint16_t transition = case_proposal_transition(turn->workflow, proposal);
    const struct workflow_approval *approval = turn->workflow->transitions[transition].approve;
    struct text event = value_text_at(proposal, "event");
    if (!case_person_holds_any(turn->person, &approval->by)) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "To %s %.*s needs the role %.*s.", verb, TEXT_ARG(event),
                    TEXT_ARG(case_roles_written(&approval->by, turn->arena)));
        return refuse(plan);
    }
    const char *as = case_excluded_as(approval, proposal, &turn->state->doc, turn->person->person);
    if (as == NULL)
        return true;
    if (strcmp(as, "submitter") == 0) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "Proposal %.*s is your own: somebody else must %s it.",
                    TEXT_ARG(turn->proposal), verb);
    } else {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "The field %s names you: somebody else must %s proposal %.*s.", as, verb,
                    TEXT_ARG(turn->proposal));
    }
    return refuse(plan);
}

bool case_may_approve(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *proposal = find(turn, plan), *mine;
    if (proposal == NULL)
        return false;
    if (!case_proposal_is_open(proposal)) {
        set_ended(&plan->problem, turn->proposal, proposal, turn->arena);
        return refuse(plan);
    }
    if (!may_judge(turn, plan, proposal, N_("approve")))
        return false;
    mine = value_get(value_get(proposal, TEXT("approvals")), turn->person->person);
    if (mine != NULL) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "You have approved proposal %.*s already, as %.*s.", TEXT_ARG(turn->proposal),
                    TEXT_ARG(value_text_at(mine, "by")));
        return refuse(plan);
    }
    if (!value_is_string(value_get(proposal, TEXT("status")), "approved"))
        return true;
    problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                "Proposal %.*s has the approvals it needs.", TEXT_ARG(turn->proposal));
    return refuse(plan);
}

static bool has_reason(struct case_turn *turn, struct case_plan *plan)
{
    struct text reason = turn->event->comment;
    for (size_t i = 0; i < reason.size; i++)
        if (reason.bytes[i] != ' ' && reason.bytes[i] != '\n' && reason.bytes[i] != '\t')
            return true;
    problem_set(&plan->problem, turn->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&plan->problem, turn->arena, TEXT("/reason"), "required",
                TEXT(N_("A rejection needs its reason.")), TEXT_NONE);
    return refuse(plan);
}

bool case_may_reject(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *proposal = find(turn, plan);
    if (proposal == NULL)
        return false;
    if (!case_proposal_is_open(proposal)) {
        set_ended(&plan->problem, turn->proposal, proposal, turn->arena);
        return refuse(plan);
    }
    return may_judge(turn, plan, proposal, N_("reject")) && has_reason(turn, plan);
}

/* ---- The answer to an approval. ---- */

/* The problem as it was told when the proposal was carried out and refused. */
static void recall(const struct value *refusal, struct arena *arena, struct problem *problem_out)
{
    const struct problem_kind *kind = problem_kind_named(value_text_at(refusal, "code"));
    const struct value *errors = value_get(refusal, TEXT("errors"));
    const struct value *extra = value_get(refusal, TEXT("extra"));
    CHECK(kind != NULL);
    problem_set(problem_out, arena, kind->code, "%.*s", TEXT_ARG(value_text_at(refusal, "detail")));
    problem_hint(problem_out, arena, "The proposal has ended; it can be submitted anew.");
    if (errors != NULL)
        problem_out->errors = *errors;
    if (extra != NULL)
        problem_out->extra = *extra;
}

/* Whether it was this person's approval that made enough. Who approved before is answered by that
 * alone, whatever came of the proposal. */
static bool is_last_of(const struct workflow *workflow, const struct value *proposal,
                       struct text person)
{
    const struct value *approvals = value_get(proposal, TEXT("approvals"));
    size_t count = value_count(approvals);
    if (count == 0)
        return false;
    uint16_t transition = case_proposal_transition(workflow, proposal);
    return (int64_t)count >= workflow->transitions[transition].approve->need &&
           text_equal(value_member(approvals, count - 1)->key, person);
}

bool case_approval_answer(const struct case_state *state, int64_t number, struct text person,
                          struct arena *arena, int *status_out, struct problem *problem_out)
{
    struct text key = text_printf(arena, "%lld", (long long)number);
    const struct value *proposal = value_get(value_get(&state->doc, TEXT("proposals")), key);
    struct text status = value_text_at(proposal, "status");
    *problem_out = (struct problem){.code = PROBLEM_NONE};
    *status_out = 200;
    if (!is_last_of(state->workflow, proposal, person) || text_is(status, "carried"))
        return true;
    if (text_is(status, "approved")) {
        *status_out = 202;
        return value_int_at(proposal, "tries", 0) > 0;
    }
    if (text_is(status, "refused"))
        recall(value_get(proposal, TEXT("refusal")), arena, problem_out);
    else
        set_ended(problem_out, key, proposal, arena);
    return true;
}
