/* One request, from its headers to its response.
 *
 * The happy path:
 * 1. Headers are whole: framing, route, person and headers are checked before a byte of the body is
 *    taken.
 * 2. The body is collected, up to its limit.
 * 3. The route's handler answers at once, or posts a request of the wheel; the connection sleeps.
 * 4. The wheel's reply becomes the response; the connection wakes and the library sends it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"

/* ---- Life: a request belongs to the connection, and to the wheel while that owes a reply. ---- */

static struct request *create(struct api *api, struct peer *peer, struct MHD_Connection *connection,
                              const char *method, const char *path)
{
    struct arena *arena = arena_create("request");
    struct request *request = ARENA_NEW(arena, struct request);
    uint8_t id[8];

    request->arena = arena;
    request->api = api;
    request->peer = peer;
    request->connection = connection;
    request->method = text_copy(arena, text_from(method)).bytes;
    request->path = text_copy(arena, text_from(path)).bytes;
    request->began_ms = server_now_ms(peer->server);
    api->options.random.fill(api->options.random.self, id, sizeof(id));
    request->id = text_hex(arena, id, sizeof(id));
    text_buffer_init(&request->body, arena);
    request->next = api->requests;
    if (request->next)
        request->next->previous = request;
    api->requests = request;
    return request;
}

static void release(struct request *request)
{
    if (request->connection || request->wheel_holds)
        return;
    if (request->previous)
        request->previous->next = request->next;
    else
        request->api->requests = request->next;
    if (request->next)
        request->next->previous = request->previous;
    arena_destroy(request->arena);
}

void request_free_all(struct api *api)
{
    while (api->requests) {
        api->requests->connection = NULL;
        api->requests->wheel_holds = false;
        release(api->requests);
    }
}

void request_completed(void *self, struct MHD_Connection *connection, void **slot,
                       enum MHD_RequestTerminationCode code)
{
    struct request *request = *slot;

    (void)self;
    (void)connection;
    (void)code;
    if (!request)
        return;
    *slot = NULL;
    request->connection = NULL; /* the wheel's reply, if it still comes, goes nowhere */
    release(request);
}

/* ---- Answers. ---- */

static void wake(struct request *request)
{
    if (!request->is_suspended || !request->connection)
        return;
    request->is_suspended = false;
    request->api->owed_count--;
    MHD_resume_connection(request->connection);
    server_wake(request->peer->server);
}

void request_answer(struct request *request, int status, const struct value *body)
{
    request->status = status;
    request->answer = json_write(request->arena, body);
    wake(request);
}

void request_refuse(struct request *request, const struct problem *problem)
{
    struct value body = problem_value(request->arena, problem, request->id);

    request->is_problem = true;
    request_answer(request, problem_kind(problem->code)->status, &body);
}

void request_fail(struct request *request, enum problem_code code, const char *hint,
                  const char *detail, ...)
{
    struct problem problem;
    va_list arguments;

    va_start(arguments, detail);
    struct text text = text_vprintf(request->arena, detail, arguments);
    va_end(arguments);
    problem_set(&problem, request->arena, code, "%.*s", TEXT_ARG(text));
    problem_hint(&problem, request->arena, "%s", hint);
    request_refuse(request, &problem);
}

/* One line for each write; never a value of a case. */
static void log_write(const struct request *request, const struct run_reply *reply)
{
    if (strcmp(request->method, "GET") == 0)
        return;
    log_event(LOG_INFO, "request.done", "id=%.*s method=%s route=%s status=%d by=%.*s ms=%lld",
              TEXT_ARG(request->id), request->method, request->route->pattern, reply->status,
              TEXT_ARG(request->person.id),
              (long long)(server_now_ms(request->peer->server) - request->began_ms));
}

static struct text location_of(struct request *request, const struct value *body)
{
    struct text code = value_text_at(body, "code");

    return code.size > 0 ? text_printf(request->arena, "/v1/cases/%.*s", TEXT_ARG(code))
                         : text_printf(request->arena, "/v1/workflows/%.*s",
                                       TEXT_ARG(value_text_at(body, "id")));
}

static void replied(void *self, const struct run_reply *reply)
{
    struct request *request = self;

    request->wheel_holds = false;
    if (!request->connection || !request->is_suspended) {
        release(request);
        return;
    }
    log_write(request, reply);
    request->has_revision = reply->has_revision;
    request->revision = reply->revision;
    request->is_repeat = reply->is_repeat;
    if (reply->problem) {
        request_refuse(request, reply->problem);
        return;
    }
    if (reply->status == MHD_HTTP_CREATED)
        request->location = location_of(request, &reply->body);
    request_answer(request, reply->status, &reply->body);
}

void request_post(struct request *request)
{
    request->run.person = &request->person;
    request->run.reply = replied;
    request->run.self = request;
    request->wheel_holds = true;
    wheel_post(request->api->options.wheel, &request->run);
    request->api->options.posted(request->api->options.self);
}

void request_abandon_all(struct api *api)
{
    for (struct request *request = api->requests; request; request = request->next)
        if (request->is_suspended)
            request_fail(request, PROBLEM_STOPPING,
                         "Repeat with the same Idempotency-Key once it runs again.",
                         "The daemon stops before this is carried out.");
}

/* ---- The response. ---- */

static void add(struct MHD_Response *response, const char *name, struct text value)
{
    if (value.size > 0)
        CHECK(MHD_add_response_header(response, name, value.bytes) == MHD_YES);
}

static void add_headers(struct request *request, struct MHD_Response *response)
{
    struct arena *arena = request->arena;

    add(response, "Content-Type",
        request->is_problem ? TEXT("application/problem+json") : TEXT("application/json"));
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
    if (request->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        add(response, "Retry-After", TEXT("1"));
    if (request->is_closing)
        add(response, "Connection", TEXT("close"));
}

static enum MHD_Result respond(struct request *request)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        request->answer.size, (void *)request->answer.bytes, MHD_RESPMEM_MUST_COPY);

    CHECK(response);
    add_headers(request, response);
    enum MHD_Result result =
        MHD_queue_response(request->connection, (unsigned)request->status, response);
    MHD_destroy_response(response);
    request->peer->deadline_ms = INT64_MAX; /* a slow reader costs its own connection alone */
    return result;
}

/* ---- Who asks. ---- */

static bool act_as(struct request *request, const char *name)
{
    const struct api_options *options = &request->api->options;
    bool is_owner = request->peer->uid == geteuid();

    if (!options->is_demo || !is_owner) {
        request_fail(request, PROBLEM_NOT_PERMITTED, "Leave the header Sankofa-As (--as) out.",
                     "Nobody can act as somebody else here: %s.",
                     options->is_demo ? "only the user that the daemon runs as may"
                                      : "this is no demo store");
        return false;
    }
    if (people_named(options->people, text_from(name), request->arena, &request->person)) {
        request->is_acting_as = true;
        return true;
    }
    struct text nearest = people_nearest(options->people, text_from(name), request->arena);
    request_fail(request, PROBLEM_NOT_PERMITTED,
                 nearest.size > 0
                     ? text_printf(request->arena, "Did you mean %.*s?", TEXT_ARG(nearest)).bytes
                     : "The people table of the configuration lists who there is.",
                 "There is nobody called \"%s\" here.", name);
    return false;
}

/* The daemon's own user may see to the daemon, whatever the people table says. */
static bool is_local_owner(struct request *request)
{
    if (!request->peer->is_known || (request->peer->uid != geteuid() && request->peer->uid != 0))
        return false;
    request->is_local_owner = true;
    request->person = (struct case_person){.id = TEXT("local"), .person = TEXT("local")};
    return request->route->needs_no_person;
}

static bool find_person(struct request *request)
{
    const struct peer *peer = request->peer;
    const char *as =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Sankofa-As");

    if (as)
        return act_as(request, as);
    if (peer->is_known && people_find(request->api->options.people, peer->uid, peer->gids,
                                      peer->gid_count, request->arena, &request->person))
        return true;
    if (is_local_owner(request))
        return true;
    request_fail(request, PROBLEM_NOT_PERMITTED,
                 request->is_local_owner && request->api->options.is_demo
                     ? "In this demo store, say who you are: --as NAME (the header Sankofa-As)."
                     : "Ask whoever keeps the people table of this daemon's configuration.",
                 "Your user is not among the people of this daemon.");
    return false;
}

/* ---- Taking it in. ---- */

/* Before the body: everything that can be refused without it. True: go on. */
static bool begin(struct request *request)
{
    if (request->peer->is_over_limit) {
        request->is_closing = true;
        request_fail(request, PROBLEM_BUSY, "Repeat in a moment, or close connections you have.",
                     "Too many connections are open.");
        return false;
    }
    if (!headers_check_framing(request))
        return false;
    request->route = route_find(request);
    return request->route && find_person(request) && headers_read(request);
}

static void collect(struct request *request, const char *bytes, size_t size)
{
    size_t size_max = request->api->options.limits.body_bytes_max;

    if (request->answer.bytes)
        return; /* refused already: what still comes is read and dropped */
    if (request->body.size + size > size_max) {
        request->is_closing = true;
        request_fail(request, PROBLEM_TOO_LARGE, "Send less at once.",
                     "The body is larger than %zu bytes.", size_max);
        return;
    }
    text_append(&request->body, (struct text){bytes, size});
}

static void carry_out(struct request *request)
{
    if (!request->route->handle)
        request_fail(request, PROBLEM_NOT_YET, "`sankofa --help` lists what this version has.",
                     "%s %s is part of the design, but this version does not have it yet.",
                     request->method, request->route->pattern);
    else
        request->route->handle(request);
}

enum MHD_Result request_handle(void *self, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **slot)
{
    struct request *request = *slot;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct peer *peer = info->socket_context;

    (void)version;
    (void)self;
    if (!request) {
        request = create(server_api(peer->server), peer, connection, method, url);
        *slot = request;
        return begin(request) || !request->is_closing ? MHD_YES : respond(request);
    }
    if (*upload_size > 0) {
        collect(request, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (request->answer.bytes)
        return respond(request);
    peer->deadline_ms = INT64_MAX; /* it is whole: now we owe the answer */
    carry_out(request);
    if (request->answer.bytes)
        return respond(request);
    request->is_suspended = true;
    request->api->owed_count++;
    MHD_suspend_connection(connection);
    return MHD_YES;
}
