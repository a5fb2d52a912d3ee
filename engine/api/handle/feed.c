/* The event feed: a response in pieces, each read from the journal when the one before is out.
 *
 * The happy path:
 * 1. The first piece is read; from then on the response is the library's to fill.
 * 2. When it has sent a piece, the next is read: 256 entries from where the last one ended. A slow
 *    reader so holds one piece, and keeps nobody from writing.
 * 3. At the journal's end a feed that does not follow is over. One that does waits; after batches
 *    that became durable it is read on, at most every TICK_MS. Now and then it gets an empty line,
 *    so that a reader who is gone is noticed. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"

enum { TICK_MS = 50, BEAT_MS = 15000, BLOCK_BYTES = 32 << 10, TAKE_MS_MAX = 60000 };

struct feed {
    struct feed *next, *previous;
    struct request *request;
    struct arena *arena; /* of the piece */
    struct text piece;
    size_t sent;
    uint64_t after;
    bool is_events; /* text/event-stream; else a JSON text a line */
    bool follows, is_over;
    bool has_left;   /* who reads: they are not among the people any more */
    bool is_at_end;  /* of the journal, as of the last reading */
    bool is_reading; /* the wheel was asked */
    int64_t beat_ms; /* when the next empty line is due */
};

/* ---- Pieces. ---- */

static void write_event(const struct feed *feed, struct text_buffer *piece,
                        const struct value *event)
{
    struct text json = json_write(feed->arena, event), kind = value_text_at(event, "kind");

    if (!feed->is_events) {
        text_append_printf(piece, "%.*s\n", TEXT_ARG(json));
        return;
    }
    text_append_printf(piece, "id: %lld\nevent: %.*s\ndata: %.*s\n\n",
                       (long long)value_int_at(event, "seq", 0),
                       TEXT_ARG(kind.size > 0 ? kind : TEXT("erased")), TEXT_ARG(json));
}

static void fill(struct feed *feed, const struct value *body)
{
    const struct value *events = value_at(body, "events");
    struct text_buffer piece;

    arena_reset(feed->arena);
    text_buffer_init(&piece, feed->arena);
    for (size_t i = 0; i < value_count(events); i++)
        write_event(feed, &piece, value_item(events, i));
    feed->piece = text_buffer_text(&piece);
    feed->sent = 0;
    feed->after = (uint64_t)value_int_at(body, "next", 0);
    feed->is_at_end = !value_bool_at(body, "more");
    if (feed->is_at_end && !feed->follows)
        feed->is_over = true;
}

static void beat(struct feed *feed)
{
    feed->piece = feed->is_events ? TEXT(":\n\n") : TEXT("\n");
    feed->sent = 0;
}

static void go_on(struct feed *feed)
{
    feed->beat_ms = server_now_ms() + BEAT_MS;
    peer_allow(feed->request->peer, TAKE_MS_MAX);
    request_wake(feed->request);
}

static void read_on(struct feed *feed);

static void answered(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    if (!request_take(request))
        return;
    request->feed->is_reading = false;
    if (reply->problem || request->feed->has_left) {
        /* The case was erased, or is hidden by now, or the daemon stops: the feed ends here. */
        request->feed->is_over = true;
        go_on(request->feed);
        return;
    }
    fill(request->feed, &reply->body);
    if (request->feed->piece.size == 0 && !request->feed->is_over && !request->feed->is_at_end)
        read_on(request->feed); /* nothing of that was for this reader */
    else if (request->feed->piece.size > 0 || request->feed->is_over)
        go_on(request->feed);
}

static void read_on(struct feed *feed)
{
    feed->is_reading = true;
    feed->request->run.after = feed->after;
    request_post_to(feed->request, answered);
}

/* ---- The response. ---- */

static ssize_t give(void *self, uint64_t at, char *bytes, size_t size_max)
{
    struct feed *feed = self;
    size_t left = feed->piece.size - feed->sent;

    (void)at;
    if (left == 0 && feed->is_over)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (left > 0) {
        size_t size = left < size_max ? left : size_max;
        memcpy(bytes, feed->piece.bytes + feed->sent, size);
        feed->sent += size;
        peer_allow(feed->request->peer, TAKE_MS_MAX);
        return (ssize_t)size;
    }
    feed->request->peer->deadline_ms = INT64_MAX;
    request_sleep(feed->request);
    if (!feed->is_at_end)
        read_on(feed);
    return 0;
}

struct MHD_Response *feed_response(struct request *request)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, give, request->feed, NULL);

    CHECK(response);
    CHECK(MHD_add_response_header(response, "Content-Type",
                                  request->feed->is_events ? "text/event-stream"
                                                           : "application/x-ndjson") == MHD_YES);
    return response;
}

/* ---- Beginning. ---- */

static void tick(uv_timer_t *timer);

/* As an event stream only where that is named, and not wanted less than lines. */
static bool wants_events(const struct request *request)
{
    double events = headers_weight(request, "Accept", "text/event-stream");

    return events > 0 && events >= headers_weight(request, "Accept", "application/x-ndjson");
}

static struct feed *create(struct request *request)
{
    struct api *api = request->api;
    struct feed *feed = ARENA_NEW(request->arena, struct feed);

    feed->request = request;
    feed->arena = arena_create("feed");
    feed->is_events = wants_events(request);
    feed->follows = text_is(target_query(request, "follow"), "1");
    feed->beat_ms = server_now_ms() + BEAT_MS;
    feed->next = api->feeds;
    if (feed->next)
        feed->next->previous = feed;
    api->feeds = feed;
    if (!uv_is_active((uv_handle_t *)&api->feed_timer))
        CHECK(uv_timer_start(&api->feed_timer, tick, TICK_MS, TICK_MS) == 0);
    return feed;
}

static void begun(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    if (!request_take_good(request, reply))
        return;
    request->status = MHD_HTTP_OK;
    request->feed = create(request);
    request->feed->is_over = request->api->is_stopping;
    fill(request->feed, &reply->body);
    go_on(request->feed);
}

/* An event-stream that broke says in a header where it was; its URL still has where it began. */
static struct text place_of(struct request *request)
{
    struct text last = text_from(headers_get(request, "Last-Event-ID"));

    return last.size > 0 ? last : target_query(request, "after");
}

void handle_events(struct request *request)
{
    struct text after = place_of(request), follow = target_query(request, "follow");
    int64_t seq = 0;

    if (after.bytes && (!text_to_int(after, &seq) || seq < 0)) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Write the last seq that you have; 0: none.",
                     "after=%.*s is no seq.", TEXT_ARG(after));
        return;
    }
    if (follow.bytes && !text_is(follow, "1") && !text_is(follow, "0")) {
        request_fail(request, PROBLEM_BAD_REQUEST, "Write 1 or 0.",
                     "follow=%.*s is neither 1 nor 0.", TEXT_ARG(follow));
        return;
    }
    request->run.kind = RUN_EVENTS;
    request->run.case_name = target_query(request, "case");
    request->run.after = (uint64_t)seq;
    request_post_to(request, begun);
}

/* ---- Going on. ---- */

/* Whether it sleeps at the journal's end. */
static bool is_waiting(const struct feed *feed)
{
    return feed->request->is_awaited && !feed->is_reading && feed->is_at_end &&
           feed->request->connection;
}

static void tick(uv_timer_t *timer)
{
    struct api *api = timer->data;
    bool has_grown = api->has_grown;

    api->has_grown = false;
    for (struct feed *feed = api->feeds; feed; feed = feed->next) {
        if (!is_waiting(feed))
            feed->is_at_end = feed->is_at_end && !has_grown;
        else if (has_grown)
            read_on(feed);
        else if (server_now_ms() >= feed->beat_ms) {
            beat(feed);
            go_on(feed);
        }
    }
}

void api_journal_grew(struct api *api)
{
    api->has_grown = true;
}

void feed_destroy(struct feed *feed)
{
    if (!feed)
        return;
    struct api *api = feed->request->api;
    if (feed->previous)
        feed->previous->next = feed->next;
    else
        api->feeds = feed->next;
    if (feed->next)
        feed->next->previous = feed->previous;
    if (!api->feeds && !api->is_closing)
        uv_timer_stop(&api->feed_timer);
    arena_destroy(feed->arena);
}

size_t feed_count(const struct api *api)
{
    size_t count = 0;

    for (const struct feed *feed = api->feeds; feed; feed = feed->next)
        count++;
    return count;
}

void feed_open(struct api *api)
{
    CHECK(uv_timer_init(api->options.loop, &api->feed_timer) == 0);
    api->feed_timer.data = api;
    api->open_count++;
}

void feed_renew_all(struct api *api)
{
    for (struct feed *feed = api->feeds; feed; feed = feed->next) {
        if (!feed->request->connection || asker_is_still_there(feed->request))
            continue;
        /* Also what was read for them before, and has not gone out. */
        feed->is_over = feed->has_left = true;
        feed->sent = feed->piece.size;
        if (is_waiting(feed))
            go_on(feed);
    }
}

void feed_stop_all(struct api *api)
{
    for (struct feed *feed = api->feeds; feed; feed = feed->next) {
        feed->is_over = true;
        if (is_waiting(feed))
            go_on(feed);
    }
}

static void timer_closed(uv_handle_t *handle)
{
    struct api *api = handle->data;

    if (--api->open_count == 0)
        api->closed(api->closed_self);
}

void feed_close(struct api *api)
{
    /* Those that the wheel was asked for are not answered any more. */
    for (struct feed *feed = api->feeds; feed; feed = feed->next) {
        feed->is_over = true;
        if (feed->request->is_awaited && feed->request->connection)
            go_on(feed);
    }
    uv_close((uv_handle_t *)&api->feed_timer, timer_closed);
}
