/* A wheel over a real store in a temporary folder, with a clock, a writer and hosts that do what
 * the test says, when it says so. */
#ifndef TESTS_UNIT_RUN_WORLD_H
#define TESTS_UNIT_RUN_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "run/long/operations.h"
#include "run/wheel.h"

enum { WORLD_CALLS_MAX = 512, WORLD_REPLIES_MAX = 64, DAY_MS = 86400000 };

struct world_reply {
    bool has_come;
    int status;
    enum problem_code problem;
    bool is_repeat;
    uint64_t revision;
    struct value body;
    struct text detail;
};

struct world {
    char folder[64];
    char path[96];
    struct arena *arena;
    struct store *store;
    struct wheel *wheel;
    int64_t now_ms, steady_ms;
    uint8_t chance;
    const struct store_batch *batch; /* what the writer holds */
    unsigned commit_count;
    size_t largest_batch;
    struct run_call calls[WORLD_CALLS_MAX]; /* begun, in order; texts in the arena */
    size_t call_count, cancel_count;
    struct operation *operation; /* what the worker's thread holds */
    int64_t alarm_ms;
    struct plugin_description probe;
    bool is_without_plugin;
    size_t cases_max;
    uint64_t map_bytes;
    const char *gone; /* an account that the people table lacks since the wheel was created */
    struct world_reply replies[WORLD_REPLIES_MAX];
};

static const char world_yaml[] =
    "workflow: sketch\n"
    "title: Sketch\n"
    "country: SN\n"
    "roles: {worker: {title: Worker}, boss: {title: Boss}}\n"
    "fields:\n"
    "  note: {type: text}\n"
    "  count: {type: integer, initial: 0}\n"
    "  risk: {type: integer}\n"
    "states:\n"
    "  begun:\n"
    "    deadline: {within: 3d}\n"
    "    after: {late: {delay: 10d, target: overdue}}\n"
    "    on:\n"
    "      write: {by: [worker], form: {note: required}, do: [{set: {count: = data.count + 1}}]}\n"
    "      score:\n"
    "        by: [worker]\n"
    "        check: {risk: {use: probe/check, with: {x: = data.count}, into: {risk: y}}}\n"
    "        target: scored\n"
    "      work: {by: [worker], target: working}\n"
    "      end: {by: [boss], target: ended}\n"
    "      try: {by: [worker], do: [{send: {event: nudge, delay: 2d}}], target: trying}\n"
    "  trying:\n"
    "    steps: {hard: {use: probe/job, with: {x: 3}, retry: {attempts: 2, wait: 1h},\n"
    "                   done: {target: scored}, failed: {target: overdue}}}\n"
    "    on: {nudge: {do: [{set: {count: 7}}]}}\n"
    "  scored: {on: {end: {by: [boss], target: ended}}}\n"
    "  overdue: {on: {end: {by: [boss], target: ended}}}\n"
    "  working:\n"
    "    steps: {job: {use: probe/job, with: {x: 3}, done: {target: scored},\n"
    "                  failed: {target: overdue}}}\n"
    "    on: {leave: {by: [worker], target: begun}}\n"
    "  ended: {type: final}\n";

/* ---- The ports. ---- */

static int64_t world_wall(void *self)
{
    return ((struct world *)self)->now_ms;
}

static int64_t world_steady(void *self)
{
    return ((struct world *)self)->steady_ms;
}

static void world_fill(void *self, void *bytes, size_t size)
{
    struct world *world = self;

    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(++world->chance * 37 + i * 11);
    (void)getentropy(bytes, size < 256 ? size : 256); /* ids must differ across restarts */
}

static void world_write(void *self, const struct store_batch *batch)
{
    struct world *world = self;

    assert_null(world->batch);
    world->batch = batch;
    if (batch->entry_count > world->largest_batch)
        world->largest_batch = batch->entry_count;
}

static void world_begin(void *self, const struct run_call *call)
{
    struct world *world = self;
    struct run_call *copy = &world->calls[world->call_count++];

    assert_true(world->call_count < WORLD_CALLS_MAX);
    *copy = *call;
    copy->plugin = text_copy(world->arena, call->plugin);
    copy->step = text_copy(world->arena, call->step);
    copy->key = text_copy(world->arena, call->key);
    copy->inputs = value_copy(world->arena, &call->inputs);
}

static void world_cancel(void *self, uint64_t number)
{
    (void)number;
    ((struct world *)self)->cancel_count++;
}

static void world_carry_out(void *self, struct operation *operation)
{
    struct world *world = self;

    assert_null(world->operation);
    world->operation = operation;
}

static void world_arm(void *self, int64_t wall_ms)
{
    ((struct world *)self)->alarm_ms = wall_ms;
}

static const struct plugin_description *world_find(void *self, struct text name,
                                                   struct text *why_out)
{
    struct world *world = self;

    if (text_is(name, "probe") && !world->is_without_plugin)
        return &world->probe;
    *why_out = TEXT("no plugin of this name is configured");
    return NULL;
}

static void world_describe(struct world *world)
{
    static struct plugin_field x, y;
    static struct plugin_step_type types[2];

    x = (struct plugin_field){.name = TEXT("x"), .kind = PLUGIN_INTEGER, .required = true};
    y = (struct plugin_field){.name = TEXT("y"), .kind = PLUGIN_INTEGER};
    for (size_t i = 0; i < 2; i++)
        types[i] = (struct plugin_step_type){.name = i == 0 ? TEXT("check") : TEXT("job"),
                                             .is_check = i == 0,
                                             .is_idempotent = true,
                                             .timeout_ms = 1000,
                                             .inputs = {&x, 1},
                                             .outputs = {&y, 1}};
    world->probe = (struct plugin_description){
        .name = TEXT("probe"), .version = TEXT("1"), .step_types = types, .step_type_count = 2};
}

/* ---- Life. ---- */

static const struct zone *world_zone(void *self, struct text name)
{
    (void)self;
    (void)name;
    return NULL;
}

static const struct text world_worker_roles[] = {{"worker", 6}};
static const struct text world_boss_roles[] = {{"boss", 4}};
static const struct text world_admin_roles[] = {{"administrator", 13}};
static const struct case_person world_awa = {
    .id = {"awa", 3}, .person = {"awa", 3}, .roles = world_worker_roles, .role_count = 1};
static const struct case_person world_moussa = {
    .id = {"moussa", 6}, .person = {"moussa", 6}, .roles = world_worker_roles, .role_count = 1};
static const struct case_person world_binta = {
    .id = {"binta", 5}, .person = {"binta", 5}, .roles = world_boss_roles, .role_count = 1};
static const struct case_person world_dibor = {
    .id = {"dibor", 5}, .person = {"dibor", 5}, .roles = world_admin_roles, .role_count = 1};

/* Those above, but for whoever has left. */
static bool world_find_person(void *self, struct text id, struct arena *arena,
                              struct case_person *person_out)
{
    static const struct case_person *const all[] = {&world_awa, &world_moussa, &world_binta,
                                                    &world_dibor};
    struct world *world = self;

    (void)arena;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (text_equal(all[i]->id, id) && !(world->gone && text_is(id, world->gone))) {
            *person_out = *all[i];
            return true;
        }
    return false;
}

/* Opens store and wheel; what the wheel's start returns. */
static int world_try(struct world *world, struct diag_list *diags)
{
    struct store_options store = {.path = world->path,
                                  .opener = {.secret = TEXT("0123456789abcdef0123456789abcdef")},
                                  .map_bytes = world->map_bytes,
                                  .random = {world, world_fill}};
    struct wheel_options options = {
        .ports = {.clock = {world, world_wall, world_steady},
                  .random = {world, world_fill},
                  .writer = {world, world_write},
                  .hosts = {world, world_begin, world_cancel},
                  .workers = {world, world_carry_out},
                  .alarm = {world, world_arm},
                  .people = {world, world_find_person}},
        .plugins = {world, world_find},
        .zones = {world, world_zone},
        .cases_max = world->cases_max,
    };

    diag_list_init(diags, world->arena);
    assert_int_equal(store_open(&store, diags, &world->store), 0);
    options.store = world->store;
    return wheel_create(&options, diags, &world->wheel);
}

static void world_open(struct world *world)
{
    struct diag_list diags;

    assert_int_equal(world_try(world, &diags), 0);
}

static void world_close(struct world *world)
{
    wheel_destroy(world->wheel);
    store_close(world->store);
    world->wheel = NULL;
    world->batch = NULL;
}

/* As after kill -9: what the writer had not committed is gone. */
static inline void world_crash(struct world *world)
{
    world_close(world);
    world_open(world);
}

static void world_commit(struct world *world)
{
    assert_non_null(world->batch);
    const struct store_batch *batch = world->batch;
    assert_int_equal(store_commit(world->store, batch), 0);
    world->batch = NULL;
    world->commit_count++;
    wheel_committed(world->wheel);
}

/* What the worker's thread does, to its end. */
static inline void world_work(struct world *world)
{
    struct operation *operation = world->operation;

    assert_non_null(operation);
    world->operation = NULL;
    operation_run(operation);
    wheel_operation_ended(world->wheel, operation);
}

/* Turns and commits until nothing is left to do. */
static void world_settle(struct world *world)
{
    for (int i = 0; i < 100; i++) {
        wheel_turn(world->wheel);
        if (!world->batch)
            return;
        world_commit(world);
    }
    fail_msg("the wheel does not come to rest");
}

static inline int world_setup_as(void **state, bool is_demo)
{
    struct world *world = calloc(1, sizeof(*world));
    struct diag_list diags;

    log_set_level(LOG_ERROR);
    world->arena = arena_create("world");
    world->now_ms = (int64_t)1767254400000; /* 2026-01-01T08:00:00Z */
    world->alarm_ms = INT64_MAX;
    world->map_bytes = 64 << 20;
    strcpy(world->folder, "/tmp/sankofa-run-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->path, sizeof(world->path), "%s/store", world->folder);
    world_describe(world);
    struct store_options store = {.path = world->path,
                                  .opener = {.secret = TEXT("0123456789abcdef0123456789abcdef")},
                                  .map_bytes = world->map_bytes,
                                  .demo = is_demo,
                                  .random = {world, world_fill}};
    diag_list_init(&diags, world->arena);
    assert_int_equal(store_create(&store, &diags), 0);
    world_open(world);
    *state = world;
    return 0;
}

static inline int world_setup(void **state)
{
    return world_setup_as(state, false);
}

static inline int world_setup_demo(void **state)
{
    return world_setup_as(state, true);
}

/* Of a test that damages a store. */
static inline int world_setup_quiet(void **state)
{
    int result = world_setup(state);

    log_set_level(LOG_ERROR + 1); /* the damage is told in the log: not here */
    return result;
}

static inline int world_teardown(void **state)
{
    struct world *world = *state;
    char command[128];

    world_close(world);
    snprintf(command, sizeof(command), "rm -r '%s'", world->folder);
    assert_int_equal(system(command), 0);
    arena_destroy(world->arena);
    free(world);
    return 0;
}

/* ---- Asking. ---- */

struct world_slot {
    struct world *world;
    struct world_reply *reply;
};

static void world_replied(void *self, const struct run_reply *reply)
{
    struct world_slot *slot = self;
    struct world_reply *own = slot->reply;

    assert_false(own->has_come);
    own->has_come = true;
    own->status = reply->status;
    own->is_repeat = reply->is_repeat;
    own->revision = reply->revision;
    own->problem = reply->problem ? reply->problem->code : PROBLEM_NONE;
    if (reply->problem)
        own->detail = text_copy(slot->world->arena, reply->problem->detail);
    else
        own->body = value_copy(slot->world->arena, &reply->body);
}

/* Posts it; the reply comes into the slot of that number. */
static struct world_reply *world_post(struct world *world, unsigned number,
                                      struct run_request request)
{
    struct world_slot *slot = ARENA_NEW(world->arena, struct world_slot);

    slot->world = world;
    slot->reply = &world->replies[number];
    *slot->reply = (struct world_reply){0};
    request.reply = world_replied;
    request.self = slot;
    wheel_post(world->wheel, &request);
    return slot->reply;
}

/* Posts it and lets the wheel come to rest. */
static struct world_reply *world_ask(struct world *world, struct run_request request)
{
    struct world_reply *reply = world_post(world, WORLD_REPLIES_MAX - 1, request);

    world_settle(world);
    return reply;
}

static inline void world_load(struct world *world)
{
    struct world_reply *reply = world_ask(world, (struct run_request){.kind = RUN_LOAD_WORKFLOW,
                                                                      .person = &world_dibor,
                                                                      .source = TEXT(world_yaml),
                                                                      .file = TEXT("a.yaml")});

    assert_int_equal(reply->status, 201);
}

static struct run_request world_opening(struct world *world, struct text key)
{
    return (struct run_request){.kind = RUN_OPEN_CASE,
                                .person = &world_awa,
                                .name = TEXT("sketch"),
                                .data = value_map(world->arena),
                                .key = key,
                                .request = TEXT("aa")};
}

static inline struct text world_new_case(struct world *world)
{
    struct world_reply *reply = world_ask(world, world_opening(world, TEXT_NONE));

    assert_int_equal(reply->status, 201);
    return value_text_at(&reply->body, "code");
}

static inline struct run_request world_event(struct world *world, struct text code,
                                             const char *event)
{
    struct value data = value_map(world->arena);

    if (strcmp(event, "write") == 0)
        value_put(&data, "note", value_cstring("something"));
    return (struct run_request){.kind = RUN_TRANSITION,
                                .person = strcmp(event, "end") == 0 ? &world_binta : &world_awa,
                                .case_name = code,
                                .name = text_from(event),
                                .data = data,
                                .request = TEXT("bb")};
}

static struct value world_show(struct world *world, struct text code)
{
    struct world_reply *reply = world_ask(
        world, (struct run_request){.kind = RUN_SHOW, .person = &world_awa, .case_name = code});

    assert_int_equal(reply->status, 200);
    return reply->body;
}

static inline bool world_is_in(struct world *world, struct text code, const char *state)
{
    struct value body = world_show(world, code);
    const struct value *states = value_at(&body, "states");

    for (size_t i = 0; i < value_count(states); i++)
        if (text_is(value_text_at(value_item(states, i), "id"), state))
            return true;
    return false;
}

/* Answers the call begun last. */
static inline void world_answer(struct world *world, enum run_outcome_kind kind)
{
    struct run_outcome outcome = {.kind = kind, .message = TEXT("it broke"), .retry = true};

    assert_true(world->call_count > 0);
    outcome.outputs = value_map(world->arena);
    value_put(&outcome.outputs, "y", value_int(4));
    outcome.reasons = value_list(world->arena);
    wheel_answered(world->wheel, world->calls[world->call_count - 1].number, &outcome);
}

/* The host of the last call is lost while it ran. */
static inline void world_crash_host(struct world *world)
{
    struct run_outcome outcome = {
        .kind = RUN_BROKEN, .message = TEXT("It crashed."), .retry = true, .ran = true};

    assert_true(world->call_count > 0);
    wheel_answered(world->wheel, world->calls[world->call_count - 1].number, &outcome);
    world_settle(world);
}

/* From now on the plugin says that its step may run only once. */
static inline void world_allow_once(struct world *world)
{
    struct plugin_step_type *types = (struct plugin_step_type *)(uintptr_t)world->probe.step_types;

    types[1].is_idempotent = false;
}

static inline struct world_reply *world_settle_step(struct world *world, struct text code,
                                                    const char *step, const char *outcome,
                                                    const char *data)
{
    struct run_request request = world_event(world, code, step);

    request.kind = RUN_SETTLE;
    request.outcome = text_from(outcome);
    request.comment = TEXT("I asked them.");
    assert_int_equal(json_read(world->arena, text_from(data), &request.data, NULL), 0);
    return world_ask(world, request);
}

/* What the step waits for, in words. */
static inline struct text world_explained(struct world *world, struct text code, const char *step)
{
    struct run_request request = world_event(world, code, "");

    request.kind = RUN_EXPLAIN;
    struct world_reply *reply = world_ask(world, request);
    assert_int_equal(reply->status, 200);
    const struct value *steps = value_at(&reply->body, "steps");
    for (size_t i = 0; i < value_count(steps); i++)
        if (text_is(value_text_at(value_item(steps, i), "id"), step))
            return value_text_at(value_item(steps, i), "waits_for");
    fail_msg("no step %s", step);
    return TEXT_NONE;
}

#endif
