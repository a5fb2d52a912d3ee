/* Data keys: wrapped, unwrapped, committed to, bounded in memory, used by two threads. */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>

#include "base/check.h"
#include "vault/bound.h"
#include "vault/bytes.h"
#include "vault/tree/table.h"
#include "vault/tree/tree.h"

static struct vault *vault;

static int setup(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    fixture_init(&fixture, "slots");
    assert_int_equal(
        vault_create(fixture.path, &fixture.opener, 0, &fixture.random, &fixture.diags), 0);
    return vault_open(fixture.path, &fixture.opener, &fixture.random, &fixture.diags, &vault);
}

static int teardown(void **state)
{
    vault_close(vault);
    fixture_finish(*state);
    return 0;
}

static struct text seal(struct fixture *fixture, struct vault_case_id id)
{
    struct vault_place place = {"case", id.bytes, sizeof(id.bytes)};
    struct text sealed = TEXT_NONE;

    assert_int_equal(
        vault_seal(vault, fixture->arena, VAULT_USE_DATA, &place, &id, 1, TEXT("{}"), &sealed), 0);
    return sealed;
}

static int unseal(struct arena *arena, struct vault_case_id id, struct text sealed)
{
    struct vault_place place = {"case", id.bytes, sizeof(id.bytes)};
    struct vault_case_id id_out;
    uint64_t generation;
    struct text plain;

    return vault_unseal(vault, arena, VAULT_USE_DATA, &place, sealed, &id_out, &generation, &plain);
}

static void key_comes_back_from_what_the_table_holds(void **state)
{
    struct fixture *fixture = *state;
    struct vault_case_id id = fixture_id(5);
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    struct text sealed;
    size_t size;

    assert_false(vault_key_is_loaded(vault, &id));
    assert_int_equal(vault_key_create(vault, &id, wrapped, &size), 0);
    assert_int_equal(size, 114);
    assert_true(vault_key_is_loaded(vault, &id));
    sealed = seal(fixture, id);
    vault_close(vault);
    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_int_equal(unseal(fixture->arena, id, sealed), -ENOKEY);
    assert_int_equal(vault_key_load(vault, &id, wrapped, size), 0);
    assert_int_equal(unseal(fixture->arena, id, sealed), 0);
    assert_int_equal(vault_key_load(vault, &id, wrapped, size), 0);
    vault_key_forget(vault, &id);
    vault_key_forget(vault, &id);
    assert_false(vault_key_is_loaded(vault, &id));
}

static void case_never_gets_a_second_key(void **state)
{
    struct vault_case_id id = fixture_id(5);
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    size_t size;

    (void)state;
    assert_int_equal(vault_key_create(vault, &id, wrapped, &size), 0);
    assert_int_equal(vault_key_create(vault, &id, wrapped, &size), -EEXIST);
}

static void wrapped_key_of_another_case_or_with_a_flipped_bit_is_refused(void **state)
{
    struct vault_case_id id = fixture_id(5), other = fixture_id(6);
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    size_t size;

    (void)state;
    assert_int_equal(vault_key_create(vault, &id, wrapped, &size), 0);
    vault_key_forget(vault, &id);
    assert_int_equal(vault_key_load(vault, &other, wrapped, size), -EBADMSG);
    for (size_t i = 0; i < size * 8; i++) {
        bool is_epoch = i / 8 >= 2 && i / 8 < 6; /* it claims to be under one that there is not */

        wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(vault_key_load(vault, &id, wrapped, size), is_epoch ? -ESTALE : -EBADMSG);
        wrapped[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    assert_int_equal(vault_key_load(vault, &id, wrapped, size - 1), -EBADMSG);
    assert_int_equal(vault_key_load(vault, &id, wrapped, size + 1), -EBADMSG);
    assert_int_equal(vault_key_load(vault, &id, wrapped, 0), -EBADMSG);
    assert_false(vault_key_is_loaded(vault, &id));
    assert_int_equal(vault_key_load(vault, &id, wrapped, size), 0);
}

/* The ciphertext is genuine for what stands before it; only the commitment is of another key. */
static void key_that_does_not_fit_its_commitment_is_refused(void **state)
{
    const uint8_t store_id[VAULT_STORE_ID_BYTES] = {3}, wrap_key[CRYPTO_KEY_BYTES] = {4};
    const uint8_t key[CRYPTO_KEY_BYTES] = {10}, zeros[CRYPTO_KEY_BYTES] = {0};
    struct key_wrapped wrapped = {.epoch = {0, 0, 0, 1}, .key_version = {0, 0, 0, 1}};
    struct vault_case_id id = fixture_id(5);
    struct bound bound = {.size = 0};
    uint8_t out[CRYPTO_KEY_BYTES];

    (void)state;
    key_wrap_data(&wrapped, store_id, &id, wrap_key, key);
    assert_int_equal(key_unwrap_data(&wrapped, store_id, &id, wrap_key, out), 0);
    assert_memory_equal(out, key, sizeof(key));

    wrapped.commitment[0] ^= 1;
    bound_add(&bound, "sankofa 1 data key wrap", 23);
    bound_add(&bound, store_id, sizeof(store_id));
    bound_add(&bound, id.bytes, sizeof(id.bytes));
    bound_add(&bound, &wrapped, offsetof(struct key_wrapped, nonce));
    crypto_xaes_seal(&(struct crypto_job){.key = wrap_key,
                                          .nonce = wrapped.nonce,
                                          .aad = bound.bytes,
                                          .aad_size = bound.size,
                                          .in = key,
                                          .in_size = sizeof(key)},
                     wrapped.wrapped);
    assert_int_equal(key_unwrap_data(&wrapped, store_id, &id, wrap_key, out), -EBADMSG);
    assert_memory_equal(out, zeros, sizeof(zeros));
}

static void bound_keeps_the_keys_that_were_used_last(void **state)
{
    struct fixture *fixture = *state;
    struct key_table *table = key_table_create(fixture->arena);
    uint8_t key[CRYPTO_KEY_BYTES] = {0}, read[CRYPTO_KEY_BYTES];
    struct vault_case_id id;
    uint32_t version;

    for (uint32_t i = 0; i < KEY_TABLE_MAX; i++) {
        id = fixture_id(i * 7919u);
        bytes_put_u32(key, i);
        key_table_put(table, &id, i, key);
    }
    /* The first is used again, so the second is the oldest. */
    id = fixture_id(0);
    assert_true(key_table_get(table, &id, &version, read));
    for (uint32_t i = KEY_TABLE_MAX; i < KEY_TABLE_MAX + 1000; i++) {
        id = fixture_id(i * 7919u);
        bytes_put_u32(key, i);
        key_table_put(table, &id, i, key);
    }
    for (uint32_t i = 0; i < KEY_TABLE_MAX + 1000; i++) {
        bool kept = i == 0 || i > 1000;

        id = fixture_id(i * 7919u);
        assert_int_equal(key_table_has(table, &id), kept);
        assert_int_equal(key_table_get(table, &id, &version, read), kept);
        if (kept) {
            assert_int_equal(version, i);
            assert_int_equal(bytes_u32(read), i);
        }
    }
    key_table_destroy(table);
    key_table_destroy(NULL);
}

static void forgotten_keys_make_room_before_others_go(void **state)
{
    struct fixture *fixture = *state;
    struct key_table *table = key_table_create(fixture->arena);
    uint8_t key[CRYPTO_KEY_BYTES] = {0};
    struct vault_case_id id;

    for (uint32_t i = 0; i < KEY_TABLE_MAX; i++) {
        id = fixture_id(i);
        key_table_put(table, &id, i, key);
    }
    for (uint32_t i = 100; i < 200; i++) {
        id = fixture_id(i);
        key_table_forget(table, &id);
        id = fixture_id(i + KEY_TABLE_MAX);
        key_table_put(table, &id, i, key);
    }
    for (uint32_t i = 0; i < KEY_TABLE_MAX + 200; i++) {
        id = fixture_id(i);
        assert_int_equal(key_table_has(table, &id),
                         i < KEY_TABLE_MAX ? i < 100 || i >= 200 : i >= KEY_TABLE_MAX + 100);
    }
    key_table_destroy(table);
}

static void ids_of_one_bucket_are_told_apart(void **state)
{
    struct fixture *fixture = *state;
    struct key_table *table = key_table_create(fixture->arena);
    uint8_t key[CRYPTO_KEY_BYTES] = {0}, read[CRYPTO_KEY_BYTES];
    uint32_t version;

    for (uint64_t i = 0; i < 5; i++) {
        struct vault_case_id id = fixture_id(i << 16);

        key[0] = (uint8_t)i;
        key_table_put(table, &id, 1, key);
    }
    for (uint64_t forgotten = 0; forgotten < 5; forgotten += 2) {
        struct vault_case_id id = fixture_id(forgotten << 16);

        key_table_forget(table, &id);
    }
    for (uint64_t i = 0; i < 5; i++) {
        struct vault_case_id id = fixture_id(i << 16);

        assert_int_equal(key_table_get(table, &id, &version, read), i % 2);
        if (i % 2)
            assert_int_equal(read[0], i);
    }
    key_table_destroy(table);
}

enum { THREAD_ROUNDS = 3000, THREAD_IDS = 40 };
static uint8_t thread_wrapped[THREAD_IDS][VAULT_WRAPPED_KEY_BYTES_MAX];
static size_t thread_wrapped_size;
static struct text thread_sealed[THREAD_IDS];

static void *forget_and_load(void *self)
{
    (void)self;
    for (uint64_t i = 0; i < THREAD_ROUNDS; i++) {
        struct vault_case_id id = fixture_id(i % THREAD_IDS);

        vault_key_forget(vault, &id);
        CHECK(vault_key_load(vault, &id, thread_wrapped[i % THREAD_IDS], thread_wrapped_size) == 0);
    }
    return NULL;
}

static void two_threads_may_use_one_vault(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = arena_create("thread");
    pthread_t thread;

    for (uint64_t i = 0; i < THREAD_IDS; i++) {
        struct vault_case_id id = fixture_id(i);

        assert_int_equal(vault_key_create(vault, &id, thread_wrapped[i], &thread_wrapped_size), 0);
        thread_sealed[i] = seal(fixture, id);
    }
    assert_int_equal(pthread_create(&thread, NULL, forget_and_load, NULL), 0);
    for (uint64_t i = 0; i < THREAD_ROUNDS; i++) {
        uint64_t number = i * 11 % THREAD_IDS;
        int result = unseal(arena, fixture_id(number), thread_sealed[number]);

        assert_true(result == 0 || result == -ENOKEY);
        arena_reset(arena);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (uint64_t i = 0; i < THREAD_IDS; i++)
        assert_int_equal(unseal(arena, fixture_id(i), thread_sealed[i]), 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(key_comes_back_from_what_the_table_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(case_never_gets_a_second_key, setup, teardown),
        cmocka_unit_test_setup_teardown(
            wrapped_key_of_another_case_or_with_a_flipped_bit_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(key_that_does_not_fit_its_commitment_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bound_keeps_the_keys_that_were_used_last, setup, teardown),
        cmocka_unit_test_setup_teardown(forgotten_keys_make_room_before_others_go, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_of_one_bucket_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(two_threads_may_use_one_vault, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
