/* What a right opens, and what it does not; and that what a program starts ends with it. */
#include <netinet/tcp.h>

#include "attacks.h"

/* ---- Rights. ---- */

static void files_that_are_granted_are_there_and_no_others(void **state)
{
    const char *const folders[] = {folder};
    struct jail jail = of_a_host(JAIL_FILES);
    (void)state;
    jail.write = (struct jail_paths){folders, 1};
    assert_int_equal(outcome_of(make_file, &jail), 0);
    assert_int_equal(outcome_of(make_link, &jail), EPERM);
    assert_int_equal(outcome_of(open_secret_to_all, &jail), EPERM);
    assert_int_equal(outcome_of(empty_secret_by_path, &jail), EPERM);
    assert_int_equal(outcome_of(open_memory, &jail), EACCES);
    assert_int_equal(outcome_of(open_inet, &jail), EPERM);
    assert_int_equal(outcome_of(start_process, &jail), EPERM);

    jail.uid = 0; /* the secret is the caller's */
    jail.write.count = 0;
    jail.read = (struct jail_paths){folders, 1};
    assert_int_equal(outcome_of(read_secret, &jail), 0);
    assert_int_equal(outcome_of(make_file, &jail), EPERM);
    assert_int_equal(outcome_of(empty_secret, &jail), EPERM);
}

static int connect_to_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return errno;
    return errno_of(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static int connect_by_sending(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return errno;
    return errno_of(sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address));
}

static int listen_on_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return errno;
    return errno_of(bind(fd, (struct sockaddr *)&address, sizeof address));
}

static int set_option(int level, int option, const void *value, size_t size)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return errno;
    return errno_of(setsockopt(fd, level, option, value, (socklen_t)size));
}

static int keep_alive(void)
{
    return set_option(SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
}

static int send_without_delay(void)
{
    return set_option(IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* A socket whose last close waits, for whoever it was passed to. */
static int linger(void)
{
    return set_option(SOL_SOCKET, SO_LINGER, &(struct linger){1, 3600}, sizeof(struct linger));
}

static void a_socket_of_the_network_makes_nobody_wait(void **state)
{
    struct jail jail = of_a_host(JAIL_NETWORK);
    (void)state;
    assert_int_equal(outcome_of(linger, NULL), 0);
    assert_int_equal(outcome_of(linger, &jail), EPERM);
    assert_int_equal(outcome_of(keep_alive, &jail), 0);
    assert_int_equal(outcome_of(send_without_delay, &jail), 0);
}

static int make_memory(void)
{
    int fd = memfd_create("body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd < 0 ? errno : errno_of(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

static int take_huge_pages(void)
{
    return errno_of(memfd_create("huge", MFD_HUGETLB));
}

static void memory_of_its_own_is_there_but_no_huge_pages(void **state)
{
    struct jail jail = of_a_host(0);
    (void)state;
    assert_int_equal(outcome_of(make_memory, &jail), 0);
    assert_int_not_equal(outcome_of(take_huge_pages, NULL), EPERM);
    assert_int_equal(outcome_of(take_huge_pages, &jail), EPERM);
}

static void the_network_that_is_granted_is_there_and_no_more(void **state)
{
    struct jail jail = of_a_host(JAIL_NETWORK);
    (void)state;
    assert_int_equal(outcome_of(connect_to_port, NULL), 0);
    assert_int_equal(outcome_of(connect_by_sending, NULL), 0);
    assert_int_equal(outcome_of(listen_on_port, NULL), 0);
    assert_int_equal(outcome_of(connect_to_port, &jail), 0);
    assert_int_equal(outcome_of(connect_by_sending, &jail), EPERM);
    assert_int_equal(outcome_of(listen_on_port, &jail), EPERM);
    assert_int_equal(outcome_of(connect_to_socket, &jail), EPERM);
    assert_int_equal(outcome_of(open_netlink, &jail), EPERM);
    assert_int_equal(outcome_of(read_secret, &jail), EACCES);
    assert_int_equal(outcome_of(start_process, &jail), EPERM);
}

static void ports_are_kept_where_the_kernel_knows_them(void **state)
{
    struct jail jail = of_a_host(JAIL_NETWORK);
    uint16_t ports[] = {(uint16_t)port};
    (void)state;
    if (jail_landlock_abi() < 4)
        skip();
    jail.ports = ports;
    jail.port_count = 1;
    assert_int_equal(outcome_of(connect_to_port, &jail), 0);
    ports[0]++;
    assert_int_equal(outcome_of(connect_to_port, &jail), EACCES);
}

static int start_other_program(void)
{
    char *arguments[] = {"/bin/false", NULL}, *environment[] = {NULL};
    execve("/bin/false", arguments, environment);
    return errno;
}

static void programs_that_are_granted_start_and_no_others(void **state)
{
    const char *const programs[] = {"/bin/true"};
    struct jail jail = of_a_host(JAIL_PROGRAMS);
    (void)state;
    jail.programs = (struct jail_paths){programs, 1};
    assert_int_equal(outcome_of(start_program, &jail), 0);
    assert_int_equal(outcome_of(start_other_program, NULL), 1);
    assert_int_equal(outcome_of(start_other_program, &jail), EACCES);
    assert_int_equal(outcome_of(start_process, &jail), 0);
    assert_int_equal(outcome_of(leave_session, NULL), 0);
    assert_int_equal(outcome_of(leave_session, &jail), EPERM);
    assert_int_equal(outcome_of(outlive_daemon, &jail), EPERM);
    assert_int_equal(outcome_of(make_file, &jail), EACCES);
    assert_int_equal(outcome_of(read_memory, &jail), ENDS);
    assert_int_equal(outcome_of(signal_victim, &jail), EPERM);
    jail.landlock_abi = jail.landlock_abi > 5 ? 5 : jail.landlock_abi;
    jail.uid = 0;
    assert_int_equal(outcome_of(signal_victim, &jail), EPERM);
}

/* ---- The guard. ---- */

/* In the jail of JAIL_PROGRAMS: starts a child that holds the pipe and keeps every signal off, and
 * says so. */
static _Noreturn void start_orphan(int pipe_end)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    pid_t pid = fork();
    if (pid == 0 && write(pipe_end, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

/* The process in the jail dies with its parent, as with a daemon that is killed. */
static void what_it_has_started_ends_with_it(void **state)
{
    int pipes[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(pipes), 0);
    pid_t parent = fork();
    if (parent == 0) {
        if (fork() == 0) {
            struct jail jail = of_a_host(JAIL_PROGRAMS);
            const char *what;
            if (dup2(pipes[1], 3) != 3 || jail_enter(&jail, 3, &what) != 0)
                _exit(1);
            start_orphan(3);
        }
        close(pipes[1]);
        for (;;)
            pause();
    }
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    struct pollfd pollfd = {.fd = pipes[0], .events = 0};
    assert_int_equal(poll(&pollfd, 1, 50), 0); /* it is there */
    kill(parent, SIGKILL);
    assert_int_equal(poll(&pollfd, 1, 10000), 1);
    assert_true(pollfd.revents & POLLHUP);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    close(pipes[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_granted_are_there_and_no_others),
        cmocka_unit_test(the_network_that_is_granted_is_there_and_no_more),
        cmocka_unit_test(a_socket_of_the_network_makes_nobody_wait),
        cmocka_unit_test(memory_of_its_own_is_there_but_no_huge_pages),
        cmocka_unit_test(ports_are_kept_where_the_kernel_knows_them),
        cmocka_unit_test(programs_that_are_granted_start_and_no_others),
        cmocka_unit_test(what_it_has_started_ends_with_it),
    };
    return cmocka_run_group_tests(tests, set_stage, clear_stage);
}
