/* Eats memory, and uses it. */
#include <stdlib.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    for (;;)
        memset(malloc(16 << 20), 1, 16 << 20);
    return SANKOFA_DONE;
}

BAD_PLUGIN("memory")
