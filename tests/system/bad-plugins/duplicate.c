/* Has two step types of one name. */
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_TABLE("duplicate", SANKOFA_ABI, &work_type, &job_type, &work_type)
