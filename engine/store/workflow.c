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

/* All of them, by their headers, oldest first. */
static int list_workflows(const struct store *store, MDB_txn *txn, struct arena *arena,
                          struct found **found_out, size_t *count_out)
{
    MDB_dbi handle = store->tables.handles[TABLE_WORKFLOW];
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, sealed;
    MDB_stat stat;
    int result = tables_error(mdb_stat(txn, handle, &stat));

    *count_out = 0;
    if (result == 0)
        result = tables_error(mdb_cursor_open(txn, handle, &cursor));
    if (result < 0)
        return result;
    *found_out = ARENA_ARRAY(arena, struct found, stat.ms_entries);
    while ((result = tables_error(mdb_cursor_get(cursor, &key, &sealed, MDB_NEXT))) == 0) {
        struct found *found = &(*found_out)[*count_out];
        struct vault_case_id id;

        if (key.mv_size != sizeof(found->hash) || *count_out == stat.ms_entries)
            return -EBADMSG;
        memcpy(found->hash, key.mv_data, sizeof(found->hash));
        if (vault_peek((struct text){sealed.mv_data, sealed.mv_size}, &id, &found->seq) < 0)
            found->seq = 0;
        ++*count_out;
    }
    if (result != -ENOENT)
        return result;
    qsort(*found_out, *count_out, sizeof(**found_out), compare_seq);
    return 0;
}

int store_each_workflow(struct store *store,
                        bool (*each)(void *self, const struct store_workflow *workflow), void *self)
{
    ARENA_SCOPED struct arena *list = arena_create("workflow list");
    ARENA_SCOPED struct arena *arena = arena_create("workflow");
    TABLES_READ MDB_txn *txn = NULL;
    struct found *found = NULL;
    size_t count = 0;
    bool more = true;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = list_workflows(store, txn, list, &found, &count);
    for (size_t i = 0; i < count && result == 0 && more; i++) {
        struct store_workflow workflow = {.seq = found[i].seq};
        MDB_val key = {sizeof(found[i].hash), found[i].hash}, sealed;

        memcpy(workflow.hash, found[i].hash, sizeof(workflow.hash));
        result = tables_get(&store->tables, txn, TABLE_WORKFLOW, key, &sealed);
        if (result == 0 && record_open(store, txn, arena, TABLE_WORKFLOW, key, sealed,
                                       &store_no_case, &workflow.seq, &workflow.rendered) < 0)
            workflow.rendered = TEXT_NONE;
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
    if (result == 0)
        result = record_open(store, txn, arena, TABLE_META, key, sealed, &store_no_case,
                             &generation, body_out);
    return result;
}
