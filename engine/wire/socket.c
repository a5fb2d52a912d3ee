/* Frames on a socket, for whoever can wait: the host, and the author's tools. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire/box.h"

enum { CROWD_TIME_MS = 1000, CROWD_SLICE_MS = 10 };

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

/* Sends what goes into the stream as it is. */
static int send_inline(int fd, struct text bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.bytes, bytes.size, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.bytes += sent;
            bytes.size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            int result = wait_for(fd, POLLOUT, -1);
            if (result != 0)
                return result;
        } else if (errno != EINTR) {
            return errno == ECONNRESET ? -EPIPE : -errno;
        }
    }
    return 0;
}

/* The kernel bounds how many descriptors of one user are on their way, and another process of this
 * user may have its part of them (ETOOMANYREFS): that is waited for a while. */
static int send_parcel(int fd, const char *head, int parcel)
{
    int64_t give_up_ms = steady_ms() + CROWD_TIME_MS;
    for (;;) {
        int result = parcel_send(fd, head, parcel, MSG_NOSIGNAL);
        if (result == -EAGAIN) {
            result = wait_for(fd, POLLOUT, -1);
            if (result != 0)
                return result;
        } else if (result == -ETOOMANYREFS && steady_ms() < give_up_ms) {
            poll(NULL, 0, CROWD_SLICE_MS);
        } else if (result != -EINTR) {
            return result == -ECONNRESET ? -EPIPE : result;
        }
    }
}

int wire_send(int fd, struct arena *arena, const struct wire_frame *frame)
{
    struct text bytes;
    int result = wire_write(arena, frame, &bytes);
    if (result != 0)
        return result;
    struct text body = {bytes.bytes + WIRE_HEAD_BYTES, bytes.size - WIRE_HEAD_BYTES};
    if (!parcel_is_due(body.size))
        return send_inline(fd, bytes);
    int parcel = parcel_make(body);
    if (parcel < 0)
        return parcel;
    result = send_parcel(fd, bytes.bytes, parcel);
    close(parcel);
    return result;
}

/* Takes no more from the socket than the frame has. */
static int receive(int fd, struct wire_inbox *inbox, struct arena *arena, int64_t deadline_ms,
                   struct wire_frame *frame_out)
{
    const char *why;
    int result;
    while ((result = wire_inbox_next(inbox, arena, frame_out, &why)) == 0) {
        result = wait_for(fd, POLLIN, deadline_ms);
        if (result == 0)
            result = wire_inbox_fill(inbox, fd, 0, wire_inbox_lack(inbox));
        if (result != 0 && result != -EAGAIN && result != -EINTR)
            return result;
    }
    return result < 0 ? result : 0;
}

int wire_receive(int fd, struct arena *arena, int timeout_ms, struct wire_frame *frame_out)
{
    struct wire_inbox inbox = {0};
    int64_t deadline_ms = timeout_ms < 0 ? -1 : steady_ms() + timeout_ms;
    int result = receive(fd, &inbox, arena, deadline_ms, frame_out);
    wire_inbox_finish(&inbox);
    return result;
}
