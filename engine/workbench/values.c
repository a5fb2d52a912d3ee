/* Values of test files: what a scalar of YAML means to whoever takes it. */
#include "base/json.h"
#include "workbench/test/test.h"

static struct value scalar_of(enum field_type type, struct text text)
{
    int64_t integer;
    double real;

    if (type == FIELD_INTEGER && text_to_int(text, &integer))
        return value_int(integer);
    if (type == FIELD_NUMBER && text_to_double(text, &real))
        return value_double(real);
    if (type == FIELD_BOOLEAN && (text_is(text, "true") || text_is(text, "false")))
        return value_bool(text_is(text, "true"));
    return value_string(text);
}

struct value test_value(const struct workflow_field *field, const struct yaml_node *node,
                        struct arena *arena)
{
    struct workflow_field item;
    struct value list;

    if (yaml_is_null(node))
        return value_null();
    if (field == NULL || node->kind == YAML_MAP)
        return yaml_to_value(arena, node);
    if (node->kind == YAML_SCALAR)
        return scalar_of(field->type, node->text);
    if (field->type != FIELD_LIST)
        return yaml_to_value(arena, node);
    item = field_item(field);
    list = value_list(arena);
    for (size_t i = 0; i < node->count; i++)
        value_append(&list, test_value(&item, node->entries[i].value, arena));
    return list;
}

static struct value plain_scalar(const struct yaml_node *node)
{
    int64_t integer;
    double real;

    if (yaml_is_null(node))
        return value_null();
    if (!node->plain)
        return value_string(node->text);
    if (text_to_int(node->text, &integer))
        return value_int(integer);
    if (text_to_double(node->text, &real))
        return value_double(real);
    if (text_is(node->text, "true") || text_is(node->text, "false"))
        return value_bool(text_is(node->text, "true"));
    return value_string(node->text);
}

struct value test_value_plain(const struct yaml_node *node, struct arena *arena)
{
    struct value value;

    switch (node->kind) {
    case YAML_SCALAR:
        return plain_scalar(node);
    case YAML_LIST:
        value = value_list(arena);
        for (size_t i = 0; i < node->count; i++)
            value_append(&value, test_value_plain(node->entries[i].value, arena));
        return value;
    case YAML_MAP:
        value = value_map(arena);
        for (size_t i = 0; i < node->count; i++)
            value_set(&value, node->entries[i].key,
                      test_value_plain(node->entries[i].value, arena));
        return value;
    }
    return value_null();
}
