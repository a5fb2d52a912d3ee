/* A batch in the making, and the gate before it: what must wait until it is durable.
 *
 * Two batches exist: the one that fills and the one that is being written. Everything a batch holds
 * lives in its arena, which the loop's thread alone allocates from; the writer reads. */
#ifndef SANKOFA_RUN_BATCH_H
#define SANKOFA_RUN_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "base/value.h"
#include "run/ports.h"
#include "run/wheel.h"
#include "store/store.h"

struct arena;

enum { BATCH_ENTRIES_MAX = 1024, BATCH_BYTES_MAX = 8 << 20 };

/* What waits at the gate, in the order in which it came. */
enum effect_kind { EFFECT_REPLY, EFFECT_CALL, EFFECT_CANCEL, EFFECT_REQUEST };

struct effect {
    enum effect_kind kind;
    struct effect *next;
    void (*reply)(void *self, const struct run_reply *reply); /* EFFECT_REPLY */
    void *self;
    struct run_reply answer;
    uint64_t call;          /* EFFECT_CALL, EFFECT_CANCEL */
    struct queued *request; /* EFFECT_REQUEST: a read to be carried out then */
};

struct batch {
    struct arena *arena;
    uint64_t number;
    struct store_entry *entries;
    struct store_snapshot *snapshots;
    struct store_key *keys;
    struct store_workflow *workflows;
    struct store_meta *metas;
    struct store_document_change *documents;
    size_t entry_count, snapshot_count, key_count, workflow_count, meta_count, document_count;
    size_t entry_capacity, snapshot_capacity, key_capacity, workflow_capacity, meta_capacity;
    size_t document_capacity, document_bytes;
    bool begins_epoch, has_slot_change;
    struct vault_slot_change slot_change;
    struct vault_case_id erased; /* where erased_seq is not 0 */
    uint64_t erased_seq;
    bool compacts;
    struct effect *first, **last;
    struct store_batch sealed; /* what the writer gets */
};

void batch_init(struct batch *batch);
void batch_finish(struct batch *batch);
/* Empties it for batch `number`. */
void batch_begin(struct batch *batch, uint64_t number);

/* Each copies what it is given. */
void batch_add_entry(struct batch *batch, uint64_t seq, const struct vault_case_id *id,
                     const struct value *body);
void batch_add_snapshot(struct batch *batch, const struct vault_case_id *id, uint64_t seq,
                        const struct value *doc, const struct value *card);
void batch_add_key(struct batch *batch, const struct vault_case_id *id, const uint8_t *wrapped,
                   size_t size);
void batch_add_workflow(struct batch *batch, uint64_t seq, const uint8_t *hash,
                        struct text rendered);
/* Once in a batch; its entry is in there too. */
void batch_set_slot_change(struct batch *batch, const struct vault_slot_change *change);
/* The last of one name counts. `name` is a literal. */
void batch_set_meta(struct batch *batch, const char *name, const struct value *body);

void batch_add_document(struct batch *batch, const struct store_document_change *change);

/* The case is erased by it; entry `seq`, of this batch, tells so. One in a batch. */
void batch_add_erasure(struct batch *batch, const struct vault_case_id *id, uint64_t seq);

/* Adds an effect, to be filled by the caller from batch->arena. */
struct effect *batch_add_effect(struct batch *batch, enum effect_kind kind);
/* Copies the reply into the batch's arena and adds it. */
void batch_add_reply(struct batch *batch, void (*reply)(void *self, const struct run_reply *reply),
                     void *self, const struct run_reply *answer);

/* Whether there is something to write. */
bool batch_has_records(const struct batch *batch);
bool batch_is_full(const struct batch *batch);
/* The view that the writer gets, until the next batch_begin. `rewrap_count_max` is its share of a
 * rotation. */
const struct store_batch *batch_seal(struct batch *batch, uint64_t horizon, bool is_checkpoint,
                                     size_t rewrap_count_max);

#endif
