/* Lines of an explanation; states, fields and roles by their titles. */
#include "base/arena.h"
#include "workbench/explain/explain_words.h"

/* ---- Lines. ---- */

struct text explain_say(const struct explainer *explainer, enum phrase phrase, struct text first,
                        struct text second)
{
    return words_say(explainer->words, phrase, first, second, explainer->arena);
}

void explain_line(struct explainer *explainer, size_t column, const char *mark, struct text line)
{
    if (!text_is_empty(line))
        text_append_printf(&explainer->output, "%*s%s%.*s\n", (int)column, "", mark,
                           TEXT_ARG(line));
}

void explain_phrase(struct explainer *explainer, size_t column, enum phrase phrase,
                    struct text first)
{
    if (!text_is_empty(first))
        explain_line(explainer, column, "", explain_say(explainer, phrase, first, TEXT_NONE));
}

/* Sentences on one line. */
void explain_sentence(struct text_buffer *line, struct text sentence)
{
    if (!text_is_empty(sentence))
        text_append_printf(line, "%s%.*s", line->size > 0 ? " " : "", TEXT_ARG(sentence));
}

/* ---- Names. ---- */

const struct yaml_entry *explain_find(const struct yaml_node *states, struct text id)
{
    for (size_t i = 0; states != NULL && states->kind == YAML_MAP && i < states->count; i++) {
        const struct yaml_entry *entry = &states->entries[i];
        const struct yaml_entry *below =
            text_equal(entry->key, id) ? entry : explain_find(tree_get(entry->value, "states"), id);

        if (below != NULL)
            return below;
    }
    return NULL;
}

struct text explain_state(const struct explainer *explainer, struct text id)
{
    const struct yaml_entry *entry = explain_find(tree_get(explainer->tree.root, "states"), id);
    struct text title = entry == NULL
                            ? TEXT_NONE
                            : tree_words(&explainer->tree, tree_get(entry->value, "title"),
                                         words_code(explainer->words));

    return text_is_empty(title)
               ? id
               : text_printf(explainer->arena, "%.*s (%.*s)", TEXT_ARG(title), TEXT_ARG(id));
}

/* A name, or a list of such. */
struct text explain_states(const struct explainer *explainer, const struct yaml_node *node)
{
    size_t count = node == NULL ? 0 : node->kind == YAML_LIST ? node->count : 1;
    struct text *names = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        names[i] = explain_state(explainer, node->kind == YAML_LIST ? node->entries[i].value->text
                                                                    : node->text);
    return words_list(explainer->words, PHRASE_AND, names, count, explainer->arena);
}

/* "Title (id)", or the id. */
static struct text titled(const struct explainer *explainer, const char *group, struct text id)
{
    const struct yaml_node *map = tree_get(explainer->tree.root, group);
    const struct yaml_entry *entry = yaml_entry(map, text_copy(explainer->arena, id).bytes);
    struct text title = TEXT_NONE;

    if (entry != NULL)
        title = tree_words(&explainer->tree, tree_get(entry->value, "title"),
                           words_code(explainer->words));
    return text_is_empty(title) ? id : title;
}

struct text explain_field(const struct explainer *explainer, struct text id)
{
    return titled(explainer, "fields", id);
}

struct text explain_roles(const struct explainer *explainer, const struct yaml_node *list)
{
    size_t count = list == NULL ? 0 : list->kind == YAML_LIST ? list->count : 1;
    struct text *names = ARENA_ARRAY(explainer->arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        names[i] = titled(explainer, "roles",
                          list->kind == YAML_LIST ? list->entries[i].value->text : list->text);
    return words_list(explainer->words, PHRASE_OR, names, count, explainer->arena);
}

/* ---- Values. ---- */

struct text explain_value(const struct explainer *explainer, const struct yaml_node *node)
{
    struct text_buffer buffer;
    struct text text = node->text;

    if (node->kind == YAML_SCALAR && !text_begins(text, "="))
        return text;
    if (node->kind == YAML_SCALAR) {
        do {
            text = (struct text){text.bytes + 1, text.size - 1};
        } while (text_begins(text, " "));
        return text_printf(explainer->arena, "[%.*s]", TEXT_ARG(text));
    }
    text_buffer_init(&buffer, explainer->arena);
    text_append(&buffer, TEXT("("));
    for (size_t i = 0; i < node->count; i++)
        text_append_printf(&buffer, "%s%.*s", i > 0 ? ", " : "",
                           TEXT_ARG(explain_value(explainer, node->entries[i].value)));
    text_append(&buffer, TEXT(")"));
    return text_buffer_text(&buffer);
}

struct text explain_span(const struct explainer *explainer, const struct yaml_node *map,
                         const char *key)
{
    const struct yaml_node *node = tree_get(map, key);

    return node == NULL
               ? TEXT_NONE
               : words_span(explainer->words, explain_value(explainer, node), explainer->arena);
}
