/* Taking a request in.
 *
 * The happy path:
 * 1. Headers are whole: target, framing, route, person and headers are checked before a byte of the
 *    body is taken.
 * 2. The body is collected, up to its limit; that of a document goes on to the store (upload.c).
 * 3. The route's handler has its turn. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"

enum {
    DROP_FACTOR = 4, /* of a body that was refused, so many times the limit is read */
    METHOD_BYTES_MAX = 32
};

/* ---- Headers. ---- */

static bool is_welcome(struct request *request)
{
    if (request->api->is_closing)
        request_abandon(request);
    else if (request->peer->is_over_own)
        request_fail(request, PROBLEM_TOO_MANY, "Close some of them, and repeat.",
                     "A user may have %u connections open at once, and yours has.",
                     request->api->options.limits.user_connection_count_max);
    else if (request->peer->is_over_limit)
        request_fail(request, PROBLEM_BUSY, "Repeat in a moment.",
                     "Too many connections are open.");
    request->is_closing = request->api->is_closing || request->peer->is_over_limit;
    return !request->is_closing;
}

/* Methods are tokens; what else came would be no clean text in an answer. */
static bool read_method(struct request *request, const char *method)
{
    size_t size = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

    request->method = text_copy(request->arena, (struct text){method, size});
    if (size > 0 && size < METHOD_BYTES_MAX && method[size] == '\0')
        return true;
    request_fail(request, PROBLEM_BAD_REQUEST, "Use GET or POST.",
                 "The method of this request cannot be read.");
    return false;
}

/* While the store is sealed, and while it is being opened. */
static bool is_open_for(struct request *request)
{
    if (request->api->options.wheel || request->route->handle == handle_status ||
        request->route->handle == handle_unlock)
        return true;
    request_fail(request, PROBLEM_SEALED,
                 "An administrator unlocks it: sankofa admin unlock. Then repeat.",
                 "The store is sealed: nobody has unlocked it since the daemon started.");
    return false;
}

size_t request_body_max(const struct request *request)
{
    const struct api_limits *limits = &request->api->options.limits;
    bool is_document = request->route && request->route->handle == handle_attach;

    return is_document ? limits->document_bytes_max : limits->body_bytes_max;
}

/* Whether the answer can go out although its body is still on its way: whoever asked first whether
 * to send it learns here that it is not wanted; and what is long is not read to be dropped. */
static bool is_unwanted(const struct request *request)
{
    const char *length = headers_get(request, "Content-Length");
    int64_t size = 0;

    return headers_get(request, "Expect") ||
           (length && text_to_int(text_from(length), &size) &&
            size > (int64_t)request->api->options.limits.body_bytes_max);
}

static void admit(struct request *request, const char *method, const char *version)
{
    if (!is_welcome(request) || !headers_check(request, version) || !read_method(request, method) ||
        !target_read(request))
        return;
    request->route = route_find(request);
    if (request->route && is_open_for(request) && asker_find(request) &&
        target_check_query(request, request->route->query) && headers_read(request) &&
        headers_fit(request) && request->route->handle == handle_attach)
        upload_begin(request);
}

/* Before the body: everything that can be refused without it. */
static void begin(struct request *request, const char *method, const char *version)
{
    request->is_begun = true;
    admit(request, method, version);
    if (request->answer.bytes && is_unwanted(request))
        request->is_closing = true;
}

/* ---- The body. ---- */

/* What comes after a refusal is read and dropped, so that the answer can be sent behind it; without
 * end it is not. */
static enum MHD_Result collect(struct request *request, const char *bytes, size_t size)
{
    size_t size_max = request_body_max(request);
    size_t so_far = request->upload ? (size_t)upload_size(request->upload) : request->body.size;

    if (!request->answer.bytes && so_far + size > size_max) {
        request->is_closing = true;
        request_fail(request, PROBLEM_TOO_LARGE, "Send less at once.",
                     "The body is larger than %zu bytes.", size_max);
    }
    if (request->answer.bytes) {
        request->dropped_bytes += size;
        if (request->dropped_bytes / DROP_FACTOR <= size_max)
            return MHD_YES;
        fault_say(request);
        return MHD_NO;
    }
    if (request->upload)
        upload_take(request->upload, bytes, size);
    else
        text_append(&request->body, (struct text){bytes, size});
    return MHD_YES;
}

static void carry_out(struct request *request)
{
    if (request->api->is_closing)
        request_abandon(request);
    else
        request->route->handle(request);
}

static enum MHD_Result finish(struct request *request)
{
    if (!request->is_whole) {
        request->is_whole = true;
        request->api->owed_count++;
        peer_request_is_whole(request->peer, request);
        if (!request->answer.bytes)
            carry_out(request);
    }
    if (request->answer.bytes || request->feed || request->download || request->export)
        return request_respond(request);
    /* The library calls again at once. Woken from a sleep that began in the first call it would
     * read before it takes the answer, and a client who has only stopped sending would be cut. */
    if (request->is_awaited)
        request_sleep(request);
    request->is_awaited = true;
    return MHD_YES;
}

enum MHD_Result request_handle(void *self, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **slot)
{
    struct request *request = *slot;

    (void)self;
    (void)connection;
    (void)url; /* decoded by the library, which makes two segments of one that holds %2F */
    if (!request->is_begun) {
        begin(request, method, version);
        return request->is_closing ? request_respond(request) : MHD_YES;
    }
    if (*upload_size > 0) {
        size_t size = *upload_size;
        request->body_bytes += size;
        enum MHD_Result result = collect(request, upload, size);
        *upload_size = 0;
        /* It may be a passphrase; the library's memory outlives the request. */
        explicit_bzero((char *)(uintptr_t)upload, size);
        return result;
    }
    return finish(request);
}
