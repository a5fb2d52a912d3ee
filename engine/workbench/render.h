/* Diagnostics in the formats that people, editors and programs read; internal to workbench/. */
#ifndef SANKOFA_WORKBENCH_RENDER_H
#define SANKOFA_WORKBENCH_RENDER_H

#include "base/diag.h"
#include "workbench/workbench.h"

/* The files that diagnostics may speak of: those of the caller, and the parents of overlays as they
 * are found. `context` is the caller's, with parents that are remembered here. */
struct render_sources {
    struct arena *arena;
    struct workflow_context context;
    const struct workflow_parents *found_by; /* NULL: nobody finds parents */
    struct workflow_parents parents;
    struct workbench_file *items;
    size_t count, capacity;
};
void render_sources_init(struct render_sources *sources, const struct workflow_context *context,
                         struct arena *arena);
void render_sources_add(struct render_sources *sources, struct text name, struct text source);

/* Those of a list, in its order, as WORKBENCH_CARET or WORKBENCH_GCC; in the language of gettext.
 */
void render_diags(const struct diag_list *diags, const struct render_sources *sources,
                  enum workbench_format format, struct text_buffer *output);
/* How many errors a list counted and does not hold. */
size_t render_untold(const struct diag_list *diags);
/* Pretty, and ending with a newline. */
struct text render_json(const struct value *value, struct arena *arena);

#endif
