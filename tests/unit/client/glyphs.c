/* What is drawn of a line on paper: marks over their letter, Arabic joined and from right to left.
 */
#include "kit.h"

#include "client/people/glyphs.h"

/* The glyphs with their columns: "a0 b1 ~0" where ~ is a mark. */
static void expect_drawn(const char *line, const char *drawn, bool lacks_some)
{
    struct text_buffer buffer;
    struct arena *arena = arena_create("test");
    struct glyphs glyphs = glyphs_of(arena, text_from(line));

    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < glyphs.count; i++)
        text_append_printf(&buffer, "%s%.*s%zu", i > 0 ? " " : "", TEXT_ARG(glyphs.items[i].letter),
                           glyphs.items[i].column);
    assert_string_equal(text_copy(arena, text_buffer_text(&buffer)).bytes, drawn);
    assert_int_equal(glyphs.lacks_some, lacks_some);
    for (size_t i = 0; i < glyphs.count; i++)
        assert_true(!glyphs.items[i].is_mark ||
                    glyphs.items[i].column == glyphs.items[i - 1].column);
    arena_destroy(arena);
}

static void letters_stand_one_behind_the_other(void **state)
{
    (void)state;
    expect_drawn("", "", false);
    expect_drawn("Ɖɔ é", "Ɖ0 ɔ1  2 é3", false);
}

static void a_mark_stands_on_its_letter_and_what_is_not_seen_takes_no_room(void **state)
{
    (void)state;
    expect_drawn("ọ\u0300k\u0301a", "ọ0 \u03000 k1 \u03011 a2", false);
    expect_drawn("a\u200b\u200eb\u00adc", "a0 b1 c2", false);
    expect_drawn("\u0301a", "\u03010 a1", false); /* on nothing */
}

static void arabic_is_joined_from_right_to_left(void **state)
{
    (void)state;
    /* meem in the end of nothing, begun, in the middle: and dal, which joins the one before alone.
     */
    expect_drawn("محمد", "\ufeaa0 \ufee41 \ufea42 \ufee33", false);
    expect_drawn("دار", "\ufead0 \ufe8d1 \ufea92", false);
    expect_drawn("لا بلا", "\ufefc0 \ufe911  2 \ufefb3", false); /* lam and alef are one */
    expect_drawn("بَب", "\ufe900 \ufe911 \u064e1", false);        /* a mark between joins */
    expect_drawn("بـ", "\u06400 \ufe911", false);
}

static void numbers_and_brackets_in_it_are_as_they_are_read(void **state)
{
    (void)state;
    expect_drawn("x ء 42 y", "x0  1 42 23  4 \ufe805  6 y7", false);
    expect_drawn("ء (ء)", "(0 \ufe801 )2  3 \ufe804", false);
    expect_drawn("ء, a", "\ufe800 ,1  2 a3", false);
}

static void what_the_font_lacks_is_a_box_and_told(void **state)
{
    (void)state;
    expect_drawn("a \U0001e900b", "a0  1 □2 b3", true);
    expect_drawn("ߒ\u07eb", "□0", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_stand_one_behind_the_other),
        cmocka_unit_test(a_mark_stands_on_its_letter_and_what_is_not_seen_takes_no_room),
        cmocka_unit_test(arabic_is_joined_from_right_to_left),
        cmocka_unit_test(numbers_and_brackets_in_it_are_as_they_are_read),
        cmocka_unit_test(what_the_font_lacks_is_a_box_and_told),
    };

    return cmocka_run_group_tests_name("glyphs", tests, NULL, NULL);
}
