/* What administrators ask about keys: the slots that open the store, and a new epoch.
 *
 * Each change has its entry, in the batch that carries it out: who, when, which slot. A rotation is
 * an operation in turns: its first piece has the filling batch begin an epoch, the others look how
 * far the batches have come since; with or without it, batches go on until nothing is under a
 * retired epoch. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/when.h"
#include "run/internal.h"
#include "run/long/erase.h"
#include "run/long/operations.h"

/* Data keys and cards, of each batch: some milliseconds. */
enum { REWRAPS_PER_BATCH = 256 };

/* ---- The list. ---- */

static struct value slot_line(const struct vault_slot *slot, struct arena *arena)
{
    struct value line = value_map(arena);

    value_put(&line, "slot", value_int(slot->number));
    value_put(&line, "kind",
              value_cstring(slot->is_known ? vault_opener_name(slot->kind) : "of a later version"));
    if (slot->label[0])
        value_put(&line, "label", value_string(text_copy(arena, text_from(slot->label))));
    if (slot->added_ms > 0)
        value_put(&line, "added", value_timestamp(when_from_ms(slot->added_ms)));
    return line;
}

void keys_list(struct wheel *wheel, struct queued *queued)
{
    struct vault_slot slots[VAULT_SLOTS_MAX];
    size_t count = vault_slots(store_vault(wheel->store), slots);
    struct store_rotation rotation = store_rotation(wheel->store);
    struct run_reply reply = {.status = 200, .body = value_map(queued->arena)};
    struct value list = value_list(queued->arena);

    for (size_t i = 0; i < count; i++)
        value_append(&list, slot_line(&slots[i], queued->arena));
    value_put(&reply.body, "slots", list);
    value_put(&reply.body, "epoch", value_int(rotation.epoch));
    value_put(&reply.body, "rotating", value_bool(rotation.is_pending));
    wheel_reply(wheel, queued, 0, &reply);
}

/* ---- Slots. ---- */

/* Of one batch at a time: which slots are free is known once it is durable. */
static bool is_changing(const struct wheel *wheel)
{
    return wheel->filling->has_slot_change || (wheel->writing && wheel->writing->has_slot_change);
}

static bool may_change(struct wheel *wheel, const struct queued *queued)
{
    if (is_changing(wheel))
        wheel_fail(wheel, queued, PROBLEM_BUSY, "Another slot is being added or removed.",
                   "Repeat in a moment.");
    else if (wheel->room != 0)
        wheel_fail(wheel, queued, PROBLEM_DISK_FULL, "The disk is too full to take this in.",
                   "Nothing was changed. Free some space on the disk of the store, and repeat.");
    else
        return true;
    return false;
}

static void record(struct wheel *wheel, const struct queued *queued, const char *kind,
                   struct value members)
{
    struct value entry = value_map(wheel->turn);

    value_put(&entry, "kind", value_cstring(kind));
    value_put(&entry, "by", value_string(queued->person.id));
    value_put(&entry, "person", value_string(queued->person.person));
    for (size_t i = 0; i < value_count(&members); i++)
        value_set(&entry, value_member(&members, i)->key, value_member(&members, i)->value);
    wheel_append(wheel, &entry);
}

/* The entry, the change, and the answer once both are durable. */
static void change(struct wheel *wheel, struct queued *queued,
                   const struct vault_slot_change *slot_change, struct value members)
{
    struct run_reply reply = {.status = slot_change->removes ? 200 : 201, .body = members};

    record(wheel, queued, slot_change->removes ? "keys.slot_removed" : "keys.slot_added", members);
    batch_set_slot_change(wheel->filling, slot_change);
    once_keep(wheel, queued, reply.status, &members);
    wheel_reply(wheel, queued, wheel->filling->number, &reply);
}

/* 0: all are taken. */
static unsigned free_number(const struct vault_slot *slots, size_t count)
{
    unsigned number = 1;

    for (size_t i = 0; i < count && slots[i].number == number; i++)
        number++;
    return number <= VAULT_SLOTS_MAX ? number : 0;
}

/* Shares are nowhere kept: whoever did not get them makes others. */
static bool is_repeat(struct wheel *wheel, const struct queued *queued)
{
    const struct value *before = once_find(wheel, queued);

    if (!before || !text_is(queued->request.name, vault_opener_name(VAULT_RECOVERY)))
        return once_is_answered(wheel, queued);
    wheel_fail(
        wheel, queued, PROBLEM_NOT_AVAILABLE,
        "This slot was added before, and its shares were shown in the answer to that.",
        "If nobody has them: remove the slot (sankofa admin keys list), and add another one.");
    return true;
}

void keys_add_slot(struct wheel *wheel, struct queued *queued)
{
    struct vault_slot slots[VAULT_SLOTS_MAX];
    unsigned number = free_number(slots, vault_slots(store_vault(wheel->store), slots));
    struct vault_slot_change added = queued->slot_change;
    struct value members = value_map(queued->arena);

    if (is_repeat(wheel, queued) || !may_change(wheel, queued))
        return;
    if (number == 0) {
        wheel_fail(wheel, queued, PROBLEM_NOT_AVAILABLE, "All sixteen slots are taken.",
                   "Remove one that is not needed any more: sankofa admin keys remove-slot.");
        return;
    }
    added.number = number;
    value_put(&members, "slot", value_int(number));
    value_put(&members, "slot_kind", value_string(queued->request.name));
    if (queued->request.comment.size > 0)
        value_put(&members, "label", value_string(queued->request.comment));
    change(wheel, queued, &added, members);
}

void keys_remove_slot(struct wheel *wheel, struct queued *queued)
{
    struct vault_slot slots[VAULT_SLOTS_MAX];
    size_t count = vault_slots(store_vault(wheel->store), slots), i = 0;
    struct vault_slot_change removed = {.removes = true};

    if (once_is_answered(wheel, queued) || !may_change(wheel, queued))
        return;
    while (i < count &&
           !text_equal(text_printf(wheel->turn, "%d", (int)slots[i].number), queued->request.name))
        i++;
    if (i == count) {
        wheel_fail(wheel, queued, PROBLEM_NO_SUCH_SLOT, "There is no slot of this number.",
                   "`sankofa admin keys list` shows those there are.");
        return;
    }
    if (count == 1) {
        wheel_fail(wheel, queued, PROBLEM_NOT_AVAILABLE,
                   "This is the last slot: without it nobody could open the store again.",
                   "Add another one first: sankofa admin keys add-slot.");
        return;
    }
    removed.number = slots[i].number;
    struct value line = slot_line(&slots[i], queued->arena);
    struct value members = value_map(queued->arena);
    value_put(&members, "slot", *value_get(&line, TEXT("slot")));
    value_put(&members, "slot_kind", *value_get(&line, TEXT("kind")));
    if (slots[i].label[0])
        value_put(&members, "label", *value_get(&line, TEXT("label")));
    change(wheel, queued, &removed, members);
}

/* ---- Rotation. ---- */

size_t keys_rewraps(const struct wheel *wheel)
{
    bool goes_on = !wheel->is_stopping && store_rotation(wheel->store).is_pending &&
                   (wheel->room == 0 || (erase_is_under_way(wheel) && wheel_may_make_room(wheel)));

    return goes_on ? REWRAPS_PER_BATCH : 0;
}

struct rotation_work {
    struct wheel *wheel;
    struct arena *arena;
    uint64_t batch; /* that begins the epoch */
};

static void succeed(struct operation *operation, const struct store_rotation *rotation)
{
    struct value result = value_map(operation_arena(operation));

    value_put(&result, "epoch", value_int(rotation->epoch));
    value_put(&result, "records", value_int((int64_t)rotation->done_count));
    operation_succeed(operation, &result);
}

static enum operation_step rotation_piece(void *self, struct operation *operation)
{
    struct rotation_work *work = self;
    struct store_rotation rotation = store_rotation(work->wheel->store);

    if (work->wheel->durable_batch < work->batch)
        return OPERATION_WAITS;
    operation_set_total(operation, rotation.total_count);
    operation_set_done(operation, rotation.done_count);
    if (rotation.is_pending)
        return OPERATION_WAITS;
    succeed(operation, &rotation);
    return OPERATION_OVER;
}

static void rotation_ended(void *self, struct operation *operation)
{
    (void)operation;
    arena_destroy(((struct rotation_work *)self)->arena);
}

void keys_rotate(struct wheel *wheel, struct queued *queued)
{
    struct operation_work operation = {
        .kind = "rotate", .piece = rotation_piece, .ended = rotation_ended};

    if (!operation_may_begin(wheel, queued, operation.kind))
        return;
    if (wheel->room != 0) {
        wheel_fail(wheel, queued, PROBLEM_DISK_FULL, "The disk is too full to take this in.",
                   "Nothing was changed. Free some space on the disk of the store, and repeat.");
        return;
    }
    if (!store_rotation(wheel->store).may_begin) {
        wheel_fail(wheel, queued, PROBLEM_BUSY,
                   "Many epochs were begun, and none of them is through yet.",
                   "Wait until `sankofa admin keys list` says that nothing is being rotated.");
        return;
    }
    struct arena *arena = arena_create("rotation");
    struct rotation_work *work = ARENA_NEW(arena, struct rotation_work);
    *work = (struct rotation_work){wheel, arena, wheel->filling->number};
    operation.self = work;
    record(wheel, queued, "keys.rotated", value_map(wheel->turn));
    wheel->filling->begins_epoch = true;
    operation_begin(wheel, queued, &operation);
}
