/* Crashes while it is loaded for the first time by a daemon, and loads from then on. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "bad.h"

__attribute__((constructor)) static void crash(void)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/sankofa-late-%d", (int)getppid());
    if (open(path, O_CREAT | O_EXCL, 0600) < 0)
        return;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    (void)host;
    (void)call;
    return SANKOFA_DONE;
}

BAD_PLUGIN("late")
