/* What expressions come to, beyond the shared conformance cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "cel/fixture.h"

struct outcome {
    const char *source;
    const char *value; /* as JSON; NULL: an error */
    const char *type_or_error;
};

static struct value instant_of(const char *rfc3339)
{
    struct instant instant;

    assert_true(when_read_timestamp(text_from(rfc3339), &instant));
    return value_timestamp(instant);
}

/* Some fields have values, data.score and data.granted have none. */
static void set_values(struct fixture *fixture)
{
    struct value siblings = value_list(fixture->arena), visits = value_list(fixture->arena);
    struct value data = value_map(fixture->arena), inner = value_map(fixture->arena);

    value_append(&siblings, value_cstring("Moussa"));
    value_append(&siblings, value_cstring("Fatou"));
    value_append(&visits, value_int(0));
    value_append(&visits, value_int(5));
    value_put(&inner, "y", value_bool(true));
    value_put(&data, "number", value_int(7));
    value_put(&data, "text", value_cstring("7"));
    value_put(&data, "none", value_null());
    value_put(&data, "list", siblings);
    value_put(&data, "x", inner);
    fixture_set(fixture, "data.risk", value_int(4));
    fixture_set(fixture, "data.child_name", value_cstring("A\xc3\xafssatou"));
    fixture_set(fixture, "data.birth_date", instant_of("2012-02-29T00:00:00Z"));
    fixture_set(fixture, "data.siblings", siblings);
    fixture_set(fixture, "data.visits", visits);
    fixture_set(fixture, "data.consent", value_cstring("given"));
    fixture_set(fixture, "event.data", data);
    fixture_set(fixture, "by.id", value_cstring("awa"));
    fixture_set(fixture, "today", instant_of("2026-01-31T00:00:00Z"));
    fixture_set(fixture, "now", instant_of("2026-01-31T22:30:15.250Z"));
    fixture_set(fixture, "any", value_int(3));
}

static bool is_outcome(struct fixture *fixture, const struct outcome *outcome)
{
    const struct cel_program *program = fixture_compile(fixture, text_from(outcome->source), NULL);
    struct text error = TEXT_NONE, got;
    struct value value;

    if (!program) {
        got = fixture->diags.items[0].message;
    } else if (fixture_evaluate(fixture, program, &value, &error) == 0) {
        struct text type = cel_type_write(fixture->arena, cel_program_type(program));
        got = json_write(fixture->arena, &value);
        if (outcome->value && text_is(got, outcome->value) && text_is(type, outcome->type_or_error))
            return true;
        got = text_printf(fixture->arena, "%.*s, a %.*s", TEXT_ARG(got), TEXT_ARG(type));
    } else {
        got = error;
        if (!outcome->value && text_is(error, outcome->type_or_error))
            return true;
    }
    print_error("%s: got %.*s\n", outcome->source, TEXT_ARG(got));
    return false;
}

static void assert_outcomes(const struct outcome *outcomes, size_t count)
{
    struct fixture fixture;
    size_t wrong = 0;

    fixture_init(&fixture);
    set_values(&fixture);
    for (size_t i = 0; i < count; i++)
        wrong += !is_outcome(&fixture, &outcomes[i]);
    fixture_finish(&fixture);
    assert_int_equal(wrong, 0);
}

#define ASSERT_OUTCOMES(...)                                                                       \
    do {                                                                                           \
        const struct outcome outcomes[] = {__VA_ARGS__};                                           \
        assert_outcomes(outcomes, sizeof(outcomes) / sizeof(*outcomes));                           \
    } while (0)

static void an_unset_name_that_is_read_is_an_error_that_names_it(void **state)
{
    (void)state;
    ASSERT_OUTCOMES({"data.score > 1.0", NULL, "data.score has no value yet"},
                    {"has(data.score)", "false", "bool"}, {"has(data.risk)", "true", "bool"},
                    {"has(data.score) && data.score > 1.0", "false", "bool"},
                    {"data.score > 1.0 || data.risk == 4", "true", "bool"},
                    {"data.risk == 4 || data.score > 1.0", "true", "bool"},
                    {"data.score > 1.0 && data.risk == 5", "false", "bool"},
                    {"data.score > 1.0 && data.granted", NULL, "data.score has no value yet"},
                    {"data.granted ? 1 : 2", NULL, "data.granted has no value yet"});
}

static void errors_say_what_went_wrong(void **state)
{
    (void)state;
    ASSERT_OUTCOMES(
        {"1 / (data.risk - 4)", NULL, "a number is divided by zero"},
        {"1 % (data.risk - 4)", NULL, "a number is divided by zero"},
        {"data.risk + 9223372036854775807", NULL, "\"+\" goes out of the range of int"},
        {"-9223372036854775808 - data.risk", NULL, "\"-\" goes out of the range of int"},
        {"data.risk * 9223372036854775807", NULL, "\"*\" goes out of the range of int"},
        {"-9223372036854775808 / (data.risk - 5)", NULL, "\"/\" goes out of the range of int"},
        {"-9223372036854775808 % (data.risk - 5)", NULL, "\"%\" goes out of the range of int"},
        {"data.siblings[2]", NULL, "there is no element [2]: the list has 2"},
        {"data.siblings[-1]", NULL, "there is no element [-1]: the list has 2"},
        {"{'a': 1}['b']", NULL, "the map has no such key"},
        {"{'a': 1}.b", NULL, "there is no member \"b\""},
        {"{'a\\x00': 1}", NULL, "a key of a map holds a NUL character"},
        {"{'a': 1, 'a' + '': 2}", NULL, "a key stands twice in the map"},
        {"int(data.child_name)", NULL, "data.child_name is no whole number"},
        {"double(data.child_name)", NULL, "data.child_name is no number"},
        {"bool(data.child_name)", NULL, "data.child_name is no bool: it must be true or false"},
        {"date(data.child_name)", NULL, "data.child_name is no date: it is written as 2012-01-31"},
        {"int(double(data.risk) * 1e30)", NULL,
         "double(data.risk) * 1e30 is out of the range of int"},
        {"int(0.0 / double(data.risk - 4))", NULL,
         "0.0 / double(data.risk - 4) is out of the range of int"},
        {"age(today, data.birth_date)", NULL, "age() has a second date that is before the first"},
        {"add_workdays(today, 100001)", NULL, "the calendar has no day 100001 working days away"},
        {"add_workdays(date('9999-12-30'), 9)", NULL,
         "the calendar has no day 9 working days away"},
        {"add_workdays(today, -9223372036854775808)", NULL,
         "the expression takes more than 10000 steps"},
        {"workdays_between(date('0001-01-01'), today)", NULL,
         "the expression takes more than 10000 steps"},
        {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", NULL,
         "the timestamp is out of the range 0001 to 9999"},
        {"timestamp('0001-01-01T00:00:00Z') - duration('1ns')", NULL,
         "the timestamp is out of the range 0001 to 9999"},
        {"duration('9223372036s') + duration('1s')", NULL,
         "the duration is out of the range of 292 years"});
}

static void and_and_or_absorb_errors_beside_what_decides(void **state)
{
    (void)state;
    ASSERT_OUTCOMES({"1 / 0 > 1 || true", "true", "bool"}, {"1 / 0 > 1 && false", "false", "bool"},
                    {"1 / 0 > 1 || false", NULL, "a number is divided by zero"},
                    {"true || 1 / 0 > 1 || false", "true", "bool"},
                    {"data.visits.exists(v, 10 / v == 2)", "true", "bool"},
                    {"data.visits.all(v, 10 / v > 2)", "false", "bool"},
                    {"data.visits.all(v, 10 / v == 2)", NULL, "a number is divided by zero"},
                    {"data.visits.exists_one(v, 10 / v == 2)", NULL, "a number is divided by zero"},
                    {"data.visits.filter(v, 10 / v == 2)", NULL, "a number is divided by zero"},
                    {"data.visits.map(v, 10 / v)", NULL, "a number is divided by zero"},
                    {"data.visits.map(v, v > 0, 10 / v)", "[2]", "list<int>"});
}

static void what_is_typed_at_run_time_is_compared_asked_for_and_converted(void **state)
{
    (void)state;
    ASSERT_OUTCOMES(
        {"any", "3", "?"}, {"any == 3", "true", "bool"}, {"4 != any", "true", "bool"},
        {"any == 'a'", NULL, "int and string cannot be compared"},
        {"any == 3.0", NULL, "int and double cannot be compared"}, {"any == null", "false", "bool"},
        {"event.data.none == null", "true", "bool"}, {"any == event.data.number", "false", "bool"},
        {"has(event.data.number) && !has(event.data.other)", "true", "bool"},
        {"has(event.data.x.y) && event.data.x.y == true", "true", "bool"},
        {"event.data.other == 1", NULL, "there is no member \"other\""},
        {"event.data.number.y == 1", NULL, "int has no member \"y\""},
        {"has(any.y)", NULL, "int has no member \"y\""},
        {"int(event.data.number) + int(event.data.text)", "14", "int"},
        {"string(event.data.number) + string(event.data.text)", "\"77\"", "string"},
        {"double(event.data.number)", "7.0", "double"}, {"bool(event.data.x.y)", "true", "bool"},
        {"timestamp(event.data.number)", "\"1970-01-01T00:00:07Z\"", "timestamp"},
        {"int(event.data.list)", NULL, "int() cannot take list"},
        {"date(event.data.number)", NULL, "date() cannot take int"},
        {"event.data['number']", "7", "?"}, {"event.data.size()", "5", "int"},
        {"'number' in event.data", "true", "bool"},
        {"event.data.exists(key, key == 'text')", "true", "bool"},
        {"[event.data.number, event.data.text]", "[7,\"7\"]", "list<?>"},
        {"[event.data.number] == [7]", "true", "bool"},
        {"[event.data.text, event.data.number] == [8, 8]", "false", "bool"},
        {"[event.data.text, event.data.number] == [8, 7]", NULL,
         "two lists with values of different types cannot be compared"},
        {"{'k': any} == {'k': 3}", "true", "bool"}, {"{'k': any} == {'l': 3}", "false", "bool"},
        {"{'k': any} == {'k': 'a'}", NULL,
         "two maps with values of different types cannot be compared"},
        {"data.risk == 4 ? any : event.data.text", "3", "?"});
}

static void types_that_are_open_are_taken_from_use(void **state)
{
    (void)state;
    ASSERT_OUTCOMES(
        {"[]", "[]", "list<?>"}, {"{}", "{}", "map<string,?>"}, {"[] + [1]", "[1]", "list<int>"},
        {"true ? [] : ['a']", "[]", "list<string>"}, {"[].map(x, x + 1)", "[]", "list<int>"},
        {"[].map(x, x + x)", "[]", "list<?>"}, {"[].exists(x, x < x)", "false", "bool"},
        {"[[], [1]]", "[[],[1]]", "list<list<int>>"},
        {"{'a': [], 'b': ['x']}", "{\"a\":[],\"b\":[\"x\"]}", "map<string,list<string>>"},
        {"has({'a': 1, 'b': 'x'}.b)", "true", "bool"});
}

static void names_are_the_longest_and_the_innermost(void **state)
{
    (void)state;
    ASSERT_OUTCOMES({"[1].map(data, data + 1)", "[2]", "list<int>"},
                    {"[{'risk': 9}].map(data, data.risk)", "[9]", "list<int>"},
                    {"[{'risk': 9}].map(data, .data.risk)", "[4]", "list<int>"},
                    {"[1, 2].map(x, [x * 10].map(x, x + 1)[0])", "[11,21]", "list<int>"},
                    {"[1, 2].map(x, [10].map(y, x + y))", "[[11],[12]]", "list<list<int>>"},
                    {"(event.data).x.y", "true", "?"}, {"data.`risk`", "4", "int"},
                    {"event.data.`x`.y", "true", "?"}, {"{'a-b': 1}.`a-b`", "1", "int"},
                    {"{'in': 1}['in']", "1", "int"});
}

static void dates_are_counted_by_the_calendar(void **state)
{
    (void)state;
    ASSERT_OUTCOMES(
        {"age(data.birth_date, date('2013-02-28'))", "0", "int"},
        {"age(data.birth_date, date('2013-03-01'))", "1", "int"},
        {"age(data.birth_date, date('2016-02-29'))", "4", "int"}, {"age(today, now)", "0", "int"},
        {"days_between(today, now)", "0", "int"},
        {"add_workdays(date('2026-01-02'), 1) == date('2026-01-05')", "true", "bool"},
        {"add_workdays(date('2026-04-30'), 1) == date('2026-05-04')", "true", "bool"},
        {"add_workdays(date('2026-01-05'), -1) == date('2026-01-02')", "true", "bool"},
        {"add_workdays(now, 0) == today", "true", "bool"},
        {"workdays_between(date('2026-01-02'), date('2026-01-12'))", "6", "int"},
        {"workdays_between(date('2026-01-12'), now - now + date('2026-01-02'))", "-6", "int"},
        {"days_between(now, date('1969-12-31'))", "-20485", "int"}, {"now.getDate()", "31", "int"},
        {"now.getDate('Test/East')", "1", "int"}, {"now.getMonth('+02:00')", "1", "int"},
        {"now.getHours('-23:30')", "23", "int"}, {"now.getMilliseconds()", "250", "int"},
        {"now.getDayOfWeek()", "6", "int"}, {"now - today", "\"81015.25s\"", "duration"},
        {"(today - now).getHours()", "-22", "int"}, {"(today - now).getSeconds()", "-81015", "int"},
        {"(today - now).getMilliseconds()", "250", "int"},
        {"today + duration('1h30m') > today", "true", "bool"},
        {"string(today - now)", "\"-81015.25s\"", "string"},
        {"string(now)", "\"2026-01-31T22:30:15.250Z\"", "string"},
        {"duration('1h1m1s1ms1us1ns') == duration('3661.001001001s')", "true", "bool"},
        {"duration('-1.5h') < duration('0')", "true", "bool"},
        {"int(timestamp('1969-12-31T23:59:59.5Z'))", "-1", "int"});
}

static void numbers_are_written_with_the_fewest_digits(void **state)
{
    (void)state;
    ASSERT_OUTCOMES({"string(0.1 + 0.2)", "\"0.30000000000000004\"", "string"},
                    {"string(1.0)", "\"1\"", "string"}, {"string(1e21)", "\"1e+21\"", "string"},
                    {"string(-1.5e-9)", "\"-1.5e-9\"", "string"},
                    {"string(0.0000001)", "\"0.0000001\"", "string"},
                    {"string(123456789012345680.0)", "\"123456789012345680\"", "string"},
                    {"string(1.0 / 0.0)", "\"Infinity\"", "string"},
                    {"string(0.0 / 0.0)", "\"NaN\"", "string"},
                    {"double('+007.50') + double('.5')", "8.0", "double"},
                    {"int('+5') + int('-7')", "-2", "int"}, {"0.0 / 0.0 < 1.0", "false", "bool"});
}

static void texts_are_code_points_and_may_hold_nul(void **state)
{
    (void)state;
    ASSERT_OUTCOMES({"size('a\\u0000b')", "3", "int"},
                    {"'a\\u0000b' == 'a\\u0000c'", "false", "bool"},
                    {"'a\\u0000b'.contains('b')", "true", "bool"},
                    {"'a\\u0000b'.endsWith('\\u0000b')", "true", "bool"},
                    {"data.child_name.size() == 8", "true", "bool"},
                    {"''.contains('') && ''.startsWith('') && ''.endsWith('')", "true", "bool"},
                    {"'a' < 'b' && 'b' > 'a' && 'a' <= 'a' && 'a' >= 'a'", "true", "bool"});
}

static void people_and_states_are_asked_of_the_case(void **state)
{
    (void)state;
    ASSERT_OUTCOMES({"in_state('decision') && !in_state('travel')", "true", "bool"},
                    {"acted(by.id, 'decide')", "true", "bool"},
                    {"acted('binta', 'decide')", "false", "bool"},
                    {"acted(by.id, 'decision.decide')", "false", "bool"});
}

static void the_reads_of_a_program_are_told_once_each(void **state)
{
    struct fixture fixture;
    size_t count;

    (void)state;
    fixture_init(&fixture);
    const struct cel_program *program =
        fixture_compile(&fixture,
                        TEXT("has(data.score) && data.risk > 3 && data.risk < 9 && "
                             "event.data.x == 1 && ['a'].exists(today, today == 'a')"),
                        cel_type_of(CEL_BOOL));
    assert_non_null(program);
    const struct text *reads = cel_program_reads(program, &count);
    assert_int_equal(count, 3);
    assert_true(text_is(reads[0], "data.score"));
    assert_true(text_is(reads[1], "data.risk"));
    assert_true(text_is(reads[2], "event.data"));
    assert_true(text_begins(cel_program_source(program), "has(data.score)"));
    fixture_finish(&fixture);
}

static void the_states_a_program_asks_of_are_told_once_each(void **state)
{
    struct fixture fixture;
    size_t count;

    (void)state;
    fixture_init(&fixture);
    const struct cel_program *program = fixture_compile(
        &fixture, TEXT("in_state('travel') || !in_state('decision') || in_state('travel')"), NULL);
    assert_non_null(program);
    const struct text *states = cel_program_states(program, &count);
    assert_int_equal(count, 2);
    assert_true(text_is(states[0], "travel"));
    assert_true(text_is(states[1], "decision"));
    cel_program_states(fixture_compile(&fixture, TEXT("data.risk"), NULL), &count);
    assert_int_equal(count, 0);
    fixture_finish(&fixture);
}

static void a_binding_of_another_type_is_an_error(void **state)
{
    struct fixture fixture;
    struct value list, value;
    struct text error;

    (void)state;
    fixture_init(&fixture);
    list = value_list(fixture.arena);
    value_append(&list, value_int(1));
    fixture_set(&fixture, "data.risk", value_cstring("4"));
    fixture_set(&fixture, "data.siblings", list);
    assert_int_not_equal(0, fixture_evaluate(&fixture,
                                             fixture_compile(&fixture, TEXT("data.risk"), NULL),
                                             &value, &error));
    assert_true(text_is(error, "data.risk holds string where int was declared"));
    assert_int_not_equal(
        0, fixture_evaluate(&fixture, fixture_compile(&fixture, TEXT("data.siblings[0]"), NULL),
                            &value, &error));
    assert_true(text_is(error, "data.siblings holds list where list<string> was declared"));
    fixture_finish(&fixture);
}

static void a_result_typed_at_run_time_is_held_against_what_is_wanted(void **state)
{
    struct fixture fixture;
    struct value value;
    struct text error;

    (void)state;
    fixture_init(&fixture);
    set_values(&fixture);
    const struct cel_program *program =
        fixture_compile(&fixture, TEXT("event.data.number"), cel_type_of(CEL_INT));
    assert_non_null(program);
    assert_int_equal(0, fixture_evaluate(&fixture, program, &value, &error));
    assert_int_equal(value.integer, 7);
    program = fixture_compile(&fixture, TEXT("event.data.text"), cel_type_of(CEL_INT));
    assert_non_null(program);
    assert_int_not_equal(0, fixture_evaluate(&fixture, program, &value, &error));
    assert_true(text_is(error, "int is needed here, this is string"));
    fixture_finish(&fixture);
}

static void a_result_lives_in_the_arena_of_its_evaluation(void **state)
{
    struct fixture fixture;
    struct arena *arena = arena_create("result");
    struct value value;
    struct text error;

    (void)state;
    fixture_init(&fixture);
    set_values(&fixture);
    const struct cel_program *program =
        fixture_compile(&fixture, TEXT("data.siblings + ['literal']"), NULL);
    struct cel_bindings bindings = {&fixture, fixture_read, fixture_in_state, fixture_acted};
    assert_int_equal(0, cel_evaluate(program, &bindings, arena, &value, &error));
    fixture_finish(&fixture);
    assert_true(text_is(json_write(arena, &value), "[\"Moussa\",\"Fatou\",\"literal\"]"));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unset_name_that_is_read_is_an_error_that_names_it),
        cmocka_unit_test(errors_say_what_went_wrong),
        cmocka_unit_test(and_and_or_absorb_errors_beside_what_decides),
        cmocka_unit_test(what_is_typed_at_run_time_is_compared_asked_for_and_converted),
        cmocka_unit_test(types_that_are_open_are_taken_from_use),
        cmocka_unit_test(names_are_the_longest_and_the_innermost),
        cmocka_unit_test(dates_are_counted_by_the_calendar),
        cmocka_unit_test(numbers_are_written_with_the_fewest_digits),
        cmocka_unit_test(texts_are_code_points_and_may_hold_nul),
        cmocka_unit_test(people_and_states_are_asked_of_the_case),
        cmocka_unit_test(the_reads_of_a_program_are_told_once_each),
        cmocka_unit_test(the_states_a_program_asks_of_are_told_once_each),
        cmocka_unit_test(a_binding_of_another_type_is_an_error),
        cmocka_unit_test(a_result_typed_at_run_time_is_held_against_what_is_wanted),
        cmocka_unit_test(a_result_lives_in_the_arena_of_its_evaluation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
