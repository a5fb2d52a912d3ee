/* Recovery shares: the field, what three and two of five give, what is told of mistyped ones. */
#include "fixture.h"

#include <ctype.h>
#include <errno.h>

#include "vault/primitives/crypto.h"
#include "vault/slots/shamir.h"
#include "vault/slots/shares.h"

static struct shares shares;
static struct shares_fault fault;
static uint8_t secret[SHARES_SECRET_BYTES];

static int setup(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    fixture_init(&fixture, "none");
    assert_int_equal(crypto_start(), 0);
    shares_make(&fixture.random, &shares);
    return 0;
}

static int teardown(void **state)
{
    fixture_finish(*state);
    return 0;
}

/* ---- Shamir. ---- */

/* By hand: the secret 0x42 and the polynomial 0x42 + 0x83 x + 0x57 x^2; 0x57 * 0x83 = 0xc1 is the
 * example of FIPS 197, so the value at 0x83 of 0x57 x is 0xc1. */
static void polynomial_is_taken_in_the_field_of_aes(void **state)
{
    uint8_t one = 0x42, line = 0x57, coefficients[] = {0x83, 0x57}, share;

    (void)state;
    shamir_share(&one, 1, &line, 2, 0x83, &share);
    assert_int_equal(share, 0x42 ^ 0xc1);
    shamir_share(&one, 1, coefficients, 3, 1, &share);
    assert_int_equal(share, 0x42 ^ 0x83 ^ 0x57);
    shamir_share(&one, 1, coefficients, 3, 2, &share);
    assert_int_equal(share, 0x42 ^ 0x1d ^ 0x47); /* 2 * 0x83 = 0x1d; 4 * 0x57 = 0x47 */
}

static void every_secret_comes_back_from_any_points(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        uint8_t one = (uint8_t)value, coefficients[] = {(uint8_t)(value * 7 + 1), 0xd3};
        uint8_t points[3], xs[3], found;
        const uint8_t *const shares_of[] = {&points[0], &points[1], &points[2]};

        for (size_t i = 0; i < 3; i++) {
            xs[i] = (uint8_t)(1 + (value * 3 + i * 85) % 255);
            shamir_share(&one, 1, coefficients, 3, xs[i], &points[i]);
        }
        shamir_combine(xs, shares_of, 3, 1, &found);
        assert_int_equal(found, value);
    }
}

/* Two points say nothing: for each secret there is one polynomial through them and it, so that each
 * secret is as likely as before. */
static void two_points_fit_every_secret_equally_often(void **state)
{
    unsigned seen[256] = {0};

    (void)state;
    for (unsigned third = 0; third < 256; third++) {
        uint8_t points[] = {0x12, 0xe7, (uint8_t)third}, found;
        const uint8_t xs[] = {1, 2, 3};
        const uint8_t *const shares_of[] = {&points[0], &points[1], &points[2]};

        shamir_combine(xs, shares_of, 3, 1, &found);
        seen[found]++;
    }
    for (size_t i = 0; i < 256; i++)
        assert_int_equal(seen[i], 1);
}

/* ---- Shares as texts. ---- */

static void any_three_of_five_give_the_secret(void **state)
{
    (void)state;
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++)
            for (size_t c = 0; c < 5; c++) {
                struct text texts[] = {text_from(shares.texts[a]), text_from(shares.texts[b]),
                                       text_from(shares.texts[c])};
                bool differ = a != b && b != c && a != c;

                assert_int_equal(shares_combine(texts, 3, secret, &fault), differ ? 0 : -EEXIST);
                if (differ)
                    assert_memory_equal(secret, shares.secret, sizeof(secret));
            }
}

static void two_or_none_are_too_few_and_more_do(void **state)
{
    struct text texts[6];

    (void)state;
    for (size_t i = 0; i < 5; i++)
        texts[i] = text_from(shares.texts[i]);
    texts[5] = TEXT("beyond five nobody looks");
    for (size_t count = 0; count < 3; count++) {
        assert_int_equal(shares_combine(texts, count, secret, &fault), -ENODATA);
        assert_int_equal(fault.needed, 3);
    }
    for (size_t count = 3; count <= 6; count++)
        assert_int_equal(shares_combine(texts, count, secret, &fault), 0);
}

static void share_is_four_lines_of_four_groups(void **state)
{
    (void)state;
    assert_int_equal(strlen(shares.texts[0]), 4 * 19 + 3);
    for (size_t i = 0; i < strlen(shares.texts[0]); i++) {
        char expected = i % 20 == 19 ? '\n' : i % 5 == 4 ? ' ' : shares.texts[0][i];

        assert_int_equal(shares.texts[0][i], expected);
        assert_null(strchr("ILOUilou", shares.texts[0][i]));
    }
}

static void small_letters_dashes_and_likenesses_are_understood(void **state)
{
    struct text texts[3];
    char typed[3][200];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *out = typed[i];

        for (const char *at = shares.texts[i]; *at; at++) {
            char c = (char)tolower(*at);
            *out++ = c == ' ' ? '-' : c == '0' ? 'o' : c == '1' ? 'l' : c;
        }
        memcpy(out, " \r\n", 4);
        texts[i] = text_from(typed[i]);
    }
    assert_int_equal(shares_combine(texts, 3, secret, &fault), 0);
    assert_memory_equal(secret, shares.secret, sizeof(secret));
}

/* Any one character, by any other: told with its share and line. */
static void every_mistyped_character_is_told_with_its_line(void **state)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZU?";
    struct text texts[3];
    char typed[SHARES_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        texts[i] = text_from(shares.texts[i]);
    memcpy(typed, shares.texts[1], sizeof(typed));
    texts[1] = text_from(typed);
    for (size_t at = 0; at < texts[1].size; at++) {
        char was = typed[at];

        if (isspace((unsigned char)was))
            continue;
        for (const char *letter = letters; *letter; letter++) {
            if (*letter == was)
                continue;
            typed[at] = *letter;
            assert_int_equal(shares_combine(texts, 3, secret, &fault), -EINVAL);
            assert_int_equal(fault.share, 1);
            assert_int_equal(fault.line, at / 20 + 1);
        }
        typed[at] = was;
    }
}

static void neighbours_that_changed_places_are_told(void **state)
{
    struct text texts[] = {text_from(shares.texts[0]), TEXT_NONE, text_from(shares.texts[2])};
    char typed[SHARES_TEXT_BYTES];

    (void)state;
    memcpy(typed, shares.texts[4], sizeof(typed));
    texts[1] = text_from(typed);
    for (size_t at = 0; at + 1 < texts[1].size; at++) {
        char first = typed[at], second = typed[at + 1];

        if (first == second || isspace((unsigned char)first) || isspace((unsigned char)second))
            continue;
        typed[at] = second;
        typed[at + 1] = first;
        assert_int_equal(shares_combine(texts, 3, secret, &fault), -EINVAL);
        assert_int_equal(fault.line, at / 20 + 1);
        typed[at] = first;
        typed[at + 1] = second;
    }
}

static void swapped_lines_and_wrong_lengths_are_told(void **state)
{
    struct text texts[] = {text_from(shares.texts[0]), TEXT_NONE, text_from(shares.texts[2])};
    char typed[2 * SHARES_TEXT_BYTES];

    (void)state;
    memcpy(typed, shares.texts[1], SHARES_TEXT_BYTES);
    memcpy(typed, shares.texts[1] + 20, 19);
    memcpy(typed + 20, shares.texts[1], 19);
    texts[1] = text_from(typed);
    assert_int_equal(shares_combine(texts, 3, secret, &fault), -EINVAL);
    assert_int_equal(fault.line, 1);
    for (size_t size = 0; size < 79; size += 13) {
        texts[1] = (struct text){shares.texts[1], size};
        assert_int_equal(shares_combine(texts, 3, secret, &fault), -EINVAL);
        assert_int_equal(fault.line, 0);
    }
    snprintf(typed, sizeof(typed), "%s 7", shares.texts[1]);
    texts[1] = text_from(typed);
    assert_int_equal(shares_combine(texts, 3, secret, &fault), -EINVAL);
    assert_int_equal(fault.line, 0);
}

static void shares_are_split_where_empty_lines_stand(void **state)
{
    struct fixture *fixture = *state;
    struct text split[SHARES_MADE];
    static const struct {
        const char *typed;
        size_t count;
        const char *last;
    } cases[] = {
        {"", 0, ""},
        {"\n \r\n\n", 0, ""},
        {"A B\nC", 1, "A B\nC"},
        {"A\r\nB\r\n\r\nC\r\n", 2, "C\r"},
        {"\n\nA\n\n \n\nB\nC\n\n", 2, "B\nC"},
        {"A\n\nB\n\nC\n\nD\n\nE\n\nF", 5, "E"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(shares_split(text_from(cases[i].typed), split), cases[i].count);
        if (cases[i].count > 0)
            assert_true(text_equal(split[cases[i].count - 1], text_from(cases[i].last)));
    }
    struct text typed = text_printf(fixture->arena, "%s\n\n%s\n\n%s\n", shares.texts[4],
                                    shares.texts[0], shares.texts[2]);
    assert_int_equal(shares_split(typed, split), 3);
    assert_int_equal(shares_combine(split, 3, secret, &fault), 0);
    assert_memory_equal(secret, shares.secret, sizeof(secret));
}

static void shares_of_two_sets_do_not_mix(void **state)
{
    struct fixture *fixture = *state;
    struct shares others;
    struct text texts[3];

    shares_make(&fixture->random, &others);
    assert_memory_not_equal(others.secret, shares.secret, sizeof(others.secret));
    texts[0] = text_from(shares.texts[0]);
    texts[1] = text_from(shares.texts[1]);
    texts[2] = text_from(others.texts[2]);
    assert_int_equal(shares_combine(texts, 3, secret, &fault), -EXDEV);
    assert_int_equal(fault.share, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomial_is_taken_in_the_field_of_aes),
        cmocka_unit_test(every_secret_comes_back_from_any_points),
        cmocka_unit_test(two_points_fit_every_secret_equally_often),
        cmocka_unit_test_setup_teardown(any_three_of_five_give_the_secret, setup, teardown),
        cmocka_unit_test_setup_teardown(two_or_none_are_too_few_and_more_do, setup, teardown),
        cmocka_unit_test_setup_teardown(share_is_four_lines_of_four_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(small_letters_dashes_and_likenesses_are_understood, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(every_mistyped_character_is_told_with_its_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(neighbours_that_changed_places_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(swapped_lines_and_wrong_lengths_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(shares_are_split_where_empty_lines_stand, setup, teardown),
        cmocka_unit_test_setup_teardown(shares_of_two_sets_do_not_mix, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
