/* What is committed is there: in the open store, and after it is opened again. */
#include "fixture.h"

#include <dirent.h>
#include <pthread.h>

static const struct vault_case_id awa = {{0xaa, 1}}, binta = {{0xbb, 2}};

/* Keeps what store_read and its like show. */
struct seen {
    struct arena *arena;
    size_t count, stop_at;
    uint64_t seqs[32];
    struct vault_case_id ids[32];
    struct text bodies[32];
};

static bool see(struct seen *seen, uint64_t seq, const struct vault_case_id *id, struct text body)
{
    seen->seqs[seen->count] = seq;
    seen->ids[seen->count] = *id;
    seen->bodies[seen->count] = text_copy(seen->arena, body);
    return ++seen->count != seen->stop_at;
}

static bool see_entry(void *self, const struct store_read_entry *entry)
{
    return see(self, entry->seq, &entry->id, entry->body);
}

static bool see_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    return see(self, seq, id, body);
}

static bool see_workflow(void *self, const struct store_workflow *workflow)
{
    struct vault_case_id id;

    memcpy(id.bytes, workflow->hash, sizeof(id.bytes));
    return see(self, workflow->seq, &id, workflow->rendered);
}

static void new_store_is_empty(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {.arena = fixture->arena};
    struct store_read_entry entry;
    struct text body;
    uint64_t bad, seq;

    assert_int_equal(store_last_seq(store), 0);
    assert_int_equal(store_horizon(store), 0);
    assert_false(store_is_demo(store));
    assert_true(text_ends(text_from(store_path(store)), "/store/data.mdb"));
    assert_int_equal(store_read(store, 0, 10, see_entry, &seen, &bad), 0);
    assert_int_equal(store_each_card(store, see_card, &seen), 0);
    assert_int_equal(store_each_workflow(store, see_workflow, &seen), 0);
    assert_int_equal(seen.count, 0);
    assert_int_equal(store_read_one(store, fixture->arena, 0, &entry), -ENOENT);
    assert_int_equal(store_read_one(store, fixture->arena, 1, &entry), -ENOENT);
    assert_int_equal(store_has_case(store, &awa), 0);
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), -ENOENT);
    assert_int_equal(store_read_meta(store, fixture->arena, "serials", &body), -ENOENT);
}

static void what_is_committed_is_there_after_reopening(void **state)
{
    struct fixture *fixture = *state;

    open_case(fixture, awa, "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
    open_case(fixture, binta, "{\"e\":2}", "{\"s\":2}", "{\"c\":2}");
    add_entry(awa, "{\"e\":3}");
    add_entry(nobody(), "{\"e\":4}");
    for (int round = 0; round < 2; round++) {
        struct seen entries = {.arena = fixture->arena}, cards = entries;
        struct store_read_entry entry;
        struct text body;
        uint64_t bad, seq;

        assert_int_equal(store_last_seq(store), 4);
        assert_int_equal(store_horizon(store), 2);
        assert_int_equal(store_read(store, 0, 100, see_entry, &entries, &bad), 4);
        assert_true(text_is(entries.bodies[0], "{\"e\":1}"));
        assert_true(text_is(entries.bodies[3], "{\"e\":4}"));
        assert_memory_equal(&entries.ids[2], &awa, sizeof(awa));
        assert_int_equal(store_read_one(store, fixture->arena, 3, &entry), 0);
        assert_int_equal(entry.seq, 3);
        assert_true(text_is(entry.body, "{\"e\":3}"));
        assert_int_equal(store_has_case(store, &binta), 1);
        assert_int_equal(store_load_case(store, fixture->arena, &binta, &seq, &body), 0);
        assert_int_equal(seq, 2);
        assert_true(text_is(body, "{\"s\":2}"));
        assert_int_equal(store_each_card(store, see_card, &cards), 0);
        assert_int_equal(cards.count, 2);
        assert_int_equal(cards.seqs[1], 2);
        assert_true(text_is(cards.bodies[0], "{\"c\":1}"));
        assert_int_equal(store_reopen(fixture), 0);
    }
}

static void read_begins_and_ends_where_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {.arena = fixture->arena};
    uint64_t bad;

    for (int i = 0; i < 10; i++)
        add_entry(nobody(), "{}");
    assert_int_equal(store_read(store, 4, 3, see_entry, &seen, &bad), 3);
    assert_int_equal(seen.seqs[0], 4);
    assert_int_equal(seen.seqs[2], 6);
    assert_int_equal(store_read(store, 11, 3, see_entry, &seen, &bad), 0);
    assert_int_equal(store_read(store, 1, 0, see_entry, &seen, &bad), 0);
    seen.count = 0;
    seen.stop_at = 2;
    assert_int_equal(store_read(store, 1, 10, see_entry, &seen, &bad), 2);
    assert_int_equal(seen.count, 2);
}

static void every_kind_of_record_goes_in_one_batch(void **state)
{
    struct fixture *fixture = *state;
    struct store_key keys[] = {new_key(fixture, awa), new_key(fixture, binta)};
    struct store_entry entries[] = {
        {1, awa, TEXT("{\"e\":1}")}, {2, nobody(), TEXT("{}")}, {3, binta, TEXT("{\"e\":3}")}};
    struct store_snapshot snapshots[] = {{awa, 1, TEXT("{\"s\":1}"), TEXT("{\"c\":1}")}};
    struct store_workflow workflows[] = {{{7}, 2, TEXT("{\"workflow\":7}")}};
    struct store_meta metas[] = {{"serials", TEXT("{\"SN\":1}")}, {"clock", TEXT("{\"ms\":5}")}};
    struct store_batch batch = {.number = 1,
                                .entries = entries,
                                .entry_count = 3,
                                .snapshots = snapshots,
                                .snapshot_count = 1,
                                .keys = keys,
                                .key_count = 2,
                                .workflows = workflows,
                                .workflow_count = 1,
                                .metas = metas,
                                .meta_count = 2,
                                .horizon = 2};
    struct text body;
    uint64_t seq;

    assert_int_equal(store_commit(store, &batch), 0);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_last_seq(store), 3);
    assert_int_equal(store_horizon(store), 2);
    assert_int_equal(store_read_meta(store, fixture->arena, "serials", &body), 0);
    assert_true(text_is(body, "{\"SN\":1}"));
    assert_int_equal(store_read_meta(store, fixture->arena, "clock", &body), 0);
    assert_true(text_is(body, "{\"ms\":5}"));
    /* Binta has no snapshot yet; her key is made ready all the same. */
    assert_int_equal(store_has_case(store, &binta), 1);
    assert_int_equal(store_load_case(store, fixture->arena, &binta, &seq, &body), -ENOENT);
    assert_true(vault_key_is_loaded(store_vault(store), &binta));
}

static void name_of_a_body_never_meets_a_fact(void **state)
{
    struct fixture *fixture = *state;
    struct store_meta meta = {"horizon", TEXT("{\"mine\":true}")};
    struct store_batch batch = {.number = 1, .metas = &meta, .meta_count = 1};
    struct text body;

    assert_int_equal(store_commit(store, &batch), 0);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_read_meta(store, fixture->arena, "horizon", &body), 0);
    assert_true(text_is(body, "{\"mine\":true}"));
    assert_int_equal(store_read_meta(store, fixture->arena, "format", &body), -ENOENT);
}

static void newer_snapshot_and_body_take_the_place_of_older_ones(void **state)
{
    struct fixture *fixture = *state;
    struct seen cards = {.arena = fixture->arena};
    struct store_snapshot snapshot = {awa, 0, TEXT("{\"s\":2}"), TEXT("{\"c\":2}")};
    struct store_batch batch = {
        .number = 3, .snapshots = &snapshot, .snapshot_count = 1, .horizon = 2};
    struct text body;
    uint64_t seq;

    open_case(fixture, awa, "{}", "{\"s\":1}", "{\"c\":1}");
    snapshot.seq = add_entry(awa, "{}");
    assert_int_equal(store_commit(store, &batch), 0);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), 0);
    assert_int_equal(seq, 2);
    assert_true(text_is(body, "{\"s\":2}"));
    assert_int_equal(store_each_card(store, see_card, &cards), 0);
    assert_int_equal(cards.count, 1);
    assert_true(text_is(cards.bodies[0], "{\"c\":2}"));
}

static void load_workflow(uint8_t hash, const char *rendered)
{
    struct store_entry entry = next_entry(nobody(), TEXT("{}"));
    struct store_workflow workflow = {{hash}, entry.seq, text_from(rendered)};
    struct store_batch batch = {.number = entry.seq,
                                .entries = &entry,
                                .entry_count = 1,
                                .workflows = &workflow,
                                .workflow_count = 1,
                                .horizon = store_horizon(store)};

    assert_int_equal(store_commit(store, &batch), 0);
}

static void workflows_come_in_the_order_they_were_loaded(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {.arena = fixture->arena};

    load_workflow(9, "{\"v\":1}");
    load_workflow(3, "{\"v\":2}");
    load_workflow(6, "{\"v\":3}");
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_each_workflow(store, see_workflow, &seen), 0);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.ids[0].bytes[0], 9);
    assert_int_equal(seen.ids[1].bytes[0], 3);
    assert_int_equal(seen.ids[2].bytes[0], 6);
    assert_int_equal(seen.seqs[2], 3);
    assert_true(text_is(seen.bodies[1], "{\"v\":2}"));
    seen = (struct seen){.arena = fixture->arena, .stop_at = 1};
    assert_int_equal(store_each_workflow(store, see_workflow, &seen), 0);
    assert_int_equal(seen.count, 1);
    /* One that is loaded again is the newest. */
    load_workflow(9, "{\"v\":1}");
    seen = (struct seen){.arena = fixture->arena};
    assert_int_equal(store_each_workflow(store, see_workflow, &seen), 0);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.ids[2].bytes[0], 9);
}

static void case_whose_key_went_out_of_memory_is_loaded_and_written(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {.arena = fixture->arena};
    struct text body;
    uint64_t seq, bad;

    open_case(fixture, awa, "{\"e\":1}", "{\"s\":1}", "{\"c\":1}");
    for (uint64_t i = 0; i < 4096; i++) {
        struct vault_case_id id = fixture_id(1000 + i);

        new_key(fixture, id);
    }
    assert_false(vault_key_is_loaded(store_vault(store), &awa));
    assert_int_equal(store_load_case(store, fixture->arena, &awa, &seq, &body), 0);
    assert_true(text_is(body, "{\"s\":1}"));
    vault_key_forget(store_vault(store), &awa);
    add_entry(awa, "{\"e\":2}");
    vault_key_forget(store_vault(store), &awa);
    assert_int_equal(store_read(store, 1, 10, see_entry, &seen, &bad), 2);
    assert_true(text_is(seen.bodies[1], "{\"e\":2}"));
    /* The key of what belongs to no case goes and comes back like any other. */
    vault_key_forget(store_vault(store), &(struct vault_case_id){{0}});
    add_entry(nobody(), "{}");
}

static void key_of_a_case_opened_in_this_batch_is_found_in_it(void **state)
{
    struct fixture *fixture = *state;
    struct store_key key = new_key(fixture, awa);
    struct store_entry entry = next_entry(awa, TEXT("{}"));
    struct store_batch batch = {
        .number = 1, .entries = &entry, .entry_count = 1, .keys = &key, .key_count = 1};

    vault_key_forget(store_vault(store), &awa);
    assert_int_equal(store_commit(store, &batch), 0);
    assert_int_equal(store_has_case(store, &awa), 1);
}

static void demo_mark_is_for_ever(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = options_of(fixture);

    store_close(store);
    store = NULL;
    options.demo = true;
    options.path = text_printf(fixture->arena, "%s/demo/", fixture->folder).bytes;
    assert_int_equal(store_create(&options, &fixture->diags), 0);
    options.demo = false;
    assert_int_equal(store_open(&options, &fixture->diags, &store), 0);
    assert_true(store_is_demo(store));
}

static void no_file_of_the_store_holds_a_plaintext(void **state)
{
    static const char *const secrets[] = {"Ousmane Diallo", "secret state", "a village near Kolda",
                                          "workflow text",  "serial body",  "entry of no case"};
    struct fixture *fixture = *state;
    struct store_meta meta = {"serials", TEXT("{\"serial body\":1}")};
    struct store_batch batch = {.number = 9, .metas = &meta, .meta_count = 1, .horizon = 1};
    struct dirent *entry;
    size_t file_count = 0;
    DIR *folder;

    open_case(fixture, awa, "{\"name\":\"Ousmane Diallo\"}", "{\"at\":\"a village near Kolda\"}",
              "{\"state\":\"secret state\"}");
    add_entry(nobody(), "{\"x\":\"entry of no case\"}");
    assert_int_equal(store_commit(store, &batch), 0);
    load_workflow(9, "{\"title\":\"workflow text\"}");
    store_close(store);
    store = NULL;
    folder = opendir(fixture->path);
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        struct text path = text_printf(fixture->arena, "%s/%s", fixture->path, entry->d_name), file;

        if (entry->d_type != DT_REG)
            continue;
        file = fixture_read(fixture, path.bytes);
        file_count++;
        for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
            assert_null(memmem(file.bytes, file.size, secrets[i], strlen(secrets[i])));
    }
    closedir(folder);
    assert_int_equal(file_count, 6);
    assert_int_equal(store_reopen(fixture), 0);
    assert_int_equal(store_last_seq(store), 3);
}

static void no_file_of_the_store_reaches_a_child(void **state)
{
    struct fixture *fixture = *state;
    size_t open_count = 0;
    struct dirent *entry;
    DIR *folder = opendir("/proc/self/fd");

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char link[256] = "";

        if (readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1) < 0 ||
            !strstr(link, fixture->path))
            continue;
        open_count++;
        assert_true(fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC);
    }
    closedir(folder);
    assert_true(open_count >= 3);
}

static void *read_all(void *self)
{
    struct fixture *fixture = self;
    struct arena *arena = arena_create("reader");

    for (int i = 0; i < 400; i++) {
        struct seen seen = {.arena = arena};
        uint64_t last = store_last_seq(store), from = last > 20 ? last - 19 : 1, bad, seq;
        struct text body;

        if (store_read(store, from, 20, see_entry, &seen, &bad) < (int)(last - from + 1) ||
            store_load_case(store, arena, &awa, &seq, &body) < 0 || store_horizon(store) > last)
            return fixture;
        arena_reset(arena);
    }
    arena_destroy(arena);
    return NULL;
}

static void reader_goes_on_while_the_writer_commits(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    void *failed;

    open_case(fixture, awa, "{}", "{\"s\":1}", "{\"c\":1}");
    assert_int_equal(pthread_create(&thread, NULL, read_all, fixture), 0);
    for (int i = 0; i < 60; i++)
        add_entry(awa, "{}");
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_store_is_empty),
        cmocka_unit_test(what_is_committed_is_there_after_reopening),
        cmocka_unit_test(read_begins_and_ends_where_it_is_told),
        cmocka_unit_test(every_kind_of_record_goes_in_one_batch),
        cmocka_unit_test(name_of_a_body_never_meets_a_fact),
        cmocka_unit_test(newer_snapshot_and_body_take_the_place_of_older_ones),
        cmocka_unit_test(workflows_come_in_the_order_they_were_loaded),
        cmocka_unit_test(case_whose_key_went_out_of_memory_is_loaded_and_written),
        cmocka_unit_test(key_of_a_case_opened_in_this_batch_is_found_in_it),
        cmocka_unit_test(demo_mark_is_for_ever),
        cmocka_unit_test(no_file_of_the_store_holds_a_plaintext),
        cmocka_unit_test(no_file_of_the_store_reaches_a_child),
        cmocka_unit_test(reader_goes_on_while_the_writer_commits),
    };
    struct CMUnitTest all[sizeof(tests) / sizeof(tests[0])];

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        all[i] = tests[i];
        all[i].setup_func = store_setup;
        all[i].teardown_func = store_teardown;
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
