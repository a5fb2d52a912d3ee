/* X25519 and ChaCha20-Poly1305, over OpenSSL 3. */
#include <limits.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "vault/age/internal.h"

void age_x25519_public(const uint8_t secret[AGE_KEY_BYTES], uint8_t public_out[AGE_KEY_BYTES])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, AGE_KEY_BYTES);
    size_t size = AGE_KEY_BYTES;

    CHECK(key != NULL);
    CHECK(EVP_PKEY_get_raw_public_key(key, public_out, &size) == 1);
    CHECK(size == AGE_KEY_BYTES);
    EVP_PKEY_free(key);
}

bool age_x25519(const uint8_t secret[AGE_KEY_BYTES], const uint8_t other[AGE_KEY_BYTES],
                uint8_t shared_out[AGE_KEY_BYTES])
{
    EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, AGE_KEY_BYTES);
    EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, other, AGE_KEY_BYTES);
    EVP_PKEY_CTX *context;
    size_t size = AGE_KEY_BYTES;
    bool good;

    CHECK(mine != NULL);
    CHECK(theirs != NULL);
    context = EVP_PKEY_CTX_new(mine, NULL);
    CHECK(context != NULL);
    CHECK(EVP_PKEY_derive_init(context) == 1);
    CHECK(EVP_PKEY_derive_set_peer(context, theirs) == 1);
    good = EVP_PKEY_derive(context, shared_out, &size) == 1 && size == AGE_KEY_BYTES;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    return good;
}

/* Sealing appends the tag, opening checks the one that follows `size` bytes. */
static bool chacha(const uint8_t *key, const uint8_t *nonce, const uint8_t *in, size_t size,
                   uint8_t *out, bool seals)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    bool good;

    CHECK(context != NULL);
    CHECK(size <= INT_MAX);
    CHECK(EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), NULL, key, nonce, seals) == 1);
    if (!seals)
        CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG_BYTES,
                                  (void *)(uintptr_t)(in + size)) == 1);
    if (size > 0)
        CHECK(EVP_CipherUpdate(context, out, &written, in, (int)size) == 1);
    good = EVP_CipherFinal_ex(context, out + written, &written) == 1;
    if (seals)
        CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_BYTES, out + size) ==
              1);
    EVP_CIPHER_CTX_free(context);
    return good;
}

void age_chacha_seal(const uint8_t key[CRYPTO_KEY_BYTES],
                     const uint8_t nonce[CRYPTO_GCM_NONCE_BYTES], const void *in, size_t size,
                     uint8_t *out)
{
    CHECK(chacha(key, nonce, in, size, out, true));
}

bool age_chacha_open(const uint8_t key[CRYPTO_KEY_BYTES],
                     const uint8_t nonce[CRYPTO_GCM_NONCE_BYTES], const uint8_t *in, size_t size,
                     uint8_t *out)
{
    if (size < CRYPTO_TAG_BYTES)
        return false;
    if (chacha(key, nonce, in, size - CRYPTO_TAG_BYTES, out, false))
        return true;
    crypto_wipe(out, size - CRYPTO_TAG_BYTES);
    return false;
}
