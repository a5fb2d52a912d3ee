/* Backups: what comes back is what was there; one that is given up leaves nothing. */
#include "fixture.h"

#include <dirent.h>

#include "store/backup/backup.h"
#include "store/backup/tar.h"

static char identity[AGE_TEXT_BYTES], recipient[AGE_TEXT_BYTES];
static struct age_keys identities, recipients;
static const struct vault_case_id awa = {{0xaa, 1}};

struct progress {
    uint64_t done, calls, stop_after;
};

static bool tell(void *self, uint64_t done, uint64_t total)
{
    struct progress *progress = self;

    assert_true(done >= progress->done);
    assert_true(done <= total + 65536);
    progress->done = done;
    return ++progress->calls != progress->stop_after;
}

static struct progress progress;

static const char *in_folder(struct fixture *fixture, const char *name)
{
    return text_printf(fixture->arena, "%s/%s", fixture->folder, name).bytes;
}

static int make(struct fixture *fixture, struct backup_facts *facts_out)
{
    struct backup_options options = {.path = in_folder(fixture, "a.backup"),
                                     .recipients = &recipients,
                                     .random = fixture->random,
                                     .now_ms = 1767254400000,
                                     .self = &progress,
                                     .progress = tell};

    progress.done = progress.calls = 0;
    return backup_make(store, &options, &fixture->diags, facts_out);
}

static int unpack(struct fixture *fixture, struct backup_label *label_out)
{
    struct progress own = {.done = 0};

    return backup_unpack(in_folder(fixture, "a.backup"), &identities, in_folder(fixture, "again"),
                         tell, &own, &fixture->diags, label_out);
}

static size_t count_files(struct fixture *fixture)
{
    DIR *folder = opendir(fixture->folder);
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void what_comes_back_is_what_was_there(void **state)
{
    struct fixture *fixture = *state;
    struct backup_facts facts;
    struct backup_label label;
    struct text body;
    uint64_t seq = 0;

    open_case(fixture, awa, "{\"a\":1}", "{\"b\":2}", "{\"c\":3}");
    add_entry(awa, "{\"d\":4}");
    assert_int_equal(make(fixture, &facts), 0);
    assert_int_equal(facts.seq, 2);
    assert_int_equal(facts.cases, 1);
    add_entry(awa, "{\"e\":5}"); /* the store goes on */
    assert_int_equal(unpack(fixture, &label), 0);
    assert_int_equal(label.seq, 2);
    assert_int_equal(label.bytes, facts.bytes);
    assert_int_equal(label.made_ms, 1767254400000);
    assert_memory_equal(label.store_id, vault_store_id(store_vault(store)), VAULT_STORE_ID_BYTES);

    struct store_options options = options_of(fixture);
    struct store *again;
    options.path = in_folder(fixture, "again");
    assert_int_equal(store_open(&options, &fixture->diags, &again), 0);
    assert_int_equal(store_last_seq(again), 2);
    assert_int_equal(store_load_case(again, fixture->arena, &awa, &seq, &body), 0);
    assert_string_equal(body.bytes, "{\"b\":2}");
    assert_int_equal(backup_head_seq(again, fixture->path, &seq), 0);
    assert_int_equal(seq, 3);
    store_close(again);
}

static void one_that_is_given_up_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct backup_facts facts;
    size_t before = count_files(fixture);

    open_case(fixture, awa, "{\"a\":1}", "{\"b\":2}", "{\"c\":3}");
    for (progress.stop_after = 1; progress.stop_after <= 2; progress.stop_after++) {
        assert_int_equal(make(fixture, &facts), -ECANCELED);
        assert_int_equal(count_files(fixture), before);
    }
    progress.stop_after = 0;
    assert_int_equal(make(fixture, &facts), 0);
    assert_int_equal(count_files(fixture), before + 1);
    assert_int_equal(make(fixture, &facts), -EEXIST);
    assert_int_equal(count_files(fixture), before + 1);
}

static void what_is_no_backup_leaves_no_folder(void **state)
{
    struct fixture *fixture = *state;
    struct backup_label label;
    FILE *file = fopen(in_folder(fixture, "a.backup"), "we");

    assert_non_null(file);
    fputs("age-encryption.org/v1\nnothing\n", file);
    fclose(file);
    size_t before = count_files(fixture);
    assert_int_equal(unpack(fixture, &label), -EBADMSG);
    assert_int_equal(count_files(fixture), before);
}

/* ---- Archives. ---- */

static void a_store_that_was_opened_is_removed_to_its_last_file(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(store_reopen(fixture), 0);
    store_close(store);
    store = NULL;
    backup_remove(fixture->path);
    assert_int_equal(access(fixture->path, F_OK), -1);
}

static void a_header_is_read_as_it_was_written(void **state)
{
    static const uint64_t sizes[] = {0, 1, 511, 512, 8589934591, 8589934592, 1ull << 40};
    uint8_t block[TAR_BLOCK_BYTES];
    struct tar_member member;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        tar_header("data.mdb", sizes[i], 1767254400, block);
        assert_true(tar_read_header(block, &member));
        assert_string_equal(member.name, "data.mdb");
        assert_int_equal(member.size, sizes[i]);
    }
    for (size_t at = 0; at < 265; at++) {
        if (at == 154 || at == 155)
            continue; /* the end of the sum itself, which each tar writes in its own way */
        block[at] ^= 0x40;
        assert_false(tar_read_header(block, &member));
        block[at] ^= 0x40;
    }
    assert_int_equal(tar_padding(0), 0);
    assert_int_equal(tar_padding(1), 511);
    assert_int_equal(tar_padding(512), 0);
}

static int setup(void **state)
{
    size_t line;
    int result = store_setup(state);
    struct fixture *fixture = *state;

    progress = (struct progress){0};
    age_identity_create(&fixture->random, identity, recipient);
    assert_true(age_read_identities(text_from(identity), &identities, &line));
    assert_true(age_read_recipients(text_from(recipient), &recipients, &line));
    return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_comes_back_is_what_was_there),
        TEST(one_that_is_given_up_leaves_nothing),
        TEST(what_is_no_backup_leaves_no_folder),
        TEST(a_store_that_was_opened_is_removed_to_its_last_file),
        TEST(a_header_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
