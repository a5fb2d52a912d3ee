/* Actions: `set` and `raise`, in blocks; and the data that events bear. */
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

static bool read_set(struct load *load, const struct yaml_entry *entry, uint16_t around,
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

static struct workflow_inputs read_sets(struct load *load, const struct yaml_node *map,
                                        uint16_t around)
{
    struct workflow_input *items = ARENA_ARRAY(load->arena, struct workflow_input, map->count);
    struct workflow_inputs sets = {.items = items};

    for (size_t i = 0; i < map->count; i++)
        sets.count += read_set(load, &map->entries[i], around, &items[sets.count]);
    return sets;
}

/* A text, or a list of them: nothing says what else a literal could be. */
static struct value untyped_literal(struct load *load, const struct yaml_node *node)
{
    struct value list;

    if (node->kind == YAML_SCALAR)
        return value_string(node->text);
    list = value_list(load->arena);
    for (size_t i = 0; node->kind == YAML_LIST && i < node->count; i++)
        if (node->entries[i].value->kind == YAML_SCALAR)
            value_append(&list, value_string(node->entries[i].value->text));
    return list;
}

struct workflow_inputs load_data(struct load *load, const struct yaml_node *map, const char *key,
                                 uint16_t around)
{
    const struct yaml_node *node = load_get(map, key, YAML_MAP);
    struct workflow_inputs data = {0};
    struct workflow_input *items;

    if (node == NULL)
        return data;
    items = ARENA_ARRAY(load->arena, struct workflow_input, node->count);
    data.items = items;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        struct workflow_input *input = &items[data.count++];

        input->name = entry->key;
        if (load_is_expression(entry->value))
            input->program = load_expression(load, around, entry->value, NULL);
        else
            input->literal = untyped_literal(load, entry->value);
    }
    return data;
}

static void note_raised(struct load *load, struct text event)
{
    if (load->raised_count == load->raised_capacity) {
        size_t capacity = load->raised_capacity > 0 ? 2 * load->raised_capacity : 16;
        struct text *raised = ARENA_ARRAY(load->arena, struct text, capacity);

        if (load->raised_count > 0)
            memcpy(raised, load->raised, load->raised_count * sizeof(*raised));
        load->raised = raised;
        load->raised_capacity = capacity;
    }
    load->raised[load->raised_count++] = event;
}

static bool read_raise(struct load *load, const struct yaml_node *node, uint16_t around,
                       struct workflow_action *action)
{
    const struct yaml_node *event =
        node->kind == YAML_SCALAR ? node : load_get(node, "event", YAML_SCALAR);

    if (event == NULL || event->text.size == 0 ||
        !load_event_check(load, event->text, event->place))
        return false;
    action->kind = WORKFLOW_RAISE;
    action->event = event->text;
    action->data = load_data(load, node, "data", around);
    note_raised(load, event->text);
    return true;
}

static bool read_action(struct load *load, const struct yaml_node *node, uint16_t around,
                        struct workflow_action *action)
{
    const struct yaml_node *set = load_get(node, "set", YAML_MAP);
    const struct yaml_node *raise = yaml_get(node, "raise");

    action->place = node->place;
    if (raise != NULL)
        return read_raise(load, raise, around, action);
    if (set == NULL)
        return false;
    action->kind = WORKFLOW_SET;
    action->sets = read_sets(load, set, around);
    return true;
}

/* The actions from `first` to the next list within the list. */
static struct workflow_block read_block(struct load *load, const struct yaml_node *list,
                                        size_t *first, uint16_t around)
{
    struct workflow_action *actions = ARENA_ARRAY(load->arena, struct workflow_action, list->count);
    struct workflow_block block = {.actions = actions, .is_outer = true};

    for (; *first < list->count && list->entries[*first].value->kind != YAML_LIST; ++*first)
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
