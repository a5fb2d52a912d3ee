/* Describes itself otherwise in every process. */
#include <stdio.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

const struct sankofa_plugin *sankofa_plugin(void)
{
    static char version[32];
    static const struct sankofa_step_type *const step_types[] = {&work_type, &job_type, NULL};
    static struct sankofa_plugin plugin = {.size = sizeof plugin,
                                           .abi = SANKOFA_ABI,
                                           .name = "fickle",
                                           .version = version,
                                           .summary = "A bad plugin, for tests.",
                                           .step_types = step_types};
    snprintf(version, sizeof version, "%d", (int)getpid());
    return &plugin;
}
