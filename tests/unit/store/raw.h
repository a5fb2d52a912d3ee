/* What stands in the tables, changed behind the store's back: it is closed for it, and stays so. */
#ifndef SANKOFA_TESTS_STORE_RAW_H
#define SANKOFA_TESTS_STORE_RAW_H

#include "fixture.h"

static inline MDB_txn *raw_begin(struct fixture *fixture, const char *table, MDB_dbi *handle_out)
{
    MDB_env *env;
    MDB_txn *txn;

    store_close(store);
    store = NULL;
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_set_mapsize(env, (size_t)64 << 20), 0);
    assert_int_equal(mdb_env_open(env, fixture->path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, handle_out), 0);
    return txn;
}

static inline void raw_end(MDB_txn *txn)
{
    MDB_env *env = mdb_txn_env(txn);

    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

/* In place of what is there, or new. */
static inline void raw_put(struct fixture *fixture, const char *table, MDB_val key,
                           struct text bytes)
{
    MDB_dbi handle;
    MDB_txn *txn = raw_begin(fixture, table, &handle);
    MDB_val value = {bytes.size, (void *)(uintptr_t)bytes.bytes};

    assert_int_equal(mdb_put(txn, handle, &key, &value, 0), 0);
    raw_end(txn);
}

/* A copy in the fixture's arena. */
static inline struct text raw_get(struct fixture *fixture, const char *table, MDB_val key)
{
    MDB_dbi handle;
    MDB_txn *txn = raw_begin(fixture, table, &handle);
    MDB_val value;

    assert_int_equal(mdb_get(txn, handle, &key, &value), 0);
    struct text bytes = text_copy(fixture->arena, (struct text){value.mv_data, value.mv_size});
    raw_end(txn);
    return bytes;
}

static inline void raw_remove(struct fixture *fixture, const char *table, MDB_val key)
{
    MDB_dbi handle;
    MDB_txn *txn = raw_begin(fixture, table, &handle);

    assert_int_equal(mdb_del(txn, handle, &key, NULL), 0);
    raw_end(txn);
}

/* One bit of the byte at `at`. */
static inline void raw_flip(struct fixture *fixture, const char *table, MDB_val key, size_t at)
{
    struct text bytes = raw_get(fixture, table, key);

    assert_true(at < bytes.size);
    ((char *)(uintptr_t)bytes.bytes)[at] ^= 1;
    raw_put(fixture, table, key, bytes);
}

static inline MDB_val raw_seq(uint64_t *seq)
{
    return (MDB_val){sizeof(*seq), seq};
}

static inline MDB_val raw_name(const char *name)
{
    return (MDB_val){strlen(name), (void *)(uintptr_t)name};
}

#endif
