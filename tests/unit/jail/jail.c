/* What a process has given up once it is in the jail. Each test looks from inside, in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/jail.h"

/* The memory is left as it is: a sanitized program cannot be limited. */
static struct jail of_a_host(void)
{
    struct jail jail = jail_default(JAIL_HOST);
    jail.limits.memory_bytes = 0;
    return jail;
}

/* Runs `look` in a child; what it returns is 0 or the number of the line that does not hold. */
static void in_a_child(int (*look)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(look() & 0xff);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0)
        fail_msg("line %d (modulo 256) does not hold", WEXITSTATUS(status));
}

#define HOLDS(fact)                                                                                \
    do {                                                                                           \
        if (!(fact))                                                                               \
            return __LINE__;                                                                       \
    } while (0)

static uint64_t limit_of(int resource)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur == limit.rlim_max ? limit.rlim_max
                                                                                : 0;
}

static int look_at_limits(void)
{
    struct jail given = of_a_host();
    const char *what;
    HOLDS(jail_enter(&given, 2, &what) == 0);
    HOLDS(limit_of(RLIMIT_FSIZE) == 16 << 20);
    HOLDS(limit_of(RLIMIT_NOFILE) == 64);
    HOLDS(limit_of(RLIMIT_NPROC) == 64);
    struct rlimit core;
    HOLDS(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
    HOLDS(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    HOLDS(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
    int signal = 0;
    HOLDS(prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0) == 0 && signal == SIGKILL);
    return 0;
}

static void privileges_and_resources_are_given_up(void **state)
{
    (void)state;
    in_a_child(look_at_limits);
}

static int look_at_memory(void)
{
    struct jail given = jail_default(JAIL_HOST);
    const char *what;
    HOLDS(given.limits.memory_bytes == 512 << 20);
    HOLDS(jail_enter(&given, 2, &what) == 0);
    HOLDS(limit_of(RLIMIT_AS) == 512 << 20);
    volatile size_t large = 600 << 20;
    HOLDS(malloc(large) == NULL);
    return 0;
}

static void memory_is_limited(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* it needs more addresses than any limit */
#endif
    in_a_child(look_at_memory);
}

static int look_at_lower_limits(void)
{
    struct jail given = of_a_host();
    const char *what;
    struct rlimit low = {.rlim_cur = 10, .rlim_max = 10};
    HOLDS(setrlimit(RLIMIT_NOFILE, &low) == 0);
    HOLDS(jail_enter(&given, 2, &what) == 0);
    HOLDS(limit_of(RLIMIT_NOFILE) == 10);
    return 0;
}

static void a_limit_that_is_already_lower_stays(void **state)
{
    (void)state;
    in_a_child(look_at_lower_limits);
}

static int look_at_descriptors(void)
{
    struct jail given = of_a_host();
    const char *what;
    for (int fd = 3; fd < 8; fd++)
        HOLDS(dup2(2, fd) == fd);
    HOLDS(jail_enter(&given, 4, &what) == 0);
    HOLDS(fcntl(2, F_GETFD) >= 0 && fcntl(3, F_GETFD) >= 0 && fcntl(4, F_GETFD) >= 0);
    for (int fd = 5; fd < 64; fd++)
        HOLDS(fcntl(fd, F_GETFD) == -1);
    return 0;
}

static void only_the_descriptors_that_are_named_stay_open(void **state)
{
    (void)state;
    in_a_child(look_at_descriptors);
}

static int look_at_refusal(void)
{
    struct jail given = of_a_host();
    const char *what = NULL;
    HOLDS(jail_enter(&given, 1, &what) == -EINVAL);
    HOLDS(strcmp(what, "close_range") == 0);
    return 0;
}

static void standard_descriptors_are_never_closed(void **state)
{
    (void)state;
    in_a_child(look_at_refusal);
}

/* Child and grandchild: once the child ends, the grandchild does, and so its end of the pipe. */
static void a_process_dies_with_its_parent(void **state)
{
    int pipes[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) {
            struct jail given = of_a_host();
            const char *what;
            if (jail_enter(&given, pipes[1], &what) != 0 || write(pipes[1], "x", 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
        close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) == 1 ? 0 : 1); /* it is in the jail */
    }
    close(pipes[1]);
    struct pollfd pollfd = {.fd = pipes[0], .events = 0};
    assert_int_equal(poll(&pollfd, 1, 10000), 1);
    assert_true(pollfd.revents & POLLHUP);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(pipes[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(privileges_and_resources_are_given_up),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(a_limit_that_is_already_lower_stays),
        cmocka_unit_test(only_the_descriptors_that_are_named_stay_open),
        cmocka_unit_test(standard_descriptors_are_never_closed),
        cmocka_unit_test(a_process_dies_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
