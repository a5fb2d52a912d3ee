/* Letters as they are drawn.
 *
 * The happy path:
 * 1. The line is cut into clusters, a letter with its marks.
 * 2. Letters of Arabic get the form that they have between their neighbours; lam and alef are one.
 * 3. What runs from right to left is turned round; numbers in it are not.
 * 4. Each cluster gets its column. */
#include "client/people/glyphs.h"

#include <stdint.h>

#include "base/arena.h"

enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_NUMBER, SIDE_NEITHER };

struct cluster {
    uint32_t letter;
    const uint32_t *marks;
    size_t mark_count;
    enum side side;
};

static const uint32_t box = 0x25a1;

static bool is_in(uint32_t point, uint32_t first, uint32_t last)
{
    return point >= first && point <= last;
}

static bool is_mark(uint32_t point)
{
    return is_in(point, 0x0300, 0x036f) || is_in(point, 0x0610, 0x061a) ||
           is_in(point, 0x064b, 0x065f) || point == 0x0670 || is_in(point, 0x06d6, 0x06dc) ||
           is_in(point, 0x07eb, 0x07f3) || is_in(point, 0x1dc0, 0x1dff) ||
           is_in(point, 0x20d0, 0x20ff) || is_in(point, 0xfe00, 0xfe0f) ||
           is_in(point, 0x1e944, 0x1e94a);
}

/* What takes no room and is not seen. */
static bool is_nothing(uint32_t point)
{
    return point == 0x00ad || is_in(point, 0x200b, 0x200f) || is_in(point, 0x202a, 0x202e) ||
           is_in(point, 0x2060, 0x206f) || point == 0xfeff;
}

static bool is_drawn(uint32_t point)
{
    return point < 0x0780 || is_in(point, 0x0e81, 0x0edf) || is_in(point, 0x10d0, 0x10fc) ||
           is_in(point, 0x1d00, 0x1fff) || is_in(point, 0x2010, 0x2bff) ||
           is_in(point, 0xa700, 0xa7ff) || is_in(point, 0xfb00, 0xfefc);
}

static enum side side_of(uint32_t point)
{
    if (is_in(point, '0', '9') || is_in(point, 0x0660, 0x0669) || is_in(point, 0x06f0, 0x06f9))
        return SIDE_NUMBER;
    if (is_in(point, 0x0590, 0x08ff) || is_in(point, 0xfb1d, 0xfdff) ||
        is_in(point, 0xfe70, 0xfefc) || is_in(point, 0x1e900, 0x1e95f))
        return SIDE_RIGHT;
    if (point < 0x00aa ? (point | 0x20) < 'a' || (point | 0x20) > 'z'
                       : is_in(point, 0x2000, 0x2bff) || point == 0x00ab || point == 0x00bb)
        return SIDE_NEITHER;
    return SIDE_LEFT;
}

/* ---- Letters of Arabic between their neighbours. ---- */

/* `alone`: the first of its forms; then at the end, at the begin, in the middle. Two forms: it
 * joins the one before alone. */
static const struct form {
    uint16_t letter, alone;
    uint8_t count;
} forms[] = {
    {0x0621, 0xfe80, 1}, {0x0622, 0xfe81, 2}, {0x0623, 0xfe83, 2}, {0x0624, 0xfe85, 2},
    {0x0625, 0xfe87, 2}, {0x0626, 0xfe89, 4}, {0x0627, 0xfe8d, 2}, {0x0628, 0xfe8f, 4},
    {0x0629, 0xfe93, 2}, {0x062a, 0xfe95, 4}, {0x062b, 0xfe99, 4}, {0x062c, 0xfe9d, 4},
    {0x062d, 0xfea1, 4}, {0x062e, 0xfea5, 4}, {0x062f, 0xfea9, 2}, {0x0630, 0xfeab, 2},
    {0x0631, 0xfead, 2}, {0x0632, 0xfeaf, 2}, {0x0633, 0xfeb1, 4}, {0x0634, 0xfeb5, 4},
    {0x0635, 0xfeb9, 4}, {0x0636, 0xfebd, 4}, {0x0637, 0xfec1, 4}, {0x0638, 0xfec5, 4},
    {0x0639, 0xfec9, 4}, {0x063a, 0xfecd, 4}, {0x0641, 0xfed1, 4}, {0x0642, 0xfed5, 4},
    {0x0643, 0xfed9, 4}, {0x0644, 0xfedd, 4}, {0x0645, 0xfee1, 4}, {0x0646, 0xfee5, 4},
    {0x0647, 0xfee9, 4}, {0x0648, 0xfeed, 2}, {0x0649, 0xfeef, 2}, {0x064a, 0xfef1, 4},
    {0x0671, 0xfb50, 2}, {0x067e, 0xfb56, 4}, {0x0686, 0xfb7a, 4}, {0x0698, 0xfb8a, 2},
    {0x06a4, 0xfb6a, 4}, {0x06a9, 0xfb8e, 4}, {0x06af, 0xfb92, 4}, {0x06cc, 0xfbfc, 4},
};
enum { LAM = 0x0644, TATWEEL = 0x0640 };

static const struct form *form_of(uint32_t letter)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i].letter == letter)
            return &forms[i];
    return NULL;
}

static bool joins_next(uint32_t letter)
{
    const struct form *form = form_of(letter);

    return letter == TATWEEL || (form && form->count == 4);
}

static bool joins_before(uint32_t letter)
{
    const struct form *form = form_of(letter);

    return letter == TATWEEL || (form && form->count > 1);
}

/* The one letter that lam and this alef make; 0: it is no alef. */
static uint32_t lam_with(uint32_t letter)
{
    return letter == 0x0622   ? 0xfef5
           : letter == 0x0623 ? 0xfef7
           : letter == 0x0625 ? 0xfef9
           : letter == 0x0627 ? 0xfefb
                              : 0;
}

/* Joins in place; the number of clusters that are left. */
static size_t join(struct cluster *clusters, size_t count)
{
    size_t kept = 0;
    uint32_t before = 0;

    for (size_t i = 0; i < count; i++) {
        struct cluster one = clusters[i];
        uint32_t letter = one.letter, next = i + 1 < count ? clusters[i + 1].letter : 0;
        bool is_joined = joins_next(before) && joins_before(letter);
        const struct form *form = form_of(letter);
        if (letter == LAM && lam_with(next) != 0) {
            one.letter = lam_with(next) + is_joined;
            letter = next;
            i++;
        } else if (form) {
            bool is_followed = joins_next(letter) && joins_before(next);
            one.letter = form->alone + (is_followed ? 2U : 0U) + is_joined;
        }
        clusters[kept++] = one;
        before = letter;
    }
    return kept;
}

/* ---- The order of the eye. ---- */

static void turn(struct cluster *clusters, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct cluster one = clusters[i];
        clusters[i] = clusters[count - 1 - i];
        clusters[count - 1 - i] = one;
    }
}

static uint32_t mirrored(uint32_t letter)
{
    static const char pairs[] = "()[]{}<>";

    for (size_t i = 0; pairs[i] != '\0'; i++)
        if (letter == (unsigned char)pairs[i])
            return (unsigned char)pairs[i ^ 1];
    return letter == 0xab ? 0xbb : letter == 0xbb ? 0xab : letter;
}

/* From the first letter that runs from the right to the last such, or the number behind it, or the
 * bracket that closes one inside. */
static size_t end_of_run(const struct cluster *clusters, size_t first, size_t count)
{
    size_t end = first + 1, open_count = 0;

    for (size_t i = first; i < count && clusters[i].side != SIDE_LEFT; i++) {
        uint32_t letter = clusters[i].letter;
        bool is_closing = open_count > 0 && (letter == ')' || letter == ']' || letter == 0xbb);
        open_count += letter == '(' || letter == '[' || letter == 0xab;
        open_count -= is_closing;
        if (clusters[i].side != SIDE_NEITHER || is_closing)
            end = i + 1;
    }
    return end;
}

static void turn_runs(struct cluster *clusters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (clusters[i].side != SIDE_RIGHT)
            continue;
        size_t end = end_of_run(clusters, i, count);
        turn(&clusters[i], end - i);
        for (size_t k = i; k < end; k++) {
            size_t from = k;
            while (k < end && clusters[k].side == SIDE_NUMBER)
                k++;
            turn(&clusters[from], k - from);
            if (k < end)
                clusters[k].letter = mirrored(clusters[k].letter);
        }
        i = end - 1;
    }
}

/* ---- Columns. ---- */

static size_t cut(struct arena *arena, struct text line, struct cluster *clusters)
{
    uint32_t *marks = ARENA_ARRAY(arena, uint32_t, line.size);
    size_t count = 0;

    for (size_t at = 0; at < line.size;) {
        uint32_t point = text_next_code_point(line, &at);
        if (is_nothing(point))
            continue;
        if (!is_mark(point) || count == 0) {
            clusters[count++] = (struct cluster){point, marks, 0, side_of(point)};
            continue;
        }
        clusters[count - 1].mark_count++;
        *marks++ = point;
    }
    return count;
}

static void put(struct arena *arena, struct glyphs *glyphs, uint32_t point, size_t column,
                bool is_over)
{
    char bytes[4];
    bool is_known = is_drawn(point);

    if (!is_known && is_over)
        return;
    struct text letter = {bytes, text_encode_code_point(is_known ? point : box, bytes)};
    glyphs->items[glyphs->count++] = (struct glyph){text_copy(arena, letter), column, is_over};
    glyphs->lacks_some |= !is_known;
}

struct glyphs glyphs_of(struct arena *arena, struct text line)
{
    struct cluster *clusters = ARENA_ARRAY(arena, struct cluster, line.size);
    struct glyphs glyphs = {.items = ARENA_ARRAY(arena, struct glyph, line.size)};
    size_t count = join(clusters, cut(arena, line, clusters));

    turn_runs(clusters, count);
    for (size_t i = 0; i < count; i++) {
        put(arena, &glyphs, clusters[i].letter, i, false);
        for (size_t k = 0; k < clusters[i].mark_count; k++)
            put(arena, &glyphs, clusters[i].marks[k], i, true);
    }
    return glyphs;
}
