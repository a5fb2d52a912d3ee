/* Times: durations as texts, ranges, arithmetic, parts of dates, and the functions about days.
 *
 * A timestamp lies in the years 0001 to 9999; a duration is at most 2^63 nanoseconds, about 292
 * years, as cel-spec's own cases want it: what leaves the range is an error. */
#include <errno.h>
#include <stdio.h>

#include "base/when.h"
#include "cel/run/convert.h"
#include "cel/run/functions.h"

enum { NANOS = 1000000000, DAY_S = 86400 };
#define TIMESTAMP_MIN_S (-62135596800) /* 0001-01-01T00:00:00Z */
#define TIMESTAMP_MAX_S 253402300799   /* 9999-12-31T23:59:59Z */

struct instant cel_convert_carry(int64_t seconds, int64_t nanos)
{
    seconds += nanos / NANOS;
    nanos %= NANOS;
    if (nanos < 0) {
        nanos += NANOS;
        seconds--;
    }
    return (struct instant){seconds, (int32_t)nanos};
}

bool cel_convert_is_timestamp(struct instant instant)
{
    return instant.seconds >= TIMESTAMP_MIN_S && instant.seconds <= TIMESTAMP_MAX_S;
}

bool cel_convert_is_duration(struct instant instant)
{
    __int128 nanos = (__int128)instant.seconds * NANOS + instant.nanos;

    return nanos <= INT64_MAX && nanos >= -(__int128)INT64_MAX;
}

static const struct {
    const char *name;
    int64_t nanos;
} UNITS[] = {
    /* A unit that begins with another stands before it. */
    {"h", 3600LL * NANOS}, {"ms", 1000000}, {"m", 60LL * NANOS}, {"s", NANOS},
    {"us", 1000},          {"ns", 1},       {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* One number with its unit at *offset_io: "1.5h". */
static bool read_part(struct text text, size_t *offset_io, __int128 *nanos_out)
{
    size_t offset = *offset_io, digits = 0;
    __int128 number = 0, scale = 1;
    bool is_fraction = false;

    for (; offset < text.size &&
           (is_digit(text.bytes[offset]) || (text.bytes[offset] == '.' && !is_fraction));
         offset++) {
        if (text.bytes[offset] == '.') {
            is_fraction = true;
            continue;
        }
        digits++;
        if (is_fraction && scale >= NANOS)
            continue; /* below a nanosecond of a second; cut off */
        number = number * 10 + (text.bytes[offset] - '0');
        scale *= is_fraction ? 10 : 1;
        if (number > (__int128)INT64_MAX * NANOS)
            return false;
    }
    struct text rest = {text.bytes + offset, text.size - offset};
    for (size_t i = 0; digits > 0 && i < sizeof(UNITS) / sizeof(*UNITS); i++) {
        if (text_begins(rest, UNITS[i].name)) {
            *offset_io = offset + text_from(UNITS[i].name).size;
            *nanos_out = number * UNITS[i].nanos / scale;
            return true;
        }
    }
    return false;
}

bool cel_convert_read_duration(struct text text, struct instant *duration_out)
{
    bool is_negative = text_begins(text, "-");
    size_t offset = is_negative || text_begins(text, "+") ? 1 : 0;
    __int128 nanos = 0, part;

    if (offset == text.size)
        return false;
    if (text.size == offset + 1 && text.bytes[offset] == '0')
        offset++;
    while (offset < text.size) {
        if (!read_part(text, &offset, &part))
            return false;
        nanos += part;
        if (nanos > INT64_MAX)
            return false;
    }
    int64_t total = (int64_t)(is_negative ? -nanos : nanos);
    *duration_out = cel_convert_carry(0, total);
    return true;
}

struct text cel_convert_write_duration(struct arena *arena, struct instant duration)
{
    bool is_negative = duration.seconds < 0;
    int64_t seconds = duration.seconds;
    int32_t nanos = duration.nanos;
    char fraction[16];
    int size;

    if (is_negative && nanos > 0) {
        seconds++;
        nanos = NANOS - nanos;
    }
    seconds = is_negative ? -seconds : seconds;
    size = nanos > 0 ? snprintf(fraction, sizeof(fraction), ".%09d", nanos) : 0;
    while (size > 0 && fraction[size - 1] == '0')
        size--;
    return text_printf(arena, "%s%lld%.*ss", is_negative ? "-" : "", (long long)seconds, size,
                       fraction);
}

bool cel_convert_read_offset(struct text text, int32_t *offset_s_out)
{
    bool is_negative = text_begins(text, "-");
    size_t sign = is_negative || text_begins(text, "+") ? 1 : 0;
    const char *digits = text.bytes + sign;

    if (text.size - sign != 5 || !is_digit(digits[0]) || !is_digit(digits[1]) || digits[2] != ':' ||
        !is_digit(digits[3]) || !is_digit(digits[4]))
        return false;
    int32_t hours = (digits[0] - '0') * 10 + digits[1] - '0';
    int32_t minutes = (digits[3] - '0') * 10 + digits[4] - '0';
    if (hours > 23 || minutes > 59)
        return false;
    *offset_s_out = (is_negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* A timestamp or a duration, of the kind that `is_timestamp` says. */
static int give(struct evaluation *evaluation, bool is_timestamp, struct instant instant,
                struct value *value_out)
{
    if (is_timestamp && !cel_convert_is_timestamp(instant))
        return cel_evaluation_fail(evaluation, "the timestamp is out of the range 0001 to 9999");
    if (!is_timestamp && !cel_convert_is_duration(instant))
        return cel_evaluation_fail(evaluation, "the duration is out of the range of 292 years");
    *value_out = is_timestamp ? value_timestamp(instant) : value_duration(instant);
    return 0;
}

CEL_RUN(cel_run_add_time)
{
    struct instant a = items[0].instant, b = items[1].instant;
    bool is_timestamp = items[0].kind == VALUE_TIMESTAMP || items[1].kind == VALUE_TIMESTAMP;

    (void)node;
    return give(evaluation, is_timestamp,
                cel_convert_carry(a.seconds + b.seconds, (int64_t)a.nanos + b.nanos), value_out);
}

CEL_RUN(cel_run_subtract_time)
{
    struct instant a = items[0].instant, b = items[1].instant;
    bool is_timestamp = items[0].kind == VALUE_TIMESTAMP && items[1].kind == VALUE_DURATION;

    (void)node;
    return give(evaluation, is_timestamp,
                cel_convert_carry(a.seconds - b.seconds, (int64_t)a.nanos - b.nanos), value_out);
}

CEL_RUN(cel_run_time_part)
{
    struct instant instant = items[0].instant;
    int32_t offset_s = node->zone ? zone_offset_s(node->zone, instant.seconds) : 0;
    struct civil civil = when_civil(instant, offset_s);
    const struct {
        const char *name;
        int64_t value;
    } PARTS[] = {
        {"getFullYear", civil.year},
        {"getMonth", civil.month - 1},
        {"getDayOfYear", civil.day_of_year},
        {"getDayOfMonth", civil.day - 1},
        {"getDate", civil.day},
        {"getDayOfWeek", civil.weekday},
        {"getHours", civil.hour},
        {"getMinutes", civil.minute},
        {"getSeconds", civil.second},
        {"getMilliseconds", civil.nanos / 1000000},
    };

    (void)evaluation;
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(*PARTS); i++) {
        if (text_is(node->name, PARTS[i].name))
            *value_out = value_int(PARTS[i].value);
    }
    return 0;
}

/* Totals, cut off towards zero; milliseconds are the part below a second, without a sign. */
CEL_RUN(cel_run_duration_part)
{
    struct instant duration = items[0].instant;
    int64_t nanos = (int64_t)((__int128)duration.seconds * NANOS + duration.nanos);
    int64_t part = nanos % NANOS / 1000000;
    const struct {
        const char *name;
        int64_t value;
    } PARTS[] = {
        {"getHours", nanos / NANOS / 3600},
        {"getMinutes", nanos / NANOS / 60},
        {"getSeconds", nanos / NANOS},
        {"getMilliseconds", part < 0 ? -part : part},
    };

    (void)evaluation;
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(*PARTS); i++) {
        if (text_is(node->name, PARTS[i].name))
            *value_out = value_int(PARTS[i].value);
    }
    return 0;
}

static int64_t day_of(struct instant instant)
{
    int64_t day = instant.seconds / DAY_S;

    return instant.seconds % DAY_S < 0 ? day - 1 : day;
}

/* Who was born on 29 February is a year older on 1 March of a common year: by month and day. */
CEL_RUN(cel_run_age)
{
    struct civil birth = when_civil(items[0].instant, 0), on = when_civil(items[1].instant, 0);

    (void)node;
    if (day_of(items[1].instant) < day_of(items[0].instant))
        return cel_evaluation_fail(evaluation,
                                   N_("age() has a second date that is before the first"));
    bool is_before_birthday =
        on.month < birth.month || (on.month == birth.month && on.day < birth.day);
    *value_out = value_int(on.year - birth.year - (is_before_birthday ? 1 : 0));
    return 0;
}

CEL_RUN(cel_run_days_between)
{
    (void)evaluation;
    (void)node;
    *value_out = value_int(day_of(items[1].instant) - day_of(items[0].instant));
    return 0;
}

enum { WORKDAYS_PER_STEP = 16 };

/* The dates alone, as days_between: the result is a date. */
CEL_RUN(cel_run_add_workdays)
{
    int64_t count = items[1].integer, day = day_of(items[0].instant), found;
    int64_t size = count < 0 ? -(count + 1) : count;

    if (cel_evaluation_charge(evaluation, (size_t)size / WORKDAYS_PER_STEP) < 0)
        return -EINVAL;
    if (!calendar_add(node->calendar, day, count, &found))
        return cel_evaluation_fail(evaluation, "the calendar has no day %lld working days away",
                                   (long long)count);
    *value_out = value_timestamp((struct instant){.seconds = found * DAY_S});
    return 0;
}

CEL_RUN(cel_run_workdays_between)
{
    int64_t from = day_of(items[0].instant), to = day_of(items[1].instant);
    int64_t size = from < to ? to - from : from - to;

    if (cel_evaluation_charge(evaluation, (size_t)size / WORKDAYS_PER_STEP) < 0)
        return -EINVAL;
    *value_out = value_int(calendar_between(node->calendar, from, to));
    return 0;
}
