/* What a terminal can: its width, colours, lines that are written over; and how wide letters are.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "client/client.h"

enum { COLUMNS_MIN = 20 };

/* A stream in memory stands for what it will be written to: the standard output. */
static int fd_of(FILE *file)
{
    int fd = fileno(file);

    return fd >= 0 ? fd : STDOUT_FILENO;
}

static bool is_terminal(FILE *file)
{
    return isatty(fd_of(file)) == 1;
}

bool look_can_redraw(FILE *file)
{
    const char *term = getenv("TERM");

    return is_terminal(file) && term && term[0] && strcmp(term, "dumb") != 0;
}

const char *look(const struct client *client, FILE *file, enum look how)
{
    static const char *const codes[LOOK_COUNT] = {
        [LOOK_PLAIN] = "\x1b[0m", [LOOK_STRONG] = "\x1b[1m", [LOOK_ALARM] = "\x1b[1;31m"};
    const char *unwanted = getenv("NO_COLOR");

    if (client->no_color || (unwanted && unwanted[0]) || !look_can_redraw(file))
        return "";
    return codes[how];
}

size_t look_columns(FILE *file)
{
    struct winsize size = {0};
    const char *given = getenv("COLUMNS");
    long columns = given ? strtol(given, NULL, 10) : 0;

    if (!is_terminal(file))
        return 0;
    if (ioctl(fd_of(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    return columns >= COLUMNS_MIN ? (size_t)columns : 0;
}

/* Of one letter; what is none of this locale's counts as one. */
static size_t letter_width(uint32_t code_point)
{
    int width = wcwidth((wchar_t)code_point);

    return width < 0 ? 1 : (size_t)width;
}

size_t look_width(struct text text)
{
    size_t width = 0;

    for (size_t at = 0; at < text.size;)
        width += letter_width(text_next_code_point(text, &at));
    return width;
}

size_t look_fit(struct text text, size_t columns)
{
    size_t width = 0, end = 0, space = 0;

    for (size_t at = 0; at < text.size; end = at) {
        width += letter_width(text_next_code_point(text, &at));
        if (width > columns && end > 0)
            return space > 0 ? space : end;
        if (text.bytes[at - 1] == ' ')
            space = at;
    }
    return text.size;
}
