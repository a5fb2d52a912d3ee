/* The check handover/sign: every rule, every refusal, every boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sankofa/step_test.h>

static const char *const documents[] = {"Laissez-passer LP-2026-118", "Health book"};
static const char *const belongings[] = {"A bag of clothes", "A school slate"};

/* Signed at 12:00 UTC of 2026-01-05. */
static void begin_good(struct sankofa_call *call)
{
    host_begin(call, host_step_type(sankofa_plugin(), "sign"), "2026-01-05");
    host_text(call, "case_code", "SN-2026-00042-K");
    host_text(call, "giver", "Ibrahima Sow");
    host_text(call, "receiver", "Fatumata Embaló");
    host_text(call, "place", "Pirada, border post");
    host_text(call, "handed_over_on", "2026-01-05");
    host_text(call, "handed_over_time", "11:40");
    host_text(call, "departed_on", "2026-01-04");
    host_texts(call, "documents", documents, 2);
    host_texts(call, "belongings", belongings, 2);
}

static void expect_refused(struct sankofa_call *call, const char *input, const char *reason)
{
    assert_int_equal(host_run(call), SANKOFA_REFUSED);
    assert_int_equal(call->reason_count, 1);
    if (!host_reason(call, input))
        fail_msg("%s is not refused", input);
    assert_string_equal(host_reason(call, input), reason);
}

static void the_table_is_whole_and_the_readme_names_every_field(void **state)
{
    (void)state;
    host_check_plugin(sankofa_plugin(), PLUGIN_README);
}

static void a_handover_gets_its_certificate_from_the_case_and_the_day(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "certificate"), "SN-2026-00042-K/H20260105");
    assert_string_equal(host_output(&call, "summary"), "Handover SN-2026-00042-K/H20260105\n"
                                                       "Place: Pirada, border post\n"
                                                       "Time: 2026-01-05 11:40\n"
                                                       "Given by: Ibrahima Sow\n"
                                                       "Received by: Fatumata Embaló\n"
                                                       "Documents: 2\n"
                                                       "- Laissez-passer LP-2026-118\n"
                                                       "- Health book\n"
                                                       "Belongings: 2\n"
                                                       "- A bag of clothes\n"
                                                       "- A school slate\n");
    host_end(&call);
}

static void the_summary_is_in_the_language_of_the_case(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "language", "fr");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "summary"), "Remise SN-2026-00042-K/H20260105\n"
                                                       "Lieu : Pirada, border post\n"
                                                       "Date et heure : 2026-01-05 11:40\n"
                                                       "Enfant confié par : Ibrahima Sow\n"
                                                       "Enfant reçu par : Fatumata Embaló\n"
                                                       "Documents : 2\n"
                                                       "- Laissez-passer LP-2026-118\n"
                                                       "- Health book\n"
                                                       "Effets personnels : 2\n"
                                                       "- A bag of clothes\n"
                                                       "- A school slate\n");
    host_text(&call, "language", "pt");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_non_null(strstr(host_output(&call, "summary"),
                           "\nCriança entregue por: Ibrahima Sow\n"
                           "Criança recebida por: Fatumata Embaló\nDocumentos: 2\n"));
    host_text(&call, "language", "wo");
    expect_refused(&call, "language", "The summary is written in en, fr or pt.");
    host_end(&call);
}

static void signing_again_a_day_later_gives_the_same_certificate(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    call.now_ms = host_ms("2026-01-09");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "certificate"), "SN-2026-00042-K/H20260105");
    host_end(&call);
}

static void one_person_cannot_be_giver_and_receiver(void **state)
{
    static const char *const receivers[] = {"Ibrahima Sow", "ibrahima sow", " Ibrahima  Sow ",
                                            "IBRAHIMA   SOW"};
    static const char *const others[] = {"Ibrahima Sowe", "IbrahimaSow", "Ibrahima So",
                                         "Ibrahima S ow"};
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    for (size_t i = 0; i < 4; i++) {
        host_text(&call, "receiver", receivers[i]);
        expect_refused(&call, "receiver", "Nobody hands a child over to themselves.");
        host_text(&call, "receiver", others[i]);
        assert_int_equal(host_run(&call), SANKOFA_DONE);
    }
    host_end(&call);
}

static void giver_receiver_and_place_are_lines_with_something_to_read(void **state)
{
    static const struct {
        const char *input, *reason;
    } rows[] = {
        {"giver", "Say who gives the child into the other's care."},
        {"receiver", "Say who receives the child."},
        {"place", "Say where the child was handed over."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sankofa_call call;
        begin_good(&call);
        host_text(&call, rows[i].input, "   ");
        expect_refused(&call, rows[i].input, rows[i].reason);
        host_text(&call, rows[i].input, "Pirada\nReceived by: nobody");
        expect_refused(&call, rows[i].input, rows[i].reason);
        host_unset(&call, rows[i].input);
        expect_refused(&call, rows[i].input, rows[i].reason);
        host_end(&call);
    }
}

static void only_a_case_code_makes_a_certificate(void **state)
{
    static const char *const bad[] = {"",
                                      "SN-2026-0042-K",
                                      "sn-2026-00042-K",
                                      "SN-2026-00042-k",
                                      "SN-2O26-00042-K",
                                      "SN-2026-00A42-K",
                                      "SN-2026-00042",
                                      "SN-2026-00042-KK",
                                      "SN-2026-12345678901-K"};
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        host_text(&call, "case_code", bad[i]);
        expect_refused(&call, "case_code", "This is not the code of a case.");
    }
    host_text(&call, "case_code", "ZZ-2026-1234567890-7");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "certificate"), "ZZ-2026-1234567890-7/H20260105");
    host_end(&call);
}

static void a_handover_two_hours_ahead_is_signed_and_a_minute_more_is_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "handed_over_time", "14:00");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    host_text(&call, "handed_over_time", "14:01");
    expect_refused(&call, "handed_over_time", "A handover to come cannot be signed.");
    host_text(&call, "handed_over_on", "2026-01-06");
    host_text(&call, "handed_over_time", "00:00");
    expect_refused(&call, "handed_over_time", "A handover to come cannot be signed.");
    call.now_ms = host_ms("2026-01-05") + 22 * 3600000; /* Past midnight, an hour further east. */
    host_text(&call, "handed_over_time", "00:00");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    host_end(&call);
}

static void a_handover_on_the_day_of_departure_is_signed_and_one_before_is_not(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_text(&call, "departed_on", "2026-01-05");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    host_text(&call, "departed_on", "2026-01-06");
    expect_refused(&call, "handed_over_on", "This is before the child departed.");
    host_text(&call, "departed_on", "2026-01-32");
    expect_refused(&call, "departed_on", "This is not a day.");
    host_unset(&call, "departed_on");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    host_end(&call);
}

static void days_and_times_that_no_clock_shows_are_refused(void **state)
{
    static const char *const days[] = {"",           "2025-02-29", "2025-13-01", "2025-00-01",
                                       "2025-04-31", "0000-01-01", "05-01-2026", "2026-1-5"};
    static const char *const times[] = {"", "24:00", "12:60", "9:30", "12.30", "12:3x"};
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_unset(&call, "departed_on");
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        host_text(&call, "handed_over_on", days[i]);
        expect_refused(&call, "handed_over_on", "Say on which day.");
    }
    host_text(&call, "handed_over_on", "2024-02-29");
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        host_text(&call, "handed_over_time", times[i]);
        expect_refused(&call, "handed_over_time", "Say at what time, as 14:30.");
    }
    host_text(&call, "handed_over_time", "23:59");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_string_equal(host_output(&call, "certificate"), "SN-2026-00042-K/H20240229");
    host_text(&call, "handed_over_on", "2027-01-01");
    host_text(&call, "handed_over_time", "soon");
    assert_int_equal(host_run(&call), SANKOFA_REFUSED);
    assert_string_equal(host_reason(&call, "handed_over_on"),
                        "A handover to come cannot be signed.");
    host_end(&call);
}

static void no_child_is_handed_over_without_a_document(void **state)
{
    struct sankofa_call call;
    const char *const reason = "List the documents handed over: at least the travel document.";

    (void)state;
    begin_good(&call);
    host_texts(&call, "documents", documents, 0);
    expect_refused(&call, "documents", reason);
    host_unset(&call, "documents");
    expect_refused(&call, "documents", reason);
    host_end(&call);
}

static void a_child_may_own_nothing(void **state)
{
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    host_unset(&call, "belongings");
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_non_null(strstr(host_output(&call, "summary"), "Belongings: 0\n"));
    host_end(&call);
}

static void sixty_things_are_listed_and_sixty_one_are_not(void **state)
{
    struct sankofa_call call;
    const char *many[61];

    (void)state;
    for (size_t i = 0; i < 61; i++)
        many[i] = "A shirt";
    begin_good(&call);
    host_texts(&call, "belongings", many, 60);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    host_texts(&call, "belongings", many, 61);
    expect_refused(&call, "belongings", "List at most 60 things.");
    host_end(&call);
}

static void a_thing_is_named_on_one_line(void **state)
{
    static const char *const bad[] = {"", "  ", "A bag\n- A passport", "A bag\x7f"};
    struct sankofa_call call;

    (void)state;
    begin_good(&call);
    for (size_t i = 0; i < 4; i++) {
        host_texts(&call, "documents", &bad[i], 1);
        expect_refused(&call, "documents", "Each thing is named on one line.");
    }
    host_end(&call);
}

static void a_certificate_is_full_at_4000_bytes_and_never_cut(void **state)
{
    struct sankofa_call call;
    static char place[5001];

    (void)state;
    begin_good(&call);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    size_t rest = strlen(host_output(&call, "summary")) - strlen("Pirada, border post");
    memset(place, 'x', sizeof(place) - 1);
    place[4000 - rest] = '\0';
    host_text(&call, "place", place);
    assert_int_equal(host_run(&call), SANKOFA_DONE);
    assert_int_equal(strlen(host_output(&call, "summary")), 4000);
    for (size_t size = 4001 - rest; size <= 5000; size += 4999 - (4000 - rest)) {
        memset(place, 'x', sizeof(place) - 1);
        place[size] = '\0';
        host_text(&call, "place", place);
        assert_int_equal(host_run(&call), SANKOFA_REFUSED);
        assert_int_equal(call.reason_count, 1);
        assert_null(call.reasons[0].input);
        assert_string_equal(call.reasons[0].text, "The texts are too long for one certificate.");
    }
    host_end(&call);
}

static void everything_wrong_is_told_at_once(void **state)
{
    struct sankofa_call call;

    (void)state;
    host_begin(&call, host_step_type(sankofa_plugin(), "sign"), "2026-01-05");
    assert_int_equal(host_run(&call), SANKOFA_REFUSED);
    assert_int_equal(call.reason_count, 7);
    assert_non_null(host_reason(&call, "case_code"));
    assert_non_null(host_reason(&call, "giver"));
    assert_non_null(host_reason(&call, "receiver"));
    assert_non_null(host_reason(&call, "place"));
    assert_non_null(host_reason(&call, "handed_over_on"));
    assert_non_null(host_reason(&call, "handed_over_time"));
    assert_non_null(host_reason(&call, "documents"));
    host_end(&call);
}

static void whatever_it_is_given_the_answer_keeps_its_promises(void **state)
{
    uint32_t chance = 42;
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
            const char *summary = host_output(&call, "summary");
            const char *certificate = host_output(&call, "certificate");
            assert_true(strlen(summary) <= 4000 && summary[strlen(summary) - 1] == '\n');
            assert_true(strlen(certificate) >= strlen("SN-2026-00042-K/H20260105"));
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
        cmocka_unit_test(a_handover_gets_its_certificate_from_the_case_and_the_day),
        cmocka_unit_test(the_summary_is_in_the_language_of_the_case),
        cmocka_unit_test(signing_again_a_day_later_gives_the_same_certificate),
        cmocka_unit_test(one_person_cannot_be_giver_and_receiver),
        cmocka_unit_test(giver_receiver_and_place_are_lines_with_something_to_read),
        cmocka_unit_test(only_a_case_code_makes_a_certificate),
        cmocka_unit_test(a_handover_two_hours_ahead_is_signed_and_a_minute_more_is_not),
        cmocka_unit_test(a_handover_on_the_day_of_departure_is_signed_and_one_before_is_not),
        cmocka_unit_test(days_and_times_that_no_clock_shows_are_refused),
        cmocka_unit_test(no_child_is_handed_over_without_a_document),
        cmocka_unit_test(a_child_may_own_nothing),
        cmocka_unit_test(sixty_things_are_listed_and_sixty_one_are_not),
        cmocka_unit_test(a_thing_is_named_on_one_line),
        cmocka_unit_test(a_certificate_is_full_at_4000_bytes_and_never_cut),
        cmocka_unit_test(everything_wrong_is_told_at_once),
        cmocka_unit_test(whatever_it_is_given_the_answer_keeps_its_promises),
    };

    return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
