/* What the library refuses by itself, before anybody of ours is asked: bytes that are no request.
 *
 * It would send a page of HTML, and where headers had come it sends the head of that page twice. No
 * option of it changes that; but it queues the page by its own public function, which the linker
 * finds here first. So the page is dropped, a problem is sent in its place, and the library, told
 * that nothing can be queued, closes the connection. Where a build of the library does not ask the
 * linker, its own page goes out, and a test tells (decision 0047).
 *
 * A first line without a space is closed by the library without a word, and without asking us. */
#include <dlfcn.h>
#include <string.h>
#include <sys/socket.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"

#define NO_REQUEST N_("These bytes are no request of HTTP/1.1.")

/* By words of the page that the library would send. */
static const struct {
    const char *page;
    enum problem_code code;
    const char *detail, *hint;
} faults[] = {
    {"wrong value for <b>Content-Length", PROBLEM_BAD_REQUEST, N_("Content-Length is no number."),
     N_("Send one Content-Length, or Transfer-Encoding: chunked.")},
    {"large value for <b>Content-Length", PROBLEM_TOO_LARGE,
     N_("Content-Length is larger than any request."), N_("Send less at once.")},
    {"chunked encoding was", PROBLEM_BAD_REQUEST, N_("The chunks of the body cannot be read."),
     N_("Write before each chunk its bytes as a hexadecimal number; a line ends behind both.")},
    {"chunk size", PROBLEM_TOO_LARGE, N_("A chunk is larger than any request."),
     N_("Send less at once.")},
    {"HTTP version", PROBLEM_BAD_REQUEST, NO_REQUEST, N_("Speak HTTP/1.1, without TLS.")},
    {"header was too big", PROBLEM_HEAD_TOO_LARGE,
     N_("The first line and the headers of this request are too long."),
     N_("What is long belongs into the body.")},
    {"Internal server error", PROBLEM_INTERNAL, N_("This request could not be answered."),
     N_("Tell the administrator: the log may say more.")},
    {"", PROBLEM_BAD_REQUEST, NO_REQUEST,
     N_("Begin with a line as GET /v1/status HTTP/1.1, then headers as Host: sankofa.")},
};

static struct problem problem_of(const char *page, struct arena *arena)
{
    struct problem problem;
    size_t i = 0;

    while (!strstr(page, faults[i].page))
        i++;
    problem_set(&problem, arena, faults[i].code, "%s", faults[i].detail);
    problem_hint(&problem, arena, "%s", faults[i].hint);
    return problem;
}

/* All answers before it have gone out, and it fits in any socket's buffer that is empty; who has
 * left those unread does not get this one either. */
static void say(const struct peer *peer, int status, struct text id, struct text body,
                struct arena *arena)
{
    struct api *api = server_api(peer->server);
    struct text bytes =
        text_printf(arena,
                    "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %zu\r\n"
                    "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n"
                    "Sankofa-Request: %.*s\r\n%s\r\n%.*s",
                    status, MHD_get_reason_phrase_for((unsigned)status), body.size, TEXT_ARG(id),
                    api->options.is_demo ? "Sankofa-Demo: true\r\n" : "", TEXT_ARG(body));

    api->answered[status / 100 - 1]++;
    send(peer->fd, bytes.bytes, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void fault_say(const struct request *request)
{
    CHECK(request->is_problem);
    say(request->peer, request->status, request->id, request->answer, request->arena);
}

static void answer(const struct peer *peer, const char *page)
{
    ARENA_SCOPED struct arena *arena = arena_create("fault");
    struct api *api = server_api(peer->server);
    struct problem problem = problem_of(page, arena);
    struct text id = request_id(api, arena);
    struct value body = problem_value(arena, &problem, id);

    if (api_may_log(api, NOISE_FAULT))
        log_event(LOG_WARNING, "http.fault", "id=%.*s why=\"%.*s\"", TEXT_ARG(id),
                  TEXT_ARG(problem.detail));
    say(peer, problem_kind(problem.code)->status, id, json_write(arena, &body), arena);
}

void fault_note(struct api *api, const char *format, va_list arguments)
{
    static const char refusal[] = "Error processing request";
    /* Where it says why it closes a connection, that is put in, and a sentence of its own. */
    const char *why = strncmp(format, "%s", 2) == 0 && strchr("\n", format[2])
                          ? va_arg(arguments, const char *)
                          : format;

    if (strncmp(format, refusal, sizeof(refusal) - 1) == 0) {
        va_arg(arguments, unsigned); /* the status of its page */
        api->fault_page = va_arg(arguments, const char *);
        return;
    }
    if (strstr(why, "failed to queue error response"))
        return; /* a problem was sent in its place */
    if (api_may_log(api, NOISE_FAULT))
        log_event(LOG_WARNING, "http.fault", "why=\"%.*s\"", (int)strcspn(why, "\n"), why);
}

enum MHD_Result fault_queue(struct MHD_Connection *connection, unsigned status,
                            struct MHD_Response *response)
{
    static enum MHD_Result (*queue)(struct MHD_Connection *, unsigned, struct MHD_Response *);

    if (!queue)
        queue = (enum MHD_Result(*)(struct MHD_Connection *, unsigned, struct MHD_Response *))dlsym(
            RTLD_NEXT, "MHD_queue_response");
    CHECK(queue);
    return queue(connection, status, response);
}

/* The library's own call: ours go to fault_queue. */
__attribute__((visibility("default"))) enum MHD_Result
MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                   struct MHD_Response *response)
{
    const struct peer *peer = peer_of(connection);
    struct api *api = server_api(peer->server);

    (void)status;
    (void)response;
    answer(peer, api->fault_page ? api->fault_page : "");
    api->fault_page = NULL;
    return MHD_NO;
}
