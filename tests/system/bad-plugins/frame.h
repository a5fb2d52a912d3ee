/* Frames that a plugin writes behind its host's back. */
#ifndef FRAME_H
#define FRAME_H

#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { FRAME_LOADED = 1, FRAME_UNLOADED = 2, FRAME_OUTCOME = 7, FRAME_LOG = 8 };

static inline int frame_write(int kind, uint64_t call, const char *body)
{
    struct {
        uint32_t size;
        uint16_t kind, zeros;
        uint64_t call;
    } head = {(uint32_t)strlen(body), (uint16_t)kind, 0, call};
    return write(3, &head, sizeof head) == sizeof head &&
                   write(3, body, head.size) == (ssize_t)head.size
               ? 0
               : -1;
}

#endif
