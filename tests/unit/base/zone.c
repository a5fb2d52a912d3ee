/* Zones from bytes made here: tables, rules, and bytes that are no zone. (tests/unit/system holds
 * them against the C library over the system's zone data.) */
#include "fixture.h"

#include "base/when.h"
#include "tzif.h"

static struct zone *parse(struct text bytes)
{
    /* A copy of its own, so that a sanitizer sees a read behind the end. */
    char *copy = arena_alloc(arena, bytes.size);
    memcpy(copy, bytes.bytes, bytes.size);
    return zone_parse(arena, copy, bytes.size);
}

static int32_t offset_at(const struct zone *zone, const char *timestamp)
{
    struct instant instant;
    assert_true(when_read_timestamp(text_from(timestamp), &instant));
    return zone_offset_s(zone, instant.seconds);
}

static void no_zone_is_utc_and_a_fixed_one_is_fixed(void **state)
{
    (void)state;
    assert_int_equal(zone_offset_s(NULL, 1234567890), 0);
    struct zone *zone = zone_fixed(arena, -5400);
    assert_int_equal(zone_offset_s(zone, INT64_MIN), -5400);
    assert_int_equal(zone_offset_s(zone, INT64_MAX), -5400);
}

static void the_table_holds_and_without_a_rule_its_last_line_for_ever(void **state)
{
    (void)state;
    struct zone *zone = parse(file_with_rule(""));
    assert_non_null(zone);
    assert_int_equal(zone_offset_s(zone, INT64_MIN), 3600);
    assert_int_equal(zone_offset_s(zone, 999), 3600);
    assert_int_equal(zone_offset_s(zone, 1000), 7200);
    assert_int_equal(zone_offset_s(zone, INT64_MAX), 7200);
}

static void a_file_of_version_1_is_read(void **state)
{
    (void)state;
    struct text_buffer out;
    text_buffer_init(&out, arena);
    put_header(&out, '\0', 1, 2);
    put_u32(&out, (uint32_t)-1000);
    text_append(&out, TEXT("\1"));
    put_type(&out, 60);
    put_type(&out, -60);
    text_append(&out, TEXT("ABC\0"));
    struct zone *zone = parse(text_buffer_text(&out));
    assert_non_null(zone);
    assert_int_equal(zone_offset_s(zone, -1001), 60);
    assert_int_equal(zone_offset_s(zone, -1000), -60);
}

static void the_rule_holds_behind_the_table(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *timestamp;
        int32_t offset_s;
    } cases[] = {
        {"GMT0", "2026-07-01T00:00:00Z", 0},
        {"<+0530>-5:30", "2026-07-01T00:00:00Z", 19800},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
        /* The fifth Sunday is the last one. */
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600},
        /* Summer over the turn of the year. */
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01T00:00:00Z", 46800},
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-07-01T00:00:00Z", 43200},
        /* A negative time of day; an offset of the summer; two kinds of days by number. */
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
        {"AAA3BBB1:30,J60,J300", "2024-03-01T05:00:00Z", -5400},
        {"AAA3BBB1:30,J60,J300", "2024-02-29T12:00:00Z", -10800},
        {"AAA3BBB,59,300/24", "2024-02-29T05:00:00Z", -7200},
        /* Summer all the year. */
        {"EST5EDT,0/0,J365/25", "2026-01-01T04:59:59Z", -14400},
        {"EST5EDT,0/0,J365/25", "2026-12-31T23:00:00Z", -14400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone *zone = parse(file_with_rule(cases[i].rule));
        assert_non_null(zone);
        int32_t offset_s = offset_at(zone, cases[i].timestamp);
        if (offset_s != cases[i].offset_s)
            fail_msg("%s at %s: got %d", cases[i].rule, cases[i].timestamp, offset_s);
    }
}

static void a_rule_that_is_none_refuses_the_file(void **state)
{
    (void)state;
    const char *bad[] = {"EST",
                         "5",
                         "EST5EDT",
                         "EST5EDT,M3.2.0",
                         "EST5EDT,M13.2.0,M11.1.0",
                         "EST5EDT,M3.6.0,M11.1.0",
                         "EST5EDT,M3.2.7,M11.1.0",
                         "EST25",
                         "EST5EDT,J0,J365",
                         "EST5EDT,366,1",
                         "EST5EDT,M3.2.0/168,M11.1.0",
                         "EST5EDT,M3.2.0,M11.1.0x",
                         "<+05-5",
                         "<>5",
                         "EST5EDT4:99,M3.2.0,M11.1.0",
                         "EST5:",
                         "EST5EDT,M0.2.0,M11.1.0",
                         "EST99999999999",
                         "EST5:00:60"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(file_with_rule(bad[i])) != NULL)
            fail_msg("accepted %s", bad[i]);
}

static void bytes_cut_short_are_no_zone(void **state)
{
    (void)state;
    struct text whole = file_with_rule("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_non_null(parse(whole));
    for (size_t size = 0; size < whole.size; size++)
        assert_null(parse((struct text){whole.bytes, size}));
}

static void bytes_turned_over_never_lead_out_of_the_tables(void **state)
{
    (void)state;
    struct text whole = file_with_rule("CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t i = 0; i < whole.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char *copy = arena_alloc(arena, whole.size);
            memcpy(copy, whole.bytes, whole.size);
            copy[i] = (char)(copy[i] ^ 1 << bit);
            struct zone *zone = zone_parse(arena, copy, whole.size);
            if (zone != NULL) {
                int32_t offset_s = zone_offset_s(zone, 1800000000);
                assert_in_range(offset_s + 200000, 0, 400000);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(no_zone_is_utc_and_a_fixed_one_is_fixed),
        WITH_ARENA(the_table_holds_and_without_a_rule_its_last_line_for_ever),
        WITH_ARENA(a_file_of_version_1_is_read),
        WITH_ARENA(the_rule_holds_behind_the_table),
        WITH_ARENA(a_rule_that_is_none_refuses_the_file),
        WITH_ARENA(bytes_cut_short_are_no_zone),
        WITH_ARENA(bytes_turned_over_never_lead_out_of_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
