/* When bytes come. The library tells of a request once its first line is whole; its time runs from
 * its first byte, which would otherwise wait behind an idle connection's long patience. So there is
 * a set of our own, looked at before the library reads: edge-triggered, each arrival once. */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/internal.h"
#include "base/check.h"

enum { EVENTS_MAX = 64 };

int arrivals_open(void)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

void arrivals_add(int arrivals, struct peer *peer)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = peer};

    CHECK(epoll_ctl(arrivals, EPOLL_CTL_ADD, peer->fd, &event) == 0);
}

void arrivals_remove(int arrivals, struct peer *peer)
{
    /* Where the library closed it already, it is not in there any more. */
    epoll_ctl(arrivals, EPOLL_CTL_DEL, peer->fd, NULL);
}

void arrivals_look(int arrivals, void (*came)(struct peer *peer))
{
    struct epoll_event events[EVENTS_MAX];
    int count;

    do {
        count = epoll_wait(arrivals, events, EVENTS_MAX, 0);
        for (int i = 0; i < count; i++)
            came(events[i].data.ptr);
    } while (count == EVENTS_MAX);
}
