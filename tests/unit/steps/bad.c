/* Plugins that crash, hang, lie and talk nonsense: each costs its own call, with a clear sentence,
 * and everything else goes on. */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "wire/wire.h"

static void open_with(struct world *world, const char *name)
{
    world_open(world);
    world_add(world, name);
    world_add(world, "probe");
    world_start(world);
    for (size_t i = 0; i < world->plugin_count; i++)
        assert_int_equal(world->whys[i].size, 0);
}

static struct run_call call_of(struct world *world, enum run_verb verb, int64_t timeout_ms)
{
    return (struct run_call){.verb = verb,
                             .plugin = text_from(world->plugins[0].name),
                             .step = verb == RUN_CHECK ? TEXT("work") : TEXT("job"),
                             .timeout_ms = timeout_ms};
}

static uint64_t begin_bad(struct world *world, enum run_verb verb, int64_t timeout_ms)
{
    return world_begin_call(world, call_of(world, verb, timeout_ms), "{}");
}

static uint64_t begin_well(struct world *world, enum run_verb verb)
{
    return world_begin_call(world, call_of(world, verb, 0), "{\"well\":true}");
}

static int64_t pid_of(const struct run_outcome *outcome)
{
    assert_done(outcome);
    return value_int_at(&outcome->outputs, "pid", 0);
}

/* The call fails with its sentence; the plugin's next call, and another plugin's, are served. */
static void misbehave(const char *name, int64_t timeout_ms, bool retry, const char *words)
{
    static const enum run_verb verbs[] = {RUN_CHECK, RUN_STEP};
    struct world world;
    open_with(&world, name);
    for (size_t i = 0; i < 2; i++) {
        uint64_t bad = begin_bad(&world, verbs[i], timeout_ms);
        assert_done(world_ask(&world, RUN_CHECK, "probe", "echo", "{}"));
        assert_broken(world_wait(&world, bad), retry, words);
        assert_true(pid_of(world_wait(&world, begin_well(&world, verbs[i]))) > 1);
    }
    assert_int_equal(status_of(&world, world.plugins[0].name, "crashes"), retry ? 2 : 0);
    assert_int_equal(status_of(&world, "probe", "crashes"), 0);
    world_close(&world);
}

static void a_crash_is_told(void **state)
{
    (void)state;
    misbehave("crash", 0, true,
              "The plugin crash crashed (signal 11, Segmentation fault) while it");
}

static void a_hang_is_killed(void **state)
{
    (void)state;
    misbehave("hang", 200, true, "The plugin hang did not answer within 200 ms while it ran");
}

static void an_end_of_its_own_is_told(void **state)
{
    (void)state;
    misbehave("ends", 0, true, "ended by itself (status 0)");
}

/* A large frame comes with one sealed memfd, and nothing else does. */
static void what_is_smuggled_beside_a_frame_is_told(void **state)
{
    static const struct {
        const char *inputs, *words;
    } cases[] = {
        {"{\"words\":\"pipe\"}", "no frame: it came with a descriptor of no memfd"},
        {"{\"words\":\"file\"}", "no frame: it came with a descriptor of no memfd"},
        {"{\"words\":\"none\"}", "no frame: it is larger than 64 KiB, and came without"},
        {"{\"words\":\"two\"}", "no frame: it came with more than one descriptor"},
        {"{\"words\":\"eight\"}", "no frame: it came with descriptors that could not all be"},
        {"{\"words\":\"unsealed\"}", "no frame: it came with a memfd that is not sealed"},
        {"{\"words\":\"writable\"}", "no frame: it came with a memfd that is not sealed"},
        {"{\"words\":\"short\"}", "no frame: it came with a memfd of another size"},
        {"{\"words\":\"long\"}", "no frame: it came with a memfd of another size"},
        {"{\"words\":\"small\"}", "no frame: it came with a descriptor, and is small"},
    };
    struct world world;
    (void)state;
    open_with(&world, "smuggler");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bad = world_begin_call(&world, call_of(&world, RUN_STEP, 0), cases[i].inputs);
        assert_broken(world_wait(&world, bad), true, cases[i].words);
        assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_STEP))) > 1);
    }
    assert_done(world_ask(&world, RUN_CHECK, "probe", "echo", "{}"));
    world_close(&world); /* which counts descriptors */
}

static void garbage_in_the_socket_is_told(void **state)
{
    (void)state;
    misbehave("garbage", 0, true, "wrote what is no frame: its kind is unknown");
}

static void an_answer_without_end_is_cut(void **state)
{
    (void)state;
    misbehave("endless", 0, true, "wrote what is no frame: its body is not JSON");
}

/* What `liar` writes as a frame of its own, and what is said of it. A call of 0 is its own. */
static const struct lie {
    enum wire_kind kind;
    int call;
    const char *body, *words;
} lies[] = {
    {WIRE_OUTCOME, 0, "{'outcome':'done','outputs':{'secret':1}}", "There is no output secret."},
    {WIRE_OUTCOME, 0, "{'outcome':'great'}", "an outcome that does not exist"},
    {WIRE_OUTCOME, 500, "{'outcome':'done','outputs':{}}", "an outcome of another call"},
    {WIRE_LOADED, -1, "{}", "it was loaded twice"},
    {WIRE_UNLOADED, -1, "{}", "it was unloaded"},
    {WIRE_RUN, 0, "{}", "a frame that only the daemon sends"},
    {WIRE_CANCEL, 0, "{}", "a frame that only the daemon sends"},
    {WIRE_LOG, 0, "{'level':'loud','event':'x'}", "a line for the log that is none"},
    {WIRE_LOG, 0, "{'level':'info','event':''}", "a line for the log that is none"},
    {WIRE_LOG, 500, "{'level':'info','event':'x'}", "a line for the log that is none"},
};

static void a_forged_frame_is_checked_all_the_same(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "liar");
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct run_call call = call_of(&world, RUN_CHECK, 0);
        const char *inputs = text_printf(world.arena, "{\"kind\":%d,\"call\":%d,\"body\":\"%s\"}",
                                         (int)lies[i].kind, lies[i].call, lies[i].body)
                                 .bytes;
        uint64_t bad = world_begin_call(&world, call, inputs);
        assert_broken(world_wait(&world, bad), true, "The plugin liar answered with garbage: ");
        assert_says(world.answers[bad].outcome.message, lies[i].words);
        assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_CHECK))) > 1);
    }
    world_close(&world);
}

static void a_closed_socket_is_told(void **state)
{
    (void)state;
    misbehave("shut", 0, true, "closed its connection");
}

static void a_socket_that_is_closed_over_unread_calls_is_told(void **state)
{
    struct world world;
    uint64_t well[3];
    (void)state;
    open_with(&world, "shut");
    assert_done(world_wait(&world, begin_well(&world, RUN_CHECK)));
    uint64_t bad = begin_bad(&world, RUN_CHECK, 0);
    assert_done(world_ask(&world, RUN_CHECK, "probe", "slow", "{\"ms\":50}"));
    for (size_t i = 0; i < 3; i++)
        well[i] = begin_well(&world, RUN_CHECK);
    assert_broken(world_wait(&world, bad), true, "closed its connection");
    for (size_t i = 0; i < 3; i++)
        assert_done(world_wait(&world, well[i]));
    world_close(&world);
}

static void a_flood_of_log_lines_is_cut(void **state)
{
    (void)state;
    misbehave("flood", 0, true, "answered with garbage: lines for the log without end");
}

static void an_output_that_is_not_utf8_is_told(void **state)
{
    (void)state;
    misbehave("utf8", 0, false, "The plugin put the output words with a text that is not UTF-8");
}

static void an_output_of_a_wrong_kind_is_told(void **state)
{
    (void)state;
    misbehave("wrong-kind", 0, false, "put the output words, declared as text, as another kind");
}

static void an_undeclared_output_is_told(void **state)
{
    (void)state;
    misbehave("undeclared", 0, false, "put an output that its step type does not declare");
}

static void an_outcome_that_does_not_exist_is_told(void **state)
{
    (void)state;
    misbehave("outcome", 0, false, "returned an outcome that does not exist: 99");
}

static void an_answer_that_no_frame_holds_is_told(void **state)
{
    (void)state;
    misbehave("large", 0, false, "The plugin's answer is larger than 4 MiB.");
}

static void memory_without_end_ends_at_the_limit(void **state)
{
    (void)state;
    if (SANITIZED)
        skip(); /* there the limit is left as it is */
    misbehave("memory", 30000, true, "crashed (signal 11");
}

static void count_chatter(void *self, enum log_level level, const char *line)
{
    (void)level;
    *(unsigned *)self += strstr(line, "plugin.says") != NULL;
}

static void log_lines_beyond_the_bound_are_left_out(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "chatter");
    unsigned line_count = 0;
    log_set_sink(count_chatter, &line_count);
    assert_done(world_wait(&world, begin_bad(&world, RUN_CHECK, 0)));
    assert_int_equal(status_of(&world, "chatter", "crashes"), 0);
    assert_int_equal(line_count, WIRE_LOG_LINES_MAX);
    world_close(&world);
}

static void an_answer_counts_even_if_its_host_is_gone(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "last-words");
    const struct run_outcome *outcome = world_wait(&world, begin_bad(&world, RUN_CHECK, 0));
    assert_done(outcome);
    assert_true(text_is(value_text_at(&outcome->outputs, "words"), "the last ones"));

    /* A call that a host never got does not pay for its end, even where the loop has not seen that
     * yet. */
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_CHECK))) > 1);
    assert_int_equal(status_of(&world, "last_words", "crashes"), 1);
    world_close(&world);
}

/* The pid is also the number of the host's process group. */
static void what_a_plugin_started_ends_with_its_host(void **state)
{
    static const char *const programs[] = {"/bin/true"};
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "orphan")->grant.programs = (struct jail_paths){programs, 1};
    world_start(&world);
    assert_int_equal(world.whys[0].size, 0);
    int64_t pid = pid_of(world_wait(&world, begin_well(&world, RUN_CHECK)));
    assert_broken(world_wait(&world, begin_bad(&world, RUN_CHECK, 0)), true,
                  "crashed (signal 6, Aborted)");
    for (int i = 0; i < 500 && kill((pid_t)-pid, 0) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    assert_int_equal(kill((pid_t)-pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    world_close(&world);
}

static void checks_behind_one_that_crashes_are_asked_again(void **state)
{
    struct world world;
    uint64_t well[3];
    (void)state;
    open_with(&world, "crash");
    int64_t pid = pid_of(world_wait(&world, begin_well(&world, RUN_CHECK)));
    uint64_t bad = begin_bad(&world, RUN_CHECK, 0);
    for (size_t i = 0; i < 3; i++)
        well[i] = begin_well(&world, RUN_CHECK);
    steps_cancel(world.steps, well[1]);
    assert_broken(world_wait(&world, bad), true, "crashed");
    assert_int_not_equal(pid_of(world_wait(&world, well[0])), pid);
    assert_int_not_equal(pid_of(world_wait(&world, well[2])), pid);
    assert_false(world.answers[well[1]].has_come);
    assert_int_equal(status_of(&world, "crash", "crashes"), 1);
    world_close(&world);
}

/* So large that one host gets the first two only, and the third waits in the lane. */
static void checks_asked_again_keep_their_order(void **state)
{
    struct world world;
    uint64_t well[3];
    char inputs[600100];
    (void)state;
    open_with(&world, "crash");
    const char front[] = "{\"well\":true,\"words\":\"";
    memset(inputs, 'x', sizeof inputs);
    memcpy(inputs, front, sizeof front - 1);
    memcpy(inputs + sizeof inputs - 3, "\"}", 3);
    uint64_t bad = begin_bad(&world, RUN_CHECK, 0);
    for (size_t i = 0; i < 3; i++)
        well[i] = world_begin_call(&world, call_of(&world, RUN_CHECK, 0), inputs);
    for (size_t i = 0; i < 3; i++)
        assert_done(world_wait(&world, well[i]));
    assert_true(world.answers[bad].has_come);
    assert_true(world.answers[well[0]].order < world.answers[well[1]].order);
    assert_true(world.answers[well[1]].order < world.answers[well[2]].order);
    world_close(&world);
}

static void a_host_that_somebody_kills_is_told(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "hang");
    int64_t pid = pid_of(world_wait(&world, begin_well(&world, RUN_CHECK)));
    uint64_t bad = begin_bad(&world, RUN_CHECK, 0);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
    assert_broken(world_wait(&world, bad), true, "was killed while it ran work.");
    world_close(&world);
}

static void a_step_type_has_its_own_time(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "steps-only");
    assert_broken(world_wait(&world, begin_bad(&world, RUN_STEP, 0)), true,
                  "did not answer within 150 ms while it ran job.");
    assert_broken(world_wait(&world, begin_bad(&world, RUN_STEP, 80)), true, "within 80 ms");
    world_close(&world);
}

/* The first host of a plugin without checks is for its steps: no other one is started. */
static void a_plugin_without_checks_has_no_host_for_them(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "steps-only");
    assert_int_equal(status_of(&world, "steps_only", "hosts"), 1);
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_STEP))) > 1);
    assert_int_equal(status_of(&world, "steps_only", "hosts"), 1);
    world_close(&world);
}

static void a_plugin_that_describes_itself_otherwise_is_not_used(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "fickle");
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_CHECK))) > 1);
    assert_broken(world_wait(&world, begin_well(&world, RUN_STEP)), true,
                  "The plugin fickle describes itself otherwise than before");
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_CHECK))) > 1);
    world_close(&world);
}

static void a_plugin_that_does_not_load_again_is_not_used(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "once");
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_CHECK))) > 1);
    assert_broken(world_wait(&world, begin_well(&world, RUN_STEP)), true,
                  "The plugin once cannot be loaded any more");
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_CHECK))) > 1);
    world_close(&world);
}

/* It waited 500 ms behind the one that hangs, and has 400 ms of its own. */
static void a_check_behind_a_hang_begins_its_time_anew(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "hang");
    uint64_t bad = begin_bad(&world, RUN_CHECK, 500);
    struct run_call call = call_of(&world, RUN_CHECK, 400);
    uint64_t well = world_begin_call(&world, call, "{\"well\":true}");
    assert_broken(world_wait(&world, bad), true, "did not answer within 500 ms");
    assert_done(world_wait(&world, well));
    world_close(&world);
}

static void a_cancelled_call_that_hangs_is_killed_and_not_answered(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "hang");
    uint64_t bad = begin_bad(&world, RUN_CHECK, 200);
    uint64_t well = begin_well(&world, RUN_CHECK);
    steps_cancel(world.steps, bad);
    assert_done(world_wait(&world, well));
    assert_false(world.answers[bad].has_come);
    assert_int_equal(status_of(&world, "hang", "crashes"), 1);
    world_close(&world);
}

/* The second crash without a good answer between: 2 s of pause, the third: 4 s. */
static void a_plugin_that_crashes_again_and_again_pauses(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "crash");
    assert_broken(world_wait(&world, begin_bad(&world, RUN_CHECK, 0)), true, "crashed");
    assert_true(text_is(state_of(&world, "crash"), "ready"));
    uint64_t bad = begin_bad(&world, RUN_CHECK, 0), behind = begin_well(&world, RUN_CHECK);
    assert_broken(world_wait(&world, bad), true, "crashed");
    int64_t began_ms = world_now_ms(NULL);
    assert_broken(world_wait(&world, behind), true, "crashed");
    assert_broken(world_wait(&world, begin_well(&world, RUN_CHECK)), true, "crashed");
    assert_true(text_is(state_of(&world, "crash"), "waiting"));
    assert_int_equal(world.told[0], 1);

    /* Steps have hosts of their own, and the other plugin is another plugin. */
    assert_true(pid_of(world_wait(&world, begin_well(&world, RUN_STEP))) > 1);
    assert_done(world_ask(&world, RUN_CHECK, "probe", "echo", "{}"));

    world_wait_until_told(&world, 0, 2);
    int64_t pause_ms = world_now_ms(NULL) - began_ms;
    assert_in_range(pause_ms, 1900, 4000);
    assert_int_equal(world.whys[0].size, 0);
    assert_true(text_is(state_of(&world, "crash"), "ready"));
    assert_broken(world_wait(&world, begin_bad(&world, RUN_CHECK, 0)), true, "crashed");
    assert_true(text_is(state_of(&world, "crash"), "waiting"));
    world_close(&world);
}

static void a_good_answer_between_forgives_a_crash(void **state)
{
    struct world world;
    (void)state;
    open_with(&world, "crash");
    for (int i = 0; i < 4; i++) {
        assert_broken(world_wait(&world, begin_bad(&world, RUN_STEP, 0)), true, "crashed");
        assert_done(world_wait(&world, begin_well(&world, RUN_STEP)));
    }
    assert_int_equal(status_of(&world, "crash", "crashes"), 4);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_is_told),
        cmocka_unit_test(a_hang_is_killed),
        cmocka_unit_test(an_end_of_its_own_is_told),
        cmocka_unit_test(garbage_in_the_socket_is_told),
        cmocka_unit_test(what_is_smuggled_beside_a_frame_is_told),
        cmocka_unit_test(an_answer_without_end_is_cut),
        cmocka_unit_test(a_forged_frame_is_checked_all_the_same),
        cmocka_unit_test(a_closed_socket_is_told),
        cmocka_unit_test(a_socket_that_is_closed_over_unread_calls_is_told),
        cmocka_unit_test(a_flood_of_log_lines_is_cut),
        cmocka_unit_test(an_output_that_is_not_utf8_is_told),
        cmocka_unit_test(an_output_of_a_wrong_kind_is_told),
        cmocka_unit_test(an_undeclared_output_is_told),
        cmocka_unit_test(an_outcome_that_does_not_exist_is_told),
        cmocka_unit_test(an_answer_that_no_frame_holds_is_told),
        cmocka_unit_test(memory_without_end_ends_at_the_limit),
        cmocka_unit_test(log_lines_beyond_the_bound_are_left_out),
        cmocka_unit_test(an_answer_counts_even_if_its_host_is_gone),
        cmocka_unit_test(what_a_plugin_started_ends_with_its_host),
        cmocka_unit_test(checks_behind_one_that_crashes_are_asked_again),
        cmocka_unit_test(checks_asked_again_keep_their_order),
        cmocka_unit_test(a_host_that_somebody_kills_is_told),
        cmocka_unit_test(a_step_type_has_its_own_time),
        cmocka_unit_test(a_plugin_without_checks_has_no_host_for_them),
        cmocka_unit_test(a_plugin_that_describes_itself_otherwise_is_not_used),
        cmocka_unit_test(a_plugin_that_does_not_load_again_is_not_used),
        cmocka_unit_test(a_check_behind_a_hang_begins_its_time_anew),
        cmocka_unit_test(a_cancelled_call_that_hangs_is_killed_and_not_answered),
        cmocka_unit_test(a_plugin_that_crashes_again_and_again_pauses),
        cmocka_unit_test(a_good_answer_between_forgives_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
