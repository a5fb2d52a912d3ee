/* The journal run through the core again: nothing is found where nothing is wrong, and every kind
 * of wrong is found, at its place. */
#include "damage.h"

#include "run/internal.h"

static struct value replay(struct world *world)
{
    struct world_reply *reply =
        world_ask(world, (struct run_request){.kind = RUN_REPLAY, .person = &world_dibor});

    assert_int_equal(reply->status, 202);
    struct text id = value_text_at(&reply->body, "id");
    for (int i = 0; i < 1000; i++) {
        reply = world_ask(
            world, (struct run_request){.kind = RUN_OPERATION, .person = &world_dibor, .name = id});
        if (!text_is(value_text_at(&reply->body, "status"), "running"))
            break;
    }
    assert_true(text_is(value_text_at(&reply->body, "status"), "done"));
    return *value_at(&reply->body, "result");
}

static void check_same(struct world *world, int64_t cases, int64_t entries)
{
    struct value result = replay(world);

    assert_true(value_bool_at(&result, "same"));
    assert_int_equal(value_int_at(&result, "cases", -1), cases);
    assert_int_equal(value_int_at(&result, "entries", -1), entries);
    assert_int_equal(value_int_at(&result, "differing", -1), 0);
}

/* The one difference there is: its place and words. */
static struct value check_differs(struct world *world, const char *place, const char *what)
{
    struct value result = replay(world);
    const struct value *list = value_at(&result, "differences");

    assert_false(value_bool_at(&result, "same"));
    assert_int_equal(value_int_at(&result, "differing", -1), 1);
    assert_int_equal(value_count(list), 1);
    assert_string_equal(text_copy(world->arena, value_text_at(value_item(list, 0), "at")).bytes,
                        place);
    assert_string_equal(text_copy(world->arena, value_text_at(value_item(list, 0), "what")).bytes,
                        what);
    return *value_item(list, 0);
}

/* Its snapshot holds all of its entries. */
static struct text settled_case(struct world *world)
{
    world_load(world);
    struct text code = world_new_case(world);

    for (int i = 0; i < 7; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    assert_int_equal(store_horizon(world->store), store_last_seq(world->store));
    return code;
}

/* ---- Nothing is wrong. ---- */

static void a_case_of_many_kinds_of_entries_is_the_same_again(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world), other = world_new_case(world);
    world_ask(world, world_opening(world, TEXT("k")));
    world_ask(world, world_event(world, code, "write"));
    world_ask(world, world_event(world, other, "try"));
    world->now_ms += (int64_t)3 * DAY_MS; /* a deadline, and what was sent */
    world_answer(world, RUN_FAILED);
    world_settle(world);
    world_ask(world, world_event(world, code, "work"));
    world_answer(world, RUN_DONE);
    world_settle(world);
    world_post(world, 0, world_event(world, code, "end"));
    world_settle(world);
    world_show(world, code); /* a read is no event */
    uint64_t before = store_last_seq(world->store);
    struct value result = replay(world);
    assert_true(value_bool_at(&result, "same"));
    assert_int_equal(value_int_at(&result, "cases", 0), 3);
    assert_true(value_int_at(&result, "entries", 0) >= 9);
    assert_int_equal(store_last_seq(world->store), before); /* nothing is changed */
    world_crash(world);
    struct value again = replay(world);
    assert_true(value_equal(&result, &again));
}

static void a_long_history_takes_several_turns(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    for (int i = 0; i < 150; i++)
        world_ask(world, world_event(world, code, "write"));
    check_same(world, 1, 151);
}

static void a_store_without_a_case_is_the_same(void **state)
{
    check_same(*state, 0, 0);
}

/* ---- What is stored is wrong. ---- */

struct card_of {
    struct vault_case_id id;
    struct arena *arena;
    struct text body;
};

static bool keep_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    struct card_of *card = self;

    (void)seq;
    if (memcmp(id, &card->id, sizeof(*id)) == 0)
        card->body = text_copy(card->arena, body);
    return true;
}

static void open_store(struct world *world)
{
    struct store_options options = {.path = world->path,
                                    .opener = {.secret = TEXT("0123456789abcdef0123456789abcdef")},
                                    .map_bytes = world->map_bytes,
                                    .random = {world, world_fill}};
    struct diag_list diags;

    diag_list_init(&diags, world->arena);
    world_close(world);
    assert_int_equal(store_open(&options, &diags, &world->store), 0);
}

static void commit_and_open(struct world *world, struct store_batch *batch)
{
    batch->number = 1;
    batch->horizon = store_horizon(world->store);
    assert_int_equal(store_commit(world->store, batch), 0);
    store_close(world->store);
    world_open(world);
}

/* Seals another count in place of the right one, with the store's own keys. */
static void write_wrong_snapshot(struct world *world, const struct vault_case_id *id)
{
    struct card_of card = {.id = *id, .arena = world->arena};
    struct value doc;
    struct text body;
    uint64_t seq;

    open_store(world);
    assert_int_equal(store_load_case(world->store, world->arena, id, &seq, &body), 0);
    assert_int_equal(store_each_card(world->store, keep_card, &card), 0);
    assert_int_equal(json_read(world->arena, body, &doc, NULL), 0);
    value_set((struct value *)(uintptr_t)value_at(&doc, "data"), TEXT("count"), value_int(99));
    struct store_snapshot snapshot = {
        .id = *id, .seq = seq, .body = json_write(world->arena, &doc), .card = card.body};
    struct store_batch batch = {.snapshots = &snapshot, .snapshot_count = 1};
    commit_and_open(world, &batch);
}

static struct vault_case_id id_of(struct world *world, struct text code)
{
    return roster_find_code(&world->wheel->roster, code)->id;
}

static void a_snapshot_that_is_not_what_its_entries_make_is_found(void **state)
{
    struct world *world = *state;
    struct text code = settled_case(world), other = world_new_case(world);
    struct vault_case_id id = id_of(world, code);

    check_same(world, 2, 9);
    write_wrong_snapshot(world, &id);
    struct value found =
        check_differs(world, "/data/count", "the snapshot is not what its entries make");
    assert_true(text_equal(value_text_at(&found, "code"), code));
    assert_false(text_equal(code, other));
    struct value shown = world_show(world, code);
    assert_int_equal(value_int_at(&shown, "data/count", 0), 99); /* it mends nothing */
}

static void a_case_that_is_wrong_in_memory_is_found(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    struct run_case *one = world->wheel->cases.oldest;
    struct value *data = (struct value *)(uintptr_t)value_at(&one->state.doc, "data");
    value_set(data, TEXT("count"), value_int(5));
    check_differs(world, "/data/count", "the case in memory is not what its entries make");
}

static void a_line_of_lists_that_is_wrong_is_found(void **state)
{
    struct world *world = *state;

    world_load(world);
    world_new_case(world);
    world->wheel->roster.cards[0]->deadline_ms++;
    check_differs(world, "", "its line in lists is not what its entries make");
}

/* ---- An entry is wrong. ---- */

/* The case's newest entry once more, as the test makes it. */
static void write_wrong_entry(struct world *world, struct text code,
                              void (*change)(struct value *entry))
{
    struct vault_case_id id = id_of(world, code);
    uint64_t last = roster_find_code(&world->wheel->roster, code)->last;
    struct store_read_entry read;
    struct value entry;

    open_store(world);
    assert_int_equal(store_read_one(world->store, world->arena, last, &read), 0);
    assert_int_equal(json_read(world->arena, read.body, &entry, NULL), 0);
    value_set(&entry, TEXT("prev"), value_int((int64_t)last));
    change(&entry);
    struct store_entry more = {.seq = store_last_seq(world->store) + 1,
                               .id = id,
                               .body = json_write(world->arena, &entry)};
    struct store_batch batch = {.entries = &more, .entry_count = 1};
    commit_and_open(world, &batch);
}

static void lie(struct value *entry)
{
    struct value *data = (struct value *)(uintptr_t)value_at(entry, "patch/data");

    value_set(data, TEXT("count"), value_int(99));
}

static void ask_for_what_is_not_there(struct value *entry)
{
    value_set(entry, TEXT("name"), value_cstring("nonsense"));
}

static void be_unknown(struct value *entry)
{
    value_set(entry, TEXT("kind"), value_cstring("miracle"));
}

static void open_anew(struct value *entry)
{
    value_set(entry, TEXT("kind"), value_cstring("open"));
}

static void fire(struct value *entry)
{
    value_set(entry, TEXT("kind"), value_cstring("timer"));
    value_set(entry, TEXT("name"), value_cstring("no.timer"));
    value_remove(entry, TEXT("status"));
}

static void an_entry_that_the_core_would_not_make_is_found(void **state)
{
    static const struct {
        void (*change)(struct value *entry);
        const char *place, *what;
    } wrongs[] = {
        {lie, "/patch/data/count", "the core makes another entry of it now"},
        {ask_for_what_is_not_there, "", "the core refuses it now: not-available"},
        {be_unknown, "/kind", "this core knows no such event"},
        {open_anew, "/kind", "this core knows no such event"},
        {fire, "", "the core does nothing with it now"},
    };
    struct world *world = *state;

    world_load(world);
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        struct text code = world_new_case(world);
        world_ask(world, world_event(world, code, "write"));
        write_wrong_entry(world, code, wrongs[i].change);
        struct value result = replay(world);
        const struct value *list = value_at(&result, "differences");
        assert_int_equal(value_count(list), i + 1); /* the first of each case */
        const struct value *last = value_item(list, i);
        assert_true(text_equal(value_text_at(last, "code"), code));
        assert_true(text_is(value_text_at(last, "at"), wrongs[i].place));
        assert_true(text_is(value_text_at(last, "what"), wrongs[i].what));
    }
}

/* ---- What cannot be read. ---- */

static void flip(struct world *world, const char *table, uint64_t seq)
{
    world_close(world);
    damage_record(world, table, seq, damage_last_byte);
    log_set_level(LOG_ERROR + 1); /* the damage is told in the log: not here */
    world_open(world);
}

static void an_entry_that_does_not_open_is_found(void **state)
{
    struct world *world = *state;

    settled_case(world);
    flip(world, "journal", 4);
    struct value found = check_differs(world, "", "the entry does not open");
    assert_int_equal(value_int_at(&found, "seq", 0), 4);
}

static void a_case_without_its_definition_is_told(void **state)
{
    struct world *world = *state;

    settled_case(world);
    flip(world, "workflow", 0);
    check_differs(world, "", "its definition cannot be opened");
}

/* ---- While work goes on. ---- */

static void a_case_that_changes_all_the_while_is_left_out_and_counted(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    world_post(world, 0, world_event(world, code, "write"));
    struct world_reply *begun =
        world_post(world, 1, (struct run_request){.kind = RUN_REPLAY, .person = &world_dibor});
    for (int i = 0; i < 12; i++) {
        wheel_turn(world->wheel);
        world_commit(world);
        world_post(world, 0, world_event(world, code, "write"));
    }
    world_settle(world);
    struct world_reply *reply =
        world_ask(world, (struct run_request){.kind = RUN_OPERATION,
                                              .person = &world_dibor,
                                              .name = value_text_at(&begun->body, "id")});
    assert_int_equal(value_int_at(&reply->body, "result/busy", 0), 1);
    assert_true(value_bool_at(&reply->body, "result/same"));
    check_same(world, 1, 14);
}

static void a_stop_ends_it_and_two_are_not_under_way(void **state)
{
    struct world *world = *state;
    struct run_request request = {.kind = RUN_REPLAY, .person = &world_dibor};

    settled_case(world);
    struct world_reply *first = world_post(world, 0, request),
                       *second = world_post(world, 1, request);
    wheel_turn(world->wheel);
    assert_int_equal(first->status, 202);
    assert_int_equal(second->problem, PROBLEM_BUSY);
    wheel_stop(world->wheel);
    world_settle(world);
    assert_true(wheel_is_idle(world->wheel));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_case_of_many_kinds_of_entries_is_the_same_again),
        TEST(a_long_history_takes_several_turns),
        TEST(a_store_without_a_case_is_the_same),
        TEST(a_snapshot_that_is_not_what_its_entries_make_is_found),
        TEST(a_case_that_is_wrong_in_memory_is_found),
        TEST(a_line_of_lists_that_is_wrong_is_found),
        TEST(an_entry_that_the_core_would_not_make_is_found),
        TEST(an_entry_that_does_not_open_is_found),
        TEST(a_case_without_its_definition_is_told),
        TEST(a_case_that_changes_all_the_while_is_left_out_and_counted),
        TEST(a_stop_ends_it_and_two_are_not_under_way),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
