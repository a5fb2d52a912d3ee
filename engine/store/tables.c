/* The LMDB environment of a store. */
#include "store/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"

enum { TABLE_COUNT_MAX = 16, READER_COUNT_MAX = 16, PAGE_BYTES = 4096 };

static const struct {
    const char *name;
    unsigned int flags;
} table_kinds[TABLE_COUNT] = {
    [TABLE_JOURNAL] = {"journal", MDB_INTEGERKEY},
    [TABLE_TREE] = {"tree", 0},
    [TABLE_CHECKPOINT] = {"checkpoint", MDB_INTEGERKEY},
    [TABLE_CASE] = {"case", 0},
    [TABLE_CARD] = {"card", 0},
    [TABLE_KEY] = {"key", 0},
    [TABLE_WORKFLOW] = {"workflow", 0},
    [TABLE_DOCUMENT] = {"document", 0},
    [TABLE_META] = {"meta", 0},
};

static const struct {
    int lmdb, result;
} errors[] = {
    {MDB_SUCCESS, 0},
    {MDB_NOTFOUND, -ENOENT},
    {MDB_KEYEXIST, -EEXIST},
    {MDB_MAP_FULL, -ENOSPC},
    {MDB_PAGE_NOTFOUND, -EBADMSG},
    {MDB_CORRUPTED, -EBADMSG},
    {MDB_VERSION_MISMATCH, -EBADMSG},
    {MDB_INVALID, -EBADMSG},
    {MDB_INCOMPATIBLE, -EBADMSG},
    {MDB_READERS_FULL, -EAGAIN},
};

int tables_error(int lmdb_result)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].lmdb == lmdb_result)
            return errors[i].result;
    return lmdb_result > 0 ? -lmdb_result : -EIO;
}

const char *table_name(enum table table)
{
    return table_kinds[table].name;
}

enum table table_named(const void *name, size_t size, int *flags_out)
{
    *flags_out = MDB_INTEGERKEY;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        if (strlen(table_kinds[i].name) == size && memcmp(table_kinds[i].name, name, size) == 0) {
            *flags_out = (int)table_kinds[i].flags;
            return (enum table)i;
        }
    return TABLE_COUNT;
}

static void end_on_assert(MDB_env *env, const char *message)
{
    (void)env;
    check_failed(message, "lmdb", 0);
}

/* The file must not reach a plugin's host: LMDB opens it without O_CLOEXEC. */
static int keep_from_children(MDB_env *env)
{
    int fd, result = tables_error(mdb_env_get_fd(env, &fd));

    if (result == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        result = -errno;
    return result;
}

static int open_env(struct tables *tables, const char *folder, uint64_t map_bytes)
{
    int result = tables_error(mdb_env_create(&tables->env));

    if (result == 0)
        result = tables_error(mdb_env_set_maxdbs(tables->env, TABLE_COUNT_MAX));
    if (result == 0)
        result = tables_error(mdb_env_set_maxreaders(tables->env, READER_COUNT_MAX));
    if (result == 0)
        result = tables_error(
            mdb_env_set_mapsize(tables->env, (size_t)(map_bytes / PAGE_BYTES * PAGE_BYTES)));
    if (result == 0)
        result = tables_error(mdb_env_set_assert(tables->env, end_on_assert));
    if (result == 0)
        result = tables_error(mdb_env_open(tables->env, folder, MDB_NOTLS, 0600));
    return result == 0 ? keep_from_children(tables->env) : result;
}

int tables_open(struct tables *tables, const char *folder, uint64_t map_bytes, bool creates)
{
    MDB_txn *txn = NULL;
    int result = open_env(tables, folder, map_bytes);

    if (result == 0)
        result = tables_error(mdb_txn_begin(tables->env, NULL, creates ? 0 : MDB_RDONLY, &txn));
    if (result < 0)
        return result;
    for (size_t i = 0; i < TABLE_COUNT && result == 0; i++) {
        unsigned int flags = table_kinds[i].flags | (creates ? MDB_CREATE : 0);

        result = tables_error(mdb_dbi_open(txn, table_kinds[i].name, flags, &tables->handles[i]));
    }
    if (result == 0)
        return tables_error(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return result == -ENOENT ? -EBADMSG : result;
}

void tables_close(struct tables *tables)
{
    if (tables->env)
        mdb_env_close(tables->env);
    tables->env = NULL;
}

int tables_copy(const struct tables *tables, int fd)
{
    return tables_error(mdb_env_copyfd2(tables->env, fd, MDB_CP_COMPACT));
}

void tables_room(const struct tables *tables, uint64_t *map_bytes_out, uint64_t *used_bytes_out)
{
    MDB_envinfo info;
    MDB_stat stat;

    CHECK(mdb_env_info(tables->env, &info) == 0);
    CHECK(mdb_env_stat(tables->env, &stat) == 0);
    *map_bytes_out = info.me_mapsize;
    *used_bytes_out = (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize;
}

int tables_begin_read(const struct tables *tables, MDB_txn **txn_out)
{
    return tables_error(mdb_txn_begin(tables->env, NULL, MDB_RDONLY, txn_out));
}

void tables_end_scoped(MDB_txn **txn)
{
    mdb_txn_abort(*txn);
}

void tables_cursor_close_scoped(MDB_cursor **cursor)
{
    if (*cursor)
        mdb_cursor_close(*cursor);
}

int tables_get(const struct tables *tables, MDB_txn *txn, enum table table, MDB_val key,
               MDB_val *value_out)
{
    return tables_error(mdb_get(txn, tables->handles[table], &key, value_out));
}

int tables_put(const struct tables *tables, MDB_txn *txn, enum table table, MDB_val key,
               MDB_val value, unsigned int flags)
{
    return tables_error(mdb_put(txn, tables->handles[table], &key, &value, flags));
}

int tables_remove(const struct tables *tables, MDB_txn *txn, enum table table, MDB_val key)
{
    return tables_error(mdb_del(txn, tables->handles[table], &key, NULL));
}
