/* Forms: what people fill in, read with every fault told at once, and shown to them. */
#include "base/arena.h"
#include "case/shown/show.h"
#include "case/view.h"

enum { FAULTS_MAX = 100 };

struct reading {
    const struct workflow *workflow;
    const struct workflow_form *form;
    const struct value *given;
    struct arena *arena;
    struct value stored;
    struct problem *problem;
};

struct text case_pointer(struct text member, struct arena *arena)
{
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT("/data/"));
    for (size_t i = 0; i < member.size; i++) {
        char c = member.bytes[i];
        if (c == '~')
            text_append(&buffer, TEXT("~0"));
        else if (c == '/')
            text_append(&buffer, TEXT("~1"));
        else
            text_append(&buffer, (struct text){&c, 1});
    }
    return text_buffer_text(&buffer);
}

static void fault(const struct reading *reading, struct text member, const char *code,
                  struct text message, struct text suggest)
{
    problem_add(reading->problem, reading->arena, case_pointer(member, reading->arena), code,
                message, suggest);
}

static bool is_asked(const struct workflow_form *form, struct text id)
{
    for (size_t i = 0; i < form->count; i++)
        if (text_equal(form->items[i].field->id, id))
            return true;
    return false;
}

static void refuse_unknown(const struct reading *reading, struct text name)
{
    const struct workflow_form *form = reading->form;
    if (workflow_field(reading->workflow, name) != NULL) {
        fault(reading, name, "unknown", TEXT(N_("This field is not asked for here.")), TEXT_NONE);
        return;
    }
    struct text *ids = ARENA_ARRAY(reading->arena, struct text, form->count);
    for (size_t i = 0; i < form->count; i++)
        ids[i] = form->items[i].field->id;
    fault(reading, name, "unknown", TEXT(N_("There is no such field.")),
          text_nearest(name, ids, form->count));
}

/* Beyond FAULTS_MAX nobody reads on, and looking for the nearest name costs time. */
static void refuse_all_unknown(const struct reading *reading)
{
    for (size_t i = 0; i < value_count(reading->given); i++) {
        struct text name = value_member(reading->given, i)->key;
        if (value_count(&reading->problem->errors) == FAULTS_MAX)
            return;
        if (!is_asked(reading->form, name))
            refuse_unknown(reading, name);
    }
}

static void read_one(struct reading *reading, const struct workflow_form_field *item)
{
    const struct workflow_field *field = item->field;
    const struct value *given = value_get(reading->given, field->id);
    struct value stored;
    struct text why, suggest;
    if (item->required && (given == NULL || given->kind == VALUE_NULL))
        fault(reading, field->id, "required", TEXT(N_("This field is required.")), TEXT_NONE);
    else if (given != NULL && !field_accept(field, given, reading->arena, &stored, &why, &suggest))
        fault(reading, field->id, "invalid", why, suggest);
    else if (given != NULL)
        value_set(&reading->stored, field->id, stored);
}

bool case_form_read(const struct workflow *workflow, const struct workflow_form *form,
                    const struct value *given, struct arena *arena, struct value *stored_out,
                    struct problem *problem_out)
{
    static const struct workflow_form empty;
    struct reading reading = {.workflow = workflow,
                              .form = form == NULL ? &empty : form,
                              .given = given,
                              .arena = arena,
                              .stored = value_map(arena),
                              .problem = problem_out};
    *problem_out = (struct problem){.code = PROBLEM_FIELD_INVALID};
    if (given->kind != VALUE_MAP && given->kind != VALUE_NULL) {
        problem_add(problem_out, arena, TEXT("/data"), "invalid",
                    TEXT(N_("An object of fields is needed here.")), TEXT_NONE);
    } else {
        for (size_t i = 0; i < reading.form->count; i++)
            read_one(&reading, &reading.form->items[i]);
        refuse_all_unknown(&reading);
    }
    size_t count = value_count(&problem_out->errors);
    problem_out->detail = text_printf(arena,
                                      count == 1 ? N_("%zu field is missing or wrong.")
                                                 : N_("%zu fields are missing or wrong."),
                                      count);
    *stored_out = reading.stored;
    return count == 0;
}

struct value case_form_typed(const struct workflow_form *form, const struct value *stored,
                             struct arena *arena)
{
    struct value typed = value_map(arena);
    for (size_t i = 0; form != NULL && i < form->count; i++) {
        const struct workflow_field *field = form->items[i].field;
        const struct value *value = value_get(stored, field->id);
        if (value != NULL && value->kind != VALUE_NULL)
            value_set(&typed, field->id, field_typed(field, value, arena));
    }
    return typed;
}

/* A form's nulls cannot stand in a case: what is unset is listed. */
struct value case_form_pack(const struct value *form, struct arena *arena)
{
    struct value packed = value_map(arena), values = value_map(arena), unset = value_list(arena);
    for (size_t i = 0; i < value_count(form); i++) {
        const struct value_member *member = value_member(form, i);
        if (member->value.kind == VALUE_NULL)
            value_append(&unset, value_string(member->key));
        else
            value_set(&values, member->key, member->value);
    }
    value_put(&packed, "values", values);
    value_put(&packed, "unset", unset);
    return packed;
}

struct value case_form_unpack(const struct value *packed, struct arena *arena)
{
    const struct value *unset = value_get(packed, TEXT("unset"));
    struct value form = case_map_copy(arena, value_get(packed, TEXT("values")));
    for (size_t i = 0; i < value_count(unset); i++)
        value_set(&form, value_item(unset, i)->string, value_null());
    return form;
}

/* ---- For people. ---- */

static void put_bound(struct value *map, const char *name, const struct workflow_field *field,
                      double bound)
{
    static const double exact_max = 9007199254740992.0; /* 2^53 */
    bool is_whole = (field->type == FIELD_INTEGER || field->of == FIELD_INTEGER) &&
                    bound >= -exact_max && bound <= exact_max;
    value_put(map, name, is_whole ? value_int((int64_t)bound) : value_double(bound));
}

static struct value options_value(const struct workflow *workflow,
                                  const struct workflow_field *field, struct text language,
                                  struct arena *arena)
{
    struct value options = value_list(arena);
    for (size_t i = 0; i < field->option_count; i++) {
        const struct field_option *option = &field->options[i];
        struct value one = value_map(arena);
        value_put(&one, "id", value_string(option->id));
        value_put(&one, "title",
                  value_string(case_say(workflow, &option->title, language, option->id)));
        value_append(&options, one);
    }
    return options;
}

static struct value field_value(const struct workflow *workflow,
                                const struct workflow_form_field *item, struct text language,
                                struct arena *arena)
{
    const struct workflow_field *field = item->field;
    struct value map = value_map(arena);
    value_put(&map, "field", value_string(field->id));
    value_put(&map, "title", value_string(case_say(workflow, &field->title, language, field->id)));
    value_put(&map, "type", value_cstring(field_type_name(field->type)));
    if (field->type == FIELD_LIST)
        value_put(&map, "of", value_cstring(field_type_name(field->of)));
    value_put(&map, "required", value_bool(item->required));
    if (field->sensitive)
        value_put(&map, "sensitive", value_bool(true));
    if (field->option_count > 0)
        value_put(&map, "options", options_value(workflow, field, language, arena));
    if (field->has_min)
        put_bound(&map, "min", field, field->min);
    if (field->has_max)
        put_bound(&map, "max", field, field->max);
    if (field->length_max > 0)
        value_put(&map, "max_length", value_int((int64_t)field->length_max));
    if (field->items_max > 0)
        value_put(&map, "max_items", value_int((int64_t)field->items_max));
    return map;
}

struct value case_form(const struct workflow *workflow, const struct workflow_form *form,
                       struct text language, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; form != NULL && i < form->count; i++)
        value_append(&list, field_value(workflow, &form->items[i], language, arena));
    return list;
}
