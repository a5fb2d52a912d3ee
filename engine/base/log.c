/* The log: one line, one write. Values come from our own code, yet a line that broke in two could
 * be taken for another event, so control characters are replaced. */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Below PIPE_BUF, so that lines of several processes on one pipe do not mix. */
enum { LINE_BYTES_MAX = 2048 };

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};

static void write_line(void *self, enum log_level level, const char *line)
{
    (void)self;
    char bytes[LINE_BYTES_MAX + 16];
    int size = snprintf(bytes, sizeof bytes, "%s %s\n", level_names[level], line);
    ssize_t written;
    do
        written = write(STDERR_FILENO, bytes, (size_t)size);
    while (written < 0 && errno == EINTR);
    /* Nothing is left to tell of a log that cannot be written. */
}

struct sink {
    void (*write)(void *self, enum log_level level, const char *line);
    void *self;
};

static _Atomic int level_least = LOG_INFO;
static pthread_mutex_t sink_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sink the_sink = {write_line, NULL};

void log_set_level(enum log_level level)
{
    level_least = level;
}

void log_set_sink(void (*sink)(void *self, enum log_level level, const char *line), void *self)
{
    pthread_mutex_lock(&sink_lock);
    the_sink = sink == NULL ? (struct sink){write_line, NULL} : (struct sink){sink, self};
    pthread_mutex_unlock(&sink_lock);
}

static void replace_controls(char *line)
{
    for (char *at = line; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
}

void log_event(enum log_level level, const char *event, const char *pairs, ...)
{
    if ((int)level < level_least)
        return;
    char line[LINE_BYTES_MAX];
    const char *space = pairs[0] == '\0' ? "" : " ";
    int begun = snprintf(line, sizeof line, "%s%s", event, space);
    size_t used = begun < (int)sizeof line ? (size_t)begun : sizeof line - 1;
    va_list arguments;
    va_start(arguments, pairs);
    int more = vsnprintf(line + used, sizeof line - used, pairs, arguments);
    va_end(arguments);
    if (more >= (int)(sizeof line - used))
        memcpy(line + sizeof line - 4, "...", 4);
    replace_controls(line);
    /* The sink is called without the lock: it may log. */
    pthread_mutex_lock(&sink_lock);
    struct sink sink = the_sink;
    pthread_mutex_unlock(&sink_lock);
    sink.write(sink.self, level, line);
}
