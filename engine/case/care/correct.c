/* A correction: what was written down wrongly, said anew with its reason. The old value stays in
 * the journal.
 *
 * A field may be corrected by who could have filled it in: a role that opens such cases with it, or
 * has a transition or an answer whose form holds it. */
#include "base/arena.h"
#include "case/turn.h"
#include "case/view.h"

static bool holds(const struct workflow_form *form, const struct workflow_field *field)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->items[i].field == field)
            return true;
    return false;
}

static bool may_fill(const struct case_turn *turn, const struct workflow_field *field)
{
    const struct workflow *workflow = turn->workflow;
    const struct case_person *person = turn->person;
    bool opens = workflow->has_open_by ? case_person_holds_any(person, &workflow->open_by)
                                       : case_person_takes_part(person, workflow);
    if (opens && holds(&workflow->open_form, field))
        return true;
    for (size_t i = 0; i < workflow->chart.transition_count; i++)
        if (case_person_holds_any(person, &workflow->transitions[i].by) &&
            holds(&workflow->transitions[i].form, field))
            return true;
    for (size_t i = 0; i < workflow->step_count; i++)
        if (workflow->steps[i].has_answer &&
            case_person_holds_any(person, &workflow->steps[i].answer_by) &&
            holds(&workflow->steps[i].answer_form, field))
            return true;
    return false;
}

/* A form points below /data: here it is /set. */
static struct text point_at_set(struct text pointer, struct arena *arena)
{
    static const struct text data = TEXT("/data");
    return text_printf(arena, "/set%.*s", (int)(pointer.size - data.size),
                       pointer.bytes + data.size);
}

static bool refuse_field(struct case_turn *turn, struct case_plan *plan, struct text name)
{
    struct text pointer = point_at_set(case_pointer(name, turn->arena), turn->arena);
    return case_care_refuse(turn, plan, pointer.bytes, "not-permitted",
                            TEXT(N_("No form that your roles fill in holds this field.")));
}

static void turn_pointers(struct problem *problem, struct arena *arena)
{
    struct value errors = value_list(arena);
    for (size_t i = 0; i < value_count(&problem->errors); i++) {
        struct value error = case_map_copy(arena, value_item(&problem->errors, i));
        value_put(&error, "pointer",
                  value_string(point_at_set(value_text_at(&error, "pointer"), arena)));
        value_append(&errors, error);
    }
    problem->errors = errors;
}

bool case_may_correct(struct case_turn *turn, struct case_plan *plan)
{
    const struct workflow *workflow = turn->workflow;
    const struct value *set = &turn->event->data;
    size_t count = value_count(set);
    struct workflow_form_field *items = ARENA_ARRAY(turn->arena, struct workflow_form_field, count);
    struct workflow_form *form = ARENA_NEW(turn->arena, struct workflow_form);
    bool sees_sensitive = case_person_sees_sensitive(turn->person, workflow);
    if (!case_care_says(turn, plan, "/reason", "A correction needs its reason."))
        return false;
    if (count == 0)
        return case_care_refuse(turn, plan, "/set", "required",
                                TEXT(N_("Name at least one field and its value.")));
    for (size_t i = 0; i < count; i++) {
        const struct value_member *member = value_member(set, i);
        const struct workflow_field *field = workflow_field(workflow, member->key);
        if (field == NULL)
            continue; /* the form refuses it, with the nearest name */
        if (!may_fill(turn, field) || (field->sensitive && !sees_sensitive))
            return refuse_field(turn, plan, member->key);
        items[form->count++] = (struct workflow_form_field){.field = field};
    }
    form->items = items;
    turn->asked = form;
    if (!case_form_read(workflow, form, set, turn->arena, &turn->form, &plan->problem)) {
        turn_pointers(&plan->problem, turn->arena);
        plan->kind = CASE_REFUSE;
        return false;
    }
    plan->problem = (struct problem){0};
    return true;
}

/* `always` transitions may hold now; of a case that is closed nothing is asked any more. */
int case_correction_take(struct case_turn *turn)
{
    const struct chart_event event = {
        .name = TEXT("case.correct"), .transition = CHART_NONE, .data = value_map(turn->arena)};
    case_lay(case_part(turn, PART_DATA), &turn->form);
    turn->event_name = event.name;
    if (value_bool_at(&turn->doc, "closed"))
        return 0;
    int status = case_macrostep(turn, &event);
    turn->is_dropped = false;
    return status;
}
