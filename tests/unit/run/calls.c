/* Calls of plugins: checks that events wait for, steps that cases need. */
#include "world.h"

static void a_check_is_asked_and_its_answer_is_part_of_the_entry(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct world_reply *reply = world_post(world, 0, world_event(world, code, "score"));
    wheel_turn(world->wheel);
    assert_int_equal(world->call_count, 1);
    assert_int_equal(world->calls[0].verb, RUN_CHECK);
    assert_int_equal(value_int_at(&world->calls[0].inputs, "x", -1), 0);
    assert_false(reply->has_come);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_int_equal(reply->status, 200);
    world_crash(world);
    struct value body = world_show(world, code);
    assert_int_equal(value_int_at(&body, "data/risk", -1), 4);
    assert_int_equal(world->call_count, 1); /* the restart asked nothing */
}

static void a_check_that_breaks_or_refuses_changes_nothing(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    struct world_reply *broken = world_post(world, 0, world_event(world, code, "score"));
    wheel_turn(world->wheel);
    world_answer(world, RUN_BROKEN);
    world_settle(world);
    assert_int_equal(broken->problem, PROBLEM_PLUGIN_FAILED);
    struct world_reply *refused = world_post(world, 1, world_event(world, code, "score"));
    wheel_turn(world->wheel);
    world_answer(world, RUN_REFUSED);
    world_settle(world);
    assert_int_equal(refused->problem, PROBLEM_CHECK_REFUSED);
    assert_true(world_is_in(world, code, "begun"));
}

static void a_step_begins_once_its_entry_is_durable_and_not_before(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "work"));
    wheel_turn(world->wheel);
    assert_int_equal(world->call_count, 0);
    world_commit(world);
    assert_int_equal(world->call_count, 1);
    assert_int_equal(world->calls[0].verb, RUN_STEP);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
}

static void a_step_under_way_begins_again_after_a_crash_with_the_same_key(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    assert_int_equal(world->call_count, 1);
    world_crash(world);
    assert_int_equal(world->call_count, 2);
    assert_true(text_equal(world->calls[0].key, world->calls[1].key));
    assert_true(world->calls[0].key.size > 0);
    world_answer(world, RUN_DONE);
    world_settle(world);
    world_crash(world);
    assert_int_equal(world->call_count, 2); /* it is over */
    assert_true(world_is_in(world, code, "scored"));
}

/* A plugin that is not there, or rests, has done nothing yet. */
static void a_call_that_was_turned_away_waits_for_as_long_as_it_takes(void **state)
{
    static const int64_t pauses_ms[] = {2000, 4000, 8000, 16000, 32000, 60000, 60000};
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    for (size_t i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
        assert_int_equal(world->call_count, i + 1);
        world_answer(world, RUN_BROKEN);
        world_settle(world);
        assert_string_equal(world_explained(world, code, "job").bytes,
                            "Its plugin could not take it yet, and is asked again: it broke");
        world->steady_ms += pauses_ms[i] - 1;
        world_settle(world);
        assert_int_equal(world->call_count, i + 1); /* not at once */
        assert_true(world->alarm_ms < world->now_ms + 60001);
        world->steady_ms += 1;
        world_settle(world);
        assert_true(text_equal(world->calls[0].key, world->calls[i + 1].key));
    }
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
}

static void what_is_turned_away_is_cancelled_by_leaving(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    world_answer(world, RUN_BROKEN);
    world_settle(world);
    world_ask(world, world_event(world, code, "leave"));
    world->steady_ms += 60000;
    world_settle(world);
    assert_int_equal(world->call_count, 1);
    assert_int_equal(world->cancel_count, 0); /* nobody was at it */
}

static void a_step_whose_plugin_is_not_there_waits_and_says_so(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world->is_without_plugin = true;
    world_ask(world, world_event(world, code, "work"));
    assert_int_equal(world->call_count, 0);
    assert_string_equal(world_explained(world, code, "job").bytes,
                        "Its plugin could not take it yet, and is asked again: no plugin of this "
                        "name is configured");
    world->is_without_plugin = false;
    world->steady_ms += 2000;
    world_settle(world);
    assert_int_equal(world->call_count, 1);
}

/* ---- What broke while it ran. ---- */

static void a_crash_is_tried_again_once_and_then_waits_for_a_person(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    world_crash_host(world);
    assert_int_equal(world->call_count, 1);
    world_crash(world); /* the first crash is not forgotten */
    world->now_ms += 2000;
    world_settle(world);
    assert_int_equal(world->call_count, 2);
    assert_int_equal(world->calls[1].attempt, 2);
    assert_true(text_equal(world->calls[0].key, world->calls[1].key));
    world_crash_host(world);
    world_crash(world);
    world->now_ms += (int64_t)DAY_MS;
    world->steady_ms += DAY_MS;
    world_settle(world);
    assert_int_equal(world->call_count, 2); /* never a third time by itself */
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "steps_to_settle", -1), 1);
    assert_non_null(strstr(world_explained(world, code, "job").bytes, "The same input broke"));

    assert_int_equal(world_settle_step(world, code, "job", "again", "{}")->status, 200);
    assert_int_equal(world->call_count, 3);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
    status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "steps_to_settle", -1), 0);
}

static void a_step_with_retry_waits_for_its_next_attempt_through_a_crash(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "try"));
    world_crash_host(world);
    assert_int_equal(world->call_count, 1);
    assert_true(world_is_in(world, code, "trying"));
    world_crash(world);
    world->now_ms += 3599999;
    world_settle(world);
    assert_int_equal(world->call_count, 1);
    world->now_ms += 1;
    world_settle(world);
    assert_int_equal(world->call_count, 2);
    assert_true(text_equal(world->calls[0].key, world->calls[1].key));
    world_answer(world, RUN_FAILED);
    world_settle(world);
    assert_true(world_is_in(world, code, "overdue"));
}

/* ---- Not idempotent. ---- */

static void what_may_run_only_once_begins_when_its_start_is_durable(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_allow_once(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "work"));
    wheel_turn(world->wheel);
    world_commit(world); /* due */
    assert_int_equal(world->call_count, 0);
    wheel_turn(world->wheel);
    assert_int_equal(world->call_count, 0);
    world_commit(world); /* started */
    assert_int_equal(world->call_count, 1);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
}

static void a_crash_before_the_start_is_durable_begins_it(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_allow_once(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "work"));
    wheel_turn(world->wheel);
    world_commit(world);
    wheel_turn(world->wheel); /* the start is applied, and not written */
    world_crash(world);
    world_settle(world);
    assert_int_equal(world->call_count, 1);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
}

static void a_lost_step_without_idempotence_waits_for_a_person(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_allow_once(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    assert_int_equal(world->call_count, 1);
    world_crash(world); /* the daemon, with the call under way */
    world_settle(world);
    world->now_ms += (int64_t)DAY_MS;
    world->steady_ms += DAY_MS;
    world_settle(world);
    assert_int_equal(world->call_count, 1);
    assert_non_null(strstr(world_explained(world, code, "job").bytes,
                           "Nobody knows whether it happened: The daemon ended while"));
    struct world_reply *reply = world_settle_step(world, code, "job", "done", "{\"y\": 7}");
    assert_int_equal(reply->status, 200);
    assert_true(world_is_in(world, code, "scored"));
    assert_int_equal(world->call_count, 1);
}

static void a_host_that_is_lost_loses_what_may_run_only_once(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_allow_once(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    world_crash_host(world);
    world->now_ms += (int64_t)DAY_MS;
    world_settle(world);
    assert_int_equal(world->call_count, 1);
    assert_int_equal(world_settle_step(world, code, "job", "failed", "{}")->status, 200);
    assert_true(world_is_in(world, code, "overdue"));
    assert_int_equal(world_settle_step(world, code, "job", "failed", "{}")->status, 409);
}

/* It was started, never ran, and is not started a second time. */
static void what_was_turned_away_after_its_start_is_not_lost(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_allow_once(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    world_answer(world, RUN_BROKEN);
    world_settle(world);
    world->steady_ms += 2000;
    world_settle(world);
    assert_int_equal(world->call_count, 2);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
}

/* What is written as started and did not run yet would be lost for nothing. */
static void no_more_starts_are_written_than_hosts_can_take(void **state)
{
    struct world *world = *state;
    struct text codes[4];

    world_load(world);
    world_allow_once(world);
    for (size_t i = 0; i < 4; i++) {
        codes[i] = world_new_case(world);
        world_ask(world, world_event(world, codes[i], "work"));
    }
    assert_int_equal(world->call_count, 2);
    world_ask(world, world_event(world, codes[2], "leave")); /* it waited for a host */
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_int_equal(world->call_count, 3);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, codes[3], "scored"));
    world_crash(world);
    world_settle(world);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "steps_to_settle", -1), 1); /* the first alone */
    assert_int_equal(world->call_count, 3);
}

static void leaving_ends_a_start_that_is_on_its_way(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_allow_once(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "work"));
    wheel_turn(world->wheel);
    world_post(world, 1, world_event(world, code, "leave"));
    wheel_turn(world->wheel); /* queued before the start is */
    world_commit(world);
    world_settle(world);
    assert_int_equal(world->call_count, 0);
    assert_true(world_is_in(world, code, "begun"));
}

static void what_a_workflow_sent_arrives_after_a_crash(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "try"));
    world_crash(world);
    world->now_ms += 2 * (int64_t)DAY_MS;
    world_settle(world);
    struct value body = world_show(world, code);
    assert_int_equal(value_int_at(&body, "data/count", -1), 7);
}

static void a_step_whose_state_is_left_is_cancelled_and_its_late_word_ignored(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    struct world_reply *left = world_post(world, 0, world_event(world, code, "leave"));
    wheel_turn(world->wheel);
    assert_int_equal(world->cancel_count, 0); /* nothing is told before it is durable */
    world_commit(world);
    assert_int_equal(world->cancel_count, 1);
    assert_int_equal(left->status, 200);
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "begun"));
}

static void an_outcome_that_waits_behind_the_event_that_ends_the_step_is_dropped(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    world_post(world, 0, world_event(world, code, "leave"));
    world_post(world, 1, world_event(world, code, "work"));
    wheel_turn(world->wheel);
    world_answer(world, RUN_DONE); /* of the first visit, while the second is being written */
    world_settle(world);
    assert_true(world_is_in(world, code, "working"));
    assert_int_equal(world->call_count, 2);
    assert_false(text_equal(world->calls[0].key, world->calls[1].key));
    world_answer(world, RUN_DONE);
    world_settle(world);
    assert_true(world_is_in(world, code, "scored"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_check_is_asked_and_its_answer_is_part_of_the_entry),
        TEST(a_check_that_breaks_or_refuses_changes_nothing),
        TEST(a_step_begins_once_its_entry_is_durable_and_not_before),
        TEST(a_step_under_way_begins_again_after_a_crash_with_the_same_key),
        TEST(a_call_that_was_turned_away_waits_for_as_long_as_it_takes),
        TEST(what_is_turned_away_is_cancelled_by_leaving),
        TEST(a_step_whose_plugin_is_not_there_waits_and_says_so),
        TEST(a_crash_is_tried_again_once_and_then_waits_for_a_person),
        TEST(a_step_with_retry_waits_for_its_next_attempt_through_a_crash),
        TEST(what_may_run_only_once_begins_when_its_start_is_durable),
        TEST(a_crash_before_the_start_is_durable_begins_it),
        TEST(a_lost_step_without_idempotence_waits_for_a_person),
        TEST(a_host_that_is_lost_loses_what_may_run_only_once),
        TEST(what_was_turned_away_after_its_start_is_not_lost),
        TEST(no_more_starts_are_written_than_hosts_can_take),
        TEST(leaving_ends_a_start_that_is_on_its_way),
        TEST(what_a_workflow_sent_arrives_after_a_crash),
        TEST(a_step_whose_state_is_left_is_cancelled_and_its_late_word_ignored),
        TEST(an_outcome_that_waits_behind_the_event_that_ends_the_step_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
