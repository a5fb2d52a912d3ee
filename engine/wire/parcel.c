/* The happy path:
 *   1. parcel_make: a memfd is filled with the body and sealed
 *   2. parcel_send: the head goes into the stream, the descriptor with it
 *   3. parcel_receive: a reading ends with the head, and brings one descriptor
 *   4. parcel_open: seals and size are what they must be; the bytes are read; it is closed */
#include "wire/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "wire/wire.h"

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* Room for one descriptor has, for its alignment, room for a second one. */
union control {
    struct cmsghdr first;
    char bytes[CMSG_SPACE(sizeof(int))];
};

bool parcel_is_due(size_t body_bytes)
{
    return body_bytes > WIRE_INLINE_BYTES_MAX;
}

/* Sending. */

static int fill(int fd, struct text body)
{
    while (body.size > 0) {
        ssize_t written = write(fd, body.bytes, body.size);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written > 0) {
            body.bytes += written;
            body.size -= (size_t)written;
        }
    }
    return fcntl(fd, F_ADD_SEALS, SEALS) == 0 ? 0 : -errno;
}

int parcel_make(struct text body)
{
    int fd = memfd_create("sankofa-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    int result = fill(fd, body);
    if (result == 0)
        return fd;
    close(fd);
    return result;
}

int parcel_send(int socket, const char *head, int fd, int flags)
{
    union control control = {0};
    struct iovec bytes = {(char *)(uintptr_t)head, WIRE_HEAD_BYTES};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    control.first = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.first), &fd, sizeof fd);
    ssize_t sent = sendmsg(socket, &message, flags);
    if (sent < 0)
        return -errno;
    CHECK(sent == WIRE_HEAD_BYTES); /* one packet inside of the kernel */
    return 0;
}

/* Receiving. */

/* Takes a single descriptor; what else there is is closed, and a fault. */
static void take_rights(const struct cmsghdr *control, struct parcel_arrival *arrival)
{
    size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(control) + i * sizeof fd, sizeof fd);
        if (count == 1)
            arrival->fd = fd;
        else
            close(fd);
    }
    if (count > 1)
        arrival->fault = "it came with more than one descriptor";
}

static void look_at(struct msghdr *message, struct parcel_arrival *arrival)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(message);
    arrival->has_come = true;
    if (control != NULL && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS)
        take_rights(control, arrival);
    else
        arrival->fault = "it came with something that is no descriptor";
    if (message->msg_flags & MSG_CTRUNC)
        arrival->fault = "it came with descriptors that could not all be taken";
    if (arrival->fault != NULL && arrival->fd >= 0) {
        close(arrival->fd);
        arrival->fd = -1;
    }
}

ssize_t parcel_receive(int socket, char *bytes, size_t size, int flags,
                       struct parcel_arrival *arrival_out)
{
    union control control;
    struct iovec room = {bytes, size};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    *arrival_out = (struct parcel_arrival){.fd = -1};
    ssize_t got = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    if (got > 0 && (message.msg_controllen > 0 || (message.msg_flags & MSG_CTRUNC) != 0))
        look_at(&message, arrival_out);
    return got;
}

/* Seals come first: what is no memfd is not even asked for its size. All of them stand only on one
 * that nobody can change any more, so that what is read is read for good. */
static const char *fault_of(int fd, size_t size)
{
    struct stat facts;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0)
        return "it came with a descriptor of no memfd";
    if ((seals & SEALS) != SEALS)
        return "it came with a memfd that is not sealed";
    if (fstat(fd, &facts) != 0 || facts.st_size != (off_t)size)
        return "it came with a memfd of another size";
    return NULL;
}

static const char *copy_from(int fd, char *body_out, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t got = pread(fd, body_out + at, size - at, (off_t)at);
        if (got == 0 || (got < 0 && errno != EINTR))
            return "it came with a memfd that cannot be read";
        at += got > 0 ? (size_t)got : 0;
    }
    return NULL;
}

const char *parcel_open(int fd, char *body_out, size_t size)
{
    const char *fault = fault_of(fd, size);
    if (fault == NULL)
        fault = copy_from(fd, body_out, size);
    close(fd);
    return fault;
}
