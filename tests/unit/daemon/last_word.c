/* A process that a signal ends says so. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/last_word.h"

static char told[4096];

/* Runs `end` in a process of its own; the signal that ended it. */
static int signal_of(void (*end)(void))
{
    int pipes[2], status;
    size_t size = 0;
    ssize_t got;

    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(pipes[1], STDERR_FILENO);
        last_word_install();
        end();
        _exit(0);
    }
    close(pipes[1]);
    while ((got = read(pipes[0], told + size, sizeof(told) - 1 - size)) > 0)
        size += (size_t)got;
    told[size] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* As LMDB reads a page that the file does not have any more. */
static void read_behind_a_file(void)
{
    FILE *file = tmpfile();
    volatile char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(file), 0);

    (void)*map;
}

static void page_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    assert_int_equal(signal_of(read_behind_a_file), SIGBUS);
    assert_string_equal(told, "error daemon.crashed signal=SIGBUS hint=\"a file of the store could "
                              "not be read; look at the disk\"\n");
}

static void library_that_aborts_is_told(void **state)
{
    (void)state;
    assert_int_equal(signal_of(abort), SIGABRT);
    assert_non_null(strstr(told, "error daemon.crashed signal=SIGABRT"));
}

static void trap(void)
{
    raise(SIGSEGV);
}

static void crash_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(signal_of(trap), SIGSEGV);
    assert_non_null(strstr(told, "error daemon.crashed signal=SIGSEGV"));
    assert_null(strstr(strstr(told, "daemon.crashed") + 1, "daemon.crashed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_that_cannot_be_read_is_told),
        cmocka_unit_test(library_that_aborts_is_told),
        cmocka_unit_test(crash_is_told_once),
    };
    return cmocka_run_group_tests_name("last_word", tests, NULL, NULL);
}
