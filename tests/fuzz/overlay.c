/* Overlays: files parted by ====, of which the last is the overlay. What comes of it is what RFC
 * 7396 says of the values, and is opened again as any workflow. */
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "workflows.h"
#include "yaml/yaml.h"

enum { MEMORY_BASE = 1 << 20, MEMORY_EACH = 1 << 12 };

static bool holds(struct text text, const char *word)
{
    return text.size > 0 && memmem(text.bytes, text.size, word, strlen(word)) != NULL;
}

static struct value read_value(struct arena *arena, struct text source)
{
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct yaml_node *root = yaml_parse(source, TEXT("fuzz.yaml"), &diags);
    CHECK(root != NULL);
    return yaml_to_value(arena, root);
}

/* One overlay on one parent, and nothing of the words that RFC 7396 does not know. */
static void judge_merge(struct arena *arena, const struct fuzz_files *files,
                        const struct yaml_node *rendered)
{
    const struct text first = files->items[0], last = files->items[1];

    if (files->count != 2 || holds(first, "place") || holds(last, "place") ||
        holds(first, "extends") || !holds(last, "extends"))
        return;
    struct value patch = read_value(arena, last);
    if (value_get(&patch, TEXT("extends")) == NULL)
        return;
    struct value parent = read_value(arena, first);
    value_remove(&parent, TEXT("abstract"));
    value_remove(&patch, TEXT("extends"));
    struct value wanted = value_patch_apply(arena, &parent, &patch);
    struct value got = yaml_to_value(arena, rendered);
    CHECK(value_equal(&got, &wanted));
}

static void judge_opened(const struct workflow *workflow, struct workflow_context context)
{
    ARENA_SCOPED struct arena *arena = arena_create("open");
    struct diag_list diags;

    diag_list_init(&diags, arena);
    context.lenient_plugins = true;
    context.parents = NULL;
    const struct workflow *opened = workflow_open(workflow->rendered, &context, &diags);
    fuzz_judge_diags(&diags, workflow->rendered, false);
    CHECK(opened != NULL);
    CHECK(memcmp(workflow->hash, opened->hash, sizeof opened->hash) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text input = {(const char *)data, size};
    struct fuzz_files files = fuzz_split(input);
    struct workflow_parents parents = fuzz_parents(&files);
    struct workflow_context context = fuzz_context(input);
    struct text source = files.items[files.count - 1];
    struct diag_list diags;

    context.parents = &parents;
    diag_list_init(&diags, arena);
    const struct yaml_node *rendered = workflow_render(source, TEXT("fuzz.yaml"), &context, &diags);
    fuzz_judge_diags(&diags, input, rendered == NULL);
    if (rendered != NULL)
        judge_merge(arena, &files, rendered);
    diag_list_init(&diags, arena);
    const struct workflow *workflow = workflow_load(source, TEXT("fuzz.yaml"), &context, &diags);
    fuzz_judge_memory(arena, MEMORY_BASE, MEMORY_EACH, size);
    fuzz_judge_diags(&diags, input, workflow == NULL);
    CHECK(workflow == NULL || rendered != NULL);
    if (workflow != NULL)
        judge_opened(workflow, context);
    return 0;
}
