/* Documents, as crash-recover tells of them and makes one. */
#ifndef TESTS_CRASH_RECOVER_DOCUMENTS_H
#define TESTS_CRASH_RECOVER_DOCUMENTS_H

#include <stdbool.h>

#include "run/internal.h"

/* Reads each of the case's, chunk by chunk, as a reader gets it:
 *   document CASE NUMBER BYTES SHA256
 *   bad document CASE NUMBER ERROR
 * False: there is a bad one. */
bool documents_tell(struct wheel *wheel, const struct run_case *one);

/* What stands beside those of the cases:
 *   under-way COUNT
 *   left CASE          chunks of an erased case
 * False: that cannot be read. */
bool documents_tell_left(struct store *store);

/* Bytes of a document; the same for the same size. In `arena`. */
struct text documents_content(struct arena *arena, size_t size);
struct text documents_hash(struct arena *arena, struct text bytes);

#endif
