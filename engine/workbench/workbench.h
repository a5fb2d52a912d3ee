/* The author's tools. In this version: checking workflow files.
 *
 * Pure: the caller reads the files and says what plugins and zones there are. */
#ifndef SANKOFA_WORKBENCH_WORKBENCH_H
#define SANKOFA_WORKBENCH_WORKBENCH_H

#include <stddef.h>

#include "base/text.h"
#include "workflow/workflow.h"

struct arena;

struct workbench_file {
    struct text name; /* as shown in places */
    struct text source;
};

enum workbench_format {
    WORKBENCH_CARET, /* for a terminal: the line, a caret, what to write instead */
    WORKBENCH_GCC,   /* FILE:LINE:COLUMN: error: MESSAGE [CODE] */
    WORKBENCH_JSON   /* one document, see workbench_check */
};

struct workbench_report {
    size_t error_count, warning_count;
    struct text output;  /* in the format; ends with a newline unless it is empty */
    struct text summary; /* for people: "2 errors and 1 warning in 3 files" */
};

/* Checks each file by itself, as workflow_load does, and renders what was found, file by file, line
 * by line. JSON: {"errors", "warnings", "files": [{"file", "workflow" (id), "hash", "errors",
 * "warnings", "diagnostics": [diag_value]}]}; workflow and hash are left out of a file that is
 * refused. Everything in *report_out lives in `arena`. */
void workbench_check(const struct workbench_file *files, size_t count,
                     const struct workflow_context *context, enum workbench_format format,
                     struct arena *arena, struct workbench_report *report_out);

#endif
