/* One request: its life, its answer, its response.
 *
 * The happy path:
 * 1. It is taken in (take.c), and its route's handler answers at once, or posts a request of the
 *    wheel; the connection sleeps.
 * 2. The wheel's reply becomes the response; the connection wakes and the library sends it. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"

enum {
    TAKE_MS_MAX = 60000, /* for a response to be taken */
    RETRY_S = 1,
    RETRY_SEALED_S = 30
};

/* ---- Life: a request belongs to the connection, and to the wheel while that owes a reply. ---- */

struct text request_id(struct api *api, struct arena *arena)
{
    uint8_t id[8];

    api->options.random.fill(api->options.random.self, id, sizeof(id));
    return text_hex(arena, id, sizeof(id));
}

struct request *request_create(struct peer *peer, struct MHD_Connection *connection,
                               const char *uri)
{
    struct api *api = server_api(peer->server);
    struct arena *arena = arena_create("request");
    struct request *request = ARENA_NEW(arena, struct request);

    request->arena = arena;
    request->api = api;
    request->peer = peer;
    request->connection = connection;
    request->uri = text_copy(arena, text_from(uri));
    request->began_ms = server_now_ms();
    request->id = request_id(api, arena);
    text_buffer_init(&request->body, arena);
    request->next = api->requests;
    if (request->next)
        request->next->previous = request;
    api->requests = request;
    return request;
}

static void release(struct request *request)
{
    if (request->connection || request->is_held)
        return;
    if (request->previous)
        request->previous->next = request->next;
    else
        request->api->requests = request->next;
    if (request->next)
        request->next->previous = request->previous;
    feed_destroy(request->feed);
    upload_destroy(request->upload);
    download_destroy(request->download);
    export_destroy(request->export);
    if (request->complete_end)
        request->complete_end(request);
    arena_destroy(request->arena);
}

void request_hold(struct request *request)
{
    request->is_held = true;
}

bool request_let_go(struct request *request)
{
    bool is_awaited = request->connection && !request->answer.bytes;

    request->is_held = false;
    release(request);
    return is_awaited;
}

void request_free_all(struct api *api)
{
    while (api->requests) {
        api->requests->connection = NULL;
        api->requests->is_held = false;
        release(api->requests);
    }
}

void request_end(struct request *request)
{
    if (request->is_whole)
        request->api->owed_count--;
    request->connection = NULL; /* the wheel's reply, if it still comes, goes nowhere */
    request->peer = NULL;
    release(request);
}

/* ---- Answers. ---- */

void request_wake(struct request *request)
{
    if (!request->is_awaited)
        return;
    request->is_awaited = false;
    if (!request->is_asleep)
        return; /* the library is about to ask */
    request->is_asleep = false;
    MHD_resume_connection(request->connection);
    server_wake(request->peer->server);
}

void request_sleep(struct request *request)
{
    request->is_awaited = request->is_asleep = true;
    MHD_suspend_connection(request->connection);
}

void request_answer(struct request *request, int status, const struct value *body)
{
    request->status = status;
    request->answer = json_write(request->arena, body);
    request_wake(request);
}

void request_answer_text(struct request *request, const char *type, struct text text)
{
    request->status = MHD_HTTP_OK;
    request->type = type;
    request->answer = text.bytes ? text : TEXT("");
    request_wake(request);
}

void request_refuse(struct request *request, const struct problem *problem)
{
    struct value body = problem_value(request->arena, problem, request->id);

    request->is_problem = true;
    request->retry_after_s = (int)value_int_at(&body, "retry_after", 0);
    request_answer(request, problem_kind(problem->code)->status, &body);
}

static void fail(struct request *request, enum problem_code code, struct text nearest,
                 const char *hint, struct text detail)
{
    struct problem problem;

    problem_set(&problem, request->arena, code, "%.*s", TEXT_ARG(detail));
    problem_hint(&problem, request->arena, "%s", hint);
    problem_suggest(&problem, request->arena, nearest);
    request_refuse(request, &problem);
}

void request_fail(struct request *request, enum problem_code code, const char *hint,
                  const char *detail, ...)
{
    va_list arguments;

    va_start(arguments, detail);
    struct text text = text_vprintf(request->arena, detail, arguments);
    va_end(arguments);
    fail(request, code, TEXT_NONE, hint, text);
}

void request_fail_near(struct request *request, enum problem_code code, struct text nearest,
                       const char *hint, const char *detail, ...)
{
    va_list arguments;

    va_start(arguments, detail);
    struct text text = text_vprintf(request->arena, detail, arguments);
    va_end(arguments);
    fail(request, code, nearest, hint, text);
}

static bool is_read(const struct request *request)
{
    return text_is(request->method, "GET") || text_is(request->method, "HEAD");
}

/* One line for each write, also where nobody waits for the answer any more; never a value of a
 * case. */
static void log_write(const struct request *request, const struct run_reply *reply)
{
    if (is_read(request))
        return;
    log_event(LOG_INFO, "request.done", "id=%.*s method=%.*s route=%s status=%d by=%.*s ms=%lld",
              TEXT_ARG(request->id), TEXT_ARG(request->method), request->route->pattern,
              reply->status, TEXT_ARG(request->person.id),
              (long long)(server_now_ms() - request->began_ms));
}

/* Of what was made; on the admin socket, of the operation that was begun. */
static struct text location_of(struct request *request, const struct value *body)
{
    if (request->status == MHD_HTTP_ACCEPTED)
        return text_printf(request->arena, "/v1/operations/%.*s",
                           TEXT_ARG(value_text_at(body, "id")));
    struct text code = value_text_at(body, "code");
    int64_t document = value_int_at(value_at(body, "document"), "document", 0);

    if (document > 0)
        return text_printf(request->arena, "/v1/cases/%.*s/documents/%lld", TEXT_ARG(code),
                           (long long)document);

    struct text id = value_text_at(body, "id");

    if (code.size > 0)
        return text_printf(request->arena, "/v1/cases/%.*s", TEXT_ARG(code));
    return id.size > 0 ? text_printf(request->arena, "/v1/workflows/%.*s", TEXT_ARG(id))
                       : TEXT("/v1/admin/keys"); /* a slot stands in their list */
}

bool request_take(struct request *request)
{
    request->is_held = false;
    if (request->is_awaited && request->connection)
        return true;
    release(request);
    return false;
}

bool request_take_good(struct request *request, const struct run_reply *reply)
{
    if (!request_take(request))
        return false;
    if (reply->problem)
        request_refuse(request, reply->problem);
    return !reply->problem;
}

static void replied(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    log_write(request, reply);
    if (!request_take(request))
        return;
    request->has_revision = reply->has_revision;
    request->revision = reply->revision;
    request->is_repeat = reply->is_repeat;
    if (reply->problem) {
        request_refuse(request, reply->problem);
        return;
    }
    request->status = reply->status;
    if (reply->status == MHD_HTTP_CREATED ||
        (reply->status == MHD_HTTP_ACCEPTED && request->route->socket == ROUTE_ADMIN))
        request->location = location_of(request, &reply->body);
    struct value body = reply->body;
    if (request->complete) {
        body = value_copy(request->arena, &reply->body);
        request->complete(request, &body);
    }
    request_answer(request, reply->status, &body);
}

void request_post_to(struct request *request,
                     void (*reply)(void *self, const struct run_reply *reply))
{
    request->run.person = &request->person;
    request->run.reply = reply;
    request->run.self = request;
    request->is_held = true;
    wheel_post(request->api->options.wheel, &request->run);
    request->api->options.posted(request->api->options.self);
}

void request_post(struct request *request)
{
    request_post_to(request, replied);
}

void request_reload(struct request *request)
{
    const struct api_options *options = &request->api->options;

    request->is_held = true; /* as long as the answer is on its way */
    options->reload(options->self, replied, request);
}

void request_abandon(struct request *request)
{
    request_fail(request, PROBLEM_STOPPING,
                 "Repeat with the same Idempotency-Key once it runs again.",
                 "The daemon stops before this is carried out.");
}

void request_abandon_all(struct api *api)
{
    for (struct request *request = api->requests; request; request = request->next)
        if (request->is_awaited && request->connection && !request->feed && !request->download &&
            !request->export)
            request_abandon(request);
}

/* ---- The response. ---- */

static void add(struct MHD_Response *response, const char *name, struct text value)
{
    if (value.size > 0)
        CHECK(MHD_add_response_header(response, name, value.bytes) == MHD_YES);
}

/* Somebody has to come and unlock it, or until a passphrase may be tried again. */
static struct text retry_after(struct request *request)
{
    int seconds = request->retry_after_s > 0    ? request->retry_after_s
                  : request->api->options.wheel ? RETRY_S
                                                : RETRY_SEALED_S;

    return text_printf(request->arena, "%d", seconds);
}

static void add_headers(struct request *request, struct MHD_Response *response)
{
    struct arena *arena = request->arena;

    if (!request->feed)
        add(response, "Content-Type",
            request->is_problem ? TEXT("application/problem+json")
            : request->type     ? text_from(request->type)
                                : TEXT("application/json"));
    add(response, "Cache-Control", TEXT("no-store"));
    add(response, "Sankofa-Request", request->id);
    add(response, "Location", request->location);
    add(response, "Allow", text_from(request->allow));
    if (request->api->options.is_demo)
        add(response, "Sankofa-Demo", TEXT("true"));
    if (request->has_revision)
        add(response, "ETag",
            text_printf(arena, "\"%llu\"", (unsigned long long)request->revision));
    if (request->is_repeat)
        add(response, "Idempotent-Replayed", TEXT("true"));
    if (request->status == MHD_HTTP_SERVICE_UNAVAILABLE ||
        request->status == MHD_HTTP_TOO_MANY_REQUESTS)
        add(response, "Retry-After", retry_after(request));
    if (request->is_closing || request->api->is_stopping)
        add(response, "Connection", TEXT("close"));
}

enum MHD_Result request_respond(struct request *request)
{
    struct MHD_Response *response = request->feed       ? feed_response(request)
                                    : request->download ? download_response(request)
                                    : request->export   ? export_response(request)
                                                        : response_create(request);

    CHECK(response);
    add_headers(request, response);
    enum MHD_Result result = fault_queue(request->connection, (unsigned)request->status, response);
    MHD_destroy_response(response);
    peer_allow(request->peer, TAKE_MS_MAX);
    CHECK(request->status >= 100 && request->status / 100 <= API_STATUS_CLASSES);
    request->api->answered[request->status / 100 - 1]++;
    return result;
}
