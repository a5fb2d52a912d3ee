/* Backups that are none, are damaged, or cannot be written: each told, nothing left. */
#include "faults.h"

#include "raw.h"
#include "store/backup/backup.h"
#include "store/backup/internal.h"
#include "store/state.h"

static const struct vault_case_id awa = {{0xaa, 1}};
static char identity[AGE_TEXT_BYTES], recipient[AGE_TEXT_BYTES];
static struct age_keys identities, recipients;
static int fail_write; /* of the backup: of many bytes */

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (size > 4096 && fails(&fail_write)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, fd, bytes, size);
}

static const char *in_folder(struct fixture *fixture, const char *name)
{
    return text_printf(fixture->arena, "%s/%s", fixture->folder, name).bytes;
}

static int setup(void **state)
{
    size_t line;
    int result = faults_setup(state);
    struct fixture *fixture = *state;

    fail_write = 0;
    age_identity_create(&fixture->random, identity, recipient);
    assert_true(age_read_identities(text_from(identity), &identities, &line));
    assert_true(age_read_recipients(text_from(recipient), &recipients, &line));
    open_case(fixture, awa, "{\"a\":1}", "{\"b\":2}", "{\"c\":3}");
    return result;
}

/* ---- Archives made by hand. ---- */

struct member {
    const char *name;
    struct text bytes;
};

static int put(void *self, const void *bytes, size_t size)
{
    return fwrite(bytes, 1, size, self) == size ? 0 : -EIO;
}

/* With `tail` behind the members. */
static void write_archive(struct fixture *fixture, const struct member *members, size_t count,
                          struct text tail)
{
    FILE *file = fopen(in_folder(fixture, "a.backup"), "we");
    struct age_sink sink = {file, put};
    struct age_writer *writer;
    static const uint8_t zeros[TAR_BLOCK_BYTES];
    uint8_t block[TAR_BLOCK_BYTES];

    assert_non_null(file);
    assert_int_equal(age_writer_create(&recipients, &fixture->random, &sink, &writer), 0);
    for (size_t i = 0; i < count; i++) {
        tar_header(members[i].name, members[i].bytes.size, 0, block);
        assert_int_equal(age_write(writer, block, sizeof(block)), 0);
        assert_int_equal(age_write(writer, members[i].bytes.bytes, members[i].bytes.size), 0);
        assert_int_equal(age_write(writer, zeros, (size_t)tar_padding(members[i].bytes.size)), 0);
    }
    assert_int_equal(age_write(writer, tail.bytes, tail.size), 0);
    assert_int_equal(age_finish(writer), 0);
    age_writer_destroy(writer);
    fclose(file);
}

static uint64_t stop_at; /* calls of progress */

static bool tell(void *self, uint64_t done, uint64_t total)
{
    (void)self, (void)done, (void)total;
    return stop_at == 0 || --stop_at > 0;
}

static int unpack(struct fixture *fixture, struct backup_label *label_out)
{
    int result = backup_unpack(in_folder(fixture, "a.backup"), &identities,
                               in_folder(fixture, "again"), tell, NULL, &fixture->diags, label_out);

    if (result < 0) /* nothing of it is left */
        assert_int_equal(access(in_folder(fixture, "again"), F_OK), -1);
    return result;
}

static struct text file_of(struct fixture *fixture, const char *name)
{
    return fixture_read(fixture, text_printf(fixture->arena, "%s/%s", fixture->path, name).bytes);
}

static const char good_label[] =
    "{\"format\":1,\"store\":\"000102030405060708090a0b0c0d0e0f\",\"made_ms\":7,\"seq\":1}";
static char zeros_of_end[2 * TAR_BLOCK_BYTES];
static const struct text end = {zeros_of_end, sizeof(zeros_of_end)};

static void an_archive_made_by_hand_is_unpacked(void **state)
{
    struct fixture *fixture = *state;
    struct backup_label label;
    const struct member members[] = {{"backup.json", text_from(good_label)},
                                     {"slots", file_of(fixture, "slots")},
                                     {"data.mdb", file_of(fixture, "data.mdb")}};

    write_archive(fixture, members, 3, end);
    assert_int_equal(unpack(fixture, &label), 0);
    assert_int_equal(label.made_ms, 7);
    struct store_options options = options_of(fixture);
    struct store *again;
    options.path = in_folder(fixture, "again");
    assert_int_equal(store_open(&options, &fixture->diags, &again), 0);
    assert_int_equal(store_last_seq(again), 1);
    store_close(again);
}

static void what_is_no_archive_of_a_store_is_refused(void **state)
{
    static char large[BACKUP_LABEL_BYTES_MAX + 1];
    struct fixture *fixture = *state;
    struct backup_label label;
    struct text data = TEXT("data"), none = TEXT_NONE;
    const struct {
        struct member members[3];
        struct text tail;
        int result;
        const char *code;
    } rows[] = {
        {{{"backup.json", TEXT("no JSON")}}, end, -EBADMSG, "E826"},
        {{{"backup.json", TEXT("{\"format\":1,\"store\":\"00\"}")}}, end, -EBADMSG, "E826"},
        {{{"backup.json", {large, sizeof(large)}}}, end, -EBADMSG, "E826"},
        {{{"backup.json", TEXT("{\"format\":2,\"store\":\"000102030405060708090a0b0c0d0e0f\"}")}},
         end,
         -EPROTONOSUPPORT,
         "E827"},
        {{{"backup.json", text_from(good_label)}, {"passwd", data}}, end, -EBADMSG, "E826"},
        {{{"../slots", data}}, end, -EBADMSG, "E826"},
        {{{"slots", data}, {"slots", data}}, end, -EEXIST, "E828"},
        {{{"slots", data}}, end, -EBADMSG, "E826"},                      /* without the data */
        {{{"data.mdb", data}}, end, -EBADMSG, "E826"},                   /* without the keys */
        {{{"slots", data}, {"data.mdb", data}}, none, -EBADMSG, "E826"}, /* it does not end */
        {{{"slots", data}}, {large, TAR_BLOCK_BYTES}, -EBADMSG, "E826"}, /* no header */
    };

    memset(large, 'x', sizeof(large));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t count = 0;
        while (count < 3 && rows[i].members[count].name)
            count++;
        write_archive(fixture, rows[i].members, count, rows[i].tail);
        assert_int_equal(unpack(fixture, &label), rows[i].result);
        fixture_expect_diag(fixture, rows[i].code);
    }
}

/* A member that says to be longer than the archive is. */
static void a_member_that_reaches_beyond_the_end_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct backup_label label;
    uint8_t block[TAR_BLOCK_BYTES];

    tar_header("slots", 100000, 0, block);
    write_archive(fixture, NULL, 0, (struct text){(const char *)block, sizeof(block)});
    assert_int_equal(unpack(fixture, &label), -EBADMSG);
    fixture_expect_diag(fixture, "E826");
}

static void unpacking_that_is_given_up_or_cannot_be_synced_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct backup_label label;
    const struct member members[] = {{"slots", file_of(fixture, "slots")},
                                     {"data.mdb", file_of(fixture, "data.mdb")}};

    write_archive(fixture, members, 2, end);
    stop_at = 2;
    assert_int_equal(unpack(fixture, &label), -ECANCELED);
    fixture_expect_diag(fixture, "E828");
    stop_at = 0;
    fail_fsync = 1;
    assert_int_equal(unpack(fixture, &label), -EIO);
    fixture_expect_diag(fixture, "E828");
    fail_write = 1;
    assert_int_equal(unpack(fixture, &label), -ENOSPC);
    fixture_expect_diag(fixture, "E821");
    assert_int_equal(mkdir(in_folder(fixture, "again"), 0700), 0);
    assert_int_equal(backup_unpack(in_folder(fixture, "a.backup"), &identities,
                                   in_folder(fixture, "again"), tell, NULL, &fixture->diags,
                                   &label),
                     -EEXIST);
    fixture_expect_diag(fixture, "E828");
    assert_int_equal(access(in_folder(fixture, "again"), F_OK), 0); /* it was there before */
}

/* ---- Making one. ---- */

/* What happens to the file while it is read again, a buffer of it being read already. */
struct tampering {
    struct fixture *fixture;
    off_t from_end;
    bool cuts, is_done;
};

/* The only file that bears the name of the backup and more. */
static const char *find_part(struct fixture *fixture)
{
    DIR *folder = opendir(fixture->folder);
    const char *found = NULL;
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)))
        if (strstr(entry->d_name, "a.backup.part-"))
            found = in_folder(fixture, text_printf(fixture->arena, "%s", entry->d_name).bytes);
    closedir(folder);
    return found;
}

static bool tamper(void *self, uint64_t done, uint64_t total)
{
    struct tampering *tampering = self;
    struct stat facts;

    if (done * 2 <= total || tampering->is_done)
        return true;
    const char *part = find_part(tampering->fixture);
    assert_non_null(part);
    assert_int_equal(stat(part, &facts), 0);
    assert_true(facts.st_size > 2 * BACKUP_BUFFER_BYTES);
    tampering->is_done = true;
    if (tampering->cuts)
        assert_int_equal(truncate(part, facts.st_size - tampering->from_end), 0);
    else
        fixture_flip(tampering->fixture, part, facts.st_size - tampering->from_end);
    return true;
}

static int make(struct fixture *fixture, const struct age_keys *keys, struct tampering *tampering)
{
    struct backup_facts facts;
    struct backup_options options = {.path = in_folder(fixture, "a.backup"),
                                     .recipients = keys,
                                     .random = fixture->random,
                                     .self = tampering,
                                     .progress = tampering ? tamper : tell};
    int result = backup_make(store, &options, &fixture->diags, &facts);

    if (result < 0) {
        assert_null(find_part(fixture));
        assert_int_equal(access(in_folder(fixture, "a.backup"), F_OK), -1);
    }
    return result;
}

static void a_disk_of_backups_that_is_full_or_fails_is_told(void **state)
{
    struct fixture *fixture = *state;

    fail_write = 1;
    assert_int_equal(make(fixture, &recipients, NULL), -ENOSPC);
    fixture_expect_diag(fixture, "E821");
    fail_fsync = 1;
    assert_int_equal(make(fixture, &recipients, NULL), -EIO);
    fixture_expect_diag(fixture, "E824");
    assert_int_equal(make(fixture, &recipients, NULL), 0);
}

static void a_recipient_that_is_no_good_key_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct age_keys zero = {.count = 1};

    assert_int_equal(make(fixture, &zero, NULL), -EINVAL);
    fixture_expect_diag(fixture, "E823");
}

/* What was written is read again from the disk before it counts. */
static void a_backup_that_a_disk_has_changed_is_none(void **state)
{
    struct fixture *fixture = *state;
    static const off_t places[] = {70000, 100000, 150000}; /* before the last piece */
    char *large = arena_alloc(fixture->arena, 10001);

    memset(large, 'x', 10000);
    large[10000] = '\0';
    for (int i = 0; i < 60; i++)
        add_entry(awa, large);
    for (size_t i = 0; i < 2 * sizeof(places) / sizeof(places[0]); i++) {
        struct tampering tampering = {fixture, places[i / 2], i % 2, false};
        int result = make(fixture, &recipients, &tampering);
        assert_true(tampering.is_done);
        assert_int_equal(result, i % 2 ? -EIO : -EBADMSG);
        fixture_expect_diag(fixture, i % 2 ? "E824" : "E822");
    }
    assert_int_equal(make(fixture, &recipients, NULL), 0);
}

/* The copy is whole as LMDB lays it out, and yet lacks something. */
static void a_store_that_lacks_records_is_not_backed_up_as_if_whole(void **state)
{
    struct fixture *fixture = *state;
    struct vault_case_id id = awa;
    uint64_t seq = 2;

    add_entry(awa, "{}");
    add_entry(awa, "{}");
    struct text second = raw_get(fixture, "journal", raw_seq(&seq));
    raw_remove(fixture, "journal", raw_seq(&seq));
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(make(fixture, &recipients, NULL), -EBADMSG);
    assert_non_null(strstr(fixture->diags.items[0].message.bytes, "a record that is damaged"));
    fixture_expect_diag(fixture, "E822");
    raw_put(fixture, "journal", raw_seq(&seq), second);
    raw_remove(fixture, "card", (MDB_val){sizeof(id), &id});
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(make(fixture, &recipients, NULL), -EBADMSG);
    assert_non_null(strstr(fixture->diags.items[0].message.bytes, "cards are missing"));
    fixture_expect_diag(fixture, "E822");
}

static void a_slots_file_too_large_to_be_one_is_not_copied(void **state)
{
    struct fixture *fixture = *state;
    const char *slots = text_printf(fixture->arena, "%s/slots", fixture->path).bytes;

    assert_int_equal(truncate(slots, 100 << 10), 0);
    assert_int_equal(make(fixture, &recipients, NULL), -EFBIG);
    fixture_expect_diag(fixture, "E824");
    assert_int_equal(unlink(slots), 0);
    assert_int_equal(make(fixture, &recipients, NULL), -ENOENT);
    fixture_expect_diag(fixture, "E824");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_archive_made_by_hand_is_unpacked),
        TEST(what_is_no_archive_of_a_store_is_refused),
        TEST(a_member_that_reaches_beyond_the_end_is_refused),
        TEST(unpacking_that_is_given_up_or_cannot_be_synced_leaves_nothing),
        TEST(a_disk_of_backups_that_is_full_or_fails_is_told),
        TEST(a_recipient_that_is_no_good_key_is_told),
        TEST(a_backup_that_a_disk_has_changed_is_none),
        TEST(a_store_that_lacks_records_is_not_backed_up_as_if_whole),
        TEST(a_slots_file_too_large_to_be_one_is_not_copied),
    };
    return cmocka_run_group_tests_name("archives", tests, NULL, NULL);
}
