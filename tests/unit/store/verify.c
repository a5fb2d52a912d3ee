/* The check of a whole store: nothing is found where nothing is wrong, and each kind of wrong is
 * found in its table, once, while everything else is looked at all the same. And what an erased
 * case leaves. */
#include "findings.h"

#include "base/log.h"
#include "store/audit.h"
#include "store/verify.h"

enum { ENTRIES = 300 };

static const struct vault_case_id awa = {{0xaa, 1}}, binta = {{0xbb, 2}};
static const char does_not_open[] = "does not open: it was changed or moved";

static void commit(struct store_batch batch)
{
    batch.number = 1;
    if (batch.horizon == 0)
        batch.horizon = store_horizon(store);
    assert_int_equal(store_commit(store, &batch), 0);
}

/* A store with every kind of record, a full tile and two checkpoints. */
static int setup(void **state)
{
    static const char rendered[] = "{\"id\":\"w\"}";
    int result = store_setup(state);
    struct store_workflow workflow = {.rendered = text_from(rendered)};
    struct store_meta serials = {"serials", TEXT("{}")};

    open_case(*state, awa, "{}", "{\"a\":1}", "{\"b\":1}");
    open_case(*state, binta, "{}", "{\"a\":2}", "{\"b\":2}");
    vault_hash(rendered, sizeof(rendered) - 1, workflow.hash);
    workflow.seq = 1;
    commit((struct store_batch){.workflows = &workflow,
                                .workflow_count = 1,
                                .metas = &serials,
                                .meta_count = 1,
                                .is_checkpoint = true});
    while (store_last_seq(store) < ENTRIES)
        add_entry(awa, "{\"n\":1}");
    commit((struct store_batch){.is_checkpoint = true});
    return result;
}

/* ---- Checking. ---- */

static struct store_verified check(struct fixture *fixture, struct text against, int *taken_out)
{
    struct store_verify *verify = store_verify_create(store);
    int result;

    *taken_out = text_is_empty(against) ? 0 : store_verify_against(verify, against);
    do {
        result = store_verify_piece(verify, 7);
        assert_true(result >= 0);
    } while (result > 0);
    return verify_end(fixture, verify);
}

static struct store_verified look(struct fixture *fixture)
{
    int taken;

    return check(fixture, TEXT_NONE, &taken);
}

/* ---- Changing what is stored, the store being closed. ---- */

struct spot {
    const char *table;
    MDB_val key; /* size 0: the first */
};

static MDB_cursor *find(MDB_txn *txn, const struct spot *place, MDB_val *key, MDB_val *value)
{
    MDB_dbi handle;
    MDB_cursor *cursor;

    assert_int_equal(mdb_dbi_open(txn, place->table, 0, &handle), 0);
    assert_int_equal(mdb_cursor_open(txn, handle, &cursor), 0);
    *key = place->key;
    assert_int_equal(
        mdb_cursor_get(cursor, key, value, place->key.mv_size > 0 ? MDB_SET_KEY : MDB_FIRST), 0);
    return cursor;
}

/* Flips a bit `from_end` bytes from its end; -1: takes it away. Then the store is opened again. */
static void change(struct fixture *fixture, struct spot place, int from_end)
{
    char copy[65536];
    MDB_env *env;
    MDB_txn *txn;
    MDB_val key, value;

    store_close(store);
    store = NULL;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_open(env, fixture->path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    MDB_cursor *cursor = find(txn, &place, &key, &value);
    if (from_end < 0) {
        assert_int_equal(mdb_cursor_del(cursor, 0), 0);
    } else {
        assert_true(value.mv_size < sizeof(copy) && (size_t)from_end < value.mv_size);
        memcpy(copy, value.mv_data, value.mv_size);
        copy[value.mv_size - 1 - (size_t)from_end] ^= 1;
        value.mv_data = copy;
        assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
    }
    mdb_cursor_close(cursor);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    assert_int_equal(store_reopen(fixture), 0);
}

static MDB_val of_seq(uint64_t *seq)
{
    return (MDB_val){sizeof(*seq), seq};
}

static MDB_val of_case(struct vault_case_id *id)
{
    return (MDB_val){sizeof(id->bytes), id->bytes};
}

static void check_found(struct fixture *fixture, const char *table, uint64_t seq, const char *what)
{
    struct store_verified verified = look(fixture);
    bool is_found = false;

    for (size_t i = 0; i < verified.finding_count; i++)
        is_found |= strcmp(verified.findings[i].table, table) == 0 &&
                    verified.findings[i].seq == seq && strcmp(verified.findings[i].what, what) == 0;
    assert_true(is_found);
    assert_int_equal(verified.entry_count, ENTRIES);
}

/* ---- The tests. ---- */

static void a_whole_store_has_nothing_to_be_found(void **state)
{
    struct store_verified verified = look(*state);

    assert_int_equal(verified.finding_count_all, 0);
    assert_int_equal(verified.entry_count, ENTRIES);
    assert_int_equal(verified.checkpoint_count, 2);
    assert_true(verified.record_count >= 8); /* keys, snapshots, cards, definition, metas */
    assert_int_equal(verified.done, verified.total);
}

static void an_entry_that_was_changed_or_taken_away_is_found_and_its_leaf(void **state)
{
    uint64_t seq = 5;

    change(*state, (struct spot){"journal", of_seq(&seq)}, 0);
    check_found(*state, "journal", 5, does_not_open);
    check_found(*state, "tree", 5, "has another leaf for this entry than the journal");
    check_found(*state, "checkpoint", ENTRIES,
                "is of another history: entries before it were changed");
    change(*state, (struct spot){"journal", of_seq(&seq)}, -1);
    check_found(*state, "journal", 5, "is missing");
}

static void a_tile_that_was_changed_or_taken_away_is_found(void **state)
{
    change(*state, (struct spot){"tree", {0, NULL}}, 0);
    check_found(*state, "tree", 256, "has another leaf for this entry than the journal");
    change(*state, (struct spot){"tree", {0, NULL}}, -1);
    check_found(*state, "tree", 0, "is missing, or of another size");
    check_found(*state, "tree", 0, "has more or fewer tiles than the journal makes");
}

static void a_checkpoint_that_was_changed_is_found(void **state)
{
    change(*state, (struct spot){"checkpoint", {0, NULL}}, 10);
    check_found(*state, "checkpoint", 2, "is not signed by this store");
}

static void each_other_record_that_was_changed_is_found(void **state)
{
    static const struct {
        const char *table, *what;
    } rows[] = {
        {"key", "cannot be unwrapped: it was changed or moved"},
        {"case", "does not open, or is not of its card's generation"},
        {"card", does_not_open},
        {"workflow", does_not_open},
    };
    struct fixture *fixture = *state;
    struct vault_case_id id = awa;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_of_case = strcmp(rows[i].table, "workflow") != 0;
        struct spot spot = {rows[i].table, is_of_case ? of_case(&id) : (MDB_val){0, NULL}};
        change(fixture, spot, 0);
        check_found(fixture, rows[i].table, 0, rows[i].what);
        change(fixture, spot, 0); /* as it was */
        assert_int_equal(look(fixture).finding_count_all, 0);
    }
}

static void a_named_record_that_was_changed_is_found_by_its_name(void **state)
{
    struct fixture *fixture = *state;
    MDB_val serials = {14, (void *)(uintptr_t) "sealed/serials"};

    change(fixture, (struct spot){"meta", serials}, 0);
    struct store_verified verified = look(fixture);
    assert_int_equal(verified.finding_count_all, 1);
    assert_true(text_is(verified.findings[0].key, "sealed/serials"));
    assert_string_equal(verified.findings[0].table, "meta");
}

static void a_card_without_its_snapshot_is_found(void **state)
{
    struct vault_case_id id = awa;

    change(*state, (struct spot){"case", of_case(&id)}, -1);
    check_found(*state, "card", 0, "has no snapshot");
}

static void a_checkpoint_that_somebody_kept_must_be_of_this_history(void **state)
{
    struct fixture *fixture = *state;
    struct text kept;
    uint64_t size, seq = 5;
    int taken;

    assert_int_equal(store_newest_checkpoint(store, fixture->arena, &size, &kept), 0);
    assert_int_equal(check(fixture, kept, &taken).finding_count_all, 0);
    assert_int_equal(taken, 0);
    check(fixture, TEXT("no note at all"), &taken);
    assert_int_equal(taken, -EINVAL);
    char *forged = arena_copy(fixture->arena, kept.bytes, kept.size);
    forged[kept.size - 10] ^= 1;
    check(fixture, (struct text){forged, kept.size}, &taken);
    assert_int_equal(taken, -EINVAL);
    change(fixture, (struct spot){"journal", of_seq(&seq)}, 0);
    struct store_verified verified = check(fixture, kept, &taken);
    bool is_told = false;
    for (size_t i = 0; i < verified.finding_count; i++)
        is_told |= strcmp(verified.findings[i].table, "against") == 0;
    assert_true(is_told);
}

/* ---- Erased cases. ---- */

static void erase(const struct vault_case_id *id)
{
    struct store_entry told = next_entry(nobody(), TEXT("{\"kind\":\"case.erased\"}"));

    commit((struct store_batch){.entries = &told,
                                .entry_count = 1,
                                .erasures = id,
                                .erasure_count = 1,
                                .erased_seq = told.seq,
                                .begins_epoch = true});
}

static void an_erased_case_leaves_a_stone_and_a_store_that_is_whole(void **state)
{
    struct fixture *fixture = *state;
    struct store_read_entry entry;
    struct text body;
    uint64_t seq;

    erase(&awa);
    vault_key_forget(store_vault(store), &awa); /* as the wheel does, once it is durable */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_has_case(store, &awa), -EIDRM);
        assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), -EIDRM);
        assert_int_equal(store_has_case(store, &binta), 1);
        assert_int_equal(store_load_case(store, fixture->arena, &binta, &seq, &body), 0);
        assert_int_equal(look(fixture).finding_count_all, 0);
        assert_int_equal(store_reopen(fixture), 0);
    }
    assert_true(store_read_one(store, fixture->arena, 1, &entry) < 0 || entry.is_erased);
}

static void a_case_that_never_had_a_snapshot_is_erased_as_well(void **state)
{
    static const struct vault_case_id new = {{0xcc, 3}};
    struct fixture *fixture = *state;
    struct store_key key = new_key(fixture, new);
    struct store_entry first = next_entry(new, TEXT("{}"));

    commit((struct store_batch){.entries = &first, .entry_count = 1, .keys = &key, .key_count = 1});
    erase(&new);
    assert_int_equal(store_has_case(store, &new), -EIDRM);
    assert_int_equal(look(fixture).finding_count_all, 0);
}

static void a_stone_that_was_changed_is_damage_and_no_erasure(void **state)
{
    struct fixture *fixture = *state;
    struct vault_case_id id = awa;
    struct text body;
    uint64_t seq;

    erase(&awa);
    change(fixture, (struct spot){"key", of_case(&id)}, 0);
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), -EBADMSG);
    struct store_verified verified = look(fixture);
    bool is_told = false;
    for (size_t i = 0; i < verified.finding_count; i++)
        is_told |= strcmp(verified.findings[i].table, "key") == 0;
    assert_true(is_told);
}

static void erase_with_a_seq_that_is_not_there(void)
{
    struct store_batch batch = {.number = 1,
                                .erasures = &awa,
                                .erasure_count = 1,
                                .erased_seq = store_last_seq(store) + 1,
                                .horizon = store_horizon(store)};

    (void)store_commit(store, &batch);
}

static void an_erasure_needs_the_entry_that_tells_of_it(void **state)
{
    (void)state;
    assert_true(ends_process(erase_with_a_seq_that_is_not_there));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_store_has_nothing_to_be_found),
        TEST(an_entry_that_was_changed_or_taken_away_is_found_and_its_leaf),
        TEST(a_tile_that_was_changed_or_taken_away_is_found),
        TEST(a_checkpoint_that_was_changed_is_found),
        TEST(each_other_record_that_was_changed_is_found),
        TEST(a_named_record_that_was_changed_is_found_by_its_name),
        TEST(a_card_without_its_snapshot_is_found),
        TEST(a_checkpoint_that_somebody_kept_must_be_of_this_history),
        TEST(an_erased_case_leaves_a_stone_and_a_store_that_is_whole),
        TEST(a_case_that_never_had_a_snapshot_is_erased_as_well),
        TEST(a_stone_that_was_changed_is_damage_and_no_erasure),
        TEST(an_erasure_needs_the_entry_that_tells_of_it),
    };

    log_set_level(LOG_ERROR + 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
