/* The primitives, over OpenSSL's libcrypto: nothing above this header knows an OpenSSL type.
 *
 * Words: a *key* is CRYPTO_KEY_BYTES bytes in the secure heap; a *block* is AES's 16 bytes.
 * Each thread has its own contexts, made at its first call and freed at its end; after each use
 * they are keyed with zeros, so that no key schedule outlives the call. A failure inside libcrypto
 * that is no answer about the data (it is out of memory) ends the process. */
#ifndef SANKOFA_VAULT_CRYPTO_H
#define SANKOFA_VAULT_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CRYPTO_KEY_BYTES = 32,
    CRYPTO_BLOCK_BYTES = 16,
    CRYPTO_NONCE_BYTES = 24,
    CRYPTO_GCM_NONCE_BYTES = 12,
    CRYPTO_TAG_BYTES = 16,
    CRYPTO_HASH_BYTES = 32
};

/* Finds the algorithms and makes the secure heap, once for the process. 0, or -EIO: this libcrypto
 * lacks one, and nothing else here may be called. Any thread. */
int crypto_start(void);

/* `size` zeroed bytes of the secure heap, locked and kept out of dumps. Never NULL. */
void *crypto_secret_alloc(size_t size);
/* Wipes and frees. Accepts NULL. */
void crypto_secret_free(void *secret, size_t size);
void crypto_wipe(void *bytes, size_t size);
/* Compares in a time that does not depend on the bytes. */
bool crypto_equal(const void *a, const void *b, size_t size);
/* CRYPTO_KEY_BYTES of secure heap of the calling thread, for the key of the operation at hand; the
 * caller wipes it. */
uint8_t *crypto_thread_key(void);

/* What a cipher is asked to do: `nonce` has CRYPTO_NONCE_BYTES (xaes) or CRYPTO_GCM_NONCE_BYTES. */
struct crypto_job {
    const uint8_t *key, *nonce;
    const void *aad;
    size_t aad_size;
    const uint8_t *in;
    size_t in_size; /* at most INT_MAX */
};

/* XAES-256-GCM of C2SP. Writes in_size + CRYPTO_TAG_BYTES bytes. */
void crypto_xaes_seal(const struct crypto_job *job, uint8_t *out);
/* Writes in_size - CRYPTO_TAG_BYTES bytes. -EBADMSG, and wiped bytes, if the tag does not fit. */
int crypto_xaes_open(const struct crypto_job *job, uint8_t *out);
/* AES-256-GCM with a 12-byte nonce: what is underneath. The same sizes. */
void crypto_gcm_seal(const struct crypto_job *job, uint8_t *out);
int crypto_gcm_open(const struct crypto_job *job, uint8_t *out);
/* CMAC-AES-256 of `count` messages of exactly one block each, one after the other. */
void crypto_cmac_blocks(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t *blocks, size_t count,
                        uint8_t *macs_out);

void crypto_hash(const void *bytes, size_t size, uint8_t hash_out[CRYPTO_HASH_BYTES]);
/* Of one after the other. */
void crypto_hash_two(const void *first, size_t first_size, const void *second, size_t second_size,
                     uint8_t hash_out[CRYPTO_HASH_BYTES]);
/* The same piece by piece. */
struct crypto_hasher;
struct crypto_hasher *crypto_hasher_create(void);
void crypto_hasher_add(struct crypto_hasher *hasher, const void *bytes, size_t size);
/* Once; nothing is added after it. */
void crypto_hasher_end(struct crypto_hasher *hasher, uint8_t hash_out[CRYPTO_HASH_BYTES]);
/* Accepts NULL. */
void crypto_hasher_destroy(struct crypto_hasher *hasher);
void crypto_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                 uint8_t mac_out[CRYPTO_HASH_BYTES]);
/* scrypt: it takes 128 * 2^log2_n * r bytes of memory for its time. -ENOMEM: there are not so many,
 * and `out` is wiped. */
struct crypto_scrypt_cost {
    uint32_t log2_n, r, p;
};
int crypto_scrypt(const void *passphrase, size_t passphrase_size, const void *salt,
                  size_t salt_size, const struct crypto_scrypt_cost *cost, uint8_t *out,
                  size_t out_size);
/* HKDF-SHA-256, extract and expand. */
void crypto_hkdf(const void *key, size_t key_size, const void *salt, size_t salt_size,
                 const void *info, size_t info_size, uint8_t *out, size_t out_size);

#endif
