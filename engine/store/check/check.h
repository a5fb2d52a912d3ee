/* What the parts of a verification share.
 *
 *   verify.c    pieces, findings
 *   history.c   entries, the tree, checkpoints
 *   records.c   the other tables, record by record */
#ifndef SANKOFA_STORE_CHECK_CHECK_H
#define SANKOFA_STORE_CHECK_CHECK_H

#include "store/state.h"
#include "store/tree/checkpoints.h"
#include "store/verify.h"

enum { CHECK_NOTES_MAX = CHECKPOINTS_KEPT + 8 };

struct check_note {
    uint64_t size;
    struct merkle_hash root;
    bool is_kept; /* by somebody else: not of the table */
};

struct store_verify {
    struct store *store;
    struct arena *arena; /* of the whole verification */
    struct arena *piece; /* emptied after each */
    uint64_t last;       /* the last entry that is looked at */
    uint64_t next;       /* the entry to look at next */
    struct merkle_edge *edge;
    struct check_note *notes; /* by size */
    size_t note_count, note_next;
    size_t table;   /* records.c: which one is walked */
    struct text at; /* the key that was looked at last; empty: none */
    bool is_begun;
    const char *(*look)(void *self, const struct store_read_entry *entry); /* NULL: nobody does */
    void *look_self;
    uint64_t entry_count, record_count, checkpoint_count, done, total;
    struct store_finding *findings;
    size_t finding_count;
    uint64_t finding_count_all;
};

void check_find(struct store_verify *verify, const char *table, uint64_t seq, struct text key,
                const char *what);
/* A key as a finding names it: a name as it is, else hexadecimal. */
struct text check_key(struct store_verify *verify, MDB_val key);

/* Reads the checkpoints. */
int check_history_begin(struct store_verify *verify, MDB_txn *txn);
/* Entries, at most `count_max`. 1: there are more; 0; or -errno. */
int check_history(struct store_verify *verify, MDB_txn *txn, size_t count_max);

/* How many records the other tables have. */
int check_records_begin(struct store_verify *verify, MDB_txn *txn);
int check_records(struct store_verify *verify, MDB_txn *txn, size_t count_max);

#endif
