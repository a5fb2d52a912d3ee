/* Reading the journal. It has no gaps: a missing seq is damage like a changed one. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "store/state.h"

int journal_open_entry(const struct store *store, MDB_txn *txn, struct arena *arena, uint64_t seq,
                       MDB_val key, MDB_val sealed, struct store_read_entry *entry_out)
{
    struct text text = {sealed.mv_data, sealed.mv_size};
    uint64_t found = 0, generation;
    int result;

    if (key.mv_size == sizeof(found))
        memcpy(&found, key.mv_data, sizeof(found));
    if (found != seq || vault_peek(text, &entry_out->id, &generation) < 0)
        return -EBADMSG;
    result = record_open(store, txn, arena, TABLE_JOURNAL, key, sealed, &entry_out->id, &generation,
                         &entry_out->body);
    entry_out->seq = seq;
    entry_out->is_erased = result == -EIDRM;
    if (entry_out->is_erased) {
        entry_out->body = TEXT_NONE;
        result = 0;
    }
    return result == 0 && generation != seq ? -EBADMSG : result;
}

int store_read(struct store *store, uint64_t from, size_t count_max,
               bool (*each)(void *self, const struct store_read_entry *entry), void *self,
               uint64_t *bad_out)
{
    ARENA_SCOPED struct arena *arena = arena_create("read");
    TABLES_READ MDB_txn *txn = NULL;
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    uint64_t seq = from ? from : 1, last = store->last_seq;
    MDB_val key = store_key_seq(&seq), value;
    bool more = true;
    int result, count = 0;

    CHECK(count_max <= INT_MAX);
    result = tables_begin_read(&store->tables, &txn);
    if (result == 0)
        result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_JOURNAL], &cursor));
    for (; result == 0 && more && seq <= last && count < (int)count_max; seq++) {
        struct store_read_entry entry;

        *bad_out = seq;
        result = tables_error(mdb_cursor_get(cursor, &key, &value, count ? MDB_NEXT : MDB_SET_KEY));
        if (result == 0)
            result = journal_open_entry(store, txn, arena, seq, key, value, &entry);
        if (result < 0)
            break;
        count++;
        more = each(self, &entry);
        arena_reset(arena);
    }
    if (result == -ENOENT)
        result = -EBADMSG;
    return result < 0 ? result : count;
}

int store_read_one(struct store *store, struct arena *arena, uint64_t seq,
                   struct store_read_entry *entry_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val key = store_key_seq(&seq), value;
    int result;

    if (seq == 0 || seq > store->last_seq)
        return -ENOENT;
    result = tables_begin_read(&store->tables, &txn);
    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_JOURNAL, key, &value);
    if (result == 0)
        result = journal_open_entry(store, txn, arena, seq, key, value, entry_out);
    return result == -ENOENT ? -EBADMSG : result;
}
