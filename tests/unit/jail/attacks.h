/* Attacks on the jail, as functions that give 0 or an errno, and the stage that they need: a
 * secret, a socket, a process of whoever runs the tests. */
#ifndef TESTS_JAIL_ATTACKS_H
#define TESTS_JAIL_ATTACKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/jail.h"

/* ENDS: the filter ends the process. */
enum { KILLED = 1000, ENDS = KILLED + SIGSYS, OTHER_UID = 61002 };

static char folder[] = "/tmp/sankofa-jail-XXXXXX"; /* everybody may write there */
static char secret[64], victim_socket[64];
static pid_t victim; /* of the user who runs the tests */
static int listener, port;
static char victim_memory[16] = "a child's name";

static inline struct jail of_a_host(unsigned rights)
{
    struct jail jail = jail_default(JAIL_HOST);
    jail.limits.memory_bytes = 0; /* a sanitized program cannot be limited */
    jail.rights = rights;
    jail.uid = geteuid() == 0 ? OTHER_UID : 0;
    return jail;
}

/* As it was before somebody succeeded outside. */
static inline void renew_secret(void)
{
    unlink(secret);
    int fd = open(secret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "a child's name", 14), 14);
    close(fd);
}

/* What `attempt` gives in a child: 0, an errno, or KILLED. `jail`: NULL: outside. */
static inline int outcome_of(int (*attempt)(void), const struct jail *jail)
{
    int status;
    renew_secret();
    pid_t pid = fork();
    if (pid == 0) {
        const char *what;
        int result = jail == NULL ? 0 : jail_enter(jail, 2, &what);
        if (result != 0) {
            fprintf(stderr, "%s: %s\n", what, strerror(-result));
            _exit(255);
        }
        _exit(attempt());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return KILLED + WTERMSIG(status);
    assert_int_not_equal(WEXITSTATUS(status), 255);
    return WEXITSTATUS(status);
}

static inline int errno_of(long result)
{
    return result == -1 ? errno : 0;
}

/* ---- The attempts. ---- */

static inline int read_secret(void)
{
    return errno_of(open(secret, O_RDONLY));
}

static inline int make_file(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/made-%d", folder, (int)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return errno;
    return errno_of(unlink(path));
}

static inline int empty_secret(void)
{
    return errno_of(open(secret, O_RDONLY | O_TRUNC));
}

static inline int empty_secret_by_path(void)
{
    return errno_of(truncate(secret, 0));
}

static inline int open_secret_to_all(void)
{
    return errno_of(chmod(secret, 0666));
}

static inline int make_link(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/link-%d", folder, (int)getpid());
    if (symlink(secret, path) != 0)
        return errno;
    return errno_of(unlink(path));
}

static inline int read_memory(void)
{
    char bytes[sizeof victim_memory];
    struct iovec ours = {bytes, sizeof bytes}, theirs = {victim_memory, sizeof bytes};
    return errno_of(process_vm_readv(victim, &ours, 1, &theirs, 1, 0));
}

static inline int open_memory(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    return errno_of(open(path, O_RDONLY));
}

static inline int trace(void)
{
    long result = ptrace(PTRACE_SEIZE, victim, NULL, NULL);
    return errno_of(result);
}

static inline int signal_victim(void)
{
    return errno_of(kill(victim, SIGCONT));
}

static inline int signal_everybody(void)
{
    return errno_of(kill(-1, 0));
}

static inline int signal_by_owner_of_descriptor(void)
{
    int fds[2];
    if (pipe(fds) != 0)
        return errno;
    return errno_of(fcntl(fds[0], F_SETOWN, (int)victim));
}

static inline int limit_victim(void)
{
    struct rlimit limit = {4096, 4096};
    return errno_of(prlimit(victim, RLIMIT_STACK, &limit, NULL));
}

static inline int slow_victim(void)
{
    return errno_of(setpriority(PRIO_PROCESS, (id_t)victim, 1));
}

static inline int connect_to_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", victim_socket);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return errno;
    return errno_of(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static inline int send_to_name(void)
{
    int fds[2];
    return errno_of(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
}

static inline int open_inet(void)
{
    return errno_of(socket(AF_INET, SOCK_STREAM, 0));
}

static inline int open_inet6(void)
{
    return errno_of(socket(AF_INET6, SOCK_DGRAM, 0));
}

static inline int open_netlink(void)
{
    return errno_of(socket(AF_NETLINK, SOCK_RAW, 0));
}

static inline int start_program(void)
{
    char *arguments[] = {"/bin/true", NULL}, *environment[] = {NULL};
    execve("/bin/true", arguments, environment);
    return errno;
}

static inline int start_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return errno_of(pid);
}

static inline int leave_session(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(errno_of(setsid()));
    int status;
    return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : errno;
}

static inline int outlive_daemon(void)
{
    return errno_of(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
}

static inline int become_root(void)
{
    return errno_of(setuid(getuid()));
}

static inline int own_namespace(void)
{
    return errno_of(unshare(CLONE_NEWUSER));
}

static inline int ask_for_ring(void)
{
    char room[256] = {0};
    return errno_of(syscall(SYS_io_uring_setup, 1, room));
}

static inline int share_memory_for_ever(void)
{
    int memory = shmget(IPC_PRIVATE, 4096, 0600);
    return errno_of(memory < 0 ? memory : shmctl(memory, IPC_RMID, NULL));
}

static inline void *nothing(void *self)
{
    return self;
}

/* ---- What goes on working. ---- */

static inline int start_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, nothing, NULL);
    return error != 0 ? error : pthread_join(thread, NULL);
}

static inline int read_library(void)
{
    return errno_of(open("/usr/bin/env", O_RDONLY));
}

static inline int do_ordinary_things(void)
{
    int fds[2];
    char byte = 'x';
    struct pollfd pollfd = {.events = POLLIN};
    void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || pipe(fds) != 0 || write(fds[1], &byte, 1) != 1)
        return errno;
    pollfd.fd = fds[0];
    free(malloc(4 << 20));
    return poll(&pollfd, 1, 1000) == 1 && read(fds[0], &byte, 1) == 1 ? raise(SIGCONT) : 1;
}

/* ---- The stage. ---- */

static inline void listen_for_all(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s", victim_socket);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(chmod(victim_socket, 0666), 0);
    assert_int_equal(listen(fd, 16), 0);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    port = ntohs(address.sin_port);
}

static inline int set_stage(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0777), 0);
    snprintf(secret, sizeof secret, "%s/secret", folder);
    snprintf(victim_socket, sizeof victim_socket, "%s/socket", folder);
    listen_for_all();
    victim = fork();
    while (victim == 0)
        pause();
    return 0;
}

static inline int clear_stage(void **state)
{
    (void)state;
    kill(victim, SIGKILL);
    waitpid(victim, NULL, 0);
    unlink(secret);
    unlink(victim_socket);
    close(listener);
    return rmdir(folder);
}

#endif
