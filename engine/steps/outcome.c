/* Outcomes, by a table of their names. */
#include "steps/outcome.h"

#include "base/arena.h"
#include "wire/wire.h"

struct reading {
    const struct plugin_step_type *type;
    enum run_verb verb;
    const struct value *body;
    struct arena *arena;
    struct text *why_out;
};

static bool refuse(const struct reading *reading, const char *why)
{
    *reading->why_out = text_from(why);
    return false;
}

static const struct value *member(const struct value *map, const char *name, enum value_kind kind)
{
    const struct value *value = value_get(map, text_from(name));
    return value != NULL && value->kind == kind ? value : NULL;
}

static bool is_message(const struct value *value)
{
    return value != NULL && value->kind == VALUE_STRING && value->string.size > 0 &&
           value->string.size <= WIRE_MESSAGE_BYTES_MAX;
}

struct text outcome_message(const struct value *body)
{
    const struct value *message = member(body, "message", VALUE_STRING);
    return is_message(message) ? message->string : TEXT(N_("It does not say why."));
}

static bool read_done(const struct reading *reading, struct run_outcome *outcome)
{
    struct text why;
    const struct value *outputs = member(reading->body, "outputs", VALUE_MAP);
    if (outputs == NULL)
        return refuse(reading, "done without outputs");
    if (!plugin_fits(reading->type->outputs, false, "output", outputs, reading->arena, &why)) {
        *reading->why_out = why;
        return false;
    }
    outcome->outputs = *outputs;
    return true;
}

static bool reason_is_sound(const struct reading *reading, const struct value *reason)
{
    const struct value *input = member(reason, "input", VALUE_STRING);
    return value_count(reason) == 2 && is_message(member(reason, "message", VALUE_STRING)) &&
           input != NULL &&
           (input->string.size == 0 || plugin_field(reading->type->inputs, input->string) != NULL);
}

static bool read_refused(const struct reading *reading, struct run_outcome *outcome)
{
    const struct value *reasons = member(reading->body, "reasons", VALUE_LIST);
    size_t count = value_count(reasons);
    if (count == 0 || count > WIRE_REASONS_MAX)
        return refuse(reading, "refused without reasons, or with too many");
    for (size_t i = 0; i < count; i++) {
        if (!reason_is_sound(reading, value_item(reasons, i)))
            return refuse(reading, "refused with a reason that is none");
    }
    outcome->reasons = *reasons;
    return true;
}

static bool read_failed(const struct reading *reading, struct run_outcome *outcome)
{
    const struct value *retry = member(reading->body, "retry", VALUE_BOOL);
    const struct value *message = member(reading->body, "message", VALUE_STRING);
    if (retry == NULL || !is_message(message))
        return refuse(reading, "failed without a message");
    outcome->retry = retry->boolean;
    outcome->message = message->string;
    return true;
}

static bool read_wakes(const struct reading *reading, struct run_outcome *outcome)
{
    const struct value *wakes = member(reading->body, "wakes", VALUE_LIST);
    size_t count = value_count(wakes);
    for (size_t i = 0; i < count && i < 2; i++) {
        const struct value *wake = value_item(wakes, i);
        outcome->wakes_on_answer |= value_is_string(wake, "answer");
        outcome->wakes_on_time |= value_is_string(wake, "time");
    }
    return count > 0 && count == (size_t)outcome->wakes_on_answer + outcome->wakes_on_time;
}

static bool cookie_is_sound(struct text hex)
{
    char bytes[WIRE_COOKIE_BYTES_MAX];
    return hex.size % 2 == 0 && hex.size / 2 <= sizeof bytes &&
           text_from_hex(hex, bytes, hex.size / 2);
}

static bool read_parked(const struct reading *reading, struct run_outcome *outcome)
{
    const struct value *until = member(reading->body, "until_ms", VALUE_INT);
    const struct value *cookie = member(reading->body, "cookie", VALUE_STRING);
    if (!reading->type->parks)
        return refuse(reading, "parked, which it cannot");
    if (!read_wakes(reading, outcome))
        return refuse(reading, "parked with nothing that can wake it");
    if (until == NULL || until->integer < 0 || (outcome->wakes_on_time && until->integer == 0))
        return refuse(reading, "parked without a time");
    if (cookie == NULL || !cookie_is_sound(cookie->string))
        return refuse(reading, "parked without a cookie");
    outcome->until_ms = until->integer;
    outcome->cookie = cookie->string;
    return true;
}

static bool read_dropped(const struct reading *reading, struct run_outcome *outcome)
{
    (void)reading;
    (void)outcome;
    return true;
}

static bool read_broken(const struct reading *reading, struct run_outcome *outcome)
{
    const struct value *message = member(reading->body, "message", VALUE_STRING);
    const struct value *ran = member(reading->body, "ran", VALUE_BOOL);
    if (!is_message(message) || ran == NULL)
        return refuse(reading, "broken without a message");
    outcome->message = message->string;
    outcome->ran = ran->boolean;
    return true;
}

enum { OF_CHECK = 1, OF_STEP = 2, OF_DROP = 4 };

static const struct outcome_kind {
    const char *name;
    enum run_outcome_kind kind;
    int of;
    size_t member_count;
    bool (*read)(const struct reading *reading, struct run_outcome *outcome);
} kinds[] = {
    {"done", RUN_DONE, OF_CHECK | OF_STEP, 2, read_done},
    {"refused", RUN_REFUSED, OF_CHECK, 2, read_refused},
    {"failed", RUN_FAILED, OF_CHECK | OF_STEP, 3, read_failed},
    {"parked", RUN_PARKED, OF_STEP, 4, read_parked},
    {"dropped", RUN_DROPPED, OF_DROP, 1, read_dropped},
    {"broken", RUN_BROKEN, OF_CHECK | OF_STEP | OF_DROP, 3, read_broken},
};

static int kind_of(enum run_verb verb)
{
    switch (verb) {
    case RUN_CHECK:
        return OF_CHECK;
    case RUN_STEP:
    case RUN_RESUME:
        return OF_STEP;
    case RUN_DROP:
        return OF_DROP;
    }
    return 0;
}

bool outcome_read(const struct plugin_step_type *type, enum run_verb verb, const struct value *body,
                  struct arena *arena, struct run_outcome *outcome_out, struct text *why_out)
{
    struct reading reading = {type, verb, body, arena, why_out};
    const struct value *name = member(body, "outcome", VALUE_STRING);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!value_is_string(name, kinds[i].name))
            continue;
        if ((kinds[i].of & kind_of(verb)) == 0)
            return refuse(&reading, "an outcome that this call cannot have");
        if (value_count(body) != kinds[i].member_count)
            return refuse(&reading, "an outcome with too few or too many members");
        *outcome_out = (struct run_outcome){.kind = kinds[i].kind};
        return kinds[i].read(&reading, outcome_out);
    }
    return refuse(&reading, "an outcome that does not exist");
}
