/* Starting a process of sankofa-host. Knows no loop, so that the author's tools can use it, too. */
#ifndef SANKOFA_STEPS_SPAWN_H
#define SANKOFA_STEPS_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "jail/jail.h"

struct spawned {
    pid_t pid;
    int pidfd;  /* readable once the process has ended */
    int socket; /* frames of wire.h; blocking */
};

struct spawn_options {
    const char *program; /* path of sankofa-host */
    int image_fd;        /* image.h */
    struct jail jail;    /* of JAIL_HOST; limits.memory_bytes counts, the other limits do not */
    bool keeps_words;    /* what the plugin writes to its standard error is kept */
};

/* Starts a host with its end of a socket and the plugin's image, its own process group, default
 * signals, an environment of its own, nothing to read. It dies with the calling thread, or when the
 * socket is closed. 0 or -errno; -E2BIG: the jail has more paths or ports than a host takes. */
int spawn_host(const struct spawn_options *options, struct spawned *spawned_out);
/* Kills it, and what it has started and left in its process group. It remains to be reaped. */
void spawn_kill(const struct spawned *spawned);
/* Closes the descriptors; waits for the end, which must be near. How it ended goes into *status_out
 * as waitpid tells it (NULL: not wanted). Accepts what spawn_reap left. */
void spawn_reap(struct spawned *spawned, int *status_out);

#endif
