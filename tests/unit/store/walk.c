/* The walker: a whole file passes with its counts, a damaged one is refused, and nothing that a
 * file says leads it astray. */
#include "fixture.h"

#include <signal.h>
#include <sys/stat.h>

#include "store/walk/page.h"
#include "store/walk/walk.h"

enum { CASES = 300, PAGE = 4096, ENTRY_BYTES = 9000 };

/* Many small records, some of several pages, and pages that are free again: a few commits of many
 * cases each, and each case written twice. */
static void fill_some(struct fixture *fixture, size_t first, size_t count, const char *large,
                      bool is_new)
{
    struct store_entry *entries = ARENA_ARRAY(fixture->arena, struct store_entry, count);
    struct store_snapshot *snapshots = ARENA_ARRAY(fixture->arena, struct store_snapshot, count);
    struct store_key *keys = ARENA_ARRAY(fixture->arena, struct store_key, count);
    struct store_batch batch = {.entries = entries,
                                .entry_count = count,
                                .snapshots = snapshots,
                                .snapshot_count = count,
                                .keys = keys,
                                .key_count = is_new ? count : 0,
                                .horizon = store_last_seq(store) + count};

    for (size_t i = 0; i < count; i++) {
        size_t number = first + i;
        struct vault_case_id id = {{(uint8_t)number, (uint8_t)(number >> 8), 9}};

        if (is_new)
            keys[i] = new_key(fixture, id);
        entries[i] = next_entry(id, text_from(number % 50 || is_new ? "{\"a\":1}" : large));
        entries[i].seq += i;
        snapshots[i] = (struct store_snapshot){
            id, entries[i].seq, text_from(number % 7 ? "{\"b\":2}" : large), TEXT("{\"c\":3}")};
    }
    assert_int_equal(store_commit(store, &batch), 0);
}

static void fill(struct fixture *fixture)
{
    char *large = arena_alloc(fixture->arena, ENTRY_BYTES + 1);

    memset(large, 'x', ENTRY_BYTES);
    for (size_t first = 1; first <= CASES; first += CASES / 3)
        fill_some(fixture, first, CASES / 3, large, true);
    for (size_t first = 1; first <= CASES; first += CASES / 3)
        fill_some(fixture, first, CASES / 3, large, false);
}

static const char *data_path(struct fixture *fixture)
{
    return text_printf(fixture->arena, "%s/data.mdb", fixture->path).bytes;
}

/* The whole file in memory. */
static uint8_t *read_data(struct fixture *fixture, size_t *size_out)
{
    FILE *file = fopen(data_path(fixture), "re");
    struct stat facts;

    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &facts), 0);
    *size_out = (size_t)facts.st_size;
    uint8_t *bytes = arena_alloc(fixture->arena, *size_out);
    assert_int_equal(fread(bytes, 1, *size_out, file), *size_out);
    fclose(file);
    return bytes;
}

struct memory {
    const uint8_t *bytes;
    size_t size;
};

static int read_memory(void *self, uint64_t offset, void *bytes_out, size_t size)
{
    const struct memory *memory = self;

    assert_true(offset <= memory->size && size <= memory->size - offset);
    memcpy(bytes_out, memory->bytes + offset, size);
    return 0;
}

static int walk_bytes(const uint8_t *bytes, size_t size, struct walk_result *result_out)
{
    struct memory memory = {bytes, size};
    struct walk_options options = {.source = {&memory, size, read_memory}};

    return walk(&options, result_out);
}

static void a_whole_file_passes_with_its_counts(void **state)
{
    struct fixture *fixture = *state;
    struct walk_result result;
    size_t size;

    fill(fixture);
    const uint8_t *bytes = read_data(fixture, &size);
    assert_int_equal(walk_bytes(bytes, size, &result), 0);
    assert_int_equal(result.page_bytes, PAGE);
    assert_int_equal(result.entries[TABLE_JOURNAL], 2 * CASES);
    assert_int_equal(result.entries[TABLE_CASE], CASES);
    assert_int_equal(result.entries[TABLE_CARD], CASES);
    assert_int_equal(result.entries[TABLE_KEY], CASES + 1);
    assert_true(result.page_count * PAGE <= size);
    assert_true(result.txn > 6);
}

/* Every record is shown once, with the head of its value. */
struct seen {
    uint64_t counts[TABLE_COUNT], last_seq;
    size_t large_count;
    const struct walk_record *refused;
};

static bool see(void *self, const struct walk_record *record)
{
    struct seen *seen = self;
    struct vault_case_id id;
    uint64_t generation = 0;
    struct text head = {record->head, VAULT_HEADER_BYTES + VAULT_PAD_BYTES + VAULT_TAG_BYTES};

    seen->counts[record->table]++;
    if (record->table != TABLE_JOURNAL)
        return true;
    seen->large_count += record->size > PAGE;
    memcpy(&seen->last_seq, record->key, sizeof(seen->last_seq));
    assert_int_equal(vault_peek(head, &id, &generation), 0);
    assert_int_equal(generation, seen->last_seq);
    return true;
}

static void every_record_is_shown(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {.last_seq = 0};
    struct walk_result result;
    size_t size;

    fill(fixture);
    const uint8_t *bytes = read_data(fixture, &size);
    struct memory memory = {bytes, size};
    struct walk_options options = {
        .source = {&memory, size, read_memory}, .self = &seen, .record = see};
    assert_int_equal(walk(&options, &result), 0);
    assert_int_equal(seen.counts[TABLE_JOURNAL], 2 * CASES);
    assert_int_equal(seen.counts[TABLE_CASE], CASES);
    assert_int_equal(seen.last_seq, 2 * CASES);
    assert_int_equal(seen.large_count, CASES / 50);
}

static bool refuse(void *self, const struct walk_record *record)
{
    (void)self;
    return record->table != TABLE_CARD;
}

static void a_record_that_its_reader_refuses_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct walk_result result;
    size_t size;

    fill(fixture);
    const uint8_t *bytes = read_data(fixture, &size);
    struct memory memory = {bytes, size};
    struct walk_options options = {.source = {&memory, size, read_memory}, .record = refuse};
    assert_int_equal(walk(&options, &result), -EBADMSG);
    assert_string_equal(result.fault, "it holds a record that is damaged");
}

static void a_file_that_was_cut_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct walk_result whole, result;
    size_t size;

    fill(fixture);
    const uint8_t *bytes = read_data(fixture, &size);
    assert_int_equal(walk_bytes(bytes, size, &whole), 0);
    for (size_t cut = 0; cut < size; cut += 1777) {
        if (walk_bytes(bytes, cut, &result) == 0)
            /* What was cut off nobody had written to, or nobody needs it any more. */
            assert_int_equal(result.entries[TABLE_JOURNAL], 2 * CASES);
    }
    assert_int_equal(walk_bytes(bytes, size / 2, &result), -EBADMSG);
    assert_int_equal(walk_bytes(bytes, 100, &result), -EBADMSG);
    assert_string_equal(result.fault, "the file is too short");
}

/* SplitMix64. */
static uint64_t dice(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Numbers that lead somewhere: pages, sizes, offsets. The sanitized build would notice a step
 * beside the file, the test's time a circle. */
static void no_number_in_a_file_leads_astray(void **state)
{
    struct fixture *fixture = *state;
    struct walk_result result;
    uint64_t seed = 1;
    size_t size, refused = 0;

    fill(fixture);
    uint8_t *bytes = read_data(fixture, &size);
    for (int i = 0; i < 3000; i++) {
        size_t at = (size_t)dice(&seed) % (size / 8) * 8, page = at / PAGE * PAGE;
        uint64_t before, what = dice(&seed);

        if (i % 3) /* in the header of a page, or the first offsets of its nodes */
            at = page + at % 64;
        memcpy(&before, bytes + at, sizeof(before));
        uint64_t after = what % 4 == 0   ? what
                         : what % 4 == 1 ? what % (size / PAGE + 2)
                         : what % 4 == 2 ? before ^ (uint64_t)1 << (what >> 8) % 64
                                         : before + (what >> 8) % 64;
        memcpy(bytes + at, &after, sizeof(after));
        refused += walk_bytes(bytes, size, &result) != 0;
        memcpy(bytes + at, &before, sizeof(before));
    }
    assert_true(refused > 100);
    assert_int_equal(walk_bytes(bytes, size, &result), 0);
}

/* The page of a root, as the newer meta page names it: at `offset` of a tree's 48 bytes. */
static uint8_t *newest_meta(uint8_t *bytes)
{
    struct page_meta metas[2];

    for (size_t i = 0; i < 2; i++)
        assert_null(page_read_meta(bytes + i * PAGE, i, &metas[i]));
    return bytes + (metas[1].txn > metas[0].txn ? PAGE : 0);
}

static void known_damage_is_told_in_words(void **state)
{
    enum { MAIN_ROOT_AT = 40 + 48 + 40, MAIN_DEPTH_AT = 40 + 48 + 6, LAST_AT = 40 + 48 + 48 };
    static const struct {
        size_t at;
        uint64_t value;
        size_t size;
        const char *fault;
    } damages[] = {
        {MAIN_ROOT_AT, 1, 8, "a page lies beyond the last one"},
        {MAIN_ROOT_AT, UINT64_MAX, 8, "a tree's depth is wrong"},
        {MAIN_DEPTH_AT, 2, 2, "it is of another kind"},
        {MAIN_DEPTH_AT, 200, 2, "a tree's depth is wrong"},
        {LAST_AT, 1, 8, "a page lies beyond the last one"},
        {LAST_AT, 1ull << 40, 8, "the last page is wrong"},
        {16, 7, 4, "it is not of LMDB 0.9"},
        {40, 4095, 4, "its trees are of another kind"},
        {10, 1, 2, "it is no meta page"},
    };
    struct fixture *fixture = *state;
    struct walk_result result;
    size_t size;

    fill(fixture);
    uint8_t *bytes = read_data(fixture, &size), *meta = newest_meta(bytes);
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        uint64_t before;

        memcpy(&before, meta + damages[i].at, sizeof(before));
        memcpy(meta + damages[i].at, &damages[i].value, damages[i].size);
        assert_int_equal(walk_bytes(bytes, size, &result), -EBADMSG);
        if (meta != bytes || damages[i].at != 40) /* the first page's own size is told otherwise */
            assert_string_equal(result.fault, damages[i].fault);
        memcpy(meta + damages[i].at, &before, sizeof(before));
    }
}

/* Where the first or last free record of the newest commit has its key: in a tree of one page. */
static uint8_t *free_key(uint8_t *bytes, bool is_last)
{
    enum { FREE_DEPTH_AT = 40 + 6, FREE_ROOT_AT = 40 + 40 };
    const uint8_t *meta = newest_meta(bytes);

    assert_int_equal(page_u16(meta + FREE_DEPTH_AT), 1);
    uint8_t *page = bytes + page_u64(meta + FREE_ROOT_AT) * PAGE;
    size_t index = is_last ? page_node_count(page) - 1 : 0;
    return page + page_u16(page + PAGE_HEADER_BYTES + 2 * index) + NODE_HEADER_BYTES;
}

/* Found by tests/fuzz/walker.c: LMDB gave the same page away twice, and ended by an assertion. */
static void pages_that_were_freed_by_no_commit_are_damage(void **state)
{
    struct fixture *fixture = *state;
    struct walk_result result;
    size_t size;

    fill(fixture);
    uint8_t *bytes = read_data(fixture, &size);
    assert_int_equal(walk_bytes(bytes, size, &result), 0);
    for (int is_last = 0; is_last < 2; is_last++) {
        uint64_t wrong = is_last ? result.txn + 1 : 0;
        uint8_t *key = free_key(bytes, is_last), before[sizeof(wrong)];
        memcpy(before, key, sizeof(before));
        memcpy(key, &wrong, sizeof(wrong));
        assert_int_equal(walk_bytes(bytes, size, &result), -EBADMSG);
        assert_string_equal(result.fault, "pages were freed by no commit that was");
        memcpy(key, before, sizeof(before));
    }
    assert_int_equal(walk_bytes(bytes, size, &result), 0);
}

/* ---- Apart. ---- */

static const char *script(struct fixture *fixture, const char *text)
{
    const char *path = text_printf(fixture->arena, "%s.sh", fixture->path).bytes;
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", text);
    assert_int_equal(fchmod(fileno(file), 0700), 0);
    fclose(file);
    return path;
}

static void a_walker_that_crashes_is_a_refusal(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);

    store_close(store);
    store = NULL;
    options.walker = script(fixture, "echo walking; kill -SEGV $$");
    assert_int_equal(store_open(&options, &fixture->diags, &store), -EBADMSG);
    assert_non_null(strstr(fixture->diags.items[0].message.bytes, "by signal 11"));
    options.walker = script(fixture, "echo walking; echo 'page 7: it is reached twice'; exit 1");
    assert_int_equal(store_open(&options, &fixture->diags, &store), -EBADMSG);
    assert_non_null(strstr(fixture->diags.items[1].message.bytes, "page 7: it is reached twice"));
    options.walker = script(fixture, "echo walking; echo whole");
    assert_int_equal(store_open(&options, &fixture->diags, &store), 0);
    unlink(options.walker);
}

static void a_walker_that_could_not_look_calls_nothing_damaged(void **state)
{
    static const char *const ends[] = {
        "echo walking; kill -KILL $$",
        "kill -SEGV $$", /* its loader's */
        "exit 3",
        "exit 127",
        "echo walking; echo 'a filter: refused'; exit 2",
        "echo walking; exit 0", /* and says nothing */
        "echo walking; exit 1",
        "echo whole",
    };
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);
    size_t count = sizeof(ends) / sizeof(ends[0]);

    store_close(store);
    store = NULL;
    for (size_t i = 0; i < count; i++) {
        options.walker = script(fixture, ends[i]);
        assert_int_equal(store_open(&options, &fixture->diags, &store), -EIO);
        assert_string_equal(fixture->diags.items[i].code, "E811");
    }
    unlink(options.walker);
    options.walker = "/nonexistent/walker";
    assert_int_equal(store_open(&options, &fixture->diags, &store), -ENOENT);
    assert_string_equal(fixture->diags.items[count].code, "E811");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_file_passes_with_its_counts),
        TEST(every_record_is_shown),
        TEST(a_record_that_its_reader_refuses_is_damage),
        TEST(a_file_that_was_cut_is_refused),
        TEST(no_number_in_a_file_leads_astray),
        TEST(known_damage_is_told_in_words),
        TEST(pages_that_were_freed_by_no_commit_are_damage),
        TEST(a_walker_that_crashes_is_a_refusal),
        TEST(a_walker_that_could_not_look_calls_nothing_damaged),
    };
    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
