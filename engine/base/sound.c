/* Folding by a table of the Latin letters that the languages of the region use; sounds by a table
 * of spellings, the longest that fits first. */
#include "base/sound.h"

#include <string.h>

#include "base/arena.h"

/* ---- Folding. ---- */

/* Small and capital letters of Latin-1 and Latin Extended-A that people's names have; and hooked
 * ones of Wolof, Fula and Mandinka. */
static const struct {
    const char *plain, *letters;
} folds[] = {
    {"a", "àáâãäåāăąÀÁÂÃÄÅĀĂĄ"},
    {"b", "ɓƁ"},
    {"c", "çćčÇĆČ"},
    {"d", "ɗđƊĐ"},
    {"e", "èéêëēĕęěÈÉÊËĒĔĘĚɛƐ"},
    {"i", "ìíîïīĭįÌÍÎÏĪĬĮ"},
    {"n", "ñńņňŋÑŃŅŇŊɲƝ"},
    {"o", "òóôõöøōŏőÒÓÔÕÖØŌŎŐɔƆ"},
    {"s", "śşšŚŞŠ"},
    {"u", "ùúûüūŭůÙÚÛÜŪŬŮ"},
    {"y", "ýÿƴÝŸƳ"},
    {"z", "źżžŹŻŽ"},
    {"ae", "æÆ"},
    {"oe", "œŒ"},
    {"ss", "ß"},
    {"", "'’ʼ`´"},
};

static const char *fold_of(struct text letter)
{
    /* Nearly every letter is of ASCII, of which the table has two marks alone. */
    if (letter.size == 1 && letter.bytes[0] != '\'' && letter.bytes[0] != '`')
        return NULL;
    for (size_t i = 0; i < sizeof folds / sizeof folds[0]; i++) {
        struct text letters = text_from(folds[i].letters);
        for (size_t at = 0; at < letters.size;) {
            size_t from = at;
            text_next_code_point(letters, &at);
            if (at - from == letter.size &&
                memcmp(letters.bytes + from, letter.bytes, letter.size) == 0)
                return folds[i].plain;
        }
    }
    return NULL;
}

/* One letter, as it is written folded; " " where it is none. */
static struct text fold_one(struct text letter, char plain[2])
{
    char c = letter.bytes[0];
    const char *folded = fold_of(letter);
    if (folded != NULL)
        return text_from(folded);
    if (letter.size > 1)
        return letter;
    plain[0] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    plain[1] = '\0';
    bool is_plain = (plain[0] >= 'a' && plain[0] <= 'z') || (c >= '0' && c <= '9');
    return is_plain ? (struct text){plain, 1} : TEXT(" ");
}

struct text sound_fold(struct arena *arena, struct text text)
{
    struct text_buffer folded;
    bool is_between = true;
    text_buffer_init(&folded, arena);
    for (size_t at = 0; at < text.size;) {
        size_t from = at;
        char plain[2];
        text_next_code_point(text, &at);
        struct text one = fold_one((struct text){text.bytes + from, at - from}, plain);
        bool is_space = text_is(one, " ");
        if (!(is_space && is_between))
            text_append(&folded, one);
        is_between = is_space || (is_between && one.size == 0);
    }
    struct text whole = text_buffer_text(&folded);
    if (whole.size > 0 && whole.bytes[whole.size - 1] == ' ')
        whole.size--;
    return whole;
}

struct text sound_word(struct text folded, size_t *offset)
{
    while (*offset < folded.size && folded.bytes[*offset] == ' ')
        ++*offset;
    size_t from = *offset;
    while (*offset < folded.size && folded.bytes[*offset] != ' ')
        ++*offset;
    return (struct text){folded.bytes + from, *offset - from};
}

/* ---- Sounds. ---- */

/* `before`: letters of which one must follow; NULL: any, or none. */
static const struct {
    const char *spelling, *sound, *before;
} sounds[] = {
    {"tch", "c", NULL}, {"sch", "c", NULL},   {"eau", "u", NULL}, {"dj", "j", NULL},
    {"dy", "j", "aou"}, {"di", "j", "aeou"},  {"dh", "d", NULL},  {"ch", "c", NULL},
    {"sh", "c", NULL},  {"thi", "c", "aeou"}, {"ti", "c", "aou"}, {"ty", "c", "aou"},
    {"th", "t", NULL},  {"ph", "f", NULL},    {"kh", "k", NULL},  {"gh", "g", NULL},
    {"gn", "n", NULL},  {"nh", "n", NULL},    {"ny", "n", "aou"}, {"lh", "l", NULL},
    {"rr", "r", NULL},  {"ck", "k", NULL},    {"qu", "k", NULL},  {"gu", "g", "ei"},
    {"ge", "j", NULL},  {"gi", "j", NULL},    {"gy", "j", NULL},  {"ce", "si", NULL},
    {"ci", "si", NULL}, {"cy", "si", NULL},   {"ou", "w", "aei"}, {"ou", "u", NULL},
    {"oo", "u", NULL},  {"ow", "u", NULL},    {"au", "u", NULL},  {"ai", "i", NULL},
    {"ay", "i", NULL},  {"ei", "i", NULL},    {"ey", "i", NULL},  {"ee", "i", NULL},
    {"ie", "i", NULL},  {"x", "c", NULL},     {"c", "k", NULL},   {"q", "k", NULL},
    {"z", "s", NULL},   {"v", "f", NULL},     {"e", "i", NULL},   {"y", "i", NULL},
    {"o", "u", NULL},   {"h", "", NULL},
};

static bool fits(size_t i, struct text word, size_t at)
{
    if (sounds[i].spelling[0] != word.bytes[at])
        return false; /* nearly always */
    size_t size = strlen(sounds[i].spelling);
    if (word.size - at < size || memcmp(word.bytes + at, sounds[i].spelling, size) != 0)
        return false;
    return sounds[i].before == NULL ||
           (at + size < word.size && strchr(sounds[i].before, word.bytes[at + size]) != NULL);
}

/* Appends, unless it repeats what is there. */
static void sound_on(struct text_buffer *key, struct text sound)
{
    for (size_t i = 0; i < sound.size; i++)
        if (key->size == 0 || key->bytes[key->size - 1] != sound.bytes[i])
            text_append(key, (struct text){sound.bytes + i, 1});
}

struct text sound_key(struct arena *arena, struct text word)
{
    struct text_buffer key;
    text_buffer_init(&key, arena);
    for (size_t at = 0; at < word.size;) {
        size_t i = 0, count = sizeof sounds / sizeof sounds[0];
        while (i < count && !fits(i, word, at))
            i++;
        sound_on(&key, i < count ? text_from(sounds[i].sound) : (struct text){word.bytes + at, 1});
        at += i < count ? strlen(sounds[i].spelling) : 1;
    }
    return text_buffer_text(&key);
}

struct text sound_bones(struct arena *arena, struct text key)
{
    struct text_buffer bones;
    text_buffer_init(&bones, arena);
    for (size_t i = 0; i < key.size; i++)
        if (i == 0 || strchr("aiu", key.bytes[i]) == NULL)
            sound_on(&bones, (struct text){key.bytes + i, 1});
    return text_buffer_text(&bones);
}
