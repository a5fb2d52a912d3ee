/* Bringing data keys and cards under a new epoch, a share with each batch.
 *
 * The tables are walked in the order of their keys. What is put behind the walk is under the
 * current epoch already: cards are sealed and keys wrapped with it in the batch that puts them. So
 * once the walk is through, nothing is under a retired one. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "store/state.h"

/* Looking is cheap beside wrapping, and must end all the same. */
enum { LOOKS_PER_WRAP = 16 };

/* One record of a table. 1: *value_out is what shall stand there; 0: it may stay; -EBADMSG. */
static int rewrap_key(struct store *store, const struct vault_case_id *id, MDB_val value,
                      MDB_val *value_out)
{
    uint8_t *anew = arena_alloc(store->batch, VAULT_WRAPPED_KEY_BYTES_MAX);

    value_out->mv_data = anew;
    return vault_key_rewrap(store->vault, id, value.mv_data, value.mv_size, anew,
                            &value_out->mv_size);
}

static int reseal_card(struct store *store, const struct vault_case_id *id, MDB_val value,
                       MDB_val *value_out)
{
    struct vault_place place = {table_name(TABLE_CARD), id->bytes, sizeof(id->bytes)};
    struct text anew = TEXT_NONE;
    int result = vault_card_reseal(store->vault, store->batch, &place,
                                   (struct text){value.mv_data, value.mv_size}, &anew);

    *value_out = (MDB_val){anew.size, (void *)(uintptr_t)anew.bytes};
    return result;
}

/* What is under an epoch. */
static const struct {
    enum table table;
    int (*renew)(struct store *store, const struct vault_case_id *id, MDB_val value,
                 MDB_val *value_out);
} walks[] = {
    {TABLE_KEY, rewrap_key},
    {TABLE_CARD, reseal_card},
};
static const size_t walk_count = sizeof(walks) / sizeof(walks[0]);

static void restart(struct rotation *rotation)
{
    rotation->table = 0;
    rotation->has_last = false;
    rotation->done_count = 0;
}

static void tell(struct store *store)
{
    store->rotation.epoch = vault_epoch(store->vault);
    store->rotation.may_begin = vault_epoch_may_begin(store->vault);
    store->rotation.is_pending = vault_epoch_retired_count(store->vault) > 0;
}

void rotation_open(struct store *store)
{
    restart(&store->rotation);
    tell(store);
}

struct store_rotation store_rotation(const struct store *store)
{
    const struct rotation *rotation = &store->rotation;

    return (struct store_rotation){.is_pending = rotation->is_pending,
                                   .may_begin = rotation->may_begin,
                                   .epoch = rotation->epoch,
                                   .done_count = rotation->done_count,
                                   .total_count = rotation->total_count};
}

int rotation_begin(struct store *store, const struct store_batch *batch)
{
    int result;

    if (!batch->begins_epoch)
        return 0;
    CHECK(vault_epoch_may_begin(store->vault));
    result = vault_epoch_begin(store->vault);
    if (result < 0)
        return result;
    restart(&store->rotation);
    tell(store);
    return 0;
}

int rotation_key(struct store *store, const struct store_key *key,
                 uint8_t anew[VAULT_WRAPPED_KEY_BYTES_MAX], MDB_val *value_out)
{
    size_t size;
    int result = vault_key_rewrap(store->vault, &key->id, key->wrapped, key->size, anew, &size);

    *value_out =
        result > 0 ? (MDB_val){size, anew} : (MDB_val){key->size, (void *)(uintptr_t)key->wrapped};
    return result < 0 ? result : 0;
}

/* The record under the cursor. Damage is told and left as it is: nobody can open it any more. */
static int renew_here(struct store *store, MDB_cursor *cursor, MDB_val key, MDB_val value,
                      size_t *renewed_count)
{
    struct rotation *rotation = &store->rotation;
    struct vault_case_id id;
    MDB_val anew;
    int result = -EBADMSG;

    if (walks[rotation->table].table == TABLE_KEY && value.mv_size == STORE_STONE_BYTES)
        return 0; /* there is no key any more */
    if (key.mv_size == sizeof(id.bytes)) {
        memcpy(id.bytes, key.mv_data, sizeof(id.bytes));
        result = walks[rotation->table].renew(store, &id, value, &anew);
    }
    if (result > 0) {
        key = store_key_id(&id);
        result = tables_error(mdb_cursor_put(cursor, &key, &anew, MDB_CURRENT));
        (*renewed_count)++;
    } else if (result == -EBADMSG) {
        log_event(LOG_ERROR, "store.rewrap_damaged", "table=%s",
                  table_name(walks[rotation->table].table));
        result = 0;
    }
    arena_reset(store->batch);
    return result;
}

/* To the first record after the last one that is done. */
static int walk_on(struct rotation *rotation, MDB_cursor *cursor, MDB_val *key, MDB_val *value)
{
    int result;

    if (!rotation->has_last)
        return tables_error(mdb_cursor_get(cursor, key, value, MDB_FIRST));
    *key = store_key_id(&rotation->last);
    result = tables_error(mdb_cursor_get(cursor, key, value, MDB_SET_RANGE));
    if (result == 0 && key->mv_size == sizeof(rotation->last) &&
        memcmp(key->mv_data, &rotation->last, sizeof(rotation->last)) == 0)
        result = tables_error(mdb_cursor_get(cursor, key, value, MDB_NEXT));
    return result;
}

/* One table, as far as the share goes. 0: there is more; -ENOENT: it is through; -errno. */
static int walk_table(struct store *store, MDB_txn *txn, size_t rewrap_count_max,
                      size_t *renewed_count, size_t *looked_count)
{
    struct rotation *rotation = &store->rotation;
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_dbi handle = store->tables.handles[walks[rotation->table].table];
    MDB_val key, value;
    int result = tables_error(mdb_cursor_open(txn, handle, &cursor));

    if (result == 0)
        result = walk_on(rotation, cursor, &key, &value);
    while (result == 0 && *renewed_count < rewrap_count_max &&
           *looked_count < rewrap_count_max * LOOKS_PER_WRAP) {
        if (key.mv_size == sizeof(rotation->last)) {
            memcpy(&rotation->last, key.mv_data, sizeof(rotation->last));
            rotation->has_last = true;
        }
        result = renew_here(store, cursor, key, value, renewed_count);
        (*looked_count)++;
        if (result == 0)
            result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
    }
    return result;
}

static int count_all(const struct store *store, MDB_txn *txn, uint64_t *count_out)
{
    int result = 0;

    *count_out = 0;
    for (size_t i = 0; i < walk_count && result == 0; i++) {
        MDB_stat stat;

        result = tables_error(mdb_stat(txn, store->tables.handles[walks[i].table], &stat));
        *count_out += result == 0 ? stat.ms_entries : 0;
    }
    return result;
}

int rotation_rewrap(struct store *store, MDB_txn *txn, const struct store_batch *batch)
{
    struct rotation *rotation = &store->rotation;
    size_t renewed_count = 0, looked_count = 0;
    uint64_t total_count = 0;
    int result = 0;

    if (!rotation->is_pending || batch->rewrap_count_max == 0)
        return 0;
    while (rotation->table < walk_count && result == 0) {
        result = walk_table(store, txn, batch->rewrap_count_max, &renewed_count, &looked_count);
        if (result != -ENOENT)
            break;
        rotation->table++;
        rotation->has_last = false;
        result = 0;
    }
    if (result == 0)
        result = count_all(store, txn, &total_count);
    if (result < 0)
        return result;
    rotation->done_count += looked_count;
    rotation->total_count = total_count;
    return 0;
}

int rotation_end(struct store *store, const struct store_batch *batch)
{
    struct rotation *rotation = &store->rotation;
    int result;

    if (!rotation->is_pending || batch->begins_epoch || rotation->table < walk_count)
        return 0;
    result = vault_epoch_end_retired(store->vault);
    if (result == 0)
        tell(store);
    return result;
}
