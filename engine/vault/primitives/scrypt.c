/* scrypt, which makes every guess at a passphrase cost memory and time. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "base/check.h"
#include "vault/primitives/crypto.h"

enum { SPARE_BYTES = 1 << 20 };

/* Without it libcrypto's allocator, which never fails, would end the process. */
static bool has_memory(uint64_t size)
{
    void *probe = malloc(size);

    free(probe);
    return probe != NULL;
}

int crypto_scrypt(const void *passphrase, size_t passphrase_size, const void *salt,
                  size_t salt_size, const struct crypto_scrypt_cost *cost, uint8_t *out,
                  size_t out_size)
{
    uint64_t n = (uint64_t)1 << cost->log2_n, memory_bytes = 128 * n * cost->r + SPARE_BYTES;
    uint32_t r = cost->r, p = cost->p;
    /* OSSL_PARAM has no const; scrypt only reads them. */
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)(uintptr_t)passphrase,
                                          passphrase_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, salt_size),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_bytes),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf;
    EVP_KDF_CTX *context;

    CHECK(crypto_start() == 0);
    if (!has_memory(memory_bytes)) {
        crypto_wipe(out, out_size);
        return -ENOMEM;
    }
    kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    CHECK(kdf != NULL);
    context = EVP_KDF_CTX_new(kdf);
    CHECK(context != NULL);
    CHECK(EVP_KDF_derive(context, out, out_size, parameters) == 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return 0;
}
