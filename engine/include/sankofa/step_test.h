/* The test library of plugins: a host that runs in the test itself. It holds the inputs of one
 * call, takes what the plugin says, and ends the test where the plugin breaks the contract of
 * <sankofa/step.h> (an undeclared output, a refusal without a reason, a park by a step that cannot
 * resume, ...).
 *
 *     struct sankofa_call call;
 *     host_begin(&call, host_step_type(sankofa_plugin(), "score"), "2026-01-05");
 *     host_text(&call, "household", "safe");
 *     assert_int_equal(host_run(&call), SANKOFA_DONE);
 *     assert_string_equal(host_output(&call, "recommendation"), "return_family");
 *     host_end(&call);
 *
 * All texts it hands out are copies of their exact size, so that a sanitizer sees an overrun. */
#ifndef SANKOFA_STEP_TEST_H
#define SANKOFA_STEP_TEST_H

#include <sankofa/step.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { HOST_VALUES_MAX = 40, HOST_REASONS_MAX = 40 };

#define HOST_CHECK(fact)                                                                           \
    do {                                                                                           \
        if (!(fact)) {                                                                             \
            fprintf(stderr, "%s:%d: the contract is broken: %s\n", __FILE__, __LINE__, #fact);     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct host_value {
    char *name;
    struct sankofa_value value;
};

struct host_values {
    struct host_value items[HOST_VALUES_MAX];
    size_t count;
};

struct host_reason {
    char *input;
    char *text;
};

struct sankofa_call {
    const struct sankofa_step_type *type;
    int64_t now_ms;
    struct host_values inputs, answers, outputs;
    struct host_reason reasons[HOST_REASONS_MAX];
    size_t reason_count;
    char *failure;
    int retry;
    const char *key; /* the idempotency key; NULL: "test" */
    struct host_values secrets;
    int is_cancelled;
    int64_t attempt, park_count;
    int wakes; /* 0: not parked */
    int64_t until_ms;
    char *cookie;
    size_t cookie_size;
    int woken_by;
    size_t log_count;
};

static inline char *host_copy(const char *bytes, size_t size)
{
    char *copy = malloc(size + 1);

    HOST_CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

static inline void host_value_finish(struct host_value *item)
{
    free(item->name);
    free((char *)(uintptr_t)item->value.text.bytes);
    for (size_t i = 0; i < item->value.text_count; i++)
        free((char *)(uintptr_t)item->value.texts[i].bytes);
    free((struct sankofa_text *)(uintptr_t)item->value.texts);
}

static inline void host_values_finish(struct host_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        host_value_finish(&values->items[i]);
    values->count = 0;
}

static inline struct host_value *host_value_find(struct host_values *values, const char *name)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i].name, name) == 0)
            return &values->items[i];
    return NULL;
}

static inline void host_value_remove(struct host_values *values, const char *name)
{
    struct host_value *item = host_value_find(values, name);

    if (!item)
        return;
    host_value_finish(item);
    *item = values->items[--values->count];
}

/* Replaces what had the name. */
static inline struct sankofa_value *host_value_add(struct host_values *values, const char *name,
                                                   uint32_t kind)
{
    host_value_remove(values, name);
    HOST_CHECK(values->count < HOST_VALUES_MAX);
    struct host_value *item = &values->items[values->count++];
    memset(item, 0, sizeof(*item));
    item->name = host_copy(name, strlen(name));
    item->value.size = (uint32_t)sizeof(item->value);
    item->value.kind = kind;
    return &item->value;
}

static inline const struct sankofa_field *host_field(const struct sankofa_field *const *fields,
                                                     const char *name)
{
    for (; fields && *fields; fields++)
        if (strcmp((*fields)->name, name) == 0)
            return *fields;
    return NULL;
}

/* What a test gives the call. A name that the step type does not declare ends the test. */
static inline void host_give_text(struct host_values *values,
                                  const struct sankofa_field *const *fields, const char *name,
                                  const char *bytes, size_t size)
{
    const struct sankofa_field *field = host_field(fields, name);

    HOST_CHECK(field != NULL);
    HOST_CHECK(field->kind == SANKOFA_TEXT || field->kind == SANKOFA_DATE);
    struct sankofa_value *value = host_value_add(values, name, field->kind);
    value->text.bytes = host_copy(bytes, size);
    value->text.size = size;
}

static inline void host_give_integer(struct host_values *values,
                                     const struct sankofa_field *const *fields, const char *name,
                                     int64_t integer)
{
    const struct sankofa_field *field = host_field(fields, name);

    HOST_CHECK(field != NULL);
    HOST_CHECK(field->kind == SANKOFA_INTEGER || field->kind == SANKOFA_BOOLEAN);
    host_value_add(values, name, field->kind)->integer = integer;
}

static inline void host_text(struct sankofa_call *call, const char *name, const char *text)
{
    host_give_text(&call->inputs, call->type->inputs, name, text, strlen(text));
}

/* Integers and booleans. */
static inline void host_integer(struct sankofa_call *call, const char *name, int64_t integer)
{
    host_give_integer(&call->inputs, call->type->inputs, name, integer);
}

static inline void host_copy_texts(struct sankofa_value *value_out,
                                   const struct sankofa_text *texts, size_t count)
{
    struct sankofa_text *copies = calloc(count + 1, sizeof(*copies));

    HOST_CHECK(copies != NULL);
    for (size_t i = 0; i < count; i++) {
        copies[i].bytes = host_copy(texts[i].bytes, texts[i].size);
        copies[i].size = texts[i].size;
    }
    value_out->texts = copies;
    value_out->text_count = count;
}

static inline void host_texts(struct sankofa_call *call, const char *name, const char *const *texts,
                              size_t count)
{
    const struct sankofa_field *field = host_field(call->type->inputs, name);
    struct sankofa_text *given = calloc(count + 1, sizeof(*given));

    HOST_CHECK(field != NULL);
    HOST_CHECK(field->kind == SANKOFA_TEXTS);
    HOST_CHECK(given != NULL);
    for (size_t i = 0; i < count; i++)
        given[i] = (struct sankofa_text){texts[i], strlen(texts[i])};
    host_copy_texts(host_value_add(&call->inputs, name, SANKOFA_TEXTS), given, count);
    free(given);
}

static inline void host_unset(struct sankofa_call *call, const char *name)
{
    HOST_CHECK(host_field(call->type->inputs, name) != NULL);
    host_value_remove(&call->inputs, name);
}

static inline void host_answer_text(struct sankofa_call *call, const char *name, const char *text)
{
    host_give_text(&call->answers, call->type->answers, name, text, strlen(text));
}

static inline void host_answer_integer(struct sankofa_call *call, const char *name, int64_t integer)
{
    host_give_integer(&call->answers, call->type->answers, name, integer);
}

/* What the administrator gives the plugin. */
static inline void host_secret(struct sankofa_call *call, const char *name, const char *text)
{
    struct sankofa_value *value = host_value_add(&call->secrets, name, SANKOFA_TEXT);

    value->text.bytes = host_copy(text, strlen(text));
    value->text.size = strlen(text);
}

/* The table of functions. */

static inline int host_value_get(struct host_values *values, const char *name,
                                 struct sankofa_value *value_out)
{
    struct host_value *item = host_value_find(values, name);

    HOST_CHECK(value_out->size == sizeof(*value_out));
    if (!item)
        return 0;
    *value_out = item->value;
    return 1;
}

static inline int host_on_get(struct sankofa_call *call, const char *input,
                              struct sankofa_value *value_out)
{
    HOST_CHECK(host_field(call->type->inputs, input) != NULL);
    return host_value_get(&call->inputs, input, value_out);
}

static inline int host_on_answer(struct sankofa_call *call, const char *field,
                                 struct sankofa_value *value_out)
{
    HOST_CHECK(call->woken_by == SANKOFA_ANSWER);
    HOST_CHECK(host_field(call->type->answers, field) != NULL);
    return host_value_get(&call->answers, field, value_out);
}

static inline int host_on_woken_by(struct sankofa_call *call, struct sankofa_text *cookie_out)
{
    HOST_CHECK(call->woken_by != 0);
    cookie_out->bytes = call->cookie;
    cookie_out->size = call->cookie_size;
    return call->woken_by;
}

static inline bool host_option_is_declared(const struct sankofa_field *field, const char *text)
{
    if (!field->options)
        return true;
    for (const char *const *option = field->options; *option; option++)
        if (strcmp(*option, text) == 0)
            return true;
    return false;
}

static inline int host_on_put(struct sankofa_call *call, const char *output,
                              const struct sankofa_value *value)
{
    const struct sankofa_field *field = host_field(call->type->outputs, output);

    HOST_CHECK(field != NULL);
    HOST_CHECK(value->size == sizeof(*value));
    HOST_CHECK(value->kind == field->kind);
    struct sankofa_value *copy = host_value_add(&call->outputs, output, value->kind);
    copy->integer = value->integer;
    if (value->kind == SANKOFA_TEXTS) {
        host_copy_texts(copy, value->texts, value->text_count);
        return 0;
    }
    if (value->kind != SANKOFA_TEXT && value->kind != SANKOFA_DATE)
        return 0;
    HOST_CHECK(value->text.bytes != NULL);
    HOST_CHECK(value->text.bytes[value->text.size] == '\0');
    HOST_CHECK(host_option_is_declared(field, value->text.bytes));
    copy->text.bytes = host_copy(value->text.bytes, value->text.size);
    copy->text.size = value->text.size;
    return 0;
}

static inline int host_on_refuse(struct sankofa_call *call, const char *input, const char *reason)
{
    HOST_CHECK(call->type->flags & SANKOFA_CHECK);
    HOST_CHECK(!input || host_field(call->type->inputs, input) != NULL);
    HOST_CHECK(reason != NULL && reason[0] != '\0');
    HOST_CHECK(call->reason_count < HOST_REASONS_MAX);
    struct host_reason *kept = &call->reasons[call->reason_count++];
    kept->input = input ? host_copy(input, strlen(input)) : NULL;
    kept->text = host_copy(reason, strlen(reason));
    return 0;
}

static inline int host_on_fail(struct sankofa_call *call, int retry, const char *reason)
{
    HOST_CHECK(reason != NULL && reason[0] != '\0');
    HOST_CHECK(call->failure == NULL);
    call->failure = host_copy(reason, strlen(reason));
    call->retry = retry;
    return 0;
}

static inline int host_on_park(struct sankofa_call *call, int wakes, int64_t until_ms,
                               const void *cookie, size_t cookie_size)
{
    HOST_CHECK(!(call->type->flags & SANKOFA_CHECK));
    HOST_CHECK(call->type->resume != NULL);
    HOST_CHECK(wakes & (SANKOFA_ANSWER | SANKOFA_TIME));
    HOST_CHECK(cookie_size <= SANKOFA_COOKIE_BYTES_MAX);
    HOST_CHECK(call->wakes == 0);
    char *copy = host_copy(cookie, cookie_size);
    free(call->cookie);
    call->cookie = copy;
    call->cookie_size = cookie_size;
    call->wakes = wakes;
    call->until_ms = until_ms;
    return 0;
}

static inline int host_on_cancelled(struct sankofa_call *call)
{
    return call->is_cancelled;
}

static inline struct sankofa_text host_on_secret(struct sankofa_call *call, const char *name)
{
    const struct host_value *item = host_value_find(&call->secrets, name);
    struct sankofa_text none = {NULL, 0};

    HOST_CHECK(!(call->type->flags & SANKOFA_CHECK));
    return item ? item->value.text : none;
}

/* Time does not pass in a test. */
static inline int host_on_wait(struct sankofa_call *call, int64_t timeout_ms)
{
    HOST_CHECK(timeout_ms >= 0);
    return call->is_cancelled;
}

static inline int64_t host_on_attempt(struct sankofa_call *call)
{
    return call->attempt > 0 ? call->attempt : 1;
}

static inline int64_t host_on_park_count(struct sankofa_call *call)
{
    return call->park_count;
}

static inline int64_t host_on_now_ms(struct sankofa_call *call)
{
    return call->now_ms;
}

static inline struct sankofa_text host_on_key(struct sankofa_call *call)
{
    const char *key = call->key ? call->key : "test";

    return (struct sankofa_text){key, strlen(key)};
}

static inline void host_on_log(struct sankofa_call *call, int level, const char *event)
{
    HOST_CHECK(level >= SANKOFA_DEBUG && level <= SANKOFA_ERROR);
    HOST_CHECK(event != NULL && event[0] != '\0');
    call->log_count++;
}

static const struct sankofa_host host_table = {
    .size = sizeof(struct sankofa_host),
    .abi = SANKOFA_ABI,
    .get = host_on_get,
    .answer = host_on_answer,
    .woken_by = host_on_woken_by,
    .put = host_on_put,
    .refuse = host_on_refuse,
    .fail = host_on_fail,
    .park = host_on_park,
    .cancelled = host_on_cancelled,
    .now_ms = host_on_now_ms,
    .idempotency_key = host_on_key,
    .log = host_on_log,
    .secret = host_on_secret,
    .wait = host_on_wait,
    .attempt = host_on_attempt,
    .park_count = host_on_park_count,
};

/* A call, from its beginning to its end. */

static inline int host_year_days(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
}

/* Milliseconds since 1970 of YYYY-MM-DD, counted year by year and month by month, so that the
 * plugins' formulas are checked by something plainer. */
static inline int64_t host_ms(const char *date)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    int64_t days = 0;

    HOST_CHECK(sscanf(date, "%4d-%2d-%2d", &year, &month, &day) == 3);
    for (int past = 1970; past < year; past++)
        days += host_year_days(past);
    for (int past = 1969; past >= year; past--)
        days -= host_year_days(past);
    for (int past = 1; past < month; past++)
        days += lengths[past - 1] + (past == 2 && host_year_days(year) == 366 ? 1 : 0);
    return (days + day - 1) * 86400000;
}

static inline const struct sankofa_step_type *host_step_type(const struct sankofa_plugin *plugin,
                                                             const char *name)
{
    for (const struct sankofa_step_type *const *type = plugin->step_types; *type; type++)
        if (strcmp((*type)->name, name) == 0)
            return *type;
    HOST_CHECK(!"the plugin has this step type");
    return NULL;
}

/* At noon of that day, UTC. */
static inline void host_begin(struct sankofa_call *call, const struct sankofa_step_type *type,
                              const char *date)
{
    memset(call, 0, sizeof(*call));
    call->type = type;
    call->now_ms = host_ms(date) + 12 * 3600000;
}

/* Forgets what the plugin said; what it was given stays. */
static inline void host_forget(struct sankofa_call *call)
{
    host_values_finish(&call->outputs);
    for (size_t i = 0; i < call->reason_count; i++) {
        free(call->reasons[i].input);
        free(call->reasons[i].text);
    }
    call->reason_count = 0;
    free(call->failure);
    call->failure = NULL;
    call->wakes = 0;
}

static inline void host_end(struct sankofa_call *call)
{
    host_forget(call);
    host_values_finish(&call->inputs);
    host_values_finish(&call->answers);
    host_values_finish(&call->secrets);
    free(call->cookie);
    memset(call, 0, sizeof(*call));
}

/* Gives the initial values of inputs that are unset, as the daemon does. */
static inline void host_fill(struct sankofa_call *call)
{
    for (const struct sankofa_field *const *field = call->type->inputs; *field; field++) {
        if (!(*field)->initial || host_value_find(&call->inputs, (*field)->name))
            continue;
        if ((*field)->kind == SANKOFA_BOOLEAN)
            host_integer(call, (*field)->name, strcmp((*field)->initial, "true") == 0);
        else if ((*field)->kind == SANKOFA_INTEGER)
            host_integer(call, (*field)->name, strtoll((*field)->initial, NULL, 10));
        else
            host_text(call, (*field)->name, (*field)->initial);
    }
}

/* The outcome must be told with what belongs to it, and with nothing else. */
static inline enum sankofa_outcome host_check_outcome(const struct sankofa_call *call,
                                                      enum sankofa_outcome outcome)
{
    HOST_CHECK(outcome >= SANKOFA_DONE && outcome <= SANKOFA_PARKED);
    HOST_CHECK((outcome == SANKOFA_REFUSED) == (call->reason_count > 0));
    HOST_CHECK((outcome == SANKOFA_FAILED) == (call->failure != NULL));
    HOST_CHECK((outcome == SANKOFA_PARKED) == (call->wakes != 0));
    HOST_CHECK(outcome == SANKOFA_DONE || call->outputs.count == 0);
    return outcome;
}

static inline enum sankofa_outcome host_run(struct sankofa_call *call)
{
    host_forget(call);
    host_fill(call);
    call->woken_by = 0;
    return host_check_outcome(call, call->type->run(&host_table, call));
}

/* Wakes a parked step by SANKOFA_ANSWER or SANKOFA_TIME. */
static inline enum sankofa_outcome host_resume(struct sankofa_call *call, int woken_by)
{
    HOST_CHECK(call->cookie != NULL);
    host_forget(call);
    call->woken_by = woken_by;
    return host_check_outcome(call, call->type->resume(&host_table, call));
}

/* The reason given for an input; NULL where none was. */
static inline const char *host_reason(const struct sankofa_call *call, const char *input)
{
    for (size_t i = 0; i < call->reason_count; i++)
        if (call->reasons[i].input && strcmp(call->reasons[i].input, input) == 0)
            return call->reasons[i].text;
    return NULL;
}

/* A text output; "" where it was not put. */
static inline const char *host_output(struct sankofa_call *call, const char *name)
{
    struct host_value *item = host_value_find(&call->outputs, name);

    return item && item->value.text.bytes ? item->value.text.bytes : "";
}

/* An integer or boolean output; -1 where it was not put. */
static inline int64_t host_output_integer(struct sankofa_call *call, const char *name)
{
    struct host_value *item = host_value_find(&call->outputs, name);

    return item ? item->value.integer : -1;
}

/* What holds for every plugin. */

static inline void host_check_fields(const struct sankofa_field *const *fields, const char *readme)
{
    char row[80];

    for (; fields && *fields; fields++) {
        HOST_CHECK((*fields)->size == sizeof(struct sankofa_field));
        HOST_CHECK((*fields)->kind >= SANKOFA_TEXT && (*fields)->kind <= SANKOFA_TEXTS);
        HOST_CHECK((*fields)->name[0] >= 'a' && (*fields)->name[0] <= 'z');
        HOST_CHECK((*fields)->doc != NULL);
        HOST_CHECK(!(*fields)->required || !(*fields)->initial);
        snprintf(row, sizeof(row), "| `%s` |", (*fields)->name);
        HOST_CHECK(strstr(readme, row) != NULL);
    }
}

static inline void host_check_step_type(const struct sankofa_step_type *type, const char *readme)
{
    HOST_CHECK(type->size == sizeof(*type));
    HOST_CHECK(type->run != NULL);
    HOST_CHECK(type->summary != NULL);
    HOST_CHECK(type->resume != NULL || type->answers == NULL);
    host_check_fields(type->inputs, readme);
    host_check_fields(type->outputs, readme);
    host_check_fields(type->answers, readme);
}

/* The plugin's table is whole, and its README has a row for each of its fields. */
static inline void host_check_plugin(const struct sankofa_plugin *plugin, const char *readme_path)
{
    static char readme[64 * 1024];
    FILE *file = fopen(readme_path, "r");

    HOST_CHECK(file != NULL);
    readme[fread(readme, 1, sizeof(readme) - 1, file)] = '\0';
    fclose(file);
    HOST_CHECK(plugin->size == sizeof(*plugin));
    HOST_CHECK(plugin->abi == SANKOFA_ABI);
    HOST_CHECK(plugin->name && plugin->version && plugin->summary);
    for (const struct sankofa_step_type *const *type = plugin->step_types; *type; type++)
        host_check_step_type(*type, readme);
}

/* Chance for the tests: the same for the same seed. */
static inline uint32_t host_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline void host_randomize_text(struct sankofa_call *call, const struct sankofa_field *field,
                                       uint32_t *state)
{
    static const char *const dates[] = {"2026-01-05", "2025-10-07", "2026-02-29", "2024-02-29",
                                        "9999-12-31", "0001-01-01", "2026-13-01", "2026-01-0x"};
    char noise[64];
    size_t size = host_random(state) % sizeof(noise);
    size_t options = 0;

    while (field->options && field->options[options])
        options++;
    if (options > 0 && host_random(state) % 8 != 0) {
        host_text(call, field->name, field->options[host_random(state) % options]);
    } else if (field->kind == SANKOFA_DATE && host_random(state) % 8 != 0) {
        host_text(call, field->name, dates[host_random(state) % 8]);
    } else {
        for (size_t i = 0; i < size; i++)
            noise[i] = (char)(host_random(state) % 256);
        host_give_text(&call->inputs, call->type->inputs, field->name, noise, size);
    }
}

/* Gives one input a value by chance: a good one, a bad one, a huge one, or none. */
static inline void host_randomize_input(struct sankofa_call *call,
                                        const struct sankofa_field *field, uint32_t *state)
{
    static const int64_t integers[] = {0, 1, 2, 3, 5, 6, 7, 60, 90, 100, -1, INT64_MAX, INT64_MIN};
    static const char *const items[] = {"a", "laissez-passer", "", "two\nlines", "x y z"};

    host_unset(call, field->name);
    if (host_random(state) % 10 == 0)
        return;
    if (field->kind == SANKOFA_INTEGER)
        host_integer(call, field->name, integers[host_random(state) % 13]);
    else if (field->kind == SANKOFA_BOOLEAN)
        host_integer(call, field->name, host_random(state) % 2);
    else if (field->kind == SANKOFA_TEXTS)
        host_texts(call, field->name, items, host_random(state) % 6);
    else
        host_randomize_text(call, field, state);
}

/* Every input. */
static inline void host_randomize(struct sankofa_call *call, uint32_t *state)
{
    for (const struct sankofa_field *const *field = call->type->inputs; *field; field++)
        host_randomize_input(call, *field, state);
}

/* One input of a call that was good until now. */
static inline void host_spoil(struct sankofa_call *call, uint32_t *state)
{
    size_t count = 0;

    while (call->type->inputs[count])
        count++;
    host_randomize_input(call, call->type->inputs[host_random(state) % count], state);
}

#endif
