/* `workflow diff`: what changed between two files, in words. */
#ifndef SANKOFA_WORKBENCH_DIFF_H
#define SANKOFA_WORKBENCH_DIFF_H

#include "workbench/workbench.h"

struct workbench_differed {
    size_t error_count; /* of files that are refused: then these are all there is to tell */
    size_t added, removed, changed;
    struct text output;  /* ends with a newline unless it is empty */
    struct text summary; /* "2 added, 1 removed, 5 changed"; or that nothing is */
};

/* Compares what runs: overlays are merged into their parents first; comments, and how a line is
 * written, are no difference. Titles of parts come in `language`. The format is one for what is
 * refused; WORKBENCH_JSON: {"equal", "before": {"file", "workflow", "version", "hash"}, "after":
 * {...}, "changes": [{"change" ("added", "removed", "changed"), "group", "part", "key", "words",
 * "before", "after", "file", "line"}]}, or of a file that is refused {"errors", "diagnostics"}.
 * What a change lacks is left out. Everything in *differed_out lives in `arena`. */
void workbench_diff(const struct workbench_file *before, const struct workbench_file *after,
                    const struct workflow_context *context, struct text language,
                    enum workbench_format format, struct arena *arena,
                    struct workbench_differed *differed_out);

#endif
