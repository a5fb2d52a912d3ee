/* Calls of plugins: checks that an event waits for, and steps that a case needs done.
 *
 * A check is asked at once: it is pure, and what it answers is told to nobody before it is part of
 * an entry. A step's call begins when the entry that made it due is durable; one that is not
 * idempotent first gets an entry that says so (CASE_START), and begins when that is durable. A call
 * that is turned away, because its plugin is not there or rests, waits here for as long as it
 * takes: nothing has happened yet. What the plugin has begun is the core's to judge. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "run/internal.h"

static struct text number_key(const void *item)
{
    const struct call *call = item;

    return (struct text){(const char *)&call->number, sizeof(call->number)};
}

void calls_init(struct wheel *wheel)
{
    table_init(&wheel->calls, number_key);
    wheel->retry_first_ms = INT64_MAX;
}

static void free_call(struct call *call)
{
    arena_destroy(call->arena);
}

void calls_finish(struct wheel *wheel)
{
    for (size_t i = 0; i < wheel->calls.capacity; i++)
        if (wheel->calls.slots[i])
            free_call(wheel->calls.slots[i]);
    table_finish(&wheel->calls);
    starts_finish(wheel);
    for (struct run_case *one = wheel->cases.oldest; one; one = one->younger)
        one->calls = NULL;
}

size_t calls_count(const struct wheel *wheel)
{
    return wheel->calls.count;
}

size_t calls_away_count(const struct wheel *wheel)
{
    size_t count = 0;

    for (size_t i = 0; i < wheel->calls.capacity; i++) {
        const struct call *call = wheel->calls.slots[i];
        count += call && call->retry_at_ms != 0;
    }
    return count;
}

struct text calls_why_away(const struct run_case *one, struct text step_id)
{
    for (const struct call *call = one->calls; call; call = call->next)
        if (call->retry_at_ms != 0 && text_equal(call->step_id, step_id))
            return call->why;
    return TEXT_NONE;
}

static struct call *find(struct wheel *wheel, uint64_t number)
{
    return table_find(&wheel->calls, (struct text){(const char *)&number, sizeof(number)});
}

static struct call *add(struct wheel *wheel, struct text key)
{
    struct arena *arena = arena_create("call");
    struct call *call = ARENA_NEW(arena, struct call);

    call->arena = arena;
    call->number = ++wheel->call_number;
    call->key = text_copy(arena, key);
    call->frame.number = call->number;
    table_add(&wheel->calls, call);
    return call;
}

static void discard(struct wheel *wheel, struct call *call)
{
    starts_end(wheel, call);
    table_remove(&wheel->calls, number_key(call));
    free_call(call);
}

static void postpone(struct wheel *wheel, struct call *call, struct text why)
{
    int64_t pause_ms = WHEEL_CALL_PAUSE_MS;

    for (unsigned i = 1; i < call->tries && pause_ms < WHEEL_CALL_PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    if (pause_ms > WHEEL_CALL_PAUSE_MAX_MS)
        pause_ms = WHEEL_CALL_PAUSE_MAX_MS;
    call->retry_at_ms = wheel->ports.clock.steady_ms(wheel->ports.clock.self) + pause_ms;
    if (call->retry_at_ms < wheel->retry_first_ms)
        wheel->retry_first_ms = call->retry_at_ms;
    if (!text_equal(call->why, why)) {
        call->why = text_copy(call->arena, why);
        log_event(LOG_WARNING, "step.away", "plugin=%.*s step=%.*s", TEXT_ARG(call->frame.plugin),
                  TEXT_ARG(call->frame.step));
    }
}

void calls_tell(struct wheel *wheel, const struct call *call, enum case_event_kind kind,
                const struct run_outcome *outcome)
{
    struct run_case *one = cases_find(&wheel->cases, &call->id);
    struct queued *queued = wheel_queued(wheel);

    CHECK(one);
    queued->id = call->id;
    queued->event.kind = kind;
    queued->event.name = text_copy(queued->arena, call->key);
    if (outcome)
        queued->event.outcome = run_outcome_value(queued->arena, outcome);
    wheel_enqueue_case(wheel, one, queued);
}

/* Whether it may begin now. A drop may be told twice, whatever the step is. */
static bool may_begin(struct wheel *wheel, struct call *call)
{
    struct text why = TEXT_NONE;

    if (call->check_of || call->frame.verb == RUN_DROP)
        return true;
    const struct plugin_description *plugin =
        wheel->plugins.find(wheel->plugins.self, call->frame.plugin, &why);
    if (!plugin) {
        call->tries++;
        postpone(wheel, call, why);
        return false;
    }
    const struct plugin_step_type *type = plugin_step_type(plugin, call->frame.step);
    if (call->start == START_MADE || !type || type->is_idempotent)
        return true;
    starts_ask(wheel, call);
    return false;
}

static void begin(struct wheel *wheel, struct call *call)
{
    call->retry_at_ms = 0;
    if (!may_begin(wheel, call))
        return;
    call->is_begun = true;
    call->tries++;
    wheel->ports.hosts.begin(wheel->ports.hosts.self, &call->frame);
}

/* Once what the case now is, is durable. */
static void begin_behind(struct wheel *wheel, const struct run_case *one, struct call *call)
{
    struct batch *gate = wheel_gate(wheel, one->newest_batch);

    if (gate)
        batch_add_effect(gate, EFFECT_CALL)->call = call->number;
    else
        begin(wheel, call);
}

void calls_begin(struct wheel *wheel, uint64_t number)
{
    struct call *call = find(wheel, number);

    bool is_ready = call && (call->start == START_NONE || call->start == START_MADE);

    /* It may have ended before it began: its state was left. */
    if (is_ready && !call->is_begun && call->retry_at_ms == 0)
        begin(wheel, call);
}

/* ---- Checks. ---- */

void calls_ask(struct wheel *wheel, struct queued *queued, const struct case_check *checks,
               size_t count)
{
    queued->event.checks = value_map(queued->arena);
    queued->checks_open = count;
    wheel->checks_count += count;
    for (size_t i = 0; i < count; i++) {
        struct call *call = add(wheel, checks[i].key);
        call->check_of = queued;
        call->id = queued->id;
        call->frame.verb = RUN_CHECK;
        call->frame.plugin = text_copy(call->arena, checks[i].plugin);
        call->frame.step = text_copy(call->arena, checks[i].step);
        call->frame.inputs = value_copy(call->arena, &checks[i].inputs);
        call->frame.now_ms = queued->event.now_ms;
        call->frame.timeout_ms = checks[i].timeout_ms;
        begin(wheel, call);
    }
}

/* ---- Steps. ---- */

static enum run_verb verb(enum case_verb verb)
{
    switch (verb) {
    case CASE_RUN:
        return RUN_STEP;
    case CASE_RESUME:
        return RUN_RESUME;
    case CASE_STEP_DROP:
        return RUN_DROP;
    }
    CHECK(!"a verb of the table");
    return RUN_STEP;
}

/* It had begun, it was not idempotent, and the process that was at it is gone. */
static void lose(struct wheel *wheel, struct call *call)
{
    struct text message =
        text_printf(wheel->turn, "The daemon ended while the plugin %.*s ran %.*s.",
                    TEXT_ARG(call->frame.plugin), TEXT_ARG(call->frame.step));
    struct run_outcome outcome = {
        .kind = RUN_BROKEN, .message = message, .retry = true, .ran = true};

    call->is_begun = true;
    call->is_answered = true;
    calls_tell(wheel, call, CASE_OUTCOME, &outcome);
}

static void start(struct wheel *wheel, struct run_case *one, const struct case_call *wanted)
{
    struct call *call = add(wheel, wanted->key);
    struct arena *arena = call->arena;

    call->id = one->state.id;
    call->step_id = text_copy(arena, wanted->step_id);
    call->frame.verb = verb(wanted->verb);
    call->frame.plugin = text_copy(arena, wanted->plugin);
    call->frame.step = text_copy(arena, wanted->step);
    call->frame.inputs = value_copy(arena, &wanted->inputs);
    call->frame.key = text_copy(arena, wanted->idempotency_key);
    call->frame.now_ms = wanted->now_ms;
    call->frame.timeout_ms = wanted->timeout_ms;
    call->frame.attempt = wanted->attempt;
    call->frame.park_count = wanted->park_count;
    call->frame.woken_by_time = wanted->woken_by_time;
    call->frame.answer = value_copy(arena, &wanted->answer);
    call->frame.cookie = text_copy(arena, wanted->cookie);
    call->next = one->calls;
    one->calls = call;
    if (wanted->is_started)
        lose(wheel, call);
    else
        begin_behind(wheel, one, call);
}

/* It is under way, or its start was just written. */
static void go_on(struct wheel *wheel, const struct run_case *one, struct call *call,
                  const struct case_call *wanted)
{
    if (call->start != START_ASKED || !wanted->is_started)
        return;
    call->start = START_MADE;
    begin_behind(wheel, one, call);
}

/* What was begun is told that nobody waits for it, once the entry that ended it is durable. */
static void cancel(struct wheel *wheel, const struct run_case *one, struct call *call)
{
    struct batch *gate = wheel_gate(wheel, one->newest_batch);

    if (call->is_begun && !call->is_answered && call->retry_at_ms == 0) {
        if (gate)
            batch_add_effect(gate, EFFECT_CANCEL)->call = call->number;
        else
            wheel->ports.hosts.cancel(wheel->ports.hosts.self, call->number);
    }
    discard(wheel, call);
}

static bool is_wanted(const struct call *call, const struct case_call *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(call->key, wanted[i].key))
            return true;
    return false;
}

static struct call *under_way(const struct run_case *one, struct text key)
{
    struct call *call = one->calls;

    while (call && !text_equal(call->key, key))
        call = call->next;
    return call;
}

void calls_follow(struct wheel *wheel, struct run_case *one)
{
    size_t count = 0;
    const struct case_call *wanted = case_calls(&one->state, wheel->turn, &count);
    struct call **link = &one->calls;

    while (*link) {
        struct call *call = *link;
        if (is_wanted(call, wanted, count)) {
            link = &call->next;
            continue;
        }
        *link = call->next;
        cancel(wheel, one, call);
    }
    for (size_t i = 0; i < count; i++) {
        struct call *call = under_way(one, wanted[i].key);
        if (call)
            go_on(wheel, one, call, &wanted[i]);
        else
            start(wheel, one, &wanted[i]);
    }
}

void calls_drop(struct wheel *wheel, struct run_case *one)
{
    while (one->calls) {
        struct call *call = one->calls;
        one->calls = call->next;
        cancel(wheel, one, call);
    }
}

/* ---- Outcomes. ---- */

static void check_answered(struct wheel *wheel, struct call *call,
                           const struct run_outcome *outcome)
{
    struct queued *queued = call->check_of;

    value_set(&queued->event.checks, text_copy(queued->arena, call->key),
              run_outcome_value(queued->arena, outcome));
    discard(wheel, call);
    wheel->checks_count--;
    if (--queued->checks_open > 0)
        return;
    struct run_case *one = cases_find(&wheel->cases, &queued->id);
    CHECK(one && one->current == queued);
    wheel_make_ready(wheel, one);
}

static bool is_tried_again(struct wheel *wheel, struct call *call,
                           const struct run_outcome *outcome)
{
    if (outcome->kind != RUN_BROKEN || !outcome->retry)
        return false;
    if (outcome->ran && (call->frame.verb != RUN_DROP || call->tries >= WHEEL_DROP_TRIES))
        return false;
    postpone(wheel, call, outcome->message);
    return true;
}

static void step_answered(struct wheel *wheel, struct call *call, const struct run_outcome *outcome)
{
    call->is_answered = true; /* it stays with the case until the event is applied */
    calls_tell(wheel, call, CASE_OUTCOME, outcome);
}

void wheel_answered(struct wheel *wheel, uint64_t number, const struct run_outcome *outcome)
{
    struct call *call = find(wheel, number);

    if (!call || call->is_answered ||
        call->retry_at_ms != 0) /* cancelled, or a late word of a host that was given up */
        return;
    if (call->check_of)
        check_answered(wheel, call, outcome);
    else if (!is_tried_again(wheel, call, outcome))
        step_answered(wheel, call, outcome);
}

void calls_retry(struct wheel *wheel)
{
    int64_t now_ms = wheel->ports.clock.steady_ms(wheel->ports.clock.self);

    if (wheel->retry_first_ms > now_ms)
        return;
    wheel->retry_first_ms = INT64_MAX;
    for (size_t i = 0; i < wheel->calls.capacity; i++) {
        struct call *call = wheel->calls.slots[i];
        if (!call || call->retry_at_ms == 0)
            continue;
        if (call->retry_at_ms <= now_ms)
            begin(wheel, call);
        else if (call->retry_at_ms < wheel->retry_first_ms)
            wheel->retry_first_ms = call->retry_at_ms;
    }
}
