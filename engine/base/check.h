/* A broken promise of our own code ends the process, in every build; so does the end of memory. */
#ifndef SANKOFA_BASE_CHECK_H
#define SANKOFA_BASE_CHECK_H

#include <stddef.h>

/* Ends the process with the fact that does not hold. One fact per check; never for input. */
#define CHECK(fact) ((fact) ? (void)0 : check_failed(#fact, __FILE__, __LINE__))

_Noreturn void check_failed(const char *fact, const char *file, int line);
/* There are no `size` bytes for `who`. Libraries whose allocator can be chosen get one that ends
 * here: what they make of the end of memory otherwise often looks like bad input. */
_Noreturn void check_out_of_memory(const char *who, size_t size);

#endif
