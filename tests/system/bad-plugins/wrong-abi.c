/* Is built for an ABI that no host has. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_TABLE("wrong_abi", 99, &work_type, &job_type)
