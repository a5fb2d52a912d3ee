/* Takes its time to be loaded. */
#include <time.h>

#include "bad.h"

__attribute__((constructor)) static void dawdle(void)
{
    struct timespec span = {.tv_nsec = 700000000};
    nanosleep(&span, NULL);
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("sluggish")
