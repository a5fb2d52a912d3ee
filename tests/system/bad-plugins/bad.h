/* What bad plugins share: a check `work` and a step `job` that behave well where the input `well`
 * is true (the output `pid` tells which process did), and else do what the plugin is for. */
#ifndef BAD_H
#define BAD_H

#include <unistd.h>

#include <sankofa/step.h>

#ifndef BAD_NEEDS
#define BAD_NEEDS 0
#endif

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call);

static enum sankofa_outcome work(const struct sankofa_host *host, struct sankofa_call *call)
{
    if (!sankofa_integer_of(host, call, "well", 0))
        return misbehave(host, call);
    sankofa_put_integer(host, call, "pid", getpid());
    return SANKOFA_DONE;
}

static const struct sankofa_field well = {.size = sizeof well,
                                          .kind = SANKOFA_BOOLEAN,
                                          .name = "well",
                                          .initial = "false",
                                          .doc = "Whether to behave."};
static const struct sankofa_field pid = {
    .size = sizeof pid, .kind = SANKOFA_INTEGER, .name = "pid", .doc = "Who has answered."};
static const struct sankofa_field words = {
    .size = sizeof words, .kind = SANKOFA_TEXT, .name = "words", .doc = "Anything."};
static const struct sankofa_field *const inputs[] = {&well, &words, NULL};
static const struct sankofa_field *const outputs[] = {&pid, &words, NULL};

__attribute__((unused)) static const struct sankofa_step_type work_type = {
    .size = sizeof work_type,
    .flags = SANKOFA_CHECK,
    .needs = BAD_NEEDS,
    .name = "work",
    .summary = "Misbehaves in a check.",
    .inputs = inputs,
    .outputs = outputs,
    .run = work};
__attribute__((unused)) static const struct sankofa_step_type job_type = {
    .size = sizeof job_type,
    .flags = SANKOFA_IDEMPOTENT,
    .needs = BAD_NEEDS,
    .name = "job",
    .summary = "Misbehaves in a step.",
    .inputs = inputs,
    .outputs = outputs,
    .run = work};

#define BAD_TABLE(plugin_name, plugin_abi, ...)                                                    \
    const struct sankofa_plugin *sankofa_plugin(void)                                              \
    {                                                                                              \
        static const struct sankofa_step_type *const step_types[] = {__VA_ARGS__, NULL};           \
        static const struct sankofa_plugin plugin = {.size = sizeof plugin,                        \
                                                     .abi = (plugin_abi),                          \
                                                     .name = (plugin_name),                        \
                                                     .version = "1.0",                             \
                                                     .summary = "A bad plugin, for tests.",        \
                                                     .step_types = step_types};                    \
        return &plugin;                                                                            \
    }
#define BAD_PLUGIN(plugin_name) BAD_TABLE(plugin_name, SANKOFA_ABI, &work_type, &job_type)

#endif
