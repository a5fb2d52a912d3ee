/* The author's tools: checking workflow files and running their tests.
 *
 * Pure: the caller reads the files, says what plugins and zones there are, and runs plugins. */
#ifndef SANKOFA_WORKBENCH_WORKBENCH_H
#define SANKOFA_WORKBENCH_WORKBENCH_H

#include <stddef.h>

#include "base/text.h"
#include "run/ports.h"
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

/* ---- A definition as it runs. ---- */

struct yaml_node;

struct workbench_showing {
    enum workbench_format format; /* WORKBENCH_JSON: the rendered definition; of faults: how */
    bool layers;                  /* before each line the file and line that set it */
};

/* Renders a file: an overlay merged into its parents. True, and the definition as YAML (or JSON);
 * false, and what is wrong. Nothing else is checked. */
bool workbench_show(const struct workbench_file *file, const struct workflow_context *context,
                    const struct workbench_showing *showing, struct arena *arena,
                    struct text *output_out);
/* A tree as YAML: what fits is written on one line. */
struct text workbench_write_yaml(const struct yaml_node *root, bool layers, struct arena *arena);

/* ---- Tests of workflows. ---- */

/* Runs plugins, where a test has no stand-in. */
struct workbench_hosts {
    void *self;
    /* Carries out one call and waits for it. The outcome lives in `arena`; what cannot be called is
     * RUN_BROKEN, with the reason. */
    void (*call)(void *self, const struct run_call *call, struct arena *arena,
                 struct run_outcome *outcome_out);
};

struct workbench_tester {
    const struct workflow_context *context;
    const struct workbench_hosts *hosts; /* NULL: stand-ins alone */
    enum workbench_format format;
    bool coverage;
};

/* A test file and the workflow beside it; `source` of the workflow TEXT_NONE: there is none. */
struct workbench_pair {
    struct workbench_file test, workflow;
};

struct workbench_tested {
    size_t passed, failed; /* tests; a file that cannot be run is one that failed */
    struct text output;    /* ends with a newline unless it is empty */
    struct text summary;   /* "3 passed, 1 failed" */
};

/* Runs every test of every file. JSON: {"passed", "failed", "files": [{"file", "workflow",
 * "passed", "failed", "diagnostics": [diag_value], "tests": [{"name", "line", "passed", "failures":
 * [{"file", "line", "column", "message", "wanted", "got"}], "faults": [{"place", "message"}]}],
 * "coverage": {...}}]}; coverage where it is asked for. Everything in *tested_out lives in `arena`.
 */
void workbench_test(const struct workbench_pair *pairs, size_t count,
                    const struct workbench_tester *tester, struct arena *arena,
                    struct workbench_tested *tested_out);

#endif
