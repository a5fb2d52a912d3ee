/* Steps: work of plugins while a state is active.
 *
 *   due          a call runs it                        {due, run, now, inputs, early?, started?}
 *   parked       waits for what wakes it               {.., park, cookie, wakes_answer, wakes_time,
 *                                                       until?}
 *   resuming     a call resumes it                     {.., answer?, started?}
 *   waiting      failed, and is tried again by a timer {.., again, until, why}
 *   failing      its inputs could not be made: a timer fails it
 *   lost         nobody knows whether it happened: it waits for a person {.., again, why, since}
 *   quarantined  it broke its host again and again: the same
 *
 * `due` is the seq that made it due, `now` the time of the event that its call answers to, `run`
 * counts the attempts since it became due, `try` (left out: 1) those since it parked, `again` is
 * the status that the next attempt has, `park` counts how often it parked, `breaks` how often it
 * broke its host since. `started`: its call has begun, or is about to; only of one that is not
 * idempotent, which is therefore never called twice of itself. What a step had parked
 * when it was left is kept in the case's `drops` until its plugin was told: {step, due, park, now,
 * inputs, cookie}. Every key of a call or timer names the run or park it is of, so that what comes
 * late is of nothing that is there.
 *
 * A call that was turned away before it ran is the wheel's to begin again; an outcome that reaches
 * the core is final, or counts as one attempt (retries.c, breaks.c). */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

/* ---- Keys. ---- */

static struct text call_key(const char *verb, const struct value *step, struct text id,
                            const char *counter, struct arena *arena)
{
    return text_printf(arena, "%s.%.*s.%lld.%lld", verb, TEXT_ARG(id),
                       (long long)value_int_at(step, "due", 0),
                       (long long)value_int_at(step, counter, 0));
}

static bool is_status(const struct value *step, const char *status)
{
    return value_is_string(value_get(step, TEXT("status")), status);
}

struct text case_run_key(const struct value *step, struct text id, struct arena *arena)
{
    if (is_status(step, "due"))
        return call_key("run", step, id, "run", arena);
    if (!is_status(step, "resuming"))
        return TEXT_NONE;
    struct text key = call_key("resume", step, id, "park", arena);
    int64_t run = value_int_at(step, "run", 1);
    return run > 1 ? text_printf(arena, "%.*s.%lld", TEXT_ARG(key), (long long)run) : key;
}

bool case_step_takes_answer(const struct value *step)
{
    if (is_status(step, "parked"))
        return value_bool_at(step, "wakes_answer");
    bool runs = is_status(step, "due") || value_is_string(value_get(step, TEXT("again")), "due");
    return runs && value_get(step, TEXT("early")) == NULL;
}

const struct workflow_step *case_call_step(const struct case_turn *turn, struct text key)
{
    const struct value *steps = case_peek(turn, PART_STEPS);
    const struct value *drop = value_get(case_peek(turn, PART_DROPS), key);
    if (drop != NULL)
        return workflow_step(turn->workflow, value_text_at(drop, "step"));
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value_member *step = value_member(steps, i);
        if (text_equal(case_run_key(&step->value, step->key, turn->arena), key))
            return workflow_step(turn->workflow, step->key);
    }
    return NULL;
}

/* ---- Ending. ---- */

static void keep_drop(struct case_turn *turn, struct text id, const struct value *step)
{
    struct value drop = value_map(turn->arena);
    struct text key = call_key("drop", step, id, "park", turn->arena);
    static const char *const kept[] = {"due", "park", "inputs", "cookie"};
    value_put(&drop, "step", value_string(id));
    value_put(&drop, "now", value_int(turn->event->now_ms));
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        value_put(&drop, kept[i], *value_get(step, text_from(kept[i])));
    value_set(case_part(turn, PART_DROPS), key, drop);
}

/* Whatever timer it has: its wake or its fault. */
void case_step_timer_remove(struct case_turn *turn, struct text id)
{
    const struct value *timers = case_peek(turn, PART_TIMERS);
    for (size_t i = 0; i < value_count(timers); i++) {
        const struct value_member *timer = value_member(timers, i);
        if (!text_equal(value_text_at(&timer->value, "step"), id))
            continue;
        value_remove(case_part(turn, PART_TIMERS), timer->key);
        return;
    }
}

void case_step_end(struct case_turn *turn, struct text id, bool is_left)
{
    const struct value *step = value_get(case_peek(turn, PART_STEPS), id);
    CHECK(step != NULL);
    if (is_left && value_int_at(step, "park", 0) > 0)
        keep_drop(turn, id, step);
    if (value_get(step, TEXT("early")) != NULL)
        case_note(turn, "The answer to %.*s was dropped: the step ended before it asked.",
                  TEXT_ARG(id));
    case_step_timer_remove(turn, id);
    value_remove(case_part(turn, PART_STEPS), id);
}

void case_steps_leave(struct case_turn *turn, uint16_t state)
{
    const struct workflow_state *s = &turn->workflow->states[state];
    for (size_t i = 0; i < s->step_count; i++)
        if (value_get(case_peek(turn, PART_STEPS), s->steps[i]->id) != NULL)
            case_step_end(turn, s->steps[i]->id, true);
}

/* ---- Starting. ---- */

/* The chart must hear of it, and this macrostep is over: a timer due now brings it. */
static void fail_later(struct case_turn *turn, const struct workflow_step *step, struct value *made,
                       struct text why)
{
    struct text message = text_printf(turn->arena, N_("The step %.*s was not started: %.*s"),
                                      TEXT_ARG(step->id), TEXT_ARG(why));
    struct value timer = value_map(turn->arena);
    uint16_t rank = (uint16_t)(step - turn->workflow->steps);
    case_fault(turn, NULL, message);
    value_put(made, "status", value_cstring("failing"));
    value_put(&timer, "step", value_string(step->id));
    value_put(&timer, "message", value_string(message));
    case_timer_set(turn,
                   text_printf(turn->arena, "fault.%.*s.%llu", TEXT_ARG(step->id),
                               (unsigned long long)turn->event->seq),
                   "fault", turn->event->now_ms, rank, timer);
}

static void start(struct case_turn *turn, const struct workflow_step *step)
{
    struct value made = value_map(turn->arena), inputs;
    struct text why;
    value_put(&made, "status", value_cstring("due"));
    value_put(&made, "due", value_int((int64_t)turn->event->seq));
    value_put(&made, "run", value_int(1));
    value_put(&made, "now", value_int(turn->event->now_ms));
    if (case_inputs(&turn->scope, &step->with, &inputs, &why))
        value_put(&made, "inputs", inputs);
    else
        fail_later(turn, step, &made, why);
    value_set(case_part(turn, PART_STEPS), step->id, made);
}

void case_steps_start(struct case_turn *turn)
{
    for (uint16_t s = 0; s < turn->workflow->chart.state_count; s++) {
        const struct workflow_state *state = &turn->workflow->states[s];
        for (size_t i = 0; turn->entered[s] && i < state->step_count; i++)
            start(turn, state->steps[i]);
    }
}

/* ---- What plugins must be doing. ---- */

static struct text case_hex(const struct case_state *state, struct arena *arena)
{
    return text_hex(arena, state->id.bytes, sizeof state->id.bytes);
}

static struct value member_or_null(const struct value *map, const char *name)
{
    const struct value *member = value_get(map, text_from(name));
    return member == NULL ? value_null() : *member;
}

static struct case_call make_call(const struct case_state *state, const struct workflow_step *step,
                                  const struct value *record, enum case_verb verb, struct text key,
                                  struct arena *arena)
{
    CHECK(step != NULL);
    return (struct case_call){
        .key = key,
        .verb = verb,
        .step_id = step->id,
        .plugin = step->plugin,
        .step = step->step,
        .inputs = member_or_null(record, "inputs"),
        .idempotency_key =
            text_printf(arena, "%.*s.%lld.%.*s", TEXT_ARG(case_hex(state, arena)),
                        (long long)value_int_at(record, "due", 0), TEXT_ARG(step->id)),
        .now_ms = value_int_at(record, "now", 0),
        .timeout_ms = step->timeout_ms,
        .attempt = value_int_at(record, "try", 1),
        .park_count = value_int_at(record, "park", 0),
        .is_started = value_bool_at(record, "started"),
        .woken_by_time = verb == CASE_RESUME && value_get(record, TEXT("answer")) == NULL,
        .answer = member_or_null(record, "answer"),
        .cookie = value_text_at(record, "cookie"),
    };
}

const struct case_call *case_calls(const struct case_state *state, struct arena *arena,
                                   size_t *count_out)
{
    const struct value *steps = value_get(&state->doc, TEXT("steps"));
    const struct value *drops = value_get(&state->doc, TEXT("drops"));
    struct case_call *calls =
        ARENA_ARRAY(arena, struct case_call, value_count(steps) + value_count(drops));
    *count_out = 0;
    for (size_t i = 0; i < value_count(drops); i++) {
        const struct value_member *drop = value_member(drops, i);
        calls[(*count_out)++] =
            make_call(state, workflow_step(state->workflow, value_text_at(&drop->value, "step")),
                      &drop->value, CASE_STEP_DROP, drop->key, arena);
    }
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value_member *step = value_member(steps, i);
        struct text key = case_run_key(&step->value, step->key, arena);
        enum case_verb verb = is_status(&step->value, "resuming") ? CASE_RESUME : CASE_RUN;
        if (!text_is_empty(key))
            calls[(*count_out)++] = make_call(state, workflow_step(state->workflow, step->key),
                                              &step->value, verb, key, arena);
    }
    return calls;
}
