/* A person settles what nobody else can know: whether a step that was lost has happened, and what
 * is to become of one that is quarantined.
 *
 * Who may: who may answer the step; who may trigger an event in the step's state, or in a state
 * around it; and where these name nobody, whoever holds a role of the workflow. Docs/decisions 0023
 * says why. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

static bool is_status(const struct value *record, const char *status)
{
    return value_is_string(value_get(record, TEXT("status")), status);
}

bool case_step_is_held(const struct value *record)
{
    return is_status(record, "lost") || is_status(record, "quarantined");
}

/* ---- Who may. ---- */

/* Whether the transition leaves the step's state or one around it. */
static bool is_near(const struct workflow *workflow, uint16_t transition,
                    const struct workflow_step *step)
{
    const struct chart *chart = &workflow->chart;
    uint16_t source = chart->transitions[transition].source;
    return source <= step->state && step->state <= chart->states[source].last;
}

static bool is_named(const struct workflow *workflow, const struct workflow_step *step)
{
    bool is_found = step->has_answer && step->answer_by.count > 0;
    for (uint16_t i = 0; i < workflow->chart.transition_count && !is_found; i++)
        is_found = workflow->transitions[i].by.count > 0 && is_near(workflow, i, step);
    return is_found;
}

bool case_person_may_settle(const struct workflow *workflow, const struct workflow_step *step,
                            const struct case_person *person)
{
    if (!is_named(workflow, step))
        return case_person_takes_part(person, workflow);
    if (step->has_answer && case_person_holds_any(person, &step->answer_by))
        return true;
    for (uint16_t i = 0; i < workflow->chart.transition_count; i++)
        if (is_near(workflow, i, step) &&
            case_person_holds_any(person, &workflow->transitions[i].by))
            return true;
    return false;
}

struct workflow_roles case_settle_roles(const struct workflow *workflow,
                                        const struct workflow_step *step, struct arena *arena)
{
    struct text *ids = ARENA_ARRAY(arena, struct text, workflow->role_count);
    struct workflow_roles roles = {.ids = ids};
    for (size_t i = 0; i < workflow->role_count; i++) {
        const struct case_person one = {.roles = &workflow->roles[i].id, .role_count = 1};
        if (case_person_may_settle(workflow, step, &one))
            ids[roles.count++] = workflow->roles[i].id;
    }
    return roles;
}

/* ---- Letting it in. ---- */

__attribute__((format(printf, 4, 5))) static bool
refuse(struct case_turn *turn, struct case_plan *plan, const char *pointer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct text why = text_vprintf(turn->arena, format, arguments);
    va_end(arguments);
    problem_set(&plan->problem, turn->arena, PROBLEM_FIELD_INVALID, "1 field is missing or wrong.");
    problem_add(&plan->problem, turn->arena, text_from(pointer), "invalid", why, TEXT_NONE);
    plan->kind = CASE_REFUSE;
    return false;
}

static bool has_words(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] != ' ' && text.bytes[i] != '\n' && text.bytes[i] != '\t')
            return true;
    return false;
}

/* Outputs as the plugin would have put them, kept as `into` keeps them. */
static bool outputs_fit(struct case_turn *turn, struct case_plan *plan, const struct value *outputs)
{
    const struct workflow_step *step = turn->step;
    struct value patch;
    struct text why;
    if (!plugin_fits(step->outputs, false, "output", outputs, turn->arena, &why))
        return refuse(turn, plan, "/data", "%.*s", TEXT_ARG(why));
    if (!case_into(step->into, step->into_count, outputs, turn->arena, &patch, &why))
        return refuse(turn, plan, "/data", "As for the step, %.*s", TEXT_ARG(why));
    return true;
}

static bool outcome_fits(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *outcome = &turn->event->outcome;
    const struct value *outputs = value_get(outcome, TEXT("outputs"));
    const struct value *kind = value_get(outcome, TEXT("outcome"));
    bool is_done = value_is_string(kind, "done");
    if (!is_done && !value_is_string(kind, "failed") && !value_is_string(kind, "again"))
        return refuse(turn, plan, "/outcome",
                      "It happened: done. It did not, and is given up: failed. Run it: again.");
    if (!has_words(turn->event->comment))
        return refuse(turn, plan, "/reason", "Settling a step needs its reason.");
    if (!is_done && value_count(outputs) > 0)
        return refuse(turn, plan, "/data", "Only a step that is done has outputs.");
    return outputs == NULL || outputs_fit(turn, plan, outputs);
}

bool case_may_settle(struct case_turn *turn, struct case_plan *plan)
{
    if (!case_admit_step(turn, plan))
        return false;
    const struct workflow_step *step = turn->step;
    const struct value *record = value_get(case_peek(turn, PART_STEPS), step->id);
    plan->kind = CASE_REFUSE;
    if (record == NULL || !case_step_is_held(record)) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "The step %.*s does not wait to be settled.", TEXT_ARG(step->id));
        problem_hint(&plan->problem, turn->arena,
                     "`sankofa case explain CASE` says what it waits for.");
        return false;
    }
    if (!case_person_may_settle(turn->workflow, step, turn->person)) {
        struct workflow_roles roles = case_settle_roles(turn->workflow, step, turn->arena);
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "To settle %.*s needs the role %.*s.", TEXT_ARG(step->id),
                    TEXT_ARG(case_roles_written(&roles, turn->arena)));
        return false;
    }
    plan->kind = CASE_CARRY;
    return outcome_fits(turn, plan);
}

/* ---- Carrying it out. ---- */

int case_settle_take(struct case_turn *turn)
{
    struct value outcome = value_copy(turn->arena, &turn->event->outcome);
    turn->kind = "settled";
    if (value_is_string(value_get(&outcome, TEXT("outcome")), "again"))
        return case_step_again(turn);
    int status;
    if (value_is_string(value_get(&outcome, TEXT("outcome")), "done"))
        status = case_step_done(turn, value_get(&outcome, TEXT("outputs")));
    else
        status = case_step_give_up(turn, text_copy(turn->arena, turn->event->comment));
    turn->is_dropped = false;
    return status;
}
