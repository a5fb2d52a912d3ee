/* The layout, by offset (numbers in the machine's own order):
 *
 *   page       0  number 8, pad 2, kind 2, lower 2, upper 2: the offsets of nodes, 2 bytes each,
 *                 end at lower; the nodes begin at upper and reach to the page's end
 *   overflow   0  number 8, pad 2, kind 2, count of pages 4
 *   node       0  low 2, high 2, flags 2, key size 2, the key, the value
 *                 leaf: the value's size is low + high << 16; branch: the child's number is
 *                 low + high << 16 + flags << 32, and there is no value
 *   meta      16  magic 4, version 4, address 8, map size 8, free list 48, tables 48, last page 8,
 *                 number of the commit 8
 *   tree       0  pad 4, flags 2, depth 2, branches 8, leaves 8, overflow pages 8, entries 8, root
 * 8
 */
#include "store/walk/page.h"

#include <string.h>

enum {
    META_MAGIC_AT = 16,
    META_VERSION_AT = 20,
    META_MAP_AT = 32,
    META_FREE_AT = 40,
    META_MAIN_AT = META_FREE_AT + PAGE_TREE_BYTES,
    META_LAST_AT = META_MAIN_AT + PAGE_TREE_BYTES,
    META_TXN_AT = META_LAST_AT + 8,
    KIND_AT = 10,
    LOWER_AT = 12,
    UPPER_AT = 14,
    META_VERSION = 1,
    BIG_BYTES = 8
};
#define META_MAGIC 0xBEEFC0DEu

uint16_t page_u16(const uint8_t *at)
{
    uint16_t number;

    memcpy(&number, at, sizeof(number));
    return number;
}

uint32_t page_u32(const uint8_t *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return number;
}

uint64_t page_u64(const uint8_t *at)
{
    uint64_t number;

    memcpy(&number, at, sizeof(number));
    return number;
}

void page_read_tree(const uint8_t *at, struct page_tree *tree_out)
{
    *tree_out = (struct page_tree){
        .pad = page_u32(at),
        .flags = page_u16(at + 4),
        .depth = page_u16(at + 6),
        .branch_count = page_u64(at + 8),
        .leaf_count = page_u64(at + 16),
        .overflow_count = page_u64(at + 24),
        .entry_count = page_u64(at + 32),
        .root = page_u64(at + 40),
    };
}

const char *page_read_meta(const uint8_t *page, uint64_t number, struct page_meta *meta_out)
{
    *meta_out = (struct page_meta){
        .magic = page_u32(page + META_MAGIC_AT),
        .version = page_u32(page + META_VERSION_AT),
        .map_bytes = page_u64(page + META_MAP_AT),
        .last_page = page_u64(page + META_LAST_AT),
        .txn = page_u64(page + META_TXN_AT),
    };
    page_read_tree(page + META_FREE_AT, &meta_out->free);
    page_read_tree(page + META_MAIN_AT, &meta_out->main);
    if (page_u64(page) != number || page_u16(page + KIND_AT) != PAGE_META)
        return "it is no meta page";
    if (meta_out->magic != META_MAGIC || meta_out->version != META_VERSION)
        return "it is not of LMDB 0.9";
    return NULL;
}

size_t page_node_count(const uint8_t *page)
{
    return (size_t)(page_u16(page + LOWER_AT) - PAGE_HEADER_BYTES) / 2;
}

struct page_node page_node(const uint8_t *page, size_t index, enum page_kind kind)
{
    const uint8_t *at = page + page_u16(page + PAGE_HEADER_BYTES + 2 * index);
    uint64_t low = page_u16(at), high = page_u16(at + 2), flags = page_u16(at + 4);
    struct page_node node = {.key = at + NODE_HEADER_BYTES, .key_size = page_u16(at + 6)};

    if (kind == PAGE_BRANCH) {
        node.child = low | high << 16 | flags << 32;
        return node;
    }
    node.flags = (uint16_t)flags;
    node.value_size = low | high << 16;
    node.value = node.key + node.key_size;
    return node;
}

/* What a node takes of its page, rounded up to even. */
static uint64_t node_bytes(const struct page_node *node, enum page_kind kind)
{
    uint64_t size = NODE_HEADER_BYTES + node->key_size;

    if (kind == PAGE_LEAF)
        size += node->flags & NODE_BIG ? BIG_BYTES : node->value_size;
    return (size + 1) & ~(uint64_t)1;
}

/* Nodes lie side by side from `upper` to the end of the page. */
static const char *check_nodes(const uint8_t *page, size_t page_bytes, enum page_kind kind)
{
    uint8_t taken[PAGE_BYTES_MAX / 2] = {0}; /* of each two bytes: whether a node has them */
    size_t upper = page_u16(page + UPPER_AT), count = page_node_count(page), sum = 0;

    for (size_t i = 0; i < count; i++) {
        size_t at = page_u16(page + PAGE_HEADER_BYTES + 2 * i);

        if (at < upper || at % 2 != 0 || at + NODE_HEADER_BYTES > page_bytes)
            return "a node lies outside of its page";
        struct page_node node = page_node(page, i, kind);
        uint64_t size = node_bytes(&node, kind);
        if (node.key_size > KEY_BYTES_MAX || size > page_bytes - at)
            return "a node is larger than its page";
        for (size_t k = at / 2; k < (at + size) / 2; k++)
            if (taken[k]++)
                return "two nodes lie over each other";
        sum += (size_t)size;
    }
    return sum == page_bytes - upper ? NULL : "nodes do not fill their part of the page";
}

const char *page_check(const uint8_t *page, size_t page_bytes, uint64_t number, enum page_kind kind)
{
    size_t lower = page_u16(page + LOWER_AT), upper = page_u16(page + UPPER_AT);

    if (page_u64(page) != number)
        return "it bears another page's number";
    if (page_u16(page + KIND_AT) != kind)
        return "it is of another kind";
    if (lower <= PAGE_HEADER_BYTES || lower % 2 != 0 || lower > upper || upper > page_bytes)
        return "its bounds are wrong";
    return check_nodes(page, page_bytes, kind);
}
