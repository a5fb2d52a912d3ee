/* Diagnostics: the list, and the shapes in which they are shown.
 *
 * A source line is shown as it is written, but for control characters, which a terminal would obey;
 * of a very long line only the part around the place. The line under it repeats the tabs of the
 * line above and counts columns as a terminal does, so that the caret stands where it should. */
#include "base/diag.h"

#include <libintl.h>
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

enum { LINE_POINTS_MAX = 160, BEFORE_POINTS_MAX = 80, CAPACITY_FIRST = 8 };

void diag_list_init(struct diag_list *list, struct arena *arena)
{
    *list = (struct diag_list){.arena = arena};
}

/* The room for one more; where the list is full, one beside it, so that callers may add label and
 * help to what is never shown. */
static struct diag *list_room(struct diag_list *list)
{
    if (list->count == DIAG_MAX)
        return ARENA_NEW(list->arena, struct diag);
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? CAPACITY_FIRST : list->capacity * 2;
        struct diag *items = ARENA_ARRAY(list->arena, struct diag, capacity);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    return &list->items[list->count++];
}

struct diag *diag_add(struct diag_list *list, enum diag_severity severity, const char *code,
                      struct place place, const char *format, ...)
{
    struct diag *diag = list_room(list);
    list->error_count += severity == DIAG_ERROR;
    va_list arguments;
    va_start(arguments, format);
    *diag = (struct diag){.severity = severity,
                          .code = code,
                          .place = place,
                          .message = text_vprintf(list->arena, format, arguments)};
    va_end(arguments);
    return diag;
}

void diag_help(struct diag_list *list, struct diag *diag, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    diag->help = text_vprintf(list->arena, format, arguments);
    va_end(arguments);
}

int diag_fail(struct diag_list *list, int result, const char *code, const char *help,
              const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct text message = text_vprintf(list->arena, format, arguments);
    va_end(arguments);
    struct diag *diag =
        diag_add(list, DIAG_ERROR, code, (struct place){0}, "%.*s", TEXT_ARG(message));
    diag_help(list, diag, "%s", help);
    return result;
}

static const char *severity_name(enum diag_severity severity)
{
    switch (severity) {
    case DIAG_ERROR:
        return "error";
    case DIAG_WARNING:
        return "warning";
    }
    CHECK(!"a severity is one of the two");
    return "";
}

/* Line `number` of the source without its end; TEXT_NONE if there is none or it is not UTF-8. */
static struct text source_line(struct text source, uint32_t number)
{
    const char *at = source.bytes;
    size_t left = source.size;
    if (at == NULL || number == 0)
        return TEXT_NONE;
    /* A byte order mark is no column. */
    if (text_begins(source, "\xef\xbb\xbf")) {
        at += 3;
        left -= 3;
    }
    for (uint32_t i = 1;; i++) {
        const char *end = left == 0 ? NULL : memchr(at, '\n', left);
        size_t size = end == NULL ? left : (size_t)(end - at);
        if (i == number) {
            if (size > 0 && at[size - 1] == '\r')
                size--;
            struct text line = {at, size};
            return text_is_utf8(line) ? line : TEXT_NONE;
        }
        if (end == NULL)
            return TEXT_NONE;
        at = end + 1;
        left -= size + 1;
    }
}

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t code_point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code_point >= ranges[i].first && code_point <= ranges[i].last)
            return true;
    return false;
}

/* The cells a terminal gives to a code point, near enough for the scripts that workflows use. */
static size_t cells(uint32_t code_point)
{
    static const struct range none[] = {
        {0x0300, 0x036f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
    static const struct range two[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                       {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                       {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    if (is_in(code_point, none, sizeof none / sizeof none[0]))
        return 0;
    return is_in(code_point, two, sizeof two / sizeof two[0]) ? 2 : 1;
}

static bool is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) ||
           (code_point >= 0x202a && code_point <= 0x202e) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

static void append_times(struct text_buffer *buffer, const char *what, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_append(buffer, text_from(what));
}

/* The line that is shown, and under it the padding and the carets. */
struct excerpt {
    struct text_buffer shown, padding, carets;
};

static void excerpt_add(struct excerpt *excerpt, struct text bytes, uint32_t code_point,
                        size_t column, const struct place *place)
{
    bool tab = code_point == '\t';
    text_append(&excerpt->shown, tab || !is_control(code_point) ? bytes : TEXT("\xef\xbf\xbd"));
    size_t width = tab || is_control(code_point) ? 1 : cells(code_point);
    if (column < place->column) {
        append_times(&excerpt->padding, tab ? "\t" : " ", width);
    } else if (column == place->column || column - place->column < place->width) {
        append_times(&excerpt->carets, "^", width);
    }
}

static void excerpt_fill(struct excerpt *excerpt, struct text line, const struct place *place)
{
    size_t points = text_code_points(line), first = 1;
    if (points > LINE_POINTS_MAX && place->column > BEFORE_POINTS_MAX)
        first = place->column - BEFORE_POINTS_MAX;
    if (first > 1) {
        text_append(&excerpt->shown, TEXT("..."));
        text_append(&excerpt->padding, TEXT("   "));
    }
    size_t column = 1;
    for (size_t offset = 0; offset < line.size; column++) {
        size_t begin = offset;
        uint32_t code_point = text_next_code_point(line, &offset);
        if (column >= first + LINE_POINTS_MAX) {
            text_append(&excerpt->shown, TEXT("..."));
            break;
        }
        if (column >= first) {
            struct text bytes = {line.bytes + begin, offset - begin};
            excerpt_add(excerpt, bytes, code_point, column, place);
        }
    }
    /* A place behind the end of the line: a missing word. */
    for (; column < place->column && column < first + LINE_POINTS_MAX; column++)
        text_append(&excerpt->padding, TEXT(" "));
    if (excerpt->carets.size == 0)
        text_append(&excerpt->carets, TEXT("^"));
}

static void write_excerpt(struct text_buffer *out, const struct diag *diag, struct text line)
{
    struct excerpt excerpt;
    text_buffer_init(&excerpt.shown, out->arena);
    text_buffer_init(&excerpt.padding, out->arena);
    text_buffer_init(&excerpt.carets, out->arena);
    excerpt_fill(&excerpt, line, &diag->place);
    struct text number = text_printf(out->arena, "%u", diag->place.line);
    int gutter = (int)number.size;
    text_append_printf(out, "%*s |\n%s |", gutter, "", number.bytes);
    if (excerpt.shown.size > 0)
        text_append_printf(out, " %.*s", TEXT_ARG(text_buffer_text(&excerpt.shown)));
    text_append_printf(out, "\n%*s | %.*s%.*s", gutter, "",
                       TEXT_ARG(text_buffer_text(&excerpt.padding)),
                       TEXT_ARG(text_buffer_text(&excerpt.carets)));
    if (!text_is_empty(diag->label))
        text_append_printf(out, " %.*s", TEXT_ARG(diag->label));
    text_append(out, TEXT("\n"));
}

struct text diag_write_caret(struct arena *arena, const struct diag *diag, struct text source)
{
    struct text_buffer out;
    text_buffer_init(&out, arena);
    text_append_printf(&out,
                       diag->severity == DIAG_ERROR ? gettext("error[%s]: %.*s\n")
                                                    : gettext("warning[%s]: %.*s\n"),
                       diag->code, TEXT_ARG(diag->message));
    const struct place *place = &diag->place;
    struct text line = source_line(source, place->line);
    int gutter = (int)text_printf(arena, "%u", place->line).size;
    if (place->line > 0)
        text_append_printf(&out, "%*s--> %.*s:%u:%u\n", gutter, "", TEXT_ARG(place->file),
                           place->line, place->column);
    else if (!text_is_empty(place->file))
        text_append_printf(&out, " --> %.*s\n", TEXT_ARG(place->file));
    if (line.bytes != NULL)
        write_excerpt(&out, diag, line);
    if (!text_is_empty(diag->help))
        text_append_printf(&out, gettext("help: %.*s\n"), TEXT_ARG(diag->help));
    return text_buffer_text(&out);
}

struct text diag_write_gcc(struct arena *arena, const struct diag *diag)
{
    struct text where = TEXT_NONE;
    if (diag->place.line > 0)
        where = text_printf(arena, "%.*s:%u:%u: ", TEXT_ARG(diag->place.file), diag->place.line,
                            diag->place.column);
    else if (!text_is_empty(diag->place.file))
        where = text_printf(arena, "%.*s: ", TEXT_ARG(diag->place.file));
    return text_printf(arena, "%.*s%s: %.*s [%s]\n", TEXT_ARG(where), severity_name(diag->severity),
                       TEXT_ARG(diag->message), diag->code);
}

struct value diag_value(struct arena *arena, const struct diag *diag)
{
    struct value value = value_map(arena);
    value_put(&value, "severity", value_cstring(severity_name(diag->severity)));
    value_put(&value, "code", value_cstring(diag->code));
    value_put(&value, "file", value_string(diag->place.file));
    value_put(&value, "line", value_int(diag->place.line));
    value_put(&value, "column", value_int(diag->place.column));
    value_put(&value, "width", value_int(diag->place.width));
    value_put(&value, "message", value_string(diag->message));
    value_put(&value, "label", value_string(diag->label));
    value_put(&value, "help", value_string(diag->help));
    return value;
}
