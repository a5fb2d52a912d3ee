/* A thread for each operation that asks for one. They are few: one of a kind is under way. */
#ifndef SANKOFA_DAEMON_WORKER_H
#define SANKOFA_DAEMON_WORKER_H

#include <uv.h>

struct operation;

/* Carries out `operation` on a new thread. `ended` is called on the loop's thread when that thread
 * is gone; until then it keeps the loop from ending. */
void worker_begin(uv_loop_t *loop, struct operation *operation,
                  void (*ended)(void *self, struct operation *operation), void *self);

#endif
