/* What opens a store while no daemon runs, and what is said where it does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "daemon/opener.h"
#include "system/system.h"
#include "vault/primitives/crypto.h"
#include "vault/slots/shares.h"

static struct arena *arena;
static struct diag_list diags;
static struct shares shares, others;
static struct vault_opener opener;
static char folder[] = "/tmp/sankofa-opener-XXXXXX";

static int up(void **state)
{
    struct port_random random = system_random();

    (void)state;
    arena = arena_create("test");
    diag_list_init(&diags, arena);
    assert_int_equal(crypto_start(), 0);
    shares_make(&random, &shares);
    shares_make(&random, &others);
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int down(void **state)
{
    (void)state;
    assert_int_equal(system(text_printf(arena, "rm -rf %s", folder).bytes), 0);
    arena_destroy(arena);
    return 0;
}

static const char *write_file(const char *name, const char *content)
{
    const char *path = text_printf(arena, "%s/%s", folder, name).bytes;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    assert_int_equal(chmod(path, 0400), 0);
    return path;
}

static int open_shares(const char *one, const char *two, const char *three)
{
    struct config config = {.store = folder};
    const char *typed = text_printf(arena, "%s\n\n%s\n\n%s\n", one, two, three).bytes;
    const char *path = text_printf(arena, "%s/shares", folder).bytes;

    unlink(path);
    struct opener_given given = {.shares_file = write_file("shares", typed)};
    return opener_offline(&config, &given, &diags, &opener);
}

static void assert_told(int result, int wanted, const char *code, const char *part)
{
    assert_int_equal(result, wanted);
    assert_int_equal(diags.error_count, 1);
    assert_string_equal(diags.items[0].code, code);
    struct text told = diag_write_caret(arena, &diags.items[0], TEXT_NONE);
    if (!strstr(told.bytes, part))
        fail_msg("\"%s\" is not in: %s", part, told.bytes);
    diag_list_init(&diags, arena);
}

static void three_shares_are_an_opener(void **state)
{
    (void)state;
    assert_int_equal(open_shares(shares.texts[3], shares.texts[0], shares.texts[4]), 0);
    assert_int_equal(diags.count, 0);
    assert_int_equal(opener.kind, VAULT_RECOVERY);
    assert_int_equal(opener.secret.size, sizeof(shares.secret));
    assert_memory_equal(opener.secret.bytes, shares.secret, sizeof(shares.secret));
}

static void what_is_wrong_with_shares_is_told_with_its_place(void **state)
{
    char mistyped[SHARES_TEXT_BYTES];
    struct config config = {.store = folder};
    struct opener_given missing = {.shares_file = "/nowhere/shares"};

    (void)state;
    memcpy(mistyped, shares.texts[1], sizeof(mistyped));
    mistyped[2 * SHARES_LINE_BYTES + 1] = mistyped[2 * SHARES_LINE_BYTES + 1] == 'X' ? 'Y' : 'X';
    assert_told(open_shares(shares.texts[0], mistyped, shares.texts[2]), -EINVAL, "E852",
                "share 2 is mistyped in line 3");
    mistyped[SHARES_LINE_BYTES] = '\0';
    assert_told(open_shares(shares.texts[0], shares.texts[2], mistyped), -EINVAL, "E852",
                "share 3 is too short");
    assert_told(open_shares(shares.texts[0], shares.texts[2], shares.texts[0]), -EEXIST, "E852",
                "share 3 is the same");
    assert_told(open_shares(shares.texts[0], others.texts[2], shares.texts[1]), -EXDEV, "E852",
                "share 2 belongs to another set");
    assert_told(open_shares(shares.texts[0], shares.texts[2], ""), -ENODATA, "E852",
                "3 shares are needed");
    assert_told(opener_offline(&config, &missing, &diags, &opener), -ENOENT, "E852",
                "the shares cannot be read");
}

static void what_is_given_goes_before_the_key_file(void **state)
{
    struct config config = {.store = folder, .key_file = write_file("key", "k")};
    struct opener_given given = {.passphrase_file =
                                     write_file("passphrase", "four random words\n")};

    (void)state;
    assert_int_equal(opener_offline(&config, &given, &diags, &opener), 0);
    assert_int_equal(opener.kind, VAULT_PASSPHRASE);
    assert_true(text_is(opener.secret, "four random words"));
    given.passphrase_file = NULL;
    assert_int_equal(opener_offline(&config, &given, &diags, &opener), 0);
    assert_int_equal(opener.kind, VAULT_KEY_FILE);
    given.passphrase_file = "/nowhere/passphrase";
    assert_told(opener_offline(&config, &given, &diags, &opener), -ENOENT, "E852", "--shares FILE");
}

static void a_key_file_that_is_gone_is_no_reason_for_a_new_store(void **state)
{
    struct config config = {.store = folder, .key_file = "/nowhere/key"};
    struct opener_given given = {NULL};

    (void)state;
    assert_told(opener_offline(&config, &given, &diags, &opener), -ENOENT, "E848",
                "another slot opens the store");
    config.store = "/nowhere/store";
    assert_told(opener_offline(&config, &given, &diags, &opener), -ENOENT, "E848", "--shares");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_shares_are_an_opener, up, down),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_shares_is_told_with_its_place, up, down),
        cmocka_unit_test_setup_teardown(what_is_given_goes_before_the_key_file, up, down),
        cmocka_unit_test_setup_teardown(a_key_file_that_is_gone_is_no_reason_for_a_new_store, up,
                                        down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
