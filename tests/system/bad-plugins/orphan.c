/* Starts a child that keeps everything open, and crashes. */
#include <signal.h>

#define BAD_NEEDS SANKOFA_PROGRAMS
#include "bad.h"

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    pid_t child = fork();
    while (child == 0)
        pause();
    if (child < 0)
        return SANKOFA_DONE;
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    return SANKOFA_DONE;
}

BAD_PLUGIN("orphan")
