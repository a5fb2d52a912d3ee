/* Writes a frame of its own, of any kind, and hangs. Its tests say which: `call` 0 is the call's
 * own number, -1 none; the body has ' for ". */
#include <stdlib.h>

#include <sankofa/step.h>

#include "frame.h"

static const struct sankofa_field well = {
    .size = sizeof well, .kind = SANKOFA_BOOLEAN, .name = "well", .initial = "false"};
static const struct sankofa_field kind = {
    .size = sizeof kind, .kind = SANKOFA_INTEGER, .name = "kind"};
static const struct sankofa_field number = {
    .size = sizeof number, .kind = SANKOFA_INTEGER, .name = "call"};
static const struct sankofa_field body = {
    .size = sizeof body, .kind = SANKOFA_TEXT, .name = "body"};
static const struct sankofa_field pid = {
    .size = sizeof pid, .kind = SANKOFA_INTEGER, .name = "pid"};
static const struct sankofa_field *const inputs[] = {&well, &kind, &number, &body, NULL};
static const struct sankofa_field *const outputs[] = {&pid, NULL};

static uint64_t number_of(const struct sankofa_host *host, struct sankofa_call *call)
{
    int64_t given = sankofa_integer_of(host, call, "call", 0);
    if (given == 0)
        return strtoull(host->idempotency_key(call).bytes, NULL, 10);
    return given < 0 ? 0 : (uint64_t)given;
}

static enum sankofa_outcome work(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text given = sankofa_text_of(host, call, "body");
    char json[256] = "";
    if (sankofa_integer_of(host, call, "well", 0)) {
        sankofa_put_integer(host, call, "pid", getpid());
        return SANKOFA_DONE;
    }
    for (size_t i = 0; i < given.size && i < sizeof json - 1; i++)
        json[i] = given.bytes[i] == '\'' ? '"' : given.bytes[i];
    frame_write((int)sankofa_integer_of(host, call, "kind", 0), number_of(host, call), json);
    for (;;)
        pause();
    return SANKOFA_DONE;
}

static const struct sankofa_step_type work_type = {.size = sizeof work_type,
                                                   .flags = SANKOFA_CHECK,
                                                   .name = "work",
                                                   .summary = "Lies.",
                                                   .inputs = inputs,
                                                   .outputs = outputs,
                                                   .run = work};
static const struct sankofa_step_type *const step_types[] = {&work_type, NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "liar",
                                             .version = "1.0",
                                             .summary = "A bad plugin, for tests.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
