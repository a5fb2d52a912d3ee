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

static void a_broken_host_is_tried_again_and_then_the_step_fails(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "work"));
    for (size_t tries = 1; tries < 3; tries++) {
        assert_int_equal(world->call_count, tries);
        world_answer(world, RUN_BROKEN);
        world_settle(world);
        assert_int_equal(world->call_count, tries); /* not at once */
        assert_true(world->alarm_ms < world->now_ms + 60000);
        world->steady_ms += 10000;
        world_settle(world);
    }
    assert_int_equal(world->call_count, 3);
    world_answer(world, RUN_BROKEN);
    world_settle(world);
    assert_int_equal(world->call_count, 3);
    assert_true(world_is_in(world, code, "overdue"));
}

/* The wheel's own quick repeats are one attempt. */
static void break_attempt(struct world *world)
{
    for (size_t tries = 0; tries < 3; tries++) {
        world_answer(world, RUN_BROKEN);
        world_settle(world);
        world->steady_ms += 10000;
        world_settle(world);
    }
}

static void a_step_with_retry_waits_for_its_next_attempt_through_a_crash(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_ask(world, world_event(world, code, "try"));
    break_attempt(world);
    assert_int_equal(world->call_count, 3);
    assert_true(world_is_in(world, code, "trying"));
    world_crash(world);
    world->now_ms += 3599999;
    world_settle(world);
    assert_int_equal(world->call_count, 3);
    world->now_ms += 1;
    world_settle(world);
    assert_int_equal(world->call_count, 4);
    assert_true(text_equal(world->calls[0].key, world->calls[3].key));
    break_attempt(world);
    assert_int_equal(world->call_count, 6);
    assert_true(world_is_in(world, code, "overdue"));
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
        TEST(a_broken_host_is_tried_again_and_then_the_step_fails),
        TEST(a_step_with_retry_waits_for_its_next_attempt_through_a_crash),
        TEST(what_a_workflow_sent_arrives_after_a_crash),
        TEST(a_step_whose_state_is_left_is_cancelled_and_its_late_word_ignored),
        TEST(an_outcome_that_waits_behind_the_event_that_ends_the_step_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
