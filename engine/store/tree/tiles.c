/* Tiles and nodes in the tables. */
#include "store/tree/tiles.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "vault/bytes.h"

static MDB_val tile_key(unsigned level, uint64_t number, uint8_t bytes_out[TILE_KEY_BYTES])
{
    bytes_out[0] = (uint8_t)level;
    bytes_put_u64(bytes_out + 1, number);
    return (MDB_val){TILE_KEY_BYTES, bytes_out};
}

uint64_t tiles_count(uint64_t size, unsigned level)
{
    return level + 1 < MERKLE_LEVEL_COUNT ? size >> (MERKLE_TILE_HEIGHT * (level + 1)) : 0;
}

int tiles_put(void *self, unsigned level, uint64_t number,
              const struct merkle_hash tile[MERKLE_TILE_WIDTH])
{
    const struct tiles *tiles = self;
    uint8_t key[TILE_KEY_BYTES];

    return tables_put(tiles->tables, tiles->txn, TABLE_TREE, tile_key(level, number, key),
                      (MDB_val){TILE_BYTES, (void *)(uintptr_t)tile}, 0);
}

int tiles_get(const struct tiles *tiles, unsigned level, uint64_t number,
              struct merkle_hash tile_out[MERKLE_TILE_WIDTH])
{
    uint8_t key[TILE_KEY_BYTES];
    MDB_val value;
    int result =
        tables_get(tiles->tables, tiles->txn, TABLE_TREE, tile_key(level, number, key), &value);

    if (result == -ENOENT || (result == 0 && value.mv_size != TILE_BYTES))
        return -EBADMSG;
    if (result == 0)
        memcpy(tile_out, value.mv_data, TILE_BYTES);
    return result;
}

/* The node that a full tile stands under. */
static int fold_tile(const struct tiles *tiles, unsigned level, uint64_t number,
                     struct merkle_hash *hash_out)
{
    struct merkle_hash tile[MERKLE_TILE_WIDTH];
    int result = tiles_get(tiles, level, number, tile);

    if (result == 0)
        merkle_fold(tile, MERKLE_TILE_WIDTH, hash_out);
    return result;
}

int tiles_entry(const struct tiles *tiles, uint64_t seq, struct text *sealed_out)
{
    MDB_val key = {sizeof(seq), &seq}, sealed;
    int result = tables_get(tiles->tables, tiles->txn, TABLE_JOURNAL, key, &sealed);

    if (result == 0)
        *sealed_out = (struct text){sealed.mv_data, sealed.mv_size};
    return result == -ENOENT ? -EBADMSG : result;
}

static int hash_entry(const struct tiles *tiles, uint64_t seq, struct merkle_hash *leaf_out)
{
    struct text sealed;
    int result = tiles_entry(tiles, seq, &sealed);

    if (result == 0)
        merkle_leaf(sealed.bytes, sealed.size, leaf_out);
    return result;
}

/* A node of height 8 * level that stands in no full tile. */
static int edge_node(const struct tiles *tiles, unsigned level, uint64_t number,
                     struct merkle_hash *hash_out)
{
    return level == 0 ? hash_entry(tiles, number + 1, hash_out)
                      : fold_tile(tiles, level - 1, number, hash_out);
}

static int find_node(void *self, unsigned height, uint64_t number, struct merkle_hash *hash_out)
{
    const struct tiles *tiles = self;
    struct merkle_hash nodes[MERKLE_TILE_WIDTH];
    unsigned level = height / MERKLE_TILE_HEIGHT, above = height % MERKLE_TILE_HEIGHT;
    uint64_t first = number << above, tile = first / MERKLE_TILE_WIDTH;
    size_t place = (size_t)(first % MERKLE_TILE_WIDTH), count = (size_t)1 << above;
    int result = 0;

    CHECK(level < MERKLE_LEVEL_COUNT);
    if (tile < tiles_count(tiles->size, level)) {
        result = tiles_get(tiles, level, tile, nodes);
    } else {
        for (size_t i = 0; i < count && result == 0; i++)
            result = edge_node(tiles, level, first + i, &nodes[place + i]);
    }
    if (result == 0)
        merkle_fold(&nodes[place], count, hash_out);
    return result;
}

struct merkle_source tiles_source(struct tiles *tiles)
{
    return (struct merkle_source){tiles, find_node};
}

int tiles_read_edge(struct tiles *tiles, struct merkle_edge *edge_out)
{
    int worst = 0;

    memset(edge_out, 0, sizeof(*edge_out));
    edge_out->size = tiles->size;
    for (unsigned level = 0; level < MERKLE_LEVEL_COUNT; level++) {
        size_t count = merkle_edge_count(tiles->size, level);
        uint64_t first = (tiles->size >> (MERKLE_TILE_HEIGHT * level)) - count;

        for (size_t i = 0; i < count; i++) {
            int result = edge_node(tiles, level, first + i, &edge_out->nodes[level][i]);

            if (result < 0 && result != -EBADMSG)
                return result;
            worst = result < 0 ? result : worst;
        }
    }
    return worst;
}
