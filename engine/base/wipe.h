/* Memory of malloc that held what a case is about: overwritten before it goes back, so that an
 * erased case is gone from the process, too. Any thread. */
#ifndef SANKOFA_BASE_WIPE_H
#define SANKOFA_BASE_WIPE_H

#include <stddef.h>

/* In place of free(). Accepts NULL. */
void wipe_free(void *bytes);
/* In place of realloc() to something larger: `used` bytes are kept. Out of memory ends the process.
 */
void *wipe_grow(void *bytes, size_t used, size_t size);

#endif
