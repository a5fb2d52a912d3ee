/* The table of unwrapped data keys: a hash table of chains, and one list from the newest used to
 * the oldest. Entries are named by their number plus one; 0 is none. Keys are in the secure heap,
 * in pieces that are made as the table fills. */
#include "vault/tree/table.h"

#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

enum {
    BUCKET_COUNT = 2 * KEY_TABLE_MAX,
    PIECE_KEY_COUNT = 64,
    PIECE_BYTES = PIECE_KEY_COUNT * CRYPTO_KEY_BYTES,
    PIECE_COUNT = KEY_TABLE_MAX / PIECE_KEY_COUNT
};

struct entry {
    struct vault_case_id id;
    uint32_t version;
    uint16_t chain;        /* the next of its bucket, or of the free entries */
    uint16_t newer, older; /* its neighbours in the order of use */
};

struct key_table {
    pthread_mutex_t lock;
    struct entry entries[KEY_TABLE_MAX];
    uint16_t buckets[BUCKET_COUNT];
    uint16_t newest, oldest;
    uint16_t unused;      /* entries that were forgotten */
    uint16_t entry_count; /* entries that were ever in use */
    uint8_t *pieces[PIECE_COUNT];
};

struct key_table *key_table_create(struct arena *arena)
{
    struct key_table *table = ARENA_NEW(arena, struct key_table);

    CHECK(pthread_mutex_init(&table->lock, NULL) == 0);
    return table;
}

void key_table_destroy(struct key_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < PIECE_COUNT; i++)
        crypto_secret_free(table->pieces[i], PIECE_BYTES);
    pthread_mutex_destroy(&table->lock);
}

static struct entry *entry_at(struct key_table *table, uint16_t name)
{
    return &table->entries[name - 1];
}

static uint8_t *key_at(struct key_table *table, uint16_t name)
{
    size_t index = (size_t)name - 1;
    uint8_t **piece = &table->pieces[index / PIECE_KEY_COUNT];

    if (!*piece)
        *piece = crypto_secret_alloc(PIECE_BYTES);
    return *piece + index % PIECE_KEY_COUNT * CRYPTO_KEY_BYTES;
}

/* Ids are random bytes or an HMAC, so a part of them is a hash that nobody can aim. */
static uint16_t *bucket_of(struct key_table *table, const struct vault_case_id *id)
{
    uint16_t hash;

    memcpy(&hash, id->bytes, sizeof(hash));
    return &table->buckets[hash % BUCKET_COUNT];
}

static uint16_t find(struct key_table *table, const struct vault_case_id *id)
{
    uint16_t name = *bucket_of(table, id);

    while (name && memcmp(&entry_at(table, name)->id, id, sizeof(*id)) != 0)
        name = entry_at(table, name)->chain;
    return name;
}

static void order_remove(struct key_table *table, uint16_t name)
{
    struct entry *entry = entry_at(table, name);

    if (entry->newer)
        entry_at(table, entry->newer)->older = entry->older;
    else
        table->newest = entry->older;
    if (entry->older)
        entry_at(table, entry->older)->newer = entry->newer;
    else
        table->oldest = entry->newer;
}

static void order_add(struct key_table *table, uint16_t name)
{
    struct entry *entry = entry_at(table, name);

    entry->newer = 0;
    entry->older = table->newest;
    if (table->newest)
        entry_at(table, table->newest)->newer = name;
    else
        table->oldest = name;
    table->newest = name;
}

static void drop(struct key_table *table, uint16_t name)
{
    struct entry *entry = entry_at(table, name);
    uint16_t *link = bucket_of(table, &entry->id);

    while (*link != name)
        link = &entry_at(table, *link)->chain;
    *link = entry->chain;
    order_remove(table, name);
    crypto_wipe(key_at(table, name), CRYPTO_KEY_BYTES);
    entry->chain = table->unused;
    table->unused = name;
}

static uint16_t take_unused(struct key_table *table)
{
    uint16_t name;

    if (!table->unused && table->entry_count < KEY_TABLE_MAX)
        return ++table->entry_count;
    if (!table->unused)
        drop(table, table->oldest);
    name = table->unused;
    table->unused = entry_at(table, name)->chain;
    return name;
}

static uint16_t add(struct key_table *table, const struct vault_case_id *id)
{
    uint16_t name = take_unused(table), *bucket = bucket_of(table, id);
    struct entry *entry = entry_at(table, name);

    entry->id = *id;
    entry->chain = *bucket;
    *bucket = name;
    order_add(table, name);
    return name;
}

void key_table_put(struct key_table *table, const struct vault_case_id *id, uint32_t version,
                   const uint8_t key[CRYPTO_KEY_BYTES])
{
    uint16_t name;

    pthread_mutex_lock(&table->lock);
    name = find(table, id);
    if (!name)
        name = add(table, id);
    entry_at(table, name)->version = version;
    memcpy(key_at(table, name), key, CRYPTO_KEY_BYTES);
    pthread_mutex_unlock(&table->lock);
}

bool key_table_get(struct key_table *table, const struct vault_case_id *id, uint32_t *version_out,
                   uint8_t key_out[CRYPTO_KEY_BYTES])
{
    uint16_t name;

    pthread_mutex_lock(&table->lock);
    name = find(table, id);
    if (name) {
        order_remove(table, name);
        order_add(table, name);
        *version_out = entry_at(table, name)->version;
        memcpy(key_out, key_at(table, name), CRYPTO_KEY_BYTES);
    }
    pthread_mutex_unlock(&table->lock);
    return name != 0;
}

bool key_table_has(struct key_table *table, const struct vault_case_id *id)
{
    bool has;

    pthread_mutex_lock(&table->lock);
    has = find(table, id) != 0;
    pthread_mutex_unlock(&table->lock);
    return has;
}

void key_table_forget(struct key_table *table, const struct vault_case_id *id)
{
    uint16_t name;

    pthread_mutex_lock(&table->lock);
    name = find(table, id);
    if (name)
        drop(table, name);
    pthread_mutex_unlock(&table->lock);
}
