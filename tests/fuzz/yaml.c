/* The YAML loader: any bytes. What it reads goes to a value, to JSON and back, and stays the same.
 */
#include "yaml/yaml.h"
#include "base/json.h"
#include "fuzz.h"

/* Bytes for a diagnostic that shows a line, and for a node of each second byte. */
enum { MEMORY_BASE = 1 << 18, MEMORY_EACH = 1024 };

static void judge_node(const struct yaml_node *node, struct text source, unsigned depth)
{
    CHECK(depth <= YAML_DEPTH_MAX + 1);
    CHECK(node->place.line > 0 && node->place.line <= source.size + 1);
    CHECK(node->place.column > 0 && node->place.column <= source.size + 1);
    CHECK(node->kind != YAML_SCALAR || text_is_utf8(node->text));
    for (size_t i = 0; i < node->count; i++) {
        CHECK(node->kind != YAML_MAP || text_is_utf8(node->entries[i].key));
        judge_node(node->entries[i].value, source, depth + 1);
    }
}

/* Stored definitions keep the tree as a value. */
static void judge_value(struct arena *arena, const struct yaml_node *root)
{
    struct value value = yaml_to_value(arena, root), again;

    fuzz_judge_json(arena, &value);
    again = yaml_to_value(arena, yaml_from_value(arena, &value));
    CHECK(value_equal(&value, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text source = {(const char *)data, size};
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct yaml_node *root = yaml_parse(source, TEXT("fuzz.yaml"), &diags);
    fuzz_judge_memory(arena, MEMORY_BASE, MEMORY_EACH, size);
    fuzz_judge_diags(&diags, source, root == NULL);
    if (root == NULL)
        return 0;
    judge_node(root, source, 1);
    judge_value(arena, root);
    return 0;
}
