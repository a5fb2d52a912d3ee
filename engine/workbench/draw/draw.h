/* `workflow draw`: a workflow as a picture. */
#ifndef SANKOFA_WORKBENCH_DRAW_H
#define SANKOFA_WORKBENCH_DRAW_H

#include "workbench/workbench.h"

enum workbench_picture {
    WORKBENCH_SVG, /* laid out by us: boxes in boxes, what leads out of a state listed in it */
    WORKBENCH_DOT  /* for graphviz: clusters and arrows */
};

struct workbench_drawn {
    size_t error_count; /* of a file that is refused: its faults are the output then */
    struct text output;
};

/* Texts come in `language`; the format is the one of faults. Everything in *drawn_out lives in
 * `arena`. */
void workbench_draw(const struct workbench_file *file, const struct workflow_context *context,
                    enum workbench_picture picture, struct text language,
                    enum workbench_format format, struct arena *arena,
                    struct workbench_drawn *drawn_out);

#endif
