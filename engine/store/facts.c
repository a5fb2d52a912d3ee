/* What must be known of a store before anything of it is used: the clear facts and their MACs, the
 * data key of what belongs to no case, the journal's end; and whether the rest fits them. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "store/disk.h"
#include "store/state.h"
#include "store/tree/checkpoints.h"
#include "vault/bytes.h"

const char store_help_restore[] = N_("restore the store from a backup");

/* The journal begins at 1 and has no gap. Where its size is another than its last seq, entries are
 * missing, which reading them will tell; or the last key is what a flipped bit has made of it. */
static int check_last(const struct store *store, MDB_txn *txn, uint64_t last, MDB_val sealed)
{
    struct vault_case_id id;
    uint64_t generation;
    MDB_stat stat;
    int result = tables_error(mdb_stat(txn, store->tables.handles[TABLE_JOURNAL], &stat));

    if (result < 0 || stat.ms_entries == last)
        return result;
    if (stat.ms_entries > last ||
        vault_peek((struct text){sealed.mv_data, sealed.mv_size}, &id, &generation) < 0)
        return -EBADMSG;
    return generation == last ? 0 : -EBADMSG;
}

static int read_last_seq(const struct store *store, MDB_txn *txn, uint64_t *last_out)
{
    TABLES_CURSOR MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int result;

    result = tables_error(mdb_cursor_open(txn, store->tables.handles[TABLE_JOURNAL], &cursor));
    if (result == 0)
        result = tables_error(mdb_cursor_get(cursor, &key, &value, MDB_LAST));
    *last_out = 0;
    if (result == -ENOENT)
        return 0;
    if (result == 0 && key.mv_size != sizeof(*last_out))
        result = -EBADMSG;
    if (result < 0)
        return result;
    memcpy(last_out, key.mv_data, sizeof(*last_out));
    return check_last(store, txn, *last_out, value);
}

/* -EPROTONOSUPPORT: another format; -EXDEV: the slots file is of another store; -EBADMSG. */
static int read_facts(struct store *store, MDB_txn *txn)
{
    uint8_t format[4], id[VAULT_STORE_ID_BYTES], horizon[8], demo[1];
    struct tables *tables = &store->tables;
    uint64_t last = 0;
    int result = fact_get(tables, txn, store->vault, STORE_FACT_FORMAT, format, sizeof(format));

    if (result == 0 && bytes_u32(format) != STORE_FORMAT)
        return -EPROTONOSUPPORT;
    if (result == 0)
        result = fact_get(tables, txn, store->vault, STORE_FACT_STORE, id, sizeof(id));
    if (result == 0)
        result = fact_get(tables, txn, store->vault, STORE_FACT_DEMO, demo, sizeof(demo));
    if (result == 0)
        result = fact_get(tables, txn, store->vault, STORE_FACT_HORIZON, horizon, sizeof(horizon));
    if (result == 0)
        result = record_key_load(store, txn, &store_no_case);
    if (result == 0)
        result = read_last_seq(store, txn, &last);
    if (result < 0)
        return result == -ENOENT ? -EBADMSG : result;
    store->demo = demo[0] != 0;
    store->last_seq = last;
    store->horizon = bytes_u64(horizon);
    if (store->horizon > store->last_seq)
        return -EBADMSG;
    return checkpoints_open(store, txn);
}

/* Whoever puts one of the two files back from another day has keys that do not fit; nothing is
 * damaged then. -ESTALE if it is so, explained. */
static int compare_epochs(const struct store *store, MDB_txn *txn, struct diag_list *diags)
{
    uint32_t current = vault_epoch(store->vault), epoch = 0;
    MDB_val wrapped;

    if (tables_get(&store->tables, txn, TABLE_KEY, store_key_id(&store_no_case), &wrapped) == 0)
        epoch = vault_wrapped_epoch(wrapped.mv_data, wrapped.mv_size);
    if (epoch == 0 || vault_epoch_is_known(store->vault, epoch))
        return 0;
    if (epoch > current)
        return disk_explain(
            diags, store->data_path, -ESTALE, "E854",
            N_("put the file slots back that was there with these data; a backup has "
               "both of one day"),
            N_("the file slots is older than the data: its keys end at epoch %u, the data are "
               "under epoch %u"),
            current, epoch);
    return disk_explain(diags, store->data_path, -ESTALE, "E854", store_help_restore,
                        N_("the data are older than the file slots: they are under epoch %u, whose "
                           "keys were destroyed"),
                        epoch);
}

static int explain(const struct store *store, MDB_txn *txn, int result, struct diag_list *diags)
{
    if (result == -EBADMSG && compare_epochs(store, txn, diags) < 0)
        return result;
    if (result == -EBADMSG)
        return disk_explain(diags, store->data_path, result, "E816", store_help_restore,
                            N_("the store is damaged"));
    if (result == -EPROTONOSUPPORT)
        return disk_explain(diags, store->data_path, result, "E815",
                            N_("use the version of Sankofa that wrote it"),
                            N_("the store has another format than %d"), STORE_FORMAT);
    return disk_explain(diags, store->data_path, result, "E811", disk_help(result),
                        N_("the store cannot be opened: %s"), strerror(-result));
}

int facts_read(struct store *store, struct diag_list *diags)
{
    TABLES_READ MDB_txn *txn = NULL;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = read_facts(store, txn);
    return result < 0 ? explain(store, txn, result, diags) : 0;
}

int facts_compare(struct store *store, struct diag_list *diags)
{
    TABLES_READ MDB_txn *txn = NULL;
    int result = tables_begin_read(&store->tables, &txn);

    if (result == 0)
        result = sums_open(store, txn);
    if (result == -ESTALE)
        disk_explain(
            diags, store->data_path, result, "E853", store_help_restore,
            N_("definitions or codes of cases are older than the journal: they were put back"));
    else if (result < 0)
        return explain(store, txn, result, diags);
    return result == -ESTALE ? -EBADMSG : result;
}
