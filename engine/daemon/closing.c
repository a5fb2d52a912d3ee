/* The end of the daemon.
 *
 * The happy path of a stop:
 * 1. A signal: no new connection or request.
 * 2. What was applied is written and answered; late clients are not waited for for ever.
 * 3. Sockets, hosts, writer are closed, and the loop is empty. */
#include <signal.h>

#include "base/check.h"
#include "base/log.h"
#include "daemon/engine.h"
#include "daemon/reload.h"
#include "daemon/writer.h"

enum { DRAIN_MS_MAX = 10000, DRAIN_POLL_MS = 20 };

static void part_closed(void *self)
{
    struct engine *engine = self;

    CHECK(engine->open_count > 0);
    engine->open_count--;
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void engine_close(struct engine *engine)
{
    engine_move(engine, CLOSING);
    uv_handle_t *const handles[] = {
        (uv_handle_t *)&engine->terminate, (uv_handle_t *)&engine->interrupt,
        (uv_handle_t *)&engine->hangup,    (uv_handle_t *)&engine->turn,
        (uv_handle_t *)&engine->alarm,     (uv_handle_t *)&engine->drain};
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
        close_handle(handles[i]);
    if (engine->api) {
        engine->open_count++;
        api_close(engine->api, part_closed, engine);
    }
    if (engine->writer) {
        engine->open_count++;
        writer_close(engine->writer, part_closed, engine);
    }
    if (engine->steps) {
        engine->open_count++;
        steps_close(engine->steps, part_closed, engine);
    }
}

static void poll_drain(uv_timer_t *timer)
{
    struct engine *engine = timer->data;
    bool is_late = uv_now(&engine->loop) - engine->drain_began_ms > DRAIN_MS_MAX;

    /* The writer is never interrupted; late clients are. */
    if (!wheel_is_idle(engine->wheel) || (!api_is_idle(engine->api) && !is_late))
        return;
    engine_close(engine);
}

void engine_signalled(uv_signal_t *signal, int number)
{
    struct engine *engine = signal->data;

    log_event(LOG_INFO, "daemon.signal", "signal=%d", number);
    if (number == SIGHUP && engine->state == SERVING)
        reload_begin(engine->reload, NULL, NULL);
    if (number == SIGHUP)
        return;
    switch (engine->state) {
    case SEALED:
    case DESCRIBING:
    case RECOVERING:
        engine_close(engine);
        break;
    case SERVING:
        engine_move(engine, DRAINING);
        api_stop(engine->api);
        wheel_stop(engine->wheel);
        engine->drain_began_ms = uv_now(&engine->loop);
        CHECK(uv_timer_start(&engine->drain, poll_drain, 0, DRAIN_POLL_MS) == 0);
        break;
    case DRAINING:
    case CLOSING:
    case STATE_COUNT:
        break;
    }
}
