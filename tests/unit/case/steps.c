/* Steps: due with the entry that entered their state, one outcome each. */
#include "case/travel.h"

/* ---- Due. ---- */

static void a_step_is_due_with_the_entry_that_entered_its_state(void **state)
{
    (void)state;
    assert_int_equal(world_call_count(&world), 0);
    assert_int_equal(act("go"), PROBLEM_NONE);
    const struct case_call *call = the_call();
    assert_int_equal(call->verb, CASE_RUN);
    assert_text(call->key, "run.pass_paper.2.1");
    assert_text(call->step_id, "pass_paper");
    assert_text(call->plugin, "sketch");
    assert_text(call->step, "issue");
    assert_text(call->idempotency_key, "abababababababababababababababab.2.pass_paper");
    assert_int_equal(call->now_ms, WORLD_NOW_MS);
    assert_int_equal(call->timeout_ms, 30000);
    assert_json(&world, &call->inputs,
                "{\"child\": \"Aminata\", \"asked_at\": \"2026-01-01T08:00:00Z\"}");
}

static void steps_of_one_state_start_in_document_order(void **state)
{
    (void)state;
    size_t count;
    act("two");
    const struct case_call *calls = case_calls(&world.state, world.arena, &count);
    assert_int_equal(count, 2);
    assert_text(calls[0].step_id, "first");
    assert_text(calls[1].step_id, "second");
    assert_json(&world, &calls[1].inputs, "{\"child\": \"static\"}");
}

static void a_state_that_is_passed_through_starts_nothing(void **state)
{
    (void)state;
    assert_int_equal(act("pass"), PROBLEM_NONE);
    assert_int_equal(world_call_count(&world), 0);
    assert_case(&world, "visits/passing", "1");
}

static void inputs_are_kept_as_they_were_when_it_became_due(void **state)
{
    (void)state;
    act("go");
    world.now_ms += WORLD_DAY_MS;
    assert_text(value_text_at(&the_call()->inputs, "asked_at"), "2026-01-01T08:00:00Z");
}

static void inputs_that_err_fail_the_step_in_a_macrostep_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(act("bad"), PROBLEM_NONE);
    assert_states(&world, "[\"faulty\"]");
    assert_int_equal(world_call_count(&world), 0);
    assert_case(&world, "steps/never/status", "\"failing\"");
    assert_true(world_fire(&world));
    assert_states(&world, "[\"blocked\"]");
    assert_entry(&world, "event", "\"error.step.never\"");
    assert_case(&world, "steps", "{}");
    struct text why = value_text_at(&world.state.doc, "data/why");
    assert_true(text_begins(why, "The step never was not started: input child: "));
}

static void an_input_that_passes_on_an_unset_field_is_left_out(void **state)
{
    (void)state;
    world_do(&world, "awa", "clerk", "bad", "{\"child\": null}");
    assert_true(world_fire(&world));
    assert_int_equal(act("again"), PROBLEM_NONE);
    assert_json(&world, &the_call()->inputs, "{\"asked_at\": \"2026-01-01T08:00:00Z\"}");
}

/* ---- Outcomes. ---- */

static void done_sets_into_and_then_tells_the_chart(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, done);
    assert_states(&world, "[\"ready\"]");
    assert_entry(&world, "kind", "\"outcome\"");
    assert_entry(&world, "event", "\"done.step.pass_paper\"");
    assert_entry(&world, "name", "\"run.pass_paper.2.1\"");
    assert_entry(&world, "outcome/outcome", "\"done\"");
    assert_case(&world, "data",
                "{\"child\": \"Aminata\", \"number\": \"LP-1\", \"expires\": \"2026-06-01\", "
                "\"why\": \"LP-1\"}");
    assert_case(&world, "steps", "{}");
    assert_int_equal(world_call_count(&world), 0);
}

static void an_output_against_its_fields_rule_is_a_failure(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, "{\"outcome\": \"done\", \"outputs\": {\"number\": \"much too long\"}}");
    assert_states(&world, "[\"blocked\"]");
    assert_entry(&world, "event", "\"error.step.pass_paper\"");
    assert_case(&world, "data/number", "null");
}

static void a_failure_is_final_and_tells_its_reason(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world,
                  "{\"outcome\": \"failed\", \"message\": \"No office.\", \"retry\": true}");
    assert_states(&world, "[\"blocked\"]");
    assert_case(&world, "data/why", "\"No office.\"");
    assert_entry(&world, "note", "\"No office.\"");
}

static void a_broken_call_and_a_strange_outcome_are_failures(void **state)
{
    (void)state;
    act("go");
    world_outcome(&world, "{\"outcome\": \"broken\", \"message\": \"It crashed.\"}");
    assert_case(&world, "data/why", "\"It crashed.\"");
    assert_int_equal(act("again"), PROBLEM_NONE);
    world_outcome(&world, "{\"outcome\": \"refused\", \"reasons\": []}");
    assert_states(&world, "[\"blocked\"]");
}

static void an_outcome_that_nothing_takes_is_dropped_with_an_entry(void **state)
{
    (void)state;
    act("two");
    world_outcome_of(&world, "run.first.2.1", "{\"outcome\": \"done\", \"outputs\": {}}");
    assert_entry(&world, "kind", "\"dropped\"");
    assert_entry(&world, "note", "\"Nothing takes done.step.first: it was dropped.\"");
    assert_case(&world, "steps/first", "null");
    assert_int_equal(world_call_count(&world), 1);
}

static void a_step_that_is_left_is_cancelled_and_its_late_outcome_means_nothing(void **state)
{
    (void)state;
    act("go");
    assert_int_equal(act("leave"), PROBLEM_NONE);
    assert_int_equal(world_call_count(&world), 0);
    assert_case(&world, "drops", "{}");
    uint64_t seq = world.seq;
    world_outcome_of(&world, "run.pass_paper.2.1", done);
    assert_int_equal(world.plan.kind, CASE_DROP);
    assert_int_equal(world.seq, seq);
}

static void a_step_entered_again_is_another_run(void **state)
{
    (void)state;
    act("go");
    act("leave");
    act("go");
    assert_text(the_call()->key, "run.pass_paper.4.1");
    world_outcome_of(&world, "run.pass_paper.2.1", done);
    assert_int_equal(world.plan.kind, CASE_DROP);
}

static void an_outcome_that_never_comes_to_rest_ends_its_step_and_no_more(void **state)
{
    (void)state;
    act("turn");
    world_outcome(&world, done);
    assert_entry(&world, "kind", "\"dropped\"");
    assert_entry(&world, "event", "\"done.step.turning\"");
    assert_int_equal(value_count(value_at(&world.change.entry, "faults")), 1);
    assert_states(&world, "[\"endless\"]");
    assert_case(&world, "data/number", "null");
    assert_case(&world, "steps", "{}");
    assert_int_equal(act("leave"), PROBLEM_NONE);
}

static void an_answer_that_never_comes_to_rest_is_refused(void **state)
{
    (void)state;
    act("turn");
    world_outcome(&world, parks_for_answer);
    assert_int_equal(world_answer(&world, "officer", "turning", "{\"granted\": true}"),
                     PROBLEM_WORKFLOW_FAULT);
    assert_case(&world, "steps/turning/status", "\"parked\"");
}

static void an_early_answer_that_never_comes_to_rest_is_dropped_and_the_step_parks(void **state)
{
    (void)state;
    act("turn");
    assert_int_equal(world_answer(&world, "officer", "turning", "{\"granted\": true}"),
                     PROBLEM_NONE);
    world_outcome(&world, parks_for_answer);
    assert_case(&world, "steps/turning/status", "\"parked\"");
    assert_case(&world, "steps/turning/early", "null");
    assert_case(&world, "data/granted", "null");
    assert_entry(&world, "kind", "\"outcome\"");
    assert_int_equal(value_count(value_at(&world.change.entry, "faults")), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_step_is_due_with_the_entry_that_entered_its_state),
        TEST(steps_of_one_state_start_in_document_order),
        TEST(a_state_that_is_passed_through_starts_nothing),
        TEST(inputs_are_kept_as_they_were_when_it_became_due),
        TEST(inputs_that_err_fail_the_step_in_a_macrostep_of_its_own),
        TEST(an_input_that_passes_on_an_unset_field_is_left_out),
        TEST(done_sets_into_and_then_tells_the_chart),
        TEST(an_output_against_its_fields_rule_is_a_failure),
        TEST(a_failure_is_final_and_tells_its_reason),
        TEST(a_broken_call_and_a_strange_outcome_are_failures),
        TEST(an_outcome_that_nothing_takes_is_dropped_with_an_entry),
        TEST(a_step_that_is_left_is_cancelled_and_its_late_outcome_means_nothing),
        TEST(a_step_entered_again_is_another_run),
        TEST(an_outcome_that_never_comes_to_rest_ends_its_step_and_no_more),
        TEST(an_answer_that_never_comes_to_rest_is_refused),
        TEST(an_early_answer_that_never_comes_to_rest_is_dropped_and_the_step_parks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
