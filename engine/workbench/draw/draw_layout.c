/* Laying out a picture: words are broken into lines, boxes put beside and below each other.
 *
 * The happy path, for each state, those in it first:
 * 1. The boxes in it are put in rows or in columns, in their order; of many ways the one that takes
 *    the least room in a shape that a screen can show.
 * 2. Its own words are broken to the width that this gives, and stand above them. */
#include "workbench/draw/draw_layout.h"

#include <limits.h>

#include "base/arena.h"

enum {
    PAD = 10,        /* from a border to what is in it */
    GAP = 12,        /* between boxes */
    WORDS_MIN = 230, /* words are not broken to less */
    WORDS_MAX = 520, /* nor are lines longer */
    INDENT = 14,     /* of what goes on, and of notes */
    CORNER = 16,     /* for the dot where a state begins */
    TRIES = 24
};

const struct draw_font draw_fonts[DRAW_STYLES] = {
    [DRAW_HEAD] = {13, 18, 114, "font-size:13px;font-weight:bold;fill:#0b2545"},
    [DRAW_ID] = {10, 13, 100, "font-size:10px;fill:#6b7280"},
    [DRAW_FACT] = {11, 15, 100, "font-size:11px;fill:#9a3412"},
    [DRAW_ACTION] = {11, 15, 100, "font-size:11px;fill:#111827"},
    [DRAW_TARGET] = {11, 15, 100, "font-size:11px;fill:#1d4ed8"},
    [DRAW_NOTE] = {10, 13, 100, "font-size:10px;fill:#6b7280"},
};

/* Of ' ' to '~', in thousandths of an em. */
static const uint16_t widths[95] = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838,
};
enum { WIDTH_LATIN = 640, WIDTH_WIDE = 1000, FIRST_WIDE = 0x2190 };

int draw_width(struct text text, enum draw_style style)
{
    const struct draw_font *font = &draw_fonts[style];
    int64_t total = 0;

    for (size_t at = 0; at < text.size;) {
        uint32_t point = text_next_code_point(text, &at);

        if (point >= ' ' && point <= '~')
            total += widths[point - ' '];
        else
            total += point >= FIRST_WIDE ? WIDTH_WIDE : WIDTH_LATIN;
    }
    total = total * font->size * font->percent / 100000 + 1;
    return total > INT_MAX / 4 ? INT_MAX / 4 : (int)total;
}

/* ---- Words. ---- */

struct words {
    const struct draw *draw;
    struct draw_text *items;
    size_t count, capacity;
    int y, width, limit; /* the next line's top; the widest so far; how wide they may be */
};

static void add_text(struct words *words, struct draw_text text)
{
    const struct draw_font *font = &draw_fonts[text.style];
    int width = text.x + draw_width(text.text, text.style);

    if (words->count == words->capacity) {
        size_t capacity = words->capacity * 2 + 8;
        struct draw_text *items = ARENA_ARRAY(words->draw->arena, struct draw_text, capacity);

        for (size_t i = 0; i < words->count; i++)
            items[i] = words->items[i];
        words->items = items;
        words->capacity = capacity;
    }
    text.y = words->y + font->size;
    words->y += font->line;
    words->width = width > words->width ? width : words->width;
    words->items[words->count++] = text;
}

/* How many bytes of `text` fit: whole words, or what fits of a word that is too long. */
static size_t fitting(struct text text, enum draw_style style, int limit)
{
    size_t best = 0, at = 0;

    while (at < text.size) {
        size_t before = at;

        text_next_code_point(text, &at);
        if (draw_width((struct text){text.bytes, at}, style) > limit && before > 0)
            return best > 0 ? best : before;
        if (text.bytes[before] == ' ')
            best = at;
    }
    return text.size;
}

/* `text` in as many lines as it takes; the first at `indent`, the others a little more. */
static void add_words(struct words *words, struct draw_text text, int indent)
{
    struct text rest = text.text;

    text.x = indent;
    while (!text_is_empty(rest)) {
        size_t size = fitting(rest, text.style, words->limit - text.x);

        text.text = (struct text){rest.bytes, size};
        add_text(words, text);
        rest = (struct text){rest.bytes + size, rest.size - size};
        text.x = indent + INDENT;
    }
}

static void add_move(struct words *words, const struct draw_line *line)
{
    struct text target = draw_target(words->draw, line);
    struct draw_text action = {DRAW_ACTION, line->text, line->tip, CHART_NONE, 0, 0};
    struct draw_text leads = {
        DRAW_TARGET, text_printf(words->draw->arena, "→ %.*s", TEXT_ARG(target)),
        line->tip,   line->target_count > 0 ? line->targets[0] : (uint16_t)CHART_NONE,
        0,           0};

    if (!text_is(line->text, " "))
        add_words(words, action, 0);
    if (line->target_count > 0)
        add_words(words, leads, INDENT);
    if (!text_is_empty(line->note))
        add_words(words, (struct draw_text){DRAW_NOTE, line->note, line->tip, CHART_NONE, 0, 0},
                  INDENT);
}

static void add_line(struct words *words, const struct draw_line *line)
{
    switch (line->kind) {
    case DRAW_DEADLINE:
    case DRAW_STEP:
        add_words(words, (struct draw_text){DRAW_FACT, line->text, TEXT_NONE, CHART_NONE, 0, 0}, 0);
        return;
    case DRAW_MOVE:
        words->y += 3;
        add_move(words, line);
        return;
    }
}

/* The id where it is not the title, and what kind of state it is. */
static struct text subtitle(const struct draw *draw, uint16_t state)
{
    struct text id = draw->chart->states[state].id, kind = draw_kind_words(draw, state);
    struct text title = draw->states[state].title;

    if (text_equal(id, title))
        return kind;
    return text_is_empty(kind)
               ? id
               : text_printf(draw->arena, "%.*s; %.*s", TEXT_ARG(id), TEXT_ARG(kind));
}

static void add_state(struct words *words, uint16_t state)
{
    const struct draw_state *shown = &words->draw->states[state];

    add_words(words, (struct draw_text){DRAW_HEAD, shown->title, TEXT_NONE, CHART_NONE, 0, 0},
              draw_is_initial(words->draw, state) ? CORNER : 0);
    add_words(
        words,
        (struct draw_text){DRAW_ID, subtitle(words->draw, state), TEXT_NONE, CHART_NONE, 0, 0}, 0);
    for (size_t i = 0; i < shown->line_count; i++)
        add_line(words, &shown->lines[i]);
}

/* ---- Boxes. ---- */

struct size {
    int width, height;
};

/* Puts boxes one behind the other, in rows (or columns) that go on to `limit`. */
static struct size put(struct draw_box *boxes, size_t count, bool in_rows, int limit)
{
    int along = 0, across = 0, thickness = 0, longest = 0;

    for (size_t i = 0; i < count; i++) {
        int length = in_rows ? boxes[i].width : boxes[i].height;
        int thick = in_rows ? boxes[i].height : boxes[i].width;

        if (along > 0 && along + length > limit) {
            across += thickness + GAP;
            along = 0;
            thickness = 0;
        }
        boxes[i].x = in_rows ? along : across;
        boxes[i].y = in_rows ? across : along;
        along += length + GAP;
        thickness = thick > thickness ? thick : thickness;
        longest = along - GAP > longest ? along - GAP : longest;
    }
    across += thickness;
    return in_rows ? (struct size){longest, across} : (struct size){across, longest};
}

/* The room it takes; more where it is wider than a screen or taller than wide. */
static int64_t cost_of(struct size size)
{
    int64_t area = (int64_t)size.width * size.height;
    int64_t width = size.width + 1, height = size.height + 1;

    if (width > height * 2)
        return area * width / (height * 2);
    return height > width ? area * height / width : area;
}

static struct size arrange(struct draw_box *boxes, size_t count)
{
    struct size best = {0, 0}, size;
    int64_t best_cost = INT64_MAX;
    bool best_in_rows = true;
    int best_limit = 0;

    for (int way = 0; way < 2; way++) {
        bool in_rows = way == 1;
        int total = 0;

        for (size_t i = 0; i < count; i++)
            total += (in_rows ? boxes[i].width : boxes[i].height) + GAP;
        for (int i = 1; i <= TRIES; i++) {
            int limit = (int)((int64_t)total * i / TRIES);

            size = put(boxes, count, in_rows, limit);
            if (cost_of(size) >= best_cost)
                continue;
            best_cost = cost_of(size);
            best_in_rows = in_rows;
            best_limit = limit;
        }
    }
    if (count > 0)
        best = put(boxes, count, best_in_rows, best_limit);
    return best;
}

static struct draw_box lay_out(const struct draw *draw, uint16_t state)
{
    const struct chart_state *facts = &draw->chart->states[state];
    struct draw_box box = {.state = state};
    struct words words = {.draw = draw};
    struct size inner;

    box.children = ARENA_ARRAY(draw->arena, struct draw_box, facts->child_count);
    for (uint16_t i = 0; i < facts->child_count; i++)
        box.children[i] = lay_out(draw, facts->children[i]);
    inner = arrange(box.children, facts->child_count);
    words.limit = inner.width < WORDS_MIN ? WORDS_MIN : inner.width;
    words.limit = words.limit > WORDS_MAX ? WORDS_MAX : words.limit;
    if (state == 0)
        add_words(&words, (struct draw_text){DRAW_HEAD, draw->title, TEXT_NONE, CHART_NONE, 0, 0},
                  0);
    else
        add_state(&words, state);
    for (size_t i = 0; i < words.count; i++) {
        words.items[i].x += PAD;
        words.items[i].y += PAD;
    }
    for (uint16_t i = 0; i < facts->child_count; i++) {
        box.children[i].x += PAD;
        box.children[i].y += PAD + words.y + GAP / 2;
    }
    box.texts = words.items;
    box.text_count = words.count;
    box.width = 2 * PAD + (inner.width > words.width ? inner.width : words.width);
    box.height = 2 * PAD + words.y + (facts->child_count > 0 ? GAP / 2 + inner.height : 0);
    return box;
}

struct draw_box draw_layout(const struct draw *draw)
{
    return lay_out(draw, 0);
}
