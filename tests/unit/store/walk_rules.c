/* Each rule of the walk, broken alone in a file that is made here page by page. */
#include "fixture.h"

#include "store/walk/page.h"
#include "store/walk/walk.h"

enum {
    PAGE = 4096,
    PAGES_MAX = 12,
    TREE_FREE_AT = 40,
    TREE_MAIN_AT = TREE_FREE_AT + PAGE_TREE_BYTES,
    LAST_AT = TREE_MAIN_AT + PAGE_TREE_BYTES,
    BIG_BYTES = 8
};

/* ---- Making pages. ---- */

static uint8_t file[PAGES_MAX * PAGE];

static void put(size_t at, uint64_t number, size_t size)
{
    memcpy(file + at, &number, size); /* the machine's own order, which must be little-endian */
}

struct node {
    const char *key;
    size_t key_size;
    unsigned flags; /* of a leaf's */
    const void *value;
    size_t size;    /* of the value; what stands in the page of a big one is BIG_BYTES */
    uint64_t child; /* of a branch's */
};

static void put_header(uint64_t page, unsigned kind)
{
    memset(file + page * PAGE, 0, PAGE);
    put(page * PAGE, page, 8);
    put(page * PAGE + 10, kind, 2);
}

static void put_nodes(uint64_t page, enum page_kind kind, const struct node *nodes, size_t count)
{
    size_t upper = PAGE, base = page * PAGE;

    put_header(page, kind);
    for (size_t i = 0; i < count; i++) {
        const struct node *node = &nodes[i];
        size_t inside = kind == PAGE_BRANCH      ? 0
                        : node->flags & NODE_BIG ? (size_t)BIG_BYTES
                                                 : node->size;
        uint64_t number = kind == PAGE_BRANCH ? node->child : node->size;
        upper -= (NODE_HEADER_BYTES + node->key_size + inside + 1) & ~(size_t)1;
        put(base + PAGE_HEADER_BYTES + 2 * i, upper, 2);
        put(base + upper, number & 0xffff, 2);
        put(base + upper + 2, number >> 16 & 0xffff, 2);
        put(base + upper + 4, kind == PAGE_BRANCH ? number >> 32 : node->flags, 2);
        put(base + upper + 6, node->key_size, 2);
        memcpy(file + base + upper + NODE_HEADER_BYTES, node->key, node->key_size);
        if (inside > 0)
            memcpy(file + base + upper + NODE_HEADER_BYTES + node->key_size, node->value, inside);
    }
    put(base + 12, PAGE_HEADER_BYTES + 2 * count, 2);
    put(base + 14, upper, 2);
}

static void put_overflow(uint64_t page, uint64_t count, const void *bytes, size_t size)
{
    put_header(page, PAGE_OVERFLOW);
    put(page * PAGE + 12, count, 4);
    memset(file + (page + 1) * PAGE, 0, (count - 1) * PAGE);
    memcpy(file + page * PAGE + PAGE_HEADER_BYTES, bytes, size);
}

static void tree_bytes(const struct page_tree *tree, uint8_t bytes_out[PAGE_TREE_BYTES])
{
    memcpy(bytes_out, &tree->pad, 4);
    memcpy(bytes_out + 4, &tree->flags, 2);
    memcpy(bytes_out + 6, &tree->depth, 2);
    memcpy(bytes_out + 8, &tree->branch_count, 8);
    memcpy(bytes_out + 16, &tree->leaf_count, 8);
    memcpy(bytes_out + 24, &tree->overflow_count, 8);
    memcpy(bytes_out + 32, &tree->entry_count, 8);
    memcpy(bytes_out + 40, &tree->root, 8);
}

static struct page_tree no_tree(uint16_t flags)
{
    return (struct page_tree){.flags = flags, .root = page_none};
}

static struct page_tree one_leaf(uint16_t flags, uint64_t root, uint64_t entry_count)
{
    return (struct page_tree){
        .flags = flags, .depth = 1, .leaf_count = 1, .entry_count = entry_count, .root = root};
}

static void put_meta(uint64_t page, uint64_t txn, struct page_tree free_tree,
                     struct page_tree main_tree, uint64_t last)
{
    size_t base = page * PAGE;

    free_tree.pad = PAGE;
    put_header(page, PAGE_META);
    put(base + 16, 0xBEEFC0DE, 4);
    put(base + 20, 1, 4);
    put(base + 32, 1 << 20, 8);
    tree_bytes(&free_tree, file + base + TREE_FREE_AT);
    tree_bytes(&main_tree, file + base + TREE_MAIN_AT);
    put(base + LAST_AT, last, 8);
    put(base + LAST_AT + 8, txn, 8);
}

/* ---- Files. ---- */

/* What a file is made of; a test changes one thing of it. */
struct shape {
    struct page_tree free_tree, main_tree, table;
    struct node table_node; /* in the table of tables, page 2 */
    uint8_t table_bytes[PAGE_TREE_BYTES];
    uint64_t last_page;
    size_t size;
};

static const char seq_one[8] = {1}, seq_two[8] = {2}, seq_three[8] = {3};
static const char key_a[] = "a", key_b[] = "b", key_c[] = "c", key_d[] = "d";

/* One table, "card", without a record; no free page. */
static struct shape plain(void)
{
    struct shape shape = {.free_tree = no_tree(TREE_INTEGER_KEYS),
                          .main_tree = one_leaf(0, 2, 1),
                          .table = no_tree(0),
                          .last_page = 2};

    shape.table_node = (struct node){.key = "card", .key_size = 4, .flags = NODE_TREE};
    return shape;
}

/* With page 3 as the table's only leaf. */
static struct shape with_leaf(const struct node *nodes, size_t count)
{
    struct shape shape = plain();

    put_nodes(3, PAGE_LEAF, nodes, count);
    shape.table = one_leaf(0, 3, count);
    shape.last_page = 3;
    return shape;
}

/* Page 3 is a branch over the leaves 4 and 5, which have a, b and c, d. */
static struct shape with_branch(const struct node *children, size_t count)
{
    const struct node left[] = {{key_a, 1, 0, "x", 1, 0}, {key_b, 1, 0, "x", 1, 0}};
    const struct node right[] = {{key_c, 1, 0, "x", 1, 0}, {key_d, 1, 0, "x", 1, 0}};
    struct shape shape = plain();

    put_nodes(3, PAGE_BRANCH, children, count);
    put_nodes(4, PAGE_LEAF, left, 2);
    put_nodes(5, PAGE_LEAF, right, 2);
    shape.table = (struct page_tree){
        .depth = 2, .branch_count = 1, .leaf_count = 2, .entry_count = 4, .root = 3};
    shape.last_page = 5;
    return shape;
}

/* Page 3 is the free list's only leaf. The pages behind it are free as long as the file is. */
static struct shape with_free(const struct node *node, uint64_t last_page)
{
    struct shape shape = plain();

    put_nodes(3, PAGE_LEAF, node, 1);
    shape.free_tree = one_leaf(TREE_INTEGER_KEYS, 3, 1);
    shape.last_page = last_page;
    return shape;
}

static int read_file(void *self, uint64_t offset, void *bytes_out, size_t size)
{
    int *countdown = self;

    if (countdown && --*countdown == 0)
        return -EIO;
    memcpy(bytes_out, file + offset, size);
    return 0;
}

static int walk_shape(struct shape *shape, int *countdown, struct walk_result *result_out)
{
    struct walk_options options = {
        .source = {countdown, shape->size ? shape->size : (shape->last_page + 1) * PAGE,
                   read_file}};

    tree_bytes(&shape->table, shape->table_bytes);
    if (!shape->table_node.value) {
        shape->table_node.value = shape->table_bytes;
        shape->table_node.size = PAGE_TREE_BYTES;
    }
    put_nodes(2, PAGE_LEAF, &shape->table_node, 1);
    put_meta(0, 8, shape->free_tree, shape->main_tree, shape->last_page);
    put_meta(1, 7, shape->free_tree, shape->main_tree, shape->last_page);
    return walk(&options, result_out);
}

static void is_whole(struct shape shape)
{
    struct walk_result result;

    if (walk_shape(&shape, NULL, &result) != 0)
        fail_msg("page %d: %s", (int)result.fault_page, result.fault);
}

static void is_told(struct shape shape, const char *fault)
{
    struct walk_result result;
    char why[WALK_WHY_BYTES];

    assert_int_equal(walk_shape(&shape, NULL, &result), -EBADMSG);
    assert_string_equal(result.fault, fault);
    walk_explain(&result, -EBADMSG, why);
    assert_non_null(strstr(why, fault));
}

/* ---- The rules. ---- */

static void the_table_of_tables_holds_tables_of_known_kinds(void **state)
{
    struct shape shape = plain();

    (void)state;
    is_whole(shape);
    shape.table_node.flags = 0;
    is_told(shape, "it holds something else than tables");
    shape = plain();
    shape.table_node.value = "short";
    shape.table_node.size = 5;
    is_told(shape, "it holds something else than tables");
    shape = plain();
    shape.table.flags = TREE_INTEGER_KEYS; /* which `card` has not */
    is_told(shape, "a table has unknown flags");
    shape = plain();
    shape.table_node.key = "other";
    shape.table_node.key_size = 5;
    is_whole(shape); /* of a version to come */
    shape.table.flags = 0x04;
    is_told(shape, "a table has unknown flags");
}

static void both_roots_are_of_trees_of_their_kind(void **state)
{
    struct shape shape = plain();

    (void)state;
    shape.free_tree.flags = 0;
    is_told(shape, "its trees are of another kind");
    shape = plain();
    shape.main_tree.flags = TREE_INTEGER_KEYS;
    is_told(shape, "its trees are of another kind");
    shape = plain();
    shape.main_tree.pad = 1;
    is_told(shape, "its trees are of another kind");
}

static void branches_part_what_is_below_them(void **state)
{
    const struct node good[] = {{key_a, 0, 0, NULL, 0, 4}, {key_c, 1, 0, NULL, 0, 5}};
    const struct node low[] = {{key_a, 0, 0, NULL, 0, 4}, {key_b, 1, 0, NULL, 0, 5}};
    const struct node high[] = {{key_a, 0, 0, NULL, 0, 4}, {key_d, 1, 0, NULL, 0, 5}};
    const struct node empty[] = {{key_a, 0, 0, NULL, 0, 4}, {key_c, 0, 0, NULL, 0, 5}};
    const struct node twice[] = {{key_a, 0, 0, NULL, 0, 4}, {key_c, 1, 0, NULL, 0, 4}};

    (void)state;
    is_whole(with_branch(good, 2));
    is_told(with_branch(good, 1), "it is a branch with one child");
    is_told(with_branch(low, 2), "its keys are not in order");   /* not above the last one */
    is_told(with_branch(high, 2), "its keys are not in order");  /* its leaf begins below it */
    is_told(with_branch(empty, 2), "its keys are not in order"); /* no key at all */
    is_told(with_branch(twice, 2), "it is reached twice");
}

static void keys_rise_and_values_are_plain(void **state)
{
    const struct node good[] = {{key_a, 1, 0, "x", 1, 0}, {key_b, 1, 0, "", 0, 0}};
    const struct node falling[] = {{key_b, 1, 0, "x", 1, 0}, {key_a, 1, 0, "x", 1, 0}};
    const struct node same[] = {{key_a, 1, 0, "x", 1, 0}, {key_a, 1, 0, "x", 1, 0}};
    const struct node none[] = {{key_a, 0, 0, "x", 1, 0}};
    const struct node strange[] = {{key_a, 1, 0x04, "x", 1, 0}};

    (void)state;
    is_whole(with_leaf(good, 2));
    is_told(with_leaf(falling, 2), "its keys are not in order");
    is_told(with_leaf(same, 2), "its keys are not in order");
    is_told(with_leaf(none, 1), "its keys are not in order");
    is_told(with_leaf(strange, 1), "a node has unknown flags");
}

/* A value of three pages, 4 to 6. */
static void long_values_are_where_their_leaf_says(void **state)
{
    static const char bytes[100];
    uint64_t first = 4;
    struct node node = {key_a, 1, NODE_BIG, &first, 2 * PAGE, 0};
    struct shape shape;

    (void)state;
    put_overflow(4, 3, bytes, sizeof(bytes));
    shape = with_leaf(&node, 1);
    shape.table.overflow_count = 3;
    shape.last_page = 6;
    is_whole(shape);
    shape.size = 6 * PAGE;
    is_told(shape, "the file ends before it");
    shape.size = 0;
    shape.table.overflow_count = 2;
    is_told(shape, "a tree has another size than it says");
    shape.table.overflow_count = 3;
    put(4 * PAGE + 12, 2, 4); /* pages: fewer than the value needs */
    is_told(shape, "it is not the value that a leaf names");
    put(4 * PAGE + 12, 4, 4);
    is_told(shape, "a page lies beyond the last one");
    put(4 * PAGE + 12, 3, 4);
    put(4 * PAGE, 5, 8);
    is_told(shape, "it is not the value that a leaf names");
    first = 40;
    shape = with_leaf(&node, 1);
    shape.table.overflow_count = 3;
    shape.last_page = 6;
    is_told(shape, "the file ends before it");
}

static void free_lists_are_as_long_as_they_say_and_fall(void **state)
{
    const uint64_t good[] = {2, 5, 4}, rising[] = {2, 4, 5}, many[] = {3, 5, 4}, used[] = {1, 2};
    const uint64_t none[] = {0}, few[] = {1, 4};
    const struct {
        struct node node;
        const char *fault; /* NULL: it is whole */
        uint64_t last_page;
    } rows[] = {
        {{seq_three, 8, 0, good, sizeof(good), 0}, NULL, 5},
        {{seq_three, 8, 0, none, sizeof(none), 0}, NULL, 3},
        {{seq_three, 8, 0, rising, sizeof(rising), 0}, "the free list is not in order", 5},
        {{seq_three, 8, 0, many, sizeof(many), 0}, "the free list is longer than its value", 5},
        {{seq_three, 8, 0, good, 4, 0}, "the free list is too short", 5},
        {{seq_three, 8, 0, used, sizeof(used), 0}, "it is reached twice", 3},
        {{seq_three, 8, 0, few, sizeof(few), 0}, "pages are neither used nor free", 5},
        {{seq_three, 4, 0, none, sizeof(none), 0}, "its keys are not in order", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct shape shape = with_free(&rows[i].node, rows[i].last_page);
        if (rows[i].fault)
            is_told(shape, rows[i].fault);
        else
            is_whole(shape);
    }
}

/* One that has pages of its own, and is read from them. */
static void a_long_free_list_is_read_to_its_end(void **state)
{
    uint64_t first = 4, numbers[602] = {0};
    struct node node = {seq_one, 8, NODE_BIG, &first, sizeof(numbers), 0};
    struct shape shape;

    (void)state;
    numbers[0] = 2;
    numbers[1] = 7;
    numbers[2] = 6;
    put_overflow(4, 2, numbers, PAGE - PAGE_HEADER_BYTES);
    shape = with_free(&node, 7);
    shape.free_tree.overflow_count = 2;
    is_whole(shape);
    put(4 * PAGE + PAGE_HEADER_BYTES, 602, 8);
    is_told(shape, "the free list is longer than its value");
    put(4 * PAGE + PAGE_HEADER_BYTES, 601, 8);
    is_told(shape, "a page lies beyond the last one"); /* page 0 */
    put(4 * PAGE + PAGE_HEADER_BYTES, 2, 8);
    put(4 * PAGE + PAGE_HEADER_BYTES + 16, 7, 8);
    is_told(shape, "the free list is not in order");
}

/* Keys that are numbers are compared as such, not byte by byte. */
static void numbers_rise_as_numbers(void **state)
{
    static const char high[8] = {0, 1};
    const struct node good[] = {{seq_two, 8, 0, "x", 1, 0}, {high, 8, 0, "x", 1, 0}};
    const struct node falling[] = {{high, 8, 0, "x", 1, 0}, {seq_two, 8, 0, "x", 1, 0}};
    struct shape shape = with_leaf(good, 2);

    (void)state;
    shape.table_node.key = "journal";
    shape.table_node.key_size = 7;
    shape.table.flags = TREE_INTEGER_KEYS;
    is_whole(shape);
    put_nodes(3, PAGE_LEAF, falling, 2);
    is_told(shape, "its keys are not in order");
}

/* Wherever it happens, it is no damage. */
static void a_read_that_fails_is_told_as_such(void **state)
{
    static const char bytes[100];
    const uint64_t numbers[] = {1, 7};
    uint64_t first = 4;
    struct node node = {key_a, 1, NODE_BIG, &first, 2 * PAGE, 0};
    struct node unused = {seq_one, 8, 0, numbers, sizeof(numbers), 0};
    struct walk_result result;
    char why[WALK_WHY_BYTES];
    int failed = 0;

    (void)state;
    for (int at = 1; at <= 10; at++) {
        int countdown = at;
        put_overflow(4, 3, bytes, sizeof(bytes));
        struct shape shape = with_leaf(&node, 1);
        put_nodes(8, PAGE_LEAF, &unused, 1);
        shape.table.overflow_count = 3;
        shape.free_tree = one_leaf(TREE_INTEGER_KEYS, 8, 1);
        shape.last_page = 8;
        int outcome = walk_shape(&shape, &countdown, &result);
        assert_int_equal(outcome, countdown > 0 ? 0 : -EIO);
        failed += outcome != 0;
        walk_explain(&result, -EIO, why);
        assert_string_equal(why, strerror(EIO));
    }
    assert_int_equal(failed, 7); /* three roots' pages, three of trees, and one of the value */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_tables_holds_tables_of_known_kinds),
        cmocka_unit_test(both_roots_are_of_trees_of_their_kind),
        cmocka_unit_test(branches_part_what_is_below_them),
        cmocka_unit_test(keys_rise_and_values_are_plain),
        cmocka_unit_test(long_values_are_where_their_leaf_says),
        cmocka_unit_test(free_lists_are_as_long_as_they_say_and_fall),
        cmocka_unit_test(a_long_free_list_is_read_to_its_end),
        cmocka_unit_test(numbers_rise_as_numbers),
        cmocka_unit_test(a_read_that_fails_is_told_as_such),
    };
    return cmocka_run_group_tests_name("walk_rules", tests, NULL, NULL);
}
