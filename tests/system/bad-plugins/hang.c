/* Never comes back. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    for (;;)
        pause();
    return SANKOFA_DONE;
}

BAD_PLUGIN("hang")
