/* What is fetched lands in a file of its own beside the wanted one, that its owner alone may read;
 * it gets its name once it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "client/client.h"

static int explain(const char *path, int error)
{
    if (error == EEXIST) {
        complain("%s is there already.", path);
        complain("Name another file, or write over it with --force.");
    } else {
        complain("%s cannot be written: %s.", path, strerror(error));
        complain("Check the folder, and who may write to it.");
    }
    return CLIENT_WRONG_USE;
}

static bool is_there(const char *path)
{
    struct stat facts;

    return lstat(path, &facts) == 0;
}

static int publish(struct client *client, const char *part, const char *path)
{
    int result = client->force ? rename(part, path)
                               : renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);

    return result == 0 ? CLIENT_DONE : explain(path, errno);
}

int save_file(struct client *client, const char *path, const struct transfer_wanted *wanted)
{
    uint8_t suffix[4];

    if (!client->force && is_there(path))
        return explain(path, EEXIST);
    CHECK(getrandom(suffix, sizeof(suffix), 0) == (ssize_t)sizeof(suffix));
    const char *part = text_printf(client->arena, "%s.part-%.*s", path,
                                   TEXT_ARG(text_hex(client->arena, suffix, sizeof(suffix))))
                           .bytes;
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return explain(path, errno);
    int result = transfer_get(client, wanted, fd);
    if (result == CLIENT_DONE && fsync(fd) != 0)
        result = explain(path, errno);
    if (close(fd) != 0 && result == CLIENT_DONE)
        result = explain(path, errno);
    if (result == CLIENT_DONE)
        result = publish(client, part, path);
    if (result != CLIENT_DONE)
        unlink(part);
    return result;
}
