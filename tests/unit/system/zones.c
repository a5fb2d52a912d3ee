/* Zones of the system's zone data, held against the C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "system/system.h"

static struct arena *arena;

static int arena_up(void **state)
{
    (void)state;
    arena = arena_create("test");
    unsetenv("TZDIR");
    return 0;
}

static int arena_down(void **state)
{
    (void)state;
    unsetenv("TZDIR");
    arena_destroy(arena);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_up, arena_down)

static void skip_without_zone_data(void)
{
    if (access("/usr/share/zoneinfo/Africa/Dakar", R_OK) != 0) {
        print_message("skipped: there is no zone data here\n");
        skip();
    }
}

static void assert_agrees(const struct zone *zone, const char *name, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;
    localtime_r(&time, &tm);
    if (zone_offset_s(zone, seconds) != tm.tm_gmtoff)
        fail_msg("%s at %lld: got %d, the C library has %ld", name, (long long)seconds,
                 zone_offset_s(zone, seconds), tm.tm_gmtoff);
}

static void offsets_agree_with_the_c_library(void **state)
{
    (void)state;
    skip_without_zone_data();
    static const char *const names[] = {
        "Africa/Dakar",      "Africa/Bissau",    "Africa/Lagos",        "Africa/Monrovia",
        "Africa/Casablanca", "Africa/Cairo",     "Atlantic/Cape_Verde", "Europe/Paris",
        "Europe/Lisbon",     "Europe/Dublin",    "America/New_York",    "America/Nuuk",
        "Asia/Kathmandu",    "Pacific/Auckland", "Australia/Lord_Howe", "Pacific/Apia",
        "Asia/Gaza",         "Antarctica/Troll", "America/Santiago",    "Etc/GMT+5"};
    struct zone_source zones = system_zones(arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct zone *zone = zones.load(zones.self, text_from(names[i]));
        if (zone == NULL)
            fail_msg("no zone %s", names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        /* From 1913 to 2150, in a step of some nineteen hours that meets every time of day. */
        for (int64_t seconds = -1798761600; seconds < 5680281600; seconds += 68419)
            assert_agrees(zone, names[i], seconds);
    }
    setenv("TZ", "UTC", 1);
    tzset();
}

static void a_zone_is_read_once(void **state)
{
    (void)state;
    skip_without_zone_data();
    struct zone_source zones = system_zones(arena);
    const struct zone *dakar = zones.load(zones.self, TEXT("Africa/Dakar"));
    const struct zone *lagos = zones.load(zones.self, TEXT("Africa/Lagos"));
    assert_ptr_not_equal(dakar, lagos);
    setenv("TZDIR", "/nonexistent", 1);
    assert_ptr_equal(zones.load(zones.self, TEXT("Africa/Dakar")), dakar);
    assert_ptr_equal(zones.load(zones.self, TEXT("Africa/Lagos")), lagos);
    assert_null(zones.load(zones.self, TEXT("Europe/Paris")));
}

static void utc_is_known_without_zone_data(void **state)
{
    (void)state;
    setenv("TZDIR", "/nonexistent", 1);
    struct zone_source zones = system_zones(arena);
    const struct zone *utc = zones.load(zones.self, TEXT("UTC"));
    assert_non_null(utc);
    assert_int_equal(zone_offset_s(utc, 1234567890), 0);
}

static void names_never_lead_out_of_the_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        "/etc/passwd",
                                        "../zoneinfo/UTC",
                                        "Africa/../UTC",
                                        "Africa//Dakar",
                                        "Africa/",
                                        "./UTC",
                                        "zone.tab",
                                        "Africa",
                                        "Nowhere/Town",
                                        "Africa/Dakar\n",
                                        "Africa\\Dakar",
                                        "Africa/Daka\xc3\xa9"};
    struct zone_source zones = system_zones(arena);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (zones.load(zones.self, text_from(names[i])) != NULL)
            fail_msg("loaded \"%s\"", names[i]);
    assert_null(zones.load(zones.self, (struct text){"UTC\0x", 5}));
    char longest[70];
    memset(longest, 'a', sizeof longest);
    assert_null(zones.load(zones.self, (struct text){longest, sizeof longest}));
}

static void a_folder_of_ones_own_is_read_from(void **state)
{
    (void)state;
    char folder[] = "/tmp/sankofa-zones-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    snprintf(path, sizeof path, "%s/Broken", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("TZif, or so it says", file);
    fclose(file);
    setenv("TZDIR", folder, 1);
    struct zone_source zones = system_zones(arena);
    assert_null(zones.load(zones.self, TEXT("Broken")));
    assert_null(zones.load(zones.self, TEXT("Africa/Dakar")));
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(offsets_agree_with_the_c_library),
        WITH_ARENA(a_zone_is_read_once),
        WITH_ARENA(utc_is_known_without_zone_data),
        WITH_ARENA(names_never_lead_out_of_the_folder),
        WITH_ARENA(a_folder_of_ones_own_is_read_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
