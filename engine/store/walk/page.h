/* One page: what LMDB 0.9 writes there, read by its offsets. */
#ifndef SANKOFA_STORE_WALK_PAGE_H
#define SANKOFA_STORE_WALK_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PAGE_HEADER_BYTES = 16,
    PAGE_BYTES_MIN = 4096,      /* of every machine that Debian runs on */
    PAGE_BYTES_MAX = 65536 / 2, /* bounds within a page have 16 bits */
    NODE_HEADER_BYTES = 8,
    KEY_BYTES_MAX = 511
};
enum page_kind { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_OVERFLOW = 0x04, PAGE_META = 0x08 };
enum node_flag { NODE_BIG = 0x01, NODE_TREE = 0x02 };
static const uint64_t page_none = ~(uint64_t)0; /* the root of an empty tree */

/* A tree, as the meta page and the table of tables hold it. */
struct page_tree {
    uint32_t pad; /* of the free list's: the size of a page */
    uint16_t flags, depth;
    uint64_t branch_count, leaf_count, overflow_count, entry_count, root;
};
enum { PAGE_TREE_BYTES = 48, TREE_INTEGER_KEYS = 0x08 };

struct page_meta {
    uint32_t magic, version;
    uint64_t map_bytes, last_page, txn;
    struct page_tree free, main;
};

struct page_node {
    const uint8_t *key;
    size_t key_size;
    uint64_t child; /* in a branch */
    uint16_t flags; /* in a leaf, as the rest */
    uint64_t value_size;
    const uint8_t *value; /* NODE_BIG: the number of its first overflow page */
};

uint16_t page_u16(const uint8_t *at);
uint32_t page_u32(const uint8_t *at);
uint64_t page_u64(const uint8_t *at);

void page_read_tree(const uint8_t *at, struct page_tree *tree_out);
/* NULL, or what is wrong with it. */
const char *page_read_meta(const uint8_t *page, uint64_t number, struct page_meta *meta_out);
/* Whether a page is a branch or leaf of that number, each of its nodes within it and none of them
 * over another. NULL, or what is wrong. */
const char *page_check(const uint8_t *page, size_t page_bytes, uint64_t number,
                       enum page_kind kind);
/* Of a page that was checked. */
size_t page_node_count(const uint8_t *page);
struct page_node page_node(const uint8_t *page, size_t index, enum page_kind kind);

#endif
