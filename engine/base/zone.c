/* Time zones from TZif files (RFC 8536): a table of moments at which the offset changed, and a rule
 * in the words of POSIX for all times behind the table.
 *
 * The bytes come from the system's zone data, yet nothing in them is believed: every count is held
 * against the size, every index against its table. */
#include <string.h>

#include "base/arena.h"
#include "base/when.h"

enum { HEADER_BYTES = 44, TYPE_BYTES = 6, TYPES_MAX = 256, HOUR_S = 3600, DAY_S = 86400 };

/* The day of a year at which summer time begins or ends. */
enum day_kind { DAY_OF_WEEK, DAY_JULIAN, DAY_ZERO_BASED };

struct change {
    enum day_kind kind;
    int32_t month, week, day;
    int32_t time_s; /* of the local clock; may be negative or beyond the day */
};

struct rule {
    int32_t standard_s, summer_s;
    bool has_summer;
    struct change begin, end;
};

struct zone {
    int64_t *times;
    uint8_t *types;
    size_t time_count;
    int32_t offsets[TYPES_MAX];
    bool has_rule;
    struct rule rule;
};

struct bytes {
    const unsigned char *at;
    size_t left;
};

struct counts {
    size_t isut, isstd, leap, time, type, chars;
};

static uint32_t read_u32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t read_i64(const unsigned char *at)
{
    return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static const unsigned char *take(struct bytes *bytes, size_t size)
{
    if (size > bytes->left)
        return NULL;
    const unsigned char *taken = bytes->at;
    bytes->at += size;
    bytes->left -= size;
    return taken;
}

static bool take_header(struct bytes *bytes, unsigned char *version_out, struct counts *counts_out)
{
    const unsigned char *header = take(bytes, HEADER_BYTES);
    if (header == NULL || memcmp(header, "TZif", 4) != 0)
        return false;
    *version_out = header[4];
    *counts_out =
        (struct counts){read_u32(header + 20), read_u32(header + 24), read_u32(header + 28),
                        read_u32(header + 32), read_u32(header + 36), read_u32(header + 40)};
    return true;
}

static size_t block_bytes(const struct counts *counts, size_t time_bytes)
{
    return counts->time * (time_bytes + 1) + counts->type * TYPE_BYTES + counts->chars +
           counts->leap * (time_bytes + 4) + counts->isstd + counts->isut;
}

/* Reads the tables; leap seconds and the names of offsets are passed over. */
static bool take_block(struct bytes *bytes, const struct counts *counts, size_t time_bytes,
                       struct arena *arena, struct zone *zone)
{
    const unsigned char *block = take(bytes, block_bytes(counts, time_bytes));
    if (block == NULL || counts->type == 0 || counts->type > TYPES_MAX)
        return false;
    zone->time_count = counts->time;
    zone->times = ARENA_ARRAY(arena, int64_t, counts->time);
    zone->types = arena_copy(arena, block + counts->time * time_bytes, counts->time);
    for (size_t i = 0; i < counts->time; i++) {
        const unsigned char *at = block + i * time_bytes;
        zone->times[i] = time_bytes == 8 ? read_i64(at) : (int32_t)read_u32(at);
        if (zone->types[i] >= counts->type || (i > 0 && zone->times[i] <= zone->times[i - 1]))
            return false;
    }
    const unsigned char *types = block + counts->time * (time_bytes + 1);
    for (size_t i = 0; i < counts->type; i++) {
        zone->offsets[i] = (int32_t)read_u32(types + i * TYPE_BYTES);
        if (zone->offsets[i] < -2 * DAY_S || zone->offsets[i] > 2 * DAY_S)
            return false;
    }
    return true;
}

static bool take_char(struct bytes *bytes, char c)
{
    if (bytes->left == 0 || bytes->at[0] != (unsigned char)c)
        return false;
    take(bytes, 1);
    return true;
}

static bool take_number(struct bytes *bytes, int32_t most, int32_t *number_out)
{
    int32_t number = 0;
    size_t digits = 0;
    while (bytes->left > 0 && bytes->at[0] >= '0' && bytes->at[0] <= '9') {
        number = number * 10 + (*take(bytes, 1) - '0');
        digits++;
        if (number > most)
            return false;
    }
    *number_out = number;
    return digits > 0;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct bytes *bytes, int32_t hours_most, int32_t *seconds_out)
{
    int32_t sign = take_char(bytes, '-') ? -1 : 1;
    if (sign == 1)
        take_char(bytes, '+');
    int32_t hours, minutes = 0, seconds = 0;
    if (!take_number(bytes, hours_most, &hours))
        return false;
    if (take_char(bytes, ':') && !take_number(bytes, 59, &minutes))
        return false;
    if (take_char(bytes, ':') && !take_number(bytes, 59, &seconds))
        return false;
    *seconds_out = sign * (hours * HOUR_S + minutes * 60 + seconds);
    return true;
}

/* A name of letters, or of anything within angle brackets. */
static bool take_name(struct bytes *bytes)
{
    size_t size = 0;
    if (take_char(bytes, '<')) {
        while (bytes->left > 0 && bytes->at[0] != '>')
            size += take(bytes, 1) != NULL;
        return take_char(bytes, '>') && size > 0;
    }
    while (bytes->left > 0 && ((bytes->at[0] | 0x20) >= 'a' && (bytes->at[0] | 0x20) <= 'z'))
        size += take(bytes, 1) != NULL;
    return size > 0;
}

static bool take_day(struct bytes *bytes, struct change *change)
{
    if (take_char(bytes, 'M')) {
        change->kind = DAY_OF_WEEK;
        return take_number(bytes, 12, &change->month) && change->month >= 1 &&
               take_char(bytes, '.') && take_number(bytes, 5, &change->week) && change->week >= 1 &&
               take_char(bytes, '.') && take_number(bytes, 6, &change->day);
    }
    if (take_char(bytes, 'J')) {
        change->kind = DAY_JULIAN;
        return take_number(bytes, 365, &change->day) && change->day >= 1;
    }
    change->kind = DAY_ZERO_BASED;
    return take_number(bytes, 365, &change->day);
}

static bool take_change(struct bytes *bytes, struct change *change)
{
    change->time_s = 2 * HOUR_S;
    return take_char(bytes, ',') && take_day(bytes, change) &&
           (!take_char(bytes, '/') || take_time(bytes, 167, &change->time_s));
}

/* The footer's words: EST5EDT,M3.2.0,M11.1.0. POSIX counts offsets west of UTC. */
static bool take_rule(struct bytes *bytes, struct rule *rule)
{
    int32_t west_s;
    if (!take_name(bytes) || !take_time(bytes, 24, &west_s))
        return false;
    rule->standard_s = -west_s;
    if (bytes->left == 0)
        return true;
    rule->has_summer = true;
    rule->summer_s = rule->standard_s + HOUR_S;
    if (!take_name(bytes))
        return false;
    if (bytes->left > 0 && bytes->at[0] != ',') {
        if (!take_time(bytes, 24, &west_s))
            return false;
        rule->summer_s = -west_s;
    }
    return take_change(bytes, &rule->begin) && take_change(bytes, &rule->end) && bytes->left == 0;
}

static bool take_footer(struct bytes *bytes, struct zone *zone)
{
    if (!take_char(bytes, '\n'))
        return false;
    const unsigned char *end = memchr(bytes->at, '\n', bytes->left);
    if (end == NULL)
        return false;
    struct bytes words = {bytes->at, (size_t)(end - bytes->at)};
    zone->has_rule = words.left > 0;
    return !zone->has_rule || take_rule(&words, &zone->rule);
}

struct zone *zone_parse(struct arena *arena, const void *bytes, size_t size)
{
    struct bytes left = {bytes, size};
    struct zone *zone = ARENA_NEW(arena, struct zone);
    unsigned char version;
    struct counts counts;
    if (!take_header(&left, &version, &counts))
        return NULL;
    if (version < '2')
        return take_block(&left, &counts, 4, arena, zone) ? zone : NULL;
    if (take(&left, block_bytes(&counts, 4)) == NULL || !take_header(&left, &version, &counts))
        return NULL;
    if (!take_block(&left, &counts, 8, arena, zone) || !take_footer(&left, zone))
        return NULL;
    return zone;
}

struct zone *zone_fixed(struct arena *arena, int32_t offset_s)
{
    struct zone *zone = ARENA_NEW(arena, struct zone);
    zone->offsets[0] = offset_s;
    return zone;
}

/* Seconds since 1970 at which the change's local clock shows its time, were it UTC. */
static int64_t change_s(const struct change *change, int32_t year)
{
    int64_t days = when_days(year, 1, 1);
    if (change->kind == DAY_OF_WEEK) {
        days = when_days(year, change->month, 1);
        int64_t weekday = when_civil((struct instant){days * DAY_S, 0}, 0).weekday;
        days += (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
        int32_t next_month = change->month % 12 + 1;
        /* The fifth is the last one, which may be the fourth. */
        if (days >= when_days(year + (next_month == 1), next_month, 1))
            days -= 7;
    } else if (change->kind == DAY_JULIAN) {
        /* 29 February is never counted. */
        days += change->day - 1 + (change->day >= 60 && when_is_date(year, 2, 29));
    } else {
        days += change->day;
    }
    return days * DAY_S + change->time_s;
}

static int32_t rule_offset_s(const struct rule *rule, int64_t unix_s)
{
    if (!rule->has_summer)
        return rule->standard_s;
    int32_t year = when_civil((struct instant){unix_s, 0}, rule->standard_s).year;
    int64_t begin = change_s(&rule->begin, year) - rule->standard_s;
    int64_t end = change_s(&rule->end, year) - rule->summer_s;
    bool summer =
        begin < end ? unix_s >= begin && unix_s < end : !(unix_s >= end && unix_s < begin);
    return summer ? rule->summer_s : rule->standard_s;
}

int32_t zone_offset_s(const struct zone *zone, int64_t unix_s)
{
    if (zone == NULL)
        return 0;
    size_t low = 0, high = zone->time_count; /* of the first change that is later */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->times[middle] <= unix_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (zone->has_rule && low == zone->time_count)
        return rule_offset_s(&zone->rule, unix_s);
    return zone->offsets[low == 0 ? 0 : zone->types[low - 1]];
}
