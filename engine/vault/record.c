/* Sealed records.
 *
 *   version 1, algorithm 1, epoch 4, data key version 4, generation 8, case id 16, nonce 24,
 *   ciphertext, tag 16; numbers big-endian.
 *
 * The plaintext is the body's size in 4 bytes, the body, and zeros up to a multiple of
 * VAULT_PAD_BYTES: as few as possible, so that one body has one padded form. What a record is bound
 * to: context, store id, table, LMDB key and header, each behind its size in 4 bytes. The epoch of
 * a record under a data key only tells when it was sealed; a card's says which key opens it. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "vault/bound.h"
#include "vault/bytes.h"
#include "vault/state.h"

enum {
    RECORD_VERSION = 1,
    RECORD_ALGORITHM_XAES = 1,
    SIZE_BYTES = 4,
    PLAIN_BYTES_MAX = 1 << 28,
    RECORD_BYTES_MAX = PLAIN_BYTES_MAX + 512,
    PLACE_KEY_BYTES_MAX = 511, /* LMDB's */
    TABLE_NAME_BYTES_MAX = 64,
    CARD_KEY_VERSION = 0
};

static const char record_context[] = "sankofa record 1";

struct header {
    uint8_t version[1], algorithm[1], epoch[4], key_version[4], generation[8];
    struct vault_case_id id;
    uint8_t nonce[CRYPTO_NONCE_BYTES];
};
_Static_assert(sizeof(struct header) == VAULT_HEADER_BYTES, "bytes only: no padding");

static void bound_fill(struct bound *bound, const struct vault *vault,
                       const struct vault_place *place, const struct header *header)
{
    CHECK(strlen(place->table) <= TABLE_NAME_BYTES_MAX);
    CHECK(place->key_size <= PLACE_KEY_BYTES_MAX);
    bound->size = 0;
    bound_add(bound, record_context, sizeof(record_context) - 1);
    bound_add(bound, vault->store_id, sizeof(vault->store_id));
    bound_add(bound, place->table, strlen(place->table));
    bound_add(bound, place->key, place->key_size);
    bound_add(bound, header, sizeof(*header));
}

/* The key into `key_out`, and its version. */
static int record_key(struct vault *vault, enum vault_key_use use, const struct vault_case_id *id,
                      uint32_t epoch, uint32_t *version_out, uint8_t *key_out)
{
    const struct vault_epoch_keys *keys;

    if (use == VAULT_USE_DATA)
        return key_table_get(vault->keys, id, version_out, key_out) ? 0 : -ENOKEY;
    *version_out = CARD_KEY_VERSION;
    pthread_rwlock_rdlock(&vault->lock);
    keys = vault_epoch_keys(vault, epoch);
    if (keys)
        memcpy(key_out, keys->card, CRYPTO_KEY_BYTES);
    pthread_rwlock_unlock(&vault->lock);
    return keys ? 0 : -ENOKEY;
}

static size_t padded_size(size_t plain_size)
{
    return (SIZE_BYTES + plain_size + VAULT_PAD_BYTES - 1) / VAULT_PAD_BYTES * VAULT_PAD_BYTES;
}

int vault_seal(struct vault *vault, struct arena *arena, enum vault_key_use use,
               const struct vault_place *place, const struct vault_case_id *id, uint64_t generation,
               struct text plain, struct text *sealed_out)
{
    size_t padded = padded_size(plain.size);
    size_t size = sizeof(struct header) + padded + CRYPTO_TAG_BYTES;
    struct header header = {.version = {RECORD_VERSION}, .algorithm = {RECORD_ALGORITHM_XAES}};
    uint8_t *key = crypto_thread_key(), *sealed, *body;
    struct bound bound;
    uint32_t version, epoch = vault->epoch;

    CHECK(plain.size <= PLAIN_BYTES_MAX);
    if (record_key(vault, use, id, epoch, &version, key) < 0)
        return -ENOKEY;
    bytes_put_u32(header.epoch, epoch);
    bytes_put_u32(header.key_version, version);
    bytes_put_u64(header.generation, generation);
    header.id = *id;
    vault->random.fill(vault->random.self, header.nonce, sizeof(header.nonce));
    bound_fill(&bound, vault, place, &header);

    sealed = arena_alloc(arena, size + 1);
    body = sealed + sizeof(header);
    memcpy(sealed, &header, sizeof(header));
    bytes_put_u32(body, (uint32_t)plain.size);
    if (plain.size > 0)
        memcpy(body + SIZE_BYTES, plain.bytes, plain.size);
    crypto_xaes_seal(&(struct crypto_job){.key = key,
                                          .nonce = header.nonce,
                                          .aad = bound.bytes,
                                          .aad_size = bound.size,
                                          .in = body,
                                          .in_size = padded},
                     body);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    *sealed_out = (struct text){(const char *)sealed, size};
    return 0;
}

static int header_read(struct text sealed, struct header *header_out)
{
    if (sealed.size < sizeof(*header_out) + VAULT_PAD_BYTES + CRYPTO_TAG_BYTES)
        return -EBADMSG;
    memcpy(header_out, sealed.bytes, sizeof(*header_out));
    if (header_out->version[0] != RECORD_VERSION ||
        header_out->algorithm[0] != RECORD_ALGORITHM_XAES)
        return -EBADMSG;
    return 0;
}

int vault_peek(struct text sealed, struct vault_case_id *id_out, uint64_t *generation_out)
{
    struct header header;

    if (header_read(sealed, &header) < 0)
        return -EBADMSG;
    *id_out = header.id;
    *generation_out = bytes_u64(header.generation);
    return 0;
}

/* The body inside the padded plaintext; -EBADMSG unless this is its one padded form. */
static int padding_remove(const uint8_t *padded, size_t size, struct text *plain_out)
{
    size_t plain_size = bytes_u32(padded);

    if (plain_size > size || padded_size(plain_size) != size)
        return -EBADMSG;
    for (size_t i = SIZE_BYTES + plain_size; i < size; i++)
        if (padded[i] != 0)
            return -EBADMSG;
    *plain_out = (struct text){(const char *)padded + SIZE_BYTES, plain_size};
    return 0;
}

static int open_body(struct vault *vault, struct arena *arena, enum vault_key_use use,
                     const struct vault_place *place, struct text sealed,
                     const struct header *header, struct text *plain_out)
{
    const uint8_t *body = (const uint8_t *)sealed.bytes + sizeof(*header);
    size_t size = sealed.size - sizeof(*header);
    uint8_t *key = crypto_thread_key(), *padded;
    struct bound bound;
    uint32_t version;
    int result;

    result = record_key(vault, use, &header->id, bytes_u32(header->epoch), &version, key);
    if (result < 0)
        return result;
    bound_fill(&bound, vault, place, header);
    padded = arena_alloc(arena, size - CRYPTO_TAG_BYTES + 1);
    result = version == bytes_u32(header->key_version) ? 0 : -EBADMSG;
    if (result == 0)
        result = crypto_xaes_open(&(struct crypto_job){.key = key,
                                                       .nonce = header->nonce,
                                                       .aad = bound.bytes,
                                                       .aad_size = bound.size,
                                                       .in = body,
                                                       .in_size = size},
                                  padded);
    crypto_wipe(key, CRYPTO_KEY_BYTES);
    return result < 0 ? result : padding_remove(padded, size - CRYPTO_TAG_BYTES, plain_out);
}

int vault_unseal(struct vault *vault, struct arena *arena, enum vault_key_use use,
                 const struct vault_place *place, struct text sealed, struct vault_case_id *id_out,
                 uint64_t *generation_out, struct text *plain_out)
{
    struct header header;
    int result = header_read(sealed, &header);

    if (result == 0 && sealed.size > RECORD_BYTES_MAX)
        result = -EBADMSG;
    if (result == 0)
        result = open_body(vault, arena, use, place, sealed, &header, plain_out);
    if (result < 0)
        return result;
    *id_out = header.id;
    *generation_out = bytes_u64(header.generation);
    return 0;
}

int vault_unseal_as(struct vault *vault, struct arena *arena, const struct vault_place *place,
                    struct text sealed, const struct vault_case_id *id)
{
    struct header header;
    struct text plain;

    if (sealed.size < sizeof(header) + VAULT_PAD_BYTES + CRYPTO_TAG_BYTES ||
        sealed.size > RECORD_BYTES_MAX)
        return -EBADMSG;
    memcpy(&header, sealed.bytes, sizeof(header));
    header.id = *id;
    return open_body(vault, arena, VAULT_USE_DATA, place, sealed, &header, &plain);
}

bool vault_claimed_id(struct text sealed, struct vault_case_id *id_out)
{
    struct header header;

    if (sealed.size < sizeof(header))
        return false;
    memcpy(&header, sealed.bytes, sizeof(header));
    *id_out = header.id;
    return true;
}

int vault_card_reseal(struct vault *vault, struct arena *arena, const struct vault_place *place,
                      struct text sealed, struct text *resealed_out)
{
    struct vault_case_id id;
    struct header header;
    struct text plain;
    uint64_t generation;

    if (header_read(sealed, &header) < 0)
        return -EBADMSG;
    if (bytes_u32(header.epoch) == vault->epoch)
        return 0;
    if (vault_unseal(vault, arena, VAULT_USE_CARD, place, sealed, &id, &generation, &plain) < 0)
        return -EBADMSG;
    CHECK(vault_seal(vault, arena, VAULT_USE_CARD, place, &id, generation, plain, resealed_out) ==
          0);
    return 1;
}
