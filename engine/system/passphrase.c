/* Passphrases from a terminal, without echo, or from a file. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "system/system.h"

/* The terminal as it was, for the handler: a person who gives up must see again what they type. */
static struct {
    int fd;
    struct termios before;
} terminal;

static void restore(int number)
{
    tcsetattr(terminal.fd, TCSAFLUSH, &terminal.before);
    signal(number, SIG_DFL);
    raise(number);
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

/* A whole line or file, without what ends the line. -EFBIG: more than there is room for. */
static int read_line(int fd, bool is_terminal, char *bytes_out, size_t size_max, size_t *size_out)
{
    size_t size = 0;
    char byte;
    ssize_t got;

    *size_out = 0;
    while ((got = read(fd, &byte, 1)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (is_terminal && byte == '\n')
            break;
        if (size == size_max)
            return -EFBIG;
        bytes_out[size++] = byte;
    }
    if (size > 0 && bytes_out[size - 1] == '\n')
        size--;
    if (size > 0 && bytes_out[size - 1] == '\r')
        size--;
    *size_out = size;
    return 0;
}

static void say(int fd, const char *words)
{
    ssize_t written = write(fd, words, strlen(words));

    (void)written; /* then nobody sees the question */
}

static int ask(int fd, const char *prompt, char *bytes_out, size_t size_max, size_t *size_out)
{
    struct sigaction before[SIGNAL_COUNT];
    struct termios silent;
    int result;

    if (tcgetattr(fd, &terminal.before) != 0)
        return -ENOTTY;
    terminal.fd = fd;
    for (int i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &(struct sigaction){.sa_handler = restore}, &before[i]);
    silent = terminal.before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    tcsetattr(fd, TCSAFLUSH, &silent);
    say(fd, prompt);
    result = read_line(fd, true, bytes_out, size_max, size_out);
    say(fd, "\n");
    tcsetattr(fd, TCSAFLUSH, &terminal.before);
    for (int i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &before[i], NULL);
    return result;
}

int system_ask_passphrase(const char *prompt, char *bytes_out, size_t size_max, size_t *size_out)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    int result = fd < 0 ? -ENOTTY : ask(fd, prompt, bytes_out, size_max, size_out);

    if (fd >= 0)
        close(fd);
    return result;
}

int system_read_passphrase(const char *path, char *bytes_out, size_t size_max, size_t *size_out)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int result = fd < 0 ? -errno : read_line(fd, false, bytes_out, size_max, size_out);

    if (fd >= 0 && !is_stdin)
        close(fd);
    return result;
}
