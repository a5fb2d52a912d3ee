/* Working days: which days a workflow's calendar counts, and at what hours they begin and end.
 *
 * A day is told by its number since 1970-01-01. A working day runs from `opens_s` to `closes_s` of
 * the local clock; what happens between two working days happens at the opening of the second. Pure
 * arithmetic; every function ends after a bounded number of days, whatever the calendar says. */
#ifndef SANKOFA_BASE_CALENDAR_H
#define SANKOFA_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"

enum { CALENDAR_WORKDAYS_MAX = 100000 };

struct calendar {
    const struct zone *zone; /* NULL: UTC */
    uint8_t weekend;         /* a bit for each weekday, bit 0 is Sunday */
    const int64_t *holidays; /* days, ascending */
    size_t holiday_count;
    bool yearly[12][31];       /* holidays of every year, by month and day */
    int32_t opens_s, closes_s; /* of the local day: 0 and 86400 where no hours are said */
};

bool calendar_is_workday(const struct calendar *calendar, int64_t day);
/* The day that is `count` working days after `day` (before it, where `count` is negative): of 1,
 * the next working day. 0 gives `day` itself. False: beyond the years 0001 to 9999, or over
 * CALENDAR_WORKDAYS_MAX, or the calendar has no such day. */
bool calendar_add(const struct calendar *calendar, int64_t day, int64_t count, int64_t *day_out);
/* Working days after `from`, up to and with `to`; where `to` is the earlier, the negative of the
 * same the other way round. */
int64_t calendar_between(const struct calendar *calendar, int64_t from, int64_t to);
/* The moment that is `count` working days after `from_ms`, at the same time of the local day; a
 * `from_ms` outside working time counts as the next opening. A negative count goes back, from the
 * closing before. Milliseconds since 1970 UTC. False as calendar_add. */
bool calendar_due(const struct calendar *calendar, int64_t from_ms, int64_t count,
                  int64_t *due_ms_out);

#endif
