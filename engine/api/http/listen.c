/* The socket files. One that nobody listens on any more, after a crash, is replaced. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/internal.h"

/* A client that finds it full is turned away at once: many do not wait. */
enum { BACKLOG = 1024 };

static int complain(struct diag_list *diags, int result, const char *path, const char *help)
{
    return diag_fail(diags, result, "E830", help, "the socket %s cannot be opened: %s", path,
                     strerror(-result));
}

/* 0: nobody listens there any more; -EADDRINUSE: somebody does, be it one too busy to answer; or
 * -errno. */
static int knock(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int result = fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0
                     ? -errno
                     : -EADDRINUSE;

    if (fd >= 0)
        close(fd);
    return result == -ECONNREFUSED ? 0 : result == -EAGAIN ? -EADDRINUSE : result;
}

/* Removes what a daemon that crashed left behind; never what is no socket. */
static int clear(const struct sockaddr_un *address)
{
    struct stat facts;

    if (lstat(address->sun_path, &facts) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(facts.st_mode))
        return -EEXIST;
    int result = knock(address);
    if (result != 0)
        return result;
    return unlink(address->sun_path) == 0 || errno == ENOENT ? 0 : -errno;
}

static int bind_at(const struct sockaddr_un *address, mode_t mode, gid_t gid, int *fd_out)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    /* The daemon's umask leaves it to its own user; the mode is widened once the group is right. */
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        int result = -errno;
        close(fd);
        return result;
    }
    if ((gid == (gid_t)-1 || chown(address->sun_path, (uid_t)-1, gid) == 0) &&
        chmod(address->sun_path, mode) == 0 && listen(fd, BACKLOG) == 0) {
        *fd_out = fd;
        return 0;
    }
    int result = -errno;
    close(fd);
    unlink(address->sun_path);
    return result;
}

int listen_open(const char *path, mode_t mode, gid_t gid, struct diag_list *diags, int *fd_out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        return complain(diags, -ENAMETOOLONG, path, N_("a socket's path has at most 107 bytes"));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int result = clear(&address);
    if (result == -EADDRINUSE)
        return complain(diags, result, path, N_("another daemon serves there; stop it first"));
    if (result == -EEXIST)
        return complain(diags, result, path, N_("something else stands there; move it away"));
    if (result == 0)
        result = bind_at(&address, mode, gid, fd_out);
    if (result != 0)
        return complain(diags, result, path,
                        N_("its folder must exist and be writable for sankofad, which must be a "
                           "member of the group that is named"));
    return 0;
}

void listen_remove(const char *path)
{
    if (path)
        unlink(path);
}
