/* What could not be sent yet. Frames are kept as wire_write makes them; what a large one travels in
 * is made when its turn comes, so that there is never more than one descriptor. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/wipe.h"
#include "wire/box.h"

enum { SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL };

void wire_outbox_finish(struct wire_outbox *outbox)
{
    wipe_free(outbox->buffer.bytes);
    *outbox = (struct wire_outbox){0};
}

bool wire_outbox_is_empty(const struct wire_outbox *outbox)
{
    return outbox->buffer.begin == outbox->buffer.end;
}

/* Of a frame that is whole. */
static size_t size_of(struct text frames)
{
    struct wire_frame frame;
    const char *why;
    return (size_t)wire_head(frames, &frame, &why);
}

/* How many bytes from the front go into the stream as they are, the rest `left` of a frame first;
 * 0: a parcel comes. */
static size_t inline_bytes(struct text frames, size_t left)
{
    size_t count = left;
    while (count < frames.size) {
        size_t size = size_of((struct text){frames.bytes + count, frames.size - count});
        if (parcel_is_due(size - WIRE_HEAD_BYTES))
            break;
        count += size;
    }
    return count;
}

/* What is left of the frame that was cut when `sent` bytes from the front were taken. */
static size_t left_after(struct text frames, size_t left, size_t sent)
{
    size_t count = left;
    while (count < sent)
        count += size_of((struct text){frames.bytes + count, frames.size - count});
    return count - sent;
}

/* Sends the frame in front. The bytes of `frames` that are done with, or -errno. */
static ssize_t send_parcel(int socket, struct text frames)
{
    size_t size = size_of(frames);
    int fd = parcel_make((struct text){frames.bytes + WIRE_HEAD_BYTES, size - WIRE_HEAD_BYTES});
    if (fd < 0)
        return fd;
    int result = parcel_send(socket, frames.bytes, fd, SEND_FLAGS);
    close(fd);
    return result == 0 ? (ssize_t)size : result;
}

static ssize_t send_inline(int socket, struct text frames, size_t count, size_t *left)
{
    ssize_t sent = send(socket, frames.bytes, count, SEND_FLAGS);
    if (sent < 0)
        return -errno;
    *left = (size_t)sent == count ? 0 : left_after(frames, *left, (size_t)sent);
    return sent;
}

/* Sends from the front of *frames, which is moved on, until the socket is full. 0 or -errno. */
static int send_some(int socket, struct text *frames, size_t *left)
{
    while (frames->size > 0) {
        size_t count = inline_bytes(*frames, *left);
        ssize_t sent =
            count > 0 ? send_inline(socket, *frames, count, left) : send_parcel(socket, *frames);
        if (sent == -EAGAIN)
            return 0;
        if (sent == -ECONNRESET)
            return -EPIPE;
        if (sent < 0 && sent != -EINTR)
            return (int)sent;
        if (sent > 0) {
            frames->bytes += sent;
            frames->size -= (size_t)sent;
        }
    }
    return 0;
}

static int forget(struct wire_outbox *outbox, int result)
{
    struct wire_buffer *buffer = &outbox->buffer;
    if (buffer->end > 0)
        explicit_bzero(buffer->bytes, buffer->end);
    buffer->begin = buffer->end;
    outbox->left = 0;
    return result;
}

int wire_outbox_flush(struct wire_outbox *outbox, int socket)
{
    struct wire_buffer *buffer = &outbox->buffer;
    struct text frames = {buffer->bytes + buffer->begin, buffer->end - buffer->begin};
    int result = send_some(socket, &frames, &outbox->left);
    size_t begin = buffer->end - frames.size;
    if (begin > buffer->begin)
        explicit_bzero(buffer->bytes + buffer->begin, begin - buffer->begin);
    buffer->begin = begin;
    return result == 0 ? 0 : forget(outbox, result);
}

int wire_outbox_send(struct wire_outbox *outbox, int socket, struct text frame)
{
    struct wire_buffer *buffer = &outbox->buffer;
    if (wire_outbox_is_empty(outbox)) {
        int result = send_some(socket, &frame, &outbox->left);
        if (result != 0)
            return forget(outbox, result);
    }
    if (frame.size == 0)
        return 0;
    wire_buffer_reserve(buffer, frame.size);
    memcpy(buffer->bytes + buffer->end, frame.bytes, frame.size);
    buffer->end += frame.size;
    return 0;
}
