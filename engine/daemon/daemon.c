/* The loop and the states of the daemon.
 *
 * The happy path:
 * 0. SEALED, where nobody has the key yet: the sockets answer so, until somebody unlocks the store.
 * 1. DESCRIBING: a host of every plugin starts and says what it offers.
 * 2. RECOVERING: the wheel takes up definitions, cards and the end of the journal.
 * 3. SERVING: sockets are open; a turn of the wheel before the loop sleeps.
 * 4. DRAINING (SIGTERM, SIGINT): no new connection or request; what was applied is written and
 *    answered.
 * 5. CLOSING: sockets, hosts, writer; then the loop is empty and the process ends. */
#include "daemon/daemon.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "daemon/engine.h"
#include "daemon/path.h"
#include "daemon/pictures.h"
#include "daemon/reload.h"
#include "daemon/worker.h"
#include "daemon/writer.h"
#include "system/system.h"

enum { ALARM_MS_MAX = 60000, TURNS_MAX = 2 };

const char *const engine_state_names[STATE_COUNT] = {
    [SEALED] = "sealed",   [DESCRIBING] = "describing", [RECOVERING] = "recovering",
    [SERVING] = "serving", [DRAINING] = "draining",     [CLOSING] = "closing",
};

/* Which state may follow which. */
static const bool moves[STATE_COUNT][STATE_COUNT] = {
    [SEALED] = {[DESCRIBING] = true, [CLOSING] = true},
    [DESCRIBING] = {[RECOVERING] = true, [CLOSING] = true},
    [RECOVERING] = {[SERVING] = true, [CLOSING] = true},
    [SERVING] = {[DRAINING] = true},
    [DRAINING] = {[CLOSING] = true},
};

void engine_move(struct engine *engine, enum state state)
{
    CHECK(moves[engine->state][state]);
    engine->state = state;
    log_event(LOG_INFO, "daemon.state", "state=%s", engine_state_names[state]);
}

/* ---- The wheel's ports. ---- */

static void begin_batch(void *self, const struct store_batch *batch)
{
    writer_begin(((struct engine *)self)->writer, batch);
}

static void committed(void *self)
{
    struct engine *engine = self;

    wheel_committed(engine->wheel);
    if (engine->api)
        api_journal_grew(engine->api);
}

static void begin_call(void *self, const struct run_call *call)
{
    steps_begin(((struct engine *)self)->steps, call);
}

static void cancel_call(void *self, uint64_t number)
{
    steps_cancel(((struct engine *)self)->steps, number);
}

static size_t count_hosts(void *self, struct text plugin)
{
    return steps_host_count(((struct engine *)self)->steps, plugin);
}

static void answered(void *self, uint64_t number, const struct run_outcome *outcome)
{
    struct engine *engine = self;

    if (engine->wheel)
        wheel_answered(engine->wheel, number, outcome);
}

static void operation_ended(void *self, struct operation *operation)
{
    wheel_operation_ended(((struct engine *)self)->wheel, operation);
}

static void begin_operation(void *self, struct operation *operation)
{
    struct engine *engine = self;

    worker_begin(&engine->loop, operation, operation_ended, engine);
}

static void ring(uv_timer_t *timer)
{
    ((struct engine *)timer->data)->alarm_rang = true;
}

/* The bound lets a wall clock that jumped forward be noticed. */
static void arm(void *self, int64_t wall_ms)
{
    struct engine *engine = self;
    int64_t wait_ms = wall_ms - engine->clock.wall_ms(engine->clock.self);

    if (engine->state == CLOSING)
        return;
    if (wall_ms == INT64_MAX) {
        uv_timer_stop(&engine->alarm);
        return;
    }
    wait_ms = wait_ms < 0 ? 0 : wait_ms > ALARM_MS_MAX ? ALARM_MS_MAX : wait_ms;
    CHECK(uv_timer_start(&engine->alarm, ring, (uint64_t)wait_ms, 0) == 0);
}

/* Before the loop sleeps: everything that came is carried out, and the next batch is on its way. A
 * turn that filled a batch hands it over, and leaves what is ready to the next. What is left after
 * the last turn has its own after the sockets had theirs: the loop must not sleep over it. */
static void turn(uv_prepare_t *prepare)
{
    struct engine *engine = prepare->data;

    if (engine->reload && reload_is_ready(engine->reload))
        reload_turn(engine->reload);
    for (int i = 0; i < TURNS_MAX && engine->wheel; i++) {
        if (!wheel_is_ready(engine->wheel) && !engine->alarm_rang)
            return;
        engine->alarm_rang = false;
        wheel_turn(engine->wheel);
    }
    if (engine->wheel && engine->state != CLOSING && wheel_is_ready(engine->wheel))
        CHECK(uv_timer_start(&engine->alarm, ring, 0, 0) == 0);
}

/* ---- Beginning. ---- */

static struct value plugins(void *self, struct arena *arena)
{
    return steps_care(((struct engine *)self)->steps, arena);
}

static void begin_reload(void *self, void (*over)(void *over_self, const struct run_reply *reply),
                         void *over_self)
{
    reload_begin(((struct engine *)self)->reload, over, over_self);
}

static void tried(void *self, struct text plugin, const struct plugin_description *description,
                  struct text why)
{
    reload_tried(((struct engine *)self)->reload, plugin, description, why);
}

static struct value status(void *self, struct arena *arena)
{
    struct engine *engine = self;
    struct value status = value_map(arena);

    value_put(&status, "version", value_cstring(SANKOFA_VERSION));
    value_put(&status, "state", value_cstring(engine_state_names[engine->state]));
    value_put(&status, "sealed", value_bool(engine->state == SEALED));
    if (!engine->wheel)
        return status;
    struct value wheel = wheel_status(engine->wheel, arena);
    for (size_t i = 0; i < value_count(&wheel); i++)
        value_set(&status, value_member(&wheel, i)->key, value_member(&wheel, i)->value);
    value_put(&status, "plugins", steps_status(engine->steps, arena));
    return status;
}

static bool find_person(void *self, struct text id, struct arena *arena,
                        struct case_person *person_out)
{
    return people_account(((struct engine *)self)->people, id, arena, person_out);
}

static size_t count_people(void *self, const struct text *roles, size_t role_count,
                           struct text country)
{
    return people_holding(((struct engine *)self)->people, roles, role_count, country);
}

static bool recover(struct engine *engine)
{
    struct wheel_options options = {
        .store = *engine->store,
        .ports = {.clock = engine->clock,
                  .random = engine->random,
                  .writer = {engine, begin_batch},
                  .hosts = {engine, begin_call, cancel_call, count_hosts},
                  .workers = {engine, begin_operation},
                  .alarm = {engine, arm},
                  .people = {engine, find_person, count_people}},
        .plugins = steps_source(engine->steps),
        .zones = engine->zones,
        .backup = {system_files(), engine->config->backup_recipients},
        .cases_max = engine->config->cases_max,
    };

    engine_move(engine, RECOVERING);
    writer_open(&engine->loop, *engine->store, committed, engine, &engine->writer);
    return wheel_create(&options, engine->diags, &engine->wheel) == 0;
}

static struct text draw(void *self, enum api_form form, struct text definition,
                        struct text language, const struct value *active, struct arena *arena)
{
    struct engine *engine = self;
    struct plugin_source plugins = steps_source(engine->steps);
    const struct workflow_context context = {.plugins = &plugins, .zones = &engine->zones};

    return pictures_draw(&context, form, definition, language, active, arena);
}

static void posted(void *self)
{
    (void)self; /* the prepare handle asks wheel_is_ready before every sleep */
}

static void try_unlock(void *self, const struct vault_opener *opener,
                       void (*done)(void *done_self, const struct problem *problem),
                       void *done_self);

/* Sealed, there is neither wheel nor vault yet. */
static bool open_api(struct engine *engine)
{
    const struct config *config = engine->config;
    struct api_options options = {
        .loop = &engine->loop,
        .wheel = engine->wheel,
        .vault = *engine->store ? store_vault(*engine->store) : NULL,
        .people = engine->people,
        .is_demo = *engine->store && store_is_demo(*engine->store),
        .staff_path = config->staff_socket,
        .admin_path = config->admin_socket,
        .staff_gid = config->staff_gid,
        .limits = config->limits,
        .random = engine->random,
        .clock = engine->clock,
        .self = engine,
        .posted = posted,
        .status = status,
        .draw = draw,
        .plugins = plugins,
        .reload = begin_reload,
        .unlock = try_unlock,
    };

    return api_open(&options, engine->diags, &engine->api) == 0;
}

static void tell_unlocker(struct engine *engine, const struct problem *problem)
{
    if (engine->unlocker.done)
        engine->unlocker.done(engine->unlocker.self, problem);
    engine->unlocker.done = NULL;
}

static bool serve(struct engine *engine)
{
    if (engine->api)
        api_unseal(engine->api, engine->wheel, store_vault(*engine->store), engine->people,
                   store_is_demo(*engine->store));
    else if (!open_api(engine))
        return false;
    engine->reload = reload_create(
        &(struct reload_options){engine->config_path, engine->config, store_is_demo(*engine->store),
                                 engine->steps, engine->wheel, engine->api, &engine->people});
    engine_move(engine, SERVING);
    engine->alarm_rang = true; /* timers that fell due while nobody ran */
    log_event(LOG_INFO, "daemon.serving", "version=%s demo=%s", SANKOFA_VERSION,
              store_is_demo(*engine->store) ? "yes" : "no");
    tell_unlocker(engine, NULL);
    return true;
}

static const char *last_code(const struct diag_list *diags)
{
    return diags->count > 0 ? diags->items[diags->count - 1].code : "unknown";
}

/* The whole of it is printed at the end, which another signal may forestall. */
static void fail_start(struct engine *engine)
{
    struct problem problem;

    log_event(LOG_ERROR, "daemon.start_failed", "code=%s", last_code(engine->diags));
    problem_set(&problem, engine->boot, PROBLEM_INTERNAL,
                "The store is open, but the daemon cannot serve it; its log says why.");
    tell_unlocker(engine, &problem);
    engine->exit_status = 1;
    engine_close(engine);
}

static void begin(struct engine *engine)
{
    if (!recover(engine) || !serve(engine))
        fail_start(engine);
}

static void described(void *self, struct text plugin, struct text why)
{
    struct engine *engine = self;

    (void)plugin;
    (void)why; /* in the log already */
    /* A plugin that cannot be had is no reason not to serve: its steps wait, status says so. */
    if (engine->state == DESCRIBING && ++engine->described_count == engine->config->plugin_count)
        begin(engine);
}

static void open_loop(struct engine *engine)
{
    uv_loop_t *loop = &engine->loop;

    CHECK(uv_loop_init(loop) == 0);
    uv_signal_t *const signals[] = {&engine->terminate, &engine->interrupt, &engine->hangup};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        CHECK(uv_signal_init(loop, signals[i]) == 0);
    CHECK(uv_prepare_init(loop, &engine->turn) == 0);
    CHECK(uv_timer_init(loop, &engine->alarm) == 0);
    CHECK(uv_timer_init(loop, &engine->drain) == 0);
    engine->terminate.data = engine->interrupt.data = engine->hangup.data = engine;
    engine->turn.data = engine->alarm.data = engine->drain.data = engine;
    CHECK(uv_signal_start(&engine->terminate, engine_signalled, SIGTERM) == 0);
    CHECK(uv_signal_start(&engine->interrupt, engine_signalled, SIGINT) == 0);
    CHECK(uv_signal_start(&engine->hangup, engine_signalled, SIGHUP) == 0);
    CHECK(uv_prepare_start(&engine->turn, turn) == 0);
}

static void open_steps(struct engine *engine)
{
    const struct config *config = engine->config;
    struct steps_options options = {
        .loop = &engine->loop,
        .host_program = path_beside_program("sankofa-host", engine->boot),
        .plugins = config->plugins,
        .plugin_count = config->plugin_count,
        .memory_bytes = config->host_bytes,
        .clock = engine->clock,
        .self = engine,
        .answered = answered,
        .described = described,
        .tried = tried,
    };

    engine->steps = steps_create(&options);
    if (config->plugin_count > 0)
        steps_start(engine->steps);
    else
        begin(engine);
}

/* ---- Sealed. ---- */

enum people_store daemon_people_of(const struct store *store)
{
    return !store ? PEOPLE_OF_EITHER : store_is_demo(store) ? PEOPLE_OF_DEMO : PEOPLE_OF_STORE;
}

static void seal(struct engine *engine)
{
    log_event(LOG_WARNING, "daemon.sealed", "hint=\"sankofa admin unlock\"");
    if (open_api(engine))
        return;
    engine->exit_status = 1;
    engine_close(engine);
}

/* From here on it is a start like any other, but that the sockets answer `sealed` meanwhile. */
static void unlock_tried(void *self, const struct unlock_outcome *outcome)
{
    struct engine *engine = self;

    if (!outcome->store) {
        tell_unlocker(engine, outcome->problem);
        return;
    }
    *engine->store = outcome->store;
    if (engine->state == CLOSING) {
        tell_unlocker(engine, NULL);
        return;
    }
    engine_move(engine, DESCRIBING);
    engine->people =
        people_read(engine->config->people, daemon_people_of(outcome->store), engine->diags);
    if (engine->people)
        open_steps(engine);
    else
        fail_start(engine);
}

static void try_unlock(void *self, const struct vault_opener *opener,
                       void (*done)(void *done_self, const struct problem *problem),
                       void *done_self)
{
    ARENA_SCOPED struct arena *arena = arena_create("unlock");
    struct engine *engine = self;
    struct problem problem;

    if (!unlock_may_try(&engine->unlock, arena, &problem)) {
        done(done_self, &problem);
        return;
    }
    engine->unlocker.done = done;
    engine->unlocker.self = done_self;
    unlock_try(&engine->unlock, opener, unlock_tried, engine);
}

int daemon_run(const char *config_path, const struct config *config, struct store **store,
               const struct people *people, struct diag_list *diags)
{
    struct engine engine = {.config_path = config_path,
                            .config = config,
                            .store = store,
                            .state = *store ? DESCRIBING : SEALED,
                            .unlock = {.config = config},
                            .people = people,
                            .diags = diags,
                            .boot = diags->arena,
                            .clock = system_clock(),
                            .random = system_random()};

    signal(SIGPIPE, SIG_IGN);
    engine.zones = system_zones(engine.boot);
    open_loop(&engine);
    engine.unlock.loop = &engine.loop;
    if (*store)
        open_steps(&engine);
    else
        seal(&engine);
    CHECK(uv_run(&engine.loop, UV_RUN_DEFAULT) == 0);
    CHECK(engine.open_count == 0);
    api_destroy(engine.api);
    reload_destroy(engine.reload);
    wheel_destroy(engine.wheel);
    writer_destroy(engine.writer);
    steps_destroy(engine.steps);
    CHECK(uv_loop_close(&engine.loop) == 0);
    log_event(LOG_INFO, "daemon.stopped", "status=%d", engine.exit_status);
    return engine.exit_status;
}
