/* Loads once for each daemon, and never again. */
#include <fcntl.h>
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
    static const struct sankofa_step_type *const step_types[] = {&work_type, &job_type, NULL};
    static const struct sankofa_plugin plugin = {.size = sizeof plugin,
                                                 .abi = SANKOFA_ABI,
                                                 .name = "once",
                                                 .version = "1.0",
                                                 .summary = "A bad plugin, for tests.",
                                                 .step_types = step_types};
    char path[64];
    snprintf(path, sizeof path, "/tmp/sankofa-once-%d", (int)getppid());
    return open(path, O_CREAT | O_EXCL, 0600) >= 0 ? &plugin : NULL;
}
