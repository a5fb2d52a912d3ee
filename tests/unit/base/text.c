/* Texts: comparing, UTF-8, ids, the nearest name, hex, numbers, buffers. */
#include "fixture.h"

static void texts_compare_by_bytes_the_shorter_first(void **state)
{
    (void)state;
    assert_true(text_compare(TEXT("ab"), TEXT("abc")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("abc")) > 0);
    assert_int_equal(text_compare(TEXT("é"), TEXT("é")), 0);
    assert_true(text_compare(TEXT("z"), TEXT("é")) < 0);
    assert_int_equal(text_compare(TEXT_NONE, TEXT("")), 0);
    assert_true(text_equal(TEXT_NONE, TEXT("")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_true(text_begins(TEXT("done.step"), "done."));
    assert_false(text_begins(TEXT("do"), "done"));
    assert_true(text_begins(TEXT_NONE, ""));
    assert_true(text_ends(TEXT("a.yaml"), ".yaml"));
    assert_false(text_ends(TEXT("l"), "ml"));
    assert_null(text_from(NULL).bytes);
}

static void only_well_formed_utf8_passes(void **state)
{
    (void)state;
    const char *good[] = {"",
                          "plain",
                          "é",
                          "€",
                          "\xf0\x9f\x98\x80",
                          "\xed\x9f\xbf",
                          "\xef\xbf\xbf",
                          "\xf4\x8f\xbf\xbf"};
    const char *bad[] = {"\x80",         "\xc0\x80",
                         "\xc1\xbf",     "\xe0\x9f\xbf",
                         "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                         "\xf5",         "\xf4\x90\x80\x80",
                         "\xe2\x82",     "\xc3",
                         "a\xff",        "\xe2\x28\xa1",
                         "\xe2\x82\x28"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(text_is_utf8(text_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_is_utf8(text_from(bad[i])));
}

static void every_code_point_survives_encoding(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        if (code_point == 0xd800)
            code_point = 0xe000;
        char bytes[4];
        struct text text = {bytes, text_encode_code_point(code_point, bytes)};
        size_t offset = 0;
        if (!text_is_utf8(text) || text_next_code_point(text, &offset) != code_point ||
            offset != text.size || text_code_points(text) != 1)
            fail_msg("U+%04X", code_point);
    }
}

static void ids_are_lower_case_words(void **state)
{
    (void)state;
    assert_true(text_is_id(TEXT("a")));
    assert_true(text_is_id(TEXT("best_interests_2")));
    assert_false(text_is_id(TEXT("")));
    assert_false(text_is_id(TEXT("2nd")));
    assert_false(text_is_id(TEXT("_a")));
    assert_false(text_is_id(TEXT("Visit")));
    assert_false(text_is_id(TEXT("a-b")));
    assert_false(text_is_id(TEXT("é")));
    char longest[66];
    memset(longest, 'a', sizeof longest);
    assert_true(text_is_id((struct text){longest, 64}));
    assert_false(text_is_id((struct text){longest, 65}));
}

static void the_nearest_name_is_found_where_it_can_be_meant(void **state)
{
    (void)state;
    const struct text names[] = {TEXT("tracing"), TEXT("handover"), TEXT("to"), TEXT("by")};
    assert_text(text_nearest(TEXT("traceing"), names, 4), "tracing");
    assert_text(text_nearest(TEXT("hadnover"), names, 4), "handover");
    assert_text(text_nearest(TEXT("ot"), names, 4), "to");
    assert_text(text_nearest(TEXT("b"), names, 4), "by");
    assert_null(text_nearest(TEXT("closure"), names, 4).bytes);
    /* A single letter shares nothing with another one. */
    const struct text letters[] = {TEXT("x"), TEXT("")};
    assert_null(text_nearest(TEXT("y"), letters, 2).bytes);
    assert_null(text_nearest(TEXT("y"), NULL, 0).bytes);
    /* What is longer than an id is never meant. */
    struct text longest = text_printf(arena, "%065d", 0);
    assert_null(text_nearest(longest, &longest, 1).bytes);
    assert_null(text_nearest(TEXT("0"), &longest, 1).bytes);
}

/* RFC 4648, section 10. */
static void base_64_is_written_and_read_as_strictly(void **state)
{
    static const char *const answers[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                          "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    static const char *const wrong[] = {"Zg=",  "Zh==",   "Zm9=", "Zg=A",
                                        "Z===", "Zm9v\n", "Zm-=", "="};
    char bytes[8];

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct text base64 = text_base64(arena, "foobar", i);
        assert_text(base64, answers[i]);
        assert_true(text_from_base64(base64, bytes, i));
        assert_memory_equal(bytes, "foobar", i);
        assert_false(text_from_base64(base64, bytes, i + 3));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (size_t size = 0; size < 4; size++)
            assert_false(text_from_base64(text_from(wrong[i]), bytes, size));
}

static void bytes_survive_hex(void **state)
{
    (void)state;
    const unsigned char bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    unsigned char again[4];
    struct text hex = text_hex(arena, bytes, 4);
    assert_text(hex, "000fa5ff");
    assert_true(text_from_hex(hex, again, 4));
    assert_memory_equal(bytes, again, 4);
    assert_true(text_from_hex(TEXT("000FA5FF"), again, 4));
    assert_false(text_from_hex(TEXT("000fa5f"), again, 4));
    assert_false(text_from_hex(TEXT("000fa5"), again, 4));
    assert_false(text_from_hex(TEXT("000fa5fg"), again, 4));
}

static void integers_are_read_to_their_limits(void **state)
{
    (void)state;
    int64_t number = 5;
    assert_true(text_to_int(TEXT("9223372036854775807"), &number));
    assert_int_equal(number, INT64_MAX);
    assert_true(text_to_int(TEXT("-9223372036854775808"), &number));
    assert_int_equal(number, INT64_MIN);
    assert_true(text_to_int(TEXT("-0"), &number));
    assert_int_equal(number, 0);
    const char *bad[] = {
        "9223372036854775808", "-9223372036854775809", "", "-", "+1", "1 ", "1.0", "--1", "0x1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_to_int(text_from(bad[i]), &number));
}

static void doubles_are_json_numbers(void **state)
{
    (void)state;
    double number = 0;
    assert_true(text_to_double(TEXT("-1.5e2"), &number));
    assert_true(number == -150.0);
    assert_true(text_to_double(TEXT("0.1"), &number));
    assert_true(number == 0.1);
    const char *bad[] = {"",    "-",   ".5",    "1.",    "01",  "1e", "1e+",
                         "nan", "inf", "0x1p3", "1e999", "1,5", " 1", "1 "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_to_double(text_from(bad[i]), &number));
    char digits[513];
    memset(digits, '1', sizeof digits);
    assert_false(text_to_double((struct text){digits, 512}, &number));
}

static void a_buffer_grows_and_keeps_what_was_appended(void **state)
{
    (void)state;
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    assert_text(text_buffer_text(&buffer), "");
    for (int i = 0; i < 2000; i++)
        text_append_printf(&buffer, "%04d;", i);
    text_append(&buffer, TEXT_NONE);
    struct text text = text_buffer_text(&buffer);
    assert_int_equal(text.size, 10000);
    assert_int_equal(strlen(text.bytes), 10000);
    assert_memory_equal(text.bytes + 9990, "1998;1999;", 10);
    text_buffer_init(&buffer, arena);
    text_append(&buffer, text);
    assert_true(text_equal(text_buffer_text(&buffer), text));
}

static void spaces_that_are_none_are_known(void **state)
{
    static const uint32_t none[] = {0xa0, 0x2000, 0x200b, 0x202f, 0x205f, 0x2060, 0x3000};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_true(text_is_false_space(none[i]));
    assert_false(text_is_false_space(' '));
    assert_false(text_is_false_space(0xe9));
    assert_false(text_is_false_space(0x2010));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(texts_compare_by_bytes_the_shorter_first),
        WITH_ARENA(only_well_formed_utf8_passes),
        WITH_ARENA(every_code_point_survives_encoding),
        WITH_ARENA(spaces_that_are_none_are_known),
        WITH_ARENA(ids_are_lower_case_words),
        WITH_ARENA(the_nearest_name_is_found_where_it_can_be_meant),
        WITH_ARENA(base_64_is_written_and_read_as_strictly),
        WITH_ARENA(bytes_survive_hex),
        WITH_ARENA(integers_are_read_to_their_limits),
        WITH_ARENA(doubles_are_json_numbers),
        WITH_ARENA(a_buffer_grows_and_keeps_what_was_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
