/* Crashes in run. */
#include <signal.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    /* A real fault, also where a sanitizer would catch the signal of a wild pointer. */
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return SANKOFA_DONE;
}

BAD_PLUGIN("crash")
