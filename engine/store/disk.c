/* The disk under a store. */
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/log.h"

/* Not every kernel header has all of them: the numbers are the kernel's, from magic.h and from the
 * file systems' own sources. */
static const struct {
    uint32_t magic;
    const char *name;
    bool refused; /* else it is only told */
} file_systems[] = {
    {0x6969, "NFS", true},
    {0x517b, "SMB", true},
    {0xff534d42, "CIFS", true},
    {0xfe534d42, "SMB2", true},
    {0x65735546, "FUSE", true},
    {0x01021997, "9P", true},
    {0x00c36400, "Ceph", true},
    {0x5346414f, "AFS", true},
    {0x6b414653, "AFS", true},
    {0x73757245, "Coda", true},
    {0x0bd00bd0, "Lustre", true},
    {0x47504653, "GPFS", true},
    {0x19830326, "BeeGFS", true},
    {0x7461636f, "OCFS2", true},
    {0x01161970, "GFS2", true},
    {0x786f4256, N_("VirtualBox shared folder"), true},
    {0xbacbacbc, N_("VMware shared folder"), true},
    {0x564c, "NCP", true},
    {0x01021994, "tmpfs", false},
    {0x858458f6, "ramfs", false},
};

int disk_explain(struct diag_list *diags, const char *path, int result, const char *code,
                 const char *help, const char *format, ...)
{
    struct place place = {.file = text_copy(diags->arena, text_from(path))};
    struct text message;
    struct diag *diag;
    va_list arguments;

    va_start(arguments, format);
    message = text_vprintf(diags->arena, format, arguments);
    va_end(arguments);
    diag = diag_add(diags, DIAG_ERROR, code, place, "%.*s", TEXT_ARG(message));
    diag_help(diags, diag, "%s", help);
    return result;
}

int disk_check(const char *path, struct diag_list *diags)
{
    struct statfs status;

    if (statfs(path, &status) < 0)
        return disk_explain(diags, path, -errno, "E811", N_("check the path, and who may read it"),
                            N_("the folder cannot be used: %s"), strerror(errno));
    for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++) {
        if (file_systems[i].magic != (uint32_t)status.f_type)
            continue;
        if (file_systems[i].refused)
            return disk_explain(diags, path, -EOPNOTSUPP, "E813",
                                N_("put the store on a local disk: ext4, xfs or btrfs"),
                                N_("a store cannot be on %s: its locks and its cache are not this "
                                   "machine's alone"),
                                file_systems[i].name);
        log_event(LOG_WARNING, "store.disk_volatile", "fs=%s hint=\"a power cut loses this store\"",
                  file_systems[i].name);
    }
    return 0;
}

/* LMDB writes whole pages along the path to each record, and frees the old ones two commits later:
 * four times the bytes and some more is ample. */
enum { ROOM_FACTOR = 4, ROOM_MARGIN_BYTES = 4 << 20, RESERVE_PER_CENT = 5 };
static const uint64_t reserve_bytes = (uint64_t)256 << 20;

static bool is_low(uint64_t free_bytes, uint64_t total_bytes)
{
    return free_bytes < total_bytes / 100 * RESERVE_PER_CENT;
}

int disk_room_check(const struct disk_room *room, size_t batch_bytes, bool new_case)
{
    uint64_t need;

    if (__builtin_mul_overflow((uint64_t)batch_bytes, ROOM_FACTOR, &need) ||
        __builtin_add_overflow(need, ROOM_MARGIN_BYTES, &need))
        return -ENOSPC;
    if (room->free_bytes < need || room->map_free_bytes < need)
        return -ENOSPC;
    if (new_case &&
        (room->free_bytes < reserve_bytes || is_low(room->free_bytes, room->total_bytes) ||
         is_low(room->map_free_bytes, room->map_total_bytes)))
        return -ENOSPC;
    return 0;
}

int disk_room_of(int fd, struct disk_room *room_out)
{
    struct statvfs status;

    if (fstatvfs(fd, &status) < 0)
        return -errno;
    room_out->free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    room_out->total_bytes = (uint64_t)status.f_blocks * status.f_frsize;
    return 0;
}

const char *disk_help(int result)
{
    static const struct {
        int result;
        const char *help;
    } helps[] = {
        {-ENOENT, N_("a file of the store is missing; restore the store from a backup")},
        {-ELOOP,
         N_("put the file itself into the store's folder; the folder may be a link, its files "
            "may not")},
        {-EROFS,
         N_("mount the disk for writing; if it was, the kernel's log says why it is not now")},
        {-ENOMEM, N_("raise the limit of memory (ulimit -v, LimitAS), or lower map_bytes")},
        {-EMFILE, N_("raise the limit of open files (ulimit -n, LimitNOFILE)")},
        {-EIO, N_("look at the disk; the kernel's log may say more")},
    };

    for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
        if (helps[i].result == result)
            return helps[i].help;
    return N_("check `store`, and who may read and write it");
}

int disk_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result = 0;

    if (fd < 0)
        return -errno;
    if (fsync(fd) < 0)
        result = -errno;
    close(fd);
    return result;
}

int disk_read(void *self, uint64_t offset, void *bytes_out, size_t size)
{
    int fd = *(const int *)self;

    for (size_t done = 0; done < size;) {
        ssize_t got = pread(fd, (uint8_t *)bytes_out + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        done += (size_t)got;
    }
    return 0;
}
