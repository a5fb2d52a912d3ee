/* What a check costs: from steps_begin to its outcome, through a real host, one after the other;
 * beside a bare ping-pong of the same bytes between two processes over a socketpair.
 *
 *     check-trip HOST PLUGIN.so COUNT
 *
 * Prints the median and the 99th percentile of both, in microseconds, and their ratio; then the
 * same of checks that are given much and answer with all of it, in milliseconds. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "steps/image.h"
#include "steps/steps.h"

enum {
    WARM_UP_COUNT = 2000,
    BLOCK_COUNT = 100,
    PING_BYTES = 120,
    PONG_BYTES = 80,
    ECHO_COUNT_MAX = 100,
    ECHO_WARM_UP_COUNT = 10
};

struct bench {
    uv_loop_t loop;
    struct arena *arena;
    struct steps *steps;
    struct image image;
    struct value inputs;
    bool is_described, is_closed;
    uint64_t number, answered; /* the calls begun and answered last */
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t now_ms(void *self)
{
    (void)self;
    return now_ns() / 1000000;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

struct figures {
    double median_us, p99_us;
};

static struct figures figures_of(int64_t *times_ns, size_t count)
{
    qsort(times_ns, count, sizeof *times_ns, compare);
    return (struct figures){(double)times_ns[count / 2] / 1000,
                            (double)times_ns[count - 1 - count / 100] / 1000};
}

/* ---- The check. ---- */

static void answered(void *self, uint64_t call, const struct run_outcome *outcome)
{
    if (outcome->kind != RUN_DONE) {
        fprintf(stderr, "check-trip: the check was not done: %.*s\n", TEXT_ARG(outcome->message));
        exit(1);
    }
    ((struct bench *)self)->answered = call;
}

static void described(void *self, struct text plugin, struct text why)
{
    (void)plugin;
    if (!text_is_empty(why)) {
        fprintf(stderr, "check-trip: %.*s\n", TEXT_ARG(why));
        exit(1);
    }
    ((struct bench *)self)->is_described = true;
}

static void closed(void *self)
{
    ((struct bench *)self)->is_closed = true;
}

static int64_t ask(struct bench *bench, const char *step, const struct value *inputs)
{
    struct run_call call = {.number = ++bench->number,
                            .verb = RUN_CHECK,
                            .plugin = TEXT("measure"),
                            .step = text_from(step),
                            .inputs = *inputs,
                            .now_ms = 1767254400000};
    int64_t begin_ns = now_ns();
    steps_begin(bench->steps, &call);
    while (bench->answered != call.number)
        uv_run(&bench->loop, UV_RUN_ONCE);
    return now_ns() - begin_ns;
}

static void open_bench(struct bench *bench, const char *host, const char *file)
{
    static struct steps_plugin plugin;
    struct text why;
    bench->arena = arena_create("bench");
    if (image_open(file, NULL, bench->arena, &bench->image, &why) != 0) {
        fprintf(stderr, "check-trip: %.*s\n", TEXT_ARG(why));
        exit(1);
    }
    plugin = (struct steps_plugin){.name = "measure", .file = file, .sha256 = bench->image.sha256};
    struct steps_options options = {.loop = &bench->loop,
                                    .host_program = host,
                                    .plugins = &plugin,
                                    .plugin_count = 1,
                                    .clock = {NULL, now_ms, now_ms},
                                    .self = bench,
                                    .answered = answered,
                                    .described = described};
    CHECK(uv_loop_init(&bench->loop) == 0);
    bench->steps = steps_create(&options);
    steps_start(bench->steps);
    while (!bench->is_described)
        uv_run(&bench->loop, UV_RUN_ONCE);
    bench->inputs = value_map(bench->arena);
    value_put(&bench->inputs, "note", value_cstring("a note of some words"));
}

static void close_bench(struct bench *bench)
{
    steps_close(bench->steps, closed, bench);
    while (!bench->is_closed)
        uv_run(&bench->loop, UV_RUN_ONCE);
    steps_destroy(bench->steps);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&bench->loop) == 0);
    image_close(&bench->image);
    arena_destroy(bench->arena);
}

/* ---- The bare ping-pong. ---- */

static void read_whole(int fd, char *bytes, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t part = read(fd, bytes + got, size - got);
        if (part <= 0)
            _exit(0);
        got += (size_t)part;
    }
}

static void answer_pings(int fd)
{
    char ping[PING_BYTES], pong[PONG_BYTES] = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        read_whole(fd, ping, sizeof ping);
        if (write(fd, pong, sizeof pong) != sizeof pong)
            _exit(0);
    }
}

static pid_t open_pings(int *fd_out)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(pair[0]);
        answer_pings(pair[1]);
    }
    close(pair[1]);
    *fd_out = pair[0];
    return child;
}

static int64_t ping(int fd)
{
    char bytes[PING_BYTES] = {0};
    int64_t begin_ns = now_ns();
    CHECK(write(fd, bytes, PING_BYTES) == PING_BYTES);
    read_whole(fd, bytes, PONG_BYTES);
    return now_ns() - begin_ns;
}

/* In turns of a block each, so that both have the same machine. */
static void measure(struct bench *bench, int fd, int64_t *pings_ns, int64_t *checks_ns,
                    size_t count)
{
    for (size_t done = 0; done < count; done += BLOCK_COUNT) {
        size_t end = done + BLOCK_COUNT < count ? done + BLOCK_COUNT : count;
        for (size_t i = done; i < end; i++)
            pings_ns[i] = ping(fd);
        for (size_t i = done; i < end; i++)
            checks_ns[i] = ask(bench, "length", &bench->inputs);
    }
}

/* ---- Much there, and all of it back. ---- */

static void measure_echo(struct bench *bench, size_t kib, int64_t *times_ns, size_t count)
{
    size_t size = kib * 1024 - 256; /* what stands around it has room, too */
    char *words = arena_alloc(bench->arena, size);
    struct value inputs = value_map(bench->arena);
    memset(words, 'x', size);
    value_put(&inputs, "note", value_string((struct text){words, size}));
    for (size_t i = 0; i < ECHO_WARM_UP_COUNT; i++)
        ask(bench, "echo", &inputs);
    for (size_t i = 0; i < count; i++)
        times_ns[i] = ask(bench, "echo", &inputs);
    struct figures echo = figures_of(times_ns, count);
    printf("%4zu KiB and back  median %6.2f ms   p99 %6.2f ms\n", kib, echo.median_us / 1000,
           echo.p99_us / 1000);
}

static void measure_echoes(struct bench *bench, int64_t *times_ns, size_t count)
{
    static const size_t kibs[] = {64, 128, 1024, 4096};
    for (size_t i = 0; i < sizeof kibs / sizeof kibs[0]; i++)
        measure_echo(bench, kibs[i], times_ns, count < ECHO_COUNT_MAX ? count : ECHO_COUNT_MAX);
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    if (count < 100) {
        fputs("check-trip HOST PLUGIN.so COUNT (100 at least)\n", stderr);
        return 2;
    }
    log_set_level(LOG_ERROR);
    struct bench bench = {0};
    int fd;
    pid_t child = open_pings(&fd);
    open_bench(&bench, argv[1], argv[2]);
    int64_t *pings_ns = calloc((size_t)count, sizeof *pings_ns);
    int64_t *checks_ns = calloc((size_t)count, sizeof *checks_ns);
    CHECK(pings_ns != NULL && checks_ns != NULL);
    measure(&bench, fd, pings_ns, checks_ns, WARM_UP_COUNT < count ? WARM_UP_COUNT : (size_t)count);
    measure(&bench, fd, pings_ns, checks_ns, (size_t)count);
    struct figures ping = figures_of(pings_ns, (size_t)count);
    struct figures check = figures_of(checks_ns, (size_t)count);
    printf("bare socketpair  median %6.1f us   p99 %6.1f us\n", ping.median_us, ping.p99_us);
    printf("a check          median %6.1f us   p99 %6.1f us\n", check.median_us, check.p99_us);
    printf("ratio            median %6.1f      p99 %6.1f\n", check.median_us / ping.median_us,
           check.p99_us / ping.p99_us);
    measure_echoes(&bench, checks_ns, (size_t)count);
    close_bench(&bench);
    close(fd);
    waitpid(child, NULL, 0);
    free(pings_ns);
    free(checks_ns);
    return 0;
}
