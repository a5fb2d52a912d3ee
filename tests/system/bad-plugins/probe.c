/* A good plugin for tests: one step type for each thing that a step type can do. */
#include <time.h>

#include <sankofa/step.h>

#define FIELD(id, ...)                                                                             \
    static const struct sankofa_field id = {.size = sizeof(struct sankofa_field), __VA_ARGS__}

FIELD(text_in, .kind = SANKOFA_TEXT, .name = "text", .doc = "Given back as it is.");
FIELD(integer_in, .kind = SANKOFA_INTEGER, .name = "integer");
FIELD(number_in, .kind = SANKOFA_NUMBER, .name = "number");
FIELD(boolean_in, .kind = SANKOFA_BOOLEAN, .name = "boolean");
FIELD(date_in, .kind = SANKOFA_DATE, .name = "date");
FIELD(timestamp_in, .kind = SANKOFA_TIMESTAMP, .name = "timestamp");
FIELD(texts_in, .kind = SANKOFA_TEXTS, .name = "texts");
FIELD(ms_in, .kind = SANKOFA_INTEGER, .name = "ms", .initial = "0", .unit = "ms");
FIELD(reason_in, .kind = SANKOFA_TEXT, .name = "reason", .required = 1);
FIELD(retry_in, .kind = SANKOFA_BOOLEAN, .name = "retry", .initial = "false");
FIELD(number_out, .kind = SANKOFA_TEXT, .name = "number", .doc = "Of the document.");
FIELD(key_out, .kind = SANKOFA_TEXT, .name = "key", .doc = "The idempotency key.");
FIELD(granted_in, .kind = SANKOFA_BOOLEAN, .name = "granted", .required = 1);
FIELD(cancelled_out, .kind = SANKOFA_BOOLEAN, .name = "cancelled");

static const struct sankofa_field *const echo_fields[] = {
    &text_in, &integer_in, &number_in, &boolean_in, &date_in, &timestamp_in, &texts_in, NULL};
static const struct sankofa_field *const ms_fields[] = {&ms_in, NULL};
static const struct sankofa_field *const reason_fields[] = {&reason_in, &retry_in, NULL};
static const struct sankofa_field *const document_fields[] = {&number_out, &key_out, NULL};
static const struct sankofa_field *const granted_fields[] = {&granted_in, NULL};
static const struct sankofa_field *const cancelled_fields[] = {&cancelled_out, NULL};

static void sleep_ms(int64_t ms)
{
    struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (ms > 0)
        nanosleep(&span, NULL);
}

static enum sankofa_outcome echo(const struct sankofa_host *host, struct sankofa_call *call)
{
    for (const struct sankofa_field *const *field = echo_fields; *field != NULL; field++) {
        struct sankofa_value value = {.size = sizeof value};
        if (host->get(call, (*field)->name, &value) == 1)
            host->put(call, (*field)->name, &value);
    }
    return SANKOFA_DONE;
}

static enum sankofa_outcome slow(const struct sankofa_host *host, struct sankofa_call *call)
{
    sleep_ms(sankofa_integer_of(host, call, "ms", 0));
    return SANKOFA_DONE;
}

static enum sankofa_outcome refuse(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->refuse(call, "reason", sankofa_text_of(host, call, "reason").bytes);
    host->refuse(call, NULL, "The probe refuses everything.");
    return SANKOFA_REFUSED;
}

static enum sankofa_outcome put_document(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_text(host, call, "number", "LP-1");
    sankofa_put_text(host, call, "key", host->idempotency_key(call).bytes);
    return SANKOFA_DONE;
}

static enum sankofa_outcome fail(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, SANKOFA_INFO, "probe.fails");
    host->fail(call, (int)sankofa_integer_of(host, call, "retry", 0),
               sankofa_text_of(host, call, "reason").bytes);
    return SANKOFA_FAILED;
}

/* Works until `ms` have gone by or nobody waits any more. */
static enum sankofa_outcome linger(const struct sankofa_host *host, struct sankofa_call *call)
{
    int64_t left = sankofa_integer_of(host, call, "ms", 0);
    for (; left > 0 && !host->cancelled(call); left -= 10)
        sleep_ms(10);
    struct sankofa_value value = {.size = sizeof value, .kind = SANKOFA_BOOLEAN};
    value.integer = left > 0;
    host->put(call, "cancelled", &value);
    return SANKOFA_DONE;
}

static enum sankofa_outcome park_on_answer(const struct sankofa_host *host,
                                           struct sankofa_call *call)
{
    host->park(call, SANKOFA_ANSWER, 0, "folder 7", 8);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome park_on_time(const struct sankofa_host *host, struct sankofa_call *call)
{
    int64_t until_ms = host->now_ms(call) + sankofa_integer_of(host, call, "ms", 0);
    host->park(call, SANKOFA_TIME, until_ms, "folder 7", 8);
    return SANKOFA_PARKED;
}

/* Done once granted, or once the time has come; anything else fails. */
static enum sankofa_outcome resume(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text cookie;
    int woken_by = host->woken_by(call, &cookie);
    if (cookie.size != 8 || memcmp(cookie.bytes, "folder 7", 8) != 0) {
        host->fail(call, 0, "The cookie is not the one that was given to park.");
        return SANKOFA_FAILED;
    }
    if (woken_by == SANKOFA_TIME)
        return put_document(host, call);
    struct sankofa_value granted = {.size = sizeof granted};
    if (host->answer(call, "granted", &granted) == 1 && granted.integer)
        return put_document(host, call);
    host->fail(call, 0, "The authority did not grant it.");
    return SANKOFA_FAILED;
}

static void drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, SANKOFA_INFO, "probe.dropped");
}

#define STEP_TYPE(id, ...)                                                                         \
    static const struct sankofa_step_type id##_type = {                                            \
        .size = sizeof(struct sankofa_step_type), .name = #id, __VA_ARGS__}

STEP_TYPE(echo, .flags = SANKOFA_CHECK, .summary = "Gives back what it gets.",
          .inputs = echo_fields, .outputs = echo_fields, .run = echo);
STEP_TYPE(slow, .flags = SANKOFA_CHECK, .summary = "Takes its time.", .inputs = ms_fields,
          .run = slow);
STEP_TYPE(refuse, .flags = SANKOFA_CHECK, .summary = "Refuses.", .inputs = reason_fields,
          .run = refuse);
STEP_TYPE(done, .flags = SANKOFA_IDEMPOTENT, .summary = "Issues a document at once.",
          .inputs = ms_fields, .outputs = document_fields, .run = put_document);
STEP_TYPE(fail, .flags = SANKOFA_IDEMPOTENT, .summary = "Fails.", .inputs = reason_fields,
          .run = fail);
STEP_TYPE(linger, .flags = SANKOFA_IDEMPOTENT, .summary = "Works until it is cancelled.",
          .inputs = ms_fields, .outputs = cancelled_fields, .run = linger);
STEP_TYPE(park_on_answer, .flags = SANKOFA_IDEMPOTENT, .summary = "Waits for an authority.",
          .inputs = ms_fields, .outputs = document_fields, .answers = granted_fields,
          .run = park_on_answer, .resume = resume, .drop = drop);
STEP_TYPE(park_on_time, .flags = SANKOFA_IDEMPOTENT, .summary = "Waits for a time.",
          .inputs = ms_fields, .outputs = document_fields, .run = park_on_time, .resume = resume,
          .drop = drop);

static const struct sankofa_step_type *const step_types[] = {
    &echo_type,   &slow_type,           &refuse_type,       &done_type, &fail_type,
    &linger_type, &park_on_answer_type, &park_on_time_type, NULL};

static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "probe",
                                             .version = "1.0",
                                             .summary = "A plugin for tests.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
