/* Plugins that do not load: described with one sentence naming what is wrong, and never asked. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_unusable(struct world *world, bool retry, const char *words)
{
    const char *name = world->plugins[0].name;
    struct plugin_source source = steps_source(world->steps);
    struct text why;
    assert_int_equal(world->told[0], 1);
    assert_says(world->whys[0], words);
    assert_null(source.find(source.self, text_from(name), &why));
    assert_says(why, words);
    assert_true(text_is(state_of(world, name), retry ? "waiting" : "failed"));
    assert_broken(world_ask(world, RUN_CHECK, name, "work", "{}"), retry, words);
    /* A step waits until somebody has seen to its plugin. */
    assert_broken(world_ask(world, RUN_STEP, name, "job", "{}"), true, words);
    assert_done(world_ask(world, RUN_CHECK, "probe", "echo", "{}"));
}

static void fails_to_load(const char *name, const char *words)
{
    struct world world;
    world_open(&world);
    world_add(&world, name);
    world_add(&world, "probe");
    world_start(&world);
    assert_unusable(&world, false, words);
    assert_int_equal(status_of(&world, world.plugins[0].name, "hosts"), 0);
    world_close(&world);
}

static void a_step_type_without_run_is_refused(void **state)
{
    (void)state;
    fails_to_load("null-run", "The step type job has no run function.");
}

static void two_step_types_of_one_name_are_refused(void **state)
{
    (void)state;
    fails_to_load("duplicate", "The plugin has two step types of the name work.");
}

static void another_abi_is_refused(void **state)
{
    (void)state;
    fails_to_load("wrong-abi", "The plugin is built for the ABI 99; this host has the ABI 1.");
}

static void a_file_that_exports_no_table_is_refused(void **state)
{
    (void)state;
    fails_to_load("empty", "The file exports no function sankofa_plugin.");
}

static void a_plugin_of_another_name_is_refused(void **state)
{
    (void)state;
    fails_to_load("alias", "The plugin that is configured as alias calls itself somebody_else.");
}

/* It is tried again later: what makes a process crash may pass. */
static void a_crash_while_loading_is_told_and_tried_again(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "crash-at-load");
    world_add(&world, "probe");
    world_start(&world);
    while (!text_is(state_of(&world, "crash_at_load"), "waiting"))
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_unusable(&world, true, "crashed (signal 11, Segmentation fault) while it was loaded.");
    assert_int_equal(status_of(&world, "crash_at_load", "crashes"), 2);
    world_close(&world);
}

/* It is the host that describes a plugin; a plugin that does so itself is not believed either. */
static void what_is_no_description_is_told_and_tried_again(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "stranger");
    world_add(&world, "probe");
    world_start(&world);
    while (!text_is(state_of(&world, "stranger"), "waiting"))
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_unusable(&world, true, "The plugin stranger describes itself wrongly (The description");
    world_close(&world);
}

static void the_words_of_a_plugin_that_does_not_load_stay_one_line(void **state)
{
    (void)state;
    fails_to_load("turncoat", "two?lines and ?quotes?");
}

/* Nothing can be opened for a while: calls are turned away, and it passes. */
static void a_daemon_out_of_descriptors_says_so_and_goes_on(void **state)
{
    struct world world;
    struct rlimit before, now;
    (void)state;
    world_open(&world);
    world_add(&world, "probe");
    world_start(&world);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    now.rlim_cur = 5;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
    assert_done(world_ask(&world, RUN_CHECK, "probe", "echo", "{}"));
    const struct run_outcome *outcome = world_ask(&world, RUN_STEP, "probe", "done", "{}");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_broken(outcome, true, "cannot be started: Too many open files");
    while (!text_is(state_of(&world, "probe"), "ready"))
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_done(world_ask(&world, RUN_STEP, "probe", "done", "{}"));
    world_close(&world);
}

/* `late` fails, and loads at the second try, long before `sluggish` is loaded at all; the fixture
 * looks at the order. */
static void each_plugin_is_told_of_once_before_any_is_again(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "late");
    world_add(&world, "sluggish");
    world_start(&world);
    world_wait_until_told(&world, 0, 2);
    assert_int_equal(world.whys[0].size, 0);
    assert_int_equal(world.told[1], 1);
    world_close(&world);
}

static void a_plugin_that_hangs_while_it_is_loaded_is_told_within_10_s(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "hang-at-load");
    world_start(&world);
    assert_says(world.whys[0], "The plugin hang_at_load did not describe itself within 9000 ms.");
    world_close(&world);
}

static void calls_of_a_plugin_that_is_being_loaded_wait_for_it(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "probe");
    world_begin_start(&world);
    struct plugin_source source = steps_source(world.steps);
    struct text why;
    assert_null(source.find(source.self, TEXT("probe"), &why));
    assert_says(why, "still being loaded");
    assert_true(text_is(state_of(&world, "probe"), "starting"));
    uint64_t check = world_begin(&world, RUN_CHECK, "probe", "echo", "{}");
    uint64_t step = world_begin(&world, RUN_STEP, "probe", "done", "{}");
    uint64_t unknown = world_begin(&world, RUN_STEP, "probe", "nothing", "{}");
    assert_done(world_wait(&world, check));
    assert_done(world_wait(&world, step));
    assert_broken(world_wait(&world, unknown), false, "no step type of that name");
    world_close(&world);
}

static void calls_of_a_plugin_that_then_does_not_load_are_broken(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "empty");
    world_begin_start(&world);
    uint64_t check = world_begin(&world, RUN_CHECK, "empty", "work", "{}");
    uint64_t step = world_begin(&world, RUN_STEP, "empty", "job", "{}");
    assert_broken(world_wait(&world, check), false, "exports no function");
    assert_broken(world_wait(&world, step), true, "exports no function");
    world_close(&world);
}

static void a_host_program_that_is_not_there_is_told(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "probe");
    world.host_program = "/nowhere/sankofa-host";
    world_start(&world);
    assert_says(world.whys[0], "/nowhere/sankofa-host cannot be started: No such file");
    assert_broken(world_ask(&world, RUN_CHECK, "probe", "echo", "{}"), true, "cannot be started");
    world_close(&world);
}

/* A program that is no host: it says nothing in due form, and is no danger. */
static void a_program_that_is_no_host_is_told(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "probe");
    world.host_program = "/bin/true";
    world_start(&world);
    assert_says(world.whys[0], "ended by itself (status 0) while it was loaded.");
    world_close(&world);
}

static void another_hash_is_never_loaded(void **state)
{
    struct world world;
    char other[65];
    (void)state;
    world_open(&world);
    struct steps_plugin *plugin = world_add(&world, "crash");
    world_add(&world, "probe");
    memset(other, 'a', 64);
    other[64] = '\0';
    plugin->sha256 = other;
    world_start(&world);
    assert_unusable(&world, false, "is not the file that is configured: its SHA-256 is ");
    assert_int_equal(status_of(&world, "crash", "crashes"), 0);
    world_close(&world);
}

static void a_file_that_is_not_there_is_told(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "crash")->file = "/nowhere/crash.so";
    world_add(&world, "probe");
    world_start(&world);
    assert_unusable(&world, false, "/nowhere/crash.so cannot be found");
    world_close(&world);
}

static void too_many_hosts_are_refused(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "crash")->hosts = STEPS_HOSTS_MAX + 1;
    world_add(&world, "probe");
    world_start(&world);
    assert_unusable(&world, false, "more than 64 hosts");
    world_close(&world);
}

/* The file may be replaced while the daemon runs; what was hashed is what is loaded. */
static void a_file_that_is_replaced_later_is_not_looked_at(void **state)
{
    struct world world;
    char path[] = "/tmp/sankofa-test-XXXXXX";
    (void)state;
    world_open(&world);
    struct steps_plugin *plugin = world_add(&world, "probe");
    int file = mkstemp(path), original = open(plugin->file, O_RDONLY);
    char bytes[4096];
    for (ssize_t size; (size = read(original, bytes, sizeof bytes)) > 0;)
        assert_int_equal(write(file, bytes, (size_t)size), size);
    close(original);
    close(file);
    plugin->file = path;
    world_start(&world);
    assert_int_equal(world.whys[0].size, 0);
    assert_int_equal(truncate(path, 0), 0);
    assert_done(world_ask(&world, RUN_STEP, "probe", "done", "{}")); /* a new host */
    world_close(&world);
    unlink(path);
}

static void closing_while_plugins_are_loaded_leaves_nothing(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    world_add(&world, "probe");
    world_add(&world, "crash-at-load");
    world_begin_start(&world);
    world_begin(&world, RUN_CHECK, "probe", "echo", "{}");
    world_close(&world);
    steps_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_type_without_run_is_refused),
        cmocka_unit_test(two_step_types_of_one_name_are_refused),
        cmocka_unit_test(another_abi_is_refused),
        cmocka_unit_test(a_file_that_exports_no_table_is_refused),
        cmocka_unit_test(a_plugin_of_another_name_is_refused),
        cmocka_unit_test(a_crash_while_loading_is_told_and_tried_again),
        cmocka_unit_test(what_is_no_description_is_told_and_tried_again),
        cmocka_unit_test(the_words_of_a_plugin_that_does_not_load_stay_one_line),
        cmocka_unit_test(a_daemon_out_of_descriptors_says_so_and_goes_on),
        cmocka_unit_test(each_plugin_is_told_of_once_before_any_is_again),
        cmocka_unit_test(a_plugin_that_hangs_while_it_is_loaded_is_told_within_10_s),
        cmocka_unit_test(calls_of_a_plugin_that_is_being_loaded_wait_for_it),
        cmocka_unit_test(calls_of_a_plugin_that_then_does_not_load_are_broken),
        cmocka_unit_test(a_host_program_that_is_not_there_is_told),
        cmocka_unit_test(a_program_that_is_no_host_is_told),
        cmocka_unit_test(another_hash_is_never_loaded),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
        cmocka_unit_test(too_many_hosts_are_refused),
        cmocka_unit_test(a_file_that_is_replaced_later_is_not_looked_at),
        cmocka_unit_test(closing_while_plugins_are_loaded_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
