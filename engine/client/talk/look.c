/* What a terminal can: its width, colours, lines that are written over; and how wide letters are.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "client/client.h"

enum { COLUMNS_MIN = 20, BESIDE_COLUMNS_MIN = 24 };

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
    static const char *const codes[LOOK_COUNT] = {[LOOK_PLAIN] = "\x1b[0m",
                                                  [LOOK_STRONG] = "\x1b[1m",
                                                  [LOOK_ALARM] = "\x1b[1;31m",
                                                  [LOOK_DIM] = "\x1b[2m"};
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

/* Where a line may end: behind a space, but in French none goes before these, nor within the marks
 * of a quotation, and the dot between two states stays with the first. */
static bool may_end(struct text text, size_t at)
{
    static const char *const before[] = {":", ";", "?", "!", "»", "· "};
    struct text rest = {text.bytes + at, text.size - at};

    if (text.bytes[at - 1] != ' ' || text_ends((struct text){text.bytes, at - 1}, "«"))
        return false;
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        if (text_begins(rest, before[i]))
            return false;
    return true;
}

size_t look_fit(struct text text, size_t columns)
{
    size_t width = 0, end = 0, space = 0;

    for (size_t at = 0; at < text.size; end = at) {
        width += letter_width(text_next_code_point(text, &at));
        bool is_end = may_end(text, at);
        if (width > columns && end > 0)
            return width == columns + 1 && is_end ? at : space > 0 ? space : end;
        if (is_end)
            space = at;
    }
    return text.size;
}

void look_beside(FILE *file, struct text text, size_t written, size_t column, size_t below)
{
    size_t columns = look_columns(file);
    bool is_narrow = columns > 0 && columns < column + BESIDE_COLUMNS_MIN;

    if (is_narrow)
        column = below;
    if (is_narrow || written + 1 > column)
        fprintf(file, "\n%*s", (int)column, "");
    else
        fprintf(file, "%*s", (int)(column - written), "");
    look_write(file, text, column, column);
}

static void put(FILE *file, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        bool is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
        fputc(is_control ? '?' : byte, file);
    }
}

void look_write(FILE *file, struct text text, size_t column, size_t indent)
{
    size_t columns = look_columns(file);

    while (text.size > 0) {
        const char *newline = memchr(text.bytes, '\n', text.size);
        struct text line = {text.bytes, newline ? (size_t)(newline - text.bytes) : text.size};
        size_t room = columns > column + 8 ? columns - column : SIZE_MAX;
        size_t size = columns > 0 ? look_fit(line, room) : line.size;
        bool is_broken = size < line.size;
        size_t shown = size;
        while (is_broken && shown > 0 && line.bytes[shown - 1] == ' ')
            shown--;
        put(file, (struct text){line.bytes, shown});
        size += !is_broken && newline;
        text = (struct text){text.bytes + size, text.size - size};
        if (text.size > 0 || (!is_broken && newline))
            fputc('\n', file);
        if (text.size > 0)
            fprintf(file, "%*s", (int)indent, "");
        column = indent;
    }
}
