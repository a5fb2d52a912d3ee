/* What happens to a process that broke its own promise: one line, and the end. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *fact, const char *file, int line)
{
    fprintf(stderr, "sankofa: check failed at %s:%d: %s\n", file, line, fact);
    abort();
}
