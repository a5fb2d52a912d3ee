/* Which keys a map may and must have hangs on what it is: a state by its `type` and `states`, a
 * field by its type, an action by its `if`. */
#include "base/arena.h"
#include "workbench/schema/schema_parts.h"
#include "workflow/field.h"

static struct value is_word(struct schema *schema, const char *key, const char *word)
{
    struct value condition = schema_required(schema, key), properties = value_map(schema->arena),
                 constant = value_map(schema->arena);

    value_put(&constant, "const", value_cstring(word));
    value_put(&properties, key, constant);
    value_put(&condition, "properties", properties);
    return condition;
}

static struct value negation(struct schema *schema, struct value condition)
{
    struct value map = value_map(schema->arena);

    value_put(&map, "not", condition);
    return map;
}

static struct value all_of(struct schema *schema, struct value first, struct value second)
{
    struct value map = value_map(schema->arena), list = value_list(schema->arena);

    value_append(&list, first);
    value_append(&list, second);
    value_put(&map, "allOf", list);
    return map;
}

/* What holds for the variants of `where`: which keys have no place there, and which must stand. */
static struct value rules(struct schema *schema, const struct table *table, uint32_t where)
{
    struct value map = value_map(schema->arena), properties = value_map(schema->arena),
                 required = value_list(schema->arena);

    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];

        if (key->where == 0)
            continue;
        if ((key->where & where) == 0)
            value_put(&properties, key->name, value_bool(false));
        if (key->required != ANYWHERE && (key->required & where) != 0)
            value_append(&required, value_cstring(key->name));
    }
    if (value_count(&properties) > 0)
        value_put(&map, "properties", properties);
    if (value_count(&required) > 0)
        value_put(&map, "required", required);
    return map;
}

static void add(struct schema *schema, struct value *list, const struct table *table,
                struct value condition, uint32_t where)
{
    struct value rule = value_map(schema->arena), then = rules(schema, table, where);

    if (value_count(&then) == 0)
        return;
    value_put(&rule, "if", condition);
    value_put(&rule, "then", then);
    value_append(list, rule);
}

static void add_states(struct schema *schema, struct value *list)
{
    static const struct {
        const char *type;
        uint32_t where;
    } types[] = {{"parallel", STATE_PARALLEL}, {"final", STATE_FINAL}, {"history", STATE_HISTORY}};
    const struct table *table = &workflow_table_state;
    struct value states = schema_required(schema, "states");
    struct value no_type = negation(schema, schema_required(schema, "type"));

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        add(schema, list, table, is_word(schema, "type", types[i].type), types[i].where);
    add(schema, list, table, all_of(schema, no_type, states), STATE_COMPOUND);
    add(schema, list, table, all_of(schema, no_type, negation(schema, states)), STATE_ATOMIC);
}

/* A list bears the rules of its items. */
static void add_fields(struct schema *schema, struct value *list)
{
    const struct table *table = &workflow_table_field;
    struct value is_list = is_word(schema, "type", "list");

    for (uint32_t type = 0; workflow_field_types[type] != NULL; type++) {
        const char *name = workflow_field_types[type];

        if (type != FIELD_LIST)
            add(schema, list, table, is_word(schema, "type", name), 1U << type);
        add(schema, list, table, all_of(schema, is_list, is_word(schema, "of", name)),
            1U << FIELD_LIST | 1U << type);
    }
    add(schema, list, table,
        all_of(schema, is_list, negation(schema, schema_required(schema, "of"))), 1U << FIELD_LIST);
}

/* An action has one key; `if` has what follows beside it. */
static void add_actions(struct schema *schema, struct value *list)
{
    const struct table *table = &workflow_table_action;
    struct value has_if = schema_required(schema, "if"), rule = value_map(schema->arena),
                 alone = value_map(schema->arena), follows = value_map(schema->arena),
                 either = value_list(schema->arena), others = value_map(schema->arena);

    value_put(&alone, "minProperties", value_int(1));
    value_put(&alone, "maxProperties", value_int(1));
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];

        if (text_is(text_from(key->name), "if"))
            continue;
        if (key->where == ANYWHERE)
            value_put(&others, key->name, value_bool(false));
        else if ((key->where & ACTION_IF) != 0)
            value_append(&either, schema_required(schema, key->name));
    }
    value_put(&follows, "properties", others);
    value_put(&follows, "anyOf", either);
    value_put(&rule, "if", has_if);
    value_put(&rule, "then", follows);
    value_put(&rule, "else", all_of(schema, alone, rules(schema, table, ACTION_PLAIN)));
    value_append(list, rule);
}

struct value schema_variants(struct schema *schema, const struct table *table)
{
    struct value list = value_list(schema->arena);

    if (table == &workflow_table_state)
        add_states(schema, &list);
    else if (table == &workflow_table_field)
        add_fields(schema, &list);
    else if (table == &workflow_table_action)
        add_actions(schema, &list);
    return list;
}
