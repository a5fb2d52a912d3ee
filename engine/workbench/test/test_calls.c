/* Calls of plugins while a test runs: a stand-in answers, or the plugin itself.
 *
 * What a stand-in parks bears a cookie of ours, so that what is resumed finds its way back, even
 * where stand-ins have been changed meanwhile. */
#include <string.h>

#include "base/arena.h"
#include "workbench/test/test.h"

static const char cookie_prefix[] = "7374616e642d696e"; /* "stand-in" */

static const struct test_stand_in *find(const struct test_run *run, struct text plugin,
                                        struct text step)
{
    for (size_t i = 0; i < run->stand_ins.count; i++) {
        const struct test_stand_in *one = &run->stand_ins.items[i];

        if (one->use.size == plugin.size + 1 + step.size &&
            memcmp(one->use.bytes, plugin.bytes, plugin.size) == 0 &&
            one->use.bytes[plugin.size] == '/' &&
            memcmp(one->use.bytes + plugin.size + 1, step.bytes, step.size) == 0)
            return one;
    }
    return NULL;
}

/* ---- Stand-ins. ---- */

static struct text park(struct test_run *run, const struct test_stand_in *stand_in)
{
    if (run->parked_count == run->parked_capacity) {
        size_t capacity = run->parked_capacity * 2 + 8;
        const struct test_stand_in **parked =
            ARENA_ARRAY(run->report_arena, const struct test_stand_in *, capacity);

        if (run->parked_count > 0)
            memcpy(parked, run->parked, run->parked_count * sizeof(*parked));
        run->parked = parked;
        run->parked_capacity = capacity;
    }
    run->parked[run->parked_count] = stand_in;
    return text_printf(run->arena, "%s%08zx", cookie_prefix, run->parked_count++);
}

/* The stand-in that parked with this cookie, or NULL: a plugin did. */
static const struct test_stand_in *parked_with(const struct test_run *run, struct text cookie)
{
    uint8_t bytes[4];
    size_t prefix = strlen(cookie_prefix), number;

    if (!text_begins(cookie, cookie_prefix) ||
        !text_from_hex((struct text){cookie.bytes + prefix, cookie.size - prefix}, bytes, 4))
        return NULL;
    number = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    return number < run->parked_count ? run->parked[number] : NULL;
}

static struct value play(struct test_run *run, const struct test_stand_in *stand_in)
{
    struct run_outcome outcome = {.kind = RUN_DONE, .outputs = value_map(run->arena)};

    if (stand_in == NULL) /* `parked` without `then` */
        return run_outcome_value(run->arena, &outcome);
    switch (stand_in->kind) {
    case STAND_DONE:
        outcome.outputs = stand_in->outputs;
        break;
    case STAND_FAILED:
        outcome.kind = RUN_FAILED;
        outcome.message = stand_in->message;
        outcome.retry = stand_in->retry;
        break;
    case STAND_REFUSED:
        outcome.kind = RUN_REFUSED;
        outcome.reasons = stand_in->reasons;
        break;
    case STAND_PARKED:
        outcome.kind = RUN_PARKED;
        outcome.wakes_on_answer = true;
        outcome.wakes_on_time = stand_in->wait_ms > 0;
        outcome.until_ms = run->now_ms + stand_in->wait_ms;
        outcome.cookie = park(run, stand_in);
        break;
    }
    return run_outcome_value(run->arena, &outcome);
}

/* ---- Plugins. ---- */

static struct value really(struct test_run *run, struct run_call *call)
{
    struct run_outcome outcome = {.kind = RUN_BROKEN};

    call->number = ++run->call_number;
    if (run->hosts != NULL) {
        run->hosts->call(run->hosts->self, call, run->arena, &outcome);
    } else {
        outcome.message = text_printf(run->arena,
                                      N_("%.*s/%.*s has no stand-in, and there are no "
                                         "plugins."),
                                      TEXT_ARG(call->plugin), TEXT_ARG(call->step));
    }
    if (outcome.kind == RUN_BROKEN && call->verb != RUN_DROP)
        test_fail(run, run->item != NULL ? run->item->place : run->result->test->place,
                  "%.*s/%.*s could not be run: %.*s", TEXT_ARG(call->plugin), TEXT_ARG(call->step),
                  TEXT_ARG(outcome.message));
    return run_outcome_value(run->arena, &outcome);
}

struct value test_check(struct test_run *run, const struct case_check *check)
{
    const struct test_stand_in *stand_in = find(run, check->plugin, check->step);
    struct run_call call = {.verb = RUN_CHECK,
                            .plugin = check->plugin,
                            .step = check->step,
                            .inputs = check->inputs,
                            .now_ms = run->now_ms,
                            .timeout_ms = check->timeout_ms};

    return stand_in != NULL ? play(run, stand_in) : really(run, &call);
}

struct value test_call(struct test_run *run, const struct case_call *call)
{
    static const enum run_verb verbs[] = {
        [CASE_RUN] = RUN_STEP, [CASE_RESUME] = RUN_RESUME, [CASE_STEP_DROP] = RUN_DROP};
    const struct test_stand_in *stand_in = call->verb == CASE_RUN
                                               ? find(run, call->plugin, call->step)
                                               : parked_with(run, call->cookie);
    struct run_call real = {.verb = verbs[call->verb],
                            .plugin = call->plugin,
                            .step = call->step,
                            .inputs = call->inputs,
                            .key = call->idempotency_key,
                            .now_ms = call->now_ms,
                            .timeout_ms = call->timeout_ms,
                            .attempt = call->attempt,
                            .park_count = call->park_count,
                            .woken_by_time = call->woken_by_time,
                            .answer = call->answer,
                            .cookie = call->cookie};
    struct run_outcome dropped = {.kind = RUN_DROPPED};

    if (stand_in == NULL)
        return really(run, &real);
    if (call->verb == CASE_STEP_DROP)
        return run_outcome_value(run->arena, &dropped);
    return play(run, call->verb == CASE_RUN ? stand_in : stand_in->then);
}
