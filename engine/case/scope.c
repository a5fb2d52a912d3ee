/* What names mean to expressions (scope.h). */
#include "case/scope.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"

enum { DAY_S = 86400 };

static bool read_code(const struct case_scope *scope, struct value *value_out)
{
    *value_out = value_string(scope->code);
    return !text_is_empty(scope->code);
}

static bool read_language(const struct case_scope *scope, struct value *value_out)
{
    const struct workflow *workflow = scope->workflow;

    *value_out = value_string(workflow->language_count > 0 ? workflow->languages[0] : TEXT("en"));
    return true;
}

static bool read_person(const struct case_scope *scope, struct value *value_out)
{
    if (scope->person == NULL)
        return false;
    *value_out = value_string(scope->person->person);
    return true;
}

static bool read_roles(const struct case_scope *scope, struct value *value_out)
{
    if (scope->person == NULL)
        return false;
    *value_out = value_list(scope->arena);
    for (size_t i = 0; i < scope->person->role_count; i++)
        value_append(value_out, value_string(scope->person->roles[i]));
    return true;
}

static bool read_now(const struct case_scope *scope, struct value *value_out)
{
    *value_out = value_timestamp(when_from_ms(scope->now_ms));
    return true;
}

/* The date of now in the workflow's zone, as every date: at 00:00 UTC. */
static bool read_today(const struct case_scope *scope, struct value *value_out)
{
    struct instant now = when_from_ms(scope->now_ms);
    int32_t offset_s = zone_offset_s(scope->workflow->zone, now.seconds);
    struct civil civil = when_civil(now, offset_s);
    int64_t days = when_days(civil.year, civil.month, civil.day);
    *value_out = value_timestamp((struct instant){.seconds = days * DAY_S});
    return true;
}

static bool read_event_name(const struct case_scope *scope, struct value *value_out)
{
    *value_out = value_string(scope->event_name);
    return !text_is_empty(scope->event_name);
}

static bool read_event_data(const struct case_scope *scope, struct value *value_out)
{
    if (scope->event_data == NULL || scope->event_data->kind == VALUE_NULL)
        return false;
    *value_out = *scope->event_data;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(const struct case_scope *scope, struct value *value_out);
} readers[] = {
    {"now", read_now},
    {"today", read_today},
    {"by.id", read_person},
    {"by.roles", read_roles},
    {"case.code", read_code},
    {"case.language", read_language},
    {"event.name", read_event_name},
    {"event.data", read_event_data},
};

static bool read_field(const struct case_scope *scope, struct text id, struct value *value_out)
{
    const struct value *stored = value_get(scope->data, id);
    if (stored == NULL)
        return false;
    const struct workflow_field *field = workflow_field(scope->workflow, id);
    CHECK(field != NULL);
    *value_out = field_typed(field, stored, scope->arena);
    return true;
}

static bool read_member(const struct case_scope *scope, struct text name, struct value *value_out)
{
    const struct value *member = value_get(scope->event_data, name);
    if (member == NULL)
        return false;
    *value_out = *member;
    return true;
}

static struct text text_after(struct text text, size_t size)
{
    return (struct text){text.bytes + size, text.size - size};
}

static bool read(void *self, struct text name, struct value *value_out)
{
    static const struct text data = TEXT("data."), event_data = TEXT("event.data.");
    const struct case_scope *scope = self;
    if (text_begins(name, data.bytes))
        return read_field(scope, text_after(name, data.size), value_out);
    if (text_begins(name, event_data.bytes))
        return read_member(scope, text_after(name, event_data.size), value_out);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (text_is(name, readers[i].name))
            return readers[i].read(scope, value_out);
    CHECK(!"a name that the loader declares");
    return false;
}

static bool in_state(void *self, struct text id)
{
    const struct case_scope *scope = self;
    uint16_t state = chart_state_named(&scope->workflow->chart, id);
    return state != CHART_NONE && scope->active[state];
}

/* `transition` is an id, or "state.id". */
static bool acted(void *self, struct text person, struct text transition)
{
    const struct case_scope *scope = self;
    const struct value *names = value_get(scope->acted, person);
    if (value_get(names, transition) != NULL)
        return true;
    for (size_t i = 0; i < value_count(names); i++) {
        struct text name = value_member(names, i)->key;
        size_t at = name.size - transition.size;
        if (name.size > transition.size && name.bytes[at - 1] == '.' &&
            text_equal(text_after(name, at), transition))
            return true;
    }
    return false;
}

int case_evaluate(const struct case_scope *scope, const struct cel_program *program,
                  struct value *value_out, struct text *why_out)
{
    struct cel_bindings bindings = {
        .self = (void *)scope, .read = read, .in_state = in_state, .acted = acted};
    return cel_evaluate(program, &bindings, scope->arena, value_out, why_out);
}

static struct text trimmed(struct text text)
{
    while (text.size > 0 && text.bytes[0] == ' ')
        text = text_after(text, 1);
    while (text.size > 0 && text.bytes[text.size - 1] == ' ')
        text.size--;
    return text;
}

const struct workflow_field *case_input_field(const struct workflow *workflow,
                                              const struct workflow_input *input)
{
    static const struct text data = TEXT("data.");
    if (input->program == NULL)
        return NULL;
    struct text source = trimmed(cel_program_source(input->program));
    if (!text_begins(source, data.bytes))
        return NULL;
    return workflow_field(workflow, text_after(source, data.size));
}

static bool input_value(const struct case_scope *scope, const struct workflow_input *input,
                        struct value *json_out, struct text *why_out)
{
    struct value typed;
    if (input->program == NULL) {
        *json_out = input->literal;
        return true;
    }
    const struct workflow_field *field = case_input_field(scope->workflow, input);
    if (field != NULL && value_get(scope->data, field->id) == NULL) {
        *json_out = value_null();
        return true;
    }
    return case_evaluate(scope, input->program, &typed, why_out) == 0 &&
           workflow_input_value(input->kind, &typed, scope->arena, json_out, why_out);
}

bool case_inputs(const struct case_scope *scope, const struct workflow_inputs *inputs,
                 struct value *json_out, struct text *why_out)
{
    struct text why;
    *json_out = value_map(scope->arena);
    for (size_t i = 0; i < inputs->count; i++) {
        const struct workflow_input *input = &inputs->items[i];
        struct value json;
        if (!input_value(scope, input, &json, &why)) {
            *why_out =
                text_printf(scope->arena, "input %.*s: %.*s", TEXT_ARG(input->name), TEXT_ARG(why));
            return false;
        }
        if (json.kind != VALUE_NULL)
            value_set(json_out, input->name, json);
    }
    return true;
}

/* What an event brings may be sent on and on, inside of more each time, and what is sent stands in
 * the journal. Counted only as far as it matters, because values share their parts. */
static bool is_bounded(const struct value *value, size_t depth, size_t *bytes)
{
    if (depth > CASE_EVENT_DEPTH_MAX)
        return false;
    *bytes += sizeof *value + (value->kind == VALUE_STRING ? value->string.size : 0);
    for (size_t i = 0; *bytes <= CASE_EVENT_BYTES_MAX && i < value_count(value); i++) {
        const struct value_member *member =
            value->kind == VALUE_MAP ? value_member(value, i) : NULL;
        *bytes += member != NULL ? member->key.size : 0;
        if (!is_bounded(member != NULL ? &member->value : value_item(value, i), depth + 1, bytes))
            return false;
    }
    return *bytes <= CASE_EVENT_BYTES_MAX;
}

bool case_event_data(const struct case_scope *scope, const struct workflow_inputs *inputs,
                     struct value *typed_out, struct text *why_out)
{
    *typed_out = value_map(scope->arena);
    for (size_t i = 0; i < inputs->count; i++) {
        const struct workflow_input *input = &inputs->items[i];
        struct value typed = input->literal;
        if (input->program != NULL && case_evaluate(scope, input->program, &typed, why_out) != 0)
            return false;
        value_set(typed_out, input->name, typed);
    }
    size_t bytes = 0;
    if (is_bounded(typed_out, 0, &bytes))
        return true;
    *why_out = text_printf(
        scope->arena, N_("its data are larger than %d KiB, or nested more than %d levels deep."),
        CASE_EVENT_BYTES_MAX >> 10, CASE_EVENT_DEPTH_MAX);
    return false;
}
