/* Idempotency: a repeat gets the first answer, another request with its key none. */
#include "case/world.h"

static const char yaml[] = "workflow: test\nroles: {clerk: {}}\n"
                           "fields: {n: {type: integer}}\n"
                           "states:\n  one: {on: {count: {by: [clerk], form: {n: optional}}, end: "
                           "{by: [clerk], target: two}}}\n  two: {type: final}\n";

static struct world world;

static void send_key(const char *key, const char *request)
{
    world.key = text_from(key);
    world.request = text_from(request);
}

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    send_key("open", "h0");
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code count(const char *who, const char *key, const char *request)
{
    send_key(key, request);
    return world_do(&world, who, "clerk", "count", "{\"n\": 1}");
}

static void a_repeat_gets_the_first_status_and_seq(void **state)
{
    (void)state;
    assert_int_equal(count("awa", "k1", "h1"), PROBLEM_NONE);
    assert_int_equal(count("awa", "k2", "h2"), PROBLEM_NONE);
    assert_int_equal(count("awa", "k1", "h1"), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_REPEAT);
    assert_int_equal(world.plan.status, 200);
    assert_int_equal(world.plan.seq, 2);
}

static void a_repeat_is_known_before_anything_else_is_asked(void **state)
{
    (void)state;
    send_key("k1", "h1");
    assert_int_equal(world_do(&world, "awa", "clerk", "end", NULL), PROBLEM_NONE);
    send_key("k1", "h1");
    world.has_revision = true;
    assert_int_equal(world_do(&world, "awa", "judge", "end", NULL), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_REPEAT);
}

static void another_request_with_the_same_key_is_refused(void **state)
{
    (void)state;
    assert_int_equal(count("awa", "k1", "h1"), PROBLEM_NONE);
    assert_int_equal(count("awa", "k1", "h2"), PROBLEM_IDEMPOTENCY_KEY_REUSED);
}

static void a_key_belongs_to_the_person_who_sent_it(void **state)
{
    (void)state;
    assert_int_equal(count("awa", "k1", "h1"), PROBLEM_NONE);
    assert_int_equal(count("binta", "k1", "h2"), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_CARRY);
    assert_int_equal(count("awa", "k1", "h1"), PROBLEM_NONE);
    assert_int_equal(world.plan.seq, 2);
}

static void an_event_without_a_key_is_never_a_repeat(void **state)
{
    (void)state;
    assert_int_equal(count("awa", "", "h1"), PROBLEM_NONE);
    assert_int_equal(count("awa", "", "h1"), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_CARRY);
    assert_case(&world, "keys", "{}");
}

static void a_refusal_is_not_remembered(void **state)
{
    (void)state;
    send_key("k1", "h1");
    assert_int_equal(world_do(&world, "awa", "clerk", "count", "{\"n\": \"x\"}"),
                     PROBLEM_FIELD_INVALID);
    assert_int_equal(count("awa", "k1", "h2"), PROBLEM_NONE);
}

static void a_repeat_of_the_opening_is_known_for_ever(void **state)
{
    (void)state;
    char key[16];
    for (int i = 0; i < 2 * CASE_KEYS_MAX; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(count("awa", text_copy(world.arena, text_from(key)).bytes, "h"),
                         PROBLEM_NONE);
    }
    send_key("open", "h0");
    assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_REPEAT);
    assert_int_equal(world.plan.status, 201);
    assert_int_equal(world.plan.seq, 1);
}

static void the_openings_key_opens_and_does_nothing_else(void **state)
{
    (void)state;
    send_key("open", "h1");
    assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(count("awa", "open", "h1"), PROBLEM_IDEMPOTENCY_KEY_REUSED);
    send_key("other", "h0");
    assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_IDEMPOTENCY_KEY_REUSED);
}

static void the_last_64_keys_are_kept_and_a_patch_holds_one(void **state)
{
    (void)state;
    char key[16];
    for (int i = 0; i <= CASE_KEYS_MAX; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(count("awa", text_copy(world.arena, text_from(key)).bytes, "h"),
                         PROBLEM_NONE);
    }
    assert_int_equal(value_count(value_at(&world.state.doc, "keys")), CASE_KEYS_MAX);
    assert_case(&world, "key_count", "65");
    assert_entry(&world, "patch/keys", "{\"0\": {\"key\": \"k64\", \"seq\": 66}}");
    assert_int_equal(count("awa", "k1", "h"), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_REPEAT);
    assert_int_equal(count("awa", "k0", "h"), PROBLEM_NONE);
    assert_int_equal(world.plan.kind, CASE_CARRY);
}

static void an_entry_names_key_and_request(void **state)
{
    (void)state;
    assert_int_equal(count("awa", "k1", "h1"), PROBLEM_NONE);
    assert_entry(&world, "key", "\"k1\"");
    assert_entry(&world, "request", "\"h1\"");
    assert_case(&world, "keys/0",
                "{\"by\": \"awa\", \"key\": \"k1\", \"hash\": \"h1\", \"status\": 200, \"seq\": "
                "2}");
}

static void a_key_that_is_too_long_or_no_text_is_refused(void **state)
{
    (void)state;
    static char key[CASE_KEY_BYTES_MAX + 2];
    memset(key, 'k', sizeof key - 1);
    assert_int_equal(count("awa", key, "h1"), PROBLEM_BAD_REQUEST);
    assert_int_equal(count("awa", "\xff", "h1"), PROBLEM_BAD_REQUEST);
    key[CASE_KEY_BYTES_MAX] = '\0';
    assert_int_equal(count("awa", key, "h1"), PROBLEM_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_repeat_gets_the_first_status_and_seq),
        TEST(a_repeat_is_known_before_anything_else_is_asked),
        TEST(another_request_with_the_same_key_is_refused),
        TEST(a_key_belongs_to_the_person_who_sent_it),
        TEST(an_event_without_a_key_is_never_a_repeat),
        TEST(a_refusal_is_not_remembered),
        TEST(a_repeat_of_the_opening_is_known_for_ever),
        TEST(the_openings_key_opens_and_does_nothing_else),
        TEST(the_last_64_keys_are_kept_and_a_patch_holds_one),
        TEST(an_entry_names_key_and_request),
        TEST(a_key_that_is_too_long_or_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
