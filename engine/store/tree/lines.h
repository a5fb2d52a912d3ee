/* What the texts of notes and proofs are read with: strictly, piece by piece. */
#ifndef SANKOFA_STORE_TREE_LINES_H
#define SANKOFA_STORE_TREE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Up to `end`, which is skipped; false if it is not there. */
bool lines_take(struct text *rest, char end, struct text *piece_out);
/* A decimal without sign and needless zeros. */
bool lines_count(struct text text, uint64_t *count_out);

#endif
