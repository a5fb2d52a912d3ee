/* Sums of the tables beside the journal: which record is there, and of which generation. Each
 * record proves itself by its seal; that none of them is an older one of its place, or gone, only a
 * sum of them all can show. It stands with each commit, bound to the journal's end and the horizon.
 */
#ifndef SANKOFA_STORE_SUMS_H
#define SANKOFA_STORE_SUMS_H

#include <stdbool.h>

#include "store/tables.h"
#include "vault/vault.h"

struct store;

struct sum {
    uint8_t bytes[VAULT_HASH_BYTES];
};
/* Of cards, which stand for their snapshots; and of definitions and named bodies. Writer alone,
 * once the store is open. */
struct sums {
    struct vault_mac_key *key;
    struct sum cases, others;
};

/* A new store's. */
int sums_create(const struct tables *tables, MDB_txn *txn, struct vault *vault);
/* Compares what is there with what the last commit left. 0; also where cases differ, told to the
 * log: then the horizon is put back to 0, so that each is made anew of its entries. -ESTALE: what
 * belongs to all cases is older than the journal. -EBADMSG: the store has no sums, or another
 * -errno. */
int sums_open(struct store *store, MDB_txn *txn);
/* Accepts a zeroed object. */
void sums_close(struct sums *sums);
/* Writer: the record at `key` goes, or is about to be replaced by one of `generation`; before it
 * is. Only of tables card, workflow, meta. */
int sums_remove(struct store *store, MDB_txn *txn, enum table table, MDB_val key);
int sums_replace(struct store *store, MDB_txn *txn, enum table table, MDB_val key,
                 uint64_t generation);
/* Writer, at the end of a transaction that leaves the journal and the horizon so. */
int sums_put(struct store *store, MDB_txn *txn, uint64_t last_seq, uint64_t horizon);

#endif
