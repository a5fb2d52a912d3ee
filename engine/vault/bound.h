/* What a ciphertext is bound to, or a key derived for: parts, each behind its size in 4 bytes, so
 * that no two lists of parts give the same bytes. */
#ifndef SANKOFA_VAULT_BOUND_H
#define SANKOFA_VAULT_BOUND_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "vault/bytes.h"

enum { BOUND_BYTES_MAX = 1024 };

/* Begins with size 0. */
struct bound {
    size_t size;
    uint8_t bytes[BOUND_BYTES_MAX];
};

static inline void bound_add(struct bound *bound, const void *part, size_t size)
{
    CHECK(size <= BOUND_BYTES_MAX - 4 - bound->size);
    bytes_put_u32(bound->bytes + bound->size, (uint32_t)size);
    if (size > 0)
        memcpy(bound->bytes + bound->size + 4, part, size);
    bound->size += 4 + size;
}

#endif
