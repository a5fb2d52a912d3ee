/* Data keys: made, unwrapped, wrapped anew. */
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "vault/bytes.h"
#include "vault/state.h"
#include "vault/tree/tree.h"

enum { FIRST_KEY_VERSION = 1 };

/* Under the lock of the epochs: wraps `key` under the current one. */
static void wrap_now(struct vault *vault, const struct vault_case_id *id, uint32_t key_version,
                     const uint8_t *key, struct key_wrapped *wrapped_out)
{
    const struct vault_epoch_keys *epoch = vault_epoch_keys(vault, vault->epoch);

    CHECK(epoch != NULL);
    memset(wrapped_out, 0, sizeof(*wrapped_out));
    vault->random.fill(vault->random.self, wrapped_out->nonce, sizeof(wrapped_out->nonce));
    bytes_put_u32(wrapped_out->epoch, epoch->number);
    bytes_put_u32(wrapped_out->key_version, key_version);
    key_wrap_data(wrapped_out, vault->store_id, id, epoch->wrap, key);
}

/* The same: -ESTALE, -EBADMSG with `key_out` wiped. */
static int unwrap(const struct vault *vault, const struct vault_case_id *id,
                  const struct key_wrapped *wrapped, uint8_t *key_out)
{
    const struct vault_epoch_keys *epoch = vault_epoch_keys(vault, bytes_u32(wrapped->epoch));

    if (!epoch)
        return -ESTALE;
    return key_unwrap_data(wrapped, vault->store_id, id, epoch->wrap, key_out);
}

static int read_wrapped(const void *bytes, size_t size, struct key_wrapped *wrapped_out)
{
    if (size != sizeof(*wrapped_out))
        return -EBADMSG;
    memcpy(wrapped_out, bytes, sizeof(*wrapped_out));
    return key_wrapped_is_known(wrapped_out) ? 0 : -EBADMSG;
}

int vault_key_create(struct vault *vault, const struct vault_case_id *id, uint8_t *wrapped_out,
                     size_t *size_out)
{
    struct key_wrapped wrapped;
    uint8_t *key;

    if (key_table_has(vault->keys, id))
        return -EEXIST;
    key = crypto_thread_key();
    vault->random.fill(vault->random.self, key, CRYPTO_KEY_BYTES);
    pthread_rwlock_rdlock(&vault->lock);
    wrap_now(vault, id, FIRST_KEY_VERSION, key, &wrapped);
    pthread_rwlock_unlock(&vault->lock);
    key_table_put(vault->keys, id, FIRST_KEY_VERSION, key);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    memcpy(wrapped_out, &wrapped, sizeof(wrapped));
    *size_out = sizeof(wrapped);
    return 0;
}

int vault_key_load(struct vault *vault, const struct vault_case_id *id, const void *wrapped,
                   size_t size)
{
    struct key_wrapped copy;
    uint8_t *key;
    int result = read_wrapped(wrapped, size, &copy);

    if (result < 0)
        return result;
    key = crypto_thread_key();
    pthread_rwlock_rdlock(&vault->lock);
    result = unwrap(vault, id, &copy, key);
    pthread_rwlock_unlock(&vault->lock);
    if (result == 0)
        key_table_put(vault->keys, id, bytes_u32(copy.key_version), key);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    return result;
}

int vault_key_rewrap(struct vault *vault, const struct vault_case_id *id, const void *wrapped,
                     size_t size, uint8_t wrapped_out[VAULT_WRAPPED_KEY_BYTES_MAX],
                     size_t *size_out)
{
    struct key_wrapped copy, anew;
    uint8_t *key;
    int result = read_wrapped(wrapped, size, &copy);

    if (result < 0)
        return result;
    if (bytes_u32(copy.epoch) == vault->epoch)
        return 0;
    key = crypto_thread_key();
    pthread_rwlock_rdlock(&vault->lock);
    result = unwrap(vault, id, &copy, key);
    if (result == 0)
        wrap_now(vault, id, bytes_u32(copy.key_version), key, &anew);
    pthread_rwlock_unlock(&vault->lock);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    if (result < 0)
        return -EBADMSG;
    memcpy(wrapped_out, &anew, sizeof(anew));
    *size_out = sizeof(anew);
    return 1;
}

uint32_t vault_wrapped_epoch(const void *wrapped, size_t size)
{
    struct key_wrapped copy;

    return read_wrapped(wrapped, size, &copy) == 0 ? bytes_u32(copy.epoch) : 0;
}

bool vault_epoch_is_known(struct vault *vault, uint32_t epoch)
{
    pthread_rwlock_rdlock(&vault->lock);
    bool is_known = vault_epoch_keys(vault, epoch) != NULL;
    pthread_rwlock_unlock(&vault->lock);
    return is_known;
}

int vault_key_is_loaded(struct vault *vault, const struct vault_case_id *id)
{
    return key_table_has(vault->keys, id);
}

void vault_key_forget(struct vault *vault, const struct vault_case_id *id)
{
    key_table_forget(vault->keys, id);
}
