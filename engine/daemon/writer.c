/* One slot, one condition, one uv_async_t.
 *
 * The happy path:
 * 1. writer_begin puts the batch into the slot and wakes the thread.
 * 2. The thread commits it: sealed, written, synced.
 * 3. The loop is woken and calls `committed`. */
#include "daemon/writer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"

enum { EXIT_COMMIT_FAILED = 74 }; /* EX_IOERR */

struct writer {
    struct store *store;
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t wake;
    const struct store_batch *batch; /* under the mutex, as the two below */
    bool is_committed, is_ending;
    uv_async_t done;
    void (*committed)(void *self);
    void *self;
    void (*closed)(void *self);
    void *closed_self;
};

static void commit(struct writer *writer, const struct store_batch *batch)
{
    int result = store_commit(writer->store, batch);

    if (result == 0)
        return;
    log_event(LOG_ERROR, "store.commit_failed", "batch=%llu error=\"%s\"",
              (unsigned long long)batch->number, strerror(-result));
    _exit(EXIT_COMMIT_FAILED);
}

static void run(void *self)
{
    struct writer *writer = self;

    uv_mutex_lock(&writer->mutex);
    for (;;) {
        while ((!writer->batch || writer->is_committed) && !writer->is_ending)
            uv_cond_wait(&writer->wake, &writer->mutex);
        if (writer->is_ending)
            break;
        const struct store_batch *batch = writer->batch;
        uv_mutex_unlock(&writer->mutex);
        commit(writer, batch);
        uv_mutex_lock(&writer->mutex);
        writer->is_committed = true;
        uv_async_send(&writer->done);
    }
    uv_mutex_unlock(&writer->mutex);
}

static void tell(uv_async_t *done)
{
    struct writer *writer = done->data;
    bool is_committed;

    uv_mutex_lock(&writer->mutex);
    is_committed = writer->is_committed;
    if (is_committed) {
        writer->is_committed = false;
        writer->batch = NULL;
    }
    uv_mutex_unlock(&writer->mutex);
    if (is_committed)
        writer->committed(writer->self);
}

void writer_open(uv_loop_t *loop, struct store *store, void (*committed)(void *self), void *self,
                 struct writer **writer_out)
{
    struct writer *writer = calloc(1, sizeof(*writer));

    CHECK(writer);
    writer->store = store;
    writer->committed = committed;
    writer->self = self;
    writer->done.data = writer;
    CHECK(uv_mutex_init(&writer->mutex) == 0);
    CHECK(uv_cond_init(&writer->wake) == 0);
    CHECK(uv_async_init(loop, &writer->done, tell) == 0);
    CHECK(uv_thread_create(&writer->thread, run, writer) == 0);
    *writer_out = writer;
}

void writer_begin(struct writer *writer, const struct store_batch *batch)
{
    uv_mutex_lock(&writer->mutex);
    CHECK(!writer->batch);
    writer->batch = batch;
    uv_cond_signal(&writer->wake);
    uv_mutex_unlock(&writer->mutex);
}

static void handle_closed(uv_handle_t *handle)
{
    struct writer *writer = handle->data;

    writer->closed(writer->closed_self);
}

void writer_close(struct writer *writer, void (*closed)(void *self), void *self)
{
    writer->closed = closed;
    writer->closed_self = self;
    uv_mutex_lock(&writer->mutex);
    CHECK(!writer->batch);
    writer->is_ending = true;
    uv_cond_signal(&writer->wake);
    uv_mutex_unlock(&writer->mutex);
    uv_thread_join(&writer->thread);
    uv_close((uv_handle_t *)&writer->done, handle_closed);
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    uv_cond_destroy(&writer->wake);
    uv_mutex_destroy(&writer->mutex);
    free(writer);
}
