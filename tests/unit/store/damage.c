/* Damage is reported and never shown as if whole: every kind of record, every byte of it, records
 * that were put elsewhere, taken away, or put back to an older state. */
#include "fixture.h"

#include <signal.h>

static const struct vault_case_id awa = {{0xaa, 1}}, binta = {{0xbb, 2}};
static const uint8_t workflow_hash[VAULT_HASH_BYTES] = {7};

/* One record in one table, and the reading that must notice. */
struct victim {
    const char *table;
    const void *key;
    size_t key_size;
    /* 0: it was shown as whole; else what the store said. */
    int (*read)(struct fixture *fixture);
};

static int read_first_entry(struct fixture *fixture)
{
    struct store_read_entry entry;

    return store_read_one(store, fixture->arena, 1, &entry);
}

static int read_case(struct fixture *fixture)
{
    struct text body;
    uint64_t seq;

    vault_key_forget(store_vault(store), &awa);
    return store_load_case(store, fixture->arena, &awa, &seq, &body);
}

/* What an iteration with reported damage said of the last one it showed. */
struct shown {
    size_t count, empty_count;
};

static bool show_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    struct shown *shown = self;

    (void)id;
    shown->count++;
    shown->empty_count += text_is_empty(body);
    assert_int_equal(text_is_empty(body), seq == 0);
    return true;
}

static bool show_workflow(void *self, const struct store_workflow *workflow)
{
    struct shown *shown = self;

    shown->count++;
    shown->empty_count += text_is_empty(workflow->rendered);
    return true;
}

static int read_cards(struct fixture *fixture)
{
    struct shown shown = {0, 0};
    int result = store_each_card(store, show_card, &shown);

    (void)fixture;
    assert_true(result < 0 || shown.count == 1);
    return result < 0 ? result : shown.empty_count > 0 ? -EBADMSG : 0;
}

static int read_workflows(struct fixture *fixture)
{
    struct shown shown = {0, 0};
    int result = store_each_workflow(store, show_workflow, &shown);

    (void)fixture;
    assert_true(result < 0 || shown.count == 1);
    return result < 0 ? result : shown.empty_count > 0 ? -EBADMSG : 0;
}

static int read_serials(struct fixture *fixture)
{
    struct text body;

    return store_read_meta(store, fixture->arena, "serials", &body);
}

static int read_opening(struct fixture *fixture)
{
    int result = store_reopen(fixture);

    fixture_forget_diags(fixture);
    return result;
}

static const uint64_t first_seq = 1;
static const struct victim victims[] = {
    {"journal", &first_seq, 8, read_first_entry},
    {"case", &awa, 16, read_case},
    {"card", &awa, 16, read_cards},
    {"key", &awa, 16, read_case},
    {"workflow", workflow_hash, 32, read_workflows},
    {"meta", "sealed/serials", 14, read_serials},
    {"meta", "format", 6, read_opening},
    {"meta", "store", 5, read_opening},
    {"meta", "demo", 4, read_opening},
    {"meta", "horizon", 7, read_opening},
    {"key", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, read_opening},
};
enum { VICTIM_COUNT = sizeof(victims) / sizeof(victims[0]) };

static int setup(void **state)
{
    struct store_workflow workflow = {{7}, 1, TEXT("{}")};
    struct store_meta meta = {"serials", TEXT("{\"SN\":1}")};
    struct store_batch batch = {.number = 2,
                                .workflows = &workflow,
                                .workflow_count = 1,
                                .metas = &meta,
                                .meta_count = 1,
                                .horizon = 1};

    store_setup(state);
    open_case(*state, awa, "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
    return store_commit(store, &batch);
}

/* The tables behind the store's back: it is closed meanwhile. */
struct raw {
    MDB_env *env;
    MDB_txn *txn;
};

static struct raw raw_begin(struct fixture *fixture)
{
    struct raw raw;

    store_close(store);
    store = NULL;
    assert_int_equal(mdb_env_create(&raw.env), 0);
    assert_int_equal(mdb_env_set_maxdbs(raw.env, 16), 0);
    assert_int_equal(mdb_env_set_mapsize(raw.env, (size_t)64 << 20), 0);
    assert_int_equal(mdb_env_open(raw.env, fixture->path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(raw.env, NULL, 0, &raw.txn), 0);
    return raw;
}

static void raw_end(struct raw raw)
{
    assert_int_equal(mdb_txn_commit(raw.txn), 0);
    mdb_env_close(raw.env);
}

static MDB_dbi raw_table(struct raw raw, const char *name)
{
    MDB_dbi table;

    assert_int_equal(mdb_dbi_open(raw.txn, name, 0, &table), 0);
    return table;
}

static MDB_val raw_key(const void *bytes, size_t size)
{
    return (MDB_val){size, (void *)(uintptr_t)bytes};
}

static struct text raw_get(struct fixture *fixture, const struct victim *victim)
{
    struct raw raw = raw_begin(fixture);
    MDB_val key = raw_key(victim->key, victim->key_size), value;
    struct text copy;

    assert_int_equal(mdb_get(raw.txn, raw_table(raw, victim->table), &key, &value), 0);
    copy = text_copy(fixture->arena, (struct text){value.mv_data, value.mv_size});
    raw_end(raw);
    return copy;
}

static void raw_put(struct fixture *fixture, const char *table, const void *key_bytes,
                    size_t key_size, struct text bytes)
{
    struct raw raw = raw_begin(fixture);
    MDB_val key = raw_key(key_bytes, key_size), value = raw_key(bytes.bytes, bytes.size);

    assert_int_equal(mdb_put(raw.txn, raw_table(raw, table), &key, &value, 0), 0);
    raw_end(raw);
}

static void raw_delete(struct fixture *fixture, const char *table, const void *key_bytes,
                       size_t key_size)
{
    struct raw raw = raw_begin(fixture);
    MDB_val key = raw_key(key_bytes, key_size);

    assert_int_equal(mdb_del(raw.txn, raw_table(raw, table), &key, NULL), 0);
    raw_end(raw);
}

/* Whether the damage is reported: at the opening or at the reading, and always as damage. */
static int reads(struct fixture *fixture, const struct victim *victim)
{
    int result = store_reopen(fixture);

    fixture_forget_diags(fixture);
    return result < 0 ? result : victim->read(fixture);
}

static void whole_records_are_shown(void **state)
{
    for (size_t i = 0; i < VICTIM_COUNT; i++)
        assert_int_equal(victims[i].read(*state), 0);
}

static void flipped_byte_of_any_record_is_reported(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < VICTIM_COUNT; i++) {
        const struct victim *victim = &victims[i];
        struct text good = raw_get(fixture, victim);
        char *bytes = arena_copy(fixture->arena, good.bytes, good.size);

        for (size_t at = 0; at < good.size; at++) {
            bytes[at] ^= 0x20;
            raw_put(fixture, victim->table, victim->key, victim->key_size,
                    (struct text){bytes, good.size});
            assert_int_equal(reads(fixture, victim), -EBADMSG);
            bytes[at] ^= 0x20;
        }
        raw_put(fixture, victim->table, victim->key, victim->key_size, good);
        assert_int_equal(reads(fixture, victim), 0);
    }
}

static void cut_record_is_reported(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < VICTIM_COUNT; i++) {
        const struct victim *victim = &victims[i];
        struct text good = raw_get(fixture, victim);
        const size_t sizes[] = {0, 1, 40, good.size - 1};

        for (size_t j = 0; j < 4; j++) {
            raw_put(fixture, victim->table, victim->key, victim->key_size,
                    (struct text){good.bytes, sizes[j] < good.size ? sizes[j] : 0});
            assert_int_equal(reads(fixture, victim), -EBADMSG);
        }
        raw_put(fixture, victim->table, victim->key, victim->key_size, good);
    }
}

static void record_under_another_key_or_in_another_table_is_reported(void **state)
{
    struct fixture *fixture = *state;
    const struct victim *entry = &victims[0], *snapshot = &victims[1];
    const uint64_t second = 2;
    struct store_read_entry read;
    struct text body;
    uint64_t seq;

    open_case(fixture, binta, "{\"e\":2}", "{\"s\":2}", "{\"c\":2}");
    raw_put(fixture, "journal", &second, 8, raw_get(fixture, entry));
    raw_put(fixture, "case", &binta, 16, raw_get(fixture, snapshot));
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_read_one(store, fixture->arena, 2, &read), -EBADMSG);
    assert_int_equal(store_load_case(store, fixture->arena, &binta, &seq, &body), -EBADMSG);
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), 0);

    raw_put(fixture, "case", &awa, 16, raw_get(fixture, entry));
    assert_int_equal(reads(fixture, snapshot), -EBADMSG);
    raw_put(fixture, "card", &awa, 16, raw_get(fixture, entry));
    assert_int_equal(store_reopen(fixture), 0);
    raw_put(fixture, "key", &awa, 16,
            raw_get(fixture, &(struct victim){"key", &binta, 16, read_case}));
    assert_int_equal(reads(fixture, snapshot), -EBADMSG);
}

static bool go_on(void *self, const struct store_read_entry *entry)
{
    ++*(size_t *)self;
    (void)entry;
    return true;
}

static void missing_entry_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct store_read_entry entry;
    const uint64_t second = 2;
    size_t count = 0;
    uint64_t bad;

    add_entry(awa, "{}");
    add_entry(awa, "{}");
    raw_delete(fixture, "journal", &second, 8);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_read_one(store, fixture->arena, 2, &entry), -EBADMSG);
    for (uint64_t from = 1; from <= 2; from++) {
        bad = 0;
        assert_int_equal(store_read(store, from, 10, go_on, &count, &bad), -EBADMSG);
        assert_int_equal(bad, 2);
    }
}

/* Else the seqs between would all be missing, and the next entry be far away. */
static void last_entry_whose_seq_is_damaged_is_not_believed(void **state)
{
    static const uint64_t places[] = {2 | (uint64_t)1 << 40, 1 << 3, 6};
    struct fixture *fixture = *state;
    const uint64_t second = 2;
    const struct victim victim = {"journal", &second, 8, NULL};

    add_entry(awa, "{}");
    struct text sealed = raw_get(fixture, &victim);
    raw_delete(fixture, "journal", &second, 8);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        raw_put(fixture, "journal", &places[i], 8, sealed);
        assert_int_equal(store_reopen(fixture), -EBADMSG);
        fixture_expect_diag(fixture, "E816");
        raw_delete(fixture, "journal", &places[i], 8);
    }
    raw_put(fixture, "journal", &second, 8, sealed);
    assert_int_equal(store_reopen(fixture), 0);
}

/* A name that is not found was never written, or is another now: serials would begin anew. */
static void named_body_under_a_damaged_name_is_not_simply_missing(void **state)
{
    struct fixture *fixture = *state;
    const struct victim victim = {"meta", "sealed/serials", 14, NULL};
    struct text sealed = raw_get(fixture, &victim), body;

    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_read_meta(store, fixture->arena, "clock", &body), -ENOENT);
    raw_delete(fixture, "meta", "sealed/serials", 14);
    raw_put(fixture, "meta", "sealed/serialc", 14, sealed);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_serials(fixture), -EBADMSG);
    raw_delete(fixture, "meta", "sealed/serialc", 14);
    raw_put(fixture, "meta", "hori", 4, TEXT("x"));
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_serials(fixture), -EBADMSG);
}

static void damaged_entry_is_named_and_those_before_it_are_shown(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t second = 2;
    const struct victim victim = {"journal", &second, 8, NULL};
    struct text sealed;
    size_t count = 0;
    uint64_t bad;
    char *bytes;

    add_entry(awa, "{}");
    add_entry(awa, "{}");
    sealed = raw_get(fixture, &victim);
    bytes = arena_copy(fixture->arena, sealed.bytes, sealed.size);
    bytes[100] ^= 1;
    raw_put(fixture, "journal", &second, 8, (struct text){bytes, sealed.size});
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_read(store, 1, 10, go_on, &count, &bad), -EBADMSG);
    assert_int_equal(count, 1);
    assert_int_equal(bad, 2);
    assert_int_equal(store_read(store, 3, 10, go_on, &count, &bad), 1);
}

static void snapshot_or_card_put_back_to_an_older_state_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct text old_case = raw_get(fixture, &victims[1]), old_card = raw_get(fixture, &victims[2]);
    struct text new_case;
    struct store_snapshot snapshot = {awa, 2, TEXT("{\"s\":2}"), TEXT("{\"c\":2}")};
    struct store_batch batch = {
        .number = 3, .snapshots = &snapshot, .snapshot_count = 1, .horizon = 1};

    assert_int_equal(store_reopen(fixture), 0);
    add_entry(awa, "{}");
    assert_int_equal(store_commit(store, &batch), 0);
    new_case = raw_get(fixture, &victims[1]);
    raw_put(fixture, "case", &awa, 16, old_case);
    assert_int_equal(reads(fixture, &victims[1]), -EBADMSG);
    raw_put(fixture, "case", &awa, 16, new_case);
    assert_int_equal(reads(fixture, &victims[1]), 0);
    raw_put(fixture, "card", &awa, 16, old_card);
    assert_int_equal(reads(fixture, &victims[1]), -EBADMSG);
}

static void lost_card_snapshot_or_key_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct text card = raw_get(fixture, &victims[2]);

    raw_delete(fixture, "card", &awa, 16);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_cards(fixture), -EBADMSG);
    assert_int_equal(read_case(fixture), -EBADMSG);
    raw_put(fixture, "card", &awa, 16, card);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_cards(fixture), 0);
    raw_delete(fixture, "case", &awa, 16);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_cards(fixture), -EBADMSG);
    raw_delete(fixture, "key", &awa, 16);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_first_entry(fixture), -EBADMSG);
    raw_delete(fixture, "key", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

static void key_of_a_strange_size_is_reported(void **state)
{
    struct fixture *fixture = *state;

    raw_put(fixture, "card", "short", 5, TEXT("x"));
    raw_put(fixture, "case", "short", 5, TEXT("x"));
    raw_put(fixture, "workflow", "short", 5, TEXT("x"));
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(read_workflows(fixture), -EBADMSG);
    assert_int_equal(store_each_card(store, show_card, &(struct shown){0, 0}), -EBADMSG);
}

static void missing_table_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct raw raw = raw_begin(fixture);

    assert_int_equal(mdb_drop(raw.txn, raw_table(raw, "workflow"), 1), 0);
    raw_end(raw);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

/* A genuine seal, but a generation that is not the seq: only our own mistake could make it. */
static void entry_sealed_with_another_generation_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct vault_place place = {"journal", &first_seq, 8};
    struct text sealed;

    assert_int_equal(vault_seal(store_vault(store), fixture->arena, VAULT_USE_DATA, &place, &awa, 2,
                                TEXT("{}"), &sealed),
                     0);
    raw_put(fixture, "journal", &first_seq, 8, sealed);
    assert_int_equal(reads(fixture, &victims[0]), -EBADMSG);
}

static void journal_that_lost_its_end_is_seen_by_the_horizon(void **state)
{
    struct fixture *fixture = *state;

    raw_delete(fixture, "journal", &first_seq, 8);
    assert_int_equal(store_reopen(fixture), -EBADMSG);
    fixture_expect_diag(fixture, "E816");
}

static void changed_stone_of_an_erased_case_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct store_entry entry = next_entry(nobody(), TEXT("{}"));
    struct store_batch batch = {.entries = &entry,
                                .entry_count = 1,
                                .horizon = entry.seq,
                                .erasures = &awa,
                                .erasure_count = 1,
                                .erased_seq = entry.seq};
    struct victim stone = {.table = "key", .key = awa.bytes, .key_size = sizeof(awa.bytes)};

    assert_int_equal(store_commit(store, &batch), 0);
    struct text whole = raw_get(fixture, &stone);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_has_case(store, &awa), -EIDRM);
    assert_int_equal(read_case(fixture), -EIDRM);
    for (size_t i = 0; i < whole.size; i++) {
        char *changed = arena_copy(fixture->arena, whole.bytes, whole.size);

        changed[i] = (char)(changed[i] ^ 1);
        raw_put(fixture, "key", awa.bytes, sizeof(awa.bytes), (struct text){changed, whole.size});
        assert_int_equal(store_reopen(fixture), 0);
        assert_int_equal(store_has_case(store, &awa), -EBADMSG);
        assert_int_equal(read_case(fixture), -EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_records_are_shown),
        cmocka_unit_test(flipped_byte_of_any_record_is_reported),
        cmocka_unit_test(cut_record_is_reported),
        cmocka_unit_test(record_under_another_key_or_in_another_table_is_reported),
        cmocka_unit_test(missing_entry_is_damage),
        cmocka_unit_test(last_entry_whose_seq_is_damaged_is_not_believed),
        cmocka_unit_test(named_body_under_a_damaged_name_is_not_simply_missing),
        cmocka_unit_test(damaged_entry_is_named_and_those_before_it_are_shown),
        cmocka_unit_test(snapshot_or_card_put_back_to_an_older_state_is_reported),
        cmocka_unit_test(lost_card_snapshot_or_key_is_reported),
        cmocka_unit_test(key_of_a_strange_size_is_reported),
        cmocka_unit_test(missing_table_is_reported),
        cmocka_unit_test(entry_sealed_with_another_generation_is_reported),
        cmocka_unit_test(journal_that_lost_its_end_is_seen_by_the_horizon),
        cmocka_unit_test(changed_stone_of_an_erased_case_is_damage),
    };
    struct CMUnitTest all[sizeof(tests) / sizeof(tests[0])];

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        all[i] = tests[i];
        all[i].setup_func = setup;
        all[i].teardown_func = store_teardown;
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
