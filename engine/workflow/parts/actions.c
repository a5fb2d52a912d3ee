/* Actions, in blocks: `set`, `log`, `if`, and the table of all kinds. Events are in sends.c,
 * `notify` is in tell.c. */
#include <string.h>

#include "workflow/load.h"

/* "= null": the field is unset. It has no type of its own that could be the field's. */
static bool is_null_expression(const struct yaml_node *scalar)
{
    struct text text = {scalar->text.bytes + 1, scalar->text.size - 1};

    while (text.size > 0 && text.bytes[0] == ' ')
        text = (struct text){text.bytes + 1, text.size - 1};
    while (text.size > 0 && text.bytes[text.size - 1] == ' ')
        text.size--;
    return text_is(text, "null");
}

/* ---- set ---- */

static bool read_field(struct load *load, const struct yaml_entry *entry, uint16_t around,
                       struct workflow_input *input)
{
    size_t found = load_names_need(load, &load->field_names, entry->key, entry->key_place);
    const struct workflow_field *field;

    if (found == SIZE_MAX)
        return false;
    field = &load->fields[found];
    input->name = entry->key;
    input->literal = value_null();
    if (load_is_expression(entry->value) && is_null_expression(entry->value))
        return true;
    load->field_is_set[found] = true;
    if (!load_is_expression(entry->value))
        return load_literal(load, field, entry->value, &input->literal);
    input->program = load_expression(load, around, entry->value, field->cel_type);
    return input->program != NULL;
}

static bool read_set(struct load *load, const struct yaml_node *map, uint16_t around,
                     struct workflow_action *action)
{
    struct workflow_input *items;

    if (map->kind != YAML_MAP)
        return false;
    items = ARENA_ARRAY(load->arena, struct workflow_input, map->count);
    action->kind = WORKFLOW_SET;
    action->sets.items = items;
    for (size_t i = 0; i < map->count; i++)
        action->sets.count +=
            read_field(load, &map->entries[i], around, &items[action->sets.count]);
    return true;
}

/* ---- log ---- */

/* Whether all that the text is made of may be told to whoever reads the case's history. */
static bool is_public(const struct load *load, const struct cel_program *program)
{
    size_t count, prefix = strlen("data.");
    const struct text *reads = cel_program_reads(program, &count);

    for (size_t i = 0; i < count; i++) {
        struct text name = {reads[i].bytes + prefix, reads[i].size - prefix};

        if (text_begins(reads[i], "event.data"))
            return false;
        if (text_begins(reads[i], "data.") &&
            load->fields[load_names_find(&load->field_names, name)].sensitive)
            return false;
    }
    return true;
}

static bool read_log(struct load *load, const struct yaml_node *node, uint16_t around,
                     struct workflow_action *action)
{
    if (!load_text_or_expression(load, node, around, &action->text, &action->program))
        return false;
    action->kind = WORKFLOW_LOG;
    action->is_private = action->program != NULL && !is_public(load, action->program);
    return true;
}

/* ---- if ---- */

const struct cel_program *load_condition(struct load *load, uint16_t around,
                                         const struct yaml_node *scalar, const char *key)
{
    struct diag *diag;

    if (scalar == NULL || scalar->kind != YAML_SCALAR || scalar->text.size == 0)
        return NULL;
    if (!load_is_expression(scalar))
        return load_expression(load, around, scalar, cel_type_of(CEL_BOOL));
    diag = load_fault(load, E_EXPRESSION, scalar->place, "a sign too many",
                      "`%s` is always an expression, and takes no =", key);
    diag_help(load->diags, diag, "leave the = out");
    return NULL;
}

static bool read_if(struct load *load, const struct yaml_node *map, uint16_t around,
                    struct workflow_action *action)
{
    action->kind = WORKFLOW_IF;
    action->program = load_condition(load, around, yaml_get(map, "if"), "if");
    action->then = load_actions(load, map, "then", around);
    action->otherwise = load_actions(load, map, "else", around);
    return true;
}

/* ---- Lists of actions. ---- */

static const struct {
    const char *key;
    bool (*read)(struct load *load, const struct yaml_node *node, uint16_t around,
                 struct workflow_action *action);
} readers[] = {
    {"set", read_set},       {"raise", load_raise}, {"send", load_send},
    {"cancel", load_cancel}, {"log", read_log},     {"notify", load_notify},
};

static bool read_action(struct load *load, const struct yaml_node *node, uint16_t around,
                        struct workflow_action *action)
{
    action->place = node->place;
    if (yaml_get(node, "if") != NULL)
        return read_if(load, node, around, action);
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        const struct yaml_node *value = yaml_get(node, readers[i].key);

        if (value != NULL)
            return readers[i].read(load, value, around, action);
    }
    return false;
}

/* The actions from `first` to the next list within the list. */
static struct workflow_block read_block(struct load *load, const struct yaml_node *list,
                                        size_t *first, uint16_t around)
{
    struct workflow_block block = {.is_outer = true};
    struct workflow_action *actions;
    size_t end = *first;

    while (end < list->count && list->entries[end].value->kind != YAML_LIST)
        end++;
    actions = ARENA_ARRAY(load->arena, struct workflow_action, end - *first);
    block.actions = actions;
    for (; *first < end; ++*first)
        block.count +=
            read_action(load, list->entries[*first].value, around, &actions[block.count]);
    return block;
}

struct workflow_blocks load_actions(struct load *load, const struct yaml_node *map, const char *key,
                                    uint16_t around)
{
    const struct yaml_node *list = load_get(map, key, YAML_LIST);
    struct workflow_blocks blocks = {0};
    struct workflow_block *items;

    if (list == NULL)
        return blocks;
    items = ARENA_ARRAY(load->arena, struct workflow_block, list->count);
    blocks.items = items;
    for (size_t i = 0; i < list->count;) {
        size_t inner = 0;

        if (list->entries[i].value->kind != YAML_LIST) {
            items[blocks.count++] = read_block(load, list, &i, around);
            continue;
        }
        items[blocks.count] = read_block(load, list->entries[i++].value, &inner, around);
        items[blocks.count++].is_outer = false;
    }
    return blocks;
}
