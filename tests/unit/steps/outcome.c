/* What comes over the wire as an outcome, believed only as far as it is declared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "steps/outcome.h"
#include "wire/wire.h"

static const struct plugin_field risk = {.name = {"risk", 4}, .kind = PLUGIN_INTEGER};
static const struct plugin_field reason = {.name = {"reason", 6}, .kind = PLUGIN_TEXT};
static const struct plugin_step_type type = {
    .name = {"score", 5}, .parks = true, .inputs = {&reason, 1}, .outputs = {&risk, 1}};
static const struct plugin_step_type no_park = {.name = {"plain", 5}};

static int set_up(void **state)
{
    *state = arena_create("test");
    return 0;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct value json(struct arena *arena, const char *text)
{
    struct value value;
    assert_int_equal(json_read(arena, text_from(text), &value, NULL), 0);
    return value;
}

static struct run_outcome takes(struct arena *arena, enum run_verb verb, const char *body)
{
    struct value value = json(arena, body);
    struct run_outcome outcome;
    struct text why = TEXT_NONE;
    if (!outcome_read(&type, verb, &value, arena, &outcome, &why))
        fail_msg("%s: %.*s", body, TEXT_ARG(why));
    return outcome;
}

static void every_outcome_is_taken(void **state)
{
    struct arena *arena = *state;
    struct run_outcome outcome =
        takes(arena, RUN_CHECK, "{\"outcome\":\"done\",\"outputs\":{\"risk\":4}}");
    assert_int_equal(outcome.kind, RUN_DONE);
    assert_int_equal(value_int_at(&outcome.outputs, "risk", 0), 4);

    outcome = takes(arena, RUN_CHECK,
                    "{\"outcome\":\"refused\",\"reasons\":[{\"input\":\"reason\",\"message\":"
                    "\"No.\"},{\"input\":\"\",\"message\":\"Not at all.\"}]}");
    assert_int_equal(outcome.kind, RUN_REFUSED);
    assert_int_equal(value_count(&outcome.reasons), 2);

    outcome =
        takes(arena, RUN_STEP, "{\"outcome\":\"failed\",\"retry\":true,\"message\":\"Closed.\"}");
    assert_int_equal(outcome.kind, RUN_FAILED);
    assert_true(outcome.retry);
    assert_true(text_is(outcome.message, "Closed."));

    outcome = takes(arena, RUN_RESUME,
                    "{\"outcome\":\"parked\",\"wakes\":[\"answer\",\"time\"],\"until_ms\":7,"
                    "\"cookie\":\"00ff\"}");
    assert_int_equal(outcome.kind, RUN_PARKED);
    assert_true(outcome.wakes_on_answer);
    assert_true(outcome.wakes_on_time);
    assert_int_equal(outcome.until_ms, 7);
    assert_true(text_is(outcome.cookie, "00ff"));

    assert_int_equal(takes(arena, RUN_DROP, "{\"outcome\":\"dropped\"}").kind, RUN_DROPPED);
    outcome =
        takes(arena, RUN_STEP, "{\"outcome\":\"broken\",\"message\":\"Wrong.\",\"ran\":true}");
    assert_true(outcome.ran);
    assert_int_equal(outcome.kind, RUN_BROKEN);
    assert_false(outcome.retry);
}

static const struct refusal {
    enum run_verb verb;
    const char *body, *why;
} refusals[] = {
    {RUN_STEP, "{}", "does not exist"},
    {RUN_STEP, "{\"outcome\":7}", "does not exist"},
    {RUN_STEP, "{\"outcome\":\"great\"}", "does not exist"},
    {RUN_STEP, "{\"outcome\":\"refused\",\"reasons\":[]}", "cannot have"},
    {RUN_CHECK, "{\"outcome\":\"parked\"}", "cannot have"},
    {RUN_STEP, "{\"outcome\":\"dropped\"}", "cannot have"},
    {RUN_DROP, "{\"outcome\":\"done\",\"outputs\":{}}", "cannot have"},
    {RUN_STEP, "{\"outcome\":\"done\"}", "too few or too many"},
    {RUN_STEP, "{\"outcome\":\"done\",\"outputs\":{},\"more\":1}", "too few or too many"},
    {RUN_STEP, "{\"outcome\":\"done\",\"outputs\":[]}", "without outputs"},
    {RUN_STEP, "{\"outcome\":\"done\",\"outputs\":{\"risk\":\"4\"}}", "risk must be an integer"},
    {RUN_STEP, "{\"outcome\":\"done\",\"outputs\":{\"name\":\"x\"}}", "no output name"},
    {RUN_CHECK, "{\"outcome\":\"refused\",\"reasons\":[]}", "without reasons"},
    {RUN_CHECK, "{\"outcome\":\"refused\",\"reasons\":[7]}", "a reason that is none"},
    {RUN_CHECK, "{\"outcome\":\"refused\",\"reasons\":[{\"input\":\"reason\",\"message\":\"\"}]}",
     "a reason that is none"},
    {RUN_CHECK, "{\"outcome\":\"refused\",\"reasons\":[{\"input\":\"other\",\"message\":\"x\"}]}",
     "a reason that is none"},
    {RUN_CHECK, "{\"outcome\":\"refused\",\"reasons\":[{\"message\":\"x\",\"more\":1}]}",
     "a reason that is none"},
    {RUN_STEP, "{\"outcome\":\"failed\",\"retry\":1,\"message\":\"x\"}", "without a message"},
    {RUN_STEP, "{\"outcome\":\"failed\",\"retry\":true,\"message\":\"\"}", "without a message"},
    {RUN_STEP, "{\"outcome\":\"broken\",\"message\":7,\"ran\":true}", "without a message"},
    {RUN_STEP, "{\"outcome\":\"broken\",\"message\":\"x\",\"ran\":1}", "without a message"},
    {RUN_STEP, "{\"outcome\":\"broken\",\"message\":\"x\"}", "too few or too many"},
    {RUN_STEP, "{\"outcome\":\"parked\",\"wakes\":[],\"until_ms\":0,\"cookie\":\"\"}",
     "nothing that can wake"},
    {RUN_STEP, "{\"outcome\":\"parked\",\"wakes\":[\"bell\"],\"until_ms\":0,\"cookie\":\"\"}",
     "nothing that can wake"},
    {RUN_STEP,
     "{\"outcome\":\"parked\",\"wakes\":[\"time\",\"time\"],\"until_ms\":1,\"cookie\":\"\"}",
     "nothing that can wake"},
    {RUN_STEP, "{\"outcome\":\"parked\",\"wakes\":[\"time\"],\"until_ms\":0,\"cookie\":\"\"}",
     "without a time"},
    {RUN_STEP, "{\"outcome\":\"parked\",\"wakes\":[\"time\"],\"until_ms\":-1,\"cookie\":\"\"}",
     "without a time"},
    {RUN_STEP, "{\"outcome\":\"parked\",\"wakes\":[\"answer\"],\"until_ms\":0,\"cookie\":\"0\"}",
     "without a cookie"},
    {RUN_STEP, "{\"outcome\":\"parked\",\"wakes\":[\"answer\"],\"until_ms\":0,\"cookie\":\"xy\"}",
     "without a cookie"},
};

static void assert_refused(const struct plugin_step_type *of, enum run_verb verb,
                           const struct value *body, struct arena *arena, const char *why)
{
    struct run_outcome outcome;
    struct text text = TEXT_NONE;
    assert_false(outcome_read(of, verb, body, arena, &outcome, &text));
    if (memmem(text.bytes, text.size, why, strlen(why)) == NULL)
        fail_msg("\"%.*s\" does not say \"%s\"", TEXT_ARG(text), why);
}

static void what_is_not_an_outcome_is_refused_with_a_word(void **state)
{
    struct arena *arena = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct value body = json(arena, refusals[i].body);
        assert_refused(&type, refusals[i].verb, &body, arena, refusals[i].why);
    }
}

static void a_step_type_that_does_not_park_cannot(void **state)
{
    struct arena *arena = *state;
    struct value body = json(arena, "{\"outcome\":\"parked\",\"wakes\":[\"answer\"],\"until_ms\":0,"
                                    "\"cookie\":\"\"}");
    assert_refused(&no_park, RUN_STEP, &body, arena, "parked, which it cannot");
}

static void sizes_are_bounded(void **state)
{
    struct arena *arena = *state;
    char large[2 * WIRE_COOKIE_BYTES_MAX + 2];
    memset(large, 'a', sizeof large);
    struct value body =
        json(arena, "{\"outcome\":\"parked\",\"wakes\":[\"answer\"],\"until_ms\":0}");
    value_put(&body, "cookie", value_string((struct text){large, sizeof large}));
    assert_refused(&type, RUN_STEP, &body, arena, "without a cookie");

    body = json(arena, "{\"outcome\":\"failed\",\"retry\":true}");
    value_put(&body, "message", value_string((struct text){large, WIRE_MESSAGE_BYTES_MAX + 1}));
    assert_refused(&type, RUN_STEP, &body, arena, "without a message");

    body = json(arena, "{\"outcome\":\"refused\"}");
    struct value reasons = value_list(arena);
    for (int i = 0; i <= WIRE_REASONS_MAX; i++)
        value_append(&reasons, json(arena, "{\"input\":\"\",\"message\":\"x\"}"));
    value_put(&body, "reasons", reasons);
    assert_refused(&type, RUN_CHECK, &body, arena, "too many");
}

static void a_message_is_there_or_said_to_be_missing(void **state)
{
    struct value body = json(*state, "{\"message\":\"Wrong.\"}"), none = json(*state, "{}");
    assert_true(text_is(outcome_message(&body), "Wrong."));
    assert_true(text_is(outcome_message(&none), "It does not say why."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_outcome_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_an_outcome_is_refused_with_a_word, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_step_type_that_does_not_park_cannot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sizes_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_is_there_or_said_to_be_missing, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
