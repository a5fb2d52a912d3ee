/* The slots file on the disk.
 *
 * The happy path of a write:
 * 1. fdatasync: who wrote the other copy may have been killed before its sync ended, so that only
 *    the page cache has it;
 * 2. the generation goes up by one, digest and MAC are made;
 * 3. the copy of that generation, the older of the two, is overwritten in place;
 * 4. fdatasync. Until it returns, the other copy is the truth. */
#include "vault/slots/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/bytes.h"

static const char slots_magic[8] = {'S', 'A', 'N', 'K', 'S', 'L', 'O', 'T'};

static void fd_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define FD_SCOPED __attribute__((cleanup(fd_close)))

void slots_init(struct slots *slots)
{
    memset(slots, 0, sizeof(*slots));
    memcpy(slots->magic, slots_magic, sizeof(slots->magic));
    bytes_put_u32(slots->format, SLOTS_FORMAT);
}

bool slots_are_whole(const struct slots *slots)
{
    uint8_t digest[CRYPTO_HASH_BYTES];

    crypto_hash(slots, offsetof(struct slots, digest), digest);
    return memcmp(slots->magic, slots_magic, sizeof(slots_magic)) == 0 &&
           memcmp(slots->digest, digest, sizeof(digest)) == 0;
}

bool slots_are_genuine(const struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES])
{
    uint8_t mac[CRYPTO_HASH_BYTES];

    crypto_hmac(mac_key, CRYPTO_KEY_BYTES, slots, offsetof(struct slots, mac), mac);
    return crypto_equal(slots->mac, mac, sizeof(mac));
}

bool slots_are_alike(const struct slots *a, const struct slots *b)
{
    size_t first = offsetof(struct slots, store_id);

    return memcmp(a, b, offsetof(struct slots, generation)) == 0 &&
           memcmp((const uint8_t *)a + first, (const uint8_t *)b + first,
                  offsetof(struct slots, digest) - first) == 0;
}

static void seal(struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES])
{
    bytes_put_u64(slots->generation, bytes_u64(slots->generation) + 1);
    crypto_hash(slots, offsetof(struct slots, digest), slots->digest);
    crypto_hmac(mac_key, CRYPTO_KEY_BYTES, slots, offsetof(struct slots, mac), slots->mac);
}

static int write_whole(int fd, const uint8_t *bytes, size_t size, off_t offset)
{
    while (size > 0) {
        ssize_t written = pwrite(fd, bytes, size, offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        bytes += written;
        size -= (size_t)written;
        offset += written;
    }
    return 0;
}

static int write_copy(int fd, struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES])
{
    off_t offset;
    int result;

    seal(slots, mac_key);
    offset = (off_t)(bytes_u64(slots->generation) % SLOTS_COPY_COUNT) * SLOTS_COPY_BYTES;
    result = write_whole(fd, (const uint8_t *)slots, sizeof(*slots), offset);
    if (result == 0 && fdatasync(fd) < 0)
        result = -errno;
    return result;
}

static int write_copies(const char *path, struct slots *slots, const uint8_t *mac_key, int count)
{
    FD_SCOPED int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int result = 0;

    if (fd < 0 || fdatasync(fd) < 0)
        return -errno;
    for (int i = 0; i < count && result == 0; i++)
        result = write_copy(fd, slots, mac_key);
    return result;
}

int slots_write(const char *path, struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES])
{
    return write_copies(path, slots, mac_key, 1);
}

int slots_write_both(const char *path, struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES])
{
    return write_copies(path, slots, mac_key, SLOTS_COPY_COUNT);
}

int slots_create(const char *path, struct slots *slots, const uint8_t mac_key[CRYPTO_KEY_BYTES])
{
    FD_SCOPED int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = 0;

    if (fd < 0)
        return -errno;
    for (int i = 0; i < SLOTS_COPY_COUNT && result == 0; i++)
        result = write_copy(fd, slots, mac_key);
    if (result == 0 && fsync(fd) < 0)
        result = -errno;
    if (result < 0)
        unlink(path);
    return result;
}

static int read_whole(int fd, uint8_t *bytes_out, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = pread(fd, bytes_out + done, size - done, (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return -EBADMSG;
        done += (size_t)got;
    }
    return 0;
}

int slots_read(const char *path, struct slots copies_out[SLOTS_COPY_COUNT])
{
    FD_SCOPED int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_size != SLOTS_FILE_BYTES)
        return -EBADMSG;
    return read_whole(fd, (uint8_t *)copies_out, SLOTS_FILE_BYTES);
}
