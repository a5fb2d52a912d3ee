/* Calls of a plugin that behaves well. */
#include "fixture.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

static int set_up(void **state)
{
    struct world *world = malloc(sizeof *world);
    world_open(world);
    world_add(world, "probe")->hosts = 2;
    world_start(world);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static const struct run_outcome *ask(struct world *world, enum run_verb verb, const char *step,
                                     const char *inputs)
{
    return world_ask(world, verb, "probe", step, inputs);
}

static void a_plugin_is_described_once_it_is_started(void **state)
{
    struct world *world = *state;
    struct plugin_source source = steps_source(world->steps);
    struct text why;
    const struct plugin_description *probe = source.find(source.self, TEXT("probe"), &why);
    assert_non_null(probe);
    assert_true(text_is(probe->version, "1.0"));
    assert_int_equal(world->told[0], 1);
    assert_int_equal(world->whys[0].size, 0);
    assert_true(plugin_step_type(probe, TEXT("echo"))->is_check);
    assert_true(plugin_step_type(probe, TEXT("park_on_answer"))->parks);
    assert_true(text_is(state_of(world, "probe"), "ready"));
    assert_null(source.find(source.self, TEXT("nobody"), &why));
    assert_says(why, "no plugin of this name");
}

static void every_kind_of_value_comes_back_as_it_went(void **state)
{
    struct world *world = *state;
    const char *inputs = "{\"text\":\"caf\\u00e9\",\"integer\":-7,\"number\":2.5,\"boolean\":true,"
                         "\"date\":\"2026-02-28\",\"timestamp\":\"2026-02-28T10:00:00Z\","
                         "\"texts\":[\"a\",\"\",\"b\"]}";
    const struct run_outcome *outcome = ask(world, RUN_CHECK, "echo", inputs);
    struct value expected = world_json(world, inputs);
    assert_done(outcome);
    assert_true(value_equal(&outcome->outputs, &expected));
}

static void inputs_that_are_null_count_as_not_given(void **state)
{
    struct world *world = *state;
    const struct run_outcome *outcome =
        ask(world, RUN_CHECK, "echo", "{\"text\":null,\"integer\":1}");
    assert_done(outcome);
    assert_int_equal(value_count(&outcome->outputs), 1);
}

static void a_refusal_comes_with_its_reasons(void **state)
{
    const struct run_outcome *outcome =
        ask(*state, RUN_CHECK, "refuse", "{\"reason\":\"Too old.\"}");
    assert_int_equal(outcome->kind, RUN_REFUSED);
    assert_int_equal(value_count(&outcome->reasons), 2);
    const struct value *first = value_item(&outcome->reasons, 0);
    assert_true(text_is(value_text_at(first, "input"), "reason"));
    assert_true(text_is(value_text_at(first, "message"), "Too old."));
    assert_true(text_is(value_text_at(value_item(&outcome->reasons, 1), "input"), ""));
}

static void a_failure_says_whether_another_try_may_do(void **state)
{
    const struct run_outcome *outcome =
        ask(*state, RUN_STEP, "fail", "{\"reason\":\"Closed today.\",\"retry\":true}");
    assert_int_equal(outcome->kind, RUN_FAILED);
    assert_true(outcome->retry);
    assert_true(text_is(outcome->message, "Closed today."));
    outcome = ask(*state, RUN_STEP, "fail", "{\"reason\":\"Never.\"}");
    assert_int_equal(outcome->kind, RUN_FAILED);
    assert_false(outcome->retry);
}

static void a_step_gets_its_key(void **state)
{
    struct world *world = *state;
    uint64_t call = world_begin(world, RUN_STEP, "probe", "done", "{}");
    const struct run_outcome *outcome = world_wait(world, call);
    assert_done(outcome);
    assert_true(text_equal(value_text_at(&outcome->outputs, "key"),
                           text_printf(world->arena, "%llu", (unsigned long long)call)));
}

static const struct run_outcome *resume(struct world *world, const char *step, const char *answer)
{
    const struct run_outcome *parked = ask(world, RUN_STEP, step, "{\"ms\":5000}");
    assert_int_equal(parked->kind, RUN_PARKED);
    struct run_call call = {.verb = RUN_RESUME,
                            .plugin = TEXT("probe"),
                            .step = text_from(step),
                            .woken_by_time = answer == NULL,
                            .cookie = parked->cookie};
    if (answer != NULL)
        call.answer = world_json(world, answer);
    return world_wait(world, world_begin_call(world, call, "{}"));
}

static void a_parked_step_goes_on_with_its_answer(void **state)
{
    const struct run_outcome *parked = ask(*state, RUN_STEP, "park_on_answer", "{}");
    assert_int_equal(parked->kind, RUN_PARKED);
    assert_true(parked->wakes_on_answer);
    assert_false(parked->wakes_on_time);
    assert_true(text_is(parked->cookie, "666f6c6465722037"));
    assert_done(resume(*state, "park_on_answer", "{\"granted\":true}"));
    const struct run_outcome *outcome = resume(*state, "park_on_answer", "{\"granted\":false}");
    assert_int_equal(outcome->kind, RUN_FAILED);
    assert_broken(resume(*state, "park_on_answer", "{}"), false, "The answer granted is missing.");
}

static void a_parked_step_goes_on_at_its_time(void **state)
{
    const struct run_outcome *parked = ask(*state, RUN_STEP, "park_on_time", "{\"ms\":5000}");
    assert_int_equal(parked->kind, RUN_PARKED);
    assert_true(parked->wakes_on_time);
    assert_false(parked->wakes_on_answer);
    assert_int_equal(parked->until_ms, 6000);
    assert_done(resume(*state, "park_on_time", NULL));
}

static void a_parked_step_is_dropped(void **state)
{
    struct world *world = *state;
    struct run_call call = {.verb = RUN_DROP,
                            .plugin = TEXT("probe"),
                            .step = TEXT("park_on_time"),
                            .cookie = TEXT("00ff")};
    const struct run_outcome *outcome = world_wait(world, world_begin_call(world, call, "{}"));
    assert_int_equal(outcome->kind, RUN_DROPPED);
}

static void what_can_never_do_is_broken_for_good(void **state)
{
    struct world *world = *state;
    assert_broken(world_ask(world, RUN_CHECK, "nobody", "x", "{}"), false,
                  "No plugin of that name");
    assert_broken(ask(world, RUN_CHECK, "nothing", "{}"), false, "no step type of that name");
    assert_broken(ask(world, RUN_STEP, "echo", "{}"), false, "is a check");
    assert_broken(ask(world, RUN_CHECK, "done", "{}"), false, "is a step");
    assert_broken(ask(world, RUN_RESUME, "done", "{}"), false, "does not park");
    assert_broken(ask(world, RUN_CHECK, "echo", "{\"text\":3}"), false,
                  "The input text must be a text.");
    assert_broken(ask(world, RUN_CHECK, "echo", "{\"more\":3}"), false, "There is no input more.");
    assert_broken(ask(world, RUN_CHECK, "refuse", "{}"), false, "The input reason is missing.");
    assert_int_equal(status_of(world, "probe", "crashes"), 0);
}

enum { LARGE_MS_MAX = 30000 }; /* 64 MiB on a machine that does much else */

static uint64_t begin_large(struct world *world, size_t size)
{
    struct run_call call = {.number = ++world->call_number,
                            .plugin = TEXT("probe"),
                            .step = TEXT("echo"),
                            .timeout_ms = LARGE_MS_MAX};
    char *large = arena_alloc(world->arena, size);
    memset(large, 'x', size);
    call.inputs = value_map(world->arena);
    value_put(&call.inputs, "text", value_string((struct text){large, size}));
    steps_begin(world->steps, &call);
    return call.number;
}

static void inputs_that_no_frame_can_hold_are_broken_for_good(void **state)
{
    struct world *world = *state;
    struct run_call call = {
        .number = ++world->call_number, .plugin = TEXT("probe"), .step = TEXT("echo")};
    call.inputs = value_map(world->arena);
    value_put(&call.inputs, "number", value_double(NAN));
    steps_begin(world->steps, &call);
    assert_broken(world_wait(world, call.number), false, "not finite");

    uint64_t large = begin_large(world, 5 << 20);
    assert_broken(world_wait(world, large), false, "larger than 4 MiB");
}

/* Larger than the socket's buffer, both ways. */
static void large_values_come_back_whole(void **state)
{
    struct world *world = *state;
    const struct run_outcome *outcome = world_wait(world, begin_large(world, 3 << 20));
    assert_done(outcome);
    assert_int_equal(value_text_at(&outcome->outputs, "text").size, 3 << 20);
}

/* In both directions, by descriptor from 64 KiB on; and none of those stays open. */
static void values_around_64_kib_come_back_whole(void **state)
{
    struct world *world = *state;
    size_t count = 0;
    for (size_t size = 65536 - 200; size < 65536 + 200; size += 10) {
        const struct run_outcome *outcome = world_wait(world, begin_large(world, size));
        assert_done(outcome);
        assert_int_equal(value_text_at(&outcome->outputs, "text").size, size);
        if (count == 0)
            count = open_descriptors();
        assert_int_equal(open_descriptors(), count);
    }
}

/* Bodies that are larger than a frame in the stream, more of them than one host may have at once.
 */
static void large_checks_that_wait_behind_each_other_are_all_answered(void **state)
{
    struct world *world = *state;
    uint64_t calls[40];
    struct run_call first = {.verb = RUN_CHECK,
                             .plugin = TEXT("probe"),
                             .step = TEXT("slow"),
                             .timeout_ms = LARGE_MS_MAX};
    uint64_t slow = world_begin_call(world, first, "{\"ms\":100}");
    for (size_t i = 0; i < 40; i++)
        calls[i] = begin_large(world, 66000 + i);
    assert_done(world_wait(world, slow));
    for (size_t i = 0; i < 40; i++) {
        const struct run_outcome *outcome = world_wait(world, calls[i]);
        assert_done(outcome);
        assert_int_equal(value_text_at(&outcome->outputs, "text").size, 66000 + i);
    }
    assert_int_equal(status_of(world, "probe", "crashes"), 0);
}

static void listen_for_the_reason(void *self, enum log_level level, const char *line)
{
    (void)level;
    if (strstr(line, "The plugin probe could not be given a call (Too many open files).") != NULL)
        *(bool *)self = true;
}

/* Not the call's fault, nor the plugin's: it waits, and goes to the next host. */
static void a_call_that_no_descriptor_is_left_for_waits_for_another_host(void **state)
{
    struct world *world = *state;
    struct rlimit before, limit;
    bool is_told = false;
    int free_fd = dup(0);
    close(free_fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)free_fd;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    log_set_sink(listen_for_the_reason, &is_told);
    uint64_t large = begin_large(world, 100000);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_done(world_wait(world, large));
    assert_int_equal(status_of(world, "probe", "crashes"), 1);
    assert_true(is_told);
}

/* What is sent behind a frame that the socket could not take at once comes behind it. */
static void a_cancel_behind_a_large_call_keeps_its_place(void **state)
{
    struct world *world = *state;
    uint64_t large = begin_large(world, 3 << 20);
    steps_cancel(world->steps, large);
    assert_done(world_ask(world, RUN_CHECK, "probe", "echo", "{}"));
    assert_false(world->answers[large].has_come);
}

/* 64 MiB may wait; the rest is turned away, and may be tried again. */
static void calls_that_wait_do_not_fill_the_memory(void **state)
{
    struct world *world = *state;
    uint64_t calls[18];
    unsigned done_count = 0;
    struct run_call first = {.verb = RUN_CHECK,
                             .plugin = TEXT("probe"),
                             .step = TEXT("slow"),
                             .timeout_ms = LARGE_MS_MAX};
    uint64_t slow = world_begin_call(world, first, "{\"ms\":100}");
    for (size_t i = 0; i < 18; i++)
        calls[i] = begin_large(world, (4 << 20) - 200);
    assert_done(world_wait(world, slow));
    for (size_t i = 0; i < 18; i++) {
        const struct run_outcome *outcome = world_wait(world, calls[i]);
        if (outcome->kind == RUN_DONE)
            done_count++;
        else
            assert_broken(outcome, true, "Too many calls wait for the plugin already.");
    }
    assert_int_equal(done_count, 16);
}

static void checks_are_answered_in_their_order(void **state)
{
    struct world *world = *state;
    enum { COUNT = 200 };
    uint64_t calls[COUNT];
    for (int i = 0; i < COUNT; i++)
        calls[i] = world_begin(world, RUN_CHECK, "probe", "echo", "{\"integer\":1}");
    for (int i = 0; i < COUNT; i++)
        assert_done(world_wait(world, calls[i]));
    for (int i = 1; i < COUNT; i++)
        assert_true(world->answers[calls[i - 1]].order < world->answers[calls[i]].order);
    assert_int_equal(status_of(world, "probe", "hosts"), 1);
}

static void steps_run_side_by_side_on_as_many_hosts_as_there_may_be(void **state)
{
    struct world *world = *state;
    uint64_t first = world_begin(world, RUN_STEP, "probe", "linger", "{\"ms\":400}");
    uint64_t second = world_begin(world, RUN_STEP, "probe", "linger", "{\"ms\":400}");
    uint64_t third = world_begin(world, RUN_STEP, "probe", "done", "{}");
    assert_int_equal(status_of(world, "probe", "calls"), 3);
    assert_done(world_ask(world, RUN_CHECK, "probe", "echo", "{}")); /* checks go on meanwhile */
    assert_int_equal(status_of(world, "probe", "hosts"), 3);
    assert_done(world_wait(world, third));
    assert_true(world->answers[first].has_come || world->answers[second].has_come);
    assert_done(world_wait(world, first));
    assert_done(world_wait(world, second));
    assert_int_equal(status_of(world, "probe", "hosts"), 3);
    assert_int_equal(status_of(world, "probe", "calls"), 0);
}

static void a_step_that_nobody_waits_for_is_told(void **state)
{
    struct world *world = *state;
    uint64_t calls[2];
    for (int i = 0; i < 2; i++)
        calls[i] = world_begin(world, RUN_STEP, "probe", "linger", "{\"ms\":60000}");
    uint64_t first = world_begin(world, RUN_STEP, "probe", "done", "{}");
    uint64_t waiting = world_begin(world, RUN_STEP, "probe", "linger", "{\"ms\":60000}");
    uint64_t next = world_begin(world, RUN_STEP, "probe", "done", "{}");
    assert_done(world_ask(world, RUN_CHECK, "probe", "slow", "{\"ms\":300}"));
    steps_cancel(world->steps, waiting); /* it was never sent */
    steps_cancel(world->steps, calls[0]);
    steps_cancel(world->steps, calls[1]);
    steps_cancel(world->steps, 400); /* nobody's */
    assert_done(world_wait(world, first));
    assert_done(world_wait(world, next));
    assert_false(world->answers[waiting].has_come);
    assert_false(world->answers[calls[0]].has_come);
    assert_int_equal(status_of(world, "probe", "crashes"), 0);
}

static void a_cancelled_check_is_not_answered_and_the_next_one_is(void **state)
{
    struct world *world = *state;
    uint64_t first = world_begin(world, RUN_CHECK, "probe", "slow", "{\"ms\":100}");
    uint64_t second = world_begin(world, RUN_CHECK, "probe", "slow", "{\"ms\":1}");
    uint64_t third = world_begin(world, RUN_CHECK, "probe", "echo", "{}");
    steps_cancel(world->steps, first);
    steps_cancel(world->steps, second);
    assert_done(world_wait(world, third));
    assert_false(world->answers[first].has_come);
    assert_false(world->answers[second].has_come);
}

/* The time of a call runs from when it is the oldest: five of 150 ms each under 400 ms. */
static void a_check_has_its_own_time_and_not_that_of_those_before_it(void **state)
{
    struct world *world = *state;
    struct run_call call = {
        .verb = RUN_CHECK, .plugin = TEXT("probe"), .step = TEXT("slow"), .timeout_ms = 400};
    uint64_t last = 0;
    for (int i = 0; i < 5; i++)
        last = world_begin_call(world, call, "{\"ms\":150}");
    assert_done(world_wait(world, last));
    assert_int_equal(status_of(world, "probe", "crashes"), 0);
}

static void closing_answers_nothing_more(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 5; i++) {
        world_begin(world, RUN_CHECK, "probe", "slow", "{\"ms\":50}");
        world_begin(world, RUN_STEP, "probe", "linger", "{\"ms\":60000}");
    }
    world_begin(world, RUN_STEP, "nobody", "x", "{}");
    /* tear_down looks that no answer came and no process is left. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plugin_is_described_once_it_is_started, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_kind_of_value_comes_back_as_it_went, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(inputs_that_are_null_count_as_not_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_comes_with_its_reasons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_says_whether_another_try_may_do, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_step_gets_its_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parked_step_goes_on_with_its_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parked_step_goes_on_at_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parked_step_is_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_can_never_do_is_broken_for_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inputs_that_no_frame_can_hold_are_broken_for_good, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(large_values_come_back_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_around_64_kib_come_back_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_checks_that_wait_behind_each_other_are_all_answered,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_call_that_no_descriptor_is_left_for_waits_for_another_host, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_behind_a_large_call_keeps_its_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(calls_that_wait_do_not_fill_the_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checks_are_answered_in_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(steps_run_side_by_side_on_as_many_hosts_as_there_may_be,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_that_nobody_waits_for_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_check_is_not_answered_and_the_next_one_is,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_check_has_its_own_time_and_not_that_of_those_before_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_answers_nothing_more, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
