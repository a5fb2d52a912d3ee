/* The check reintegration/visit: every sign, every refusal, every edge of a window; and the step
 * reintegration/schedule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

/* A good visit on day 30, entered on day 30. */
static void begin_good(struct sankofa_call *call)
{
    host_begin(call, host_step_type(sankofa_plugin(), "visit"), "2026-03-31");
    host_text(call, "window", "M1");
    host_text(call, "counted_from", "2026-03-01");
    host_text(call, "visit_on", "2026-03-31");
    host_integer(call, "child_seen_alone", 1);
    host_text(call, "occupation", "school");
    host_integer(call, "attendance_pct", 92);
    host_integer(call, "health", 4);
    host_integer(call, "mood", 3);
    host_integer(call, "violence_signs", 0);
    host_integer(call, "left_home", 0);
    host_integer(call, "retrafficking_signs", 0);
}

static void expect(struct sankofa_call *call, const char *score, const char *reasons)
{
    if (host_run(call) != SANKOFA_DONE)
        fail_msg("refused: %s: %s", call->reasons[0].input, call->reasons[0].text);
    assert_string_equal(host_output(call, "reasons"), reasons);
    assert_string_equal(host_output(call, "score"), score);
}

static void expect_refused(struct sankofa_call *call, const char *input, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_REFUSED);
    assert_int_equal(call->reason_count, 1);
    if (!host_reason(call, input))
        fail_msg("%s is refused, not %s", call->reasons[0].input, input);
    assert_string_equal(host_reason(call, input), reason);
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_child_who_is_well_is_green(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    expect(&call, "green", "The child is well.");
    assert_int_equal(host_output_integer(&call, "days_since"), 30);
    assert_string_equal(host_output(&call, "next_action"),
                        "Nothing until the next; then visit M3, from 2026-05-17 to 2026-06-14.");
    host_end(&call);
}

static void each_sign_gives_its_colour_and_reason(void **state)
{
    static const struct {
        const char *input;
        int64_t number;
        const char *score, *reasons;
    } rows[] = {
        {"retrafficking_signs", 1, "red",
         "There are signs that the child is being trafficked again."},
        {"violence_signs", 1, "red", "There are signs of violence."},
        {"left_home", 1, "red", "The child has left the home."},
        {"health", 1, "red", "The child's health is very bad."},
        {"health", 2, "amber", "The child's health is bad."},
        {"health", 3, "green", "The child is well."},
        {"health", 5, "green", "The child is well."},
        {"mood", 1, "red", "The child's mood is very bad."},
        {"mood", 2, "amber", "The child's mood is bad."},
        {"mood", 5, "green", "The child is well."},
        {"child_seen_alone", 0, "amber", "The child was not seen alone."},
        {"attendance_pct", 0, "amber", "The child attends less than three days in four."},
        {"attendance_pct", 74, "amber", "The child attends less than three days in four."},
        {"attendance_pct", 75, "green", "The child is well."},
        {"attendance_pct", 100, "green", "The child is well."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_good(&call);
        host_integer(&call, rows[i].input, rows[i].number);
        expect(&call, rows[i].score, rows[i].reasons);
        host_end(&call);
    }
}

static void the_worst_colour_wins_and_every_reason_is_told(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_integer(&call, "violence_signs", 1);
    host_integer(&call, "child_seen_alone", 0);
    host_text(&call, "occupation", "none");
    host_integer(&call, "mood", 2);
    expect(&call, "red",
           "There are signs of violence. The child was not seen alone. The child neither learns "
           "nor works. The child's mood is bad.");
    assert_string_equal(host_output(&call, "next_action"),
                        "The supervisor reviews the placement within 72 hours; then visit M3, "
                        "from 2026-05-17 to 2026-06-14.");
    host_end(&call);
}

static void an_amber_visit_is_followed_by_a_call_in_a_fortnight(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "occupation", "none");
    expect(&call, "amber", "The child neither learns nor works.");
    assert_string_equal(host_output(&call, "next_action"),
                        "See to the reasons and call by 2026-04-14; then visit M3, from "
                        "2026-05-17 to 2026-06-14.");
    host_end(&call);
}

static void a_call_is_amber_and_sees_nobody(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "kind", "phone");
    expect_refused(&call, "child_seen_alone", "Nobody is seen by telephone.");
    host_integer(&call, "child_seen_alone", 0);
    expect(&call, "amber", "The child was not seen: this was a call.");
    host_text(&call, "kind", "letter");
    expect_refused(&call, "kind", "Say whether this was a visit or a call.");
    host_end(&call);
}

static void training_counts_as_school_does(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "occupation", "training");
    expect(&call, "green", "The child is well.");
    host_unset(&call, "attendance_pct");
    expect_refused(&call, "attendance_pct", "Give a number from 0 to 100.");
    host_end(&call);
}

static void work_is_amber_until_the_15th_birthday(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "occupation", "work");
    host_unset(&call, "attendance_pct");
    expect_refused(&call, "birth_date", "The child works: the birth date is needed.");
    host_text(&call, "birth_date", "2011-04-01");
    expect(&call, "amber", "The child works and is under 15.");
    host_text(&call, "birth_date", "2011-03-31");
    expect(&call, "green", "The child is well.");
    host_text(&call, "birth_date", "2011-12-01");
    expect(&call, "amber", "The child works and is under 15.");
    host_text(&call, "birth_date", "2010-12-01");
    expect(&call, "green", "The child is well.");
    host_end(&call);
}

static void a_visit_counts_on_the_first_and_last_day_of_its_window_only(void **state)
{
    static const struct {
        const char *window;
        const char *before, *first, *last, *after;
        const char *from_until;
    } rows[] = {
        {"M1", "2026-03-23", "2026-03-24", "2026-04-07", "2026-04-08", "2026-03-24 to 2026-04-07"},
        {"M3", "2026-05-16", "2026-05-17", "2026-06-14", "2026-06-15", "2026-05-17 to 2026-06-14"},
        {"M6", "2026-08-08", "2026-08-09", "2026-09-20", "2026-09-21", "2026-08-09 to 2026-09-20"},
        {"M12", "2027-01-29", "2027-01-30", "2027-03-31", "2027-04-01", "2027-01-30 to 2027-03-31"},
    };
    char reason[160];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_good(&call);
        call.now_ms = host_ms("2028-01-01");
        host_text(&call, "window", rows[i].window);
        host_text(&call, "visit_on", rows[i].before);
        snprintf(reason, sizeof(reason), "The window of %s is from %s: this visit is too early.",
                 rows[i].window, rows[i].from_until);
        expect_refused(&call, "visit_on", reason);
        host_integer(&call, "late_allowed", 1);
        expect_refused(&call, "visit_on", reason);
        host_text(&call, "visit_on", rows[i].first);
        expect(&call, "green", "The child is well.");
        host_text(&call, "visit_on", rows[i].last);
        expect(&call, "green", "The child is well.");
        host_text(&call, "visit_on", rows[i].after);
        expect(&call, "amber", "The visit came after its window.");
        host_integer(&call, "late_allowed", 0);
        snprintf(reason, sizeof(reason), "The window of %s is from %s: this visit is too late.",
                 rows[i].window, rows[i].from_until);
        expect_refused(&call, "visit_on", reason);
        host_end(&call);
    }
}

static void after_m12_comes_the_final_review(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    call.now_ms = host_ms("2027-03-02");
    host_text(&call, "window", "M12");
    host_text(&call, "visit_on", "2027-03-01");
    expect(&call, "green", "The child is well.");
    assert_string_equal(host_output(&call, "next_action"),
                        "Nothing until the next; then the final review of the case.");
    host_end(&call);
}

static void windows_are_right_over_leap_days_and_year_ends(void **state)
{
    static const struct {
        const char *from, *next;
    } rows[] = {
        {"2023-12-01", "from 2024-02-16 to 2024-03-15"},
        {"2024-11-30", "from 2025-02-15 to 2025-03-15"},
        {"1999-12-15", "from 2000-03-01 to 2000-03-29"},
        {"2099-12-15", "from 2100-03-02 to 2100-03-30"},
        {"2024-12-14", "from 2025-03-01 to 2025-03-29"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_good(&call);
        call.now_ms = host_ms("2200-01-01");
        host_text(&call, "counted_from", rows[i].from);
        host_text(&call, "visit_on", "2150-01-01");
        host_integer(&call, "late_allowed", 1);
        assert_int_equal(host_run(&call), SANKOFA_DONE);
        if (!strstr(host_output(&call, "next_action"), rows[i].next))
            fail_msg("%s is not in: %s", rows[i].next, host_output(&call, "next_action"));
        assert_int_equal(host_output_integer(&call, "days_since"),
                         (host_ms("2150-01-01") - host_ms(rows[i].from)) / 86400000);
        host_end(&call);
    }
}

static void a_visit_to_come_is_refused(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "visit_on", "2026-04-01");
    expect_refused(&call, "visit_on", "This day is still to come.");
    call.now_ms = host_ms("2026-04-01");
    expect(&call, "green", "The child is well.");
    call.now_ms -= 1;
    expect_refused(&call, "visit_on", "This day is still to come.");
    call.now_ms = -1;
    host_text(&call, "visit_on", "1970-01-01");
    expect_refused(&call, "visit_on", "This day is still to come.");
    host_end(&call);
}

static void days_that_no_calendar_has_are_refused(void **state)
{
    static const char *const days[] = {"",           "2026-02-29", "2026-04-31",
                                       "2026-13-01", "2026-3-31",  "0000-03-31"};
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        host_text(&call, "visit_on", days[i]);
        expect_refused(&call, "visit_on", "Say on which day the visit was.");
    }
    host_text(&call, "visit_on", "2026-03-31");
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        host_text(&call, "counted_from", days[i]);
        expect_refused(&call, "counted_from", "Say from which day the months count.");
    }
    host_end(&call);
}

static void numbers_out_of_range_are_refused(void **state)
{
    static const struct {
        const char *input;
        int64_t number;
        const char *reason;
    } rows[] = {
        {"health", 0, "Give a number from 1 to 5."},
        {"health", 6, "Give a number from 1 to 5."},
        {"mood", -1, "Give a number from 1 to 5."},
        {"mood", INT64_MAX, "Give a number from 1 to 5."},
        {"attendance_pct", -1, "Give a number from 0 to 100."},
        {"attendance_pct", 101, "Give a number from 0 to 100."},
        {"child_seen_alone", 2, "Say yes or no."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_good(&call);
        host_integer(&call, rows[i].input, rows[i].number);
        expect_refused(&call, rows[i].input, rows[i].reason);
        host_end(&call);
    }
}

static void what_is_missing_is_refused_all_at_once(void **state)
{
    static const char *const inputs[] = {
        "window", "counted_from",   "visit_on",  "occupation",          "health",
        "mood",   "violence_signs", "left_home", "retrafficking_signs", "child_seen_alone"};
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "visit"), "2026-03-31");
    assert_int_equal(host_run(&call), SANKOFA_REFUSED);
    assert_int_equal(call.reason_count, 10);
    for (size_t i = 0; i < 10; i++)
        assert_non_null(host_reason(&call, inputs[i]));
    assert_string_equal(host_reason(&call, "window"),
                        "Say which visit this is: M1, M3, M6 or M12.");
    assert_string_equal(host_reason(&call, "occupation"), "Say what the child does.");
    host_end(&call);
}

static void whatever_it_is_given_the_answer_keeps_its_promises(void **state)
{
    uint32_t chance = 12;
    int done = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct sankofa_call call;
        begin_good(&call);
        if (i % 2)
            host_spoil(&call, &chance);
        else
            host_randomize(&call, &chance);
        if (host_run(&call) == SANKOFA_DONE) {
            const char *reasons = host_output(&call, "reasons");
            const char *next = host_output(&call, "next_action");
            assert_true(reasons[strlen(reasons) - 1] == '.');
            assert_true(next[strlen(next) - 1] == '.');
            assert_true((strcmp(host_output(&call, "score"), "green") == 0) ==
                        (strcmp(reasons, "The child is well.") == 0));
            done++;
        }
        host_end(&call);
    }
    assert_true(done > 1000);
}

static void all_signs_at_once_fit_the_reasons(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    call.now_ms = host_ms("9999-12-31");
    host_text(&call, "counted_from", "0001-01-01");
    host_text(&call, "visit_on", "9999-12-31");
    host_integer(&call, "late_allowed", 1);
    host_integer(&call, "retrafficking_signs", 1);
    host_integer(&call, "violence_signs", 1);
    host_integer(&call, "left_home", 1);
    host_integer(&call, "health", 1);
    host_integer(&call, "mood", 1);
    host_integer(&call, "child_seen_alone", 0);
    host_integer(&call, "attendance_pct", 3);
    expect(&call, "red",
           "There are signs that the child is being trafficked again. There are signs of violence. "
           "The child has left the home. The child's health is very bad. The child's mood is very "
           "bad. The child was not seen alone. The child attends less than three days in four. The "
           "visit came after its window.");
    assert_int_equal(host_output_integer(&call, "days_since"), 3652058);
    host_end(&call);
}

/* ---- schedule ---- */

static void begin_schedule(struct sankofa_call *call, const char *today, const char *last)
{
    host_begin(call, host_step_type(sankofa_plugin(), "schedule"), today);
    host_text(call, "counted_from", "2026-03-01");
    if (last)
        host_text(call, "last", last);
}

static void expect_window(struct sankofa_call *call, const char *window, const char *opens,
                          const char *closes)
{
    assert_string_equal(host_output(call, "window"), window);
    assert_string_equal(host_output(call, "opens"), opens);
    assert_string_equal(host_output(call, "closes"), closes);
}

static void a_visit_is_due_when_its_window_opens_and_not_before(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_schedule(&call, "2026-03-01", NULL);
    assert_int_equal(host_run(&call), SANKOFA_PARKED);
    assert_int_equal(call.wakes, SANKOFA_TIME);
    assert_true(call.until_ms == host_ms("2026-03-24"));
    call.now_ms = call.until_ms;
    assert_int_equal(host_resume(&call, SANKOFA_TIME), SANKOFA_DONE);
    expect_window(&call, "M1", "2026-03-24", "2026-04-07");
    host_end(&call);
}

static void a_step_that_wakes_too_early_parks_again(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_schedule(&call, "2026-03-01", NULL);
    assert_int_equal(host_run(&call), SANKOFA_PARKED);
    call.now_ms = call.until_ms - 1;
    assert_int_equal(host_resume(&call, SANKOFA_TIME), SANKOFA_PARKED);
    assert_true(call.until_ms == host_ms("2026-03-24"));
    host_end(&call);
}

static void each_visit_is_followed_by_the_next(void **state)
{
    static const struct {
        const char *last, *window, *opens, *closes;
    } rows[] = {
        {NULL, "M1", "2026-03-24", "2026-04-07"},
        {"M1", "M3", "2026-05-17", "2026-06-14"},
        {"M3", "M6", "2026-08-09", "2026-09-20"},
        {"M6", "M12", "2027-01-30", "2027-03-31"},
    };
    struct sankofa_call call;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin_schedule(&call, "2026-03-01", rows[i].last);
        assert_int_equal(host_run(&call), SANKOFA_PARKED);
        assert_true(call.until_ms == host_ms(rows[i].opens));
        call.now_ms = host_ms(rows[i].opens);
        assert_int_equal(host_resume(&call, SANKOFA_TIME), SANKOFA_DONE);
        expect_window(&call, rows[i].window, rows[i].opens, rows[i].closes);
        host_end(&call);
    }
}

static void a_window_that_is_open_or_over_is_told_at_once(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_schedule(&call, "2026-04-07", NULL);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    expect_window(&call, "M1", "2026-03-24", "2026-04-07");
    host_end(&call);
    begin_schedule(&call, "2027-12-31", "M1");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    expect_window(&call, "M3", "2026-05-17", "2026-06-14");
    host_end(&call);
}

static void nothing_is_due_behind_the_last_visit(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_schedule(&call, "2027-04-01", "M12");
    assert_int_equal(host_run(&call), SANKOFA_FAILED);
    assert_int_equal(call.retry, 0);
    assert_string_equal(call.failure, "There is no visit behind the last one, M12.");
    host_end(&call);
    begin_schedule(&call, "2026-03-01", NULL);
    host_text(&call, "counted_from", "2026-02-30");
    assert_int_equal(host_run(&call), SANKOFA_FAILED);
    assert_string_equal(call.failure, "Say from which day the months count.");
    host_end(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        cmocka_unit_test(a_child_who_is_well_is_green),
        cmocka_unit_test(each_sign_gives_its_colour_and_reason),
        cmocka_unit_test(the_worst_colour_wins_and_every_reason_is_told),
        cmocka_unit_test(an_amber_visit_is_followed_by_a_call_in_a_fortnight),
        cmocka_unit_test(a_call_is_amber_and_sees_nobody),
        cmocka_unit_test(training_counts_as_school_does),
        cmocka_unit_test(work_is_amber_until_the_15th_birthday),
        cmocka_unit_test(a_visit_counts_on_the_first_and_last_day_of_its_window_only),
        cmocka_unit_test(after_m12_comes_the_final_review),
        cmocka_unit_test(windows_are_right_over_leap_days_and_year_ends),
        cmocka_unit_test(a_visit_to_come_is_refused),
        cmocka_unit_test(days_that_no_calendar_has_are_refused),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(what_is_missing_is_refused_all_at_once),
        cmocka_unit_test(whatever_it_is_given_the_answer_keeps_its_promises),
        cmocka_unit_test(all_signs_at_once_fit_the_reasons),
        cmocka_unit_test(a_visit_is_due_when_its_window_opens_and_not_before),
        cmocka_unit_test(a_step_that_wakes_too_early_parks_again),
        cmocka_unit_test(each_visit_is_followed_by_the_next),
        cmocka_unit_test(a_window_that_is_open_or_over_is_told_at_once),
        cmocka_unit_test(nothing_is_due_behind_the_last_visit),
    };

    return cmocka_run_group_tests_name("reintegration", tests, NULL, NULL);
}
