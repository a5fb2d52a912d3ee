/* `calendar`: the working days of a workflow, and waits that are counted in them. */
#include <stdlib.h>
#include <string.h>

#include "workflow/load.h"

enum { DAY_S = 86400, WEEK_DAYS = 7, ALL_DAYS = (1 << WEEK_DAYS) - 1, WORKDAYS_MAX = 36525 };

static uint8_t weekend_of(const struct yaml_node *node)
{
    const struct yaml_node *list = load_get(node, "weekend", YAML_LIST);
    uint8_t weekend = 0;

    if (list == NULL)
        return 1 << 6 | 1 << 0; /* Saturday and Sunday */
    for (size_t i = 0; i < list->count; i++)
        for (int day = 0; workflow_weekdays[day] != NULL; day++)
            if (list->entries[i].value->kind == YAML_SCALAR &&
                text_is(list->entries[i].value->text, workflow_weekdays[day]))
                weekend |= (uint8_t)(1 << day % WEEK_DAYS);
    return weekend;
}

/* "MM-DD", a holiday of every year: read as a day of a leap year. */
static bool read_yearly(struct load *load, struct text text, struct calendar *calendar)
{
    struct instant instant;
    struct civil civil;

    if (text.size != strlen("MM-DD") ||
        !when_read_date(text_printf(load->arena, "2000-%.*s", TEXT_ARG(text)), &instant))
        return false;
    civil = when_civil(instant, 0);
    calendar->yearly[civil.month - 1][civil.day - 1] = true;
    return true;
}

static int compare_days(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void read_holidays(struct load *load, const struct yaml_node *node,
                          struct calendar *calendar)
{
    const struct yaml_node *map = load_get(node, "holidays", YAML_MAP);
    size_t count = load_bounded(load, map, WORKFLOW_LIST_MAX, "holidays");
    int64_t *days = ARENA_ARRAY(load->arena, int64_t, count);
    struct instant instant;
    struct diag *diag;

    calendar->holidays = days;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_entry *entry = &map->entries[i];

        if (when_read_date(entry->key, &instant)) {
            days[calendar->holiday_count++] = instant.seconds / DAY_S;
        } else if (!read_yearly(load, entry->key, calendar)) {
            diag = load_fault(load, E_DAY, entry->key_place, "not a day", "\"%.*s\" is not a day",
                              TEXT_ARG(entry->key));
            diag_help(load->diags, diag,
                      "write 2026-04-06 for a day of one year, 05-01 for one of every year");
        }
    }
    if (calendar->holiday_count > 0)
        qsort(days, calendar->holiday_count, sizeof(*days), compare_days);
}

/* "HH:MM" at *at, which is moved behind it; -1 for anything else. Up to 24:00. */
static int32_t take_time(struct text text, size_t *at)
{
    const char *c = text.bytes + *at;
    int32_t hours, minutes;

    if (text.size - *at < strlen("HH:MM"))
        return -1;
    for (size_t i = 0; i < strlen("HH:MM"); i++)
        if (i == 2 ? c[i] != ':' : c[i] < '0' || c[i] > '9')
            return -1;
    *at += strlen("HH:MM");
    hours = (c[0] - '0') * 10 + c[1] - '0';
    minutes = (c[3] - '0') * 10 + c[4] - '0';
    return minutes < 60 && hours * 60 + minutes <= 24 * 60 ? (hours * 60 + minutes) * 60 : -1;
}

static bool read_hours(struct text text, struct calendar *calendar)
{
    size_t at = 0;

    calendar->opens_s = take_time(text, &at);
    if (calendar->opens_s < 0 || at >= text.size || text.bytes[at++] != '-')
        return false;
    calendar->closes_s = take_time(text, &at);
    return at == text.size && calendar->closes_s > calendar->opens_s;
}

static void check_hours(struct load *load, const struct yaml_node *node, struct calendar *calendar)
{
    const struct yaml_node *hours = load_get(node, "hours", YAML_SCALAR);
    struct diag *diag;

    calendar->closes_s = DAY_S;
    if (hours == NULL || hours->text.size == 0 || read_hours(hours->text, calendar))
        return;
    diag = load_fault(load, E_HOURS, hours->place, "not hours", "\"%.*s\" are not opening hours",
                      TEXT_ARG(hours->text));
    diag_help(load->diags, diag, "write them as 08:00-17:00, the earlier time first");
}

static bool is_always_holiday(const struct calendar *calendar)
{
    for (int month = 1; month <= 12; month++)
        for (int day = 1; day <= 31; day++)
            if (when_is_date(2001, month, day) && !calendar->yearly[month - 1][day - 1])
                return false;
    return true;
}

void load_calendar(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "calendar", YAML_MAP);
    struct calendar *calendar;
    struct diag *diag;

    if (node == NULL)
        return;
    calendar = ARENA_NEW(load->arena, struct calendar);
    calendar->zone = load->workflow->zone;
    calendar->weekend = weekend_of(node);
    read_holidays(load, node, calendar);
    check_hours(load, node, calendar);
    load->workflow->calendar = calendar;
    if (calendar->weekend != ALL_DAYS && !is_always_holiday(calendar))
        return;
    diag = load_fault(load, E_NO_WORKDAY, load_key_place(load->root, "calendar"), "never a workday",
                      "the calendar has no working day");
    diag_help(load->diags, diag, "leave at least one day of the week out of `weekend`");
}

/* "5wd"; 0 for anything else, and for more than a hundred years. */
static int32_t workdays_of(struct text text)
{
    int64_t number;
    struct text digits = {text.bytes, text.size - strlen("wd")};

    for (size_t i = 0; i < digits.size; i++)
        if (digits.bytes[i] < '0' || digits.bytes[i] > '9')
            return 0;
    return text_to_int(digits, &number) && number <= WORKDAYS_MAX ? (int32_t)number : 0;
}

bool load_wait(struct load *load, const struct yaml_node *scalar, int64_t least_ms,
               struct workflow_wait *wait_out)
{
    struct diag *diag;

    *wait_out = (struct workflow_wait){0};
    if (scalar == NULL || scalar->kind != YAML_SCALAR || !text_ends(scalar->text, "wd"))
        return load_span(load, scalar, least_ms, &wait_out->ms);
    wait_out->workdays = workdays_of(scalar->text);
    if (wait_out->workdays == 0) {
        diag = load_fault(load, E_SPAN, scalar->place, "not a duration",
                          "\"%.*s\" is not a duration here", TEXT_ARG(scalar->text));
        diag_help(load->diags, diag, "working days stand alone, as 5wd, up to %d of them",
                  (int)WORKDAYS_MAX);
    } else if (load->workflow->calendar == NULL) {
        diag = load_fault(load, E_NO_CALENDAR, scalar->place, "of which calendar?",
                          "working days need the workflow's `calendar`");
        diag_help(load->diags, diag,
                  "write calendar: {weekend: [sat, sun]} at the top of the file");
    }
    return wait_out->workdays > 0;
}
