/* Loads once for each daemon, and never again. What its hosts have in common is the place in the
 * file that they are loaded from; the daemon has filled it and stands at its end. */
#include "bad.h"

enum { IMAGE = 4 };

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
    if (lseek(IMAGE, 0, SEEK_CUR) == 1)
        return NULL;
    return lseek(IMAGE, 1, SEEK_SET) == 1 ? &plugin : NULL;
}
