/* Loaded before a daemon: a disk that dies, a clock that jumps, another file system under a folder.
 * Each is there while a file in the folder $FAULTS is:
 *   fdatasync, fsync, pwrite   the call fails with EIO
 *   clock               the wall clock is off by so many milliseconds
 *   statfs              the file system is of this kind (hexadecimal)
 * $FAULT_FILE is a file of the first kind by itself. */
#undef _FILE_OFFSET_BITS /* each of the two names is to be defined here */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { NUMBER_BYTES = 32, PATH_BYTES = 4096 };

/* What a file of the folder says; false: it is not there. */
static int fault(const char *name, char said[NUMBER_BYTES])
{
    const char *folder = getenv("FAULTS");
    char path[PATH_BYTES];
    ssize_t size;
    int fd;

    if (!folder || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    size = read(fd, said, NUMBER_BYTES - 1);
    said[size > 0 ? size : 0] = '\0';
    close(fd);
    return 1;
}

int fdatasync(int fd)
{
    const char *file = getenv("FAULT_FILE");
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    char said[NUMBER_BYTES];

    if ((file && access(file, F_OK) == 0) || fault("fdatasync", said)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fsync(int fd)
{
    char said[NUMBER_BYTES];

    if (fault("fsync", said)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

/* Both names: which one a program calls is a matter of how it was built. */
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    char said[NUMBER_BYTES];

    if (fault("pwrite", said)) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, id, now);
    char said[NUMBER_BYTES];

    if (result == 0 && id == CLOCK_REALTIME && fault("clock", said))
        now->tv_sec += atoll(said) / 1000;
    return result;
}

static void set_kind(int result, struct statfs *status)
{
    char said[NUMBER_BYTES];

    if (result == 0 && fault("statfs", said))
        status->f_type = (__fsword_t)strtoul(said, NULL, 16);
}

int statfs(const char *path, struct statfs *status)
{
    int result = (int)syscall(SYS_statfs, path, status);

    set_kind(result, status);
    return result;
}

int statfs64(const char *path, struct statfs64 *status)
{
    return statfs(path, (struct statfs *)status);
}
