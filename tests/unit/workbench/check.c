/* Checking files: three ways of showing one list, counts that agree with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "workbench/workbench.h"

static const char good[] = "workflow: good\nstates: {z: {type: final}}\n";
static const char bad[] = "workflow: bad\nstates: {x: {always: {g: {target: zz}}}, z: {}}\n";
static const char doubtful[] = "workflow: doubtful\nstates: {x: {}}\n";

static int setup(void **state)
{
    *state = arena_create("test");
    return 0;
}

static int teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct workbench_report check(struct arena *arena, enum workbench_format format)
{
    const struct workbench_file files[] = {
        {TEXT("good.yaml"), text_from(good)},
        {TEXT("bad.yaml"), text_from(bad)},
        {TEXT("doubtful.yaml"), text_from(doubtful)},
    };
    const struct workflow_context context = {0};
    struct workbench_report report;

    workbench_check(files, 3, &context, format, arena, &report);
    assert_int_equal(report.error_count, 1);
    assert_int_equal(report.warning_count, 1);
    assert_string_equal(report.summary.bytes, "1 error and 1 warning in 3 files");
    return report;
}

/* People see the first ones of many alike, and how many there are; editors each. */
static void of_many_alike_people_see_the_first(void **state)
{
    struct text_buffer source;
    struct workbench_report report;
    const struct workflow_context context = {0};

    text_buffer_init(&source, *state);
    text_append(&source, TEXT("workflow: many\nstates:\n  z: {type: final}\n"));
    for (int i = 0; i < 13; i++)
        text_append_printf(&source, "  s%d: {always: {g: {target: nowhere}}}\n", i);
    const struct workbench_file file = {TEXT("many.yaml"), text_buffer_text(&source)};
    workbench_check(&file, 1, &context, WORKBENCH_CARET, *state, &report);
    assert_int_equal(report.error_count, 13);
    assert_non_null(strstr(report.output.bytes, "many.yaml:13:"));
    assert_null(strstr(report.output.bytes, "many.yaml:14:"));
    assert_non_null(strstr(report.output.bytes,
                           "\nmany.yaml: 3 more like these [E114], which may all come of one\n\n"));
    workbench_check(&file, 1, &context, WORKBENCH_GCC, *state, &report);
    assert_non_null(strstr(report.output.bytes, "many.yaml:16:"));
    assert_null(strstr(report.output.bytes, "more like these"));
}

static void a_terminal_gets_the_line_and_a_caret(void **state)
{
    assert_string_equal(check(*state, WORKBENCH_CARET).output.bytes,
                        "error[E114]: unknown state \"zz\"\n"
                        " --> bad.yaml:2:35\n"
                        "  |\n"
                        "2 | states: {x: {always: {g: {target: zz}}}, z: {}}\n"
                        "  |                                   ^^ no state has this name\n"
                        "help: did you mean \"z\", defined at bad.yaml:2:42?\n"
                        "\n"
                        "warning[W201]: nothing leads out of the state \"x\", and it is not final\n"
                        " --> doubtful.yaml:2:10\n"
                        "  |\n"
                        "2 | states: {x: {}}\n"
                        "  |          ^ a dead end\n"
                        "help: write type: final if it ends here, else a transition\n"
                        "\n");
}

static void an_editor_gets_one_line_each(void **state)
{
    assert_string_equal(check(*state, WORKBENCH_GCC).output.bytes,
                        "bad.yaml:2:35: error: unknown state \"zz\" [E114]\n"
                        "doubtful.yaml:2:10: warning: nothing leads out of the state \"x\", and it "
                        "is not final [W201]\n");
}

static void a_program_gets_one_document(void **state)
{
    struct arena *arena = *state;
    struct workbench_report report = check(arena, WORKBENCH_JSON);
    struct value document;
    const struct value *files, *diagnostic;

    assert_int_equal(json_read(arena, report.output, &document, NULL), 0);
    assert_true(text_ends(report.output, "}\n"));
    assert_int_equal(value_int_at(&document, "errors", -1), 1);
    assert_int_equal(value_int_at(&document, "warnings", -1), 1);
    files = value_get(&document, TEXT("files"));
    assert_int_equal(value_count(files), 3);
    assert_string_equal(value_text_at(value_item(files, 0), "workflow").bytes, "good");
    assert_int_equal(value_text_at(value_item(files, 0), "hash").size, 64);
    assert_null(value_get(value_item(files, 1), TEXT("workflow")));
    assert_int_equal(value_int_at(value_item(files, 1), "errors", -1), 1);
    diagnostic = value_item(value_get(value_item(files, 1), TEXT("diagnostics")), 0);
    assert_string_equal(value_text_at(diagnostic, "code").bytes, "E114");
    assert_int_equal(value_int_at(diagnostic, "line", -1), 2);
    assert_int_equal(value_int_at(diagnostic, "column", -1), 35);
}

static void a_clean_file_gives_nothing_to_read(void **state)
{
    const struct workbench_file file = {TEXT("good.yaml"), text_from(good)};
    const struct workflow_context context = {0};
    struct workbench_report report;

    workbench_check(&file, 1, &context, WORKBENCH_CARET, *state, &report);
    assert_int_equal(report.output.size, 0);
    assert_string_equal(report.summary.bytes, "no errors and no warnings in 1 file");
}

static void errors_beyond_the_bound_are_counted(void **state)
{
    struct arena *arena = *state;
    const struct workflow_context context = {0};
    struct workbench_report report;
    struct workbench_file file = {.name = TEXT("many.yaml")};
    struct text_buffer source;

    text_buffer_init(&source, arena);
    text_append(&source, TEXT("workflow: many\nstates: {z: {type: final}}\n"));
    for (int i = 0; i < DIAG_MAX + 5; i++)
        text_append_printf(&source, "x%d: 1\n", i);
    file.source = text_buffer_text(&source);
    workbench_check(&file, 1, &context, WORKBENCH_GCC, arena, &report);
    assert_int_equal(report.error_count, DIAG_MAX + 5);
    assert_true(text_ends(report.output, "many.yaml: note: and 5 errors more\n"));
    workbench_check(&file, 1, &context, WORKBENCH_CARET, arena, &report);
    assert_true(text_ends(report.output, "many.yaml: and 5 errors more\n\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_terminal_gets_the_line_and_a_caret), TEST(an_editor_gets_one_line_each),
        TEST(of_many_alike_people_see_the_first),   TEST(a_program_gets_one_document),
        TEST(a_clean_file_gives_nothing_to_read),   TEST(errors_beyond_the_bound_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
