/* Several files in one input. */
#include <string.h>

#include "fuzz.h"
#include "workflows.h"

static const struct text mark = TEXT("\n====\n");

struct fuzz_files fuzz_split(struct text input)
{
    struct fuzz_files files = {.count = 1};
    struct text rest = input;

    while (files.count < FUZZ_FILES_MAX && rest.size > 0) {
        const char *at = memmem(rest.bytes, rest.size, mark.bytes, mark.size);
        if (at == NULL)
            break;
        size_t size = (size_t)(at - rest.bytes) + 1; /* with its last line's end */
        files.items[files.count - 1] = (struct text){rest.bytes, size};
        rest = (struct text){rest.bytes + size + mark.size - 1, rest.size - size - mark.size + 1};
        files.count++;
    }
    files.items[files.count - 1] = rest;
    return files;
}

static bool find(void *self, struct text id, struct text child, struct arena *arena,
                 struct workflow_parent *parent_out, struct text *why_out)
{
    struct fuzz_files *files = self;
    struct text line = text_printf(arena, "workflow: %.*s\n", TEXT_ARG(id));

    (void)child;
    for (size_t i = 0; i < files->count; i++) {
        struct text file = files->items[i];
        if (file.size == 0 || memmem(file.bytes, file.size, line.bytes, line.size) == NULL)
            continue;
        parent_out->file = text_printf(arena, "parent-%zu.yaml", i);
        parent_out->source = file;
        return true;
    }
    *why_out = TEXT("there is none.");
    return false;
}

struct workflow_parents fuzz_parents(struct fuzz_files *files)
{
    return (struct workflow_parents){.self = files, .find = find};
}
