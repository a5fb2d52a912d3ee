/* A disk that fails or is full, a map that is full, and callers that break their promises. */
#include "faults.h"

#include <signal.h>

#include "store/disk.h"
#include "store/state.h"

static const struct vault_case_id awa = {{0xaa, 1}};

static void store_that_cannot_be_synced_is_not_left_behind(void **state)
{
    struct fixture *fixture = *state;
    int fault = 1;

    /* The slots file, five files, their folder, the parent: each sync fails in turn. */
    for (; fault < 20; fault++) {
        fail_fsync = fault;
        if (create_at(fixture, "other") == 0)
            break;
        assert_true(fixture->diags.count == 1);
        fixture_forget_diags(fixture);
        assert_int_equal(files_in(fixture->folder), 1);
    }
    assert_int_equal(fault, 1 + 1 + 5 + 2);
    fail_fsync = 0;
    for (fault = 1; fault < 20; fault++) {
        fail_fdatasync = fault;
        if (create_at(fixture, "another") == 0)
            break;
        fixture_forget_diags(fixture);
        assert_int_equal(files_in(fixture->folder), 2);
    }
    assert_true(fault > 3 && fault < 20);
}

static void store_whose_name_is_taken_meanwhile_is_not_left_behind(void **state)
{
    struct fixture *fixture = *state;

    fail_rename = 1;
    assert_int_equal(create_at(fixture, "other"), -EEXIST);
    fixture_expect_diag(fixture, "E818");
    assert_int_equal(files_in(fixture->folder), 1);
}

static void name_that_leaves_no_place_for_the_temporary_one_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char name[251];

    memset(name, 'n', 250);
    name[250] = '\0';
    assert_int_equal(create_at(fixture, name), -ENAMETOOLONG);
    fixture_expect_diag(fixture, "E818");
}

static bool none(void *self, const struct store_read_entry *entry)
{
    (void)self, (void)entry;
    return false;
}

static bool none_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    (void)self, (void)id, (void)seq, (void)body;
    return false;
}

static bool none_workflow(void *self, const struct store_workflow *workflow)
{
    (void)self, (void)workflow;
    return false;
}

/* A process that was killed may have left its last commit to the page cache: what the next one
 * reads it tells, so it makes it durable first. */
static void store_that_cannot_be_synced_is_not_opened(void **state)
{
    struct fixture *fixture = *state;
    int fault = 1;

    for (; fault < 20; fault++) {
        fail_fsync = fault;
        if (store_reopen(fixture) == 0)
            break;
        fixture_expect_diag(fixture, "E811");
        assert_null(store);
    }
    /* Slots, data, the store's folder, the one above it. */
    assert_int_equal(fault, 1 + 4);
}

static void more_readers_than_places_are_told_to_come_again(void **state)
{
    struct fixture *fixture = *state;
    struct store_read_entry entry;
    MDB_txn *readers[17];
    int count = 0, result = 0;
    struct text body;
    uint64_t seq, bad;

    open_case(fixture, awa, "{}", "{}", "{}");
    while (count < 17 && result == 0) {
        result = tables_begin_read(&store->tables, &readers[count]);
        count += result == 0;
    }
    assert_int_equal(result, -EAGAIN);
    assert_int_equal(count, 16);
    assert_int_equal(store_read(store, 1, 1, none, NULL, &bad), -EAGAIN);
    assert_int_equal(store_read_one(store, fixture->arena, 1, &entry), -EAGAIN);
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), -EAGAIN);
    assert_int_equal(store_has_case(store, &awa), -EAGAIN);
    assert_int_equal(store_each_card(store, none_card, NULL), -EAGAIN);
    assert_int_equal(store_each_workflow(store, none_workflow, NULL), -EAGAIN);
    assert_int_equal(store_read_meta(store, fixture->arena, "serials", &body), -EAGAIN);
    while (count > 0)
        mdb_txn_abort(readers[--count]);
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), 0);
}

static void error_that_lmdb_does_not_explain_is_an_io_error(void **state)
{
    (void)state;
    assert_int_equal(tables_error(MDB_PANIC), -EIO);
    assert_int_equal(tables_error(ENOSPC), -ENOSPC);
    assert_int_equal(tables_error(MDB_MAP_FULL), -ENOSPC);
    assert_int_equal(tables_error(MDB_CORRUPTED), -EBADMSG);
}

static void failed_commit_is_an_error_and_nothing_is_shown(void **state)
{
    struct fixture *fixture = *state;
    struct store_entry entry = next_entry(nobody(), TEXT("{}"));
    struct store_batch batch = {.number = 1, .entries = &entry, .entry_count = 1};

    (void)fixture;
    fail_fdatasync = 1;
    assert_int_equal(store_commit(store, &batch), -EIO);
    assert_non_null(strstr(last_line, "store.commit_failed batch=1 errno=5"));
    assert_int_equal(store_last_seq(store), 0);
}

static void error_of_a_full_disk_is_told_as_such(void **state)
{
    struct store_entry entry = next_entry(nobody(), TEXT("{}"));
    struct store_batch batch = {.number = 1, .entries = &entry, .entry_count = 1};

    (void)state;
    fail_fdatasync = 1;
    fake_free_bytes = 1 << 20;
    assert_int_equal(store_commit(store, &batch), -ENOSPC);
}

static void full_map_is_seen_before_and_refused_at_the_commit(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);
    size_t size = 400000;
    struct text body = {arena_alloc(fixture->arena, size), size};
    int room = 0, result = 0;
    uint64_t refused_at = 0;

    options.map_bytes = 16 << 20;
    store_close(store);
    assert_int_equal(store_open(&options, &fixture->diags, &store), 0);
    assert_int_equal(store_has_room(store, size, false), 0);
    for (int i = 0; i < 100 && result == 0; i++) {
        struct store_entry entry = next_entry(nobody(), body);
        struct store_batch batch = {.number = 1, .entries = &entry, .entry_count = 1};

        room = store_has_room(store, size, false);
        if (room == -ENOSPC && refused_at == 0)
            refused_at = entry.seq;
        result = store_commit(store, &batch);
    }
    assert_int_equal(result, -ENOSPC);
    assert_true(refused_at > 5);
    assert_true(refused_at < store_last_seq(store));
    assert_int_equal(store_reopen(fixture), 0);
    assert_true(store_last_seq(store) > refused_at);
}

static void map_smaller_than_its_file_has_no_room(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);

    store_close(store);
    options.map_bytes = 4096;
    assert_int_equal(store_open(&options, &fixture->diags, &store), 0);
    assert_int_equal(store_has_room(store, 0, false), -ENOSPC);
}

static void new_cases_are_refused_before_the_rest(void **state)
{
    const uint64_t mib = 1 << 20, gib = 1 << 30;
    const struct {
        struct disk_room room;
        size_t batch_bytes;
        int rest, new_case;
    } rows[] = {
        {{50 * gib, 100 * gib, 10 * gib, 16 * gib}, 100000, 0, 0},
        {{5 * gib + mib, 100 * gib, 10 * gib, 16 * gib}, 100000, 0, 0},
        {{5 * gib - mib * 200, 100 * gib, 10 * gib, 16 * gib}, 100000, 0, -ENOSPC}, /* 5 % */
        {{255 * mib, 2 * gib, 10 * gib, 16 * gib}, 100000, 0, -ENOSPC},             /* 256 MiB */
        {{257 * mib, 2 * gib, 10 * gib, 16 * gib}, 100000, 0, 0},
        {{3 * mib, 2 * gib, 10 * gib, 16 * gib}, 1000, -ENOSPC, -ENOSPC},
        {{50 * gib, 100 * gib, 3 * mib, 16 * gib}, 1000, -ENOSPC, -ENOSPC},
        {{50 * gib, 100 * gib, 700 * mib, 16 * gib}, 1000, 0, -ENOSPC}, /* 5 % of the map */
        {{300 * mib, 1 * gib, 10 * gib, 16 * gib}, 80 * mib, -ENOSPC, -ENOSPC},
        {{50 * gib, 100 * gib, 10 * gib, 16 * gib}, SIZE_MAX / 2, -ENOSPC, -ENOSPC},
        {{50 * gib, 100 * gib, 10 * gib, 16 * gib}, SIZE_MAX / 4, -ENOSPC, -ENOSPC},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(disk_room_check(&rows[i].room, rows[i].batch_bytes, false), rows[i].rest);
        assert_int_equal(disk_room_check(&rows[i].room, rows[i].batch_bytes, true),
                         rows[i].new_case);
    }
    assert_int_equal(store_has_room(store, 1000, true), 0);
    fake_free_bytes = 4 * gib;
    assert_int_equal(store_has_room(store, 1000, false), 0);
    assert_int_equal(store_has_room(store, 1000, true), -ENOSPC);
    fail_statvfs = 1;
    assert_int_equal(store_has_room(store, 1000, true), -EIO);
}

static void second_key_for_a_case_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct store_key key;
    struct store_batch batch = {.number = 2, .keys = &key, .key_count = 1, .horizon = 1};

    open_case(fixture, awa, "{}", "{}", "{}");
    vault_key_forget(store_vault(store), &awa);
    key = new_key(fixture, awa);
    assert_int_equal(store_commit(store, &batch), -EEXIST);
}

static void entry_of_a_case_without_a_key_is_refused(void **state)
{
    struct store_entry entry = next_entry(awa, TEXT("{}"));
    struct store_batch batch = {.number = 1, .entries = &entry, .entry_count = 1};

    (void)state;
    assert_int_equal(store_commit(store, &batch), -ENOENT);
    assert_int_equal(store_last_seq(store), 0);
}

static void commit_of_seq_2(void)
{
    struct store_entry entry = {2, nobody(), TEXT("{}")};

    store_commit(store, &(struct store_batch){.entries = &entry, .entry_count = 1});
}

static void commit_with_a_gap(void)
{
    struct store_entry entries[] = {{1, nobody(), TEXT("{}")}, {3, nobody(), TEXT("{}")}};

    store_commit(store, &(struct store_batch){.entries = entries, .entry_count = 2});
}

static void commit_with_horizon_ahead(void)
{
    store_commit(store, &(struct store_batch){.horizon = 1});
}

static void commit_with_snapshot_ahead(void)
{
    struct store_snapshot snapshot = {nobody(), 1, TEXT("{}"), TEXT("{}")};

    store_commit(store, &(struct store_batch){.snapshots = &snapshot, .snapshot_count = 1});
}

static void commit_with_workflow_ahead(void)
{
    struct store_workflow workflow = {{1}, 1, TEXT("{}")};

    store_commit(store, &(struct store_batch){.workflows = &workflow, .workflow_count = 1});
}

static void commit_with_an_empty_card(void)
{
    struct store_snapshot snapshot = {nobody(), 0, TEXT("{}"), TEXT_NONE};

    store_commit(store, &(struct store_batch){.snapshots = &snapshot, .snapshot_count = 1});
}

static void commit_with_an_empty_workflow(void)
{
    struct store_workflow workflow = {{1}, 0, TEXT_NONE};

    store_commit(store, &(struct store_batch){.workflows = &workflow, .workflow_count = 1});
}

static void commit_after_failure(void)
{
    fail_fdatasync = 1;
    if (store_commit(store, &(struct store_batch){.metas = &(struct store_meta){"m", TEXT("{}")},
                                                  .meta_count = 1}) == -EIO)
        store_commit(store, &(struct store_batch){.number = 2});
}

static void commit_that_keeps_the_promises(void)
{
    struct store_entry entry = {1, nobody(), TEXT("{}")};

    store_commit(store, &(struct store_batch){.entries = &entry, .entry_count = 1, .horizon = 1});
}

static void broken_promise_of_the_wheel_ends_the_process(void **state)
{
    (void)state;
    assert_true(ends_process(commit_of_seq_2));
    assert_true(ends_process(commit_with_a_gap));
    assert_true(ends_process(commit_with_horizon_ahead));
    assert_true(ends_process(commit_with_snapshot_ahead));
    assert_true(ends_process(commit_with_workflow_ahead));
    assert_true(ends_process(commit_with_an_empty_card));
    assert_true(ends_process(commit_with_an_empty_workflow));
    assert_true(ends_process(commit_after_failure));
    assert_false(ends_process(commit_that_keeps_the_promises));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_that_cannot_be_synced_is_not_left_behind),
        cmocka_unit_test(store_whose_name_is_taken_meanwhile_is_not_left_behind),
        cmocka_unit_test(name_that_leaves_no_place_for_the_temporary_one_is_refused),
        cmocka_unit_test(store_that_cannot_be_synced_is_not_opened),
        cmocka_unit_test(more_readers_than_places_are_told_to_come_again),
        cmocka_unit_test(error_that_lmdb_does_not_explain_is_an_io_error),
        cmocka_unit_test(failed_commit_is_an_error_and_nothing_is_shown),
        cmocka_unit_test(error_of_a_full_disk_is_told_as_such),
        cmocka_unit_test(full_map_is_seen_before_and_refused_at_the_commit),
        cmocka_unit_test(map_smaller_than_its_file_has_no_room),
        cmocka_unit_test(new_cases_are_refused_before_the_rest),
        cmocka_unit_test(second_key_for_a_case_is_refused),
        cmocka_unit_test(entry_of_a_case_without_a_key_is_refused),
        cmocka_unit_test(broken_promise_of_the_wheel_ends_the_process),
    };
    struct CMUnitTest all[sizeof(tests) / sizeof(tests[0])];

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        all[i] = tests[i];
        all[i].setup_func = faults_setup;
        all[i].teardown_func = store_teardown;
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
