/* A process in the loop.
 *
 * The happy path:
 *   1. host_start spawns it, and polls its socket and its pidfd
 *   2. what can be read is cut into frames, each given to the owner
 *   3. the pidfd becomes readable: what still stands in the socket is read, then it is reaped
 *   4. both handles are closed, the owner of the memory is told, the memory is freed */
#include "steps/host.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/check.h"
#include "steps/spawn.h"
#include "wire/box.h"

/* A socket that is closed holds less than 1 MiB; more comes from a child that goes on writing. */
enum { LAST_READS_MAX = 32 };

struct host {
    struct host_options options;
    struct spawned process;
    uv_poll_t socket_poll, end_poll;
    unsigned handles_open;
    bool is_dead;   /* for the owner */
    bool is_closed; /* its socket */
    int polled;     /* events asked for; asking again costs two system calls */
    int send_error; /* what it should get could not be made ready for it; else 0 */
    struct wire_inbox in;
    struct wire_outbox out;
    struct arena *arena; /* of one frame */
};

/* Losing it. */

static void kill_process(struct host *host)
{
    host->is_dead = true;
    uv_poll_stop(&host->socket_poll);
    spawn_kill(&host->process);
}

static void lose(struct host *host, struct text how)
{
    if (host->is_dead)
        return;
    kill_process(host);
    host->options.lost(host->options.self, how);
}

void host_kill(struct host *host)
{
    if (!host->is_dead)
        kill_process(host);
}

/* Reading. */

/* Gives every whole frame to the owner. */
static void cut_frames(struct host *host)
{
    while (!host->is_dead) {
        struct wire_frame frame;
        const char *why;
        arena_reset(host->arena);
        int taken = wire_inbox_next(&host->in, host->arena, &frame, &why);
        if (taken == 0)
            return;
        if (taken < 0) {
            lose(host, text_printf(host->arena, "wrote what is no frame: %s", why));
            return;
        }
        host->options.frame(host->options.self, &frame);
        wire_inbox_wipe(&host->in);
    }
}

/* Takes what is there, once. False: nothing more will come now. What is kept is less than a frame,
 * whose head was looked at, so that it is bounded. */
static bool read_once(struct host *host)
{
    int result = wire_inbox_fill(&host->in, host->process.socket, MSG_DONTWAIT, SIZE_MAX);
    if (result == 0) {
        cut_frames(host);
        return !host->is_dead;
    }
    if (result == -EAGAIN || result == -EINTR)
        return false;
    host->is_closed = true;
    return false;
}

/* What was said before the end counts. */
static void read_rest(struct host *host)
{
    for (int i = 0; i < LAST_READS_MAX && !host->is_closed; i++) {
        if (!read_once(host))
            return;
    }
}

/* Writing. */

static void poll_socket(struct host *host);

/* False: the host never gets what it was to get. Where that is not its own doing, it is ended: its
 * loss comes next, and says what it was. */
static bool is_sent(struct host *host, int result)
{
    if (result == 0)
        return true;
    if (result != -EPIPE) {
        host->send_error = -result;
        spawn_kill(&host->process);
    }
    return false;
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;
    if (events & UV_WRITABLE)
        is_sent(host, wire_outbox_flush(&host->out, host->process.socket));
    if (events & UV_READABLE)
        read_once(host);
    if (status < 0) { /* closed while calls stood in it unread; libuv does not poll it any more */
        read_rest(host);
        host->is_closed = true;
    }
    if (host->is_dead)
        return;
    if (host->is_closed) {
        /* Its end comes next, and says more; if it does not end of itself, it is ended. */
        uv_poll_stop(&host->socket_poll);
        spawn_kill(&host->process);
        return;
    }
    poll_socket(host);
}

static void poll_socket(struct host *host)
{
    int events = UV_READABLE | (wire_outbox_is_empty(&host->out) ? 0 : UV_WRITABLE);
    if (events == host->polled)
        return;
    host->polled = events;
    CHECK(uv_poll_start(&host->socket_poll, events, socket_ready) == 0);
}

bool host_send(struct host *host, struct text bytes)
{
    if (host->is_dead || host->is_closed)
        return false;
    bool was_empty = wire_outbox_is_empty(&host->out);
    int result = wire_outbox_send(&host->out, host->process.socket, bytes);
    if (was_empty)
        poll_socket(host);
    return is_sent(host, result);
}

/* Its end. */

static struct text describe_end(struct host *host, int status)
{
    if (host->send_error != 0)
        return text_printf(host->arena, N_("could not be given a call (%s)"),
                           strerror(host->send_error));
    if (WIFEXITED(status))
        return text_printf(host->arena, N_("ended by itself (status %d)"), WEXITSTATUS(status));
    if (WTERMSIG(status) == SIGKILL && host->is_closed)
        return TEXT(N_("closed its connection, or was killed"));
    if (WTERMSIG(status) == SIGKILL)
        return TEXT(N_("was killed"));
    const char *name = sigdescr_np(WTERMSIG(status));
    return text_printf(host->arena, N_("crashed (signal %d, %s)"), WTERMSIG(status),
                       name != NULL ? name : "unknown");
}

static void handle_closed(uv_handle_t *handle)
{
    struct host *host = handle->data;
    if (--host->handles_open > 0)
        return;
    host->options.gone(host->options.owner);
    arena_destroy(host->arena);
    wire_inbox_finish(&host->in);
    wire_outbox_finish(&host->out);
    free(host);
}

static void process_ended(uv_poll_t *poll, int status, int events)
{
    struct host *host = poll->data;
    int end;
    (void)status;
    (void)events;
    /* What it has left behind is ended, so that reading ends, too. */
    spawn_kill(&host->process);
    if (!host->is_dead)
        read_rest(host);
    /* libuv must let go of the descriptors before they are closed. */
    uv_poll_stop(&host->socket_poll);
    uv_poll_stop(&host->end_poll);
    uv_close((uv_handle_t *)&host->socket_poll, handle_closed);
    uv_close((uv_handle_t *)&host->end_poll, handle_closed);
    spawn_reap(&host->process, &end);
    if (!host->is_dead) {
        host->is_dead = true;
        arena_reset(host->arena);
        host->options.lost(host->options.self, describe_end(host, end));
    }
}

/* What is started and does not get its secrets is ended again. */
static int start_process(const struct host_options *options, struct arena *arena,
                         struct spawned *process_out, struct text *why_out)
{
    struct spawn_options how = {
        .program = options->program, .image_fd = options->image_fd, .jail = options->jail};
    int result = spawn_host(&how, process_out);
    if (result != 0) {
        *why_out =
            text_printf(arena, "%s cannot be started: %s", options->program, strerror(-result));
        return result;
    }
    if (options->secret_count > 0)
        result = secrets_send(options->secrets, options->secret_count, process_out->socket, arena,
                              why_out);
    if (result == 0)
        return 0;
    spawn_kill(process_out);
    spawn_reap(process_out, NULL);
    return result;
}

int host_start(const struct host_options *options, struct arena *arena, struct host **host_out,
               struct text *why_out)
{
    struct spawned process;
    int result = start_process(options, arena, &process, why_out);
    if (result != 0)
        return result;
    struct host *host = calloc(1, sizeof *host);
    CHECK(host != NULL);
    host->options = *options;
    host->process = process;
    host->arena = arena_create("frame");
    host->handles_open = 2;
    CHECK(uv_poll_init(options->loop, &host->socket_poll, process.socket) == 0);
    CHECK(uv_poll_init(options->loop, &host->end_poll, process.pidfd) == 0);
    host->socket_poll.data = host;
    host->end_poll.data = host;
    poll_socket(host);
    CHECK(uv_poll_start(&host->end_poll, UV_READABLE, process_ended) == 0);
    *host_out = host;
    return 0;
}

void host_hand_over(struct host *host, void *self)
{
    host->options.self = self;
}

uint64_t host_number(const struct host *host)
{
    return host->options.number;
}
