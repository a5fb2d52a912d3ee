/* Long work of administrators: begun by a request, which is answered 202 at once, and asked about
 * until it is over.
 *
 * Words: an *operation* is one such work, under way or over; its *pieces* are what it is done in.
 *
 * The happy path:
 * 1. The request's handler asks operation_may_begin, prepares its work, and calls operation_begin.
 * 2. Pieces are done: on a thread of its own one after the other, or on the loop's thread one in
 *    each turn. They tell how far they are.
 * 3. The last piece leaves a result or a problem; `ended` is called on the loop's thread.
 *
 * A backup reads the store alone: a thread. What runs the core, or writes entries, does so in
 * turns: OPERATION_WAITS lets it sleep until the next batch is durable. */
#ifndef SANKOFA_RUN_OPERATIONS_H
#define SANKOFA_RUN_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "base/value.h"

struct arena;
struct operation;
struct queued;
struct wheel;

enum operation_step {
    OPERATION_MORE,  /* there is another piece */
    OPERATION_WAITS, /* there is, once the batch that fills now is durable; in turns alone */
    OPERATION_OVER
};

struct operation_work {
    const char *kind; /* "backup", a literal: one of a kind is under way at a time */
    bool is_threaded; /* else a piece is done in each turn of the wheel */
    void *self;
    /* Does a piece. On a thread of its own it looks at operation_is_cancelled now and then. */
    enum operation_step (*piece)(void *self, struct operation *operation);
    /* Loop's thread, once: after the last piece, or when it was given up between two of them. Frees
     * what is the work's own. */
    void (*ended)(void *self, struct operation *operation);
};

/* ---- For whoever begins one: loop's thread. ---- */

/* False, and the request is answered: one of that kind is under way, or one that must not be under
 * way beside it, or the request repeats one whose key is known. */
bool operation_may_begin(struct wheel *wheel, const struct queued *queued, const char *kind);
/* Begins it, and answers the request. `work` is copied. */
void operation_begin(struct wheel *wheel, const struct queued *queued,
                     const struct operation_work *work);
/* Whether none is under way that one of this kind has to wait for. */
bool operation_is_free(const struct wheel *wheel, const char *kind);
/* Begins one that no request of an administrator asked for. It must be free. */
void operation_start(struct wheel *wheel, struct text by, const struct operation_work *work);
/* RUN_OPERATION: answers with {id, kind, status, by, began, ended, done, total, eta, result or
 * problem}. That it is over is told once what it has written is durable. */
void operation_show(struct wheel *wheel, const struct queued *queued);

/* ---- For the work itself, within a piece or `ended`. ---- */

/* How many units there are (entries, bytes), and how many are done. */
void operation_set_total(struct operation *operation, uint64_t total);
void operation_set_done(struct operation *operation, uint64_t done);
/* Once, by the last piece or `ended`; else the operation is called failed. Copied. */
void operation_succeed(struct operation *operation, const struct value *result);
void operation_fail(struct operation *operation, const struct problem *problem);
/* What succeeded or failed lives in it, as does whatever the work wants to keep until it ended. */
struct arena *operation_arena(struct operation *operation);
/* The daemon stops: end soon. Any thread. */
bool operation_is_cancelled(const struct operation *operation);

/* ---- For the daemon: a thread of its own carries this out, and tells wheel_operation_ended on the
 * loop's. ---- */
void operation_run(struct operation *operation);

/* ---- For the wheel. ---- */

struct operations {
    struct operation *first, **last; /* oldest first */
    size_t count, running_count;
    bool has_piece; /* a turn has something to do */
};

void operations_init(struct operations *operations);
void operations_finish(struct wheel *wheel);
/* A piece of each that is done in turns. */
void operations_turn(struct wheel *wheel);
/* A batch is durable: those that waited for it go on. */
void operations_go_on(struct operations *operations);
/* Those in turns are given up at once, those on threads are asked to end. */
void operations_stop(struct wheel *wheel);

#endif
