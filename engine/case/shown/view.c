/* The whole of a case, as one person may see it. */
#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/shown/show.h"

struct text case_say(const struct workflow *workflow, const struct workflow_words *words,
                     struct text language, struct text otherwise)
{
    struct text said = workflow_say(workflow, words, language);
    return text_is_empty(said) ? otherwise : said;
}

struct text case_event_title(const struct workflow *workflow, struct text event,
                             struct text language)
{
    const struct chart *chart = &workflow->chart;
    for (uint16_t i = 0; i < chart->transition_count; i++)
        if (chart->transitions[i].trigger == CHART_ON &&
            text_equal(chart->transitions[i].event, event))
            return case_say(workflow, &workflow->transitions[i].title, language, event);
    return event;
}

struct value case_moment(int64_t at_ms)
{
    return value_timestamp(when_from_ms(at_ms));
}

struct case_scope case_show_scope(const struct case_state *state, const struct case_person *viewer,
                                  int64_t now_ms, const bool *active, struct arena *arena)
{
    return (struct case_scope){.workflow = state->workflow,
                               .arena = arena,
                               .now_ms = now_ms,
                               .code = value_text_at(&state->doc, "code"),
                               .data = value_get(&state->doc, TEXT("data")),
                               .acted = value_get(&state->doc, TEXT("acted")),
                               .active = active,
                               .person = viewer};
}

void case_show_data(const struct workflow *workflow, const struct case_person *viewer,
                    const struct value *fields, bool all, struct value *data, struct value *hidden)
{
    bool takes_part = case_person_takes_part(viewer, workflow);
    bool sees_sensitive = case_person_sees_sensitive(viewer, workflow);
    for (size_t i = 0; i < workflow->field_count; i++) {
        const struct workflow_field *field = &workflow->fields[i];
        const struct value *value = value_get(fields, field->id);
        bool is_seen = takes_part && (sees_sensitive || !field->sensitive);
        if (is_seen && value != NULL)
            value_set(data, field->id, *value);
        else if (!is_seen && (all || value != NULL))
            value_append(hidden, value_string(field->id));
    }
}

static struct value moment_of(const struct value *kept, struct arena *arena)
{
    struct value shown = case_map_copy(arena, kept);
    value_put(&shown, "at", case_moment(value_int_at(kept, "at", 0)));
    return shown;
}

/* Active states that hold no others, with their titles. */
struct value case_state_titles(const struct workflow *workflow, const struct value *ids,
                               struct text language, struct arena *arena)
{
    struct value titles = value_list(arena);
    for (size_t i = 0; i < value_count(ids); i++) {
        struct text id = value_item(ids, i)->string, title = id;
        uint16_t number = chart_state_named(&workflow->chart, id);
        if (number != CHART_NONE)
            title = case_say(workflow, &workflow->states[number].title, language, id);
        value_append(&titles, value_string(title));
    }
    return titles;
}

static struct value states_value(const struct case_state *state, const bool *active,
                                 struct text language, struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    struct value ids = case_atomic_states(workflow, active, arena);
    struct value titles = case_state_titles(workflow, &ids, language, arena);
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(&ids); i++) {
        struct value one = value_map(arena);
        value_put(&one, "id", *value_item(&ids, i));
        value_put(&one, "title", *value_item(&titles, i));
        value_append(&list, one);
    }
    return list;
}

static struct value deadlines_value(const struct case_state *state, const bool *active,
                                    struct text language, int64_t now_ms, struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    const struct value *deadlines = value_get(&state->doc, TEXT("deadlines"));
    struct value list = value_list(arena);
    for (uint16_t s = 1; s < workflow->chart.state_count; s++) {
        struct text id = workflow->chart.states[s].id;
        const struct value *due = active[s] ? value_get(deadlines, id) : NULL;
        if (due == NULL)
            continue;
        struct value one = value_map(arena);
        value_put(&one, "state", value_string(id));
        value_put(&one, "title",
                  value_string(case_say(workflow, &workflow->states[s].title, language, id)));
        value_put(&one, "due", case_moment(due->integer));
        value_put(&one, "overdue", value_bool(due->integer < now_ms));
        value_append(&list, one);
    }
    return list;
}

/* It waits for a person: since when, who may, and what outputs it would have had. */
static void put_settle(struct value *one, const struct workflow *workflow,
                       const struct workflow_step *step, const struct value *record,
                       const struct case_person *viewer, struct arena *arena)
{
    struct value settle = value_map(arena), outputs = value_list(arena);
    struct workflow_roles roles = case_settle_roles(workflow, step, arena);
    for (size_t i = 0; i < step->outputs.count; i++) {
        const struct plugin_field *field = &step->outputs.items[i];
        bool is_list = field->kind == PLUGIN_TEXTS;
        struct value output = value_map(arena);
        value_put(&output, "field", value_string(field->name));
        value_put(&output, "type",
                  is_list ? value_cstring("list") : value_cstring(plugin_kind_name(field->kind)));
        if (is_list)
            value_put(&output, "of", value_cstring("text"));
        value_append(&outputs, output);
    }
    value_put(&settle, "may", value_bool(case_person_may_settle(workflow, step, viewer)));
    value_put(&settle, "by", case_roles_value(&roles, arena));
    value_put(&settle, "outputs", outputs);
    value_put(one, "since", case_moment(value_int_at(record, "since", 0)));
    value_put(one, "settle", settle);
}

static struct value step_value(const struct case_state *state, const struct workflow_step *step,
                               const struct value *record, const struct case_person *viewer,
                               struct text language, struct arena *arena)
{
    struct value one = value_map(arena), wakes = value_list(arena);
    value_put(&one, "id", value_string(step->id));
    value_put(&one, "title",
              value_string(case_say(state->workflow, &step->title, language, step->id)));
    value_put(&one, "status", *value_get(record, TEXT("status")));
    if (value_bool_at(record, "wakes_answer"))
        value_append(&wakes, value_cstring("answer"));
    if (value_bool_at(record, "wakes_time"))
        value_append(&wakes, value_cstring("time"));
    value_put(&one, "wakes", wakes);
    if (value_get(record, TEXT("until")) != NULL)
        value_put(&one, "until", case_moment(value_int_at(record, "until", 0)));
    if (value_get(record, TEXT("why")) != NULL)
        value_put(&one, "why", *value_get(record, TEXT("why")));
    if (case_step_is_held(record))
        put_settle(&one, state->workflow, step, record, viewer, arena);
    if (value_int_at(record, "park", 0) > 0)
        value_put(&one, "park", value_int(value_int_at(record, "park", 0)));
    if (step->retry.attempts > 0) {
        struct value attempts = value_map(arena);
        value_put(&attempts, "made", value_int(value_int_at(record, "try", 1)));
        value_put(&attempts, "most", value_int(step->retry.attempts));
        value_put(&one, "attempts", attempts);
    }
    if (!step->has_answer || !case_step_takes_answer(record))
        return one;
    struct value answer = value_map(arena);
    value_put(&answer, "may", value_bool(case_person_holds_any(viewer, &step->answer_by)));
    value_put(&answer, "by", case_roles_value(&step->answer_by, arena));
    value_put(&answer, "form", case_form(state->workflow, &step->answer_form, language, arena));
    value_put(&one, "answer", answer);
    return one;
}

static struct value steps_value(const struct case_state *state, const struct case_person *viewer,
                                struct text language, struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    const struct value *records = value_get(&state->doc, TEXT("steps"));
    struct value list = value_list(arena);
    for (size_t i = 0; i < workflow->step_count; i++) {
        const struct workflow_step *step = &workflow->steps[i];
        const struct value *record = value_get(records, step->id);
        if (record != NULL)
            value_append(&list, step_value(state, step, record, viewer, language, arena));
    }
    return list;
}

struct value case_view(const struct case_state *state, const struct case_person *viewer,
                       struct text language, int64_t now_ms, struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    const struct value *doc = &state->doc;
    const bool *active = case_configuration(state, arena).active;
    struct value view = value_map(arena), data = value_map(arena), hidden = value_list(arena);
    CHECK(doc->kind == VALUE_MAP);
    case_show_data(workflow, viewer, value_get(doc, TEXT("data")), true, &data, &hidden);
    value_put(&view, "id", *value_get(doc, TEXT("id")));
    value_put(&view, "code", *value_get(doc, TEXT("code")));
    value_put(&view, "workflow", value_string(workflow->id));
    value_put(&view, "title",
              value_string(case_say(workflow, &workflow->title, language, workflow->id)));
    value_put(&view, "country", *value_get(doc, TEXT("country")));
    value_put(&view, "revision", value_int((int64_t)state->revision));
    value_put(&view, "opened", moment_of(value_get(doc, TEXT("opened")), arena));
    value_put(&view, "changed", moment_of(value_get(doc, TEXT("changed")), arena));
    value_put(&view, "closed", value_bool(value_bool_at(doc, "closed")));
    if (value_get(doc, TEXT("closed_at")) != NULL)
        value_put(&view, "closed_at", case_moment(value_int_at(doc, "closed_at", 0)));
    value_put(&view, "states", states_value(state, active, language, arena));
    value_put(&view, "data", data);
    value_put(&view, "hidden", hidden);
    value_put(&view, "deadlines", deadlines_value(state, active, language, now_ms, arena));
    value_put(&view, "steps", steps_value(state, viewer, language, arena));
    value_put(&view, "proposals", case_proposals_view(state, viewer, language, arena));
    struct value notices = case_notice_list(doc, arena);
    value_put(&view, "notices", case_notice_view(workflow, &notices, viewer, language, arena));
    case_care_show(state, viewer, &view, arena);
    value_put(&view, "available", case_available(state, viewer, language, now_ms, arena));
    return view;
}

struct value case_receipt(const struct case_state *state, uint64_t seq, struct text language,
                          struct arena *arena)
{
    struct value receipt = value_map(arena);
    const bool *active = case_configuration(state, arena).active;
    struct value states = case_atomic_states(state->workflow, active, arena);
    value_put(&receipt, "code", *value_get(&state->doc, TEXT("code")));
    value_put(&receipt, "workflow", value_string(state->workflow->id));
    value_put(&receipt, "states", states);
    value_put(&receipt, "titles", case_state_titles(state->workflow, &states, language, arena));
    value_put(&receipt, "revision", value_int((int64_t)state->revision));
    value_put(&receipt, "seq", value_int((int64_t)seq));
    return receipt;
}
