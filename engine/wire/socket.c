/* Frames on a socket, for whoever can wait: the host, and the author's tools. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "wire/wire.h"

static int64_t steady_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for `events` until `deadline_ms` (negative: for ever). 0, -ETIMEDOUT or -errno. */
static int wait_for(int fd, short events, int64_t deadline_ms)
{
    for (;;) {
        int timeout = -1;
        if (deadline_ms >= 0) {
            int64_t left = deadline_ms - steady_ms();
            timeout = left > 0 ? (int)left : 0;
        }
        struct pollfd pollfd = {.fd = fd, .events = events};
        int count = poll(&pollfd, 1, timeout);
        if (count > 0)
            return 0;
        if (count == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

int wire_send(int fd, struct arena *arena, const struct wire_frame *frame)
{
    struct text bytes;
    int result = wire_write(arena, frame, &bytes);
    if (result != 0)
        return result;
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.bytes, bytes.size, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.bytes += sent;
            bytes.size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            result = wait_for(fd, POLLOUT, -1);
            if (result != 0)
                return result;
        } else if (errno != EINTR) {
            return errno == ECONNRESET ? -EPIPE : -errno;
        }
    }
    return 0;
}

static int receive_all(int fd, char *bytes, size_t size, int64_t deadline_ms)
{
    while (size > 0) {
        int result = wait_for(fd, POLLIN, deadline_ms);
        if (result != 0)
            return result;
        ssize_t got = recv(fd, bytes, size, 0);
        if (got == 0)
            return -EPIPE;
        if (got > 0) {
            bytes += got;
            size -= (size_t)got;
        } else if (errno != EINTR && errno != EAGAIN) {
            return errno == ECONNRESET ? -EPIPE : -errno;
        }
    }
    return 0;
}

int wire_receive(int fd, struct arena *arena, int timeout_ms, struct wire_frame *frame_out)
{
    int64_t deadline_ms = timeout_ms < 0 ? -1 : steady_ms() + timeout_ms;
    const char *why;
    char head[WIRE_HEAD_BYTES];
    int result = receive_all(fd, head, sizeof head, deadline_ms);
    if (result != 0)
        return result;

    int64_t size = wire_head((struct text){head, sizeof head}, frame_out, &why);
    if (size < 0)
        return -EPROTO;
    char *bytes = arena_alloc(arena, (size_t)size);
    memcpy(bytes, head, sizeof head);
    result = receive_all(fd, bytes + sizeof head, (size_t)size - sizeof head, deadline_ms);
    if (result != 0)
        return result;
    return wire_read(arena, (struct text){bytes, (size_t)size}, frame_out, &why) > 0 ? 0 : -EPROTO;
}
