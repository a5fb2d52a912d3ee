/* A value becomes JSON.
 *
 * Written here, directly into a buffer: it is on the daemon's hot path (every entry, every answer),
 * and building jansson's tree and dumping that took four to five times as long for a map of 3 KB
 * (31 us against 7). */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/when.h"

struct writer {
    struct text_buffer buffer;
    bool pretty;
    size_t depth;
};

static void write_break(struct writer *writer)
{
    if (!writer->pretty)
        return;
    text_append(&writer->buffer, TEXT("\n"));
    for (size_t i = 0; i < writer->depth; i++)
        text_append(&writer->buffer, TEXT("  "));
}

static void write_escape(struct writer *writer, unsigned char c)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
        ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\',
    };
    char escape[8];
    if (letters[c] != '\0')
        snprintf(escape, sizeof escape, "\\%c", letters[c]);
    else
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
    text_append(&writer->buffer, text_from(escape));
}

static void write_string(struct writer *writer, struct text text)
{
    text_append(&writer->buffer, TEXT("\""));
    size_t begin = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        text_append(&writer->buffer, (struct text){text.bytes + begin, i - begin});
        write_escape(writer, c);
        begin = i + 1;
    }
    if (begin < text.size)
        text_append(&writer->buffer, (struct text){text.bytes + begin, text.size - begin});
    text_append(&writer->buffer, TEXT("\""));
}

/* As few digits from 15 on as read back as the same double, with a sign that it is one. */
static void write_double(struct writer *writer, double real)
{
    CHECK(isfinite(real));
    char digits[40];
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    CHECK(c_locale != (locale_t)0);
    locale_t own = uselocale(c_locale);
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits - 2, "%.*g", precision, real);
        if (strtod_l(digits, NULL, c_locale) == real)
            break;
    }
    uselocale(own);
    freelocale(c_locale);
    if (strpbrk(digits, ".e") == NULL)
        strcat(digits, ".0");
    text_append(&writer->buffer, text_from(digits));
}

/* By hand, as every frame has some: it gives back what recvmsg costs (decision 0028). */
static void write_int(struct writer *writer, int64_t integer)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0)
        *--at = '-';
    text_append(&writer->buffer, (struct text){at, (size_t)(digits + sizeof digits - at)});
}

/* Seconds with as many decimals as it takes: "-1.5s". */
static void write_duration(struct writer *writer, struct instant span)
{
    bool negative = span.seconds < 0;
    uint64_t seconds = negative ? -(uint64_t)span.seconds : (uint64_t)span.seconds;
    uint32_t nanos = (uint32_t)span.nanos;
    if (negative && nanos > 0) {
        seconds--;
        nanos = 1000000000U - nanos;
    }
    char decimals[16] = "";
    if (nanos > 0) {
        int digits = 9;
        for (; nanos % 10 == 0; nanos /= 10)
            digits--;
        snprintf(decimals, sizeof decimals, ".%0*u", digits, nanos);
    }
    text_append_printf(&writer->buffer, "\"%s%llu%ss\"", negative ? "-" : "",
                       (unsigned long long)seconds, decimals);
}

static void write_value(struct writer *writer, const struct value *value);

static void write_list(struct writer *writer, const struct value_list *list)
{
    text_append(&writer->buffer, TEXT("["));
    writer->depth++;
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_append(&writer->buffer, TEXT(","));
        write_break(writer);
        write_value(writer, &list->items[i]);
    }
    writer->depth--;
    if (list->count > 0)
        write_break(writer);
    text_append(&writer->buffer, TEXT("]"));
}

static void write_map(struct writer *writer, const struct value_map *map)
{
    text_append(&writer->buffer, TEXT("{"));
    writer->depth++;
    for (size_t i = 0; i < map->count; i++) {
        if (i > 0)
            text_append(&writer->buffer, TEXT(","));
        write_break(writer);
        write_string(writer, map->members[i].key);
        text_append(&writer->buffer, writer->pretty ? TEXT(": ") : TEXT(":"));
        write_value(writer, &map->members[i].value);
    }
    writer->depth--;
    if (map->count > 0)
        write_break(writer);
    text_append(&writer->buffer, TEXT("}"));
}

static void write_value(struct writer *writer, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        text_append(&writer->buffer, TEXT("null"));
        return;
    case VALUE_BOOL:
        text_append(&writer->buffer, value->boolean ? TEXT("true") : TEXT("false"));
        return;
    case VALUE_INT:
        write_int(writer, value->integer);
        return;
    case VALUE_DOUBLE:
        write_double(writer, value->real);
        return;
    case VALUE_STRING:
        write_string(writer, value->string);
        return;
    case VALUE_TIMESTAMP:
        write_string(writer, when_write_timestamp(writer->buffer.arena, value->instant));
        return;
    case VALUE_DURATION:
        write_duration(writer, value->instant);
        return;
    case VALUE_LIST:
        write_list(writer, value->list);
        return;
    case VALUE_MAP:
        write_map(writer, value->map);
        return;
    }
}

static struct text write_text(struct arena *arena, const struct value *value, bool pretty)
{
    struct writer writer = {.pretty = pretty};
    text_buffer_init(&writer.buffer, arena);
    write_value(&writer, value);
    return text_buffer_text(&writer.buffer);
}

struct text json_write(struct arena *arena, const struct value *value)
{
    return write_text(arena, value, false);
}

struct text json_write_pretty(struct arena *arena, const struct value *value)
{
    return write_text(arena, value, true);
}
