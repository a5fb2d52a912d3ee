/* Known-answer tests.
 *
 * Sources: XAES-256-GCM, C2SP (c2sp.org/XAES-256-GCM), both vectors: the top bit of L clear and
 * set; AES-256-GCM, test case 16 of the GCM specification (McGrew, Viega); CMAC, NIST SP 800-38B,
 * AES-256 example 2; HKDF, RFC 5869 A.1; scrypt, RFC 7914 12; HMAC, RFC 4231 test case 2; SHA-256,
 * FIPS 180-2 B.1; Ed25519, RFC 8032 7.1 test 2. */
#include "vault/primitives/self_test.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "vault/primitives/crypto.h"
#include "vault/sign.h"
#include "vault/vault.h"

enum { SCRYPT_BYTES = 64 };

static struct crypto_job given_job(const struct self_test_given *given)
{
    return (struct crypto_job){
        .key = given->key.bytes,
        .nonce = given->nonce.bytes,
        .aad = given->aad.bytes,
        .aad_size = given->aad.size,
        .in = given->input.bytes,
        .in_size = given->input.size,
    };
}

/* Seals; and an answer that cannot be opened again, or opens with a changed tag, is emptied, so
 * that it fits no expectation. */
static void compute_sealed(const struct self_test_given *given, struct self_test_bytes *answer_out,
                           void (*seal)(const struct crypto_job *, uint8_t *),
                           int (*open)(const struct crypto_job *, uint8_t *))
{
    struct crypto_job job = given_job(given);
    uint8_t opened[SELF_TEST_BYTES_MAX];
    bool good;

    seal(&job, answer_out->bytes);
    answer_out->size = job.in_size + CRYPTO_TAG_BYTES;
    job.in = answer_out->bytes;
    job.in_size = answer_out->size;
    good = open(&job, opened) == 0 && memcmp(opened, given->input.bytes, given->input.size) == 0;
    answer_out->bytes[answer_out->size - 1] ^= 1;
    good = good && open(&job, opened) == -EBADMSG;
    answer_out->bytes[answer_out->size - 1] ^= 1;
    if (!good)
        answer_out->size = 0;
}

static void compute_xaes(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    compute_sealed(given, answer_out, crypto_xaes_seal, crypto_xaes_open);
}

static void compute_gcm(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    compute_sealed(given, answer_out, crypto_gcm_seal, crypto_gcm_open);
}

static void compute_cmac(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    crypto_cmac_blocks(given->key.bytes, given->input.bytes, 1, answer_out->bytes);
    answer_out->size = CRYPTO_BLOCK_BYTES;
}

static void compute_hkdf(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    answer_out->size = CRYPTO_HASH_BYTES;
    crypto_hkdf(given->key.bytes, given->key.size, given->nonce.bytes, given->nonce.size,
                given->aad.bytes, given->aad.size, answer_out->bytes, answer_out->size);
}

static void compute_hmac(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    crypto_hmac(given->key.bytes, given->key.size, given->input.bytes, given->input.size,
                answer_out->bytes);
    answer_out->size = CRYPTO_HASH_BYTES;
}

/* The smallest one of the RFC; `aad` is not used. */
static void compute_scrypt(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    const struct crypto_scrypt_cost cost = {.log2_n = 4, .r = 1, .p = 1};

    answer_out->size = SCRYPT_BYTES;
    if (crypto_scrypt(given->key.bytes, given->key.size, given->nonce.bytes, given->nonce.size,
                      &cost, answer_out->bytes, answer_out->size) < 0)
        answer_out->size = 0;
}

static void compute_hash(const struct self_test_given *given, struct self_test_bytes *answer_out)
{
    crypto_hash(given->input.bytes, given->input.size, answer_out->bytes);
    answer_out->size = CRYPTO_HASH_BYTES;
}

/* `aad` is the public key that the seed must give; the signature must verify, and not of other
 * bytes. */
static void compute_signature(const struct self_test_given *given,
                              struct self_test_bytes *answer_out)
{
    uint8_t public_key[SIGN_KEY_BYTES];
    bool good;

    sign_public_key(given->key.bytes, public_key);
    sign_bytes(given->key.bytes, given->input.bytes, given->input.size, answer_out->bytes);
    good = memcmp(public_key, given->aad.bytes, sizeof(public_key)) == 0 &&
           sign_is_genuine(public_key, given->input.bytes, given->input.size, answer_out->bytes) &&
           !sign_is_genuine(public_key, "s", 1, answer_out->bytes);
    answer_out->size = good ? SIGN_BYTES : 0;
}

const struct self_test self_tests[] = {
    {
        .name = "xaes-256-gcm-1",
        .compute = compute_xaes,
        .key = "0101010101010101010101010101010101010101010101010101010101010101",
        .nonce = "4142434445464748494a4b4c4d4e4f505152535455565758",
        .aad = "",
        .input = "584145532d3235362d47434d",
        .answer = "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
    },
    {
        .name = "xaes-256-gcm-2",
        .compute = compute_xaes,
        .key = "0303030303030303030303030303030303030303030303030303030303030303",
        .nonce = "4142434445464748494a4b4c4d4e4f505152535455565758",
        .aad = "633273702e6f72672f584145532d3235362d47434d",
        .input = "584145532d3235362d47434d",
        .answer = "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
    },
    {
        .name = "aes-256-gcm",
        .compute = compute_gcm,
        .key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        .nonce = "cafebabefacedbaddecaf888",
        .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        .input = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        .answer = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                  "76fc6ece0f4e1768cddf8853bb2d551b",
    },
    {
        .name = "cmac-aes-256",
        .compute = compute_cmac,
        .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        .nonce = "",
        .aad = "",
        .input = "6bc1bee22e409f96e93d7e117393172a",
        .answer = "28a7023f452e8f82bd4bf28d8c37c35c",
    },
    {
        .name = "hkdf-sha-256",
        .compute = compute_hkdf,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .nonce = "000102030405060708090a0b0c",
        .aad = "f0f1f2f3f4f5f6f7f8f9",
        .input = "",
        .answer = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
    },
    {
        .name = "scrypt",
        .compute = compute_scrypt,
        .key = "",
        .nonce = "",
        .aad = "",
        .input = "",
        .answer = "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                  "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
    },
    {
        .name = "hmac-sha-256",
        .compute = compute_hmac,
        .key = "4a656665",
        .nonce = "",
        .aad = "",
        .input = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        .answer = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    {
        .name = "sha-256",
        .compute = compute_hash,
        .key = "",
        .nonce = "",
        .aad = "",
        .input = "616263",
        .answer = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    },
    {
        .name = "ed25519",
        .compute = compute_signature,
        .key = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        .nonce = "",
        .aad = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        .input = "72",
        .answer = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
};
const size_t self_test_count = sizeof(self_tests) / sizeof(self_tests[0]);

static struct self_test_bytes hex_bytes(const char *hex)
{
    struct self_test_bytes bytes = {.size = strlen(hex) / 2};

    CHECK(bytes.size <= sizeof(bytes.bytes));
    CHECK(text_from_hex(text_from(hex), bytes.bytes, bytes.size));
    return bytes;
}

static bool passes(const struct self_test *test)
{
    struct self_test_given given = {
        .key = hex_bytes(test->key),
        .nonce = hex_bytes(test->nonce),
        .aad = hex_bytes(test->aad),
        .input = hex_bytes(test->input),
    };
    struct self_test_bytes expected = hex_bytes(test->answer), answer = {.size = 0};

    test->compute(&given, &answer);
    return answer.size == expected.size && memcmp(answer.bytes, expected.bytes, answer.size) == 0;
}

int self_test_run(const struct self_test *tests, size_t count)
{
    if (crypto_start() < 0) {
        log_event(LOG_ERROR, "vault.self_test_failed", "test=algorithms");
        return -EIO;
    }
    for (size_t i = 0; i < count; i++) {
        if (!passes(&tests[i])) {
            log_event(LOG_ERROR, "vault.self_test_failed", "test=%s", tests[i].name);
            return -EIO;
        }
    }
    return 0;
}

int vault_self_test(void)
{
    return self_test_run(self_tests, self_test_count);
}
