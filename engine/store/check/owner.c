/* Whose an entry is that does not open: so that one case is put aside, and not all of them. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/state.h"
#include "store/store.h"

/* Whether the store has a case of that id: 1, 0 or -errno. What belongs to no case has a key too.
 */
static int is_known(const struct store *store, MDB_txn *txn, const struct vault_case_id *id)
{
    static const enum table tables[] = {TABLE_KEY, TABLE_CASE};
    MDB_val value;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        int result = tables_get(&store->tables, txn, tables[i], store_key_id(id), &value);
        if (result != -ENOENT)
            return result == 0 ? 1 : result;
    }
    return 0;
}

/* The id itself was changed: of all cases it is the one whose key opens the rest. */
static int try_all(const struct store *store, MDB_txn *txn, uint64_t seq, struct text sealed,
                   struct vault_case_id *id_out)
{
    ARENA_SCOPED struct arena *arena = arena_create("owner");
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    struct vault_place place = {table_name(TABLE_JOURNAL), &seq, sizeof(seq)};
    MDB_val key, value;
    int result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_KEY], &cursor));

    while (result == 0) {
        struct vault_case_id id;
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
        if (result < 0 || key.mv_size != sizeof(id.bytes))
            continue;
        memcpy(id.bytes, key.mv_data, sizeof(id.bytes));
        if (record_key_load(store, txn, &id) == 0 &&
            vault_unseal_as(store->vault, arena, &place, sealed, &id) == 0) {
            *id_out = id;
            return 0;
        }
        arena_reset(arena);
    }
    return result;
}

int store_owner(struct store *store, uint64_t seq, struct vault_case_id *id_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val value;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_JOURNAL, store_key_seq(&seq), &value);
    if (result < 0)
        return result;
    struct text sealed = {value.mv_data, value.mv_size};
    result = vault_claimed_id(sealed, id_out) ? is_known(store, txn, id_out) : 0;
    if (result != 0)
        return result < 0 ? result : 0;
    return try_all(store, txn, seq, sealed, id_out);
}
