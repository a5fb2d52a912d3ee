/* Whom a case waits for: by role, guards not asked. */
#include "case/turn.h"

static bool is_within(const struct chart *chart, uint16_t state, uint16_t within)
{
    return state >= within && state <= chart->states[within].last;
}

static bool may_trigger(const struct workflow *workflow, const struct value *doc,
                        const bool *active, uint16_t within, const struct case_person *person)
{
    const struct chart *chart = &workflow->chart;
    const struct value *proposals = value_get(doc, TEXT("proposals"));
    for (uint16_t i = 0; i < chart->transition_count; i++) {
        const struct chart_transition *t = &chart->transitions[i];
        if (active[t->source] && is_within(chart, t->source, within) &&
            case_person_holds_any(person, &workflow->transitions[i].by) &&
            case_proposal_of(workflow, proposals, t->event, &i, 1) == NULL)
            return true;
    }
    return false;
}

static bool may_answer(const struct workflow *workflow, const struct value *doc, uint16_t within,
                       const struct case_person *person)
{
    const struct value *steps = value_get(doc, TEXT("steps"));
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value_member *record = value_member(steps, i);
        const struct workflow_step *step = workflow_step(workflow, record->key);
        if (value_bool_at(&record->value, "wakes_answer") &&
            is_within(&workflow->chart, step->state, within) &&
            case_person_holds_any(person, &step->answer_by))
            return true;
    }
    return false;
}

static bool may_settle(const struct workflow *workflow, const struct value *doc, uint16_t within,
                       const struct case_person *person)
{
    const struct value *steps = value_get(doc, TEXT("steps"));
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value_member *record = value_member(steps, i);
        const struct workflow_step *step = workflow_step(workflow, record->key);
        if (case_step_is_held(&record->value) && is_within(&workflow->chart, step->state, within) &&
            case_person_may_settle(workflow, step, person))
            return true;
    }
    return false;
}

static bool may_approve(const struct workflow *workflow, const struct value *doc, uint16_t within,
                        const struct case_person *person)
{
    const struct value *proposals = value_get(doc, TEXT("proposals"));
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value *proposal = &value_member(proposals, i)->value;
        if (!value_is_string(value_get(proposal, TEXT("status")), "open"))
            continue;
        uint16_t transition = case_proposal_transition(workflow, proposal);
        if (is_within(&workflow->chart, workflow->chart.transitions[transition].source, within) &&
            case_person_holds_any(person, &workflow->transitions[transition].approve->by))
            return true;
    }
    return false;
}

bool case_role_may_act(const struct workflow *workflow, const struct value *doc, const bool *active,
                       uint16_t within, struct text role)
{
    const struct case_person person = {.roles = &role, .role_count = 1};
    return may_trigger(workflow, doc, active, within, &person) ||
           may_answer(workflow, doc, within, &person) || may_settle(workflow, doc, within, &person);
}

bool case_role_is_awaited(const struct workflow *workflow, const struct value *doc,
                          const bool *active, uint16_t within, struct text role)
{
    const struct case_person person = {.roles = &role, .role_count = 1};
    return case_role_may_act(workflow, doc, active, within, role) ||
           may_approve(workflow, doc, within, &person);
}
