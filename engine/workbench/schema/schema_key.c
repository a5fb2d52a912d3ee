/* What may stand under a key, by its shape.
 *
 * Types of a workflow file come from the tables, never from YAML's guess; an editor guesses. So a
 * text may also be what an editor takes for a number or a boolean. */
#include "base/arena.h"
#include "workbench/schema/schema_parts.h"

static const char id_pattern[] = "^[a-z][a-z0-9_]{0,63}$";
static const char day_pattern[] = "^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$";

struct value schema_type(struct schema *schema, const char *type)
{
    struct value map = value_map(schema->arena);

    value_put(&map, "type", value_cstring(type));
    return map;
}

static struct value types(struct schema *schema, const char *const *names)
{
    struct value map = value_map(schema->arena), list = value_list(schema->arena);

    for (size_t i = 0; names[i] != NULL; i++)
        value_append(&list, value_cstring(names[i]));
    value_put(&map, "type", list);
    return map;
}

struct value schema_text(struct schema *schema)
{
    static const char *const names[] = {"string", "number", "boolean", NULL};

    return types(schema, names);
}

struct value schema_scalar(struct schema *schema)
{
    struct value map = value_map(schema->arena);

    value_put(&map, "$ref", value_cstring("#/definitions/text"));
    return map;
}

struct value schema_words(struct schema *schema, const char *const *words)
{
    struct value map = value_map(schema->arena), list = value_list(schema->arena);

    for (size_t i = 0; words[i] != NULL; i++)
        value_append(&list, value_cstring(words[i]));
    value_put(&map, "enum", list);
    return map;
}

struct value schema_required(struct schema *schema, const char *name)
{
    struct value map = value_map(schema->arena), list = value_list(schema->arena);

    value_append(&list, value_cstring(name));
    value_put(&map, "required", list);
    return map;
}

static struct value flag(struct schema *schema)
{
    struct value map = value_map(schema->arena), list = value_list(schema->arena);

    value_append(&list, value_bool(true));
    value_append(&list, value_bool(false));
    value_append(&list, value_cstring("true"));
    value_append(&list, value_cstring("false"));
    value_put(&map, "enum", list);
    return map;
}

/* Quoted or not. */
static struct value number(struct schema *schema, bool is_count)
{
    static const char *const counts[] = {"integer", "string", NULL};
    static const char *const numbers[] = {"number", "string", NULL};
    struct value map = types(schema, is_count ? counts : numbers);

    if (is_count)
        value_put(&map, "minimum", value_int(1));
    value_put(&map, "pattern",
              value_cstring(is_count ? "^[0-9]+$" : "^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"));
    return map;
}

static struct value list_of(struct schema *schema, struct value items)
{
    struct value map = schema_type(schema, "array");

    value_put(&map, "items", items);
    return map;
}

/* `names`: a pattern that they follow; NULL: any. */
static struct value map_of(struct schema *schema, struct value items, const char *names)
{
    struct value map = schema_type(schema, "object"), pattern = value_map(schema->arena);

    if (names != NULL) {
        value_put(&pattern, "pattern", value_cstring(names));
        value_put(&map, "propertyNames", pattern);
    }
    value_put(&map, "additionalProperties", items);
    return map;
}

static struct value any_of(struct schema *schema, struct value first, struct value second)
{
    struct value map = value_map(schema->arena), list = value_list(schema->arena);

    value_append(&list, first);
    value_append(&list, second);
    value_put(&map, "anyOf", list);
    return map;
}

static struct value if_then(struct schema *schema, struct value condition, struct value then,
                            struct value otherwise)
{
    struct value map = value_map(schema->arena);

    value_put(&map, "if", condition);
    value_put(&map, "then", then);
    value_put(&map, "else", otherwise);
    return map;
}

/* In an overlay null deletes. */
static struct value or_null(struct schema *schema, struct value value, bool is_patch)
{
    return is_patch ? any_of(schema, schema_type(schema, "null"), value) : value;
}

static struct value words(struct schema *schema, bool is_patch)
{
    return any_of(schema, schema_scalar(schema),
                  map_of(schema, or_null(schema, schema_scalar(schema), is_patch), NULL));
}

/* One or many: one where a key of its table stands. */
static struct value map_or_maps(struct schema *schema, const struct key *key, struct value one,
                                struct value many)
{
    struct value condition = value_map(schema->arena), list = value_list(schema->arena);

    for (size_t i = 0; i < key->of->count; i++)
        value_append(&list, schema_required(schema, key->of->keys[i].name));
    value_put(&condition, "anyOf", list);
    return if_then(schema, condition, one, many);
}

/* Actions replace as a whole, in overlays too. */
static struct value actions(struct schema *schema, const struct key *key)
{
    struct value one = schema_reference(schema, key->of, ANYWHERE, false);

    return list_of(schema,
                   if_then(schema, schema_type(schema, "array"), list_of(schema, one), one));
}

/* `place`, which no table describes. */
static struct value place(struct schema *schema)
{
    struct value map = schema_type(schema, "object"), properties = value_map(schema->arena);

    value_put(&properties, "before", schema_type(schema, "string"));
    value_put(&properties, "after", schema_type(schema, "string"));
    value_put(&map, "properties", properties);
    value_put(&map, "additionalProperties", value_bool(false));
    value_put(&map, "minProperties", value_int(1));
    value_put(&map, "maxProperties", value_int(1));
    return map;
}

static struct value one_of_table(struct schema *schema, const struct key *key, bool is_patch)
{
    if (key->of == NULL)
        return place(schema);
    return schema_reference(schema, key->of, key->of_where != 0 ? key->of_where : ANYWHERE,
                            is_patch);
}

/* `set` also takes null: it unsets a field. */
static struct value value_of(struct schema *schema, bool is_set)
{
    static const char *const names[] = {"string", "number", "boolean", "null", NULL};

    return any_of(schema, is_set ? types(schema, names) : schema_scalar(schema),
                  list_of(schema, schema_scalar(schema)));
}

static struct value maps(struct schema *schema, const struct key *key, bool is_patch)
{
    return map_of(schema, or_null(schema, one_of_table(schema, key, is_patch), is_patch),
                  id_pattern);
}

static struct value by_name(struct schema *schema, struct value item, bool is_patch)
{
    return map_of(schema, or_null(schema, item, is_patch), NULL);
}

static struct value by_shape(struct schema *schema, const struct key *key, bool is_patch)
{
    struct value names = list_of(schema, schema_type(schema, "string"));

    switch (key->shape) {
    case KEY_TEXT:
    case KEY_EXPRESSION:
        return schema_scalar(schema);
    case KEY_FLAG:
        return flag(schema);
    case KEY_COUNT:
    case KEY_NUMBER:
        return number(schema, key->shape == KEY_COUNT);
    case KEY_WORD:
        return schema_words(schema, key->words);
    case KEY_WORD_LIST:
        return list_of(schema, schema_words(schema, key->words));
    case KEY_ID_LIST:
    case KEY_NAME_LIST:
        return names;
    case KEY_TARGETS:
        return any_of(schema, schema_type(schema, "string"), names);
    case KEY_WORDS:
        return words(schema, is_patch);
    case KEY_WORDS_BY_ID:
        return map_of(schema, or_null(schema, words(schema, is_patch), is_patch), id_pattern);
    case KEY_DAYS:
        return map_of(schema, or_null(schema, words(schema, is_patch), is_patch), day_pattern);
    case KEY_VALUE:
        return value_of(schema, false);
    case KEY_VALUES:
        return by_name(schema, value_of(schema, text_is(text_from(key->name), "set")), is_patch);
    case KEY_WORD_BY_ID:
        return by_name(schema, schema_words(schema, key->words), is_patch);
    case KEY_TEXT_BY_ID:
        return by_name(schema, schema_scalar(schema), is_patch);
    case KEY_MAP:
        return one_of_table(schema, key, is_patch);
    case KEY_MAPS:
        return maps(schema, key, is_patch);
    case KEY_MAP_OR_MAPS:
        return map_or_maps(schema, key, one_of_table(schema, key, is_patch),
                           maps(schema, key, is_patch));
    case KEY_TEXT_OR_MAP:
        return if_then(schema, schema_type(schema, "object"), one_of_table(schema, key, is_patch),
                       schema_scalar(schema));
    case KEY_ACTIONS:
        return actions(schema, key);
    }
    return value_null();
}

struct value schema_key(struct schema *schema, const struct key *key, bool is_patch)
{
    struct value value = or_null(schema, by_shape(schema, key, is_patch), is_patch);

    if (key->only != NULL)
        value_put(&value, "description",
                  value_string(text_printf(schema->arena, "Belongs to %s.", key->only)));
    return value;
}
