/* One buffer holds the frame from its first byte; each file is read into its end and written out as
 * hexadecimal where it belongs, so that there is one place to wipe. */
#include "steps/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "wire/wire.h"

/* The frame, and behind it room for one file. Names are at most 64 bytes long. */
enum {
    NAME_BYTES_MAX = 64,
    FRAME_BYTES =
        WIRE_HEAD_BYTES + 32 + WIRE_SECRETS_MAX * (NAME_BYTES_MAX + 8) + 2 * WIRE_SECRET_BYTES_MAX,
    FILE_BYTES = WIRE_SECRET_BYTES_MAX + 2,
    ROOM_BYTES = FRAME_BYTES + FILE_BYTES
};
_Static_assert(FRAME_BYTES - WIRE_HEAD_BYTES <= (int)WIRE_INLINE_BYTES_MAX,
               "secrets never lie in a memfd");

struct sending {
    char *room; /* mapped */
    size_t frame_bytes;
    size_t secret_bytes; /* of all that were read */
    struct arena *arena;
    struct text *why_out;
};

__attribute__((format(printf, 3, 4))) static int refuse(struct sending *sending, int result,
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *sending->why_out = text_vprintf(sending->arena, format, arguments);
    va_end(arguments);
    return result;
}

static void append(struct sending *sending, struct text bytes)
{
    CHECK(bytes.size <= FRAME_BYTES - sending->frame_bytes);
    memcpy(sending->room + sending->frame_bytes, bytes.bytes, bytes.size);
    sending->frame_bytes += bytes.size;
}

static void append_hex(struct sending *sending, const char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    CHECK(2 * size <= FRAME_BYTES - sending->frame_bytes);
    char *at = sending->room + sending->frame_bytes;
    for (size_t i = 0; i < size; i++) {
        *at++ = digits[(unsigned char)bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    sending->frame_bytes += 2 * size;
}

/* Readers besides the owner come by the group alone: then somebody has chosen them. */
static const char *fault_of(const struct stat *facts)
{
    if (!S_ISREG(facts->st_mode))
        return "is no regular file";
    if ((facts->st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0)
        return "can be read or written by others; chmod 0600 ends that";
    if (facts->st_size == 0)
        return "is empty";
    return NULL;
}

static int read_whole(int fd, char *room, size_t *size_out)
{
    *size_out = 0;
    while (*size_out < FILE_BYTES) {
        ssize_t got = read(fd, room + *size_out, FILE_BYTES - *size_out);
        if (got == 0)
            return 0;
        if (got < 0 && errno != EINTR)
            return -errno;
        *size_out += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int read_open(struct sending *sending, const struct steps_secret *secret, int fd)
{
    char *room = sending->room + FRAME_BYTES;
    struct stat facts;
    size_t size = 0;
    int result = fstat(fd, &facts) == 0 ? 0 : -errno;
    const char *fault = result == 0 ? fault_of(&facts) : NULL;
    if (fault != NULL)
        return refuse(sending, -EPERM, "the file of its secret %s %s", secret->name, fault);
    if (result == 0)
        result = read_whole(fd, room, &size);
    if (result != 0)
        return refuse(sending, result, "the file of its secret %s cannot be read: %s", secret->name,
                      strerror(-result));
    size -= room[size - 1] == '\n';
    sending->secret_bytes += size;
    if (size == 0 || sending->secret_bytes > WIRE_SECRET_BYTES_MAX)
        return refuse(sending, -EFBIG,
                      "its secret %s is empty, or all of them are larger than %d bytes",
                      secret->name, WIRE_SECRET_BYTES_MAX);
    append_hex(sending, room, size);
    return 0;
}

static int add(struct sending *sending, const struct steps_secret *secret, bool is_first)
{
    CHECK(strlen(secret->name) <= NAME_BYTES_MAX);
    int fd = open(secret->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return refuse(sending, -errno, "the file of its secret %s cannot be opened: %s",
                      secret->name, strerror(errno));
    append(sending, is_first ? TEXT("\"") : TEXT(",\""));
    append(sending, text_from(secret->name));
    append(sending, TEXT("\":\""));
    int result = read_open(sending, secret, fd);
    append(sending, TEXT("\""));
    close(fd);
    return result;
}

static int send_whole(struct sending *sending, int socket)
{
    wire_write_head(sending->room, WIRE_SECRETS, 0, sending->frame_bytes - WIRE_HEAD_BYTES);
    ssize_t sent = send(socket, sending->room, sending->frame_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == (ssize_t)sending->frame_bytes)
        return 0;
    return refuse(sending, sent < 0 ? -errno : -EMSGSIZE, "its secrets could not be handed to it");
}

int secrets_send(const struct steps_secret *secrets, size_t count, int socket, struct arena *arena,
                 struct text *why_out)
{
    struct sending sending = {.frame_bytes = WIRE_HEAD_BYTES, .arena = arena, .why_out = why_out};
    int result = 0;
    CHECK(count <= WIRE_SECRETS_MAX);
    void *room = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(room != MAP_FAILED);
    (void)mlock(room, ROOM_BYTES);
    (void)madvise(room, ROOM_BYTES, MADV_DONTDUMP);
    sending.room = room;
    append(&sending, TEXT("{\"secrets\":{"));
    for (size_t i = 0; i < count && result == 0; i++)
        result = add(&sending, &secrets[i], i == 0);
    append(&sending, TEXT("}}"));
    if (result == 0)
        result = send_whole(&sending, socket);
    explicit_bzero(room, ROOM_BYTES);
    munmap(room, ROOM_BYTES);
    return result;
}
