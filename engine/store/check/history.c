/* Entries, tree, checkpoints.
 *
 * The happy path:
 * 1. the checkpoints are read, sorted by their sizes, and each one's signature checked;
 * 2. each entry is opened, and added to a tree that grows in memory;
 * 3. a tile that becomes full must be the stored one; a size that a checkpoint has must give its
 *    root;
 * 4. the table of tiles holds as many as the journal's length asks for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/check/check.h"
#include "store/tree/tiles.h"

static int compare_size(const void *a, const void *b)
{
    const struct check_note *one = a, *two = b;

    return (one->size > two->size) - (one->size < two->size);
}

static void take_note(struct store_verify *verify, MDB_val key, struct text text)
{
    const struct store *store = verify->store;
    struct note note;
    uint64_t size = 0, time_s;

    verify->checkpoint_count++;
    if (key.mv_size == sizeof(size))
        memcpy(&size, key.mv_data, sizeof(size));
    if (!note_read(text, &note) || note.checkpoint.size != size ||
        !text_equal(note.checkpoint.origin, store->audit_key.name) ||
        note_check(verify->piece, &note, &store->audit_key, &time_s) != NOTE_SIGNED)
        check_find(verify, "checkpoint", size, TEXT_NONE, N_("is not signed by this store"));
    else if (verify->note_count == CHECK_NOTES_MAX)
        check_find(verify, "checkpoint", size, TEXT_NONE, N_("is one more than are ever kept"));
    else
        verify->notes[verify->note_count++] =
            (struct check_note){size, note.checkpoint.root, false};
}

int check_history_begin(struct store_verify *verify, MDB_txn *txn)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, note;
    int result = tables_error(
        mdb_cursor_open(txn, verify->store->tables.handles[TABLE_CHECKPOINT], &cursor));

    while (result == 0) {
        result = tables_error(mdb_cursor_get(cursor, &key, &note, MDB_NEXT));
        if (result == 0)
            take_note(verify, key, (struct text){note.mv_data, note.mv_size});
    }
    if (verify->note_count > 0)
        qsort(verify->notes, verify->note_count, sizeof(*verify->notes), compare_size);
    return result == -ENOENT ? 0 : result;
}

/* ---- The tree. ---- */

/* What a tile is compared by. */
struct comparing {
    struct store_verify *verify;
    struct tiles tiles;
};

static void find_leaves(struct store_verify *verify, uint64_t number,
                        const struct merkle_hash *ours, const struct merkle_hash *stored)
{
    for (size_t i = 0; i < MERKLE_TILE_WIDTH; i++)
        if (memcmp(&ours[i], &stored[i], sizeof(ours[i])) != 0)
            check_find(verify, "tree", number * MERKLE_TILE_WIDTH + i + 1, TEXT_NONE,
                       N_("has another leaf for this entry than the journal"));
}

static int compare_tile(void *self, unsigned level, uint64_t number,
                        const struct merkle_hash tile[MERKLE_TILE_WIDTH])
{
    struct comparing *comparing = self;
    struct store_verify *verify = comparing->verify;
    struct merkle_hash stored[MERKLE_TILE_WIDTH];
    struct text name = text_printf(verify->piece, "%u/%llu", level, (unsigned long long)number);
    int result = tiles_get(&comparing->tiles, level, number, stored);

    if (result == -EBADMSG)
        check_find(verify, "tree", 0, name, N_("is missing, or of another size"));
    else if (result == 0 && memcmp(stored, tile, sizeof(stored)) != 0 && level == 0)
        find_leaves(verify, number, tile, stored);
    else if (result == 0 && memcmp(stored, tile, sizeof(stored)) != 0)
        check_find(verify, "tree", 0, name, N_("differs from the level below it"));
    return result == -EBADMSG ? 0 : result;
}

/* As many tiles as the journal asks for, as this transaction sees both. */
static int count_tiles(struct store_verify *verify, MDB_txn *txn)
{
    const struct tables *tables = &verify->store->tables;
    MDB_stat entries, tiles;
    uint64_t expected = 0;
    int result = tables_error(mdb_stat(txn, tables->handles[TABLE_JOURNAL], &entries));

    if (result == 0)
        result = tables_error(mdb_stat(txn, tables->handles[TABLE_TREE], &tiles));
    if (result < 0)
        return result;
    for (unsigned level = 0; level < MERKLE_LEVEL_COUNT; level++)
        expected += tiles_count(entries.ms_entries, level);
    if (tiles.ms_entries != expected)
        check_find(verify, "tree", 0, TEXT_NONE,
                   N_("has more or fewer tiles than the journal makes"));
    return 0;
}

/* ---- Entries. ---- */

static void compare_notes(struct store_verify *verify)
{
    struct merkle_hash root;

    while (verify->note_next < verify->note_count &&
           verify->notes[verify->note_next].size == verify->edge->size) {
        const struct check_note *note = &verify->notes[verify->note_next++];

        merkle_root(verify->edge, &root);
        if (memcmp(&root, &note->root, sizeof(root)) != 0)
            check_find(verify, note->is_kept ? "against" : "checkpoint", note->size, TEXT_NONE,
                       N_("is of another history: entries before it were changed"));
    }
}

/* Those that speak of entries which are not there. */
static void end_notes(struct store_verify *verify)
{
    for (; verify->note_next < verify->note_count; verify->note_next++) {
        const struct check_note *note = &verify->notes[verify->note_next];

        check_find(verify, note->is_kept ? "against" : "checkpoint", note->size, TEXT_NONE,
                   "knows more entries than the store has: it was put back to an older state");
    }
}

static int look_at_entry(struct store_verify *verify, MDB_txn *txn, uint64_t seq,
                         struct merkle_hash *leaf_out)
{
    const struct store *store = verify->store;
    MDB_val key = store_key_seq(&seq), sealed;
    struct store_read_entry entry;
    int result = tables_get(&store->tables, txn, TABLE_JOURNAL, key, &sealed);

    verify->entry_count++;
    if (result == -ENOENT) {
        check_find(verify, "journal", seq, TEXT_NONE, N_("is missing"));
        memset(leaf_out, 0, sizeof(*leaf_out));
        return 0;
    }
    if (result < 0)
        return result;
    merkle_leaf(sealed.mv_data, sealed.mv_size, leaf_out);
    result = journal_open_entry(store, txn, verify->piece, seq, key, sealed, &entry);
    if (result == -EBADMSG)
        check_find(verify, "journal", seq, TEXT_NONE, N_("does not open: it was changed or moved"));
    const char *what = result == 0 && !entry.is_erased && verify->look
                           ? verify->look(verify->look_self, &entry)
                           : NULL;
    if (what)
        check_find(verify, "journal", seq, TEXT_NONE, what);
    return result == -EBADMSG ? 0 : result;
}

int check_history(struct store_verify *verify, MDB_txn *txn, size_t count_max)
{
    struct comparing comparing = {verify, {&verify->store->tables, txn, verify->last}};
    int result = 0;

    compare_notes(verify); /* of size 0 */
    for (size_t i = 0; i < count_max && verify->next <= verify->last && result == 0; i++) {
        struct merkle_hash leaf;

        result = look_at_entry(verify, txn, verify->next, &leaf);
        if (result == 0)
            result = merkle_add(verify->edge, &leaf, compare_tile, &comparing);
        verify->next++;
        verify->done++;
        compare_notes(verify);
        arena_reset(verify->piece);
    }
    if (result < 0 || verify->next <= verify->last)
        return result < 0 ? result : 1;
    end_notes(verify);
    result = count_tiles(verify, txn);
    return result < 0 ? result : 1;
}
