/* Slots and rotations: in batches with their entries, while cases go on. */
#include "world.h"

#include "base/json.h"

static struct world_reply *ask(struct world *world, enum run_kind kind)
{
    return world_ask(world, (struct run_request){.kind = kind, .person = &world_dibor});
}

static struct world_reply *look(struct world *world, struct text id)
{
    return world_ask(
        world, (struct run_request){.kind = RUN_OPERATION, .person = &world_dibor, .name = id});
}

static struct vault_slot_change slot_for(struct world *world, const char *secret)
{
    struct vault_opener opener = {VAULT_KEY_FILE, text_from(secret)};
    struct vault_slot_change change;

    assert_int_equal(
        vault_slot_prepare(store_vault(world->store), &opener, TEXT("spare"), 5000, &change), 0);
    return change;
}

static struct world_reply *add(struct world *world, unsigned number,
                               const struct vault_slot_change *change)
{
    return world_post(world, number,
                      (struct run_request){.kind = RUN_ADD_SLOT,
                                           .person = &world_dibor,
                                           .name = TEXT("key file"),
                                           .comment = TEXT("spare"),
                                           .slot_change = change});
}

static struct world_reply *remove_slot(struct world *world, const char *number)
{
    return world_ask(world, (struct run_request){.kind = RUN_REMOVE_SLOT,
                                                 .person = &world_dibor,
                                                 .name = text_from(number)});
}

/* The last entry of no case. */
static struct value last_entry(struct world *world)
{
    struct store_read_entry read;
    struct value entry;

    assert_int_equal(
        store_read_one(world->store, world->arena, store_last_seq(world->store), &read), 0);
    assert_int_equal(json_read(world->arena, read.body, &entry, NULL), 0);
    return entry;
}

static void slots_are_listed_added_and_removed_with_their_entries(void **state)
{
    struct world *world = *state;
    struct vault_slot_change change = slot_for(world, "another key file of at least 32 bytes");
    struct world_reply *reply = add(world, 0, &change);

    world_settle(world);
    assert_int_equal(reply->status, 201);
    assert_int_equal(value_int_at(&reply->body, "slot", 0), 2);
    struct value entry = last_entry(world);
    assert_true(text_is(value_text_at(&entry, "kind"), "keys.slot_added"));
    assert_true(text_is(value_text_at(&entry, "by"), "dibor"));
    assert_true(text_is(value_text_at(&entry, "label"), "spare"));
    reply = ask(world, RUN_KEYS);
    assert_int_equal(value_count(value_at(&reply->body, "slots")), 2);
    assert_true(
        text_is(value_text_at(value_item(value_at(&reply->body, "slots"), 1), "label"), "spare"));
    assert_true(
        text_is(value_text_at(value_item(value_at(&reply->body, "slots"), 1), "kind"), "key file"));

    reply = remove_slot(world, "1");
    assert_int_equal(reply->status, 200);
    entry = last_entry(world);
    assert_true(text_is(value_text_at(&entry, "kind"), "keys.slot_removed"));
    assert_int_equal(value_int_at(&entry, "slot", 0), 1);
    reply = ask(world, RUN_KEYS);
    assert_int_equal(value_count(value_at(&reply->body, "slots")), 1);
}

static void last_slot_and_unknown_ones_are_refused(void **state)
{
    static const char *const unknown[] = {"2", "0", "17", "one", "-1", ""};
    struct world *world = *state;
    uint64_t seq = store_last_seq(world->store);

    assert_int_equal(remove_slot(world, "1")->problem, PROBLEM_NOT_AVAILABLE);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(remove_slot(world, unknown[i])->problem, PROBLEM_NO_SUCH_SLOT);
    assert_int_equal(store_last_seq(world->store), seq);
}

static void one_change_is_under_way_at_a_time(void **state)
{
    struct world *world = *state;
    struct vault_slot_change change = slot_for(world, "another key file of at least 32 bytes");
    struct world_reply *first = add(world, 0, &change), *second = add(world, 1, &change), *third;

    wheel_turn(world->wheel); /* hands the batch over */
    third = add(world, 2, &change);
    wheel_turn(world->wheel);
    assert_false(first->has_come);
    assert_int_equal(second->problem, PROBLEM_BUSY);
    assert_int_equal(third->problem, PROBLEM_BUSY);
    world_settle(world);
    assert_int_equal(first->status, 201);
}

static void seventeenth_slot_is_refused(void **state)
{
    struct world *world = *state;
    struct vault_slot_change change = slot_for(world, "another key file of at least 32 bytes");

    for (unsigned i = 2; i <= 16; i++) {
        struct world_reply *reply = add(world, 0, &change);
        world_settle(world);
        assert_int_equal(value_int_at(&reply->body, "slot", 0), i);
    }
    struct world_reply *reply = add(world, 0, &change);
    world_settle(world);
    assert_int_equal(reply->problem, PROBLEM_NOT_AVAILABLE);
    assert_int_equal(remove_slot(world, "9")->status, 200);
    reply = add(world, 0, &change);
    world_settle(world);
    assert_int_equal(value_int_at(&reply->body, "slot", 0), 9); /* given again */
}

static void rotation_is_an_operation_that_batches_carry_to_its_end(void **state)
{
    struct world *world = *state;
    struct world_reply *reply;

    world_load(world);
    for (int i = 0; i < 5; i++)
        world_new_case(world);
    reply = ask(world, RUN_ROTATE_KEYS);
    assert_int_equal(reply->status, 202);
    struct text id = value_text_at(&reply->body, "id");
    reply = look(world, id);
    assert_true(text_is(value_text_at(&reply->body, "status"), "done"));
    assert_int_equal(value_int_at(&reply->body, "result/epoch", 0), 2);
    assert_false(store_rotation(world->store).is_pending);
    struct value entry = last_entry(world);
    assert_true(text_is(value_text_at(&entry, "kind"), "keys.rotated"));
    world_crash(world);
    reply = ask(world, RUN_KEYS);
    assert_int_equal(value_int_at(&reply->body, "epoch", 0), 2);
    assert_false(value_bool_at(&reply->body, "rotating"));
}

/* The writing batch becomes durable first: that is not the one that begins the epoch. */
static void rotation_is_not_over_before_its_batch(void **state)
{
    struct world *world = *state;
    struct world_reply *reply;

    world_load(world);
    world_post(world, 1, world_opening(world, TEXT_NONE));
    wheel_turn(world->wheel);
    assert_non_null(world->batch);
    reply =
        world_post(world, 2, (struct run_request){.kind = RUN_ROTATE_KEYS, .person = &world_dibor});
    wheel_turn(world->wheel);
    assert_int_equal(reply->status, 202);
    world_commit(world);
    wheel_turn(world->wheel);
    struct world_reply *status =
        world_post(world, 3,
                   (struct run_request){.kind = RUN_OPERATION,
                                        .person = &world_dibor,
                                        .name = value_text_at(&reply->body, "id")});
    wheel_turn(world->wheel);
    assert_true(text_is(value_text_at(&status->body, "status"), "running"));
    assert_int_equal(store_rotation(world->store).epoch, 1);
    world_settle(world);
    reply = look(world, value_text_at(&reply->body, "id"));
    assert_true(text_is(value_text_at(&reply->body, "status"), "done"));
}

static void second_rotation_waits_for_the_first(void **state)
{
    struct world *world = *state;
    struct run_request request = {.kind = RUN_ROTATE_KEYS, .person = &world_dibor};
    struct world_reply *first = world_post(world, 0, request),
                       *second = world_post(world, 1, request);

    world_settle(world);
    assert_int_equal(first->status, 202);
    assert_int_equal(second->problem, PROBLEM_BUSY);
    assert_int_equal(ask(world, RUN_ROTATE_KEYS)->status, 202);
    assert_int_equal(store_rotation(world->store).epoch, 3);
}

static void rotation_that_a_stop_cut_short_goes_on_at_the_next_start(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    world_post(world, 0, (struct run_request){.kind = RUN_ROTATE_KEYS, .person = &world_dibor});
    wheel_turn(world->wheel);
    world_commit(world); /* the epoch has begun, nothing else */
    wheel_stop(world->wheel);
    world_settle(world);
    assert_true(store_rotation(world->store).is_pending);
    world_crash(world);
    assert_true(wheel_is_ready(world->wheel));
    world_settle(world);
    assert_false(store_rotation(world->store).is_pending);
    assert_int_equal(store_rotation(world->store).epoch, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        TEST(slots_are_listed_added_and_removed_with_their_entries),
        TEST(last_slot_and_unknown_ones_are_refused),
        TEST(one_change_is_under_way_at_a_time),
        TEST(seventeenth_slot_is_refused),
        TEST(rotation_is_an_operation_that_batches_carry_to_its_end),
        TEST(rotation_is_not_over_before_its_batch),
        TEST(second_rotation_waits_for_the_first),
        TEST(rotation_that_a_stop_cut_short_goes_on_at_the_next_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
