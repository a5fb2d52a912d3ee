/* The services of the host: what plugins call. Nothing they hand in is trusted; a broken rule is
 * noted in the call, whose outcome is then "broken" with that sentence, and gives -1. */
#include "base/arena.h"
#include "host/call.h"

enum {
    VALUE_BYTES_MIN = offsetof(struct sankofa_value, text_count) + sizeof(size_t),
    TEXTS_MAX = 65536
};

/* Giving values to the plugin. */

static struct sankofa_text lend(struct text text)
{
    return (struct sankofa_text){text.bytes, text.size};
}

static void lend_texts(struct arena *arena, const struct value *list, struct sankofa_value *out)
{
    struct sankofa_text *texts = ARENA_ARRAY(arena, struct sankofa_text, value_count(list));
    for (size_t i = 0; i < value_count(list); i++)
        texts[i] = lend(value_item(list, i)->string);
    out->texts = texts;
    out->text_count = value_count(list);
}

static struct sankofa_value lend_value(struct arena *arena, enum plugin_kind kind,
                                       const struct value *value)
{
    struct sankofa_value out = {.kind = (uint32_t)kind};
    switch (kind) {
    case PLUGIN_TEXT:
    case PLUGIN_DATE:
    case PLUGIN_TIMESTAMP:
        out.text = lend(value->string);
        break;
    case PLUGIN_INTEGER:
        out.integer = value->integer;
        break;
    case PLUGIN_NUMBER:
        out.number = value->kind == VALUE_INT ? (double)value->integer : value->real;
        break;
    case PLUGIN_BOOLEAN:
        out.integer = value->boolean;
        break;
    case PLUGIN_TEXTS:
        lend_texts(arena, value, &out);
        break;
    }
    return out;
}

static int get_field(struct sankofa_call *call, struct plugin_fields fields, const char *what,
                     const struct value *map, const char *name, struct sankofa_value *value_out)
{
    const struct plugin_field *field =
        name == NULL ? NULL : plugin_field(fields, (struct text){name, strnlen(name, 256)});
    if (field == NULL)
        return call_fault(call, "The plugin asked for an %s that its step type does not declare.",
                          what);
    if (value_out == NULL || value_out->size < VALUE_BYTES_MIN)
        return call_fault(call, "The plugin asked for the %s %.*s with a value of a wrong size.",
                          what, TEXT_ARG(field->name));
    const struct value *value = value_get(map, field->name);
    if (value == NULL || value->kind == VALUE_NULL)
        return 0;
    struct sankofa_value lent = lend_value(call->arena, field->kind, value);
    lent.size = value_out->size;
    memcpy(value_out, &lent, lent.size < sizeof lent ? lent.size : sizeof lent);
    return 1;
}

static int get(struct sankofa_call *call, const char *input, struct sankofa_value *value_out)
{
    return get_field(call, call->type->inputs, "input", &call->inputs, input, value_out);
}

static int answer(struct sankofa_call *call, const char *field, struct sankofa_value *value_out)
{
    if (call->answer.kind != VALUE_MAP)
        return call_fault(call, "The plugin asked for an answer, and no answer woke the step.");
    return get_field(call, call->type->answers, "answer", &call->answer, field, value_out);
}

static int woken_by(struct sankofa_call *call, struct sankofa_text *cookie_out)
{
    if (call->verb == WIRE_RUN)
        return call_fault(call, "The plugin asked in run what woke the step.");
    if (cookie_out != NULL)
        *cookie_out = lend(call->cookie);
    if (call->verb == WIRE_DROP)
        return 0;
    return call->woken_by_time ? SANKOFA_TIME : SANKOFA_ANSWER;
}

/* Taking values from the plugin. */

static bool take_text(struct sankofa_call *call, struct sankofa_text text, struct value *out)
{
    struct text ours = {text.bytes, text.size};
    if ((text.bytes == NULL && text.size > 0) || text.size > WIRE_BODY_BYTES_MAX ||
        !text_is_utf8(ours))
        return false;
    *out = value_string(text_copy(call->arena, ours));
    return !secrets_show_in(call->secrets, ours);
}

static bool take_texts(struct sankofa_call *call, const struct sankofa_value *value,
                       struct value *out)
{
    struct value text;
    if (value->text_count > TEXTS_MAX || (value->texts == NULL && value->text_count > 0))
        return false;
    *out = value_list(call->arena);
    for (size_t i = 0; i < value->text_count; i++) {
        if (!take_text(call, value->texts[i], &text))
            return false;
        value_append(out, text);
    }
    return true;
}

static bool take_value(struct sankofa_call *call, enum plugin_kind kind,
                       const struct sankofa_value *value, struct value *out)
{
    switch (kind) {
    case PLUGIN_TEXT:
    case PLUGIN_DATE:
    case PLUGIN_TIMESTAMP:
        return take_text(call, value->text, out);
    case PLUGIN_INTEGER:
        *out = value_int(value->integer);
        return true;
    case PLUGIN_NUMBER:
        *out = value_double(value->number);
        return true;
    case PLUGIN_BOOLEAN:
        *out = value_bool(value->integer != 0);
        return value->integer == 0 || value->integer == 1;
    case PLUGIN_TEXTS:
        return take_texts(call, value, out);
    }
    return false;
}

static int put(struct sankofa_call *call, const char *output, const struct sankofa_value *value)
{
    struct value ours;
    struct text why;
    const struct plugin_field *field =
        output == NULL
            ? NULL
            : plugin_field(call->type->outputs, (struct text){output, strnlen(output, 256)});
    if (call->verb == WIRE_DROP)
        return call_fault(call, "The plugin put an output in drop.");
    if (field == NULL)
        return call_fault(call, "The plugin put an output that its step type does not declare.");
    if (value == NULL || value->size < VALUE_BYTES_MIN)
        return call_fault(call, "The plugin put the output %.*s with a value of a wrong size.",
                          TEXT_ARG(field->name));
    if (value->kind != (uint32_t)field->kind)
        return call_fault(call, "The plugin put the output %.*s, declared as %s, as another kind.",
                          TEXT_ARG(field->name), plugin_kind_name(field->kind));
    if (!take_value(call, field->kind, value, &ours))
        return call_fault(call,
                          "The plugin put the output %.*s with a text that is not UTF-8, or too "
                          "large, or holds a secret, or with a value that is none.",
                          TEXT_ARG(field->name));
    if (!plugin_accepts(field, &ours, call->arena, &why))
        return call_fault(call, "The plugin put a wrong output: %.*s", TEXT_ARG(why));
    value_set(&call->outputs, field->name, ours);
    return 0;
}

/* A sentence for people. */
static bool take_message(struct sankofa_call *call, const char *words, struct text *message_out)
{
    if (words == NULL)
        return false;
    struct text message = {words, strnlen(words, WIRE_MESSAGE_BYTES_MAX + 1)};
    if (message.size == 0 || message.size > WIRE_MESSAGE_BYTES_MAX || !text_is_utf8(message))
        return false;
    *message_out = text_copy(call->arena, secrets_hide(call->secrets, message, call->arena));
    return true;
}

static int refuse(struct sankofa_call *call, const char *input, const char *reason)
{
    struct text message;
    const struct plugin_field *field =
        input == NULL ? NULL
                      : plugin_field(call->type->inputs, (struct text){input, strnlen(input, 256)});
    if (!call->type->is_check)
        return call_fault(call, "The plugin refused in a step; only a check refuses.");
    if (input != NULL && field == NULL)
        return call_fault(call, "The plugin refused for an input that is not declared.");
    if (!take_message(call, reason, &message))
        return call_fault(call,
                          "The plugin refused with a reason that is empty, longer than %d "
                          "bytes or not UTF-8.",
                          WIRE_MESSAGE_BYTES_MAX);
    if (value_count(&call->reasons) == WIRE_REASONS_MAX)
        return call_fault(call, "The plugin refused with more than %d reasons.", WIRE_REASONS_MAX);

    struct value item = value_map(call->arena);
    value_put(&item, "input", value_string(field != NULL ? field->name : TEXT("")));
    value_put(&item, "message", value_string(message));
    value_append(&call->reasons, item);
    return 0;
}

static int fail(struct sankofa_call *call, int retry, const char *reason)
{
    if (!take_message(call, reason, &call->failure))
        return call_fault(call,
                          "The plugin failed with a reason that is empty, longer than %d "
                          "bytes or not UTF-8.",
                          WIRE_MESSAGE_BYTES_MAX);
    call->retry = retry != 0;
    return 0;
}

static int park(struct sankofa_call *call, int wakes, int64_t until_ms, const void *cookie,
                size_t cookie_size)
{
    if (!call->type->parks)
        return call_fault(call, "The plugin parked, and its step type has no resume.");
    if (wakes < SANKOFA_ANSWER || wakes > (SANKOFA_ANSWER | SANKOFA_TIME))
        return call_fault(call, "The plugin parked with nothing that can wake the step.");
    if ((wakes & SANKOFA_TIME) != 0 && until_ms <= 0)
        return call_fault(call, "The plugin parked until a time before 1970.");
    if (cookie_size > SANKOFA_COOKIE_BYTES_MAX || (cookie == NULL && cookie_size > 0))
        return call_fault(call, "The plugin parked with a cookie of more than %d bytes.",
                          SANKOFA_COOKIE_BYTES_MAX);
    if (secrets_show_in(call->secrets, (struct text){cookie, cookie_size}))
        return call_fault(call, "The plugin parked with a cookie that holds a secret.");
    call->wakes = wakes;
    call->until_ms = (wakes & SANKOFA_TIME) != 0 ? until_ms : 0;
    call->park_cookie =
        text_copy(call->arena, (struct text){cookie_size > 0 ? cookie : "", cookie_size});
    return 0;
}

static int cancelled(struct sankofa_call *call)
{
    return link_is_cancelled(call->link, call->number);
}

static int wait_for(struct sankofa_call *call, int64_t timeout_ms)
{
    return link_wait(call->link, call->number, timeout_ms);
}

static int64_t now_ms(struct sankofa_call *call)
{
    return call->now_ms;
}

static struct sankofa_text idempotency_key(struct sankofa_call *call)
{
    return lend(call->key);
}

static struct sankofa_text secret(struct sankofa_call *call, const char *name)
{
    struct text known = {name, name == NULL ? 0 : strnlen(name, 256)};
    if (call->type->is_check) {
        call_fault(call, "The plugin asked for a secret in a check, which knows its inputs alone.");
        return lend(TEXT_NONE);
    }
    return lend(secrets_find(call->secrets, known));
}

static int64_t attempt(struct sankofa_call *call)
{
    return call->attempt;
}

static int64_t park_count(struct sankofa_call *call)
{
    return call->park_count;
}

static const char *const level_names[] = {
    [SANKOFA_DEBUG] = "debug",
    [SANKOFA_INFO] = "info",
    [SANKOFA_WARNING] = "warning",
    [SANKOFA_ERROR] = "error",
};

static void log_line(struct sankofa_call *call, int level, const char *event)
{
    struct text message;
    if (level < SANKOFA_DEBUG || level > SANKOFA_ERROR || !take_message(call, event, &message)) {
        call_fault(call,
                   "The plugin wrote a log line that is empty, longer than %d bytes, not "
                   "UTF-8, or of no level.",
                   WIRE_MESSAGE_BYTES_MAX);
        return;
    }
    if (call->log_count == WIRE_LOG_LINES_MAX)
        return;
    if (++call->log_count == WIRE_LOG_LINES_MAX)
        message = TEXT("The plugin wrote more lines than one call may; they are left out.");
    struct value body = value_map(call->arena);
    value_put(&body, "level", value_cstring(level_names[level]));
    value_put(&body, "event", value_string(message));
    struct wire_frame frame = {.kind = WIRE_LOG, .call = call->number, .body = body};
    /* If nobody reads any more, the outcome finds it out. */
    (void)wire_send(call->link->fd, call->arena, &frame);
}

const struct sankofa_host call_services = {
    .size = (uint32_t)sizeof(struct sankofa_host),
    .abi = SANKOFA_ABI,
    .get = get,
    .answer = answer,
    .woken_by = woken_by,
    .put = put,
    .refuse = refuse,
    .fail = fail,
    .park = park,
    .cancelled = cancelled,
    .now_ms = now_ms,
    .idempotency_key = idempotency_key,
    .log = log_line,
    .secret = secret,
    .wait = wait_for,
    .attempt = attempt,
    .park_count = park_count,
};
