/* Civil time: pure arithmetic on the proleptic Gregorian calendar, UTC unless a zone is given. */
#ifndef SANKOFA_BASE_WHEN_H
#define SANKOFA_BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"

struct arena;

struct civil {
    int32_t year;
    int32_t month, day;           /* 1-12, 1-31 */
    int32_t hour, minute, second; /* 0-23, 0-59, 0-59 */
    int32_t nanos;
    int32_t weekday;     /* 0 is Sunday */
    int32_t day_of_year; /* 0-based */
};

/* Days since 1970-01-01. */
int64_t when_days(int32_t year, int32_t month, int32_t day);
bool when_is_date(int32_t year, int32_t month, int32_t day);
struct civil when_civil(struct instant instant, int32_t offset_s);

/* YYYY-MM-DD of years 0001 to 9999; the instant is at 00:00 UTC. */
bool when_read_date(struct text text, struct instant *instant_out);
/* RFC 3339 of years 0001 to 9999, up to nine decimals, any offset; no leap second. */
bool when_read_timestamp(struct text text, struct instant *instant_out);
/* The durations of workflow files: one or more of 90s 30min 48h 10d 2w, largest first or not.
 * `5wd` is not read here: it needs a calendar. False on anything else, on overflow or no unit. */
bool when_read_span(struct text text, int64_t *milliseconds_out);

struct text when_write_date(struct arena *arena, struct instant instant);
/* RFC 3339 with Z, decimals only if there are any (3, 6 or 9 of them). */
struct text when_write_timestamp(struct arena *arena, struct instant instant);
/* A span for people: "31d", "2h 30min", "45s"; the two largest units. */
struct text when_write_span(struct arena *arena, int64_t milliseconds);

struct instant when_from_ms(int64_t milliseconds);
/* Rounded down to the millisecond. */
int64_t when_to_ms(struct instant instant);

/* Time zones. A zone is parsed from the bytes of a TZif file (RFC 8536), so that pure code never
 * touches the disk; NULL is UTC. */
struct zone;

/* Lives in `arena`. NULL if the bytes are no TZif file. */
struct zone *zone_parse(struct arena *arena, const void *bytes, size_t size);
/* A zone of one fixed offset. */
struct zone *zone_fixed(struct arena *arena, int32_t offset_s);
/* Seconds east of UTC that hold at that moment. */
int32_t zone_offset_s(const struct zone *zone, int64_t unix_s);

/* Finds zones by IANA name for pure code: `load` returns NULL for an unknown name. Zones live as
 * long as the source. Implemented in system/ from the system's zone data. */
struct zone_source {
    void *self;
    const struct zone *(*load)(void *self, struct text name);
};

#endif
