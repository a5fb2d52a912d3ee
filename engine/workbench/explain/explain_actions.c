/* Actions in words. */
#include "base/arena.h"
#include "workbench/explain/explain_words.h"

static bool is_boolean(const struct explainer *explainer, struct text field)
{
    const struct yaml_node *fields = tree_get(explainer->tree.root, "fields");
    const struct yaml_entry *entry = yaml_entry(fields, text_copy(explainer->arena, field).bytes);

    return entry != NULL && text_is(tree_text(entry->value, "type"), "boolean");
}

/* What a field becomes: yes or no, where that is what it holds. */
static struct text value_written(const struct explainer *explainer, const struct yaml_entry *entry)
{
    struct text value = explain_value(explainer, entry->value);
    bool is_yes = text_is(value, "true");

    if ((!is_yes && !text_is(value, "false")) || !is_boolean(explainer, entry->key))
        return value;
    return explain_say(explainer, is_yes ? PHRASE_YES : PHRASE_NO, TEXT_NONE, TEXT_NONE);
}

static struct text set_written(const struct explainer *explainer, const struct yaml_node *map)
{
    size_t count = map->kind == YAML_MAP ? map->count : 0;
    struct text *parts = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++) {
        struct text field = explain_field(explainer, map->entries[i].key);
        struct text value = value_written(explainer, &map->entries[i]);

        parts[i] = text_is(value, "[null]") ? explain_say(explainer, PHRASE_UNSET, field, TEXT_NONE)
                                            : explain_say(explainer, PHRASE_SET, field, value);
    }
    return words_list(explainer->words, PHRASE_AND, parts, count, explainer->arena);
}

/* The text under a key, which may be an expression. */
static struct text part_written(const struct explainer *explainer, const struct yaml_node *map,
                                const char *key)
{
    const struct yaml_node *node = tree_get(map, key);

    return node != NULL ? explain_value(explainer, node) : TEXT_NONE;
}

static struct text send_written(const struct explainer *explainer, const struct yaml_node *send)
{
    struct text delay = explain_span(explainer, send, "delay");
    struct text event = part_written(explainer, send, "event");

    return text_is_empty(delay) ? explain_say(explainer, PHRASE_SEND, event, TEXT_NONE)
                                : explain_say(explainer, PHRASE_SEND_LATER, event, delay);
}

static struct text raise_written(const struct explainer *explainer, const struct yaml_node *raise)
{
    struct text event = raise->kind == YAML_MAP ? part_written(explainer, raise, "event")
                                                : explain_value(explainer, raise);

    return explain_say(explainer, PHRASE_RAISE, event, TEXT_NONE);
}

static struct text notify_written(const struct explainer *explainer, const struct yaml_node *notify)
{
    struct text words =
        tree_words(&explainer->tree, tree_get(notify, "text"), words_code(explainer->words));

    return explain_say(explainer, PHRASE_NOTIFY, explain_roles(explainer, tree_get(notify, "to")),
                       words);
}

static struct text cancel_written(const struct explainer *explainer, const struct yaml_node *id)
{
    return explain_say(explainer, PHRASE_CANCEL, explain_value(explainer, id), TEXT_NONE);
}

static struct text log_written(const struct explainer *explainer, const struct yaml_node *text)
{
    return explain_say(explainer, PHRASE_LOG, explain_value(explainer, text), TEXT_NONE);
}

static struct text if_written(const struct explainer *explainer, const struct yaml_node *action)
{
    struct text then = explain_actions(explainer, tree_get(action, "then"));
    struct text otherwise = explain_actions(explainer, tree_get(action, "else"));
    struct text both[2] = {explain_say(explainer, PHRASE_IF, tree_text(action, "if"), then)};

    if (text_is_empty(otherwise))
        return both[0];
    both[1] = explain_say(explainer, PHRASE_ELSE, otherwise, TEXT_NONE);
    return text_printf(explainer->arena, "%.*s, %.*s", TEXT_ARG(both[0]), TEXT_ARG(both[1]));
}

static struct text action_written(const struct explainer *explainer, const struct yaml_node *action)
{
    static const struct {
        const char *key;
        struct text (*write)(const struct explainer *explainer, const struct yaml_node *node);
    } kinds[] = {{"set", set_written},       {"raise", raise_written}, {"send", send_written},
                 {"cancel", cancel_written}, {"log", log_written},     {"notify", notify_written}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct yaml_node *node = tree_get(action, kinds[i].key);

        if (node != NULL)
            return kinds[i].write(explainer, node);
    }
    return if_written(explainer, action);
}

struct text explain_actions(const struct explainer *explainer, const struct yaml_node *list)
{
    size_t count = list != NULL && list->kind == YAML_LIST ? list->count : 0;
    struct text *parts = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list->entries[i].value;

        parts[i] = item->kind == YAML_LIST ? explain_actions(explainer, item)
                                           : action_written(explainer, item);
    }
    return words_list(explainer->words, PHRASE_AND, parts, count, explainer->arena);
}
