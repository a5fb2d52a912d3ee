/* Starts a child that keeps everything open, and crashes. */
#include <signal.h>

#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    if (fork() == 0) {
        for (;;)
            pause();
    }
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    return SANKOFA_DONE;
}

BAD_PLUGIN("orphan")
