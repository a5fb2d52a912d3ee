/* Hashes, and the edge: a binary counter in base 256. */
#include "store/tree/merkle.h"

#include <string.h>

#include "base/check.h"
#include "vault/vault.h"

/* RFC 6962: what a leaf can never be mistaken for a node by. */
static const uint8_t leaf_mark = 0x00, node_mark = 0x01;

void merkle_leaf(const void *bytes, size_t size, struct merkle_hash *hash_out)
{
    vault_hash_two(&leaf_mark, 1, bytes, size, hash_out->bytes);
}

void merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *hash_out)
{
    uint8_t both[1 + MERKLE_HASH_BYTES];

    both[0] = node_mark;
    memcpy(both + 1, left->bytes, MERKLE_HASH_BYTES);
    vault_hash_two(both, sizeof(both), right->bytes, MERKLE_HASH_BYTES, hash_out->bytes);
}

void merkle_fold(const struct merkle_hash *nodes, size_t count, struct merkle_hash *hash_out)
{
    struct merkle_hash level[MERKLE_TILE_WIDTH];

    CHECK(count > 0 && count <= MERKLE_TILE_WIDTH);
    CHECK((count & (count - 1)) == 0);
    memcpy(level, nodes, count * sizeof(*nodes));
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            merkle_node(&level[2 * i], &level[2 * i + 1], &level[i]);
    *hash_out = level[0];
}

size_t merkle_edge_count(uint64_t size, unsigned level)
{
    return (size_t)(size >> (MERKLE_TILE_HEIGHT * level) & (MERKLE_TILE_WIDTH - 1));
}

int merkle_add(struct merkle_edge *edge, const struct merkle_hash *leaf, merkle_keep *keep,
               void *self)
{
    struct merkle_hash node = *leaf;
    uint64_t size = edge->size++;

    for (unsigned level = 0; level < MERKLE_LEVEL_COUNT; level++) {
        struct merkle_hash *tile = edge->nodes[level];
        size_t place = merkle_edge_count(size, level);
        int result;

        tile[place] = node;
        if (place + 1 < MERKLE_TILE_WIDTH)
            return 0;
        result = keep(self, level, size >> (MERKLE_TILE_HEIGHT * (level + 1)), tile);
        if (result != 0)
            return result;
        merkle_fold(tile, MERKLE_TILE_WIDTH, &node);
    }
    CHECK(!"a tree of 2^64 leaves");
    return 0;
}

/* From the right: each perfect subtree, the smallest first, goes to the left of what is there. */
void merkle_root(const struct merkle_edge *edge, struct merkle_hash *root_out)
{
    bool is_begun = false;

    vault_hash("", 0, root_out->bytes);
    for (unsigned level = 0; level < MERKLE_LEVEL_COUNT; level++) {
        size_t count = merkle_edge_count(edge->size, level);

        for (size_t width = 1; width <= count; width *= 2) {
            struct merkle_hash peak;

            if ((count & width) == 0)
                continue;
            merkle_fold(&edge->nodes[level][count & ~(2 * width - 1)], width, &peak);
            if (is_begun)
                merkle_node(&peak, root_out, root_out);
            else
                *root_out = peak;
            is_begun = true;
        }
    }
}
