/* Loaded before sankofad: writes down everything that the process does to the files below one
 * folder, and what it sends, for the power-cut builder. Nothing is changed but for the delays and
 * the death that a test asks for.
 *
 *   RECORD_FOLDER   the folder, as the process names it
 *   RECORD_LOG      where it is written down, appended; clients write their marks there, too
 *   RECORD_SYNC_US  how long each sync takes, so that what should wait for it has time not to
 *   RECORD_DIE_AT   the process kills itself in the middle of its write or sync of this number:
 *                   the bytes are in the page cache then, and nothing is synced
 *
 * A write or sync stands in the log before it begins, and its end after it; in between, it may have
 * come to the disk by any part. A change of a folder stands there once it is done. Whoever sends
 * has decided to: a send stands there before it begins. One lock keeps the order of the log that of
 * the disk; sends do not take it, so that one too early is seen to be too early.
 *
 * What is missed here (a write by a call that is not taken over) is found by the builder: at the
 * end the folder must be what the log makes of it. */
/* Both names of a call are taken over, so they must be two here. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Known to disk.py by number. */
enum kind {
    WRITE = 1,
    SYNC,
    END,
    OPEN,
    TRUNCATE,
    RENAME,
    UNLINK,
    MKDIR,
    SENT,
    MARK,
    MAPPED,
};
enum { IS_SYNCED = 1, IS_CREATED = 1, FILES_MAX = 4096, PIECES_MAX = 1024 };

struct record {
    uint32_t size; /* of all of it */
    uint32_t kind, flags, path_size, other_size;
    uint32_t reserved;
    uint64_t file; /* its inode; of a SENT its descriptor */
    int64_t offset;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static const char *folder;
static size_t folder_size;
static unsigned sync_us;
static uint64_t die_at, act_count;
static uint64_t files[FILES_MAX];
static _Atomic size_t file_count; /* they are looked up without the lock */

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("RECORD_LOG"), *us = getenv("RECORD_SYNC_US");
    const char *at = getenv("RECORD_DIE_AT");

    folder = getenv("RECORD_FOLDER");
    if (!folder || !path)
        return;
    folder_size = strlen(folder);
    sync_us = us ? (unsigned)atoi(us) : 0;
    die_at = at ? strtoull(at, NULL, 10) : 0;
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
    if (log_fd < 0)
        abort();
}

/* ---- Writing down. ---- */

/* One write of an appended file is never mixed with another. */
static void put(struct record record, const char *path, const char *other,
                const struct iovec *pieces, int count)
{
    struct iovec all[PIECES_MAX + 3];
    size_t size = sizeof(record);

    if (count > PIECES_MAX)
        abort();
    record.path_size = path ? (uint32_t)strlen(path) : 0;
    record.other_size = other ? (uint32_t)strlen(other) : 0;
    all[0] = (struct iovec){&record, sizeof(record)};
    all[1] = (struct iovec){(void *)(uintptr_t)path, record.path_size};
    all[2] = (struct iovec){(void *)(uintptr_t)other, record.other_size};
    for (int i = 0; i < count; i++) {
        all[3 + i] = pieces[i];
        size += pieces[i].iov_len;
    }
    size += record.path_size + record.other_size;
    record.size = (uint32_t)size;
    if (syscall(SYS_writev, log_fd, all, 3 + count) != (ssize_t)size)
        abort();
}

/* The ballast is blocks of the disk: what it holds nobody reads, and a power cut may take it. */
static bool is_ballast(const char *path)
{
    const char *name = strrchr(path, '/');

    return name && strcmp(name, "/ballast") == 0;
}

static bool is_inside(const char *path)
{
    return log_fd >= 0 && !is_ballast(path) && strncmp(path, folder, folder_size) == 0 &&
           (path[folder_size] == '/' || path[folder_size] == '\0');
}

static bool is_known(uint64_t file)
{
    for (size_t i = 0; i < file_count; i++)
        if (files[i] == file)
            return true;
    return false;
}

static void know(uint64_t file)
{
    if (is_known(file))
        return;
    if (file_count == FILES_MAX)
        abort();
    files[file_count++] = file;
}

/* The inode behind a descriptor, 0 where it is none of ours. */
static uint64_t file_of(int fd)
{
    struct stat status;

    if (log_fd < 0 || syscall(SYS_fstat, fd, &status) < 0 ||
        !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) || !is_known(status.st_ino))
        return 0;
    return status.st_ino;
}

static void note_sent(int fd, const struct iovec *pieces, int count)
{
    if (log_fd >= 0)
        put((struct record){.kind = SENT, .file = (uint64_t)fd}, NULL, NULL, pieces, count);
}

static bool is_socket(int fd)
{
    struct stat status;

    return log_fd >= 0 && syscall(SYS_fstat, fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

static void end(long result)
{
    put((struct record){.kind = END, .offset = result}, NULL, NULL, NULL, 0);
}

/* In the middle of a write or sync. */
static void die_if_asked(void)
{
    if (++act_count == die_at)
        kill(getpid(), SIGKILL);
}

/* ---- Writes. ---- */

static ssize_t write_real(int fd, const struct iovec *pieces, int count, int64_t offset, bool moves)
{
    return moves ? syscall(SYS_writev, fd, pieces, count)
                 : syscall(SYS_pwritev, fd, pieces, count, offset, 0);
}

/* `moves`: at the descriptor's own offset, and on from there. */
static ssize_t write_at(int fd, const struct iovec *pieces, int count, int64_t offset, bool moves)
{
    struct record record = {.kind = WRITE, .file = file_of(fd), .offset = offset};
    ssize_t result;
    int flags, error;

    if (!record.file) {
        if (is_socket(fd))
            note_sent(fd, pieces, count);
        return write_real(fd, pieces, count, offset, moves);
    }
    pthread_mutex_lock(&lock);
    flags = (int)syscall(SYS_fcntl, fd, F_GETFL);
    record.flags = flags & O_DSYNC ? IS_SYNCED : 0;
    if (moves)
        record.offset = syscall(SYS_lseek, fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
    put(record, NULL, NULL, pieces, count);
    result = write_real(fd, pieces, count, offset, moves);
    error = errno;
    die_if_asked();
    if (record.flags & IS_SYNCED)
        usleep(sync_us);
    end(result);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return write_at(fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, 0, true);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    return write_at(fd, pieces, count, 0, true);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_at(fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, offset, false);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
    return write_at(fd, pieces, count, offset, false);
}

ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));

static int resize(long number, int fd, int mode, off_t offset, off_t size)
{
    struct stat status;
    uint64_t file = file_of(fd);
    long result;

    pthread_mutex_lock(&lock);
    result = number == SYS_ftruncate ? syscall(number, fd, size)
                                     : syscall(number, fd, mode, offset, size);
    if (file && result == 0 && syscall(SYS_fstat, fd, &status) == 0)
        put((struct record){.kind = TRUNCATE, .file = file, .offset = status.st_size}, NULL, NULL,
            NULL, 0);
    pthread_mutex_unlock(&lock);
    return (int)result;
}

int ftruncate(int fd, off_t size)
{
    return resize(SYS_ftruncate, fd, 0, 0, size);
}

int fallocate(int fd, int mode, off_t offset, off_t size)
{
    return resize(SYS_fallocate, fd, mode, offset, size);
}

int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
int fallocate64(int, int, off_t, off_t) __attribute__((alias("fallocate")));

/* What is written through a map is not seen here: only that it may be. */
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    uint64_t file = 0;

    if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE))
        file = file_of(fd);
    if (file)
        put((struct record){.kind = MAPPED, .file = file}, NULL, NULL, NULL, 0);
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

void *mmap64(void *, size_t, int, int, int, off_t) __attribute__((alias("mmap")));

/* ---- Syncs. ---- */

static int sync_by(long number, int fd)
{
    uint64_t file = file_of(fd);
    long result;
    int error;

    if (!file)
        return (int)syscall(number, fd);
    pthread_mutex_lock(&lock);
    put((struct record){.kind = SYNC, .file = file}, NULL, NULL, NULL, 0);
    die_if_asked();
    usleep(sync_us);
    result = syscall(number, fd);
    error = errno;
    end(result);
    pthread_mutex_unlock(&lock);
    errno = error;
    return (int)result;
}

int fsync(int fd)
{
    return sync_by(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_by(SYS_fdatasync, fd);
}

/* ---- Names. ---- */

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    struct stat status;
    bool is_created = false;
    int fd;

    if (!is_inside(path))
        return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&lock);
    if (flags & O_CREAT)
        is_created = syscall(SYS_newfstatat, at, path, &status, 0) < 0;
    fd = (int)syscall(SYS_openat, at, path, flags, mode);
    if (fd >= 0 && syscall(SYS_fstat, fd, &status) == 0) {
        know(status.st_ino);
        put((struct record){.kind = OPEN,
                            .file = status.st_ino,
                            .flags = is_created ? IS_CREATED : 0,
                            .offset = status.st_size},
            path, NULL, NULL, 0);
        if ((flags & O_TRUNC) && !is_created)
            put((struct record){.kind = TRUNCATE, .file = status.st_ino}, NULL, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static mode_t mode_of(int flags, va_list rest)
{
    return flags & O_CREAT ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_at(at, path, flags, mode);
}

int open64(const char *, int, ...) __attribute__((alias("open")));
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));

/* A change of one name or two: done, then written down. */
static int rename_by(long number, int from_at, const char *from, int to_at, const char *to,
                     unsigned flags)
{
    long result;

    pthread_mutex_lock(&lock);
    result = syscall(number, from_at, from, to_at, to, flags);
    if (result == 0 && (is_inside(from) || is_inside(to)))
        put((struct record){.kind = RENAME}, from, to, NULL, 0);
    pthread_mutex_unlock(&lock);
    return (int)result;
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    return rename_by(SYS_renameat2, from_at, from, to_at, to, flags);
}

int rename(const char *from, const char *to)
{
    return rename_by(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int unlink_at(const char *path, int flags)
{
    long result;

    pthread_mutex_lock(&lock);
    result = syscall(SYS_unlinkat, AT_FDCWD, path, flags);
    if (result == 0 && is_inside(path))
        put((struct record){.kind = UNLINK}, path, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return (int)result;
}

int unlink(const char *path)
{
    return unlink_at(path, 0);
}

int rmdir(const char *path)
{
    return unlink_at(path, AT_REMOVEDIR);
}

static void note_folder(const char *path)
{
    struct stat status;

    if (!is_inside(path) || syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) < 0)
        return;
    know(status.st_ino);
    put((struct record){.kind = MKDIR, .file = status.st_ino}, path, NULL, NULL, 0);
}

int mkdir(const char *path, mode_t mode)
{
    pthread_mutex_lock(&lock);
    int result = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (result == 0)
        note_folder(path);
    pthread_mutex_unlock(&lock);
    return result;
}

char *mkdtemp(char *path)
{
    char *(*real)(char *) = (char *(*)(char *))dlsym(RTLD_NEXT, "mkdtemp");

    pthread_mutex_lock(&lock);
    char *result = real(path);
    if (result)
        note_folder(path);
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- What is told to the world. ---- */

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    note_sent(fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1);
    return syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    note_sent(fd, message->msg_iov, (int)message->msg_iovlen);
    return syscall(SYS_sendmsg, fd, message, flags);
}
