/* plugins.c and files.c: what the workflows of the corpus use. */
#ifndef SANKOFA_TESTS_FUZZ_WORKFLOWS_H
#define SANKOFA_TESTS_FUZZ_WORKFLOWS_H

#include "workflow/workflow.h"

const struct zone_source *fuzz_zones(void);
struct workflow_context fuzz_context(struct text source);

/* An input of several files, parted by lines of ==== alone. */
enum { FUZZ_FILES_MAX = 4 };
struct fuzz_files {
    struct text items[FUZZ_FILES_MAX];
    size_t count; /* 1 or more */
};
struct fuzz_files fuzz_split(struct text input);
/* Finds each of them by the name in its line `workflow: NAME`. Borrows the files. */
struct workflow_parents fuzz_parents(struct fuzz_files *files);

#endif
