/* Crashes while it is loaded for the first time by a daemon, and loads from then on. What its hosts
 * have in common is the place in the file that they are loaded from. */
#include <signal.h>

#include "bad.h"

enum { IMAGE = 4 };

__attribute__((constructor)) static void crash(void)
{
    if (lseek(IMAGE, 0, SEEK_CUR) == 1)
        return;
    lseek(IMAGE, 1, SEEK_SET);
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
