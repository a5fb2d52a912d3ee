/* Memory named by its lifetime: turn, batch, case, boot.
 *
 * An arena hands out memory that is freed all at once. Its allocator never returns NULL: out of
 * memory ends the process, and recovery is the ordinary start; so whatever comes from outside is
 * bounded before it is held. What was in it is wiped before it is freed or used again. An arena
 * belongs to one thread at a time. */
#ifndef SANKOFA_BASE_ARENA_H
#define SANKOFA_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* `name` is borrowed for the arena's life (a literal). */
struct arena *arena_create(const char *name);
/* Accepts NULL. */
void arena_destroy(struct arena *arena);
/* Forgets everything that was allocated, keeps the first block. */
void arena_reset(struct arena *arena);

/* `size` bytes, zeroed, aligned to 16. A size of 0 gives a unique address. */
void *arena_alloc(struct arena *arena, size_t size);
/* `count * size` bytes, zeroed; an overflow ends the process. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy of `size` bytes, followed by a NUL that is not counted. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
/* Bytes handed out since the last reset. */
size_t arena_bytes(const struct arena *arena);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

/* For `arena` variables that end with their scope: ARENA_SCOPED struct arena *turn = ... */
void arena_destroy_scoped(struct arena **arena);
#define ARENA_SCOPED __attribute__((cleanup(arena_destroy_scoped)))

#endif
