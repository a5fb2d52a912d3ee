/* The wheel's time: the wall's, but never before that of the newest entry.
 *
 * A wall clock that jumps back leaves it standing until that has caught up: what is due meanwhile
 * waits, and entries bear the same time. One that jumps forward takes it along. */
#include "base/log.h"
#include "run/internal.h"

enum { BEHIND_MS = 60000, SECOND_MS = 1000 };

static int64_t wall_ms(const struct wheel *wheel)
{
    return wheel->ports.clock.wall_ms(wheel->ports.clock.self) + wheel->clock_offset_ms;
}

int64_t wheel_now_ms(struct wheel *wheel)
{
    int64_t now_ms = wall_ms(wheel);

    return now_ms > wheel->last_ms ? now_ms : wheel->last_ms;
}

int64_t wheel_stamp(struct wheel *wheel)
{
    return wheel_now_ms(wheel);
}

void clock_watch(struct wheel *wheel)
{
    int64_t behind_ms = wheel->last_ms - wall_ms(wheel);

    if (behind_ms > BEHIND_MS && !wheel->is_behind)
        log_event(
            LOG_WARNING, "clock.behind",
            "seconds=%lld hint=\"the clock of this machine is before the newest entry; set it "
            "right, until then deadlines wait\"",
            (long long)(behind_ms / SECOND_MS));
    else if (behind_ms <= 0 && wheel->is_behind)
        log_event(LOG_INFO, "clock.caught_up", "seconds=%lld", (long long)(-behind_ms / SECOND_MS));
    else
        return;
    wheel->is_behind = !wheel->is_behind;
}
