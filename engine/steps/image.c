/* The file's way into the sealed memfd, and who may have touched it. */
#include "steps/image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "vault/vault.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* since Linux 6.3, which then wants to be told */
#endif

/* Behind the descriptors that a host has (spawn.c moves it down). */
enum { IMAGE_FD_MIN = 10 };

struct opening {
    struct arena *arena;
    const char *path; /* resolved */
    struct text *why_out;
};

__attribute__((format(printf, 3, 4))) static int refuse(const struct opening *opening, int error,
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *opening->why_out = text_vprintf(opening->arena, format, arguments);
    va_end(arguments);
    return error;
}

/* `format` takes the path, and why. */
static int refuse_by_errno(const struct opening *opening, const char *format)
{
    int error = errno;
    return refuse(opening, -error, format, opening->path, strerror(error));
}

/* Whether only root and this user decide what `path` holds. */
static int check_owner(const struct opening *opening, const char *path, const struct stat *stat)
{
    bool sticky_folder = S_ISDIR(stat->st_mode) && (stat->st_mode & S_ISVTX) != 0;
    if (stat->st_uid != 0 && stat->st_uid != geteuid())
        return refuse(opening, -EACCES, N_("%s is owned neither by root nor by this user."), path);
    if ((stat->st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_folder)
        return refuse(opening, -EACCES, N_("%s can be written by others; chmod go-w ends that."),
                      path);
    return 0;
}

/* The folders above, from the nearest to the root. */
static int check_folders(const struct opening *opening)
{
    char folder[PATH_MAX];
    struct stat stat;
    strcpy(folder, opening->path); /* of realpath: shorter than PATH_MAX */
    do {
        char *slash = strrchr(folder, '/');
        slash[slash == folder ? 1 : 0] = '\0';
        if (lstat(folder, &stat) != 0)
            return refuse_by_errno(opening, N_("%s cannot be reached: %s."));
        int result = check_owner(opening, folder, &stat);
        if (result != 0)
            return result;
    } while (folder[1] != '\0');
    return 0;
}

static int check_file(const struct opening *opening, int fd)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return refuse_by_errno(opening, N_("%s cannot be looked at: %s."));
    if (!S_ISREG(stat.st_mode))
        return refuse(opening, -EINVAL, N_("%s is no regular file."), opening->path);
    if (stat.st_size > IMAGE_BYTES_MAX)
        return refuse(opening, -EFBIG, N_("%s is larger than 64 MiB."), opening->path);
    return check_owner(opening, opening->path, &stat);
}

static int memory_file(void)
{
    int low = memfd_create("sankofa-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (low < 0 && errno == EINVAL)
        low = memfd_create("sankofa-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (low < 0)
        return low;
    int fd = fcntl(low, F_DUPFD_CLOEXEC, IMAGE_FD_MIN);
    close(low);
    return fd;
}

/* Copies and seals. 0 or -errno; -EFBIG: it has grown meanwhile. */
static int fill(int memory, int file, size_t *size_out)
{
    *size_out = 0;
    for (;;) {
        ssize_t copied = sendfile(memory, file, NULL, IMAGE_BYTES_MAX);
        if (copied < 0 && errno == EINTR)
            continue;
        if (copied < 0)
            return -errno;
        if (copied == 0)
            break;
        *size_out += (size_t)copied;
        if (*size_out > IMAGE_BYTES_MAX)
            return -EFBIG;
    }
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    return fcntl(memory, F_ADD_SEALS, seals) == 0 ? 0 : -errno;
}

static int hash(const struct opening *opening, int memory, size_t size, char *hex_out)
{
    uint8_t digest[VAULT_HASH_BYTES];
    if (size == 0)
        return refuse(opening, -EINVAL, N_("%s is empty."), opening->path);
    void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, memory, 0);
    if (bytes == MAP_FAILED)
        return refuse_by_errno(opening, N_("%s cannot be read: %s."));
    vault_hash(bytes, size, digest);
    munmap(bytes, size);
    struct text hex = text_hex(opening->arena, digest, sizeof digest);
    memcpy(hex_out, hex.bytes, hex.size + 1);
    return 0;
}

static int load(const struct opening *opening, int file, const char *sha256,
                struct image *image_out)
{
    size_t size;
    int result = check_file(opening, file);
    if (result != 0)
        return result;
    image_out->fd = memory_file();
    if (image_out->fd < 0)
        return refuse_by_errno(opening, N_("%s cannot be held in memory: %s."));
    result = fill(image_out->fd, file, &size);
    if (result != 0)
        return refuse(opening, result, N_("%s cannot be read: %s."), opening->path,
                      strerror(-result));
    result = hash(opening, image_out->fd, size, image_out->sha256);
    if (result != 0)
        return result;
    if (sha256 != NULL && strcasecmp(sha256, image_out->sha256) != 0)
        return refuse(opening, -EBADMSG,
                      N_("%s is not the file that is configured: its SHA-256 is %s, not %s."),
                      opening->path, image_out->sha256, sha256);
    return 0;
}

int image_open(const char *path, const char *sha256, struct arena *arena, struct image *image_out,
               struct text *why_out)
{
    char resolved[PATH_MAX];
    struct opening opening = {arena, path, why_out};
    *image_out = (struct image){.fd = -1};
    if (realpath(path, resolved) == NULL)
        return refuse_by_errno(&opening, N_("%s cannot be found: %s."));
    opening.path = resolved;
    int result = check_folders(&opening);
    if (result != 0)
        return result;
    int file = open(resolved, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return refuse_by_errno(&opening, N_("%s cannot be opened: %s."));
    result = load(&opening, file, sha256, image_out);
    close(file);
    if (result != 0)
        image_close(image_out);
    return result;
}

void image_close(struct image *image)
{
    if (image->fd >= 0)
        close(image->fd);
    image->fd = -1;
}
