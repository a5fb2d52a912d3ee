/* Frames that a plugin writes behind its host's back. */
#ifndef FRAME_H
#define FRAME_H

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_LOADED = 1, FRAME_UNLOADED = 2, FRAME_OUTCOME = 7, FRAME_LOG = 8 };

/* The head alone, with descriptors. */
static inline int frame_write_with(int kind, uint64_t call, size_t size, const int *fds,
                                   size_t count)
{
    struct {
        uint32_t size;
        uint16_t kind, zeros;
        uint64_t call;
    } head = {(uint32_t)size, (uint16_t)kind, 0, call};
    union {
        struct cmsghdr first;
        char bytes[CMSG_SPACE(16 * sizeof(int))];
    } control = {0};
    struct iovec iovec = {&head, sizeof head};
    struct msghdr message = {.msg_iov = &iovec, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.first = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)),
                                         .cmsg_level = SOL_SOCKET,
                                         .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.first), fds, count * sizeof(int));
    }
    return sendmsg(3, &message, 0) == sizeof head ? 0 : -1;
}

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
