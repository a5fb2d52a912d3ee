/* Why a daemon cannot be reached: told by asking the socket once more, since curl tells little. */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/client.h"

/* 0: it takes connections; else what the system says. */
static int connect_once(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path);
    int fd, result = 0;

    if (size >= sizeof(address.sun_path))
        return ENAMETOOLONG;
    memcpy(address.sun_path, path, size);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        result = errno;
    close(fd);
    return result;
}

/* A socket that nobody listens at, and a file that is none, both say ECONNREFUSED. */
static void explain_refused(const char *socket)
{
    struct stat facts;

    if (stat(socket, &facts) == 0 && !S_ISSOCK(facts.st_mode))
        complain("%s is no socket.", socket);
    else
        complain("No daemon answers at %s.", socket);
    complain("Start sankofad, or name its socket with --socket or $SANKOFA_SOCKET.");
}

static bool is_of_owner_alone(const char *socket)
{
    struct stat facts;

    return stat(socket, &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static void explain_errno(const char *socket, int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        complain("You may not use the socket %s.", socket);
        if (is_of_owner_alone(socket))
            complain("Its owner alone may: whoever cares for this machine, as root or by sudo.");
        else
            complain(
                "Its owner and its group may: ask your administrator to add you to the group.");
        break;
    case ENAMETOOLONG:
        complain("The path of the socket is longer than the system takes: %s", socket);
        complain("Name it from nearer by: cd to its folder, and say --socket staff.sock");
        break;
    case EAGAIN:
        complain("The daemon at %s has more to do than it can take.", socket);
        complain("Repeat in a moment.");
        break;
    default:
        explain_refused(socket);
    }
}

int http_explain(const char *socket, int result)
{
    int error = connect_once(socket);

    if (error != 0) {
        explain_errno(socket, error);
    } else if (result == CURLE_COULDNT_CONNECT) {
        explain_refused(socket); /* it has come back in between */
    } else {
        complain("The daemon at %s did not answer: %s.", socket,
                 curl_easy_strerror((CURLcode)result));
        complain("What it acknowledged is safe. Repeat the command with the same --key.");
    }
    return CLIENT_NO_DAEMON;
}
