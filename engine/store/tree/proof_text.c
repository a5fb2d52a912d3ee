/* The texts that carry proofs. */
#include <string.h>

#include "base/arena.h"
#include "store/tree/lines.h"
#include "store/tree/note.h"

#define LEAF_HEAD "c2sp.org/tlog-proof@v1\n"

static struct text write_proof(struct arena *arena, struct text head, uint64_t number,
                               const struct merkle_proof *proof, struct text note)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, head);
    text_append_printf(&buffer, " %llu\n", (unsigned long long)number);
    for (size_t i = 0; i < proof->count; i++) {
        text_append(&buffer, text_base64(arena, proof->hashes[i].bytes, MERKLE_HASH_BYTES));
        text_append(&buffer, TEXT("\n"));
    }
    text_append(&buffer, TEXT("\n"));
    text_append(&buffer, note);
    return text_buffer_text(&buffer);
}

struct text proof_write_leaf(struct arena *arena, uint64_t index, struct text sealed,
                             const struct merkle_proof *proof, struct text note)
{
    struct text extra = text_base64(arena, sealed.bytes, sealed.size);
    struct text head = text_printf(arena, LEAF_HEAD "extra %.*s\nindex", TEXT_ARG(extra));

    return write_proof(arena, head, index, proof, note);
}

struct text proof_write_growth(struct arena *arena, uint64_t old_size,
                               const struct merkle_proof *proof, struct text note)
{
    return write_proof(arena, TEXT("old"), old_size, proof, note);
}

static bool read_hashes(struct text *rest, struct merkle_proof *proof)
{
    struct text line;

    for (proof->count = 0; lines_take(rest, '\n', &line); proof->count++) {
        if (line.size == 0)
            return true;
        if (proof->count == MERKLE_PROOF_HASHES_MAX ||
            !text_from_base64(line, proof->hashes[proof->count].bytes, MERKLE_HASH_BYTES))
            return false;
    }
    return false;
}

/* The entry itself: its hash is the leaf. */
static bool read_extra(struct arena *arena, struct text *rest, struct merkle_hash *leaf_out)
{
    struct text word, base64;
    size_t size;

    if (!lines_take(rest, ' ', &word) || !text_is(word, "extra") ||
        !lines_take(rest, '\n', &base64) || base64.size < 4)
        return false;
    size = base64.size / 4 * 3;
    size -= text_ends(base64, "==") ? 2 : text_ends(base64, "=") ? 1 : 0;
    uint8_t *bytes = arena_alloc(arena, size);
    if (!text_from_base64(base64, bytes, size))
        return false;
    merkle_leaf(bytes, size, leaf_out);
    return true;
}

bool proof_read(struct arena *arena, struct text text, struct proof_text *proof_out)
{
    struct text rest = text, piece;

    proof_out->is_growth = !text_begins(text, LEAF_HEAD);
    if (!proof_out->is_growth &&
        (!lines_take(&rest, '\n', &piece) || !read_extra(arena, &rest, &proof_out->leaf)))
        return false;
    if (!lines_take(&rest, ' ', &piece) ||
        !text_is(piece, proof_out->is_growth ? "old" : "index") ||
        !lines_take(&rest, '\n', &piece) || !lines_count(piece, &proof_out->number) ||
        !read_hashes(&rest, &proof_out->proof))
        return false;
    proof_out->note_text = rest;
    return note_read(rest, &proof_out->note);
}
