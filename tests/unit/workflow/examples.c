/* Every fault has an example of what is refused, and one of how it is written. A bad file begins
 * with what must be told of it, one comment a fault: `# E114 31:15`. */
#include "tongues.h"
#include "workflow/codes.h"
#include "workflow/kit.h"

static struct text read_example(struct kit *kit, const char *code, const char *kind)
{
    return kit_read(kit, text_printf(kit->arena, "%s-%s.yaml", code, kind).bytes);
}

static void load(struct kit *kit, struct text source)
{
    const struct workflow *workflow;

    diag_list_init(&kit->diags, kit->arena);
    workflow = workflow_load(source, TEXT("example.yaml"), &kit->context, &kit->diags);
    assert_true((workflow != NULL) == (kit->diags.error_count == 0));
    tongues_check(kit->arena, &kit->diags);
}

/* The comments at the head of the file. */
static struct text wanted(struct kit *kit, struct text source)
{
    struct text_buffer buffer;
    size_t at = 0;

    text_buffer_init(&buffer, kit->arena);
    while (at + 2 < source.size && source.bytes[at] == '#') {
        const char *end = memchr(source.bytes + at, '\n', source.size - at);
        size_t size = (size_t)(end - (source.bytes + at)) + 1;

        text_append(&buffer, (struct text){source.bytes + at + 2, size - 2});
        at += size;
    }
    return text_buffer_text(&buffer);
}

static struct text told(struct kit *kit)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, kit->arena);
    for (size_t i = 0; i < kit->diags.count; i++)
        text_append_printf(&buffer, "%s %u:%u\n", kit->diags.items[i].code,
                           kit->diags.items[i].place.line, kit->diags.items[i].place.column);
    return text_buffer_text(&buffer);
}

static void a_bad_file_is_told_of_with_code_line_and_column(void **state)
{
    struct kit *kit = *state;
    size_t failures = 0;

    for (size_t i = 0; i < workflow_code_count; i++) {
        const char *code = workflow_codes[i].code;
        struct text source = read_example(kit, code, "bad");
        struct text want = wanted(kit, source);

        /* Only of stored definitions. */
        kit->context.lenient_plugins = strcmp(code, W_PLUGIN) == 0;
        load(kit, source);
        if (text_equal(want, told(kit)) && strstr(want.bytes, code) != NULL)
            continue;
        print_error("%s-bad.yaml\nwanted:\n%.*sgot:\n%s", code, TEXT_ARG(want), kit_diags(kit));
        failures++;
    }
    assert_int_equal(failures, 0);
}

static void the_good_twin_loads_without_a_word(void **state)
{
    struct kit *kit = *state;
    size_t failures = 0;

    for (size_t i = 0; i < workflow_code_count; i++) {
        const char *code = workflow_codes[i].code;

        load(kit, read_example(kit, code, "good"));
        if (kit->diags.count == 0)
            continue;
        print_error("%s-good.yaml:\n%s", code, kit_diags(kit));
        failures++;
    }
    assert_int_equal(failures, 0);
}

static void a_good_twin_is_the_same_once_stored_and_opened(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < workflow_code_count; i++) {
        struct text source = read_example(kit, workflow_codes[i].code, "good");
        const struct workflow *loaded =
            workflow_load(source, TEXT("example.yaml"), &kit->context, &kit->diags);
        const struct workflow *opened = workflow_open(loaded->rendered, &kit->context, &kit->diags);

        assert_string_equal(kit_diags(kit), "");
        assert_memory_equal(opened->hash, loaded->hash, sizeof(loaded->hash));
        assert_int_equal(opened->chart.state_count, loaded->chart.state_count);
        assert_int_equal(opened->chart.transition_count, loaded->chart.transition_count);
    }
}

/* Faults whose message leaves nothing to add. */
static bool says_it_all(const char *code)
{
    static const char *const codes[] = {E_KEY_MISSING, E_LITERAL, E_INPUT_VALUE, E_OUTPUT_KIND,
                                        E_ANSWER_KIND};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

static void every_fault_has_a_label_or_a_help_and_one_line(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < workflow_code_count; i++) {
        kit->context.lenient_plugins = strcmp(workflow_codes[i].code, W_PLUGIN) == 0;
        load(kit, read_example(kit, workflow_codes[i].code, "bad"));
        for (size_t j = 0; j < kit->diags.count; j++) {
            const struct diag *diag = &kit->diags.items[j];

            assert_null(memchr(diag->message.bytes, '\n', diag->message.size));
            assert_true(diag->place.width > 0);
            assert_true(diag->label.size + diag->help.size > 0 || says_it_all(diag->code));
        }
    }
}

static void the_codes_are_in_order_and_each_stands_once(void **state)
{
    (void)state;
    for (size_t i = 1; i < workflow_code_count; i++)
        assert_true(strcmp(workflow_codes[i - 1].code, workflow_codes[i].code) < 0);
}

static void the_sketch_of_the_language_page_loads(void **state)
{
    struct kit *kit = *state;

    load(kit, kit_read(kit, "return-sketch.yaml"));
    assert_string_equal(kit_diags(kit), "");
}

static void the_workflow_that_is_shipped_loads_without_a_word(void **state)
{
    struct kit *kit = *state;

    /* Its plugins are no part of this test. */
    kit->context.plugins = NULL;
    load(kit, kit_read_source(kit, "workflows/ecowas/child-return.yaml"));
    assert_string_equal(kit_diags(kit), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(a_bad_file_is_told_of_with_code_line_and_column),
        KIT_TEST(the_good_twin_loads_without_a_word),
        KIT_TEST(a_good_twin_is_the_same_once_stored_and_opened),
        KIT_TEST(every_fault_has_a_label_or_a_help_and_one_line),
        KIT_TEST(the_codes_are_in_order_and_each_stands_once),
        KIT_TEST(the_sketch_of_the_language_page_loads),
        KIT_TEST(the_workflow_that_is_shipped_loads_without_a_word),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
