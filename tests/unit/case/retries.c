/* Attempts of a step: what failed and may be mended waits, as a timer of the case, and is tried
 * again under the same idempotency key. */
#include "case/plugins.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}, officer: {}}\n"
    "fields: {granted: {type: boolean}, why: {type: text}}\n"
    "states:\n"
    "  start: {on: {go: {by: [clerk], target: travel}}}\n"
    "  travel:\n"
    "    steps:\n"
    "      paper:\n"
    "        use: sketch/issue\n"
    "        answer: {by: [officer], form: {granted: required}}\n"
    "        retry: {attempts: 4, wait: 1h, factor: 3, wait_max: 5h}\n"
    "        done: {target: ready}\n"
    "        failed: {do: [{set: {why: = event.data.message}}], target: start}\n"
    "    on: {leave: {by: [clerk], target: start}}\n"
    "  ready: {type: final}\n";

enum { HOUR_MS = 3600000 };

static const char failed[] =
    "{\"outcome\": \"failed\", \"message\": \"No line.\", \"retry\": true}";
static const char hopeless[] =
    "{\"outcome\": \"failed\", \"message\": \"Refused.\", \"retry\": false}";
static const char broken[] =
    "{\"outcome\": \"broken\", \"message\": \"It took too long.\", \"retry\": true}";
static const char parks[] = "{\"outcome\": \"parked\", \"answer\": true, \"cookie\": \"c0ffee\"}";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start_with(&world, yaml, &sketch_source);
    world_open(&world, "clerk", NULL);
    return world_do(&world, "awa", "clerk", "go", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static const struct case_call *the_call(void)
{
    size_t count;
    const struct case_call *calls = case_calls(&world.state, world.arena, &count);
    assert_int_equal(count, 1);
    return calls;
}

static void a_failure_that_may_be_mended_waits_and_is_tried_again(void **state)
{
    (void)state;
    struct text key = the_call()->idempotency_key;
    world_outcome(&world, failed);
    assert_entry(&world, "event", "\"case.wait.paper\"");
    assert_entry(&world, "note",
                 "\"No line. It is tried again at 2026-01-01T09:00:00Z, attempt 2 of 4.\"");
    assert_case(&world, "states", "{\"travel\": 1}");
    assert_case(&world, "steps/paper/status", "\"waiting\"");
    assert_int_equal(world_call_count(&world), 0);
    world_wait(&world, HOUR_MS - 1);
    assert_int_equal(world_call_count(&world), 0);
    world_wait(&world, 1);
    assert_entry(&world, "event", "\"case.again.paper\"");
    assert_text(the_call()->key, "run.paper.2.2");
    assert_true(text_equal(the_call()->idempotency_key, key));
    assert_int_equal(the_call()->now_ms, world.now_ms);
}

static void waits_grow_by_the_factor_up_to_the_longest(void **state)
{
    static const int64_t hours[] = {1, 3, 5};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        world_outcome(&world, i == 1 ? broken : failed);
        assert_int_equal(value_int_at(&world.state.doc, "steps/paper/until", 0),
                         world.now_ms + hours[i] * HOUR_MS);
        world_wait(&world, hours[i] * HOUR_MS);
    }
    /* The fourth attempt was the last. */
    world_outcome(&world, failed);
    assert_states(&world, "[\"start\"]");
    assert_case(&world, "data/why", "\"No line.\"");
    assert_case(&world, "timers", "{}");
}

static void what_no_attempt_can_mend_is_final(void **state)
{
    (void)state;
    world_outcome(&world, hopeless);
    assert_states(&world, "[\"start\"]");
    assert_case(&world, "data/why", "\"Refused.\"");
}

static void an_attempt_may_succeed(void **state)
{
    (void)state;
    world_outcome(&world, broken);
    world_wait(&world, HOUR_MS);
    world_outcome(&world, "{\"outcome\": \"done\", \"outputs\": {}}");
    assert_states(&world, "[\"ready\"]");
}

static void a_late_outcome_of_an_earlier_attempt_means_nothing(void **state)
{
    (void)state;
    world_outcome(&world, failed);
    world_wait(&world, HOUR_MS);
    world_outcome_of(&world, "run.paper.2.1", "{\"outcome\": \"done\", \"outputs\": {}}");
    assert_int_equal(world.plan.kind, CASE_DROP);
    assert_case(&world, "states", "{\"travel\": 1}");
}

static void leaving_the_state_ends_the_waiting(void **state)
{
    (void)state;
    world_outcome(&world, failed);
    assert_int_equal(world_do(&world, "awa", "clerk", "leave", NULL), PROBLEM_NONE);
    assert_case(&world, "timers", "{}");
    assert_case(&world, "steps", "{}");
    assert_case(&world, "drops", "{}");
}

static void an_answer_may_come_while_a_step_waits_for_its_next_attempt(void **state)
{
    (void)state;
    world_outcome(&world, failed);
    assert_int_equal(world_answer(&world, "officer", "paper", "{\"granted\": true}"), PROBLEM_NONE);
    assert_int_equal(world_answer(&world, "officer", "paper", "{\"granted\": true}"),
                     PROBLEM_NOT_AVAILABLE);
    world_wait(&world, HOUR_MS);
    world_outcome(&world, parks);
    assert_int_equal(the_call()->verb, CASE_RESUME);
    assert_json(&world, &the_call()->answer, "{\"granted\": true}");
}

static void a_resumption_is_tried_again_with_its_answer(void **state)
{
    (void)state;
    world_outcome(&world, failed);
    world_wait(&world, HOUR_MS);
    world_outcome(&world, parks);
    world_answer(&world, "officer", "paper", "{\"granted\": true}");
    assert_text(the_call()->key, "resume.paper.2.1.2");
    world_outcome(&world, failed);
    assert_case(&world, "steps/paper/again", "\"resuming\"");
    assert_int_equal(world_answer(&world, "officer", "paper", "{\"granted\": false}"),
                     PROBLEM_NOT_AVAILABLE);
    /* It had parked: this was the first attempt again. */
    assert_int_equal(value_int_at(&world.state.doc, "steps/paper/until", 0),
                     world.now_ms + HOUR_MS);
    world_wait(&world, HOUR_MS);
    const struct case_call *call = the_call();
    assert_text(call->key, "resume.paper.2.1.3");
    assert_int_equal(call->verb, CASE_RESUME);
    assert_false(call->woken_by_time);
    assert_text(call->cookie, "c0ffee");
    assert_json(&world, &call->answer, "{\"granted\": true}");
}

static void what_was_parked_is_dropped_when_a_waiting_step_is_left(void **state)
{
    (void)state;
    world_outcome(&world, parks);
    world_answer(&world, "officer", "paper", "{\"granted\": true}");
    world_outcome(&world, broken);
    world_do(&world, "awa", "clerk", "leave", NULL);
    assert_int_equal(the_call()->verb, CASE_STEP_DROP);
    assert_text(the_call()->cookie, "c0ffee");
}

static void people_see_that_a_step_waits_and_how_often_it_was_tried(void **state)
{
    (void)state;
    struct case_person clerk = world_person(world.arena, "awa", "clerk");
    world_outcome(&world, failed);
    struct value view = case_view(&world.state, &clerk, TEXT_NONE, world.now_ms, world.arena);
    assert_json(&world, value_item(value_at(&view, "steps"), 0),
                "{\"id\": \"paper\", \"title\": \"paper\", \"status\": \"waiting\", \"wakes\": [], "
                "\"until\": "
                "\"2026-01-01T09:00:00Z\", \"why\": \"No line.\", \"attempts\": {\"made\": 1, "
                "\"most\": 4}, \"answer\": "
                "{\"may\": false, \"by\": [\"officer\"], \"form\": [{\"field\": \"granted\", "
                "\"title\": \"granted\", \"type\": \"boolean\", \"required\": true}]}}");
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "calls"), "false");
    assert_json(&world, value_at(&card, "timer"), "1767258000000");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_failure_that_may_be_mended_waits_and_is_tried_again),
        TEST(waits_grow_by_the_factor_up_to_the_longest),
        TEST(what_no_attempt_can_mend_is_final),
        TEST(an_attempt_may_succeed),
        TEST(a_late_outcome_of_an_earlier_attempt_means_nothing),
        TEST(leaving_the_state_ends_the_waiting),
        TEST(an_answer_may_come_while_a_step_waits_for_its_next_attempt),
        TEST(a_resumption_is_tried_again_with_its_answer),
        TEST(what_was_parked_is_dropped_when_a_waiting_step_is_left),
        TEST(people_see_that_a_step_waits_and_how_often_it_was_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
