/* Randomness from the kernel. Without it no key can be made and no id be drawn, so the process
 * ends: there is nothing to fall back to. */
#include <errno.h>
#include <sys/random.h>

#include "base/check.h"
#include "system/system.h"

static void fill(void *self, void *bytes_out, size_t size)
{
    (void)self;
    unsigned char *at = bytes_out;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        CHECK(got > 0);
        at += got;
        size -= (size_t)got;
    }
}

struct port_random system_random(void)
{
    return (struct port_random){.fill = fill};
}
