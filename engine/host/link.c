/* One inbox, filled from the socket and read from the front. While it is full no more is taken from
 * the socket. */
#include "host/link.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

enum { WAIT_SLICE_MS = 60000 };

void link_init(struct link *link, int fd)
{
    *link = (struct link){.fd = fd};
}

void link_finish(struct link *link)
{
    wire_inbox_finish(&link->inbox);
    *link = (struct link){0};
}

/* Takes what has come. 0, -EAGAIN, -EPIPE, -ENOBUFS or -errno. */
static int fill(struct link *link, int flags)
{
    int result = wire_inbox_fill(&link->inbox, link->fd, flags, SIZE_MAX);
    link->closed |= result == -EPIPE;
    return result == -EINTR ? 0 : result;
}

int link_receive(struct link *link, struct arena *arena, struct wire_frame *frame_out)
{
    for (;;) {
        const char *why;
        int taken = wire_inbox_next(&link->inbox, arena, frame_out, &why);
        if (taken != 0)
            return taken < 0 ? taken : 0;
        int result = fill(link, 0);
        if (result != 0)
            return result;
    }
}

void link_wipe(struct link *link)
{
    wire_inbox_wipe(&link->inbox);
}

bool link_is_cancelled(struct link *link, uint64_t call)
{
    while (!link->closed && fill(link, MSG_DONTWAIT) == 0)
        ;
    return link->closed || wire_inbox_holds(&link->inbox, WIRE_CANCEL, call);
}

static int64_t steady_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool link_wait(struct link *link, uint64_t call, int64_t timeout_ms)
{
    struct pollfd pollfd = {.fd = link->fd, .events = POLLIN};
    int64_t until_ms;
    if (__builtin_add_overflow(steady_ms(), timeout_ms > 0 ? timeout_ms : 0, &until_ms))
        until_ms = INT64_MAX;
    while (!link_is_cancelled(link, call)) {
        int64_t left_ms = until_ms - steady_ms();
        if (left_ms <= 0)
            return false;
        int slice_ms = left_ms < WAIT_SLICE_MS ? (int)left_ms : WAIT_SLICE_MS;
        /* A full inbox leaves the rest in the socket, which is then always ready. */
        if (wire_inbox_is_full(&link->inbox))
            poll(NULL, 0, slice_ms);
        else
            poll(&pollfd, 1, slice_ms);
    }
    return true;
}
