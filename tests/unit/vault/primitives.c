/* The primitives against published answers.
 *
 * XAES-256-GCM: the accumulated test of C2SP (c2sp.org/XAES-256-GCM, "Accumulated randomized
 * tests", 10,000 iterations). The others: Debian's python3-cryptography-vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "vault/primitives/crypto.h"
#include "vault/primitives/self_test.h"
#include "vault/sign.h"
#include "vault/vault.h"

#define VECTORS "/usr/lib/python3/dist-packages/cryptography_vectors/"

enum { FIELD_MAX = 8, LINE_BYTES_MAX = 1 << 17, BYTES_MAX = LINE_BYTES_MAX / 2 };

static void self_test_passes(void **state)
{
    (void)state;
    assert_int_equal(vault_self_test(), 0);
}

static void silent(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level, (void)line;
}

static void each_known_answer_can_fail(void **state)
{
    char answer[2 * SELF_TEST_BYTES_MAX + 1];

    (void)state;
    log_set_sink(silent, NULL);
    for (size_t i = 0; i < self_test_count; i++) {
        struct self_test wrong = self_tests[i];

        snprintf(answer, sizeof(answer), "%s", wrong.answer);
        answer[5] = answer[5] == '0' ? '1' : '0';
        wrong.answer = answer;
        assert_int_equal(self_test_run(&self_tests[i], 1), 0);
        assert_int_equal(self_test_run(&wrong, 1), -EIO);
    }
}

static void xaes_gives_the_accumulated_hash_of_c2sp(void **state)
{
    static const uint8_t begins[] = {0x7f, 0x9c, 0x2b, 0xa4, 0xe8, 0x8f, 0x82, 0x7d};
    enum { CASES = 10000, STREAM_BYTES = CASES * (32 + 24 + 2 * 256) };
    uint8_t *stream = malloc(STREAM_BYTES), *read = stream, expected[32], hash[32];
    EVP_MD_CTX *source = EVP_MD_CTX_new(), *sum = EVP_MD_CTX_new();

    (void)state;
    assert_true(EVP_DigestInit_ex(source, EVP_shake128(), NULL));
    assert_true(EVP_DigestFinalXOF(source, stream, STREAM_BYTES));
    assert_memory_equal(stream, begins, sizeof(begins));
    assert_true(EVP_DigestInit_ex(sum, EVP_shake128(), NULL));
    for (size_t i = 0; i < CASES; i++) {
        struct crypto_job job = {.key = read, .nonce = read + 32};
        uint8_t sealed[256 + CRYPTO_TAG_BYTES], opened[256];

        read += 32 + 24;
        job.in_size = *read++;
        job.in = read;
        read += job.in_size;
        job.aad_size = *read++;
        job.aad = read;
        read += job.aad_size;
        crypto_xaes_seal(&job, sealed);
        assert_true(EVP_DigestUpdate(sum, sealed, job.in_size + CRYPTO_TAG_BYTES));
        job.in = sealed;
        job.in_size += CRYPTO_TAG_BYTES;
        assert_int_equal(crypto_xaes_open(&job, opened), 0);
    }
    assert_true(EVP_DigestFinalXOF(sum, hash, sizeof(hash)));
    assert_true(text_from_hex(
        TEXT("e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939"), expected, 32));
    assert_memory_equal(hash, expected, sizeof(expected));
    EVP_MD_CTX_free(source);
    EVP_MD_CTX_free(sum);
    free(stream);
}

static void opening_refuses_a_text_shorter_than_its_tag(void **state)
{
    uint8_t key[CRYPTO_KEY_BYTES] = {1}, nonce[CRYPTO_NONCE_BYTES] = {2}, bytes[16] = {3};
    struct crypto_job job = {.key = key, .nonce = nonce, .in = bytes, .in_size = 15};

    (void)state;
    assert_int_equal(crypto_xaes_open(&job, bytes), -EBADMSG);
}

/* One vector of a file: `Name = hex` lines up to an empty one. */
struct vector {
    char names[FIELD_MAX][16];
    uint8_t *bytes[FIELD_MAX];
    size_t sizes[FIELD_MAX], count;
    bool fails;
};

static void vector_line(struct vector *vector, char *line)
{
    char *equals = strchr(line, '=');
    struct text value;
    size_t i = vector->count;

    if (strncmp(line, "FAIL", 4) == 0)
        vector->fails = true;
    if (!equals || line[0] == '[' || line[0] == '#' || i == FIELD_MAX)
        return;
    sscanf(line, "%15s", vector->names[i]);
    for (equals++; *equals == ' '; equals++)
        ;
    value = (struct text){equals, strcspn(equals, "\r\n ")};
    vector->sizes[i] = value.size / 2;
    if (text_from_hex(value, vector->bytes[i], vector->sizes[i]))
        vector->count++;
}

static size_t field(const struct vector *vector, const char *name, const uint8_t **bytes_out)
{
    for (size_t i = 0; i < vector->count; i++) {
        if (strcmp(vector->names[i], name) == 0) {
            *bytes_out = vector->bytes[i];
            return vector->sizes[i];
        }
    }
    *bytes_out = NULL;
    return 0;
}

/* Calls `each` with every vector, which tells whether it used it; returns how many it did. */
static size_t each_vector(const char *path, bool (*each)(const struct vector *vector))
{
    struct vector vector = {.count = 0};
    char *line = malloc(LINE_BYTES_MAX);
    FILE *file = fopen(path, "r");
    size_t used = 0;

    if (!file) {
        free(line);
        fail_msg("python3-cryptography-vectors is not installed: contrib/setup --test");
    }
    for (size_t i = 0; i < FIELD_MAX; i++)
        vector.bytes[i] = malloc(BYTES_MAX);
    for (bool more = true; more;) {
        more = fgets(line, LINE_BYTES_MAX, file) != NULL;
        if (more && line[strspn(line, "\r\n")] != '\0') {
            vector_line(&vector, line);
            continue;
        }
        if (vector.count > 0)
            used += each(&vector);
        vector.count = 0;
        vector.fails = false;
    }
    for (size_t i = 0; i < FIELD_MAX; i++)
        free(vector.bytes[i]);
    free(line);
    fclose(file);
    return used;
}

static bool check_gcm(const struct vector *vector)
{
    const uint8_t *key, *nonce, *aad, *plain, *cipher, *tag;
    uint8_t sealed[512], opened[512];
    struct crypto_job job;
    size_t size;

    if (field(vector, "IV", &nonce) != CRYPTO_GCM_NONCE_BYTES ||
        field(vector, "Tag", &tag) != CRYPTO_TAG_BYTES)
        return false;
    field(vector, "Key", &key);
    size = field(vector, "CT", &cipher);
    job = (struct crypto_job){.key = key, .nonce = nonce, .in = sealed};
    job.aad_size = field(vector, "AAD", &aad);
    job.aad = aad;
    job.in_size = size + CRYPTO_TAG_BYTES;
    if (size > 0)
        memcpy(sealed, cipher, size);
    memcpy(sealed + size, tag, CRYPTO_TAG_BYTES);
    assert_int_equal(crypto_gcm_open(&job, opened), vector->fails ? -EBADMSG : 0);
    if (vector->fails)
        return true;
    assert_int_equal(field(vector, "PT", &plain), size);
    if (size > 0)
        assert_memory_equal(opened, plain, size);
    job.in = opened;
    job.in_size = size;
    crypto_gcm_seal(&job, sealed);
    if (size > 0)
        assert_memory_equal(sealed, cipher, size);
    assert_memory_equal(sealed + size, tag, CRYPTO_TAG_BYTES);
    return true;
}

static void gcm_agrees_with_nist(void **state)
{
    (void)state;
    assert_true(each_vector(VECTORS "ciphers/AES/GCM/gcmEncryptExtIV256.rsp", check_gcm) > 300);
    assert_true(each_vector(VECTORS "ciphers/AES/GCM/gcmDecrypt256.rsp", check_gcm) > 300);
}

static bool check_cmac(const struct vector *vector)
{
    const uint8_t *key, *message, *expected;
    uint8_t mac[CRYPTO_BLOCK_BYTES];

    if (field(vector, "MESSAGE", &message) != CRYPTO_BLOCK_BYTES)
        return false;
    field(vector, "KEY", &key);
    field(vector, "OUTPUT", &expected);
    crypto_cmac_blocks(key, message, 1, mac);
    assert_memory_equal(mac, expected, sizeof(mac));
    return true;
}

static void cmac_agrees_with_nist(void **state)
{
    (void)state;
    assert_int_equal(each_vector(VECTORS "CMAC/nist-800-38b-aes256.txt", check_cmac), 1);
}

static bool check_hmac(const struct vector *vector)
{
    const uint8_t *key, *message, *expected;
    uint8_t mac[CRYPTO_HASH_BYTES];
    size_t key_size = field(vector, "Key", &key), size = field(vector, "Msg", &message);

    if (field(vector, "MD", &expected) != sizeof(mac))
        return false;
    crypto_hmac(key, key_size, message, size, mac);
    assert_memory_equal(mac, expected, sizeof(mac));
    return true;
}

static void hmac_agrees_with_rfc_4231(void **state)
{
    (void)state;
    assert_int_equal(each_vector(VECTORS "HMAC/rfc-4231-sha256.txt", check_hmac), 6);
}

static bool check_hash(const struct vector *vector)
{
    const uint8_t *message, *expected;
    uint8_t hash[CRYPTO_HASH_BYTES];
    size_t size = field(vector, "Msg", &message);

    if (field(vector, "MD", &expected) != sizeof(hash))
        return false;
    /* The file writes the empty message as one zero byte. */
    if (expected[0] == 0xe3 && expected[1] == 0xb0)
        size = 0;
    vault_hash(message, size, hash);
    assert_memory_equal(hash, expected, sizeof(hash));
    return true;
}

static void sha_256_agrees_with_nist(void **state)
{
    (void)state;
    assert_int_equal(each_vector(VECTORS "hashes/SHA2/SHA256ShortMsg.rsp", check_hash), 65);
    assert_int_equal(each_vector(VECTORS "hashes/SHA2/SHA256LongMsg.rsp", check_hash), 64);
}

/* RFC 5869, A.2 and A.3: the file of the package breaks its vectors at other places. */
static void hkdf_agrees_with_rfc_5869(void **state)
{
    uint8_t key[80], salt[80], info[80], out[82], expected[82];

    (void)state;
    for (uint8_t i = 0; i < 80; i++) {
        key[i] = i;
        salt[i] = (uint8_t)(0x60 + i);
        info[i] = (uint8_t)(0xb0 + i);
    }
    crypto_hkdf(key, 80, salt, 80, info, 80, out, 82);
    assert_true(
        text_from_hex(TEXT("b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                           "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                           "cc30c58179ec3e87c14c01d5c1f3434f1d87"),
                      expected, 82));
    assert_memory_equal(out, expected, 82);
    memset(key, 0x0b, 22);
    crypto_hkdf(key, 22, "", 0, "", 0, out, 42);
    assert_true(
        text_from_hex(TEXT("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                           "9d201395faa4b61a96c8"),
                      expected, 42));
    assert_memory_equal(out, expected, 42);
}

/* A line is SEED PUBLIC:PUBLIC:MESSAGE:SIGNATURE MESSAGE: without the blanks, hexadecimal. */
static void ed25519_agrees_with_its_authors(void **state)
{
    enum { LINES = 1024, MESSAGE_BYTES_MAX = 2048, SIGNATURE_BYTES = 64 };
    FILE *file = fopen(VECTORS "asymmetric/Ed25519/sign.input", "re");
    char line[4 * MESSAGE_BYTES_MAX + 1024];
    size_t count = 0;

    (void)state;
    if (!file)
        fail_msg("python3-cryptography-vectors is not installed: contrib/setup --test");
    while (fgets(line, sizeof(line), file)) {
        uint8_t seed[32], public_key[32], expected[32], message[MESSAGE_BYTES_MAX + 1];
        uint8_t signature[SIGNATURE_BYTES], made[SIGNATURE_BYTES];
        const char *at = line + 129, *text = at + 65;
        size_t size = strcspn(text, ":") / 2;

        assert_true(size < MESSAGE_BYTES_MAX);
        assert_true(text_from_hex((struct text){line, 64}, seed, 32));
        assert_true(text_from_hex((struct text){at, 64}, expected, 32));
        assert_true(text_from_hex((struct text){text, 2 * size}, message, size));
        assert_true(text_from_hex((struct text){text + 2 * size + 1, 128}, signature, 64));
        sign_public_key(seed, public_key);
        assert_memory_equal(public_key, expected, 32);
        sign_bytes(seed, message, size, made);
        assert_memory_equal(made, signature, sizeof(made));
        assert_true(sign_is_genuine(public_key, message, size, signature));
        signature[count % SIGNATURE_BYTES] ^= 1;
        assert_false(sign_is_genuine(public_key, message, size, signature));
        count++;
    }
    fclose(file);
    assert_int_equal(count, LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_test_passes),
        cmocka_unit_test(each_known_answer_can_fail),
        cmocka_unit_test(xaes_gives_the_accumulated_hash_of_c2sp),
        cmocka_unit_test(opening_refuses_a_text_shorter_than_its_tag),
        cmocka_unit_test(gcm_agrees_with_nist),
        cmocka_unit_test(cmac_agrees_with_nist),
        cmocka_unit_test(hmac_agrees_with_rfc_4231),
        cmocka_unit_test(sha_256_agrees_with_nist),
        cmocka_unit_test(hkdf_agrees_with_rfc_5869),
        cmocka_unit_test(ed25519_agrees_with_its_authors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
