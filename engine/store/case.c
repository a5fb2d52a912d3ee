/* Reading cases: snapshots, and the cards that lists are made of. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/state.h"

/* A snapshot and its card are written together: with different generations one of them was put
 * back to an older state. */
static int check_card(const struct store *store, MDB_txn *txn, const struct vault_case_id *id,
                      uint64_t generation)
{
    struct vault_case_id found;
    uint64_t card_generation;
    MDB_val card;
    int result = tables_get(&store->tables, txn, TABLE_CARD, store_key_id(id), &card);

    if (result < 0)
        return result == -ENOENT ? -EBADMSG : result;
    result = vault_peek((struct text){card.mv_data, card.mv_size}, &found, &card_generation);
    return result == 0 && card_generation != generation ? -EBADMSG : result;
}

int store_load_case(struct store *store, struct arena *arena, const struct vault_case_id *id,
                    uint64_t *seq_out, struct text *body_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val key = store_key_id(id), sealed;
    int result, key_result = 0;

    result = tables_begin_read(&store->tables, &txn);
    if (result < 0)
        return result;
    if (!vault_key_is_loaded(store->vault, id))
        key_result = record_key_load(store, txn, id);
    if (key_result < 0 && key_result != -ENOENT)
        return key_result;
    result = tables_get(&store->tables, txn, TABLE_CASE, key, &sealed);
    if (result == 0)
        result = record_open(store, txn, arena, TABLE_CASE, key, sealed, id, seq_out, body_out);
    if (result == 0)
        result = check_card(store, txn, id, *seq_out);
    return result;
}

int store_has_case(struct store *store, const struct vault_case_id *id)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val wrapped;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_KEY, store_key_id(id), &wrapped);
    if (result == -ENOENT)
        return 0;
    if (result == 0)
        result = erase_check(store->vault, id, wrapped);
    return result < 0 ? result : 1;
}

/* Every snapshot has its card: an index that lost one is damage that no card can tell. */
static int count_cards(const struct store *store, MDB_txn *txn, size_t *count_out)
{
    MDB_stat cases, cards;
    int result = tables_error(mdb_stat(txn, store->tables.handles[TABLE_CASE], &cases));

    if (result == 0)
        result = tables_error(mdb_stat(txn, store->tables.handles[TABLE_CARD], &cards));
    if (result < 0)
        return result;
    *count_out = cards.ms_entries;
    return cases.ms_entries != cards.ms_entries ? -EBADMSG : 0;
}

int store_each_card(struct store *store,
                    bool (*each)(void *self, const struct vault_case_id *id, uint64_t seq,
                                 struct text body),
                    void *self)
{
    ARENA_SCOPED struct arena *arena = arena_create("cards");
    TABLES_READ MDB_txn *txn = NULL;
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, sealed;
    size_t expected = 0, count = 0;
    bool more = true;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = count_cards(store, txn, &expected);
    if (result == 0)
        result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_CARD], &cursor));
    while (result == 0 && more) {
        struct vault_case_id id;
        struct text body;
        uint64_t seq;

        result = tables_error(mdb_cursor_get(cursor, &key, &sealed, MDB_NEXT));
        if (result == 0 && key.mv_size != sizeof(id.bytes))
            result = -EBADMSG;
        if (result < 0)
            break;
        memcpy(id.bytes, key.mv_data, sizeof(id.bytes));
        if (record_open(store, txn, arena, TABLE_CARD, key, sealed, &id, &seq, &body) < 0) {
            seq = 0;
            body = TEXT_NONE;
        }
        count++;
        more = each(self, &id, seq, body);
        arena_reset(arena);
    }
    if (result == -ENOENT)
        return count == expected ? 0 : -EBADMSG;
    return result;
}
