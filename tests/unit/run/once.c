/* Writes of no case with an Idempotency-Key: carried out once, over crashes, too. */
#include "world.h"

#include "base/json.h"

static struct vault_slot_change change; /* of the slot that is added */

static int once_setup(void **state)
{
    int result = world_setup(state);
    struct world *world = *state;
    struct vault_opener opener = {VAULT_KEY_FILE, TEXT("another key file of at least 32 bytes")};

    assert_int_equal(
        vault_slot_prepare(store_vault(world->store), &opener, TEXT("spare"), 5000, &change), 0);
    return result;
}

static struct run_request adding(const struct case_person *person, const char *key,
                                 const char *request)
{
    return (struct run_request){.kind = RUN_ADD_SLOT,
                                .person = person,
                                .name = TEXT("key file"),
                                .comment = TEXT("spare"),
                                .key = text_from(key),
                                .request = text_from(request),
                                .slot_change = &change};
}

static struct world_reply *remove_slot(struct world *world, const char *number, const char *key)
{
    return world_ask(world, (struct run_request){.kind = RUN_REMOVE_SLOT,
                                                 .person = &world_dibor,
                                                 .name = text_from(number),
                                                 .key = text_from(key),
                                                 .request = text_from(number)});
}

static size_t slots(struct world *world)
{
    struct vault_slot all[VAULT_SLOTS_MAX];

    return vault_slots(store_vault(world->store), all);
}

static void a_repeat_is_answered_as_the_first_one_was(void **state)
{
    struct world *world = *state;
    struct world_reply *reply = world_ask(world, adding(&world_dibor, "k", "h"));

    assert_int_equal(reply->status, 201);
    assert_false(reply->is_repeat);
    for (size_t i = 0; i < 3; i++) {
        if (i == 2)
            world_crash(world); /* its answer may have been lost with the daemon */
        uint64_t seq = store_last_seq(world->store);
        reply = world_ask(world, adding(&world_dibor, "k", "h"));
        assert_int_equal(reply->status, 201);
        assert_true(reply->is_repeat);
        assert_int_equal(value_int_at(&reply->body, "slot", 0), 2);
        assert_true(text_is(value_text_at(&reply->body, "label"), "spare"));
        assert_int_equal(slots(world), 2);
        assert_int_equal(store_last_seq(world->store), seq);
    }
    assert_int_equal(remove_slot(world, "2", "r")->status, 200);
    reply = remove_slot(world, "2", "r"); /* and no word of a slot that is not there */
    assert_int_equal(reply->status, 200);
    assert_true(reply->is_repeat);
}

static void a_key_is_of_one_person_and_of_one_request(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_ask(world, adding(&world_dibor, "k", "h"))->status, 201);
    assert_int_equal(world_ask(world, adding(&world_dibor, "k", "other"))->problem,
                     PROBLEM_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(remove_slot(world, "2", "k")->problem, PROBLEM_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(slots(world), 2);
    struct world_reply *reply = world_ask(world, adding(&world_binta, "k", "h"));
    assert_false(reply->is_repeat);
    assert_int_equal(value_int_at(&reply->body, "slot", 0), 3);
    for (size_t i = 0; i < 2; i++) /* without a key each is one of its own */
        assert_false(world_ask(world, adding(&world_dibor, "", "h"))->is_repeat);
    assert_int_equal(slots(world), 5);
}

static void a_repeat_is_not_answered_before_the_first_is_durable(void **state)
{
    struct world *world = *state;
    struct world_reply *first = world_post(world, 0, adding(&world_dibor, "k", "h"));
    struct world_reply *second = world_post(world, 1, adding(&world_dibor, "k", "h"));

    wheel_turn(world->wheel);
    assert_false(first->has_come || second->has_come);
    world_settle(world);
    assert_int_equal(first->status, 201);
    assert_int_equal(second->status, 201);
    assert_true(second->is_repeat);
}

static void shares_are_not_told_again(void **state)
{
    struct world *world = *state;
    struct run_request request = adding(&world_dibor, "k", "h");

    request.name = text_from(vault_opener_name(VAULT_RECOVERY));
    assert_int_equal(world_ask(world, request)->status, 201);
    struct world_reply *reply = world_ask(world, request);
    assert_int_equal(reply->problem, PROBLEM_NOT_AVAILABLE);
    assert_non_null(strstr(reply->detail.bytes, "shares were shown"));
    assert_int_equal(slots(world), 2);
}

static void the_last_64_are_kept(void **state)
{
    struct world *world = *state;

    for (unsigned i = 0; i < 33; i++) {
        struct text key = text_printf(world->arena, "add %u", i);
        assert_int_equal(world_ask(world, adding(&world_dibor, key.bytes, "h"))->status, 201);
        key = text_printf(world->arena, "remove %u", i);
        assert_int_equal(remove_slot(world, "2", key.bytes)->status, 200);
    }
    world_crash(world);
    assert_true(remove_slot(world, "2", "remove 1")->is_repeat);
    assert_int_equal(remove_slot(world, "2", "remove 0")->problem, PROBLEM_NO_SUCH_SLOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, once_setup, world_teardown)
        TEST(a_repeat_is_answered_as_the_first_one_was),
        TEST(a_key_is_of_one_person_and_of_one_request),
        TEST(a_repeat_is_not_answered_before_the_first_is_durable),
        TEST(shares_are_not_told_again),
        TEST(the_last_64_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
