/* Calls itself otherwise than it is configured. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("somebody_else")
