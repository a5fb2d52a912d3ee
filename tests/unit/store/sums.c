/* Records that are genuine, each at its place, and yet not those that the last commit left: older
 * ones, or none. */
#include "raw.h"

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

static MDB_val of_awa(void)
{
    return (MDB_val){sizeof(awa), (void *)(uintptr_t)awa.bytes};
}

static MDB_val of_hash(const uint8_t hash[VAULT_HASH_BYTES])
{
    return (MDB_val){VAULT_HASH_BYTES, (void *)(uintptr_t)hash};
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

    struct text old_case = raw_get(fixture, "case", of_awa());
    struct text old_card = raw_get(fixture, "card", of_awa());
    assert_int_equal(store_reopen(fixture), 0);
    snapshot(awa, "{\"s\":2}", "{\"c\":2}");
    raw_put(fixture, "case", of_awa(), old_case);
    raw_put(fixture, "card", of_awa(), old_card);
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

    raw_remove(fixture, "case", of_awa());
    raw_remove(fixture, "card", of_awa());
    expect_differing(fixture, true);
}

static void a_horizon_of_another_day_is_noticed(void **state)
{
    struct fixture *fixture = *state;

    struct text old_case = raw_get(fixture, "case", of_awa());
    struct text old_card = raw_get(fixture, "card", of_awa());
    struct text old = raw_get(fixture, "meta", raw_name("horizon"));
    struct text sums = raw_get(fixture, "meta", raw_name("sums"));
    assert_int_equal(store_reopen(fixture), 0);
    snapshot(awa, "{\"s\":2}", "{\"c\":2}");
    raw_put(fixture, "meta", raw_name("horizon"), old);
    expect_differing(fixture, true);
    /* Nor does it help to put back all that belongs to it: the journal has gone on. */
    raw_put(fixture, "case", of_awa(), old_case);
    raw_put(fixture, "card", of_awa(), old_card);
    raw_put(fixture, "meta", raw_name("sums"), sums);
    expect_refused(fixture, "E853");
}

/* ---- What belongs to all cases. ---- */

static void codes_that_were_put_back_are_refused(void **state)
{
    struct fixture *fixture = *state;

    struct text old = raw_get(fixture, "meta", raw_name("sealed/serials"));
    assert_int_equal(store_reopen(fixture), 0);
    set_serials("{\"SN-2026\":2}");
    raw_put(fixture, "meta", raw_name("sealed/serials"), old);
    expect_refused(fixture, "E853");
    raw_remove(fixture, "meta", raw_name("sealed/serials"));
    expect_refused(fixture, "E853");
}

static void a_definition_that_was_taken_out_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t hash[VAULT_HASH_BYTES] = {8};

    load_workflow(8);
    raw_remove(fixture, "workflow", of_hash(hash));
    expect_refused(fixture, "E853");
}

static void a_definition_that_is_damaged_is_told_as_that_and_keeps_nobody_out(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t hash[VAULT_HASH_BYTES] = {7};

    raw_flip(fixture, "workflow", of_hash(hash), 17); /* of its generation */
    assert_int_equal(store_reopen(fixture), 0);
    assert_non_null(strstr(last_line, "store.sums_unknown"));
}

static void a_store_without_sums_is_damaged(void **state)
{
    struct fixture *fixture = *state;

    raw_remove(fixture, "meta", raw_name("sums"));
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
