/* The primitives, over OpenSSL 3.
 *
 * XAES-256-GCM is three AES blocks in front of AES-256-GCM; the blocks are CMAC-AES-256 of one
 * block each, computed here from AES itself. OpenSSL 3.0's KBKDF is not used for it: it ignores the
 * counter's size silently and derives another key. */
#include "vault/primitives/crypto.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/log.h"

enum {
    SECURE_HEAP_BYTES = 1 << 20, /* 4,096 data keys are 128 KiB of it */
    SECURE_HEAP_BYTES_MIN = 32   /* the smallest piece */
};

static struct {
    int result;
    EVP_CIPHER *block, *gcm;
    EVP_MAC *hmac;
    EVP_KDF *hkdf;
    EVP_MD *sha256;
    pthread_key_t bench_key;
} library;

/* What one thread works with. The secrets are in the secure heap. */
struct bench_secrets {
    uint8_t key[CRYPTO_KEY_BYTES];    /* of crypto_thread_key */
    uint8_t subkey[CRYPTO_KEY_BYTES]; /* XAES: what GCM is keyed with */
    uint8_t mask[CRYPTO_BLOCK_BYTES]; /* CMAC: L, then K1 */
    uint8_t blocks[2 * CRYPTO_BLOCK_BYTES];
};
struct bench {
    EVP_CIPHER_CTX *block, *gcm;
    EVP_MD_CTX *hash; /* of what is no secret */
    struct bench_secrets *secrets;
};

static _Thread_local struct bench *thread_bench;
static const uint8_t zeros[CRYPTO_KEY_BYTES];

static void bench_destroy(void *self)
{
    struct bench *bench = self;

    EVP_CIPHER_CTX_free(bench->block);
    EVP_CIPHER_CTX_free(bench->gcm);
    EVP_MD_CTX_free(bench->hash);
    crypto_secret_free(bench->secrets, sizeof(*bench->secrets));
    OPENSSL_free(bench);
}

/* libcrypto that lacks memory would seem to lack an algorithm, or to find a record damaged. */
static void *allocate(size_t size, const char *file, int line)
{
    void *bytes = malloc(size);

    (void)file, (void)line;
    if (!bytes && size > 0)
        check_out_of_memory("libcrypto", size);
    return bytes;
}

static void *resize(void *bytes, size_t size, const char *file, int line)
{
    void *other = realloc(bytes, size);

    (void)file, (void)line;
    if (!other && size > 0)
        check_out_of_memory("libcrypto", size);
    return other;
}

static void release(void *bytes, const char *file, int line)
{
    (void)file, (void)line;
    free(bytes);
}

static bool secure_heap_start(void)
{
    int made;

    if (CRYPTO_secure_malloc_initialized())
        return true;
    made = CRYPTO_secure_malloc_init(SECURE_HEAP_BYTES, SECURE_HEAP_BYTES_MIN);
    if (made == 2)
        log_event(LOG_WARNING, "vault.memory_unlocked",
                  "hint=\"raise LimitMEMLOCK, or keys may be written to swap\"");
    return made != 0;
}

static void library_start(void)
{
    /* Before libcrypto has asked for anything. */
    bool good = CRYPTO_set_mem_functions(allocate, resize, release) == 1;
    /* Algorithms do not depend on a configuration file that the environment can name. */
    good = good && OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1;

    library.block = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    library.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    library.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    library.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    library.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    good = good && library.block && library.gcm && library.hmac && library.hkdf && library.sha256;
    good = good && secure_heap_start();
    good = good && pthread_key_create(&library.bench_key, bench_destroy) == 0;
    library.result = good ? 0 : -EIO;
}

int crypto_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, library_start);
    return library.result;
}

static void context_key(EVP_CIPHER_CTX *context, const uint8_t *key, const uint8_t *nonce,
                        int encrypts)
{
    CHECK(EVP_CipherInit_ex(context, NULL, NULL, key, nonce, encrypts) == 1);
}

static EVP_CIPHER_CTX *context_create(const EVP_CIPHER *cipher)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    CHECK(context != NULL);
    CHECK(EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, 1) == 1);
    EVP_CIPHER_CTX_set_padding(context, 0);
    return context;
}

static struct bench *bench(void)
{
    if (thread_bench)
        return thread_bench;
    CHECK(crypto_start() == 0);
    thread_bench = OPENSSL_zalloc(sizeof(*thread_bench));
    CHECK(thread_bench != NULL);
    thread_bench->block = context_create(library.block);
    thread_bench->gcm = context_create(library.gcm);
    thread_bench->hash = EVP_MD_CTX_new();
    CHECK(thread_bench->hash != NULL);
    thread_bench->secrets = crypto_secret_alloc(sizeof(*thread_bench->secrets));
    CHECK(pthread_setspecific(library.bench_key, thread_bench) == 0);
    return thread_bench;
}

void *crypto_secret_alloc(size_t size)
{
    void *secret;

    CHECK(CRYPTO_secure_malloc_initialized());
    secret = OPENSSL_secure_zalloc(size);
    CHECK(secret != NULL);
    return secret;
}

void crypto_secret_free(void *secret, size_t size)
{
    OPENSSL_secure_clear_free(secret, size);
}

void crypto_wipe(void *bytes, size_t size)
{
    OPENSSL_cleanse(bytes, size);
}

bool crypto_equal(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

uint8_t *crypto_thread_key(void)
{
    return bench()->secrets->key;
}

/* One call of the cipher; a size of 0 needs none. `out` NULL feeds associated data. */
static void context_feed(EVP_CIPHER_CTX *context, uint8_t *out, const void *in, size_t size)
{
    int written;

    CHECK(size <= INT_MAX);
    if (size == 0)
        return;
    CHECK(EVP_CipherUpdate(context, out, &written, in, (int)size) == 1);
    CHECK(written == (int)size);
}

void crypto_gcm_seal(const struct crypto_job *job, uint8_t *out)
{
    EVP_CIPHER_CTX *context = bench()->gcm;
    int written;

    context_key(context, job->key, job->nonce, 1);
    context_feed(context, NULL, job->aad, job->aad_size);
    context_feed(context, out, job->in, job->in_size);
    CHECK(EVP_CipherFinal_ex(context, out + job->in_size, &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_BYTES,
                              out + job->in_size) == 1);
    context_key(context, zeros, zeros, 1);
}

int crypto_gcm_open(const struct crypto_job *job, uint8_t *out)
{
    EVP_CIPHER_CTX *context = bench()->gcm;
    uint8_t tag[CRYPTO_TAG_BYTES], none[CRYPTO_BLOCK_BYTES];
    int written;
    bool good;
    size_t size;

    if (job->in_size < CRYPTO_TAG_BYTES)
        return -EBADMSG;
    size = job->in_size - CRYPTO_TAG_BYTES;
    memcpy(tag, job->in + size, sizeof(tag));
    context_key(context, job->key, job->nonce, 0);
    context_feed(context, NULL, job->aad, job->aad_size);
    context_feed(context, out, job->in, size);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1);
    good = EVP_CipherFinal_ex(context, none, &written) == 1;
    context_key(context, zeros, zeros, 0);
    if (!good)
        crypto_wipe(out, size);
    return good ? 0 : -EBADMSG;
}

/* The CMAC subkey K1: L doubled in GF(2^128), in a time that does not depend on it. */
static void mask_double(uint8_t mask[CRYPTO_BLOCK_BYTES])
{
    uint8_t carry = 0;

    for (size_t i = CRYPTO_BLOCK_BYTES; i-- > 0;) {
        uint8_t high = mask[i] >> 7;

        mask[i] = (uint8_t)(mask[i] << 1 | carry);
        carry = high;
    }
    mask[CRYPTO_BLOCK_BYTES - 1] ^= (uint8_t)(0x87 & -carry);
}

void crypto_cmac_blocks(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t *blocks, size_t count,
                        uint8_t *macs_out)
{
    struct bench *mine = bench();
    uint8_t *mask = mine->secrets->mask;
    size_t size = count * CRYPTO_BLOCK_BYTES;

    context_key(mine->block, key, NULL, 1);
    context_feed(mine->block, mask, zeros, CRYPTO_BLOCK_BYTES);
    mask_double(mask);
    for (size_t i = 0; i < size; i++)
        macs_out[i] = blocks[i] ^ mask[i % CRYPTO_BLOCK_BYTES];
    context_feed(mine->block, macs_out, macs_out, size);
    context_key(mine->block, zeros, NULL, 1);
    crypto_wipe(mask, CRYPTO_BLOCK_BYTES);
}

/* The job for GCM: the subkey of the first half of the nonce, and the second half. */
static struct crypto_job xaes_job(const struct crypto_job *job)
{
    struct bench_secrets *secrets = bench()->secrets;
    struct crypto_job inner = *job;

    for (uint8_t i = 0; i < 2; i++) {
        uint8_t *block = secrets->blocks + i * CRYPTO_BLOCK_BYTES;

        memcpy(block, (const uint8_t[]){0, (uint8_t)(i + 1), 'X', 0}, 4);
        memcpy(block + 4, job->nonce, CRYPTO_GCM_NONCE_BYTES);
    }
    crypto_cmac_blocks(job->key, secrets->blocks, 2, secrets->subkey);
    inner.key = secrets->subkey;
    inner.nonce = job->nonce + CRYPTO_NONCE_BYTES - CRYPTO_GCM_NONCE_BYTES;
    return inner;
}

void crypto_xaes_seal(const struct crypto_job *job, uint8_t *out)
{
    struct crypto_job inner = xaes_job(job);

    crypto_gcm_seal(&inner, out);
    crypto_wipe(bench()->secrets->subkey, CRYPTO_KEY_BYTES);
}

int crypto_xaes_open(const struct crypto_job *job, uint8_t *out)
{
    struct crypto_job inner = xaes_job(job);
    int result = crypto_gcm_open(&inner, out);

    crypto_wipe(bench()->secrets->subkey, CRYPTO_KEY_BYTES);
    return result;
}

void crypto_hash(const void *bytes, size_t size, uint8_t hash_out[CRYPTO_HASH_BYTES])
{
    CHECK(crypto_start() == 0);
    CHECK(EVP_Digest(bytes, size, hash_out, NULL, library.sha256, NULL) == 1);
}

void crypto_hash_two(const void *first, size_t first_size, const void *second, size_t second_size,
                     uint8_t hash_out[CRYPTO_HASH_BYTES])
{
    EVP_MD_CTX *context = bench()->hash;

    CHECK(EVP_DigestInit_ex(context, library.sha256, NULL) == 1);
    CHECK(EVP_DigestUpdate(context, first, first_size) == 1);
    CHECK(EVP_DigestUpdate(context, second, second_size) == 1);
    CHECK(EVP_DigestFinal_ex(context, hash_out, NULL) == 1);
}

/* The type is the library's own: a hasher is one of its contexts. */
static EVP_MD_CTX *context_of(struct crypto_hasher *hasher)
{
    return (EVP_MD_CTX *)(void *)hasher;
}

struct crypto_hasher *crypto_hasher_create(void)
{
    CHECK(crypto_start() == 0);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context != NULL);
    CHECK(EVP_DigestInit_ex(context, library.sha256, NULL) == 1);
    return (struct crypto_hasher *)(void *)context;
}

void crypto_hasher_add(struct crypto_hasher *hasher, const void *bytes, size_t size)
{
    CHECK(EVP_DigestUpdate(context_of(hasher), bytes, size) == 1);
}

void crypto_hasher_end(struct crypto_hasher *hasher, uint8_t hash_out[CRYPTO_HASH_BYTES])
{
    CHECK(EVP_DigestFinal_ex(context_of(hasher), hash_out, NULL) == 1);
}

void crypto_hasher_destroy(struct crypto_hasher *hasher)
{
    EVP_MD_CTX_free(context_of(hasher));
}

void crypto_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                 uint8_t mac_out[CRYPTO_HASH_BYTES])
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context;
    size_t written;

    CHECK(crypto_start() == 0);
    context = EVP_MAC_CTX_new(library.hmac);
    CHECK(context != NULL);
    CHECK(EVP_MAC_init(context, key, key_size, parameters) == 1);
    CHECK(EVP_MAC_update(context, bytes, size) == 1);
    CHECK(EVP_MAC_final(context, mac_out, &written, CRYPTO_HASH_BYTES) == 1);
    CHECK(written == CRYPTO_HASH_BYTES);
    EVP_MAC_CTX_free(context);
}

void crypto_hkdf(const void *key, size_t key_size, const void *salt, size_t salt_size,
                 const void *info, size_t info_size, uint8_t *out, size_t out_size)
{
    /* OSSL_PARAM has no const; HKDF only reads them. */
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, key_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt, salt_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info, info_size),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX *context;

    CHECK(crypto_start() == 0);
    context = EVP_KDF_CTX_new(library.hkdf);
    CHECK(context != NULL);
    CHECK(EVP_KDF_derive(context, out, out_size, parameters) == 1);
    EVP_KDF_CTX_free(context);
}
