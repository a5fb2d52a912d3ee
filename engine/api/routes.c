/* The table of routes. What the design names and this version does not have is here too, so that it
 * is refused by name. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"

#define NOT_YET(method, pattern, socket)                                                           \
    {                                                                                              \
        method, pattern, socket, NULL, false                                                       \
    }

static const struct route routes[] = {
    {"GET", "/v1/status", ROUTE_BOTH, handle_status, true},
    {"GET", "/v1/whoami", ROUTE_BOTH, handle_whoami, true},
    {"GET", "/v1/workflows", ROUTE_STAFF, handle_workflows, true},
    {"POST", "/v1/workflows", ROUTE_STAFF, handle_load_workflow, false},
    {"GET", "/v1/workflows/{workflow}", ROUTE_STAFF, handle_workflow, true},
    {"POST", "/v1/cases", ROUTE_STAFF, handle_open_case, false},
    {"GET", "/v1/cases", ROUTE_STAFF, handle_list, false},
    {"GET", "/v1/cases/{case}", ROUTE_STAFF, handle_show, false},
    {"GET", "/v1/cases/{case}/history", ROUTE_STAFF, handle_history, false},
    {"POST", "/v1/cases/{case}/transitions/{event}", ROUTE_STAFF, handle_transition, false},
    {"POST", "/v1/cases/{case}/steps/{step}/answer", ROUTE_STAFF, handle_answer, false},
    {"GET", "/v1/inbox", ROUTE_STAFF, handle_inbox, false},
    {"POST", "/v1/admin/clock", ROUTE_ADMIN, handle_clock, true},
    NOT_YET("GET", "/v1/metrics", ROUTE_BOTH),
    NOT_YET("GET", "/v1/openapi.json", ROUTE_BOTH),
    NOT_YET("GET", "/v1/events", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/search", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/proposals/{proposal}/approve", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/proposals/{proposal}/reject", ROUTE_STAFF),
    NOT_YET("PATCH", "/v1/cases/{case}/data", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/steps/{step}/settle", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/erase", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/erase/approve", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/export", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/export/approve", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/assign", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/notes", ROUTE_STAFF),
    NOT_YET("GET", "/v1/cases/{case}/documents", ROUTE_STAFF),
    NOT_YET("POST", "/v1/cases/{case}/documents", ROUTE_STAFF),
    NOT_YET("GET", "/v1/cases/{case}/documents/{document}", ROUTE_STAFF),
    NOT_YET("GET", "/v1/cases/{case}/explain", ROUTE_STAFF),
    NOT_YET("GET", "/v1/cases/{case}/diagram.svg", ROUTE_STAFF),
    NOT_YET("GET", "/v1/operations/{operation}", ROUTE_ADMIN),
    NOT_YET("POST", "/v1/admin/backup", ROUTE_ADMIN),
    NOT_YET("POST", "/v1/admin/verify", ROUTE_ADMIN),
    NOT_YET("POST", "/v1/admin/replay", ROUTE_ADMIN),
    NOT_YET("POST", "/v1/admin/keys/rotate", ROUTE_ADMIN),
    NOT_YET("GET", "/v1/admin/plugins", ROUTE_ADMIN),
    NOT_YET("POST", "/v1/admin/reload", ROUTE_ADMIN),
};

enum { ROUTE_COUNT = sizeof(routes) / sizeof(routes[0]) };

/* The library has decoded the path already; a segment that was empty or held a slash does not match
 * anything. */
static size_t split(struct text path, struct text segments[API_SEGMENTS_MAX])
{
    size_t count = 0, at = 1;

    if (path.size == 0 || path.bytes[0] != '/')
        return 0;
    for (size_t end = at; end <= path.size; end++) {
        if (end < path.size && path.bytes[end] != '/')
            continue;
        if (count == API_SEGMENTS_MAX)
            return 0;
        segments[count++] = (struct text){path.bytes + at, end - at};
        at = end + 1;
    }
    return count;
}

static bool matches(const struct route *route, const struct text *segments, size_t count)
{
    struct text pattern[API_SEGMENTS_MAX];

    if (split(text_from(route->pattern), pattern) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_name = pattern[i].bytes[0] == '{';
        if (is_name ? segments[i].size == 0 : !text_equal(pattern[i], segments[i]))
            return false;
    }
    return true;
}

/* Another method, or the other socket, of the same path. */
static void refuse_near(struct request *request, const char *allowed, const struct route *elsewhere)
{
    if (allowed) {
        request->allow = allowed;
        request_fail(request, PROBLEM_METHOD_NOT_ALLOWED, "The header Allow names what it takes.",
                     "%s is not what this path takes.", request->method);
    } else {
        request_fail(request, PROBLEM_NO_SUCH_ROUTE,
                     elsewhere->socket == ROUTE_ADMIN ? "Ask the admin socket."
                                                      : "Ask the staff socket.",
                     "This socket does not have %s.", request->path);
    }
}

static void refuse_unknown(struct request *request)
{
    struct text patterns[ROUTE_COUNT];

    for (size_t i = 0; i < ROUTE_COUNT; i++)
        patterns[i] = text_from(routes[i].pattern);
    struct text nearest = text_nearest(text_from(request->path), patterns, ROUTE_COUNT);
    request_fail(request, PROBLEM_NO_SUCH_ROUTE,
                 nearest.size > 0
                     ? text_printf(request->arena, "Did you mean %.*s?", TEXT_ARG(nearest)).bytes
                     : "Every route begins with /v1/; the reference page lists them.",
                 "There is nothing at this path.");
}

/* "GET, POST" */
static const char *allowed_methods(const struct request *request, enum route_socket socket)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, request->arena);
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if ((routes[i].socket & socket) && routes[i].handle &&
            matches(&routes[i], request->segments, request->segment_count))
            text_append_printf(&buffer, "%s%s", buffer.size ? ", " : "", routes[i].method);
    return buffer.size > 0 ? text_buffer_text(&buffer).bytes : NULL;
}

const struct route *route_find(struct request *request)
{
    enum route_socket socket = server_is_admin(request->peer->server) ? ROUTE_ADMIN : ROUTE_STAFF;
    const struct route *near = NULL;

    request->segment_count = split(text_from(request->path), request->segments);
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (!matches(&routes[i], request->segments, request->segment_count))
            continue;
        if (strcmp(routes[i].method, request->method) == 0 && (routes[i].socket & socket))
            return &routes[i];
        near = &routes[i];
    }
    if (near)
        refuse_near(request, allowed_methods(request, socket), near);
    else
        refuse_unknown(request);
    return NULL;
}

struct text route_segment(const struct request *request, const char *name)
{
    struct text pattern[API_SEGMENTS_MAX];
    size_t count = split(text_from(request->route->pattern), pattern), size = strlen(name);

    for (size_t i = 0; i < count; i++)
        if (pattern[i].size == size + 2 && pattern[i].bytes[0] == '{' &&
            strncmp(pattern[i].bytes + 1, name, size) == 0)
            return text_copy(request->arena, request->segments[i]);
    return TEXT_NONE;
}
