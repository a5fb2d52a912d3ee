/* The LMDB environment of a store and its tables. Nothing here knows what the values mean.
 *
 * The only flag is MDB_NOTLS: read transactions belong to whoever began them, not to a thread. A
 * commit is durable when it returns; no flag that says otherwise is ever given. Results are 0 or a
 * negative errno: what LMDB calls invalid, corrupted or missing where it must be is -EBADMSG, a
 * full map is -ENOSPC. */
#ifndef SANKOFA_STORE_TABLES_H
#define SANKOFA_STORE_TABLES_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

enum table {
    TABLE_JOURNAL,    /* seq, a native u64 -> sealed entry */
    TABLE_TREE,       /* level and number -> full tile of the tree over the sealed entries */
    TABLE_CHECKPOINT, /* size, a native u64 -> signed note */
    TABLE_CASE,       /* case id -> sealed snapshot */
    TABLE_CARD,       /* case id -> sealed card */
    TABLE_KEY,        /* case id -> wrapped data key */
    TABLE_WORKFLOW,   /* hash -> sealed definition */
    TABLE_DOCUMENT,   /* case id, document id, number, is last -> sealed chunk (document.c) */
    TABLE_META,       /* name -> a fact in clear, or a sealed body */
    TABLE_COUNT
};

struct tables {
    MDB_env *env;
    MDB_dbi handles[TABLE_COUNT];
};

const char *table_name(enum table table);
/* The table of that name, and the flags it is opened with. TABLE_COUNT: there is none here; then
 * the flags are all that a table may have. */
enum table table_named(const void *name, size_t size, int *flags_out);

/* `creates` makes the tables in a folder that has none yet. The caller finishes with tables_close
 * whatever the result. */
int tables_open(struct tables *tables, const char *folder, uint64_t map_bytes, bool creates);
/* Accepts a zeroed object. */
void tables_close(struct tables *tables);
/* Writes a compacting copy of the last commit to `fd`, while the tables are in use. Any thread. */
int tables_copy(const struct tables *tables, int fd);
/* Bytes of the map: all, and those up to the last page ever used. */
void tables_room(const struct tables *tables, uint64_t *map_bytes_out, uint64_t *used_bytes_out);

int tables_error(int lmdb_result);

/* A read transaction that ends with its scope: TABLES_READ MDB_txn *txn = NULL; tables_begin(...)
 */
int tables_begin_read(const struct tables *tables, MDB_txn **txn_out);
void tables_end_scoped(MDB_txn **txn);
#define TABLES_READ __attribute__((cleanup(tables_end_scoped)))
void tables_cursor_close_scoped(MDB_cursor **cursor);
#define TABLES_CURSOR __attribute__((cleanup(tables_cursor_close_scoped)))

/* -ENOENT. The value is borrowed from the transaction. */
int tables_get(const struct tables *tables, MDB_txn *txn, enum table table, MDB_val key,
               MDB_val *value_out);
/* -ENOENT. */
int tables_remove(const struct tables *tables, MDB_txn *txn, enum table table, MDB_val key);
/* `flags` are mdb_put's; -EEXIST where they forbid to replace. */
int tables_put(const struct tables *tables, MDB_txn *txn, enum table table, MDB_val key,
               MDB_val value, unsigned int flags);

#endif
