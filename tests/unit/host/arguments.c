/* The program from outside: wrong use, a socket that is none, an other side that is gone or breaks
 * the protocol. What it does with plugins is tested with real ones in tests/unit/steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "host/host.h"
#include "wire/wire.h"

/* Runs host_main in a child, with `socket` and `plugin` as its descriptors 3 and 4 (-1: none). */
static int status_of(int argc, char **argv, int socket, int plugin)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int quiet = open("/dev/null", O_WRONLY);
        int high_socket = socket < 0 ? -1 : fcntl(socket, F_DUPFD, 20);
        int high_plugin = plugin < 0 ? -1 : fcntl(plugin, F_DUPFD, 20);
        dup2(quiet, 2);
        close(3);
        close(4);
        if (high_socket >= 0)
            dup2(high_socket, 3);
        if (high_plugin >= 0)
            dup2(high_plugin, 4);
        _exit(host_main(argc, argv));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *good[] = {"sankofa-host", "--plugin-fd", "4", "--memory", "0", NULL};

static void wrong_use_is_refused(void **state)
{
    char *cases[][6] = {
        {"sankofa-host", NULL},
        {"sankofa-host", "--plugin-fd", NULL},
        {"sankofa-host", "--plugin-fd", "3", NULL},
        {"sankofa-host", "--plugin-fd", "four", NULL},
        {"sankofa-host", "--plugin-fd", "1024", NULL},
        {"sankofa-host", "--memory", "0", NULL},
        {"sankofa-host", "--plugin-fd", "4", "--memory", "-1", NULL},
        {"sankofa-host", "--plugin-fd", "4", "--memory", NULL},
        {"sankofa-host", "--plugin-fd", "4", "plugin.so", NULL},
        {"sankofa-host", "--file", "plugin.so", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int argc = 0;
        while (argc < 6 && cases[i][argc] != NULL)
            argc++;
        assert_int_equal(status_of(argc, cases[i], -1, -1), 2);
    }
}

static int plugin_of(const char *bytes)
{
    int fd = memfd_create("plugin", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(dprintf(fd, "%s", bytes), (int)__builtin_strlen(bytes));
    return fd;
}

static void descriptors_that_are_not_there_are_told(void **state)
{
    int plugin = plugin_of("x"), fds[2];
    (void)state;
    assert_int_equal(status_of(5, good, -1, plugin), 1);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(status_of(5, good, fds[1], -1), 1);
    close(fds[0]);
    close(fds[1]);
    close(plugin);
}

static void a_descriptor_that_is_no_socket_is_told(void **state)
{
    int plugin = plugin_of("x"), fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(status_of(5, good, fds[1], plugin), 1);
    close(fds[0]);
    close(fds[1]);
    close(plugin);
}

static void a_host_whose_parent_is_gone_loads_nothing(void **state)
{
    int plugin = plugin_of("x"), fds[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    close(fds[0]);
    assert_int_equal(status_of(5, good, fds[1], plugin), 0);
    close(fds[1]);
    close(plugin);
}

static void what_does_not_load_is_told_to_the_other_side(void **state)
{
    struct arena *arena = arena_create("test");
    struct wire_frame frame;
    int plugin = plugin_of("no shared object, but longer than a head, as files often are...."),
        fds[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(status_of(5, good, fds[1], plugin), 1);
    assert_int_equal(wire_receive(fds[0], arena, 1000, &frame), 0);
    assert_int_equal(frame.kind, WIRE_UNLOADED);
    assert_string_equal(value_text_at(&frame.body, "message").bytes,
                        "The file cannot be loaded: invalid ELF header.");
    close(fds[0]);
    close(fds[1]);
    close(plugin);
    arena_destroy(arena);
}

static int probe(void)
{
    char path[512];
    snprintf(path, sizeof path, "%s/probe.so", getenv("SANKOFA_BAD_PLUGINS"));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* What stands in the socket before the host begins is what it will read. */
static int status_after(struct arena *arena, const struct wire_frame *frame, const char *garbage)
{
    int plugin = probe(), fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    if (frame != NULL)
        assert_int_equal(wire_send(fds[0], arena, frame), 0);
    else
        assert_int_equal(write(fds[0], garbage, 16), 16);
    int status = status_of(5, good, fds[1], plugin);
    close(fds[0]);
    close(fds[1]);
    close(plugin);
    return status;
}

static void the_host_ends_where_the_other_side_breaks_the_protocol(void **state)
{
    struct arena *arena = arena_create("test");
    struct wire_frame frame = {.kind = WIRE_OUTCOME, .call = 1, .body = value_map(arena)};
    (void)state;
    assert_int_equal(status_after(arena, NULL, "GET / HTTP/1.1\r\n"), 1);
    assert_int_equal(status_after(arena, &frame, NULL), 1);
    frame.kind = WIRE_RUN;
    assert_int_equal(status_after(arena, &frame, NULL), 1);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_use_is_refused),
        cmocka_unit_test(descriptors_that_are_not_there_are_told),
        cmocka_unit_test(a_descriptor_that_is_no_socket_is_told),
        cmocka_unit_test(a_host_whose_parent_is_gone_loads_nothing),
        cmocka_unit_test(what_does_not_load_is_told_to_the_other_side),
        cmocka_unit_test(the_host_ends_where_the_other_side_breaks_the_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
