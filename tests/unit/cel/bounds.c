/* Bounds: depth, length and steps; and input that nobody wrote on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "cel/fixture.h"

/* `open` count times, the middle, `close` count times. */
static struct text nest(struct arena *arena, const char *open, const char *middle,
                        const char *close, size_t count)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    for (size_t i = 0; i < count; i++)
        text_append(&buffer, text_from(open));
    text_append(&buffer, text_from(middle));
    for (size_t i = 0; i < count; i++)
        text_append(&buffer, text_from(close));
    return text_copy(arena, text_buffer_text(&buffer));
}

static void an_expression_is_at_most_64_levels_deep(void **state)
{
    static const struct {
        const char *open, *middle, *close;
    } SHAPES[] = {
        {"(", "1", ")"},       {"[", "1", "]"},
        {"!", "true", ""},     {"", "1", " + 1"},
        {"string(", "1", ")"}, {"true ? 1 : ", "2", ""},
        {"{'a': ", "1", "}"},  {"[].all(x, ", "true", ")"},
    };
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    for (size_t i = 0; i < sizeof(SHAPES) / sizeof(*SHAPES); i++) {
        const char *open = SHAPES[i].open, *middle = SHAPES[i].middle, *close = SHAPES[i].close;
        struct text fits = nest(fixture.arena, open, middle, close, 64);
        struct text over = nest(fixture.arena, open, middle, close, 65);
        struct text far = nest(fixture.arena, open, middle, close, 2000);
        assert_non_null(fixture_compile(&fixture, fits, NULL));
        assert_null(fixture_compile(&fixture, over, NULL));
        assert_string_equal(fixture.diags.items[0].code, "E304");
        assert_null(fixture_compile(&fixture, far, NULL));
        assert_int_equal(fixture.diags.error_count, 1);
    }
    fixture_finish(&fixture);
}

static void conditions_in_a_row_are_not_deep(void **state)
{
    struct fixture fixture;
    struct value value;
    struct text error;

    (void)state;
    fixture_init(&fixture);
    struct text source = nest(fixture.arena, "", "true", " && true", 1000);
    const struct cel_program *program = fixture_compile(&fixture, source, cel_type_of(CEL_BOOL));
    assert_non_null(program);
    assert_int_equal(0, fixture_evaluate(&fixture, program, &value, &error));
    assert_true(value.boolean);
    fixture_finish(&fixture);
}

static void a_source_is_at_most_32_kibibytes_long(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    assert_non_null(fixture_compile(&fixture, nest(fixture.arena, "", "1", " ", 32767), NULL));
    assert_null(fixture_compile(&fixture, nest(fixture.arena, "", "1", " ", 32768), NULL));
    assert_string_equal(fixture.diags.items[0].code, "E304");
    fixture_finish(&fixture);
}

static int evaluate(struct fixture *fixture, const char *source, struct text *error_out)
{
    struct value value;
    const struct cel_program *program = fixture_compile(fixture, text_from(source), NULL);

    assert_non_null(program);
    return fixture_evaluate(fixture, program, &value, error_out);
}

static void an_evaluation_takes_at_most_10000_steps(void **state)
{
    static const char *const COSTLY[] = {
        "data.visits.all(a, data.visits.all(b, a + b >= 0))",
        "data.visits.exists(a, data.visits.exists(b, a + b < 0))",
        "data.visits.map(a, data.visits)",
        "data.visits.filter(a, a in data.visits + [-1])",
        "data.visits.exists_one(a, data.visits == data.visits)",
        "[data.child_name].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a)",
        "data.visits.map(a, data.child_name.contains('b')) == []",
        "data.visits.map(a, data.child_name == data.child_name) == []",
        "data.visits.map(a, size(data.child_name)) == []",
        /* Nothing absorbs this error. */
        "data.visits.all(a, data.visits.all(b, a + b >= 0)) || true",
        "false && data.granted || data.visits.exists(a, data.visits.exists(b, false)) || true",
    };
    struct fixture fixture;
    struct text error;

    (void)state;
    fixture_init(&fixture);
    struct value visits = value_list(fixture.arena);
    for (int64_t i = 0; i < 300; i++)
        value_append(&visits, value_int(i));
    fixture_set(&fixture, "data.visits", visits);
    fixture_set(&fixture, "data.child_name",
                value_string(nest(fixture.arena, "", "", "aaaaaaaaaaaaaaaa", 4000)));
    for (size_t i = 0; i < sizeof(COSTLY) / sizeof(*COSTLY); i++) {
        assert_int_not_equal(0, evaluate(&fixture, COSTLY[i], &error));
        assert_true(text_is(error, "the expression takes more than 10000 steps"));
    }
    assert_int_equal(0, evaluate(&fixture, "data.visits.all(a, a >= 0 && a < 300)", &error));
    assert_int_equal(0, evaluate(&fixture, "299 in data.visits", &error));
    fixture_finish(&fixture);
}

static void a_result_has_at_most_4_mebibytes(void **state)
{
    struct fixture fixture;
    struct text error, doubled, largest;

    (void)state;
    fixture_init(&fixture);
    doubled = nest(fixture.arena, "", "['a']", ".map(a, [a, a])", 60);
    assert_int_not_equal(0, evaluate(&fixture, doubled.bytes, &error));
    assert_true(text_is(error, "the result is larger than 4 MiB"));
    /* The largest list that a field may hold is passed on. */
    largest = nest(fixture.arena, "", "", "\xf0\x9f\x98\x80", 4000);
    struct value list = value_list(fixture.arena);
    for (int i = 0; i < 200; i++)
        value_append(&list, value_string(largest));
    fixture_set(&fixture, "data.siblings", list);
    assert_int_equal(0, evaluate(&fixture, "data.siblings", &error));
    assert_int_not_equal(0, evaluate(&fixture, "data.siblings + data.siblings", &error));
    fixture_finish(&fixture);
}

static void faults_beyond_those_shown_are_counted(void **state)
{
    struct fixture fixture;
    struct text source;

    (void)state;
    fixture_init(&fixture);
    source = nest(fixture.arena, "data.rusk + data + unknown + ", "1", "", 10);
    for (int i = 0; i < DIAG_MAX / 30 + 1; i++)
        cel_compile(&fixture.scope, source, (struct place){0}, NULL, &fixture.diags);
    assert_int_equal(fixture.diags.count, DIAG_MAX);
    assert_true(text_is(fixture.diags.items[0].help, "did you mean risk?"));
    size_t errors = fixture.diags.error_count;
    assert_null(cel_compile(&fixture.scope, TEXT("[data.rusk, data, unknown]"), (struct place){0},
                            NULL, &fixture.diags));
    assert_int_equal(fixture.diags.count, DIAG_MAX);
    assert_int_equal(fixture.diags.error_count, errors + 3);
    fixture_finish(&fixture);
}

/* --- input that nobody wrote on purpose --- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static const char *const PIECES[] = {
    "data.risk",
    "data.siblings",
    "data.consent",
    "event.data.x",
    "any",
    "today",
    "now",
    "x",
    "1",
    "2.5",
    "'given'",
    "r'\\d'",
    "true",
    "null",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ".",
    ",",
    ":",
    "?",
    "&&",
    "||",
    "==",
    "!=",
    "<",
    ">=",
    "in",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    ".size()",
    ".all(x, ",
    ".map(x, ",
    "has(",
    "size(",
    "int(",
    "string(",
    "age(",
    "duration('",
    "timestamp('",
    "')",
    "date('2012-01-01')",
    ".getHours('+01:00')",
    "in_state('decision')",
    "[]",
    "{}",
    ".filter(x, ",
    " ",
    "\n",
    "`a-b`",
    "'''",
    "\\u0041",
    "-9223372036854775808",
    "0x1f",
    "6u",
    "// a",
    "\xc3\xa9",
    "\xff",
    "\"",
};

/* Compiles, and runs what compiles: whatever comes of it, it comes. */
static void try_source(struct fixture *fixture, struct arena *arena, struct text source)
{
    struct diag_list diags;
    struct cel_bindings bindings = {fixture, fixture_read, fixture_in_state, fixture_acted};
    struct value value;
    struct text error = TEXT_NONE;

    diag_list_init(&diags, arena);
    const struct cel_program *program =
        cel_compile(&fixture->scope, source, (struct place){.line = 1, .column = 1}, NULL, &diags);
    assert_int_equal(program == NULL, diags.error_count > 0);
    for (size_t i = 0; i < diags.count; i++)
        assert_true(diags.items[i].place.width > 0 && diags.items[i].message.size > 0);
    if (program && cel_evaluate(program, &bindings, arena, &value, &error) < 0)
        assert_true(error.size > 0);
    arena_reset(arena);
}

static void set_random_values(struct fixture *fixture)
{
    struct value siblings = value_list(fixture->arena), data = value_map(fixture->arena);

    value_append(&siblings, value_cstring("Awa"));
    value_put(&data, "x", siblings);
    fixture_set(fixture, "data.risk", value_int(4));
    fixture_set(fixture, "data.siblings", siblings);
    fixture_set(fixture, "data.consent", value_cstring("given"));
    fixture_set(fixture, "event.data", data);
    fixture_set(fixture, "any", value_double(1.5));
    fixture_set(fixture, "today", value_timestamp((struct instant){1700000000, 5}));
    fixture_set(fixture, "now", value_timestamp((struct instant){-1, 999999999}));
}

static void random_pieces_never_crash_it(void **state)
{
    struct fixture fixture;
    struct arena *arena = arena_create("random");
    uint32_t seed = 20260131;
    char bytes[1024];

    (void)state;
    fixture_init(&fixture);
    set_random_values(&fixture);
    for (int i = 0; i < 6000; i++) {
        size_t size = 0;
        for (uint32_t left = 1 + next_random(&seed) % 14; left > 0; left--) {
            const char *piece = PIECES[next_random(&seed) % (sizeof(PIECES) / sizeof(*PIECES))];
            memcpy(bytes + size, piece, strlen(piece));
            size += strlen(piece);
        }
        try_source(&fixture, arena, (struct text){bytes, size});
    }
    fixture_finish(&fixture);
    arena_destroy(arena);
}

static void an_expression_that_is_cut_or_changed_never_crashes_it(void **state)
{
    static const char *const WHOLE[] = {
        "has(data.risk) && data.risk + 2 * 3 <= 10 ? [1, 2].map(x, x > 1, x * x) : []",
        "data.consent in ['given', 'refused'] || data.siblings.exists(s, s.startsWith('A'))",
        "{'a-b': now - today, 'c': duration('1h30m')}.`a-b` > duration('-5s')",
        "age(today, date('2030-01-01')) % 2 == -1 || any != event.data.x || in_state('travel')",
        "now.getHours('Test/East') == 1 && string(1.5e3) + '\\u00e9\\x41\\101' != \"\"\"q\"\"\"",
    };
    struct fixture fixture;
    struct arena *arena = arena_create("random");
    uint32_t seed = 42;
    char bytes[256];

    (void)state;
    fixture_init(&fixture);
    set_random_values(&fixture);
    for (size_t i = 0; i < sizeof(WHOLE) / sizeof(*WHOLE); i++) {
        size_t size = strlen(WHOLE[i]);
        for (size_t cut = 0; cut <= size; cut++) {
            try_source(&fixture, arena, (struct text){WHOLE[i], cut});
            try_source(&fixture, arena, (struct text){WHOLE[i] + cut, size - cut});
        }
        for (int round = 0; round < 500; round++) {
            memcpy(bytes, WHOLE[i], size);
            for (uint32_t left = 1 + next_random(&seed) % 3; left > 0; left--)
                bytes[next_random(&seed) % size] = (char)(next_random(&seed) % 256);
            try_source(&fixture, arena, (struct text){bytes, size});
        }
    }
    fixture_finish(&fixture);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_is_at_most_64_levels_deep),
        cmocka_unit_test(conditions_in_a_row_are_not_deep),
        cmocka_unit_test(a_source_is_at_most_32_kibibytes_long),
        cmocka_unit_test(an_evaluation_takes_at_most_10000_steps),
        cmocka_unit_test(a_result_has_at_most_4_mebibytes),
        cmocka_unit_test(faults_beyond_those_shown_are_counted),
        cmocka_unit_test(random_pieces_never_crash_it),
        cmocka_unit_test(an_expression_that_is_cut_or_changed_never_crashes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
