/* Folding by tables of letters, sounds by a table of spellings, the longest that fits first. */
#include "base/sound.h"

#include <string.h>

#include "base/arena.h"

/* ---- Folding. ---- */

/* What each letter of a block of Unicode is without its marks and its case: letters of French and
 * Portuguese; hooked ones of Hausa, Fula and Ewe; dotted ones of Yoruba and Igbo. `*`: it is in
 * `folds`, or stays. */
static const struct block {
    uint32_t first, end;
    const char *plain;
} blocks[] = {
    {0x00c0, 0x0180,
     "aaaaaa*ceeeeiiiidnooooo ouuuuy**aaaaaa*ceeeeiiiidnooooo ouuuuy*y"
     "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkkllllll*"
     "*llnnnnnnn**oooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"},
    {0x0180, 0x02b0,
     "bb****occdd***eeeffgg*iikk**unnooo**ppr*****tttuuuvyyzzz********"
     "*************aaiioouuuuuuuuuueaaaa**ggggkkoooozzj***gg**nnaa**oo"
     "aaaaeeeeiiiioooorrrruuuusstt**hhn*****aaeeooooooooyy*******cc***"
     "***bua**jj**rryyaaobocddee*ee**jggggoyh*iiil***u*mnnno**fr***rr*"
     "rrs*j***tuuvawyyzzz**********j******************"},
    {0x1e00, 0x1f00,
     "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
     "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
     "wwwwwwwwwwxxxxyyzzzzzzhtwy*s****aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
     "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy******"},
};

/* Letters of which two are made, and those of Arabic that are written one for the other. */
static const struct {
    const char *plain, *letters;
} folds[] = {
    {"ae", "æÆ"}, {"oe", "œŒ"},  {"ss", "ßẞ"}, {"ng", "ŋŊ"}, {"th", "þÞ"},
    {"sh", "ʃƩ"}, {"ا", "أإآٱ"}, {"ي", "ىئ"},  {"ه", "ة"},   {"و", "ؤ"},
};

/* Ranges of marks that are left out: they stand on, over or between letters (apostrophes do). */
static const uint32_t left_out[][2] = {
    {0x00ad, 0x00ad}, {0x00b4, 0x00b4},   {0x02b0, 0x036f}, {0x0610, 0x061a}, {0x0640, 0x0640},
    {0x064b, 0x065f}, {0x0670, 0x0670},   {0x07eb, 0x07f3}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
    {0x2018, 0x201b}, {0x202a, 0x202e},   {0x2032, 0x2032}, {0x2060, 0x2064}, {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff}, {0x1e944, 0x1e94a},
};

/* Beyond ASCII; what is left out is looked for first. */
static const uint32_t between_words[][2] = {
    {0x0080, 0x00bf}, {0x0589, 0x058a}, {0x060c, 0x060d}, {0x061b, 0x061f},
    {0x066a, 0x066d}, {0x06d4, 0x06d4}, {0x07f6, 0x07f9}, {0x1680, 0x1680},
    {0x2000, 0x206f}, {0x2190, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x303f},
};

static bool is_among(uint32_t letter, const uint32_t ranges[][2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (letter >= ranges[i][0] && letter <= ranges[i][1])
            return true;
    return false;
}

#define IS_AMONG(letter, ranges) is_among(letter, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static const char *fold_of(struct text letter)
{
    for (size_t i = 0; i < sizeof folds / sizeof folds[0]; i++)
        if (memmem(folds[i].letters, strlen(folds[i].letters), letter.bytes, letter.size))
            return folds[i].plain;
    return NULL;
}

static struct text fold_beyond(struct text letter, uint32_t point, char room[4])
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        const struct block *block = &blocks[i];
        if (point < block->first || point >= block->end)
            continue;
        room[0] = block->plain[point - block->first];
        if (room[0] != '*')
            return (struct text){room, 1};
    }
    if (IS_AMONG(point, left_out))
        return TEXT_NONE;
    if (IS_AMONG(point, between_words))
        return TEXT(" ");
    if ((point >= 0x0660 && point <= 0x0669) || (point >= 0x06f0 && point <= 0x06f9)) {
        room[0] = (char)('0' + (point & 15)); /* a digit of Arabic */
        return (struct text){room, 1};
    }
    if (point >= 0x1e900 && point <= 0x1e921) /* a capital of Adlam */
        return (struct text){room, text_encode_code_point(point + 34, room)};
    const char *folded = fold_of(letter);
    return folded ? text_from(folded) : letter;
}

/* One letter, as it is written folded; " " where it is none. */
static struct text fold_one(struct text letter, uint32_t point, char room[4])
{
    if (letter.size > 1)
        return fold_beyond(letter, point, room);
    if (point == '\'' || point == '`')
        return TEXT_NONE;
    room[0] = (char)(point >= 'A' && point <= 'Z' ? point - 'A' + 'a' : point);
    bool is_plain = (room[0] >= 'a' && room[0] <= 'z') || (point >= '0' && point <= '9');
    return is_plain ? (struct text){room, 1} : TEXT(" ");
}

struct text sound_fold(struct arena *arena, struct text text)
{
    struct text_buffer folded;
    bool is_between = true;
    text_buffer_init(&folded, arena);
    for (size_t at = 0; at < text.size;) {
        size_t from = at;
        char room[4];
        uint32_t point = text_next_code_point(text, &at);
        struct text one = fold_one((struct text){text.bytes + from, at - from}, point, room);
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

/* `before`: letters of which one must follow; "": the word's end; NULL: any, or none. */
static const struct {
    const char *spelling, *sound, *before;
} sounds[] = {
    {"tchi", "c", "aeou"}, {"tch", "c", NULL},   {"sch", "c", NULL}, {"dji", "j", "aeou"},
    {"eau", "u", NULL},    {"obe", "up", ""},    {"oob", "up", ""},  {"dj", "j", NULL},
    {"dy", "j", "aou"},    {"di", "j", "aeou"},  {"dz", "j", NULL},  {"dw", "j", "ao"},
    {"dh", "d", NULL},     {"ch", "c", NULL},    {"sh", "c", NULL},  {"thi", "c", "aeou"},
    {"ti", "c", "aou"},    {"ty", "c", "aou"},   {"th", "t", NULL},  {"ph", "f", NULL},
    {"kh", "k", NULL},     {"gh", "g", NULL},    {"gn", "n", NULL},  {"nh", "n", NULL},
    {"ny", "n", "aou"},    {"ni", "n", "aou"},   {"lh", "l", NULL},  {"rr", "r", NULL},
    {"ck", "k", NULL},     {"qu", "k", "ei"},    {"gu", "g", "ei"},  {"ge", "j", NULL},
    {"gi", "j", NULL},     {"gy", "j", NULL},    {"ce", "si", NULL}, {"ci", "si", NULL},
    {"cy", "si", NULL},    {"ou", "w", "aei"},   {"ou", "u", NULL},  {"oo", "u", NULL},
    {"ow", "u", NULL},     {"aou", "aw", "aei"}, {"ao", "u", NULL},  {"aw", "u", ""},
    {"au", "u", NULL},     {"ai", "i", NULL},    {"ay", "i", NULL},  {"ei", "i", NULL},
    {"ey", "i", NULL},     {"ee", "i", NULL},    {"ie", "i", NULL},  {"u", "w", "aei"},
    {"x", "c", NULL},      {"c", "k", NULL},     {"q", "k", NULL},   {"z", "s", NULL},
    {"v", "f", NULL},      {"e", "i", NULL},     {"y", "i", NULL},   {"o", "u", NULL},
    {"h", "", NULL},
};

static bool fits(size_t i, struct text word, size_t at)
{
    if (sounds[i].spelling[0] != word.bytes[at])
        return false; /* nearly always */
    size_t size = strlen(sounds[i].spelling);
    if (word.size - at < size || memcmp(word.bytes + at, sounds[i].spelling, size) != 0)
        return false;
    if (sounds[i].before == NULL || at + size == word.size)
        return sounds[i].before == NULL || sounds[i].before[0] == '\0';
    return strchr(sounds[i].before, word.bytes[at + size]) != NULL;
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
            text_append(&bones, (struct text){key.bytes + i, 1});
    return text_buffer_text(&bones);
}
