/* Never comes back from being loaded. */
#include "bad.h"

__attribute__((constructor)) static void hang(void)
{
    for (;;)
        pause();
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("hang_at_load")
