/* Faults of expressions: where they are shown, what is said, what is advised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cel/fixture.h"
#include "tongues.h"

static const struct cel_program *compile(struct fixture *fixture, struct text source,
                                         const struct cel_type *wanted)
{
    const struct cel_program *program = fixture_compile(fixture, source, wanted);

    tongues_check(fixture->arena, &fixture->diags);
    return program;
}

struct fault {
    const char *source, *code;
    unsigned column, width;
    const char *message, *help; /* parts of them; NULL: no help */
};

static bool contains(struct text text, const char *part)
{
    return text.size > 0 && memmem(text.bytes, text.size, part, strlen(part)) != NULL;
}

/* Whether the diagnostic is what was expected of the source. */
static bool is_told(const struct fault *fault, const struct diag *diag)
{
    return strcmp(diag->code, fault->code) == 0 && diag->place.column == fault->column &&
           diag->place.width == fault->width && contains(diag->message, fault->message) &&
           (fault->help ? contains(diag->help, fault->help) : text_is_empty(diag->help));
}

/* All are compiled, so that one run shows every one that is off. */
static void assert_faults(const struct fault *faults, size_t count)
{
    struct fixture fixture;
    size_t wrong = 0;

    fixture_init(&fixture);
    for (size_t i = 0; i < count; i++) {
        const struct cel_program *program = compile(&fixture, text_from(faults[i].source), NULL);
        const struct diag *diag = &fixture.diags.items[0];
        if (!program && is_told(&faults[i], diag))
            continue;
        wrong++;
        print_error("%s: wanted %s %u+%u, got ", faults[i].source, faults[i].code, faults[i].column,
                    faults[i].width);
        if (program)
            print_error("no fault\n");
        else
            print_error("%s %u+%u %.*s; %.*s\n", diag->code, diag->place.column, diag->place.width,
                        TEXT_ARG(diag->message), TEXT_ARG(diag->help));
    }
    fixture_finish(&fixture);
    assert_int_equal(wrong, 0);
}

#define ASSERT_FAULTS(...)                                                                         \
    do {                                                                                           \
        const struct fault faults[] = {__VA_ARGS__};                                               \
        assert_faults(faults, sizeof(faults) / sizeof(*faults));                                   \
    } while (0)

static void a_name_that_is_misspelt_gets_the_nearest_one(void **state)
{
    (void)state;
    ASSERT_FAULTS({"dta.risk > 1", "E306", 1, 3, "no name \"dta\"", "data"},
                  {"1 < data.rsk", "E306", 10, 3, "data has no member \"rsk\"", "risk"},
                  {"has(data.child_nme)", "E306", 10, 9, "child_nme", "child_name"},
                  {"tody > now", "E306", 1, 4, "tody", "today"},
                  {"[1].all(number, numbr > 0)", "E306", 17, 5, "numbr", "number"},
                  {"True", "E306", 1, 4, "True", "true"},
                  {"data.risk_of_everything", "E306", 6, 18, "risk_of_everything", NULL},
                  {"data", "E306", 1, 4, "no value by itself", "data.risk"},
                  {"(data).risk", "E306", 1, 6, "no value by itself", "data.risk"},
                  {"data.`a.b` == 1", "E306", 6, 5, "a.b", NULL},
                  {"size", "E306", 1, 4, "size", "size(...)"},
                  {"data.risk.more", "E308", 11, 4, "int has no member", NULL},
                  {"data.siblings.size == 1", "E308", 15, 4, "list<string> has no member \"size\"",
                   "data.siblings.size()"});
}

static void a_function_that_is_misspelt_gets_the_nearest_one(void **state)
{
    (void)state;
    ASSERT_FAULTS({"agee(today, now)", "E307", 1, 4, "agee", "age"},
                  {"data.child_name.startWith('A')", "E307", 17, 9, "startWith", "startsWith"},
                  {"data.siblings.exist(s, true)", "E307", 15, 5, "exist", "exists"},
                  {"data.birth_date.age(today)", "E307", 17, 3, "age", "age(data.birth_date, ...)"},
                  {"startsWith('ab', 'a')", "E307", 1, 10, "startsWith", "value.startsWith(...)"},
                  {"qqqqqqqqqqq(1)", "E307", 1, 11, "qqqqqqqqqqq", NULL});
}

static void wrong_types_are_told_with_what_to_write(void **state)
{
    (void)state;
    ASSERT_FAULTS(
        {"data.risk > 5.5", "E308", 1, 15, "\">\" cannot stand between int and double",
         "double(data.risk) > 5.5"},
        {"1.5 + data.risk", "E308", 1, 15, "double and int", "1.5 + double(data.risk)"},
        {"data.score > 5", "E308", 1, 14, "double and int", "5.0"},
        {"data.risk == null", "E308", 1, 17, "int and null", "!has(data.risk)"},
        {"null != data.risk", "E308", 1, 17, "null and int", "write has(data.risk)"},
        {"data.risk == '6'", "E308", 1, 16, "int and string", "6 without quotes"},
        {"'n' + data.risk", "E308", 1, 15, "string and int", "'n' + string(data.risk)"},
        {"data.siblings == 'Awa'", "E308", 1, 22, "list<string>", "'Awa' in data.siblings"},
        {"data.birth_date < '2012-01-01'", "E308", 1, 30, "timestamp and string",
         "date('2012-01-01')"},
        {"data.birth_date < '2012-01-01T00:00:00Z'", "E308", 1, 40, "timestamp and string",
         "timestamp('2012-01-01T00:00:00Z')"},
        {"data.birth_date > 18", "E308", 1, 20, "timestamp and int", "age()"},
        {"now - today > 10", "E308", 1, 16, "duration and int", "duration('240h')"},
        {"data.granted == 'true'", "E308", 1, 22, "bool and string", "without quotes"},
        {"!data.risk", "E308", 1, 10, "\"!\" cannot take int", NULL},
        {"-data.child_name", "E308", 1, 16, "\"-\" cannot take string", NULL},
        {"data.risk[0]", "E308", 1, 12, "int has no element [int]", "list[0]"},
        {"data.risk && true", "E308", 1, 9, "a condition is needed here, this is int", NULL},
        {"data.granted ? 1 : 'a'", "E308", 20, 3, "this is string, not int", NULL},
        {"[1, 'two']", "E308", 5, 5, "elements of a list", NULL},
        {"[1, null]", "E308", 5, 4, "elements of a list", "null is not mixed"},
        {"{'a': 1, 'b': 'c'}", "E308", 15, 3, "values of a map", NULL},
        {"{'a': 1, 'a': 2}", "E308", 10, 3, "twice", NULL},
        {"{1: 2}", "E308", 2, 1, "keys of a map are strings", NULL},
        {"age(today)", "E308", 1, 10, "age() cannot take 1 value", "(timestamp, timestamp)"},
        {"age(data.risk, today)", "E308", 1, 21, "(int, timestamp)", "(timestamp, timestamp)"},
        {"size(1)", "E308", 1, 7, "size() cannot take (int)", "(string) or (list<?>)"},
        {"data.risk.startsWith('a')", "E308", 11, 10, "int has no startsWith()", NULL},
        {"data.risk.all(x, true)", "E308", 1, 9, "walks a list", NULL},
        {"null < null", "E308", 1, 11, "null and null", "nothing is null"});
}

static void only_options_are_compared_with_a_choice_field(void **state)
{
    (void)state;
    ASSERT_FAULTS(
        {"data.consent == 'givn'", "E309", 17, 6, "data.consent has no option \"givn\"", "'given'"},
        {"'zzz' != data.consent", "E309", 1, 5, "zzz", "'given'"},
        {"data.consent in ['given', 'not_aksed']", "E309", 27, 11, "not_aksed", "'not_asked'"},
        {"data.consent == (data.granted ? 'given' : 'rfused')", "E309", 43, 8, "rfused",
         "'refused'"},
        {"'givn' in data.consents", "E309", 1, 6, "data.consents", "'given'"},
        {"data.consents.exists(c, c == 'givn')", "E309", 30, 6, "givn", "'given'"},
        {"data.consents[0] == 'givn'", "E309", 21, 6, "givn", "'given'"},
        {"data.consents.filter(c, true)[0] == 'givn'", "E309", 37, 6, "givn", "'given'"},
        {"data.consent == given", "E306", 17, 5, "given", "in quotes: 'given'"});
}

static void what_the_profile_lacks_is_refused_by_name(void **state)
{
    (void)state;
    ASSERT_FAULTS({"data.risk < 6u", "E305", 13, 2, "uint", "int"},
                  {"uint(6)", "E305", 1, 4, "uint is not in the profile", "int"},
                  {"b'SN'", "E305", 1, 2, "bytes", "text"},
                  {"rb'SN'", "E305", 1, 3, "bytes", "text"},
                  {"bytes('a')", "E305", 1, 5, "bytes is not in the profile", "text"},
                  {"Person{name: 'a'}", "E305", 1, 7, "messages", "map"},
                  {"a.Person{}", "E305", 1, 9, "messages", "map"},
                  {"google.protobuf.Struct", "E305", 1, 6, "messages", "map"},
                  {"dyn(1)", "E305", 1, 3, "dyn is not in the profile", "one type"},
                  {"type(1)", "E305", 1, 4, "type()", "known"},
                  {"int == int", "E305", 1, 3, "type values", "known"},
                  {"event.data.?x", "E305", 12, 1, "optionals", "has()"},
                  {"data.siblings[?0]", "E305", 15, 1, "optionals", "has()"},
                  {"[?data.risk]", "E305", 2, 1, "optionals", "has()"},
                  {"optional.of(1)", "E305", 1, 11, "optionals", "has()"},
                  {"'a'.matches('b')", "E305", 5, 7, "matches is not in the profile", "contains()"},
                  {"[1].all(i, v, v > 0)", "E305", 1, 20, "two-variable macros", "one name"},
                  {"[1].transformList(i, v, v)", "E305", 5, 13, "two-variable macros", "map"},
                  {"cel.bind(x, 1, x)", "E305", 1, 8, "cel.bind is not in the profile", "write"},
                  {"'a'.upperAscii()", "E305", 5, 10, "the string extension", "size()"},
                  {"math.greatest(1, 2)", "E305", 1, 13, "the math extension", "comparisons"});
}

static void working_days_need_a_calendar(void **state)
{
    static const char *const sources[] = {"1 + workdays_between(today, now)",
                                          "now < add_workdays(today, 5)"};
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    fixture.scope.calendar = NULL;
    for (size_t i = 0; i < 2; i++) {
        assert_null(compile(&fixture, text_from(sources[i]), NULL));
        assert_int_equal(fixture.diags.count, 1);
        assert_string_equal(fixture.diags.items[0].code, "E316");
        assert_true(contains(fixture.diags.items[0].message, "this workflow has no calendar"));
        assert_true(contains(fixture.diags.items[0].help, "write calendar: {weekend: [sat, sun]}"));
    }
    assert_int_equal(fixture.diags.items[0].place.column, 7);
    assert_int_equal(fixture.diags.items[0].place.width, 12);
    fixture_finish(&fixture);
}

static void working_days_are_counted_in_whole_numbers_from_dates(void **state)
{
    (void)state;
    ASSERT_FAULTS({"add_workdays(today, 5.0)", "E308", 1, 24, "add_workdays() cannot take",
                   "add_workdays() takes (timestamp, int)"},
                  {"add_workdays(today)", "E308", 1, 19, "cannot take 1 value", "takes"},
                  {"workdays_between(today, '2026-01-01')", "E308", 1, 37, "cannot take",
                   "takes (timestamp, timestamp)"},
                  {"add_workday(today, 1)", "E307", 1, 11, "there is no function",
                   "did you mean add_workdays?"});
}

static void habits_of_other_languages_are_told_what_to_write(void **state)
{
    (void)state;
    ASSERT_FAULTS({"data.risk = 1", "E301", 11, 1, "=", "write =="},
                  {"data.granted and true", "E301", 14, 3, "and", "write &&"},
                  {"data.granted OR true", "E301", 14, 2, "OR", "write ||"},
                  {"not data.granted", "E301", 5, 4, "data", "write !"},
                  {"data.granted & true", "E301", 14, 1, "&", "write &&"},
                  {"data.child_name == \xe2\x80\x9c"
                   "A\xe2\x80\x9d",
                   "E301", 20, 1, "\xe2\x80\x9c", "write '"},
                  {"data.risk \xe2\x89\xa4 3", "E301", 11, 1, "\xe2\x89\xa4", "write <="},
                  {"data.risk \xe2\x80\x93 3", "E301", 11, 1, "\xe2\x80\x93", "write -"},
                  {"data.risk <\xc2\xa0"
                   "3",
                   "E301", 12, 1, "U+00A0", "write a space"},
                  {"now - today > 10d", "E303", 15, 3, "10d", "duration('36h')"},
                  {"data.risk > 3;", "E301", 14, 1, ";", NULL});
}

static void a_broken_expression_is_shown_where_it_breaks(void **state)
{
    (void)state;
    ASSERT_FAULTS(
        {"", "E301", 1, 1, "missing", NULL}, {" // nothing", "E301", 12, 1, "missing", NULL},
        {"1 +", "E301", 4, 1, "ends where a value is missing", NULL},
        {"(1 + 2", "E301", 7, 1, "\")\"", NULL}, {"[1, 2", "E301", 6, 1, "\"]\"", NULL},
        {"{'a': 1", "E301", 8, 1, "\"}\"", NULL}, {"{'a'}", "E301", 5, 1, "a colon", NULL},
        {"data.granted ? 1", "E301", 17, 1, "\":\"", NULL},
        {"1 2", "E301", 3, 1, "an operator is missing before \"2\"", NULL},
        {"size('a',)", "E301", 10, 1, "a value is missing", NULL},
        {"data.", "E301", 6, 1, "the name of a member", NULL},
        {"data.5", "E301", 5, 2, "an operator", NULL},
        {".5.x", "E308", 4, 1, "double has no member", NULL},
        {"if", "E301", 1, 2, "reserved", NULL}, {"data.`", "E301", 6, 1, "backquotes", "letters"},
        {"\x01", "E301", 1, 1, "control character", NULL},
        {"'abc", "E302", 1, 4, "closing quote", NULL},
        {"'ab\nc'", "E302", 1, 3, "closing quote", "'''"},
        {"'''abc''", "E302", 1, 8, "closing quote", NULL},
        {"'a\\q'", "E302", 3, 2, "no such escape", "\\\\"},
        {"'\\u12'", "E302", 2, 5, "not complete", "\\\\"},
        {"'\\ud800'", "E302", 2, 6, "names no character", "\\\\"},
        {"'\\400'", "E302", 2, 4, "names no character", "\\\\"},
        {"\xff", "E302", 1, 1, "UTF-8", NULL},
        {"9223372036854775808", "E303", 1, 19, "range of int", NULL},
        {"99999999999999999999", "E303", 1, 20, "range of int", NULL},
        {"0x8000000000000000", "E303", 1, 18, "range of int", NULL},
        {"1e999", "E303", 1, 5, "range of double", NULL},
        {"12abc", "E303", 1, 5, "no number", NULL});
}

static void literals_are_converted_and_looked_up_at_load(void **state)
{
    (void)state;
    ASSERT_FAULTS({"duration('10d')", "E310", 10, 5, "240h", NULL},
                  {"duration('2w')", "E310", 10, 4, "336h", NULL},
                  {"duration('soon')", "E310", 10, 6, "no duration", NULL},
                  {"duration('9223372037s')", "E310", 10, 13, "292 years", NULL},
                  {"timestamp('2012-01-01')", "E310", 11, 12, "date('2012-01-01')", NULL},
                  {"timestamp('tomorrow')", "E310", 11, 10, "no timestamp", NULL},
                  {"timestamp(253402300800)", "E310", 11, 12, "0001 to 9999", NULL},
                  {"date('2012-02-30')", "E310", 6, 12, "no date", NULL},
                  {"int('1.5')", "E310", 5, 5, "no whole number", NULL},
                  {"int(1e19)", "E310", 5, 4, "range of int", NULL},
                  {"double('one')", "E310", 8, 5, "no number", NULL},
                  {"bool('yes')", "E310", 6, 5, "true or false", NULL},
                  {"now.getHours('Mars/North')", "E311", 14, 12, "no time zone", "Africa/Dakar"},
                  {"now.getHours('../passwd')", "E311", 14, 11, "no time zone", "Africa/Dakar"},
                  {"now.getHours('24:00')", "E311", 14, 7, "no time zone", "+01:00"},
                  {"now.getHours(by.id)", "E311", 14, 5, "written out in quotes", NULL},
                  {"in_state('decison')", "E311", 10, 9, "no state \"decison\"", "decision"},
                  {"in_state(decision)", "E311", 10, 8, "in quotes", "'decision'"},
                  {"in_state(by.id)", "E311", 10, 5, "in quotes", NULL},
                  {"acted(by.id, 'decid')", "E311", 14, 7, "no transition \"decid\"", "decide"},
                  {"has(today)", "E315", 1, 10, "has()", "has(data.risk)"},
                  {"has('a')", "E315", 1, 8, "has()", "has(data.risk)"},
                  {"[1].all(x)", "E315", 1, 10, "all()", "list.all(x, x > 3)"},
                  {"[1].map(x.y, 1)", "E315", 9, 3, "a name", "such as x"},
                  {"all([1], true)", "E315", 1, 14, "all()", "list.all("});
}

static void values_typed_at_run_time_are_converted_before_use(void **state)
{
    (void)state;
    ASSERT_FAULTS(
        {"event.data.x > 5", "E314", 1, 12, "known only at run time", "int(event.data.x)"},
        {"any && true", "E314", 1, 3, "known only at run time", "bool(any)"},
        {"size(any)", "E314", 6, 3, "known only at run time", "string(any)"},
        {"any.exists(x, true)", "E314", 1, 3, "known only at run time", "keep it in a field"},
        {"any in [1]", "E314", 1, 3, "known only at run time", "int(any)"},
        {"[1, any]", "E314", 5, 3, "known only at run time", "int(any)"},
        {"[any, 1]", "E314", 7, 1, "what stands before is typed at run time", NULL},
        {"any.startsWith('a')", "E314", 1, 3, "known only at run time", "string(any)"});
}

static void a_result_of_another_type_is_refused(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    assert_null(compile(&fixture, TEXT("data.risk + 1"), cel_type_of(CEL_BOOL)));
    assert_string_equal(fixture.diags.items[0].code, "E312");
    assert_true(contains(fixture.diags.items[0].message, "bool is needed here, this is int"));
    assert_null(compile(&fixture, TEXT("data.risk"), cel_type_of(CEL_DOUBLE)));
    assert_true(contains(fixture.diags.items[0].help, "double(data.risk)"));
    assert_null(compile(&fixture, TEXT("any"), cel_type_of(CEL_BOOL)));
    assert_string_equal(fixture.diags.items[0].code, "E314");
    /* What nothing determines is to whoever asks as what is typed at run time. */
    const struct text open = TEXT("[][data.risk]");
    assert_null(compile(&fixture, open, cel_type_of(CEL_BOOL)));
    assert_string_equal(fixture.diags.items[0].code, "E314");
    assert_true(contains(fixture.diags.items[0].help, "bool([][data.risk])"));
    assert_non_null(compile(&fixture, open, cel_type_of(CEL_INT)));
    assert_null(compile(&fixture, TEXT("[] + []"), cel_type_of(CEL_INT)));
    assert_non_null(compile(&fixture, TEXT("[]"), &LIST_OF_STRING));
    assert_non_null(compile(&fixture, TEXT("any"), NULL));
    fixture_finish(&fixture);
}

static void every_fault_of_an_expression_is_told_once(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    assert_null(compile(
        &fixture, TEXT("dta.risk > 3 && data.rsk == 'a' || age(data.risk, today) < 'b'.size()"),
        cel_type_of(CEL_BOOL)));
    assert_int_equal(fixture.diags.error_count, 3);
    fixture_finish(&fixture);
}

static void a_place_counts_lines_and_code_points(void **state)
{
    const struct text source = TEXT("'\xc3\xa9t\xc3\xa9' == data.child_name &&\n  data.rsk > 1");
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    struct place place = {.file = TEXT("a.yaml"), .line = 31, .column = 16};
    assert_null(cel_compile(&fixture.scope, source, place, NULL, &fixture.diags));
    assert_int_equal(fixture.diags.items[0].place.line, 32);
    assert_int_equal(fixture.diags.items[0].place.column, 8);
    assert_true(text_is(fixture.diags.items[0].place.file, "a.yaml"));

    diag_list_init(&fixture.diags, fixture.arena);
    assert_null(cel_compile(&fixture.scope, TEXT("'\xc3\xa9' + dta"), place, NULL, &fixture.diags));
    assert_int_equal(fixture.diags.items[0].place.line, 31);
    assert_int_equal(fixture.diags.items[0].place.column, 22);

    diag_list_init(&fixture.diags, fixture.arena);
    assert_null(cel_compile(&fixture.scope, source, (struct place){0}, NULL, &fixture.diags));
    assert_int_equal(fixture.diags.items[0].place.line, 0);
    assert_int_equal(fixture.diags.items[0].place.column, 36);
    fixture_finish(&fixture);
}

static void what_is_not_in_scope_cannot_be_asked(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    fixture.scope.states = NULL;
    fixture.scope.transitions = NULL;
    fixture.scope.zones = NULL;
    assert_null(compile(&fixture, TEXT("in_state('decision')"), NULL));
    assert_true(contains(fixture.diags.items[0].message, "cannot be asked here"));
    assert_null(compile(&fixture, TEXT("acted(by.id, 'decide')"), NULL));
    assert_null(compile(&fixture, TEXT("now.getHours('Test/East')"), NULL));
    assert_non_null(compile(&fixture, TEXT("now.getHours('UTC')"), NULL));
    assert_non_null(compile(&fixture, TEXT("now.getHours('+01:00')"), NULL));
    fixture_finish(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_misspelt_gets_the_nearest_one),
        cmocka_unit_test(a_function_that_is_misspelt_gets_the_nearest_one),
        cmocka_unit_test(wrong_types_are_told_with_what_to_write),
        cmocka_unit_test(only_options_are_compared_with_a_choice_field),
        cmocka_unit_test(what_the_profile_lacks_is_refused_by_name),
        cmocka_unit_test(working_days_need_a_calendar),
        cmocka_unit_test(working_days_are_counted_in_whole_numbers_from_dates),
        cmocka_unit_test(habits_of_other_languages_are_told_what_to_write),
        cmocka_unit_test(a_broken_expression_is_shown_where_it_breaks),
        cmocka_unit_test(literals_are_converted_and_looked_up_at_load),
        cmocka_unit_test(values_typed_at_run_time_are_converted_before_use),
        cmocka_unit_test(a_result_of_another_type_is_refused),
        cmocka_unit_test(every_fault_of_an_expression_is_told_once),
        cmocka_unit_test(a_place_counts_lines_and_code_points),
        cmocka_unit_test(what_is_not_in_scope_cannot_be_asked),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
