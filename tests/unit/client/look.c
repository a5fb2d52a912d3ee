/* How wide letters are, and where a line may end. */
#include <locale.h>

#include "client/kit.h"

static int in_utf8(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void letters_take_one_column_two_or_none(void **state)
{
    (void)state;
    assert_int_equal(look_width(TEXT("Gabú")), 4);
    assert_int_equal(look_width(TEXT("漢字")), 4);
    assert_int_equal(look_width(TEXT("e\xcc\x81")), 1); /* an accent of its own */
    assert_int_equal(look_width(TEXT("")), 0);
}

static void a_line_ends_behind_a_word_and_never_inside_a_letter(void **state)
{
    static const struct {
        const char *text;
        size_t columns, size;
    } all[] = {
        {"one two three", 13, 13},
        {"one two three", 12, 8},
        {"one two three", 8, 8},
        {"one two three", 7, 8}, /* the space behind it takes no room */
        {"onetwothree", 4, 4},
        {"漢字漢字", 5, 6},
        {"漢字", 1, 3},
        {"ah non : oui", 7, 3}, /* no line begins with a colon */
        {"en soin · en fuite", 8, 3},
        {"par « Sceller » ici", 5,
         4}, /* nor ends with a mark that opens, or begins with one that closes */
        {"par « Sceller » ici", 14, 4},
        {"par « Sceller » ici", 15, 18},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_int_equal(look_fit(text_from(all[i].text), all[i].columns), all[i].size);
}

static void what_moves_a_cursor_is_shown_as_a_question_mark(void **state)
{
    struct kit *kit = *state;
    struct caught caught = catch_begin(stderr);

    look_write(stderr, TEXT("a\x1b[2Jb\x7f\nc\r"), 0, 2);
    assert_string_equal(catch_end(kit, &caught), "a?[2Jb?\n  c?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(letters_take_one_column_two_or_none),
        KIT_TEST(a_line_ends_behind_a_word_and_never_inside_a_letter),
        KIT_TEST(what_moves_a_cursor_is_shown_as_a_question_mark),
    };
    return cmocka_run_group_tests(tests, in_utf8, NULL);
}
