/* posix_spawn, because a fork of a large daemon stalls its loop; a pidfd, because a pid may be
 * somebody else's by the time it is used. */
#include "steps/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

enum { HOST_SOCKET = 3, HOST_IMAGE = 4, SPAWN_FD_MIN = 10 };

/* The daemon's environment may hold what is none of a plugin's business. The last ones are set in
 * tests alone. */
enum { ENVIRONMENT_MAX = 8 };
static void set_environment(const char *variables[ENVIRONMENT_MAX], char *room, size_t room_size)
{
    static const char *const passed[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS"};
    size_t count = 0;
    variables[count++] = "PATH=/usr/local/bin:/usr/bin:/bin";
    variables[count++] = "LANG=C.UTF-8";
    variables[count++] = "TZ=UTC";
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        const char *value = getenv(passed[i]);
        int size = value == NULL ? 0 : snprintf(room, room_size, "%s=%s", passed[i], value);
        if (size <= 0 || (size_t)size >= room_size)
            continue;
        variables[count++] = room;
        room += size + 1;
        room_size -= (size_t)size + 1;
    }
    variables[count] = NULL;
}

/* Both must be above what they become, or one dup2 would overwrite the other's source. */
static int add_files(posix_spawn_file_actions_t *actions, int socket, int image_fd)
{
    CHECK(socket > HOST_IMAGE);
    CHECK(image_fd > HOST_IMAGE);
    int error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, 2, 1);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, socket, HOST_SOCKET);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, image_fd, HOST_IMAGE);
    return error;
}

/* Its own group: a Ctrl-C at the daemon's terminal is not for it, and it is killed whole. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                         POSIX_SPAWN_SETSIGMASK);
    if (error == 0)
        error = posix_spawnattr_setpgroup(attributes, 0);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error;
}

static int spawn(const char *program, uint64_t memory_bytes,
                 const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                 pid_t *pid_out)
{
    char image[16], memory[24], room[1024];
    const char *environment[ENVIRONMENT_MAX];
    const char *arguments[] = {program, "--plugin-fd", image, "--memory", memory, NULL};
    snprintf(image, sizeof image, "%d", HOST_IMAGE);
    snprintf(memory, sizeof memory, "%" PRIu64, memory_bytes == UINT64_MAX ? 0 : memory_bytes);
    if (memory_bytes == 0)
        arguments[3] = NULL;
    set_environment(environment, room, sizeof room);
    return posix_spawn(pid_out, program, actions, attributes, (char *const *)arguments,
                       (char *const *)environment);
}

static int start(const char *program, int socket, int image_fd, uint64_t memory_bytes,
                 pid_t *pid_out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
        return -ENOMEM;
    int error = add_files(&actions, socket, image_fd);
    if (error == 0)
        error = set_attributes(&attributes);
    if (error == 0)
        error = spawn(program, memory_bytes, &actions, &attributes, pid_out);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

static int open_socket_pair(int *ours_out, int *theirs_out)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    *ours_out = pair[0];
    *theirs_out = fcntl(pair[1], F_DUPFD_CLOEXEC, SPAWN_FD_MIN);
    int error = errno;
    close(pair[1]);
    if (*theirs_out >= 0)
        return 0;
    close(pair[0]);
    return -error;
}

int spawn_host(const char *program, int image_fd, uint64_t memory_bytes,
               struct spawned *spawned_out)
{
    int theirs = -1;
    struct spawned spawned = {.pidfd = -1};
    int result = open_socket_pair(&spawned.socket, &theirs);
    if (result != 0)
        return result;
    result = start(program, theirs, image_fd, memory_bytes, &spawned.pid);
    close(theirs);
    if (result != 0) {
        close(spawned.socket);
        return result;
    }
    spawned.pidfd = pidfd_open(spawned.pid, 0);
    if (spawned.pidfd < 0) {
        result = -errno;
        kill(spawned.pid, SIGKILL);
        spawn_reap(&spawned, NULL);
        return result;
    }
    *spawned_out = spawned;
    return 0;
}

void spawn_kill(const struct spawned *spawned)
{
    pidfd_send_signal(spawned->pidfd, SIGKILL, NULL, 0);
    kill(-spawned->pid, SIGKILL);
}

void spawn_reap(struct spawned *spawned, int *status_out)
{
    int status = 0;
    if (spawned->pid == 0)
        return;
    /* Until it is reaped its number, and its group's, are nobody else's. */
    kill(-spawned->pid, SIGKILL);
    while (waitpid(spawned->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(spawned->socket);
    if (spawned->pidfd >= 0)
        close(spawned->pidfd);
    *spawned = (struct spawned){.pidfd = -1, .socket = -1};
    if (status_out != NULL)
        *status_out = status;
}
