/* The host's end of the socket: frames that wait are kept, so that a running call can look whether
 * it was cancelled without losing the calls behind it. */
#ifndef SANKOFA_HOST_LINK_H
#define SANKOFA_HOST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/box.h"

struct arena;

struct link {
    int fd;
    struct wire_inbox inbox;
    bool closed; /* by the other side */
};

void link_init(struct link *link, int fd);
/* Accepts a zeroed link. Leaves the descriptor open. */
void link_finish(struct link *link);

/* Waits for the next frame. 0, -EPIPE at the other side's end, -EPROTO or -errno. */
int link_receive(struct link *link, struct arena *arena, struct wire_frame *frame_out);
/* What was read already is overwritten: it held secrets. */
void link_wipe(struct link *link);
/* Waits so long, or until link_is_cancelled. */
bool link_wait(struct link *link, uint64_t call, int64_t timeout_ms);
/* Whether nobody waits for that call any more: a CANCEL has come, or the end. Does not wait. */
bool link_is_cancelled(struct link *link, uint64_t call);

#endif
