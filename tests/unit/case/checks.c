/* Checks: asked all at once before a transition is accepted; they may refuse, and they may fail. */
#include "case/plugins.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}, boss: {}}\n"
    "fields:\n"
    "  household: {type: choice, options: {safe: Safe, unsafe: Unsafe}}\n"
    "  born: {type: date}\n"
    "  risk: {type: integer, min: 0, max: 10}\n"
    "  advice: {type: text, initial: old}\n"
    "  wish: {type: text}\n"
    "states:\n"
    "  one:\n"
    "    on:\n"
    "      decide:\n"
    "        by: [clerk]\n"
    "        form: {household: required, wish: optional}\n"
    "        check:\n"
    "          score: {use: sketch/score, with: {household: = data.household, born: = data.born, "
    "threshold: 6}, into: {risk: risk, advice: advice}}\n"
    "        guard: data.risk <= 6\n"
    "        explain: Too risky.\n"
    "        target: two\n"
    "      otherwise:\n"
    "        event: decide\n"
    "        by: [clerk]\n"
    "        guard: has(data.wish) && data.wish == 'otherwise'\n"
    "        target: three\n"
    "      boss:\n"
    "        event: decide\n"
    "        by: [boss]\n"
    "        check: {other: {use: sketch/score, with: {threshold: 9}}}\n"
    "        target: two\n"
    "      faulty:\n"
    "        by: [clerk]\n"
    "        check: {sound: {use: sketch/score, with: {threshold: 1}}, score: {use: sketch/score, "
    "with: {threshold: = 1 / (data.risk - "
    "data.risk)}}}\n"
    "        target: two\n"
    "  two: {on: {back: {by: [clerk], target: one}}}\n"
    "  three: {type: final}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start_with(&world, yaml, &sketch_source);
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code decide(void)
{
    return world_do(&world, "awa", "clerk", "decide", "{\"household\": \"safe\"}");
}

static void a_check_is_asked_over_the_form_and_its_outputs_are_kept(void **state)
{
    (void)state;
    world_check(&world, "one.decide.score",
                "{\"outcome\": \"done\", \"outputs\": {\"risk\": 4, \"advice\": \"go\", "
                "\"other\": 1}}");
    assert_int_equal(decide(), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_ASK);
    assert_int_equal(world.plan.check_count, 1);
    assert_text(world.plan.checks[0].plugin, "sketch");
    assert_text(world.plan.checks[0].step, "score");
    assert_json(&world, &world.plan.checks[0].inputs,
                "{\"household\": \"safe\", \"threshold\": 6}");
    assert_states(&world, "[\"two\"]");
    assert_case(&world, "data", "{\"household\": \"safe\", \"risk\": 4, \"advice\": \"go\"}");
    assert_entry(&world, "checks/one.decide.score/outcome", "\"done\"");
}

static void a_plan_changes_nothing_and_says_the_same_again(void **state)
{
    (void)state;
    struct case_person person = world_person(world.arena, "awa", "clerk");
    struct case_event event = {.kind = CASE_TRANSITION,
                               .now_ms = world.now_ms,
                               .seq = 2,
                               .name = TEXT("decide"),
                               .person = &person,
                               .data = world_json(&world, "{\"household\": \"safe\"}")};
    struct value before = value_copy(world.arena, &world.state.doc);
    struct case_plan again;
    case_plan(&world.state, &event, world.arena, &world.plan);
    case_plan(&world.state, &event, world.arena, &again);
    assert_true(value_equal(&before, &world.state.doc));
    assert_int_equal(again.kind, world.plan.kind);
    assert_true(value_equal(&again.checks[0].inputs, &world.plan.checks[0].inputs));
}

static void an_output_that_is_absent_unsets_its_field(void **state)
{
    (void)state;
    world_check(&world, "one.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 4}}");
    assert_int_equal(decide(), PROBLEM_NONE);
    assert_case(&world, "data", "{\"household\": \"safe\", \"risk\": 4}");
}

static void the_guard_sees_what_the_check_put_in(void **state)
{
    (void)state;
    world_check(&world, "one.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 8}}");
    assert_int_equal(decide(), PROBLEM_GUARD_FAILED);
    assert_text(world_problem(&world)->detail, "Too risky.");
    assert_case(&world, "data", "{\"advice\": \"old\"}");
}

static void a_refusal_tells_the_field_behind_the_input(void **state)
{
    (void)state;
    world_check(&world, "one.decide.score",
                "{\"outcome\": \"refused\", \"reasons\": [{\"input\": \"household\", \"message\": "
                "\"Not visited.\"}, {\"input\": \"threshold\", \"message\": \"Too low.\"}, "
                "{\"message\": \"No.\"}]}");
    assert_int_equal(decide(), PROBLEM_CHECK_REFUSED);
    const struct problem *problem = world_problem(&world);
    assert_int_equal(value_count(&problem->errors), 3);
    assert_fault(problem, 0, "/data/household", "refused");
    assert_text(value_text_at(value_item(&problem->errors, 0), "message"), "Not visited.");
    assert_fault(problem, 1, "", "refused");
    assert_fault(problem, 2, "", "refused");
}

static void a_refusal_lets_the_next_candidate_be_tried(void **state)
{
    (void)state;
    world_check(&world, "one.decide.score", "{\"outcome\": \"refused\", \"reasons\": []}");
    assert_int_equal(world_do(&world, "awa", "clerk", "decide",
                              "{\"household\": \"safe\", \"wish\": \"otherwise\"}"),
                     PROBLEM_NONE);
    assert_states(&world, "[\"three\"]");
    assert_case(&world, "data",
                "{\"household\": \"safe\", \"wish\": \"otherwise\", \"advice\": \"old\"}");
}

static void only_candidates_of_the_persons_roles_ask(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "codou", "boss", "decide", "{\"household\": \"unsafe\"}"),
                     PROBLEM_NONE);
    assert_int_equal(world.plan.check_count, 1);
    assert_text(world.plan.checks[0].key, "one.boss.other");
    assert_json(&world, &world.plan.checks[0].inputs, "{\"threshold\": 9}");
}

static void all_candidates_ask_at_once(void **state)
{
    (void)state;
    static const struct text both[] = {TEXT("clerk"), TEXT("boss")};
    struct case_person person = world_person(world.arena, "awa", "clerk");
    person.roles = both;
    person.role_count = 2;
    world_check(&world, "one.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 9}}");
    assert_int_equal(
        world_person_does(&world, CASE_TRANSITION, &person, "decide", "{\"household\": \"safe\"}"),
        PROBLEM_NONE);
    assert_int_equal(world.plan.check_count, 2);
    assert_states(&world, "[\"two\"]");
    assert_case(&world, "data", "{\"household\": \"safe\", \"advice\": \"old\"}");
}

static void a_failed_check_refuses_the_event(void **state)
{
    (void)state;
    static const struct {
        const char *outcome, *told;
        bool is_final;
    } bad[] = {
        {"{\"outcome\": \"broken\", \"message\": \"It crashed.\", \"retry\": true}", "It crashed.",
         false},
        {"{\"outcome\": \"failed\", \"message\": \"No line.\", \"retry\": false}", "No line.",
         true},
        {"{\"outcome\": \"done\", \"outputs\": {\"risk\": 11}}", "its output risk", false},
        {"{\"outcome\": \"done\", \"outputs\": {\"risk\": \"low\"}}", "its output risk", false},
        {"{\"outcome\": \"parked\"}", "none of a check", false},
        {"{}", "none of a check", false},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        world_check(&world, "one.decide.score", bad[i].outcome);
        assert_int_equal(decide(), PROBLEM_PLUGIN_FAILED);
        const struct problem *problem = world_problem(&world);
        assert_non_null(strstr(problem->detail.bytes, "sketch/score"));
        assert_non_null(strstr(problem->detail.bytes, bad[i].told));
        struct value told = problem_value(world.arena, problem, TEXT_NONE);
        assert_int_equal(value_bool_at(&told, "retryable"), !bad[i].is_final);
    }
}

static void a_failed_check_of_a_candidate_that_is_not_reached_does_no_harm(void **state)
{
    (void)state;
    static const struct text both[] = {TEXT("clerk"), TEXT("boss")};
    struct case_person person = world_person(world.arena, "awa", "clerk");
    person.roles = both;
    person.role_count = 2;
    world_check(&world, "one.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 1}}");
    world_check(&world, "one.boss.other", "{\"outcome\": \"broken\", \"message\": \"No.\"}");
    assert_int_equal(
        world_person_does(&world, CASE_TRANSITION, &person, "decide", "{\"household\": \"safe\"}"),
        PROBLEM_NONE);
}

static void a_check_that_nobody_answered_has_failed(void **state)
{
    (void)state;
    struct case_person person = world_person(world.arena, "awa", "clerk");
    struct case_event event = {.kind = CASE_TRANSITION,
                               .now_ms = world.now_ms,
                               .seq = 2,
                               .name = TEXT("decide"),
                               .person = &person,
                               .data = world_json(&world, "{\"household\": \"safe\"}")};
    case_apply(&world.state, &event, world.arena, &world.change);
    assert_true(world.change.is_refused);
    assert_int_equal(world.change.problem.code, PROBLEM_PLUGIN_FAILED);
}

static void an_input_that_errs_is_a_fault_of_the_workflow(void **state)
{
    (void)state;
    world_check(&world, "one.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 1}}");
    assert_int_equal(decide(), PROBLEM_NONE);
    assert_int_equal(world_do(&world, "awa", "clerk", "back", NULL), PROBLEM_NONE);
    assert_int_equal(world_do(&world, "awa", "clerk", "faulty", NULL), PROBLEM_WORKFLOW_FAULT);
    assert_int_equal(world.plan.check_count, 1);
    assert_text(world.plan.checks[0].key, "one.faulty.sound");
    struct text message = value_text_at(value_item(&world_problem(&world)->errors, 0), "message");
    assert_non_null(strstr(message.bytes, "check score: input threshold: "));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_check_is_asked_over_the_form_and_its_outputs_are_kept),
        TEST(a_plan_changes_nothing_and_says_the_same_again),
        TEST(an_output_that_is_absent_unsets_its_field),
        TEST(the_guard_sees_what_the_check_put_in),
        TEST(a_refusal_tells_the_field_behind_the_input),
        TEST(a_refusal_lets_the_next_candidate_be_tried),
        TEST(only_candidates_of_the_persons_roles_ask),
        TEST(all_candidates_ask_at_once),
        TEST(a_failed_check_refuses_the_event),
        TEST(a_failed_check_of_a_candidate_that_is_not_reached_does_no_harm),
        TEST(a_check_that_nobody_answered_has_failed),
        TEST(an_input_that_errs_is_a_fault_of_the_workflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
