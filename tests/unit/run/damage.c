/* Records that were changed behind the daemon's back: the case is put aside, the others are served.
 */
#include "damage.h"

#include <errno.h>

static void flip_version(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    damage_bytes(cursor, key, value, 0, 1);
}

static void flip_all(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    damage_bytes(cursor, key, value, 0, value.mv_size);
}

static void remove_it(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    (void)key;
    (void)value;
    assert_int_equal(mdb_cursor_del(cursor, 0), 0);
}

/* One case with a snapshot that holds all its entries, opened with a key. */
static struct text snapshot_case(struct world *world)
{
    world_load(world);
    struct world_reply *reply = world_ask(world, world_opening(world, TEXT("open-1")));
    struct text code = value_text_at(&reply->body, "code");

    for (int i = 0; i < 7; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    assert_int_equal(store_horizon(world->store), store_last_seq(world->store));
    return code;
}

/* What those who ask get of a case that is put aside. */
static void assert_aside(struct world *world, struct text code, bool has_history)
{
    struct run_request show = {.kind = RUN_SHOW, .person = &world_awa, .case_name = code};
    struct run_request history = {.kind = RUN_HISTORY, .person = &world_awa, .case_name = code};
    struct run_request list = {.kind = RUN_LIST, .person = &world_awa};
    bool is_listed = false;

    assert_int_equal(world_ask(world, show)->problem, PROBLEM_QUARANTINED);
    assert_int_equal(world_ask(world, history)->problem,
                     has_history ? PROBLEM_NONE : PROBLEM_QUARANTINED);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->problem,
                     PROBLEM_QUARANTINED);
    const struct value *lines = value_at(&world_ask(world, list)->body, "cases");
    for (size_t i = 0; i < value_count(lines); i++) {
        const struct value *line = value_item(lines, i);
        if (!text_equal(value_text_at(line, "code"), code))
            continue;
        is_listed = true;
        assert_true(value_bool_at(line, "quarantined"));
        assert_null(value_at(line, "states"));
    }
    assert_true(is_listed);
}

/* What administrators are told of the only case that is put aside. */
static void assert_told(struct world *world, struct text code, const char *what, uint64_t seq)
{
    struct run_request ask = {.kind = RUN_QUARANTINE, .person = &world_awa};
    struct value status = wheel_status(world->wheel, world->arena);
    const struct value *cases = value_at(&world_ask(world, ask)->body, "cases");

    assert_int_equal(value_int_at(&status, "quarantined", -1), 1);
    assert_int_equal(value_count(cases), 1);
    assert_true(text_equal(value_text_at(value_item(cases, 0), "code"), code));
    assert_true(text_is(value_text_at(value_item(cases, 0), "what"), what));
    assert_int_equal(value_int_at(value_item(cases, 0), "seq", 0), (int64_t)seq);
}

static void a_damaged_snapshot_is_told_and_the_other_cases_are_served(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);

    world_close(world);
    damage_record(world, "case", 0, damage_last_byte);
    world_open(world);
    struct run_request show = {.kind = RUN_SHOW, .person = &world_awa, .case_name = code};
    assert_int_equal(world_ask(world, show)->problem, PROBLEM_QUARANTINED);
    assert_aside(world, code, true); /* the journal is whole */
    assert_told(world, code, "snapshot", 0);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-1")))->problem,
                     PROBLEM_QUARANTINED);
    struct text other = world_new_case(world);
    assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    world->now_ms += (int64_t)20 * DAY_MS; /* its timer is not carried out; the other's is */
    world_settle(world);
    assert_true(world_is_in(world, other, "overdue"));
}

static void a_damaged_snapshot_with_newer_entries_is_put_aside_at_the_start(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);

    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    world_close(world);
    damage_record(world, "case", 0, damage_last_byte);
    world_open(world);
    assert_told(world, code, "snapshot", 0);
    assert_aside(world, code, false);
}

/* An entry behind the horizon, damaged in some way: the case waits, however often the daemon starts
 * and however far the others get, and is as it was once the damage is undone. */
static void put_aside_and_back(struct world *world, damage_change *change)
{
    world_load(world);
    struct text code = world_new_case(world), other = world_new_case(world);
    uint64_t seq = world_ask(world, world_event(world, code, "write"))->revision;

    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    world_close(world);
    damage_record(world, "journal", seq, change);
    world_open(world);
    assert_told(world, code, "entry", seq);
    for (int i = 0; i < 20; i++)
        assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    assert_true(store_horizon(world->store) < seq);
    world_crash(world);
    assert_told(world, code, "entry", seq);
    assert_aside(world, code, false);
    assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);

    world_close(world);
    damage_record(world, "journal", seq, change);
    world_open(world);
    struct run_request show = {.kind = RUN_SHOW, .person = &world_awa, .case_name = code};
    struct world_reply *reply = world_ask(world, show);
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->revision, seq + 1);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    for (int i = 0; i < 20; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    for (int i = 0; i < 20; i++)
        assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    assert_true(store_horizon(world->store) > seq);
}

static void a_damaged_entry_puts_its_case_aside(void **state)
{
    put_aside_and_back(*state, damage_last_byte);
}

static void an_entry_whose_id_is_damaged_is_found_by_its_key(void **state)
{
    put_aside_and_back(*state, damage_id);
}

static void an_entry_whose_version_is_damaged_still_tells_its_case(void **state)
{
    put_aside_and_back(*state, flip_version);
}

static void an_entry_that_tells_nothing_ends_the_start(void **state)
{
    struct world *world = *state;

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t seq = world_ask(world, world_event(world, code, "write"))->revision;
    world_close(world);
    damage_record(world, "journal", seq, flip_all);
    struct diag_list diags;
    assert_int_equal(world_try(world, &diags), -EBADMSG);
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.items[0].code, "E901");
    assert_non_null(strstr(diags.items[0].message.bytes, "--restore"));
    store_close(world->store);
    damage_record(world, "journal", seq, flip_all);
    world_open(world);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
}

static void a_damaged_entry_of_no_case_concerns_none(void **state)
{
    struct world *world = *state;
    struct run_request rotate = {.kind = RUN_ROTATE_KEYS, .person = &world_awa};

    world_load(world);
    struct text code = world_new_case(world);
    uint64_t seq = store_last_seq(world->store) + 1;
    assert_int_equal(world_ask(world, rotate)->status, 202);
    assert_true(store_last_seq(world->store) >= seq && store_horizon(world->store) < seq);
    world_close(world);
    damage_record(world, "journal", seq, damage_last_byte);
    struct diag_list diags;
    assert_int_equal(world_try(world, &diags), 0);
    assert_int_equal(diags.count, 1);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
}

static void a_damaged_card_is_made_anew_of_the_snapshot(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);
    struct run_request list = {.kind = RUN_LIST, .person = &world_awa};
    struct value before = *value_at(&world_ask(world, list)->body, "cases");

    world_close(world);
    damage_record(world, "card", 0, damage_last_byte);
    world_open(world);
    struct value after = *value_at(&world_ask(world, list)->body, "cases");
    assert_true(value_equal(&before, &after));
    for (int i = 0; i < 8; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    struct diag_list diags;
    world_close(world);
    assert_int_equal(world_try(world, &diags), 0);
    assert_int_equal(diags.count, 0);
}

static void a_case_whose_card_and_snapshot_are_damaged_is_put_aside(void **state)
{
    struct world *world = *state;

    snapshot_case(world);
    world_close(world);
    damage_record(world, "case", 0, damage_last_byte);
    damage_record(world, "card", 0, damage_last_byte);
    world_open(world);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "quarantined", -1), 1);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-1")))->problem,
                     PROBLEM_QUARANTINED);
}

/* What is shown of the case, and that it goes on and is never made twice. */
static void assert_as_it_was(struct world *world, struct text code, const struct value *before)
{
    struct value after = world_show(world, code);

    assert_true(value_equal(value_at(before, "data"), value_at(&after, "data")));
    assert_true(value_equal(value_at(before, "revision"), value_at(&after, "revision")));
    struct world_reply *again = world_ask(world, world_opening(world, TEXT("open-1")));
    assert_true(text_equal(value_text_at(&again->body, "code"), code));
    for (int i = 0; i < 9; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-2")))->status, 201);
}

static void a_case_whose_records_are_gone_is_made_anew_of_the_journal(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);
    struct value before = world_show(world, code);

    world_close(world);
    damage_record(world, "case", 0, remove_it);
    damage_record(world, "card", 0, remove_it);
    world_open(world);
    assert_as_it_was(world, code, &before);
    world_crash(world); /* and what it was mended to stays */
    struct value later = world_show(world, code);
    assert_int_equal(value_int_at(&later, "data/count", 0),
                     value_int_at(&before, "data/count", 0) + 9);
}

/* Each in the other's place: neither opens, and nothing else tells whose they were. */
static char swapped[2][8192];
static size_t swapped_size;

static void swap_first_two(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    MDB_val keys[2] = {key}, values[2] = {value};

    assert_int_equal(mdb_cursor_get(cursor, &keys[1], &values[1], MDB_NEXT), 0);
    for (int i = 0; i < 2; i++) {
        assert_true(values[i].mv_size <= sizeof(swapped[i]));
        memcpy(swapped[i], values[i].mv_data, values[i].mv_size);
    }
    swapped_size = values[1].mv_size;
    assert_int_equal(values[0].mv_size, swapped_size);
    uint8_t first[16];
    memcpy(first, keys[0].mv_data, sizeof(first));
    value = (MDB_val){swapped_size, swapped[0]};
    assert_int_equal(mdb_cursor_put(cursor, &keys[1], &value, MDB_CURRENT), 0);
    keys[0] = (MDB_val){sizeof(first), first};
    assert_int_equal(mdb_cursor_get(cursor, &keys[0], &values[0], MDB_SET_KEY), 0);
    value = (MDB_val){swapped_size, swapped[1]};
    assert_int_equal(mdb_cursor_put(cursor, &keys[0], &value, MDB_CURRENT), 0);
}

static void cards_that_changed_places_are_made_anew_of_the_journal(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world), other = world_new_case(world);

    for (int i = 0; i < 7; i++)
        assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    struct value before = world_show(world, code), of_other = world_show(world, other);
    world_close(world);
    damage_record(world, "card", 0, swap_first_two);
    world_open(world);
    struct value status = wheel_status(world->wheel, world->arena);
    assert_int_equal(value_int_at(&status, "quarantined", -1), 0);
    struct value after = world_show(world, other);
    assert_true(value_equal(value_at(&of_other, "data"), value_at(&after, "data")));
    assert_as_it_was(world, code, &before);
}

/* An older snapshot with its card: each opens, and they fit one another. */
static char kept[2][8192];
static size_t kept_size[2], kept_number;

static void keep_it(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    (void)cursor;
    (void)key;
    assert_true(value.mv_size <= sizeof(kept[0]));
    memcpy(kept[kept_number], value.mv_data, value.mv_size);
    kept_size[kept_number++] = value.mv_size;
}

static void put_it_back(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    value = (MDB_val){kept_size[kept_number], kept[kept_number]};
    kept_number++;
    assert_int_equal(mdb_cursor_put(cursor, &key, &value, 0), 0);
}

static void of_both(struct world *world, damage_change *change)
{
    kept_number = 0;
    world_close(world);
    damage_record(world, "case", 0, change);
    damage_record(world, "card", 0, change);
    world_open(world);
}

static void a_case_that_was_put_back_is_made_anew_of_the_journal(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);

    of_both(world, keep_it);
    for (int i = 0; i < 8; i++)
        assert_int_equal(world_ask(world, world_event(world, code, "write"))->status, 200);
    assert_int_equal(store_horizon(world->store), store_last_seq(world->store));
    struct value before = world_show(world, code);
    of_both(world, put_it_back);
    assert_as_it_was(world, code, &before);
    of_both(world, put_it_back);
    struct value again = world_show(world, code);
    assert_int_equal(value_int_at(&again, "data/count", 0),
                     value_int_at(&before, "data/count", 0) + 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup_quiet, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_snapshot_is_told_and_the_other_cases_are_served),
        TEST(a_damaged_snapshot_with_newer_entries_is_put_aside_at_the_start),
        TEST(a_damaged_entry_puts_its_case_aside),
        TEST(an_entry_whose_id_is_damaged_is_found_by_its_key),
        TEST(an_entry_whose_version_is_damaged_still_tells_its_case),
        TEST(an_entry_that_tells_nothing_ends_the_start),
        TEST(a_damaged_entry_of_no_case_concerns_none),
        TEST(a_damaged_card_is_made_anew_of_the_snapshot),
        TEST(a_case_whose_card_and_snapshot_are_damaged_is_put_aside),
        TEST(a_case_whose_records_are_gone_is_made_anew_of_the_journal),
        TEST(cards_that_changed_places_are_made_anew_of_the_journal),
        TEST(a_case_that_was_put_back_is_made_anew_of_the_journal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
