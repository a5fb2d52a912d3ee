/* The Merkle tree of RFC 6962: hashes, and a tree that grows at its right edge. Pure.
 *
 * Words: a *leaf* is the hash of one stored, sealed entry; leaf N is the entry of seq N + 1. A
 * *node* is named by its height (0: leaves) and its number from the left. A *tile* holds the 256
 * nodes of height 8 * level that stand under one node of the next level (C2SP tlog-tiles); it is
 * *full* once all of them are there. The *edge* is what stands in no full tile. */
#ifndef SANKOFA_STORE_TREE_MERKLE_H
#define SANKOFA_STORE_TREE_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MERKLE_HASH_BYTES = 32,
    MERKLE_TILE_HEIGHT = 8,
    MERKLE_TILE_WIDTH = 1 << MERKLE_TILE_HEIGHT,
    MERKLE_LEVEL_COUNT = 8,
    MERKLE_PROOF_HASHES_MAX = 66
};

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_BYTES];
};

void merkle_leaf(const void *bytes, size_t size, struct merkle_hash *hash_out);
void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *hash_out);
/* The node above `count` nodes, a power of two that is at most MERKLE_TILE_WIDTH. */
void merkle_fold(const struct merkle_hash *nodes, size_t count, struct merkle_hash *hash_out);

/* Level by level, the nodes that stand in no full tile. 64 KiB. */
struct merkle_edge {
    uint64_t size; /* leaves */
    struct merkle_hash nodes[MERKLE_LEVEL_COUNT][MERKLE_TILE_WIDTH];
};

/* How many nodes the edge of a tree has at `level`. */
size_t merkle_edge_count(uint64_t size, unsigned level);

/* What a full tile is handed to; its result, if it is not 0, is merkle_add's. */
typedef int merkle_keep(void *self, unsigned level, uint64_t number,
                        const struct merkle_hash tile[MERKLE_TILE_WIDTH]);
int merkle_add(struct merkle_edge *edge, const struct merkle_hash *leaf, merkle_keep *keep,
               void *self);
void merkle_root(const struct merkle_edge *edge, struct merkle_hash *root_out);

/* Where proofs find complete nodes. 0 or a negative error. */
struct merkle_source {
    void *self;
    int (*node)(void *self, unsigned height, uint64_t number, struct merkle_hash *hash_out);
};

struct merkle_proof {
    struct merkle_hash hashes[MERKLE_PROOF_HASHES_MAX];
    size_t count;
};

/* The root as of `size` leaves, which the source must reach to. */
int merkle_root_at(const struct merkle_source *source, uint64_t size, struct merkle_hash *root_out);
/* That leaf `number` is in the tree of `size` leaves; number < size. */
int merkle_prove_leaf(const struct merkle_source *source, uint64_t number, uint64_t size,
                      struct merkle_proof *proof_out);
/* That the tree of `size` leaves begins with that of `old_size`; old_size <= size. Empty where
 * old_size is 0 or `size`. */
int merkle_prove_growth(const struct merkle_source *source, uint64_t old_size, uint64_t size,
                        struct merkle_proof *proof_out);

/* Whether they hold: true or false; nothing is trusted but the roots. */
bool merkle_check_leaf(const struct merkle_proof *proof, const struct merkle_hash *leaf,
                       uint64_t number, uint64_t size, const struct merkle_hash *root);
bool merkle_check_growth(const struct merkle_proof *proof, uint64_t old_size,
                         const struct merkle_hash *old_root, uint64_t size,
                         const struct merkle_hash *root);

#endif
