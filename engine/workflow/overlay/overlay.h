/* Overlays: one country in a page, merged into its parent before anything else is looked at;
 * internal to workflow/.
 *
 * Words: the *patch* is the overlay's tree, the *target* what it is merged into. A *part* is a map
 * that the tables (tables.h) describe: a state, a field, a transition. */
#ifndef SANKOFA_WORKFLOW_OVERLAY_H
#define SANKOFA_WORKFLOW_OVERLAY_H

#include "workflow/workflow.h"
#include "yaml/yaml.h"

enum { OVERLAY_DEPTH_MAX = 8 };

/* RFC 7396: what `patch` makes of `target`, which may be NULL. A plain null deletes. New nodes live
 * in `arena`; what is left as it was is shared, and every node keeps its place. NULL: it is null.
 */
const struct yaml_node *overlay_patch(struct arena *arena, const struct yaml_node *target,
                                      const struct yaml_node *patch);

/* The tree that runs: of a file with `extends` the one that its parents and it make together, of
 * another the file itself. What belongs to an overlay alone is gone from it: extends, place. NULL,
 * with errors added: a parent that is not there or goes round in a circle, a part that is final. */
const struct yaml_node *overlay_render(const struct yaml_node *root,
                                       const struct workflow_context *context,
                                       struct diag_list *diags);

#endif
