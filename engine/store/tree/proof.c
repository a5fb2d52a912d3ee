/* Proofs: made as RFC 6962, section 2.1, defines them, and checked as RFC 9162, section 2.1, does.
 *
 * A range of leaves [first, end) that the definition splits is either one complete node or ends at
 * the right edge; its depth is at most 64. */
#include <string.h>

#include "base/check.h"
#include "store/tree/merkle.h"
#include "vault/vault.h"

/* The largest power of two that is smaller than `count`, by its exponent; count > 1. */
static unsigned split_height(uint64_t count)
{
    return 63u - (unsigned)__builtin_clzll(count - 1);
}

/* The hash of the leaves [first, end); end > first. From the right: the range's smallest complete
 * node, then the ones to its left. */
static int range_hash(const struct merkle_source *source, uint64_t first, uint64_t end,
                      struct merkle_hash *hash_out)
{
    bool is_begun = false;

    while (end > first) {
        unsigned height = (unsigned)__builtin_ctzll(end - first);
        struct merkle_hash node;
        int result = source->node(source->self, height, (end - 1) >> height, &node);

        if (result < 0)
            return result;
        if (is_begun)
            merkle_node(&node, hash_out, hash_out);
        else
            *hash_out = node;
        is_begun = true;
        end -= (uint64_t)1 << height;
    }
    return 0;
}

int merkle_root_at(const struct merkle_source *source, uint64_t size, struct merkle_hash *root_out)
{
    vault_hash("", 0, root_out->bytes);
    return range_hash(source, 0, size, root_out);
}

/* The definition goes from the root down, the proof from the leaf up. */
static void turn_round(struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct merkle_hash hash = proof->hashes[i];

        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = hash;
    }
}

static int add(const struct merkle_source *source, uint64_t first, uint64_t end,
               struct merkle_proof *proof)
{
    CHECK(proof->count < MERKLE_PROOF_HASHES_MAX);
    return range_hash(source, first, end, &proof->hashes[proof->count++]);
}

int merkle_prove_leaf(const struct merkle_source *source, uint64_t number, uint64_t size,
                      struct merkle_proof *proof_out)
{
    uint64_t first = 0, end = size;
    int result = 0;

    CHECK(number < size);
    proof_out->count = 0;
    while (result == 0 && end - first > 1) {
        uint64_t middle = first + ((uint64_t)1 << split_height(end - first));

        if (number < middle) {
            result = add(source, middle, end, proof_out);
            end = middle;
        } else {
            result = add(source, first, middle, proof_out);
            first = middle;
        }
    }
    turn_round(proof_out);
    return result;
}

int merkle_prove_growth(const struct merkle_source *source, uint64_t old_size, uint64_t size,
                        struct merkle_proof *proof_out)
{
    uint64_t first = 0, end = size;
    int result = 0;

    CHECK(old_size <= size);
    proof_out->count = 0;
    if (old_size == 0 || old_size == size)
        return 0;
    while (result == 0 && end != old_size) {
        uint64_t middle = first + ((uint64_t)1 << split_height(end - first));

        if (old_size <= middle) {
            result = add(source, middle, end, proof_out);
            end = middle;
        } else {
            result = add(source, first, middle, proof_out);
            first = middle;
        }
    }
    /* A range that begins at 0 is the old tree itself, whose root the reader has. */
    if (result == 0 && first > 0)
        result = add(source, first, end, proof_out);
    turn_round(proof_out);
    return result;
}

static bool hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool merkle_check_leaf(const struct merkle_proof *proof, const struct merkle_hash *leaf,
                       uint64_t number, uint64_t size, const struct merkle_hash *root)
{
    struct merkle_hash hash = *leaf;
    uint64_t place = number, last = size - 1;

    if (number >= size)
        return false;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((place & 1) || place == last) {
            merkle_node(&proof->hashes[i], &hash, &hash);
            while (!(place & 1) && place != 0) {
                place >>= 1;
                last >>= 1;
            }
        } else {
            merkle_node(&hash, &proof->hashes[i], &hash);
        }
        place >>= 1;
        last >>= 1;
    }
    return last == 0 && hash_equal(&hash, root);
}

/* The walk of RFC 9162, 2.1.4.2: both roots are made of the same hashes. */
static bool walk_growth(const struct merkle_hash *hashes, size_t count, uint64_t place,
                        uint64_t last, struct merkle_hash *old_hash, struct merkle_hash *hash)
{
    *old_hash = *hash = hashes[0];
    for (size_t i = 1; i < count; i++) {
        if (last == 0)
            return false;
        if ((place & 1) || place == last) {
            merkle_node(&hashes[i], old_hash, old_hash);
            merkle_node(&hashes[i], hash, hash);
            while (!(place & 1) && place != 0) {
                place >>= 1;
                last >>= 1;
            }
        } else {
            merkle_node(hash, &hashes[i], hash);
        }
        place >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool merkle_check_growth(const struct merkle_proof *proof, uint64_t old_size,
                         const struct merkle_hash *old_root, uint64_t size,
                         const struct merkle_hash *root)
{
    struct merkle_hash hashes[MERKLE_PROOF_HASHES_MAX + 1], old_hash, hash;
    uint64_t place = old_size - 1, last = size - 1;
    size_t count = 0;

    if (old_size > size || (old_size == 0 && proof->count > 0))
        return false;
    if (old_size == 0)
        return true;
    if (old_size == size)
        return proof->count == 0 && hash_equal(old_root, root);
    if (proof->count == 0)
        return false;
    if ((old_size & (old_size - 1)) == 0)
        hashes[count++] = *old_root;
    memcpy(hashes + count, proof->hashes, proof->count * sizeof(hashes[0]));
    count += proof->count;
    while (place & 1) {
        place >>= 1;
        last >>= 1;
    }
    return walk_growth(hashes, count, place, last, &old_hash, &hash) &&
           hash_equal(&old_hash, old_root) && hash_equal(&hash, root);
}
