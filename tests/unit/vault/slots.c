/* The slots file: its layout, its two copies, what is skipped, and a disk that fails. */
#include "fixture.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include "vault/bytes.h"
#include "vault/slots/slots.h"

/* The disk fails here: these stand in for libc's in this program. */
static int fail_sync, fail_write, fail_read, fail_errno;
static bool write_short, end_early;
static char acts[16]; /* on the file, since it was emptied: S a sync, W a write that ended */

static void act(char what)
{
    size_t count = strlen(acts);

    if (count < sizeof(acts) - 1)
        acts[count] = what;
}

int fdatasync(int fd)
{
    if (fail_sync && --fail_sync == 0) {
        errno = EIO;
        return -1;
    }
    act('S');
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    if (fail_sync && --fail_sync == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (fail_write && --fail_write == 0) {
        errno = fail_errno;
        return -1;
    }
    if (write_short && size > 100)
        size = 100;
    act('W');
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    if (fail_read && --fail_read == 0) {
        errno = fail_errno;
        return -1;
    }
    if (end_early)
        return 0;
    return syscall(SYS_pread64, fd, bytes, size > 5000 ? 5000 : size, offset);
}

static const uint8_t mac_key[CRYPTO_KEY_BYTES] = {7};

static int setup(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    assert_int_equal(crypto_start(), 0);
    fail_sync = fail_write = fail_read = 0;
    fail_errno = ENOSPC;
    write_short = end_early = false;
    return fixture_init(&fixture, "slots");
}

static int teardown(void **state)
{
    fixture_finish(*state);
    return 0;
}

static void make(struct fixture *fixture, struct slots *slots)
{
    slots_init(slots);
    bytes_put_u32(slots->epoch, 1);
    fixture->random.fill(fixture->random.self, slots->store_id, sizeof(slots->store_id));
    assert_int_equal(slots_create(fixture->path, slots, mac_key), 0);
}

static void layout_is_the_documented_one(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots;
    struct text file;

    make(fixture, &slots);
    file = fixture_read(fixture, fixture->path);
    assert_int_equal(file.size, 16384);
    for (size_t copy = 0; copy < 2; copy++) {
        const uint8_t *bytes = (const uint8_t *)file.bytes + copy * 8192;

        assert_memory_equal(bytes, "SANKSLOT", 8);
        assert_int_equal(bytes_u32(bytes + 8), 1);
        assert_int_equal(bytes_u32(bytes + 12), 1);
        assert_int_equal(bytes_u64(bytes + 16), copy == 1 ? 1 : 2);
        assert_memory_equal(bytes + 24, slots.store_id, 16);
    }
    assert_int_equal(offsetof(struct slots, slots[0].salt), 256 + 16);
    assert_int_equal(offsetof(struct slots, slots[0].wrapped), 256 + 72);
    assert_int_equal(offsetof(struct slots, slots[15].parameters), 256 + 15 * 256 + 120);
    assert_int_equal(offsetof(struct slots, epochs[0].nonce), 4352 + 8);
    assert_int_equal(offsetof(struct slots, epochs[23].wrapped), 4352 + 23 * 128 + 32);
    assert_int_equal(offsetof(struct slots, mac), 8160);
}

static void writes_alternate_between_the_copies(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots, copies[2];

    make(fixture, &slots);
    for (uint64_t generation = 3; generation < 7; generation++) {
        assert_int_equal(slots_write(fixture->path, &slots, mac_key), 0);
        assert_int_equal(slots_read(fixture->path, copies), 0);
        assert_int_equal(bytes_u64(copies[generation % 2].generation), generation);
        assert_int_equal(bytes_u64(copies[1 - generation % 2].generation), generation - 1);
        assert_true(slots_are_whole(&copies[0]) && slots_are_whole(&copies[1]));
        assert_true(slots_are_genuine(&copies[0], mac_key));
    }
}

static void every_changed_byte_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots;

    make(fixture, &slots);
    for (size_t i = 0; i < sizeof(slots); i += 61) {
        uint8_t *byte = (uint8_t *)&slots + i;

        *byte ^= 1;
        assert_false(slots_are_whole(&slots) && slots_are_genuine(&slots, mac_key));
        if (i < offsetof(struct slots, mac))
            assert_false(slots_are_whole(&slots));
        *byte ^= 1;
    }
    assert_true(slots_are_whole(&slots) && slots_are_genuine(&slots, mac_key));
    assert_false(slots_are_genuine(&slots, (const uint8_t[CRYPTO_KEY_BYTES]){8}));
}

static void file_is_never_made_twice(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots;

    make(fixture, &slots);
    assert_int_equal(slots_create(fixture->path, &slots, mac_key), -EEXIST);
}

static void file_of_another_size_or_kind_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots, copies[2];

    assert_int_equal(slots_read(fixture->path, copies), -ENOENT);
    assert_int_equal(slots_write(fixture->path, &slots, mac_key), -ENOENT);
    assert_int_equal(slots_read(fixture->folder, copies), -EBADMSG);
    make(fixture, &slots);
    assert_int_equal(truncate(fixture->path, 16383), 0);
    assert_int_equal(slots_read(fixture->path, copies), -EBADMSG);
}

static void short_writes_are_finished(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots, copies[2];

    write_short = true;
    make(fixture, &slots);
    assert_int_equal(slots_read(fixture->path, copies), 0);
    assert_true(slots_are_whole(&copies[0]) && slots_are_whole(&copies[1]));
}

static void file_that_cannot_be_written_whole_is_not_left_behind(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots;

    slots_init(&slots);
    for (int step = 1; step <= 2; step++) {
        fail_write = step;
        assert_int_equal(slots_create(fixture->path, &slots, mac_key), -ENOSPC);
        assert_int_equal(access(fixture->path, F_OK), -1);
    }
    fail_write = 0;
    for (int step = 1; step <= 3; step++) {
        fail_sync = step;
        assert_int_equal(slots_create(fixture->path, &slots, mac_key), -EIO);
        assert_int_equal(access(fixture->path, F_OK), -1);
    }
}

static void failed_write_leaves_the_newer_copy_whole(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots, copies[2];

    make(fixture, &slots);
    write_short = true;
    fail_write = 3;
    bytes_put_u32(slots.epoch, 9);
    assert_int_equal(slots_write(fixture->path, &slots, mac_key), -ENOSPC);
    assert_int_equal(slots_read(fixture->path, copies), 0);
    assert_false(slots_are_whole(&copies[1]));
    assert_true(slots_are_whole(&copies[0]));
    assert_int_equal(bytes_u32(copies[0].epoch), 1);
}

static void interrupted_reads_and_writes_go_on(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots, copies[2];

    fail_errno = EINTR;
    fail_write = 1;
    make(fixture, &slots);
    fail_read = 2;
    assert_int_equal(slots_read(fixture->path, copies), 0);
    assert_int_equal(fail_read, 0);
    assert_true(slots_are_whole(&copies[0]) && slots_are_whole(&copies[1]));
}

static void file_that_cannot_be_read_whole_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots, copies[2];

    make(fixture, &slots);
    fail_errno = EIO;
    fail_read = 2;
    assert_int_equal(slots_read(fixture->path, copies), -EIO);
    end_early = true; /* it shrank after its size was asked */
    assert_int_equal(slots_read(fixture->path, copies), -EBADMSG);
}

static void unsynced_write_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots;

    make(fixture, &slots);
    for (int step = 1; step <= 2; step++) {
        fail_sync = step;
        assert_int_equal(slots_write(fixture->path, &slots, mac_key), -EIO);
    }
    assert_int_equal(slots_write(fixture->path, &slots, mac_key), 0);
}

/* Whoever was killed in the middle of a sync leaves a copy that a power cut would take. */
static void a_copy_is_overwritten_only_when_the_other_is_on_the_disk(void **state)
{
    struct fixture *fixture = *state;
    struct slots slots;

    make(fixture, &slots);
    memset(acts, 0, sizeof(acts));
    assert_int_equal(slots_write(fixture->path, &slots, mac_key), 0);
    assert_string_equal(acts, "SWS");
    memset(acts, 0, sizeof(acts));
    assert_int_equal(slots_write_both(fixture->path, &slots, mac_key), 0);
    assert_string_equal(acts, "SWSWS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(layout_is_the_documented_one, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_alternate_between_the_copies, setup, teardown),
        cmocka_unit_test_setup_teardown(every_changed_byte_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(file_is_never_made_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(file_of_another_size_or_kind_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(short_writes_are_finished, setup, teardown),
        cmocka_unit_test_setup_teardown(file_that_cannot_be_written_whole_is_not_left_behind, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(failed_write_leaves_the_newer_copy_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupted_reads_and_writes_go_on, setup, teardown),
        cmocka_unit_test_setup_teardown(file_that_cannot_be_read_whole_is_an_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(unsynced_write_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_is_overwritten_only_when_the_other_is_on_the_disk,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
