/* Documents: their chunks, what is under way, what is left of an erased case's. */
#include "raw.h"

#include "base/arena.h"
#include "store/verify.h"

static const struct vault_case_id one = {{1, 2, 3}}, other = {{4, 5, 6}};
static const struct store_document_id scan = {{7}}, letter = {{8}};
static char full[STORE_CHUNK_BYTES];

enum { CHANGES_MAX = 8 };

static int commit_changes(const struct store_document_change *changes, size_t count)
{
    static uint64_t number = 1000;
    struct store_batch batch = {.number = number++,
                                .horizon = store_horizon(store),
                                .documents = changes,
                                .document_count = count};

    return store_commit(store, &batch);
}

static struct store_document_change chunk_of(struct vault_case_id id,
                                             struct store_document_id document, uint32_t number,
                                             bool is_last, struct text bytes)
{
    return (struct store_document_change){.act = STORE_CHUNK,
                                          .id = id,
                                          .document = document,
                                          .number = number,
                                          .is_last = is_last,
                                          .bytes = bytes};
}

static struct store_document_change act_of(enum store_document_act act, struct vault_case_id id,
                                           struct store_document_id document)
{
    return (struct store_document_change){.act = act, .id = id, .document = document};
}

static struct text full_chunk(char c)
{
    memset(full, c, sizeof(full));
    return (struct text){full, sizeof(full)};
}

/* A document of `count` full chunks and "end", kept or not. */
static void put(struct vault_case_id id, struct store_document_id document, uint32_t count,
                bool is_kept)
{
    for (uint32_t i = 0; i < count; i++) {
        struct store_document_change change = chunk_of(id, document, i, false, full_chunk('a'));
        assert_int_equal(commit_changes(&change, 1), 0);
    }
    struct store_document_change changes[] = {chunk_of(id, document, count, true, TEXT("end")),
                                              act_of(STORE_KEEP, id, document)};
    assert_int_equal(commit_changes(changes, is_kept ? 2 : 1), 0);
}

static void open_both(struct fixture *fixture)
{
    open_case(fixture, one, "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
    open_case(fixture, other, "{\"e\":2}", "{\"s\":2}", "{\"c\":2}");
}

static int read_chunk(struct fixture *fixture, struct vault_case_id id,
                      struct store_document_id document, uint32_t number, bool is_last,
                      struct text *bytes)
{
    return store_read_chunk(store, fixture->arena, &id, &document, number, is_last, bytes);
}

static uint64_t findings(void)
{
    struct store_verify *verify = store_verify_create(store);
    int result;

    do
        result = store_verify_piece(verify, 1000);
    while (result > 0);
    assert_int_equal(result, 0);
    uint64_t count = store_verify_result(verify).finding_count_all;
    store_verify_destroy(verify);
    return count;
}

static void count_one(void *self, const struct vault_case_id *id,
                      const struct store_document_id *document)
{
    (void)document;
    assert_memory_equal(id, &one, sizeof(one));
    (*(size_t *)self)++;
}

static size_t under_way(void)
{
    size_t count = 0;

    assert_int_equal(store_each_under_way(store, count_one, &count), 0);
    return count;
}

static void what_was_kept_is_read_as_it_was_after_a_restart_too(void **state)
{
    struct fixture *fixture = *state;
    struct text bytes;

    open_both(fixture);
    put(one, scan, 2, true);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_chunk(fixture, one, scan, 0, false, &bytes), 0);
    assert_int_equal(bytes.size, STORE_CHUNK_BYTES);
    assert_memory_equal(bytes.bytes, full_chunk('a').bytes, bytes.size);
    assert_int_equal(read_chunk(fixture, one, scan, 2, true, &bytes), 0);
    assert_true(text_is(bytes, "end"));
    assert_int_equal(under_way(), 0);
    assert_int_equal(findings(), 0);
}

static void another_place_or_another_end_has_no_such_chunk(void **state)
{
    struct fixture *fixture = *state;
    struct text bytes;

    open_both(fixture);
    put(one, scan, 1, true);
    assert_int_equal(read_chunk(fixture, one, scan, 0, true, &bytes), -EBADMSG);
    assert_int_equal(read_chunk(fixture, one, scan, 1, false, &bytes), -EBADMSG);
    assert_int_equal(read_chunk(fixture, one, scan, 2, true, &bytes), -EBADMSG);
    assert_int_equal(read_chunk(fixture, one, letter, 0, false, &bytes), -EBADMSG);
    assert_int_equal(read_chunk(fixture, other, scan, 0, false, &bytes), -EBADMSG);
    assert_int_equal(store_has_last_chunk(store, &one, &scan, 1), 1);
    assert_int_equal(store_has_last_chunk(store, &one, &scan, 0), 0);
}

static void what_is_under_way_is_known_until_it_is_kept_or_dropped(void **state)
{
    struct fixture *fixture = *state;

    open_both(fixture);
    put(one, scan, 1, false);
    put(one, letter, STORE_REMOVALS_MAX, false); /* more than are removed at once */
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(under_way(), 2);
    assert_int_equal(findings(), 0);
    struct store_document_change changes[] = {act_of(STORE_KEEP, one, scan),
                                              act_of(STORE_DROP, one, letter)};
    assert_int_equal(commit_changes(changes, 2), 0);
    assert_int_equal(under_way(), 0);
    assert_int_equal(store_has_last_chunk(store, &one, &letter, STORE_REMOVALS_MAX), 0);
    assert_int_equal(store_has_last_chunk(store, &one, &scan, 1), 1);
    /* Once more is no more. */
    changes[0] = act_of(STORE_DROP, one, letter);
    assert_int_equal(commit_changes(changes, 1), 0);
    assert_int_equal(findings(), 0);
}

static void an_erased_cases_chunks_are_closed_at_once_and_go_in_shares(void **state)
{
    struct fixture *fixture = *state;
    struct text bytes;
    struct store_entry entry;

    open_both(fixture);
    put(one, scan, STORE_REMOVALS_MAX, true);
    put(other, scan, 0, true);
    entry = next_entry(nobody(), TEXT("{}"));
    struct store_batch batch = {.number = 1,
                                .entries = &entry,
                                .entry_count = 1,
                                .horizon = entry.seq,
                                .erasures = &one,
                                .erasure_count = 1,
                                .erased_seq = entry.seq};
    assert_int_equal(store_commit(store, &batch), 0);
    vault_key_forget(store_vault(store), &one);
    assert_int_equal(read_chunk(fixture, one, scan, 0, false, &bytes), -EIDRM);
    assert_int_equal(findings(), 0);
    struct store_document_change change = {.act = STORE_REMOVE, .id = one};
    assert_int_equal(store_has_documents(store, &one), 1);
    assert_int_equal(commit_changes(&change, 1), 0);
    assert_int_equal(store_has_documents(store, &one), 1);
    assert_int_equal(commit_changes(&change, 1), 0);
    assert_int_equal(store_has_documents(store, &one), 0);
    assert_int_equal(store_has_documents(store, &other), 1);
    assert_int_equal(read_chunk(fixture, other, scan, 0, true, &bytes), 0);
}

/* ---- Somebody with the data file in their hands. ---- */

static MDB_val key_of(uint8_t bytes[37], struct vault_case_id id, struct store_document_id document,
                      uint8_t number, bool is_last)
{
    memcpy(bytes, id.bytes, 16);
    memcpy(bytes + 16, document.bytes, 16);
    memset(bytes + 32, 0, 3);
    bytes[35] = number;
    bytes[36] = is_last;
    return (MDB_val){37, bytes};
}

/* `from` is taken away, and put in the place of `to` (NULL: nowhere). */
static void move_chunk(struct fixture *fixture, MDB_val from, MDB_val *to)
{
    struct text chunk = raw_get(fixture, "document", from);

    raw_remove(fixture, "document", from);
    if (to)
        raw_put(fixture, "document", *to, chunk);
    assert_int_equal(store_reopen(fixture), 0);
}

static void put_two(struct fixture *fixture)
{
    open_both(fixture);
    put(one, scan, 2, true);
    put(one, letter, 2, true);
    put(other, scan, 2, true);
    assert_int_equal(findings(), 0);
}

static void assert_moved_is_found(struct fixture *fixture, struct vault_case_id id,
                                  struct store_document_id document, uint8_t number, bool is_last)
{
    uint8_t from[37], to[37];
    MDB_val place = key_of(to, id, document, number, is_last);
    struct text bytes;

    put_two(fixture);
    move_chunk(fixture, key_of(from, one, scan, 0, false), &place);
    assert_int_equal(read_chunk(fixture, id, document, number, is_last, &bytes), -EBADMSG);
    assert_true(findings() > 0);
}

static void a_chunk_in_the_place_of_another_is_found(void **state)
{
    assert_moved_is_found(*state, one, scan, 1, false);
}

static void a_chunk_in_another_document_is_found(void **state)
{
    assert_moved_is_found(*state, one, letter, 0, false);
}

static void a_chunk_in_another_case_is_found(void **state)
{
    assert_moved_is_found(*state, other, scan, 0, false);
}

static void a_chunk_said_to_be_the_last_is_found(void **state)
{
    assert_moved_is_found(*state, one, scan, 1, true);
}

static MDB_val mark_of(uint8_t bytes[48], struct vault_case_id id,
                       struct store_document_id document)
{
    memset(bytes, 0, 16);
    memcpy(bytes + 16, id.bytes, 16);
    memcpy(bytes + 32, document.bytes, 16);
    return (MDB_val){48, bytes};
}

/* Else it would have a document that is kept removed at the next start. */
static void a_mark_in_the_place_of_another_marks_nothing(void **state)
{
    uint8_t from[48], to[48];
    MDB_val place = mark_of(to, one, letter);

    open_both(*state);
    put(one, letter, 1, true);
    put(one, scan, 1, false);
    assert_int_equal(under_way(), 1);
    move_chunk(*state, mark_of(from, one, scan), &place);
    assert_int_equal(under_way(), 0);
    assert_true(findings() > 0);
}

static void a_document_that_lost_its_end_is_found(void **state)
{
    uint8_t from[37];

    put_two(*state);
    move_chunk(*state, key_of(from, one, scan, 2, true), NULL);
    assert_true(findings() > 0);
}

static void a_document_that_lost_its_beginning_is_found(void **state)
{
    uint8_t from[37];

    put_two(*state);
    move_chunk(*state, key_of(from, one, scan, 0, false), NULL);
    assert_true(findings() > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_kept_is_read_as_it_was_after_a_restart_too),
        TEST(another_place_or_another_end_has_no_such_chunk),
        TEST(what_is_under_way_is_known_until_it_is_kept_or_dropped),
        TEST(an_erased_cases_chunks_are_closed_at_once_and_go_in_shares),
        TEST(a_chunk_in_the_place_of_another_is_found),
        TEST(a_chunk_in_another_document_is_found),
        TEST(a_chunk_in_another_case_is_found),
        TEST(a_chunk_said_to_be_the_last_is_found),
        TEST(a_mark_in_the_place_of_another_marks_nothing),
        TEST(a_document_that_lost_its_end_is_found),
        TEST(a_document_that_lost_its_beginning_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
