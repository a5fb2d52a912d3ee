/* Checkpoints: signed in the commit, compared at the opening. */
#include "store/tree/checkpoints.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/tree/tiles.h"

struct note_key checkpoints_key(const struct vault *vault, struct arena *arena)
{
    struct note_key key = {.kind = NOTE_LOG};
    struct text id = text_hex(arena, vault_store_id(vault), VAULT_STORE_ID_BYTES);

    key.name = text_printf(arena, "sankofa/%.*s", TEXT_ARG(id));
    vault_public_key(vault, key.public_key);
    return key;
}

/* The oldest goes once there are too many. */
static int trim(const struct store *store, MDB_txn *txn)
{
    MDB_dbi table = store->tables.handles[TABLE_CHECKPOINT];
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, note;
    MDB_stat stat;
    int result = tables_error(mdb_stat(txn, table, &stat));

    if (result < 0 || stat.ms_entries <= CHECKPOINTS_KEPT)
        return result;
    result = tables_error(mdb_cursor_open(txn, table, &cursor));
    if (result == 0)
        result = tables_error(mdb_cursor_get(cursor, &key, &note, MDB_FIRST));
    return result == 0 ? tables_error(mdb_cursor_del(cursor, 0)) : result;
}

struct text checkpoints_note(const struct store *store, struct arena *arena, struct text body)
{
    uint8_t signature[SIGN_BYTES];
    struct text line;

    vault_sign(store->vault, body.bytes, body.size, signature);
    line = note_log_line(arena, &store->audit_key, signature);
    return text_printf(arena, "%.*s\n%.*s", TEXT_ARG(body), TEXT_ARG(line));
}

static struct text sign(struct store *store, struct arena *arena)
{
    struct checkpoint checkpoint = {.origin = store->audit_key.name, .size = store->edge->size};

    merkle_root(store->edge, &checkpoint.root);
    return checkpoints_note(store, arena, checkpoint_body(arena, &checkpoint));
}

int checkpoints_sign(struct store *store, MDB_txn *txn)
{
    uint64_t size = store->edge->size;
    struct text note;
    int result;

    if (store->history_differs)
        return 0;
    note = sign(store, store->batch);
    result = tables_put(&store->tables, txn, TABLE_CHECKPOINT, store_key_seq(&size),
                        (MDB_val){note.size, (void *)(uintptr_t)note.bytes}, MDB_NOOVERWRITE);
    arena_reset(store->batch);
    if (result == -EEXIST)
        return 0;
    return result == 0 ? trim(store, txn) : result;
}

static bool is_good(const struct store *store, struct arena *arena, MDB_val key, struct text note,
                    struct note *read_out)
{
    uint64_t size = 0, time_s;

    if (key.mv_size == sizeof(size))
        memcpy(&size, key.mv_data, sizeof(size));
    return note_read(note, read_out) && read_out->checkpoint.size == size &&
           text_equal(read_out->checkpoint.origin, store->audit_key.name) &&
           note_check(arena, read_out, &store->audit_key, &time_s) == NOTE_SIGNED;
}

int checkpoints_newest(const struct store *store, MDB_txn *txn, struct arena *arena,
                       struct text *note_out, struct note *read_out)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int result =
        tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_CHECKPOINT], &cursor));

    if (result == 0)
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_LAST));
    while (result == 0) {
        *note_out = text_copy(arena, (struct text){value.mv_data, value.mv_size});
        if (is_good(store, arena, key, *note_out, read_out))
            return 0;
        log_event(LOG_ERROR, "store.checkpoint_damaged", "bytes=%zu", value.mv_size);
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_PREV));
    }
    return result;
}

/* -ENOENT: nothing was signed yet. -EBADMSG: the history is not the one that was. */
static int compare(const struct store *store, struct tiles *tiles, struct arena *arena,
                   uint64_t *signed_out)
{
    struct merkle_source source = tiles_source(tiles);
    struct merkle_hash root;
    struct text text;
    struct note note;
    int result = checkpoints_newest(store, tiles->txn, arena, &text, &note);

    if (result < 0)
        return result;
    *signed_out = note.checkpoint.size;
    if (note.checkpoint.size > tiles->size)
        return -EBADMSG;
    result = merkle_root_at(&source, note.checkpoint.size, &root);
    if (result == 0 && memcmp(&root, &note.checkpoint.root, sizeof(root)) != 0)
        result = -EBADMSG;
    return result;
}

int checkpoints_open(struct store *store, MDB_txn *txn)
{
    ARENA_SCOPED struct arena *arena = arena_create("checkpoints");
    struct tiles tiles = {&store->tables, txn, store->last_seq};
    uint64_t size = 0;
    int result, edge_result;

    store->edge = ARENA_NEW(store->arena, struct merkle_edge);
    store->audit_key = checkpoints_key(store->vault, store->arena);
    edge_result = tiles_read_edge(&tiles, store->edge);
    if (edge_result < 0 && edge_result != -EBADMSG)
        return edge_result;
    result = compare(store, &tiles, arena, &size);
    if (result < 0 && result != -EBADMSG && result != -ENOENT)
        return result;
    store->history_differs = edge_result < 0 || result == -EBADMSG;
    if (store->history_differs)
        log_event(LOG_ERROR, "store.history_differs", "entries=%" PRIu64 " checkpoint=%" PRIu64,
                  (uint64_t)store->last_seq, size);
    return 0;
}
