/* A screen drawn anew without flicker: a whole frame is printed into memory and written at once,
 * each line over the one before. It stands on the terminal's other screen, so that what was there
 * comes back; Ctrl-C, a hangup and a new size come through a signalfd, so that nothing is
 * interrupted. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "client/people/people.h"

static const char enter[] = "\x1b[?1049h\x1b[?25l", leave[] = "\x1b[?25h\x1b[?1049l";
static const char home[] = "\x1b[H", end_of_line[] = "\x1b[K", below[] = "\x1b[J";
static const char keep_place[] = "\0337", back_to_place[] = "\0338";

/* A frame is written at once: more than this stands on no screen. */
static char frame_room[256 << 10];

static sigset_t watched(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGWINCH);
    return set;
}

bool screen_open(struct client *client, struct screen *screen_out)
{
    sigset_t set = watched();

    *screen_out = (struct screen){.client = client, .signals = -1};
    if (!look_can_redraw(stdout)) {
        complain("--watch needs a terminal whose lines can be written over.");
        complain("`sankofa watch` prints a line for each event, for scripts too.");
        return false;
    }
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    screen_out->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    CHECK(screen_out->signals >= 0);
    CHECK(setvbuf(stdout, frame_room, _IOFBF, sizeof(frame_room)) == 0);
    fputs(enter, stdout);
    fflush(stdout);
    return true;
}

void screen_close(struct screen *screen)
{
    sigset_t set = watched();

    fputs(leave, stdout);
    fflush(stdout);
    close(screen->signals);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

void screen_read(struct screen *screen)
{
    struct signalfd_siginfo info;

    while (read(screen->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGWINCH)
            screen->is_resized = true;
        else
            screen->is_over = true;
    }
}

static size_t rows(void)
{
    struct winsize size = {0};

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 ? size.ws_row : 24;
}

/* How much of a line fits; what colours it takes no column. */
static size_t clip(struct text line, size_t columns)
{
    size_t width = 0;

    for (size_t at = 0; at < line.size;) {
        size_t begin = at;
        if (line.bytes[at] == '\x1b') {
            while (at < line.size && line.bytes[at++] != 'm')
                continue;
            continue;
        }
        text_next_code_point(line, &at);
        width += look_width((struct text){line.bytes + begin, at - begin});
        if (columns > 0 && width > columns)
            return begin;
    }
    return line.size;
}

static void put_frame(const struct screen *screen, struct text frame)
{
    size_t columns = look_columns(stdout), room = rows() - 1;
    const char *plain = look(screen->client, stdout, LOOK_PLAIN);

    fputs(home, stdout);
    for (size_t row = 0; frame.size > 0 && row < room; row++) {
        const char *newline = memchr(frame.bytes, '\n', frame.size);
        size_t size = newline ? (size_t)(newline - frame.bytes) : frame.size;
        struct text line = {frame.bytes, size};
        printf("%.*s%s%s\r\n", (int)clip(line, columns), line.bytes, plain, end_of_line);
        size += newline != NULL;
        frame = (struct text){frame.bytes + size, frame.size - size};
    }
    printf("%s%s", below, keep_place);
    fflush(stdout);
}

void screen_clear_words(void)
{
    printf("%s%s", back_to_place, below);
    fflush(stdout);
}

void screen_draw(struct screen *screen, void (*draw)(void *self), void *self)
{
    FILE *terminal = stdout;
    char *bytes = NULL;
    size_t size = 0;
    FILE *frame = open_memstream(&bytes, &size);

    CHECK(frame);
    screen->is_resized = false;
    stdout = frame;
    draw(self);
    stdout = terminal;
    CHECK(fclose(frame) == 0);
    put_frame(screen, (struct text){bytes, size});
    free(bytes);
}
