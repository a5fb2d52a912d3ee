/* The store: the journal is the truth, snapshots and cards follow it. LMDB is known here alone.
 *
 * Words: *entry*, one sealed line of the journal, by seq; *snapshot*, a case as of a seq; *card*,
 * the few facts of a case that lists need; *horizon*, the seq up to which snapshots are complete.
 *
 * Everything is synchronous. store_commit is called by one thread at a time (the writer thread, or
 * the simulator's turn); everything else by the loop's thread, meanwhile or not. Bodies are JSON
 * text that the store does not read. */
#ifndef SANKOFA_STORE_STORE_H
#define SANKOFA_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/port.h"
#include "base/text.h"
#include "vault/vault.h"

struct arena;
struct store;

/* 2: with the sums of the tables (sums.h). */
enum { STORE_FORMAT = 2 };
static const uint64_t store_map_bytes = (uint64_t)16 << 30; /* where the options say 0 */

struct store_options {
    const char *path; /* the store's folder */
    struct vault_opener opener;
    int64_t now_ms;     /* store_create alone: when the first slot was made */
    uint64_t map_bytes; /* 0: store_map_bytes */
    /* store_open alone: what of the disk no work takes, so that erasing and stopping find room; 0:
     * nothing. */
    uint64_t ballast_bytes;
    bool demo; /* store_create alone: marks the store for ever */
    /* store_open alone: the program that walks the data file apart, with --walk. NULL: it is walked
     * in this process. */
    const char *walker;
    struct port_random random;
};

/* Makes the store: built in a temporary folder beside it, committed, synced, renamed, the parent
 * folder synced. -EEXIST if `path` is there already. Explains itself in `diags`. */
int store_create(const struct store_options *options, struct diag_list *diags);
/* Opens it: locks it for this process (-EBUSY), runs the vault's self test, opens the vault,
 * refuses a format it does not know (-EPROTONOSUPPORT) and network file systems (-EOPNOTSUPP).
 * -ENOENT: there is none; -EACCES: the opener opens no slot; -EBADMSG: it is damaged. Explains
 * itself in `diags`. */
int store_open(const struct store_options *options, struct diag_list *diags,
               struct store **store_out);
/* Whether there is something at `path` that could be a store, without a key: 0, or -errno explained
 * in `diags`. */
int store_probe(const char *path, struct diag_list *diags);
/* Accepts NULL. No batch may be under way. */
void store_close(struct store *store);

bool store_is_demo(const struct store *store);
struct vault *store_vault(const struct store *store);
/* The last seq of the journal; 0 while it is empty. */
uint64_t store_last_seq(const struct store *store);
/* Up to this seq every case's snapshot is in the table; as of the last commit or the opening. */
uint64_t store_horizon(const struct store *store);
/* The path of the data file, for messages. */
const char *store_path(const struct store *store);

/* Whether another batch may begin: -ENOSPC while the disk (statvfs) or the map lacks headroom for
 * `batch_bytes` more; `new_case` asks for the larger reserve kept for work on open cases: 5 % or
 * 256 MiB of the disk, 5 % of the map. Another -errno: the disk did not answer. */
int store_has_room(const struct store *store, size_t batch_bytes, bool new_case);

/* Which of them has too little: for the log. */
const char *store_full_of(const struct store *store, size_t batch_bytes);

/* Whether so many bytes of a document may come: the reserve for work on open cases stays free, and
 * a batch fits beside it. */
int store_has_room_for(const struct store *store, size_t batch_bytes, uint64_t document_bytes);

/* On a full disk: whether `bytes` can be written of what makes room (erasing a case) or ends the
 * work, the ballast given up if need be. 0, -ENOSPC, or another -errno. */
int store_may_make_room(const struct store *store, uint64_t bytes);
/* The same for the copy that `compacts` (below) asks for. */
int store_may_compact(const struct store *store);
/* Gives the ballast up if `bytes`, and the copy where the batch `compacts`, need it. */
void store_make_room(struct store *store, uint64_t bytes, bool compacts);
/* Makes the ballast anew if it was given up and work has room beside it. 0: it is there; -ENOSPC;
 * or another -errno. As the one above, the loop's alone. */
int store_keep_ballast(struct store *store);

/* A batch: what one commit writes. Everything in it is borrowed until store_commit returns. */
struct store_entry {
    uint64_t seq;            /* the batch's entries are consecutive and follow the journal's last */
    struct vault_case_id id; /* zero: an entry of no case */
    struct text body;
};
struct store_snapshot {
    struct vault_case_id id;
    uint64_t seq;           /* the case's last entry that it includes */
    struct text body, card; /* written in one transaction, with one generation */
};
struct store_key {
    struct vault_case_id id;
    const uint8_t *wrapped;
    size_t size;
};
struct store_workflow {
    uint8_t hash[VAULT_HASH_BYTES];
    uint64_t seq; /* of the entry that loaded it */
    struct text rendered;
};
struct store_meta {
    const char *name; /* "serials", "clock", at most 64 bytes: sealed as of id zero */
    struct text body;
};
/* Documents: bytes of a case that came from outside, in *chunks* of STORE_CHUNK_BYTES (the last one
 * holds the rest; of an empty document, nothing). A chunk's number and whether it is the last are
 * part of its LMDB key, and so bound into its seal, as are case and document: chunks cannot be cut
 * off, put into another order, or taken from elsewhere. A document is *under way* from its first
 * chunk until it is kept; what a crash leaves under way nobody refers to. */
enum {
    STORE_DOCUMENT_ID_BYTES = 16,
    STORE_CHUNK_BYTES = 65404, /* sealed, with LMDB's own header: 16 pages */
    STORE_REMOVALS_MAX = 256   /* of STORE_REMOVE in one batch */
};
struct store_document_id {
    uint8_t bytes[STORE_DOCUMENT_ID_BYTES]; /* random */
};
enum store_document_act {
    STORE_CHUNK, /* `number` 0 begins the document */
    STORE_KEEP,  /* it is whole, and an entry of this batch tells of it */
    STORE_DROP,  /* it was under way: all of it goes */
    STORE_REMOVE /* at most STORE_REMOVALS_MAX chunks of the case, whichever */
};
struct store_document_change {
    enum store_document_act act;
    struct vault_case_id id;
    struct store_document_id document; /* not of STORE_REMOVE */
    uint32_t number;                   /* of STORE_CHUNK, as the following */
    bool is_last;
    struct text bytes;
};
struct store_batch {
    uint64_t number; /* counted by the wheel, from 1 */
    const struct store_entry *entries;
    size_t entry_count;
    const struct store_snapshot *snapshots;
    size_t snapshot_count;
    const struct store_key *keys; /* of cases opened in this batch */
    size_t key_count;
    const struct store_workflow *workflows;
    size_t workflow_count;
    const struct store_meta *metas;
    size_t meta_count;
    const struct store_document_change *documents; /* carried out in this order */
    size_t document_count;
    uint64_t horizon; /* as it is once this batch is written; never lower than before */
    /* Of the keys, see store_rotation. */
    bool begins_epoch;
    size_t rewrap_count_max; /* data keys and cards that this batch brings under the epoch */
    /* A slot added once the batch is durable, or removed before that; NULL: none. So no slot opens
     * that no entry of this batch tells of, and none is said to be gone that is not. */
    const struct vault_slot_change *slot_change;
    /* Cases to erase: data key, snapshot and card are deleted; opening what is left of them (the
     * journal's entries) is -EIDRM from then on. `erased_seq` is the entry that tells of it. Begin
     * an epoch with it: their key is gone for good once the one before has ended. */
    const struct vault_case_id *erasures;
    size_t erasure_count;
    uint64_t erased_seq;
    bool compacts;      /* once durable, makes ready what store_compact swaps in */
    bool is_checkpoint; /* signs the tree as this batch leaves it (audit.h) */
};

/* Seals and writes the batch in one transaction, durable when it returns 0. Any error means that
 * the outcome is unknown: the caller must end the process; a second commit ends it by CHECK, as do
 * a gap in the seqs, a snapshot, definition or horizon ahead of the journal, and an empty card or
 * definition (reading tells damage by that), and an epoch without a place. Data keys that the
 * vault has wiped meanwhile are loaded again, from this batch's keys too. -ENOSPC, also where the
 * disk said EIO because it is full; -EEXIST: a key for a case that has one; -ENOENT: an entry of a
 * case that has none; or -errno. */
int store_commit(struct store *store, const struct store_batch *batch);

/* Replaces the data file by its compact copy, which the last batch made (`compacts`): no batch may
 * be under way, and no other thread may use the store. 0; -ENOTRECOVERABLE: the store cannot be
 * used any more, end the process; -ENOENT: that batch did not compact; or why there is no copy: the
 * data file stays as it is. */
int store_compact(struct store *store);

/* Rotation: everything that an epoch's key protects is brought under a new one, while the store is
 * in use; then the old one is destroyed.
 * 1. A batch with `begins_epoch` (and perhaps what shall go with the old one: an erased case's
 *    records) puts a new epoch into the slots file before its transaction begins.
 * 2. As long as `is_pending`, each batch (one without any record will do) has a rewrap_count_max:
 *    so many data keys and cards are wrapped and sealed anew in its transaction.
 * 3. The batch that leaves none under a retired epoch destroys them in both copies of the slots
 *    file once it is durable, and is_pending is false. Never the batch that began the epoch: the
 *    keys that were made meanwhile for the next are brought under the new one when they are put.
 * After a crash at any point the store opens with is_pending as it was, and 2 goes on. A data key
 * or card that is damaged cannot be brought along; it is told in the log (store.rewrap_damaged). */
struct store_rotation {
    bool is_pending; /* there are retired epochs */
    bool may_begin;  /* the slots file has a place for one more epoch; else finish this one first */
    uint32_t epoch;  /* the current one */
    uint64_t done_count,
        total_count; /* records looked at since the start or the epoch's beginning */
};
/* As of the last commit, or the opening. */
struct store_rotation store_rotation(const struct store *store);

/* Entries of seq >= `from`, at most `count_max`, in order; `each` returns false to stop. Body and
 * what it points to are borrowed for the call. Returns the number read, or -EBADMSG with *bad_out
 * set to the seq of the damaged or missing one; those before it were shown. `each` may call the
 * store's other reading functions. */
struct store_read_entry {
    uint64_t seq;
    struct vault_case_id id;
    struct text body;
    bool is_erased; /* its case was: the body is empty, and nobody can open it any more */
};
int store_read(struct store *store, uint64_t from, size_t count_max,
               bool (*each)(void *self, const struct store_read_entry *entry), void *self,
               uint64_t *bad_out);
/* One entry. -ENOENT, -EBADMSG (its id is told all the same, where it has one: of an erased case
 * nothing opens). The body lives in `arena`. */
int store_read_one(struct store *store, struct arena *arena, uint64_t seq,
                   struct store_read_entry *entry_out);

/* Whose entry `seq` is, though it is damaged: as far as its id, or what it was sealed with, tells.
 * -ENOENT: there is no such entry, or it does not tell; or -errno. */
int store_owner(struct store *store, uint64_t seq, struct vault_case_id *id_out);

/* The snapshot of a case and its seq, and the case's data key made ready in the vault. -ENOENT:
 * there is no snapshot (yet); the key is made ready all the same if the case has one. -EIDRM: the
 * case was erased. -EBADMSG: the key or the snapshot is damaged, or its card is not of the same
 * generation. */
int store_load_case(struct store *store, struct arena *arena, const struct vault_case_id *id,
                    uint64_t *seq_out, struct text *body_out);
/* Whether a case of this id was ever opened: its data key is in the table. 1, 0, -EIDRM: it was,
 * and is erased; or -errno. */
int store_has_case(struct store *store, const struct vault_case_id *id);

/* Every card, each once. Damaged ones are reported by `each` with an empty body and seq 0. 0, or
 * -EBADMSG: a card or a snapshot is missing; or -errno. */
int store_each_card(struct store *store,
                    bool (*each)(void *self, const struct vault_case_id *id, uint64_t seq,
                                 struct text body),
                    void *self);
/* Every stored definition, oldest seq first. The same borrowing; damaged ones are reported by
 * `each` with an empty `rendered`. */
int store_each_workflow(struct store *store,
                        bool (*each)(void *self, const struct store_workflow *workflow),
                        void *self);
/* One chunk, into `arena`. -EBADMSG: it is damaged, or not there; -EIDRM: the case was erased; or
 * -errno. */
int store_read_chunk(struct store *store, struct arena *arena, const struct vault_case_id *id,
                     const struct store_document_id *document, uint32_t number, bool is_last,
                     struct text *bytes_out);
/* Whether a document ends with that chunk: 1, 0 or -errno. */
int store_has_last_chunk(struct store *store, const struct vault_case_id *id,
                         const struct store_document_id *document, uint32_t number);
/* Whether there is any chunk of the case: 1, 0 or -errno. */
int store_has_documents(struct store *store, const struct vault_case_id *id);
/* Every document that is under way; where a mark of one is damaged, that is told in the log. 0, or
 * -errno. */
int store_each_under_way(struct store *store,
                         void (*each)(void *self, const struct vault_case_id *id,
                                      const struct store_document_id *document),
                         void *self);

/* -ENOENT, -EBADMSG. */
int store_read_meta(struct store *store, struct arena *arena, const char *name,
                    struct text *body_out);

#endif
