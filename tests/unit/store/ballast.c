/* The ballast: never work's, given up for what makes room, made again. */
#include "faults.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { MIB = 1 << 20, BALLAST = 2 * MIB };

static int fallocate_error;

int posix_fallocate(int fd, off_t offset, off_t length)
{
    if (fallocate_error)
        return fallocate_error;
    return syscall(SYS_fallocate, fd, 0, offset, length) < 0 ? errno : 0;
}

static int open_with_ballast(struct fixture *fixture)
{
    struct store_options options = options_of(fixture);

    options.ballast_bytes = BALLAST;
    store_close(store);
    store = NULL;
    return store_open(&options, &fixture->diags, &store);
}

static const char *ballast_path(struct fixture *fixture)
{
    return text_printf(fixture->arena, "%s/ballast", options_of(fixture).path).bytes;
}

/* What the disk gives to its blocks; 0: it is not there. */
static uint64_t ballast_held(struct fixture *fixture)
{
    struct stat status;

    return lstat(ballast_path(fixture), &status) < 0 ? 0 : (uint64_t)status.st_blocks * 512;
}

static void it_is_made_kept_and_not_work_s(void **state)
{
    struct fixture *fixture = *state;

    fallocate_error = 0;
    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(ballast_held(fixture), 0);
    /* 4 MiB are work's margin. */
    fake_free_bytes = 4 * MIB + BALLAST - 4096;
    assert_int_equal(store_has_room(store, 0, false), -ENOSPC);
    assert_int_equal(store_keep_ballast(store), -ENOSPC);
    fake_free_bytes = 4 * MIB + BALLAST;
    assert_int_equal(store_has_room(store, 0, false), 0);
    assert_int_equal(store_keep_ballast(store), 0);
    assert_true(ballast_held(fixture) >= BALLAST);
    fake_free_bytes = 4 * MIB;
    assert_int_equal(store_has_room(store, 0, false), 0);
    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(store_has_room(store, 0, false), 0);
    assert_int_equal(store_keep_ballast(store), 0);
}

static void it_is_given_up_for_what_needs_it(void **state)
{
    struct fixture *fixture = *state;

    fallocate_error = 0;
    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(store_keep_ballast(store), 0);
    fake_free_bytes = MIB;
    assert_int_equal(store_may_make_room(store, 3 * MIB), 0);
    assert_int_equal(store_may_make_room(store, 3 * MIB + 1), -ENOSPC);
    store_make_room(store, MIB, false);
    assert_true(ballast_held(fixture) > 0);
    store_make_room(store, MIB + 1, false);
    assert_int_equal(ballast_held(fixture), 0);
    assert_non_null(strstr(last_line, "store.ballast_released"));
    /* Freed in truth, the disk would tell of 3 MiB now. */
    assert_int_equal(store_may_make_room(store, 3 * MIB), -ENOSPC);
    fake_free_bytes = 3 * MIB;
    assert_int_equal(store_may_make_room(store, 3 * MIB), 0);
    assert_int_equal(store_has_room(store, 0, false), -ENOSPC);
}

static void the_copy_of_a_compaction_may_take_it(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;

    fallocate_error = 0;
    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(store_keep_ballast(store), 0);
    assert_int_equal(stat(store_path(store), &status), 0);
    fake_free_bytes = 0;
    assert_int_equal(store_may_compact(store), 0);
    store_make_room(store, 0, false);
    assert_true(ballast_held(fixture) > 0);
    store_make_room(store, 0, true);
    assert_int_equal(ballast_held(fixture), 0);
    assert_int_equal(store_may_compact(store), -ENOSPC);
}

static void the_opening_itself_may_take_it(void **state)
{
    struct fixture *fixture = *state;

    fallocate_error = 0;
    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(store_keep_ballast(store), 0);
    fake_free_bytes = 0;
    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(ballast_held(fixture), 0);
}

static void a_file_without_its_blocks_is_none(void **state)
{
    struct fixture *fixture = *state;
    int fd = open(ballast_path(fixture), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, BALLAST), 0);
    close(fd);
    fallocate_error = 0;
    assert_int_equal(open_with_ballast(fixture), 0);
    fake_free_bytes = 4 * MIB;
    assert_int_equal(store_has_room(store, 0, false), -ENOSPC);
    fake_free_bytes = 40 * MIB;
    assert_int_equal(store_keep_ballast(store), 0);
    assert_true(ballast_held(fixture) >= BALLAST);
}

static void a_disk_that_gives_none_leaves_no_half_of_it(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_with_ballast(fixture), 0);
    fallocate_error = ENOSPC;
    assert_int_equal(store_keep_ballast(store), -ENOSPC);
    assert_int_equal(access(ballast_path(fixture), F_OK), -1);
    fallocate_error = 0;
    fail_statvfs = 1;
    assert_int_equal(store_keep_ballast(store), -EIO);
    fail_statvfs = 1;
    assert_int_equal(store_may_make_room(store, 1), -EIO);
    assert_int_equal(symlink("elsewhere", ballast_path(fixture)), 0);
    assert_int_equal(store_keep_ballast(store), -ELOOP);
}

static void a_full_map_has_no_room_either(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_with_ballast(fixture), 0);
    assert_int_equal(store_may_make_room(store, (uint64_t)17 << 30), -ENOSPC);
    assert_string_equal(store_full_of(store, 0), "map");
    fake_free_bytes = 0;
    assert_string_equal(store_full_of(store, 0), "disk");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_kept_and_not_work_s),
        cmocka_unit_test(it_is_given_up_for_what_needs_it),
        cmocka_unit_test(the_copy_of_a_compaction_may_take_it),
        cmocka_unit_test(the_opening_itself_may_take_it),
        cmocka_unit_test(a_file_without_its_blocks_is_none),
        cmocka_unit_test(a_disk_that_gives_none_leaves_no_half_of_it),
        cmocka_unit_test(a_full_map_has_no_room_either),
    };
    struct CMUnitTest all[sizeof(tests) / sizeof(tests[0])];

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        all[i] = tests[i];
        all[i].setup_func = faults_setup;
        all[i].teardown_func = store_teardown;
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
