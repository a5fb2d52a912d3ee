/* One buffer, filled from the socket and read from the front. It holds one frame of the largest
 * size, and no more is taken from the socket while it is full. */
#include "host/link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/check.h"

enum {
    CAPACITY_FIRST = 65536,
    CAPACITY_MAX = WIRE_HEAD_BYTES + WIRE_BODY_BYTES_MAX,
    WAIT_SLICE_MS = 60000
};

void link_init(struct link *link, int fd)
{
    *link = (struct link){.fd = fd, .capacity = CAPACITY_FIRST};
    link->bytes = malloc(link->capacity);
    CHECK(link->bytes != NULL);
}

void link_finish(struct link *link)
{
    free(link->bytes);
    *link = (struct link){0};
}

static struct text unread(const struct link *link)
{
    return (struct text){link->bytes + link->begin, link->end - link->begin};
}

/* False: the buffer is as large as it may be, and full. */
static bool make_room(struct link *link)
{
    if (link->begin > 0) {
        memmove(link->bytes, link->bytes + link->begin, link->end - link->begin);
        link->end -= link->begin;
        link->begin = 0;
    }
    if (link->end < link->capacity)
        return true;
    if (link->capacity == CAPACITY_MAX)
        return false;
    link->capacity = link->capacity * 2 < CAPACITY_MAX ? link->capacity * 2 : CAPACITY_MAX;
    link->bytes = realloc(link->bytes, link->capacity);
    CHECK(link->bytes != NULL);
    return true;
}

/* Takes what has come. 0, -EAGAIN, -EPIPE, -ENOBUFS or -errno. */
static int fill(struct link *link, int flags)
{
    if (!make_room(link))
        return -ENOBUFS;
    ssize_t got = recv(link->fd, link->bytes + link->end, link->capacity - link->end, flags);
    if (got > 0) {
        link->end += (size_t)got;
        return 0;
    }
    if (got < 0 && errno == EINTR)
        return 0;
    if (got < 0 && errno != ECONNRESET)
        return -errno;
    link->closed = true;
    return -EPIPE;
}

int link_receive(struct link *link, struct arena *arena, struct wire_frame *frame_out)
{
    for (;;) {
        const char *why;
        int64_t size = wire_read(arena, unread(link), frame_out, &why);
        if (size < 0)
            return (int)size;
        if (size > 0) {
            link->begin += (size_t)size;
            return 0;
        }
        int result = fill(link, 0);
        if (result != 0)
            return result;
    }
}

void link_wipe(struct link *link)
{
    explicit_bzero(link->bytes, link->begin);
}

/* Looks through the frames that wait; a fault among them is found when they are read. */
static bool holds_cancel(const struct link *link, uint64_t call)
{
    struct text rest = unread(link);
    struct wire_frame frame;
    const char *why;
    for (;;) {
        int64_t size = wire_head(rest, &frame, &why);
        if (size <= 0)
            return false;
        if (frame.kind == WIRE_CANCEL && frame.call == call)
            return true;
        if (rest.size < (size_t)size)
            return false;
        rest.bytes += size;
        rest.size -= (size_t)size;
    }
}

bool link_is_cancelled(struct link *link, uint64_t call)
{
    while (!link->closed && fill(link, MSG_DONTWAIT) == 0)
        ;
    return link->closed || holds_cancel(link, call);
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
        /* A buffer full of frames leaves the rest in the socket, which is then always ready. */
        if (link->end - link->begin == CAPACITY_MAX)
            poll(NULL, 0, slice_ms);
        else
            poll(&pollfd, 1, slice_ms);
    }
    return true;
}
