/* Parcels: how a body that is too large for the stream travels beside it.
 *
 * The sender writes the body into a memfd, seals it against every change, and passes the descriptor
 * with the head of the frame, so that the bytes are copied twice and neither side waits for the
 * other while they are. Whoever receives one trusts nothing: until it is seen to be a memfd that is
 * sealed and of the right size it is only closed, never read. */
#ifndef SANKOFA_WIRE_PARCEL_H
#define SANKOFA_WIRE_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/text.h"

/* Whether a body of that size is one. */
bool parcel_is_due(size_t body_bytes);

/* A descriptor of a sealed memfd that holds `body`; or -errno. */
int parcel_make(struct text body);
/* Sends the head of a frame, and the descriptor with it, which stays the caller's. Both or neither:
 * 0 or -errno. `flags`: of sendmsg. */
int parcel_send(int socket, const char *head, int fd, int flags);

/* What came beside the bytes of one reading. */
struct parcel_arrival {
    bool has_come;
    int fd;            /* -1 where there is a fault */
    const char *fault; /* a literal that goes on "it ..."; or NULL */
};
/* As recv; a single descriptor that came with the bytes is the caller's, others are closed. The
 * kernel ends a reading behind the message that a descriptor came with, so it belongs to the last
 * byte. */
ssize_t parcel_receive(int socket, char *bytes, size_t size, int flags,
                       struct parcel_arrival *arrival_out);
/* Copies the body of that size to `body_out`, and closes the descriptor in any case. NULL; or what
 * is wrong with it, a literal that goes on "it ...". */
const char *parcel_open(int fd, char *body_out, size_t size);

#endif
