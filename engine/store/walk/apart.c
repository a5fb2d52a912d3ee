/* The walk in a process of its own.
 *
 * The happy path:
 * 1. the daemon's program is started anew, without a key or a secret in it: the file is its
 *    standard input, a pipe its standard output;
 * 2. it gives up what it can (engine/jail), writes a line that it begins, walks, writes one line of
 * what it has found, and ends;
 * 3. both are read. Where it has begun, any other end of it is damage: before, it has not looked.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/jail.h"
#include "store/disk.h"
#include "store/walk/walk.h"

extern char **environ;

/* A sanitizer needs more address space than any limit leaves. */
#if defined(__SANITIZE_ADDRESS__)
enum { MEMORY_BYTES = 0 };
#else
enum { MEMORY_BYTES = 512 << 20 };
#endif

static const char begin_line[] = "walking\n", good_line[] = "whole\n";

/* How the process ends. Another status, a failing loader's, says nothing about the file either. */
enum { IS_WHOLE, IS_DAMAGED, IS_UNKNOWN };

/* ---- In the process apart. ---- */

int walk_file(int fd, struct walk_result *result_out)
{
    struct walk_options options = {.source = {.self = &fd, .read = disk_read}};
    struct stat facts;

    *result_out = (struct walk_result){0};
    if (fstat(fd, &facts) < 0)
        return -errno;
    options.source.size = (uint64_t)facts.st_size;
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return walk(&options, result_out);
}

int walk_serve(void)
{
    struct jail jail = jail_default(JAIL_READER);
    char line[WALK_WHY_BYTES + 1];
    struct walk_result found;
    const char *what;

    jail.limits = (struct jail_limits){.memory_bytes = MEMORY_BYTES, .file_count = 3};
    int result = jail_enter(&jail, STDERR_FILENO, &what);

    if (write(STDOUT_FILENO, begin_line, strlen(begin_line)) != (ssize_t)strlen(begin_line))
        return IS_UNKNOWN;
    if (result < 0) {
        snprintf(line, sizeof(line), "%s: %s\n", what, strerror(-result));
    } else if ((result = walk_file(STDIN_FILENO, &found)) == 0) {
        memcpy(line, good_line, sizeof(good_line));
    } else {
        walk_explain(&found, result, line);
        strcat(line, "\n");
    }
    size_t size = strlen(line);
    if (write(STDOUT_FILENO, line, size) != (ssize_t)size)
        return IS_UNKNOWN;
    return result == 0 ? IS_WHOLE : result == -EBADMSG ? IS_DAMAGED : IS_UNKNOWN;
}

/* ---- In the daemon. ---- */

static void close_scoped(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define CLOSE_SCOPED __attribute__((cleanup(close_scoped)))

static int start(const char *program, int file, int answer, pid_t *child_out)
{
    char *arguments[] = {(char *)(uintptr_t)program, (char[]){"--walk"}, NULL};
    posix_spawn_file_actions_t actions;
    int result = posix_spawn_file_actions_init(&actions);

    if (result == 0)
        result = posix_spawn_file_actions_adddup2(&actions, file, STDIN_FILENO);
    if (result == 0)
        result = posix_spawn_file_actions_adddup2(&actions, answer, STDOUT_FILENO);
    if (result == 0)
        result = posix_spawn(child_out, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -result;
}

/* The second line without its end; what is too long is cut. False: there is not even the first. */
static bool read_lines(int fd, char *line_out)
{
    char all[sizeof(begin_line) - 1 + WALK_WHY_BYTES];
    size_t size = 0, begin_size = sizeof(begin_line) - 1;
    ssize_t got;

    while (size < sizeof(all) - 1) {
        got = read(fd, all + size, sizeof(all) - 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    all[size] = '\0';
    bool has_begun = strncmp(all, begin_line, begin_size) == 0;
    size_t line_size = has_begun ? strcspn(all + begin_size, "\n") : 0;
    memcpy(line_out, all + begin_size, line_size);
    line_out[line_size] = '\0';
    return has_begun;
}

/* Whoever is led astray by the file ends by one of these. */
static bool is_led_astray(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
}

static int judge(int status, bool has_begun, char *why_out)
{
    if (!has_begun && WIFSIGNALED(status)) {
        snprintf(why_out, WALK_WHY_BYTES, "a process that was to read it ended by signal %d",
                 WTERMSIG(status));
        return -EIO;
    }
    if (WIFSIGNALED(status)) {
        snprintf(why_out, WALK_WHY_BYTES, "reading it ended a process by signal %d",
                 WTERMSIG(status));
        return is_led_astray(WTERMSIG(status)) ? -EBADMSG : -EIO;
    }
    if (WEXITSTATUS(status) == IS_WHOLE && strcmp(why_out, "whole") == 0)
        return 0;
    if (WEXITSTATUS(status) == IS_DAMAGED && why_out[0] != '\0')
        return -EBADMSG;
    if (why_out[0] == '\0')
        snprintf(why_out, WALK_WHY_BYTES, "reading it ended a process with status %d",
                 WEXITSTATUS(status));
    return -EIO;
}

int walk_apart(const char *program, const char *path, char *why_out)
{
    CLOSE_SCOPED int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int ends[2] = {-1, -1}, status = 0, result;
    pid_t child;

    if (file < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        snprintf(why_out, WALK_WHY_BYTES, "%s", strerror(errno));
        return -errno;
    }
    CLOSE_SCOPED int answer = ends[0], far_end = ends[1];
    result = start(program, file, far_end, &child);
    if (result < 0) {
        snprintf(why_out, WALK_WHY_BYTES, "%s cannot be started: %s", program, strerror(-result));
        return result;
    }
    close(far_end);
    far_end = -1;
    bool has_begun = read_lines(answer, why_out);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            snprintf(why_out, WALK_WHY_BYTES, "%s", strerror(errno));
            return -errno;
        }
    return judge(status, has_begun, why_out);
}
