/* Texts: making, comparing, UTF-8, ids, the nearest name. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

enum { ID_BYTES_MAX = 64, NEAREST_BYTES_MAX = 64 };

struct text text_from(const char *cstring)
{
    if (cstring == NULL)
        return TEXT_NONE;
    return (struct text){cstring, strlen(cstring)};
}

struct text text_copy(struct arena *arena, struct text text)
{
    return (struct text){arena_copy(arena, text.bytes, text.size), text.size};
}

struct text text_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    CHECK(format != NULL);
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    CHECK(size >= 0);
    char *bytes = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(bytes, (size_t)size + 1, format, arguments);
    return (struct text){bytes, (size_t)size};
}

struct text text_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct text text = text_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

bool text_is_empty(struct text text)
{
    return text.size == 0;
}

bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

bool text_is(struct text text, const char *cstring)
{
    return text_equal(text, text_from(cstring));
}

bool text_begins(struct text text, const char *prefix)
{
    size_t size = strlen(prefix);
    return size == 0 || (text.size >= size && memcmp(text.bytes, prefix, size) == 0);
}

bool text_ends(struct text text, const char *suffix)
{
    size_t size = strlen(suffix);
    return size == 0 ||
           (text.size >= size && memcmp(text.bytes + text.size - size, suffix, size) == 0);
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

/* The bytes of the well-formed sequence at `bytes` (Unicode 15, table 3-7), or 0. */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
    unsigned char first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || left < size)
        return 0;
    unsigned char low = 0x80, high = 0xbf;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

bool text_is_utf8(struct text text)
{
    for (size_t at = 0; at < text.size;) {
        size_t size = utf8_sequence((const unsigned char *)text.bytes + at, text.size - at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}

size_t text_code_points(struct text utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < utf8.size; i++)
        count += ((unsigned char)utf8.bytes[i] & 0xc0) != 0x80;
    return count;
}

uint32_t text_next_code_point(struct text utf8, size_t *offset)
{
    CHECK(*offset < utf8.size);
    const unsigned char *bytes = (const unsigned char *)utf8.bytes + *offset;
    size_t size = utf8_sequence(bytes, utf8.size - *offset);
    CHECK(size > 0);
    *offset += size;
    if (size == 1)
        return bytes[0];
    uint32_t code_point = bytes[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    return code_point;
}

size_t text_encode_code_point(uint32_t code_point, char bytes_out[4])
{
    CHECK(code_point <= 0x10ffff);
    if (code_point < 0x80) {
        bytes_out[0] = (char)code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        bytes_out[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    bytes_out[0] = (char)((0xf00U >> size & 0xff) | code_point);
    return size;
}

bool text_is_false_space(uint32_t code_point)
{
    return code_point == 0xa0 || (code_point >= 0x2000 && code_point <= 0x200d) ||
           code_point == 0x202f || code_point == 0x205f || code_point == 0x2060 ||
           code_point == 0x3000;
}

bool text_is_id(struct text text)
{
    if (text.size == 0 || text.size > ID_BYTES_MAX)
        return false;
    if (text.bytes[0] < 'a' || text.bytes[0] > 'z')
        return false;
    for (size_t i = 1; i < text.size; i++) {
        char c = text.bytes[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

bool text_is_country(struct text text)
{
    return text.size == 2 && text.bytes[0] >= 'A' && text.bytes[0] <= 'Z' && text.bytes[1] >= 'A' &&
           text.bytes[1] <= 'Z';
}

/* Insertions, deletions, replacements and swaps of neighbours; both at most NEAREST_BYTES_MAX. */
static size_t edit_distance(struct text a, struct text b)
{
    size_t rows[3][NEAREST_BYTES_MAX + 1];
    size_t *before_last = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.size; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            bool same = a.bytes[i - 1] == b.bytes[j - 1];
            size_t least = last[j - 1] + !same;
            if (last[j] + 1 < least)
                least = last[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            if (i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] &&
                a.bytes[i - 2] == b.bytes[j - 1] && before_last[j - 2] + 1 < least)
                least = before_last[j - 2] + 1;
            row[j] = least;
        }
        size_t *spare = before_last;
        before_last = last;
        last = row;
        row = spare;
    }
    return last[b.size];
}

struct text text_nearest(struct text name, const struct text *candidates, size_t count)
{
    struct text nearest = TEXT_NONE;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        struct text candidate = candidates[i];
        if (name.size > NEAREST_BYTES_MAX || candidate.size > NEAREST_BYTES_MAX)
            continue;
        size_t longer = name.size > candidate.size ? name.size : candidate.size;
        size_t allowed = longer < 6 ? 1 : longer / 3;
        size_t distance = edit_distance(name, candidate);
        if (distance <= allowed && distance < longer && distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

void text_buffer_init(struct text_buffer *buffer, struct arena *arena)
{
    *buffer = (struct text_buffer){.arena = arena};
}

/* Room for `more` bytes and a NUL. */
static void buffer_reserve(struct text_buffer *buffer, size_t more)
{
    if (buffer->bytes != NULL && more < buffer->capacity - buffer->size)
        return;
    CHECK(more < SIZE_MAX / 4);
    size_t capacity = buffer->capacity == 0 ? 256 : buffer->capacity * 2;
    while (capacity - buffer->size <= more)
        capacity *= 2;
    char *bytes = arena_alloc(buffer->arena, capacity);
    if (buffer->size > 0)
        memcpy(bytes, buffer->bytes, buffer->size);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
}

void text_append(struct text_buffer *buffer, struct text text)
{
    buffer_reserve(buffer, text.size);
    if (text.size > 0)
        memcpy(buffer->bytes + buffer->size, text.bytes, text.size);
    buffer->size += text.size;
    buffer->bytes[buffer->size] = '\0';
}

void text_append_printf(struct text_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_append(buffer, text_vprintf(buffer->arena, format, arguments));
    va_end(arguments);
}

struct text text_buffer_text(const struct text_buffer *buffer)
{
    return (struct text){buffer->bytes == NULL ? "" : buffer->bytes, buffer->size};
}
