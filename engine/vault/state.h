/* What an open vault holds; known to the vault's own files. */
#ifndef SANKOFA_VAULT_STATE_H
#define SANKOFA_VAULT_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "vault/primitives/crypto.h"
#include "vault/slots/slots.h"
#include "vault/tree/table.h"
#include "vault/vault.h"

/* The keys of one epoch that are in use. */
struct vault_epoch_keys {
    uint32_t number;
    uint8_t wrap[CRYPTO_KEY_BYTES], card[CRYPTO_KEY_BYTES];
};

/* In the secure heap. Once the vault is open the root never changes; the epochs are under the lock
 * of the vault. */
struct vault_secrets {
    uint8_t root[CRYPTO_KEY_BYTES];
    struct vault_epoch_keys epochs[SLOTS_EPOCH_COUNT];
    size_t epoch_count;
};

struct vault {
    struct arena *arena;
    struct port_random random;
    const char *slots_path;
    struct slots *slots;    /* as written last */
    bool copies_are_uneven; /* the file's copies do not say the same */
    uint8_t store_id[VAULT_STORE_ID_BYTES];
    pthread_rwlock_t
        lock; /* of secrets->epochs and slots: who writes the file alone changes them */
    _Atomic uint32_t epoch; /* the current one */
    struct vault_secrets *secrets;
    struct key_table *keys;
};

/* NULL: there is no such epoch, or no more. Under the lock, and so is the use of its keys. */
const struct vault_epoch_keys *vault_epoch_keys(const struct vault *vault, uint32_t number);
/* Writes both copies of the slots file, and makes vault->slots that. 0 or -errno. */
int vault_slots_write(struct vault *vault, struct slots *slots);
/* Unwraps the epochs of vault->slots with the root. -EBADMSG. */
int vault_epochs_open(struct vault *vault);

#endif
