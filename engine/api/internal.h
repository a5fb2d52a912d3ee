/* The socket's own: what its files share.
 *
 *   routes.c    the table of routes
 *   http/       requests and answers, whatever they are about
 *     server.c    libmicrohttpd in the loop: connections, their limits and times
 *     arrivals.c  when bytes come
 *     listen.c    the socket files
 *     fault.c     bytes that are no request
 *     noise.c     lines of the log that anybody can cause
 *     take.c      one request: checked, collected, carried to its route
 *     request.c, response.c    its life, its answer
 *     target.c    path and query, decoded
 *     headers.c   what headers say
 *     body.c      JSON bodies, member by member
 *     upload.c    a document, on its way to the store
 *   people/     who asks: the peer, the people table, `Sankofa-As`
 *   handle/     what each route does
 *     wheel.c     a route's request of the wheel, for most that is about cases
 *     care.c      of a case beside its chart: assignment, notes, flags, links, glass
 *     feed.c      the event feed: a response without end, in pieces
 *     export.c    a case being sent as an encrypted archive
 *     keys.c, secret.c    slots, epochs, unlocking; what opens a slot, from a body
 *     the others bear the names of their routes
 *   openapi/    the table, described at build time */
#ifndef SANKOFA_API_INTERNAL_H
#define SANKOFA_API_INTERNAL_H

#include <microhttpd.h>
#include <stdarg.h>

#include "api/api.h"
#include "base/problem.h"

enum { API_SEGMENTS_MAX = 8, API_QUERY_MAX = 16, API_STATUS_CLASSES = 5 };

struct server;

/* Kinds of lines that whoever is at the socket can cause without being anybody. */
enum noise_kind { NOISE_FAULT, NOISE_LATE, NOISE_STRANGER, NOISE_UNKNOWN, NOISE_COUNT };

struct noise {
    struct {
        int64_t until_ms; /* the end of its minute */
        unsigned line_count;
        uint64_t held_count;
    } kinds[NOISE_COUNT];
};

struct api {
    struct api_options options;
    struct server *servers[2]; /* staff, admin */
    struct request *requests;  /* all that live */
    size_t owed_count;         /* whole requests whose response has not gone out yet */
    unsigned open_count;       /* servers, and the timer, that have something in the loop */
    uint64_t answered[API_STATUS_CLASSES]; /* requests, by class of status: 1xx to 5xx */
    struct feed *feeds;                    /* that are being sent */
    uv_timer_t feed_timer;                 /* runs while there are any */
    const char *fault_page; /* that the library is about to send, a literal of its own */
    struct noise noise;
    uv_timer_t noise_timer; /* runs while lines are held back */
    bool has_grown;         /* the journal, since the feeds were told last */
    bool is_stopping;       /* every response is its connection's last */
    bool is_closing;        /* nothing is posted any more */
    void (*closed)(void *self);
    void *closed_self;
};

/* One connection. */
struct peer {
    struct server *server;
    struct peer *next, *previous;
    int fd;
    uid_t uid; /* (uid_t)-1: the kernel did not tell, or told 65534 */
    gid_t *gids;
    size_t gid_count;
    bool is_over_limit; /* its first request is answered `busy` */
    bool is_over_own;   /* since its user has too many */
    bool is_late;       /* it was shut down */
    bool is_begun;      /* a byte of its request has come: its time runs */
    bool has_more;      /* bytes have come behind a request that is whole */
    size_t ahead_bytes; /* that had come when its request began, the request's own among them */
    /* Steady; what it is to send, or to take, must be through by then. INT64_MAX: it waits for us.
     */
    int64_t deadline_ms;
};

struct query_item {
    struct text name, value;
};

/* One request; lives until both the connection and the wheel are done with it. */
struct request {
    struct request *next, *previous;
    struct arena *arena;
    struct api *api;
    struct peer *peer;                 /* as long as there is a connection */
    struct MHD_Connection *connection; /* NULL once it is gone */
    struct text id, uri, method;
    struct text_buffer body;
    size_t dropped_bytes;     /* of a body that was refused already */
    size_t body_bytes;        /* that came, dropped ones among them */
    bool is_begun;            /* its headers were looked at */
    bool is_whole;            /* its body came: now we owe an answer */
    bool is_awaited, is_held; /* the wheel, or a thread, owes its answer */
    bool is_asleep;           /* and the library leaves the connection alone meanwhile */
    bool is_closing;          /* the response is the connection's last */
    const struct route *route;
    struct text path; /* decoded; a slash that was written %2F stands in it as one */
    struct text segments[API_SEGMENTS_MAX];
    size_t segment_count;
    struct query_item query[API_QUERY_MAX];
    size_t query_count;
    struct case_person person;
    bool is_local_owner; /* the daemon's own user, of whom the people table says nothing */
    bool is_acting_as;
    struct run_request run;
    /* Adds to the wheel's good answer, and frees what it needs for that; NULL: nothing. */
    void (*complete)(struct request *request, struct value *body);
    void (*complete_end)(struct request *request);
    void *complete_self;
    /* The response. */
    int status;
    struct text answer; /* JSON; NULL: none yet */
    const char *type;   /* of another answer; NULL: JSON */
    bool is_problem, has_revision, is_repeat;
    uint64_t revision;
    struct text location;
    const char *allow;
    struct feed *feed;         /* the response comes in pieces; NULL: it does not */
    struct upload_in *upload;  /* the body is a document; NULL: it is collected */
    struct download *download; /* the response is one; NULL: it is not */
    struct export *export;     /* likewise */
    int retry_after_s;         /* 0: the usual */
    int64_t began_ms;
};

/* ---- server.c ---- */
int server_open(struct api *api, int fd, bool is_admin, struct server **server_out);
void server_stop(struct server *server);
void server_close(struct server *server);
void server_destroy(struct server *server);
struct api *server_api(const struct server *server);
bool server_is_admin(const struct server *server);
/* A response is ready: the loop must not sleep before the library has run. */
void server_wake(struct server *server);
/* Of the clock that never goes back. */
int64_t server_now_ms(void);
struct peer *peer_of(struct MHD_Connection *connection);
/* What the peer is to send, or to take, must be through in `wait_ms`; else it is cut. */
void peer_allow(struct peer *peer, int64_t wait_ms);

/* The peer's request is whole: what came behind it, or comes from now on, belongs to the next. */
void peer_request_is_whole(struct peer *peer, const struct request *request);

/* ---- arrivals.c ---- */
/* The set, a descriptor to be closed; or -errno. */
int arrivals_open(void);
void arrivals_add(int arrivals, struct peer *peer);
void arrivals_remove(int arrivals, struct peer *peer);
/* Calls `came` for each peer of whom bytes, or the end, came since. */
void arrivals_look(int arrivals, void (*came)(struct peer *peer));

/* ---- fault.c ---- */
/* What the library has to say of a connection. */
void fault_note(struct api *api, const char *format, va_list arguments);
/* Sends the problem that `request` is answered with, whose body has no end: the library would wait
 * for it. The connection is to be closed. */
void fault_say(const struct request *request);
/* MHD_queue_response, for answers of ours. */
enum MHD_Result fault_queue(struct MHD_Connection *connection, unsigned status,
                            struct MHD_Response *response);

/* ---- noise.c ---- */
/* Whether a line of that kind may be written now; else it is counted. */
bool api_may_log(struct api *api, enum noise_kind kind);
/* The same of a time of its own. */
bool noise_take(struct noise *noise, enum noise_kind kind, int64_t now_ms);
/* Tells how many were held back in minutes that are over (INT64_MAX: in all). Returns when the next
 * one is over; INT64_MAX: nothing is held back. */
int64_t noise_tell(struct noise *noise, int64_t now_ms);
void noise_open(struct api *api);
void noise_close(struct api *api);

/* ---- listen.c ---- */
/* A listening socket at `path`. -EADDRINUSE where somebody answers there, or -errno; told in
 * `diags`. */
int listen_open(const char *path, mode_t mode, gid_t gid, struct diag_list *diags, int *fd_out);
void listen_remove(const char *path);

/* ---- request.c ---- */
/* A number for a request, by chance. */
struct text request_id(struct api *api, struct arena *arena);
/* Its first line was read. */
struct request *request_create(struct peer *peer, struct MHD_Connection *connection,
                               const char *uri);
/* Its response went out, or its connection broke. */
void request_end(struct request *request);
void request_free_all(struct api *api);
/* Answers every request that the wheel has not: the daemon is closing. */
void request_abandon_all(struct api *api);
void request_abandon(struct request *request);
/* Hands its response to the library. */
enum MHD_Result request_respond(struct request *request);
/* The answer, from a handler or the wheel. */
void request_answer(struct request *request, int status, const struct value *body);
/* The same, of another media type (a literal). */
void request_answer_text(struct request *request, const char *type, struct text text);
void request_refuse(struct request *request, const struct problem *problem);
__attribute__((format(printf, 4, 5))) void request_fail(struct request *request,
                                                        enum problem_code code, const char *hint,
                                                        const char *detail, ...);
/* The same, where `nearest` was likely meant; where it is empty, `hint` is said instead. */
__attribute__((format(printf, 5, 6))) void request_fail_near(struct request *request,
                                                             enum problem_code code,
                                                             struct text nearest, const char *hint,
                                                             const char *detail, ...);
/* Hands request->run to the wheel; the answer comes later. */
void request_post(struct request *request);
/* The same, answered by `reply` with the request as `self`; it calls request_take first, and goes
 * on only where that is true: else nobody waits any more. */
void request_post_to(struct request *request,
                     void (*reply)(void *self, const struct run_reply *reply));
bool request_take(struct request *request);
/* The same, where a problem is all there is to say: then it is answered, and false too. */
bool request_take_good(struct request *request, const struct run_reply *reply);
void request_wake(struct request *request);
/* Its answer is owed, and the library leaves its connection alone until request_wake. From within
 * the library's calls. */
void request_sleep(struct request *request);
/* Has the configuration read anew; the answer comes later. */
void request_reload(struct request *request);

/* It lives, whatever becomes of its connection, until it is let go. */
void request_hold(struct request *request);
/* Whether somebody still waits for the answer; if not, it may be gone. */
bool request_let_go(struct request *request);

/* ---- take.c ---- */
/* The library's callback: headers are whole, a piece of the body came, or all of it. */
enum MHD_Result request_handle(void *self, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **slot);
/* The most that its body may have. */
size_t request_body_max(const struct request *request);

/* ---- upload.c ---- */
/* The body of this request is a document: a refusal, or request->upload. */
void upload_begin(struct request *request);
/* A piece of it; the connection may sleep afterwards. */
void upload_take(struct upload_in *upload, const char *bytes, size_t size);
/* What came so far. */
uint64_t upload_size(const struct upload_in *upload);
/* What was not attached is dropped. Accepts NULL. */
void upload_destroy(struct upload_in *upload);
void handle_attach(struct request *request);

/* ---- handle_documents.c ---- */
void handle_documents(struct request *request);
void handle_document(struct request *request);
struct MHD_Response *download_response(struct request *request);
/* Accepts NULL. */
void download_destroy(struct download *download);

/* ---- export.c ---- */
void handle_export(struct request *request);
struct MHD_Response *export_response(struct request *request);
/* Accepts NULL. */
void export_destroy(struct export *export);

/* ---- response.c ---- */
/* Of request->answer, which is copied. */
struct MHD_Response *response_create(const struct request *request);

/* ---- asker.c: false and a refusal, or true ---- */
bool asker_find(struct request *request);
/* After the people table was read anew: its person as they are now; false: they are gone. */
bool asker_is_still_there(struct request *request);

/* ---- feed.c ---- */
void handle_events(struct request *request);
void feed_open(struct api *api);
size_t feed_count(const struct api *api);
/* Other people: every feed goes on with the rights that its reader has now, and ends where they
 * have left. */
void feed_renew_all(struct api *api);
/* Every feed ends behind what was read for it. */
void feed_stop_all(struct api *api);
void feed_close(struct api *api);
void feed_destroy(struct feed *feed);
/* The response to a request that has a feed. */
struct MHD_Response *feed_response(struct request *request);

/* ---- target.c ---- */
/* Fills path, segments and query: false and a refusal, or true. */
bool target_read(struct request *request);
/* Segments of a path that needs no decoding, a route's pattern; 0: too many, or it has no slash at
 * its beginning. */
size_t target_split(struct text path, struct text segments_out[API_SEGMENTS_MAX]);
/* Percent signs, and where `plus_is_space` as in a query plus signs. False: a percent sign without
 * its two digits. */
bool target_decode(struct arena *arena, struct text coded, bool plus_is_space,
                   struct text *text_out);
/* False and a refusal where the query names what is not in `names`, separated by spaces. */
bool target_check_query(struct request *request, const char *names);
/* TEXT_NONE where there is none of that name; its bytes are not NULL where it is merely empty. */
struct text target_query(const struct request *request, const char *name);

/* ---- headers.c: false and a refusal, or true ---- */
/* What makes a request unsafe to read: unclear framing, headers said twice, control characters; and
 * no Host where its version asks for one. */
bool headers_check(struct request *request, const char *version);
bool headers_read(struct request *request);
bool headers_are_json(struct request *request);
/* Whether the body will be within what the route takes; else the answer is its connection's last.
 */
bool headers_fit(struct request *request);
/* A list, which may stand in several lines (RFC 9110, 5.3); ends with a NUL. TEXT_NONE: none. */
struct text headers_list(const struct request *request, const char *name);
/* Of what is wanted in a list as that of Accept, 0 to 1: its q, 1 where it has none, and 0 where it
 * does not stand in the list. */
double headers_weight(const struct request *request, const char *name, const char *wanted);
/* NULL where there is none. */
const char *headers_get(const struct request *request, const char *name);

/* ---- body.c ---- */
enum body_kind { BODY_TEXT, BODY_MAP, BODY_FLAG, BODY_INTEGER, BODY_LIST };
struct body_member {
    const char *name;
    enum body_kind kind;
    bool is_required;
    size_t size_max; /* of a text, bytes */
    size_t offset;   /* of a struct text, struct value, bool or int64_t in
                        struct body */
};
struct body {
    struct text workflow, comment, advance, person, pool, role, reason, text, flag, file, other,
        kind, outcome, against;
    int64_t park;
    struct text label, passphrase, key, recipient;
    struct value data, shares;
    bool raised, linked;
};
bool body_read(struct request *request, const struct body_member *members, size_t count,
               struct body *body_out);

/* ---- routes.c ---- */
enum route_socket { ROUTE_STAFF = 1, ROUTE_ADMIN = 2, ROUTE_BOTH = 3 };
struct route {
    const char *method, *pattern; /* "/v1/cases/{case}/history" */
    enum route_socket socket;
    void (*handle)(struct request *request);
    const char *query;    /* names that its query may have beside `lang`, separated by spaces */
    bool needs_no_person; /* the daemon's own user may ask too */
};
/* The route of request->segments; or NULL and a refusal. */
const struct route *route_find(struct request *request);
/* The segment that stands for {name}. */
struct text route_segment(const struct request *request, const char *name);

/* ---- handle_audit.c ---- */
void handle_checkpoint(struct request *request);
void handle_checkpoints(struct request *request);
void handle_quarantine(struct request *request);
void handle_proof(struct request *request);
void handle_verify(struct request *request);
void handle_replay(struct request *request);

/* ---- handlers.c ---- */
void handle_status(struct request *request);
void handle_whoami(struct request *request);
void handle_workflows(struct request *request);
void handle_load_workflow(struct request *request);
void handle_open_case(struct request *request);
void handle_list(struct request *request);
void handle_show(struct request *request);
/* SHA-256 of method, path and body: what makes two requests with one key the same. */
struct text handle_hash(struct request *request);
void handle_history(struct request *request);
void handle_reads(struct request *request);
void handle_transition(struct request *request);
void handle_inbox(struct request *request);
void handle_search(struct request *request);
void handle_clock(struct request *request);
/* Posts a case write: the body's data and comment, and the hash that a repeat is known by. */
void handle_post_write(struct request *request, enum run_kind kind, const struct body *body);

/* ---- handle_proposals.c ---- */
void handle_approve(struct request *request);
void handle_reject(struct request *request);

/* ---- handle_openapi.c ---- */
void handle_openapi(struct request *request);

/* ---- handle_plugins.c ---- */
void handle_plugins(struct request *request);
void handle_reload(struct request *request);

/* ---- handle_keys.c ---- */
void handle_keys(struct request *request);
void handle_add_slot(struct request *request);
void handle_remove_slot(struct request *request);
void handle_rotate_keys(struct request *request);
void handle_unlock(struct request *request);

/* ---- handle_operation.c ---- */
void handle_operation(struct request *request);
void handle_backup(struct request *request);

/* ---- handle_pictures.c ---- */
void handle_workflow(struct request *request);
void handle_diagram(struct request *request);

/* ---- handle_metrics.c ---- */
void handle_metrics(struct request *request);

/* ---- handle_care.c ---- */
void handle_assign(struct request *request);
void handle_note(struct request *request);
void handle_flag(struct request *request);
void handle_link(struct request *request);
void handle_correct(struct request *request);
void handle_break_glass(struct request *request);
void handle_review(struct request *request);
void handle_ask_erasure(struct request *request);
void handle_approve_erasure(struct request *request);
void handle_erasure(struct request *request);
void handle_ask_export(struct request *request);
void handle_approve_export(struct request *request);

/* ---- handle_steps.c ---- */
void handle_answer(struct request *request);
void handle_settle(struct request *request);
void handle_explain(struct request *request);

#endif
