/* Checkpoints and proofs of a store: signed in the commit, compared at the opening, and what a
 * store that was edited is told by. */
#include "findings.h"
#include "raw.h"

#include <sys/stat.h>

#include "store/audit.h"
#include "store/tree/checkpoints.h"

static const struct vault_case_id awa = {{0xaa, 1}};

static void put_file(const char *path, struct text text)
{
    assert_int_equal(truncate(path, 0), 0);
    fixture_write_at(path, 0, text.bytes, text.size);
}

static int setup(void **state)
{
    int result = store_setup(state);

    open_case(*state, awa, "{}", "{\"a\":1}", "{\"b\":1}");
    return result;
}

static struct text newest(struct fixture *fixture, uint64_t *size_out)
{
    struct text note = TEXT_NONE;

    assert_int_equal(store_newest_checkpoint(store, fixture->arena, size_out, &note), 0);
    return note;
}

static void checkpoint_is_signed_in_the_commit_and_once_for_a_size(void **state)
{
    struct fixture *fixture = *state;
    struct text note;
    uint64_t size = 0, time_s;
    struct note read;
    struct note_key key = key_of(fixture);

    assert_int_equal(store_newest_checkpoint(store, fixture->arena, &size, &note), -ENOENT);
    add_entries(awa, 3, true);
    note = newest(fixture, &size);
    assert_int_equal(size, 4);
    assert_true(note_read(note, &read));
    assert_int_equal(note_check(fixture->arena, &read, &key, &time_s), NOTE_SIGNED);
    add_entries(awa, 0, true);
    assert_true(text_equal(newest(fixture, &size), note));
    assert_int_equal(store_reopen(fixture), 0);
    assert_false(store_history_differs(store));
    assert_true(text_equal(newest(fixture, &size), note));
    key.public_key[0] ^= 1;
    assert_int_equal(note_check(fixture->arena, &read, &key, &time_s), NOTE_UNSIGNED);
}

static bool count_note(void *self, uint64_t size, struct text note)
{
    size_t *count = self;

    assert_true(size > 0 && note.size > 0);
    (*count)++;
    return true;
}

static void the_last_checkpoints_are_kept_and_the_oldest_goes(void **state)
{
    struct fixture *fixture = *state;
    size_t count = 0;
    uint64_t size;

    for (int i = 0; i < CHECKPOINTS_KEPT + 10; i++)
        add_entries(awa, 1, true);
    assert_int_equal(store_each_checkpoint(store, count_note, &count), 0);
    assert_int_equal(count, CHECKPOINTS_KEPT);
    newest(fixture, &size);
    assert_int_equal(size, store_last_seq(store));
}

static void proofs_hold_across_tiles_and_restarts(void **state)
{
    static const uint64_t seqs[] = {1, 2, 255, 256, 257, 512, 513, 1500, 2001};
    struct fixture *fixture = *state;
    struct proof_text proof;
    struct text text;
    uint64_t size;

    for (int round = 0; round < 2; round++) {
        add_entries(awa, 1000, true);
        assert_int_equal(store_reopen(fixture), 0);
    }
    newest(fixture, &size);
    assert_int_equal(size, 2001);
    for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
        const struct checkpoint *checkpoint = &proof.note.checkpoint;
        assert_int_equal(store_prove_entry(store, fixture->arena, seqs[i], &text), 0);
        assert_true(proof_read(fixture->arena, text, &proof));
        assert_false(proof.is_growth);
        assert_int_equal(proof.number, seqs[i] - 1);
        assert_true(merkle_check_leaf(&proof.proof, &proof.leaf, proof.number, checkpoint->size,
                                      &checkpoint->root));
    }
    add_entries(awa, 1, false);
    assert_int_equal(store_prove_entry(store, fixture->arena, 2002, &text), -EAGAIN);
    assert_int_equal(store_prove_entry(store, fixture->arena, 2003, &text), -ENOENT);
    assert_int_equal(store_prove_entry(store, fixture->arena, 0, &text), -ENOENT);
    assert_int_equal(store_prove_growth(store, fixture->arena, 2002, &text), -ERANGE);
}

static void growth_is_proven_from_every_kept_checkpoint(void **state)
{
    struct fixture *fixture = *state;
    struct checkpoint old;
    struct proof_text proof;
    struct note note;
    struct text text;
    uint64_t size;

    add_entries(awa, 299, true);
    text = newest(fixture, &size);
    assert_true(note_read(text, &note));
    old = note.checkpoint;
    add_entries(awa, 701, true);
    assert_int_equal(store_prove_growth(store, fixture->arena, old.size, &text), 0);
    assert_true(proof_read(fixture->arena, text, &proof));
    assert_true(proof.is_growth);
    assert_int_equal(proof.number, 300);
    assert_true(merkle_check_growth(&proof.proof, 300, &old.root, proof.note.checkpoint.size,
                                    &proof.note.checkpoint.root));
}

/* ---- Stores that somebody edited. ---- */

static void changed_entry_at_the_edge_is_told_at_the_opening_and_nothing_is_signed(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq = 270, size, before;
    struct text text;

    add_entries(awa, 299, true);
    raw_flip(fixture, "journal", raw_seq(&seq), 70);
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(store_history_differs(store));
    newest(fixture, &before);
    add_entries(awa, 5, true);
    newest(fixture, &size);
    assert_int_equal(size, before);
    assert_int_equal(store_prove_entry(store, fixture->arena, 270, &text), -EBADMSG);
}

static void changed_entry_under_a_full_tile_proves_nothing(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq = 7;
    struct text text;

    add_entries(awa, 299, true);
    raw_flip(fixture, "journal", raw_seq(&seq), 70);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_prove_entry(store, fixture->arena, 7, &text), -EBADMSG);
    assert_int_equal(store_prove_entry(store, fixture->arena, 8, &text), 0);
}

static void changed_or_missing_tile_proves_nothing(void **state)
{
    struct fixture *fixture = *state;
    uint8_t key[9] = {0};
    struct text text;

    add_entries(awa, 299, true);
    raw_flip(fixture, "tree", (MDB_val){sizeof(key), key}, 40);
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(store_history_differs(store));
    assert_int_equal(store_prove_entry(store, fixture->arena, 8, &text), -EBADMSG);
    raw_remove(fixture, "tree", (MDB_val){sizeof(key), key});
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(store_history_differs(store));
    assert_int_equal(store_prove_growth(store, fixture->arena, 5, &text), -EBADMSG);
}

static void damaged_checkpoint_is_told_and_the_one_before_counts(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq = 21, size;

    add_entries(awa, 9, true);
    add_entries(awa, 11, true);
    raw_flip(fixture, "checkpoint", raw_seq(&seq), 60);
    assert_int_equal(store_reopen(fixture), 0);
    assert_false(store_history_differs(store));
    newest(fixture, &size);
    assert_int_equal(size, 10);
}

static void store_is_compared_with_a_checkpoint_that_somebody_kept(void **state)
{
    struct fixture *fixture = *state;
    struct text kept, forged;
    uint64_t size;

    add_entries(awa, 9, true);
    kept = text_copy(fixture->arena, newest(fixture, &size));
    add_entries(awa, 20, true);
    assert_int_equal(store_compare(store, kept, &size), 0);
    assert_int_equal(size, 10);
    forged = text_copy(fixture->arena, kept);
    ((char *)(uintptr_t)forged.bytes)[60] ^= 1;
    assert_int_equal(store_compare(store, forged, &size), -EINVAL);
    assert_int_equal(store_compare(store, TEXT("no note\n"), &size), -EINVAL);
}

/* An older data file that is put back with its head is whole in itself. */
static void store_that_was_put_back_is_older_than_the_checkpoint(void **state)
{
    struct fixture *fixture = *state;
    struct text data, head, kept;
    uint64_t size;

    add_entries(awa, 9, true);
    store_close(store);
    store = NULL;
    const char *data_path = text_printf(fixture->arena, "%s/data.mdb", fixture->path).bytes;
    const char *head_path = text_printf(fixture->arena, "%s/head", fixture->path).bytes;
    data = fixture_read(fixture, data_path);
    head = fixture_read(fixture, head_path);
    assert_int_equal(store_reopen(fixture), 0);
    add_entries(awa, 4, true);
    kept = text_copy(fixture->arena, newest(fixture, &size));
    store_close(store);
    store = NULL;
    put_file(data_path, data);
    put_file(head_path, head);
    assert_int_equal(store_reopen(fixture), 0);
    assert_false(store_history_differs(store));
    assert_int_equal(store_compare(store, kept, &size), -ERANGE);
    add_entries(awa, 4, true); /* another history of the same length */
    assert_int_equal(store_compare(store, kept, &size), -EBADMSG);
}

static void public_key_is_beside_the_data_and_replaced_if_it_is_not(void **state)
{
    struct fixture *fixture = *state;
    const char *path = text_printf(fixture->arena, "%s/audit.pub", fixture->path).bytes;
    struct text key = store_audit_key(store, fixture->arena);

    assert_true(text_equal(fixture_read(fixture, path), key));
    put_file(path, TEXT("another key\n"));
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(text_equal(fixture_read(fixture, path), key));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(text_equal(fixture_read(fixture, path), key));
}

static void what_is_no_key_of_a_note_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "name", "name+00000000", "+a+b", "a b+0+0", "name+00000000+AAAA", "n+zz+AA"};
    struct fixture *fixture = *state;
    struct note_key key = key_of(fixture), read;
    struct text good = note_key_text(fixture->arena, &key);
    char *bytes = (char *)(uintptr_t)good.bytes;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(note_key_read(text_from(texts[i]), &read));
    for (size_t i = 0; i < good.size; i++) {
        bytes[i] ^= 1;
        assert_false(note_key_read(good, &read));
        bytes[i] ^= 1;
    }
    assert_true(note_key_read(good, &read));
    key.kind = (enum note_kind)9;
    assert_false(note_key_read(note_key_text(fixture->arena, &key), &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)
        TEST(checkpoint_is_signed_in_the_commit_and_once_for_a_size),
        TEST(the_last_checkpoints_are_kept_and_the_oldest_goes),
        TEST(proofs_hold_across_tiles_and_restarts),
        TEST(growth_is_proven_from_every_kept_checkpoint),
        TEST(changed_entry_at_the_edge_is_told_at_the_opening_and_nothing_is_signed),
        TEST(changed_entry_under_a_full_tile_proves_nothing),
        TEST(changed_or_missing_tile_proves_nothing),
        TEST(damaged_checkpoint_is_told_and_the_one_before_counts),
        TEST(store_is_compared_with_a_checkpoint_that_somebody_kept),
        TEST(store_that_was_put_back_is_older_than_the_checkpoint),
        TEST(public_key_is_beside_the_data_and_replaced_if_it_is_not),
        TEST(what_is_no_key_of_a_note_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
