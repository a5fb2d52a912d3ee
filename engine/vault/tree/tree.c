/* The key tree: derivations and wraps. Every wrap is XAES-256-GCM with its own random nonce, bound
 * to its store and to what stands beside it. */
#include "vault/tree/tree.h"

#include <errno.h>
#include <string.h>

#include "vault/bound.h"
#include "vault/bytes.h"

enum { WRAP_VERSION = 1, WRAP_ALGORITHM_XAES = 1 };

/* Part of the format: never changed. */
static const char *const purpose_labels[KEY_PURPOSE_COUNT] = {
    [KEY_OF_SLOTS_MAC] = "sankofa 1 slots mac",
    [KEY_OF_EPOCH_WRAP] = "sankofa 1 epoch wrap",
    [KEY_OF_DATA_WRAP] = "sankofa 1 data key wrap",
    [KEY_OF_CARDS] = "sankofa 1 cards",
    [KEY_OF_COMMITMENT] = "sankofa 1 data key commitment",
    [KEY_OF_LABELLED_MAC] = "sankofa 1 labelled mac",
    [KEY_OF_SLOT_FACTS] = "sankofa 1 slot facts",
    [KEY_OF_SIGNATURES] = "sankofa 1 signatures",
};

static struct bound bound_to(const char *label, const uint8_t *store_id)
{
    struct bound bound = {.size = 0};

    bound_add(&bound, label, strlen(label));
    bound_add(&bound, store_id, VAULT_STORE_ID_BYTES);
    return bound;
}

static struct crypto_job wrap_job(const uint8_t *key, const uint8_t *nonce,
                                  const struct bound *bound)
{
    return (struct crypto_job){
        .key = key, .nonce = nonce, .aad = bound->bytes, .aad_size = bound->size};
}

static void wrap(struct crypto_job job, const uint8_t *secret, uint8_t *wrapped_out)
{
    job.in = secret;
    job.in_size = CRYPTO_KEY_BYTES;
    crypto_xaes_seal(&job, wrapped_out);
}

static bool unwrap(struct crypto_job job, const uint8_t *wrapped, uint8_t *secret_out)
{
    job.in = wrapped;
    job.in_size = SLOTS_WRAPPED_BYTES;
    return crypto_xaes_open(&job, secret_out) == 0;
}

void key_derive(const uint8_t parent[CRYPTO_KEY_BYTES], const uint8_t *store_id,
                enum key_purpose purpose, const void *context, size_t context_size,
                uint8_t child_out[CRYPTO_KEY_BYTES])
{
    struct bound info = {.size = 0};

    bound_add(&info, purpose_labels[purpose], strlen(purpose_labels[purpose]));
    bound_add(&info, context, context_size);
    crypto_hkdf(parent, CRYPTO_KEY_BYTES, store_id, VAULT_STORE_ID_BYTES, info.bytes, info.size,
                child_out, CRYPTO_KEY_BYTES);
}

static struct bound epoch_bound(const struct slots_epoch *epoch, const uint8_t *store_id)
{
    struct bound bound = bound_to(purpose_labels[KEY_OF_EPOCH_WRAP], store_id);

    bound_add(&bound, epoch->number, sizeof(epoch->number));
    return bound;
}

void key_wrap_epoch(struct slots_epoch *epoch, const uint8_t *store_id,
                    const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                    const uint8_t epoch_key[CRYPTO_KEY_BYTES])
{
    struct bound bound = epoch_bound(epoch, store_id);

    wrap(wrap_job(wrap_key, epoch->nonce, &bound), epoch_key, epoch->wrapped);
}

bool key_unwrap_epoch(const struct slots_epoch *epoch, const uint8_t *store_id,
                      const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                      uint8_t epoch_key_out[CRYPTO_KEY_BYTES])
{
    struct bound bound = epoch_bound(epoch, store_id);

    return unwrap(wrap_job(wrap_key, epoch->nonce, &bound), epoch->wrapped, epoch_key_out);
}

static struct bound data_bound(const struct key_wrapped *wrapped, const uint8_t *store_id,
                               const struct vault_case_id *id)
{
    struct bound bound = bound_to(purpose_labels[KEY_OF_DATA_WRAP], store_id);

    bound_add(&bound, id->bytes, sizeof(id->bytes));
    bound_add(&bound, wrapped, offsetof(struct key_wrapped, nonce));
    return bound;
}

static void commitment(const uint8_t *data_key, const uint8_t *store_id,
                       const struct vault_case_id *id, uint8_t *commitment_out)
{
    key_derive(data_key, store_id, KEY_OF_COMMITMENT, id->bytes, sizeof(id->bytes), commitment_out);
}

void key_wrap_data(struct key_wrapped *wrapped, const uint8_t *store_id,
                   const struct vault_case_id *id, const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                   const uint8_t data_key[CRYPTO_KEY_BYTES])
{
    struct bound bound;

    wrapped->version[0] = WRAP_VERSION;
    wrapped->algorithm[0] = WRAP_ALGORITHM_XAES;
    commitment(data_key, store_id, id, wrapped->commitment);
    bound = data_bound(wrapped, store_id, id);
    wrap(wrap_job(wrap_key, wrapped->nonce, &bound), data_key, wrapped->wrapped);
}

bool key_wrapped_is_known(const struct key_wrapped *wrapped)
{
    return wrapped->version[0] == WRAP_VERSION && wrapped->algorithm[0] == WRAP_ALGORITHM_XAES;
}

int key_unwrap_data(const struct key_wrapped *wrapped, const uint8_t *store_id,
                    const struct vault_case_id *id, const uint8_t wrap_key[CRYPTO_KEY_BYTES],
                    uint8_t data_key_out[CRYPTO_KEY_BYTES])
{
    struct bound bound = data_bound(wrapped, store_id, id);
    uint8_t expected[CRYPTO_HASH_BYTES];

    if (!unwrap(wrap_job(wrap_key, wrapped->nonce, &bound), wrapped->wrapped, data_key_out))
        return -EBADMSG;
    commitment(data_key_out, store_id, id, expected);
    if (crypto_equal(expected, wrapped->commitment, sizeof(expected)))
        return 0;
    crypto_wipe(data_key_out, CRYPTO_KEY_BYTES);
    return -EBADMSG;
}
