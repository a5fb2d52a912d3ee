/* Bringing data keys and cards under a new epoch, in pieces, while the store is in use. */
#include "fixture.h"

#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/log.h"
#include "vault/bytes.h"
#include "vault/slots/slots.h"

enum { CASE_COUNT = 40, EXIT_CRASHED = 99, EPOCH_OFFSET = 2 };

/* These stand in for libc's: the countdown's last call ends the process, a write halfway. */
static int crash_in;

static bool crashes(void)
{
    return crash_in > 0 && --crash_in == 0;
}

static ssize_t write_or_crash(int fd, const void *bytes, size_t size, off_t offset)
{
    if (crashes()) {
        syscall(SYS_pwrite64, fd, bytes, size / 2, offset);
        _exit(EXIT_CRASHED);
    }
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

/* The engine's, by its name for large files, and LMDB's. */
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_or_crash(fd, bytes, size, offset);
}

ssize_t lmdb_pwrite(int fd, const void *bytes, size_t size, off_t offset) __asm__("pwrite");
ssize_t lmdb_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_or_crash(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (crashes())
        _exit(EXIT_CRASHED);
    return syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd)
{
    if (crashes())
        _exit(EXIT_CRASHED);
    return (int)syscall(SYS_fdatasync, fd);
}

static char last_line[300];

static void keep(void *self, enum log_level level, const char *line)
{
    (void)self, (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static int setup(void **state)
{
    crash_in = 0;
    last_line[0] = '\0';
    log_set_sink(keep, NULL);
    return store_setup(state);
}

static struct vault_case_id case_of(size_t i)
{
    return (struct vault_case_id){{(uint8_t)(i * 37), (uint8_t)i, 7}};
}

static void open_cases(struct fixture *fixture)
{
    for (size_t i = 0; i < CASE_COUNT; i++)
        open_case(fixture, case_of(i), "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
}

/* A batch without a record. */
static void commit_turn(bool begins_epoch, size_t rewrap_count_max)
{
    static uint64_t number = 1000;
    struct store_batch batch = {.number = number++,
                                .horizon = store_horizon(store),
                                .begins_epoch = begins_epoch,
                                .rewrap_count_max = rewrap_count_max};

    assert_int_equal(store_commit(store, &batch), 0);
}

static void finish_rotation(size_t rewrap_count_max)
{
    for (int i = 0; store_rotation(store).is_pending; i++) {
        assert_true(i < 1000);
        commit_turn(false, rewrap_count_max);
    }
}

static bool count_good(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    (void)id, (void)seq;
    if (text_is(body, "{\"c\":1}"))
        (*(size_t *)self)++;
    return true;
}

static bool count_entry(void *self, const struct store_read_entry *entry)
{
    (void)self;
    return text_is(entry->body, "{\"e\":1}");
}

/* Everything opens, from the disk alone. */
static void expect_all(struct fixture *fixture, size_t case_count)
{
    size_t good = 0;
    uint64_t bad;

    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_each_card(store, count_good, &good), 0);
    assert_int_equal(good, case_count);
    assert_int_equal(store_read(store, 1, 1000, count_entry, NULL, &bad), store_last_seq(store));
    for (size_t i = 0; i < case_count; i++) {
        struct vault_case_id id = case_of(i);
        struct text body;
        uint64_t seq;

        vault_key_forget(store_vault(store), &id);
        assert_int_equal(store_load_case(store, fixture->arena, &id, &seq, &body), 0);
        assert_true(text_is(body, "{\"s\":1}"));
    }
}

/* How many records of a table are under `epoch`, read by a second hand. */
static size_t records_under(const struct fixture *fixture, const char *table, uint32_t epoch)
{
    MDB_val key, value;
    MDB_cursor *cursor;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi handle;
    size_t count = 0;

    store_close(store);
    store = NULL;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_open(env, fixture->path, MDB_RDONLY, 0), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &handle), 0);
    assert_int_equal(mdb_cursor_open(txn, handle, &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
        count += bytes_u32((uint8_t *)value.mv_data + EPOCH_OFFSET) == epoch;
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return count;
}

/* Whether either copy of the slots file knows an epoch of that number. */
static bool slots_know(const struct fixture *fixture, uint32_t number)
{
    char path[200];
    struct slots copies[SLOTS_COPY_COUNT];

    snprintf(path, sizeof(path), "%s/slots", fixture->path);
    assert_int_equal(slots_read(path, copies), 0);
    for (size_t i = 0; i < SLOTS_COPY_COUNT; i++)
        for (size_t j = 0; j < SLOTS_EPOCH_COUNT; j++)
            if (bytes_u32(copies[i].epochs[j].number) == number)
                return true;
    return false;
}

static void rotation_brings_all_under_the_new_epoch_and_destroys_the_old(void **state)
{
    struct fixture *fixture = *state;

    open_cases(fixture);
    assert_false(store_rotation(store).is_pending);
    assert_int_equal(store_rotation(store).epoch, 1);
    commit_turn(true, 8);
    assert_true(store_rotation(store).is_pending);
    assert_int_equal(store_rotation(store).epoch, 2);
    assert_true(slots_know(fixture, 1));
    finish_rotation(8);
    assert_int_equal(store_rotation(store).total_count, 2 * CASE_COUNT + 1);
    assert_int_equal(store_rotation(store).done_count, 2 * CASE_COUNT + 1);
    assert_false(slots_know(fixture, 1));
    expect_all(fixture, CASE_COUNT);
    assert_int_equal(records_under(fixture, "key", 1), 0);
    assert_int_equal(records_under(fixture, "card", 1), 0);
    assert_int_equal(records_under(fixture, "key", 2), CASE_COUNT + 1);
    assert_int_equal(records_under(fixture, "card", 2), CASE_COUNT);
}

static void batch_brings_no_more_than_its_share(void **state)
{
    struct fixture *fixture = *state;

    open_cases(fixture);
    commit_turn(true, 0);
    commit_turn(false, 5);
    assert_int_equal(store_rotation(store).done_count, 5);
    assert_int_equal(records_under(fixture, "key", 2), 5);
    assert_int_equal(store_reopen(fixture), 0);
    commit_turn(false, 0);
    assert_int_equal(store_rotation(store).done_count, 0);
    assert_true(store_rotation(store).is_pending);
}

static void batch_that_begins_an_epoch_does_not_end_the_one_before(void **state)
{
    struct fixture *fixture = *state;

    open_cases(fixture);
    commit_turn(true, 1000);
    assert_true(store_rotation(store).is_pending);
    assert_true(slots_know(fixture, 1));
    commit_turn(false, 1);
    assert_false(store_rotation(store).is_pending);
    assert_false(slots_know(fixture, 1));
    expect_all(fixture, CASE_COUNT);
}

/* The loop fills a batch while the one before it begins an epoch, and walks past. */
static void key_made_before_the_epoch_is_put_under_the_new_one(void **state)
{
    struct fixture *fixture = *state;
    struct vault_case_id first = case_of(0);
    struct store_key key = new_key(fixture, first);
    struct store_entry entry = next_entry(first, TEXT("{\"e\":1}"));
    struct store_snapshot snapshot = {first, entry.seq, TEXT("{\"s\":1}"), TEXT("{\"c\":1}")};
    struct store_batch batch = {.number = 7,
                                .entries = &entry,
                                .entry_count = 1,
                                .snapshots = &snapshot,
                                .snapshot_count = 1,
                                .keys = &key,
                                .key_count = 1,
                                .rewrap_count_max = 100,
                                .horizon = 1};

    commit_turn(true, 100);
    assert_int_equal(store_commit(store, &batch), 0);
    assert_false(store_rotation(store).is_pending);
    assert_int_equal(records_under(fixture, "key", 1), 0);
    expect_all(fixture, 1);
}

static void cases_are_opened_and_read_while_it_goes_on(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seq;
    struct text body;

    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct vault_case_id id = case_of(i);

        open_case(fixture, id, "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
        commit_turn(i % 8 == 3 && store_rotation(store).may_begin, i % 3);
        vault_key_forget(store_vault(store), &id);
        assert_int_equal(store_load_case(store, fixture->arena, &id, &seq, &body), 0);
        if (i % 10 == 9)
            assert_int_equal(store_reopen(fixture), 0);
    }
    finish_rotation(3);
    expect_all(fixture, CASE_COUNT);
    assert_int_equal(records_under(fixture, "card", 6), CASE_COUNT);
}

static void epochs_are_bounded_and_all_retired_ones_end_together(void **state)
{
    struct fixture *fixture = *state;

    open_cases(fixture);
    for (uint32_t i = 1; i < SLOTS_EPOCH_COUNT; i++) {
        assert_true(store_rotation(store).may_begin);
        commit_turn(true, 2);
    }
    assert_false(store_rotation(store).may_begin);
    assert_int_equal(store_reopen(fixture), 0);
    assert_false(store_rotation(store).may_begin);
    finish_rotation(16);
    assert_true(store_rotation(store).may_begin);
    for (uint32_t i = 1; i < SLOTS_EPOCH_COUNT; i++)
        assert_false(slots_know(fixture, i));
    expect_all(fixture, CASE_COUNT);
}

static void begin_one_too_many(void)
{
    commit_turn(true, 0);
}

static void epoch_without_a_place_ends_the_process(void **state)
{
    struct fixture *fixture = *state;

    open_cases(fixture);
    while (store_rotation(store).may_begin)
        commit_turn(true, 0);
    assert_true(ends_process(begin_one_too_many));
}

static void damaged_record_is_told_and_does_not_hold_the_rest(void **state)
{
    static const char *const tables[] = {"key", "card"};
    struct fixture *fixture = *state;

    open_cases(fixture);
    for (size_t i = 0; i < 2; i++) {
        struct vault_case_id id = case_of(3);
        MDB_val key = {sizeof(id.bytes), id.bytes}, value;
        MDB_env *env;
        MDB_txn *txn;
        MDB_dbi handle;

        store_close(store);
        store = NULL;
        assert_int_equal(mdb_env_create(&env), 0);
        assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
        assert_int_equal(mdb_env_open(env, fixture->path, 0, 0), 0);
        assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
        assert_int_equal(mdb_dbi_open(txn, tables[i], 0, &handle), 0);
        assert_int_equal(mdb_get(txn, handle, &key, &value), 0);
        void *copy = arena_copy(fixture->arena, value.mv_data, value.mv_size);
        ((uint8_t *)copy)[value.mv_size - 1] ^= 1;
        value.mv_data = copy;
        assert_int_equal(mdb_put(txn, handle, &key, &value, 0), 0);
        assert_int_equal(mdb_txn_commit(txn), 0);
        mdb_env_close(env);

        assert_int_equal(store_reopen(fixture), 0);
        commit_turn(true, 0);
        while (store_rotation(store).is_pending) {
            char line[100];

            last_line[0] = '\0';
            commit_turn(false, 1);
            snprintf(line, sizeof(line), "store.rewrap_damaged table=%s", tables[i]);
            if (strcmp(last_line, line) == 0)
                break;
        }
        assert_true(store_rotation(store).is_pending);
        finish_rotation(100);
        assert_int_equal(records_under(fixture, tables[i], (uint32_t)i + 1), 1);
        assert_int_equal(store_reopen(fixture), 0);
    }
}

/* Another process begins a rotation, or goes on with one, and ends at the countdown's call. */
static bool rotate_until_crash(struct fixture *fixture, int countdown)
{
    pid_t child;
    int status;

    store_close(store);
    store = NULL;
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        assert_int_equal(store_reopen(fixture), 0);
        crash_in = countdown;
        if (!store_rotation(store).is_pending)
            commit_turn(true, 16);
        finish_rotation(16);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EXIT_CRASHED);
    return WEXITSTATUS(status) == EXIT_CRASHED;
}

/* Every write and every sync of a rotation is the last one of a process once; so is one of the
 * process that takes it up; the third finishes. */
static void rotation_survives_a_crash_at_any_call(void **state)
{
    struct fixture *fixture = *state;
    int countdown = 1;

    open_cases(fixture);
    for (; rotate_until_crash(fixture, countdown); countdown++) {
        uint32_t epoch;

        expect_all(fixture, CASE_COUNT);
        rotate_until_crash(fixture, 1 + countdown % 5);
        expect_all(fixture, CASE_COUNT);
        finish_rotation(16);
        epoch = store_rotation(store).epoch;
        expect_all(fixture, CASE_COUNT);
        if (countdown % 4 == 0) {
            assert_int_equal(records_under(fixture, "key", epoch), CASE_COUNT + 1);
            assert_int_equal(records_under(fixture, "card", epoch), CASE_COUNT);
        }
    }
    assert_true(countdown > 20);
}

static struct text read_file(struct fixture *fixture, const char *name)
{
    return fixture_read(fixture, text_printf(fixture->arena, "%s/%s", fixture->path, name).bytes);
}

static void replace_file(struct fixture *fixture, const char *name, struct text content)
{
    const char *path = text_printf(fixture->arena, "%s/%s", fixture->path, name).bytes;
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.bytes, content.size), content.size);
    close(fd);
}

/* Somebody brings one of the two back from another day: nothing is damaged. */
static void slots_and_data_of_two_days_are_told_as_that(void **state)
{
    struct fixture *fixture = *state;
    struct text old_slots, old_data, slots, data;

    open_case(fixture, fixture_id(1), "opened", "a snapshot", "a card");
    old_slots = read_file(fixture, "slots");
    old_data = read_file(fixture, "data.mdb");
    commit_turn(true, 0);
    finish_rotation(CASE_COUNT);
    store_close(store);
    store = NULL;
    slots = read_file(fixture, "slots");
    data = read_file(fixture, "data.mdb");

    replace_file(fixture, "slots", old_slots);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    assert_non_null(strstr(fixture->diags.items[0].message.bytes, "slots is older than the data"));
    fixture_expect_diag(fixture, "E854");
    replace_file(fixture, "slots", slots);
    replace_file(fixture, "data.mdb", old_data);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    assert_non_null(strstr(fixture->diags.items[0].message.bytes, "data are older than the file"));
    fixture_expect_diag(fixture, "E854");
    replace_file(fixture, "data.mdb", data);
    assert_int_equal(store_reopen(fixture), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            rotation_brings_all_under_the_new_epoch_and_destroys_the_old, setup, store_teardown),
        cmocka_unit_test_setup_teardown(batch_brings_no_more_than_its_share, setup, store_teardown),
        cmocka_unit_test_setup_teardown(batch_that_begins_an_epoch_does_not_end_the_one_before,
                                        setup, store_teardown),
        cmocka_unit_test_setup_teardown(key_made_before_the_epoch_is_put_under_the_new_one, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(cases_are_opened_and_read_while_it_goes_on, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(epochs_are_bounded_and_all_retired_ones_end_together, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(epoch_without_a_place_ends_the_process, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(damaged_record_is_told_and_does_not_hold_the_rest, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(slots_and_data_of_two_days_are_told_as_that, setup,
                                        store_teardown),
        cmocka_unit_test_setup_teardown(rotation_survives_a_crash_at_any_call, setup,
                                        store_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
