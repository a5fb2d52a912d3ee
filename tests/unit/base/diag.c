/* Diagnostics: the shapes people read, with the caret under what is meant. */
#include "fixture.h"

#include "base/diag.h"

static struct diag_list list;

static int list_up(void **state)
{
    arena_up(state);
    diag_list_init(&list, arena);
    return 0;
}

#define WITH_LIST(test) cmocka_unit_test_setup_teardown(test, list_up, arena_down)

static struct place place(uint32_t line, uint32_t column, uint32_t width)
{
    return (struct place){TEXT("guinea/return.yaml"), line, column, width};
}

static void an_error_shows_the_line_and_a_caret(void **state)
{
    (void)state;
    struct text source = TEXT("states:\n  travel:\n    target: traceing # here\n");
    struct diag *diag =
        diag_add(&list, DIAG_ERROR, "E114", place(3, 13, 8), "unknown state \"%s\"", "traceing");
    diag->label = TEXT("no state has this name");
    diag_help(&list, diag, "did you mean \"%s\", defined at %s?", "tracing",
              "guinea/return.yaml:44:3");
    assert_text(diag_write_caret(arena, diag, source),
                "error[E114]: unknown state \"traceing\"\n"
                " --> guinea/return.yaml:3:13\n"
                "  |\n"
                "3 |     target: traceing # here\n"
                "  |             ^^^^^^^^ no state has this name\n"
                "help: did you mean \"tracing\", defined at guinea/return.yaml:44:3?\n");
    assert_text(diag_write_gcc(arena, diag),
                "guinea/return.yaml:3:13: error: unknown state \"traceing\" [E114]\n");
}

static void the_gutter_grows_with_the_line_number(void **state)
{
    (void)state;
    struct text_buffer source;
    text_buffer_init(&source, arena);
    for (int i = 1; i < 120; i++)
        text_append(&source, TEXT("\n"));
    text_append(&source, TEXT("last: x"));
    struct diag *diag = diag_add(&list, DIAG_WARNING, "W201", place(120, 1, 4), "odd");
    assert_text(diag_write_caret(arena, diag, text_buffer_text(&source)),
                "warning[W201]: odd\n"
                "   --> guinea/return.yaml:120:1\n"
                "    |\n"
                "120 | last: x\n"
                "    | ^^^^\n");
}

/* The two lines below the arrow of an excerpt. */
static void assert_excerpt(struct text source, struct place where, const char *lines)
{
    struct diag *diag = diag_add(&list, DIAG_ERROR, "E1", where, "m");
    struct text shown = diag_write_caret(arena, diag, source);
    const char *begin = strstr(shown.bytes, "  |\n");
    assert_non_null(begin);
    if (strcmp(begin + 4, lines) != 0)
        fail_msg("got:\n%swanted:\n%s", begin + 4, lines);
}

static void the_caret_stays_under_its_word(void **state)
{
    (void)state;
    assert_excerpt(TEXT("\t\tx: bad"), place(1, 6, 3), "1 | \t\tx: bad\n  | \t\t   ^^^\n");
    assert_excerpt(TEXT("fr: Évaluée bad"), place(1, 13, 3),
                   "1 | fr: Évaluée bad\n  |             ^^^\n");
    assert_excerpt(TEXT("漢字: bad"), place(1, 5, 3), "1 | 漢字: bad\n  |       ^^^\n");
    assert_excerpt(TEXT("e\xcc\x81: bad"), place(1, 5, 3), "1 | e\xcc\x81: bad\n  |    ^^^\n");
    assert_excerpt(TEXT("a: 漢 b"), place(1, 4, 1), "1 | a: 漢 b\n  |    ^^\n");
    assert_excerpt(TEXT("\xef\xbb\xbf"
                        "a: b"),
                   place(1, 4, 1), "1 | a: b\n  |    ^\n");
    assert_excerpt(TEXT("a: b\r\n"), place(1, 4, 9), "1 | a: b\n  |    ^\n");
    assert_excerpt(TEXT("a:"), place(1, 4, 1), "1 | a:\n  |    ^\n");
    assert_excerpt(TEXT("a:"), place(1, 1, 0), "1 | a:\n  | ^\n");
    assert_excerpt(TEXT("\n"), place(1, 1, 1), "1 |\n  | ^\n");
}

static void a_terminal_gets_no_control_characters_of_the_file(void **state)
{
    (void)state;
    assert_excerpt(TEXT("a: \x1b[31mred"), place(1, 4, 1),
                   "1 | a: \xef\xbf\xbd[31mred\n  |    ^\n");
    /* A right-to-left override would show another text than the file holds. */
    assert_excerpt(TEXT("a: \xe2\x80\xae"
                        "b"),
                   place(1, 5, 1),
                   "1 | a: \xef\xbf\xbd"
                   "b\n  |     ^\n");
}

static void of_a_very_long_line_a_part_is_shown(void **state)
{
    (void)state;
    char *bytes = arena_alloc(arena, 5001);
    memset(bytes, 'a', 5000);
    bytes[2999] = 'X';
    struct diag *diag = diag_add(&list, DIAG_ERROR, "E1", place(1, 3000, 1), "m");
    struct text shown = diag_write_caret(arena, diag, (struct text){bytes, 5000});
    const char *line = strstr(shown.bytes, "1 | "), *under = strstr(line, "\n  | ");
    assert_true(shown.size < 600);
    assert_memory_equal(line + 4, "...aaa", 6);
    assert_memory_equal(under - 6, "aaa...", 6);
    assert_int_equal(strchr(line, 'X') - line, strchr(under, '^') - (under + 1));
}

static void without_a_line_there_is_no_excerpt(void **state)
{
    (void)state;
    struct text source = TEXT("a: b\n\xff\n");
    struct diag *diag = diag_add(&list, DIAG_ERROR, "E012", place(0, 0, 0), "nothing here");
    assert_text(diag_write_caret(arena, diag, source),
                "error[E012]: nothing here\n --> guinea/return.yaml\n");
    assert_text(diag_write_gcc(arena, diag), "guinea/return.yaml: error: nothing here [E012]\n");
    diag->place = (struct place){0};
    assert_text(diag_write_caret(arena, diag, source), "error[E012]: nothing here\n");
    assert_text(diag_write_gcc(arena, diag), "error: nothing here [E012]\n");
    static const uint32_t lines[] = {2, 3, 9};
    for (size_t i = 0; i < 3; i++) {
        diag->place = place(lines[i], 1, 1);
        assert_null(strstr(diag_write_caret(arena, diag, TEXT("a\n\xff")).bytes, "|"));
        assert_null(strstr(diag_write_caret(arena, diag, TEXT_NONE).bytes, "|"));
    }
}

static void a_diagnostic_is_a_value_too(void **state)
{
    (void)state;
    struct diag *diag = diag_add(&list, DIAG_WARNING, "W1", place(3, 4, 5), "odd");
    diag_help(&list, diag, "do");
    assert_value(diag_value(arena, diag),
                 "{'severity': 'warning', 'code': 'W1', 'file': 'guinea/return.yaml', 'line': 3,"
                 " 'column': 4, 'width': 5, 'message': 'odd', 'label': '', 'help': 'do'}");
}

static void a_full_list_still_counts(void **state)
{
    (void)state;
    for (int i = 0; i < DIAG_MAX + 50; i++) {
        struct diag *diag = diag_add(&list, i % 2 == 0 ? DIAG_ERROR : DIAG_WARNING, "E1",
                                     place(1, 1, 1), "number %d", i);
        diag_help(&list, diag, "h");
    }
    assert_int_equal(list.count, DIAG_MAX);
    assert_int_equal(list.error_count, (DIAG_MAX + 50) / 2);
    assert_text(list.items[DIAG_MAX - 1].message, "number 199");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LIST(an_error_shows_the_line_and_a_caret),
        WITH_LIST(the_gutter_grows_with_the_line_number),
        WITH_LIST(the_caret_stays_under_its_word),
        WITH_LIST(a_terminal_gets_no_control_characters_of_the_file),
        WITH_LIST(of_a_very_long_line_a_part_is_shown),
        WITH_LIST(without_a_line_there_is_no_excerpt),
        WITH_LIST(a_diagnostic_is_a_value_too),
        WITH_LIST(a_full_list_still_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
