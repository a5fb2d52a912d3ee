/* A sum is the exclusive or of a MAC for each record, over table, key and generation. It is kept in
 * memory, and stands in the store as a MAC alone: nobody learns from two of them what a record
 * adds.
 *
 *   sums   MAC of the sum of cases, last seq and horizon 16, MAC of that of the others 16 */
#include "store/sums.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "store/state.h"
#include "vault/bytes.h"

static const char label[] = "store sums";
enum { HALF_BYTES = STORE_SUMS_BYTES / 2, KEY_BYTES_MAX = STORE_META_KEY_BYTES_MAX };
/* What a MAC is over begins with one of these, or with a table's number. */
enum { HALF_OF_CASES = 0xf0, HALF_OF_OTHERS };

/* ---- What a record adds. ---- */

static void add(struct sums *sums, struct sum *sum, enum table table, MDB_val key,
                uint64_t generation)
{
    uint8_t bytes[1 + 8 + KEY_BYTES_MAX], mac[VAULT_HASH_BYTES];

    CHECK(key.mv_size <= KEY_BYTES_MAX);
    bytes[0] = (uint8_t)table;
    bytes_put_u64(bytes + 1, generation);
    memcpy(bytes + 9, key.mv_data, key.mv_size);
    vault_mac_by(sums->key, bytes, 9 + key.mv_size, mac);
    for (size_t i = 0; i < sizeof(mac); i++)
        sum->bytes[i] ^= mac[i];
}

static struct sum *sum_of(struct sums *sums, enum table table)
{
    return table == TABLE_CARD ? &sums->cases : &sums->others;
}

/* By its header. One that is too short to have one adds what no generation does. */
static uint64_t generation_of(MDB_val sealed)
{
    struct vault_case_id id;
    uint64_t generation;
    int result = vault_peek((struct text){sealed.mv_data, sealed.mv_size}, &id, &generation);

    return result == 0 ? generation : UINT64_MAX;
}

int sums_remove(struct store *store, MDB_txn *txn, enum table table, MDB_val key)
{
    MDB_val sealed;
    int result = tables_get(&store->tables, txn, table, key, &sealed);

    if (result == 0)
        add(&store->sums, sum_of(&store->sums, table), table, key, generation_of(sealed));
    return result == -ENOENT ? 0 : result;
}

int sums_replace(struct store *store, MDB_txn *txn, enum table table, MDB_val key,
                 uint64_t generation)
{
    int result = sums_remove(store, txn, table, key);

    if (result == 0)
        add(&store->sums, sum_of(&store->sums, table), table, key, generation);
    return result;
}

/* ---- What stands in the store. ---- */

static void half(const struct sums *sums, uint8_t kind, const struct sum *sum, uint64_t last_seq,
                 uint64_t horizon, uint8_t half_out[HALF_BYTES])
{
    uint8_t bytes[1 + 8 + 8 + sizeof(*sum)] = {kind}, mac[VAULT_HASH_BYTES];

    bytes_put_u64(bytes + 1, last_seq);
    bytes_put_u64(bytes + 9, horizon);
    memcpy(bytes + 17, sum, sizeof(*sum));
    vault_mac_by(sums->key, bytes, sizeof(bytes), mac);
    memcpy(half_out, mac, HALF_BYTES);
}

static void halves(const struct sums *sums, uint64_t last_seq, uint64_t horizon,
                   uint8_t both_out[STORE_SUMS_BYTES])
{
    half(sums, HALF_OF_CASES, &sums->cases, last_seq, horizon, both_out);
    half(sums, HALF_OF_OTHERS, &sums->others, last_seq, 0, both_out + HALF_BYTES);
}

static MDB_val place(void)
{
    return (MDB_val){sizeof(STORE_FACT_SUMS) - 1, (void *)(uintptr_t)STORE_FACT_SUMS};
}

static int put(const struct tables *tables, MDB_txn *txn, const struct sums *sums,
               uint64_t last_seq, uint64_t horizon)
{
    uint8_t both[STORE_SUMS_BYTES];

    halves(sums, last_seq, horizon, both);
    return tables_put(tables, txn, TABLE_META, place(), (MDB_val){sizeof(both), both}, 0);
}

int sums_create(const struct tables *tables, MDB_txn *txn, struct vault *vault)
{
    struct sums sums = {.key = vault_mac_key_create(vault, label)};
    int result = put(tables, txn, &sums, 0, 0);

    sums_close(&sums);
    return result;
}

void sums_close(struct sums *sums)
{
    vault_mac_key_destroy(sums->key);
    sums->key = NULL;
}

int sums_put(struct store *store, MDB_txn *txn, uint64_t last_seq, uint64_t horizon)
{
    return put(&store->tables, txn, &store->sums, last_seq, horizon);
}

/* ---- At the opening. ---- */

static const enum table summed[] = {TABLE_CARD, TABLE_WORKFLOW, TABLE_META};

static int add_table(struct store *store, MDB_txn *txn, enum table table)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, sealed;
    int result = tables_error(mdb_cursor_open(txn, store->tables.handles[table], &cursor));

    while (result == 0) {
        result = tables_error(mdb_cursor_get(cursor, &key, &sealed, MDB_NEXT));
        if (result == 0 && key.mv_size > KEY_BYTES_MAX)
            result = -EBADMSG;
        if (result == 0 && (table != TABLE_META || !meta_is_fact(key)))
            add(&store->sums, sum_of(&store->sums, table), table, key, generation_of(sealed));
    }
    return result == -ENOENT ? 0 : result;
}

/* Whether all of them open: else what differs is damage, and told where it is met. */
static bool opens(const struct store *store, MDB_txn *txn, struct arena *arena, enum table table)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, sealed;
    struct text body;
    uint64_t generation;
    int result = tables_error(mdb_cursor_open(txn, store->tables.handles[table], &cursor));

    while (result == 0) {
        result = tables_error(mdb_cursor_get(cursor, &key, &sealed, MDB_NEXT));
        if (result == 0 && (table != TABLE_META || !meta_is_fact(key)) &&
            record_open(store, txn, arena, table, key, sealed, &store_no_case, &generation, &body) <
                0)
            return false;
    }
    return result == -ENOENT;
}

static int compare_others(struct store *store, MDB_txn *txn)
{
    ARENA_SCOPED struct arena *arena = arena_create("sums");

    if (opens(store, txn, arena, TABLE_WORKFLOW) && opens(store, txn, arena, TABLE_META))
        return -ESTALE;
    log_event(LOG_ERROR, "store.sums_unknown",
              "hint=\"records that belong to all cases are damaged\"");
    return 0;
}

static int sum_up(struct store *store, MDB_txn *txn)
{
    int result = 0;

    store->sums = (struct sums){.key = vault_mac_key_create(store->vault, label)};
    for (size_t i = 0; i < sizeof(summed) / sizeof(summed[0]) && result == 0; i++)
        result = add_table(store, txn, summed[i]);
    return result;
}

int sums_open(struct store *store, MDB_txn *txn)
{
    uint8_t both[STORE_SUMS_BYTES];
    MDB_val told;
    int result = tables_get(&store->tables, txn, TABLE_META, place(), &told);

    if (result == -ENOENT || (result == 0 && told.mv_size != sizeof(both)))
        return -EBADMSG;
    if (result == 0)
        result = sum_up(store, txn);
    if (result < 0)
        return result;
    halves(&store->sums, store->last_seq, store->horizon, both);
    if (memcmp(both + HALF_BYTES, (const uint8_t *)told.mv_data + HALF_BYTES, HALF_BYTES) != 0)
        result = compare_others(store, txn);
    if (result < 0 || memcmp(both, told.mv_data, HALF_BYTES) == 0)
        return result;
    log_event(LOG_ERROR, "store.cases_differ",
              "hint=\"snapshots are missing, or older than the last commit: cases are made anew of "
              "the journal\"");
    store->differs_until = store->last_seq;
    store->horizon = 0;
    return 0;
}
