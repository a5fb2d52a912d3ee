/* `sankofad --init`: the key file and the store, and what it refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "daemon/init.h"
#include "store/store.h"
#include "system/system.h"
#include "tongues.h"

static struct arena *arena;
static struct diag_list diags;
static enum vault_opener_kind kind;
static char folder[] = "/tmp/sankofa-init-XXXXXX";
static char store_path_of_test[64], key_path[64];
static struct config config;

/* Stands in for libc's: the sync of that number fails, counted from 1. */
static int fail_fsync, fsync_count;
static bool key_had_its_name; /* before it was synced */

int fsync(int fd)
{
    fsync_count++;
    if (fsync_count == 1)
        key_had_its_name = access(key_path, F_OK) == 0;
    if (fsync_count == fail_fsync) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

static void drop_line(void *self, enum log_level level, const char *line)
{
    (void)self;
    (void)level;
    (void)line;
}

static int up(void **state)
{
    (void)state;
    arena = arena_create("test");
    diag_list_init(&diags, arena);
    log_set_sink(drop_line, NULL);
    fail_fsync = fsync_count = 0;
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(store_path_of_test, sizeof(store_path_of_test), "%s/store", folder);
    snprintf(key_path, sizeof(key_path), "%s/key", folder);
    config = (struct config){
        .store = store_path_of_test, .key_file = key_path, .map_bytes = (uint64_t)64 << 20};
    return 0;
}

static int down(void **state)
{
    (void)state;
    tongues_check(arena, &diags);
    assert_int_equal(system(text_printf(arena, "rm -rf %s", folder).bytes), 0);
    arena_destroy(arena);
    return 0;
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, up, down)

static struct stat facts_of(const char *path)
{
    struct stat facts;

    assert_int_equal(stat(path, &facts), 0);
    return facts;
}

static struct text content_of(const char *path)
{
    struct port_files files = system_files();
    struct text text;

    assert_int_equal(files.read(files.self, arena, path, 1 << 20, &text), 0);
    return text;
}

static void write_key(size_t size, unsigned mode)
{
    FILE *file = fopen(key_path, "w");

    for (size_t i = 0; i < size; i++)
        fputc('k', file);
    fclose(file);
    assert_int_equal(chmod(key_path, mode), 0);
}

static void assert_refused(int result, int wanted, const char *part)
{
    assert_int_equal(result, wanted);
    assert_int_equal(diags.error_count, 1);
    assert_string_equal(diags.items[0].code, "E848");
    struct text told = diag_write_caret(arena, &diags.items[0], TEXT_NONE);
    if (!strstr(told.bytes, part))
        fail_msg("\"%s\" is not in: %s", part, told.bytes);
}

static bool is_demo(void)
{
    struct store_options options = {.path = config.store,
                                    .map_bytes = config.map_bytes,
                                    .opener = {.secret = content_of(key_path)},
                                    .random = system_random()};
    struct store *store;

    assert_int_equal(store_open(&options, &diags, &store), 0);
    bool demo = store_is_demo(store);
    store_close(store);
    return demo;
}

static void a_key_of_its_own_and_a_store_are_made(void **state)
{
    (void)state;
    assert_int_equal(init_store(&config, NULL, false, &diags, &kind), 0);
    assert_int_equal(diags.count, 0);
    struct stat facts = facts_of(key_path);
    assert_int_equal(facts.st_mode & 07777, 0400);
    assert_int_equal(facts.st_size, 64);
    assert_false(is_demo());
}

static void a_demo_is_marked_for_ever(void **state)
{
    (void)state;
    assert_int_equal(init_store(&config, NULL, true, &diags, &kind), 0);
    assert_true(is_demo());
    assert_true(is_demo());
}

static void a_key_that_is_there_is_used_as_it_is(void **state)
{
    (void)state;
    write_key(40, 0600);
    struct text before = content_of(key_path);
    assert_int_equal(init_store(&config, NULL, false, &diags, &kind), 0);
    assert_true(text_equal(content_of(key_path), before));
    assert_int_equal(facts_of(key_path).st_mode & 07777, 0600);
    assert_false(is_demo());
}

static void a_store_that_is_there_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(init_store(&config, NULL, false, &diags, &kind), 0);
    struct text before = content_of(key_path);
    assert_refused(init_store(&config, NULL, true, &diags, &kind), -EEXIST, "nothing was changed");
    assert_true(text_equal(content_of(key_path), before));
    assert_false(is_demo());
}

static void no_key_is_made_for_a_store_that_is_there(void **state)
{
    (void)state;
    assert_int_equal(mkdir(config.store, 0700), 0);
    assert_refused(init_store(&config, NULL, false, &diags, &kind), -EEXIST, "nothing was changed");
    assert_int_equal(access(key_path, F_OK), -1);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
    (void)state;
    static const unsigned modes[] = {0640, 0604, 0620, 0601, 0777};
    struct text key;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        write_key(40, modes[i]);
        diag_list_init(&diags, arena);
        assert_refused(init_read_key(&config, &diags, &key), -EPERM, "chmod 0400");
        diag_list_init(&diags, arena);
        assert_refused(init_store(&config, NULL, false, &diags, &kind), -EPERM, "chmod 0400");
        assert_int_equal(access(config.store, F_OK), -1);
        unlink(key_path);
    }
}

static void a_key_of_another_user_is_refused(void **state)
{
    (void)state;
    struct text key;

    if (geteuid() != 0) {
        skip();
        return;
    }
    write_key(40, 0400);
    assert_int_equal(chown(key_path, 12345, 12345), 0);
    assert_refused(init_read_key(&config, &diags, &key), -EPERM, "chown");
}

static void a_key_that_is_not_there_or_no_file_is_refused(void **state)
{
    (void)state;
    struct text key;

    assert_refused(init_read_key(&config, &diags, &key), -ENOENT, "--init");
    assert_int_equal(mkdir(key_path, 0700), 0);
    diag_list_init(&diags, arena);
    assert_int_not_equal(init_read_key(&config, &diags, &key), 0);
    assert_int_equal(diags.error_count, 1);
}

static void a_key_too_long_or_too_short_is_refused(void **state)
{
    (void)state;
    write_key(4097, 0400);
    assert_refused(init_store(&config, NULL, false, &diags, &kind), -EFBIG, "4096");
    unlink(key_path);
    write_key(31, 0400);
    diag_list_init(&diags, arena);
    assert_true(init_store(&config, NULL, false, &diags, &kind) < 0);
    assert_int_equal(diags.error_count, 1);
    assert_int_equal(access(config.store, F_OK), -1);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    config.key_file = text_printf(arena, "%s/none/key", folder).bytes;
    assert_refused(init_store(&config, NULL, false, &diags, &kind), -ENOENT, "folder must exist");
}

/* A power cut between the two would leave half a key, or zeros, for the next --init to use. */
static void a_key_gets_its_name_once_it_is_whole_on_the_disk(void **state)
{
    (void)state;
    assert_int_equal(init_store(&config, NULL, false, &diags, &kind), 0);
    assert_false(key_had_its_name);
}

static void a_key_that_cannot_be_synced_opens_no_store(void **state)
{
    (void)state;
    fail_fsync = 1;
    assert_refused(init_store(&config, NULL, false, &diags, &kind), -EIO, "cannot be made");
    assert_int_equal(system(text_printf(arena, "rmdir %s && mkdir %s", folder, folder).bytes), 0);
    for (int fault = 2; fault <= 3; fault++) { /* the key once more, its folder */
        fsync_count = 0;
        fail_fsync = fault;
        diag_list_init(&diags, arena);
        assert_refused(init_store(&config, NULL, false, &diags, &kind), -EIO, "look at its disk");
        assert_int_equal(access(config.store, F_OK), -1);
        unlink(key_path);
    }
}

static void a_key_that_an_init_before_left_is_synced_before_it_is_used(void **state)
{
    (void)state;
    write_key(40, 0400);
    for (int fault = 1; fault <= 2; fault++) {
        fsync_count = 0;
        fail_fsync = fault;
        diag_list_init(&diags, arena);
        assert_refused(init_store(&config, NULL, false, &diags, &kind), -EIO, "look at its disk");
        assert_int_equal(access(config.store, F_OK), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_key_of_its_own_and_a_store_are_made),
        WITH_FOLDER(a_demo_is_marked_for_ever),
        WITH_FOLDER(a_key_that_is_there_is_used_as_it_is),
        WITH_FOLDER(a_store_that_is_there_is_left_alone),
        WITH_FOLDER(no_key_is_made_for_a_store_that_is_there),
        WITH_FOLDER(a_key_that_others_may_read_is_refused),
        WITH_FOLDER(a_key_of_another_user_is_refused),
        WITH_FOLDER(a_key_that_is_not_there_or_no_file_is_refused),
        WITH_FOLDER(a_key_too_long_or_too_short_is_refused),
        WITH_FOLDER(a_folder_that_is_not_there_is_told),
        WITH_FOLDER(a_key_gets_its_name_once_it_is_whole_on_the_disk),
        WITH_FOLDER(a_key_that_cannot_be_synced_opens_no_store),
        WITH_FOLDER(a_key_that_an_init_before_left_is_synced_before_it_is_used),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}
