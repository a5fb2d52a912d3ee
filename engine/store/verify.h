/* Checking a whole store, a piece at a time: the tree against the entries, the checkpoints against
 * the tree, every record by opening it. Loop's thread; batches may be written meanwhile. What it
 * says holds for the entries that were there when it began. */
#ifndef SANKOFA_STORE_VERIFY_H
#define SANKOFA_STORE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct store;
struct store_read_entry;
struct store_verify;

enum { STORE_FINDINGS_MAX = 1000 }; /* kept; all are counted */

struct store_finding {
    const char *table;
    uint64_t seq;    /* of an entry, the size of a checkpoint; else 0 */
    struct text key; /* of another record, hexadecimal or a name; else empty */
    const char *what;
};

struct store_verified {
    uint64_t entry_count, checkpoint_count, record_count; /* looked at */
    uint64_t done, total;                                 /* records, for a progress bar */
    const struct store_finding *findings;
    size_t finding_count;       /* in `findings` */
    uint64_t finding_count_all; /* 0: the store is whole */
};

struct store_verify *store_verify_create(struct store *store);
/* Accepts NULL. */
void store_verify_destroy(struct store_verify *verify);
/* A checkpoint that somebody kept: it must be one of this history. Before the first piece. -EINVAL:
 * it is no checkpoint that this store signed. */
int store_verify_against(struct store_verify *verify, struct text note);
/* Shows each entry that opens to `look`, which tells what is wrong with what it speaks of: a
 * literal, NULL: nothing. Before the first piece. */
void store_verify_entries(struct store_verify *verify,
                          const char *(*look)(void *self, const struct store_read_entry *entry),
                          void *self);
/* Looks at `count_max` records. 1: there is more; 0: it is over; or -errno: the store cannot be
 * read at all. */
int store_verify_piece(struct store_verify *verify, size_t count_max);
/* Borrowed from `verify`. */
struct store_verified store_verify_result(const struct store_verify *verify);

#endif
