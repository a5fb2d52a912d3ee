/* Ports: what the engine needs of the world, as tables of functions. The real ones are in system/;
 * the simulator brings its own. */
#ifndef SANKOFA_BASE_PORT_H
#define SANKOFA_BASE_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct arena;

struct port_clock {
    void *self;
    /* Milliseconds since 1970 UTC. May jump, either way. */
    int64_t (*wall_ms)(void *self);
    /* Milliseconds of a clock that never goes back. */
    int64_t (*steady_ms)(void *self);
};

struct port_random {
    void *self;
    /* Fills from the operating system's generator; never fails: without it the process ends. */
    void (*fill)(void *self, void *bytes_out, size_t size);
};

struct port_files {
    void *self;
    /* Reads a regular file of at most `size_max` bytes. 0, or -errno; -EFBIG if it is larger. */
    int (*read)(void *self, struct arena *arena, const char *path, size_t size_max,
                struct text *text_out);
};

#endif
