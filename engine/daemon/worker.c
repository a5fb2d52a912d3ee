/* A thread, and a uv_async_t by which it says that it is done. */
#include "daemon/worker.h"

#include <stdlib.h>

#include "base/check.h"
#include "run/long/operations.h"

struct worker {
    uv_thread_t thread;
    uv_async_t done;
    struct operation *operation;
    void (*ended)(void *self, struct operation *operation);
    void *self;
};

static void run(void *self)
{
    struct worker *worker = self;

    operation_run(worker->operation);
    CHECK(uv_async_send(&worker->done) == 0);
}

static void destroy(uv_handle_t *handle)
{
    free(handle->data);
}

static void tell(uv_async_t *done)
{
    struct worker *worker = done->data;

    CHECK(uv_thread_join(&worker->thread) == 0);
    worker->ended(worker->self, worker->operation);
    uv_close((uv_handle_t *)done, destroy);
}

void worker_begin(uv_loop_t *loop, struct operation *operation,
                  void (*ended)(void *self, struct operation *operation), void *self)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    CHECK(worker);
    worker->operation = operation;
    worker->ended = ended;
    worker->self = self;
    worker->done.data = worker;
    CHECK(uv_async_init(loop, &worker->done, tell) == 0);
    CHECK(uv_thread_create(&worker->thread, run, worker) == 0);
}
