/* How a line is drawn over what was drawn before. In what is wanted, ^ is an escape, and a new row
 * stands as /. */
#include <locale.h>

#include "client/ask/ask.h"
#include "client/kit.h"

static const struct frame plain_frame = {.strong = "",
                                         .plain = "",
                                         .dim = "",
                                         .alarm = "!",
                                         .prompt = TEXT("> "),
                                         .columns = 22,
                                         .rows_max = 24};

static const char *drawn(struct kit *kit, const struct frame *frame, struct frame_place *place)
{
    struct text_buffer out;

    text_buffer_init(&out, kit->arena);
    frame_write(&out, frame, place);
    char *shown = arena_copy(kit->arena, out.bytes, out.size + 1), *to = shown;
    shown[out.size] = '\0';
    for (const char *at = shown; *at; at++) {
        bool is_row = at[0] == '\r' && at[1] == '\n';
        *to++ = is_row ? '/' : *at == '\x1b' ? '^' : *at == '\r' ? '<' : *at;
        at += is_row;
    }
    *to = '\0';
    return shown;
}

/* From scratch; "|" is the cursor. */
static const char *drawn_once(struct kit *kit, const char *typed, struct hint hint)
{
    struct frame frame = plain_frame;
    struct frame_place place = {0, 0};
    const char *cursor = strchr(typed, '|');

    frame.at = (size_t)(cursor - typed);
    frame.typed = text_printf(kit->arena, "%.*s%s", (int)frame.at, typed, cursor + 1);
    frame.hint = hint;
    return drawn(kit, &frame, &place);
}

static const struct hint none = {HINT_NONE, {NULL, 0}};

static void the_cursor_stands_where_it_is_typed(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(drawn_once(kit, "|", none), "<> ^[K^[J<^[2C");
    assert_string_equal(drawn_once(kit, "Awa|", none), "<> Awa^[K^[J<^[5C");
    assert_string_equal(drawn_once(kit, "A|wa", none), "<> Awa^[K^[J<^[3C");
    assert_string_equal(drawn_once(kit, "\u00c9b\u00e8|ne", none), "<> \u00c9b\u00e8ne^[K^[J<^[5C");
    assert_string_equal(drawn_once(kit, "O\u0323\u0301|la", none), "<> O\u0323\u0301la^[K^[J<^[3C");
    assert_string_equal(drawn_once(kit, "\u7f8e|", none), "<> \u7f8e^[K^[J<^[4C");
}

static void a_hint_stands_behind_it_as_far_as_there_is_room(void **state)
{
    struct kit *kit = *state;
    const struct hint wrong = {HINT_WRONG, TEXT("no")}, expects = {HINT_EXPECTS, TEXT("a number")};
    const struct hint wordy = {HINT_EXPECTS, TEXT("a whole number, from 0 to 120")};

    assert_string_equal(drawn_once(kit, "x|", wrong), "<> x  !no^[K^[J<^[3C");
    assert_string_equal(drawn_once(kit, "1|2", expects), "<> 12  a number^[K^[J<^[3C");
    assert_string_equal(drawn_once(kit, "1|", wordy), "<> 1  a whole number,\u2026^[K^[J<^[3C");
    /* Else below it. */
    assert_string_equal(drawn_once(kit, "123456789012345|", expects),
                        "<> 123456789012345^[K/  a number^[K^[J^[1A<^[17C");
}

static void a_long_line_goes_on_below_behind_a_word(void **state)
{
    struct kit *kit = *state;

    assert_string_equal(drawn_once(kit, "Bus station of Colobane|", none),
                        "<> Bus station of ^[K/  Colobane^[K^[J<^[10C");
    assert_string_equal(drawn_once(kit, "Bus station |of Colobane", none),
                        "<> Bus station of ^[K/  Colobane^[K^[J^[1A<^[14C");
    assert_string_equal(drawn_once(kit, "Bus station of |Colobane", none),
                        "<> Bus station of ^[K/  Colobane^[K^[J<^[2C");
    assert_string_equal(drawn_once(kit, "0123456789012345678901|", none),
                        "<> 0123456789012345678^[K/  901^[K^[J<^[5C");
    assert_string_equal(drawn_once(kit, "one\ntwo|\n", none),
                        "<> one^[K/  two^[K/  ^[K^[J^[1A<^[5C");
}

static void the_next_frame_begins_where_the_first_one_did(void **state)
{
    struct kit *kit = *state;
    struct frame frame = plain_frame;
    struct frame_place place = {0, 0};

    frame.typed = TEXT("Bus station of Colobane");
    frame.at = frame.typed.size;
    drawn(kit, &frame, &place);
    assert_int_equal(place.row, 1);
    frame.typed = TEXT("Bus");
    frame.at = 3;
    assert_string_equal(drawn(kit, &frame, &place), "^[1A<> Bus^[K^[J<^[5C");
    assert_int_equal(place.row, 0);
    frame.hint = (struct hint){HINT_EXPECTS, TEXT("twenty columns of it")};
    frame.typed = TEXT("Bus station now");
    drawn(kit, &frame, &place);
    assert_int_equal(place.row, 0);
    assert_int_equal(place.last_row, 1);
}

static void of_more_rows_than_the_screen_has_those_around_the_cursor_are_drawn(void **state)
{
    struct kit *kit = *state;
    struct frame frame = plain_frame;
    struct frame_place place = {0, 0};

    frame.rows_max = 4;
    frame.typed = TEXT("1\n2\n3\n4\n5");
    frame.at = frame.typed.size;
    assert_string_equal(drawn(kit, &frame, &place), "<  3^[K/  4^[K/  5^[K^[J<^[3C");
    assert_int_equal(place.row, 2);
    frame.at = 1;
    assert_string_equal(drawn(kit, &frame, &place), "^[2A<> 1^[K/  2^[K/  3^[K^[J^[2A<^[3C");
}

static int in_utf8(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(the_cursor_stands_where_it_is_typed),
        KIT_TEST(a_hint_stands_behind_it_as_far_as_there_is_room),
        KIT_TEST(a_long_line_goes_on_below_behind_a_word),
        KIT_TEST(the_next_frame_begins_where_the_first_one_did),
        KIT_TEST(of_more_rows_than_the_screen_has_those_around_the_cursor_are_drawn),
    };
    return cmocka_run_group_tests(tests, in_utf8, NULL);
}
