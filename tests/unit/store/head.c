/* What the head knows beside the data: a journal that forgot is not opened, and names that a
 * flipped bit has made are seen by what is missing. */
#include "faults.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/state.h"

static const struct vault_case_id awa = {{0xaa, 1}};
static int fail_pwrite, fail_pread; /* of the head, by its size */

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    if (size == 48 && fails(&fail_pread)) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (size == 48 && fails(&fail_pwrite)) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

static const char *path_of(struct fixture *fixture, const char *name)
{
    return text_printf(fixture->arena, "%s/%s", fixture->path, name).bytes;
}

/* Reads or writes a few bytes of one of the store's files. */
static void bytes_at(struct fixture *fixture, const char *name, off_t offset, uint8_t *bytes,
                     size_t size, bool writes)
{
    int fd = open(path_of(fixture, name), O_RDWR);

    assert_true(fd >= 0);
    if (writes)
        assert_int_equal(syscall(SYS_pwrite64, fd, bytes, size, offset), size);
    else
        assert_int_equal(pread(fd, bytes, size, offset), size);
    close(fd);
}

/* LMDB's two roots stand in its first two pages; the number that tells which is newer, at 144. */
enum { PAGE_BYTES = 4096, NUMBER_AT = 16 + 128 };

static void store_whose_newest_root_is_damaged_is_not_opened(void **state)
{
    struct fixture *fixture = *state;
    uint64_t numbers[2], nothing = 0;

    open_case(fixture, awa, "{}", "{}", "{}");
    add_entry(awa, "{\"told\":1}");
    store_close(store);
    store = NULL;
    for (int i = 0; i < 2; i++)
        bytes_at(fixture, STORE_DATA_FILE, i * PAGE_BYTES + NUMBER_AT, (uint8_t *)&numbers[i], 8,
                 false);
    int newer = numbers[1] > numbers[0];
    assert_int_equal(numbers[newer], numbers[1 - newer] + 1);
    bytes_at(fixture, STORE_DATA_FILE, newer * PAGE_BYTES + NUMBER_AT, (uint8_t *)&nothing, 8,
             true);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E819");
    bytes_at(fixture, STORE_DATA_FILE, newer * PAGE_BYTES + NUMBER_AT, (uint8_t *)&numbers[newer],
             8, true);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_last_seq(store), 2);
}

static void head_that_is_behind_opens_and_a_missing_one_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    uint8_t head[48];

    open_case(fixture, awa, "{}", "{}", "{}");
    bytes_at(fixture, STORE_HEAD_FILE, 0, head, sizeof(head), false);
    add_entry(awa, "{}");
    store_close(store);
    store = NULL;
    /* As a power cut leaves it: it is not synced. */
    bytes_at(fixture, STORE_HEAD_FILE, 0, head, sizeof(head), true);
    assert_int_equal(store_reopen(fixture), 0);
    assert_string_equal(last_line, "");
    assert_int_equal(unlink(path_of(fixture, STORE_HEAD_FILE)), 0);
    assert_int_equal(store_reopen(fixture), 0);
    assert_non_null(strstr(last_line, "store.head_missing"));
    assert_non_null(strstr(last_line, "verify --against"));
    last_line[0] = '\0';
    assert_int_equal(store_reopen(fixture), 0);
    assert_string_equal(last_line, "");
    /* The new one knows as much as the old. */
    uint8_t anew[48];
    add_entry(awa, "{}");
    bytes_at(fixture, STORE_HEAD_FILE, 0, anew, sizeof(anew), false);
    assert_int_equal(anew[15], 3);
    assert_int_equal(store_reopen(fixture), 0);
    assert_string_equal(last_line, "");
    store_close(store);
    store = NULL;
    assert_int_equal(unlink(path_of(fixture, STORE_HEAD_FILE)), 0);
    fail_pwrite = 1;
    assert_int_equal(store_reopen(fixture), -EIO);
    fixture_expect_diag(fixture, "E811");
}

static void flipped_byte_of_the_head_is_told(void **state)
{
    struct fixture *fixture = *state;
    uint8_t byte;

    open_case(fixture, awa, "{}", "{}", "{}");
    for (off_t i = 0; i < 48; i++) {
        bytes_at(fixture, STORE_HEAD_FILE, i, &byte, 1, false);
        byte ^= 0x10;
        bytes_at(fixture, STORE_HEAD_FILE, i, &byte, 1, true);
        last_line[0] = '\0';
        assert_int_equal(store_reopen(fixture), 0);
        assert_non_null(strstr(last_line, "store.head_damaged"));
        byte ^= 0x10;
        bytes_at(fixture, STORE_HEAD_FILE, i, &byte, 1, true);
    }
}

static void head_that_was_cut_is_damaged(void **state)
{
    struct fixture *fixture = *state;

    open_case(fixture, awa, "{}", "{}", "{}");
    for (off_t size = 0; size < 48; size += 47) {
        assert_int_equal(truncate(path_of(fixture, STORE_HEAD_FILE), size), 0);
        last_line[0] = '\0';
        assert_int_equal(store_reopen(fixture), 0);
        assert_non_null(strstr(last_line, "store.head_damaged"));
    }
}

static void head_that_cannot_be_read_ends_the_opening(void **state)
{
    struct fixture *fixture = *state;

    fail_pread = 1;
    assert_int_equal(store_reopen(fixture), -EIO);
    fixture_expect_diag(fixture, "E811");
}

static void head_that_cannot_be_used_is_told(void **state)
{
    struct fixture *fixture = *state;

    store_close(store);
    store = NULL;
    assert_int_equal(unlink(path_of(fixture, STORE_HEAD_FILE)), 0);
    assert_int_equal(mkdir(path_of(fixture, STORE_HEAD_FILE), 0700), 0);
    assert_int_equal(store_reopen(fixture), -EISDIR);
    fixture_expect_diag(fixture, "E811");
}

static void head_that_cannot_be_written_costs_no_commit(void **state)
{
    struct fixture *fixture = *state;

    open_case(fixture, awa, "{}", "{}", "{}");
    fail_pwrite = 1;
    add_entry(awa, "{}");
    assert_non_null(strstr(last_line, "store.head_unwritten errno=5"));
    assert_int_equal(store_last_seq(store), 2);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_last_seq(store), 2);
    fail_pwrite = 1;
    assert_int_equal(create_at(fixture, "other"), -EIO);
    fixture_expect_diag(fixture, "E818");
    assert_int_equal(files_in(fixture->folder), 1);
}

static int setup(void **state)
{
    fail_pwrite = fail_pread = 0;
    return faults_setup(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(store_whose_newest_root_is_damaged_is_not_opened),
        TEST(head_that_is_behind_opens_and_a_missing_one_is_told_once),
        TEST(flipped_byte_of_the_head_is_told),
        TEST(head_that_was_cut_is_damaged),
        TEST(head_that_cannot_be_read_ends_the_opening),
        TEST(head_that_cannot_be_used_is_told),
        TEST(head_that_cannot_be_written_costs_no_commit),
    };
    return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
