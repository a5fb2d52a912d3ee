/* What an open store holds; known to the store's own files. */
#ifndef SANKOFA_STORE_STATE_H
#define SANKOFA_STORE_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"
#include "store/sums.h"
#include "store/tables.h"
#include "store/tree/merkle.h"
#include "store/tree/note.h"

/* Files in the store's folder. LMDB's own are data.mdb and lock.mdb. */
#define STORE_SLOTS_FILE   "slots"
#define STORE_LOCK_FILE    "lock"
#define STORE_HEAD_FILE    "head"
#define STORE_DATA_FILE    "data.mdb"
#define STORE_COPY_FILE    "data.mdb.new" /* on its way to become the data file (compact.c) */
#define STORE_AUDIT_FILE   "audit.pub"
#define STORE_BALLAST_FILE "ballast"

enum { STORE_META_NAME_BYTES_MAX = 64, STORE_META_KEY_BYTES_MAX = STORE_META_NAME_BYTES_MAX + 8 };

/* How far the re-wrapping has come; the writer's, the atomic ones are read by any thread. After a
 * start it begins anew, and finds quickly what is done already. */
struct rotation {
    size_t table;  /* which of the tables under an epoch; beyond them: all are done */
    bool has_last; /* `last` of that table is done, and all before it */
    struct vault_case_id last;
    _Atomic bool is_pending, may_begin;
    _Atomic uint32_t epoch;
    _Atomic uint64_t done_count, total_count;
};

struct store {
    struct arena *arena; /* of the store's life */
    struct arena *batch; /* of the writer, emptied after each record */
    const char *folder, *data_path;
    int lock_fd, head_fd;
    bool demo;
    struct vault *vault;
    struct tables tables;
    struct rotation rotation;
    struct note_key audit_key; /* what checkpoints are signed with */
    struct merkle_edge *edge;  /* writer alone, once the store is open */
    int compaction;            /* 1: a copy is ready; below 0: why there is none (compact.c) */
    struct sums sums;          /* writer alone, once the store is open */
    /* Cases were put back, found at the opening: snapshots up to this seq are made anew. 0: none
     * were, or all are right again. */
    _Atomic uint64_t differs_until;
    bool history_differs;   /* found at the opening: nothing is signed any more */
    bool failed;            /* writer alone: a commit failed, nothing may be written any more */
    bool head_is_failing;   /* writer alone: told once */
    uint64_t ballast_bytes; /* 0: none is kept */
    _Atomic bool ballast_is_held;
    /* Written by the writer after a commit, read by any thread. */
    _Atomic uint64_t last_seq, horizon, map_bytes, used_bytes;
};

/* Facts that must be readable before anything is unsealed stand in table meta in clear, each with
 * a MAC by a key of the root: a flipped bit in the horizon would hide entries from recovery. The
 * fact `format` keeps this shape in every format to come. */
#define STORE_FACT_FORMAT  "format"
#define STORE_FACT_STORE   "store"
#define STORE_FACT_DEMO    "demo"
#define STORE_FACT_HORIZON "horizon"
enum { STORE_FACT_BYTES_MAX = 32 };
/* One more stands in clear: MACs themselves (sums.h). */
#define STORE_FACT_SUMS "sums"
enum { STORE_SUMS_BYTES = 32 };

int fact_put(const struct tables *tables, MDB_txn *txn, struct vault *vault, const char *name,
             const void *bytes, size_t size);
/* -EBADMSG: it is missing, of another size, or its MAC does not fit. */
int fact_get(const struct tables *tables, MDB_txn *txn, struct vault *vault, const char *name,
             void *bytes_out, size_t size);

/* The id of what belongs to no case. */
extern const struct vault_case_id store_no_case;

static inline MDB_val store_key_id(const struct vault_case_id *id)
{
    return (MDB_val){sizeof(id->bytes), (void *)(uintptr_t)id->bytes};
}
static inline MDB_val store_key_seq(const uint64_t *seq)
{
    return (MDB_val){sizeof(*seq), (void *)(uintptr_t)seq};
}

/* The key of a named body: never that of a clear fact. It borrows `key_out`. */
MDB_val store_key_meta(const char *name, char key_out[STORE_META_KEY_BYTES_MAX]);

/* Makes the data key of `id` ready in the vault, from table key. -ENOENT, -EBADMSG. */
int record_key_load(const struct store *store, MDB_txn *txn, const struct vault_case_id *id);
/* Seals `plain` for its place and puts it there; a data key that the vault no longer has in memory
 * is loaded again. `leaf_out`: the tree's hash of the sealed bytes; NULL: not asked for. */
int record_put(struct store *store, MDB_txn *txn, enum table table, MDB_val key,
               const struct vault_case_id *id, uint64_t generation, struct text plain,
               unsigned int flags, struct merkle_hash *leaf_out);
/* Opens what stands at a place. `id` is whose it must be; the plaintext lives in `arena`.
 * -EBADMSG: it is damaged, of another id, or its data key is missing. */
int record_open(const struct store *store, MDB_txn *txn, struct arena *arena, enum table table,
                MDB_val key, MDB_val sealed, const struct vault_case_id *id,
                uint64_t *generation_out, struct text *plain_out);

/* journal.c: the entry found at `key`, which must be `seq`. -EBADMSG. */
int journal_open_entry(const struct store *store, MDB_txn *txn, struct arena *arena, uint64_t seq,
                       MDB_val key, MDB_val sealed, struct store_read_entry *entry_out);
/* workflow.c: whether a key of table meta is one of a clear fact. */
bool meta_is_fact(MDB_val key);
/* erase.c */
enum { STORE_STONE_BYTES = 1 + 8 + VAULT_HASH_BYTES };
/* What stands in the place of a data key: 0: no stone; -EIDRM: the case was erased; -EBADMSG: the
 * stone is damaged. */
int erase_check(struct vault *vault, const struct vault_case_id *id, MDB_val value);
/* Removes the case's records, its data key too; entry `seq` tells of it. */
int erase_case(struct store *store, MDB_txn *txn, const struct vault_case_id *id, uint64_t seq);

/* document.c */
/* What the batch asks for; `generation`: its last seq. */
int document_change(struct store *store, MDB_txn *txn, const struct store_document_change *change,
                    uint64_t generation);
/* What is wrong with a record of table document, which stands where it was found; NULL: nothing. */
const char *document_check(const struct store *store, MDB_txn *txn, struct arena *arena,
                           MDB_val key, MDB_val value);

/* facts.c: at the opening, each explained in `diags`. */
extern const char store_help_restore[];
/* Format, store id, horizon, the journal's end, the tree's edge. -EPROTONOSUPPORT, -EBADMSG or
 * another -errno. */
int facts_read(struct store *store, struct diag_list *diags);
/* Whether the tables beside the journal are those of its end (sums.h). -EBADMSG or another -errno.
 */
int facts_compare(struct store *store, struct diag_list *diags);

/* ballast.c */
/* What of the ballast no file holds: so much of the free disk is not there for work. */
uint64_t ballast_missing(const struct store *store);
/* At the opening, which writes a little itself. */
void ballast_open(struct store *store, uint64_t bytes);

/* compact.c */
/* Writer, after a commit: the copy is beside the data file, or store->compaction says why not. */
void compact_copy(struct store *store);
/* At the opening: removes what a crash has left. */
void compact_clear(const struct store *store);

/* rotation.c, in the order of a commit. */
/* Before the transaction: begins the epoch that the batch asks for. */
int rotation_begin(struct store *store, const struct store_batch *batch);
/* A data key as it is to be put: the loop may have made it before the epoch began. */
int rotation_key(struct store *store, const struct store_key *key,
                 uint8_t anew[VAULT_WRAPPED_KEY_BYTES_MAX], MDB_val *value_out);
/* At the end of the transaction: brings the batch's share under the epoch. */
int rotation_rewrap(struct store *store, MDB_txn *txn, const struct store_batch *batch);
/* Once it is durable: destroys the retired epochs if nothing is left under them. */
int rotation_end(struct store *store, const struct store_batch *batch);
/* At the opening: finds what a process before this one has left to do. */
void rotation_open(struct store *store);

#endif
