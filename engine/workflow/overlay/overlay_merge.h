/* Merging one tree into another; what overlay.c and overlay_merge.c share. */
#ifndef SANKOFA_WORKFLOW_OVERLAY_MERGE_H
#define SANKOFA_WORKFLOW_OVERLAY_MERGE_H

#include "workflow/overlay/overlay.h"

/* One rendering under way. */
struct overlay {
    struct arena *arena;
    const struct workflow_context *context;
    struct diag_list *diags;
    struct text ids[OVERLAY_DEPTH_MAX]; /* of the overlays that are being rendered */
    size_t depth;
};

/* Both are maps of whole workflows. Faults are added, and what is faulty stays as it was. */
const struct yaml_node *overlay_merge(struct overlay *overlay, const struct yaml_node *target,
                                      const struct yaml_node *patch);

#endif
