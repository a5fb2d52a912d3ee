/* Forks without end, and bounds itself for a machine on which nothing else does; what it has forked
 * keeps every signal off. */
#define BAD_NEEDS SANKOFA_PROGRAMS
#include <signal.h>

#include "bad.h"

enum { FORKS_MAX = 2000 };

static enum sankofa_outcome misbehave(const struct sankofa_host *host, struct sankofa_call *call)
{
    int count = 0;
    while (count < FORKS_MAX) {
        pid_t pid = fork();
        if (pid == 0) {
            sigset_t all;
            sigfillset(&all);
            sigprocmask(SIG_SETMASK, &all, NULL);
            for (;;)
                pause();
        }
        if (pid < 0)
            break;
        count++;
    }
    sankofa_put_integer(host, call, "pid", count);
    return SANKOFA_DONE;
}

BAD_PLUGIN("forker")
