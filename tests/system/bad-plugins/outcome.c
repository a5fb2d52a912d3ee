/* Returns an outcome that does not exist. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return (enum sankofa_outcome)99;
}

BAD_PLUGIN("outcome")
