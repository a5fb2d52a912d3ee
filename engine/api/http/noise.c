/* Lines of the log that anybody at the socket can cause as often as they like: the first of a
 * minute are written, the others counted, and their number is told when the minute is over. Else
 * who sends garbage fills the journal of the machine, and nobody finds the line that matters. */
#include "api/internal.h"
#include "base/check.h"
#include "base/log.h"

enum { LINES_MAX = 20, WINDOW_MS = 60000 }; /* of one kind */

static const char *const events[NOISE_COUNT] = {
    [NOISE_FAULT] = "http.fault",
    [NOISE_LATE] = "connection.late",
    [NOISE_STRANGER] = "request.stranger",
    [NOISE_UNKNOWN] = "connection.unknown",
};

static void tell(struct noise *noise, enum noise_kind kind)
{
    if (noise->kinds[kind].held_count > 0)
        log_event(LOG_WARNING, events[kind], "more=%llu seconds=%d",
                  (unsigned long long)noise->kinds[kind].held_count, WINDOW_MS / 1000);
    noise->kinds[kind].held_count = 0;
}

bool noise_take(struct noise *noise, enum noise_kind kind, int64_t now_ms)
{
    if (now_ms >= noise->kinds[kind].until_ms) {
        tell(noise, kind);
        noise->kinds[kind].until_ms = now_ms + WINDOW_MS;
        noise->kinds[kind].line_count = 0;
    }
    if (noise->kinds[kind].line_count == LINES_MAX) {
        noise->kinds[kind].held_count++;
        return false;
    }
    noise->kinds[kind].line_count++;
    return true;
}

int64_t noise_tell(struct noise *noise, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;

    for (enum noise_kind kind = 0; kind < NOISE_COUNT; kind++) {
        if (now_ms >= noise->kinds[kind].until_ms)
            tell(noise, kind);
        else if (noise->kinds[kind].held_count > 0 && noise->kinds[kind].until_ms < next_ms)
            next_ms = noise->kinds[kind].until_ms;
    }
    return next_ms;
}

/* ---- In the loop. ---- */

static void ring(uv_timer_t *timer)
{
    struct api *api = timer->data;
    int64_t now_ms = server_now_ms(), next_ms = noise_tell(&api->noise, now_ms);

    if (next_ms < INT64_MAX)
        CHECK(uv_timer_start(timer, ring, (uint64_t)(next_ms - now_ms), 0) == 0);
}

bool api_may_log(struct api *api, enum noise_kind kind)
{
    bool may = noise_take(&api->noise, kind, server_now_ms());

    if (!may && !uv_is_active((uv_handle_t *)&api->noise_timer) && !api->is_closing)
        ring(&api->noise_timer);
    return may;
}

void noise_open(struct api *api)
{
    CHECK(uv_timer_init(api->options.loop, &api->noise_timer) == 0);
    api->noise_timer.data = api;
    api->open_count++;
}

static void timer_closed(uv_handle_t *handle)
{
    struct api *api = handle->data;

    noise_tell(&api->noise, INT64_MAX);
    if (--api->open_count == 0)
        api->closed(api->closed_self);
}

void noise_close(struct api *api)
{
    uv_close((uv_handle_t *)&api->noise_timer, timer_closed);
}
