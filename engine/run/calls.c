/* Calls of plugins: checks that an event waits for, and steps that a case needs done.
 *
 * A check is asked at once: it is pure, and what it answers is told to nobody before it is part of
 * an entry. A step's call begins when the entry that made it due is durable. A step whose host
 * broke is tried again a few times, under the same idempotency key; only then is that its outcome.
 */
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
    for (struct run_case *one = wheel->cases.oldest; one; one = one->younger)
        one->calls = NULL;
}

size_t calls_count(const struct wheel *wheel)
{
    return wheel->calls.count;
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
    table_remove(&wheel->calls, number_key(call));
    free_call(call);
}

static void begin(struct wheel *wheel, struct call *call)
{
    call->is_begun = true;
    call->retry_at_ms = 0;
    call->tries++;
    wheel->ports.hosts.begin(wheel->ports.hosts.self, &call->frame);
}

void calls_begin(struct wheel *wheel, uint64_t number)
{
    struct call *call = find(wheel, number);

    if (call && !call->is_begun) /* it may have ended before it began: its state was left */
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

static void start(struct wheel *wheel, struct run_case *one, const struct case_call *wanted)
{
    struct call *call = add(wheel, wanted->key);
    struct arena *arena = call->arena;

    call->id = one->state.id;
    call->frame.verb = verb(wanted->verb);
    call->frame.plugin = text_copy(arena, wanted->plugin);
    call->frame.step = text_copy(arena, wanted->step);
    call->frame.inputs = value_copy(arena, &wanted->inputs);
    call->frame.key = text_copy(arena, wanted->idempotency_key);
    call->frame.now_ms = wanted->now_ms;
    call->frame.timeout_ms = wanted->timeout_ms;
    call->frame.woken_by_time = wanted->woken_by_time;
    call->frame.answer = value_copy(arena, &wanted->answer);
    call->frame.cookie = text_copy(arena, wanted->cookie);
    call->next = one->calls;
    one->calls = call;
    struct batch *gate = wheel_gate(wheel, one->newest_batch);
    if (gate)
        batch_add_effect(gate, EFFECT_CALL)->call = call->number;
    else
        begin(wheel, call);
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

static bool is_under_way(const struct run_case *one, struct text key)
{
    for (const struct call *call = one->calls; call; call = call->next)
        if (text_equal(call->key, key))
            return true;
    return false;
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
    for (size_t i = 0; i < count; i++)
        if (!is_under_way(one, wanted[i].key))
            start(wheel, one, &wanted[i]);
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
    if (outcome->kind != RUN_BROKEN || !outcome->retry || call->tries >= WHEEL_CALL_TRIES)
        return false;
    log_event(LOG_WARNING, "step.again", "plugin=%.*s step=%.*s try=%u",
              TEXT_ARG(call->frame.plugin), TEXT_ARG(call->frame.step), call->tries + 1);
    call->retry_at_ms = wheel->ports.clock.steady_ms(wheel->ports.clock.self) +
                        (int64_t)WHEEL_CALL_PAUSE_MS * call->tries;
    if (call->retry_at_ms < wheel->retry_first_ms)
        wheel->retry_first_ms = call->retry_at_ms;
    return true;
}

static void step_answered(struct wheel *wheel, struct call *call, const struct run_outcome *outcome)
{
    struct run_case *one = cases_find(&wheel->cases, &call->id);
    struct queued *queued = wheel_queued(wheel);

    CHECK(one);
    queued->id = call->id;
    queued->event.kind = CASE_OUTCOME;
    queued->event.name = text_copy(queued->arena, call->key);
    queued->event.outcome = run_outcome_value(queued->arena, outcome);
    call->is_answered = true; /* it stays with the case until the event is applied */
    wheel_enqueue_case(wheel, one, queued);
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
