/* A plugin as it was built for the first release of the ABI: it includes the frozen copy of that
 * release's header, never the present one, and must load and run for ever. Every service is used,
 * and every kind of field. */
#include "step-1.h"

#define FIELD(id, ...)                                                                             \
    static const struct sankofa_field id = {.size = sizeof(struct sankofa_field), __VA_ARGS__}
FIELD(text_field, .kind = SANKOFA_TEXT, .name = "text", .doc = "Given back.");
FIELD(count_field, .kind = SANKOFA_INTEGER, .name = "count", .required = 1, .unit = "days");
FIELD(ratio_field, .kind = SANKOFA_NUMBER, .name = "ratio");
FIELD(holds_field, .kind = SANKOFA_BOOLEAN, .name = "holds");
FIELD(born_field, .kind = SANKOFA_DATE, .name = "born");
FIELD(texts_field, .kind = SANKOFA_TEXTS, .name = "texts");
FIELD(at_field, .kind = SANKOFA_TIMESTAMP, .name = "at");
static const char *const words[] = {"yes", "no", NULL};
FIELD(word_field, .kind = SANKOFA_TEXT, .name = "word", .initial = "yes", .options = words);
FIELD(word_output, .kind = SANKOFA_TEXT, .name = "word", .options = words);
FIELD(granted_field, .kind = SANKOFA_BOOLEAN, .name = "granted", .required = 1);
FIELD(key_field, .kind = SANKOFA_TEXT, .name = "key");
FIELD(attempt_field, .kind = SANKOFA_INTEGER, .name = "attempt");
FIELD(parks_field, .kind = SANKOFA_INTEGER, .name = "parks");
FIELD(bytes_field, .kind = SANKOFA_INTEGER, .name = "secret_bytes");

static const struct sankofa_field *const inputs[] = {&text_field, &ratio_field, &holds_field,
                                                     &born_field, &texts_field, &at_field,
                                                     &word_field, NULL};
static const struct sankofa_field *const outputs[] = {&text_field,  &ratio_field, &holds_field,
                                                      &born_field,  &texts_field, &at_field,
                                                      &word_output, NULL};
static const struct sankofa_field *const count_fields[] = {&count_field, NULL};
static const struct sankofa_field *const answers[] = {&granted_field, NULL};
static const struct sankofa_field *const facts[] = {&key_field,   &attempt_field, &parks_field,
                                                    &bytes_field, &born_field,    NULL};

static enum sankofa_outcome echo(const struct sankofa_host *host, struct sankofa_call *call)
{
    for (size_t i = 0; inputs[i] != NULL; i++) {
        struct sankofa_value value = {.size = sizeof value};
        if (host->get(call, inputs[i]->name, &value) == 1)
            host->put(call, inputs[i]->name, &value);
    }
    return SANKOFA_DONE;
}

static enum sankofa_outcome judge(const struct sankofa_host *host, struct sankofa_call *call)
{
    if (sankofa_integer_of(host, call, "count", 0) > 3)
        return host->refuse(call, "count", "That is too many."), SANKOFA_REFUSED;
    return SANKOFA_DONE;
}

/* Parks, is answered, is done; a time that comes instead is a failure that another try may mend. */
static enum sankofa_outcome begin(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, SANKOFA_INFO, "released.began");
    if (host->cancelled(call) || host->wait(call, 1))
        return host->fail(call, 0, "Nobody waits."), SANKOFA_FAILED;
    host->park(call, SANKOFA_ANSWER | SANKOFA_TIME, host->now_ms(call) + 1000, "cookie", 6);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome go_on(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_value granted = {.size = sizeof granted};
    struct sankofa_text cookie;
    char room[SANKOFA_DATE_BYTES];

    if (host->woken_by(call, &cookie) == SANKOFA_TIME)
        return host->fail(call, 1, "Nobody answered."), SANKOFA_FAILED;
    if (cookie.size != 6 || memcmp(cookie.bytes, "cookie", 6) != 0 ||
        host->answer(call, "granted", &granted) != 1 || !granted.integer)
        return host->fail(call, 0, "It was not granted."), SANKOFA_FAILED;
    sankofa_put_text(host, call, "key", host->idempotency_key(call).bytes);
    sankofa_put_integer(host, call, "attempt", host->attempt(call));
    sankofa_put_integer(host, call, "parks", host->park_count(call));
    sankofa_put_integer(host, call, "secret_bytes",
                        (int64_t)sankofa_secret(host, call, "token").size);
    sankofa_put_date(host, call, "born",
                     sankofa_day_write(sankofa_day_of_ms(host->now_ms(call)), room));
    return SANKOFA_DONE;
}

static void drop(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->log(call, SANKOFA_WARNING, "released.dropped");
}

#define TYPE(id, ...)                                                                              \
    static const struct sankofa_step_type id##_type = {.size = sizeof(struct sankofa_step_type),   \
                                                       .name = #id,                                \
                                                       .summary = "Of the first release.",         \
                                                       __VA_ARGS__}
TYPE(echo, .flags = SANKOFA_CHECK, .inputs = inputs, .outputs = outputs, .run = echo);
TYPE(judge, .flags = SANKOFA_CHECK, .inputs = count_fields, .run = judge);
TYPE(ask, .flags = SANKOFA_IDEMPOTENT, .timeout_ms = 5000, .answers = answers, .outputs = facts,
     .run = begin, .resume = go_on, .drop = drop);

static const struct sankofa_step_type *const step_types[] = {&echo_type, &judge_type, &ask_type,
                                                             NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "released_1",
                                             .version = "1",
                                             .summary = "Built for the first release.",
                                             .step_types = step_types};

__attribute__((visibility("default"))) const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
