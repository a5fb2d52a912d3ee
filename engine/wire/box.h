/* Frames on a socket for whoever must not wait: what has come and is not a whole frame yet, and
 * what could not be sent yet. */
#ifndef SANKOFA_WIRE_BOX_H
#define SANKOFA_WIRE_BOX_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/parcel.h"
#include "wire/wire.h"

struct arena;

enum {
    WIRE_INBOX_BYTES_MAX = 2 << 20, /* when it holds so many, no more is taken */
    WIRE_INBOX_PARCELS_MAX = 16     /* the same */
};

struct wire_buffer {
    char *bytes; /* malloc */
    size_t begin, end, capacity;
};

/* Inbox: frames as they come, in order. Parcels that wait are held as descriptors, each with the
 * place of the byte it came with. Zeroed, it is empty. */
struct wire_inbox {
    struct wire_buffer buffer;
    struct wire_waiting {
        size_t at; /* in buffer.bytes */
        struct parcel_arrival arrival;
    } parcels[WIRE_INBOX_PARCELS_MAX];
    size_t parcel_count;
};

void wire_inbox_finish(struct wire_inbox *inbox);
/* Takes what is there, once, `most` bytes of it. 0; -ENOBUFS: it is full; -EPIPE at the other
 * side's end; or -errno. `flags`: of recv. */
int wire_inbox_fill(struct wire_inbox *inbox, int socket, int flags, size_t most);
bool wire_inbox_is_full(const struct wire_inbox *inbox);
/* Takes the next frame out. Returns 1; 0: it is not whole yet; or -EPROTO (*why_out says what is
 * wrong, a literal): then nothing behind it is ever read. */
int wire_inbox_next(struct wire_inbox *inbox, struct arena *arena, struct wire_frame *frame_out,
                    const char **why_out);
/* How many bytes the next frame still lacks in the stream, or its head. */
size_t wire_inbox_lack(const struct wire_inbox *inbox);
/* Whether a frame of that kind and call waits; its head is enough. A fault among those that wait is
 * found when they are taken. */
bool wire_inbox_holds(const struct wire_inbox *inbox, enum wire_kind kind, uint64_t call);
/* What was taken out is overwritten. */
void wire_inbox_wipe(struct wire_inbox *inbox);

/* Outbox: frames that wait for room in the socket. Zeroed, it is empty. */
struct wire_outbox {
    struct wire_buffer buffer;
    size_t left; /* of the frame in front, when a part of it is gone; else 0 */
};

void wire_outbox_finish(struct wire_outbox *outbox);
bool wire_outbox_is_empty(const struct wire_outbox *outbox);
/* Sends at once what the socket takes, keeps the rest. `frame` as of wire_write. 0; -EPIPE: the
 * other side is gone; or -errno: what a parcel travels in cannot be made. Then all that waits is
 * forgotten. */
int wire_outbox_send(struct wire_outbox *outbox, int socket, struct text frame);
/* Sends what waits, as far as the socket takes it. The same. */
int wire_outbox_flush(struct wire_outbox *outbox, int socket);

/* Makes room for `size` bytes behind the end. */
void wire_buffer_reserve(struct wire_buffer *buffer, size_t size);

#endif
