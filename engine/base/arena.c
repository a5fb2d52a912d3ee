/* Arenas: chains of blocks from which memory is cut and freed all at once.
 *
 * The newest block is the one that is cut from. An allocation too large for the room that a block
 * is good for gets a block of its own behind the newest one, so that the room left in the newest
 * one is not lost. What was handed out is wiped before it is freed or used again: it may have been
 * a passphrase, and mostly is what a case is about, which may be erased. Under AddressSanitizer
 * what is not handed out is poisoned, and each allocation is followed by a gap, so that an overrun
 * inside a block is seen. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* gcc tells by a macro that AddressSanitizer is on, clang by a feature. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_IS_POISONED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_IS_POISONED
#endif

#if defined(ARENA_IS_POISONED)
#include <sanitizer/asan_interface.h>
#define POISON(address, size)   ASAN_POISON_MEMORY_REGION((address), (size))
#define UNPOISON(address, size) ASAN_UNPOISON_MEMORY_REGION((address), (size))
enum { GAP_BYTES = 16 };
#else
#define POISON(address, size)   ((void)0)
#define UNPOISON(address, size) ((void)0)
enum { GAP_BYTES = 0 };
#endif

enum { ALIGNMENT = 16, BLOCK_BYTES_FIRST = 8192, BLOCK_BYTES_MAX = 262144 };

struct block {
    struct block *older;
    size_t size, used; /* of bytes */
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    const char *name;
    struct block *newest, *first;
    size_t allocated;
};

_Noreturn static void out_of_memory(const char *name, size_t size)
{
    char who[64];

    snprintf(who, sizeof(who), "arena %s", name);
    check_out_of_memory(who, size);
}

static struct block *block_create(const char *name, size_t size, struct block *older)
{
    if (size > SIZE_MAX - sizeof(struct block))
        out_of_memory(name, size);
    struct block *block = aligned_alloc(ALIGNMENT, (sizeof(struct block) + size + ALIGNMENT - 1) &
                                                       ~(size_t)(ALIGNMENT - 1));
    if (block == NULL)
        out_of_memory(name, size);
    block->older = older;
    block->size = size;
    block->used = 0;
    POISON(block->bytes, size);
    return block;
}

static void block_wipe(struct block *block)
{
    UNPOISON(block->bytes, block->size);
    explicit_bzero(block->bytes, block->used);
}

static void block_destroy(struct block *block)
{
    block_wipe(block);
    free(block);
}

static void *block_cut(struct block *block, size_t size, size_t stride)
{
    void *bytes = block->bytes + block->used;
    block->used += stride;
    UNPOISON(bytes, size);
    memset(bytes, 0, size);
    return bytes;
}

struct arena *arena_create(const char *name)
{
    struct arena *arena = malloc(sizeof *arena);
    if (arena == NULL)
        out_of_memory(name, sizeof *arena);
    arena->name = name;
    arena->first = block_create(name, BLOCK_BYTES_FIRST, NULL);
    arena->newest = arena->first;
    arena->allocated = 0;
    return arena;
}

void arena_destroy(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        block_destroy(block);
    }
    free(arena);
}

void arena_destroy_scoped(struct arena **arena)
{
    arena_destroy(*arena);
}

void arena_reset(struct arena *arena)
{
    for (struct block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        if (block != arena->first)
            block_destroy(block);
    }
    block_wipe(arena->first);
    arena->newest = arena->first;
    arena->first->older = NULL;
    arena->first->used = 0;
    arena->allocated = 0;
    POISON(arena->first->bytes, arena->first->size);
}

/* The next block of the chain: twice the newest one, up to a bound. */
static void grow(struct arena *arena)
{
    size_t size = arena->newest->size * 2;
    if (size > BLOCK_BYTES_MAX)
        size = BLOCK_BYTES_MAX;
    arena->newest = block_create(arena->name, size, arena->newest);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory(arena->name, size);
    size_t wanted = size == 0 ? 1 : size;
    size_t stride = ((wanted + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)) + GAP_BYTES;
    arena->allocated += size;
    if (stride <= arena->newest->size - arena->newest->used)
        return block_cut(arena->newest, size, stride);
    if (stride > arena->newest->size / 4) {
        struct block *own = block_create(arena->name, stride, arena->newest->older);
        arena->newest->older = own;
        return block_cut(own, size, stride);
    }
    grow(arena);
    return block_cut(arena->newest, size, stride);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory(arena->name, SIZE_MAX);
    return arena_alloc(arena, bytes);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    CHECK(size < SIZE_MAX);
    char *copy = arena_alloc(arena, size + 1);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->allocated;
}
