/* Knowing a sentence of the daemon by its letters. */
#include "client/talk/heard.h"

#include <string.h>

#include "base/arena.h"

size_t heard_value_size(const char *format)
{
    size_t size = 1;

    if (format[0] != '%' || format[1] == '%')
        return 0;
    size += strspn(format + size, "-+ #0123456789.*");
    size += strspn(format + size, "hljz");
    return format[size] == '\0' ? 0 : size + 1;
}

/* The letters up to the next value, or to the end. */
static size_t letters_size(const char *format)
{
    size_t size = 0;

    while (format[size] != '\0' && heard_value_size(format + size) == 0)
        size += format[size] == '%' && format[size + 1] == '%' ? 2 : 1;
    return size;
}

static size_t letter_count(const char *format)
{
    size_t count = 0;

    while (*format != '\0') {
        size_t size = letters_size(format);
        count += size;
        format += size;
        format += heard_value_size(format);
    }
    return count;
}

/* How much of `said` these letters are; "%%" is one sign of percent. False: they are not its
 * beginning. */
static bool begins(struct text said, const char *letters, size_t size, size_t *said_size_out)
{
    size_t at = 0;

    for (size_t i = 0; i < size; i += letters[i] == '%' ? 2 : 1)
        if (at >= said.size || said.bytes[at++] != letters[i])
            return false;
    *said_size_out = at;
    return true;
}

/* Whether `said` is `format`, whose values are the shortest that fit. */
static bool is_said(const char *format, struct text said, struct text *values, size_t count)
{
    size_t size = letters_size(format), said_size;

    if (!begins(said, format, size, &said_size))
        return false;
    format += size;
    said = (struct text){said.bytes + said_size, said.size - said_size};
    if (*format == '\0')
        return said.size == 0;
    if (count == 0)
        return false;
    format += heard_value_size(format);
    for (size_t end = *format == '\0' ? said.size : 0; end <= said.size; end++) {
        values[0] = (struct text){said.bytes, end};
        if (is_said(format, (struct text){said.bytes + end, said.size - end}, values + 1,
                    count - 1))
            return true;
    }
    return false;
}

static const char *find(size_t first, struct text said, struct text *values_out)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE};
    const char *found = NULL;
    size_t most = 0;

    for (size_t i = first; heard_sentences[i]; i++) {
        size_t count = letter_count(heard_sentences[i]);
        if (count <= most || !is_said(heard_sentences[i], said, values, HEARD_VALUES_MAX))
            continue;
        found = heard_sentences[i];
        most = count;
        memcpy(values_out, values, sizeof(values));
    }
    return found;
}

const char *heard_find(struct text said, struct text *values_out)
{
    return find(0, said, values_out);
}

const char *heard_find_plugin(struct text said, struct text *values_out)
{
    return find(heard_plugins_begin, said, values_out);
}

struct text heard_fill(struct arena *arena, const char *format, const struct text *values)
{
    struct text_buffer buffer;
    size_t count = 0;

    text_buffer_init(&buffer, arena);
    while (*format != '\0') {
        size_t size = letters_size(format);
        for (size_t i = 0; i < size; i += format[i] == '%' ? 2 : 1)
            text_append(&buffer, (struct text){format + i, 1});
        format += size;
        size = heard_value_size(format);
        if (size > 0 && count < HEARD_VALUES_MAX)
            text_append(&buffer, values[count++]);
        format += size;
    }
    return text_buffer_text(&buffer);
}
