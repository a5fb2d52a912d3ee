/* Knowing a sentence by its letters, and saying it again. */
#include "words/heard.h"

#include <string.h>

#include "base/arena.h"

/* No sentence with its values is longer: a name of a megabyte is no question of language, and to
 * try where each value may end would take hours. */
enum { DEPTH_MAX = 4, SAID_BYTES_MAX = 2048 };

/* How much of `format` at its beginning is a value to be put in; 0: none. "%%" is none. */
static size_t value_size(const char *format)
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

    while (format[size] != '\0' && value_size(format + size) == 0)
        size += format[size] == '%' && format[size + 1] == '%' ? 2 : 1;
    return size;
}

/* Of two sentences that fit the one that begins with letters of its own is meant, not the one that
 * begins with a value; of two such the one with more of them. */
static size_t rank(const char *format)
{
    enum { BEGINS = 1 << 16 }; /* more than any sentence has letters */
    size_t count = value_size(format) == 0 ? BEGINS : 0;

    while (*format != '\0') {
        size_t size = letters_size(format);
        count += size;
        format += size;
        format += value_size(format);
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
    format += value_size(format);
    for (size_t end = *format == '\0' ? said.size : 0; end <= said.size; end++) {
        values[0] = (struct text){said.bytes, end};
        if (is_said(format, (struct text){said.bytes + end, said.size - end}, values + 1,
                    count - 1))
            return true;
    }
    return false;
}

/* Among those from `first` up to `end`. */
static const char *find(size_t first, size_t end, struct text said, struct text *values_out)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE};
    const char *found = NULL;
    size_t most = 0;

    if (said.size > SAID_BYTES_MAX)
        return NULL;
    for (size_t i = first; i < end && heard_sentences[i]; i++) {
        size_t count = rank(heard_sentences[i]);
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
    return find(0, heard_authors_begin, said, values_out);
}

const char *heard_find_plugin(struct text said, struct text *values_out)
{
    return find(heard_plugins_begin, heard_authors_begin, said, values_out);
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
        size = value_size(format);
        if (size > 0 && count < HEARD_VALUES_MAX)
            text_append(&buffer, values[count++]);
        format += size;
    }
    return text_buffer_text(&buffer);
}

/* ---- What is wrong in a file. ---- */

/* Those of the daemon end with a full stop: a word alone may be somebody's id. */
static const char *find_author(struct text said, struct text *values_out)
{
    const char *sentence = find(heard_authors_begin, SIZE_MAX, said, values_out);

    return sentence || !text_ends(said, ".") ? sentence : heard_find(said, values_out);
}

/* Whether the value at `format` may be more than a name: what stands in quotes is none of ours, and
 * neither is a text (%.*s) of one word. Our own words are put in by %s. */
static bool is_ours(const char *sentence, const char *format, struct text value)
{
    bool is_quoted = format > sentence && strchr("\"`'", format[-1]);
    bool is_word = memcmp(format, "%s", 2) == 0;

    return !is_quoted && value.size > 0 && (is_word || memchr(value.bytes, ' ', value.size));
}

static struct text author_again(struct arena *arena, struct text said, int depth);

/* The sentence, translated, with its values said again, too. */
static struct text fill_again(struct arena *arena, const char *sentence, struct text *values,
                              int depth)
{
    size_t count = 0;

    for (const char *at = sentence; count < HEARD_VALUES_MAX; count++) {
        at += letters_size(at);
        if (*at == '\0')
            break;
        if (is_ours(sentence, at, values[count]))
            values[count] = author_again(arena, values[count], depth + 1);
        at += value_size(at);
    }
    return heard_fill(arena, gettext(sentence), values);
}

static struct text lowered(struct text text)
{
    unsigned char *first = (unsigned char *)(uintptr_t)text.bytes;

    if (text.size > 1 && first[0] >= 'A' && first[0] <= 'Z' && (first[1] == ' ' || first[1] >= 'a'))
        first[0] = (unsigned char)(first[0] - 'A' + 'a');
    else if (text.size > 1 && first[0] == 0xc3 && first[1] < 0x9f) /* À to Þ */
        first[1] = (unsigned char)(first[1] + 0x20);
    return text;
}

/* A sentence within another may have lost its capital and its full stop (load_reason): of those
 * that it may have been, the one of the highest rank is meant. */
static struct text reason_again(struct arena *arena, struct text said, int depth)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE}, meant[HEARD_VALUES_MAX];
    const char *sentence = NULL;
    bool had_stop = false;

    for (int way = 0; way < (text_ends(said, ".") || text_ends(said, "?") ? 2 : 4); way++) {
        bool is_capital = way & 1, has_stop = way & 2;
        struct text whole = text_printf(arena, "%.*s%s", TEXT_ARG(said), has_stop ? "." : "");
        char *first = (char *)(uintptr_t)whole.bytes;
        if (is_capital && first[0] >= 'a' && first[0] <= 'z')
            first[0] = (char)(first[0] - 'a' + 'A');
        const char *found = find_author(whole, values);
        if (!found || (sentence && rank(found) <= rank(sentence)))
            continue;
        sentence = found;
        had_stop = has_stop;
        memcpy(meant, values, sizeof(meant));
    }
    if (!sentence)
        return text_from(dgettext("libc", text_copy(arena, said).bytes)); /* of strerror, perhaps */
    struct text again = fill_again(arena, sentence, meant, depth);
    again.size -= had_stop && text_ends(again, ".");
    return said.bytes[0] >= 'a' && said.bytes[0] <= 'z' ? lowered(again) : again;
}

static struct text author_again(struct arena *arena, struct text said, int depth)
{
    struct text values[HEARD_VALUES_MAX] = {TEXT_NONE};

    if (said.size == 0 || depth == DEPTH_MAX)
        return said;
    const char *sentence = depth == 0 ? find_author(said, values) : NULL;
    return sentence ? fill_again(arena, sentence, values, depth) : reason_again(arena, said, depth);
}

struct text heard_author(struct arena *arena, struct text said)
{
    return author_again(arena, said, 0);
}

struct diag heard_diag(struct arena *arena, const struct diag *diag)
{
    struct diag said = *diag;

    said.message = heard_author(arena, diag->message);
    said.label = heard_author(arena, diag->label);
    said.help = heard_author(arena, diag->help);
    return said;
}
