/* The head's file: magic 8, seq 8, big-endian, MAC 32. It lies in one sector, so that no power cut
 * tears it. */
#include "store/head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/state.h"
#include "vault/bytes.h"

static const char head_magic[8] = {'S', 'A', 'N', 'K', 'H', 'E', 'A', 'D'};

_Static_assert(sizeof(struct head) == 48, "bytes only: no padding");

void head_fill(struct head *head, struct vault *vault, uint64_t last_seq)
{
    memcpy(head->magic, head_magic, sizeof(head->magic));
    bytes_put_u64(head->seq, last_seq);
    vault_mac(vault, "store head", head, offsetof(struct head, mac), head->mac);
}

int head_make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? -errno : fd;
}

static int make_anew(const char *path, struct vault *vault, uint64_t last_seq)
{
    int fd = head_make(path);
    int result = fd < 0 ? fd : head_write(fd, vault, last_seq);

    log_event(LOG_WARNING, "store.head_missing",
              "hint=\"nothing here shows any more that the newest entries are all there: compare "
              "with a checkpoint that was kept, sankofa admin verify --against FILE\"");
    if (result < 0 && fd >= 0)
        close(fd);
    return result < 0 ? result : fd;
}

int head_open(const char *path, struct vault *vault, uint64_t last_seq)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0)
        return fd;
    return errno == ENOENT ? make_anew(path, vault, last_seq) : -errno;
}

/* How many bytes there are of it, or -errno. */
static ssize_t read_whole(int fd, struct head *head_out)
{
    size_t done = 0;

    while (done < sizeof(*head_out)) {
        ssize_t size = pread(fd, (uint8_t *)head_out + done, sizeof(*head_out) - done, (off_t)done);

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        if (size == 0)
            break;
        done += (size_t)size;
    }
    return (ssize_t)done;
}

int head_read(int fd, struct vault *vault, uint64_t *told_out)
{
    struct head head = {.magic = {0}}, genuine;
    ssize_t size = read_whole(fd, &head);

    if (size < 0)
        return (int)size;
    *told_out = bytes_u64(head.seq);
    head_fill(&genuine, vault, *told_out);
    return size == sizeof(head) && memcmp(&head, &genuine, sizeof(head)) == 0 ? 0 : -EBADMSG;
}

int head_check(int fd, struct vault *vault, uint64_t last_seq, uint64_t *told_out)
{
    int result = head_read(fd, vault, told_out);

    if (result == -EBADMSG) {
        log_event(LOG_WARNING, "store.head_damaged",
                  "hint=\"whether the data are an older copy is not known: sankofa admin verify "
                  "--against a checkpoint that somebody kept\"");
        return 0;
    }
    return result == 0 && last_seq < *told_out ? -EBADMSG : result;
}

int head_write(int fd, struct vault *vault, uint64_t last_seq)
{
    struct head head;
    size_t done = 0;

    head_fill(&head, vault, last_seq);
    while (done < sizeof(head)) {
        ssize_t size = pwrite(fd, (const uint8_t *)&head + done, sizeof(head) - done, (off_t)done);

        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size < 0 ? -errno : -EIO;
        done += (size_t)size;
    }
    return 0;
}
