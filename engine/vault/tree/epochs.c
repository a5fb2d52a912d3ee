/* Epochs: opened with the vault, begun and ended by whoever writes the store.
 *
 * The slots file is written before memory changes: a key that seals anything is on the disk twice,
 * and one that is gone from memory is gone from both copies. */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "base/log.h"
#include "vault/bytes.h"
#include "vault/state.h"
#include "vault/tree/tree.h"

uint32_t vault_epoch(const struct vault *vault)
{
    return vault->epoch;
}

const struct vault_epoch_keys *vault_epoch_keys(const struct vault *vault, uint32_t number)
{
    for (size_t i = 0; i < vault->secrets->epoch_count; i++)
        if (vault->secrets->epochs[i].number == number)
            return &vault->secrets->epochs[i];
    return NULL;
}

/* What is in use of an epoch's key. */
static void derive(const struct vault *vault, uint32_t number, const uint8_t *epoch_key,
                   struct vault_epoch_keys *keys_out)
{
    keys_out->number = number;
    key_derive(epoch_key, vault->store_id, KEY_OF_DATA_WRAP, NULL, 0, keys_out->wrap);
    key_derive(epoch_key, vault->store_id, KEY_OF_CARDS, NULL, 0, keys_out->card);
}

/* Keys that are needed for a moment, in the secure heap. */
struct moment {
    uint8_t wrap[CRYPTO_KEY_BYTES], epoch[CRYPTO_KEY_BYTES], mac[CRYPTO_KEY_BYTES];
    struct vault_epoch_keys keys;
};

static struct moment *moment_create(const struct vault *vault)
{
    struct moment *moment = crypto_secret_alloc(sizeof(*moment));

    key_derive(vault->secrets->root, vault->store_id, KEY_OF_EPOCH_WRAP, NULL, 0, moment->wrap);
    key_derive(vault->secrets->root, vault->store_id, KEY_OF_SLOTS_MAC, NULL, 0, moment->mac);
    return moment;
}

int vault_epochs_open(struct vault *vault)
{
    struct vault_secrets *secrets = vault->secrets;
    struct moment *moment = moment_create(vault);
    bool good = true;

    for (size_t i = 0; i < SLOTS_EPOCH_COUNT && good; i++) {
        const struct slots_epoch *epoch = &vault->slots->epochs[i];
        uint32_t number = bytes_u32(epoch->number);

        if (number == 0)
            continue;
        good = key_unwrap_epoch(epoch, vault->store_id, moment->wrap, moment->epoch);
        if (good)
            derive(vault, number, moment->epoch, &secrets->epochs[secrets->epoch_count++]);
    }
    crypto_secret_free(moment, sizeof(*moment));
    vault->epoch = bytes_u32(vault->slots->epoch);
    return good && vault_epoch_keys(vault, vault->epoch) ? 0 : -EBADMSG;
}

static struct slots_epoch *free_place(struct slots *slots)
{
    for (size_t i = 0; i < SLOTS_EPOCH_COUNT; i++)
        if (bytes_u32(slots->epochs[i].number) == 0)
            return &slots->epochs[i];
    return NULL;
}

size_t vault_epoch_retired_count(const struct vault *vault)
{
    size_t count = 0;

    for (size_t i = 0; i < SLOTS_EPOCH_COUNT; i++)
        if (bytes_u32(vault->slots->epochs[i].number) != 0)
            count++;
    return count - 1;
}

bool vault_epoch_may_begin(const struct vault *vault)
{
    return free_place(vault->slots) != NULL;
}

/* Makes `slots` say what it shall once the new epoch is current. */
static void plan_begin(const struct vault *vault, struct slots *slots, struct moment *moment)
{
    uint32_t number = vault->epoch + 1;
    struct slots_epoch *place = free_place(slots);

    CHECK(place != NULL);
    for (size_t i = 0; i < SLOTS_EPOCH_COUNT; i++)
        if (bytes_u32(slots->epochs[i].number) != 0)
            bytes_put_u32(slots->epochs[i].state, SLOTS_EPOCH_RETIRED);
    vault->random.fill(vault->random.self, moment->epoch, sizeof(moment->epoch));
    memset(place, 0, sizeof(*place));
    bytes_put_u32(slots->epoch, number);
    bytes_put_u32(place->number, number);
    bytes_put_u32(place->state, SLOTS_EPOCH_CURRENT);
    vault->random.fill(vault->random.self, place->nonce, sizeof(place->nonce));
    key_wrap_epoch(place, vault->store_id, moment->wrap, moment->epoch);
    derive(vault, number, moment->epoch, &moment->keys);
}

int vault_epoch_begin(struct vault *vault)
{
    struct moment *moment = moment_create(vault);
    struct slots slots = *vault->slots;
    int result;

    plan_begin(vault, &slots, moment);
    result = slots_write_both(vault->slots_path, &slots, moment->mac);
    if (result == 0) {
        pthread_rwlock_wrlock(&vault->lock);
        vault->secrets->epochs[vault->secrets->epoch_count++] = moment->keys;
        *vault->slots = slots;
        vault->epoch = moment->keys.number;
        pthread_rwlock_unlock(&vault->lock);
        log_event(LOG_INFO, "vault.epoch_begun", "epoch=%u", (unsigned)vault->epoch);
    }
    crypto_secret_free(moment, sizeof(*moment));
    return result;
}

/* Under the lock: the current epoch's keys alone stay. */
static void forget_retired(struct vault_secrets *secrets, uint32_t current)
{
    for (size_t i = 0; i < secrets->epoch_count; i++)
        if (secrets->epochs[i].number == current)
            secrets->epochs[0] = secrets->epochs[i];
    crypto_wipe(&secrets->epochs[1], sizeof(secrets->epochs) - sizeof(secrets->epochs[0]));
    secrets->epoch_count = 1;
}

int vault_epoch_end_retired(struct vault *vault)
{
    struct slots slots = *vault->slots;
    int result;

    if (vault_epoch_retired_count(vault) == 0)
        return 0;
    for (size_t i = 0; i < SLOTS_EPOCH_COUNT; i++)
        if (bytes_u32(slots.epochs[i].number) != vault->epoch)
            memset(&slots.epochs[i], 0, sizeof(slots.epochs[i]));
    result = vault_slots_write(vault, &slots);
    if (result < 0)
        return result;
    pthread_rwlock_wrlock(&vault->lock);
    forget_retired(vault->secrets, vault->epoch);
    pthread_rwlock_unlock(&vault->lock);
    log_event(LOG_INFO, "vault.epochs_ended", "epoch=%u", (unsigned)vault->epoch);
    return 0;
}

int vault_slots_write(struct vault *vault, struct slots *slots)
{
    struct moment *moment = moment_create(vault);
    int result = slots_write_both(vault->slots_path, slots, moment->mac);

    crypto_secret_free(moment, sizeof(*moment));
    if (result < 0)
        return result;
    pthread_rwlock_wrlock(&vault->lock);
    *vault->slots = *slots;
    pthread_rwlock_unlock(&vault->lock);
    return 0;
}

int vault_mend(struct vault *vault)
{
    struct moment *moment;
    struct slots slots = *vault->slots;
    int result;

    if (!vault->copies_are_uneven)
        return 0;
    moment = moment_create(vault);
    result = slots_write(vault->slots_path, &slots, moment->mac);
    crypto_secret_free(moment, sizeof(*moment));
    if (result < 0)
        return result;
    *vault->slots = slots;
    vault->copies_are_uneven = false;
    log_event(LOG_INFO, "vault.slots_mended", "epoch=%u", (unsigned)vault->epoch);
    return 0;
}
