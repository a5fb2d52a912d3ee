/* Records that were changed behind the daemon's back: the case is told as unreadable, the others
 * are served. */
#include "world.h"

#include <lmdb.h>

/* Opens the closed store's data and hands the one record of a table to `change`. */
static void change_record(struct world *world, const char *table,
                          void (*change)(MDB_cursor *cursor, MDB_val key, MDB_val value))
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi handle;
    MDB_cursor *cursor;
    MDB_val key, value;

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_set_mapsize(env, world->map_bytes), 0);
    assert_int_equal(mdb_env_open(env, world->path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &handle), 0);
    assert_int_equal(mdb_cursor_open(txn, handle, &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
    change(cursor, key, value);
    mdb_cursor_close(cursor);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void flip_last_byte(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    char copy[65536];

    assert_true(value.mv_size < sizeof(copy));
    memcpy(copy, value.mv_data, value.mv_size);
    copy[value.mv_size - 1] ^= 1;
    value.mv_data = copy;
    assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
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

static void a_damaged_snapshot_is_told_and_the_other_cases_are_served(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);

    world_close(world);
    change_record(world, "case", flip_last_byte);
    world_open(world);
    struct run_request show = {.kind = RUN_SHOW, .person = &world_awa, .case_name = code};
    assert_int_equal(world_ask(world, show)->problem, PROBLEM_INTERNAL);
    assert_int_equal(world_ask(world, world_event(world, code, "write"))->problem,
                     PROBLEM_INTERNAL);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-1")))->problem,
                     PROBLEM_INTERNAL);
    struct text other = world_new_case(world);
    assert_int_equal(world_ask(world, world_event(world, other, "write"))->status, 200);
    world->now_ms += (int64_t)20 * DAY_MS; /* its timer cannot be carried out; the other's is */
    world_settle(world);
    assert_true(world_is_in(world, other, "overdue"));
}

static void a_damaged_card_leaves_its_case_out_of_lists_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct text code = snapshot_case(world);

    world_close(world);
    change_record(world, "card", flip_last_byte);
    world_open(world);
    struct run_request show = {.kind = RUN_SHOW, .person = &world_awa, .case_name = code};
    assert_int_equal(world_ask(world, show)->problem, PROBLEM_NO_SUCH_CASE);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-1")))->problem,
                     PROBLEM_INTERNAL);
    assert_int_equal(world_ask(world, world_opening(world, TEXT_NONE))->status, 201);
}

static void a_case_whose_records_are_gone_is_never_opened_anew(void **state)
{
    struct world *world = *state;

    snapshot_case(world);
    world_close(world);
    change_record(world, "case", remove_it);
    change_record(world, "card", remove_it);
    world_open(world);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-1")))->problem,
                     PROBLEM_INTERNAL);
    assert_int_equal(world_ask(world, world_opening(world, TEXT("open-2")))->status, 201);
}

static int setup_quiet(void **state)
{
    int result = world_setup(state);

    log_set_level(LOG_ERROR + 1); /* the damage is told in the log: not here */
    return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_quiet, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_snapshot_is_told_and_the_other_cases_are_served),
        TEST(a_damaged_card_leaves_its_case_out_of_lists_and_nothing_else),
        TEST(a_case_whose_records_are_gone_is_never_opened_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
