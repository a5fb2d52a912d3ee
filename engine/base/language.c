/* Ranges and their weights, and the tag that fits best: RFC 4647's lookup, where a range is
 * shortened to its language, and a tag that says more than the range will do. */
#include "base/language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"

enum { RANGES_MAX = 16, RANGE_BYTES_MAX = 35, LANGUAGE_LETTERS_MAX = 8 };

struct range {
    struct text tag; /* in small letters */
    double weight;
};

/* ---- Reading. ---- */

static struct text trim(struct text text)
{
    while (text.size > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t'))
        text = (struct text){text.bytes + 1, text.size - 1};
    while (text.size > 0 && (text.bytes[text.size - 1] == ' ' || text.bytes[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* The part of *rest before `separator`, which is taken off. */
static struct text cut(struct text *rest, char separator)
{
    const char *end = rest->size > 0 ? memchr(rest->bytes, separator, rest->size) : NULL;
    struct text part = {rest->bytes, end ? (size_t)(end - rest->bytes) : rest->size};
    size_t taken = end ? part.size + 1 : part.size;

    *rest = end ? (struct text){rest->bytes + taken, rest->size - taken} : TEXT_NONE;
    return part;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t language_letters(struct text tag)
{
    size_t size = 0;

    while (size < tag.size && is_letter(tag.bytes[size]))
        size++;
    return size;
}

/* "fr", "pt-BR", "*" */
static bool is_range(struct text tag)
{
    size_t letters = language_letters(tag);

    if (text_is(tag, "*"))
        return true;
    if (letters == 0 || letters > LANGUAGE_LETTERS_MAX || tag.size > RANGE_BYTES_MAX)
        return false;
    for (size_t i = letters; i < tag.size; i++) {
        char c = tag.bytes[i];
        bool is_hyphen = c == '-' && tag.bytes[i - 1] != '-' && i + 1 < tag.size;
        if (!is_hyphen && (i == letters || !(is_letter(c) || (c >= '0' && c <= '9'))))
            return false;
    }
    return true;
}

double language_weight(struct text parameters)
{
    double weight = 1;

    while (parameters.bytes) {
        struct text one = trim(cut(&parameters, ';'));
        if (one.size >= 2 && (one.bytes[0] == 'q' || one.bytes[0] == 'Q') && one.bytes[1] == '=' &&
            (!text_to_double((struct text){one.bytes + 2, one.size - 2}, &weight) || weight < 0 ||
             weight > 1))
            weight = 0;
    }
    return weight;
}

static struct text small_letters(struct arena *arena, struct text tag)
{
    char *bytes = arena_alloc(arena, tag.size + 1);

    for (size_t i = 0; i < tag.size; i++)
        bytes[i] = (char)(is_letter(tag.bytes[i]) ? tag.bytes[i] | 0x20 : tag.bytes[i]);
    bytes[tag.size] = '\0';
    return (struct text){bytes, tag.size};
}

/* Behind those that weigh as much. */
static void insert(struct range *ranges, size_t count, struct range range)
{
    size_t at = count;

    while (at > 0 && ranges[at - 1].weight < range.weight) {
        ranges[at] = ranges[at - 1];
        at--;
    }
    ranges[at] = range;
}

static bool is_listed(struct text list, struct text word)
{
    while (list.bytes)
        if (text_equal(cut(&list, ' '), word))
            return true;
    return false;
}

static void append(struct text_buffer *list, const char *sign, struct text tag)
{
    struct text word = text_printf(list->arena, "%s%.*s", sign, TEXT_ARG(tag));

    if (!is_listed(text_buffer_text(list), word))
        text_append_printf(list, "%s%.*s", list->size > 0 ? " " : "", TEXT_ARG(word));
}

static void append_range(struct text_buffer *list, const struct range *range)
{
    const char *sign = range->weight > 0 ? "" : "-";
    size_t letters = language_letters(range->tag);

    if (text_is(range->tag, "*") && range->weight == 0)
        return; /* nothing else: what there is comes all the same */
    append(list, sign, range->tag);
    if (range->weight > 0 && letters > 0)
        append(list, sign, (struct text){range->tag.bytes, letters});
}

struct text language_wanted(struct arena *arena, struct text header)
{
    struct range ranges[RANGES_MAX];
    struct text_buffer list;
    size_t count = 0;

    while (header.bytes && count < RANGES_MAX) {
        struct text parameters = cut(&header, ','), tag = trim(cut(&parameters, ';'));
        if (is_range(tag))
            insert(ranges, count++,
                   (struct range){small_letters(arena, tag), language_weight(parameters)});
    }
    text_buffer_init(&list, arena);
    for (size_t i = 0; i < count; i++)
        append_range(&list, &ranges[i]);
    return list.size > 0 ? text_buffer_text(&list) : TEXT_NONE;
}

/* ---- Choosing. ---- */

/* Whether the tag is the range, or says more than it: pt-BR of pt. */
static bool fits(struct text range, struct text tag)
{
    return tag.size >= range.size && strncasecmp(tag.bytes, range.bytes, range.size) == 0 &&
           (tag.size == range.size || tag.bytes[range.size] == '-');
}

static bool is_named(struct text wanted, struct text tag)
{
    while (wanted.bytes) {
        struct text range = cut(&wanted, ' ');
        if (range.size > 0 && range.bytes[0] == '-')
            range = (struct text){range.bytes + 1, range.size - 1};
        if (fits(range, tag))
            return true;
    }
    return false;
}

/* Of one range; the tag that says least more than it. */
static struct text choose_one(struct text range, struct text wanted, const struct text *tags,
                              size_t count)
{
    struct text best = TEXT_NONE;

    for (size_t i = 0; i < count; i++) {
        bool is_fit = text_is(range, "*") ? !is_named(wanted, tags[i]) : fits(range, tags[i]);
        bool is_exact = is_fit && tags[i].size == range.size && !text_is(range, "*");
        if (is_exact)
            return tags[i];
        if (is_fit && !best.bytes)
            best = tags[i];
    }
    return best;
}

struct text language_choose(struct text wanted, const struct text *tags, size_t count)
{
    struct text rest = wanted, best = TEXT_NONE;

    while (rest.bytes && !best.bytes) {
        struct text range = cut(&rest, ' ');
        if (range.size > 0 && range.bytes[0] != '-')
            best = choose_one(range, wanted, tags, count);
    }
    return best;
}
