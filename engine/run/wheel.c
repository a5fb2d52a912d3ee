/* The queue, the turn and the gate.
 *
 * The happy path of a turn:
 * 1. Timers that are due become events; retries of plugin calls that are due begin.
 * 2. Requests leave the queue: reads are answered, events go to the queue of their case.
 * 3. Each case that is ready carries out one event, until none is ready or the batch is full.
 * 4. Operations that are done in turns do a piece.
 * 5. If the writer is free and there is something to write, it gets the batch. */
#include "run/wheel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "run/internal.h"

enum {
    ROOM_PAUSE_MS = 1000, /* before a full disk is looked at again */
    BALLAST_PAUSE_MS = 60000,
    MAKING_ROOM_BYTES = 8 << 20, /* of an erasure's batch, or the last checkpoint's */
    TIMERS_IN_FLIGHT_MAX = 256
};

/* ---- The gate. ---- */

struct batch *wheel_gate(struct wheel *wheel, uint64_t batch)
{
    if (batch <= wheel->durable_batch)
        return NULL;
    return batch == wheel->filling->number ? wheel->filling : wheel->writing;
}

void wheel_reply(struct wheel *wheel, const struct queued *queued, uint64_t batch,
                 const struct run_reply *reply)
{
    struct batch *gate = wheel_gate(wheel, batch);

    if (gate && queued->is_fleeting)
        return;
    if (gate)
        batch_add_reply(gate, queued->request.reply, queued->request.self, reply);
    else
        queued->request.reply(queued->request.self, reply);
}

void wheel_refuse(struct wheel *wheel, const struct queued *queued, uint64_t batch,
                  const struct problem *problem)
{
    struct run_reply reply = {.status = problem_kind(problem->code)->status, .problem = problem};

    wheel_reply(wheel, queued, batch, &reply);
}

void wheel_fail(struct wheel *wheel, const struct queued *queued, enum problem_code code,
                const char *detail, const char *hint)
{
    struct problem problem;

    problem_set(&problem, queued->arena, code, "%s", detail);
    problem_hint(&problem, queued->arena, "%s", hint);
    wheel_refuse(wheel, queued, 0, &problem);
}

/* Carries out what waited for the batch. Replies may post new requests; those only queue. */
static void open_gate(struct wheel *wheel, struct batch *batch)
{
    for (struct effect *effect = batch->first; effect; effect = effect->next) {
        switch (effect->kind) {
        case EFFECT_REPLY:
            effect->reply(effect->self, &effect->answer);
            break;
        case EFFECT_CALL:
            calls_begin(wheel, effect->call);
            break;
        case EFFECT_CANCEL:
            wheel->ports.hosts.cancel(wheel->ports.hosts.self, effect->call);
            break;
        case EFFECT_REQUEST:
            wheel_enqueue(wheel, effect->request);
            break;
        }
    }
}

/* ---- Batches. ---- */

static void begin_batch(struct wheel *wheel, struct batch *batch, uint64_t number)
{
    batch_begin(batch, number);
    wheel->filling = batch;
}

bool wheel_may_make_room(const struct wheel *wheel)
{
    return wheel->room == 0 || store_may_make_room(wheel->store, MAKING_ROOM_BYTES) == 0;
}

static void keep_ballast(struct wheel *wheel)
{
    int64_t now_ms = wheel->ports.clock.steady_ms(wheel->ports.clock.self);

    if (now_ms < wheel->ballast_due_ms)
        return;
    wheel->ballast_due_ms = now_ms + BALLAST_PAUSE_MS;
    int result = store_keep_ballast(wheel->store);
    if (result < 0 && result != wheel->ballast_result)
        log_event(LOG_WARNING, "store.no_ballast", "errno=%d", -result);
    wheel->ballast_result = result;
}

static void tell_room(const struct wheel *wheel, int room)
{
    unsigned long long batch = wheel->filling->number;

    if (room == 0)
        log_event(LOG_INFO, "store.has_room", "batch=%llu", batch);
    else
        log_event(LOG_WARNING, "store.full",
                  "batch=%llu of=%s hint=\"free space on the disk of the store; a full map takes a "
                  "larger map_bytes\"",
                  batch, store_full_of(wheel->store, BATCH_BYTES_MAX));
}

/* Asked before the first record goes into a batch: the one that fills may be hours old by then. */
static void look_for_room(struct wheel *wheel)
{
    if (wheel->room == 0 && batch_has_records(wheel->filling))
        return;
    int room = store_has_room(wheel->store, BATCH_BYTES_MAX, false);
    if ((room != 0) != (wheel->room != 0))
        tell_room(wheel, room);
    if (room == 0 && wheel->room != 0)
        operations_go_on(&wheel->operations);
    wheel->room = room;
    if (room != 0)
        approvals_release(wheel);
    else
        keep_ballast(wheel);
}

static void begin_write(struct wheel *wheel)
{
    struct batch *batch = wheel->filling;
    uint64_t horizon =
        quarantine_horizon(&wheel->quarantine, cases_horizon(&wheel->cases, wheel->next_seq - 1));
    bool is_checkpoint = checkpoint_is_due(wheel);

    if (is_checkpoint)
        checkpoint_taken(wheel);
    if (wheel->room != 0 || batch->compacts)
        store_make_room(wheel->store, MAKING_ROOM_BYTES, batch->compacts);
    wheel->writing = batch;
    begin_batch(wheel, batch == &wheel->batches[0] ? &wheel->batches[1] : &wheel->batches[0],
                batch->number + 1);
    wheel->ports.writer.begin(wheel->ports.writer.self,
                              batch_seal(batch, horizon, is_checkpoint, keys_rewraps(wheel)));
}

void wheel_committed(struct wheel *wheel)
{
    struct batch *batch = wheel->writing;

    CHECK(batch);
    wheel->durable_batch = batch->number;
    wheel->writing = NULL;
    open_gate(wheel, batch);
    operations_go_on(&wheel->operations);
}

uint64_t wheel_append(struct wheel *wheel, struct value *entry)
{
    static const struct vault_case_id none;

    return wheel_append_of(wheel, &none, entry);
}

uint64_t wheel_append_of(struct wheel *wheel, const struct vault_case_id *id, struct value *entry)
{
    uint64_t seq = wheel->next_seq++;
    int64_t now_ms = wheel_stamp(wheel);

    value_put(entry, "at", value_int(now_ms));
    wheel->last_ms = now_ms;
    batch_add_entry(wheel->filling, seq, id, entry);
    return seq;
}

/* ---- The turn. ---- */

/* After a long stop many are due: they come a few at a time, so that people are served between, and
 * memory holds but those. While stopping, none: they fire after the next start. */
static bool may_fire(const struct wheel *wheel)
{
    return !wheel->is_stopping && wheel->timers_in_flight < TIMERS_IN_FLIGHT_MAX;
}

static void fire_timers(struct wheel *wheel)
{
    int64_t now_ms = wheel_now_ms(wheel);
    const struct card *card;

    while (may_fire(wheel) && (card = roster_first_timer(&wheel->roster)) &&
           card->timer_ms <= now_ms) {
        struct queued *queued = wheel_queued(wheel);
        int error = 0;

        queued->id = card->id;
        queued->event.kind = CASE_TIMER;
        roster_hold_timer(&wheel->roster, card);
        struct run_case *one = event_case(wheel, &queued->id, &error);
        if (one) {
            wheel_enqueue_case(wheel, one, queued);
            wheel->timers_in_flight++;
        } else {
            log_event(LOG_ERROR, "case.unreadable", "case=%.*s error=%d", TEXT_ARG(card->code),
                      -error);
            wheel_drop(queued);
        }
    }
}

/* The earlier of a time on the wall and one of the steady clock, on the wall. */
static int64_t earlier(const struct wheel *wheel, int64_t wall_ms, int64_t steady_ms)
{
    const struct port_clock *clock = &wheel->ports.clock;

    if (steady_ms == INT64_MAX)
        return wall_ms;
    int64_t at_ms = clock->wall_ms(clock->self) + (steady_ms - clock->steady_ms(clock->self));
    return at_ms < wall_ms ? at_ms : wall_ms;
}

static void arm(struct wheel *wheel)
{
    const struct card *card = may_fire(wheel) ? roster_first_timer(&wheel->roster) : NULL;
    int64_t at_ms = clock_alarm_ms(wheel, card ? card->timer_ms : INT64_MAX);

    if (search_is_being_made(wheel) && !wheel->is_stopping)
        at_ms = wheel->ports.clock.wall_ms(wheel->ports.clock.self);
    at_ms = earlier(wheel, at_ms, wheel->retry_first_ms);
    at_ms = earlier(wheel, at_ms, wheel->checkpoint_due_ms);
    if (wheel->room != 0) {
        int64_t again_ms = wheel->ports.clock.wall_ms(wheel->ports.clock.self) + ROOM_PAUSE_MS;
        at_ms = again_ms < at_ms ? again_ms : at_ms;
    }
    wheel->ports.alarm.arm(wheel->ports.alarm.self, at_ms);
}

/* While there is no room, people are refused; what comes of the engine itself waits. */
static bool must_wait(const struct wheel *wheel, const struct run_case *one)
{
    return wheel->room != 0 && !one->current && one->waiting && !one->waiting->is_person;
}

static void run_ready(struct wheel *wheel)
{
    struct run_case *held = NULL, **held_last = &held;

    while (wheel->ready && !batch_is_full(wheel->filling)) {
        struct run_case *one = wheel_take_ready(wheel);
        if (!must_wait(wheel, one)) {
            event_run_case(wheel, one);
            continue;
        }
        one->next_ready = NULL;
        *held_last = one;
        held_last = &one->next_ready;
    }
    while (held) {
        struct run_case *one = held;
        held = one->next_ready;
        wheel_make_ready(wheel, one);
    }
}

/* What is asked may make entries: it waits for the next batch, once this one is full. */
static bool may_take(const struct wheel *wheel)
{
    return wheel->queue && !batch_is_full(wheel->filling);
}

/* A rotation goes on in batches without a record, where there is nothing else. */
static bool has_to_write(const struct wheel *wheel)
{
    return !wheel->writing && (batch_has_records(wheel->filling) || checkpoint_is_due(wheel) ||
                               keys_rewraps(wheel) > 0);
}

void wheel_turn(struct wheel *wheel)
{
    bool moved;

    clock_watch(wheel);
    do {
        look_for_room(wheel);
        fire_timers(wheel);
        calls_retry(wheel);
        while (may_take(wheel)) {
            struct queued *queued = wheel_dequeue(wheel);
            request_run(wheel, queued);
        }
        run_ready(wheel);
        event_tidy(wheel);
        search_turn(wheel);
        moved = write_advance_step(wheel);
    } while (moved);
    operations_turn(wheel);
    checkpoint_follow(wheel);
    if (has_to_write(wheel))
        begin_write(wheel);
    arm(wheel);
}

bool wheel_is_ready(const struct wheel *wheel)
{
    return may_take(wheel) || (search_is_being_made(wheel) && !wheel->is_stopping) ||
           (wheel->ready && wheel->room == 0 && !batch_is_full(wheel->filling)) ||
           has_to_write(wheel) || wheel->operations.has_piece ||
           (wheel->advance.request && !wheel->writing && calls_count(wheel) == 0);
}

/* ---- Life. ---- */

int wheel_create(const struct wheel_options *options, struct diag_list *diags,
                 struct wheel **wheel_out)
{
    struct wheel *wheel = calloc(1, sizeof(*wheel));

    CHECK(wheel);
    wheel->store = options->store;
    wheel->ports = options->ports;
    wheel->plugins = options->plugins;
    wheel->zones = options->zones;
    wheel->backup = options->backup;
    wheel->event_count_max = options->event_count_max ? options->event_count_max : 16;
    wheel->queue_last = &wheel->queue;
    wheel->ready_last = &wheel->ready;
    wheel->turn = arena_create("turn");
    wheel->serials_arena = arena_create("serials");
    wheel->erased_arena = arena_create("erased");
    roster_init(&wheel->roster);
    quarantine_init(&wheel->quarantine);
    cases_init(&wheel->cases, options->cases_max ? options->cases_max : 4000);
    registry_init(&wheel->registry);
    calls_init(wheel);
    CHECK(wheel->ports.people.find);
    search_init(wheel);
    windows_init(&wheel->windows);
    known_init(&wheel->known, &wheel->ports.people);
    operations_init(&wheel->operations);
    batch_init(&wheel->batches[0]);
    batch_init(&wheel->batches[1]);
    begin_batch(wheel, &wheel->batches[0], 1);

    int result = recover(wheel, diags);
    if (result != 0) {
        wheel_destroy(wheel);
        return result;
    }
    search_begin(wheel);
    *wheel_out = wheel;
    return 0;
}

static void drop_all(struct queued *queued)
{
    while (queued) {
        struct queued *next = queued->next;
        wheel_drop(queued);
        queued = next;
    }
}

/* Reads that waited at the gate of a batch. */
static void drop_waiting(struct batch *batch)
{
    for (struct effect *effect = batch->first; effect; effect = effect->next)
        if (effect->kind == EFFECT_REQUEST)
            wheel_drop(effect->request);
}

void wheel_destroy(struct wheel *wheel)
{
    if (!wheel)
        return;
    operations_finish(wheel);
    drop_all(wheel->queue);
    if (wheel->advance.request)
        wheel_drop(wheel->advance.request);
    drop_waiting(wheel->filling);
    if (wheel->writing)
        drop_waiting(wheel->writing);
    calls_finish(wheel);
    for (struct run_case *one = wheel->cases.oldest; one; one = one->younger) {
        drop_all(one->waiting);
        drop_all(one->approvals);
        if (one->current)
            wheel_drop(one->current);
    }
    cases_finish(&wheel->cases);
    quarantine_finish(&wheel->quarantine);
    roster_finish(&wheel->roster);
    known_finish(&wheel->known);
    search_finish(wheel);
    document_finish(wheel);
    windows_finish(&wheel->windows);
    registry_finish(&wheel->registry);
    batch_finish(&wheel->batches[0]);
    batch_finish(&wheel->batches[1]);
    arena_destroy(wheel->turn);
    arena_destroy(wheel->serials_arena);
    arena_destroy(wheel->erased_arena);
    once_finish(wheel);
    free(wheel);
}

void wheel_people_changed(struct wheel *wheel)
{
    known_finish(&wheel->known);
    known_init(&wheel->known, &wheel->ports.people);
}

void wheel_stop(struct wheel *wheel)
{
    wheel->is_stopping = true;
    write_advance_stop(wheel);
    operations_stop(wheel);
    approvals_release(wheel);
    search_stop(wheel);
}

bool wheel_is_idle(const struct wheel *wheel)
{
    /* What waits for room on the disk is of the engine, and waits in its case as well. */
    return !wheel->queue && (!wheel->ready || wheel->room != 0) && wheel->checks_count == 0 &&
           !wheel->writing && !batch_has_records(wheel->filling) && !checkpoint_is_due(wheel) &&
           wheel->operations.running_count == 0;
}
