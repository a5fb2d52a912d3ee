/* One plugin in several versions, for tests of an upgrade: a step that parks, a check that tells
 * which version it is, a step that takes its time. What a version lacks or changes it defines
 * before. */
#ifndef VERSIONED_H
#define VERSIONED_H

#include <time.h>

#include <sankofa/step.h>

#ifndef NAP_RESUME
#define NAP_RESUME resume
#endif
#ifndef NUMBER_NAME
#define NUMBER_NAME "number"
#endif

static const struct sankofa_field number_out = {
    .size = sizeof number_out, .kind = SANKOFA_TEXT, .name = NUMBER_NAME, .doc = "Its version."};
static const struct sankofa_field granted_in = {
    .size = sizeof granted_in, .kind = SANKOFA_BOOLEAN, .name = "granted", .required = 1};
static const struct sankofa_field *const outputs[] = {&number_out, NULL};
static const struct sankofa_field *const answers[] = {&granted_in, NULL};

static enum sankofa_outcome tell(const struct sankofa_host *host, struct sankofa_call *call)
{
    sankofa_put_text(host, call, NUMBER_NAME, VERSION);
    return SANKOFA_DONE;
}

static enum sankofa_outcome work(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct timespec span = {.tv_sec = 1};
    nanosleep(&span, NULL);
    return tell(host, call);
}

static enum sankofa_outcome park(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->park(call, SANKOFA_ANSWER, 0, "folder 7", 8);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome nap(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->park(call, SANKOFA_TIME, host->now_ms(call) + 86400000, "", 0);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome resume(const struct sankofa_host *host, struct sankofa_call *call)
{
    return tell(host, call);
}

static const struct sankofa_step_type check_type = {.size = sizeof check_type,
                                                    .flags = SANKOFA_CHECK,
                                                    .name = "check",
                                                    .summary = "Tells its version.",
                                                    .outputs = outputs,
                                                    .run = tell};
static const struct sankofa_step_type work_type = {.size = sizeof work_type,
                                                   .flags = SANKOFA_IDEMPOTENT,
                                                   .name = "work",
                                                   .summary = "Takes a second.",
                                                   .outputs = outputs,
                                                   .run = work};
static const struct sankofa_step_type wait_type = {.size = sizeof wait_type,
                                                   .flags = SANKOFA_IDEMPOTENT,
                                                   .name = "wait",
                                                   .summary = "Waits for an answer.",
                                                   .outputs = outputs,
                                                   .answers = answers,
                                                   .run = park,
                                                   .resume = resume};
static const struct sankofa_step_type nap_type = {.size = sizeof nap_type,
                                                  .flags = SANKOFA_IDEMPOTENT,
                                                  .name = "nap",
                                                  .summary = "Waits for a day.",
                                                  .outputs = outputs,
                                                  .run = nap,
                                                  .resume = NAP_RESUME};
static const struct sankofa_step_type *const step_types[] = {STEP_TYPES, NULL};

static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "versioned",
                                             .version = VERSION,
                                             .summary = "A plugin in several versions.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}

#endif
