/* The wheel's time: the wall's, but never before that of the newest entry.
 *
 * A wall clock that jumps back leaves it standing until that has caught up: what is due meanwhile
 * waits, and entries bear the same time. One that jumps forward takes it along; but not so far that
 * it must be wrong, since there would be no way back: nothing may ever be stamped before an entry
 * of that year. Then, too, it stands until the clock is right again. */
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "run/internal.h"

enum { BEHIND_MS = 60000, SECOND_MS = 1000, AHEAD_PAUSE_MS = 60000 };
/* No store rests so long from one entry to the next. */
static const int64_t ahead_ms_max = (int64_t)10 * 366 * 24 * 3600 * SECOND_MS;
/* Before this version was written no clock was right: 2026-01-01. */
static const int64_t first_ms = INT64_C(1767225600) * SECOND_MS;
/* Codes and dates have four digits of a year, in every zone: 9999-12-30. */
static const int64_t last_of_all_ms = INT64_C(253402128000) * SECOND_MS;

static int64_t wall_ms(const struct wheel *wheel)
{
    return wheel->ports.clock.wall_ms(wheel->ports.clock.self) + wheel->clock_offset_ms;
}

bool clock_is_plausible(int64_t newest_ms, int64_t now_ms)
{
    int64_t from_ms = newest_ms > first_ms ? newest_ms : first_ms;

    return now_ms <= last_of_all_ms && (newest_ms == 0 || now_ms - from_ms <= ahead_ms_max);
}

/* In a demo store somebody may move the clock as far as they like. */
static bool is_believed(const struct wheel *wheel, int64_t now_ms)
{
    return now_ms <= last_of_all_ms &&
           (store_is_demo(wheel->store) || clock_is_plausible(wheel->seen_ms, now_ms));
}

int64_t wheel_now_ms(struct wheel *wheel)
{
    int64_t now_ms = wall_ms(wheel);

    if (!is_believed(wheel, now_ms))
        return wheel->last_ms;
    if (now_ms > wheel->seen_ms)
        wheel->seen_ms = now_ms;
    return now_ms > wheel->last_ms ? now_ms : wheel->last_ms;
}

int64_t wheel_stamp(struct wheel *wheel)
{
    return wheel_now_ms(wheel);
}

int64_t clock_alarm_ms(const struct wheel *wheel, int64_t due_ms)
{
    int64_t now_ms = wall_ms(wheel);

    if (due_ms != INT64_MAX && !is_believed(wheel, now_ms))
        due_ms = now_ms + AHEAD_PAUSE_MS; /* it is looked at again */
    return due_ms == INT64_MAX ? due_ms : due_ms - wheel->clock_offset_ms;
}

static void watch_ahead(struct wheel *wheel)
{
    int64_t now_ms = wall_ms(wheel);
    bool is_ahead = !is_believed(wheel, now_ms);

    if (is_ahead && !wheel->is_ahead)
        log_event(
            LOG_ERROR, "clock.ahead",
            "seconds=%lld hint=\"the clock of this machine is more than ten years ahead of the "
            "newest entry; set it right, until then deadlines wait\"",
            (long long)((now_ms - wheel->last_ms) / SECOND_MS));
    else if (!is_ahead && wheel->is_ahead)
        log_event(LOG_INFO, "clock.right_again", "seconds=%lld",
                  (long long)((now_ms - wheel->last_ms) / SECOND_MS));
    wheel->is_ahead = is_ahead;
}

void clock_watch(struct wheel *wheel)
{
    int64_t behind_ms = wheel->last_ms - wall_ms(wheel);

    watch_ahead(wheel);
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

/* ---- At the start. ---- */

/* `now` never goes back behind the newest entry, restart included. */
void clock_read_last(struct wheel *wheel)
{
    struct store_read_entry read;
    struct value entry;

    /* Of those that are damaged more is said elsewhere; the one before is the newest that is known.
     */
    for (uint64_t seq = store_last_seq(wheel->store); seq > 0; seq--) {
        if (store_read_one(wheel->store, wheel->turn, seq, &read) == 0 && !read.is_erased &&
            json_read(wheel->turn, read.body, &entry, NULL) == 0) {
            wheel->last_ms = wheel->seen_ms = value_int_at(&entry, "at", 0);
            return;
        }
        arena_reset(wheel->turn);
    }
}

/* A demo clock that was on its way when the process ended goes on from where the newest entry is.
 */
void clock_catch_up(struct wheel *wheel)
{
    int64_t now_ms = wall_ms(wheel);

    if (store_is_demo(wheel->store) && now_ms < wheel->last_ms)
        wheel->clock_offset_ms += wheel->last_ms - now_ms;
}
