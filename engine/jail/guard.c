/* The guard: what a process in the jail has started ends with it, also where nobody is left to end
 * it. It is forked before anything is given up, so that no plugin can reach it: it is of another
 * user, or outside of the Landlock domain, or no filter lets a signal through. It stays in the
 * group of the process, so that the number of the group cannot become somebody else's; and no
 * filter lets anybody out of the group. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "jail/internal.h"

/* Only the pidfd is left to it. */
static void close_all_but(int fd)
{
    if (fd > 0)
        close_range(0, (unsigned)fd - 1, 0);
    close_range((unsigned)fd + 1, ~0U, 0);
}

static _Noreturn void watch(int pidfd)
{
    struct pollfd pollfd = {.fd = pidfd, .events = POLLIN};
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    close_all_but(pidfd);
    prctl(PR_SET_NAME, "sankofa-guard", 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    while (poll(&pollfd, 1, -1) < 0 && errno == EINTR)
        ;
    kill(0, SIGKILL); /* itself, too */
    _exit(1);
}

int guard_start(const struct jail *jail)
{
    (void)jail;
    if (getpgrp() != getpid() && setpgid(0, 0) != 0)
        return -errno;
    int pidfd = pidfd_open(getpid(), 0);
    if (pidfd < 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        watch(pidfd);
    int result = pid < 0 ? -errno : 0;
    close(pidfd);
    return result;
}
