/* What happens to a process that broke its own promise, or has no memory: one line, and the end. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *fact, const char *file, int line)
{
    fprintf(stderr, "sankofa: check failed at %s:%d: %s\n", file, line, fact);
    abort();
}

void check_out_of_memory(const char *who, size_t size)
{
    fprintf(stderr, "sankofa: out of memory: %s asked for %zu bytes\n", who, size);
    abort();
}
