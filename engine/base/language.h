/* Which language a text comes in, of those there are. Wanted ones are a list in one text: tags in
 * small letters, the best first, with spaces between; "*" is any other, "-x" is not x. */
#ifndef SANKOFA_BASE_LANGUAGE_H
#define SANKOFA_BASE_LANGUAGE_H

#include <stddef.h>

#include "base/text.h"

struct arena;

/* The list that an Accept-Language wants (RFC 9110, 12.5.4), or a single tag: by weight, of equal
 * ones the first; behind a tag with a region comes the language alone. What is no range is passed
 * over, and what stands behind the sixteenth. TEXT_NONE: nothing is wanted. */
struct text language_wanted(struct arena *arena, struct text header);
/* The weight among the parameters of one that is wanted (";q=0.5"), 0 to 1; 1 where there is none,
 * and 0 where it is none. */
double language_weight(struct text parameters);
/* The best of `count` tags for `wanted`, as written there; TEXT_NONE: none of them is wanted. */
struct text language_choose(struct text wanted, const struct text *tags, size_t count);

#endif
