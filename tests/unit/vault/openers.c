/* What opens a slot: scrypt against published answers, each kind of opener, what is refused. */
#include "fixture.h"

#include <errno.h>

#include "base/log.h"
#include "vault/bytes.h"
#include "vault/slots/shares.h"
#include "vault/slots/slot_key.h"

#define SCRYPT_VECTORS "/usr/lib/python3/dist-packages/cryptography_vectors/KDF/scrypt.txt"

enum { LOG2_N_MAX = 17 }; /* of the vectors: the one of 2^20 takes 1 GiB */

static const struct crypto_scrypt_cost cheap = {.log2_n = 4, .r = 2, .p = 3};
static const uint8_t store_id[VAULT_STORE_ID_BYTES] = {5}, root[CRYPTO_KEY_BYTES] = {6, 7, 8};

static const struct vault_opener openers[VAULT_OPENER_KIND_COUNT] = {
    {VAULT_KEY_FILE, {"a key file of more than thirty-two bytes", 40}},
    {VAULT_PASSPHRASE, {"four words of sense", 19}},
    {VAULT_CREDENTIAL, {"a key file of more than thirty-two bytes", 40}},
    {VAULT_RECOVERY, {"exactly thirty-two bytes of chance", 32}},
};

/* ---- scrypt. ---- */

struct scrypt_vector {
    char password[64], salt[64], key[200];
    unsigned n, r, p;
};

/* The next vector of the file; false at its end. */
static bool next_vector(FILE *file, struct scrypt_vector *vector_out)
{
    char line[400];

    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "PASSWORD =", 10) == 0)
            vector_out->password[0] = vector_out->salt[0] = '\0';
        sscanf(line, "PASSWORD = %63s", vector_out->password);
        sscanf(line, "SALT = %63s", vector_out->salt);
        sscanf(line, "N = %u", &vector_out->n);
        sscanf(line, "r = %u", &vector_out->r);
        sscanf(line, "p = %u", &vector_out->p);
        if (sscanf(line, "DERIVED_KEY = %199s", vector_out->key) == 1)
            return true;
    }
    return false;
}

static void scrypt_agrees_with_rfc_7914(void **state)
{
    FILE *file = fopen(SCRYPT_VECTORS, "r");
    struct scrypt_vector vector = {.n = 0};
    size_t count = 0;

    (void)state;
    if (!file)
        fail_msg("python3-cryptography-vectors is not installed: contrib/setup --test");
    while (next_vector(file, &vector)) {
        struct crypto_scrypt_cost cost = {
            .log2_n = (uint32_t)__builtin_ctz(vector.n), .r = vector.r, .p = vector.p};
        uint8_t out[64], expected[64];

        if (cost.log2_n > LOG2_N_MAX)
            continue;
        assert_true(text_from_hex(text_from(vector.key), expected, sizeof(expected)));
        assert_int_equal(crypto_scrypt(vector.password, strlen(vector.password), vector.salt,
                                       strlen(vector.salt), &cost, out, sizeof(out)),
                         0);
        assert_memory_equal(out, expected, sizeof(out));
        count++;
    }
    fclose(file);
    assert_int_equal(count, 3);
}

static void scrypt_that_gets_no_memory_says_so_and_leaves_nothing(void **state)
{
    const struct crypto_scrypt_cost cost = {.log2_n = 40, .r = 8, .p = 1};
    uint8_t out[32] = {1, 2, 3}, none[32] = {0};

    (void)state;
    assert_int_equal(crypto_scrypt("p", 1, "s", 1, &cost, out, sizeof(out)), -ENOMEM);
    assert_memory_equal(out, none, sizeof(out));
}

/* ---- Slots. ---- */

static struct slots_slot slot_of(const struct vault_opener *opener)
{
    struct slots_slot slot = {.salt = {1, 2, 3}, .nonce = {4, 5, 6}};

    assert_int_equal(slot_wrap_root(&slot, store_id, opener, &cheap, root), 0);
    return slot;
}

static void each_opener_opens_its_own_slot_alone(void **state)
{
    uint8_t found[CRYPTO_KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < VAULT_OPENER_KIND_COUNT; i++) {
        struct slots_slot slot = slot_of(&openers[i]);
        enum vault_opener_kind kind;

        assert_true(slot_kind_of(&slot, &kind));
        assert_int_equal(kind, openers[i].kind);
        for (size_t j = 0; j < VAULT_OPENER_KIND_COUNT; j++) {
            int result = slot_unwrap_root(&slot, store_id, &openers[j], found);

            assert_int_equal(result, i == j ? 0 : -EACCES);
            if (i == j)
                assert_memory_equal(found, root, sizeof(root));
        }
    }
}

static void other_secret_or_store_opens_nothing(void **state)
{
    static const uint8_t other_id[VAULT_STORE_ID_BYTES] = {9};
    uint8_t found[CRYPTO_KEY_BYTES];
    char secret[64];

    (void)state;
    for (size_t i = 0; i < VAULT_OPENER_KIND_COUNT; i++) {
        struct slots_slot slot = slot_of(&openers[i]);
        struct vault_opener other = openers[i];

        memcpy(secret, other.secret.bytes, other.secret.size);
        other.secret.bytes = secret;
        secret[other.secret.size - 1] ^= 1;
        assert_int_equal(slot_unwrap_root(&slot, store_id, &other, found), -EACCES);
        assert_int_equal(slot_unwrap_root(&slot, other_id, &openers[i], found), -EACCES);
    }
}

/* All that stands in the slot in clear, but for what the file's own MAC covers. */
static void changed_slot_does_not_open(void **state)
{
    uint8_t found[CRYPTO_KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < VAULT_OPENER_KIND_COUNT; i++) {
        struct slots_slot slot = slot_of(&openers[i]);

        for (size_t j = 0; j < offsetof(struct slots_slot, facts); j++) {
            uint8_t *byte = (uint8_t *)&slot + j;

            *byte ^= 1;
            assert_int_not_equal(slot_unwrap_root(&slot, store_id, &openers[i], found), 0);
            *byte ^= 1;
        }
    }
}

static void secret_of_the_wrong_size_makes_no_slot(void **state)
{
    static const size_t least[] = {32, 12, 32, 32}, most[] = {4096, 1024, 4096, 32};
    static char secret[5000];
    struct slots_slot slot = {.salt = {1}};

    (void)state;
    for (size_t i = 0; i < VAULT_OPENER_KIND_COUNT; i++) {
        struct vault_opener opener = {openers[i].kind, {secret, least[i] - 1}};

        assert_int_equal(slot_wrap_root(&slot, store_id, &opener, &cheap, root), -EINVAL);
        opener.secret.size = most[i] + 1;
        assert_int_equal(slot_wrap_root(&slot, store_id, &opener, &cheap, root), -EINVAL);
        opener.secret.size = most[i];
        assert_int_equal(slot_wrap_root(&slot, store_id, &opener, &cheap, root), 0);
        opener.secret.size = least[i];
        assert_int_equal(slot_wrap_root(&slot, store_id, &opener, &cheap, root), 0);
    }
}

/* Whoever may write the file must not be able to take all memory, or an hour, of the daemon. */
static void slot_that_costs_too_much_is_not_tried(void **state)
{
    static const uint32_t costs[][3] = {{0, 8, 1},   {25, 1, 1}, {24, 8, 1},  {17, 0, 1},
                                        {17, 65, 1}, {17, 8, 0}, {17, 8, 17}, {UINT32_MAX, 8, 1}};
    uint8_t found[CRYPTO_KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
        struct slots_slot slot = slot_of(&openers[VAULT_PASSPHRASE]);

        for (size_t j = 0; j < 3; j++)
            bytes_put_u32(slot.parameters + 4 * j, costs[i][j]);
        assert_int_equal(slot_unwrap_root(&slot, store_id, &openers[VAULT_PASSPHRASE], found),
                         -EOPNOTSUPP);
    }
}

static void usual_cost_is_what_is_promised(void **state)
{
    (void)state;
    assert_true(slot_cost_usual.log2_n >= 17);
    assert_true(slot_cost_usual.r >= 8);
    assert_true(slot_cost_usual.p >= 1);
}

static void facts_are_sealed_and_come_back(void **state)
{
    struct slots_slot slot = slot_of(&openers[VAULT_KEY_FILE]);
    struct text label = TEXT("the laptop in Gab\u00fa, forty bytes of it..");
    char found[VAULT_LABEL_BYTES_MAX + 1];
    int64_t added_ms = -1;

    (void)state;
    assert_int_equal(label.size, VAULT_LABEL_BYTES_MAX);
    assert_false(slot_read_facts(&slot, store_id, root, found, &added_ms)); /* has none yet */
    slot_write_facts(&slot, store_id, root, label, 1795953600000);
    assert_true(slot_read_facts(&slot, store_id, root, found, &added_ms));
    assert_string_equal(found, label.bytes);
    assert_int_equal(added_ms, 1795953600000);
    assert_null(memmem(&slot, sizeof(slot), "laptop", 6));
    slot.facts[3] ^= 1;
    assert_false(slot_read_facts(&slot, store_id, root, found, &added_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrypt_agrees_with_rfc_7914),
        cmocka_unit_test(scrypt_that_gets_no_memory_says_so_and_leaves_nothing),
        cmocka_unit_test(each_opener_opens_its_own_slot_alone),
        cmocka_unit_test(other_secret_or_store_opens_nothing),
        cmocka_unit_test(changed_slot_does_not_open),
        cmocka_unit_test(secret_of_the_wrong_size_makes_no_slot),
        cmocka_unit_test(slot_that_costs_too_much_is_not_tried),
        cmocka_unit_test(usual_cost_is_what_is_promised),
        cmocka_unit_test(facts_are_sealed_and_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
