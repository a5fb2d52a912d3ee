/* Files as they come from an editor in the middle of a change: a line is missing, a value is of
 * another kind. The loader tells of it or takes it; it never stumbles. */
#include "tongues.h"
#include "workflow/codes.h"
#include "workflow/kit.h"

/* Loads it, whatever it is; what loads must also open again, as the same. */
static void load(struct kit *kit, struct text source)
{
    const struct workflow *workflow, *opened;

    diag_list_init(&kit->diags, kit->arena);
    workflow = workflow_load(source, TEXT("file.yaml"), &kit->context, &kit->diags);
    assert_true((workflow != NULL) == (kit->diags.error_count == 0));
    tongues_check(kit->arena, &kit->diags);
    if (workflow == NULL)
        return;
    opened = workflow_open(workflow->rendered, &kit->context, &kit->diags);
    if (opened == NULL)
        fail_msg("what was loaded does not open:\n%s", kit_diags(kit));
    assert_int_equal(opened->chart.transition_count, workflow->chart.transition_count);
    assert_memory_equal(opened->hash, workflow->hash, sizeof(workflow->hash));
}

/* The source with the bytes from `begin` to `end` replaced. */
static struct text replaced(struct arena *arena, struct text source, size_t begin, size_t end,
                            const char *by)
{
    return text_printf(arena, "%.*s%s%.*s", (int)begin, source.bytes, by, (int)(source.size - end),
                       source.bytes + end);
}

static size_t line_end(struct text source, size_t at)
{
    const char *end = memchr(source.bytes + at, '\n', source.size - at);

    return end != NULL ? (size_t)(end - source.bytes) : source.size;
}

/* Where the value behind the colon at `at` ends: a comma or brace closes it, or the line. */
static size_t value_end(struct text source, size_t at)
{
    int depth = 0;

    for (; at < source.size && source.bytes[at] != '\n'; at++) {
        char c = source.bytes[at];

        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            break;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
    }
    return at;
}

static void mutilate(struct kit *kit, struct text from)
{
    static const char *const values[] = {"",     " {}",          " []",    " x",    " '= x'",
                                         " [x]", " {x: y}",      " [[x]]", " 5wd",  " [{}]",
                                         " ~",   " {x: {y: z}}", " \"\"",  " true", " [~]"};
    /* The arena is emptied after each file. */
    static char bytes[1 << 16];
    struct text source = {bytes, from.size};

    assert_true(from.size < sizeof(bytes));
    memcpy(bytes, from.bytes, from.size);
    for (size_t at = 0; at < source.size; at = line_end(source, at) + 1) {
        size_t end = line_end(source, at);

        load(kit, replaced(kit->arena, source, at, end < source.size ? end + 1 : end, ""));
        arena_reset(kit->arena);
    }
    for (size_t at = 0; at + 1 < source.size; at++) {
        if (source.bytes[at] != ':' ||
            (source.bytes[at + 1] != ' ' && source.bytes[at + 1] != '\n'))
            continue;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            load(kit, replaced(kit->arena, source, at + 1, value_end(source, at + 1), values[i]));
            arena_reset(kit->arena);
        }
    }
}

static void a_file_without_one_of_its_lines_or_values_is_taken_or_told_of(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < workflow_code_count; i++) {
        const char *code = workflow_codes[i].code;

        mutilate(kit, kit_read(kit, text_printf(kit->arena, "%s-good.yaml", code).bytes));
        mutilate(kit, kit_read(kit, text_printf(kit->arena, "%s-bad.yaml", code).bytes));
    }
    mutilate(kit, kit_read(kit, "return-sketch.yaml"));
}

static void a_file_cut_anywhere_is_taken_or_told_of(void **state)
{
    struct kit *kit = *state;
    static char bytes[1 << 16];
    struct text source = kit_read(kit, "return-sketch.yaml");
    size_t size = source.size;

    memcpy(bytes, source.bytes, size);
    for (size_t cut = 0; cut < size; cut += 7) {
        load(kit, (struct text){bytes, cut});
        arena_reset(kit->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(a_file_without_one_of_its_lines_or_values_is_taken_or_told_of),
        KIT_TEST(a_file_cut_anywhere_is_taken_or_told_of),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
