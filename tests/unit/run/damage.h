/* Changes a record of a world's store behind the daemon's back, while the store is closed. */
#ifndef TESTS_UNIT_RUN_DAMAGE_H
#define TESTS_UNIT_RUN_DAMAGE_H

#include "world.h"

#include <lmdb.h>

typedef void damage_change(MDB_cursor *cursor, MDB_val key, MDB_val value);

/* Hands a record to `change`: entry `seq`, or the table's first. */
static inline void damage_record(struct world *world, const char *table, uint64_t seq,
                                 damage_change *change)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi handle;
    MDB_cursor *cursor;
    MDB_val key = {sizeof(seq), &seq}, value;

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_set_mapsize(env, world->map_bytes), 0);
    assert_int_equal(mdb_env_open(env, world->path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &handle), 0);
    assert_int_equal(mdb_cursor_open(txn, handle, &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, seq ? MDB_SET_KEY : MDB_FIRST), 0);
    change(cursor, key, value);
    mdb_cursor_close(cursor);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

/* One bit of each of `count` bytes. */
static inline void damage_bytes(MDB_cursor *cursor, MDB_val key, MDB_val value, size_t from,
                                size_t count)
{
    char copy[65536];

    assert_true(value.mv_size < sizeof(copy) && from + count <= value.mv_size);
    memcpy(copy, value.mv_data, value.mv_size);
    for (size_t i = from; i < from + count; i++)
        copy[i] ^= 1;
    value.mv_data = copy;
    assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
}

static inline void damage_last_byte(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    damage_bytes(cursor, key, value, value.mv_size - 1, 1);
}

/* Where a sealed record's header has the id of its case: engine/vault/record.c. */
static inline void damage_id(MDB_cursor *cursor, MDB_val key, MDB_val value)
{
    damage_bytes(cursor, key, value, 18 + 7, 1);
}

#endif
