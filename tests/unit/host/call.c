/* A call from its frame to its outcome, with a plugin that does what each test tells it. */
#include "fixture.h"

static int give_back(const struct sankofa_host *host, struct sankofa_call *call)
{
    for (size_t i = 0; fields[i] != NULL; i++) {
        struct sankofa_value value = {.size = sizeof value};
        if (host->get(call, fields[i]->name, &value) == 1)
            assert_int_equal(host->put(call, fields[i]->name, &value), 0);
    }
    return SANKOFA_DONE;
}

static void inputs_arrive_and_outputs_leave(void **state)
{
    gives(*state, give_back, WIRE_RUN,
          RUN("check", "{\"text\":\"a\",\"integer\":1,\"number\":2,\"boolean\":false,"
                       "\"time\":\"2026-03-01T10:00:00+01:00\",\"texts\":[\"x\",\"y\"]}"),
          "{\"outcome\":\"done\",\"outputs\":{\"text\":\"a\",\"integer\":1,\"number\":2.0,"
          "\"boolean\":false,\"time\":\"2026-03-01T09:00:00Z\",\"texts\":[\"x\",\"y\"]}}");
    gives(*state, give_back, WIRE_RUN, RUN("check", "{\"text\":null}"),
          "{\"outcome\":\"done\",\"outputs\":{\"integer\":7}}");
}

static int look_around(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text key = host->idempotency_key(call);
    assert_int_equal(host->size, sizeof *host);
    assert_int_equal(host->abi, SANKOFA_ABI);
    assert_int_equal(host->now_ms(call), 1000);
    assert_int_equal(key.size, 1);
    assert_string_equal(key.bytes, "k");
    assert_int_equal(sankofa_text_of(host, call, "text").size, 0);
    assert_int_equal(sankofa_integer_of(host, call, "boolean", 5), 5);
    return SANKOFA_DONE;
}

static void a_call_knows_its_time_and_key(void **state)
{
    gives(*state, look_around, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"done\",\"outputs\":{}}");
}

static int never(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    fail_msg("the plugin is not to be asked");
    return SANKOFA_DONE;
}

static void inputs_that_do_not_fit_are_not_run(void **state)
{
    gives(*state, never, WIRE_RUN, RUN("nothing", "{}"),
          BROKEN("The plugin has no step type of that name."));
    gives(*state, never, WIRE_RUN, RUN("check", "{\"text\":1}"),
          BROKEN("The input text must be a text."));
    gives(*state, never, WIRE_RUN, RUN("check", "{\"Awa\":1}"),
          BROKEN("There is no input of that name."));
    gives(*state, never, WIRE_RESUME, RESUME("plain", "\"woken_by\":\"time\""),
          BROKEN("The step type does not park: it has no resume."));
    gives(*state, never, WIRE_RESUME, RESUME("step", "\"woken_by\":\"answer\",\"answer\":{}"),
          BROKEN("The answer granted is missing."));
}

static int see_answer(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_value value = {.size = sizeof value};
    struct sankofa_text cookie;
    assert_int_equal(host->woken_by(call, &cookie), SANKOFA_ANSWER);
    assert_int_equal(cookie.size, 2);
    assert_memory_equal(cookie.bytes, "hi", 2);
    assert_int_equal(host->answer(call, "granted", &value), 1);
    assert_int_equal(value.integer, 1);
    assert_int_equal(host->answer(call, "since", &value), 1);
    assert_string_equal(value.text.bytes, "2026-03-01T09:00:00Z");
    return SANKOFA_DONE;
}

static int see_time(const struct sankofa_host *host, struct sankofa_call *call)
{
    assert_int_equal(host->woken_by(call, NULL), SANKOFA_TIME);
    return SANKOFA_DONE;
}

static int see_drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text cookie;
    assert_int_equal(host->woken_by(call, &cookie), 0);
    assert_int_equal(cookie.size, 2);
    return 0;
}

static void a_parked_step_goes_on_by_what_woke_it(void **state)
{
    gives(*state, see_answer, WIRE_RESUME,
          RESUME("step", "\"woken_by\":\"answer\",\"answer\":{\"granted\":true,\"since\":"
                         "\"2026-03-01T10:00:00+01:00\"}"),
          "{\"outcome\":\"done\",\"outputs\":{}}");
    gives(*state, see_time, WIRE_RESUME, RESUME("step", "\"woken_by\":\"time\""),
          "{\"outcome\":\"done\",\"outputs\":{}}");
    gives(*state, see_drop, WIRE_DROP, RESUME("step", "\"x\":1"), "{\"outcome\":\"dropped\"}");
    gives(*state, never, WIRE_DROP, RESUME("plain", "\"x\":1"), "{\"outcome\":\"dropped\"}");
}

static int park(const struct sankofa_host *host, struct sankofa_call *call)
{
    assert_int_equal(host->park(call, SANKOFA_ANSWER | SANKOFA_TIME, 5000, "hi", 2), 0);
    return SANKOFA_PARKED;
}

static int park_on_answer(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->park(call, SANKOFA_ANSWER, 5000, NULL, 0);
    return SANKOFA_PARKED;
}

/* In parentheses, because cmocka has a macro of that name. */
static int give_up(const struct sankofa_host *host, struct sankofa_call *call)
{
    assert_int_equal((host->fail)(call, 1, "Closed."), 0);
    return SANKOFA_FAILED;
}

static int refuse(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->refuse(call, "text", "Too short.");
    host->refuse(call, NULL, "No.");
    return SANKOFA_REFUSED;
}

static void every_outcome_leaves_as_it_was_given(void **state)
{
    gives(*state, park, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"parked\",\"wakes\":[\"answer\",\"time\"],\"until_ms\":5000,\"cookie\":"
          "\"6869\"}");
    gives(*state, park_on_answer, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"parked\",\"wakes\":[\"answer\"],\"until_ms\":0,\"cookie\":\"\"}");
    gives(*state, give_up, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"failed\",\"retry\":true,\"message\":\"Closed.\"}");
    gives(*state, refuse, WIRE_RUN, RUN("check", "{}"),
          "{\"outcome\":\"refused\",\"reasons\":[{\"input\":\"text\",\"message\":\"Too short.\"},"
          "{\"input\":\"\",\"message\":\"No.\"}]}");
}

/* Broken declarations. Each act breaks one rule; -1 comes back at once, and the call is broken. */

static struct sankofa_value value_of(uint32_t kind)
{
    return (struct sankofa_value){.size = sizeof(struct sankofa_value), .kind = kind};
}

#define ACT(name, expression)                                                                      \
    static int name(const struct sankofa_host *host, struct sankofa_call *call)                    \
    {                                                                                              \
        struct sankofa_value value = value_of(SANKOFA_TEXT);                                       \
        (void)value;                                                                               \
        assert_int_equal(expression, -1);                                                          \
        return SANKOFA_DONE;                                                                       \
    }

static const char long_words[1002] = {[0 ... 1000] = 'x'};
static const struct sankofa_text bad_text = {"caf\xe9", 4};

#define SET(member, content) (value.member = (content), &value)
ACT(get_undeclared, host->get(call, "surprise", &value))
ACT(get_null, host->get(call, NULL, &value))
ACT(get_small, host->get(call, "text", SET(size, 8)))
ACT(answer_in_run, host->answer(call, "granted", &value))
ACT(answer_undeclared, host->answer(call, "surprise", &value))
ACT(woken_in_run, host->woken_by(call, NULL))
ACT(put_undeclared, host->put(call, "surprise", &value))
ACT(put_no_name, host->put(call, NULL, &value))
ACT(put_no_value, host->put(call, "text", NULL))
ACT(put_small, host->put(call, "text", SET(size, 8)))
ACT(put_other_kind, host->put(call, "text", SET(kind, SANKOFA_INTEGER)))
ACT(put_bad_text, host->put(call, "text", SET(text, bad_text)))
ACT(put_no_text, host->put(call, "text", SET(text.size, 3)))
ACT(put_large, host->put(call, "text", SET(text, ((struct sankofa_text){"", (size_t)5 << 20}))))
ACT(put_two, (value.kind = SANKOFA_BOOLEAN, host->put(call, "boolean", SET(integer, 2))))
ACT(put_nan, (value.kind = SANKOFA_NUMBER, host->put(call, "number", SET(number, NAN))))
ACT(put_no_time, (value.kind = SANKOFA_TIMESTAMP, host->put(call, "time", &value)))
ACT(put_no_texts, (value.kind = SANKOFA_TEXTS, host->put(call, "texts", SET(text_count, 2))))
ACT(put_bad_texts, (value.kind = SANKOFA_TEXTS, value.text_count = 1,
                    host->put(call, "texts", SET(texts, &bad_text))))
ACT(refuse_undeclared, host->refuse(call, "surprise", "No."))
ACT(refuse_empty, host->refuse(call, NULL, ""))
ACT(refuse_null, host->refuse(call, NULL, NULL))
ACT(refuse_long, host->refuse(call, NULL, long_words))
ACT(fail_empty, (host->fail)(call, 0, ""))
ACT(fail_bad, (host->fail)(call, 0, "caf\xe9"))
ACT(park_nothing, host->park(call, 0, 0, NULL, 0))
ACT(park_more, host->park(call, 4, 0, NULL, 0))
ACT(park_no_time, host->park(call, SANKOFA_TIME, 0, NULL, 0))
ACT(park_large, host->park(call, SANKOFA_ANSWER, 0, "", SANKOFA_COOKIE_BYTES_MAX + 1))
ACT(park_null, host->park(call, SANKOFA_ANSWER, 0, NULL, 1))

static int refuse_without_end(const struct sankofa_host *host, struct sankofa_call *call)
{
    for (int i = 0; i < WIRE_REASONS_MAX; i++)
        assert_int_equal(host->refuse(call, NULL, "No."), 0);
    assert_int_equal(host->refuse(call, NULL, "No."), -1);
    return SANKOFA_REFUSED;
}

static int log_badly(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, 9, "event");
    return SANKOFA_DONE;
}

static int first_of_two(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->put(call, "surprise", NULL);
    (host->fail)(call, 0, "");
    return SANKOFA_DONE;
}

static const struct {
    act *what;
    const char *body, *why;
} breaches[] = {
    {get_undeclared, RUN("step", "{}"), "asked for an input that its step type does not declare"},
    {get_null, RUN("step", "{}"), "asked for an input that its step type does not declare"},
    {get_small, RUN("step", "{}"), "asked for the input text with a value of a wrong size"},
    {answer_in_run, RUN("step", "{}"), "no answer woke the step"},
    {woken_in_run, RUN("step", "{}"), "asked in run what woke the step"},
    {put_undeclared, RUN("step", "{}"), "put an output that its step type does not declare"},
    {put_no_name, RUN("step", "{}"), "put an output that its step type does not declare"},
    {put_no_value, RUN("step", "{}"), "put the output text with a value of a wrong size"},
    {put_small, RUN("step", "{}"), "put the output text with a value of a wrong size"},
    {put_other_kind, RUN("step", "{}"), "put the output text, declared as text, as another kind"},
    {put_bad_text, RUN("step", "{}"), "put the output text with a text that is not UTF-8"},
    {put_no_text, RUN("step", "{}"), "put the output text with a text that is not UTF-8"},
    {put_large, RUN("step", "{}"), "put the output text with a text that is not UTF-8, or too"},
    {put_two, RUN("step", "{}"), "or with a value that is none"},
    {put_nan, RUN("step", "{}"), "put a wrong output: number must be a number."},
    {put_no_time, RUN("step", "{}"), "put a wrong output: time must be a time"},
    {put_no_texts, RUN("step", "{}"), "put the output texts with"},
    {put_bad_texts, RUN("step", "{}"), "put the output texts with a text that is not UTF-8"},
    {refuse, RUN("step", "{}"), "refused in a step; only a check refuses"},
    {refuse_undeclared, RUN("check", "{}"), "refused for an input that is not declared"},
    {refuse_empty, RUN("check", "{}"), "refused with a reason that is empty"},
    {refuse_null, RUN("check", "{}"), "refused with a reason that is empty"},
    {refuse_long, RUN("check", "{}"), "longer than 1000 bytes"},
    {refuse_without_end, RUN("check", "{}"), "refused with more than 64 reasons"},
    {fail_empty, RUN("check", "{}"), "failed with a reason that is empty"},
    {fail_bad, RUN("check", "{}"), "failed with a reason that is empty"},
    {park_on_answer, RUN("check", "{}"), "its step type has no resume"},
    {park_on_answer, RUN("plain", "{}"), "its step type has no resume"},
    {park_nothing, RUN("step", "{}"), "parked with nothing that can wake the step"},
    {park_more, RUN("step", "{}"), "parked with nothing that can wake the step"},
    {park_no_time, RUN("step", "{}"), "parked until a time before 1970"},
    {park_large, RUN("step", "{}"), "parked with a cookie of more than 4096 bytes"},
    {park_null, RUN("step", "{}"), "parked with a cookie of more than 4096 bytes"},
    {log_badly, RUN("step", "{}"), "wrote a log line that is empty"},
    {first_of_two, RUN("step", "{}"), "put an output that its step type does not declare"},
};

static void a_broken_rule_is_answered_as_broken(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++)
        breaks(fixture, breaches[i].what, WIRE_RUN, breaches[i].body, breaches[i].why);
    breaks(fixture, answer_undeclared, WIRE_RESUME,
           RESUME("step", "\"woken_by\":\"answer\",\"answer\":{\"granted\":true}"),
           "asked for an answer that its step type does not declare");
    breaks(fixture, put_undeclared, WIRE_DROP, RESUME("step", "\"x\":1"), "put an output in drop");
}

static int says;
static bool has_reason, has_failure, has_park, has_output;
static int say(const struct sankofa_host *host, struct sankofa_call *call)
{
    if (has_reason)
        host->refuse(call, NULL, "No.");
    if (has_failure)
        (host->fail)(call, 0, "Closed.");
    if (has_park)
        host->park(call, SANKOFA_ANSWER, 0, NULL, 0);
    if (has_output)
        sankofa_put_text(host, call, "text", "x");
    return says;
}

static void what_was_given_must_be_what_the_outcome_says(void **state)
{
    static const struct {
        int says;
        bool reason, failure, park, output;
        const char *step, *why;
    } cases[] = {
        {SANKOFA_DONE, true, false, false, false, "check", "and then did not say refused"},
        {SANKOFA_DONE, false, true, false, false, "check", "and then did not say failed"},
        {SANKOFA_DONE, false, false, true, false, "step", "and then did not park"},
        {SANKOFA_REFUSED, false, false, false, false, "check", "refused and gave no reason"},
        {SANKOFA_REFUSED, true, true, false, false, "check", "and then did not say failed"},
        {SANKOFA_REFUSED, false, false, false, false, "step", "refused and gave no reason"},
        {SANKOFA_FAILED, false, false, false, false, "step", "failed and did not say why"},
        {SANKOFA_FAILED, true, true, false, false, "check", "and then did not say refused"},
        {SANKOFA_PARKED, false, false, false, false, "step", "did not say what wakes the step"},
        {SANKOFA_PARKED, false, false, true, true, "step", "put outputs and then parked"},
        {0, false, false, false, false, "step", "an outcome that does not exist: 0"},
        {-1, false, false, false, false, "step", "an outcome that does not exist: -1"},
        {5, false, false, false, false, "step", "an outcome that does not exist: 5"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        says = cases[i].says;
        has_reason = cases[i].reason;
        has_failure = cases[i].failure;
        has_park = cases[i].park;
        has_output = cases[i].output;
        breaks(fixture, say, WIRE_RUN,
               strcmp(cases[i].step, "check") == 0 ? RUN("check", "{}") : RUN("step", "{}"),
               cases[i].why);
    }
}

static void a_frame_that_lacks_something_is_a_broken_protocol(void **state)
{
    static const struct {
        enum wire_kind kind;
        const char *body;
    } cases[] = {
        {WIRE_RUN, "{}"},
        {WIRE_RUN, "{\"inputs\":{},\"key\":\"\",\"now_ms\":1}"},
        {WIRE_RUN, "{\"step\":\"step\",\"key\":\"\",\"now_ms\":1}"},
        {WIRE_RUN, "{\"step\":\"step\",\"inputs\":[],\"key\":\"\",\"now_ms\":1}"},
        {WIRE_RUN, "{\"step\":\"step\",\"inputs\":{},\"now_ms\":1}"},
        {WIRE_RUN, "{\"step\":\"step\",\"inputs\":{},\"key\":\"\",\"now_ms\":\"1\"}"},
        {WIRE_OUTCOME, RUN("step", "{}")},
        {WIRE_DROP, RUN("step", "{}")},
        {WIRE_RESUME, RUN("step", "{}")},
        {WIRE_RESUME, RESUME("step", "\"woken_by\":\"bell\"")},
        {WIRE_RESUME, RESUME("step", "\"woken_by\":\"answer\"")},
        {WIRE_RESUME, RESUME("step", "\"woken_by\":\"answer\",\"answer\":null")},
        {WIRE_DROP, "{\"step\":\"step\",\"inputs\":{},\"key\":\"\",\"now_ms\":1,\"cookie\":\"x\"}"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value outcome;
        acting = never;
        assert_int_equal(carry_out(fixture, cases[i].kind, cases[i].body, &outcome), -EPROTO);
    }
}

static int chatter(const struct sankofa_host *host, struct sankofa_call *call)
{
    for (int i = 0; i < 2 * WIRE_LOG_LINES_MAX; i++)
        host->log(call, SANKOFA_WARNING, "event.happened");
    return SANKOFA_DONE;
}

static void log_lines_are_sent_and_counted(void **state)
{
    struct fixture *fixture = *state;
    struct wire_frame frame;
    gives(fixture, chatter, WIRE_RUN, RUN("step", "{}"), "{\"outcome\":\"done\",\"outputs\":{}}");
    for (int i = 1; i <= WIRE_LOG_LINES_MAX; i++) {
        assert_int_equal(wire_receive(fixture->theirs, fixture->arena, 1000, &frame), 0);
        assert_int_equal(frame.kind, WIRE_LOG);
        assert_int_equal(frame.call, 1);
        assert_true(text_is(value_text_at(&frame.body, "level"), "warning"));
        assert_int_equal(text_is(value_text_at(&frame.body, "event"), "event.happened"),
                         i < WIRE_LOG_LINES_MAX);
    }
    assert_int_equal(wire_receive(fixture->theirs, fixture->arena, 0, &frame), -ETIMEDOUT);
}

static int is_cancelled;
static int ask_whether_cancelled(const struct sankofa_host *host, struct sankofa_call *call)
{
    is_cancelled = host->cancelled(call);
    return SANKOFA_DONE;
}

static void a_call_can_ask_whether_it_was_cancelled(void **state)
{
    struct fixture *fixture = *state;
    struct wire_frame frame = {.kind = WIRE_CANCEL, .call = 1, .body = value_map(fixture->arena)};
    gives(fixture, ask_whether_cancelled, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"done\",\"outputs\":{}}");
    assert_int_equal(is_cancelled, 0);
    assert_int_equal(wire_send(fixture->theirs, fixture->arena, &frame), 0);
    gives(fixture, ask_whether_cancelled, WIRE_RUN, RUN("step", "{}"),
          "{\"outcome\":\"done\",\"outputs\":{}}");
    assert_int_equal(is_cancelled, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(inputs_arrive_and_outputs_leave, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_knows_its_time_and_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inputs_that_do_not_fit_are_not_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parked_step_goes_on_by_what_woke_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_outcome_leaves_as_it_was_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broken_rule_is_answered_as_broken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_given_must_be_what_the_outcome_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_frame_that_lacks_something_is_a_broken_protocol, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(log_lines_are_sent_and_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_can_ask_whether_it_was_cancelled, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
