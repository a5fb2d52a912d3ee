/* Documents in the tables: chunks, each a sealed record of its own.
 *
 *   chunk   case id 16, document id 16, number 4, is last 1    -> sealed bytes
 *   mark    zeros 16, case id 16, document id 16               -> sealed, empty: it is under way
 *
 * The happy path:
 * 1. the first chunk comes with a mark, others follow, batch by batch;
 * 2. the batch with the entry that tells of the document takes the mark away: from then on it is
 *    kept.
 * Whatever is marked when a store is opened was cut short, and may go. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "store/state.h"
#include "vault/bytes.h"

struct chunk_key {
    struct vault_case_id id;
    struct store_document_id document;
    uint8_t number[4], is_last[1];
};
struct mark_key {
    struct vault_case_id none, id;
    struct store_document_id document;
};
_Static_assert(sizeof(struct chunk_key) == 37, "bytes only: no padding");
_Static_assert(sizeof(struct mark_key) == 48, "bytes only: no padding");

static MDB_val chunk_key(struct chunk_key *key, const struct vault_case_id *id,
                         const struct store_document_id *document, uint32_t number, bool is_last)
{
    *key = (struct chunk_key){.id = *id, .document = *document, .is_last = {is_last}};
    bytes_put_u32(key->number, number);
    return (MDB_val){sizeof(*key), key};
}

static MDB_val mark_key(struct mark_key *key, const struct vault_case_id *id,
                        const struct store_document_id *document)
{
    *key = (struct mark_key){.id = *id, .document = *document};
    return (MDB_val){sizeof(*key), key};
}

/* ---- Changes. ---- */

static int put_chunk(struct store *store, MDB_txn *txn, const struct store_document_change *change,
                     uint64_t generation)
{
    struct chunk_key chunk;
    struct mark_key mark;
    int result = 0;

    CHECK(change->bytes.size <= STORE_CHUNK_BYTES);
    CHECK(change->is_last || change->bytes.size == STORE_CHUNK_BYTES);
    if (change->number == 0)
        result =
            record_put(store, txn, TABLE_DOCUMENT, mark_key(&mark, &change->id, &change->document),
                       &store_no_case, generation, TEXT_NONE, MDB_NOOVERWRITE, NULL);
    if (result < 0)
        return result;
    return record_put(
        store, txn, TABLE_DOCUMENT,
        chunk_key(&chunk, &change->id, &change->document, change->number, change->is_last),
        &change->id, generation, change->bytes, MDB_NOOVERWRITE, NULL);
}

/* Keys first, then what they lead to: LMDB's cursors lose their way in what is deleted under them.
 * Returns how many went, or -errno. */
static int remove_some(struct store *store, MDB_txn *txn, struct text prefix)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key = {prefix.size, (void *)(uintptr_t)prefix.bytes}, value;
    struct chunk_key *keys = ARENA_ARRAY(store->batch, struct chunk_key, STORE_REMOVALS_MAX);
    int count = 0;
    int result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_DOCUMENT], &cursor));

    if (result == 0)
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE));
    while (result == 0 && count < STORE_REMOVALS_MAX && key.mv_size == sizeof(*keys) &&
           memcmp(key.mv_data, prefix.bytes, prefix.size) == 0) {
        memcpy(&keys[count++], key.mv_data, sizeof(*keys));
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
    }
    if (result == -ENOENT)
        result = 0;
    for (int i = 0; i < count && result == 0; i++)
        result = tables_remove(&store->tables, txn, TABLE_DOCUMENT,
                               (MDB_val){sizeof(keys[i]), &keys[i]});
    arena_reset(store->batch);
    return result < 0 ? result : count;
}

static int remove_mark(struct store *store, MDB_txn *txn,
                       const struct store_document_change *change)
{
    struct mark_key mark;

    return tables_remove(&store->tables, txn, TABLE_DOCUMENT,
                         mark_key(&mark, &change->id, &change->document));
}

/* All of one that is under way; nothing of it may have come yet. */
static int drop(struct store *store, MDB_txn *txn, const struct store_document_change *change)
{
    struct chunk_key first;
    struct text prefix = {(const char *)&first, sizeof(first.id) + sizeof(first.document)};
    int result = remove_mark(store, txn, change);

    chunk_key(&first, &change->id, &change->document, 0, false);
    if (result == -ENOENT)
        return 0;
    do
        result = result < 0 ? result : remove_some(store, txn, prefix);
    while (result == STORE_REMOVALS_MAX);
    return result < 0 ? result : 0;
}

int document_change(struct store *store, MDB_txn *txn, const struct store_document_change *change,
                    uint64_t generation)
{
    int result = 0;

    switch (change->act) {
    case STORE_CHUNK:
        return put_chunk(store, txn, change, generation);
    case STORE_KEEP:
        return remove_mark(store, txn, change);
    case STORE_DROP:
        return drop(store, txn, change);
    case STORE_REMOVE:
        result = remove_some(store, txn,
                             (struct text){(const char *)change->id.bytes, sizeof(change->id)});
        break;
    }
    return result < 0 ? result : 0;
}

/* ---- Reading. ---- */

int store_read_chunk(struct store *store, struct arena *arena, const struct vault_case_id *id,
                     const struct store_document_id *document, uint32_t number, bool is_last,
                     struct text *bytes_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    struct chunk_key key;
    MDB_val place = chunk_key(&key, id, document, number, is_last), sealed;
    uint64_t generation;
    int result = tables_begin_read(&store->tables, &txn);

    /* Also of a case whose key is still in memory. */
    if (result == 0)
        result = record_key_load(store, txn, id);
    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_DOCUMENT, place, &sealed);
    if (result == 0)
        result = record_open(store, txn, arena, TABLE_DOCUMENT, place, sealed, id, &generation,
                             bytes_out);
    return result == -ENOENT ? -EBADMSG : result;
}

/* The first key from `from` on. -ENOENT: there is none. */
static int first_from(const struct store *store, MDB_txn *txn, const void *from, size_t size,
                      MDB_cursor **cursor_out, MDB_val *key_out, MDB_val *value_out)
{
    int result =
        tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_DOCUMENT], cursor_out));

    *key_out = (MDB_val){size, (void *)(uintptr_t)from};
    if (result == 0)
        result = tables_error(mdb_cursor_get(*cursor_out, key_out, value_out, MDB_SET_RANGE));
    return result;
}

int store_has_documents(struct store *store, const struct vault_case_id *id)
{
    TABLES_READ MDB_txn *txn = NULL;
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = first_from(store, txn, id->bytes, sizeof(id->bytes), &cursor, &key, &value);
    if (result == -ENOENT)
        return 0;
    if (result < 0)
        return result;
    return key.mv_size == sizeof(struct chunk_key) &&
           memcmp(key.mv_data, id->bytes, sizeof(id->bytes)) == 0;
}

int store_has_last_chunk(struct store *store, const struct vault_case_id *id,
                         const struct store_document_id *document, uint32_t number)
{
    TABLES_READ MDB_txn *txn = NULL;
    struct chunk_key key;
    MDB_val place = chunk_key(&key, id, document, number, true), sealed;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_DOCUMENT, place, &sealed);
    return result == -ENOENT ? 0 : result < 0 ? result : 1;
}

static int open_mark(const struct store *store, MDB_txn *txn, struct arena *arena, MDB_val key,
                     MDB_val value)
{
    struct text empty;
    uint64_t generation;

    return record_open(store, txn, arena, TABLE_DOCUMENT, key, value, &store_no_case, &generation,
                       &empty);
}

int store_each_under_way(struct store *store,
                         void (*each)(void *self, const struct vault_case_id *id,
                                      const struct store_document_id *document),
                         void *self)
{
    ARENA_SCOPED struct arena *arena = arena_create("documents");
    TABLES_READ MDB_txn *txn = NULL;
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, value;
    struct mark_key mark;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result =
            first_from(store, txn, &store_no_case, sizeof(store_no_case), &cursor, &key, &value);
    while (result == 0 && key.mv_size == sizeof(mark)) {
        memcpy(&mark, key.mv_data, sizeof(mark));
        /* Nothing is removed because of a mark that somebody may have put there. */
        if (open_mark(store, txn, arena, key, value) == 0)
            each(self, &mark.id, &mark.document);
        else
            log_event(LOG_WARNING, "document.mark_damaged", "hint=\"run sankofa admin verify\"");
        arena_reset(arena);
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
    }
    return result == -ENOENT ? 0 : result;
}

/* ---- Checking. ---- */

static bool has(const struct store *store, MDB_txn *txn, MDB_val key)
{
    MDB_val value;

    return tables_get(&store->tables, txn, TABLE_DOCUMENT, key, &value) == 0;
}

/* Each chunk follows one, and but for the last one is followed. */
static bool is_in_chain(const struct store *store, MDB_txn *txn, const struct chunk_key *key)
{
    struct chunk_key other;
    uint32_t number = bytes_u32(key->number);
    bool follows = number == 0 ||
                   has(store, txn, chunk_key(&other, &key->id, &key->document, number - 1, false));

    return follows &&
           (key->is_last[0] ||
            has(store, txn, chunk_key(&other, &key->id, &key->document, number + 1, false)) ||
            has(store, txn, chunk_key(&other, &key->id, &key->document, number + 1, true)));
}

const char *document_check(const struct store *store, MDB_txn *txn, struct arena *arena,
                           MDB_val key, MDB_val value)
{
    struct chunk_key chunk;
    struct mark_key mark;
    struct text bytes;
    uint64_t generation;

    if (key.mv_size == sizeof(mark) &&
        memcmp(key.mv_data, &store_no_case, sizeof(store_no_case)) == 0)
        return open_mark(store, txn, arena, key, value) < 0
                   ? "does not open: it was changed or moved"
                   : NULL;
    if (key.mv_size != sizeof(chunk))
        return "has a key of another size";
    memcpy(&chunk, key.mv_data, sizeof(chunk));
    int result =
        record_open(store, txn, arena, TABLE_DOCUMENT, key, value, &chunk.id, &generation, &bytes);
    if (result == -EIDRM)
        return NULL; /* the case was erased a moment ago, and its documents are on their way out */
    if (result < 0)
        return "does not open: it was changed or moved";
    if (!has(store, txn, mark_key(&mark, &chunk.id, &chunk.document)) &&
        !is_in_chain(store, txn, &chunk))
        return "is of a document that has lost a part";
    return NULL;
}
