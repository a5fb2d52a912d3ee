/* Recovery shares: a secret that opens a slot, in five pieces for five people, any three of which
 * give it back.
 *
 * A share is written for paper: four lines of four groups of four characters,
 *
 *   0J6R 1G2K 90TM ZW4C
 *
 * out of 32 that are not mistaken for one another (Crockford's: no I, L, O, U). A line is 9 bytes
 * and a CRC of them, so that a mistyped one is told by its number. Small letters, and O for 0, I or
 * L for 1, are understood; spaces, dashes and new lines mean nothing.
 *
 *   share     offset  bytes
 *   format         0      1  1 in the upper half, shares needed in the lower
 *   number         1      1  of this share, from 1: where the polynomial was taken
 *   set            2      2  the same in shares that belong together; a part of the secret's hash
 *   value          4     32 */
#ifndef SANKOFA_VAULT_SHARES_H
#define SANKOFA_VAULT_SHARES_H

#include <stddef.h>
#include <stdint.h>

#include "base/port.h"
#include "base/text.h"

struct arena;

enum {
    SHARES_MADE = 5,
    SHARES_NEEDED = 3,
    SHARES_SECRET_BYTES = 32,
    SHARES_LINES = 4,
    SHARES_LINE_BYTES = 4 * 4 + 3 + 1,                   /* with the new line behind it */
    SHARES_TEXT_BYTES = SHARES_LINES * SHARES_LINE_BYTES /* the last one's is a NUL */
};

/* A new secret and its shares. The caller wipes both. */
struct shares {
    uint8_t secret[SHARES_SECRET_BYTES];
    char texts[SHARES_MADE][SHARES_TEXT_BYTES];
};
void shares_make(const struct port_random *random, struct shares *shares_out);

/* Shares as they are typed one after the other, empty lines between them: pieces of `typed`. How
 * many; SHARES_MADE at most, what is behind them is left out. */
size_t shares_split(struct text typed, struct text shares_out[SHARES_MADE]);

/* What is wrong with shares that were typed. */
struct shares_fault {
    size_t share;  /* which of them, from 0 */
    unsigned line; /* of it, from 1; 0: it is too short or too long */
    size_t needed; /* -ENODATA */
};
/* The secret of at least as many shares as are needed; the first ones count. -EINVAL: one is
 * mistyped; -EPROTONOSUPPORT: one is of a newer version; -EEXIST: one was given twice; -EXDEV: one
 * belongs to another set; -ENODATA: they are too few; -EBADMSG: together they give no secret of
 * their set. */
int shares_combine(const struct text *texts, size_t count, uint8_t secret_out[SHARES_SECRET_BYTES],
                   struct shares_fault *fault_out);

/* What shares_combine found wrong, and what to do, in a sentence each; both end with a NUL. */
struct text shares_explain(int result, const struct shares_fault *fault, struct arena *arena,
                           struct text *hint_out);

/* The set that the shares of a secret say they are of. */
uint16_t shares_set_of(const uint8_t secret[SHARES_SECRET_BYTES]);

#endif
