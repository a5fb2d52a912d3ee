/* The plugin that was built for the first release of the ABI, in a real host; and the secrets that
 * a host is given when it is started. */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/sankofa-secrets-XXXXXX";

static const char *in_folder(struct world *world, const char *name)
{
    return text_printf(world->arena, "%s/%s", folder, name).bytes;
}

static const char *write_secret(struct world *world, const char *name, const char *bytes,
                                size_t size, mode_t mode)
{
    const char *path = in_folder(world, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

static struct steps_plugin *add_released(struct world *world)
{
    struct steps_plugin *plugin = world_add(world, "probe");
    struct image image;
    struct text why;
    plugin->name = "released_1";
    plugin->file = getenv("SANKOFA_RELEASED");
    assert_non_null(plugin->file);
    if (image_open(plugin->file, NULL, world->arena, &image, &why) != 0)
        fail_msg("%.*s", TEXT_ARG(why));
    plugin->sha256 = arena_copy(world->arena, image.sha256, IMAGE_HASH_HEX_BYTES);
    image_close(&image);
    return plugin;
}

static void give(struct world *world, struct steps_plugin *plugin, const char *file)
{
    struct steps_secret *secret = ARENA_NEW(world->arena, struct steps_secret);
    *secret = (struct steps_secret){.name = "token", .file = file};
    plugin->secrets = secret;
    plugin->secret_count = 1;
}

static const struct run_outcome *resume(struct world *world, const char *answer, int64_t attempt)
{
    struct run_call call = {.verb = RUN_RESUME,
                            .plugin = TEXT("released_1"),
                            .step = TEXT("ask"),
                            .attempt = attempt,
                            .park_count = 1,
                            .woken_by_time = answer == NULL,
                            .cookie = TEXT("636f6f6b6965")};
    if (answer != NULL)
        call.answer = world_json(world, answer);
    return world_wait(world, world_begin_call(world, call, "{}"));
}

static void a_plugin_of_the_first_release_loads_and_runs(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    give(&world, add_released(&world), write_secret(&world, "token", "hunter2\n", 8, 0600));
    world_start(&world);
    assert_int_equal(world.whys[0].size, 0);

    const char *inputs = "{\"text\":\"caf\\u00e9\",\"ratio\":2.5,\"holds\":true,"
                         "\"born\":\"2014-02-28\",\"texts\":[\"a\",\"\"],"
                         "\"at\":\"2026-02-28T10:00:00Z\",\"word\":\"no\"}";
    struct value expected = world_json(&world, inputs);
    const struct run_outcome *outcome = world_ask(&world, RUN_CHECK, "released_1", "echo", inputs);
    assert_done(outcome);
    assert_true(value_equal(&outcome->outputs, &expected));
    outcome = world_ask(&world, RUN_CHECK, "released_1", "judge", "{\"count\":4}");
    assert_int_equal(outcome->kind, RUN_REFUSED);
    assert_done(world_ask(&world, RUN_CHECK, "released_1", "judge", "{\"count\":3}"));

    outcome = world_ask(&world, RUN_STEP, "released_1", "ask", "{}");
    assert_int_equal(outcome->kind, RUN_PARKED);
    assert_true(outcome->wakes_on_answer);
    assert_true(outcome->wakes_on_time);
    assert_int_equal(outcome->until_ms, 2000);
    assert_true(text_is(outcome->cookie, "636f6f6b6965"));
    outcome = resume(&world, "{\"granted\":true}", 2);
    assert_done(outcome);
    assert_int_equal(value_int_at(&outcome->outputs, "attempt", 0), 2);
    assert_int_equal(value_int_at(&outcome->outputs, "parks", 0), 1);
    assert_int_equal(value_int_at(&outcome->outputs, "secret_bytes", 0), 7);
    assert_true(text_is(value_text_at(&outcome->outputs, "born"), "1970-01-01"));
    outcome = resume(&world, "{\"granted\":false}", 1);
    assert_int_equal(outcome->kind, RUN_FAILED);
    assert_false(outcome->retry);
    outcome = resume(&world, NULL, 1);
    assert_int_equal(outcome->kind, RUN_FAILED);
    assert_true(outcome->retry);
    struct run_call dropped = {.verb = RUN_DROP,
                               .plugin = TEXT("released_1"),
                               .step = TEXT("ask"),
                               .cookie = TEXT("636f6f6b6965")};
    outcome = world_wait(&world, world_begin_call(&world, dropped, "{}"));
    assert_int_equal(outcome->kind, RUN_DROPPED);
    world_close(&world);
}

/* A host is not started without what the administrator has promised it, and nothing of the file is
 * in the words about it. */
static void refuses(const char *bytes, size_t size, mode_t mode, const char *words)
{
    struct world world;
    world_open(&world);
    give(&world, add_released(&world),
         bytes == NULL ? in_folder(&world, "nowhere")
                       : write_secret(&world, "token", bytes, size, mode));
    world_start(&world);
    assert_says(world.whys[0], words);
    assert_null(memmem(world.whys[0].bytes, world.whys[0].size, "hunter2", 7));
    assert_broken(world_ask(&world, RUN_STEP, "released_1", "ask", "{}"), true, words);
    world_close(&world);
}

static void a_host_is_not_started_without_its_secrets(void **state)
{
    static char large[32001];
    (void)state;
    memset(large, 'x', sizeof large);
    refuses(NULL, 0, 0, "the file of its secret token cannot be opened: No such file");
    refuses("hunter2", 7, 0644, "can be read or written by others; chmod 0600 ends that");
    refuses("hunter2", 7, 0620, "can be read or written by others");
    refuses("", 0, 0600, "the file of its secret token is empty");
    refuses("\n", 1, 0600, "its secret token is empty, or all of them are larger");
    refuses(large, sizeof large, 0600, "larger than 32000 bytes");
}

static void a_folder_is_no_secret(void **state)
{
    struct world world;
    (void)state;
    world_open(&world);
    give(&world, add_released(&world), folder);
    world_start(&world);
    assert_says(world.whys[0], "the file of its secret token is no regular file");
    world_close(&world);
}

/* Through the socket, before anybody reads from it. */
static void the_largest_secret_arrives_whole(void **state)
{
    static char large[32000];
    struct world world;
    (void)state;
    memset(large, 'x', sizeof large);
    world_open(&world);
    give(&world, add_released(&world), write_secret(&world, "token", large, sizeof large, 0600));
    world_start(&world);
    const struct run_outcome *outcome = resume(&world, "{\"granted\":true}", 1);
    assert_done(outcome);
    assert_int_equal(value_int_at(&outcome->outputs, "secret_bytes", 0), 32000);
    world_close(&world);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/token", folder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_of_the_first_release_loads_and_runs),
        cmocka_unit_test(a_host_is_not_started_without_its_secrets),
        cmocka_unit_test(a_folder_is_no_secret),
        cmocka_unit_test(the_largest_secret_arrives_whole),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
