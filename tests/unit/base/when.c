/* Civil time, held against the C library's, and the texts of moments and spans. */
#include "fixture.h"

#include <time.h>

#include "base/when.h"

static void days_and_dates_agree_with_the_c_library(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 50000; i++) {
        /* From about 0000 to about 10000. */
        int64_t seconds = (int64_t)next_number(&seed, 315569520000) - 62167219200;
        time_t time = (time_t)seconds;
        struct tm tm;
        gmtime_r(&time, &tm);
        struct civil civil = when_civil((struct instant){seconds, 7}, 0);
        assert_int_equal(civil.year, tm.tm_year + 1900);
        assert_int_equal(civil.month, tm.tm_mon + 1);
        assert_int_equal(civil.day, tm.tm_mday);
        assert_int_equal(civil.hour, tm.tm_hour);
        assert_int_equal(civil.minute, tm.tm_min);
        assert_int_equal(civil.second, tm.tm_sec);
        assert_int_equal(civil.nanos, 7);
        assert_int_equal(civil.weekday, tm.tm_wday);
        assert_int_equal(civil.day_of_year, tm.tm_yday);
        int64_t days = when_days(civil.year, civil.month, civil.day);
        assert_int_equal(days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec, seconds);
    }
}

static void an_offset_moves_the_date(void **state)
{
    (void)state;
    struct instant instant;
    assert_true(when_read_timestamp(TEXT("2026-12-31T23:30:00Z"), &instant));
    struct civil civil = when_civil(instant, 3600);
    assert_int_equal(civil.year, 2027);
    assert_int_equal(civil.hour, 0);
    assert_int_equal(civil.day_of_year, 0);
}

static void dates_exist_or_do_not(void **state)
{
    (void)state;
    assert_true(when_is_date(2024, 2, 29));
    assert_true(when_is_date(2000, 2, 29));
    assert_false(when_is_date(1900, 2, 29));
    assert_false(when_is_date(2026, 2, 29));
    assert_false(when_is_date(2026, 4, 31));
    assert_false(when_is_date(2026, 13, 1));
    assert_false(when_is_date(2026, 0, 1));
    assert_false(when_is_date(2026, 1, 0));
    struct instant instant;
    assert_true(when_read_date(TEXT("1970-01-02"), &instant));
    assert_int_equal(instant.seconds, 86400);
    assert_true(when_read_date(TEXT("0001-01-01"), &instant));
    assert_text(when_write_date(arena, instant), "0001-01-01");
    const char *bad[] = {"",         "0000-01-01", "2026-2-01",  "2026-02-29",  "2026-01-01T",
                         "26-01-01", "2026/01/01", "-026-01-01", " 2026-01-01", "10000-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(when_read_date(text_from(bad[i]), &instant));
}

static void timestamps_are_read_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"2026-01-01T08:00:00Z", "2026-01-01T08:00:00Z"},
        {"2026-01-01T08:00:00.5Z", "2026-01-01T08:00:00.500Z"},
        {"2026-01-01T08:00:00.000001Z", "2026-01-01T08:00:00.000001Z"},
        {"2026-01-01T08:00:00.123456789Z", "2026-01-01T08:00:00.123456789Z"},
        {"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"},
        {"2026-01-01T00:30:00-23:59", "2026-01-02T00:29:00Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
    };
    struct instant instant;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(when_read_timestamp(text_from(cases[i].text), &instant));
        assert_text(when_write_timestamp(arena, instant), cases[i].written);
    }
    const char *bad[] = {
        "",
        "2026-01-01",
        "2026-01-01T08:00:00",
        "2026-01-01t08:00:00Z",
        "2026-01-01T08:00:00z",
        "2026-01-01 08:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T08:60:00Z",
        "2026-01-01T08:00:60Z",
        "2026-01-01T08:00:00.Z",
        "2026-01-01T08:00:00.1234567890Z",
        "2026-01-01T08:00:00+0100",
        "2026-01-01T08:00:00+24:00",
        "2026-01-01T08:00:00Z ",
        "2026-02-30T08:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0000-12-31T23:59:59-01:00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (when_read_timestamp(text_from(bad[i]), &instant))
            fail_msg("accepted %s", bad[i]);
}

static void spans_are_sums_of_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t milliseconds;
    } cases[] = {
        {"90s", 90000},
        {"30min", 1800000},
        {"48h", 172800000},
        {"10d", 864000000},
        {"2w", 1209600000},
        {"1d 12h", 129600000},
        {"0s", 0},
        {"2h30min", 9000000},
        {"30min 2h", 9000000},
        {"1w 1d 1h 1min 1s", 694861000},
    };
    int64_t milliseconds;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(when_read_span(text_from(cases[i].text), &milliseconds));
        assert_int_equal(milliseconds, cases[i].milliseconds);
    }
    const char *bad[] = {"",
                         "5",
                         "s",
                         "5wd",
                         "5m",
                         "-5d",
                         "1.5h",
                         "5 d",
                         "5d ",
                         " 5d",
                         "5D",
                         "1h 1h",
                         "1h  2d",
                         "1ms",
                         "5d,2h",
                         "99999999999999999999s",
                         "106751991168d",
                         "9223372036854775s 1d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (when_read_span(text_from(bad[i]), &milliseconds))
            fail_msg("accepted %s", bad[i]);
}

static void spans_for_people_have_two_units_at_most(void **state)
{
    (void)state;
    static const struct {
        int64_t milliseconds;
        const char *text;
    } cases[] = {
        {31LL * 86400000, "31d"},
        {9000000, "2h 30min"},
        {45000, "45s"},
        {0, "0s"},
        {999, "0s"},
        {90061000, "1d 1h"},
        {86460000, "1d"},
        {-9000000, "-2h 30min"},
        {61000, "1min 1s"},
        {INT64_MIN, "-106751991167d 7h"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(when_write_span(arena, cases[i].milliseconds), cases[i].text);
}

static void milliseconds_round_down(void **state)
{
    (void)state;
    struct instant instant = when_from_ms(-1);
    assert_int_equal(instant.seconds, -1);
    assert_int_equal(instant.nanos, 999000000);
    assert_int_equal(when_to_ms(instant), -1);
    assert_int_equal(when_to_ms((struct instant){-1, 999999999}), -1);
    assert_int_equal(when_to_ms((struct instant){1, 1999999}), 1001);
    assert_int_equal(when_from_ms(INT64_MAX).seconds, INT64_MAX / 1000);
    assert_int_equal(when_from_ms(INT64_MIN).seconds, INT64_MIN / 1000 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(days_and_dates_agree_with_the_c_library),
        WITH_ARENA(an_offset_moves_the_date),
        WITH_ARENA(dates_exist_or_do_not),
        WITH_ARENA(timestamps_are_read_to_the_letter),
        WITH_ARENA(spans_are_sums_of_units),
        WITH_ARENA(spans_for_people_have_two_units_at_most),
        WITH_ARENA(milliseconds_round_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
