/* The step travel_authorization/issue: every rule, every boundary, parking and waking; and the
 * check travel_authorization/clear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

#define TODAY "2026-01-05"

enum { HOUR_MS = 3600000, A_DAY_MS = 24 * HOUR_MS };

/* Asked at noon of 2026-01-05 for a travel on 2026-01-15. */
static void begin_good(struct sankofa_call *call)
{
    host_begin(call, host_step_type(sankofa_plugin(), "issue"), TODAY);
    host_text(call, "case_code", "SN-2026-00042-K");
    host_text(call, "authority", "Police des étrangers");
    host_text(call, "child", "Mamadu B.");
    host_text(call, "travel_date", "2026-01-15");
    host_text(call, "document_kind", "consular_lp");
    host_text(call, "document_number", "LP-118");
    host_text(call, "document_valid_until", "2026-02-28");
    host_text(call, "route", "Dakar, Kolda, Pirada, Gabú");
    host_text(call, "escort", "Ibrahima Sow");
    host_text(call, "escort_agency", "Village d'espoir");
    host_text(call, "fitness", "fit");
    host_text(call, "fitness_issued_on", "2026-01-05");
    host_text(call, "receiver", "Fatumata Embaló");
    host_text(call, "receiver_confirmed_on", "2025-12-20");
    host_integer(call, "budget", 185000);
    host_integer(call, "budget_ceiling", 250000);
}

static void expect_failed(struct sankofa_call *call, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_FAILED);
    assert_int_equal(call->retry, 0);
    assert_string_equal(call->failure, reason);
}

static void expect_parked(struct sankofa_call *call)
{
    if (host_run(call) != SANKOFA_PARKED)
        fail_msg("not parked: %s", call->failure);
}

/* Parks a good request, and wakes it so many days later by a yes. */
static void begin_granted(struct sankofa_call *call, int days)
{
    begin_good(call);
    expect_parked(call);
    call->now_ms += days * (int64_t)A_DAY_MS;
    host_answer_integer(call, "granted", 1);
}

static void expect_failed_on_waking(struct sankofa_call *call, int woken_by, const char *reason)
{
    assert_int_equal(host_resume(call, woken_by), SANKOFA_FAILED);
    assert_int_equal(call->retry, 0);
    assert_string_equal(call->failure, reason);
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_request_parks_until_the_answer_or_the_end_of_the_travel_date(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    expect_parked(&call);
    assert_int_equal(call.wakes, SANKOFA_ANSWER | SANKOFA_TIME);
    assert_true(call.until_ms == host_ms("2026-01-16"));
    host_integer(&call, "answer_days", 3);
    expect_parked(&call);
    assert_true(call.until_ms == host_ms("2026-01-08") + 12 * HOUR_MS);
    host_end(&call);
}

static void the_same_request_parks_the_same_however_often_it_runs(void **state)
{
    struct sankofa_call call;
    char first[SANKOFA_COOKIE_BYTES_MAX];

    (void)state;
    begin_good(&call);
    expect_parked(&call);
    size_t size = call.cookie_size;
    memcpy(first, call.cookie, size);
    expect_parked(&call);
    assert_int_equal(call.cookie_size, size);
    assert_memory_equal(call.cookie, first, size);
    host_end(&call);
}

static void a_grant_gives_number_validity_and_the_whole_text(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 4);
    host_answer_text(&call, "authorization_number", "DPETV/2026/0031");
    host_answer_text(&call, "authorization_valid_until", "2026-01-31");
    host_answer_text(&call, "granted_on", "2026-01-08");
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "reference"), "TA-SN-2026-00042-K-2026-01-05");
    assert_string_equal(host_output(&call, "number"), "DPETV/2026/0031");
    assert_string_equal(host_output(&call, "valid_until"), "2026-01-31");
    assert_string_equal(host_output(&call, "text"),
                        "Travel authorization TA-SN-2026-00042-K-2026-01-05\n"
                        "Authority: Police des étrangers\n"
                        "Child: Mamadu B.\n"
                        "Travel date: 2026-01-15\n"
                        "Route: Dakar, Kolda, Pirada, Gabú\n"
                        "Document: Consular laissez-passer\n"
                        "Document number: LP-118\n"
                        "Document valid until: 2026-02-28\n"
                        "Escort: Ibrahima Sow\n"
                        "Escort's agency: Village d'espoir\n"
                        "Fitness: Fit\n"
                        "Fitness certified on: 2026-01-05\n"
                        "Receiver: Fatumata Embaló\n"
                        "Receiver confirmed on: 2025-12-20\n"
                        "Budget: 185000 XOF of at most 250000 XOF\n"
                        "Granted: DPETV/2026/0031, valid until 2026-01-31, signed on 2026-01-08\n");
    host_end(&call);
}

static void the_text_is_in_the_language_of_the_case(void **state)
{
    static const char *const rows[][3] = {
        {"en", "\nFitness: Fit\n", "\nGranted: 7, valid until 2026-02-28\n"},
        {"fr", "\nAptitude au voyage : Apte\n", "\nAccordée : 7, valable jusqu'au 2026-02-28\n"},
        {"pt", " XOF, no máximo 250000 XOF\n", "\nConcedida: 7, válida até 2026-02-28\n"},
    };
    struct sankofa_call call;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin_good(&call);
        host_text(&call, "language", rows[i][0]);
        expect_parked(&call);
        if (i == 0)
            memcpy(strstr(call.cookie, " en\n"), "\n  ", 3); /* as version 1.0 wrote it */
        host_answer_integer(&call, "granted", 1);
        host_answer_text(&call, "authorization_number", "7");
        assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
        const char *text = host_output(&call, "text");
        assert_true(strstr(text, rows[i][1]) && strstr(text, rows[i][2]));
        assert_true((strstr(text, "Travel") || strstr(text, "Receiver: ")) == (i == 0));
        host_end(&call);
    }
}

static void a_bare_grant_is_numbered_by_the_reference_and_ends_with_the_document(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 1);
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "number"), "TA-SN-2026-00042-K-2026-01-05");
    assert_string_equal(host_output(&call, "valid_until"), "2026-02-28");
    assert_non_null(strstr(host_output(&call, "text"),
                           "Granted: TA-SN-2026-00042-K-2026-01-05, valid until 2026-02-28\n"));
    host_end(&call);
}

static void resume_needs_nothing_but_the_cookie_and_the_answer(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 1);
    host_values_finish(&call.inputs);
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    assert_non_null(strstr(host_output(&call, "text"), "Route: Dakar, Kolda, Pirada, Gabú\n"));
    host_end(&call);
}

static void a_refusal_fails_the_step(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 1);
    host_answer_integer(&call, "granted", 0);
    expect_failed_on_waking(&call, SANKOFA_ANSWER, "Refused by the authority.");
    host_values_finish(&call.answers);
    expect_failed_on_waking(&call, SANKOFA_ANSWER, "Refused by the authority.");
    host_end(&call);
}

static void no_answer_in_time_fails_the_step(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    expect_parked(&call);
    call.now_ms = call.until_ms;
    expect_failed_on_waking(&call, SANKOFA_TIME, "The authority gave no answer until 2026-01-15.");
    host_integer(&call, "answer_days", 3);
    call.now_ms = host_ms(TODAY);
    expect_parked(&call);
    expect_failed_on_waking(&call, SANKOFA_TIME, "The authority gave no answer until 2026-01-07.");
    host_end(&call);
}

static void a_grant_must_hold_on_the_travel_date(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 1);
    host_answer_text(&call, "authorization_valid_until", "2026-01-15");
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    host_answer_text(&call, "authorization_valid_until", "2026-01-14");
    expect_failed_on_waking(
        &call, SANKOFA_ANSWER,
        "The authorization ends on 2026-01-14, before the travel date, 2026-01-15.");
    host_answer_text(&call, "authorization_valid_until", "soon");
    expect_failed_on_waking(&call, SANKOFA_ANSWER, "The authorization's last day is no day.");
    host_end(&call);
}

static void a_grant_on_the_travel_date_counts_and_one_after_it_does_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 10);
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    call.now_ms += A_DAY_MS;
    expect_failed_on_waking(&call, SANKOFA_ANSWER,
                            "The answer came after the travel date, 2026-01-15.");
    host_end(&call);
}

static void a_grant_is_signed_today_or_before(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_granted(&call, 1);
    host_answer_text(&call, "granted_on", "2026-01-06");
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    host_answer_text(&call, "granted_on", "2026-01-07");
    expect_failed_on_waking(&call, SANKOFA_ANSWER,
                            "The authorization was signed on no day until today.");
    host_answer_text(&call, "granted_on", "2026-01-00");
    expect_failed_on_waking(&call, SANKOFA_ANSWER,
                            "The authorization was signed on no day until today.");
    host_end(&call);
}

static void the_number_of_a_grant_is_one_short_line(void **state)
{
    struct sankofa_call call;
    char number[202];

    (void)state;
    begin_granted(&call, 1);
    memset(number, '7', sizeof(number) - 1);
    number[200] = '\0';
    host_answer_text(&call, "authorization_number", number);
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    number[200] = '7';
    number[201] = '\0';
    host_answer_text(&call, "authorization_number", number);
    expect_failed_on_waking(&call, SANKOFA_ANSWER,
                            "The authorization's number is not one short line.");
    host_answer_text(&call, "authorization_number", "7\nBudget: 1");
    expect_failed_on_waking(&call, SANKOFA_ANSWER,
                            "The authorization's number is not one short line.");
    host_end(&call);
}

static void a_text_that_is_missing_or_not_one_line_fails_the_step(void **state)
{
    static const struct {
        const char *input, *reason;
    } rows[] = {
        {"case_code", "There is no case code."},
        {"authority", "Say which authority is asked."},
        {"child", "There is no name of the child."},
        {"document_kind", "There is no travel document."},
        {"document_number", "The travel document has no number."},
        {"route", "There is no route."},
        {"escort", "There is no escort."},
        {"escort_agency", "The escort's agency is not told."},
        {"receiver", "There is no receiver."},
        {"fitness", "The child is not fit to travel."},
        {"travel_date", "There is no travel date."},
        {"document_valid_until", "The document has no last day."},
        {"fitness_issued_on", "The certificate of fitness has no date."},
        {"receiver_confirmed_on", "The receiver has not confirmed."},
        {"budget", "There is no budget."},
        {"budget_ceiling", "There is no ceiling of the budget."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_good(&call);
        if (strncmp(rows[i].input, "budget", 6) != 0) {
            host_text(&call, rows[i].input, " ");
            expect_failed(&call, rows[i].reason);
            host_text(&call, rows[i].input, "a\nGranted: yes");
            expect_failed(&call, rows[i].reason);
        }
        host_unset(&call, rows[i].input);
        expect_failed(&call, rows[i].reason);
        host_end(&call);
    }
}

static void an_unfit_child_does_not_travel_and_one_fit_with_conditions_does(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "fitness", "fit_with_conditions");
    expect_parked(&call);
    host_text(&call, "fitness", "unfit");
    expect_failed(&call, "The child is not fit to travel.");
    host_end(&call);
}

static void fitness_of_day_10_counts_and_of_day_11_does_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "fitness_issued_on", "2026-01-04");
    expect_failed(&call, "The certificate of fitness is of 2026-01-04 and counts for 10 days: not "
                         "on 2026-01-15.");
    host_integer(&call, "fitness_days", 11);
    expect_parked(&call);
    host_text(&call, "fitness_issued_on", "2026-01-06");
    expect_failed(&call, "The certificate of fitness is of 2026-01-06, a day to come.");
    host_end(&call);
}

static void a_receivers_word_of_day_30_counts_and_of_day_31_does_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "receiver_confirmed_on", "2025-12-16");
    expect_parked(&call);
    host_text(&call, "receiver_confirmed_on", "2025-12-15");
    expect_failed(
        &call, "The receiver's word is of 2025-12-15 and counts for 30 days: not on 2026-01-15.");
    host_text(&call, "receiver_confirmed_on", "2026-01-06");
    expect_failed(&call, "The receiver's word is of 2026-01-06, a day to come.");
    host_end(&call);
}

static void a_document_outlives_the_travel_by_7_days(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "document_valid_until", "2026-01-22");
    expect_parked(&call);
    host_text(&call, "document_valid_until", "2026-01-21");
    expect_failed(&call, "The document ends on 2026-01-21: it must outlive 2026-01-15 by 7 days.");
    host_integer(&call, "document_margin_days", 6);
    expect_parked(&call);
    host_end(&call);
}

static void a_travel_today_is_asked_for_and_one_of_yesterday_is_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "travel_date", TODAY);
    expect_parked(&call);
    assert_true(call.until_ms == host_ms("2026-01-06"));
    host_text(&call, "travel_date", "2026-01-04");
    expect_failed(&call, "The travel date, 2026-01-04, is over.");
    host_end(&call);
}

static void a_budget_at_its_ceiling_passes_and_one_franc_more_does_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_integer(&call, "budget", 250000);
    expect_parked(&call);
    host_integer(&call, "budget", 250001);
    expect_failed(&call, "The budget of 250001 XOF is above its ceiling of 250000 XOF.");
    host_integer(&call, "budget", 0);
    expect_parked(&call);
    host_end(&call);
}

static void spans_are_days_of_a_year_at_most(void **state)
{
    static const struct {
        const char *input;
        int64_t min;
    } rows[] = {
        {"document_margin_days", 0}, {"fitness_days", 0}, {"receiver_days", 0}, {"answer_days", 1}};
    char reason[80];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct sankofa_call call;
        begin_good(&call);
        host_text(&call, "document_valid_until", "2027-12-31");
        host_integer(&call, rows[i].input, 365);
        expect_parked(&call);
        snprintf(reason, sizeof(reason), "%s is not from %d to 365.", rows[i].input,
                 (int)rows[i].min);
        host_integer(&call, rows[i].input, 366);
        expect_failed(&call, reason);
        host_integer(&call, rows[i].input, rows[i].min - 1);
        assert_int_equal(host_run(&call), SANKOFA_FAILED);
        assert_non_null(strstr(call.failure, reason));
        host_end(&call);
    }
}

static void all_faults_are_told_at_once_and_name_no_person(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "escort", "");
    host_text(&call, "fitness", "unfit");
    host_integer(&call, "budget", 300000);
    host_text(&call, "document_valid_until", "2026-01-10");
    expect_failed(&call, "There is no escort. The child is not fit to travel. The budget of 300000 "
                         "XOF is above its ceiling of 250000 XOF. The document ends on 2026-01-10: "
                         "it must outlive 2026-01-15 by 7 days.");
    host_end(&call);
}

static void texts_too_long_for_one_authorization_fail_the_step(void **state)
{
    struct sankofa_call call;
    static char route[5001];
    static const size_t sizes[] = {3001, 3395, 3600, 5000};

    (void)state;
    begin_good(&call);
    memset(route, 'x', sizeof(route) - 1);
    for (size_t i = 0; i < 4; i++) {
        route[sizes[i]] = '\0';
        host_text(&call, "route", route);
        expect_failed(&call, "The texts are too long for one authorization.");
        route[sizes[i]] = 'x';
    }
    route[2800] = '\0';
    host_text(&call, "route", route);
    expect_parked(&call);
    memset(route, '8', 200);
    route[200] = '\0';
    host_answer_integer(&call, "granted", 1);
    host_answer_text(&call, "authorization_number", route);
    host_answer_text(&call, "granted_on", TODAY);
    assert_int_equal(host_resume(&call, SANKOFA_ANSWER), SANKOFA_DONE);
    assert_non_null(strstr(host_output(&call, "text"), ", signed on 2026-01-05\n"));
    host_text(&call, "route", "Dakar, Gabú");
    route[100] = '\0';
    host_text(&call, "case_code", route);
    expect_failed(&call, "The texts are too long for one authorization.");
    host_end(&call);
}

static void a_cookie_of_something_else_fails_the_step(void **state)
{
    static const char *const cookies[] = {"",
                                          "TA1",
                                          "TA1 1 2",
                                          "TA1 1 2 3",
                                          "TA1 1 2 3\n",
                                          "TA1 1 2 3\nTA-1",
                                          "TA2 1 2 3\nTA-1\ntext",
                                          "TA1 1 2 3 \nTA-1\ntext",
                                          "TA1 1 2 3 \nfr\nTA-1\ntext",
                                          "TA1 1 2 3 wo\nTA-1\ntext",
                                          "TA1 1 2 3 frx\nTA-1\ntext"};

    (void)state;
    for (size_t i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++) {
        struct sankofa_call call;
        begin_granted(&call, 1);
        free(call.cookie);
        call.cookie = host_copy(cookies[i], strlen(cookies[i]));
        call.cookie_size = strlen(cookies[i]);
        expect_failed_on_waking(&call, SANKOFA_ANSWER, "What was parked cannot be read.");
        host_end(&call);
    }
    struct sankofa_call call;
    char reference[200] = "TA1 1 2 3\n";
    begin_granted(&call, 1);
    memset(reference + 10, 'T', 150);
    reference[160] = '\n';
    free(call.cookie);
    call.cookie = host_copy(reference, strlen(reference));
    call.cookie_size = strlen(reference);
    expect_failed_on_waking(&call, SANKOFA_ANSWER, "What was parked cannot be read.");
    free(call.cookie);
    call.cookie_size = SANKOFA_COOKIE_BYTES_MAX + 1;
    call.cookie = calloc(1, call.cookie_size);
    expect_failed_on_waking(&call, SANKOFA_TIME, "What was parked cannot be read.");
    host_end(&call);
}

static void a_dropped_request_undoes_nothing_and_says_so_in_the_log(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    expect_parked(&call);
    call.type->drop(&host_table, &call);
    assert_int_equal(call.log_count, 1);
    assert_int_equal(call.outputs.count, 0);
    host_end(&call);
}

static void whatever_it_is_given_the_answer_keeps_its_promises(void **state)
{
    uint32_t chance = 1015;
    int parked = 0, done = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct sankofa_call call;
        begin_good(&call);
        if (i % 2)
            host_spoil(&call, &chance);
        else
            host_randomize(&call, &chance);
        if (host_run(&call) == SANKOFA_PARKED) {
            assert_true(call.until_ms > call.now_ms);
            host_answer_integer(&call, "granted", 1);
            host_answer_text(&call, "authorization_number", i % 3 ? "7" : "");
            host_answer_text(&call, "granted_on", i % 5 ? TODAY : "2026-01-1x");
            done += host_resume(&call, i % 7 ? SANKOFA_ANSWER : SANKOFA_TIME) == SANKOFA_DONE;
            parked++;
        } else {
            assert_true(call.failure[strlen(call.failure) - 1] == '.');
        }
        host_end(&call);
    }
    assert_true(parked > 1000);
    assert_true(done > 1000);
}

/* ---- clear ---- */

/* On 2026-02-01, for a travel on 2026-02-10; the certificate of fitness ends first. */
static void begin_clear(struct sankofa_call *call)
{
    host_begin(call, host_step_type(sankofa_plugin(), "clear"), "2026-02-01");
    host_text(call, "travel_date", "2026-02-10");
    host_text(call, "authorization_valid_until", "2026-03-31");
    host_text(call, "document_valid_until", "2026-02-28");
    host_text(call, "fitness", "fit");
    host_text(call, "fitness_issued_on", "2026-02-01");
    host_text(call, "receiver_confirmed_on", "2026-01-20");
    host_text(call, "decision_on", "2025-12-01");
}

static void expect_clear(struct sankofa_call *call, const char *until, const char *input)
{
    if (host_run(call) != SANKOFA_DONE)
        fail_msg("refused: %s: %s", call->reasons[0].input, call->reasons[0].text);
    assert_string_equal(host_output(call, "clear_until"), until);
    assert_string_equal(host_output(call, "ends_first"), input);
}

static void expect_not_clear(struct sankofa_call *call, const char *input, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_REFUSED);
    assert_int_equal(call->reason_count, 1);
    if (!host_reason(call, input))
        fail_msg("%s is refused, not %s", call->reasons[0].input, input);
    assert_string_equal(host_reason(call, input), reason);
}

static void a_child_may_leave_until_the_first_validity_ends(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_clear(&call);
    expect_clear(&call, "2026-02-11", "fitness_issued_on");
    host_integer(&call, "fitness_days", 365);
    expect_clear(&call, "2026-02-19", "receiver_confirmed_on");
    host_integer(&call, "receiver_days", 365);
    expect_clear(&call, "2026-02-21", "document_valid_until");
    host_integer(&call, "document_margin_days", 0);
    expect_clear(&call, "2026-02-28", "document_valid_until");
    host_text(&call, "document_valid_until", "2030-01-01");
    expect_clear(&call, "2026-03-01", "decision_on");
    host_integer(&call, "decision_days", 365);
    expect_clear(&call, "2026-03-31", "authorization_valid_until");
    host_text(&call, "consent_valid_until", "2026-02-10");
    expect_clear(&call, "2026-02-10", "consent_valid_until");
    host_end(&call);
}

static void each_validity_must_cover_the_travel_date(void **state)
{
    static const struct {
        const char *input, *last_good, *first_bad, *reason;
    } rows[] = {
        {"authorization_valid_until", "2026-02-10", "2026-02-09",
         "The authorization covers 2026-02-09, not the travel date, 2026-02-10."},
        {"document_valid_until", "2026-02-17", "2026-02-16",
         "The travel document covers 2026-02-09, not the travel date, 2026-02-10."},
        {"consent_valid_until", "2026-02-10", "2026-02-09",
         "The consent covers 2026-02-09, not the travel date, 2026-02-10."},
        {"fitness_issued_on", "2026-01-31", "2026-01-30",
         "The certificate of fitness covers 2026-02-09, not the travel date, 2026-02-10."},
        {"receiver_confirmed_on", "2026-01-11", "2026-01-10",
         "The receiver's word covers 2026-02-09, not the travel date, 2026-02-10."},
        {"decision_on", "2025-11-12", "2025-11-11",
         "The best-interests decision covers 2026-02-09, not the travel date, 2026-02-10."},
    };
    struct sankofa_call call;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin_clear(&call);
        host_text(&call, rows[i].input, rows[i].last_good);
        expect_clear(&call, "2026-02-10", rows[i].input);
        host_text(&call, rows[i].input, rows[i].first_bad);
        expect_not_clear(&call, rows[i].input, rows[i].reason);
        host_end(&call);
    }
}

static void what_is_missing_or_to_come_does_not_clear(void **state)
{
    static const char *const needed[] = {"authorization_valid_until", "document_valid_until",
                                         "fitness_issued_on", "receiver_confirmed_on",
                                         "decision_on"};
    struct sankofa_call call;

    (void)state;
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        begin_clear(&call);
        host_unset(&call, needed[i]);
        expect_not_clear(&call, needed[i],
                         "There is no such day: it is needed before the child leaves.");
        host_end(&call);
    }
    begin_clear(&call);
    host_text(&call, "fitness_issued_on", "2026-02-02");
    expect_not_clear(&call, "fitness_issued_on",
                     "The certificate of fitness is of 2026-02-02, a day to come.");
    host_end(&call);
    begin_clear(&call);
    host_text(&call, "fitness", "unfit");
    expect_not_clear(&call, "fitness", "The child is not fit to travel.");
    host_unset(&call, "fitness");
    expect_not_clear(&call, "fitness", "The child is not fit to travel.");
    host_end(&call);
    begin_clear(&call);
    host_text(&call, "travel_date", "2026-02-30");
    expect_not_clear(&call, "travel_date",
                     "There is no such day: it is needed before the child leaves.");
    host_text(&call, "travel_date", "2026-01-31");
    expect_not_clear(&call, "travel_date", "The travel date, 2026-01-31, is over.");
    host_text(&call, "travel_date", "2026-02-01");
    expect_clear(&call, "2026-02-11", "fitness_issued_on");
    host_integer(&call, "fitness_days", 366);
    expect_not_clear(&call, "fitness_days", "Give a number of days from 0 to 365.");
    host_end(&call);
}

static void everything_that_fails_to_cover_is_told_at_once(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_clear(&call);
    host_text(&call, "travel_date", "2026-09-01");
    host_text(&call, "consent_valid_until", "2026-08-31");
    host_text(&call, "fitness", "unfit");
    assert_int_equal(host_run(&call), SANKOFA_REFUSED);
    assert_int_equal(call.reason_count, 7);
    host_end(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole_and_the_readme_names_every_field),
        cmocka_unit_test(a_request_parks_until_the_answer_or_the_end_of_the_travel_date),
        cmocka_unit_test(the_same_request_parks_the_same_however_often_it_runs),
        cmocka_unit_test(a_grant_gives_number_validity_and_the_whole_text),
        cmocka_unit_test(the_text_is_in_the_language_of_the_case),
        cmocka_unit_test(a_bare_grant_is_numbered_by_the_reference_and_ends_with_the_document),
        cmocka_unit_test(resume_needs_nothing_but_the_cookie_and_the_answer),
        cmocka_unit_test(a_refusal_fails_the_step),
        cmocka_unit_test(no_answer_in_time_fails_the_step),
        cmocka_unit_test(a_grant_must_hold_on_the_travel_date),
        cmocka_unit_test(a_grant_on_the_travel_date_counts_and_one_after_it_does_not),
        cmocka_unit_test(a_grant_is_signed_today_or_before),
        cmocka_unit_test(the_number_of_a_grant_is_one_short_line),
        cmocka_unit_test(a_text_that_is_missing_or_not_one_line_fails_the_step),
        cmocka_unit_test(an_unfit_child_does_not_travel_and_one_fit_with_conditions_does),
        cmocka_unit_test(fitness_of_day_10_counts_and_of_day_11_does_not),
        cmocka_unit_test(a_receivers_word_of_day_30_counts_and_of_day_31_does_not),
        cmocka_unit_test(a_document_outlives_the_travel_by_7_days),
        cmocka_unit_test(a_travel_today_is_asked_for_and_one_of_yesterday_is_not),
        cmocka_unit_test(a_budget_at_its_ceiling_passes_and_one_franc_more_does_not),
        cmocka_unit_test(spans_are_days_of_a_year_at_most),
        cmocka_unit_test(all_faults_are_told_at_once_and_name_no_person),
        cmocka_unit_test(texts_too_long_for_one_authorization_fail_the_step),
        cmocka_unit_test(a_cookie_of_something_else_fails_the_step),
        cmocka_unit_test(a_dropped_request_undoes_nothing_and_says_so_in_the_log),
        cmocka_unit_test(whatever_it_is_given_the_answer_keeps_its_promises),
        cmocka_unit_test(a_child_may_leave_until_the_first_validity_ends),
        cmocka_unit_test(each_validity_must_cover_the_travel_date),
        cmocka_unit_test(what_is_missing_or_to_come_does_not_clear),
        cmocka_unit_test(everything_that_fails_to_cover_is_told_at_once),
    };

    return cmocka_run_group_tests_name("travel_authorization", tests, NULL, NULL);
}
