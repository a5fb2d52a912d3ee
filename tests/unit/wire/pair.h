/* Two ends of a socket, what is sent through them by hand, and a count of descriptors. */
#ifndef TESTS_WIRE_PAIR_H
#define TESTS_WIRE_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "wire/box.h"

enum { ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, DESCRIPTORS_MAX = 8 };

struct pair {
    struct arena *arena;
    int ours, theirs;
    size_t descriptor_count; /* with both ends */
};

static inline size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

static inline int set_up(void **state)
{
    struct pair *pair = test_malloc(sizeof *pair);
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    *pair = (struct pair){arena_create("test"), fds[0], fds[1], open_descriptors()};
    *state = pair;
    return 0;
}

/* Every test gives back what it was sent. */
static inline int tear_down(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(open_descriptors(), pair->descriptor_count);
    close(pair->ours);
    if (pair->theirs >= 0)
        close(pair->theirs);
    arena_destroy(pair->arena);
    test_free(pair);
    return 0;
}

static inline void close_theirs(struct pair *pair)
{
    close(pair->theirs);
    pair->theirs = -1;
    pair->descriptor_count--;
}

/* A frame whose body has so many bytes, as JSON. */
static inline struct wire_frame frame_of_bytes(struct arena *arena, uint64_t call, size_t size)
{
    struct wire_frame frame = {.kind = WIRE_RUN, .call = call, .body = value_map(arena)};
    size_t around = sizeof "{\"words\":\"\"}" - 1;
    assert_true(size >= around);
    char *words = arena_alloc(arena, size - around + 1);
    memset(words, 'x', size - around);
    value_put(&frame.body, "words", value_string((struct text){words, size - around}));
    return frame;
}

static inline struct text bytes_of(struct arena *arena, uint64_t call, size_t size)
{
    struct wire_frame frame = frame_of_bytes(arena, call, size);
    struct text bytes;
    assert_int_equal(wire_write(arena, &frame, &bytes), 0);
    assert_int_equal(bytes.size, WIRE_HEAD_BYTES + size);
    return bytes;
}

/* Sends bytes, and descriptors with them, which are closed. */
static inline void send_with(int socket, struct text bytes, int *fds, size_t count)
{
    union {
        struct cmsghdr first;
        char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } control = {0};
    struct iovec iovec = {(char *)(uintptr_t)bytes.bytes, bytes.size};
    struct msghdr message = {.msg_iov = &iovec, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.first = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)),
                                         .cmsg_level = SOL_SOCKET,
                                         .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.first), fds, count * sizeof(int));
    }
    assert_int_equal(sendmsg(socket, &message, MSG_NOSIGNAL), bytes.size);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static inline int memory(struct text bytes, int seals)
{
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.bytes, bytes.size), bytes.size);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static inline void receives(int socket, struct arena *arena, uint64_t call, size_t size)
{
    struct wire_frame frame;
    assert_int_equal(wire_receive(socket, arena, 5000, &frame), 0);
    assert_int_equal(frame.call, call);
    assert_int_equal(value_text_at(&frame.body, "words").size + sizeof "{\"words\":\"\"}" - 1,
                     size);
}

#endif
