/* Reads a conformance case: types and values as the README beside the cases writes them. */
#include "cel_case.h"

#include <math.h>

#include "base/when.h"

const struct cel_type *type_read(struct arena *arena, struct text text)
{
    static const enum cel_type_kind KINDS[] = {CEL_UNKNOWN,   CEL_NULL,    CEL_BOOL,
                                               CEL_INT,       CEL_DOUBLE,  CEL_STRING,
                                               CEL_TIMESTAMP, CEL_DURATION};
    size_t skip = text_begins(text, "list<") ? 5 : text_begins(text, "map<string,") ? 11 : 0;

    if (skip > 0 && text_ends(text, ">")) {
        struct cel_type *type = ARENA_NEW(arena, struct cel_type);
        type->kind = skip == 5 ? CEL_LIST : CEL_MAP;
        type->element = type_read(arena, (struct text){text.bytes + skip, text.size - skip - 1});
        return type->element ? type : NULL;
    }
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++) {
        const struct cel_type *type = cel_type_of(KINDS[i]);
        if (text_equal(cel_type_write(arena, type), text))
            return type;
    }
    return NULL;
}

/* "-0.5s" */
static bool duration_read(struct text text, struct instant *duration_out)
{
    bool is_negative = text_begins(text, "-");
    int64_t seconds = 0, nanos = 0, scale = 0;

    if (!text_ends(text, "s"))
        return false;
    for (size_t i = is_negative ? 1 : 0; i < text.size - 1; i++) {
        char byte = text.bytes[i];
        if (byte == '.' && scale == 0) {
            scale = 100000000;
        } else if (byte < '0' || byte > '9') {
            return false;
        } else if (scale > 0) {
            nanos += (byte - '0') * scale;
            scale /= 10;
        } else {
            seconds = seconds * 10 + (byte - '0');
        }
    }
    if (is_negative) {
        seconds = nanos > 0 ? -seconds - 1 : -seconds;
        nanos = nanos > 0 ? 1000000000 - nanos : 0;
    }
    *duration_out = (struct instant){seconds, (int32_t)nanos};
    return true;
}

static bool double_read(const struct value *json, struct value *value_out)
{
    static const struct {
        const char *text;
        double number;
    } WORDS[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};

    if (json->kind == VALUE_DOUBLE) {
        *value_out = *json;
        return true;
    }
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++) {
        if (value_is_string(json, WORDS[i].text)) {
            *value_out = value_double(WORDS[i].number);
            return true;
        }
    }
    return false;
}

static bool items_read(struct arena *arena, const struct cel_type *type, const struct value *json,
                       struct value *value_out)
{
    bool is_list = type->kind == CEL_LIST;

    if (json->kind != (is_list ? VALUE_LIST : VALUE_MAP))
        return false;
    *value_out = is_list ? value_list(arena) : value_map(arena);
    for (size_t i = 0; i < value_count(json); i++) {
        struct value item;
        const struct value *from = is_list ? value_item(json, i) : &value_member(json, i)->value;
        if (!value_read(arena, type->element, from, &item))
            return false;
        if (is_list)
            value_append(value_out, item);
        else
            value_set(value_out, value_member(json, i)->key, item);
    }
    return true;
}

/* The value that JSON writes for a type. */
bool value_read(struct arena *arena, const struct cel_type *type, const struct value *json,
                struct value *value_out)
{
    struct instant instant = {0, 0};
    int64_t integer;

    *value_out = *json;
    switch (type->kind) {
    case CEL_UNKNOWN:
        return true;
    case CEL_NULL:
        return json->kind == VALUE_NULL;
    case CEL_BOOL:
        return json->kind == VALUE_BOOL;
    case CEL_STRING:
        return json->kind == VALUE_STRING;
    case CEL_INT:
        if (json->kind == VALUE_STRING && text_to_int(json->string, &integer))
            *value_out = value_int(integer);
        return value_out->kind == VALUE_INT;
    case CEL_DOUBLE:
        return double_read(json, value_out);
    case CEL_TIMESTAMP:
        if (json->kind != VALUE_STRING || !when_read_timestamp(json->string, &instant))
            return false;
        *value_out = value_timestamp(instant);
        return true;
    case CEL_DURATION:
        if (json->kind != VALUE_STRING || !duration_read(json->string, &instant))
            return false;
        *value_out = value_duration(instant);
        return true;
    case CEL_LIST:
    case CEL_MAP:
        return items_read(arena, type, json, value_out);
    }
    return false;
}

struct text text_of_item(const struct value *list, size_t index)
{
    if (!list || list->kind != VALUE_LIST || index >= value_count(list))
        return TEXT_NONE;
    const struct value *item = value_item(list, index);
    return item->kind == VALUE_STRING ? item->string : TEXT_NONE;
}

/* A list of strings as texts; also NULL. */
static struct text *texts_read(struct arena *arena, const struct value *list)
{
    struct text *texts = ARENA_ARRAY(arena, struct text, value_count(list) + 1);

    for (size_t i = 0; i < value_count(list); i++)
        texts[i] = text_of_item(list, i);
    return texts;
}

static bool is_list_or_absent(const struct value *value)
{
    return !value || value->kind == VALUE_LIST;
}

static bool variable_read(struct conformance_case *one, const struct value_member *member)
{
    struct cel_name *name = &one->names[one->name_count];
    struct variable *variable = &one->variables[one->name_count++];
    const struct value *options = value_get(&member->value, TEXT("options"));
    const struct value *value = value_get(&member->value, TEXT("value"));

    variable->type = type_read(one->arena, value_text_at(&member->value, "type"));
    if (!variable->type)
        return false;
    *name = (struct cel_name){.name = member->key, .type = variable->type};
    if (!is_list_or_absent(options))
        return false;
    if (options) {
        name->options = texts_read(one->arena, options);
        name->option_count = value_count(options);
    }
    variable->is_set = value != NULL;
    return !value || value_read(one->arena, variable->type, value, &variable->value);
}

/* The transitions that `acted` speaks of, alone and behind a state. */
static void acts_read(struct conformance_case *one)
{
    struct text *transitions = ARENA_ARRAY(one->arena, struct text, value_count(one->acted) + 1);

    for (size_t i = 0; i < value_count(one->acted); i++)
        transitions[i] = text_of_item(value_item(one->acted, i), 1);
    one->scope.transitions = one->acted ? transitions : NULL;
    one->scope.transition_count = value_count(one->acted);
}

bool case_read(struct conformance_case *one)
{
    const struct value *variables = value_get(&one->json, TEXT("vars"));
    const struct value *states = value_at(&one->json, "states/all");
    const struct value *expression = value_get(&one->json, TEXT("expr"));

    if ((variables && variables->kind != VALUE_MAP) || !is_list_or_absent(states) ||
        !is_list_or_absent(value_at(&one->json, "states/active")) ||
        !is_list_or_absent(value_get(&one->json, TEXT("acted"))))
        return false;
    one->expression = value_text_at(&one->json, "expr");
    one->names = ARENA_ARRAY(one->arena, struct cel_name, value_count(variables) + 1);
    one->variables = ARENA_ARRAY(one->arena, struct variable, value_count(variables) + 1);
    for (size_t i = 0; i < value_count(variables); i++) {
        if (!variable_read(one, value_member(variables, i)))
            return false;
    }
    one->scope.names = one->names;
    one->scope.name_count = one->name_count;
    one->scope.states = states ? texts_read(one->arena, states) : NULL;
    one->scope.state_count = value_count(states);
    one->active = value_at(&one->json, "states/active");
    one->acted = value_get(&one->json, TEXT("acted"));
    acts_read(one);
    return expression && expression->kind == VALUE_STRING && value_get(&one->json, TEXT("expect"));
}
