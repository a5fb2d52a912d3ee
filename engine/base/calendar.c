/* Working days, counted one by one: a deadline is days away, and holidays keep no rule. */
#include "base/calendar.h"

enum { DAY_S = 86400, DAYS_OF_WEEK = 7, SEARCH_DAYS_MAX = 3700 };

/* 0001-01-01 and 9999-12-31. */
static const int64_t day_first = -719162, day_last = 2932896;

static bool is_holiday(const struct calendar *calendar, int64_t day)
{
    size_t low = 0, high = calendar->holiday_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->holidays[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < calendar->holiday_count && calendar->holidays[low] == day;
}

bool calendar_is_workday(const struct calendar *calendar, int64_t day)
{
    /* 1970-01-01 was a Thursday. */
    int64_t weekday = ((day + 4) % DAYS_OF_WEEK + DAYS_OF_WEEK) % DAYS_OF_WEEK;
    if (calendar->weekend & 1U << weekday || is_holiday(calendar, day))
        return false;
    struct civil civil = when_civil((struct instant){.seconds = day * DAY_S}, 0);
    return !calendar->yearly[civil.month - 1][civil.day - 1];
}

static bool is_within(int64_t day)
{
    return day >= day_first && day <= day_last;
}

/* The first working day in that direction, `day` itself not asked. */
static bool next(const struct calendar *calendar, int64_t day, int64_t step, int64_t *day_out)
{
    for (int i = 0; i < SEARCH_DAYS_MAX && is_within(day + step); i++) {
        day += step;
        if (!calendar_is_workday(calendar, day))
            continue;
        *day_out = day;
        return true;
    }
    return false;
}

bool calendar_add(const struct calendar *calendar, int64_t day, int64_t count, int64_t *day_out)
{
    int64_t step = count < 0 ? -1 : 1;
    if (!is_within(day) || count > CALENDAR_WORKDAYS_MAX || count < -CALENDAR_WORKDAYS_MAX)
        return false;
    for (int64_t left = count; left != 0; left -= step)
        if (!next(calendar, day, step, &day))
            return false;
    *day_out = day;
    return true;
}

int64_t calendar_between(const struct calendar *calendar, int64_t from, int64_t to)
{
    int64_t count = 0;
    if (to < from)
        return -calendar_between(calendar, to, from);
    for (int64_t day = from + 1; day <= to; day++)
        count += calendar_is_workday(calendar, day);
    return count;
}

/* ---- Moments of the local clock. ---- */

struct local {
    int64_t day;
    int64_t time_ms; /* of the day */
};

static struct local local_of(const struct calendar *calendar, int64_t ms)
{
    struct instant instant = when_from_ms(ms);
    int64_t day_ms = (int64_t)DAY_S * 1000;
    int64_t local_ms = ms + (int64_t)zone_offset_s(calendar->zone, instant.seconds) * 1000;
    int64_t day = local_ms / day_ms - (local_ms % day_ms < 0);
    return (struct local){day, local_ms - day * day_ms};
}

/* A local time that the clock shows twice is its first; one that it skips is as much later. */
static int64_t moment_of(const struct calendar *calendar, struct local local)
{
    int64_t local_s = local.day * DAY_S + local.time_ms / 1000;
    int64_t before_s = zone_offset_s(calendar->zone, local_s - DAY_S);
    int64_t after_s = zone_offset_s(calendar->zone, local_s + DAY_S);
    int64_t offset_s = before_s;
    if (before_s != after_s && zone_offset_s(calendar->zone, local_s - before_s) != before_s &&
        zone_offset_s(calendar->zone, local_s - after_s) == after_s)
        offset_s = after_s;
    return (local_s - offset_s) * 1000 + local.time_ms % 1000;
}

/* Into working time: forwards to the next opening, or back to the closing before. */
static bool settle(const struct calendar *calendar, bool is_back, struct local *local)
{
    int64_t opens_ms = (int64_t)calendar->opens_s * 1000;
    int64_t closes_ms = (int64_t)calendar->closes_s * 1000;
    bool is_workday = calendar_is_workday(calendar, local->day);
    if (is_workday && local->time_ms >= opens_ms && local->time_ms <= closes_ms) {
        /* Closing time is the end of a day to look back from, and no time to begin at. */
        if (is_back || local->time_ms < closes_ms)
            return true;
    }
    bool is_same_day =
        is_workday && (is_back ? local->time_ms > closes_ms : local->time_ms < opens_ms);
    if (!is_same_day && !next(calendar, local->day, is_back ? -1 : 1, &local->day))
        return false;
    local->time_ms = is_back ? closes_ms : opens_ms;
    return true;
}

bool calendar_due(const struct calendar *calendar, int64_t from_ms, int64_t count,
                  int64_t *due_ms_out)
{
    struct local local = local_of(calendar, from_ms);
    if (!is_within(local.day) || !settle(calendar, count < 0, &local) ||
        !calendar_add(calendar, local.day, count, &local.day))
        return false;
    *due_ms_out = moment_of(calendar, local);
    return true;
}
