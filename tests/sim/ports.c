/* Clock, chance, writer and hosts, by the dice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sim.h"

enum {
    DAY_MS = 86400000,
    COMMIT_DELAY_MAX = 4,
    COMMIT_DELAY_LONG = 40, /* a disk that is busy with something else */
    CALL_DELAY_MAX = 6,
    CALL_HANGS = 200 /* until its deadline ends it */
};

static const struct vault_opener store_opener = {
    .secret = {"0123456789abcdef0123456789abcdef", 32}};

/* SplitMix64: one stream for everything, so that a seed is the whole run. */
uint64_t sim_dice(struct sim *sim, uint64_t below)
{
    uint64_t z = (sim->dice += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return below ? z % below : z;
}

void sim_trace(struct sim *sim, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sim->trace = (sim->trace ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
}

uint64_t sim_hash(const void *bytes, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return hash | 1;
}

static int64_t read_wall(void *self)
{
    return ((struct sim *)self)->wall_ms;
}

static int64_t read_steady(void *self)
{
    return ((struct sim *)self)->steady_ms;
}

static void fill(void *self, void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)sim_dice(self, 256);
}

/* ---- The writer. ---- */

static void begin_batch(void *self, const struct store_batch *batch)
{
    struct sim *sim = self;

    CHECK(!sim->batch);
    sim->batch = batch;
    sim->commit_delay =
        (unsigned)sim_dice(sim, sim_dice(sim, 20) == 0 ? COMMIT_DELAY_LONG : COMMIT_DELAY_MAX);
    for (size_t i = 0; i < batch->entry_count; i++)
        sim_trace(sim, batch->entries[i].body.bytes, batch->entries[i].body.size);
}

/* A commit that fails ends the process, and nobody knows what is on the disk; so does the end of
 * the process in the middle of one, from some write on. */
static void commit(struct sim *sim, bool may_fail)
{
    const struct store_batch *batch = sim->batch;
    uint64_t dice = may_fail ? sim_dice(sim, 60) : SIM_CALLS_MAX;

    if (dice < 2)
        sim_disk_break(sim, dice == 0);
    int result = store_commit(sim->store, batch);
    bool was_cut_off = sim_disk_mend();
    sim->batch = NULL;
    sim->has_died = result != 0 || was_cut_off;
    sim->death_count += sim->has_died;
    CHECK(result == 0 || may_fail);
    if (!sim->has_died)
        wheel_committed(sim->wheel);
}

/* ---- Hosts. ---- */

/* The key of a step's call holds the seq that made it due: ID.SEQ.STEP. */
static uint64_t due_of(const struct run_call *call)
{
    uint64_t seq = 0;
    size_t at = 0;

    while (at < call->key.size && call->key.bytes[at] != '.')
        at++;
    for (at++; at < call->key.size && call->key.bytes[at] != '.'; at++)
        seq = seq * 10 + (uint64_t)(call->key.bytes[at] - '0');
    return seq;
}

/* One try of a step that may run only once begins once, whatever crashes. */
static uint64_t begin_once(struct sim *sim, const struct run_call *call)
{
    if (!text_is(call->step, "once") || call->verb == RUN_DROP)
        return 0;
    ARENA_SCOPED struct arena *arena = arena_create("once");
    struct text try = text_printf(arena, "%.*s %d %lld %lld", TEXT_ARG(call->key), (int)call->verb,
                                  (long long)call->attempt, (long long)call->park_count);
    uint64_t hash = sim_hash(try.bytes, try.size) | 1;
    for (size_t i = 0; i < sim->begun_once_count; i++)
        if (sim->begun_once[i] == hash)
            sim_fail(sim, "%.*s may run only once, and began again", TEXT_ARG(try));
    if (sim->begun_once_count < SIM_ONCE_MAX)
        sim->begun_once[sim->begun_once_count++] = hash;
    return hash;
}

/* It was turned away: it has not begun after all. */
static void take_back(struct sim *sim, uint64_t once)
{
    for (size_t i = 0; once != 0 && i < sim->begun_once_count; i++)
        if (sim->begun_once[i] == once)
            sim->begun_once[i] = sim->begun_once[--sim->begun_once_count];
}

static void begin_call(void *self, const struct run_call *call)
{
    struct sim *sim = self;
    bool hangs = sim_dice(sim, 25) == 0;

    sim_check_revealed(sim, "a call", due_of(call));
    for (size_t i = 0; i < SIM_CALLS_MAX; i++) {
        if (sim->calls[i].is_used)
            continue;
        sim->calls[i] =
            (struct sim_call){.is_used = true,
                              .number = call->number,
                              .verb = call->verb,
                              .once = begin_once(sim, call),
                              .delay = hangs ? CALL_HANGS : (unsigned)sim_dice(sim, CALL_DELAY_MAX),
                              .is_broken = hangs,
                              .repeats = sim_dice(sim, 8) == 0};
        sim_trace(sim, &call->number, sizeof(call->number));
        return;
    }
    CHECK(!"a place for the call");
}

/* A host may answer all the same: its word was on its way. */
static void cancel_call(void *self, uint64_t number)
{
    struct sim *sim = self;

    for (size_t i = 0; i < SIM_CALLS_MAX; i++)
        if (sim->calls[i].is_used && sim->calls[i].number == number && sim_dice(sim, 2) == 0)
            sim->calls[i].is_used = false;
}

static void answer(struct sim *sim, const struct sim_call *call)
{
    ARENA_SCOPED struct arena *arena = arena_create("outcome");
    struct run_outcome outcome = {.message = TEXT("the dice say so"),
                                  .retry = true,
                                  .outputs = value_map(arena),
                                  .reasons = value_list(arena),
                                  .cookie = TEXT("0a0b"),
                                  .wakes_on_answer = true,
                                  .wakes_on_time = true,
                                  .until_ms = sim->wall_ms + DAY_MS};
    uint64_t dice = sim_dice(sim, 10);

    value_put(&outcome.outputs, "y", value_int((int64_t)sim_dice(sim, 10)));
    if (call->is_broken)
        outcome.kind = RUN_BROKEN;
    else if (call->verb == RUN_DROP)
        outcome.kind = RUN_DROPPED;
    else if (dice < 5)
        outcome.kind = RUN_DONE;
    else if (dice < 7)
        outcome.kind = RUN_BROKEN;
    else if (call->verb == RUN_CHECK)
        outcome.kind = RUN_REFUSED;
    else
        outcome.kind = dice == 7 ? RUN_FAILED : RUN_PARKED;
    outcome.ran = outcome.kind == RUN_BROKEN && (call->is_broken || dice == 6);
    if (outcome.kind == RUN_BROKEN && !outcome.ran)
        take_back(sim, call->once);
    for (unsigned i = 0; i <= call->repeats; i++) /* a host that says everything twice */
        wheel_answered(sim->wheel, call->number, &outcome);
}

/* A host dies, and all that it was asked is broken. */
static void kill_hosts(struct sim *sim)
{
    for (size_t i = 0; i < SIM_CALLS_MAX; i++) {
        sim->calls[i].is_broken = true;
        sim->calls[i].delay = 0;
    }
}

void sim_serve(struct sim *sim, bool at_once)
{
    if (sim->batch && (at_once || sim->commit_delay-- == 0))
        commit(sim, !at_once);
    if (sim->has_died)
        return;
    if (!at_once && sim_dice(sim, 40) == 0)
        kill_hosts(sim);
    for (size_t i = 0; i < SIM_CALLS_MAX; i++) {
        struct sim_call call = sim->calls[i];
        if (!call.is_used)
            continue;
        if (!at_once && call.delay > 0) {
            sim->calls[i].delay--;
            continue;
        }
        sim->calls[i].is_used = false;
        answer(sim, &call);
    }
}

static void arm(void *self, int64_t wall_ms)
{
    sim_trace(self, &wall_ms, sizeof(wall_ms));
}

/* ---- Plugins and zones. ---- */

static const struct plugin_description *find_plugin(void *self, struct text name,
                                                    struct text *why_out)
{
    static struct plugin_field x = {.kind = PLUGIN_INTEGER, .required = true};
    static struct plugin_field y = {.kind = PLUGIN_INTEGER};
    static struct plugin_field ok = {.kind = PLUGIN_BOOLEAN, .required = true};
    static struct plugin_step_type types[3];
    static struct plugin_description probe;

    (void)self;
    x.name = TEXT("x");
    y.name = TEXT("y");
    ok.name = TEXT("ok");
    for (size_t i = 0; i < 3; i++)
        types[i] = (struct plugin_step_type){.name = i == 0   ? TEXT("check")
                                                     : i == 1 ? TEXT("job")
                                                              : TEXT("once"),
                                             .is_check = i == 0,
                                             .is_idempotent = i != 2,
                                             .parks = i > 0,
                                             .has_drop = i > 0,
                                             .timeout_ms = 1000,
                                             .inputs = {&x, 1},
                                             .outputs = {&y, 1},
                                             .answers = {&ok, i > 0 ? 1 : 0}};
    probe = (struct plugin_description){
        .name = TEXT("probe"), .version = TEXT("1"), .step_types = types, .step_type_count = 3};
    *why_out = TEXT("no plugin of this name");
    return text_is(name, "probe") ? &probe : NULL;
}

static const struct zone *find_zone(void *self, struct text name)
{
    (void)self;
    (void)name;
    return NULL;
}

/* ---- Lives. ---- */

void sim_make_store(struct sim *sim)
{
    ARENA_SCOPED struct arena *arena = arena_create("making");
    struct store_options options = {
        .path = sim->path, .opener = store_opener, .map_bytes = 64 << 20, .random = {sim, fill}};
    struct diag_list diags;

    diag_list_init(&diags, arena);
    CHECK(store_create(&options, &diags) == 0);
}

int sim_open_store(struct sim *sim, const char *path, struct diag_list *diags,
                   struct store **store_out)
{
    struct store_options options = {
        .path = path, .opener = store_opener, .map_bytes = 64 << 20, .random = {sim, fill}};

    return store_open(&options, diags, store_out);
}

bool sim_begin(struct sim *sim)
{
    struct wheel_options wheel = {
        .ports = {.clock = {sim, read_wall, read_steady},
                  .random = {sim, fill},
                  .writer = {sim, begin_batch},
                  .hosts = {sim, begin_call, cancel_call},
                  .alarm = {sim, arm},
                  .people = {sim, sim_find_person}},
        .plugins = {sim, find_plugin},
        .zones = {sim, find_zone},
        .cases_max = 1 + sim_dice(sim, 6),
    };
    struct diag_list diags;

    sim->arena = arena_create("life");
    sim->life++;
    diag_list_init(&diags, sim->arena);
    int result = sim_open_store(sim, sim->path, &diags, &sim->store);
    wheel.store = sim->store;
    if (result == 0)
        result = wheel_create(&wheel, &diags, &sim->wheel);
    if (result != 0)
        sim_fail(sim, "the store does not open: %s",
                 diags.count > 0 ? diags.items[0].message.bytes : strerror(-result));
    return result == 0;
}

void sim_crash(struct sim *sim)
{
    if (sim->batch && sim_dice(sim, 3) == 0) /* written, and nobody was told */
        CHECK(store_commit(sim->store, sim->batch) == 0);
    sim->batch = NULL;
    sim->has_died = false;
    sim->crash_count++;
    wheel_destroy(sim->wheel);
    store_close(sim->store);
    sim->wheel = NULL;
    sim->store = NULL;
    for (size_t i = 0; i < SIM_CALLS_MAX; i++)
        sim->calls[i].is_used = false;
    for (size_t i = 0; i < SIM_OPEN_MAX; i++)
        sim->open[i].is_used = false;
    arena_destroy(sim->arena);
    sim->arena = NULL;
    /* The machine may come back later, or with a clock that was set back. */
    sim->wall_ms += (int64_t)sim_dice(sim, 3) * DAY_MS - (int64_t)sim_dice(sim, DAY_MS);
}
