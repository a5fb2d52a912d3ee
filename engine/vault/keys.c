/* The slots of an open vault: listed, added, removed. */
#include "vault/keys.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "base/log.h"
#include "vault/bytes.h"
#include "vault/slots/slot_key.h"
#include "vault/state.h"
#include "vault/tree/tree.h"

_Static_assert((int)VAULT_SLOTS_MAX == (int)SLOTS_SLOT_COUNT, "as many as the file has");
_Static_assert(VAULT_SLOT_BYTES == sizeof(struct slots_slot), "a change holds a slot");

void *vault_secret_create(size_t size)
{
    CHECK(crypto_start() == 0);
    return crypto_secret_alloc(size);
}

void vault_secret_destroy(void *secret, size_t size)
{
    crypto_secret_free(secret, size);
}

static bool is_used(const struct slots_slot *slot)
{
    return bytes_u32(slot->kind) != SLOTS_KIND_FREE;
}

static struct vault_slot describe(const struct vault *vault, const struct slots_slot *slot)
{
    struct vault_slot line = {.is_known = slot_kind_of(slot, &line.kind)};

    if (!line.is_known ||
        !slot_read_facts(slot, vault->store_id, vault->secrets->root, line.label, &line.added_ms))
        line.added_ms = 0;
    return line;
}

size_t vault_slots(struct vault *vault, struct vault_slot slots_out[VAULT_SLOTS_MAX])
{
    size_t count = 0;

    pthread_rwlock_rdlock(&vault->lock);
    for (unsigned i = 0; i < SLOTS_SLOT_COUNT; i++) {
        if (!is_used(&vault->slots->slots[i]))
            continue;
        slots_out[count] = describe(vault, &vault->slots->slots[i]);
        slots_out[count++].number = i + 1;
    }
    pthread_rwlock_unlock(&vault->lock);
    return count;
}

int vault_slot_prepare(struct vault *vault, const struct vault_opener *opener, struct text label,
                       int64_t now_ms, struct vault_slot_change *change_out)
{
    struct slots_slot slot = {.kind = {0}};
    int result;

    if (label.size > VAULT_LABEL_BYTES_MAX)
        return -EINVAL;
    vault->random.fill(vault->random.self, slot.salt, sizeof(slot.salt));
    vault->random.fill(vault->random.self, slot.nonce, sizeof(slot.nonce));
    result = slot_wrap_root(&slot, vault->store_id, opener, &slot_cost_usual, vault->secrets->root);
    if (result < 0)
        return result;
    slot_write_facts(&slot, vault->store_id, vault->secrets->root, label, now_ms);
    *change_out = (struct vault_slot_change){.removes = false};
    memcpy(change_out->slot, &slot, sizeof(slot));
    return 0;
}

static void apply(struct slots *slots, const struct vault_slot_change *change)
{
    struct slots_slot *slot;
    size_t count = 0;

    CHECK(change->number >= 1 && change->number <= SLOTS_SLOT_COUNT);
    slot = &slots->slots[change->number - 1];
    CHECK(is_used(slot) == change->removes);
    if (change->removes)
        memset(slot, 0, sizeof(*slot));
    else
        memcpy(slot, change->slot, sizeof(*slot));
    for (size_t i = 0; i < SLOTS_SLOT_COUNT; i++)
        count += is_used(&slots->slots[i]);
    CHECK(count >= 1);
}

int vault_slot_change(struct vault *vault, const struct vault_slot_change *change)
{
    struct slots slots = *vault->slots;
    int result;

    apply(&slots, change);
    result = vault_slots_write(vault, &slots);
    if (result == 0)
        log_event(LOG_INFO, change->removes ? "vault.slot_removed" : "vault.slot_added", "slot=%u",
                  change->number);
    return result;
}
