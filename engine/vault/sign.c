/* Ed25519 over OpenSSL, whose keys of this kind keep their secret in the secure heap. */
#include "vault/sign.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "vault/state.h"
#include "vault/tree/tree.h"

static EVP_PKEY *private_key(const uint8_t *seed)
{
    EVP_PKEY *key;

    CHECK(crypto_start() == 0);
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_KEY_BYTES);
    CHECK(key != NULL);
    return key;
}

void sign_public_key(const uint8_t seed[SIGN_KEY_BYTES], uint8_t public_key_out[SIGN_KEY_BYTES])
{
    EVP_PKEY *key = private_key(seed);
    size_t size = SIGN_KEY_BYTES;

    CHECK(EVP_PKEY_get_raw_public_key(key, public_key_out, &size) == 1);
    CHECK(size == SIGN_KEY_BYTES);
    EVP_PKEY_free(key);
}

void sign_bytes(const uint8_t seed[SIGN_KEY_BYTES], const void *bytes, size_t size,
                uint8_t signature_out[SIGN_BYTES])
{
    EVP_PKEY *key = private_key(seed);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t written = SIGN_BYTES;

    CHECK(context != NULL);
    CHECK(EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1);
    CHECK(EVP_DigestSign(context, signature_out, &written, bytes, size) == 1);
    CHECK(written == SIGN_BYTES);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

bool sign_is_genuine(const uint8_t public_key[SIGN_KEY_BYTES], const void *bytes, size_t size,
                     const uint8_t signature[SIGN_BYTES])
{
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    bool genuine;

    CHECK(crypto_start() == 0);
    key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_KEY_BYTES);
    if (!key)
        return false;
    context = EVP_MD_CTX_new();
    CHECK(context != NULL);
    genuine = EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(context, signature, SIGN_BYTES, bytes, size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return genuine;
}

/* In secure heap of this thread; the caller wipes it. */
static uint8_t *derive_seed(const struct vault *vault)
{
    uint8_t *seed = crypto_thread_key();

    key_derive(vault->secrets->root, vault->store_id, KEY_OF_SIGNATURES, NULL, 0, seed);
    return seed;
}

void vault_sign(const struct vault *vault, const void *bytes, size_t size,
                uint8_t signature_out[SIGN_BYTES])
{
    uint8_t *seed = derive_seed(vault);

    sign_bytes(seed, bytes, size, signature_out);
    crypto_wipe(seed, SIGN_KEY_BYTES);
}

void vault_public_key(const struct vault *vault, uint8_t public_key_out[SIGN_KEY_BYTES])
{
    uint8_t *seed = derive_seed(vault);

    sign_public_key(seed, public_key_out);
    crypto_wipe(seed, SIGN_KEY_BYTES);
}
