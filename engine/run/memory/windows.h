/* What was read a little while ago, by whom: so that who looks at a case again and again makes one
 * entry of the journal in a while, not one a look. In memory alone: after a start it is empty. */
#ifndef SANKOFA_RUN_WINDOWS_H
#define SANKOFA_RUN_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "run/memory/table.h"

enum { WINDOWS_MAX = 1 << 16 }; /* then the oldest is forgotten: one entry more, at most */

struct window {
    int64_t until_ms;
    uint64_t batch; /* that holds the entry */
    struct window *younger;
    struct text key; /* its bytes follow */
};

/* All are equally long, so that the first that was made is the first that ends. */
struct windows {
    struct table by_key;
    struct window *oldest, *youngest;
};

void windows_init(struct windows *windows);
void windows_finish(struct windows *windows);

/* The one of that key that is open at `now_ms`; NULL: there is none. Forgets those that ended. */
const struct window *windows_find(struct windows *windows, struct text key, int64_t now_ms);
/* Opens one; there is none of that key. The key is copied. */
const struct window *windows_add(struct windows *windows, struct text key, int64_t until_ms,
                                 uint64_t batch);

#endif
