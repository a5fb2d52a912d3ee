/* Real hosts with the plugins of tests/system/bad-plugins, in a loop of their own. What comes back
 * is kept by the number of its call. */
#ifndef TESTS_STEPS_FIXTURE_H
#define TESTS_STEPS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <uv.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "steps/image.h"
#include "steps/steps.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { WORLD_CALLS_MAX = 512, WORLD_PLUGINS_MAX = 4, PATIENCE_MS = 30000 };

struct answer {
    bool has_come;
    unsigned order; /* among all answers, from 1 */
    struct run_outcome outcome;
};

struct world {
    uv_loop_t loop;
    uv_timer_t patience;
    struct arena *arena;
    struct steps *steps;
    struct steps_plugin plugins[WORLD_PLUGINS_MAX];
    size_t plugin_count;
    const char *host_program;
    struct answer answers[WORLD_CALLS_MAX];
    uint64_t call_number;
    unsigned answer_count, described_count;
    bool is_beginning, is_closed;
    struct text whys[WORLD_PLUGINS_MAX]; /* of the last `described`, by plugin */
    unsigned told[WORLD_PLUGINS_MAX];
    size_t descriptor_count; /* before it was opened */
};

static inline int64_t world_now_ms(void *self)
{
    struct timespec now;
    (void)self;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void world_answered(void *self, uint64_t call, const struct run_outcome *outcome)
{
    struct world *world = self;
    struct answer *answer = &world->answers[call];
    assert_false(world->is_beginning);
    assert_false(answer->has_come);
    answer->has_come = true;
    answer->order = ++world->answer_count;
    answer->outcome = *outcome;
    answer->outcome.outputs = value_copy(world->arena, &outcome->outputs);
    answer->outcome.reasons = value_copy(world->arena, &outcome->reasons);
    answer->outcome.message = text_copy(world->arena, outcome->message);
    answer->outcome.cookie = text_copy(world->arena, outcome->cookie);
    uv_stop(&world->loop);
}

static inline size_t world_plugin(const struct world *world, struct text name)
{
    for (size_t i = 0; i < world->plugin_count; i++) {
        if (text_is(name, world->plugins[i].name))
            return i;
    }
    fail_msg("no plugin %.*s", TEXT_ARG(name));
    return 0;
}

static inline void world_described(void *self, struct text plugin, struct text why)
{
    struct world *world = self;
    size_t index = world_plugin(world, plugin);
    for (size_t i = 0; i < world->plugin_count; i++)
        assert_true(world->told[index] == 0 ||
                    world->told[i] > 0); /* so that they can be counted */
    world->whys[index] = text_copy(world->arena, why);
    world->told[index]++;
    world->described_count++;
    uv_stop(&world->loop);
}

static inline void world_closed(void *self)
{
    struct world *world = self;
    world->is_closed = true;
    uv_stop(&world->loop);
}

static inline void world_impatient(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened for %d ms", PATIENCE_MS);
}

static inline const char *world_file(struct world *world, const char *name)
{
    const char *folder = getenv("SANKOFA_BAD_PLUGINS");
    assert_non_null(folder);
    return text_printf(world->arena, "%s/%s.so", folder, name).bytes;
}

/* Adds NAME.so, under the name that it gives itself: with _ for -. Before world_start. */
static inline struct steps_plugin *world_add(struct world *world, const char *name)
{
    struct steps_plugin *plugin = &world->plugins[world->plugin_count++];
    char *id = arena_copy(world->arena, name, strlen(name));
    struct image image;
    struct text why;
    for (char *at = id; *at != '\0'; at++)
        *at = *at == '-' ? '_' : *at;
    *plugin = (struct steps_plugin){.name = id, .file = world_file(world, name)};
    if (image_open(plugin->file, NULL, world->arena, &image, &why) != 0)
        fail_msg("%.*s", TEXT_ARG(why));
    plugin->sha256 = arena_copy(world->arena, image.sha256, IMAGE_HASH_HEX_BYTES);
    image_close(&image);
    return plugin;
}

static inline void world_run_until(struct world *world, const bool *is_so)
{
    uv_timer_start(&world->patience, world_impatient, PATIENCE_MS, 0);
    while (!*is_so)
        uv_run(&world->loop, UV_RUN_DEFAULT);
    uv_timer_stop(&world->patience);
}

static inline void world_wait_until_told(struct world *world, size_t plugin, unsigned count)
{
    uv_timer_start(&world->patience, world_impatient, PATIENCE_MS, 0);
    while (world->told[plugin] < count)
        uv_run(&world->loop, UV_RUN_DEFAULT);
    uv_timer_stop(&world->patience);
}

static inline void world_log(void *self, enum log_level level, const char *line)
{
    (void)self;
    (void)level;
    /* What a plugin says stays one line in quotes. */
    assert_null(strchr(line, '\n'));
}

static inline size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

static inline void world_open(struct world *world)
{
    uv_loop_t first; /* libuv keeps two descriptors for good */
    assert_int_equal(uv_loop_init(&first), 0);
    assert_int_equal(uv_loop_close(&first), 0);
    *world = (struct world){.host_program = getenv("SANKOFA_HOST"),
                            .descriptor_count = open_descriptors()};
    log_set_level(LOG_DEBUG);
    log_set_sink(world_log, NULL);
    world->arena = arena_create("world");
    assert_int_equal(uv_loop_init(&world->loop), 0);
    uv_timer_init(&world->loop, &world->patience);
    assert_non_null(world->host_program);
}

static inline void world_begin_start(struct world *world)
{
    struct steps_options options = {.loop = &world->loop,
                                    .host_program = world->host_program,
                                    .plugins = world->plugins,
                                    .plugin_count = world->plugin_count,
                                    .memory_bytes = SANITIZED ? UINT64_MAX : 0,
                                    .clock = {NULL, world_now_ms, world_now_ms},
                                    .self = world,
                                    .answered = world_answered,
                                    .described = world_described};
    world->steps = steps_create(&options);
    steps_start(world->steps);
    assert_int_equal(world->described_count, 0);
}

/* Starts, and waits until each plugin was described, or could not be. */
static inline void world_start(struct world *world)
{
    world_begin_start(world);
    uv_timer_start(&world->patience, world_impatient, 10000, 0);
    while (world->described_count < world->plugin_count)
        uv_run(&world->loop, UV_RUN_DEFAULT);
    uv_timer_stop(&world->patience);
}

static inline void world_close(struct world *world)
{
    unsigned answer_count = world->answer_count;
    steps_close(world->steps, world_closed, world);
    world_run_until(world, &world->is_closed);
    assert_int_equal(world->answer_count, answer_count);
    steps_destroy(world->steps);
    uv_close((uv_handle_t *)&world->patience, NULL);
    uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    assert_int_equal(open_descriptors(), world->descriptor_count);
    /* No host is left, not even one that is not reaped. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    arena_destroy(world->arena);
}

static inline struct value world_json(struct world *world, const char *json)
{
    struct value value;
    assert_int_equal(json_read(world->arena, text_from(json), &value, NULL), 0);
    return value;
}

/* Begins a call whose key is its number. `inputs` is JSON. */
static inline uint64_t world_begin_call(struct world *world, struct run_call call,
                                        const char *inputs)
{
    call.number = ++world->call_number;
    assert_true(call.number < WORLD_CALLS_MAX);
    call.inputs = world_json(world, inputs);
    call.key = text_printf(world->arena, "%llu", (unsigned long long)call.number);
    call.now_ms = 1000;
    world->is_beginning = true;
    steps_begin(world->steps, &call);
    world->is_beginning = false;
    return call.number;
}

static inline uint64_t world_begin(struct world *world, enum run_verb verb, const char *plugin,
                                   const char *step, const char *inputs)
{
    struct run_call call = {
        .verb = verb, .plugin = text_from(plugin), .step = text_from(step), .timeout_ms = 0};
    return world_begin_call(world, call, inputs);
}

static inline const struct run_outcome *world_wait(struct world *world, uint64_t call)
{
    world_run_until(world, &world->answers[call].has_come);
    return &world->answers[call].outcome;
}

static inline const struct run_outcome *world_ask(struct world *world, enum run_verb verb,
                                                  const char *plugin, const char *step,
                                                  const char *inputs)
{
    return world_wait(world, world_begin(world, verb, plugin, step, inputs));
}

static inline void assert_says(struct text text, const char *words)
{
    if (memmem(text.bytes, text.size, words, strlen(words)) == NULL)
        fail_msg("\"%.*s\" does not say \"%s\"", TEXT_ARG(text), words);
}

static inline void assert_broken(const struct run_outcome *outcome, bool retry, const char *words)
{
    if (outcome->kind != RUN_BROKEN)
        fail_msg("an outcome %d %.*s", (int)outcome->kind, TEXT_ARG(outcome->message));
    assert_says(outcome->message, words);
    assert_int_equal(outcome->retry, retry);
}

static inline void assert_done(const struct run_outcome *outcome)
{
    if (outcome->kind != RUN_DONE)
        fail_msg("an outcome %d: %.*s", (int)outcome->kind, TEXT_ARG(outcome->message));
}

static inline int64_t status_of(struct world *world, const char *plugin, const char *member)
{
    struct value status = steps_status(world->steps, world->arena);
    const struct value *item = value_item(&status, world_plugin(world, text_from(plugin)));
    return value_int_at(item, member, -1);
}

static inline struct text state_of(struct world *world, const char *plugin)
{
    struct value status = steps_status(world->steps, world->arena);
    return value_text_at(value_item(&status, world_plugin(world, text_from(plugin))), "state");
}

#endif
