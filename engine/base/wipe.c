#include "base/wipe.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void wipe_free(void *bytes)
{
    if (bytes)
        explicit_bzero(bytes, malloc_usable_size(bytes));
    free(bytes);
}

void *wipe_grow(void *bytes, size_t used, size_t size)
{
    void *more = malloc(size);

    CHECK(more);
    if (used > 0)
        memcpy(more, bytes, used);
    wipe_free(bytes);
    return more;
}
