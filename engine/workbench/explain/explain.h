/* `workflow explain`: a workflow in words, state by state. */
#ifndef SANKOFA_WORKBENCH_EXPLAIN_H
#define SANKOFA_WORKBENCH_EXPLAIN_H

#include "workbench/workbench.h"

struct workbench_explaining {
    struct text state;    /* that alone, and what it holds; empty: the whole workflow */
    struct text language; /* of our words and the workflow's texts: en, fr or pt; empty, or another:
                             the workflow's first if it is one of these, else en */
    enum workbench_format format; /* of faults */
};

enum workbench_explained { WORKBENCH_EXPLAINED, WORKBENCH_FAULTY, WORKBENCH_STATELESS };

/* What is told is in *output_out: the words; the faults of a file that is refused; or, where there
 * is no such state, the nearest one's id (it may be empty). It lives in `arena`. */
enum workbench_explained workbench_explain(const struct workbench_file *file,
                                           const struct workflow_context *context,
                                           const struct workbench_explaining *explaining,
                                           struct arena *arena, struct text *output_out);

#endif
