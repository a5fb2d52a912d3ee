/* Records that are genuine, each at its place, and yet not those that the last commit left: older
 * ones, or none. */
#include "fixture.h"

#include "base/log.h"
#include "store/state.h"
#include "store/verify.h"

static const struct vault_case_id awa = {{0xaa, 1}}, binta = {{0xbb, 2}};
static char last_line[512];

static void keep_line(void *self, enum log_level level, const char *line)
{
    (void)self;
    if (level >= LOG_WARNING)
        snprintf(last_line, sizeof(last_line), "%s", line);
}

static void snapshot(struct vault_case_id id, const char *body, const char *card)
{
    struct store_entry entry = next_entry(id, TEXT("{\"e\":2}"));
    struct store_snapshot whole = {id, entry.seq, text_from(body), text_from(card)};
    struct store_batch batch = {.number = entry.seq,
                                .entries = &entry,
                                .entry_count = 1,
                                .snapshots = &whole,
                                .snapshot_count = 1,
                                .horizon = entry.seq};

    assert_int_equal(store_commit(store, &batch), 0);
}

static void set_serials(const char *body)
{
    struct store_entry entry = next_entry(nobody(), TEXT("{\"e\":3}"));
    struct store_meta meta = {"serials", text_from(body)};
    struct store_batch batch = {.number = entry.seq,
                                .entries = &entry,
                                .entry_count = 1,
                                .metas = &meta,
                                .meta_count = 1,
                                .horizon = entry.seq};

    assert_int_equal(store_commit(store, &batch), 0);
}

static void load_workflow(uint8_t number)
{
    struct store_entry entry = next_entry(nobody(), TEXT("{\"e\":4}"));
    struct store_workflow workflow = {{number}, entry.seq, TEXT("{}")};
    struct store_batch batch = {.number = entry.seq,
                                .entries = &entry,
                                .entry_count = 1,
                                .workflows = &workflow,
                                .workflow_count = 1,
                                .horizon = entry.seq};

    assert_int_equal(store_commit(store, &batch), 0);
}

static int setup(void **state)
{
    log_set_sink(keep_line, NULL);
    last_line[0] = '\0';
    store_setup(state);
    open_case(*state, awa, "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
    open_case(*state, binta, "{\"e\":1}", "{\"s\":10}", "{\"c\":10}");
    set_serials("{\"SN-2026\":1}");
    load_workflow(7);
    return 0;
}

/* ---- Behind the store's back. ---- */

struct at {
    const char *table;
    MDB_val key;
};

struct record {
    char bytes[2048];
    size_t size;
};

/* Reads it, or replaces it; of size 0, removes it. The store is closed by it. */
static void reach(struct fixture *fixture, struct at at, struct record *read_out,
                  const struct record *written)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi handle;
    MDB_val value;

    store_close(store);
    store = NULL;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_set_mapsize(env, (size_t)64 << 20), 0);
    assert_int_equal(mdb_env_open(env, fixture->path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, at.table, 0, &handle), 0);
    if (read_out) {
        assert_int_equal(mdb_get(txn, handle, &at.key, &value), 0);
        assert_true(value.mv_size <= sizeof(read_out->bytes));
        memcpy(read_out->bytes, value.mv_data, value.mv_size);
        read_out->size = value.mv_size;
    } else if (written->size > 0) {
        value = (MDB_val){written->size, (void *)(uintptr_t)written->bytes};
        assert_int_equal(mdb_put(txn, handle, &at.key, &value, 0), 0);
    } else {
        assert_int_equal(mdb_del(txn, handle, &at.key, NULL), 0);
    }
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static struct at of_awa(const char *table)
{
    return (struct at){table, {sizeof(awa), (void *)(uintptr_t)awa.bytes}};
}

static struct at named(const char *name)
{
    return (struct at){"meta", {strlen(name), (void *)(uintptr_t)name}};
}

static void expect_differing(struct fixture *fixture, bool differs)
{
    last_line[0] = '\0';
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(strstr(last_line, "store.cases_differ") != NULL, differs);
    if (differs)
        assert_int_equal(store_horizon(store), 0);
}

static void expect_refused(struct fixture *fixture, const char *code)
{
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, code);
}

/* ---- Cases. ---- */

static void what_every_commit_leaves_is_found_again(void **state)
{
    struct fixture *fixture = *state;
    struct store_entry entry = next_entry(nobody(), TEXT("{\"e\":5}"));
    struct store_batch erasing = {.number = 99,
                                  .entries = &entry,
                                  .entry_count = 1,
                                  .erasures = &awa,
                                  .erasure_count = 1,
                                  .erased_seq = entry.seq,
                                  .begins_epoch = true};

    expect_differing(fixture, false);
    snapshot(awa, "{\"s\":2}", "{\"c\":2}");
    expect_differing(fixture, false);
    add_entry(binta, "{\"e\":6}");
    set_serials("{\"SN-2026\":2}");
    load_workflow(8);
    expect_differing(fixture, false);
    entry.seq = store_last_seq(store) + 1;
    erasing.horizon = store_horizon(store);
    assert_int_equal(store_commit(store, &erasing), 0);
    expect_differing(fixture, false);
    while (store_rotation(store).is_pending) {
        struct store_batch rewrapping = {
            .number = 100, .horizon = store_horizon(store), .rewrap_count_max = 1};
        assert_int_equal(store_commit(store, &rewrapping), 0);
    }
    expect_differing(fixture, false);
}

static void a_case_that_was_put_back_is_noticed_until_it_is_right_again(void **state)
{
    struct fixture *fixture = *state;
    struct record old_case, old_card;

    reach(fixture, of_awa("case"), &old_case, NULL);
    reach(fixture, of_awa("card"), &old_card, NULL);
    assert_int_equal(store_reopen(fixture), 0);
    snapshot(awa, "{\"s\":2}", "{\"c\":2}");
    reach(fixture, of_awa("case"), NULL, &old_case);
    reach(fixture, of_awa("card"), NULL, &old_card);
    for (int i = 0; i < 2; i++)
        expect_differing(fixture, true);
    struct store_verify *verify = store_verify_create(store);
    while (store_verify_piece(verify, 100) > 0)
        ;
    struct store_verified verified = store_verify_result(verify);
    assert_true(verified.finding_count > 0);
    assert_string_equal(verified.findings[0].table, "case");
    assert_true(text_is(verified.findings[0].key, "snapshots"));
    store_verify_destroy(verify);
    /* Others are written meanwhile; the horizon says that not all is made anew yet. */
    struct store_entry entry = next_entry(binta, TEXT("{\"e\":7}"));
    struct store_batch batch = {.number = 50, .entries = &entry, .entry_count = 1};
    assert_int_equal(store_commit(store, &batch), 0);
    expect_differing(fixture, false);
    assert_int_equal(store_horizon(store), 0);
    snapshot(awa, "{\"s\":3}", "{\"c\":3}");
    expect_differing(fixture, false);
    assert_int_equal(store_horizon(store), store_last_seq(store));
}

static void a_case_that_was_taken_out_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    static const struct record nothing;

    reach(fixture, of_awa("case"), NULL, &nothing);
    reach(fixture, of_awa("card"), NULL, &nothing);
    expect_differing(fixture, true);
}

static void a_horizon_of_another_day_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    struct record old, sums, old_case, old_card;

    reach(fixture, of_awa("case"), &old_case, NULL);
    reach(fixture, of_awa("card"), &old_card, NULL);
    reach(fixture, named("horizon"), &old, NULL);
    reach(fixture, named("sums"), &sums, NULL);
    assert_int_equal(store_reopen(fixture), 0);
    snapshot(awa, "{\"s\":2}", "{\"c\":2}");
    reach(fixture, named("horizon"), NULL, &old);
    expect_differing(fixture, true);
    /* Nor does it help to put back all that belongs to it: the journal has gone on. */
    reach(fixture, of_awa("case"), NULL, &old_case);
    reach(fixture, of_awa("card"), NULL, &old_card);
    reach(fixture, named("sums"), NULL, &sums);
    expect_refused(fixture, "E853");
}

/* ---- What belongs to all cases. ---- */

static void codes_that_were_put_back_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct record old;

    reach(fixture, named("sealed/serials"), &old, NULL);
    assert_int_equal(store_reopen(fixture), 0);
    set_serials("{\"SN-2026\":2}");
    reach(fixture, named("sealed/serials"), NULL, &old);
    expect_refused(fixture, "E853");
    old.size = 0;
    reach(fixture, named("sealed/serials"), NULL, &old);
    expect_refused(fixture, "E853");
}

static void a_definition_that_was_taken_out_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t hash[VAULT_HASH_BYTES] = {8};
    static const struct record nothing;
    struct at at = {"workflow", {sizeof(hash), (void *)(uintptr_t)hash}};

    load_workflow(8);
    reach(fixture, at, NULL, &nothing);
    expect_refused(fixture, "E853");
}

static void a_definition_that_is_damaged_is_told_as_that_and_keeps_nobody_out(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t hash[VAULT_HASH_BYTES] = {7};
    struct at at = {"workflow", {sizeof(hash), (void *)(uintptr_t)hash}};
    struct record damaged;

    reach(fixture, at, &damaged, NULL);
    damaged.bytes[17] ^= 1; /* of its generation */
    reach(fixture, at, NULL, &damaged);
    assert_int_equal(store_reopen(fixture), 0);
    assert_non_null(strstr(last_line, "store.sums_unknown"));
}

static void a_store_without_sums_is_damaged(void **state)
{
    struct fixture *fixture = *state;
    static const struct record nothing;

    reach(fixture, named("sums"), NULL, &nothing);
    expect_refused(fixture, "E816");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_every_commit_leaves_is_found_again),
        TEST(a_case_that_was_put_back_is_noticed_until_it_is_right_again),
        TEST(a_case_that_was_taken_out_is_noticed),
        TEST(a_horizon_of_another_day_is_noticed),
        TEST(codes_that_were_put_back_are_refused),
        TEST(a_definition_that_was_taken_out_is_refused),
        TEST(a_definition_that_is_damaged_is_told_as_that_and_keeps_nobody_out),
        TEST(a_store_without_sums_is_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
