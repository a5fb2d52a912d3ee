/* What the start of a host takes: from its spawn until its plugin is loaded and described, in the
 * jail that a plugin without needs has.
 *
 *     host-start HOST PLUGIN.so COUNT
 *
 * Prints the median and the 99th percentile, in milliseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "base/arena.h"
#include "base/check.h"
#include "steps/host.h"
#include "steps/image.h"

enum { WARM_UP_COUNT = 5, MEMORY_BYTES = 512 << 20 };

struct bench {
    uv_loop_t loop;
    struct arena *arena;
    bool is_ready, is_gone;
};

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

static _Noreturn void give_up(struct text why)
{
    fprintf(stderr, "host-start: %.*s\n", TEXT_ARG(why));
    exit(1);
}

static void frame_came(void *self, const struct wire_frame *frame)
{
    if (frame->kind != WIRE_LOADED)
        give_up(value_text_at(&frame->body, "message"));
    ((struct bench *)self)->is_ready = true;
}

static void is_lost(void *self, struct text how)
{
    (void)self;
    give_up(how);
}

static void is_gone(void *self)
{
    ((struct bench *)self)->is_gone = true;
}

/* Its end is waited for, and is not counted. */
static int64_t start_one(struct bench *bench, const char *program, int image_fd)
{
    struct host *host;
    struct text why;
    struct host_options options = {.loop = &bench->loop,
                                   .program = program,
                                   .image_fd = image_fd,
                                   .jail = jail_default(JAIL_HOST),
                                   .self = bench,
                                   .frame = frame_came,
                                   .lost = is_lost,
                                   .owner = bench,
                                   .gone = is_gone};
    options.jail.limits.memory_bytes = MEMORY_BYTES;
    bench->is_ready = bench->is_gone = false;
    int64_t begin_ns = now_ns();
    if (host_start(&options, bench->arena, &host, &why) != 0)
        give_up(why);
    while (!bench->is_ready)
        uv_run(&bench->loop, UV_RUN_ONCE);
    int64_t took_ns = now_ns() - begin_ns;
    host_kill(host);
    while (!bench->is_gone)
        uv_run(&bench->loop, UV_RUN_ONCE);
    arena_reset(bench->arena);
    return took_ns;
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    struct bench bench = {0};
    struct image image;
    struct text why;
    if (count < 100) {
        fputs("host-start HOST PLUGIN.so COUNT (100 at least)\n", stderr);
        return 2;
    }
    CHECK(uv_loop_init(&bench.loop) == 0);
    bench.arena = arena_create("bench");
    if (image_open(argv[2], NULL, bench.arena, &image, &why) != 0)
        give_up(why);
    int64_t *times_ns = calloc((size_t)count, sizeof *times_ns);
    CHECK(times_ns != NULL);
    for (long i = 0; i < WARM_UP_COUNT; i++)
        start_one(&bench, argv[1], image.fd);
    for (long i = 0; i < count; i++)
        times_ns[i] = start_one(&bench, argv[1], image.fd);
    qsort(times_ns, (size_t)count, sizeof *times_ns, compare);
    printf("a host, from its spawn until it is ready  median %6.2f ms   p99 %6.2f ms\n",
           (double)times_ns[count / 2] / 1e6, (double)times_ns[count - 1 - count / 100] / 1e6);
    free(times_ns);
    image_close(&image);
    arena_destroy(bench.arena);
    CHECK(uv_loop_close(&bench.loop) == 0);
    return 0;
}
