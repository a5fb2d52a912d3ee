/* Broken glass: a person whose roles do not reach this case (it is assigned to somebody else, or of
 * another country) sees it and acts in it for an hour. The supervisors of those roles are told at
 * once, and the review stays with them until one of them has done it. */
#include "base/arena.h"
#include "case/turn.h"

enum { MINUTES = 60, KEPT_MAX = 32 };

/* Roles of the workflow that supervise one of the person's. */
static bool supervises_any(const struct workflow *workflow, struct text role,
                           const struct value *roles)
{
    for (size_t i = 0; i < value_count(roles); i++)
        if (workflow_role_supervises(workflow, role, value_item(roles, i)->string))
            return true;
    return false;
}

static struct value roles_of(const struct case_turn *turn)
{
    struct value roles = value_list(turn->arena);
    for (size_t i = 0; i < turn->person->role_count; i++)
        if (workflow_role(turn->workflow, turn->person->roles[i]) != NULL)
            value_append(&roles, value_string(text_copy(turn->arena, turn->person->roles[i])));
    return roles;
}

static bool has_supervisor(const struct workflow *workflow, const struct value *roles)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (supervises_any(workflow, workflow->roles[i].id, roles))
            return true;
    return false;
}

/* The first that was reviewed: the journal keeps it, the case may forget it. */
static const struct value_member *oldest_reviewed(const struct case_turn *turn)
{
    const struct value *glass = case_peek(turn, PART_GLASS);
    for (size_t i = 0; i < value_count(glass); i++)
        if (value_get(&value_member(glass, i)->value, TEXT("reviewed")) != NULL)
            return value_member(glass, i);
    return NULL;
}

bool case_may_break(struct case_turn *turn, struct case_plan *plan)
{
    struct value roles = roles_of(turn);
    if (!case_care_says(turn, plan, "/reason", "Breaking glass needs its reason."))
        return false;
    if (!has_supervisor(turn->workflow, &roles))
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "The workflow names nobody who supervises your roles and would be told.");
    else if (oldest_reviewed(turn) == NULL && value_count(case_peek(turn, PART_GLASS)) >= KEPT_MAX)
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "The glass of this case was broken %d times, and nobody has reviewed it.",
                    KEPT_MAX);
    else
        return true;
    plan->kind = CASE_REFUSE;
    return false;
}

int case_glass_take(struct case_turn *turn)
{
    const struct workflow *workflow = turn->workflow;
    struct arena *arena = turn->arena;
    int64_t until_ms = turn->event->now_ms + (int64_t)MINUTES * 60000;
    struct value broken = case_care_mark(turn), roles = roles_of(turn);
    int64_t number = value_int_at(&turn->doc, "glass_count", 0) + 1;
    const struct value_member *gone = oldest_reviewed(turn);
    turn->event_name = TEXT("case.break_glass");
    value_put(&broken, "person", value_string(text_copy(arena, turn->person->person)));
    value_put(&broken, "until", value_int(until_ms));
    value_put(&broken, "roles", roles);
    value_put(&broken, "reason", value_string(text_copy(arena, turn->event->comment)));
    if (value_count(case_peek(turn, PART_GLASS)) >= KEPT_MAX)
        value_remove(case_part(turn, PART_GLASS), gone->key);
    value_set(case_part(turn, PART_GLASS), text_printf(arena, "%lld", (long long)number), broken);
    value_put(&turn->doc, "glass_count", value_int(number));
    for (size_t i = 0; i < workflow->role_count; i++)
        if (supervises_any(workflow, workflow->roles[i].id, &roles))
            case_tell_glass(turn, workflow->roles[i].id, until_ms);
    return 0;
}

/* ---- The review. ---- */

struct value case_glass_reviewers(const struct workflow *workflow, const struct value *broken,
                                  struct arena *arena)
{
    const struct value *roles = value_get(broken, TEXT("roles"));
    struct value reviewers = value_list(arena);
    for (size_t i = 0; i < workflow->role_count; i++)
        if (supervises_any(workflow, workflow->roles[i].id, roles))
            value_append(&reviewers, value_string(workflow->roles[i].id));
    return reviewers;
}

bool case_glass_may_review(const struct workflow *workflow, const struct value *broken,
                           const struct case_person *person)
{
    const struct value *roles = value_get(broken, TEXT("roles"));
    for (size_t i = 0; i < workflow->role_count; i++)
        if (supervises_any(workflow, workflow->roles[i].id, roles) &&
            case_person_holds(person, workflow->roles[i].id))
            return true;
    return false;
}

static void refuse_number(struct case_turn *turn, struct case_plan *plan)
{
    problem_set(&plan->problem, turn->arena, PROBLEM_NO_SUCH_GLASS,
                "The glass of this case was not broken under that number.");
    problem_hint(&plan->problem, turn->arena, "`sankofa show CASE` lists who broke it, and when.");
}

bool case_may_review(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *broken = value_get(case_peek(turn, PART_GLASS), turn->event->name);
    plan->kind = CASE_REFUSE;
    if (broken == NULL)
        refuse_number(turn, plan);
    else if (value_get(broken, TEXT("reviewed")) != NULL)
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "That was reviewed already.");
    else if (text_equal(value_text_at(broken, "person"), turn->person->person))
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "Nobody reviews what they did themselves.");
    else if (!case_glass_may_review(turn->workflow, broken, turn->person))
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "The review is for who supervises the roles that were used.");
    else
        plan->kind = CASE_CARRY;
    return plan->kind == CASE_CARRY;
}

int case_review_take(struct case_turn *turn)
{
    struct text key = text_copy(turn->arena, turn->event->name);
    struct value broken = case_map_copy(turn->arena, value_get(case_peek(turn, PART_GLASS), key));
    turn->event_name = TEXT("case.review");
    value_put(&broken, "reviewed", case_care_mark(turn));
    value_set(case_part(turn, PART_GLASS), key, broken);
    return 0;
}
