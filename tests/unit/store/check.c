/* What a check of a whole store says of records that no bit alone can have made. */
#include "findings.h"
#include "raw.h"

#include "base/log.h"
#include "store/audit.h"
#include "store/check/check.h"
#include "store/verify.h"

static const struct vault_case_id awa = {{0xaa, 1}};

static int setup(void **state)
{
    int result = store_setup(state);

    open_case(*state, awa, "{}", "{\"a\":1}", "{\"b\":1}");
    return result;
}

/* The whole check; the findings live in the fixture's arena. */
static struct store_verified check(struct fixture *fixture)
{
    struct store_verify *verify = store_verify_create(store);
    int result;

    do {
        result = store_verify_piece(verify, 1000);
        assert_true(result >= 0);
    } while (result > 0);
    assert_int_equal(store_verify_piece(verify, 1000), 0); /* it stays over */
    return verify_end(fixture, verify);
}

static bool is_found(const struct store_verified *verified, const char *table, const char *what)
{
    for (size_t i = 0; i < verified->finding_count; i++)
        if (strcmp(verified->findings[i].table, table) == 0 &&
            strcmp(verified->findings[i].what, what) == 0)
            return true;
    return false;
}

static void records_with_keys_of_another_size_are_found(void **state)
{
    static const struct {
        const char *table, *what;
    } rows[] = {
        {"key", "cannot be unwrapped: it was changed or moved"},
        {"case", "does not open, or is not of its card's generation"},
        {"card", "does not open: it was changed or moved"},
        {"workflow", "does not open: it was changed or moved"},
        {"document", "has a key of another size"},
        {"meta", "does not open: it was changed or moved"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        raw_put(fixture, rows[i].table, raw_name("short"), TEXT("something"));
        assert_int_equal(store_reopen(fixture), 0);
        struct store_verified verified = check(fixture);
        assert_true(is_found(&verified, rows[i].table, rows[i].what));
        for (size_t k = 0; k < verified.finding_count; k++) /* beside that the sums differ */
            assert_true(text_is(verified.findings[k].key, "short") ||
                        text_is(verified.findings[k].key, "snapshots"));
        raw_remove(fixture, rows[i].table, raw_name("short"));
    }
    assert_int_equal(store_reopen(fixture), 0);
}

/* Signed all of them, and yet more than the store would have left. */
static void more_checkpoints_than_are_ever_kept_are_found(void **state)
{
    struct fixture *fixture = *state;
    struct text notes[CHECK_NOTES_MAX + 2 - CHECKPOINTS_KEPT];
    size_t more = sizeof(notes) / sizeof(notes[0]);
    uint64_t sizes[sizeof(notes) / sizeof(notes[0])];

    for (size_t i = 0; i < more; i++) {
        add_entries(awa, 1, true);
        assert_int_equal(store_newest_checkpoint(store, fixture->arena, &sizes[i], &notes[i]), 0);
    }
    for (size_t i = 0; i < CHECKPOINTS_KEPT; i++)
        add_entries(awa, 1, true);
    assert_int_equal(check(fixture).finding_count_all, 0);
    for (size_t i = 0; i < more; i++)
        raw_put(fixture, "checkpoint", raw_seq(&sizes[i]), notes[i]);
    assert_int_equal(store_reopen(fixture), 0);
    struct store_verified verified = check(fixture);
    assert_int_equal(verified.finding_count_all, 2);
    assert_true(is_found(&verified, "checkpoint", "is one more than are ever kept"));
}

/* Beyond 65,536 entries a tile stands over the others. */
static void a_tile_that_differs_from_those_below_it_is_found(void **state)
{
    struct fixture *fixture = *state;
    uint8_t key[9] = {1};

    add_entries(awa, MERKLE_TILE_WIDTH * MERKLE_TILE_WIDTH, true);
    assert_int_equal(check(fixture).finding_count_all, 0);
    raw_flip(fixture, "tree", (MDB_val){sizeof(key), key}, 40);
    assert_int_equal(store_reopen(fixture), 0);
    struct store_verified verified = check(fixture);
    assert_int_equal(verified.finding_count_all, 1);
    assert_true(is_found(&verified, "tree", "differs from the level below it"));
    assert_true(text_is(verified.findings[0].key, "1/0"));
}

/* A thousand findings are kept, and all are counted. */
static void more_findings_than_are_kept_are_counted(void **state)
{
    struct fixture *fixture = *state;
    MDB_cursor *cursor;
    MDB_dbi handle;
    MDB_val key, value;
    char copy[512];

    add_entries(awa, 1100, false);
    MDB_txn *txn = raw_begin(fixture, "journal", &handle);
    assert_int_equal(mdb_cursor_open(txn, handle, &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        assert_true(value.mv_size < sizeof(copy));
        memcpy(copy, value.mv_data, value.mv_size);
        copy[value.mv_size - 1] ^= 1;
        value.mv_data = copy;
        assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
    }
    mdb_cursor_close(cursor);
    raw_end(txn);
    assert_int_equal(store_reopen(fixture), 0);
    struct store_verified verified = check(fixture);
    assert_int_equal(verified.finding_count, STORE_FINDINGS_MAX);
    assert_true(verified.finding_count_all >= 1101);
}

static void no_check_at_all_may_be_destroyed(void **state)
{
    (void)state;
    store_verify_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)
        TEST(records_with_keys_of_another_size_are_found),
        TEST(more_checkpoints_than_are_ever_kept_are_found),
        TEST(a_tile_that_differs_from_those_below_it_is_found),
        TEST(more_findings_than_are_kept_are_counted),
        TEST(no_check_at_all_may_be_destroyed),
    };

    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
