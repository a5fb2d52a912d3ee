/* When the journal's tree is signed. */
#include "world.h"

#include "store/audit.h"

static uint64_t newest(struct world *world)
{
    struct text note;
    uint64_t size = 0;
    int result = store_newest_checkpoint(world->store, world->arena, &size, &note);

    return result == 0 ? size : 0;
}

static void an_entry_is_under_a_checkpoint_a_minute_later(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    assert_int_equal(newest(world), 0);
    assert_int_equal(world->alarm_ms, world->now_ms + 60000);
    world->steady_ms += 59999;
    world_settle(world);
    assert_int_equal(newest(world), 0);
    world->steady_ms += 1;
    assert_true(wheel_is_ready(world->wheel));
    world_settle(world);
    assert_int_equal(newest(world), 2);
}

static void entries_that_keep_coming_do_not_put_it_off(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    for (int i = 0; i < 7; i++) {
        world->steady_ms += 10000;
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    }
    assert_true(newest(world) >= 7);
}

static void nothing_is_signed_where_nothing_came(void **state)
{
    struct world *world = *state;

    world_load(world);
    world->steady_ms += 60000;
    world_settle(world);
    unsigned commits = world->commit_count;
    for (int i = 0; i < 5; i++) {
        world->steady_ms += 3600000;
        assert_false(wheel_is_ready(world->wheel));
        world_settle(world);
    }
    assert_int_equal(world->commit_count, commits);
    world_crash(world);
    world->steady_ms += 3600000;
    world_settle(world);
    assert_int_equal(world->commit_count, commits);
}

static void the_stop_signs_what_is_there(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    wheel_stop(world->wheel);
    assert_false(wheel_is_idle(world->wheel));
    world_settle(world);
    assert_true(wheel_is_idle(world->wheel));
    assert_int_equal(newest(world), 2);
}

static void what_a_crash_left_unsigned_is_signed_by_the_next_life(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    world_crash(world);
    world_settle(world);
    assert_int_equal(newest(world), 0);
    world->steady_ms += 60000;
    world_settle(world);
    assert_int_equal(newest(world), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        TEST(an_entry_is_under_a_checkpoint_a_minute_later),
        TEST(entries_that_keep_coming_do_not_put_it_off),
        TEST(nothing_is_signed_where_nothing_came),
        TEST(the_stop_signs_what_is_there),
        TEST(what_a_crash_left_unsigned_is_signed_by_the_next_life),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
