/* Sealed records and clear facts at their places in the tables. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "store/state.h"

const struct vault_case_id store_no_case;

static enum vault_key_use table_use(enum table table)
{
    return table == TABLE_CARD ? VAULT_USE_CARD : VAULT_USE_DATA;
}

static struct vault_place place_of(enum table table, MDB_val key)
{
    return (struct vault_place){table_name(table), key.mv_data, key.mv_size};
}

/* The epoch that wrapped it has ended since the transaction began: the table says more now. */
static int key_load_anew(const struct store *store, const struct vault_case_id *id)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val wrapped;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_KEY, store_key_id(id), &wrapped);
    if (result == 0)
        result = erase_check(store->vault, id, wrapped);
    if (result == 0)
        result = vault_key_load(store->vault, id, wrapped.mv_data, wrapped.mv_size);
    return result == -ESTALE ? -EBADMSG : result;
}

int record_key_load(const struct store *store, MDB_txn *txn, const struct vault_case_id *id)
{
    MDB_val wrapped;
    int result = tables_get(&store->tables, txn, TABLE_KEY, store_key_id(id), &wrapped);

    if (result == 0)
        result = erase_check(store->vault, id, wrapped);
    if (result == 0)
        result = vault_key_load(store->vault, id, wrapped.mv_data, wrapped.mv_size);
    return result == -ESTALE ? key_load_anew(store, id) : result;
}

/* The vault may have wiped the key meanwhile: it keeps thousands, and the one just loaded longest.
 */
static int seal(struct store *store, MDB_txn *txn, enum table table, MDB_val key,
                const struct vault_case_id *id, uint64_t generation, struct text plain,
                struct text *sealed_out)
{
    struct vault_place place = place_of(table, key);
    int result = vault_seal(store->vault, store->batch, table_use(table), &place, id, generation,
                            plain, sealed_out);

    if (result != -ENOKEY)
        return result;
    result = record_key_load(store, txn, id);
    return result < 0 ? result
                      : vault_seal(store->vault, store->batch, table_use(table), &place, id,
                                   generation, plain, sealed_out);
}

int record_put(struct store *store, MDB_txn *txn, enum table table, MDB_val key,
               const struct vault_case_id *id, uint64_t generation, struct text plain,
               unsigned int flags, struct merkle_hash *leaf_out)
{
    struct text sealed;
    int result = seal(store, txn, table, key, id, generation, plain, &sealed);

    if (result == 0)
        result = tables_put(&store->tables, txn, table, key,
                            (MDB_val){sealed.size, (void *)(uintptr_t)sealed.bytes}, flags);
    if (result == 0 && leaf_out)
        merkle_leaf(sealed.bytes, sealed.size, leaf_out);
    arena_reset(store->batch);
    return result;
}

/* The same for a card. */
static int card_open_anew(const struct store *store, struct arena *arena,
                          const struct vault_place *place, uint64_t *generation_out,
                          struct text *plain_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    MDB_val key = {place->key_size, (void *)(uintptr_t)place->key}, sealed;
    struct vault_case_id found;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_CARD, key, &sealed);
    if (result == 0)
        result = vault_unseal(store->vault, arena, VAULT_USE_CARD, place,
                              (struct text){sealed.mv_data, sealed.mv_size}, &found, generation_out,
                              plain_out);
    return result;
}

int record_open(const struct store *store, MDB_txn *txn, struct arena *arena, enum table table,
                MDB_val key, MDB_val sealed, const struct vault_case_id *id,
                uint64_t *generation_out, struct text *plain_out)
{
    struct text text = {sealed.mv_data, sealed.mv_size};
    struct vault_place place = place_of(table, key);
    struct vault_case_id found;
    int result = vault_peek(text, &found, generation_out);

    if (result < 0 || memcmp(&found, id, sizeof(found)) != 0)
        return -EBADMSG;
    result = vault_unseal(store->vault, arena, table_use(table), &place, text, &found,
                          generation_out, plain_out);
    if (result != -ENOKEY)
        return result;
    if (table == TABLE_CARD)
        result = card_open_anew(store, arena, &place, generation_out, plain_out);
    else
        result = record_key_load(store, txn, id);
    if (result == 0 && table != TABLE_CARD)
        result = vault_unseal(store->vault, arena, table_use(table), &place, text, &found,
                              generation_out, plain_out);
    /* Without its key a record is as good as damaged: nobody can say what it held. */
    return result == -ENOKEY || result == -ENOENT ? -EBADMSG : result;
}

/* What a fact's MAC is over: its name, a NUL, its bytes. */
struct fact {
    uint8_t bytes[STORE_META_NAME_BYTES_MAX + 1 + STORE_FACT_BYTES_MAX];
    uint8_t mac[VAULT_HASH_BYTES];
};

static void fact_mac(struct vault *vault, const char *name, const void *bytes, size_t size,
                     struct fact *fact_out)
{
    size_t name_size = strlen(name) + 1;

    CHECK(name_size <= STORE_META_NAME_BYTES_MAX);
    CHECK(size <= STORE_FACT_BYTES_MAX);
    memcpy(fact_out->bytes, name, name_size);
    memcpy(fact_out->bytes + name_size, bytes, size);
    vault_mac(vault, "store fact", fact_out->bytes, name_size + size, fact_out->mac);
}

static MDB_val fact_key(const char *name)
{
    return (MDB_val){strlen(name), (void *)(uintptr_t)name};
}

int fact_put(const struct tables *tables, MDB_txn *txn, struct vault *vault, const char *name,
             const void *bytes, size_t size)
{
    uint8_t value[STORE_FACT_BYTES_MAX + VAULT_HASH_BYTES];
    struct fact fact;

    fact_mac(vault, name, bytes, size, &fact);
    memcpy(value, bytes, size);
    memcpy(value + size, fact.mac, sizeof(fact.mac));
    return tables_put(tables, txn, TABLE_META, fact_key(name),
                      (MDB_val){size + sizeof(fact.mac), value}, 0);
}

int fact_get(const struct tables *tables, MDB_txn *txn, struct vault *vault, const char *name,
             void *bytes_out, size_t size)
{
    struct fact fact;
    MDB_val value;
    int result = tables_get(tables, txn, TABLE_META, fact_key(name), &value);

    if (result == -ENOENT || (result == 0 && value.mv_size != size + sizeof(fact.mac)))
        return -EBADMSG;
    if (result < 0)
        return result;
    fact_mac(vault, name, value.mv_data, size, &fact);
    if (memcmp((const uint8_t *)value.mv_data + size, fact.mac, sizeof(fact.mac)) != 0)
        return -EBADMSG;
    memcpy(bytes_out, value.mv_data, size);
    return 0;
}
