/* What is drawn of a line on paper, and where: letters in the order of the eye, marks on the letter
 * before them. For a font whose letters are all of one width. */
#ifndef SANKOFA_CLIENT_PEOPLE_GLYPHS_H
#define SANKOFA_CLIENT_PEOPLE_GLYPHS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;

struct glyph {
    struct text letter; /* as UTF-8 */
    size_t column;      /* from 0 */
    bool is_mark;       /* drawn over what stands in that column */
};

struct glyphs {
    struct glyph *items;
    size_t count;
    bool lacks_some; /* letters that the font does not have: boxes */
};

/* A line of UTF-8, which runs from left to right; what is Arabic in it is joined, and runs from
 * right to left. Lives in `arena`. */
struct glyphs glyphs_of(struct arena *arena, struct text line);

#endif
