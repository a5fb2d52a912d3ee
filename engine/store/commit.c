/* Committing a batch: the one place that writes to an open store.
 *
 * The happy path:
 * 1. one transaction: new keys first, since what follows may be sealed with them;
 * 2. entries appended, their leaves added to the tree, snapshots with their cards, definitions,
 *    named bodies, chunks of documents, the horizon, a signed checkpoint where one is asked for;
 * 3. a share of the data keys and cards brought under the current epoch, if there are older ones;
 * 4. LMDB's commit, which syncs;
 * 5. the head is told beside the data, last seq and horizon to readers. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/head.h"
#include "store/state.h"
#include "store/tree/checkpoints.h"
#include "store/tree/tiles.h"
#include "vault/bytes.h"

struct commit {
    struct store *store;
    MDB_txn *txn;
    const struct store_batch *batch;
    uint64_t last_seq; /* once this batch is written */
};

static int put_keys(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    int result = 0;

    for (size_t i = 0; i < batch->key_count && result == 0; i++) {
        const struct store_key *key = &batch->keys[i];
        uint8_t anew[VAULT_WRAPPED_KEY_BYTES_MAX];
        MDB_val wrapped;

        result = rotation_key(commit->store, key, anew, &wrapped);
        if (result == 0)
            result = tables_put(&commit->store->tables, commit->txn, TABLE_KEY,
                                store_key_id(&key->id), wrapped, MDB_NOOVERWRITE);
    }
    return result;
}

/* With their leaves, and the tiles that those complete. */
static int put_entries(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    struct tiles tiles = {&commit->store->tables, commit->txn, commit->last_seq};
    int result = 0;

    for (size_t i = 0; i < batch->entry_count && result == 0; i++) {
        const struct store_entry *entry = &batch->entries[i];
        struct merkle_hash leaf;

        result = record_put(commit->store, commit->txn, TABLE_JOURNAL, store_key_seq(&entry->seq),
                            &entry->id, entry->seq, entry->body, MDB_APPEND, &leaf);
        if (result == 0)
            result = merkle_add(commit->store->edge, &leaf, tiles_put, &tiles);
    }
    return result;
}

static int put_snapshots(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    int result = 0;

    for (size_t i = 0; i < batch->snapshot_count && result == 0; i++) {
        const struct store_snapshot *snapshot = &batch->snapshots[i];
        MDB_val key = store_key_id(&snapshot->id);

        CHECK(snapshot->seq <= commit->last_seq);
        CHECK(!text_is_empty(snapshot->card));
        result = record_put(commit->store, commit->txn, TABLE_CASE, key, &snapshot->id,
                            snapshot->seq, snapshot->body, 0, NULL);
        if (result == 0)
            result = sums_replace(commit->store, commit->txn, TABLE_CARD, key, snapshot->seq);
        if (result == 0)
            result = record_put(commit->store, commit->txn, TABLE_CARD, key, &snapshot->id,
                                snapshot->seq, snapshot->card, 0, NULL);
    }
    return result;
}

static int put_workflows(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    int result = 0;

    for (size_t i = 0; i < batch->workflow_count && result == 0; i++) {
        const struct store_workflow *workflow = &batch->workflows[i];
        MDB_val key = {sizeof(workflow->hash), (void *)(uintptr_t)workflow->hash};

        CHECK(workflow->seq <= commit->last_seq);
        CHECK(!text_is_empty(workflow->rendered));
        result = sums_replace(commit->store, commit->txn, TABLE_WORKFLOW, key, workflow->seq);
        if (result == 0)
            result = record_put(commit->store, commit->txn, TABLE_WORKFLOW, key, &store_no_case,
                                workflow->seq, workflow->rendered, 0, NULL);
    }
    return result;
}

static int put_metas(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    int result = 0;

    for (size_t i = 0; i < batch->meta_count && result == 0; i++) {
        const struct store_meta *meta = &batch->metas[i];
        char name[STORE_META_KEY_BYTES_MAX];
        MDB_val key = store_key_meta(meta->name, name);

        result = sums_replace(commit->store, commit->txn, TABLE_META, key, commit->last_seq);
        if (result == 0)
            result = record_put(commit->store, commit->txn, TABLE_META, key, &store_no_case,
                                commit->last_seq, meta->body, 0, NULL);
    }
    return result;
}

static int put_documents(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    int result = 0;

    for (size_t i = 0; i < batch->document_count && result == 0; i++)
        result =
            document_change(commit->store, commit->txn, &batch->documents[i], commit->last_seq);
    return result;
}

static int put_horizon(struct commit *commit)
{
    struct store *store = commit->store;
    uint8_t horizon[8];

    CHECK(commit->batch->horizon <= commit->last_seq);
    CHECK(commit->batch->horizon >= store->horizon);
    if (commit->batch->horizon == store->horizon && store->differs_until == 0)
        return 0;
    bytes_put_u64(horizon, commit->batch->horizon);
    return fact_put(&store->tables, commit->txn, store->vault, STORE_FACT_HORIZON, horizon,
                    sizeof(horizon));
}

static int erase(struct commit *commit)
{
    const struct store_batch *batch = commit->batch;
    int result = 0;

    CHECK(batch->erasure_count == 0 || batch->erased_seq <= commit->last_seq);
    for (size_t i = 0; i < batch->erasure_count && result == 0; i++)
        result = erase_case(commit->store, commit->txn, &batch->erasures[i], batch->erased_seq);
    return result;
}

/* Adding follows the commit, removing goes before it. */
static int change_slot(const struct store *store, const struct store_batch *batch, bool removes)
{
    if (!batch->slot_change || batch->slot_change->removes != removes)
        return 0;
    return vault_slot_change(store->vault, batch->slot_change);
}

static int rewrap(struct commit *commit)
{
    return rotation_rewrap(commit->store, commit->txn, commit->batch);
}

static int put_sums(struct commit *commit)
{
    return sums_put(commit->store, commit->txn, commit->last_seq, commit->batch->horizon);
}

static int put_checkpoint(struct commit *commit)
{
    return commit->batch->is_checkpoint ? checkpoints_sign(commit->store, commit->txn) : 0;
}

/* In this order. */
static int (*const parts[])(struct commit *) = {
    put_keys,    put_entries,    put_snapshots, put_workflows, put_metas, put_documents,
    put_horizon, put_checkpoint, erase,         rewrap,        put_sums,
};

static int write_batch(struct commit *commit)
{
    struct store *store = commit->store;
    int result = rotation_begin(store, commit->batch);

    if (result == 0)
        result = change_slot(store, commit->batch, true);
    if (result == 0)
        result = tables_error(mdb_txn_begin(store->tables.env, NULL, 0, &commit->txn));
    if (result < 0)
        return result;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && result == 0; i++)
        result = parts[i](commit);
    if (result == 0)
        return tables_error(mdb_txn_commit(commit->txn));
    mdb_txn_abort(commit->txn);
    return result;
}

/* The batch's entries follow the journal's last one without a gap. */
static uint64_t check_entries(const struct store *store, const struct store_batch *batch)
{
    uint64_t last = store->last_seq;

    for (size_t i = 0; i < batch->entry_count; i++)
        CHECK(batch->entries[i].seq == last + 1 + i);
    return last + batch->entry_count;
}

/* A full disk arrives as EIO as often as ENOSPC. */
static int told_failure(struct store *store, const struct store_batch *batch, int result)
{
    if (result == -EIO && store_has_room(store, 0, false) == -ENOSPC)
        result = -ENOSPC;
    log_event(LOG_ERROR, "store.commit_failed", "batch=%" PRIu64 " errno=%d", batch->number,
              -result);
    store->failed = true;
    return result;
}

/* The commit is durable without it. */
static void tell_head(struct store *store, uint64_t last_seq)
{
    int result = head_write(store->head_fd, store->vault, last_seq);

    if (result < 0 && !store->head_is_failing)
        log_event(LOG_WARNING, "store.head_unwritten", "errno=%d", -result);
    store->head_is_failing = result < 0;
}

int store_commit(struct store *store, const struct store_batch *batch)
{
    struct commit commit = {.store = store, .batch = batch};
    uint64_t map_bytes, used_bytes;
    int result;

    CHECK(!store->failed);
    commit.last_seq = check_entries(store, batch);
    result = write_batch(&commit);
    if (result == 0)
        result = rotation_end(store, batch);
    if (result == 0)
        result = change_slot(store, batch, false);
    if (result < 0)
        return told_failure(store, batch, result);
    if (batch->entry_count > 0)
        tell_head(store, commit.last_seq);
    tables_room(&store->tables, &map_bytes, &used_bytes);
    store->used_bytes = used_bytes;
    store->last_seq = commit.last_seq;
    store->horizon = batch->horizon;
    if (batch->horizon >= store->differs_until)
        store->differs_until = 0;
    if (batch->compacts)
        compact_copy(store);
    return 0;
}
