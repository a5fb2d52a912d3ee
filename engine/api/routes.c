/* The table of routes. */
#include <string.h>

#include "api/internal.h"
#include "base/arena.h"

#define FILTER "state workflow country code mine overdue closed"

static const struct route routes[] = {
    {"GET", "/v1/status", ROUTE_BOTH, handle_status, NULL, true},
    {"GET", "/v1/whoami", ROUTE_BOTH, handle_whoami, NULL, true},
    {"GET", "/v1/workflows", ROUTE_STAFF, handle_workflows, NULL, true},
    {"POST", "/v1/workflows", ROUTE_STAFF, handle_load_workflow, "dry_run", false},
    {"GET", "/v1/workflows/{workflow}", ROUTE_STAFF, handle_workflow, "as", true},
    {"POST", "/v1/cases", ROUTE_STAFF, handle_open_case, NULL, false},
    {"GET", "/v1/cases", ROUTE_STAFF, handle_list, FILTER " limit cursor", false},
    {"POST", "/v1/cases/search", ROUTE_STAFF, handle_search, "limit", false},
    {"GET", "/v1/cases/{case}/diagram.svg", ROUTE_STAFF, handle_diagram, NULL, false},
    {"GET", "/v1/metrics", ROUTE_BOTH, handle_metrics, NULL, true},
    {"GET", "/v1/cases/{case}", ROUTE_STAFF, handle_show, NULL, false},
    {"GET", "/v1/cases/{case}/history", ROUTE_STAFF, handle_history, "limit cursor", false},
    {"GET", "/v1/cases/{case}/reads", ROUTE_STAFF, handle_reads, "limit cursor", false},
    {"POST", "/v1/cases/{case}/transitions/{event}", ROUTE_STAFF, handle_transition, NULL, false},
    {"POST", "/v1/cases/{case}/steps/{step}/answer", ROUTE_STAFF, handle_answer, NULL, false},
    {"POST", "/v1/cases/{case}/steps/{step}/settle", ROUTE_STAFF, handle_settle, NULL, false},
    {"GET", "/v1/cases/{case}/explain", ROUTE_STAFF, handle_explain, NULL, false},
    {"POST", "/v1/cases/{case}/proposals/{proposal}/approve", ROUTE_STAFF, handle_approve, NULL,
     false},
    {"POST", "/v1/cases/{case}/proposals/{proposal}/reject", ROUTE_STAFF, handle_reject, NULL,
     false},
    {"POST", "/v1/cases/{case}/assign", ROUTE_STAFF, handle_assign, NULL, false},
    {"POST", "/v1/cases/{case}/notes", ROUTE_STAFF, handle_note, NULL, false},
    {"POST", "/v1/cases/{case}/flags", ROUTE_STAFF, handle_flag, NULL, false},
    {"POST", "/v1/cases/{case}/links", ROUTE_STAFF, handle_link, NULL, false},
    {"PATCH", "/v1/cases/{case}/data", ROUTE_STAFF, handle_correct, NULL, false},
    {"POST", "/v1/cases/{case}/break-glass", ROUTE_STAFF, handle_break_glass, NULL, false},
    {"POST", "/v1/cases/{case}/break-glass/{glass}/review", ROUTE_STAFF, handle_review, NULL,
     false},
    {"GET", "/v1/cases/{case}/documents", ROUTE_STAFF, handle_documents, NULL, false},
    {"POST", "/v1/cases/{case}/documents", ROUTE_STAFF, handle_attach, NULL, false},
    {"GET", "/v1/cases/{case}/documents/{document}", ROUTE_STAFF, handle_document, NULL, false},
    {"GET", "/v1/inbox", ROUTE_STAFF, handle_inbox, FILTER " limit", false},
    {"GET", "/v1/events", ROUTE_STAFF, handle_events, "after case follow", false},
    {"POST", "/v1/admin/clock", ROUTE_ADMIN, handle_clock, NULL, true},
    {"POST", "/v1/cases/{case}/export", ROUTE_STAFF, handle_ask_export, NULL, false},
    {"GET", "/v1/cases/{case}/export", ROUTE_STAFF, handle_export, NULL, false},
    {"POST", "/v1/cases/{case}/export/approve", ROUTE_STAFF, handle_approve_export, NULL, false},
    {"POST", "/v1/cases/{case}/erase", ROUTE_STAFF, handle_ask_erasure, NULL, false},
    {"GET", "/v1/cases/{case}/erase", ROUTE_STAFF, handle_erasure, NULL, false},
    {"POST", "/v1/cases/{case}/erase/approve", ROUTE_STAFF, handle_approve_erasure, NULL, false},
    {"POST", "/v1/admin/backup", ROUTE_ADMIN, handle_backup, NULL, true},
    {"POST", "/v1/admin/checkpoint", ROUTE_ADMIN, handle_checkpoint, "old", true},
    {"GET", "/v1/admin/checkpoints", ROUTE_ADMIN, handle_checkpoints, NULL, true},
    {"GET", "/v1/admin/proof", ROUTE_ADMIN, handle_proof, "seq", true},
    {"POST", "/v1/admin/verify", ROUTE_ADMIN, handle_verify, NULL, true},
    {"GET", "/v1/admin/quarantine", ROUTE_ADMIN, handle_quarantine, NULL, true},
    {"POST", "/v1/admin/replay", ROUTE_ADMIN, handle_replay, NULL, true},
    {"POST", "/v1/admin/unlock", ROUTE_ADMIN, handle_unlock, NULL, true},
    {"GET", "/v1/admin/keys", ROUTE_ADMIN, handle_keys, NULL, true},
    {"POST", "/v1/admin/keys/rotate", ROUTE_ADMIN, handle_rotate_keys, NULL, true},
    {"POST", "/v1/admin/keys/slots", ROUTE_ADMIN, handle_add_slot, NULL, true},
    {"POST", "/v1/admin/keys/slots/{slot}/remove", ROUTE_ADMIN, handle_remove_slot, NULL, true},
    {"GET", "/v1/operations/{operation}", ROUTE_ADMIN, handle_operation, NULL, true},
    {"GET", "/v1/admin/plugins", ROUTE_ADMIN, handle_plugins, NULL, true},
    {"POST", "/v1/admin/reload", ROUTE_ADMIN, handle_reload, NULL, true},
    {"GET", "/v1/openapi.json", ROUTE_BOTH, handle_openapi, NULL, true},
};

enum { ROUTE_COUNT = sizeof(routes) / sizeof(routes[0]) };

static bool fits(const struct route *route, const struct request *request)
{
    struct text pattern[API_SEGMENTS_MAX];
    size_t count = request->segment_count;

    if (target_split(text_from(route->pattern), pattern) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_name = pattern[i].bytes[0] == '{';
        if (is_name ? request->segments[i].size == 0
                    : !text_equal(pattern[i], request->segments[i]))
            return false;
    }
    return true;
}

/* A path of words goes before one of names: /v1/cases/search is no case. */
static bool matches(const struct route *route, const struct request *request)
{
    if (!fits(route, request))
        return false;
    for (size_t i = 0; i < ROUTE_COUNT && strchr(route->pattern, '{'); i++)
        if (!strchr(routes[i].pattern, '{') && fits(&routes[i], request))
            return false;
    return true;
}

/* "GET, POST"; NULL: this socket does not have that path. */
static const char *allowed_methods(const struct request *request, enum route_socket socket)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, request->arena);
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if ((routes[i].socket & socket) && matches(&routes[i], request))
            text_append_printf(&buffer, "%s%s%s", buffer.size ? ", " : "", routes[i].method,
                               strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
    return buffer.size > 0 ? text_buffer_text(&buffer).bytes : NULL;
}

static void refuse_method(struct request *request)
{
    request_fail(request, PROBLEM_METHOD_NOT_ALLOWED, "The header Allow names what it takes.",
                 "%.*s is not what this path takes.", TEXT_ARG(request->method));
}

static void refuse_socket(struct request *request, const struct route *elsewhere)
{
    request_fail(request, PROBLEM_NO_SUCH_ROUTE,
                 elsewhere->socket == ROUTE_ADMIN ? N_("Ask the admin socket.")
                                                  : N_("Ask the staff socket."),
                 "This socket does not have %s.", elsewhere->pattern);
}

static void refuse_unknown(struct request *request)
{
    struct text patterns[ROUTE_COUNT];

    for (size_t i = 0; i < ROUTE_COUNT; i++)
        patterns[i] = text_from(routes[i].pattern);
    struct text nearest = text_nearest(request->path, patterns, ROUTE_COUNT);
    request_fail_near(request, PROBLEM_NO_SUCH_ROUTE, nearest,
                      "Every route begins with /v1/; the reference page lists them.",
                      "There is nothing at this path.");
}

const struct route *route_find(struct request *request)
{
    enum route_socket socket = server_is_admin(request->peer->server) ? ROUTE_ADMIN : ROUTE_STAFF;
    /* The library leaves the body of an answer to HEAD out. */
    struct text method = text_is(request->method, "HEAD") ? TEXT("GET") : request->method;
    const struct route *near = NULL;

    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (!matches(&routes[i], request))
            continue;
        if (text_is(method, routes[i].method) && (routes[i].socket & socket))
            return &routes[i];
        near = &routes[i];
    }
    request->allow = allowed_methods(request, socket);
    if (request->allow)
        refuse_method(request);
    else if (near)
        refuse_socket(request, near);
    else
        refuse_unknown(request);
    return NULL;
}

struct text route_segment(const struct request *request, const char *name)
{
    struct text pattern[API_SEGMENTS_MAX];
    size_t count = target_split(text_from(request->route->pattern), pattern), size = strlen(name);

    for (size_t i = 0; i < count; i++)
        if (pattern[i].size == size + 2 && pattern[i].bytes[0] == '{' &&
            strncmp(pattern[i].bytes + 1, name, size) == 0)
            return text_copy(request->arena, request->segments[i]);
    return TEXT_NONE;
}
