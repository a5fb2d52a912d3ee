/* Writes more lines into the log than a call may. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    for (int i = 0; i < 5000; i++)
        host->log(call, SANKOFA_INFO, "chat\n\"ter\"");
    return SANKOFA_DONE;
}

BAD_PLUGIN("chatter")
