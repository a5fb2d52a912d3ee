/* Ends its process as if all were well. */
#include <stdlib.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    _exit(0);
}

BAD_PLUGIN("ends")
