/* Fields of step types: their kinds, what they accept, and what stands for them at first. */
#include <math.h>

#include "base/arena.h"
#include "base/when.h"
#include "wire/describe.h"

enum { OPTIONS_NAMED_MAX = 8 }; /* in a sentence */

static bool is_text(const struct value *value)
{
    return value->kind == VALUE_STRING;
}

static bool is_integer(const struct value *value)
{
    return value->kind == VALUE_INT;
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || (value->kind == VALUE_DOUBLE && isfinite(value->real));
}

static bool is_boolean(const struct value *value)
{
    return value->kind == VALUE_BOOL;
}

static bool is_date(const struct value *value)
{
    struct instant instant;
    return value->kind == VALUE_STRING && when_read_date(value->string, &instant);
}

static bool is_timestamp(const struct value *value)
{
    struct instant instant;
    return value->kind == VALUE_TIMESTAMP ||
           (value->kind == VALUE_STRING && when_read_timestamp(value->string, &instant));
}

static bool is_texts(const struct value *value)
{
    if (value->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < value_count(value); i++) {
        if (!is_text(value_item(value, i)))
            return false;
    }
    return true;
}

static const struct kind {
    const char *name, *phrase;
    bool (*fits)(const struct value *value);
} kinds[] = {
    [PLUGIN_TEXT] = {"text", N_("a text"), is_text},
    [PLUGIN_INTEGER] = {"integer", N_("an integer"), is_integer},
    [PLUGIN_NUMBER] = {"number", N_("a number"), is_number},
    [PLUGIN_BOOLEAN] = {"boolean", N_("true or false"), is_boolean},
    [PLUGIN_DATE] = {"date", N_("a date, like 2026-03-01"), is_date},
    [PLUGIN_TIMESTAMP] = {"timestamp", N_("a time, like 2026-03-01T09:00:00Z"), is_timestamp},
    [PLUGIN_TEXTS] = {"texts", N_("a list of texts"), is_texts},
};

const char *plugin_kind_name(enum plugin_kind kind)
{
    return kinds[kind].name;
}

static bool is_option(const struct plugin_field *field, struct text text)
{
    for (size_t i = 0; i < field->option_count; i++) {
        if (text_equal(field->options[i], text))
            return true;
    }
    return field->option_count == 0;
}

static bool is_among_options(const struct plugin_field *field, const struct value *value)
{
    if (value->kind == VALUE_STRING)
        return is_option(field, value->string);
    for (size_t i = 0; i < value_count(value); i++) {
        if (!is_option(field, value_item(value, i)->string))
            return false;
    }
    return true;
}

static struct text options_sentence(const struct plugin_field *field, struct arena *arena)
{
    struct text_buffer words;
    text_buffer_init(&words, arena);
    for (size_t i = 0; i < field->option_count && i < OPTIONS_NAMED_MAX; i++)
        text_append_printf(&words, "%s%.*s", i > 0 ? ", " : "", TEXT_ARG(field->options[i]));
    struct text named = text_buffer_text(&words);
    if (field->option_count > OPTIONS_NAMED_MAX)
        named = text_printf(arena, N_("%.*s and %zu more"), TEXT_ARG(named),
                            field->option_count - OPTIONS_NAMED_MAX);
    return text_printf(arena, N_("%.*s must be one of %.*s."), TEXT_ARG(field->name),
                       TEXT_ARG(named));
}

bool plugin_accepts(const struct plugin_field *field, const struct value *value,
                    struct arena *arena, struct text *why_out)
{
    if (!kinds[field->kind].fits(value)) {
        *why_out = text_printf(arena, N_("%.*s must be %s."), TEXT_ARG(field->name),
                               kinds[field->kind].phrase);
        return false;
    }
    if (!is_among_options(field, value)) {
        *why_out = options_sentence(field, arena);
        return false;
    }
    return true;
}

const struct plugin_field *plugin_field(struct plugin_fields fields, struct text name)
{
    for (size_t i = 0; i < fields.count; i++) {
        if (text_equal(fields.items[i].name, name))
            return &fields.items[i];
    }
    return NULL;
}

static bool members_fit(struct plugin_fields fields, const char *what, const struct value *map,
                        struct arena *arena, struct text *why_out)
{
    for (size_t i = 0; i < value_count(map); i++) {
        const struct value_member *member = value_member(map, i);
        const struct plugin_field *field = plugin_field(fields, member->key);
        struct text why;
        if (field == NULL) {
            struct text name = text_is_id(member->key) ? member->key : TEXT(N_("of that name"));
            *why_out = text_printf(arena, N_("There is no %s %.*s."), what, TEXT_ARG(name));
            return false;
        }
        if (member->value.kind == VALUE_NULL)
            continue;
        if (!plugin_accepts(field, &member->value, arena, &why)) {
            *why_out = text_printf(arena, "The %s %.*s", what, TEXT_ARG(why));
            return false;
        }
    }
    return true;
}

bool plugin_fits(struct plugin_fields fields, bool required, const char *what,
                 const struct value *map, struct arena *arena, struct text *why_out)
{
    if (!members_fit(fields, what, map, arena, why_out))
        return false;
    for (size_t i = 0; required && i < fields.count; i++) {
        const struct plugin_field *field = &fields.items[i];
        const struct value *value = value_get(map, field->name);
        if (field->required && (value == NULL || value->kind == VALUE_NULL)) {
            *why_out =
                text_printf(arena, N_("The %s %.*s is missing."), what, TEXT_ARG(field->name));
            return false;
        }
    }
    return true;
}

bool plugin_initial(const struct plugin_field *field, struct arena *arena, struct value *value_out)
{
    struct text why;
    int64_t integer;
    double real;

    *value_out = value_null();
    if (!field->has_initial)
        return true;
    switch (field->kind) {
    case PLUGIN_TEXT:
    case PLUGIN_DATE:
    case PLUGIN_TIMESTAMP:
        *value_out = value_string(field->initial);
        break;
    case PLUGIN_INTEGER:
        if (text_to_int(field->initial, &integer))
            *value_out = value_int(integer);
        break;
    case PLUGIN_NUMBER:
        if (text_to_double(field->initial, &real))
            *value_out = value_double(real);
        break;
    case PLUGIN_BOOLEAN:
        if (text_is(field->initial, "true") || text_is(field->initial, "false"))
            *value_out = value_bool(text_is(field->initial, "true"));
        break;
    case PLUGIN_TEXTS:
        break;
    }
    return plugin_accepts(field, value_out, arena, &why);
}
