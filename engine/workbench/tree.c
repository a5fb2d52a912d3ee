/* A workflow's tree as draw and diff read it: see tree.h. */
#include "workbench/tree.h"

#include "base/arena.h"
#include "workflow/shape/tables.h"

void tree_load(struct tree *tree, const struct workbench_file *file,
               const struct workflow_context *context, struct arena *arena)
{
    struct diag_list again; /* the file was told of already */

    *tree = (struct tree){.file = file};
    diag_list_init(&tree->diags, arena);
    diag_list_init(&again, arena);
    render_sources_init(&tree->sources, context, arena);
    render_sources_add(&tree->sources, file->name, file->source);
    tree->workflow = workflow_load(file->source, file->name, &tree->sources.context, &tree->diags);
    if (tree->workflow != NULL)
        tree->root = workflow_render(file->source, file->name, context, &again);
}

static struct text refusals_json(const struct tree *trees, size_t count, size_t error_count,
                                 struct arena *arena)
{
    struct value map = value_map(arena), list = value_list(arena);

    value_put(&map, "errors", value_int((int64_t)error_count));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; trees[i].root == NULL && j < trees[i].diags.count; j++)
            value_append(&list, diag_value(arena, &trees[i].diags.items[j]));
    value_put(&map, "diagnostics", list);
    return render_json(&map, arena);
}

struct text tree_refusals(const struct tree *trees, size_t count, enum workbench_format format,
                          struct arena *arena, size_t *error_count_out)
{
    struct text_buffer output;

    *error_count_out = 0;
    for (size_t i = 0; i < count; i++)
        *error_count_out += trees[i].diags.error_count;
    if (format == WORKBENCH_JSON)
        return refusals_json(trees, count, *error_count_out, arena);
    text_buffer_init(&output, arena);
    for (size_t i = 0; i < count; i++)
        if (trees[i].root == NULL)
            render_diags(&trees[i].diags, &trees[i].sources, format, &output);
    return text_buffer_text(&output);
}

struct text tree_words(const struct tree *tree, const struct yaml_node *node, struct text language)
{
    struct text first =
        tree->workflow->language_count > 0 ? tree->workflow->languages[0] : TEXT_NONE;
    struct text words = TEXT_NONE;

    if (node == NULL || node->kind == YAML_LIST)
        return TEXT_NONE;
    if (node->kind == YAML_SCALAR)
        return yaml_is_null(node) ? TEXT_NONE : node->text;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];

        if (entry->value->kind != YAML_SCALAR || yaml_is_null(entry->value))
            continue;
        if (text_equal(entry->key, language))
            return entry->value->text;
        if (text_is_empty(words) || text_equal(entry->key, first))
            words = entry->value->text;
    }
    return words;
}

static bool is_single(const struct yaml_node *node)
{
    for (size_t i = 0; i < node->count; i++)
        if (workflow_table_key(&workflow_table_transition, node->entries[i].key) != NULL)
            return true;
    return false;
}

const struct yaml_node *tree_transitions(const struct yaml_node *parent, const char *name,
                                         struct arena *arena)
{
    const struct yaml_entry *entry = yaml_entry(parent, name);
    struct yaml_node *map;

    if (entry == NULL || entry->value->kind != YAML_MAP)
        return NULL;
    /* Only there may a transition stand by itself; elsewhere its keys are ids. */
    if ((!text_is(entry->key, "done") && !text_is(entry->key, "failed") &&
         !text_is(entry->key, "default")) ||
        !is_single(entry->value))
        return entry->value;
    map = ARENA_NEW(arena, struct yaml_node);
    map->kind = YAML_MAP;
    map->place = entry->value->place;
    map->entries = ARENA_ARRAY(arena, struct yaml_entry, 1);
    map->entries[0] = *entry;
    map->count = 1;
    return map;
}

const struct yaml_node *tree_get(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = yaml_get(map, key);

    return node == NULL || yaml_is_null(node) ? NULL : node;
}

struct text tree_text(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = tree_get(map, key);

    return node != NULL && node->kind == YAML_SCALAR ? node->text : TEXT_NONE;
}
