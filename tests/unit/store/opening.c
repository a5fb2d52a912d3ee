/* What the opening of a store says of tables that no bit alone can have made so, of a probe, and of
 * a compact copy that cannot be made or swapped in. */
#include "faults.h"

#include <fcntl.h>

#include "raw.h"
#include "store/state.h"

static const struct vault_case_id awa = {{0xaa, 1}};

static int setup(void **state)
{
    int result = faults_setup(state);

    open_case(*state, awa, "{}", "{\"a\":1}", "{\"b\":1}");
    return result;
}

static const char *path_of(struct fixture *fixture, const char *name)
{
    return text_printf(fixture->arena, "%s/%s", fixture->path, name).bytes;
}

static void a_journal_with_an_entry_before_the_first_is_refused(void **state)
{
    struct fixture *fixture = *state;
    uint64_t none = 0;

    add_entry(awa, "{}");
    raw_put(fixture, "journal", raw_seq(&none), TEXT("something"));
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
    raw_remove(fixture, "journal", raw_seq(&none));
    assert_int_equal(store_reopen(fixture), 0);
}

/* A number that a flipped bit has made of another one bears what was sealed for that one. */
static void a_last_entry_far_behind_the_others_is_refused_unless_it_was_sealed_there(void **state)
{
    struct fixture *fixture = *state;
    uint64_t far = (uint64_t)1 << 40, last;

    add_entry(awa, "{}");
    raw_put(fixture, "journal", raw_seq(&far), TEXT("something"));
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
    last = 2;
    struct text second = raw_get(fixture, "journal", raw_seq(&last));
    raw_put(fixture, "journal", raw_seq(&far), second);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

/* The newest entries are gone, and so is the head that knew of them: the sums know, too. */
static void a_journal_that_was_cut_is_refused_without_its_head(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq = 3;

    add_entry(awa, "{}");
    add_entry(awa, "{}");
    raw_remove(fixture, "journal", raw_seq(&seq));
    assert_int_equal(unlink(path_of(fixture, STORE_HEAD_FILE)), 0);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E853");
}

static bool never_shown(void *self, const struct store_workflow *workflow)
{
    (void)self, (void)workflow;
    fail();
    return true;
}

static void a_definition_with_a_key_of_another_size_is_damage(void **state)
{
    struct fixture *fixture = *state;

    raw_put(fixture, "workflow", raw_name("short"), TEXT("something"));
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_each_workflow(store, never_shown, NULL), -EBADMSG);
}

/* Too short to have a header: nobody can tell whose it was. */
static void an_entry_of_a_few_bytes_is_nobody_s(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq = 1;
    struct vault_case_id id;

    add_entry(awa, "{}");
    raw_put(fixture, "journal", raw_seq(&seq), TEXT("abc"));
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_owner(store, 1, &id), -ENOENT);
    assert_int_equal(store_owner(store, 2, &id), 0);
    assert_memory_equal(&id, &awa, sizeof(id));
}

static void a_store_that_lacks_a_file_is_told_by_the_probe_which(void **state)
{
    static const char *const names[] = {"lock", "slots", "data.mdb"};
    struct fixture *fixture = *state;

    store_close(store);
    store = NULL;
    assert_int_equal(store_probe(fixture->path, &fixture->diags), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *path = path_of(fixture, names[i]), *away = path_of(fixture, "away");
        assert_int_equal(rename(path, away), 0);
        assert_int_equal(store_probe(fixture->path, &fixture->diags), -ENOENT);
        assert_non_null(strstr(fixture->diags.items[0].message.bytes, names[i]));
        fixture_expect_diag(fixture, "E811");
        assert_int_equal(rename(away, path), 0);
    }
}

static void a_document_larger_than_what_is_free_has_no_room(void **state)
{
    (void)state;
    assert_int_equal(store_has_room_for(store, 1 << 20, 1 << 20), 0);
    assert_int_equal(store_has_room_for(store, 1 << 20, (uint64_t)60 << 30),
                     -ENOSPC);                                                        /* the disk */
    assert_int_equal(store_has_room_for(store, 1 << 20, (uint64_t)1 << 30), -ENOSPC); /* the map */
    fail_statvfs = 1;
    assert_int_equal(store_has_room_for(store, 1 << 20, 1), -EIO);
}

/* ---- Compact copies. ---- */

static void commit_a_copy(void)
{
    struct store_batch batch = {.number = 2, .horizon = store_horizon(store), .compacts = true};

    assert_int_equal(store_commit(store, &batch), 0);
}

static void nothing_is_swapped_in_that_was_not_made(void **state)
{
    struct fixture *fixture = *state;
    struct store_read_entry entry;

    assert_int_equal(store_compact(store), -ENOENT);
    fail_fsync = 1;
    commit_a_copy();
    assert_non_null(strstr(last_line, "store.compact_failed errno=5"));
    assert_int_equal(access(path_of(fixture, STORE_COPY_FILE), F_OK), -1);
    assert_int_equal(store_compact(store), -EIO);
    assert_int_equal(store_compact(store), -ENOENT); /* told once */
    assert_int_equal(store_read_one(store, fixture->arena, 1, &entry), 0);
    commit_a_copy();
    assert_int_equal(store_compact(store), 0);
    assert_int_equal(store_read_one(store, fixture->arena, 1, &entry), 0);
}

static void a_copy_that_is_gone_when_it_is_swapped_in_ends_the_store(void **state)
{
    struct fixture *fixture = *state;

    commit_a_copy();
    assert_int_equal(unlink(path_of(fixture, STORE_COPY_FILE)), 0);
    assert_int_equal(store_compact(store), -ENOTRECOVERABLE);
    assert_non_null(strstr(last_line, "store.reopen_failed errno=2"));
    assert_int_equal(store_reopen(fixture), 0); /* the data file is the old one */
    assert_int_equal(store_last_seq(store), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_journal_with_an_entry_before_the_first_is_refused),
        TEST(a_last_entry_far_behind_the_others_is_refused_unless_it_was_sealed_there),
        TEST(a_journal_that_was_cut_is_refused_without_its_head),
        TEST(a_definition_with_a_key_of_another_size_is_damage),
        TEST(an_entry_of_a_few_bytes_is_nobody_s),
        TEST(a_store_that_lacks_a_file_is_told_by_the_probe_which),
        TEST(a_document_larger_than_what_is_free_has_no_room),
        TEST(nothing_is_swapped_in_that_was_not_made),
        TEST(a_copy_that_is_gone_when_it_is_swapped_in_ends_the_store),
    };
    return cmocka_run_group_tests_name("opening", tests, NULL, NULL);
}
