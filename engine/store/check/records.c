/* The other tables, record by record. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/check/check.h"

/* Documents are long: others have their turn behind so many bytes. */
enum { BYTES_AT_ONCE = 2 << 20 };

/* Each says what is wrong with a record: NULL, nothing. */

static const char does_not_open[] = N_("does not open: it was changed or moved");

static bool read_id(MDB_val key, struct vault_case_id *id_out)
{
    if (key.mv_size != sizeof(id_out->bytes))
        return false;
    memcpy(id_out->bytes, key.mv_data, sizeof(id_out->bytes));
    return true;
}

/* With its card, which must be of the same generation. */
static const char *look_at_case(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                                MDB_val value)
{
    struct vault_case_id id;
    struct text body;
    uint64_t seq;

    (void)txn, (void)value;
    if (!read_id(key, &id) || store_load_case(verify->store, verify->piece, &id, &seq, &body) < 0)
        return N_("does not open, or is not of its card's generation");
    return seq == 0 || seq > store_last_seq(verify->store) ? N_("is ahead of the journal") : NULL;
}

static const char *look_at_card(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                                MDB_val value)
{
    struct vault_case_id id;
    struct text body;
    uint64_t seq;
    MDB_val snapshot;

    if (!read_id(key, &id) || record_open(verify->store, txn, verify->piece, TABLE_CARD, key, value,
                                          &id, &seq, &body) < 0)
        return does_not_open;
    return tables_get(&verify->store->tables, txn, TABLE_CASE, key, &snapshot) < 0
               ? N_("has no snapshot")
               : NULL;
}

static const char *look_at_key(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                               MDB_val value)
{
    struct vault_case_id id;
    int result = read_id(key, &id) ? record_key_load(verify->store, txn, &id) : -EBADMSG;

    (void)value;
    return result < 0 && result != -EIDRM /* the stone of an erased case */
               ? "cannot be unwrapped: it was changed or moved"
               : NULL;
}

static const char *look_at_workflow(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                                    MDB_val value)
{
    uint8_t hash[VAULT_HASH_BYTES];
    struct text rendered;
    uint64_t seq;

    if (record_open(verify->store, txn, verify->piece, TABLE_WORKFLOW, key, value, &store_no_case,
                    &seq, &rendered) < 0)
        return does_not_open;
    vault_hash(rendered.bytes, rendered.size, hash);
    return key.mv_size != sizeof(hash) || memcmp(key.mv_data, hash, sizeof(hash)) != 0
               ? N_("is not what its hash says")
               : NULL;
}

static const char *look_at_document(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                                    MDB_val value)
{
    return document_check(verify->store, txn, verify->piece, key, value);
}

static const char *look_at_fact(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                                MDB_val value)
{
    const struct store *store = verify->store;
    uint8_t bytes[STORE_FACT_BYTES_MAX];
    const char *name = arena_copy(verify->piece, key.mv_data, key.mv_size);

    if (strcmp(name, STORE_FACT_SUMS) == 0) /* compared at the opening, and new with each commit */
        return value.mv_size == STORE_SUMS_BYTES ? NULL : N_("is of another size");
    if (value.mv_size < VAULT_HASH_BYTES || value.mv_size - VAULT_HASH_BYTES > sizeof(bytes))
        return N_("is of another size");
    return fact_get(&store->tables, txn, store->vault, name, bytes,
                    value.mv_size - VAULT_HASH_BYTES) < 0
               ? N_("does not fit its MAC")
               : NULL;
}

static const char *look_at_meta(struct store_verify *verify, MDB_txn *txn, MDB_val key,
                                MDB_val value)
{
    struct text body;
    uint64_t seq;

    if (meta_is_fact(key))
        return look_at_fact(verify, txn, key, value);
    return record_open(verify->store, txn, verify->piece, TABLE_META, key, value, &store_no_case,
                       &seq, &body) < 0
               ? does_not_open
               : NULL;
}

static const struct {
    enum table table;
    const char *(*look)(struct store_verify *verify, MDB_txn *txn, MDB_val key, MDB_val value);
} kinds[] = {
    {TABLE_KEY, look_at_key},   {TABLE_CASE, look_at_case},
    {TABLE_CARD, look_at_card}, {TABLE_WORKFLOW, look_at_workflow},
    {TABLE_META, look_at_meta}, {TABLE_DOCUMENT, look_at_document},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

int check_records_begin(struct store_verify *verify, MDB_txn *txn)
{
    MDB_stat stat;
    int result = 0;

    if (verify->store->differs_until > 0)
        check_find(verify, table_name(TABLE_CASE), 0, TEXT("snapshots"),
                   "were put back to an older state, or taken out: they are made anew of the "
                   "journal");
    for (size_t i = 0; i < KIND_COUNT && result == 0; i++) {
        MDB_dbi handle = verify->store->tables.handles[kinds[i].table];

        result = tables_error(mdb_stat(txn, handle, &stat));
        verify->total += result == 0 ? stat.ms_entries : 0;
    }
    return result;
}

/* The first record, or the one behind the last that was looked at. */
static int go_on(const struct store_verify *verify, MDB_cursor *cursor, MDB_val *key,
                 MDB_val *value)
{
    int result;

    if (verify->at.size == 0)
        return tables_error(mdb_cursor_get(cursor, key, value, MDB_FIRST));
    *key = (MDB_val){verify->at.size, (void *)(uintptr_t)verify->at.bytes};
    result = tables_error(mdb_cursor_get(cursor, key, value, MDB_SET_RANGE));
    if (result == 0 && text_equal((struct text){key->mv_data, key->mv_size}, verify->at))
        result = tables_error(mdb_cursor_get(cursor, key, value, MDB_NEXT));
    return result;
}

static void look_at(struct store_verify *verify, MDB_txn *txn, MDB_val key, MDB_val value)
{
    const char *what = kinds[verify->table].look(verify, txn, key, value);

    verify->record_count++;
    verify->done += verify->done < verify->total;
    if (what)
        check_find(verify, table_name(kinds[verify->table].table), 0, check_key(verify, key), what);
    arena_reset(verify->piece);
}

int check_records(struct store_verify *verify, MDB_txn *txn, size_t count_max)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    struct text seen = TEXT_NONE;
    MDB_val key = {0, NULL}, value;
    size_t bytes = 0;
    int result;

    if (verify->table == KIND_COUNT)
        return 0;
    result = tables_error(
        mdb_cursor_open(txn, verify->store->tables.handles[kinds[verify->table].table], &cursor));
    if (result == 0)
        result = go_on(verify, cursor, &key, &value);
    for (size_t i = 0; i < count_max && bytes < BYTES_AT_ONCE && result == 0; i++) {
        bytes += value.mv_size;
        look_at(verify, txn, key, value);
        seen = (struct text){key.mv_data, key.mv_size};
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
    }
    if (result == 0)
        verify->at = text_copy(verify->arena, seen);
    if (result != -ENOENT)
        return result < 0 ? result : 1;
    verify->table++;
    verify->at = TEXT_NONE;
    return verify->table < KIND_COUNT ? 1 : 0;
}
