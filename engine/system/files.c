/* Whole files, read within a bound. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "system/system.h"

static void close_scoped(int *file)
{
    if (*file >= 0)
        close(*file);
}

/* Reads until the end or until `size_max` + 1 bytes are there: a file may grow meanwhile. */
static int read_all(int file, struct arena *arena, size_t size, size_t size_max,
                    struct text *text_out)
{
    char *bytes = arena_alloc(arena, size + 2);
    size_t used = 0;
    for (;;) {
        ssize_t got = read(file, bytes + used, size + 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        used += (size_t)got;
        if (used > size_max)
            return -EFBIG;
        if (got == 0)
            break;
        /* Larger than it said it was. */
        if (used > size)
            return -EAGAIN;
    }
    bytes[used] = '\0';
    *text_out = (struct text){bytes, used};
    return 0;
}

static int read_file(void *self, struct arena *arena, const char *path, size_t size_max,
                     struct text *text_out)
{
    (void)self;
    /* Not to be held up by a pipe that nobody writes to. */
    __attribute__((cleanup(close_scoped))) int file =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return -errno;
    struct stat status;
    if (fstat(file, &status) != 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    if (!S_ISREG(status.st_mode))
        return -EINVAL;
    if (status.st_size < 0 || (uintmax_t)status.st_size > size_max)
        return -EFBIG;
    return read_all(file, arena, (size_t)status.st_size, size_max, text_out);
}

struct port_files system_files(void)
{
    return (struct port_files){.read = read_file};
}
