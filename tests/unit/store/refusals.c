/* What a store refuses when it is made or opened: each with its error, nothing left half made. */
#include "faults.h"

#include <poll.h>
#include <sys/wait.h>

#include "store/state.h"
#include "vault/bytes.h"

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

static void lock_that_a_child_of_a_killed_one_still_holds_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) { /* as a child that has not come to its own program yet */
        poll(NULL, 0, 100);
        _exit(0);
    }
    store_close(store);
    store = NULL;
    assert_int_equal(store_open(&options, &fixture->diags, &store), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
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

static void slots_file_is_mended_from_one_copy_and_refused_with_none(void **state)
{
    struct fixture *fixture = *state;
    const char *slots = text_printf(fixture->arena, "%s/slots", fixture->path).bytes;

    fixture_flip(fixture, slots, 30);
    assert_int_equal(store_reopen(fixture), 0);
    fixture_flip(fixture, slots, 8192 + 30);
    assert_int_equal(store_reopen(fixture), 0);
    fixture_flip(fixture, slots, 30);
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

static void no_flag_weakens_a_commit(void **state)
{
    unsigned int flags;

    (void)state;
    assert_int_equal(mdb_env_get_flags(store->tables.env, &flags), 0);
    assert_int_equal(flags & 0xffffff, MDB_NOTLS);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_process_is_refused),
        cmocka_unit_test(lock_that_a_child_of_a_killed_one_still_holds_is_waited_for),
        cmocka_unit_test(what_is_there_already_is_never_made_anew),
        cmocka_unit_test(store_is_made_only_where_its_parent_is),
        cmocka_unit_test(missing_store_is_named),
        cmocka_unit_test(network_file_systems_are_refused),
        cmocka_unit_test(memory_file_system_is_told),
        cmocka_unit_test(wrong_key_file_opens_no_store),
        cmocka_unit_test(slots_file_is_mended_from_one_copy_and_refused_with_none),
        cmocka_unit_test(slots_file_of_another_store_is_refused),
        cmocka_unit_test(file_that_is_no_database_is_refused),
        cmocka_unit_test(missing_data_file_is_named_and_not_made_anew),
        cmocka_unit_test(no_flag_weakens_a_commit),
        cmocka_unit_test(unknown_format_is_refused_by_name),
        cmocka_unit_test(nothing_is_made_or_opened_when_known_answers_fail),
    };
    struct CMUnitTest all[sizeof(tests) / sizeof(tests[0])];

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        all[i] = tests[i];
        all[i].setup_func = faults_setup;
        all[i].teardown_func = store_teardown;
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
