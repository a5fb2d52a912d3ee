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
    int error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);
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

/* The words of a host: names and values, which stand behind each other in `room`. */
enum { WORDS_MAX = 512, NUMBERS_BYTES_MAX = 4096 };
struct words {
    const char *items[WORDS_MAX + 1];
    size_t count;
    char numbers[NUMBERS_BYTES_MAX];
    size_t numbers_size;
};

static void add_word(struct words *words, const char *name, const char *value)
{
    if (words->count + 2 <= WORDS_MAX) {
        words->items[words->count] = name;
        words->items[words->count + 1] = value;
    }
    words->count += 2;
}

static void add_number(struct words *words, const char *name, uint64_t number)
{
    size_t left = sizeof words->numbers - words->numbers_size;
    char *at = words->numbers + words->numbers_size;
    int size = snprintf(at, left, "%" PRIu64, number);
    if ((size_t)size >= left) {
        words->count = WORDS_MAX + 1;
        return;
    }
    words->numbers_size += (size_t)size + 1;
    add_word(words, name, at);
}

static void add_paths(struct words *words, const char *name, const struct jail_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        add_word(words, name, paths->items[i]);
}

/* False: there are too many. */
static bool set_words(struct words *words, const struct spawn_options *options)
{
    const struct jail *jail = &options->jail;
    words->items[words->count++] = options->program;
    add_number(words, "--plugin-fd", HOST_IMAGE);
    add_number(words, "--memory", jail->limits.memory_bytes);
    if (options->keeps_words)
        add_word(words, "--words", "kept");
    if (jail->is_traceable)
        add_word(words, "--traceable", "yes");
    if (jail->uid != 0)
        add_number(words, "--uid", jail->uid);
    if (jail->rights != 0)
        add_number(words, "--rights", jail->rights);
    for (size_t i = 0; i < jail->port_count; i++)
        add_number(words, "--port", jail->ports[i]);
    add_paths(words, "--read", &jail->read);
    add_paths(words, "--write", &jail->write);
    add_paths(words, "--program", &jail->programs);
    return words->count <= WORDS_MAX;
}

static int spawn(const struct spawn_options *options, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, pid_t *pid_out)
{
    char room[1024];
    const char *environment[ENVIRONMENT_MAX];
    struct words words = {0};
    if (!set_words(&words, options))
        return E2BIG;
    set_environment(environment, room, sizeof room);
    return posix_spawn(pid_out, options->program, actions, attributes, (char *const *)words.items,
                       (char *const *)environment);
}

static int start(const struct spawn_options *options, int socket, pid_t *pid_out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
        return -ENOMEM;
    int error = add_files(&actions, socket, options->image_fd);
    if (error == 0)
        error = set_attributes(&attributes);
    if (error == 0)
        error = spawn(options, &actions, &attributes, pid_out);
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

int spawn_host(const struct spawn_options *options, struct spawned *spawned_out)
{
    int theirs = -1;
    struct spawned spawned = {.pidfd = -1};
    int result = open_socket_pair(&spawned.socket, &theirs);
    if (result != 0)
        return result;
    result = start(options, theirs, &spawned.pid);
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
