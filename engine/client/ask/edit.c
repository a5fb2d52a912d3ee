/* A text with a cursor. Names of the region have letters that are several code points (o with a dot
 * below and an accent): the cursor steps over all of them, and they go together. */
#include <string.h>

#include "client/ask/ask.h"

static struct text text_of(const struct edit *edit)
{
    return (struct text){edit->bytes, edit->size};
}

size_t edit_letter_end(struct text text, size_t at)
{
    if (at >= text.size)
        return text.size;
    text_next_code_point(text, &at);
    while (at < text.size) {
        size_t next = at;
        text_next_code_point(text, &next);
        if (look_width((struct text){text.bytes + at, next - at}) > 0 || text.bytes[at] == '\n')
            break;
        at = next;
    }
    return at;
}

/* Where the letter begins that ends there. */
static size_t letter_begin(struct text text, size_t end)
{
    size_t begin = 0;

    for (size_t at = 0; at < end; at = edit_letter_end(text, at))
        begin = at;
    return begin;
}

static void cut(struct edit *edit, size_t begin, size_t end)
{
    memmove(edit->bytes + begin, edit->bytes + end, edit->size - end);
    edit->size -= end - begin;
    edit->at = begin;
}

/* ---- What goes in. ---- */

static bool is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

/* The code point that stands for it. */
static uint32_t taken_for(uint32_t code_point, bool lines)
{
    if (code_point == '\n' && lines)
        return '\n';
    return is_control(code_point) ? ' ' : code_point;
}

bool edit_insert(struct edit *edit, struct text text, bool lines)
{
    if (!text_is_utf8(text) || text.size > edit->room - edit->size)
        return false;
    memmove(edit->bytes + edit->at + text.size, edit->bytes + edit->at, edit->size - edit->at);
    size_t written = edit->at;
    for (size_t at = 0; at < text.size;) {
        uint32_t code_point = taken_for(text_next_code_point(text, &at), lines);
        written += text_encode_code_point(code_point, edit->bytes + written);
    }
    /* What became a space may have been longer. */
    memmove(edit->bytes + written, edit->bytes + edit->at + text.size, edit->size - edit->at);
    edit->size += written - edit->at;
    edit->at = written;
    return true;
}

void edit_replace(struct edit *edit, struct text text)
{
    struct edit before = *edit;

    edit->size = edit->at = 0;
    if (!edit_insert(edit, text, true))
        *edit = before;
}

/* ---- What goes out. ---- */

void edit_back(struct edit *edit)
{
    cut(edit, letter_begin(text_of(edit), edit->at), edit->at);
}

void edit_delete(struct edit *edit)
{
    cut(edit, edit->at, edit_letter_end(text_of(edit), edit->at));
}

void edit_kill_begin(struct edit *edit)
{
    cut(edit, 0, edit->at);
}

void edit_kill_end(struct edit *edit)
{
    cut(edit, edit->at, edit->size);
}

void edit_kill_word(struct edit *edit)
{
    size_t end = edit->at;

    edit_word_left(edit);
    cut(edit, edit->at, end);
}

/* ---- Where it is. ---- */

void edit_left(struct edit *edit)
{
    edit->at = letter_begin(text_of(edit), edit->at);
}

void edit_right(struct edit *edit)
{
    edit->at = edit_letter_end(text_of(edit), edit->at);
}

void edit_home(struct edit *edit)
{
    edit->at = 0;
}

void edit_end(struct edit *edit)
{
    edit->at = edit->size;
}

static bool is_space_at(const struct edit *edit, size_t at)
{
    return edit->bytes[at] == ' ' || edit->bytes[at] == '\n';
}

void edit_word_left(struct edit *edit)
{
    while (edit->at > 0 && is_space_at(edit, edit->at - 1))
        edit->at--;
    while (edit->at > 0 && !is_space_at(edit, edit->at - 1))
        edit->at--;
}

void edit_word_right(struct edit *edit)
{
    while (edit->at < edit->size && is_space_at(edit, edit->at))
        edit->at++;
    while (edit->at < edit->size && !is_space_at(edit, edit->at))
        edit->at++;
}
