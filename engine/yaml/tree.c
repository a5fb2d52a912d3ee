/* The tree by itself: reading it, and its way to a value and back, in which stored definitions
 * keep it. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "yaml/yaml.h"

static struct yaml_node *scalar_create(struct arena *arena, struct text text, bool plain)
{
    struct yaml_node *node = ARENA_NEW(arena, struct yaml_node);
    *node = (struct yaml_node){.kind = YAML_SCALAR, .plain = plain, .text = text};
    return node;
}

static struct yaml_node *list_from_value(struct arena *arena, const struct value *value)
{
    struct yaml_node *node = ARENA_NEW(arena, struct yaml_node);
    node->kind = YAML_LIST;
    node->count = value_count(value);
    node->entries = ARENA_ARRAY(arena, struct yaml_entry, node->count);
    for (size_t i = 0; i < node->count; i++)
        node->entries[i].value = yaml_from_value(arena, value_item(value, i));
    return node;
}

static struct yaml_node *map_from_value(struct arena *arena, const struct value *value)
{
    struct yaml_node *node = ARENA_NEW(arena, struct yaml_node);
    node->kind = YAML_MAP;
    node->count = value_count(value);
    node->entries = ARENA_ARRAY(arena, struct yaml_entry, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct value_member *member = value_member(value, i);
        node->entries[i].key = member->key;
        node->entries[i].value = yaml_from_value(arena, &member->value);
    }
    return node;
}

struct yaml_node *yaml_from_value(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        return scalar_create(arena, TEXT(""), true);
    case VALUE_STRING:
        return scalar_create(arena, value->string, false);
    case VALUE_LIST:
        return list_from_value(arena, value);
    case VALUE_MAP:
        return map_from_value(arena, value);
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_DOUBLE:
        return scalar_create(arena, json_write(arena, value), true);
    case VALUE_TIMESTAMP:
    case VALUE_DURATION:
        break;
    }
    CHECK(!"a stored definition holds what JSON holds");
    return NULL;
}

struct value yaml_to_value(struct arena *arena, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR)
        return yaml_is_null(node) ? value_null() : value_string(node->text);
    struct value value = node->kind == YAML_LIST ? value_list(arena) : value_map(arena);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        struct value item = yaml_to_value(arena, entry->value);
        if (node->kind == YAML_LIST)
            value_append(&value, item);
        else
            value_set(&value, entry->key, item);
    }
    return value;
}

const struct yaml_entry *yaml_entry(const struct yaml_node *node, const char *key)
{
    if (node == NULL || node->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (text_is(node->entries[i].key, key))
            return &node->entries[i];
    return NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
    const struct yaml_entry *entry = yaml_entry(node, key);
    return entry == NULL ? NULL : entry->value;
}

bool yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->plain &&
           (text_is_empty(node->text) || text_is(node->text, "~") || text_is(node->text, "null"));
}
