/* The walk through the trees.
 *
 * The happy path:
 * 1. both meta pages; the newer one counts;
 * 2. the table of tables, and each table under it, page by page, each page once;
 * 3. the free list, whose pages nobody has met;
 * 4. what was met and what is free are together all pages up to the last. */
#include "store/walk/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/walk/page.h"

enum { DEPTH_MAX = 32, LEVELS_MAX = 2 * DEPTH_MAX, FREE_CHUNK = 512 };

struct walker {
    const struct walk_options *options;
    struct walk_result *result;
    size_t page_bytes;
    uint64_t file_pages, last_page, met_count;
    uint8_t *met;    /* a bit for each page up to the last */
    uint8_t *levels; /* a page for each level that is under way */
    size_t level;
};

enum tree_kind { TREE_FREE, TREE_MAIN, TREE_TABLE };

/* A tree under way. */
struct tree {
    struct page_tree told; /* what it says of itself */
    enum tree_kind kind;
    enum table table; /* TREE_TABLE; TABLE_COUNT: one that this version does not know */
    uint64_t branch_count, leaf_count, overflow_count, entry_count;
    uint8_t last[KEY_BYTES_MAX], bound[KEY_BYTES_MAX];
    size_t last_size, bound_size;
    bool has_last, has_bound; /* the last key; what the next one may not be below */
};

static int fault(struct walker *walker, uint64_t page, const char *what)
{
    walker->result->fault_page = page;
    walker->result->fault = what;
    return -EBADMSG;
}

static int read_at(struct walker *walker, uint64_t offset, void *bytes_out, size_t size)
{
    const struct walk_source *source = &walker->options->source;

    return source->read(source->self, offset, bytes_out, size);
}

/* ---- Pages, each met once. ---- */

static int meet(struct walker *walker, uint64_t first, uint64_t count)
{
    if (first < 2 || first > walker->last_page || count > walker->last_page - first + 1)
        return fault(walker, first, "a page lies beyond the last one");
    for (uint64_t page = first; page < first + count; page++) {
        if (walker->met[page / 8] & 1u << page % 8)
            return fault(walker, page, "it is reached twice");
        walker->met[page / 8] |= (uint8_t)(1u << page % 8);
    }
    walker->met_count += count;
    return 0;
}

static int meet_in_file(struct walker *walker, uint64_t first, uint64_t count)
{
    int result = meet(walker, first, count);

    if (result == 0 && first + count > walker->file_pages)
        result = fault(walker, first, "the file ends before it");
    return result;
}

/* ---- Keys. ---- */

static int compare_keys(const struct tree *tree, const uint8_t *a, size_t a_size, const uint8_t *b,
                        size_t b_size)
{
    if (tree->told.flags & TREE_INTEGER_KEYS) {
        uint64_t one = page_u64(a), two = page_u64(b);
        return (one > two) - (one < two);
    }
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static bool is_key(const struct tree *tree, const struct page_node *node)
{
    return tree->told.flags & TREE_INTEGER_KEYS ? node->key_size == sizeof(uint64_t)
                                                : node->key_size > 0;
}

/* Keys rise from leaf to leaf, and keep to what the branches say. */
static bool is_in_order(struct tree *tree, const struct page_node *node)
{
    if (tree->has_last &&
        compare_keys(tree, node->key, node->key_size, tree->last, tree->last_size) <= 0)
        return false;
    if (tree->has_bound &&
        compare_keys(tree, node->key, node->key_size, tree->bound, tree->bound_size) < 0)
        return false;
    memcpy(tree->last, node->key, node->key_size);
    tree->last_size = node->key_size;
    tree->has_last = true;
    tree->has_bound = false;
    return true;
}

static bool is_after_last(struct tree *tree, const struct page_node *node)
{
    if (tree->has_last &&
        compare_keys(tree, node->key, node->key_size, tree->last, tree->last_size) <= 0)
        return false;
    memcpy(tree->bound, node->key, node->key_size);
    tree->bound_size = node->key_size;
    tree->has_bound = true;
    return true;
}

/* ---- Values. ---- */

static int walk_tree(struct walker *walker, struct tree *tree, uint64_t at);

static int walk_table(struct walker *walker, const struct page_node *node, uint64_t page)
{
    struct tree tree = {.kind = TREE_TABLE};
    int flags;

    if (node->flags != NODE_TREE || node->value_size != PAGE_TREE_BYTES)
        return fault(walker, page, "it holds something else than tables");
    page_read_tree(node->value, &tree.told);
    tree.table = table_named(node->key, node->key_size, &flags);
    if (tree.table == TABLE_COUNT ? (tree.told.flags & ~flags) != 0 : tree.told.flags != flags)
        return fault(walker, page, "a table has unknown flags");
    int result = walk_tree(walker, &tree, page);
    if (result == 0 && tree.table != TABLE_COUNT)
        walker->result->entries[tree.table] = tree.entry_count;
    return result;
}

/* The first overflow page of a value, which it must fit. */
static int meet_overflow(struct walker *walker, struct tree *tree, const struct page_node *node,
                         uint64_t *offset_out)
{
    uint64_t first = page_u64(node->value), count;
    uint64_t needed = (PAGE_HEADER_BYTES - 1 + node->value_size) / walker->page_bytes + 1;
    uint8_t header[PAGE_HEADER_BYTES];

    if (first >= walker->file_pages)
        return fault(walker, first, "the file ends before it");
    int result = read_at(walker, first * walker->page_bytes, header, sizeof(header));
    if (result < 0)
        return result;
    count = page_u32(header + 12);
    if (page_u64(header) != first || page_u16(header + 10) != PAGE_OVERFLOW || count < needed)
        return fault(walker, first, "it is not the value that a leaf names");
    tree->overflow_count += count;
    *offset_out = first * walker->page_bytes + PAGE_HEADER_BYTES;
    result = meet(walker, first, count);
    if (result == 0 && first + needed > walker->file_pages)
        result = fault(walker, first, "the file ends before it");
    return result;
}

/* The numbers of free pages: how many, then each, falling. The key is the commit that freed them:
 * LMDB takes no other for a number that may be used again. */
static int walk_free(struct walker *walker, const struct page_node *node, uint64_t offset,
                     uint64_t page)
{
    uint64_t numbers[FREE_CHUNK], count = 0, last = UINT64_MAX, done = 0;
    uint64_t commit = page_u64(node->key);
    bool is_big = node->flags & NODE_BIG;
    int result = 0;

    if (commit == 0 || commit > walker->result->txn)
        return fault(walker, page, "pages were freed by no commit that was");
    if (node->value_size < sizeof(count))
        return fault(walker, page, "the free list is too short");
    if (is_big)
        result = read_at(walker, offset, &count, sizeof(count));
    else
        count = page_u64(node->value);
    if (result == 0 && count > node->value_size / sizeof(count) - 1)
        return fault(walker, page, "the free list is longer than its value");
    while (result == 0 && done < count) {
        uint64_t some = count - done < FREE_CHUNK ? count - done : FREE_CHUNK;
        uint64_t at = (1 + done) * sizeof(count);

        if (is_big)
            result = read_at(walker, offset + at, numbers, (size_t)some * sizeof(count));
        else
            memcpy(numbers, node->value + at, (size_t)some * sizeof(count));
        for (uint64_t i = 0; i < some && result == 0; i++) {
            if (numbers[i] >= last)
                return fault(walker, page, "the free list is not in order");
            last = numbers[i];
            result = meet(walker, last, 1);
        }
        done += some;
    }
    return result;
}

static int tell_record(struct walker *walker, const struct tree *tree, const struct page_node *node,
                       uint64_t offset, uint64_t page)
{
    uint8_t head[WALK_HEAD_BYTES];
    size_t size = node->value_size < sizeof(head) ? (size_t)node->value_size : sizeof(head);
    struct walk_record record = {.table = tree->table,
                                 .key = node->key,
                                 .key_size = node->key_size,
                                 .size = node->value_size,
                                 .head = head};
    int result = 0;

    if (!walker->options->record || tree->table == TABLE_COUNT)
        return 0;
    if (node->flags & NODE_BIG)
        result = read_at(walker, offset, head, size);
    else
        memcpy(head, node->value, size);
    if (result == 0 && !walker->options->record(walker->options->self, &record))
        result = fault(walker, page, "it holds a record that is damaged");
    return result;
}

static int walk_value(struct walker *walker, struct tree *tree, const struct page_node *node,
                      uint64_t page)
{
    uint64_t offset = 0;
    int result = 0;

    if (tree->kind == TREE_MAIN)
        return walk_table(walker, node, page);
    if ((node->flags & ~NODE_BIG) != 0)
        return fault(walker, page, "a node has unknown flags");
    if (node->flags & NODE_BIG)
        result = meet_overflow(walker, tree, node, &offset);
    if (result < 0)
        return result;
    return tree->kind == TREE_FREE ? walk_free(walker, node, offset, page)
                                   : tell_record(walker, tree, node, offset, page);
}

/* ---- Trees. ---- */

static int walk_leaf(struct walker *walker, struct tree *tree, const uint8_t *bytes, uint64_t page)
{
    size_t count = page_node_count(bytes);
    int result = 0;

    tree->leaf_count++;
    for (size_t i = 0; i < count && result == 0; i++) {
        struct page_node node = page_node(bytes, i, PAGE_LEAF);

        if (!is_key(tree, &node) || !is_in_order(tree, &node))
            return fault(walker, page, "its keys are not in order");
        tree->entry_count++;
        result = walk_value(walker, tree, &node, page);
    }
    return result;
}

static int walk_page(struct walker *walker, struct tree *tree, uint64_t page, size_t depth_left);

static int walk_branch(struct walker *walker, struct tree *tree, const uint8_t *bytes,
                       uint64_t page, size_t depth_left)
{
    size_t count = page_node_count(bytes);
    int result = 0;

    tree->branch_count++;
    /* LMDB counts on it, but for the free list, which it changes while it balances it. */
    if (count < 2 && tree->kind != TREE_FREE)
        return fault(walker, page, "it is a branch with one child");
    for (size_t i = 0; i < count && result == 0; i++) {
        struct page_node node = page_node(bytes, i, PAGE_BRANCH);

        /* The first one has no key that counts. */
        if (i > 0 && (!is_key(tree, &node) || !is_after_last(tree, &node)))
            return fault(walker, page, "its keys are not in order");
        result = walk_page(walker, tree, node.child, depth_left - 1);
    }
    return result;
}

static int walk_page(struct walker *walker, struct tree *tree, uint64_t page, size_t depth_left)
{
    enum page_kind kind = depth_left == 1 ? PAGE_LEAF : PAGE_BRANCH;
    int result = meet_in_file(walker, page, 1);

    if (result < 0)
        return result;
    CHECK(walker->level < LEVELS_MAX);
    uint8_t *bytes = walker->levels + walker->level++ * walker->page_bytes;
    result = read_at(walker, page * walker->page_bytes, bytes, walker->page_bytes);
    if (result == 0) {
        const char *what = page_check(bytes, walker->page_bytes, page, kind);
        result = what                ? fault(walker, page, what)
                 : kind == PAGE_LEAF ? walk_leaf(walker, tree, bytes, page)
                                     : walk_branch(walker, tree, bytes, page, depth_left);
    }
    walker->level--;
    return result;
}

/* `at` is the page that names the tree. */
static int walk_tree(struct walker *walker, struct tree *tree, uint64_t at)
{
    const struct page_tree *told = &tree->told;
    int result = 0;

    if (told->depth > DEPTH_MAX || (told->depth == 0) != (told->root == page_none))
        return fault(walker, at, "a tree's depth is wrong");
    if (told->depth > 0)
        result = walk_page(walker, tree, told->root, told->depth);
    if (result == 0 &&
        (told->branch_count != tree->branch_count || told->leaf_count != tree->leaf_count ||
         told->overflow_count != tree->overflow_count || told->entry_count != tree->entry_count))
        result = fault(walker, at, "a tree has another size than it says");
    return result;
}

/* ---- The file. ---- */

/* The size of a page is in the first meta page, which is larger than any it could be in. */
static int read_page_bytes(struct walker *walker)
{
    uint8_t first[PAGE_BYTES_MIN];
    struct page_meta meta;
    const char *what;

    if (walker->options->source.size < 2 * PAGE_BYTES_MIN)
        return fault(walker, 0, "the file is too short");
    int result = read_at(walker, 0, first, sizeof(first));
    if (result < 0)
        return result;
    what = page_read_meta(first, 0, &meta);
    if (what)
        return fault(walker, 0, what);
    uint32_t size = meta.free.pad;
    if (size < PAGE_BYTES_MIN || size > PAGE_BYTES_MAX || (size & (size - 1)) != 0)
        return fault(walker, 0, "the size of a page is wrong");
    walker->page_bytes = size;
    walker->file_pages = walker->options->source.size / size;
    return walker->file_pages < 2 ? fault(walker, 0, "the file is too short") : 0;
}

/* Commits go to both in turn: that of an even number to the first. */
static int read_newest(struct walker *walker, struct page_meta *newest_out)
{
    uint8_t bytes[PAGE_BYTES_MIN];
    struct page_meta metas[2];

    for (uint64_t i = 0; i < 2; i++) {
        int result = read_at(walker, i * walker->page_bytes, bytes, sizeof(bytes));
        const char *what = result < 0 ? NULL : page_read_meta(bytes, i, &metas[i]);
        if (result < 0 || what)
            return what ? fault(walker, i, what) : result;
        if (metas[i].free.pad != walker->page_bytes || metas[i].main.pad != 0 ||
            metas[i].free.flags != TREE_INTEGER_KEYS || metas[i].main.flags != 0)
            return fault(walker, i, "its trees are of another kind");
    }
    size_t newest = metas[0].txn < metas[1].txn;
    *newest_out = metas[newest];
    return metas[newest].txn % 2 == newest && metas[0].txn != metas[1].txn
               ? 0
               : fault(walker, newest, "the number of its commit is wrong");
}

/* Sizes that memory is taken for, before they are believed: pages that were freed before they were
 * ever written may lie behind the file's end, but each of them is listed somewhere within it. */
static int make_room(struct walker *walker)
{
    uint64_t listed_max = walker->options->source.size / sizeof(uint64_t);

    if (walker->last_page < 1 || walker->last_page >= walker->file_pages + listed_max)
        return fault(walker, 0, "the last page is wrong");
    walker->met = calloc(1, (size_t)(walker->last_page / 8 + 1));
    walker->levels = calloc(LEVELS_MAX, walker->page_bytes);
    CHECK(walker->met);
    CHECK(walker->levels);
    return 0;
}

static int walk_all(struct walker *walker)
{
    struct page_meta meta = {0};
    int result = read_page_bytes(walker);

    if (result == 0)
        result = read_newest(walker, &meta);
    if (result < 0)
        return result;
    struct tree main_tree = {.told = meta.main, .kind = TREE_MAIN};
    struct tree free_tree = {.told = meta.free, .kind = TREE_FREE};
    uint64_t at = meta.txn % 2;
    walker->last_page = meta.last_page;
    walker->result->txn = meta.txn;
    walker->result->page_bytes = walker->page_bytes;
    walker->result->page_count = meta.last_page + 1;
    result = make_room(walker);
    if (result == 0)
        result = walk_tree(walker, &main_tree, at);
    if (result == 0)
        result = walk_tree(walker, &free_tree, at);
    if (result == 0 && walker->met_count + 2 != meta.last_page + 1)
        result = fault(walker, at, "pages are neither used nor free");
    return result;
}

int walk(const struct walk_options *options, struct walk_result *result_out)
{
    struct walker walker = {.options = options, .result = result_out};

    *result_out = (struct walk_result){0};
    int result = walk_all(&walker);
    free(walker.met);
    free(walker.levels);
    return result;
}

void walk_explain(const struct walk_result *result, int error, char *why_out)
{
    if (error == -EBADMSG && result->fault)
        snprintf(why_out, WALK_WHY_BYTES, "page %llu: %s", (unsigned long long)result->fault_page,
                 result->fault);
    else
        snprintf(why_out, WALK_WHY_BYTES, "%s", strerror(-error));
}
