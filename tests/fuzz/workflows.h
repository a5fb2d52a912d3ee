/* plugins.c: what the workflows of the corpus use. */
#ifndef SANKOFA_TESTS_FUZZ_WORKFLOWS_H
#define SANKOFA_TESTS_FUZZ_WORKFLOWS_H

#include "workflow/workflow.h"

const struct zone_source *fuzz_zones(void);
struct workflow_context fuzz_context(struct text source);

#endif
