/* What the way of a large body costs by itself, without the making and reading of JSON: there and
 * back between two processes, in the stream of a socketpair, and as a parcel beside it.
 *
 *     body-trip COUNT
 *
 * Prints the median and the 99th percentile of both, in milliseconds, by size. */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "wire/parcel.h"
#include "wire/wire.h"

enum { WARM_UP_COUNT = 20 };

static char body[WIRE_BODY_BYTES_MAX];

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The two ways. False: the other side is gone. */

static bool send_in_stream(int fd, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t part = send(fd, body + sent, size - sent, MSG_NOSIGNAL);
        if (part <= 0)
            return false;
        sent += (size_t)part;
    }
    return true;
}

static bool receive_in_stream(int fd, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t part = recv(fd, body + got, size - got, 0);
        if (part <= 0)
            return false;
        got += (size_t)part;
    }
    return true;
}

static bool send_parcel(int fd, size_t size)
{
    char head[WIRE_HEAD_BYTES] = {0};
    int parcel = parcel_make((struct text){body, size});
    CHECK(parcel >= 0);
    int result = parcel_send(fd, head, parcel, MSG_NOSIGNAL);
    close(parcel);
    return result == 0;
}

static bool receive_parcel(int fd, size_t size)
{
    char head[WIRE_HEAD_BYTES];
    struct parcel_arrival arrival;
    if (parcel_receive(fd, head, sizeof head, 0, &arrival) != WIRE_HEAD_BYTES)
        return false;
    CHECK(arrival.fault == NULL);
    CHECK(parcel_open(arrival.fd, body, size) == NULL);
    return true;
}

static const struct way {
    const char *name;
    bool (*send)(int fd, size_t size);
    bool (*receive)(int fd, size_t size);
} ways[] = {{"in the stream", send_in_stream, receive_in_stream},
            {"in a memfd", send_parcel, receive_parcel}};
enum { WAY_COUNT = sizeof ways / sizeof ways[0] };

/* The other process sends back what it gets, each way on a socket of its own. */
static pid_t open_way(const struct way *way, size_t size, int *fd_out)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(pair[0]);
        while (way->receive(pair[1], size) && way->send(pair[1], size))
            ;
        _exit(0);
    }
    close(pair[1]);
    *fd_out = pair[0];
    return child;
}

/* In turns, so that both have the same machine. */
static void measure(size_t kib, int64_t *times_ns[WAY_COUNT], size_t count)
{
    size_t size = kib * 1024;
    int fds[WAY_COUNT];
    pid_t children[WAY_COUNT];
    for (size_t way = 0; way < WAY_COUNT; way++)
        children[way] = open_way(&ways[way], size, &fds[way]);
    for (size_t i = 0; i < count + WARM_UP_COUNT; i++) {
        for (size_t way = 0; way < WAY_COUNT; way++) {
            int64_t begin_ns = now_ns();
            CHECK(ways[way].send(fds[way], size));
            CHECK(ways[way].receive(fds[way], size));
            times_ns[way][i < WARM_UP_COUNT ? 0 : i - WARM_UP_COUNT] = now_ns() - begin_ns;
        }
    }
    for (size_t way = 0; way < WAY_COUNT; way++) {
        shutdown(fds[way], SHUT_RDWR); /* the other children hold it, too */
        close(fds[way]);
        waitpid(children[way], NULL, 0);
        qsort(times_ns[way], count, sizeof *times_ns[way], compare);
        printf("%4zu KiB and back, bare, %-13s  median %7.3f ms   p99 %7.3f ms\n", kib,
               ways[way].name, (double)times_ns[way][count / 2] / 1e6,
               (double)times_ns[way][count - 1 - count / 100] / 1e6);
    }
}

int main(int argc, char **argv)
{
    static const size_t kibs[] = {16, 64, 128, 256, 1024, 4096};
    long count = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    int64_t *times_ns[WAY_COUNT];
    if (count < 100) {
        fputs("body-trip COUNT (100 at least)\n", stderr);
        return 2;
    }
    memset(body, 'x', sizeof body);
    for (size_t way = 0; way < WAY_COUNT; way++) {
        times_ns[way] = calloc((size_t)count, sizeof *times_ns[way]);
        CHECK(times_ns[way] != NULL);
    }
    for (size_t i = 0; i < sizeof kibs / sizeof kibs[0]; i++)
        measure(kibs[i], times_ns, (size_t)count);
    for (size_t way = 0; way < WAY_COUNT; way++)
        free(times_ns[way]);
    return 0;
}
