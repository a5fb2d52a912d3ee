/* A plugin that counts its effects: each is a line appended to a file that the administrator has
 * granted it, whole or not at all. Built under several names. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sankofa/step.h>

#define FIELD(id, ...)                                                                             \
    static const struct sankofa_field id = {.size = sizeof(struct sankofa_field), __VA_ARGS__}

FIELD(file_field, .kind = SANKOFA_TEXT, .name = "file", .required = 1, .doc = "Of the effects.");
FIELD(before_field, .kind = SANKOFA_INTEGER, .name = "before_ms", .initial = "0", .unit = "ms",
      .doc = "Passes before the effect.");
FIELD(after_field, .kind = SANKOFA_INTEGER, .name = "after_ms", .initial = "0", .unit = "ms",
      .doc = "Passes after the effect.");
FIELD(key_field, .kind = SANKOFA_TEXT, .name = "key", .doc = "The idempotency key.");
FIELD(granted_field, .kind = SANKOFA_BOOLEAN, .name = "granted", .doc = "What the answer says.");

static const struct sankofa_field *const inputs[] = {&file_field, &before_field, &after_field,
                                                     NULL};
static const struct sankofa_field *const outputs[] = {&key_field, NULL};
static const struct sankofa_field *const answers[] = {&granted_field, NULL};

static int take_effect(const char *file, struct sankofa_text key)
{
    char line[300];
    int size = snprintf(line, sizeof line, "effect " COUNTER_NAME " %s\n", key.bytes);
    int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
    int is_taken = fd >= 0 && size > 0 && write(fd, line, (size_t)size) == size;

    if (fd >= 0)
        close(fd);
    return is_taken;
}

static enum sankofa_outcome count(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text key = host->idempotency_key(call);

    if (host->wait(call, sankofa_integer_of(host, call, "before_ms", 0)))
        return host->fail(call, 0, "Nobody waits any more."), SANKOFA_FAILED;
    if (!take_effect(sankofa_text_of(host, call, "file").bytes, key))
        return host->fail(call, 0, "The file of the effects cannot be written."), SANKOFA_FAILED;
    host->wait(call, sankofa_integer_of(host, call, "after_ms", 0));
    sankofa_put_text(host, call, "key", key.bytes);
    return SANKOFA_DONE;
}

static enum sankofa_outcome begin(const struct sankofa_host *host, struct sankofa_call *call)
{
    const int64_t year_ms = (int64_t)365 * 86400000;

    host->park(call, SANKOFA_ANSWER | SANKOFA_TIME, host->now_ms(call) + year_ms, "folder 7", 8);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome grant(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_text(host, call, "key", host->idempotency_key(call).bytes);
    return SANKOFA_DONE;
}

#define STEP_TYPE(id, ...)                                                                         \
    static const struct sankofa_step_type id##_type = {                                            \
        .size = sizeof(struct sankofa_step_type), .name = #id, __VA_ARGS__}

STEP_TYPE(add, .flags = SANKOFA_IDEMPOTENT, .needs = SANKOFA_FILES,
          .summary = "Counts, and may count twice.", .inputs = inputs, .outputs = outputs,
          .run = count);
STEP_TYPE(once, .needs = SANKOFA_FILES, .summary = "Counts once.", .inputs = inputs,
          .outputs = outputs, .run = count);
STEP_TYPE(park, .flags = SANKOFA_IDEMPOTENT, .summary = "Waits a year, or for an answer.",
          .outputs = outputs, .answers = answers, .run = begin, .resume = grant);

static const struct sankofa_step_type *const step_types[] = {&add_type, &once_type, &park_type,
                                                             NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = COUNTER_NAME,
                                             .version = "1",
                                             .summary = "Counts its effects, for batteries.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
