/* Starting a process of sankofa-host. Knows no loop, so that the author's tools can use it, too. */
#ifndef SANKOFA_STEPS_SPAWN_H
#define SANKOFA_STEPS_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

struct spawned {
    pid_t pid;
    int pidfd;  /* readable once the process has ended */
    int socket; /* frames of wire.h; blocking */
};

/* Starts `program` with its end of a socket and the plugin's image (image.h), its own process
 * group, default signals, an environment of its own, nothing to read, and standard error for all it
 * writes. `memory_bytes`: 0: the jail's default; UINT64_MAX: unlimited. It dies with the calling
 * thread, or when the socket is closed. 0 or -errno. */
int spawn_host(const char *program, int image_fd, uint64_t memory_bytes,
               struct spawned *spawned_out);
/* Kills it, and what it has started and left in its process group. It remains to be reaped. */
void spawn_kill(const struct spawned *spawned);
/* Closes the descriptors; waits for the end, which must be near. How it ended goes into *status_out
 * as waitpid tells it (NULL: not wanted). Accepts what spawn_reap left. */
void spawn_reap(struct spawned *spawned, int *status_out);

#endif
