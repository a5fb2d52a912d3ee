/* The people's rules in a file: approvals and what they rest on, deadlines, notices, working days.
 */
#include "workflow/codes.h"
#include "workflow/kit.h"

static void tells(struct kit *kit, const char *source, const char *want)
{
    kit_try(kit, source);
    assert_string_equal(kit_diags(kit), want);
}

/* ---- approve ---- */

static const char approving[] =
    "workflow: a\nroles: {clerk: {}, judge: {}, boss: {}}\n"
    "fields: {plan: {type: text}, home: {type: choice, options: {safe: Safe, unsafe: Unsafe}, "
    "initial: safe}, risk: {type: integer}, limit: {type: integer, initial: 5}, source: {type: "
    "text, initial: x}, other: {type: text, initial: y}, copy: {type: text}}\n"
    "states:\n"
    "  open:\n"
    "    on:\n"
    "      decide:\n"
    "        by: [clerk]\n"
    "        form: {plan: required}\n"
    "        check: {score: {use: sketch/score, with: {household: = data.home}, into: {risk: "
    "risk}}}\n"
    "        guard: data.risk <= data.limit\n"
    "        approve: {by: [judge, boss], need: 2}\n"
    "        do: [{if: data.source == 'x', then: [{set: {copy: = data.plan}}]}]\n"
    "        target: closed\n"
    "      again: {event: decide, by: [clerk], approve: {by: [boss], exclude: []}, do: [{set: "
    "{copy: "
    "= data.other}}]}\n"
    "      plain: {by: [clerk]}\n"
    "  closed: {type: final}\n";

static void approvals_say_who_how_many_and_who_not(void **state)
{
    const struct workflow *workflow = kit_load(*state, approving);
    const struct workflow_approval *decide = workflow->transitions[0].approve;
    const struct workflow_approval *again = workflow->transitions[1].approve;

    assert_int_equal(decide->need, 2);
    assert_int_equal(decide->by.count, 2);
    assert_true(text_is(decide->by.ids[1], "boss"));
    assert_true(decide->excludes_submitter); /* left out: they are */
    assert_int_equal(again->need, 1);
    assert_false(again->excludes_submitter);
    assert_null(workflow->transitions[2].approve);
}

static void a_proposal_rests_on_its_form_and_on_what_guard_checks_and_do_read(void **state)
{
    static const char *const decide[] = {"plan", "home", "risk", "limit", "source"};
    static const char *const again[] = {"plan", "other"}; /* the form is that of `decide` */
    const struct workflow *workflow = kit_load(*state, approving);
    const struct workflow_approval *approval = workflow->transitions[0].approve;

    assert_int_equal(approval->field_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(text_is(approval->fields[i]->id, decide[i]));
    approval = workflow->transitions[1].approve;
    assert_int_equal(approval->field_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(text_is(approval->fields[i]->id, again[i]));
}

#define STATE_WITH(transition)                                                                     \
    "workflow: a\nroles: {r: {}, s: {}}\nstates:\n  y: {on: {g: {" transition                      \
    "}}}\n  z: {type: final}\n"

static void approvals_are_for_events_of_people(void **state)
{
    tells(*state, STATE_WITH("approve: {by: [r]}, target: z"),
          "test.yaml:4:16: error: `approve` needs `by`: without it no person triggers this "
          "transition [E117]\n");
}

static void what_is_wrong_with_approvals_is_told(void **state)
{
    static const struct {
        const char *source, *code;
    } cases[] = {
        {STATE_WITH("by: [r], approve: {}, target: z"), E_KEY_MISSING},
        {STATE_WITH("by: [r], approve: {by: []}, target: z"), E_EMPTY},
        {STATE_WITH("by: [r], approve: {by: [t]}, target: z"), E_ROLE},
        {STATE_WITH("by: [r], approve: {by: [r], need: 0}, target: z"), E_KIND},
        {STATE_WITH("by: [r], approve: {by: [r], exclude: [author]}, target: z"), E_EXCLUDE},
        {STATE_WITH("by: [r], approve: {by: [r], quorum: 2}, target: z"), E_KEY_UNKNOWN},
        {STATE_WITH("by: [r], approve: [r], target: z"), E_KIND},
        {"workflow: a\nroles: {r: {}}\nstates: {y: {always: {g: {approve: {by: [r]}, target: z}}}, "
         "z: {type: final}}\n",
         E_KEY_MISPLACED},
        {"workflow: a\nroles: {r: {}}\nstates: {y: {after: {g: {delay: 1d, approve: {by: [r]}, "
         "target: z}}}, z: {type: final}}\n",
         E_KEY_MISPLACED},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(kit_try(kit, cases[i].source));
        assert_int_equal(kit->diags.error_count, 1);
        assert_string_equal(kit->diags.items[0].code, cases[i].code);
    }
}

static void an_event_with_approvals_may_not_be_offered_by_two_regions(void **state)
{
    tells(*state,
          "workflow: a\nroles: {r: {}, s: {}}\nstates:\n"
          "  p:\n"
          "    type: parallel\n"
          "    states:\n"
          "      one: {on: {go: {by: [r], approve: {by: [s]}}}}\n"
          "      two: {on: {go: {by: [r]}}}\n"
          "    on: {end: {by: [r], target: z}}\n"
          "  z: {type: final}\n",
          "test.yaml:7:32: error: the event \"go\" has `approve` and is offered by two regions "
          "[E120]\n");
    /* An ancestor may offer it as well: one of the two is taken. */
    kit_load(*state, "workflow: a\nroles: {r: {}, s: {}}\nstates:\n"
                     "  p:\n"
                     "    states:\n"
                     "      one: {on: {go: {by: [r], approve: {by: [s]}, target: z}}}\n"
                     "    on: {go: {by: [r], target: z}}\n"
                     "  z: {type: final}\n");
}

static void who_acted_can_be_asked_of_what_people_do(void **state)
{
    struct kit *kit = *state;

    kit_load(kit, STATE_WITH("by: [r], guard: \"!acted(by.id, 'g') && !acted(by.id, 'y.g')\", "
                             "target: z"));
    assert_null(kit_try(kit, STATE_WITH("by: [r], guard: \"acted(by.id, 'h')\", target: z")));
    assert_non_null(strstr(kit_diags(kit), "there is no transition \"h\""));
}

/* ---- deadlines ---- */

static void a_deadline_says_when_whom_to_remind_and_to_whom_it_goes(void **state)
{
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\nroles: {r: {}, boss: {}}\ncalendar: {}\nstates:\n"
                         "  y: {deadline: {within: 5d, remind: [2d, 1wd], escalate: boss}, on: {g: "
                         "{by: [r], target: x}}}\n"
                         "  x: {deadline: {within: 3wd}, on: {g: {by: [r], target: z}}}\n"
                         "  z: {type: final}\n");
    const struct workflow_deadline *deadline = workflow->states[1].deadline;

    assert_int_equal(deadline->within.ms, 5 * 86400000);
    assert_int_equal(deadline->within.workdays, 0);
    assert_int_equal(deadline->reminder_count, 2);
    assert_int_equal(deadline->reminders[0].ms, 2 * 86400000);
    assert_int_equal(deadline->reminders[1].workdays, 1);
    assert_true(text_is(deadline->escalate, "boss"));
    assert_int_equal(workflow->states[2].deadline->within.workdays, 3);
    assert_true(text_is_empty(workflow->states[2].deadline->escalate));
    assert_null(workflow->states[3].deadline);
}

static void what_is_wrong_with_a_deadline_is_told(void **state)
{
    static const struct {
        const char *deadline, *code;
    } cases[] = {
        {"within: 5d, escalate: nobody", E_ROLE},
        {"within: 5d, remind: 1d", E_KIND},
        {"within: 5d, remind: [x]", E_SPAN},
        {"within: 5d, remind: [1d, 1d]", E_NAME_TWICE},
        {"within: 0d", E_SPAN},
        {"remind: [1d]", E_KEY_MISSING},
        {"within: 5d, remind: [5d]", E_REMINDER},
        {"within: 5wd", E_NO_CALENDAR},
        {"within: 5d, remind: [1wd]", E_NO_CALENDAR},
        {"within: 5d, remind: [0s]", E_SPAN},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text source = text_printf(kit->arena,
                                         "workflow: a\nroles: {r: {}}\nstates: {y: {deadline: "
                                         "{%s}, on: {g: {by: [r], target: z}}}, z: {type: "
                                         "final}}\n",
                                         cases[i].deadline);
        assert_null(kit_try(kit, source.bytes));
        assert_int_equal(kit->diags.error_count, 1);
        assert_string_equal(kit->diags.items[0].code, cases[i].code);
    }
}

/* ---- notify ---- */

static void notify_names_roles_and_words_in_every_language(void **state)
{
    const struct workflow *workflow = kit_load(
        *state, "workflow: a\nlanguages: [en, fr]\nroles: {r: {}, s: {}}\nstates:\n"
                "  y:\n"
                "    entry: [{notify: {to: r, text: {en: Look, fr: Regardez}}}, {notify: {to: [r, "
                "s], text: Both}}]\n"
                "    on: {g: {by: [r], target: z}}\n"
                "  z: {type: final}\n");
    const struct workflow_action *actions = workflow->states[1].entry.items[0].actions;

    assert_int_equal(actions[0].kind, WORKFLOW_NOTIFY);
    assert_int_equal(actions[0].to.count, 1);
    assert_true(text_is(actions[0].to.ids[0], "r"));
    assert_true(text_is(workflow_say(workflow, &actions[0].words, TEXT("fr")), "Regardez"));
    assert_int_equal(actions[1].to.count, 2);
    assert_true(text_is(actions[1].words.any, "Both"));
}

static void what_is_wrong_with_notify_is_told(void **state)
{
    static const struct {
        const char *notify, *code;
    } cases[] = {
        {"{to: t, text: x}", E_ROLE},
        {"{to: [r, t], text: x}", E_ROLE},
        {"{text: x}", E_KEY_MISSING},
        {"{to: r}", E_KEY_MISSING},
        {"{to: r, text: {en: x}}", E_WORDS},
        {"{to: r, text: = data.name}", E_EXPRESSION},
        {"{to: r, text: {en: = data.name, fr: x}}", E_EXPRESSION},
        {"r", E_KIND},
        {"{to: [], text: x}", E_EMPTY},
        {"{to: r, text: x, mail: y}", E_KEY_UNKNOWN},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text source =
            text_printf(kit->arena,
                        "workflow: a\nlanguages: [en, fr]\nroles: {r: {}}\nstates: {y: {entry: "
                        "[{notify: %s}], on: {g: {by: [r], target: z}}}, z: {type: final}}\n",
                        cases[i].notify);
        assert_null(kit_try(kit, source.bytes));
        assert_int_equal(kit->diags.error_count, 1);
        assert_string_equal(kit->diags.items[0].code, cases[i].code);
    }
}

/* ---- calendar ---- */

static const struct calendar *calendar_of(struct kit *kit, const char *calendar)
{
    struct text source =
        text_printf(kit->arena, "workflow: a\n%s\nstates: {z: {type: final}}\n", calendar);

    return kit_load(kit, source.bytes)->calendar;
}

static int64_t day(int32_t month, int32_t day_of_month)
{
    return when_days(2026, month, day_of_month);
}

static void a_calendar_has_its_weekend_holidays_and_hours(void **state)
{
    const struct calendar *calendar =
        calendar_of(*state, "time_zone: Africa/Dakar\n"
                            "calendar: {weekend: [fri, saturday], holidays: {2026-05-27: "
                            "Tabaski, 2026-04-06: Easter Monday, 04-04: Independence}, hours: "
                            "08:30-24:00}");

    assert_int_equal(calendar->weekend, 1 << 5 | 1 << 6);
    assert_int_equal(calendar->holiday_count, 2);
    assert_int_equal(calendar->holidays[0], day(4, 6)); /* in order, however they are written */
    assert_int_equal(calendar->holidays[1], day(5, 27));
    assert_true(calendar->yearly[3][3]);
    assert_int_equal(calendar->opens_s, 8 * 3600 + 1800);
    assert_int_equal(calendar->closes_s, 86400);
    assert_non_null(calendar->zone);
    assert_false(calendar_is_workday(calendar, day(4, 6)));
}

static void a_calendar_that_says_nothing_rests_on_saturday_and_sunday(void **state)
{
    const struct calendar *calendar = calendar_of(*state, "calendar: {}");

    assert_int_equal(calendar->weekend, 1 << 6 | 1 << 0);
    assert_int_equal(calendar->opens_s, 0);
    assert_int_equal(calendar->closes_s, 86400);
    assert_null(calendar_of(*state, "version: \"1\""));
    assert_int_equal(calendar_of(*state, "calendar: {weekend: []}")->weekend, 0);
}

static void hours_that_are_none_are_told(void **state)
{
    static const char *const hours[] = {"08:00",        "8:00-17:00",  "08:00 - 17:00",
                                        "17:00-17:00",  "08:00-24:01", "08:60-17:00",
                                        "08:00-17:00x", "x",           "08:00-25:00"};
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++) {
        struct text source = text_printf(
            kit->arena, "workflow: a\ncalendar: {hours: '%s'}\nstates: {z: {type: final}}\n",
            hours[i]);
        assert_null(kit_try(kit, source.bytes));
        assert_string_equal(kit->diags.items[0].code, E_HOURS);
    }
}

static void what_else_is_wrong_with_a_calendar_is_told(void **state)
{
    static const struct {
        const char *calendar, *code;
    } cases[] = {
        {"{weekend: [sabbath]}", E_WORD},  {"{weekend: sat}", E_KIND},
        {"{holidays: [05-01]}", E_KIND},   {"{holidays: {13-01: X}}", E_DAY},
        {"{holidays: {05-01: }}", E_KIND}, {"{holidays: {2026: X}}", E_DAY},
        {"{holiday: {}}", E_KEY_UNKNOWN},  {"[sat]", E_KIND},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text source =
            text_printf(kit->arena, "workflow: a\ncalendar: %s\nstates: {z: {type: final}}\n",
                        cases[i].calendar);
        assert_null(kit_try(kit, source.bytes));
        assert_int_equal(kit->diags.error_count, 1);
        assert_string_equal(kit->diags.items[0].code, cases[i].code);
    }
}

static void holidays_have_titles_in_every_language(void **state)
{
    tells(*state,
          "workflow: a\nlanguages: [en, fr]\ncalendar: {holidays: {05-01: {en: Work}}}\nstates: "
          "{z: {type: final}}\n",
          "test.yaml:3:23: error: the text of `05-01` is missing in fr [E123]\n");
}

static void every_day_of_the_year_a_holiday_is_no_calendar(void **state)
{
    struct kit *kit = *state;
    struct text_buffer source;

    text_buffer_init(&source, kit->arena);
    text_append(&source, TEXT("workflow: a\ncalendar:\n  holidays:\n"));
    for (int month = 1; month <= 12; month++)
        for (int d = 1; when_is_date(2001, month, d); d++)
            text_append_printf(&source, "    %02d-%02d: Free\n", month, d);
    text_append(&source, TEXT("states: {z: {type: final}}\n"));
    assert_null(kit_try(kit, text_buffer_text(&source).bytes));
    assert_string_equal(kit->diags.items[0].code, E_NO_WORKDAY);
}

static void working_days_stand_alone(void **state)
{
    static const char *const waits[] = {"0wd",  "1wd 2h",  "2h 1wd", "wd",
                                        "-1wd", "36526wd", "1.5wd"};
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        struct text source = text_printf(kit->arena,
                                         "workflow: a\ncalendar: {}\nstates: {y: {after: {g: "
                                         "{delay: %s, target: z}}}, z: {type: final}}\n",
                                         waits[i]);
        assert_null(kit_try(kit, source.bytes));
        assert_int_equal(kit->diags.error_count, 1);
        assert_string_equal(kit->diags.items[0].code, E_SPAN);
    }
}

static void what_waits_may_wait_for_working_days(void **state)
{
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\ncalendar: {}\nstates:\n"
                         "  y: {entry: [{send: {event: later, delay: 2wd}}], after: {g: {delay: "
                         "10wd, target: z}}, on: {later: {}}}\n"
                         "  z: {type: final}\n");

    assert_int_equal(workflow->transitions[0].wait.workdays, 10);
    assert_int_equal(workflow->transitions[0].wait.ms, 0);
    assert_int_equal(workflow->states[1].entry.items[0].actions[0].wait.workdays, 2);
}

static void expressions_count_working_days_where_there_is_a_calendar(void **state)
{
    struct kit *kit = *state;

    kit_load(kit, "workflow: a\nroles: {r: {}}\ncalendar: {}\nstates: {y: {on: {g: {by: [r], "
                  "guard: 'now > add_workdays(today, 3)', target: z}}}, z: {type: final}}\n");
    assert_null(kit_try(kit, STATE_WITH("by: [r], guard: 'now > add_workdays(today, 3)', target: "
                                        "z")));
    assert_string_equal(kit->diags.items[0].code, "E316");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(approvals_say_who_how_many_and_who_not),
        KIT_TEST(a_proposal_rests_on_its_form_and_on_what_guard_checks_and_do_read),
        KIT_TEST(approvals_are_for_events_of_people),
        KIT_TEST(what_is_wrong_with_approvals_is_told),
        KIT_TEST(an_event_with_approvals_may_not_be_offered_by_two_regions),
        KIT_TEST(who_acted_can_be_asked_of_what_people_do),
        KIT_TEST(a_deadline_says_when_whom_to_remind_and_to_whom_it_goes),
        KIT_TEST(what_is_wrong_with_a_deadline_is_told),
        KIT_TEST(notify_names_roles_and_words_in_every_language),
        KIT_TEST(what_is_wrong_with_notify_is_told),
        KIT_TEST(a_calendar_has_its_weekend_holidays_and_hours),
        KIT_TEST(a_calendar_that_says_nothing_rests_on_saturday_and_sunday),
        KIT_TEST(hours_that_are_none_are_told),
        KIT_TEST(what_else_is_wrong_with_a_calendar_is_told),
        KIT_TEST(holidays_have_titles_in_every_language),
        KIT_TEST(every_day_of_the_year_a_holiday_is_no_calendar),
        KIT_TEST(working_days_stand_alone),
        KIT_TEST(what_waits_may_wait_for_working_days),
        KIT_TEST(expressions_count_working_days_where_there_is_a_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
