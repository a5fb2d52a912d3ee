/* A call from its frame to its outcome.
 *
 * The happy path:
 *   1. read the frame; initial values stand in for inputs that are not given
 *   2. check inputs and answer against what the step type declares
 *   3. the plugin runs, and gives through the services
 *   4. what it gave must be what its outcome says, else the outcome is "broken" */
#include "host/call.h"

#include <errno.h>
#include <stdarg.h>

#include "base/arena.h"
#include "base/when.h"

int call_fault(struct sankofa_call *call, const char *format, ...)
{
    if (call->fault.size > 0)
        return -1;
    va_list arguments;
    va_start(arguments, format);
    call->fault = text_vprintf(call->arena, format, arguments);
    va_end(arguments);
    return -1;
}

/* 1. */

static bool read_text(const struct value *body, const char *name, struct text *text_out)
{
    const struct value *value = value_get(body, text_from(name));
    if (value == NULL || value->kind != VALUE_STRING)
        return false;
    *text_out = value->string;
    return true;
}

static bool read_cookie(struct arena *arena, const struct value *body, struct text *cookie_out)
{
    struct text hex;
    if (!read_text(body, "cookie", &hex) || hex.size / 2 > SANKOFA_COOKIE_BYTES_MAX)
        return false;
    char *bytes = arena_alloc(arena, hex.size / 2 + 1);
    if (!text_from_hex(hex, bytes, hex.size / 2))
        return false;
    *cookie_out = (struct text){bytes, hex.size / 2};
    return true;
}

static bool read_waking(struct arena *arena, const struct value *body, struct sankofa_call *call)
{
    struct text woken_by;
    if (!read_cookie(arena, body, &call->cookie) || !read_text(body, "woken_by", &woken_by))
        return false;
    call->woken_by_time = text_is(woken_by, "time");
    if (call->woken_by_time)
        return true;
    const struct value *answer = value_get(body, TEXT("answer"));
    if (!text_is(woken_by, "answer") || answer == NULL || answer->kind != VALUE_MAP)
        return false;
    call->answer = *answer;
    return true;
}

static bool read_frame(struct arena *arena, const struct wire_frame *frame,
                       struct sankofa_call *call, struct text *step_out)
{
    const struct value *inputs = value_get(&frame->body, TEXT("inputs"));
    const struct value *now = value_get(&frame->body, TEXT("now_ms"));
    if (inputs == NULL || inputs->kind != VALUE_MAP || now == NULL || now->kind != VALUE_INT ||
        !read_text(&frame->body, "key", &call->key) || !read_text(&frame->body, "step", step_out))
        return false;
    call->verb = frame->kind;
    call->number = frame->call;
    call->inputs = value_map(arena);
    for (size_t i = 0; i < value_count(inputs); i++) {
        const struct value_member *member = value_member(inputs, i);
        value_set(&call->inputs, member->key, member->value);
    }
    call->now_ms = now->integer;
    call->attempt = value_int_at(&frame->body, "attempt", 1);
    call->park_count = value_int_at(&frame->body, "parks", 0);
    if (frame->kind == WIRE_RESUME)
        return read_waking(arena, &frame->body, call);
    if (frame->kind == WIRE_DROP)
        return read_cookie(arena, &frame->body, &call->cookie);
    return frame->kind == WIRE_RUN;
}

static void set_initial(struct sankofa_call *call)
{
    struct plugin_fields inputs = call->type->inputs;
    for (size_t i = 0; i < inputs.count; i++) {
        const struct value *given = value_get(&call->inputs, inputs.items[i].name);
        struct value value;
        if (given != NULL && given->kind != VALUE_NULL)
            continue;
        if (plugin_initial(&inputs.items[i], call->arena, &value))
            value_set(&call->inputs, inputs.items[i].name, value);
    }
}

/* 2. */

/* The ABI promises times in UTC. */
static void set_times_to_utc(struct plugin_fields fields, struct value *map, struct arena *arena)
{
    for (size_t i = 0; i < fields.count; i++) {
        const struct value *value = value_get(map, fields.items[i].name);
        struct instant instant;
        if (fields.items[i].kind != PLUGIN_TIMESTAMP || value == NULL ||
            value->kind != VALUE_STRING || !when_read_timestamp(value->string, &instant))
            continue;
        struct text utc = when_write_timestamp(arena, instant);
        value_set(map, fields.items[i].name, value_string(utc));
    }
}

static bool check_given(struct sankofa_call *call)
{
    struct text why;
    if (!plugin_fits(call->type->inputs, true, "input", &call->inputs, call->arena, &why) ||
        (call->answer.kind == VALUE_MAP &&
         !plugin_fits(call->type->answers, true, "answer", &call->answer, call->arena, &why))) {
        call_fault(call, "%.*s", TEXT_ARG(why));
        return false;
    }
    set_times_to_utc(call->type->inputs, &call->inputs, call->arena);
    if (call->answer.kind == VALUE_MAP)
        set_times_to_utc(call->type->answers, &call->answer, call->arena);
    return true;
}

/* 3. */

static int run(const struct sankofa_step_type *functions, struct sankofa_call *call)
{
    call->ran = call->verb != WIRE_RESUME || functions->resume != NULL;
    switch (call->verb) {
    case WIRE_RUN:
        return (int)functions->run(&call_services, call);
    case WIRE_RESUME:
        if (functions->resume == NULL)
            return call_fault(call, "The step type does not park: it has no resume.");
        return (int)functions->resume(&call_services, call);
    case WIRE_DROP:
        if (functions->drop != NULL)
            functions->drop(&call_services, call);
        return 0;
    case WIRE_LOADED:
    case WIRE_UNLOADED:
    case WIRE_CANCEL:
    case WIRE_OUTCOME:
    case WIRE_LOG:
    case WIRE_SECRETS:
        break;
    }
    return 0;
}

/* 4. */

static struct value done(const struct sankofa_call *call)
{
    struct value map = value_map(call->arena);
    value_put(&map, "outcome", value_cstring("done"));
    value_put(&map, "outputs", call->outputs);
    return map;
}

static struct value refused(const struct sankofa_call *call)
{
    struct value map = value_map(call->arena);
    value_put(&map, "outcome", value_cstring("refused"));
    value_put(&map, "reasons", call->reasons);
    return map;
}

static struct value failed(const struct sankofa_call *call)
{
    struct value map = value_map(call->arena);
    value_put(&map, "outcome", value_cstring("failed"));
    value_put(&map, "retry", value_bool(call->retry));
    value_put(&map, "message", value_string(call->failure));
    return map;
}

static struct value parked(const struct sankofa_call *call)
{
    struct value map = value_map(call->arena), wakes = value_list(call->arena);
    if (call->wakes & SANKOFA_ANSWER)
        value_append(&wakes, value_cstring("answer"));
    if (call->wakes & SANKOFA_TIME)
        value_append(&wakes, value_cstring("time"));
    value_put(&map, "outcome", value_cstring("parked"));
    value_put(&map, "wakes", wakes);
    value_put(&map, "until_ms", value_int(call->until_ms));
    value_put(&map, "cookie",
              value_string(text_hex(call->arena, call->park_cookie.bytes, call->park_cookie.size)));
    return map;
}

static struct value dropped(const struct sankofa_call *call)
{
    struct value map = value_map(call->arena);
    value_put(&map, "outcome", value_cstring("dropped"));
    return map;
}

static struct value broken(const struct sankofa_call *call)
{
    struct value map = value_map(call->arena);
    value_put(&map, "outcome", value_cstring("broken"));
    value_put(&map, "message", value_string(call->fault));
    value_put(&map, "ran", value_bool(call->ran));
    return map;
}

/* For each outcome what must have been given; what must not have been is the others'. Outputs
 * belong to done, and are forgotten where a call is refused or fails. */
static const struct outcome_rule {
    bool reasons, failure, park;
    struct value (*write)(const struct sankofa_call *call);
} rules[] = {
    [SANKOFA_DONE] = {.write = done},
    [SANKOFA_REFUSED] = {.reasons = true, .write = refused},
    [SANKOFA_FAILED] = {.failure = true, .write = failed},
    [SANKOFA_PARKED] = {.park = true, .write = parked},
};

static const char *rule_fault(const struct sankofa_call *call, const struct outcome_rule *rule)
{
    bool reasons = value_count(&call->reasons) > 0;
    if (reasons != rule->reasons)
        return reasons ? "The plugin gave reasons to refuse and then did not say refused."
                       : "The plugin refused and gave no reason.";
    if ((call->failure.size > 0) != rule->failure)
        return rule->failure ? "The plugin failed and did not say why."
                             : "The plugin said why it failed and then did not say failed.";
    if ((call->wakes != 0) != rule->park)
        return rule->park ? "The plugin parked and did not say what wakes the step."
                          : "The plugin said what wakes the step and then did not park.";
    if (rule->park && value_count(&call->outputs) > 0)
        return "The plugin put outputs and then parked; a parked step has none yet.";
    return NULL;
}

static struct value judge(struct sankofa_call *call, int outcome)
{
    if (call->fault.size > 0)
        return broken(call);
    if (call->verb == WIRE_DROP)
        return dropped(call);
    if (outcome < SANKOFA_DONE || outcome > SANKOFA_PARKED) {
        call_fault(call, "The plugin returned an outcome that does not exist: %d.", outcome);
        return broken(call);
    }
    const char *fault = rule_fault(call, &rules[outcome]);
    if (fault != NULL) {
        call_fault(call, "%s", fault);
        return broken(call);
    }
    return rules[outcome].write(call);
}

int call_carry_out(const struct table *table, struct link *link, const struct secrets *secrets,
                   struct arena *arena, const struct wire_frame *frame, struct value *outcome_out)
{
    struct sankofa_call *call = ARENA_NEW(arena, struct sankofa_call);
    struct text step;
    *call = (struct sankofa_call){.arena = arena,
                                  .link = link,
                                  .secrets = secrets,
                                  .answer = value_null(),
                                  .outputs = value_map(arena),
                                  .reasons = value_list(arena)};
    if (!read_frame(arena, frame, call, &step))
        return -EPROTO;

    int outcome = 0;
    call->type = plugin_step_type(&table->description, step);
    if (call->type == NULL) {
        call_fault(call, "The plugin has no step type of that name.");
    } else {
        set_initial(call);
        if (check_given(call))
            outcome = run(&table->step_types[call->type - table->description.step_types], call);
    }
    *outcome_out = judge(call, outcome);
    return 0;
}
