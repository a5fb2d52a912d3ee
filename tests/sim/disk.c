/* A disk that fails by the dice. These stand in for libc's in this program, LMDB's calls included:
 * a program's own functions are found before those of libc. */
#include <errno.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

enum { BLOCK_BYTES = 4096, WRITES_MAX = 8 };

static const uint64_t disk_bytes = (uint64_t)100 << 30;

static struct {
    uint64_t free_bytes;
    unsigned fails_at; /* writes and syncs until one fails; 0: none does */
    bool is_for_ever, is_short;
    int error;
} disk = {.free_bytes = (uint64_t)50 << 30};

void sim_disk_fill(enum sim_room room)
{
    static const uint64_t free_bytes[] = {
        [SIM_ROOM_PLENTY] = (uint64_t)50 << 30,
        [SIM_ROOM_FOR_OPEN_CASES] = (uint64_t)1 << 30,
        [SIM_ROOM_NONE] = 1 << 16,
    };

    disk.free_bytes = free_bytes[room];
}

void sim_disk_break(struct sim *sim, bool is_for_ever)
{
    disk.fails_at = 1 + (unsigned)sim_dice(sim, WRITES_MAX);
    disk.is_for_ever = is_for_ever;
    disk.is_short = sim_dice(sim, 4) == 0;
    disk.error = sim_dice(sim, 2) == 0 ? EIO : ENOSPC;
}

bool sim_disk_mend(void)
{
    bool has_failed = disk.is_for_ever && disk.fails_at == 1;

    disk.fails_at = 0;
    disk.is_for_ever = false;
    return has_failed;
}

/* Counts one call. Whether it fails. */
static bool fails(void)
{
    if (disk.fails_at == 0)
        return false;
    if (disk.fails_at > 1) {
        disk.fails_at--;
        return false;
    }
    if (!disk.is_for_ever)
        disk.fails_at = 0;
    errno = disk.error;
    return true;
}

int fstatvfs(int fd, struct statvfs *status)
{
    (void)fd;
    *status = (struct statvfs){.f_frsize = BLOCK_BYTES,
                               .f_blocks = disk_bytes / BLOCK_BYTES,
                               .f_bavail = disk.free_bytes / BLOCK_BYTES};
    return 0;
}

int fdatasync(int fd)
{
    return fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

/* LMDB's copies, too. */
ssize_t write(int fd, const void *bytes, size_t size)
{
    return fails() ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (fails()) {
        if (!disk.is_short || size < 2)
            return -1;
        size /= 2;
    }
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
    return fails() ? -1 : syscall(SYS_pwritev, fd, pieces, count, offset, 0);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    return fails() ? -1 : syscall(SYS_writev, fd, pieces, count);
}
