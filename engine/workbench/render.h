/* Diagnostics in the formats that people, editors and programs read; internal to workbench/. */
#ifndef SANKOFA_WORKBENCH_RENDER_H
#define SANKOFA_WORKBENCH_RENDER_H

#include "base/diag.h"
#include "workbench/workbench.h"

/* Those of a list, in its order, as WORKBENCH_CARET or WORKBENCH_GCC; the lines are shown of the
 * files that are given. */
void render_diags(const struct diag_list *diags, const struct workbench_file *files, size_t count,
                  enum workbench_format format, struct text_buffer *output);
/* How many errors a list counted and does not hold. */
size_t render_untold(const struct diag_list *diags);
/* Pretty, and ending with a newline. */
struct text render_json(const struct value *value, struct arena *arena);

#endif
