/* The machine's clocks. */
#include <time.h>

#include "base/check.h"
#include "system/system.h"

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static int64_t steady_ms(void *self)
{
    (void)self;
    /* It counts the time asleep too: a laptop that was closed has let a step's time run out. */
    return read_ms(CLOCK_BOOTTIME);
}

struct port_clock system_clock(void)
{
    return (struct port_clock){.wall_ms = wall_ms, .steady_ms = steady_ms};
}
