/* JSON from outside: any bytes. What is read is written and read again the same; and of a list of
 * two maps without nulls, the merge patch between them makes the second of the first. */
#include "base/json.h"
#include "fuzz.h"

enum { MEMORY_BASE = 1 << 16, MEMORY_EACH = 512 };

static bool has_null(const struct value *value)
{
    for (size_t i = 0; i < value_count(value); i++) {
        const struct value *item =
            value->kind == VALUE_MAP ? &value_member(value, i)->value : value_item(value, i);

        if (item->kind == VALUE_NULL || has_null(item))
            return true;
    }
    return false;
}

static void judge_patches(struct arena *arena, const struct value *value)
{
    if (value->kind != VALUE_LIST || value_count(value) != 2)
        return;
    const struct value *before = value_item(value, 0), *after = value_item(value, 1);
    struct value made = value_patch_apply(arena, before, after);

    CHECK(after->kind == VALUE_MAP || value_equal(&made, after));
    if (before->kind != VALUE_MAP || after->kind != VALUE_MAP || has_null(value))
        return;
    struct value patch = value_patch_between(arena, before, after);
    made = value_patch_apply(arena, before, &patch);
    CHECK(value_equal(&made, after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text source = {(const char *)data, size};
    struct json_fault fault = {0};
    struct value value, pretty;

    if (json_read(arena, source, &value, &fault) != 0) {
        CHECK(fault.line > 0);
        CHECK(fault.column > 0);
        CHECK(text_is_utf8(text_from(fault.message)));
        return 0;
    }
    fuzz_judge_memory(arena, MEMORY_BASE, MEMORY_EACH, size);
    fuzz_judge_json(arena, &value);
    CHECK(json_read(arena, json_write_pretty(arena, &value), &pretty, NULL) == 0);
    CHECK(value_equal(&pretty, &value));
    pretty = value_copy(arena, &value);
    CHECK(value_equal(&pretty, &value));
    judge_patches(arena, &value);
    return 0;
}
