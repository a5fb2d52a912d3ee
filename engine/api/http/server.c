/* libmicrohttpd in the loop: external epoll, no thread of its own.
 *
 * The happy path:
 * 1. The loop polls the library's epoll descriptor; at each wake the library runs until it has no
 *    more to do at once, else a timer is armed with what it asks for.
 * 2. A connection becomes a peer: who it is, how many it has, when its request must be whole.
 * 3. A response that became ready wakes the library before the loop sleeps again.
 *
 * The library's own timeout counts inactivity alone, so a peer that sends a byte a second is ours
 * to shut down. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"

enum {
    RUNS_MAX = 64,          /* at one wake */
    SWEEP_MS_MIN = 250,     /* between two looks at the peers' times */
    IDLE_MS_MAX = 60000,    /* between two requests of one connection */
    SPARE_CONNECTIONS = 64, /* over the limit, to be told `busy` */
    SPARE_MS_MAX = 1000,    /* for such a one to ask */
    SPARE_PER_USER = 4,     /* over a user's own limit, to be told; more are cut */
    NOBODY = 65534          /* a user of another namespace */
};

struct server {
    struct api *api;
    bool is_admin, is_stopped;
    struct MHD_Daemon *daemon;
    int fd;       /* the listening socket, until it is stopped */
    int arrivals; /* of the peers */
    uv_poll_t poll;
    uv_timer_t timer, sweep;
    int64_t sweep_ms; /* when the peers' times are looked at; INT64_MAX: not at all */
    uv_idle_t wake;
    unsigned handle_count;
    struct peer *peers;
    unsigned peer_count;
};

struct api *server_api(const struct server *server)
{
    return server->api;
}

bool server_is_admin(const struct server *server)
{
    return server->is_admin;
}

int64_t server_now_ms(void)
{
    return (int64_t)(uv_hrtime() / 1000000);
}

/* ---- Running the library. ---- */

static void ring(uv_timer_t *timer);
static void sweep(uv_timer_t *timer);
static void came(struct peer *peer);

static void run(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;
    unsigned before = 0;
    int count = 0;
    bool must_wait = false;

    do {
        before = server->peer_count;
        arrivals_look(server->arrivals, came);
        MHD_run(server->daemon);
        must_wait = MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES;
        /* One that found all connections taken listens again only at the run after one ended. */
    } while (((must_wait && wait_ms == 0) || server->peer_count < before) && ++count < RUNS_MAX);
    if (count == RUNS_MAX)
        wait_ms = 0; /* the others of the loop have their turn first */
    if (must_wait || count == RUNS_MAX)
        uv_timer_start(&server->timer, ring, wait_ms, 0);
    else
        uv_timer_stop(&server->timer);
}

static void ring(uv_timer_t *timer)
{
    run(timer->data);
}

static void polled(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

static void woken(uv_idle_t *wake)
{
    uv_idle_stop(wake);
    run(wake->data);
}

void server_wake(struct server *server)
{
    if (!uv_is_closing((uv_handle_t *)&server->wake))
        uv_idle_start(&server->wake, woken);
}

/* ---- Peers. ---- */

/* The peer's groups, however many there are. */
static void read_groups(struct peer *peer, gid_t own)
{
    socklen_t size = 0;

    /* Asked with no room, the kernel refuses and says how much it needs. */
    if (getsockopt(peer->fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) != 0 && errno != ERANGE)
        size = 0;
    peer->gids = malloc(size + sizeof(own));
    CHECK(peer->gids);
    if (size > 0 && getsockopt(peer->fd, SOL_SOCKET, SO_PEERGROUPS, peer->gids, &size) != 0)
        size = 0;
    peer->gid_count = size / sizeof(own);
    peer->gids[peer->gid_count++] = own;
}

static void identify(struct peer *peer)
{
    struct ucred credentials;
    socklen_t size = sizeof(credentials);

    peer->uid = (uid_t)-1;
    if (getsockopt(peer->fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        int error = errno;
        if (api_may_log(peer->server->api, NOISE_UNKNOWN))
            log_event(LOG_WARNING, "connection.unknown", "errno=%d", error);
        return;
    }
    if (credentials.uid == NOBODY)
        return;
    peer->uid = credentials.uid;
    read_groups(peer, credentials.gid);
}

static unsigned count_of(const struct server *server, uid_t uid)
{
    unsigned count = 0;

    for (const struct peer *peer = server->peers; peer; peer = peer->next)
        count += peer->uid == uid;
    return count;
}

/* Who is over a limit may ask once, to be told so; who is far over it is cut at once, so that
 * nobody can take the connections of all. */
static void limit(struct peer *peer)
{
    const struct server *server = peer->server;
    const struct api_limits *limits = &server->api->options.limits;
    bool is_free = peer->uid == 0 || peer->uid == geteuid();
    unsigned own = is_free ? 0 : count_of(server, peer->uid);

    peer->is_over_own = own > limits->user_connection_count_max;
    peer->is_over_limit = peer->is_over_own || server->peer_count > limits->connection_count_max;
    if (!peer->is_over_limit)
        return;
    peer_allow(peer, SPARE_MS_MAX);
    if (own > limits->user_connection_count_max + SPARE_PER_USER) {
        peer->is_late = true;
        shutdown(peer->fd, SHUT_RDWR);
    }
}

static struct peer *add_peer(struct server *server, int fd)
{
    struct peer *peer = calloc(1, sizeof(*peer));

    CHECK(peer);
    peer->server = server;
    peer->fd = fd;
    identify(peer);
    peer->next = server->peers;
    if (peer->next)
        peer->next->previous = peer;
    server->peers = peer;
    server->peer_count++;
    peer_allow(peer, server->api->options.limits.request_ms_max);
    limit(peer);
    arrivals_add(server->arrivals, peer);
    return peer;
}

static void remove_peer(struct peer *peer)
{
    struct server *server = peer->server;

    arrivals_remove(server->arrivals, peer);
    if (peer->previous)
        peer->previous->next = peer->next;
    else
        server->peers = peer->next;
    if (peer->next)
        peer->next->previous = peer->previous;
    server->peer_count--;
    free(peer->gids);
    free(peer);
}

static void connection_changed(void *self, struct MHD_Connection *connection, void **slot,
                               enum MHD_ConnectionNotificationCode code)
{
    struct server *server = self;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *slot = add_peer(server, info->connect_fd);
    } else {
        remove_peer(*slot);
        *slot = NULL;
    }
}

struct peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* From now on it has `request_ms_max` to be whole. */
static void begin_request(struct peer *peer)
{
    if (peer->is_begun || peer->is_over_limit || peer->is_late)
        return;
    peer->is_begun = true;
    peer_allow(peer, peer->server->api->options.limits.request_ms_max);
}

static void came(struct peer *peer)
{
    int bytes = 0;

    if (peer->is_begun)
        peer->has_more = true;
    else if (ioctl(peer->fd, FIONREAD, &bytes) == 0)
        peer->ahead_bytes = (size_t)bytes;
    begin_request(peer);
}

/* The first line of a request has come, perhaps together with the request before. */
static void *line_read(void *self, const char *uri, struct MHD_Connection *connection)
{
    struct peer *peer = peer_of(connection);

    (void)self;
    begin_request(peer);
    return request_create(peer, connection, uri);
}

/* In chunks it took more bytes than it has: that something came with it is then not known. */
void peer_request_is_whole(struct peer *peer, const struct request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    size_t own_bytes = (info ? info->header_size : 0) + request->body_bytes;
    bool is_known = !headers_get(request, "Transfer-Encoding") && peer->ahead_bytes > own_bytes;

    arrivals_look(peer->server->arrivals, came); /* the last of it */
    peer->ahead_bytes = is_known ? peer->ahead_bytes - own_bytes : 0;
    peer->has_more = peer->ahead_bytes > 0;
    peer->deadline_ms = INT64_MAX;
}

static void request_ended(void *self, struct MHD_Connection *connection, void **slot,
                          enum MHD_RequestTerminationCode code)
{
    struct request *request = *slot;

    (void)self;
    (void)code;
    struct peer *peer = peer_of(connection);
    peer->is_begun = false;
    if (peer->has_more)
        begin_request(peer);
    else
        peer_allow(peer, IDLE_MS_MAX);
    *slot = NULL;
    if (request)
        request_end(request);
}

/* ---- Their times. ---- */

/* The peers' times are looked at when the earliest of them ends, and never when there is none: who
 * has nothing to do sleeps. */
static void set_sweep(struct server *server, int64_t at_ms)
{
    int64_t wait_ms = at_ms - server_now_ms();

    if (wait_ms < SWEEP_MS_MIN)
        wait_ms = SWEEP_MS_MIN;
    server->sweep_ms = at_ms;
    CHECK(uv_timer_start(&server->sweep, sweep, (uint64_t)wait_ms, 0) == 0);
}

void peer_allow(struct peer *peer, int64_t wait_ms)
{
    peer->deadline_ms = server_now_ms() + wait_ms;
    if (peer->deadline_ms < peer->server->sweep_ms)
        set_sweep(peer->server, peer->deadline_ms);
}

static void sweep(uv_timer_t *timer)
{
    struct server *server = timer->data;
    int64_t now_ms = server_now_ms();
    int64_t next_ms = INT64_MAX;
    bool any = false;

    for (struct peer *peer = server->peers; peer; peer = peer->next) {
        if (peer->is_late)
            continue;
        if (peer->deadline_ms > now_ms) {
            next_ms = peer->deadline_ms < next_ms ? peer->deadline_ms : next_ms;
            continue;
        }
        peer->is_late = any = true;
        shutdown(peer->fd, SHUT_RDWR);
        if (api_may_log(server->api, NOISE_LATE))
            log_event(LOG_INFO, "connection.late", "uid=%lld", (long long)(int32_t)peer->uid);
    }
    server->sweep_ms = INT64_MAX;
    if (next_ms < INT64_MAX)
        set_sweep(server, next_ms);
    if (any)
        run(server);
}

/* ---- Life. ---- */

/* What the library itself has to say, without what it would put into it: that may be a path, as it
 * came. */
static void note_fault(void *self, const char *format, va_list arguments)
{
    const struct server *server = self;

    fault_note(server->api, format, arguments);
}

static struct MHD_Daemon *start_library(struct server *server)
{
    const struct api_limits *limits = &server->api->options.limits;

    /* Not strict: it would cut who sends a space in a path, where a problem can be told. */
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, request_handle,
        server, MHD_OPTION_EXTERNAL_LOGGER, note_fault, server, MHD_OPTION_LISTEN_SOCKET,
        server->fd, MHD_OPTION_CONNECTION_LIMIT, limits->connection_count_max + SPARE_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits->header_bytes_max, MHD_OPTION_NOTIFY_COMPLETED,
        request_ended, server, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
        MHD_OPTION_URI_LOG_CALLBACK, line_read, server, MHD_OPTION_END);
}

int server_open(struct api *api, int fd, bool is_admin, struct server **server_out)
{
    struct server *server = calloc(1, sizeof(*server));
    uv_loop_t *loop = api->options.loop;

    CHECK(server);
    server->api = api;
    server->is_admin = is_admin;
    server->fd = fd;
    server->sweep_ms = INT64_MAX;
    server->arrivals = arrivals_open();
    server->daemon = server->arrivals < 0 ? NULL : start_library(server);
    if (!server->daemon) {
        server_destroy(server);
        return -EIO;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    CHECK(info);
    CHECK(uv_poll_init(loop, &server->poll, info->epoll_fd) == 0);
    CHECK(uv_timer_init(loop, &server->timer) == 0);
    CHECK(uv_timer_init(loop, &server->sweep) == 0);
    CHECK(uv_idle_init(loop, &server->wake) == 0);
    server->poll.data = server->timer.data = server->sweep.data = server->wake.data = server;
    server->handle_count = 4;
    CHECK(uv_poll_start(&server->poll, UV_READABLE, polled) == 0);
    api->open_count++;
    *server_out = server;
    return 0;
}

void server_stop(struct server *server)
{
    if (server->is_stopped)
        return;
    server->is_stopped = true;
    CHECK(MHD_quiesce_daemon(server->daemon) == server->fd);
    close(server->fd);
}

static void handle_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;
    struct api *api = server->api;

    if (--server->handle_count == 0 && --api->open_count == 0)
        api->closed(api->closed_self);
}

void server_close(struct server *server)
{
    server_stop(server);
    run(server);                 /* sends what was abandoned; nothing is suspended any more */
    uv_poll_stop(&server->poll); /* before its descriptor is closed */
    MHD_stop_daemon(server->daemon);
    server->daemon = NULL;
    uv_close((uv_handle_t *)&server->poll, handle_closed);
    uv_close((uv_handle_t *)&server->timer, handle_closed);
    uv_close((uv_handle_t *)&server->sweep, handle_closed);
    uv_close((uv_handle_t *)&server->wake, handle_closed);
}

void server_destroy(struct server *server)
{
    if (server && server->arrivals >= 0)
        close(server->arrivals);
    free(server);
}
