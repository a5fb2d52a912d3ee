/* The writer thread: takes one batch at a time, seals and commits it, tells the loop. */
#ifndef SANKOFA_DAEMON_WRITER_H
#define SANKOFA_DAEMON_WRITER_H

#include <uv.h>

#include "store/store.h"

struct writer;

/* Starts the thread. `committed` is called on the loop's thread, once for each batch. */
void writer_open(uv_loop_t *loop, struct store *store, void (*committed)(void *self), void *self,
                 struct writer **writer_out);
/* Hands over a batch, borrowed until `committed`; the one before must be committed. A commit that
 * fails ends the process: nobody knows then what is on the disk, and the next start finds out. */
void writer_begin(struct writer *writer, const struct store_batch *batch);
/* Ends the thread, no batch being under way; `closed` is called when nothing of it is in the loop.
 */
void writer_close(struct writer *writer, void (*closed)(void *self), void *self);
/* After `closed`. Accepts NULL. */
void writer_destroy(struct writer *writer);

#endif
