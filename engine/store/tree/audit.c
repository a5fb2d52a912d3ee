/* Checkpoints, proofs and certificates as they are asked for. A proof is checked before it is given
 * away: a damaged tile makes none that looks like one. */
#include "store/audit.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/tree/certificate.h"
#include "store/tree/checkpoints.h"
#include "store/tree/public_key.h"
#include "store/tree/tiles.h"

bool store_history_differs(const struct store *store)
{
    return store->history_differs;
}

struct text store_audit_key(const struct store *store, struct arena *arena)
{
    return public_key_text(arena, &store->audit_key);
}

int store_newest_checkpoint(struct store *store, struct arena *arena, uint64_t *size_out,
                            struct text *note_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    struct note note;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = checkpoints_newest(store, txn, arena, note_out, &note);
    if (result == 0)
        *size_out = note.checkpoint.size;
    return result;
}

int store_each_checkpoint(struct store *store,
                          bool (*each)(void *self, uint64_t size, struct text note), void *self)
{
    TABLES_READ MDB_txn *txn = NULL;
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, note;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result =
            tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_CHECKPOINT], &cursor));
    if (result == 0)
        result = tables_error(mdb_cursor_get(cursor, &key, &note, MDB_LAST));
    while (result == 0) {
        uint64_t size = 0;

        if (key.mv_size == sizeof(size))
            memcpy(&size, key.mv_data, sizeof(size));
        if (!each(self, size, (struct text){note.mv_data, note.mv_size}))
            return 0;
        result = tables_error(mdb_cursor_get(cursor, &key, &note, MDB_PREV));
    }
    return result == -ENOENT ? 0 : result;
}

/* What both kinds of proof begin with. */
struct proving {
    struct tiles tiles;
    struct text note_text;
    struct note note;
    struct merkle_proof proof;
};

static int begin(struct store *store, struct arena *arena, MDB_txn **txn, struct proving *proving)
{
    int result;

    *proving = (struct proving){.tiles = {.tables = &store->tables, .size = store->last_seq}};
    result = tables_begin_read(&store->tables, txn);
    proving->tiles.txn = *txn;
    if (result == 0)
        result = checkpoints_newest(store, *txn, arena, &proving->note_text, &proving->note);
    if (result == 0 && proving->note.checkpoint.size > proving->tiles.size)
        result = -EBADMSG;
    return result == -ENOENT ? -EAGAIN : result;
}

/* The leaf is of the entry as it is stored now, whatever the tile says. */
static int prove_entry(struct proving *proving, uint64_t number, struct text *sealed_out)
{
    const struct checkpoint *checkpoint = &proving->note.checkpoint;
    struct merkle_source source = tiles_source(&proving->tiles);
    struct merkle_hash leaf;
    int result;

    if (number >= checkpoint->size)
        return -EAGAIN;
    result = tiles_entry(&proving->tiles, number + 1, sealed_out);
    if (result == 0)
        result = merkle_prove_leaf(&source, number, checkpoint->size, &proving->proof);
    if (result < 0)
        return result;
    merkle_leaf(sealed_out->bytes, sealed_out->size, &leaf);
    if (!merkle_check_leaf(&proving->proof, &leaf, number, checkpoint->size, &checkpoint->root))
        result = -EBADMSG;
    return result;
}

int store_prove_entry(struct store *store, struct arena *arena, uint64_t seq,
                      struct text *proof_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    struct proving proving;
    struct text sealed;
    int result;

    if (seq == 0 || seq > store->last_seq)
        return -ENOENT;
    result = begin(store, arena, &txn, &proving);
    if (result == 0)
        result = prove_entry(&proving, seq - 1, &sealed);
    if (result == 0)
        *proof_out = proof_write_leaf(arena, seq - 1, sealed, &proving.proof, proving.note_text);
    return result;
}

/* ---- Certificates. ---- */

/* The leaf of an entry that opens: nothing is signed about another one. */
static int read_leaf(struct store *store, struct arena *arena, uint64_t seq,
                     struct merkle_hash *leaf_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val key = store_key_seq(&seq), sealed;
    struct store_read_entry entry;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_JOURNAL, key, &sealed);
    if (result == 0)
        result = journal_open_entry(store, txn, arena, seq, key, sealed, &entry);
    if (result == 0 && entry.is_erased)
        result = -EBADMSG;
    if (result == 0)
        merkle_leaf(sealed.mv_data, sealed.mv_size, leaf_out);
    return result == -ENOENT ? -EBADMSG : result;
}

int store_certify(struct store *store, struct arena *arena, struct certificate *certificate,
                  struct text *note_out)
{
    int result = read_leaf(store, arena, certificate->seq, &certificate->leaf);

    certificate->store = store->audit_key.name;
    if (result == 0)
        *note_out = checkpoints_note(store, arena, certificate_body(arena, certificate));
    return result;
}

/* ---- Growth. ---- */

static int prove_growth(struct proving *proving, uint64_t old_size)
{
    const struct checkpoint *checkpoint = &proving->note.checkpoint;
    struct merkle_source source = tiles_source(&proving->tiles);
    struct merkle_hash old_root;
    int result;

    if (old_size > checkpoint->size)
        return -ERANGE;
    result = merkle_root_at(&source, old_size, &old_root);
    if (result == 0)
        result = merkle_prove_growth(&source, old_size, checkpoint->size, &proving->proof);
    if (result == 0 && !merkle_check_growth(&proving->proof, old_size, &old_root, checkpoint->size,
                                            &checkpoint->root))
        result = -EBADMSG;
    return result;
}

int store_prove_growth(struct store *store, struct arena *arena, uint64_t old_size,
                       struct text *proof_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    struct proving proving;
    int result = begin(store, arena, &txn, &proving);

    if (result == 0)
        result = prove_growth(&proving, old_size);
    if (result == 0)
        *proof_out = proof_write_growth(arena, old_size, &proving.proof, proving.note_text);
    return result;
}

int store_compare(struct store *store, struct text text, uint64_t *size_out)
{
    ARENA_SCOPED struct arena *arena = arena_create("compare");
    TABLES_READ MDB_txn *txn = NULL;
    struct tiles tiles = {&store->tables, NULL, store->last_seq};
    struct merkle_source source = tiles_source(&tiles);
    struct merkle_hash root;
    struct note note;
    uint64_t time_s;
    int result;

    if (!note_read(text, &note) || !text_equal(note.checkpoint.origin, store->audit_key.name) ||
        note_check(arena, &note, &store->audit_key, &time_s) != NOTE_SIGNED)
        return -EINVAL;
    *size_out = note.checkpoint.size;
    if (note.checkpoint.size > tiles.size)
        return -ERANGE;
    result = tables_begin_read(&store->tables, &txn);
    tiles.txn = txn;
    if (result == 0)
        result = merkle_root_at(&source, note.checkpoint.size, &root);
    if (result == 0 && memcmp(&root, &note.checkpoint.root, sizeof(root)) != 0)
        result = -EBADMSG;
    return result;
}
