/* Crashes while it is loaded. */
#include <signal.h>

#include "bad.h"

__attribute__((constructor)) static void crash(void)
{
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("crash_at_load")
