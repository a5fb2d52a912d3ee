/* Whose case it is. Each role of the workflow is, in one case, one person's or anybody's who holds
 * it: the pool. What is assigned is hidden from the others of that role. */
#include "base/arena.h"
#include "case/turn.h"
#include "case/view.h"

struct value case_care_mark(const struct case_turn *turn)
{
    struct value mark = value_map(turn->arena);
    value_put(&mark, "by", value_string(text_copy(turn->arena, turn->person->id)));
    value_put(&mark, "at", value_int(turn->event->now_ms));
    return mark;
}

static bool refuse_near(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                        const char *code, struct text message, struct text nearest)
{
    problem_set(&plan->problem, turn->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&plan->problem, turn->arena, text_from(pointer), code, message, nearest);
    plan->kind = CASE_REFUSE;
    return false;
}

bool case_care_refuse(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                      const char *code, struct text message)
{
    return refuse_near(turn, plan, pointer, code, message, TEXT_NONE);
}

bool case_care_refuse_name(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                           const char *message, struct text name, struct case_names names)
{
    return refuse_near(turn, plan, pointer, "unknown", text_from(message),
                       text_nearest(name, names.items, names.count));
}

bool case_care_says(struct case_turn *turn, struct case_plan *plan, const char *pointer,
                    const char *message)
{
    struct text said = turn->event->comment;
    for (size_t i = 0; i < said.size; i++)
        if (said.bytes[i] != ' ' && said.bytes[i] != '\n' && said.bytes[i] != '\t')
            return true;
    return case_care_refuse(turn, plan, pointer, "required", text_from(message));
}

bool case_role_has_supervisor(const struct workflow *workflow, struct text role)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (workflow_role_supervises(workflow, workflow->roles[i].id, role))
            return true;
    return false;
}

bool case_person_supervises(const struct case_person *person, struct text country,
                            const struct workflow *workflow, struct text role)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (workflow_role_supervises(workflow, workflow->roles[i].id, role) &&
            case_person_holds_in(person, workflow->roles[i].id, country))
            return true;
    return false;
}

/* Who supervises the role; whoever holds it, of what is theirs or nobody's; where nobody supervises
 * it, whoever holds it. */
bool case_may_assign(struct case_turn *turn, struct case_plan *plan)
{
    const struct workflow *workflow = turn->workflow;
    struct text role = value_text_at(&turn->event->data, "role");
    struct text person = value_text_at(&turn->event->data, "person");
    struct text holder = value_text_at(value_get(case_peek(turn, PART_ASSIGNED), role), "person");
    struct text me = turn->person->id;
    if (workflow_role(workflow, role) == NULL)
        return case_care_refuse(turn, plan, "/role", "unknown",
                                TEXT(N_("The workflow has no such role.")));
    if (value_bool_at(&turn->doc, "closed")) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "The case is closed: it is nobody's work any more.");
        plan->kind = CASE_REFUSE;
        return false;
    }
    bool is_supervisor = case_person_supervises(turn->person, TEXT_NONE, workflow, role) ||
                         !case_role_has_supervisor(workflow, role);
    bool is_taken = text_is_empty(holder) && text_equal(person, me);
    bool is_mine = text_equal(holder, me);
    if (is_supervisor && (is_mine || case_person_takes_part(turn->person, workflow)))
        return true;
    if (case_person_holds(turn->person, role) && (is_taken || is_mine))
        return true;
    problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                "To give the work of %.*s to somebody else is for who supervises that role.",
                TEXT_ARG(role));
    problem_hint(&plan->problem, turn->arena,
                 "You may take what is nobody's, and give away or back what is yours.");
    plan->kind = CASE_REFUSE;
    return false;
}

int case_assignment_take(struct case_turn *turn)
{
    struct text role = text_copy(turn->arena, value_text_at(&turn->event->data, "role"));
    struct text person = value_text_at(&turn->event->data, "person");
    turn->event_name = TEXT("case.assign");
    if (text_is_empty(person)) {
        value_remove(case_part(turn, PART_ASSIGNED), role);
        return 0;
    }
    struct value mark = case_care_mark(turn);
    value_put(&mark, "person", value_string(text_copy(turn->arena, person)));
    value_set(case_part(turn, PART_ASSIGNED), role, mark);
    return 0;
}
