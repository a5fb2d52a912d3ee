/* What the host does for a plugin beyond inputs and outputs: secrets, waiting, numbers. */
#include "fixture.h"

static int see_numbers(const struct sankofa_host *host, struct sankofa_call *call)
{
    assert_int_equal(host->attempt(call), 3);
    assert_int_equal(host->park_count(call), 2);
    return SANKOFA_DONE;
}

static int see_first(const struct sankofa_host *host, struct sankofa_call *call)
{
    assert_int_equal(host->attempt(call), 1);
    assert_int_equal(host->park_count(call), 0);
    return SANKOFA_DONE;
}

static void a_call_knows_which_try_and_park_it_is(void **state)
{
    gives(*state, see_numbers, WIRE_RUN,
          "{\"step\":\"step\",\"inputs\":{},\"key\":\"k\",\"now_ms\":1,\"attempt\":3,\"parks\":2}",
          "{\"outcome\":\"done\",\"outputs\":{}}");
    gives(*state, see_first, WIRE_RUN, RUN("step", "{}"), "{\"outcome\":\"done\",\"outputs\":{}}");
}

static int wait_result;
static int wait_long(const struct sankofa_host *host, struct sankofa_call *call)
{
    wait_result = host->wait(call, 60000);
    return SANKOFA_DONE;
}

static int wait_briefly(const struct sankofa_host *host, struct sankofa_call *call)
{
    assert_int_equal(host->wait(call, 0), 0);
    assert_int_equal(host->wait(call, -5), 0);
    wait_result = host->wait(call, 20);
    return SANKOFA_DONE;
}

static void waiting_ends_with_its_time_or_when_nobody_waits_any_more(void **state)
{
    struct fixture *fixture = *state;
    struct wire_frame frame = {.kind = WIRE_CANCEL, .call = 1, .body = value_map(fixture->arena)};
    gives(fixture, wait_briefly, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"done\",\"outputs\":{}}");
    assert_int_equal(wait_result, 0);
    assert_int_equal(wire_send(fixture->theirs, fixture->arena, &frame), 0);
    gives(fixture, wait_long, WIRE_RUN, RUN("step", "{}"), "{\"outcome\":\"done\",\"outputs\":{}}");
    assert_int_equal(wait_result, 1);
}

static int use_secret(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text token = sankofa_secret(host, call, "token");
    assert_int_equal(token.size, 6);
    assert_memory_equal(token.bytes, "hunter", 7);
    assert_null(sankofa_secret(host, call, "other").bytes);
    assert_null(host->secret(call, NULL).bytes);
    host->log(call, SANKOFA_INFO, "token=hunter rest=hunt");
    (host->fail)(call, 0, "hunterhunter was not taken.");
    return SANKOFA_FAILED;
}

static int put_secret(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_text(host, call, "text", "it is hunter");
    return SANKOFA_DONE;
}

static int park_secret(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->park(call, SANKOFA_ANSWER, 0, "hunter", 6);
    return SANKOFA_PARKED;
}

static int ask_secret(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->secret(call, "token");
    return SANKOFA_DONE;
}

static void a_secret_is_given_and_never_told(void **state)
{
    struct fixture *fixture = *state;
    struct secrets secrets = {0};
    struct wire_frame frame;
    struct value body;
    assert_int_equal(
        json_read(fixture->arena,
                  TEXT("{\"secrets\":{\"token\":\"68756e746572\",\"pin\":\"313233\"}}"), &body,
                  NULL),
        0);
    assert_true(secrets_take(&secrets, &body));
    fixture->secrets = &secrets;
    gives(fixture, use_secret, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"failed\",\"retry\":false,\"message\":\"****** was not taken.\"}");
    assert_int_equal(wire_receive(fixture->theirs, fixture->arena, 1000, &frame), 0);
    assert_true(text_is(value_text_at(&frame.body, "event"), "token=*** rest=hunt"));
    breaks(fixture, put_secret, WIRE_RUN, RUN("step", "{}"), "holds a secret");
    breaks(fixture, park_secret, WIRE_RUN, RUN("step", "{}"), "a cookie that holds a secret");
    breaks(fixture, ask_secret, WIRE_RUN, RUN("check", "{}"), "asked for a secret in a check");
    secrets_finish(&secrets);
    fixture->secrets = NULL;
}

static void assert_no_secrets(struct fixture *fixture, const char *json)
{
    struct secrets secrets = {0};
    struct value body;
    assert_int_equal(json_read(fixture->arena, text_from(json), &body, NULL), 0);
    assert_false(secrets_take(&secrets, &body));
    assert_int_equal(secrets.count, 0);
    assert_null(secrets.bytes);
}

static void what_are_no_secrets_is_not_kept(void **state)
{
    assert_no_secrets(*state, "{}");
    assert_no_secrets(*state, "{\"secrets\":[]}");
    assert_no_secrets(*state, "{\"secrets\":{}}");
    assert_no_secrets(*state, "{\"secrets\":{\"Token\":\"6868\"}}");
    assert_no_secrets(*state, "{\"secrets\":{\"token\":\"686\"}}");
    assert_no_secrets(*state, "{\"secrets\":{\"token\":\"68zz\"}}");
    assert_no_secrets(*state, "{\"secrets\":{\"token\":7}}");
    assert_no_secrets(
        *state, "{\"secrets\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\",\"f\":\"\","
                "\"g\":\"\",\"h\":\"\",\"i\":\"\",\"j\":\"\",\"k\":\"\",\"l\":\"\",\"m\":\"\","
                "\"n\":\"\",\"o\":\"\",\"p\":\"\",\"q\":\"\"}}");
}

/* A host of the time before `secret`: the shorthand sees that it has none. */
static int use_older_host(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_host older = *host;
    older.size = offsetof(struct sankofa_host, secret);
    memset((char *)&older + older.size, 0xff, sizeof older - older.size);
    assert_true(SANKOFA_HAS(&older, log));
    assert_false(SANKOFA_HAS(&older, secret));
    assert_false(SANKOFA_HAS(&older, park_count));
    assert_true(SANKOFA_HAS(host, park_count));
    assert_null(sankofa_secret(&older, call, "token").bytes);
    assert_int_equal(sankofa_put_text(&older, call, "text", "x"), 0);
    return SANKOFA_DONE;
}

static void an_older_host_is_seen_by_its_size(void **state)
{
    gives(*state, use_older_host, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"done\",\"outputs\":{\"text\":\"x\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_knows_which_try_and_park_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waiting_ends_with_its_time_or_when_nobody_waits_any_more,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_secret_is_given_and_never_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_are_no_secrets_is_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_older_host_is_seen_by_its_size, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
