/* Growing arrays in an arena, and a list of effects. */
#include "run/memory/batch.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"

void batch_init(struct batch *batch)
{
    *batch = (struct batch){.arena = arena_create("batch")};
    batch->last = &batch->first;
}

void batch_finish(struct batch *batch)
{
    arena_destroy(batch->arena);
    *batch = (struct batch){0};
}

void batch_begin(struct batch *batch, uint64_t number)
{
    struct arena *arena = batch->arena;

    arena_reset(arena);
    *batch = (struct batch){.arena = arena, .number = number};
    batch->last = &batch->first;
}

/* The place for one more item of an array in the arena: the array itself, or a bigger copy. */
static void *room_for_one(struct arena *arena, void *items, size_t size, size_t count,
                          size_t *capacity)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 64;
    void *bigger = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(bigger, items, count * size);
    return bigger;
}

#define ADD(batch, items, item_count, item_capacity)                                               \
    ((batch)->items = room_for_one((batch)->arena, (batch)->items, sizeof(*(batch)->items),        \
                                   (batch)->item_count, &(batch)->item_capacity),                  \
     &(batch)->items[(batch)->item_count++])

void batch_add_entry(struct batch *batch, uint64_t seq, const struct vault_case_id *id,
                     const struct value *body)
{
    *ADD(batch, entries, entry_count, entry_capacity) =
        (struct store_entry){.seq = seq, .id = *id, .body = json_write(batch->arena, body)};
}

void batch_add_snapshot(struct batch *batch, const struct vault_case_id *id, uint64_t seq,
                        const struct value *doc, const struct value *card)
{
    *ADD(batch, snapshots, snapshot_count, snapshot_capacity) =
        (struct store_snapshot){.id = *id,
                                .seq = seq,
                                .body = json_write(batch->arena, doc),
                                .card = json_write(batch->arena, card)};
}

void batch_add_key(struct batch *batch, const struct vault_case_id *id, const uint8_t *wrapped,
                   size_t size)
{
    *ADD(batch, keys, key_count, key_capacity) = (struct store_key){
        .id = *id, .wrapped = arena_copy(batch->arena, wrapped, size), .size = size};
}

void batch_add_workflow(struct batch *batch, uint64_t seq, const uint8_t *hash,
                        struct text rendered)
{
    struct store_workflow *workflow = ADD(batch, workflows, workflow_count, workflow_capacity);

    *workflow = (struct store_workflow){.seq = seq, .rendered = text_copy(batch->arena, rendered)};
    memcpy(workflow->hash, hash, sizeof(workflow->hash));
}

void batch_set_meta(struct batch *batch, const char *name, const struct value *body)
{
    struct text json = json_write(batch->arena, body);

    for (size_t i = 0; i < batch->meta_count; i++)
        if (strcmp(batch->metas[i].name, name) == 0) {
            batch->metas[i].body = json;
            return;
        }
    *ADD(batch, metas, meta_count, meta_capacity) = (struct store_meta){.name = name, .body = json};
}

void batch_add_document(struct batch *batch, const struct store_document_change *change)
{
    struct store_document_change *own = ADD(batch, documents, document_count, document_capacity);

    *own = *change;
    own->bytes = text_copy(batch->arena, change->bytes);
    batch->document_bytes += change->bytes.size;
}

void batch_set_slot_change(struct batch *batch, const struct vault_slot_change *change)
{
    CHECK(!batch->has_slot_change);
    batch->has_slot_change = true;
    batch->slot_change = *change;
}

struct effect *batch_add_effect(struct batch *batch, enum effect_kind kind)
{
    struct effect *effect = ARENA_NEW(batch->arena, struct effect);

    effect->kind = kind;
    *batch->last = effect;
    batch->last = &effect->next;
    return effect;
}

static struct problem *copy_problem(struct arena *arena, const struct problem *problem)
{
    struct problem *copy = ARENA_NEW(arena, struct problem);

    *copy = (struct problem){.code = problem->code,
                             .detail = text_copy(arena, problem->detail),
                             .hint = text_copy(arena, problem->hint),
                             .errors = value_copy(arena, &problem->errors),
                             .extra = value_copy(arena, &problem->extra)};
    return copy;
}

void batch_add_reply(struct batch *batch, void (*reply)(void *self, const struct run_reply *reply),
                     void *self, const struct run_reply *answer)
{
    struct effect *effect = batch_add_effect(batch, EFFECT_REPLY);

    effect->reply = reply;
    effect->self = self;
    effect->answer = *answer;
    if (answer->problem)
        effect->answer.problem = copy_problem(batch->arena, answer->problem);
    else
        effect->answer.body = value_copy(batch->arena, &answer->body);
}

void batch_add_erasure(struct batch *batch, const struct vault_case_id *id, uint64_t seq)
{
    CHECK(batch->erased_seq == 0);
    batch->erased = *id;
    batch->erased_seq = seq;
}

bool batch_has_records(const struct batch *batch)
{
    return batch->entry_count > 0 || batch->snapshot_count > 0 || batch->meta_count > 0 ||
           batch->document_count > 0 || batch->compacts;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->entry_count >= BATCH_ENTRIES_MAX || arena_bytes(batch->arena) >= BATCH_BYTES_MAX;
}

const struct store_batch *batch_seal(struct batch *batch, uint64_t horizon, bool is_checkpoint,
                                     size_t rewrap_count_max)
{
    batch->sealed = (struct store_batch){.number = batch->number,
                                         .entries = batch->entries,
                                         .entry_count = batch->entry_count,
                                         .snapshots = batch->snapshots,
                                         .snapshot_count = batch->snapshot_count,
                                         .keys = batch->keys,
                                         .key_count = batch->key_count,
                                         .workflows = batch->workflows,
                                         .workflow_count = batch->workflow_count,
                                         .metas = batch->metas,
                                         .meta_count = batch->meta_count,
                                         .documents = batch->documents,
                                         .document_count = batch->document_count,
                                         .horizon = horizon,
                                         .is_checkpoint = is_checkpoint,
                                         .erasures = &batch->erased,
                                         .erasure_count = batch->erased_seq > 0,
                                         .erased_seq = batch->erased_seq,
                                         .compacts = batch->compacts,
                                         .begins_epoch = batch->begins_epoch,
                                         .rewrap_count_max = rewrap_count_max};
    if (batch->has_slot_change)
        batch->sealed.slot_change = &batch->slot_change;
    return &batch->sealed;
}
