/* What draw and diff read of a workflow's tree; internal to workbench/. */
#ifndef SANKOFA_WORKBENCH_TREE_H
#define SANKOFA_WORKBENCH_TREE_H

#include "base/text.h"
#include "workbench/render.h"
#include "workflow/workflow.h"
#include "yaml/yaml.h"

/* A file that loads without an error, and its tree: an overlay merged into its parents. */
struct tree {
    const struct workbench_file *file;
    const struct workflow *workflow; /* NULL: refused */
    const struct yaml_node *root;    /* NULL: refused */
    struct diag_list diags;
    struct render_sources sources;
};

void tree_load(struct tree *tree, const struct workbench_file *file,
               const struct workflow_context *context, struct arena *arena);
/* What is to be told of those that are refused, warnings aside. JSON: {"errors", "diagnostics":
 * [diag_value]}. */
struct text tree_refusals(const struct tree *trees, size_t count, enum workbench_format format,
                          struct arena *arena, size_t *error_count_out);
/* The words of a text for people in the first of: `language`, the workflow's first language, the
 * first one written. Empty where `node` is NULL or says nothing. */
struct text tree_words(const struct tree *tree, const struct yaml_node *node, struct text language);
/* What stands under `on`, `done` and their like as a map by id: where a single transition stands
 * there, it is the one of the id `name`. NULL where nothing stands there. */
const struct yaml_node *tree_transitions(const struct yaml_node *parent, const char *name,
                                         struct arena *arena);
/* What is set under `key`; NULL: nothing, or null. */
const struct yaml_node *tree_get(const struct yaml_node *map, const char *key);
/* The text of a scalar under `key`, else empty. */
struct text tree_text(const struct yaml_node *map, const char *key);

#endif
