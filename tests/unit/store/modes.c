/* Who may read and change a store's files: mended where that is enough, refused where it is not. */
#include "faults.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/state.h"

/* These stand in for libc's in this program. */
static uid_t fake_uid; /* 0: the real one */
static int fail_fchmod;
static bool forgets_modes;

uid_t geteuid(void)
{
    return fake_uid ? fake_uid : (uid_t)syscall(SYS_geteuid);
}

int fchmod(int fd, mode_t mode)
{
    if (fails(&fail_fchmod)) {
        errno = EROFS;
        return -1;
    }
    return forgets_modes ? 0 : (int)syscall(SYS_fchmod, fd, mode);
}

static const char *path_of(struct fixture *fixture, const char *name)
{
    return text_printf(fixture->arena, "%s/%s", fixture->path, name).bytes;
}

static unsigned mode_of(struct fixture *fixture, const char *name)
{
    struct stat facts;

    assert_int_equal(stat(path_of(fixture, name), &facts), 0);
    return facts.st_mode & 07777;
}

static void loosen(struct fixture *fixture, const char *name, mode_t mode)
{
    store_close(store);
    store = NULL;
    assert_int_equal(chmod(path_of(fixture, name), mode), 0);
    last_line[0] = '\0';
}

/* What the last refusal said, with its help. */
static const char *told(const struct fixture *fixture)
{
    return diag_write_caret(fixture->arena, &fixture->diags.items[0], TEXT_NONE).bytes;
}

static void a_loose_store_is_closed_and_it_is_told(void **state)
{
    static const struct {
        const char *name;
        mode_t loose, closed;
    } cases[] = {
        {".", 0777, 0700},        {".", 0755, 0700},         {".", 0711, 0700},
        {"data.mdb", 0666, 0600}, {"data.mdb", 0644, 0600},  {"data.mdb", 0777, 0700},
        {"data.mdb", 0640, 0600}, {"lock.mdb", 0644, 0600},  {"lock", 0666, 0600},
        {"head", 0644, 0600},     {"audit.pub", 0666, 0644},
    };
    struct fixture *fixture = *state;
    char line[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        loosen(fixture, cases[i].name, cases[i].loose);
        assert_int_equal(store_reopen(fixture), 0);
        assert_int_equal(mode_of(fixture, cases[i].name), cases[i].closed);
        snprintf(line, sizeof(line), "store.mode_mended file=%s was=%04o now=%04o", cases[i].name,
                 (unsigned)cases[i].loose, (unsigned)cases[i].closed);
        assert_non_null(strstr(last_line, line));
        last_line[0] = '\0';
        assert_int_equal(store_reopen(fixture), 0);
        assert_string_equal(last_line, "");
    }
    /* Everybody may read a public key. */
    loosen(fixture, "audit.pub", 0644);
    assert_int_equal(store_reopen(fixture), 0);
    assert_string_equal(last_line, "");
}

static void a_slots_file_that_others_may_read_is_refused(void **state)
{
    static const mode_t modes[] = {0644, 0666, 0777, 0640, 0604, 0620};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        loosen(fixture, "slots", modes[i]);
        assert_int_equal(chmod(fixture->path, 0777), 0);
        assert_int_equal(store_reopen(fixture), -EPERM);
        assert_non_null(strstr(told(fixture), "chmod -R go="));
        assert_non_null(strstr(told(fixture), "/slots"));
        fixture_expect_diag(fixture, "E810");
        assert_int_equal(store_probe(fixture->path, &fixture->diags), -EPERM);
        fixture_expect_diag(fixture, "E810");
        assert_int_equal(mode_of(fixture, "slots"), modes[i]);
    }
    /* What is said to do helps. */
    const char *command = text_printf(fixture->arena, "chmod -R go= '%s'", fixture->path).bytes;
    assert_int_equal(system(command), 0);
    assert_int_equal(store_reopen(fixture), 0);
    assert_string_equal(last_line, "");
}

static void what_belongs_to_somebody_else_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct stat facts;

    assert_int_equal(stat(fixture->path, &facts), 0);
    store_close(store);
    store = NULL;
    fake_uid = facts.st_uid + 1;
    if (facts.st_uid == 0) { /* root may read everything anyhow */
        assert_int_equal(store_reopen(fixture), 0);
        return;
    }
    assert_int_equal(store_reopen(fixture), -EPERM);
    assert_non_null(strstr(told(fixture), "belongs to the user"));
    fixture_expect_diag(fixture, "E810");
}

static void files_of_another_user_are_refused_to_root_too(void **state)
{
    struct fixture *fixture = *state;

    if (syscall(SYS_geteuid) != 0)
        skip();
    store_close(store);
    store = NULL;
    assert_int_equal(chown(path_of(fixture, "data.mdb"), 1, (gid_t)-1), 0);
    assert_int_equal(store_reopen(fixture), -EPERM);
    assert_non_null(strstr(told(fixture), "belongs to the user 1,"));
    fixture_expect_diag(fixture, "E810");
    assert_int_equal(chown(path_of(fixture, "data.mdb"), 0, (gid_t)-1), 0);
    assert_int_equal(store_reopen(fixture), 0);
}

static void a_disk_that_keeps_no_modes_is_refused(void **state)
{
    struct fixture *fixture = *state;

    loosen(fixture, "data.mdb", 0644);
    forgets_modes = true;
    assert_int_equal(store_reopen(fixture), -EPERM);
    assert_non_null(strstr(told(fixture), "a disk that keeps modes"));
    fixture_expect_diag(fixture, "E810");
    forgets_modes = false;
    fail_fchmod = 1;
    assert_int_equal(store_reopen(fixture), -EPERM);
    assert_non_null(strstr(told(fixture), strerror(EROFS)));
    fixture_expect_diag(fixture, "E810");
    assert_int_equal(store_reopen(fixture), 0);
}

/* Whoever needs the file says what is wrong with it. */
static void what_is_no_file_is_left_to_others(void **state)
{
    struct fixture *fixture = *state;

    store_close(store);
    store = NULL;
    assert_int_equal(rename(path_of(fixture, "slots"), path_of(fixture, "away")), 0);
    assert_int_equal(symlink("away", path_of(fixture, "slots")), 0);
    assert_int_equal(chmod(path_of(fixture, "away"), 0644), 0);
    assert_true(store_reopen(fixture) < 0);
    fixture_expect_diag(fixture, "E801");
}

static int setup(void **state)
{
    fake_uid = 0;
    fail_fchmod = 0;
    forgets_modes = false;
    return faults_setup(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_loose_store_is_closed_and_it_is_told),
        TEST(a_slots_file_that_others_may_read_is_refused),
        TEST(what_belongs_to_somebody_else_is_refused),
        TEST(files_of_another_user_are_refused_to_root_too),
        TEST(a_disk_that_keeps_no_modes_is_refused),
        TEST(what_is_no_file_is_left_to_others),
    };
    return cmocka_run_group_tests_name("modes", tests, NULL, NULL);
}
