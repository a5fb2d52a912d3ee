/* One process of sankofa-host, in the loop: frames out, frames in, its end. It knows nothing of
 * calls.
 *
 * A host is *dead* for its owner once it was killed, or once `lost` was called; then nothing of it
 * is ever heard again, whatever still stands in its socket. The memory lives until the process is
 * reaped. */
#ifndef SANKOFA_STEPS_HOST_H
#define SANKOFA_STEPS_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "jail/jail.h"
#include "steps/secrets.h"
#include "wire/wire.h"

struct arena;
struct host;

struct host_options {
    uv_loop_t *loop;
    const char *program;
    int image_fd;
    struct jail jail;
    const struct steps_secret *secrets;
    size_t secret_count;
    uint64_t number; /* for the log */
    void *self;
    /* A frame came. Borrowed for the call, in which the host may be killed. */
    void (*frame)(void *self, const struct wire_frame *frame);
    /* It ended, or wrote what is no frame. `how` goes on "the plugin ...": "crashed (...)". */
    void (*lost)(void *self, struct text how);
    /* The process is reaped and the memory is about to be freed. */
    void *owner;
    void (*gone)(void *owner);
};

/* 0; or -errno with *why_out, a literal or in `arena`, what is the matter. */
int host_start(const struct host_options *options, struct arena *arena, struct host **host_out,
               struct text *why_out);
/* Another owner of its frames and of its loss. */
void host_hand_over(struct host *host, void *self);
uint64_t host_number(const struct host *host);
/* Sends a frame as wire_write makes it: at once what the socket takes, and keeps the rest. The
 * owner bounds what it sends. False: the host has closed its end, or what a large frame travels in
 * cannot be made, so that it never gets any of this; it will be lost. */
bool host_send(struct host *host, struct text bytes);
void host_kill(struct host *host);

#endif
