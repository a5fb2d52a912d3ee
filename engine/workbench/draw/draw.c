/* A workflow as a picture.
 *
 * The happy path:
 * 1. The file is loaded as any is; one that is refused is told of, and nothing is drawn.
 * 2. What each state tells of itself is put in words (draw_model.c).
 * 3. It is laid out and written: as SVG (draw_layout.c, draw_svg.c) or for graphviz (draw_dot.c).
 */
#include "workbench/draw/draw.h"

#include "workbench/draw/draw_model.h"

void workbench_draw(const struct workbench_file *file, const struct workflow_context *context,
                    enum workbench_picture picture, struct text language,
                    enum workbench_format format, struct arena *arena,
                    struct workbench_drawn *drawn_out)
{
    struct tree tree;
    struct draw draw;

    *drawn_out = (struct workbench_drawn){0};
    tree_load(&tree, file, context, arena);
    if (tree.root == NULL) {
        drawn_out->output = tree_refusals(&tree, 1, format, arena, &drawn_out->error_count);
        return;
    }
    draw_read(&draw, &tree, language, arena);
    drawn_out->output = picture == WORKBENCH_SVG ? draw_svg(&draw) : draw_dot(&draw);
}
