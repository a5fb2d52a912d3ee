/* Working days: weekends, holidays, opening hours, clocks that are put forward and back. */
#include "fixture.h"

#include "base/calendar.h"
#include "base/when.h"
#include "tzif.h"

enum { SUNDAY = 1 << 0, FRIDAY = 1 << 5, SATURDAY = 1 << 6 };

static struct calendar calendar_of(uint8_t weekend)
{
    return (struct calendar){.weekend = weekend, .closes_s = 86400};
}

static struct calendar office(void)
{
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY);
    calendar.opens_s = 8 * 3600;
    calendar.closes_s = 17 * 3600;
    return calendar;
}

static int64_t day(const char *date)
{
    struct instant instant;
    assert_true(when_read_date(text_from(date), &instant));
    return instant.seconds / 86400;
}

static int64_t moment(const char *timestamp)
{
    struct instant instant;
    assert_true(when_read_timestamp(text_from(timestamp), &instant));
    return when_to_ms(instant);
}

#define assert_added(calendar, from, count, wanted)                                                \
    assert_added_at((calendar), (from), (count), (wanted), __LINE__)
static void assert_added_at(const struct calendar *calendar, const char *from, int64_t count,
                            const char *wanted, int line)
{
    int64_t found;
    assert_true(calendar_add(calendar, day(from), count, &found));
    struct text text = when_write_date(arena, (struct instant){.seconds = found * 86400});
    if (!text_is(text, wanted))
        fail_msg("line %d: wanted %s, got %s", line, wanted, text.bytes);
}

#define assert_due(calendar, from, count, wanted)                                                  \
    assert_due_at((calendar), (from), (count), (wanted), __LINE__)
static void assert_due_at(const struct calendar *calendar, const char *from, int64_t count,
                          const char *wanted, int line)
{
    int64_t found;
    assert_true(calendar_due(calendar, moment(from), count, &found));
    struct text text = when_write_timestamp(arena, when_from_ms(found));
    if (!text_is(text, wanted))
        fail_msg("line %d: wanted %s, got %s", line, wanted, text.bytes);
}

/* 2026-01-02 is a Friday. */
static void a_weekend_is_passed_over(void **state)
{
    (void)state;
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY);
    assert_true(calendar_is_workday(&calendar, day("2026-01-02")));
    assert_false(calendar_is_workday(&calendar, day("2026-01-03")));
    assert_false(calendar_is_workday(&calendar, day("2026-01-04")));
    assert_false(calendar_is_workday(&calendar, day("1969-12-28"))); /* before 1970, a Sunday */
    assert_added(&calendar, "2026-01-02", 1, "2026-01-05");
    assert_added(&calendar, "2026-01-02", 5, "2026-01-09");
    assert_added(&calendar, "2026-01-03", 1, "2026-01-05");
    assert_added(&calendar, "2026-01-05", -1, "2026-01-02");
    assert_added(&calendar, "2026-01-03", 0, "2026-01-03");
}

static void a_weekend_may_be_any_days_or_none(void **state)
{
    (void)state;
    struct calendar calendar = calendar_of(FRIDAY | SATURDAY), none = calendar_of(0);
    assert_added(&calendar, "2026-01-01", 1, "2026-01-04");
    assert_added(&none, "2026-01-01", 365, "2027-01-01");
}

static void holidays_of_one_year_and_of_every_year_are_passed_over(void **state)
{
    (void)state;
    int64_t holidays[] = {day("2026-01-05"), day("2026-04-06")};
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY);
    calendar.holidays = holidays;
    calendar.holiday_count = 2;
    calendar.yearly[5 - 1][1 - 1] = true;
    assert_added(&calendar, "2026-01-02", 1, "2026-01-06");
    assert_added(&calendar, "2027-01-01", 1, "2027-01-04");
    assert_false(calendar_is_workday(&calendar, day("2026-04-06")));
    assert_true(calendar_is_workday(&calendar, day("2027-04-06")));
    assert_false(calendar_is_workday(&calendar, day("2026-05-01")));
    assert_false(calendar_is_workday(&calendar, day("2031-05-01")));
}

static void between_two_days_the_second_counts_and_the_first_does_not(void **state)
{
    (void)state;
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY);
    assert_int_equal(calendar_between(&calendar, day("2026-01-02"), day("2026-01-02")), 0);
    assert_int_equal(calendar_between(&calendar, day("2026-01-02"), day("2026-01-04")), 0);
    assert_int_equal(calendar_between(&calendar, day("2026-01-02"), day("2026-01-05")), 1);
    assert_int_equal(calendar_between(&calendar, day("2026-01-05"), day("2026-01-02")), -1);
    assert_int_equal(calendar_between(&calendar, day("2026-01-01"), day("2027-01-01")), 261);
}

static void what_was_added_lies_between(void **state)
{
    (void)state;
    uint64_t seed = 11;
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY);
    calendar.yearly[11][24] = true;
    for (int i = 0; i < 300; i++) {
        int64_t from = (int64_t)next_number(&seed, 40000) - 10000, to;
        int64_t count = (int64_t)next_number(&seed, 400) - 200;
        assert_true(calendar_add(&calendar, from, count, &to));
        if (count >= 0 || calendar_is_workday(&calendar, from))
            assert_int_equal(calendar_between(&calendar, from, to), count);
    }
}

static void a_moment_in_working_time_keeps_its_time_of_day(void **state)
{
    (void)state;
    struct calendar calendar = office();
    assert_due(&calendar, "2026-01-02T10:15:30.250Z", 1, "2026-01-05T10:15:30.250Z");
    assert_due(&calendar, "2026-01-02T08:00:00Z", 5, "2026-01-09T08:00:00Z");
    assert_due(&calendar, "2026-01-02T10:00:00Z", 0, "2026-01-02T10:00:00Z");
}

static void outside_the_hours_counting_begins_at_the_next_opening(void **state)
{
    (void)state;
    struct calendar calendar = office();
    assert_due(&calendar, "2026-01-02T06:00:00Z", 1, "2026-01-05T08:00:00Z"); /* before opening */
    assert_due(&calendar, "2026-01-01T17:00:00Z", 1, "2026-01-05T08:00:00Z"); /* at closing */
    assert_due(&calendar, "2026-01-02T20:00:00Z", 1, "2026-01-06T08:00:00Z");
    assert_due(&calendar, "2026-01-03T12:00:00Z", 1, "2026-01-06T08:00:00Z"); /* a Saturday */
    assert_due(&calendar, "2026-01-03T12:00:00Z", 0, "2026-01-05T08:00:00Z");
}

static void without_hours_a_working_day_is_the_whole_day(void **state)
{
    (void)state;
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY);
    assert_due(&calendar, "2026-01-02T23:59:59Z", 1, "2026-01-05T23:59:59Z");
    assert_due(&calendar, "2026-01-03T12:00:00Z", 1, "2026-01-06T00:00:00Z");
}

static void going_back_counts_from_the_closing_before(void **state)
{
    (void)state;
    struct calendar calendar = office();
    assert_due(&calendar, "2026-01-05T10:00:00Z", -1, "2026-01-02T10:00:00Z");
    assert_due(&calendar, "2026-01-05T17:00:00Z", -1, "2026-01-02T17:00:00Z");
    assert_due(&calendar, "2026-01-05T19:00:00Z", -1, "2026-01-02T17:00:00Z");
    assert_due(&calendar, "2026-01-05T07:00:00Z", -1, "2026-01-01T17:00:00Z");
    assert_due(&calendar, "2026-01-04T10:00:00Z", -1, "2026-01-01T17:00:00Z");
}

static void days_are_those_of_the_calendars_zone(void **state)
{
    (void)state;
    struct calendar calendar = office();
    calendar.zone = zone_fixed(arena, 10 * 3600);
    /* Friday 23:00 in UTC is Saturday 09:00 there. */
    assert_due(&calendar, "2026-01-02T23:00:00Z", 1, "2026-01-05T22:00:00Z");
    /* Sunday 23:00 is Monday 09:00. */
    assert_due(&calendar, "2026-01-04T23:00:00Z", 1, "2026-01-05T23:00:00Z");
}

/* Summer time from 29 March to 25 October 2026. */
static void the_local_clock_stays_when_it_is_put_forward_or_back(void **state)
{
    (void)state;
    struct text file = file_with_rule("CET-1CEST,M3.5.0,M10.5.0/3");
    struct calendar calendar = calendar_of(0);
    calendar.zone = zone_parse(arena, file.bytes, file.size);
    assert_non_null(calendar.zone);
    assert_due(&calendar, "2026-03-28T09:00:00Z", 1, "2026-03-29T08:00:00Z");
    assert_due(&calendar, "2026-10-24T08:00:00Z", 1, "2026-10-25T09:00:00Z");
    /* 02:30 is skipped on that day: it becomes 03:30. */
    assert_due(&calendar, "2026-03-28T01:30:00Z", 1, "2026-03-29T01:30:00Z");
    /* 02:30 comes twice on that day: the first. */
    assert_due(&calendar, "2026-10-24T00:30:00Z", 1, "2026-10-25T00:30:00Z");
}

static void what_cannot_be_counted_is_said_so(void **state)
{
    (void)state;
    int64_t found;
    struct calendar calendar = calendar_of(SATURDAY | SUNDAY), never = calendar_of(0x7f);
    assert_false(calendar_add(&never, 0, 1, &found));
    assert_false(calendar_due(&never, 0, 1, &found));
    assert_true(calendar_add(&calendar, 0, CALENDAR_WORKDAYS_MAX, &found));
    assert_false(calendar_add(&calendar, 0, CALENDAR_WORKDAYS_MAX + 1, &found));
    assert_false(calendar_add(&calendar, 0, -CALENDAR_WORKDAYS_MAX - 1, &found));
    assert_false(calendar_add(&calendar, day("9999-12-30"), 2, &found));
    assert_false(calendar_add(&calendar, day("0001-01-02"), -3, &found));
    assert_false(calendar_add(&calendar, INT64_MAX / 2, 0, &found));
    assert_false(calendar_due(&calendar, INT64_MAX / 4, 1, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_weekend_is_passed_over),
        WITH_ARENA(a_weekend_may_be_any_days_or_none),
        WITH_ARENA(holidays_of_one_year_and_of_every_year_are_passed_over),
        WITH_ARENA(between_two_days_the_second_counts_and_the_first_does_not),
        WITH_ARENA(what_was_added_lies_between),
        WITH_ARENA(a_moment_in_working_time_keeps_its_time_of_day),
        WITH_ARENA(outside_the_hours_counting_begins_at_the_next_opening),
        WITH_ARENA(without_hours_a_working_day_is_the_whole_day),
        WITH_ARENA(going_back_counts_from_the_closing_before),
        WITH_ARENA(days_are_those_of_the_calendars_zone),
        WITH_ARENA(the_local_clock_stays_when_it_is_put_forward_or_back),
        WITH_ARENA(what_cannot_be_counted_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
