/* The tree of a store on the disk: full tiles in table `tree`, the edge rebuilt from the journal.
 *
 * A tile's key is its level, one byte, and its number, eight, big-endian; its value is 256 hashes.
 * What a tile says can be computed from the journal alone: it makes proofs quick, and damage in
 * either of the two visible. */
#ifndef SANKOFA_STORE_TREE_TILES_H
#define SANKOFA_STORE_TREE_TILES_H

#include <lmdb.h>

#include "base/text.h"
#include "store/tables.h"
#include "store/tree/merkle.h"

enum { TILE_KEY_BYTES = 9, TILE_BYTES = MERKLE_TILE_WIDTH * MERKLE_HASH_BYTES };

/* The tree as one transaction sees it. */
struct tiles {
    const struct tables *tables;
    MDB_txn *txn;
    uint64_t size; /* leaves; the transaction may see more */
};

/* How many full tiles a tree of `size` leaves has at `level`. */
uint64_t tiles_count(uint64_t size, unsigned level);
/* A merkle_keep: `self` is a struct tiles with a transaction that writes. */
int tiles_put(void *self, unsigned level, uint64_t number,
              const struct merkle_hash tile[MERKLE_TILE_WIDTH]);
/* -EBADMSG: it is missing, or of another size. */
int tiles_get(const struct tiles *tiles, unsigned level, uint64_t number,
              struct merkle_hash tile_out[MERKLE_TILE_WIDTH]);
/* A stored entry's bytes, borrowed from the transaction. -EBADMSG: it is missing. */
int tiles_entry(const struct tiles *tiles, uint64_t seq, struct text *sealed_out);
/* Nodes for proofs; it borrows `tiles`. -EBADMSG: a tile or an entry is missing. */
struct merkle_source tiles_source(struct tiles *tiles);
/* Rebuilds the edge: at most 255 entries, and 255 tiles a level, are read. -EBADMSG: something is
 * missing; in its place stand zeros. */
int tiles_read_edge(struct tiles *tiles, struct merkle_edge *edge_out);

#endif
