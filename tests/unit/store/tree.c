/* The Merkle tree: published roots, every proof of small trees, tiles beyond one level. */
#include "fixture.h"

#include "store/tree/merkle.h"

enum { LEAVES_MAX = 256 * 256 + 600 };

/* All leaves, and the tree computed as RFC 6962 defines it. */
static struct merkle_hash *leaves;

static void range_root(uint64_t first, uint64_t end, struct merkle_hash *hash_out)
{
    uint64_t middle = 1;
    struct merkle_hash left, right;

    if (end - first == 1) {
        *hash_out = leaves[first];
        return;
    }
    while (middle * 2 < end - first)
        middle *= 2;
    range_root(first, first + middle, &left);
    range_root(first + middle, end, &right);
    merkle_node(&left, &right, hash_out);
}

static int node_of_leaves(void *self, unsigned height, uint64_t number,
                          struct merkle_hash *hash_out)
{
    uint64_t *size = self, first = number << height, end = (number + 1) << height;

    assert_true(end <= *size);
    range_root(first, end, hash_out);
    return 0;
}

struct kept {
    size_t count[MERKLE_LEVEL_COUNT];
};

static int keep_tile(void *self, unsigned level, uint64_t number,
                     const struct merkle_hash tile[MERKLE_TILE_WIDTH])
{
    struct kept *kept = self;

    assert_int_equal(number, kept->count[level]++);
    if (level == 0)
        assert_memory_equal(tile, leaves + number * MERKLE_TILE_WIDTH,
                            MERKLE_TILE_WIDTH * sizeof(*tile));
    return 0;
}

static int tree_setup(void **state)
{
    (void)state;
    leaves = calloc(LEAVES_MAX, sizeof(*leaves));
    assert_non_null(leaves);
    for (uint32_t i = 0; i < LEAVES_MAX; i++)
        merkle_leaf(&i, sizeof(i), &leaves[i]);
    return 0;
}

static int tree_teardown(void **state)
{
    (void)state;
    free(leaves);
    return 0;
}

/* The leaves and roots of the tests of Certificate Transparency's own implementation. */
static void roots_are_those_of_certificate_transparency(void **state)
{
    static const char *const inputs[] = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct merkle_edge *edge = calloc(1, sizeof(*edge));
    struct merkle_hash root, expected, leaf;
    uint8_t bytes[16];

    (void)state;
    assert_non_null(edge);
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        merkle_root(edge, &root);
        assert_true(text_from_hex(text_from(roots[i]), expected.bytes, sizeof(expected.bytes)));
        assert_memory_equal(&root, &expected, sizeof(root));
        if (i == sizeof(inputs) / sizeof(inputs[0]))
            break;
        size_t size = strlen(inputs[i]) / 2;
        assert_true(text_from_hex(text_from(inputs[i]), bytes, size));
        merkle_leaf(bytes, size, &leaf);
        assert_int_equal(merkle_add(edge, &leaf, keep_tile, NULL), 0);
    }
    free(edge);
}

static void the_edge_gives_the_root_of_the_definition(void **state)
{
    struct merkle_edge *edge = calloc(1, sizeof(*edge));
    struct merkle_hash root, expected;
    struct kept kept = {{0}};

    (void)state;
    assert_non_null(edge);
    for (size_t i = 0; i < LEAVES_MAX; i++) {
        assert_int_equal(merkle_add(edge, &leaves[i], keep_tile, &kept), 0);
        bool looks = i < 600 || i > LEAVES_MAX - 5 || i % 9973 == 0 || i == 65535 || i == 65536;
        if (!looks)
            continue;
        merkle_root(edge, &root);
        range_root(0, i + 1, &expected);
        assert_memory_equal(&root, &expected, sizeof(root));
    }
    assert_int_equal(kept.count[0], LEAVES_MAX / 256);
    assert_int_equal(kept.count[1], 1);
    assert_int_equal(kept.count[2], 0);
    free(edge);
}

static void every_leaf_of_small_trees_is_proven_and_nothing_else(void **state)
{
    struct merkle_proof proof, wrong;
    struct merkle_hash root;

    (void)state;
    for (uint64_t size = 1; size <= 70; size++) {
        struct merkle_source source = {&size, node_of_leaves};
        range_root(0, size, &root);
        for (uint64_t number = 0; number < size; number++) {
            assert_int_equal(merkle_prove_leaf(&source, number, size, &proof), 0);
            assert_true(merkle_check_leaf(&proof, &leaves[number], number, size, &root));
            assert_false(merkle_check_leaf(&proof, &leaves[number + 1], number, size, &root));
            assert_false(merkle_check_leaf(&proof, &leaves[number], number, size, &leaves[99]));
            assert_false(merkle_check_leaf(&proof, &leaves[number], size, size, &root));
            for (uint64_t other = 0; other < size; other++)
                assert_true(other == number ||
                            !merkle_check_leaf(&proof, &leaves[number], other, size, &root));
            if (proof.count == 0)
                continue;
            wrong = proof;
            wrong.hashes[proof.count - 1].bytes[3] ^= 1;
            assert_false(merkle_check_leaf(&wrong, &leaves[number], number, size, &root));
            wrong = proof;
            wrong.count--;
            assert_false(merkle_check_leaf(&wrong, &leaves[number], number, size, &root));
            wrong.count += 2;
            assert_false(merkle_check_leaf(&wrong, &leaves[number], number, size, &root));
        }
    }
}

static void every_growth_of_small_trees_is_proven_and_no_other_history(void **state)
{
    struct merkle_proof proof, wrong;
    struct merkle_hash root, old_root, other;

    (void)state;
    for (uint64_t size = 1; size <= 70; size++) {
        struct merkle_source source = {&size, node_of_leaves};
        range_root(0, size, &root);
        for (uint64_t old = 1; old <= size; old++) {
            range_root(0, old, &old_root);
            assert_int_equal(merkle_prove_growth(&source, old, size, &proof), 0);
            assert_true(merkle_check_growth(&proof, old, &old_root, size, &root));
            merkle_leaf(&old, sizeof(old), &other);
            assert_false(merkle_check_growth(&proof, old, &other, size, &root));
            assert_false(merkle_check_growth(&proof, old, &old_root, size, &other));
            assert_false(merkle_check_growth(&proof, size + 1, &old_root, size, &root));
            if (proof.count == 0)
                continue;
            for (size_t i = 0; i < proof.count; i++) {
                wrong = proof;
                wrong.hashes[i].bytes[31] ^= 0x80;
                assert_false(merkle_check_growth(&wrong, old, &old_root, size, &root));
            }
            wrong = proof;
            wrong.count--;
            assert_false(merkle_check_growth(&wrong, old, &old_root, size, &root));
        }
    }
    uint64_t size = 5;
    struct merkle_source source = {&size, node_of_leaves};
    assert_int_equal(merkle_prove_growth(&source, 0, 5, &proof), 0);
    assert_int_equal(proof.count, 0);
    assert_true(merkle_check_growth(&proof, 0, &root, 5, &old_root));
    proof.count = 1;
    assert_false(merkle_check_growth(&proof, 0, &root, 5, &old_root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_certificate_transparency),
        cmocka_unit_test(the_edge_gives_the_root_of_the_definition),
        cmocka_unit_test(every_leaf_of_small_trees_is_proven_and_nothing_else),
        cmocka_unit_test(every_growth_of_small_trees_is_proven_and_no_other_history),
    };

    return cmocka_run_group_tests(tests, tree_setup, tree_teardown);
}
