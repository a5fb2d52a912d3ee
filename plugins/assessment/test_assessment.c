/* The check assessment/score: every rule, every refusal, every boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#define TODAY "2026-01-05"

/* A family that was found, safe and willing: the least risk there is. */
static void begin_safe(struct sankofa_call *call)
{
    host_begin(call, host_step_type(sankofa_plugin(), "score"), TODAY);
    host_text(call, "family_found", "yes");
    host_text(call, "child_wish", "wants_return");
    host_text(call, "child_heard_on", "2026-01-02");
    host_text(call, "retrafficking_risk", "low");
    host_text(call, "household", "safe");
    host_text(call, "carer_agrees", "yes");
    host_text(call, "proof_of_relationship", "document");
    host_text(call, "prior_involvement", "none");
    host_text(call, "family_assessed_on", "2025-12-20");
}

static void expect(struct sankofa_call *call, int64_t risk, const char *recommendation,
                   const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_DONE);
    assert_int_equal(host_output_integer(call, "risk"), risk);
    assert_string_equal(host_output(call, "recommendation"), recommendation);
    if (!strstr(host_output(call, "reasons"), reason))
        fail_msg("\"%s\" is not in: %s", reason, host_output(call, "reasons"));
}

static void expect_refused(struct sankofa_call *call, const char *input, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_REFUSED);
    assert_int_equal(call->reason_count, 1);
    assert_non_null(host_reason(call, input));
    assert_string_equal(host_reason(call, input), reason);
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_safe_family_and_a_willing_child_are_recommended_a_return(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    expect(&call, 0, "return_family",
           "The family was found. The child wants to return. The risk of being trafficked again is "
           "low. The household is safe. The carer agrees and is able. A document proves the "
           "relationship. The family had no part in the departure. Nothing forbids a return to the "
           "family.");
    host_end(&call);
}

static void each_indicator_gives_the_points_of_the_table(void **state)
{
    static const struct {
        const char *input, *option;
        int64_t risk;
        const char *recommendation, *reason;
    } rows[] = {
        {"child_wish", "unsure", 1, "return_family",
         "hear the child again before the decision. (+1)"},
        {"child_wish", "refuses", 2, "local_solution", "against the child's will."},
        {"retrafficking_risk", "medium", 1, "return_family", "is medium. (+1)"},
        {"retrafficking_risk", "high", 3, "local_solution", "likely be trafficked again."},
        {"household", "unsafe", 4, "return_alternative", "to an unsafe household."},
        {"carer_agrees", "conditional", 1, "return_family", "on conditions. (+1)"},
        {"carer_agrees", "no", 3, "return_alternative", "a carer who agrees and is able."},
        {"proof_of_relationship", "dna", 0, "return_family", "A DNA test"},
        {"proof_of_relationship", "chief", 1, "return_family", "The chief vouches"},
        {"proof_of_relationship", "photo", 1, "return_family", "A photograph"},
        {"proof_of_relationship", "child_recognition", 1, "return_family", "The child recognised"},
        {"proof_of_relationship", "none", 2, "return_alternative", "only to proven relatives."},
        {"prior_involvement", "suspected", 2, "return_family", "is suspected of a part"},
        {"prior_involvement", "known", 4, "return_alternative", "to those who sent it away."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_safe(&call);
        host_text(&call, rows[i].input, rows[i].option);
        expect(&call, rows[i].risk, rows[i].recommendation, rows[i].reason);
        host_end(&call);
    }
}

static void every_declared_option_is_graded_or_unknown(void **state)
{
    const struct sankofa_step_type *type = host_step_type(sankofa_plugin(), "score");

    (void)state;
    for (const struct sankofa_field *const *field = type->inputs; *field; field++) {
        for (const char *const *option = (*field)->options; option && *option; option++) {
            struct sankofa_call call;
            begin_safe(&call);
            host_text(&call, "measures", "A watch committee.");
            host_text(&call, (*field)->name, *option);
            assert_int_equal(host_run(&call),
                             strcmp(*option, "unknown") == 0 ? SANKOFA_REFUSED : SANKOFA_DONE);
            host_end(&call);
        }
    }
}

static void a_household_safe_with_measures_needs_them_named(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_text(&call, "household", "safe_with_measures");
    expect_refused(&call, "measures", "Name the measures that make the household safe.");
    host_text(&call, "measures", "");
    expect_refused(&call, "measures", "Name the measures that make the household safe.");
    host_text(&call, "measures", "The uncle lives elsewhere now.");
    expect(&call, 2, "return_family", "only with the measures named. (+2)");
    host_end(&call);
}

static void a_risk_at_the_threshold_passes_and_one_above_does_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_text(&call, "child_wish", "unsure");
    host_text(&call, "household", "safe_with_measures");
    host_text(&call, "measures", "Weekly calls.");
    host_text(&call, "carer_agrees", "conditional");
    host_text(&call, "prior_involvement", "suspected");
    expect(&call, 6, "return_family", "Nothing forbids");
    host_text(&call, "proof_of_relationship", "chief");
    expect(&call, 7, "return_alternative", "The risk is above what a return to the family allows.");
    host_integer(&call, "threshold", 7);
    expect(&call, 7, "return_family", "Nothing forbids");
    host_integer(&call, "threshold", 0);
    expect(&call, 7, "return_alternative", "The risk is above");
    host_end(&call);
}

static void the_risk_is_never_more_than_ten(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_text(&call, "child_wish", "refuses");
    host_text(&call, "retrafficking_risk", "high");
    host_text(&call, "household", "unsafe");
    host_text(&call, "carer_agrees", "no");
    host_text(&call, "proof_of_relationship", "none");
    host_text(&call, "prior_involvement", "known");
    expect(&call, 10, "local_solution", "against the child's will.");
    host_integer(&call, "threshold", 10);
    expect(&call, 10, "local_solution", "against the child's will.");
    host_end(&call);
}

static void a_family_that_was_not_found_leaves_an_alternative_there(void **state)
{
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "score"), TODAY);
    host_text(&call, "family_found", "no");
    host_text(&call, "child_wish", "wants_return");
    host_text(&call, "child_heard_on", TODAY);
    expect_refused(&call, "retrafficking_risk",
                   "The risk of being trafficked again is not assessed.");
    host_text(&call, "retrafficking_risk", "medium");
    expect(&call, 4, "return_alternative", "There is no family to return to.");
    host_end(&call);
}

static void without_tracing_only_a_local_solution_is_left(void **state)
{
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "score"), TODAY);
    host_text(&call, "family_found", "not_sought");
    host_text(&call, "child_wish", "wants_return");
    host_text(&call, "child_heard_on", TODAY);
    expect(&call, 3, "local_solution", "Without tracing no return is recommended.");
    host_end(&call);
}

static void an_open_protection_claim_forbids_any_return(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_integer(&call, "protection_claim", 1);
    expect(&call, 0, "local_solution", "A claim for international protection is open: no return.");
    host_end(&call);
}

static void evidence_of_day_90_counts_and_of_day_91_does_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_text(&call, "family_assessed_on", "2025-10-07");
    host_text(&call, "child_heard_on", "2025-10-07");
    expect(&call, 0, "return_family", "Nothing forbids");
    host_text(&call, "family_assessed_on", "2025-10-06");
    expect_refused(&call, "family_assessed_on",
                   "The family was assessed 91 days ago; evidence counts for 90 days.");
    host_integer(&call, "evidence_days", 91);
    expect(&call, 0, "return_family", "Nothing forbids");
    host_text(&call, "child_heard_on", "2025-10-05");
    expect_refused(&call, "child_heard_on",
                   "The child was heard 92 days ago; evidence counts for 91 days.");
    host_end(&call);
}

static void evidence_of_a_day_to_come_is_refused(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_text(&call, "child_heard_on", TODAY);
    expect(&call, 0, "return_family", "Nothing forbids");
    host_text(&call, "child_heard_on", "2026-01-06");
    expect_refused(&call, "child_heard_on", "The child was heard on a day that is still to come.");
    host_end(&call);
}

static void what_is_missing_is_refused_all_at_once_with_its_reason(void **state)
{
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "score"), TODAY);
    host_text(&call, "family_found", "yes");
    host_text(&call, "household", "unknown");
    assert_int_equal(host_run(&call), SANKOFA_REFUSED);
    assert_int_equal(call.reason_count, 8);
    assert_string_equal(host_reason(&call, "child_wish"),
                        "The child must be heard before anything is recommended.");
    assert_string_equal(host_reason(&call, "child_heard_on"),
                        "The child was heard: on which day is not said.");
    assert_string_equal(host_reason(&call, "retrafficking_risk"),
                        "The risk of being trafficked again is not assessed.");
    assert_string_equal(host_reason(&call, "household"),
                        "The safety of the household is not assessed.");
    assert_string_equal(host_reason(&call, "carer_agrees"),
                        "Nobody has asked whether the carer agrees and is able.");
    assert_string_equal(host_reason(&call, "proof_of_relationship"),
                        "Say what proves the relationship, or that nothing does.");
    assert_string_equal(host_reason(&call, "prior_involvement"),
                        "The family's part in the departure is not assessed.");
    assert_string_equal(host_reason(&call, "family_assessed_on"),
                        "The family was assessed: on which day is not said.");
    host_end(&call);
}

static void whether_the_family_was_found_must_be_said(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_safe(&call);
    host_text(&call, "family_found", "perhaps");
    expect_refused(&call, "family_found", "Say whether the family was found.");
    host_unset(&call, "family_found");
    expect_refused(&call, "family_found", "Say whether the family was found.");
    host_end(&call);
}

static void limits_outside_their_range_are_refused(void **state)
{
    static const struct {
        const char *input;
        int64_t limit;
        const char *reason;
    } rows[] = {
        {"threshold", -1, "The threshold is a risk from 0 to 10."},
        {"threshold", 11, "The threshold is a risk from 0 to 10."},
        {"evidence_days", 0, "Evidence counts for 1 to 365 days."},
        {"evidence_days", 366, "Evidence counts for 1 to 365 days."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_safe(&call);
        host_integer(&call, rows[i].input, rows[i].limit);
        expect_refused(&call, rows[i].input, rows[i].reason);
        host_end(&call);
    }
}

static void days_that_no_calendar_has_are_refused(void **state)
{
    static const char *const days[] = {"",           "2026-02-29", "2026-00-10",
                                       "2025-11-31", "2025-1-1",   "2025/01/01",
                                       "0000-01-01", "2026-01-00", "2026-01-05Z"};

    (void)state;
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        struct sankofa_call call;
        begin_safe(&call);
        host_text(&call, "child_heard_on", days[i]);
        expect_refused(&call, "child_heard_on", "The child was heard: on which day is not said.");
        host_end(&call);
    }
}

static void ages_are_counted_right_over_leap_days_and_centuries(void **state)
{
    static const struct {
        const char *today, *heard_on;
        int64_t days;
    } rows[] = {
        {"2024-03-01", "2024-02-29", 1}, {"2024-03-01", "2024-02-28", 2},
        {"2100-03-01", "2100-02-28", 1}, {"2000-03-01", "2000-02-28", 2},
        {"2026-01-01", "2025-12-31", 1}, {"2025-01-01", "2024-01-02", 365},
        {"1970-01-01", "1969-12-31", 1}, {"1969-12-31", "1969-12-01", 30},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        host_begin(&call, host_step_type(sankofa_plugin(), "score"), rows[i].today);
        host_text(&call, "family_found", "not_sought");
        host_text(&call, "child_wish", "unsure");
        host_text(&call, "child_heard_on", rows[i].heard_on);
        host_integer(&call, "evidence_days", rows[i].days);
        assert_int_equal(host_run(&call), SANKOFA_DONE);
        host_integer(&call, "evidence_days", rows[i].days > 1 ? rows[i].days - 1 : 1);
        assert_int_equal(host_run(&call), rows[i].days > 1 ? SANKOFA_REFUSED : SANKOFA_DONE);
        host_end(&call);
    }
}

static void whatever_it_is_given_the_answer_keeps_its_promises(void **state)
{
    uint32_t chance = 20260105;
    int done = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct sankofa_call call;
        begin_safe(&call);
        if (i % 2)
            host_spoil(&call, &chance);
        else
            host_randomize(&call, &chance);
        if (host_run(&call) == SANKOFA_DONE) {
            int64_t risk = host_output_integer(&call, "risk");
            const char *reasons = host_output(&call, "reasons");
            assert_in_range(risk, 0, 10);
            assert_true(strlen(reasons) > 0 && reasons[strlen(reasons) - 1] == '.');
            done++;
        }
        host_end(&call);
    }
    assert_true(done > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        cmocka_unit_test(a_safe_family_and_a_willing_child_are_recommended_a_return),
        cmocka_unit_test(each_indicator_gives_the_points_of_the_table),
        cmocka_unit_test(every_declared_option_is_graded_or_unknown),
        cmocka_unit_test(a_household_safe_with_measures_needs_them_named),
        cmocka_unit_test(a_risk_at_the_threshold_passes_and_one_above_does_not),
        cmocka_unit_test(the_risk_is_never_more_than_ten),
        cmocka_unit_test(a_family_that_was_not_found_leaves_an_alternative_there),
        cmocka_unit_test(without_tracing_only_a_local_solution_is_left),
        cmocka_unit_test(an_open_protection_claim_forbids_any_return),
        cmocka_unit_test(evidence_of_day_90_counts_and_of_day_91_does_not),
        cmocka_unit_test(evidence_of_a_day_to_come_is_refused),
        cmocka_unit_test(what_is_missing_is_refused_all_at_once_with_its_reason),
        cmocka_unit_test(whether_the_family_was_found_must_be_said),
        cmocka_unit_test(limits_outside_their_range_are_refused),
        cmocka_unit_test(days_that_no_calendar_has_are_refused),
        cmocka_unit_test(ages_are_counted_right_over_leap_days_and_centuries),
        cmocka_unit_test(whatever_it_is_given_the_answer_keeps_its_promises),
    };

    return cmocka_run_group_tests_name("assessment", tests, NULL, NULL);
}
