/* JSON: what is refused and where, what comes back, how it is written. */
#include "fixture.h"

#include <errno.h>
#include <math.h>

static void assert_fault(struct text text, size_t line, size_t column, const char *message)
{
    struct value value;
    struct json_fault fault;
    assert_int_equal(json_read(arena, text, &value, &fault), -EINVAL);
    if (fault.line != line || fault.column != column || strcmp(fault.message, message) != 0)
        fail_msg("%.*s: got %zu:%zu %s", TEXT_ARG(text), fault.line, fault.column, fault.message);
    assert_int_equal(json_read(arena, text, &value, NULL), -EINVAL);
}

static void faults_have_a_place_and_plain_words(void **state)
{
    (void)state;
    assert_fault(TEXT("{\"a\": 1, \"a\": 2}"), 1, 12, "a name stands twice in one object");
    assert_fault(TEXT("{\"é\":\n  nul}"), 2, 5, "this is not JSON");
    assert_fault(TEXT("{'a': 1}"), 1, 2, "this is not JSON");
    assert_fault(TEXT("[1"), 1, 2, "the text ends in the middle of a value");
    assert_fault(TEXT(""), 1, 1, "the text ends in the middle of a value");
    assert_fault(TEXT_NONE, 1, 1, "the text ends in the middle of a value");
    assert_fault(TEXT("[1] 2"), 1, 5, "something stands behind the end of the value");
    assert_fault(TEXT("\"\xff\""), 1, 1, "the text is not UTF-8");
    assert_fault(TEXT("\"\xed\xa0\x80\""), 1, 1, "the text is not UTF-8");
    assert_fault(TEXT("\"\\ud800\""), 1, 8, "this is not JSON");
    assert_fault(TEXT("\"a\nb\""), 1, 2, "this is not JSON");
    assert_fault(TEXT("{\"a\\u0000\": 1}"), 1, 10, "a name holds a NUL character");
    assert_fault(TEXT("[1,]"), 1, 4, "this is not JSON");
    assert_fault(TEXT("01"), 1, 1, "this is not JSON");
    assert_fault(TEXT("NaN"), 1, 3, "this is not JSON");
}

static void numbers_beyond_their_type_are_refused(void **state)
{
    (void)state;
    assert_value(json("[9223372036854775807, -9223372036854775808]"),
                 "[9223372036854775807, -9223372036854775808]");
    assert_fault(TEXT("9223372036854775808"), 1, 19, "a number is too large");
    assert_fault(TEXT("-9223372036854775809"), 1, 20, "a number is too large");
    assert_fault(TEXT("1e999"), 1, 5, "a number is too large");
}

static struct text nested(size_t depth, const char *inside)
{
    struct text_buffer buffer;
    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < depth; i++)
        text_append(&buffer, i % 2 == 0 ? TEXT("[") : TEXT("{\"]}\\\"\": "));
    text_append(&buffer, text_from(inside));
    for (size_t i = depth; i > 0; i--)
        text_append(&buffer, i % 2 == 1 ? TEXT("]") : TEXT("}"));
    return text_buffer_text(&buffer);
}

static void depth_is_bounded_before_anything_recurses(void **state)
{
    (void)state;
    struct value value;
    assert_int_equal(json_read(arena, nested(JSON_DEPTH_MAX, "1"), &value, NULL), 0);
    assert_int_equal(json_read(arena, nested(JSON_DEPTH_MAX, "\"[[{{\""), &value, NULL), 0);
    struct json_fault fault;
    struct text deep = nested(JSON_DEPTH_MAX + 1, "1");
    assert_int_equal(json_read(arena, deep, &value, &fault), -EINVAL);
    assert_string_equal(fault.message, "the value is nested too deeply");
    assert_fault(nested(100000, "1"), 1, fault.column, "the value is nested too deeply");
    /* Five characters, 32 brackets, 31 braces with their names, and the brace it is. */
    assert_fault(text_printf(arena, "[\n\"\u00e9\", %s", nested(JSON_DEPTH_MAX, "").bytes), 2, 317,
                 "the value is nested too deeply");
    char flat[301];
    for (size_t i = 0; i < 300; i += 3)
        memcpy(flat + i, "[],", 3);
    assert_fault((struct text){flat, 300}, 1, 3, "something stands behind the end of the value");
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"b\":1,\"a\":[true,false,null,-1,1.5,2.0,\"\"]}",
        "\"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001f\\\"\\\\/é€😀\x7f\"",
        "{\"\":{},\"l\":[]}",
        "-0.0",
        "[0.1,1e+300,4.94065645841247e-324,1.7976931348623157e+308,123456789012345.0]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct value value;
        assert_int_equal(json_read(arena, text_from(texts[i]), &value, NULL), 0);
        assert_text(json_write(arena, &value), texts[i]);
    }
}

/* Any string of the code points that JSON escapes, from `first` on, and of some that it does not.
 */
static struct value random_string(uint64_t *seed, uint32_t first)
{
    struct text_buffer buffer;
    uint64_t count = next_number(seed, 12);
    text_buffer_init(&buffer, arena);
    for (uint64_t i = 0; i < count; i++) {
        static const uint32_t others[] = {'"', '\\', '/', 0x7f, 0xe9, 0x2028, 0xffff, 0x1f600};
        char bytes[4];
        uint64_t choice = next_number(seed, 0x20 + sizeof others / sizeof others[0]);
        uint32_t point = choice < 0x20 ? (uint32_t)choice | first : others[choice - 0x20];
        text_append(&buffer, (struct text){bytes, text_encode_code_point(point, bytes)});
    }
    return value_string(text_copy(arena, text_buffer_text(&buffer)));
}

static struct value random_value(uint64_t *seed, unsigned depth)
{
    static const int64_t integers[] = {0, -1, INT64_MAX, INT64_MIN, 1234567890123456789};
    struct value value;
    switch (next_number(seed, depth < 6 ? 7 : 5)) {
    case 0:
        return value_null();
    case 1:
        return value_bool(next_number(seed, 2));
    case 2:
        return value_int(integers[next_number(seed, sizeof integers / sizeof integers[0])]);
    case 3:
    case 4:
        return random_string(seed, 0);
    case 5:
        value = value_list(arena);
        for (uint64_t i = next_number(seed, 5); i > 0; i--)
            value_append(&value, random_value(seed, depth + 1));
        return value;
    default:
        value = value_map(arena);
        for (uint64_t i = next_number(seed, 5); i > 0; i--)
            /* U+0000 in a name is refused when it is read: there is no such member. */
            value_set(&value, random_string(seed, 1).string, random_value(seed, depth + 1));
        return value;
    }
}

static void a_random_tree_reads_back_as_it_was_written(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 3000; i++) {
        struct value value = random_value(&seed, 0), compact, pretty;
        assert_int_equal(json_read(arena, json_write(arena, &value), &compact, NULL), 0);
        assert_int_equal(json_read(arena, json_write_pretty(arena, &value), &pretty, NULL), 0);
        assert_true(value_equal(&value, &compact));
        assert_true(value_equal(&value, &pretty));
        if (i % 100 == 0)
            arena_reset(arena);
    }
}

static void every_double_survives(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_number(&seed, UINT64_MAX);
        double real;
        memcpy(&real, &bits, sizeof real);
        if (!isfinite(real))
            continue;
        struct value value = value_double(real), again;
        assert_int_equal(json_read(arena, json_write(arena, &value), &again, NULL), 0);
        if (again.kind != VALUE_DOUBLE || again.real != real)
            fail_msg("%a", real);
        if (i % 1000 == 0)
            arena_reset(arena);
    }
}

static void moments_and_spans_are_written_as_strings(void **state)
{
    (void)state;
    static const struct {
        enum value_kind kind;
        struct instant instant;
        const char *text;
    } cases[] = {
        {VALUE_TIMESTAMP, {0, 0}, "\"1970-01-01T00:00:00Z\""},
        {VALUE_TIMESTAMP, {-1, 999000000}, "\"1969-12-31T23:59:59.999Z\""},
        {VALUE_DURATION, {1, 500000000}, "\"1.5s\""},
        {VALUE_DURATION, {-2, 500000000}, "\"-1.5s\""},
        {VALUE_DURATION, {-1, 999999999}, "\"-0.000000001s\""},
        {VALUE_DURATION, {3600, 0}, "\"3600s\""},
        {VALUE_DURATION, {INT64_MIN, 0}, "\"-9223372036854775808s\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value value = cases[i].kind == VALUE_TIMESTAMP ? value_timestamp(cases[i].instant)
                                                              : value_duration(cases[i].instant);
        assert_text(json_write(arena, &value), cases[i].text);
    }
}

static void people_get_it_indented(void **state)
{
    (void)state;
    struct value value = json("{'a': [1, {}], 'b': [], 'c': {'d': null}}");
    assert_text(json_write_pretty(arena, &value), "{\n"
                                                  "  \"a\": [\n"
                                                  "    1,\n"
                                                  "    {}\n"
                                                  "  ],\n"
                                                  "  \"b\": [],\n"
                                                  "  \"c\": {\n"
                                                  "    \"d\": null\n"
                                                  "  }\n"
                                                  "}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(faults_have_a_place_and_plain_words),
        WITH_ARENA(numbers_beyond_their_type_are_refused),
        WITH_ARENA(depth_is_bounded_before_anything_recurses),
        WITH_ARENA(what_is_written_reads_back),
        WITH_ARENA(a_random_tree_reads_back_as_it_was_written),
        WITH_ARENA(every_double_survives),
        WITH_ARENA(moments_and_spans_are_written_as_strings),
        WITH_ARENA(people_get_it_indented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
