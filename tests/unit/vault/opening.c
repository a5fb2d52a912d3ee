/* Making and opening a vault: which copy is believed, which slots are tried, what is refused. */
#include "fixture.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>

#include "base/log.h"
#include "vault/bytes.h"
#include "vault/slots/slot_key.h"
#include "vault/slots/slots.h"
#include "vault/tree/tree.h"

static char last_line[100];

static void keep(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static int setup(void **state)
{
    static struct fixture fixture;

    log_set_sink(keep, NULL);
    last_line[0] = '\0';
    *state = &fixture;
    fixture_init(&fixture, "slots");
    return vault_create(fixture.path, &fixture.opener, 0, &fixture.random, &fixture.diags);
}

static int teardown(void **state)
{
    fixture_finish(*state);
    return 0;
}

static int open_key(struct fixture *fixture, struct text key)
{
    struct vault_opener opener = {VAULT_KEY_FILE, key};
    struct vault *vault = NULL;
    int result = vault_open(fixture->path, &opener, &fixture->random, &fixture->diags, &vault);

    assert_true(result == 0 ? vault != NULL : vault == NULL);
    vault_close(vault);
    return result;
}

/* What the tests need to write the file as a vault would: the root key and the MAC's. */
struct opened {
    struct slots newest;
    uint8_t root[CRYPTO_KEY_BYTES], mac[CRYPTO_KEY_BYTES], wrap[CRYPTO_KEY_BYTES];
};

static struct opened open_slots(struct fixture *fixture)
{
    struct slots copies[SLOTS_COPY_COUNT];
    struct opened opened;

    assert_int_equal(slots_read(fixture->path, copies), 0);
    opened.newest = copies[0];
    assert_int_equal(slot_unwrap_root(&opened.newest.slots[0], opened.newest.store_id,
                                      &fixture->opener, opened.root),
                     0);
    key_derive(opened.root, opened.newest.store_id, KEY_OF_SLOTS_MAC, NULL, 0, opened.mac);
    key_derive(opened.root, opened.newest.store_id, KEY_OF_EPOCH_WRAP, NULL, 0, opened.wrap);
    return opened;
}

static void write_slots(struct fixture *fixture, struct slots *slots, const uint8_t *mac_key)
{
    assert_int_equal(slots_write(fixture->path, slots, mac_key), 0);
    assert_int_equal(slots_write(fixture->path, slots, mac_key), 0);
}

static void vault_opens_with_its_key_again(void **state)
{
    struct fixture *fixture = *state;
    struct vault *vault;
    uint8_t id[VAULT_STORE_ID_BYTES];

    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_int_equal(vault_epoch(vault), 1);
    memcpy(id, vault_store_id(vault), sizeof(id));
    vault_close(vault);
    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_memory_equal(id, vault_store_id(vault), sizeof(id));
    vault_close(vault);
    vault_close(NULL);
    assert_int_equal(fixture->diags.count, 0);
}

static void file_has_no_key_in_clear(void **state)
{
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);
    struct text file = fixture_read(fixture, fixture->path);

    assert_null(memmem(file.bytes, file.size, opened.root, sizeof(opened.root)));
    assert_null(memmem(file.bytes, file.size, opened.mac, sizeof(opened.mac)));
    assert_null(memmem(file.bytes, file.size, fixture->key.bytes, fixture->key.size));
}

static void second_vault_at_the_same_path_is_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        vault_create(fixture->path, &fixture->opener, 0, &fixture->random, &fixture->diags),
        -EEXIST);
    fixture_expect_diag(fixture, "E801");
}

static void short_key_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct vault_opener opener = {VAULT_KEY_FILE, {fixture->key.bytes, 31}};

    unlink(fixture->path);
    assert_int_equal(vault_create(fixture->path, &opener, 0, &fixture->random, &fixture->diags),
                     -EINVAL);
    fixture_expect_diag(fixture, "E803");
    assert_int_equal(access(fixture->path, F_OK), -1);
}

static void short_passphrase_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct vault_opener opener = {VAULT_PASSPHRASE, TEXT("eleven char")};

    unlink(fixture->path);
    assert_int_equal(vault_create(fixture->path, &opener, 0, &fixture->random, &fixture->diags),
                     -EINVAL);
    assert_non_null(strstr(fixture->diags.items[0].help.bytes, "12 characters"));
    fixture_expect_diag(fixture, "E803");
    assert_int_equal(access(fixture->path, F_OK), -1);
}

/* In a process that may take 64 MiB more; a passphrase takes 128. */
static int open_with_little_memory(struct fixture *fixture)
{
    struct vault_opener opener = {VAULT_PASSPHRASE, TEXT("four or five random words")};
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    struct vault *vault;

    if (!file || fscanf(file, "%lu", &pages) != 1)
        return 1;
    struct rlimit limit = {pages * 4096 + (64 << 20), RLIM_INFINITY};
    limit.rlim_max = limit.rlim_cur;
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 2;
    if (vault_open(fixture->path, &opener, &fixture->random, &fixture->diags, &vault) != -ENOMEM ||
        strcmp(fixture->diags.items[0].code, "E807") != 0)
        return 3;
    fixture_forget_diags(fixture);
    unlink(fixture->path);
    if (vault_create(fixture->path, &opener, 0, &fixture->random, &fixture->diags) != -ENOMEM ||
        strcmp(fixture->diags.items[0].code, "E807") != 0)
        return 4;
    return access(fixture->path, F_OK) == 0 ? 5 : 0;
}

static void too_little_memory_for_a_passphrase_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct vault_opener opener = {VAULT_PASSPHRASE, TEXT("four or five random words")};
    int status;

#ifdef __SANITIZE_ADDRESS__
    skip(); /* its own memory is more than that */
#endif
    unlink(fixture->path);
    assert_int_equal(vault_create(fixture->path, &opener, 0, &fixture->random, &fixture->diags), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(open_with_little_memory(fixture));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void missing_file_is_named(void **state)
{
    struct fixture *fixture = *state;

    unlink(fixture->path);
    assert_int_equal(open_key(fixture, fixture->key), -ENOENT);
    fixture_expect_diag(fixture, "E801");
}

static void wrong_key_file_opens_nothing(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_key(fixture, TEXT("another key file, also of more than 32 bytes")),
                     -EACCES);
    fixture_expect_diag(fixture, "E804");
}

static void either_copy_alone_is_enough_and_the_damaged_one_is_told(void **state)
{
    static const off_t places[] = {300, offsetof(struct slots, digest),
                                   offsetof(struct slots, mac)};
    struct fixture *fixture = *state;

    assert_int_equal(open_key(fixture, fixture->key), 0);
    assert_string_equal(last_line, "");
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        fixture_flip(fixture, fixture->path, places[i]);
        assert_int_equal(open_key(fixture, fixture->key), 0);
        assert_string_equal(last_line, "vault.slots_copy_damaged copy=0");
        fixture_flip(fixture, fixture->path, places[i]);
        fixture_flip(fixture, fixture->path, SLOTS_COPY_BYTES + places[i]);
        assert_int_equal(open_key(fixture, fixture->key), 0);
        assert_string_equal(last_line, "vault.slots_copy_damaged copy=1");
        fixture_flip(fixture, fixture->path, SLOTS_COPY_BYTES + places[i]);
    }
    fixture_flip(fixture, fixture->path, SLOTS_COPY_BYTES + 300);
    fixture_flip(fixture, fixture->path, 300);
    assert_int_equal(open_key(fixture, fixture->key), -EBADMSG);
    fixture_expect_diag(fixture, "E805");
}

static void every_byte_of_a_copy_matters(void **state)
{
    struct fixture *fixture = *state;

    /* The other copy is gone, so nothing but this one can be believed. */
    fixture_flip(fixture, fixture->path, SLOTS_COPY_BYTES);
    for (off_t i = 0; i < SLOTS_COPY_BYTES; i += 97) {
        fixture_flip(fixture, fixture->path, i);
        assert_int_equal(open_key(fixture, fixture->key), -EBADMSG);
        fixture_expect_diag(fixture, "E805");
        fixture_flip(fixture, fixture->path, i);
    }
    assert_int_equal(open_key(fixture, fixture->key), 0);
}

static void newer_copy_is_believed_and_the_older_one_when_it_is_torn(void **state)
{
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);
    struct vault *vault;

    /* A second epoch, written once: generation 3 in copy 1. */
    bytes_put_u32(opened.newest.epoch, 2);
    opened.newest.epochs[1] = (struct slots_epoch){.number = {0, 0, 0, 2}, .state = {0, 0, 0, 1}};
    key_wrap_epoch(&opened.newest.epochs[1], opened.newest.store_id, opened.wrap, opened.root);
    assert_int_equal(slots_write(fixture->path, &opened.newest, opened.mac), 0);
    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_int_equal(vault_epoch(vault), 2);
    vault_close(vault);

    fixture_flip(fixture, fixture->path, SLOTS_COPY_BYTES + 5000);
    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_int_equal(vault_epoch(vault), 1);
    vault_close(vault);
}

static void copy_without_the_root_keys_mac_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);
    uint8_t other[CRYPTO_KEY_BYTES] = {1};
    struct vault *vault;

    /* Somebody changes the epoch and makes a fitting digest, but has no key for the MAC. */
    bytes_put_u32(opened.newest.epoch, 7);
    assert_int_equal(slots_write(fixture->path, &opened.newest, other), 0);
    assert_int_equal(
        vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault), 0);
    assert_int_equal(vault_epoch(vault), 1);
    vault_close(vault);
    write_slots(fixture, &opened.newest, other);
    assert_int_equal(open_key(fixture, fixture->key), -EBADMSG);
    fixture_expect_diag(fixture, "E805");
}

static void key_that_was_taken_away_does_not_open_the_older_copy(void **state)
{
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);

    opened.newest.slots[0] = (struct slots_slot){.kind = {0}};
    assert_int_equal(slots_write(fixture->path, &opened.newest, opened.mac), 0);
    assert_int_equal(open_key(fixture, fixture->key), -EACCES);
    fixture_expect_diag(fixture, "E804");
}

static void slots_of_other_kinds_are_skipped_and_kept(void **state)
{
    static const uint32_t kinds[] = {SLOTS_KIND_PASSPHRASE, SLOTS_KIND_CREDENTIAL,
                                     SLOTS_KIND_RECOVERY_SHARE, 77};
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);
    struct slots copies[SLOTS_COPY_COUNT];
    struct slots_slot mine = opened.newest.slots[0];

    for (size_t i = 0; i < 4; i++) {
        struct slots_slot *slot = &opened.newest.slots[i];

        fixture->random.fill(fixture->random.self, slot, sizeof(*slot));
        bytes_put_u32(slot->kind, kinds[i]);
        bytes_put_u32(slot->format, 1);
    }
    /* The same bytes as the good slot, but of a format to come. */
    opened.newest.slots[4] = mine;
    bytes_put_u32(opened.newest.slots[4].format, 2);
    write_slots(fixture, &opened.newest, opened.mac);
    assert_int_equal(open_key(fixture, fixture->key), -EACCES);
    fixture_expect_diag(fixture, "E804");

    opened.newest.slots[15] = mine;
    write_slots(fixture, &opened.newest, opened.mac);
    assert_int_equal(open_key(fixture, fixture->key), 0);
    assert_int_equal(slots_read(fixture->path, copies), 0);
    assert_memory_equal(copies[0].slots, opened.newest.slots, sizeof(opened.newest.slots));
}

static void newer_format_is_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);

    bytes_put_u32(opened.newest.format, 2);
    write_slots(fixture, &opened.newest, opened.mac);
    assert_int_equal(open_key(fixture, fixture->key), -EPROTONOSUPPORT);
    fixture_expect_diag(fixture, "E806");
}

static void epoch_that_does_not_unwrap_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct opened opened = open_slots(fixture);

    opened.newest.epochs[0].wrapped[0] ^= 1;
    write_slots(fixture, &opened.newest, opened.mac);
    assert_int_equal(open_key(fixture, fixture->key), -EBADMSG);
    fixture_expect_diag(fixture, "E805");
    opened.newest.epochs[0].wrapped[0] ^= 1;
    bytes_put_u32(opened.newest.epoch, 3); /* a current epoch that is not in the table */
    write_slots(fixture, &opened.newest, opened.mac);
    assert_int_equal(open_key(fixture, fixture->key), -EBADMSG);
    fixture_expect_diag(fixture, "E805");
}

static void mac_is_the_same_for_the_stores_whole_life(void **state)
{
    struct fixture *fixture = *state;
    uint8_t first[VAULT_HASH_BYTES], second[VAULT_HASH_BYTES], other[VAULT_HASH_BYTES];
    struct vault *vault;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault),
            0);
        vault_mac(vault, "case id", "awa", 3, i == 0 ? first : second);
        vault_mac(vault, "other", "awa", 3, other);
        vault_close(vault);
        assert_memory_not_equal(other, i == 0 ? first : second, sizeof(other));
    }
    assert_memory_equal(first, second, sizeof(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vault_opens_with_its_key_again, setup, teardown),
        cmocka_unit_test_setup_teardown(file_has_no_key_in_clear, setup, teardown),
        cmocka_unit_test_setup_teardown(second_vault_at_the_same_path_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(short_key_file_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(short_passphrase_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(too_little_memory_for_a_passphrase_is_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(missing_file_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_key_file_opens_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(either_copy_alone_is_enough_and_the_damaged_one_is_told,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(every_byte_of_a_copy_matters, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_copy_is_believed_and_the_older_one_when_it_is_torn,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(copy_without_the_root_keys_mac_is_not_believed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(key_that_was_taken_away_does_not_open_the_older_copy, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(slots_of_other_kinds_are_skipped_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_format_is_refused_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(epoch_that_does_not_unwrap_is_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(mac_is_the_same_for_the_stores_whole_life, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
