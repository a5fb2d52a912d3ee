/* `if`, `log` and acted(): what actions do beside setting and raising. */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nlanguages: [en]\nroles: {clerk: {}, boss: {sees: [sensitive]}}\n"
    "fields: {n: {type: integer, max: 9, initial: 1}, m: {type: integer, initial: 0}, name: {type: "
    "text, sensitive: true, initial: Aminata}, unset: {type: integer}}\n"
    "states:\n"
    "  one:\n"
    "    on:\n"
    "      choose: {by: [clerk], form: {n: required}, do: [{if: data.n > 3, then: [{set: {m: 1}}, "
    "{if: data.n > 5, then: [{set: {m: 2}}]}], else: [{set: {m: 3}}]}]}\n"
    "      nothing: {by: [clerk], do: [{if: data.n > 3, then: [{set: {m: 1}}]}, {if: data.n < 3, "
    "then: [], else: [{set: {m: 2}}]}]}\n"
    "      if_errs: {by: [clerk], do: [{if: data.unset > 3, then: [{set: {m: 1}}]}, {set: {m: "
    "2}}]}\n"
    "      then_errs: {by: [clerk], do: [{if: data.n > 0, then: [{set: {n: = data.n + 100}}, {set: "
    "{m: 1}}]}, {set: {m: 2}}]}\n"
    "      block_errs: {by: [clerk], do: [{if: data.n > 0, then: [[{set: {n: = data.n + 100}}, "
    "{set: {m: 1}}], {set: {m: 4}}]}, {set: {n: = data.n + 1}}]}\n"
    "      say: {by: [clerk], do: [{log: decided}, {log: \"= 'n is ' + string(data.n)\"}, {log: "
    "\"= "
    "'for ' + data.name\"}]}\n"
    "      say_form: {by: [clerk], form: {n: required}, do: [{log: = string(event.data.n)}]}\n"
    "      say_bad: {by: [clerk], do: [{log: = string(data.unset)}, {set: {m: 5}}]}\n"
    "      say_much: {by: [clerk], do: [{set: {m: 0}}], target: saying}\n"
    "      refuse: {by: [clerk], guard: data.n > 100, do: [{log: refused}]}\n"
    "      second: {by: [clerk, boss], guard: \"!acted(by.id, 'choose')\", explain: {en: Another "
    "person is needed.}, do: [{set: {m: 6}}]}\n"
    "      third: {by: [clerk, boss], guard: \"acted('awa', 'one.choose')\", do: [{set: {m: 8}}]}\n"
    "  saying:\n"
    "    always: {t: {guard: data.m < 60, do: [{set: {m: = data.m + 1}}, {log: \"= ['"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "'].map(x, x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + "
    "x + x + x + x + x + x + x + x + x)[0]\"}]}}\n"
    "    on: {end: {by: [clerk], target: one}}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code act(const char *event)
{
    return world_do(&world, "awa", "clerk", event, NULL);
}

/* ---- if ---- */

static void the_branch_that_holds_is_run(void **state)
{
    static const struct {
        const char *data;
        const char *m;
    } cases[] = {{"{\"n\": 2}", "3"}, {"{\"n\": 4}", "1"}, {"{\"n\": 6}", "2"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(world_do(&world, "awa", "clerk", "choose", cases[i].data), PROBLEM_NONE);
        assert_case(&world, "data/m", cases[i].m);
    }
}

static void a_branch_that_is_not_there_does_nothing(void **state)
{
    (void)state;
    assert_int_equal(act("nothing"), PROBLEM_NONE);
    assert_case(&world, "data/m", "0");
}

static void an_if_that_errs_ends_its_block(void **state)
{
    (void)state;
    assert_int_equal(act("if_errs"), PROBLEM_NONE);
    assert_case(&world, "data/m", "0");
    const struct value *fault = value_item(value_at(&world.change.entry, "faults"), 0);
    assert_true(text_begins(value_text_at(fault, "message"), "if: "));
}

static void an_error_in_a_branch_ends_the_block_around_it(void **state)
{
    (void)state;
    assert_int_equal(act("then_errs"), PROBLEM_NONE);
    assert_case(&world, "data/m", "0");
}

static void a_block_in_a_branch_is_a_block_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(act("block_errs"), PROBLEM_NONE);
    assert_case(&world, "data/m", "4");
    assert_case(&world, "data/n", "2");
}

/* ---- log ---- */

static struct value history_of(const char *role)
{
    struct case_person person = world_person(world.arena, "awa", role);
    return case_entry_view(world.workflow, world.seq, &world.change.entry, &person, TEXT_NONE,
                           world.arena);
}

static void a_log_stands_in_the_entry_and_hides_what_is_sensitive(void **state)
{
    (void)state;
    assert_int_equal(act("say"), PROBLEM_NONE);
    assert_entry(&world, "log",
                 "[{\"text\": \"decided\"}, {\"text\": \"n is 1\"}, {\"text\": \"for Aminata\", "
                 "\"private\": true}]");
    struct value view = history_of("clerk");
    assert_json(&world, value_at(&view, "log"), "[\"decided\", \"n is 1\"]");
    view = history_of("boss");
    assert_json(&world, value_at(&view, "log"), "[\"decided\", \"n is 1\", \"for Aminata\"]");
}

static void a_log_of_what_was_filled_in_is_private(void **state)
{
    (void)state;
    world_do(&world, "awa", "clerk", "say_form", "{\"n\": 4}");
    assert_entry(&world, "log", "[{\"text\": \"4\", \"private\": true}]");
    struct value view = history_of("clerk");
    assert_json(&world, value_at(&view, "log"), "null");
}

static void a_log_that_errs_ends_its_block(void **state)
{
    (void)state;
    assert_int_equal(act("say_bad"), PROBLEM_NONE);
    assert_case(&world, "data/m", "0");
    assert_entry(&world, "log", "null");
}

static void logs_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(act("say_much"), PROBLEM_NONE);
    const struct value *log = value_at(&world.change.entry, "log");
    assert_case(&world, "data/m", "60");
    assert_int_equal(value_count(log), CASE_LOGS_MAX);
    assert_int_equal(value_text_at(value_item(log, 0), "text").size, CASE_LOG_BYTES_MAX);
}

/* ---- acted() ---- */

static void acted_knows_who_did_what(void **state)
{
    (void)state;
    assert_int_equal(act("third"), PROBLEM_GUARD_FAILED);
    world_do(&world, "awa", "clerk", "choose", "{\"n\": 2}");
    assert_int_equal(act("second"), PROBLEM_GUARD_FAILED);
    assert_text(world_problem(&world)->detail, "Another person is needed.");
    assert_int_equal(world_do(&world, "binta", "boss", "second", NULL), PROBLEM_NONE);
    assert_int_equal(world_do(&world, "binta", "boss", "third", NULL), PROBLEM_NONE);
    assert_case(&world, "data/m", "8");
}

/* ---- case.language ---- */

static void the_language_of_a_case_is_the_first_of_its_workflow(void **state)
{
    static const char tail[] =
        "roles: {clerk: {}}\nfields: {said: {type: text}}\n"
        "states: {one: {on: {say: {by: [clerk], do: [{set: {said: = case.language}}]}}}}\n";
    static const struct {
        const char *head, *said;
    } rows[] = {
        {"languages: [pt, en]\n", "\"pt\""}, {"languages: [wo]\n", "\"wo\""}, {"", "\"en\""}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[400];
        snprintf(text, sizeof(text), "workflow: test\n%s%s", rows[i].head, tail);
        world_start(&world, text);
        assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_NONE);
        assert_int_equal(act("say"), PROBLEM_NONE);
        assert_case(&world, "data/said", rows[i].said);
        world_end(&world);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_branch_that_holds_is_run),
        TEST(a_branch_that_is_not_there_does_nothing),
        TEST(an_if_that_errs_ends_its_block),
        TEST(an_error_in_a_branch_ends_the_block_around_it),
        TEST(a_block_in_a_branch_is_a_block_of_its_own),
        TEST(a_log_stands_in_the_entry_and_hides_what_is_sensitive),
        TEST(a_log_of_what_was_filled_in_is_private),
        TEST(a_log_that_errs_ends_its_block),
        TEST(logs_are_bounded),
        TEST(acted_knows_who_did_what),
        cmocka_unit_test(the_language_of_a_case_is_the_first_of_its_workflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
