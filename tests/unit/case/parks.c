/* Steps that park: for an answer, for a time, and what is dropped when nobody waits any more. */
#include "case/travel.h"

/* ---- Parked. ---- */

static void a_parked_step_costs_its_record_and_no_call(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    assert_int_equal(world_call_count(&world), 0);
    assert_case(&world, "steps/pass_paper/status", "\"parked\"");
    assert_case(&world, "steps/pass_paper/cookie", "\"c0ffee\"");
    assert_case(&world, "steps/pass_paper/park", "1");
    assert_case(&world, "timers/step.pass_paper.2.1/due", "1767340800000");
    assert_entry(&world, "kind", "\"outcome\"");
    assert_states(&world, "[\"travel\"]");
}

static void an_answer_resumes_the_step_with_what_was_filled_in(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    world.now_ms += 1000;
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NONE);
    assert_entry(&world, "kind", "\"answer\"");
    assert_entry(&world, "by", "\"dibor\"");
    assert_entry(&world, "step", "\"pass_paper\"");
    assert_case(&world, "data/granted", "true");
    assert_case(&world, "timers", "{}");
    const struct case_call *call = the_call();
    assert_int_equal(call->verb, CASE_RESUME);
    assert_text(call->key, "resume.pass_paper.2.1");
    assert_text(call->cookie, "c0ffee");
    assert_false(call->woken_by_time);
    assert_int_equal(call->now_ms, WORLD_NOW_MS + 1000);
    assert_json(&world, &call->answer, "{\"granted\": true}");
    assert_text(call->idempotency_key, "abababababababababababababababab.2.pass_paper");
    world_outcome(&world, done);
    assert_states(&world, "[\"ready\"]");
}

static void an_answer_may_let_an_always_go_on(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_answer);
    assert_int_equal(
        world_answer(&world, "officer", "pass_paper", "{\"granted\": false, \"why\": \"never\"}"),
        PROBLEM_NONE);
    assert_states(&world, "[\"blocked\"]");
    /* It was resumed and left: what it parked is dropped. */
    assert_int_equal(the_call()->verb, CASE_STEP_DROP);
}

static void an_answer_is_checked_as_a_form_is(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_answer);
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": \"x\"}"),
                     PROBLEM_FIELD_INVALID);
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{}"), PROBLEM_FIELD_INVALID);
    assert_int_equal(world_answer(&world, "clerk", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NOT_PERMITTED);
    assert_text(world_problem(&world)->detail, "pass_paper needs the role officer.");
}

static void an_answer_to_nothing_that_waits_is_not_available(void **state)
{
    (void)state;
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NOT_AVAILABLE);
    assert_non_null(value_get(&world_problem(&world)->extra, TEXT("available")));
    assert_int_equal(world_answer(&world, "officer", "pass_papers", "{}"), PROBLEM_NO_SUCH_STEP);
    assert_text(world_problem(&world)->hint, "Did you mean pass_paper?");
    act("two");
    assert_int_equal(world_answer(&world, "officer", "first", "{}"), PROBLEM_NOT_AVAILABLE);
}

static void a_step_is_answered_once(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_answer);
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NONE);
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": false}"),
                     PROBLEM_NOT_AVAILABLE);
}

static void a_repeated_answer_is_known_by_its_key(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_answer);
    world.key = TEXT("k");
    world.request = TEXT("h");
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NONE);
    world.key = TEXT("k");
    world.request = TEXT("h");
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_REPEAT);
}

static void a_step_parked_for_a_time_alone_takes_no_answer(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, "{\"outcome\": \"parked\", \"time\": true, \"until\": 1767340800000, "
                          "\"cookie\": \"\"}");
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NOT_AVAILABLE);
}

static void the_time_wakes_a_parked_step_once(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    world_wait(&world, WORLD_DAY_MS);
    const struct case_call *call = the_call();
    assert_int_equal(call->verb, CASE_RESUME);
    assert_true(call->woken_by_time);
    assert_int_equal(call->answer.kind, VALUE_NULL);
    assert_int_equal(call->now_ms, WORLD_NOW_MS + WORLD_DAY_MS);
    assert_entry(&world, "kind", "\"timer\"");
    assert_entry(&world, "event", "\"case.wake.pass_paper\"");
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": true}"),
                     PROBLEM_NOT_AVAILABLE);
}

static void a_step_may_park_again_and_late_wakes_name_another_park(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    world_answer(&world, "officer", "pass_paper", "{\"granted\": true}");
    world_outcome(&world, parks_for_both);
    assert_case(&world, "steps/pass_paper/park", "2");
    assert_case(&world, "steps/pass_paper/answer", "null");
    world_outcome_of(&world, "resume.pass_paper.2.1", done);
    assert_int_equal(world.plan.kind, CASE_DROP);
    struct case_event late = {.kind = CASE_TIMER,
                              .name = TEXT("step.pass_paper.2.1"),
                              .now_ms = world.now_ms + WORLD_DAY_MS};
    case_plan(&world.state, &late, world.arena, &world.plan);
    assert_int_equal(world.plan.kind, CASE_DROP);
    world_answer(&world, "officer", "pass_paper", "{\"granted\": false}");
    assert_text(the_call()->key, "resume.pass_paper.2.2");
}

static void a_step_that_parks_for_nothing_has_failed(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, "{\"outcome\": \"parked\", \"cookie\": \"\"}");
    assert_states(&world, "[\"blocked\"]");
}

static void a_step_that_waits_for_an_answer_nobody_may_give_has_failed(void **state)
{
    (void)state;
    act("two");
    world_outcome_of(&world, "run.first.2.1", parks_for_answer);
    assert_case(&world, "steps/first", "null");
    assert_entry(&world, "event", "\"error.step.first\"");
    assert_non_null(strstr(value_text_at(&world.change.entry, "note").bytes, "nobody may give"));
}

/* ---- Answers that come before the step parks. ---- */

static void an_early_answer_is_kept_and_used_when_the_step_parks(void **state)
{
    (void)state;
    act("go");
    assert_int_equal(
        world_answer(&world, "officer", "pass_paper", "{\"granted\": true, \"why\": null}"),
        PROBLEM_NONE);
    assert_case(&world, "data/granted", "null");
    assert_text(the_call()->key, "run.pass_paper.2.1");
    assert_int_equal(world_answer(&world, "officer", "pass_paper", "{\"granted\": false}"),
                     PROBLEM_NOT_AVAILABLE);
    world_outcome(&world, parks_for_both);
    assert_case(&world, "data/granted", "true");
    assert_case(&world, "timers", "{}");
    assert_case(&world, "steps/pass_paper/early", "null");
    assert_int_equal(the_call()->verb, CASE_RESUME);
    assert_json(&world, &the_call()->answer, "{\"granted\": true}");
}

static void an_early_answer_is_dropped_with_a_word_if_the_step_ends(void **state)
{
    (void)state;
    act("go");
    world_answer(&world, "officer", "pass_paper", "{\"granted\": true}");
    world_outcome(&world, done);
    assert_entry(&world, "note",
                 "\"The answer to pass_paper was dropped: the step ended before it asked.\"");
    assert_case(&world, "data/granted", "null");
}

static void an_early_answer_is_dropped_if_the_step_did_not_ask(void **state)
{
    (void)state;
    act("go");
    world_answer(&world, "officer", "pass_paper", "{\"granted\": true}");
    world_outcome(&world, "{\"outcome\": \"parked\", \"time\": true, \"until\": 1767340800000, "
                          "\"cookie\": \"\"}");
    assert_case(&world, "steps/pass_paper/early", "null");
    assert_case(&world, "steps/pass_paper/status", "\"parked\"");
    assert_non_null(strstr(value_text_at(&world.change.entry, "note").bytes, "did not ask"));
}

static void an_early_answer_is_dropped_with_the_state(void **state)
{
    (void)state;
    act("go");
    world_answer(&world, "officer", "pass_paper", "{\"granted\": true}");
    assert_int_equal(act("leave"), PROBLEM_NONE);
    assert_non_null(strstr(value_text_at(&world.change.entry, "note").bytes, "was dropped"));
}

/* ---- Drops. ---- */

static void what_a_step_parked_is_dropped_when_its_state_is_left(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    assert_int_equal(act("leave"), PROBLEM_NONE);
    assert_case(&world, "steps", "{}");
    assert_case(&world, "timers", "{}");
    const struct case_call *call = the_call();
    assert_int_equal(call->verb, CASE_STEP_DROP);
    assert_text(call->key, "drop.pass_paper.2.1");
    assert_text(call->cookie, "c0ffee");
    assert_text(call->idempotency_key, "abababababababababababababababab.2.pass_paper");
    assert_text(value_text_at(&call->inputs, "child"), "Aminata");
    world_outcome(&world, "{\"outcome\": \"dropped\"}");
    assert_entry(&world, "kind", "\"outcome\"");
    assert_int_equal(world_call_count(&world), 0);
    world_outcome_of(&world, "drop.pass_paper.2.1", "{\"outcome\": \"dropped\"}");
    assert_int_equal(world.plan.kind, CASE_DROP);
}

static void a_drop_that_broke_is_over_and_told(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    act("leave");
    world_outcome(&world, "{\"outcome\": \"broken\", \"message\": \"It crashed.\"}");
    assert_entry(&world, "note", "\"It crashed.\"");
    assert_int_equal(world_call_count(&world), 0);
}

static void a_resumption_that_broke_is_a_failure_and_drops(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_answer);
    world_answer(&world, "officer", "pass_paper", "{\"granted\": true}");
    world_outcome(&world, "{\"outcome\": \"broken\", \"message\": \"It crashed.\"}");
    assert_states(&world, "[\"blocked\"]");
    assert_int_equal(the_call()->verb, CASE_STEP_DROP);
}

static void a_drop_outlives_the_next_run_of_its_step(void **state)
{
    (void)state;
    size_t count;
    act("go");
    world_outcome(&world, parks_for_both);
    act("leave");
    act("go");
    const struct case_call *calls = case_calls(&world.state, world.arena, &count);
    assert_int_equal(count, 2);
    assert_text(calls[0].key, "drop.pass_paper.2.1");
    assert_text(calls[1].key, "run.pass_paper.5.1");
    world_outcome_of(&world, "drop.pass_paper.2.1", "{\"outcome\": \"dropped\"}");
    assert_text(the_call()->key, "run.pass_paper.5.1");
}

static void a_closed_case_waits_for_nothing_but_its_drops(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, parks_for_both);
    assert_int_equal(act("stop"), PROBLEM_NONE);
    assert_case(&world, "closed", "true");
    assert_case(&world, "steps", "{}");
    assert_case(&world, "timers", "{}");
    assert_int_equal(the_call()->verb, CASE_STEP_DROP);
    world_outcome(&world, "{\"outcome\": \"dropped\"}");
    assert_int_equal(world_call_count(&world), 0);
    assert_case(&world, "closed", "true");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_parked_step_costs_its_record_and_no_call),
        TEST(an_answer_resumes_the_step_with_what_was_filled_in),
        TEST(an_answer_may_let_an_always_go_on),
        TEST(an_answer_is_checked_as_a_form_is),
        TEST(an_answer_to_nothing_that_waits_is_not_available),
        TEST(a_step_is_answered_once),
        TEST(a_repeated_answer_is_known_by_its_key),
        TEST(a_step_parked_for_a_time_alone_takes_no_answer),
        TEST(the_time_wakes_a_parked_step_once),
        TEST(a_step_may_park_again_and_late_wakes_name_another_park),
        TEST(a_step_that_parks_for_nothing_has_failed),
        TEST(a_step_that_waits_for_an_answer_nobody_may_give_has_failed),
        TEST(an_early_answer_is_kept_and_used_when_the_step_parks),
        TEST(an_early_answer_is_dropped_with_a_word_if_the_step_ends),
        TEST(an_early_answer_is_dropped_if_the_step_did_not_ask),
        TEST(an_early_answer_is_dropped_with_the_state),
        TEST(what_a_step_parked_is_dropped_when_its_state_is_left),
        TEST(a_drop_that_broke_is_over_and_told),
        TEST(a_resumption_that_broke_is_a_failure_and_drops),
        TEST(a_drop_outlives_the_next_run_of_its_step),
        TEST(a_closed_case_waits_for_nothing_but_its_drops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
