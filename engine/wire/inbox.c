/* What has come. Frames are cut from the front of one buffer; a parcel is opened when the frame it
 * belongs to is.
 *
 * Which frame that is, its place says: a descriptor belongs to the byte that it came with, and that
 * must be one of the head of a large frame, which has no other. */
#include "wire/box.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/wipe.h"

enum { BUFFER_BYTES_FIRST = 65536, ROOM_BYTES_MIN = BUFFER_BYTES_FIRST / 2 };

void wire_buffer_reserve(struct wire_buffer *buffer, size_t size)
{
    if (buffer->begin > 0) {
        size_t end = buffer->end;
        memmove(buffer->bytes, buffer->bytes + buffer->begin, buffer->end - buffer->begin);
        buffer->end -= buffer->begin;
        buffer->begin = 0;
        explicit_bzero(buffer->bytes + buffer->end, end - buffer->end);
    }
    if (buffer->capacity - buffer->end >= size)
        return;
    size_t capacity = buffer->capacity == 0 ? BUFFER_BYTES_FIRST : buffer->capacity;
    while (capacity - buffer->end < size)
        capacity *= 2;
    buffer->bytes = wipe_grow(buffer->bytes, buffer->end, capacity);
    buffer->capacity = capacity;
}

void wire_inbox_finish(struct wire_inbox *inbox)
{
    for (size_t i = 0; i < inbox->parcel_count; i++) {
        if (inbox->parcels[i].arrival.fd >= 0)
            close(inbox->parcels[i].arrival.fd);
    }
    wipe_free(inbox->buffer.bytes);
    *inbox = (struct wire_inbox){0};
}

static struct text unread(const struct wire_inbox *inbox)
{
    const struct wire_buffer *buffer = &inbox->buffer;
    return (struct text){buffer->bytes + buffer->begin, buffer->end - buffer->begin};
}

/* Coming in. */

static void reserve(struct wire_inbox *inbox)
{
    size_t moved = inbox->buffer.begin;
    wire_buffer_reserve(&inbox->buffer, ROOM_BYTES_MIN);
    for (size_t i = 0; i < inbox->parcel_count; i++)
        inbox->parcels[i].at -= moved;
}

bool wire_inbox_is_full(const struct wire_inbox *inbox)
{
    return unread(inbox).size >= WIRE_INBOX_BYTES_MAX ||
           inbox->parcel_count == WIRE_INBOX_PARCELS_MAX;
}

int wire_inbox_fill(struct wire_inbox *inbox, int socket, int flags, size_t most)
{
    struct wire_buffer *buffer = &inbox->buffer;
    struct parcel_arrival arrival;
    if (wire_inbox_is_full(inbox))
        return -ENOBUFS;
    reserve(inbox);
    size_t room = buffer->capacity - buffer->end;
    ssize_t got = parcel_receive(socket, buffer->bytes + buffer->end, most < room ? most : room,
                                 flags, &arrival);
    if (got < 0 && errno != ECONNRESET)
        return -errno;
    if (got <= 0)
        return -EPIPE;
    buffer->end += (size_t)got;
    if (arrival.has_come)
        inbox->parcels[inbox->parcel_count++] = (struct wire_waiting){buffer->end - 1, arrival};
    return 0;
}

/* Going out. */

/* NULL, or what is wrong with those that came with the next `size` bytes. */
static const char *fault_of(const struct wire_inbox *inbox, size_t size, bool is_parcel)
{
    size_t count = 0;
    while (count < inbox->parcel_count && inbox->parcels[count].at < inbox->buffer.begin + size) {
        if (inbox->parcels[count].arrival.fault != NULL)
            return inbox->parcels[count].arrival.fault;
        count++;
    }
    if (!is_parcel)
        return count == 0 ? NULL : "it came with a descriptor, and is small";
    if (count == 0)
        return "it is larger than 64 KiB, and came without a descriptor";
    return count == 1 ? NULL : "it came with more than one descriptor";
}

/* The frame in front, whose head is whole and whose parcel is the first one. */
static int take_parcel(struct wire_inbox *inbox, size_t size, struct arena *arena,
                       struct wire_frame *frame_out, const char **why_out)
{
    char *bytes = arena_alloc(arena, size);
    memcpy(bytes, unread(inbox).bytes, WIRE_HEAD_BYTES);
    *why_out =
        parcel_open(inbox->parcels[0].arrival.fd, bytes + WIRE_HEAD_BYTES, size - WIRE_HEAD_BYTES);
    inbox->buffer.begin += WIRE_HEAD_BYTES;
    inbox->parcel_count--;
    memmove(inbox->parcels, inbox->parcels + 1, inbox->parcel_count * sizeof inbox->parcels[0]);
    if (*why_out != NULL)
        return -EPROTO;
    return wire_read(arena, (struct text){bytes, size}, frame_out, why_out) < 0 ? -EPROTO : 1;
}

int wire_inbox_next(struct wire_inbox *inbox, struct arena *arena, struct wire_frame *frame_out,
                    const char **why_out)
{
    int64_t size = wire_head(unread(inbox), frame_out, why_out);
    if (size <= 0)
        return (int)size;
    bool is_parcel = parcel_is_due((size_t)size - WIRE_HEAD_BYTES);
    const char *fault = fault_of(inbox, is_parcel ? WIRE_HEAD_BYTES : (size_t)size, is_parcel);
    if (fault != NULL) {
        *why_out = fault;
        return -EPROTO;
    }
    if (is_parcel)
        return take_parcel(inbox, (size_t)size, arena, frame_out, why_out);
    size = wire_read(arena, unread(inbox), frame_out, why_out);
    if (size <= 0)
        return (int)size;
    inbox->buffer.begin += (size_t)size;
    return 1;
}

/* What a frame takes of the stream; 0: its head is not whole; -EPROTO. */
static int64_t length_of(struct text bytes, struct wire_frame *frame_out)
{
    const char *why;
    int64_t size = wire_head(bytes, frame_out, &why);
    return size > 0 && parcel_is_due((size_t)size - WIRE_HEAD_BYTES) ? WIRE_HEAD_BYTES : size;
}

size_t wire_inbox_lack(const struct wire_inbox *inbox)
{
    struct wire_frame frame;
    struct text bytes = unread(inbox);
    int64_t length = length_of(bytes, &frame);
    return (length > 0 ? (size_t)length : WIRE_HEAD_BYTES) - bytes.size;
}

bool wire_inbox_holds(const struct wire_inbox *inbox, enum wire_kind kind, uint64_t call)
{
    struct text rest = unread(inbox);
    struct wire_frame frame;
    for (;;) {
        int64_t length = length_of(rest, &frame);
        if (length <= 0)
            return false;
        if (frame.kind == kind && frame.call == call)
            return true;
        if (rest.size < (size_t)length)
            return false;
        rest.bytes += length;
        rest.size -= (size_t)length;
    }
}

void wire_inbox_wipe(struct wire_inbox *inbox)
{
    explicit_bzero(inbox->buffer.bytes, inbox->buffer.begin);
}
