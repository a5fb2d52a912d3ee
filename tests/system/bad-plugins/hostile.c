/* Attacks by name, from within the jail; and what breaks the rules of the ABI: another thread,
 * pointers that are kept, a crash in resume. */
#include <pthread.h>

#include <sankofa/step.h>

#include "attack.h"

static const struct sankofa_field name_in = {
    .size = sizeof name_in, .kind = SANKOFA_TEXT, .name = "name", .required = 1};
static const struct sankofa_field target_in = {
    .size = sizeof target_in, .kind = SANKOFA_TEXT, .name = "target", .required = 1};
static const struct sankofa_field result_out = {
    .size = sizeof result_out, .kind = SANKOFA_INTEGER, .name = "result"};
static const struct sankofa_field granted_in = {
    .size = sizeof granted_in, .kind = SANKOFA_BOOLEAN, .name = "granted", .required = 1};
static const struct sankofa_field *const inputs[] = {&name_in, &target_in, NULL};
static const struct sankofa_field *const outputs[] = {&result_out, NULL};
static const struct sankofa_field *const answers[] = {&granted_in, NULL};

static const struct sankofa_host *kept_host;
static struct sankofa_call *kept_call;
static const char *kept_text;

static void *put_without_end(void *self)
{
    (void)self;
    for (;;)
        sankofa_put_integer(kept_host, kept_call, "result", 7);
    return NULL;
}

/* The call is over long before the thread is. */
static int stray(const struct sankofa_host *host, struct sankofa_call *call)
{
    pthread_t thread;
    kept_host = host;
    kept_call = call;
    return pthread_create(&thread, NULL, put_without_end, NULL);
}

/* What was lent to the call before. */
static int keep(struct sankofa_text text)
{
    int changed = kept_text != NULL && kept_text[0] != '/';
    kept_text = text.bytes;
    return changed;
}

static enum sankofa_outcome try_it(const struct sankofa_host *host, struct sankofa_call *call)
{
    struct sankofa_text name = sankofa_text_of(host, call, "name");
    struct sankofa_text target = sankofa_text_of(host, call, "target");
    int result;
    if (strcmp(name.bytes, "stray") == 0)
        result = stray(host, call);
    else if (strcmp(name.bytes, "keep") == 0)
        result = keep(target);
    else
        result = attack(name.bytes, target.bytes);
    sankofa_put_integer(host, call, "result", result);
    return SANKOFA_DONE;
}

static enum sankofa_outcome park(const struct sankofa_host *host, struct sankofa_call *call)
{
    host->park(call, SANKOFA_ANSWER, 0, "", 0);
    return SANKOFA_PARKED;
}

static enum sankofa_outcome crash(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return SANKOFA_DONE;
}

static const struct sankofa_step_type attack_type = {.size = sizeof attack_type,
                                                     .flags = SANKOFA_CHECK,
                                                     .name = "attack",
                                                     .summary = "Attacks.",
                                                     .inputs = inputs,
                                                     .outputs = outputs,
                                                     .run = try_it};
static const struct sankofa_step_type wait_type = {.size = sizeof wait_type,
                                                   .flags = SANKOFA_IDEMPOTENT,
                                                   .name = "wait",
                                                   .summary = "Crashes when it is woken.",
                                                   .answers = answers,
                                                   .run = park,
                                                   .resume = crash};
static const struct sankofa_step_type *const step_types[] = {&attack_type, &wait_type, NULL};
static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                             .abi = SANKOFA_ABI,
                                             .name = "hostile",
                                             .version = "1.0",
                                             .summary = "A hostile plugin, for tests.",
                                             .step_types = step_types};

const struct sankofa_plugin *sankofa_plugin(void)
{
    return &plugin;
}
