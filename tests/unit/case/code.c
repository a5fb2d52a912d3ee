#include "case/world.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_create("test");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

static void a_code_tells_country_year_serial_and_check(void **state)
{
    (void)state;
    struct text code = case_code(arena, TEXT("SN"), 2026, 42);
    assert_text(code, "SN-2026-00042-G");
    assert_true(case_code_is_valid(code));
}

static void a_workflow_without_a_country_gives_codes_of_zz(void **state)
{
    (void)state;
    assert_true(text_begins(case_code(arena, TEXT_NONE, 2026, 1), "ZZ-2026-00001-"));
}

static void a_serial_beyond_five_digits_makes_a_longer_code(void **state)
{
    (void)state;
    struct text code = case_code(arena, TEXT("GW"), 2031, 123456);
    assert_true(text_begins(code, "GW-2031-123456-"));
    assert_true(case_code_is_valid(code));
}

/* The check character by the formula of the standard, written as other implementations do: the sum
 * of all, the check character included, must come to 1. */
static int sum_by_the_standard(const char *text)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int check = 18;
    for (; *text; text++)
        if (*text != '-')
            check =
                ((check ? check : 36) * 2 % 37 + (int)(strchr(alphabet, *text) - alphabet)) % 36;
    return check;
}

static void check_characters_are_those_of_iso_7064_mod_37_36(void **state)
{
    (void)state;
    /* A number published with its check character: a Global Release Identifier. */
    assert_int_equal(sum_by_the_standard("A12425GABC1234002M"), 1);
    for (uint64_t serial = 1; serial < 2000; serial += 7)
        assert_int_equal(sum_by_the_standard(case_code(arena, TEXT("CI"), 2027, serial).bytes), 1);
}

static void every_wrong_character_is_noticed(void **state)
{
    (void)state;
    char code[32];
    struct text good = case_code(arena, TEXT("SN"), 2026, 42);
    memcpy(code, good.bytes, good.size + 1);
    for (size_t i = 0; i < good.size; i++) {
        for (char c = '-'; c <= 'Z'; c++) {
            code[i] = c;
            assert_int_equal(case_code_is_valid(text_from(code)), c == good.bytes[i]);
        }
        code[i] = good.bytes[i];
    }
}

static void most_swapped_neighbours_are_noticed(void **state)
{
    (void)state;
    assert_true(case_code_is_valid(case_code(arena, TEXT("SN"), 2026, 1042)));
    struct text good = case_code(arena, TEXT("SN"), 2026, 1042);
    char code[32];
    memcpy(code, good.bytes, good.size + 1);
    code[9] = good.bytes[8];
    code[8] = good.bytes[9];
    assert_false(case_code_is_valid(text_from(code)));
}

static void what_has_not_the_shape_of_a_code_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "SN",
                                      "SN-2026",
                                      "SN-2026-00042",
                                      "SN-2026-00042-",
                                      "sn-2026-00042-K",
                                      "SEN-2026-00042-K",
                                      "SN-26-00042-K",
                                      "SN-2026-42-K",
                                      "SN 2026 00042 K",
                                      "SN-2026-0004200000000000000000000000000000-K"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(case_code_is_valid(text_from(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_tells_country_year_serial_and_check),
        cmocka_unit_test(a_workflow_without_a_country_gives_codes_of_zz),
        cmocka_unit_test(a_serial_beyond_five_digits_makes_a_longer_code),
        cmocka_unit_test(check_characters_are_those_of_iso_7064_mod_37_36),
        cmocka_unit_test(every_wrong_character_is_noticed),
        cmocka_unit_test(most_swapped_neighbours_are_noticed),
        cmocka_unit_test(what_has_not_the_shape_of_a_code_is_none),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
