/* What the wheel says of itself. */
#include "world.h"

static void status_tells_no_seq_that_may_yet_be_lost(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t durable = store_last_seq(world->store);
    world_post(world, 0, world_event(world, code, "write"));
    wheel_turn(world->wheel);
    assert_non_null(world->batch);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "seq", 0), durable);
    world_commit(world);
    status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "seq", 0), durable + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(status_tells_no_seq_that_may_yet_be_lost, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
