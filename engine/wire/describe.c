/* Descriptions to values and back. What is read is checked twice: here that every member is there
 * and of its kind, then by the rules (rules.c). */
#include <errno.h>

#include "base/arena.h"
#include "wire/describe.h"

static struct value describe_texts(struct arena *arena, const struct text *texts, size_t count)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < count; i++)
        value_append(&list, value_string(texts[i]));
    return list;
}

static struct value describe_field(struct arena *arena, const struct plugin_field *field)
{
    struct value map = value_map(arena);
    value_put(&map, "name", value_string(field->name));
    value_put(&map, "kind", value_cstring(plugin_kind_name(field->kind)));
    value_put(&map, "required", value_bool(field->required));
    if (field->has_initial)
        value_put(&map, "initial", value_string(field->initial));
    if (field->unit.size > 0)
        value_put(&map, "unit", value_string(field->unit));
    if (field->doc.size > 0)
        value_put(&map, "doc", value_string(field->doc));
    if (field->option_count > 0)
        value_put(&map, "options", describe_texts(arena, field->options, field->option_count));
    return map;
}

static struct value describe_fields(struct arena *arena, struct plugin_fields fields)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < fields.count; i++)
        value_append(&list, describe_field(arena, &fields.items[i]));
    return list;
}

static struct value describe_step_type(struct arena *arena, const struct plugin_step_type *type)
{
    struct value map = value_map(arena);
    value_put(&map, "name", value_string(type->name));
    value_put(&map, "summary", value_string(type->summary));
    value_put(&map, "check", value_bool(type->is_check));
    value_put(&map, "idempotent", value_bool(type->is_idempotent));
    value_put(&map, "parks", value_bool(type->parks));
    value_put(&map, "drop", value_bool(type->has_drop));
    value_put(&map, "needs", value_int(type->needs));
    value_put(&map, "timeout_ms", value_int(type->timeout_ms));
    value_put(&map, "inputs", describe_fields(arena, type->inputs));
    value_put(&map, "outputs", describe_fields(arena, type->outputs));
    value_put(&map, "answers", describe_fields(arena, type->answers));
    return map;
}

struct value plugin_describe(struct arena *arena, const struct plugin_description *description)
{
    struct value map = value_map(arena), step_types = value_list(arena);
    for (size_t i = 0; i < description->step_type_count; i++)
        value_append(&step_types, describe_step_type(arena, &description->step_types[i]));
    value_put(&map, "name", value_string(description->name));
    value_put(&map, "version", value_string(description->version));
    value_put(&map, "summary", value_string(description->summary));
    value_put(&map, "step_types", step_types);
    return map;
}

/* Reading. A reader counts the members it took; one that nobody took is unknown, and refused. */
struct reader {
    struct arena *arena;
    const struct value *map;
    size_t taken;
    const char *fault; /* the member that is missing or wrong; NULL */
};

static const struct value *take(struct reader *reader, const char *name, enum value_kind kind,
                                bool required)
{
    const struct value *value = value_get(reader->map, text_from(name));
    if (value != NULL && value->kind == kind) {
        reader->taken++;
        return value;
    }
    if ((value != NULL || required) && reader->fault == NULL)
        reader->fault = name;
    return NULL;
}

static struct text take_text(struct reader *reader, const char *name, bool required)
{
    const struct value *value = take(reader, name, VALUE_STRING, required);
    return value != NULL ? text_copy(reader->arena, value->string) : TEXT_NONE;
}

static bool take_bool(struct reader *reader, const char *name)
{
    const struct value *value = take(reader, name, VALUE_BOOL, true);
    return value != NULL && value->boolean;
}

static int64_t take_int(struct reader *reader, const char *name, int64_t max)
{
    const struct value *value = take(reader, name, VALUE_INT, true);
    if (value == NULL)
        return 0;
    if ((value->integer < 0 || value->integer > max) && reader->fault == NULL)
        reader->fault = name;
    return value->integer;
}

/* A list of at most `max`; NULL where there is none. */
static const struct value *take_list(struct reader *reader, const char *name, size_t max,
                                     bool required)
{
    const struct value *list = take(reader, name, VALUE_LIST, required);
    if (value_count(list) > max && reader->fault == NULL)
        reader->fault = name;
    return reader->fault == NULL ? list : NULL;
}

static bool is_read_whole(struct reader *reader)
{
    if (reader->fault == NULL && reader->taken != value_count(reader->map))
        reader->fault = "one that is unknown";
    return reader->fault == NULL;
}

static enum plugin_kind kind_named(struct text name)
{
    for (enum plugin_kind kind = PLUGIN_TEXT; kind <= PLUGIN_TEXTS; kind++) {
        if (text_is(name, plugin_kind_name(kind)))
            return kind;
    }
    return 0;
}

static const struct text *read_options(struct reader *reader, const struct value *list)
{
    struct text *options = ARENA_ARRAY(reader->arena, struct text, value_count(list));
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *option = value_item(list, i);
        if (option->kind == VALUE_STRING)
            options[i] = text_copy(reader->arena, option->string);
        else
            reader->fault = "options";
    }
    return options;
}

static const char *read_field(struct arena *arena, const struct value *map,
                              struct plugin_field *field_out)
{
    struct reader reader = {.arena = arena, .map = map};
    struct text kind = take_text(&reader, "kind", true);
    *field_out = (struct plugin_field){
        .name = take_text(&reader, "name", true),
        .kind = kind_named(kind),
        .required = take_bool(&reader, "required"),
        .has_initial = value_get(map, TEXT("initial")) != NULL,
        .initial = take_text(&reader, "initial", false),
        .unit = take_text(&reader, "unit", false),
        .doc = take_text(&reader, "doc", false),
    };
    const struct value *options = take_list(&reader, "options", PLUGIN_OPTIONS_MAX, false);
    field_out->option_count = value_count(options);
    field_out->options = read_options(&reader, options);
    return is_read_whole(&reader) ? NULL : reader.fault;
}

static struct plugin_fields read_fields(struct reader *reader, const char *name)
{
    const struct value *list = take_list(reader, name, PLUGIN_FIELDS_MAX, true);
    struct plugin_field *items = ARENA_ARRAY(reader->arena, struct plugin_field, value_count(list));
    for (size_t i = 0; i < value_count(list) && reader->fault == NULL; i++)
        reader->fault = read_field(reader->arena, value_item(list, i), &items[i]);
    return (struct plugin_fields){items, value_count(list)};
}

static const char *read_step_type(struct arena *arena, const struct value *map,
                                  struct plugin_step_type *type_out)
{
    struct reader reader = {.arena = arena, .map = map};
    *type_out = (struct plugin_step_type){
        .name = take_text(&reader, "name", true),
        .summary = take_text(&reader, "summary", true),
        .is_check = take_bool(&reader, "check"),
        .is_idempotent = take_bool(&reader, "idempotent"),
        .parks = take_bool(&reader, "parks"),
        .has_drop = take_bool(&reader, "drop"),
        .needs = (uint32_t)take_int(&reader, "needs", UINT32_MAX),
        .timeout_ms = take_int(&reader, "timeout_ms", PLUGIN_TIMEOUT_MS_MAX),
        .inputs = read_fields(&reader, "inputs"),
        .outputs = read_fields(&reader, "outputs"),
        .answers = read_fields(&reader, "answers"),
    };
    return is_read_whole(&reader) ? NULL : reader.fault;
}

int plugin_read(struct arena *arena, const struct value *body,
                struct plugin_description *description_out, struct text *why_out)
{
    struct reader reader = {.arena = arena, .map = body};
    struct plugin_description read = {
        .name = take_text(&reader, "name", true),
        .version = take_text(&reader, "version", true),
        .summary = take_text(&reader, "summary", true),
    };
    const struct value *list = take_list(&reader, "step_types", PLUGIN_STEP_TYPES_MAX, true);
    struct plugin_step_type *types = ARENA_ARRAY(arena, struct plugin_step_type, value_count(list));
    for (size_t i = 0; i < value_count(list) && reader.fault == NULL; i++)
        reader.fault = read_step_type(arena, value_item(list, i), &types[i]);
    read.step_types = types;
    read.step_type_count = value_count(list);

    if (!is_read_whole(&reader)) {
        *why_out = text_printf(arena,
                               "The description of the plugin lacks a member, or has a wrong or "
                               "unknown one: %s.",
                               reader.fault);
        return -EINVAL;
    }
    if (!plugin_check(&read, arena, why_out))
        return -EINVAL;
    *description_out = read;
    return 0;
}

const struct plugin_step_type *plugin_step_type(const struct plugin_description *description,
                                                struct text name)
{
    for (size_t i = 0; i < description->step_type_count; i++) {
        if (text_equal(description->step_types[i].name, name))
            return &description->step_types[i];
    }
    return NULL;
}
