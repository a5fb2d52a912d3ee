/* Events that a workflow sends: `send` and `cancel`. Each waits in the case as a timer, also one
 * without a delay, so that a crash cannot lose it, and is a macrostep of its own when it is due. It
 * ends by `cancel`, or with the case; leaving a state does not touch it. */
#include <math.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"

/* ---- Data on its way through the case, which holds JSON's kinds and no nulls. What JSON has not
 * is a map that says its kind, and so is every map. ---- */

static struct value wrap(struct arena *arena, const char *kind, struct value value)
{
    struct value wrapped = value_map(arena);
    value_put(&wrapped, kind, value);
    return wrapped;
}

static struct value duration_pack(struct instant span, struct arena *arena)
{
    struct value parts = value_list(arena);
    value_append(&parts, value_int(span.seconds));
    value_append(&parts, value_int(span.nanos));
    return wrap(arena, "duration", parts);
}

/* False for a number that JSON cannot tell. */
static bool pack(const struct value *typed, struct arena *arena, struct value *packed_out)
{
    struct value item, list = value_list(arena), map = value_map(arena);
    *packed_out = *typed;
    switch (typed->kind) {
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_STRING:
        return true;
    case VALUE_DOUBLE:
        return isfinite(typed->real) != 0;
    case VALUE_NULL:
        *packed_out = wrap(arena, "null", value_bool(true));
        return true;
    case VALUE_TIMESTAMP:
        *packed_out =
            wrap(arena, "timestamp", value_string(when_write_timestamp(arena, typed->instant)));
        return true;
    case VALUE_DURATION:
        *packed_out = duration_pack(typed->instant, arena);
        return true;
    case VALUE_LIST:
        for (size_t i = 0; i < value_count(typed); i++) {
            if (!pack(value_item(typed, i), arena, &item))
                return false;
            value_append(&list, item);
        }
        *packed_out = list;
        return true;
    case VALUE_MAP:
        for (size_t i = 0; i < value_count(typed); i++) {
            const struct value_member *member = value_member(typed, i);
            if (!pack(&member->value, arena, &item))
                return false;
            value_set(&map, member->key, item);
        }
        *packed_out = wrap(arena, "map", map);
        return true;
    }
    CHECK(!"a kind of value");
    return false;
}

static struct value unpack(const struct value *packed, struct arena *arena);

static struct value map_unpack(const struct value *packed, struct arena *arena)
{
    struct value map = value_map(arena);
    for (size_t i = 0; i < value_count(packed); i++) {
        const struct value_member *member = value_member(packed, i);
        value_set(&map, member->key, unpack(&member->value, arena));
    }
    return map;
}

static struct value wrapped_unpack(const struct value *packed, struct arena *arena)
{
    const struct value_member *wrapped = value_member(packed, 0);
    struct instant instant;
    if (text_is(wrapped->key, "map"))
        return map_unpack(&wrapped->value, arena);
    if (text_is(wrapped->key, "timestamp")) {
        CHECK(when_read_timestamp(wrapped->value.string, &instant));
        return value_timestamp(instant);
    }
    if (text_is(wrapped->key, "duration"))
        return value_duration(
            (struct instant){.seconds = value_item(&wrapped->value, 0)->integer,
                             .nanos = (int32_t)value_item(&wrapped->value, 1)->integer});
    CHECK(text_is(wrapped->key, "null"));
    return value_null();
}

static struct value unpack(const struct value *packed, struct arena *arena)
{
    if (packed->kind == VALUE_MAP)
        return wrapped_unpack(packed, arena);
    if (packed->kind != VALUE_LIST)
        return *packed;
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(packed); i++)
        value_append(&list, unpack(value_item(packed, i), arena));
    return list;
}

/* ---- send ---- */

static bool is_send(const struct value *timer)
{
    return value_is_string(value_get(timer, TEXT("kind")), "send");
}

static size_t count_sends(const struct case_turn *turn)
{
    const struct value *timers = case_peek(turn, PART_TIMERS);
    size_t count = 0;
    for (size_t i = 0; i < value_count(timers); i++)
        count += is_send(&value_member(timers, i)->value);
    return count;
}

static bool due_of(struct case_turn *turn, const struct workflow_action *action,
                   int64_t *due_ms_out, struct text *why_out)
{
    struct value delay;
    *due_ms_out = case_due_after(turn->workflow, turn->event->now_ms, &action->wait);
    if (action->delay == NULL)
        return true;
    if (case_evaluate(&turn->scope, action->delay, &delay, why_out) != 0)
        return false;
    CHECK(delay.kind == VALUE_DURATION);
    *due_ms_out = case_due(turn->event->now_ms, when_to_ms(delay.instant));
    return true;
}

static bool data_of(struct case_turn *turn, const struct workflow_action *action,
                    struct value *timer, struct text *why_out)
{
    struct value typed, packed;
    if (action->data.count == 0)
        return true;
    if (!case_event_data(&turn->scope, &action->data, &typed, why_out))
        return false;
    if (!pack(&typed, turn->arena, &packed)) {
        *why_out = TEXT(N_("a number in its data is infinite, or is none."));
        return false;
    }
    value_put(timer, "data", packed);
    return true;
}

static bool event_of(struct case_turn *turn, const struct workflow_action *action,
                     struct text *event_out, struct text *why_out)
{
    if (!case_action_text(turn, action, event_out, why_out))
        return false;
    if (workflow_is_event(*event_out))
        return true;
    *why_out = TEXT(N_("what its expression gave is not the name of an event."));
    return false;
}

/* Everything that may err; the timer is complete but for its time. */
static bool make(struct case_turn *turn, const struct workflow_action *action, struct value *timer,
                 int64_t *due_ms_out, struct text *why_out)
{
    struct text event;
    if (!event_of(turn, action, &event, why_out) || !due_of(turn, action, due_ms_out, why_out) ||
        !data_of(turn, action, timer, why_out))
        return false;
    if (count_sends(turn) >= CASE_SENDS_MAX) {
        *why_out =
            text_printf(turn->arena, N_("%d events wait in this case already."), CASE_SENDS_MAX);
        return false;
    }
    value_put(timer, "event", value_string(event));
    if (!text_is_empty(action->id))
        value_put(timer, "id", value_string(action->id));
    return true;
}

bool case_send(struct case_turn *turn, const struct workflow_action *action)
{
    struct value timer = value_map(turn->arena);
    int64_t due_ms, rank = (int64_t)turn->send_count;
    struct text why;
    if (!make(turn, action, &timer, &due_ms, &why)) {
        case_fault_raise(turn, &action->place,
                         text_printf(turn->arena, N_("an event is not sent: %.*s"), TEXT_ARG(why)));
        return false;
    }
    turn->send_count++;
    case_timer_set(turn,
                   text_printf(turn->arena, "send.%llu.%lld", (unsigned long long)turn->event->seq,
                               (long long)rank),
                   "send", due_ms, rank, timer);
    return true;
}

/* ---- cancel ---- */

static void drop(struct case_turn *turn, bool all, struct text id)
{
    for (size_t i = value_count(case_peek(turn, PART_TIMERS)); i-- > 0;) {
        const struct value_member *timer = value_member(case_peek(turn, PART_TIMERS), i);
        const struct value *of = value_get(&timer->value, TEXT("id"));
        if (is_send(&timer->value) && (all || (of != NULL && text_equal(of->string, id))))
            value_remove(case_part(turn, PART_TIMERS), timer->key);
    }
}

bool case_cancel(struct case_turn *turn, const struct workflow_action *action)
{
    struct text id, why;
    if (!case_action_text(turn, action, &id, &why)) {
        case_fault_raise(turn, &action->place,
                         text_printf(turn->arena, N_("nothing is cancelled: %.*s"), TEXT_ARG(why)));
        return false;
    }
    drop(turn, false, id);
    return true;
}

void case_sends_drop(struct case_turn *turn)
{
    drop(turn, true, TEXT_NONE);
}

/* ---- Arriving. ---- */

int case_send_fire(struct case_turn *turn, const struct value *timer)
{
    const struct value *packed = value_get(timer, TEXT("data"));
    struct value data = packed != NULL ? unpack(packed, turn->arena) : value_map(turn->arena);
    if (value_get(&data, TEXT("due")) == NULL)
        value_put(&data, "due", value_timestamp(when_from_ms(value_int_at(timer, "due", 0))));
    struct chart_event event = {
        .name = value_text_at(timer, "event"), .transition = CHART_NONE, .data = data};
    return case_event_tell(turn, &event);
}
