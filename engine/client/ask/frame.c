/* How a line is drawn: the prompt, what was typed in as many rows as it takes, the hint behind it.
 * The last column stays empty: terminals do not agree on what comes behind it. */
#include <string.h>

#include "base/arena.h"
#include "client/ask/ask.h"

enum { COLUMNS_LEAST = 20, HINT_GAP = 2, HINT_COLUMNS_LEAST = 12 };

struct row {
    size_t begin, end; /* in bytes of what was typed */
    size_t width;
};

struct layout {
    const struct frame *frame;
    size_t indent, room; /* columns of a row, behind the indent */
    struct row *rows;
    size_t count;
    size_t cursor_row, cursor_column;
};

/* ---- Where everything is. ---- */

/* How much of a text one row takes: to a newline, else broken behind a word where there is one. */
static size_t row_size(struct text text, size_t room)
{
    const char *newline = memchr(text.bytes, '\n', text.size);
    struct text line = {text.bytes, newline ? (size_t)(newline - text.bytes) : text.size};

    return look_fit(line, room);
}

static void note_cursor(struct layout *layout, const struct row *row, bool is_last)
{
    size_t at = layout->frame->at;
    const char *bytes = layout->frame->typed.bytes;

    if (at < row->begin || at > row->end || (at == row->end && !is_last && bytes[at] != '\n'))
        return;
    layout->cursor_row = layout->count;
    layout->cursor_column =
        layout->indent + look_width((struct text){bytes + row->begin, at - row->begin});
}

static struct layout lay_out(const struct frame *frame, struct arena *arena)
{
    size_t columns = frame->columns > COLUMNS_LEAST ? frame->columns : COLUMNS_LEAST;
    size_t indent = look_width(frame->prompt), at = 0;
    struct text typed = frame->typed;
    struct layout layout = {.frame = frame, .indent = indent, .room = columns - 1 - indent};
    bool is_last = false;

    layout.rows = ARENA_ARRAY(arena, struct row, typed.size + 2);
    while (!is_last) {
        struct row *row = &layout.rows[layout.count];
        struct text rest = {typed.bytes + at, typed.size - at};
        size_t size = rest.size > 0 ? row_size(rest, layout.room) : 0;
        *row = (struct row){at, at + size, look_width((struct text){rest.bytes, size})};
        bool is_broken = at + size < typed.size;
        is_last = !is_broken;
        note_cursor(&layout, row, is_last);
        layout.count++;
        at += size + (is_broken && typed.bytes[at + size] == '\n');
    }
    return layout;
}

/* ---- Drawn. ---- */

static void put_hint(struct text_buffer *out, const struct frame *frame, size_t room)
{
    struct text text = frame->hint.text;
    size_t size = look_fit(text, room);
    bool is_cut = size < text.size;

    if (is_cut)
        size = look_fit(text, room - 1);
    while (is_cut && size > 0 && text.bytes[size - 1] == ' ')
        size--;
    text_append_printf(out, "%s%.*s%s%s",
                       frame->hint.kind == HINT_WRONG ? frame->alarm : frame->dim, (int)size,
                       text.bytes, is_cut ? "…" : "", frame->plain);
}

/* Behind the last row, or in one of its own. Whether it took one. */
static bool hint_needs_row(const struct layout *layout)
{
    const struct row *last = &layout->rows[layout->count - 1];
    size_t width = look_width(layout->frame->hint.text);
    size_t room = layout->room > last->width ? layout->room - last->width : 0;

    return room < HINT_GAP + (width < HINT_COLUMNS_LEAST ? width : HINT_COLUMNS_LEAST);
}

static void put_row(struct text_buffer *out, const struct layout *layout, size_t number)
{
    const struct frame *frame = layout->frame;
    const struct row *row = &layout->rows[number];

    if (number == 0)
        text_append_printf(out, "%s%.*s%s", frame->strong, TEXT_ARG(frame->prompt), frame->plain);
    else
        text_append_printf(out, "%*s", (int)layout->indent, "");
    text_append(out, (struct text){frame->typed.bytes + row->begin, row->end - row->begin});
}

static void put_rows(struct text_buffer *out, const struct layout *layout, size_t first,
                     size_t behind)
{
    const struct frame *frame = layout->frame;
    bool has_hint = behind == layout->count && frame->hint.text.size > 0;

    for (size_t i = first; i < behind; i++) {
        text_append(out, i > first ? TEXT("\r\n") : TEXT(""));
        put_row(out, layout, i);
        if (has_hint && i + 1 == behind && !hint_needs_row(layout)) {
            text_append_printf(out, "%*s", HINT_GAP, "");
            put_hint(out, frame, layout->room - layout->rows[i].width - HINT_GAP);
        }
        text_append(out, TEXT("\x1b[K"));
    }
    if (has_hint && hint_needs_row(layout)) {
        text_append_printf(out, "\r\n%*s", (int)layout->indent, "");
        put_hint(out, frame, layout->room);
        text_append(out, TEXT("\x1b[K"));
    }
}

/* As many rows as the screen has, those around the cursor. */
static void choose_rows(const struct layout *layout, size_t *first_out, size_t *behind_out)
{
    size_t most = layout->frame->rows_max > 3 ? layout->frame->rows_max - 1 : 3;

    *first_out = 0;
    *behind_out = layout->count;
    if (layout->count <= most)
        return;
    *first_out = layout->cursor_row + 1 > most ? layout->cursor_row + 1 - most : 0;
    *behind_out = *first_out + most;
}

void frame_write(struct text_buffer *out, const struct frame *frame, struct frame_place *place)
{
    struct layout layout = lay_out(frame, out->arena);
    size_t first, behind;

    choose_rows(&layout, &first, &behind);
    if (place->row > 0)
        text_append_printf(out, "\x1b[%zuA", place->row);
    text_append(out, TEXT("\r"));
    put_rows(out, &layout, first, behind);
    text_append(out, TEXT("\x1b[J"));
    place->row = layout.cursor_row - first;
    place->last_row = behind - first - 1;
    if (behind == layout.count && frame->hint.text.size > 0 && hint_needs_row(&layout))
        place->last_row++;
    if (place->last_row > place->row)
        text_append_printf(out, "\x1b[%zuA", place->last_row - place->row);
    text_append(out, TEXT("\r"));
    if (layout.cursor_column > 0)
        text_append_printf(out, "\x1b[%zuC", layout.cursor_column);
}
