/* Epochs and slots of an open vault: begun, ended, added, removed; the file after each, and after a
 * write that fails. */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "base/log.h"
#include "vault/bytes.h"
#include "vault/slots/slots.h"

static struct vault *vault;
static int fail_fdatasync;
static char last_line[200];

/* Stands in for libc's in this program. */
int fdatasync(int fd)
{
    if (fail_fdatasync > 0 && --fail_fdatasync == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static void keep(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static int open_again(struct fixture *fixture)
{
    vault_close(vault);
    vault = NULL;
    return vault_open(fixture->path, &fixture->opener, &fixture->random, &fixture->diags, &vault);
}

static int setup(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    fail_fdatasync = 0;
    log_set_sink(keep, NULL);
    fixture_init(&fixture, "slots");
    assert_int_equal(
        vault_create(fixture.path, &fixture.opener, 1000, &fixture.random, &fixture.diags), 0);
    return open_again(&fixture);
}

static int teardown(void **state)
{
    vault_close(vault);
    vault = NULL;
    fixture_finish(*state);
    return 0;
}

static struct text seal_card(struct fixture *fixture, struct vault_case_id id)
{
    struct vault_place place = {"card", id.bytes, sizeof(id.bytes)};
    struct text sealed;

    assert_int_equal(
        vault_seal(vault, fixture->arena, VAULT_USE_CARD, &place, &id, 7, TEXT("a card"), &sealed),
        0);
    return sealed;
}

static int open_card(struct fixture *fixture, struct vault_case_id id, struct text sealed)
{
    struct vault_place place = {"card", id.bytes, sizeof(id.bytes)};
    struct text plain;
    uint64_t generation;
    int result = vault_unseal(vault, fixture->arena, VAULT_USE_CARD, &place, sealed, &id,
                              &generation, &plain);

    if (result == 0) {
        assert_true(text_is(plain, "a card"));
        assert_int_equal(generation, 7);
    }
    return result;
}

static void what_is_under_an_ended_epoch_is_gone_and_the_rest_opens(void **state)
{
    struct fixture *fixture = *state;
    struct vault_case_id id = fixture_id(1), other = fixture_id(2);
    struct vault_place place = {"card", id.bytes, sizeof(id.bytes)};
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX], anew[VAULT_WRAPPED_KEY_BYTES_MAX];
    uint8_t lost[VAULT_WRAPPED_KEY_BYTES_MAX];
    struct text card = seal_card(fixture, id), lost_card = seal_card(fixture, other), new_card;
    size_t size, anew_size;

    assert_int_equal(vault_key_create(vault, &id, wrapped, &size), 0);
    assert_int_equal(vault_key_create(vault, &other, lost, &size), 0);
    assert_int_equal(vault_key_rewrap(vault, &id, wrapped, size, anew, &anew_size), 0);
    assert_int_equal(vault_card_reseal(vault, fixture->arena, &place, card, &new_card), 0);
    assert_int_equal(vault_epoch_begin(vault), 0);
    assert_int_equal(vault_epoch(vault), 2);
    assert_int_equal(vault_epoch_retired_count(vault), 1);
    assert_int_equal(vault_key_rewrap(vault, &id, wrapped, size, anew, &anew_size), 1);
    assert_int_equal(anew_size, size);
    assert_int_equal(vault_card_reseal(vault, fixture->arena, &place, card, &new_card), 1);
    vault_key_forget(vault, &id);
    vault_key_forget(vault, &other);
    assert_int_equal(vault_key_load(vault, &other, lost, size), 0); /* both are accepted */
    assert_int_equal(vault_key_load(vault, &id, anew, size), 0);
    assert_int_equal(open_card(fixture, other, lost_card), 0);
    vault_key_forget(vault, &other);
    assert_int_equal(vault_epoch_end_retired(vault), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vault_epoch_retired_count(vault), 0);
        assert_int_equal(vault_key_load(vault, &other, lost, size), -ESTALE);
        assert_int_equal(vault_key_load(vault, &id, anew, size), 0);
        assert_int_equal(open_card(fixture, other, lost_card), -ENOKEY);
        assert_int_equal(open_card(fixture, id, new_card), 0);
        assert_int_equal(open_again(fixture), 0);
    }
}

static void damaged_key_or_card_is_not_brought_along(void **state)
{
    struct fixture *fixture = *state;
    struct vault_case_id id = fixture_id(1);
    struct vault_place place = {"card", id.bytes, sizeof(id.bytes)};
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX], anew[VAULT_WRAPPED_KEY_BYTES_MAX];
    struct text card = seal_card(fixture, id), changed;
    size_t size;

    assert_int_equal(vault_key_create(vault, &id, wrapped, &size), 0);
    assert_int_equal(vault_epoch_begin(vault), 0);
    for (size_t i = 0; i < size; i++) {
        wrapped[i] ^= 1;
        if (i < 2 || i >= 6) /* elsewhere it claims another epoch, the current one among them */
            assert_int_equal(vault_key_rewrap(vault, &id, wrapped, size, anew, &size), -EBADMSG);
        wrapped[i] ^= 1;
    }
    assert_int_equal(vault_key_rewrap(vault, &id, wrapped, size - 1, anew, &size), -EBADMSG);
    changed = text_copy(fixture->arena, card);
    ((char *)changed.bytes)[changed.size - 1] ^= 1;
    assert_int_equal(vault_card_reseal(vault, fixture->arena, &place, changed, &card), -EBADMSG);
    assert_int_equal(vault_card_reseal(vault, fixture->arena, &place, TEXT("short"), &card),
                     -EBADMSG);
}

/* Between the two writes of a change: whichever copy is read, the next opening makes both alike. */
static void copies_are_made_alike_after_a_crash_between_the_writes(void **state)
{
    struct fixture *fixture = *state;
    struct slots copies[SLOTS_COPY_COUNT];

    for (int ends = 0; ends < 2; ends++) {
        struct text before = fixture_read(fixture, fixture->path);
        int result = ends ? vault_epoch_end_retired(vault) : vault_epoch_begin(vault);

        assert_int_equal(result, 0);
        /* The copy that was written second is put back. */
        assert_int_equal(slots_read(fixture->path, copies), 0);
        size_t second = bytes_u64(copies[1].generation) > bytes_u64(copies[0].generation) ? 1 : 0;
        fixture_write_at(fixture->path, (off_t)second * SLOTS_COPY_BYTES,
                         before.bytes + second * SLOTS_COPY_BYTES, SLOTS_COPY_BYTES);
        assert_int_equal(slots_read(fixture->path, copies), 0);
        assert_false(slots_are_alike(&copies[0], &copies[1]));
        assert_int_equal(open_again(fixture), 0);
        assert_int_equal(vault_epoch(vault), 2);
        assert_int_equal(vault_epoch_retired_count(vault), 1 - ends);
        assert_int_equal(vault_mend(vault), 0);
        assert_string_equal(last_line, "vault.slots_mended epoch=2");
        assert_int_equal(slots_read(fixture->path, copies), 0);
        assert_true(slots_are_alike(&copies[0], &copies[1]));
        assert_int_equal(bytes_u32(copies[second].epochs[0].number), ends ? 0 : 1);
        last_line[0] = '\0';
        assert_int_equal(vault_mend(vault), 0); /* once is enough */
        assert_string_equal(last_line, "");
    }
}

static void write_that_fails_changes_nothing_in_memory(void **state)
{
    struct fixture *fixture = *state;
    struct vault_slot slots[VAULT_SLOTS_MAX];
    struct vault_slot_change change;

    assert_int_equal(vault_slot_prepare(vault, &fixture->opener, TEXT("second"), 2000, &change), 0);
    change.number = 2;
    for (int i = 1; i <= 2; i++) {
        fail_fdatasync = i;
        assert_int_equal(vault_epoch_begin(vault), -EIO);
        assert_int_equal(vault_epoch(vault), 1);
        fail_fdatasync = i;
        assert_int_equal(vault_slot_change(vault, &change), -EIO);
        assert_int_equal(vault_slots(vault, slots), 1);
    }
    assert_int_equal(vault_epoch_begin(vault), 0);
    fail_fdatasync = 1;
    assert_int_equal(vault_epoch_end_retired(vault), -EIO);
    assert_int_equal(vault_epoch_retired_count(vault), 1);
    fixture_flip(fixture, fixture->path, 300);
    assert_int_equal(open_again(fixture), 0);
    fail_fdatasync = 1;
    assert_int_equal(vault_mend(vault), -EIO);
}

/* ---- Slots. ---- */

static void slots_are_added_listed_and_removed(void **state)
{
    struct fixture *fixture = *state;
    struct vault_opener second = {VAULT_CREDENTIAL, TEXT("what systemd hands over, 32 or more")};
    struct vault_slot slots[VAULT_SLOTS_MAX];
    struct vault_slot_change change;

    assert_int_equal(vault_slots(vault, slots), 1);
    assert_int_equal(slots[0].number, 1);
    assert_int_equal(slots[0].kind, VAULT_KEY_FILE);
    assert_int_equal(slots[0].added_ms, 1000);
    assert_string_equal(slots[0].label, "");
    assert_int_equal(vault_slot_prepare(vault, &second, TEXT("Gab\u00fa"), 2000, &change), 0);
    change.number = 16;
    assert_int_equal(vault_slot_change(vault, &change), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vault_slots(vault, slots), 2);
        assert_int_equal(slots[1].number, 16);
        assert_true(slots[1].is_known);
        assert_int_equal(slots[1].kind, VAULT_CREDENTIAL);
        assert_int_equal(slots[1].added_ms, 2000);
        assert_string_equal(slots[1].label, "Gab\u00fa");
        assert_int_equal(open_again(fixture), 0);
    }
    change = (struct vault_slot_change){.removes = true, .number = 1};
    assert_int_equal(vault_slot_change(vault, &change), 0);
    assert_int_equal(open_again(fixture), -EACCES);
    fixture_expect_diag(fixture, "E804");
    fixture->opener = second;
    assert_int_equal(open_again(fixture), 0);
    assert_int_equal(vault_slots(vault, slots), 1);
}

/* A slot that is gone from one copy must not open the other. */
static void removed_slot_is_gone_from_both_copies(void **state)
{
    struct fixture *fixture = *state;
    struct vault_opener second = {VAULT_CREDENTIAL, TEXT("what systemd hands over, 32 or more")};
    struct slots copies[SLOTS_COPY_COUNT];
    struct vault_slot_change change;

    assert_int_equal(vault_slot_prepare(vault, &second, TEXT_NONE, 0, &change), 0);
    change.number = 2;
    assert_int_equal(vault_slot_change(vault, &change), 0);
    assert_int_equal(
        vault_slot_change(vault, &(struct vault_slot_change){.removes = true, .number = 1}), 0);
    assert_int_equal(slots_read(fixture->path, copies), 0);
    for (size_t i = 0; i < SLOTS_COPY_COUNT; i++) {
        static const struct slots_slot nothing;

        assert_memory_equal(&copies[i].slots[0], &nothing, sizeof(nothing));
    }
}

static void label_or_secret_that_does_not_fit_is_refused(void **state)
{
    static char long_label[41];
    struct fixture *fixture = *state;
    struct vault_slot_change change;
    struct vault_opener opener = {VAULT_PASSPHRASE, TEXT("short")};

    memset(long_label, 'x', sizeof(long_label));
    assert_int_equal(vault_slot_prepare(vault, &opener, TEXT_NONE, 0, &change), -EINVAL);
    assert_int_equal(vault_slot_prepare(vault, &fixture->opener,
                                        (struct text){long_label, sizeof(long_label)}, 0, &change),
                     -EINVAL);
}

static void slot_of_a_version_to_come_is_listed_and_kept(void **state)
{
    struct fixture *fixture = *state;
    struct vault_slot slots[VAULT_SLOTS_MAX];
    struct vault_slot_change change;

    assert_int_equal(vault_slot_prepare(vault, &fixture->opener, TEXT_NONE, 0, &change), 0);
    bytes_put_u32(change.slot, 77);
    change.number = 3;
    assert_int_equal(vault_slot_change(vault, &change), 0);
    assert_int_equal(vault_epoch_begin(vault), 0);
    assert_int_equal(open_again(fixture), 0);
    assert_int_equal(vault_slots(vault, slots), 2);
    assert_int_equal(slots[1].number, 3);
    assert_false(slots[1].is_known);
}

static void passphrase_opens_the_vault(void **state)
{
    struct fixture *fixture = *state;
    struct vault_slot_change change;

    struct vault_opener passphrase = {VAULT_PASSPHRASE, TEXT("four words of sense")};

    assert_int_equal(vault_slot_prepare(vault, &passphrase, TEXT_NONE, 0, &change), 0);
    change.number = 2;
    assert_int_equal(vault_slot_change(vault, &change), 0);
    fixture->opener = passphrase;
    assert_int_equal(open_again(fixture), 0);
    fixture->opener.secret = TEXT("four words of sensE");
    assert_int_equal(open_again(fixture), -EACCES);
    fixture_expect_diag(fixture, "E804");
}

/* ---- Several threads. ---- */

static atomic_bool is_over;

/* Makes and loads keys and opens cards, whatever epoch it is. */
static void *use(void *self)
{
    struct fixture *fixture = self;
    struct arena *arena = arena_create("thread");
    uint64_t number = 1000;
    size_t *count = arena_alloc(fixture->arena, sizeof(*count));

    while (!is_over) {
        struct vault_case_id id = fixture_id(number++);
        uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
        size_t size;

        if (vault_key_create(vault, &id, wrapped, &size) != 0)
            abort();
        vault_key_forget(vault, &id);
        int result = vault_key_load(vault, &id, wrapped, size);
        if (result != 0 && result != -ESTALE)
            abort();
        arena_reset(arena);
    }
    arena_destroy(arena);
    *count = (size_t)(number - 1000);
    return count;
}

static void keys_are_made_and_loaded_while_epochs_come_and_go(void **state)
{
    struct fixture *fixture = *state;
    struct vault_slot slots[VAULT_SLOTS_MAX];
    pthread_t thread;
    void *count;

    is_over = false;
    assert_int_equal(pthread_create(&thread, NULL, use, fixture), 0);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(vault_epoch_begin(vault), 0);
        assert_int_equal(vault_slots(vault, slots), 1);
        if (i % 3 == 2)
            assert_int_equal(vault_epoch_end_retired(vault), 0);
    }
    is_over = true;
    pthread_join(thread, &count);
    assert_true(*(size_t *)count > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(what_is_under_an_ended_epoch_is_gone_and_the_rest_opens),
        TEST(damaged_key_or_card_is_not_brought_along),
        TEST(copies_are_made_alike_after_a_crash_between_the_writes),
        TEST(write_that_fails_changes_nothing_in_memory),
        TEST(slots_are_added_listed_and_removed),
        TEST(removed_slot_is_gone_from_both_copies),
        TEST(label_or_secret_that_does_not_fit_is_refused),
        TEST(slot_of_a_version_to_come_is_listed_and_kept),
        TEST(passphrase_opens_the_vault),
        TEST(keys_are_made_and_loaded_while_epochs_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
