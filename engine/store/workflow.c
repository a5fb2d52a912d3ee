/* Reading what belongs to no case: definitions and named bodies. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "store/state.h"

struct found {
    uint8_t hash[VAULT_HASH_BYTES];
    uint64_t seq; /* as its header claims */
};

static int compare_seq(const void *a, const void *b)
{
    const struct found *one = a, *two = b;

    return (one->seq > two->seq) - (one->seq < two->seq);
}

/* A list that grows; what the table says of its own size is not believed. */
struct found_list {
    struct arena *arena;
    struct found *items;
    size_t count, capacity;
};

static struct found *list_add(struct found_list *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct found *items = ARENA_ARRAY(list->arena, struct found, capacity);

        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    return &list->items[list->count++];
}

/* Whether a walk through a table met as many records as it has. */
static int check_count(const struct store *store, MDB_txn *txn, enum table table, size_t count)
{
    MDB_stat stat;
    int result = tables_error(mdb_stat(txn, store->tables.handles[table], &stat));

    return result == 0 && stat.ms_entries != count ? -EBADMSG : result;
}

/* All of them, by their headers, oldest first. */
static int list_workflows(const struct store *store, MDB_txn *txn, struct found_list *list)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    struct vault_case_id id;
    MDB_val key, sealed;
    int result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_WORKFLOW], &cursor));

    if (result < 0)
        return result;
    while ((result = tables_error(mdb_cursor_get(cursor, &key, &sealed, MDB_NEXT))) == 0) {
        struct found *found = list_add(list);

        if (key.mv_size != sizeof(found->hash))
            return -EBADMSG;
        memcpy(found->hash, key.mv_data, sizeof(found->hash));
        if (vault_peek((struct text){sealed.mv_data, sealed.mv_size}, &id, &found->seq) < 0)
            found->seq = 0;
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_seq);
    return result == -ENOENT ? check_count(store, txn, TABLE_WORKFLOW, list->count) : result;
}

/* Shows one of them. Its key is where it was found a moment ago, in the same transaction. */
static int read_workflow(const struct store *store, MDB_txn *txn, struct arena *arena,
                         struct found *found, struct store_workflow *workflow_out)
{
    MDB_val key = {sizeof(found->hash), found->hash}, sealed;
    int result = tables_get(&store->tables, txn, TABLE_WORKFLOW, key, &sealed);

    if (result < 0)
        return result == -ENOENT ? -EBADMSG : result;
    memcpy(workflow_out->hash, found->hash, sizeof(workflow_out->hash));
    if (record_open(store, txn, arena, TABLE_WORKFLOW, key, sealed, &store_no_case,
                    &workflow_out->seq, &workflow_out->rendered) < 0) {
        workflow_out->seq = found->seq;
        workflow_out->rendered = TEXT_NONE;
    }
    return 0;
}

int store_each_workflow(struct store *store,
                        bool (*each)(void *self, const struct store_workflow *workflow), void *self)
{
    ARENA_SCOPED struct arena *names = arena_create("workflow list");
    ARENA_SCOPED struct arena *arena = arena_create("workflow");
    TABLES_READ MDB_txn *txn = NULL;
    struct found_list list = {.arena = names};
    bool more = true;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = list_workflows(store, txn, &list);
    for (size_t i = 0; i < list.count && result == 0 && more; i++) {
        struct store_workflow workflow;

        result = read_workflow(store, txn, arena, &list.items[i], &workflow);
        if (result == 0)
            more = each(self, &workflow);
        arena_reset(arena);
    }
    return result;
}

MDB_val store_key_meta(const char *name, char key_out[STORE_META_KEY_BYTES_MAX])
{
    static const char prefix[] = "sealed/";
    size_t size = strlen(name);

    CHECK(size <= STORE_META_NAME_BYTES_MAX);
    memcpy(key_out, prefix, sizeof(prefix) - 1);
    memcpy(key_out + sizeof(prefix) - 1, name, size);
    return (MDB_val){sizeof(prefix) - 1 + size, key_out};
}

bool meta_is_fact(MDB_val key)
{
    static const char *const names[] = {STORE_FACT_FORMAT, STORE_FACT_STORE, STORE_FACT_DEMO,
                                        STORE_FACT_HORIZON, STORE_FACT_SUMS};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text_is((struct text){key.mv_data, key.mv_size}, names[i]))
            return true;
    return false;
}

/* A body that is not found was never written, or its name is damaged: then it stands where it does
 * not open. -ENOENT, -EBADMSG. */
static int check_missing(const struct store *store, MDB_txn *txn, struct arena *arena)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    struct text body;
    uint64_t generation;
    MDB_val key, sealed;
    size_t count = 0;
    int result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_META], &cursor));

    while (result == 0) {
        result = tables_error(mdb_cursor_get(cursor, &key, &sealed, MDB_NEXT));
        if (result < 0)
            break;
        count++;
        if (!meta_is_fact(key))
            result = record_open(store, txn, arena, TABLE_META, key, sealed, &store_no_case,
                                 &generation, &body);
    }
    if (result == -ENOENT)
        result = check_count(store, txn, TABLE_META, count);
    return result == 0 ? -ENOENT : result;
}

int store_read_meta(struct store *store, struct arena *arena, const char *name,
                    struct text *body_out)
{
    TABLES_READ MDB_txn *txn = NULL;
    char bytes[STORE_META_KEY_BYTES_MAX];
    MDB_val key = store_key_meta(name, bytes), sealed;
    uint64_t generation;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = tables_get(&store->tables, txn, TABLE_META, key, &sealed);
    if (result == -ENOENT)
        return check_missing(store, txn, arena);
    if (result == 0)
        result = record_open(store, txn, arena, TABLE_META, key, sealed, &store_no_case,
                             &generation, body_out);
    return result;
}
