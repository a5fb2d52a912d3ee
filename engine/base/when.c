/* Civil time: days and dates, RFC 3339, spans. Pure arithmetic; a year begins in March here, so
 * that the day which comes and goes stands at its end. */
#include "base/when.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

enum {
    DAY_S = 86400,
    ERA_YEARS = 400,
    ERA_DAYS = 146097,
    /* From 0000-03-01 to 1970-01-01. */
    EPOCH_DAYS = 719468,
    NANOS_PER_MS = 1000000
};

/* Beyond this a year no longer fits its type; milliseconds in 64 bits stay below it. */
static const int64_t SECONDS_MAX = 10000000000000000;

static int64_t floor_div(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

int64_t when_days(int32_t year, int32_t month, int32_t day)
{
    int64_t march_year = (int64_t)year - (month <= 2);
    int64_t era = floor_div(march_year, ERA_YEARS);
    int64_t year_of_era = march_year - era * ERA_YEARS;
    int64_t march_month = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool when_is_date(int32_t year, int32_t month, int32_t day)
{
    static const int32_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= lengths[month - 1] + (month == 2 && is_leap(year));
}

static void set_date(struct civil *civil, int64_t days)
{
    int64_t shifted = days + EPOCH_DAYS;
    int64_t era = floor_div(shifted, ERA_DAYS);
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t leap_days = day_of_era / 1460 - day_of_era / 36524 + day_of_era / 146096;
    int64_t year_of_era = (day_of_era - leap_days) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    civil->day = (int32_t)(day_of_year - (153 * march_month + 2) / 5 + 1);
    civil->month = (int32_t)(march_month < 10 ? march_month + 3 : march_month - 9);
    civil->year = (int32_t)(year_of_era + era * ERA_YEARS + (civil->month <= 2));
    civil->weekday = (int32_t)(days + 4 - 7 * floor_div(days + 4, 7));
    civil->day_of_year = (int32_t)(days - when_days(civil->year, 1, 1));
}

struct civil when_civil(struct instant instant, int32_t offset_s)
{
    CHECK(instant.seconds > -SECONDS_MAX);
    CHECK(instant.seconds < SECONDS_MAX);
    int64_t seconds = instant.seconds + offset_s;
    int64_t days = floor_div(seconds, DAY_S);
    int32_t second_of_day = (int32_t)(seconds - days * DAY_S);
    struct civil civil = {
        .hour = second_of_day / 3600,
        .minute = second_of_day / 60 % 60,
        .second = second_of_day % 60,
        .nanos = instant.nanos,
    };
    set_date(&civil, days);
    return civil;
}

/* A text that is read from its front. */
struct reader {
    struct text left;
    bool failed;
};

static bool take(struct reader *reader, char c)
{
    if (reader->left.size == 0 || reader->left.bytes[0] != c)
        return false;
    reader->left.bytes++;
    reader->left.size--;
    return true;
}

static void expect(struct reader *reader, char c)
{
    if (!take(reader, c))
        reader->failed = true;
}

/* Exactly `count` digits of a number that is at most `most`. */
static int32_t take_digits(struct reader *reader, size_t count, int32_t most)
{
    int32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        if (reader->left.size == 0 || reader->left.bytes[0] < '0' || reader->left.bytes[0] > '9') {
            reader->failed = true;
            return 0;
        }
        number = number * 10 + (reader->left.bytes[0] - '0');
        take(reader, reader->left.bytes[0]);
    }
    if (number > most)
        reader->failed = true;
    return number;
}

static int64_t take_date(struct reader *reader)
{
    int32_t year = take_digits(reader, 4, 9999);
    expect(reader, '-');
    int32_t month = take_digits(reader, 2, 12);
    expect(reader, '-');
    int32_t day = take_digits(reader, 2, 31);
    if (reader->failed || year < 1 || !when_is_date(year, month, day)) {
        reader->failed = true;
        return 0;
    }
    return when_days(year, month, day);
}

/* Up to nine decimals behind a point, as nanoseconds. */
static int32_t take_decimals(struct reader *reader)
{
    if (!take(reader, '.'))
        return 0;
    int32_t nanos = 0, scale = 100000000;
    size_t count = 0;
    while (reader->left.size > 0 && reader->left.bytes[0] >= '0' && reader->left.bytes[0] <= '9') {
        nanos += (reader->left.bytes[0] - '0') * scale;
        scale /= 10;
        take(reader, reader->left.bytes[0]);
        count++;
    }
    if (count == 0 || count > 9)
        reader->failed = true;
    return nanos;
}

static int32_t take_offset(struct reader *reader)
{
    if (take(reader, 'Z'))
        return 0;
    int32_t sign = 1;
    if (take(reader, '-'))
        sign = -1;
    else
        expect(reader, '+');
    int32_t hours = take_digits(reader, 2, 23);
    expect(reader, ':');
    return sign * (hours * 3600 + take_digits(reader, 2, 59) * 60);
}

bool when_read_date(struct text text, struct instant *instant_out)
{
    struct reader reader = {.left = text};
    int64_t days = take_date(&reader);
    if (reader.failed || reader.left.size > 0)
        return false;
    *instant_out = (struct instant){.seconds = days * DAY_S};
    return true;
}

bool when_read_timestamp(struct text text, struct instant *instant_out)
{
    struct reader reader = {.left = text};
    int64_t seconds = take_date(&reader) * DAY_S;
    expect(&reader, 'T');
    seconds += take_digits(&reader, 2, 23) * 3600;
    expect(&reader, ':');
    seconds += take_digits(&reader, 2, 59) * 60;
    expect(&reader, ':');
    seconds += take_digits(&reader, 2, 59);
    int32_t nanos = take_decimals(&reader);
    seconds -= take_offset(&reader);
    if (reader.failed || reader.left.size > 0)
        return false;
    /* The offset may have led out of the years that can be written. */
    if (seconds < when_days(1, 1, 1) * DAY_S || seconds >= when_days(10000, 1, 1) * DAY_S)
        return false;
    *instant_out = (struct instant){seconds, nanos};
    return true;
}

static const struct unit {
    const char *name;
    int64_t milliseconds;
} units[] = {
    {"w", 7LL * DAY_S * 1000}, {"d", DAY_S * 1000LL}, {"h", 3600000}, {"min", 60000}, {"s", 1000},
};
enum { UNIT_COUNT = sizeof units / sizeof units[0] };

/* A number, then letters; the milliseconds it makes, or -1. Each unit stands at most once. */
static int64_t take_span(struct reader *reader, unsigned *seen)
{
    size_t digits = 0, letters = 0;
    while (digits < reader->left.size && reader->left.bytes[digits] >= '0' &&
           reader->left.bytes[digits] <= '9')
        digits++;
    while (digits + letters < reader->left.size && reader->left.bytes[digits + letters] >= 'a' &&
           reader->left.bytes[digits + letters] <= 'z')
        letters++;
    int64_t number;
    if (!text_to_int((struct text){reader->left.bytes, digits}, &number))
        return -1;
    struct text name = {reader->left.bytes + digits, letters};
    for (unsigned i = 0; i < UNIT_COUNT; i++) {
        if (!text_is(name, units[i].name))
            continue;
        if (*seen & 1U << i || __builtin_mul_overflow(number, units[i].milliseconds, &number))
            return -1;
        *seen |= 1U << i;
        reader->left.bytes += digits + letters;
        reader->left.size -= digits + letters;
        return number;
    }
    return -1;
}

bool when_read_span(struct text text, int64_t *milliseconds_out)
{
    struct reader reader = {.left = text};
    unsigned seen = 0;
    int64_t sum = 0;
    do {
        int64_t part = take_span(&reader, &seen);
        if (part < 0 || __builtin_add_overflow(sum, part, &sum))
            return false;
        if (take(&reader, ' ') && reader.left.size == 0)
            return false;
    } while (reader.left.size > 0);
    *milliseconds_out = sum;
    return true;
}

struct text when_write_date(struct arena *arena, struct instant instant)
{
    struct civil civil = when_civil(instant, 0);
    return text_printf(arena, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
}

struct text when_write_timestamp(struct arena *arena, struct instant instant)
{
    struct civil civil = when_civil(instant, 0);
    char decimals[16] = "";
    if (civil.nanos % NANOS_PER_MS == 0)
        snprintf(decimals, sizeof decimals, ".%03d", civil.nanos / NANOS_PER_MS);
    else if (civil.nanos % 1000 == 0)
        snprintf(decimals, sizeof decimals, ".%06d", civil.nanos / 1000);
    else
        snprintf(decimals, sizeof decimals, ".%09d", civil.nanos);
    return text_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", civil.year, civil.month,
                       civil.day, civil.hour, civil.minute, civil.second,
                       civil.nanos == 0 ? "" : decimals);
}

struct text when_write_span(struct arena *arena, int64_t milliseconds)
{
    const char *sign = milliseconds < 0 ? "-" : "";
    uint64_t left = milliseconds < 0 ? -(uint64_t)milliseconds : (uint64_t)milliseconds;
    /* Days are the largest: whoever waits counts in them. */
    for (size_t i = 1; i < UNIT_COUNT; i++) {
        uint64_t unit = (uint64_t)units[i].milliseconds;
        if (left < unit)
            continue;
        struct text first =
            text_printf(arena, "%s%llu%s", sign, (unsigned long long)(left / unit), units[i].name);
        uint64_t second =
            i + 1 < UNIT_COUNT ? left % unit / (uint64_t)units[i + 1].milliseconds : 0;
        if (second == 0)
            return first;
        return text_printf(arena, "%.*s %llu%s", TEXT_ARG(first), (unsigned long long)second,
                           units[i + 1].name);
    }
    return text_copy(arena, TEXT("0s"));
}

struct instant when_from_ms(int64_t milliseconds)
{
    int32_t rest = (int32_t)(milliseconds % 1000);
    return (struct instant){floor_div(milliseconds, 1000),
                            (rest < 0 ? rest + 1000 : rest) * NANOS_PER_MS};
}

int64_t when_to_ms(struct instant instant)
{
    CHECK(instant.seconds > -SECONDS_MAX / 2);
    CHECK(instant.seconds < SECONDS_MAX / 2);
    return instant.seconds * 1000 + instant.nanos / NANOS_PER_MS;
}
