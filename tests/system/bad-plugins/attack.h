/* What a hostile plugin tries, as functions of a target: a path, the number of a process, a port.
 * Each gives 0 where it succeeds, else an errno. The plugin `hostile` runs them in its jail, the
 * program `outside` without one: what could not be done there, a jail need not keep. */
#ifndef ATTACK_H
#define ATTACK_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int errno_of(long result)
{
    return result < 0 ? errno : 0;
}

static int attack_read(const char *target)
{
    return errno_of(open(target, O_RDONLY | O_NONBLOCK));
}

static int attack_list(const char *target)
{
    return opendir(target) != NULL ? 0 : errno;
}

static int attack_write(const char *target)
{
    int fd = open(target, O_WRONLY | O_CREAT | O_APPEND, 0600);
    return fd < 0 ? errno : errno_of(write(fd, "x", 1) - 1);
}

static int attack_link(const char *target)
{
    return errno_of(symlink("/etc/passwd", target));
}

static int attack_open_to_all(const char *target)
{
    return errno_of(chmod(target, 0666));
}

static int attack_memory(const char *target)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/mem", target);
    return attack_read(path);
}

static int attack_vm(const char *target)
{
    static char bytes[8];
    void *at = NULL; /* where it leads: the other's address 0x400000 may be anything */
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%s/maps", target);
    FILE *maps = fopen(path, "r");
    if (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        at = (void *)strtoul(line, NULL, 16);
    if (maps != NULL)
        fclose(maps);
    struct iovec ours = {bytes, sizeof bytes}, theirs = {at, sizeof bytes};
    return errno_of(process_vm_readv(atoi(target), &ours, 1, &theirs, 1, 0));
}

static int attack_trace(const char *target)
{
    return errno_of(ptrace(PTRACE_SEIZE, atoi(target), NULL, NULL));
}

static int attack_signal(const char *target)
{
    return errno_of(kill(atoi(target), SIGCONT));
}

static int attack_owner(const char *target)
{
    int pipes[2];
    return pipe(pipes) != 0 ? errno : errno_of(fcntl(pipes[0], F_SETOWN, atoi(target)));
}

static int attack_limit(const char *target)
{
    struct rlimit limit = {16384, 16384};
    return errno_of(prlimit(atoi(target), RLIMIT_MEMLOCK, &limit, NULL));
}

static int attack_unix(const char *target)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", target);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd < 0 ? errno : errno_of(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static int attack_inet(const char *target)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(target)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd < 0 ? errno : errno_of(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static int attack_fork(const char *target)
{
    (void)target;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : errno_of(waitpid(pid, NULL, 0));
}

static int attack_exec(const char *target)
{
    char *words[] = {(char *)(uintptr_t)target, NULL}, *environment[] = {NULL};
    execve(target, words, environment);
    return errno;
}

static int attack_user(const char *target)
{
    return errno_of(setuid((uid_t)atoi(target)));
}

static int attack_namespace(const char *target)
{
    (void)target;
    return errno_of(unshare(CLONE_NEWUSER));
}

/* Descriptors beside the standard ones and the host's socket. */
static int attack_descriptors(const char *target)
{
    int found = 0;
    (void)target;
    for (int fd = 4; fd < 1024; fd++)
        found += fcntl(fd, F_GETFD) >= 0;
    return found > 0 ? 0 : ENOENT;
}

static int attack_environment(const char *target)
{
    return getenv(target) != NULL ? 0 : ENOENT;
}

static const struct {
    const char *name;
    int (*run)(const char *target);
} attacks[] = {
    {"read", attack_read},
    {"list", attack_list},
    {"write", attack_write},
    {"link", attack_link},
    {"open_to_all", attack_open_to_all},
    {"memory", attack_memory},
    {"vm", attack_vm},
    {"trace", attack_trace},
    {"signal", attack_signal},
    {"owner", attack_owner},
    {"limit", attack_limit},
    {"unix", attack_unix},
    {"inet", attack_inet},
    {"fork", attack_fork},
    {"exec", attack_exec},
    {"user", attack_user},
    {"namespace", attack_namespace},
    {"descriptors", attack_descriptors},
    {"environment", attack_environment},
};

/* -1: there is no such attack. */
static int attack(const char *name, const char *target)
{
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
        if (strcmp(name, attacks[i].name) == 0)
            return attacks[i].run(target);
    return -1;
}

#endif
