/* What a store refuses, and a disk that fails: each with its error, nothing left half made. */
#include "fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/log.h"
#include "store/disk.h"
#include "store/state.h"
#include "vault/bytes.h"

/* The disk: these stand in for libc's in this program. */
static long fake_magic;
static int fail_statfs, fail_statvfs, fail_fdatasync, fail_fsync;
static int fail_rename, fail_self_test;
static uint64_t fake_free_bytes;

static bool fails(int *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

int statfs(const char *path, struct statfs *status)
{
    int result = (int)syscall(SYS_statfs, path, status);

    if (fails(&fail_statfs)) {
        errno = EIO;
        return -1;
    }
    if (fake_magic)
        status->f_type = fake_magic;
    return result;
}

int fstatvfs(int fd, struct statvfs *status)
{
    (void)fd;
    if (fails(&fail_statvfs)) {
        errno = EIO;
        return -1;
    }
    memset(status, 0, sizeof(*status));
    status->f_frsize = 4096;
    status->f_blocks = ((uint64_t)100 << 30) / 4096;
    status->f_bavail = fake_free_bytes / 4096;
    return 0;
}

int fdatasync(int fd)
{
    if (fails(&fail_fdatasync)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    if (fails(&fail_fsync)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags)
{
    if (fails(&fail_rename)) {
        errno = EEXIST;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

/* Stands in for the vault's. */
int vault_self_test(void)
{
    return fails(&fail_self_test) ? -EIO : 0;
}

static const struct vault_case_id awa = {{0xaa, 1}};
static char last_line[300];

static void keep(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static int setup(void **state)
{
    fake_magic = 0;
    fail_statfs = fail_statvfs = fail_fdatasync = fail_fsync = 0;
    fail_rename = fail_self_test = 0;
    fake_free_bytes = (uint64_t)50 << 30;
    last_line[0] = '\0';
    log_set_sink(keep, NULL);
    return store_setup(state);
}

static size_t files_in(const char *path)
{
    struct dirent *entry;
    size_t count = 0;
    DIR *folder = opendir(path);

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static int create_at(struct fixture *fixture, const char *name)
{
    struct store_options options = options_of(fixture);

    options.path = text_printf(fixture->arena, "%s/%s", fixture->folder, name).bytes;
    return store_create(&options, &fixture->diags);
}

static void second_process_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);
    struct store *second = NULL;

    assert_int_equal(store_open(&options, &fixture->diags, &second), -EBUSY);
    fixture_expect_diag(fixture, "E814");
    assert_null(second);
    /* The refused one did not take the lock away. */
    assert_int_equal(store_open(&options, &fixture->diags, &second), -EBUSY);
    fixture_expect_diag(fixture, "E814");
    assert_int_equal(store_reopen(fixture), 0);
    store_close(NULL);
}

static void what_is_there_already_is_never_made_anew(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(create_at(fixture, "store"), -EEXIST);
    fixture_expect_diag(fixture, "E812");
    assert_int_equal(create_at(fixture, "store///"), -EEXIST);
    fixture_expect_diag(fixture, "E812");
    assert_int_equal(store_reopen(fixture), 0);
}

static void store_is_made_only_where_its_parent_is(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(create_at(fixture, "nowhere/store"), -ENOENT);
    fixture_expect_diag(fixture, "E811");
    assert_int_equal(create_at(fixture, "store/data.mdb/store"), -ENOTDIR);
    fixture_expect_diag(fixture, "E818");
    assert_int_equal(files_in(fixture->folder), 1);
}

static void missing_store_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);
    struct store *other = NULL;

    options.path = text_printf(fixture->arena, "%s/nowhere", fixture->folder).bytes;
    assert_int_equal(store_open(&options, &fixture->diags, &other), -ENOENT);
    fixture_expect_diag(fixture, "E811");
    options.path = fixture->folder; /* a folder, but no store */
    assert_int_equal(store_open(&options, &fixture->diags, &other), -ENOENT);
    fixture_expect_diag(fixture, "E811");
}

static void network_file_systems_are_refused(void **state)
{
    static const uint32_t magics[] = {0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        fake_magic = (long)magics[i];
        assert_int_equal(store_reopen(fixture), -EOPNOTSUPP);
        fixture_expect_diag(fixture, "E813");
        assert_int_equal(create_at(fixture, "other"), -EOPNOTSUPP);
        fixture_expect_diag(fixture, "E813");
    }
    assert_int_equal(files_in(fixture->folder), 1);
    fail_statfs = 1;
    assert_int_equal(store_reopen(fixture), -EIO);
    fixture_expect_diag(fixture, "E811");
}

static void memory_file_system_is_told(void **state)
{
    struct fixture *fixture = *state;

    fake_magic = 0x01021994;
    assert_int_equal(store_reopen(fixture), 0);
    assert_non_null(strstr(last_line, "store.disk_volatile fs=tmpfs"));
}

static void wrong_key_file_opens_no_store(void **state)
{
    struct fixture *fixture = *state;

    fixture->key = TEXT("quite another key file, of more than 32 bytes");
    assert_int_equal(store_reopen(fixture), -EACCES);
    fixture_expect_diag(fixture, "E804");
    fixture->key = TEXT("short");
    assert_int_equal(create_at(fixture, "other"), -EINVAL);
    fixture_expect_diag(fixture, "E803");
    assert_int_equal(files_in(fixture->folder), 1);
}

static void slots_file_is_used_with_one_copy_and_refused_with_none(void **state)
{
    struct fixture *fixture = *state;
    const char *slots = text_printf(fixture->arena, "%s/slots", fixture->path).bytes;

    fixture_flip(fixture, slots, 30);
    assert_int_equal(store_reopen(fixture), 0);
    fixture_flip(fixture, slots, 8192 + 30);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E805");
}

static void slots_file_of_another_store_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct text slots;

    assert_int_equal(create_at(fixture, "other"), 0);
    slots =
        fixture_read(fixture, text_printf(fixture->arena, "%s/other/slots", fixture->folder).bytes);
    fixture_write_at(text_printf(fixture->arena, "%s/slots", fixture->path).bytes, 0, slots.bytes,
                     slots.size);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

static void file_that_is_no_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char noise[8192];

    memset(noise, 0x5a, sizeof(noise));
    fixture_write_at(store_path(store), 0, noise, sizeof(noise));
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
    assert_int_equal(truncate(text_printf(fixture->arena, "%s/data.mdb", fixture->path).bytes, 0),
                     0);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

static void missing_data_file_is_named_and_not_made_anew(void **state)
{
    struct fixture *fixture = *state;
    const char *data = text_printf(fixture->arena, "%s/data.mdb", fixture->path).bytes;

    assert_int_equal(unlink(data), 0);
    assert_int_equal(store_reopen(fixture), -ENOENT);
    fixture_expect_diag(fixture, "E811");
    assert_int_equal(access(data, F_OK), -1);
    assert_int_equal(mkdir(data, 0700), 0);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

static void unknown_format_is_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    uint8_t format[4];
    MDB_txn *txn;

    bytes_put_u32(format, STORE_FORMAT + 1);
    assert_int_equal(mdb_txn_begin(store->tables.env, NULL, 0, &txn), 0);
    assert_int_equal(fact_put(&store->tables, txn, store->vault, STORE_FACT_FORMAT, format, 4), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    assert_int_equal(store_reopen(fixture), -EPROTONOSUPPORT);
    fixture_expect_diag(fixture, "E815");
}

static void store_that_cannot_be_synced_is_not_left_behind(void **state)
{
    struct fixture *fixture = *state;
    int fault = 1;

    /* The slots file, three other files and folders, the parent: each sync fails in turn. */
    for (; fault < 20; fault++) {
        fail_fsync = fault;
        if (create_at(fixture, "other") == 0)
            break;
        assert_true(fixture->diags.count == 1);
        fixture_forget_diags(fixture);
        assert_int_equal(files_in(fixture->folder), 1);
    }
    assert_int_equal(fault, 1 + 1 + 3 + 2);
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

static void nothing_is_made_or_opened_when_known_answers_fail(void **state)
{
    struct fixture *fixture = *state;

    fail_self_test = 1;
    assert_int_equal(create_at(fixture, "other"), -EIO);
    fixture_expect_diag(fixture, "E817");
    assert_int_equal(files_in(fixture->folder), 1);
    fail_self_test = 1;
    assert_int_equal(store_reopen(fixture), -EIO);
    fixture_expect_diag(fixture, "E817");
}

static void more_readers_than_places_are_told_to_come_again(void **state)
{
    MDB_txn *readers[17];
    int count = 0, result = 0;

    (void)state;
    while (count < 17 && result == 0) {
        result = tables_begin_read(&store->tables, &readers[count]);
        count += result == 0;
    }
    assert_int_equal(result, -EAGAIN);
    assert_int_equal(count, 16);
    while (count > 0)
        mdb_txn_abort(readers[--count]);
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
    assert_true(ends_process(commit_after_failure));
    assert_false(ends_process(commit_that_keeps_the_promises));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_process_is_refused),
        cmocka_unit_test(what_is_there_already_is_never_made_anew),
        cmocka_unit_test(store_is_made_only_where_its_parent_is),
        cmocka_unit_test(missing_store_is_named),
        cmocka_unit_test(network_file_systems_are_refused),
        cmocka_unit_test(memory_file_system_is_told),
        cmocka_unit_test(wrong_key_file_opens_no_store),
        cmocka_unit_test(slots_file_is_used_with_one_copy_and_refused_with_none),
        cmocka_unit_test(slots_file_of_another_store_is_refused),
        cmocka_unit_test(file_that_is_no_database_is_refused),
        cmocka_unit_test(missing_data_file_is_named_and_not_made_anew),
        cmocka_unit_test(unknown_format_is_refused_by_name),
        cmocka_unit_test(store_that_cannot_be_synced_is_not_left_behind),
        cmocka_unit_test(store_whose_name_is_taken_meanwhile_is_not_left_behind),
        cmocka_unit_test(name_that_leaves_no_place_for_the_temporary_one_is_refused),
        cmocka_unit_test(nothing_is_made_or_opened_when_known_answers_fail),
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
        all[i].setup_func = setup;
        all[i].teardown_func = store_teardown;
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
