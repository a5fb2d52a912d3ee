/* Sealed records: what they keep, and that nothing but the same record at the same place opens. */
#include "fixture.h"

#include <errno.h>

#include "vault/bound.h"
#include "vault/bytes.h"
#include "vault/tree/tree.h"

static struct vault *vault;
static const struct vault_case_id case_id = {{0xca, 0x5e}};
static const uint8_t entry_key[8] = {0, 0, 0, 0, 0, 0, 0, 42};
static const struct vault_place entry_place = {"journal", entry_key, sizeof(entry_key)};

static int setup(void **state)
{
    static struct fixture fixture;
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    size_t size;

    *state = &fixture;
    fixture_init(&fixture, "slots");
    assert_int_equal(
        vault_create(fixture.path, &fixture.opener, 0, &fixture.random, &fixture.diags), 0);
    assert_int_equal(
        vault_open(fixture.path, &fixture.opener, &fixture.random, &fixture.diags, &vault), 0);
    return vault_key_create(vault, &case_id, wrapped, &size);
}

static int teardown(void **state)
{
    vault_close(vault);
    fixture_finish(*state);
    return 0;
}

static struct text seal_entry(struct fixture *fixture, struct text plain)
{
    struct text sealed = TEXT_NONE;

    assert_int_equal(vault_seal(vault, fixture->arena, VAULT_USE_DATA, &entry_place, &case_id, 42,
                                plain, &sealed),
                     0);
    return sealed;
}

static int unseal(struct fixture *fixture, enum vault_key_use use, struct vault_place place,
                  struct text sealed)
{
    struct vault_case_id id;
    uint64_t generation;
    struct text plain;

    return vault_unseal(vault, fixture->arena, use, &place, sealed, &id, &generation, &plain);
}

static void record_of_every_size_comes_back_whole(void **state)
{
    struct fixture *fixture = *state;
    char *bytes = arena_alloc(fixture->arena, 700);

    fixture->random.fill(fixture->random.self, bytes, 700);
    for (size_t size = 0; size <= 700; size += size < 300 ? 1 : 97) {
        struct text sealed = seal_entry(fixture, (struct text){bytes, size}), plain;
        struct vault_case_id id;
        uint64_t generation;

        assert_int_equal((sealed.size - VAULT_HEADER_BYTES - VAULT_TAG_BYTES) % VAULT_PAD_BYTES, 0);
        assert_true(sealed.size <= VAULT_HEADER_BYTES + 4 + size + 127 + VAULT_TAG_BYTES);
        assert_int_equal(vault_unseal(vault, fixture->arena, VAULT_USE_DATA, &entry_place, sealed,
                                      &id, &generation, &plain),
                         0);
        assert_int_equal(plain.size, size);
        assert_memory_equal(plain.bytes, bytes, size);
        assert_int_equal(plain.bytes[size], 0);
        assert_memory_equal(&id, &case_id, sizeof(id));
        assert_int_equal(generation, 42);
    }
}

static void header_is_the_documented_one(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{}"));
    const uint8_t *bytes = (const uint8_t *)sealed.bytes;

    assert_int_equal(VAULT_HEADER_BYTES, 58);
    assert_int_equal(sealed.size, 58 + 128 + 16);
    assert_int_equal(bytes[0], 1);
    assert_int_equal(bytes[1], 1);
    assert_int_equal(bytes_u32(bytes + 2), 1);
    assert_int_equal(bytes_u32(bytes + 6), 1);
    assert_int_equal(bytes_u64(bytes + 10), 42);
    assert_memory_equal(bytes + 18, case_id.bytes, 16);
}

static void same_body_never_gives_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct text a = seal_entry(fixture, TEXT("{}")), b = seal_entry(fixture, TEXT("{}"));

    assert_memory_not_equal(a.bytes + 34, b.bytes + 34, 24);
    assert_memory_not_equal(a.bytes + 58, b.bytes + 58, 128);
}

static void nonce_is_all_chance(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seed = fixture->seed;
    uint8_t expected[CRYPTO_NONCE_BYTES];

    for (int i = 0; i < 3; i++) {
        fake_random_fill(&seed, expected, sizeof(expected));
        assert_memory_equal(seal_entry(fixture, TEXT("{}")).bytes + 34, expected, sizeof(expected));
    }
}

static void sizes_tell_no_more_than_a_multiple_of_128(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(seal_entry(fixture, TEXT("Awa")).size,
                     seal_entry(fixture, TEXT("Ousmane Sadio Diallo")).size);
}

static void record_with_a_flipped_bit_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{\"name\":\"Awa\"}"));
    char *bytes = arena_copy(fixture->arena, sealed.bytes, sealed.size);

    for (size_t i = 0; i < sealed.size * 8; i++) {
        int result;

        bytes[i / 8] ^= (char)(1 << i % 8);
        result = unseal(fixture, VAULT_USE_DATA, entry_place, (struct text){bytes, sealed.size});
        /* Of another case id there is no key; everything else is seen to be damaged. */
        assert_int_equal(result, i / 8 >= 18 && i / 8 < 34 ? -ENOKEY : -EBADMSG);
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
    assert_int_equal(
        unseal(fixture, VAULT_USE_DATA, entry_place, (struct text){bytes, sealed.size}), 0);
}

static void record_that_was_cut_or_grew_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{\"name\":\"Awa\"}"));

    for (size_t size = 0; size < sealed.size; size++)
        assert_int_equal(
            unseal(fixture, VAULT_USE_DATA, entry_place, (struct text){sealed.bytes, size}),
            -EBADMSG);
    assert_int_equal(
        unseal(fixture, VAULT_USE_DATA, entry_place, (struct text){sealed.bytes, sealed.size + 1}),
        -EBADMSG);
    assert_int_equal(
        unseal(fixture, VAULT_USE_DATA, entry_place, (struct text){sealed.bytes, (size_t)3 << 30}),
        -EBADMSG);
}

static void record_that_was_moved_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{}"));
    const uint8_t other_key[8] = {0, 0, 0, 0, 0, 0, 0, 43};

    assert_int_equal(unseal(fixture, VAULT_USE_DATA, entry_place, sealed), 0);
    assert_int_equal(
        unseal(fixture, VAULT_USE_DATA, (struct vault_place){"journal", other_key, 8}, sealed),
        -EBADMSG);
    assert_int_equal(
        unseal(fixture, VAULT_USE_DATA, (struct vault_place){"journal", entry_key, 7}, sealed),
        -EBADMSG);
    assert_int_equal(
        unseal(fixture, VAULT_USE_DATA, (struct vault_place){"case", entry_key, 8}, sealed),
        -EBADMSG);
    assert_int_equal(unseal(fixture, VAULT_USE_CARD, entry_place, sealed), -EBADMSG);
}

static void record_of_another_store_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{}"));
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    struct vault *mine = vault;
    size_t size;

    unlink(fixture->path);
    assert_int_equal(
        vault_create(fixture->path, &fixture->opener, 0, &fixture->random, &fixture->diags), 0);
    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_int_equal(vault_key_create(vault, &case_id, wrapped, &size), 0);
    assert_int_equal(unseal(fixture, VAULT_USE_DATA, entry_place, sealed), -EBADMSG);
    assert_int_equal(vault_key_load(mine, &case_id, wrapped, size), -EBADMSG);
    vault_close(mine);
}

static void unknown_version_and_algorithm_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{}"));
    struct vault_case_id id;
    uint64_t generation;

    assert_int_equal(vault_peek(sealed, &id, &generation), 0);
    assert_memory_equal(&id, &case_id, sizeof(id));
    assert_int_equal(generation, 42);
    for (size_t i = 0; i < 2; i++) {
        char *bytes = arena_copy(fixture->arena, sealed.bytes, sealed.size);

        bytes[i] = 2;
        assert_int_equal(vault_peek((struct text){bytes, sealed.size}, &id, &generation), -EBADMSG);
    }
    assert_int_equal(vault_peek((struct text){sealed.bytes, 58 + 16}, &id, &generation), -EBADMSG);
    assert_int_equal(vault_peek(TEXT_NONE, &id, &generation), -EBADMSG);
}

static void nothing_is_sealed_or_opened_without_its_key(void **state)
{
    struct fixture *fixture = *state;
    struct text sealed = seal_entry(fixture, TEXT("{}")), again;

    vault_key_forget(vault, &case_id);
    assert_int_equal(unseal(fixture, VAULT_USE_DATA, entry_place, sealed), -ENOKEY);
    assert_int_equal(vault_seal(vault, fixture->arena, VAULT_USE_DATA, &entry_place, &case_id, 42,
                                TEXT("{}"), &again),
                     -ENOKEY);
}

static void card_needs_no_data_key(void **state)
{
    struct fixture *fixture = *state;
    struct vault_place place = {"card", case_id.bytes, sizeof(case_id.bytes)};
    struct text sealed;
    char *bytes;

    vault_key_forget(vault, &case_id);
    assert_int_equal(
        vault_seal(vault, fixture->arena, VAULT_USE_CARD, &place, &case_id, 7, TEXT("{}"), &sealed),
        0);
    assert_int_equal(unseal(fixture, VAULT_USE_CARD, place, sealed), 0);
    bytes = arena_copy(fixture->arena, sealed.bytes, sealed.size);
    bytes[5] = 9; /* an epoch that is no more */
    assert_int_equal(unseal(fixture, VAULT_USE_CARD, place, (struct text){bytes, sealed.size}),
                     -ENOKEY);
}

/* Seals `padded` as it stands, with the key that the test unwraps by itself. */
static int unseal_padded(struct fixture *fixture, const uint8_t *key, const uint8_t *padded,
                         size_t size)
{
    struct text sealed = seal_entry(fixture, (struct text){(const char *)padded, size - 4});
    uint8_t *bytes = arena_copy(fixture->arena, sealed.bytes, sealed.size);
    struct bound bound = {.size = 0};

    bound_add(&bound, "sankofa record 1", 16);
    bound_add(&bound, vault_store_id(vault), VAULT_STORE_ID_BYTES);
    bound_add(&bound, "journal", 7);
    bound_add(&bound, entry_key, sizeof(entry_key));
    bound_add(&bound, bytes, VAULT_HEADER_BYTES);
    crypto_xaes_seal(&(struct crypto_job){.key = key,
                                          .nonce = bytes + 34,
                                          .aad = bound.bytes,
                                          .aad_size = bound.size,
                                          .in = padded,
                                          .in_size = size},
                     bytes + VAULT_HEADER_BYTES);
    return unseal(fixture, VAULT_USE_DATA, entry_place,
                  (struct text){(const char *)bytes, sealed.size});
}

/* A data key that the test knows, because the chance it came from is known. */
static void known_key(struct fixture *fixture, uint8_t key_out[CRYPTO_KEY_BYTES])
{
    uint64_t seed = fixture->seed;
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    size_t size;

    vault_key_forget(vault, &case_id);
    fake_random_fill(&seed, key_out, CRYPTO_KEY_BYTES);
    assert_int_equal(vault_key_create(vault, &case_id, wrapped, &size), 0);
}

static void body_has_one_padded_form_only(void **state)
{
    struct fixture *fixture = *state;
    uint8_t key[CRYPTO_KEY_BYTES], padded[256] = {0, 0, 0, 2, '{', '}'};

    known_key(fixture, key);
    assert_int_equal(unseal_padded(fixture, key, padded, 128), 0);
    padded[127] = 1; /* a byte hidden behind the body */
    assert_int_equal(unseal_padded(fixture, key, padded, 128), -EBADMSG);
    padded[127] = 0;
    assert_int_equal(unseal_padded(fixture, key, padded, 256), -EBADMSG); /* too many zeros */
    padded[3] = 125;                                                      /* more than there is */
    assert_int_equal(unseal_padded(fixture, key, padded, 128), -EBADMSG);
    padded[3] = 124;
    assert_int_equal(unseal_padded(fixture, key, padded, 128), 0);
    memset(padded, 0xff, 4);
    assert_int_equal(unseal_padded(fixture, key, padded, 128), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(record_of_every_size_comes_back_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(header_is_the_documented_one, setup, teardown),
        cmocka_unit_test_setup_teardown(same_body_never_gives_the_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(nonce_is_all_chance, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_tell_no_more_than_a_multiple_of_128, setup, teardown),
        cmocka_unit_test_setup_teardown(record_with_a_flipped_bit_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(record_that_was_cut_or_grew_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(record_that_was_moved_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(record_of_another_store_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_version_and_algorithm_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_sealed_or_opened_without_its_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(card_needs_no_data_key, setup, teardown),
        cmocka_unit_test_setup_teardown(body_has_one_padded_form_only, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
