/* What fields accept, and what stands for them at first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/arena.h"
#include "base/json.h"
#include "wire/describe.h"

static int set_up(void **state)
{
    *state = arena_create("test");
    return 0;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct value json(struct arena *arena, const char *text)
{
    struct value value;
    assert_int_equal(json_read(arena, text_from(text), &value, NULL), 0);
    return value;
}

static void a_value_fits_its_kind_or_is_refused_with_a_word(void **state)
{
    static const struct {
        enum plugin_kind kind;
        const char *good[4], *bad[6], *why;
    } cases[] = {
        {PLUGIN_TEXT, {"\"\"", "\"x\""}, {"1", "null", "[]", "true"}, "f must be a text."},
        {PLUGIN_INTEGER,
         {"0", "-9223372036854775808"},
         {"1.5", "1.0", "\"1\"", "true"},
         "f must be an integer."},
        {PLUGIN_NUMBER, {"0", "-1.5"}, {"\"1\"", "null", "[1]"}, "f must be a number."},
        {PLUGIN_BOOLEAN, {"true", "false"}, {"0", "\"true\"", "null"}, "f must be true or false."},
        {PLUGIN_DATE,
         {"\"2024-02-29\""},
         {"\"2026-02-29\"", "\"2026-2-1\"", "20260201", "\"2026-02-01T00:00:00Z\""},
         "f must be a date, like 2026-03-01."},
        {PLUGIN_TIMESTAMP,
         {"\"2026-03-01T09:00:00Z\"", "\"2026-03-01T09:00:00.5+01:00\""},
         {"\"2026-03-01\"", "\"09:00\"", "0"},
         "f must be a time, like 2026-03-01T09:00:00Z."},
        {PLUGIN_TEXTS,
         {"[]", "[\"a\",\"b\"]"},
         {"\"a\"", "[1]", "[\"a\",null]", "{}"},
         "f must be a list of texts."},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plugin_field field = {.name = TEXT("f"), .kind = cases[i].kind};
        struct text why;
        for (size_t j = 0; cases[i].good[j] != NULL; j++) {
            struct value value = json(arena, cases[i].good[j]);
            assert_true(plugin_accepts(&field, &value, arena, &why));
        }
        for (size_t j = 0; cases[i].bad[j] != NULL; j++) {
            struct value value = json(arena, cases[i].bad[j]);
            assert_false(plugin_accepts(&field, &value, arena, &why));
            assert_string_equal(why.bytes, cases[i].why);
        }
    }
}

static void a_number_is_finite(void **state)
{
    struct plugin_field field = {.name = TEXT("f"), .kind = PLUGIN_NUMBER};
    struct value nan = value_double(NAN), infinity = value_double(-INFINITY);
    struct text why;
    assert_false(plugin_accepts(&field, &nan, *state, &why));
    assert_false(plugin_accepts(&field, &infinity, *state, &why));
}

static void a_time_may_still_be_a_value(void **state)
{
    struct plugin_field field = {.name = TEXT("f"), .kind = PLUGIN_TIMESTAMP};
    struct value time = value_timestamp((struct instant){0, 0});
    struct text why;
    assert_true(plugin_accepts(&field, &time, *state, &why));
    field.kind = PLUGIN_DATE;
    assert_false(plugin_accepts(&field, &time, *state, &why));
}

static void options_are_the_only_texts_allowed(void **state)
{
    struct arena *arena = *state;
    const struct text options[] = {TEXT("green"), TEXT("amber")};
    struct plugin_field field = {
        .name = TEXT("f"), .kind = PLUGIN_TEXT, .options = options, .option_count = 2};
    struct text why;
    struct value value = json(arena, "\"amber\"");
    assert_true(plugin_accepts(&field, &value, arena, &why));
    value = json(arena, "\"red\"");
    assert_false(plugin_accepts(&field, &value, arena, &why));
    assert_string_equal(why.bytes, "f must be one of green, amber.");

    field.kind = PLUGIN_TEXTS;
    value = json(arena, "[\"amber\",\"green\",\"amber\"]");
    assert_true(plugin_accepts(&field, &value, arena, &why));
    value = json(arena, "[\"amber\",\"red\"]");
    assert_false(plugin_accepts(&field, &value, arena, &why));
}

static void many_options_are_not_all_named(void **state)
{
    struct text options[12], why;
    for (size_t i = 0; i < 12; i++)
        options[i] = text_printf(*state, "o%zu", i);
    struct plugin_field field = {
        .name = TEXT("f"), .kind = PLUGIN_TEXT, .options = options, .option_count = 12};
    struct value value = value_cstring("x");
    assert_false(plugin_accepts(&field, &value, *state, &why));
    assert_string_equal(why.bytes, "f must be one of o0, o1, o2, o3, o4, o5, o6, o7 and 4 more.");
}

static void a_map_fits_its_fields(void **state)
{
    static const struct plugin_field items[] = {
        {.name = {"age", 3}, .kind = PLUGIN_INTEGER, .required = true},
        {.name = {"wish", 4}, .kind = PLUGIN_TEXT}};
    static const struct {
        const char *map, *why;
    } cases[] = {
        {"{\"age\":11,\"wish\":\"home\"}", NULL},
        {"{\"age\":11,\"wish\":null}", NULL},
        {"{\"wish\":\"home\"}", "The input age is missing."},
        {"{\"age\":null}", "The input age is missing."},
        {"{\"age\":11,\"name\":\"x\"}", "There is no input name."},
        {"{\"age\":11,\"Not an id: Awa\":1}", "There is no input of that name."},
        {"{\"age\":\"11\"}", "The input age must be an integer."},
    };
    struct arena *arena = *state;
    struct plugin_fields fields = {items, 2};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value map = json(arena, cases[i].map);
        struct text why = TEXT_NONE;
        assert_int_equal(plugin_fits(fields, true, "input", &map, arena, &why),
                         cases[i].why == NULL);
        assert_true(text_equal(why, text_from(cases[i].why)));
    }
    struct value empty = value_map(arena);
    struct text why;
    assert_true(plugin_fits(fields, false, "output", &empty, arena, &why));
}

static void an_initial_value_is_of_its_kind(void **state)
{
    static const struct {
        enum plugin_kind kind;
        const char *initial, *value; /* NULL: refused */
    } cases[] = {
        {PLUGIN_TEXT, "x", "\"x\""},
        {PLUGIN_TEXT, "", "\"\""},
        {PLUGIN_INTEGER, "-7", "-7"},
        {PLUGIN_INTEGER, "7 days", NULL},
        {PLUGIN_NUMBER, "2.5", "2.5"},
        {PLUGIN_NUMBER, "nan", NULL},
        {PLUGIN_BOOLEAN, "true", "true"},
        {PLUGIN_BOOLEAN, "false", "false"},
        {PLUGIN_BOOLEAN, "yes", NULL},
        {PLUGIN_DATE, "2026-03-01", "\"2026-03-01\""},
        {PLUGIN_DATE, "tomorrow", NULL},
        {PLUGIN_TIMESTAMP, "2026-03-01T09:00:00Z", "\"2026-03-01T09:00:00Z\""},
        {PLUGIN_TIMESTAMP, "now", NULL},
        {PLUGIN_TEXTS, "a", NULL},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plugin_field field = {.name = TEXT("f"),
                                     .kind = cases[i].kind,
                                     .has_initial = true,
                                     .initial = text_from(cases[i].initial)};
        struct value value;
        assert_int_equal(plugin_initial(&field, arena, &value), cases[i].value != NULL);
        if (cases[i].value != NULL) {
            struct value expected = json(arena, cases[i].value);
            assert_true(value_equal(&value, &expected));
        }
    }
    struct plugin_field none = {.name = TEXT("f"), .kind = PLUGIN_TEXT};
    struct value value;
    assert_true(plugin_initial(&none, arena, &value));
    assert_int_equal(value.kind, VALUE_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_fits_its_kind_or_is_refused_with_a_word, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_number_is_finite, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_time_may_still_be_a_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_are_the_only_texts_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_options_are_not_all_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_map_fits_its_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_initial_value_is_of_its_kind, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
