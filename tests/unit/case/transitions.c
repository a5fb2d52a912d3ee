/* A person's event: what is let in, what is taken, what is told when it is not. */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\n"
    "title: {en: Test, fr: Essai}\n"
    "languages: [en, fr]\n"
    "country: SN\n"
    "open: {by: [caseworker], form: {found_in: optional}}\n"
    "roles:\n"
    "  caseworker: {title: {en: Case worker, fr: Assistant}, sees: [sensitive]}\n"
    "  supervisor: {title: {en: Supervisor, fr: Superviseur}}\n"
    "  judge: {title: {en: Judge, fr: Juge}}\n"
    "fields:\n"
    "  found_in: {type: text}\n"
    "  birth_date: {type: date}\n"
    "  outcome: {type: choice, options: {go: {en: Go, fr: Aller}, stay: {en: Stay, fr: Rester}}}\n"
    "  risk: {type: integer, min: 0, max: 10, initial: 5}\n"
    "  by_whom: {type: text}\n"
    "initial: first\n"
    "states:\n"
    "  first:\n"
    "    title: {en: First, fr: Premier}\n"
    "    on:\n"
    "      register:\n"
    "        by: [caseworker]\n"
    "        form: {birth_date: required, found_in: optional}\n"
    "        guard: age(data.birth_date, today) < 18\n"
    "        explain: {en: Only for children., fr: Réservé aux enfants.}\n"
    "        do: [{set: {by_whom: = by.id}}]\n"
    "        target: second\n"
    "      fault: {by: [caseworker], guard: data.outcome == 'go', target: second}\n"
    "      unexplained: {by: [caseworker], guard: data.risk > 7, target: second}\n"
    "      nothing: {by: [supervisor, judge]}\n"
    "      engine_only: {target: second}\n"
    "  second:\n"
    "    title: {en: Second, fr: Deuxième}\n"
    "    on:\n"
    "      go:\n"
    "        event: decide\n"
    "        by: [caseworker]\n"
    "        form: {outcome: required}\n"
    "        guard: data.outcome == 'go'\n"
    "        explain: {en: Not to go., fr: Pas aller.}\n"
    "        target: done_state\n"
    "      stay:\n"
    "        event: decide\n"
    "        by: [supervisor, caseworker]\n"
    "        guard: data.outcome == 'stay'\n"
    "        target: first\n"
    "      never:\n"
    "        event: decide.never\n"
    "        by: [judge]\n"
    "        guard: 'false'\n"
    "        target: first\n"
    "  done_state: {type: final, title: {en: Done, fr: Fini}}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    assert_int_equal(world_open(&world, "caseworker", NULL), PROBLEM_NONE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static const char child[] = "{\"birth_date\": \"2014-05-04\", \"found_in\": \"Dakar\"}";

/* ---- Opening. ---- */

static void an_opened_case_stands_in_its_initial_state(void **state)
{
    (void)state;
    assert_int_equal(world.change.status, 201);
    assert_case(&world, "code", "\"SN-2026-00042-G\"");
    assert_case(&world, "id", "\"abababababababababababababababab\"");
    assert_case(&world, "workflow/id", "\"test\"");
    assert_case(&world, "country", "\"SN\"");
    assert_case(&world, "states", "{\"first\": 1}");
    assert_case(&world, "visits", "{\"first\": 1}");
    assert_case(&world, "data", "{\"risk\": 5}");
    assert_case(&world, "opened", "{\"by\": \"awa\", \"at\": 1767254400000}");
    assert_case(&world, "changed",
                "{\"by\": \"awa\", \"at\": 1767254400000, \"event\": "
                "\"case.open\"}");
    assert_entry(&world, "kind", "\"open\"");
    assert_entry(&world, "prev", "null");
}

static void opening_lays_its_form_over_initial_values(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, yaml);
    assert_int_equal(world_open(&other, "caseworker", "{\"found_in\": \"Dakar\"}"), PROBLEM_NONE);
    assert_case(&other, "data", "{\"risk\": 5, \"found_in\": \"Dakar\"}");
    assert_entry(&other, "data", "{\"found_in\": \"Dakar\"}");
    world_end(&other);
}

static void opening_needs_one_of_its_roles(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, yaml);
    assert_int_equal(world_open(&other, "judge", NULL), PROBLEM_NOT_PERMITTED);
    assert_non_null(strstr(world_problem(&other)->detail.bytes, "caseworker"));
    assert_int_equal(other.state.doc.kind, VALUE_NULL);
    world_end(&other);
}

static void opening_without_open_by_needs_any_role_of_the_workflow(void **state)
{
    (void)state;
    static const char any[] = "workflow: test\nroles: {clerk: {}}\nstates: {one: {on: {go: {by: "
                              "[clerk]}}}}\n";
    struct world other;
    world_start(&other, any);
    assert_int_equal(world_open(&other, "caseworker", NULL), PROBLEM_NOT_PERMITTED);
    assert_int_equal(world_open(&other, "clerk", NULL), PROBLEM_NONE);
    assert_case(&other, "country", "\"ZZ\"");
    world_end(&other);
}

static void a_base_has_no_cases(void **state)
{
    struct world other;
    (void)state;
    world_start(&other, "workflow: test\nabstract: true\nroles: {clerk: {}}\n"
                        "states: {z: {type: final}}\n");
    assert_int_equal(world_open(&other, "clerk", NULL), PROBLEM_NOT_AVAILABLE);
    assert_text(world_problem(&other)->hint, "Open it on a workflow that extends it.");
    world_end(&other);
}

static void opening_is_for_people_of_that_country(void **state)
{
    (void)state;
    struct world other;
    struct text guinea = TEXT("GN");
    world_start(&other, yaml);
    struct case_person person = world_person(other.arena, "awa", "caseworker");
    person.countries = &guinea;
    struct case_person here = case_person_in(&person, other.workflow->country, other.arena);
    assert_int_equal(world_person_does(&other, CASE_OPEN, &here, NULL, NULL),
                     PROBLEM_NOT_PERMITTED);
    guinea = TEXT("SN");
    here = case_person_in(&person, other.workflow->country, other.arena);
    assert_int_equal(world_person_does(&other, CASE_OPEN, &here, NULL, NULL), PROBLEM_NONE);
    world_end(&other);
}

/* ---- Taken. ---- */

static void a_transition_lays_the_form_and_moves_the_case(void **state)
{
    (void)state;
    world.now_ms += 1000;
    assert_int_equal(world_do(&world, "awa", "caseworker", "register", child), PROBLEM_NONE);
    assert_int_equal(world.change.status, 200);
    assert_states(&world, "[\"second\"]");
    assert_case(&world, "states", "{\"second\": 1}");
    assert_case(&world, "data",
                "{\"risk\": 5, \"birth_date\": \"2014-05-04\", \"found_in\": \"Dakar\", "
                "\"by_whom\": \"awa\"}");
    assert_case(&world, "acted", "{\"awa\": {\"first.register\": true}}");
    assert_case(&world, "changed/event", "\"register\"");
}

static void an_entry_holds_the_event_and_its_change_alone(void **state)
{
    (void)state;
    world.comment = TEXT("Seen at the station.");
    assert_int_equal(world_do(&world, "awa", "caseworker", "register", child), PROBLEM_NONE);
    assert_entry(&world, "kind", "\"transition\"");
    assert_entry(&world, "event", "\"register\"");
    assert_entry(&world, "at", "1767254400000");
    assert_entry(&world, "by", "\"awa\"");
    assert_entry(&world, "person", "\"awa\"");
    assert_entry(&world, "roles", "[\"caseworker\"]");
    assert_entry(&world, "data", "{\"birth_date\": \"2014-05-04\", \"found_in\": \"Dakar\"}");
    assert_entry(&world, "comment", "\"Seen at the station.\"");
    assert_entry(&world, "prev", "1");
    assert_entry(&world, "case", "\"abababababababababababababababab\"");
    assert_entry(&world, "taken", "[\"first.register\"]");
    assert_entry(&world, "status", "200");
    assert_entry(&world, "patch/states", "{\"first\": null, \"second\": 1}");
    assert_entry(&world, "patch/code", "null");
    assert_entry(&world, "patch/keys", "null");
    assert_entry(&world, "checks", "null");
    assert_entry(&world, "key", "null");
    assert_entry(&world, "note", "null");
}

static void an_explicit_null_unsets_a_field(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, yaml);
    assert_int_equal(world_open(&other, "caseworker", "{\"found_in\": \"Dakar\"}"), PROBLEM_NONE);
    assert_int_equal(world_do(&other, "awa", "caseworker", "register",
                              "{\"birth_date\": \"2014-05-04\", \"found_in\": null}"),
                     PROBLEM_NONE);
    assert_case(&other, "data/found_in", "null");
    assert_entry(&other, "data", "{\"birth_date\": \"2014-05-04\", \"found_in\": null}");
    assert_entry(&other, "patch/data/found_in", "null");
    world_end(&other);
}

static void the_first_whose_guard_holds_is_taken(void **state)
{
    (void)state;
    world_do(&world, "awa", "caseworker", "register", child);
    assert_int_equal(world_do(&world, "awa", "caseworker", "decide", "{\"outcome\": \"stay\"}"),
                     PROBLEM_NONE);
    assert_states(&world, "[\"first\"]");
    assert_case(&world, "visits", "{\"first\": 2, \"second\": 1}");
    assert_case(&world, "acted/awa", "{\"first.register\": true, \"second.stay\": true}");
}

static void a_candidate_of_another_role_is_passed_over(void **state)
{
    (void)state;
    world_do(&world, "awa", "caseworker", "register", child);
    assert_int_equal(world_do(&world, "binta", "supervisor", "decide", "{\"outcome\": \"go\"}"),
                     PROBLEM_GUARD_FAILED);
    assert_int_equal(world_do(&world, "binta", "supervisor", "decide", "{\"outcome\": \"stay\"}"),
                     PROBLEM_NONE);
}

static void a_transition_without_target_or_do_consumes_its_event(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "codou", "judge", "nothing", NULL), PROBLEM_NONE);
    assert_states(&world, "[\"first\"]");
    assert_entry(&world, "patch/data", "null");
}

static void a_top_level_final_closes_the_case(void **state)
{
    (void)state;
    world_do(&world, "awa", "caseworker", "register", child);
    world.now_ms += 5000;
    assert_int_equal(world_do(&world, "awa", "caseworker", "decide", "{\"outcome\": \"go\"}"),
                     PROBLEM_NONE);
    assert_states(&world, "[\"done_state\"]");
    assert_case(&world, "closed", "true");
    assert_case(&world, "closed_at", "1767254405000");
    assert_int_equal(world_do(&world, "awa", "caseworker", "decide", "{\"outcome\": \"go\"}"),
                     PROBLEM_NOT_AVAILABLE);
    assert_json(&world, value_get(&world_problem(&world)->extra, TEXT("available")), "[]");
}

/* ---- Refused; nothing has changed (world_apply looks). ---- */

static void an_event_that_nothing_takes_tells_what_is_available(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "caseworker", "registr", child),
                     PROBLEM_NOT_AVAILABLE);
    const struct value *available = value_get(&world_problem(&world)->extra, TEXT("available"));
    assert_int_equal(value_count(available), 4);
    assert_text(value_text_at(value_item(available, 0), "event"), "register");
    assert_non_null(strstr(world_problem(&world)->hint.bytes, "register"));
}

static void an_event_without_by_is_not_there_for_people(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "caseworker", "engine_only", NULL),
                     PROBLEM_NOT_AVAILABLE);
    assert_int_equal(world_do(&world, "awa", "caseworker", "done.state.first", NULL),
                     PROBLEM_NOT_AVAILABLE);
}

static void a_wrong_role_is_told_which_roles_may(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "caseworker", "nothing", NULL), PROBLEM_NOT_PERMITTED);
    assert_text(world_problem(&world)->detail, "nothing needs the role supervisor or judge.");
}

static void the_role_is_asked_before_the_form(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "binta", "supervisor", "register", "{\"x\": 1}"),
                     PROBLEM_NOT_PERMITTED);
}

static void a_role_of_the_daemon_may_nothing_in_a_case(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, "workflow: test\nroles: {auditor: {}, clerk: {}}\nstates: {one: {on: {go: "
                        "{by: [auditor]}}}}\n");
    assert_int_equal(world_open(&other, "auditor", NULL), PROBLEM_NOT_PERMITTED);
    assert_int_equal(world_open(&other, "clerk", NULL), PROBLEM_NONE);
    assert_int_equal(world_do(&other, "awa", "auditor", "go", NULL), PROBLEM_NOT_PERMITTED);
    world_end(&other);
}

static void a_false_guard_is_explained_in_every_language(void **state)
{
    (void)state;
    assert_int_equal(
        world_do(&world, "awa", "caseworker", "register", "{\"birth_date\": \"1999-01-01\"}"),
        PROBLEM_GUARD_FAILED);
    assert_text(world_problem(&world)->detail, "Only for children.");
    assert_json(&world, &world_problem(&world)->extra,
                "{\"explain\": {\"en\": \"Only for children.\", \"fr\": \"Réservé aux "
                "enfants.\"}}");
}

static void a_false_guard_without_explain_is_told_in_its_own_words(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "caseworker", "unexplained", NULL),
                     PROBLEM_GUARD_FAILED);
    assert_text(world_problem(&world)->detail, "This needs: data.risk > 7");
    assert_int_equal(world_problem(&world)->extra.kind, VALUE_NULL);
}

static void where_all_guards_are_false_the_first_ones_reason_is_told(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, "workflow: test\nroles: {clerk: {}}\nfields: {n: {type: integer}}\n"
                        "states:\n  one:\n    on:\n"
                        "      a: {event: go, by: [clerk], form: {n: required}, guard: data.n == "
                        "1, explain: A., target: two}\n"
                        "      b: {event: go, by: [clerk], guard: data.n == 2, explain: B., "
                        "target: two}\n  two: {on: {go: {by: [clerk], target: one}}}\n");
    world_open(&other, "clerk", NULL);
    assert_int_equal(world_do(&other, "awa", "clerk", "go", "{\"n\": 3}"), PROBLEM_GUARD_FAILED);
    assert_text(world_problem(&other)->detail, "A.");
    assert_int_equal(world_do(&other, "awa", "clerk", "go", "{\"n\": 2}"), PROBLEM_NONE);
    world_end(&other);
}

static void a_guard_that_errs_is_a_fault_of_the_workflow_with_its_line(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "caseworker", "fault", NULL), PROBLEM_WORKFLOW_FAULT);
    const struct problem *problem = world_problem(&world);
    assert_fault(problem, 0, "", "fault");
    struct text message = value_text_at(value_item(&problem->errors, 0), "message");
    assert_true(text_begins(message, "test.yaml:28: guard: "));
    assert_non_null(strstr(message.bytes, "data.outcome"));
    assert_non_null(strstr(problem->detail.bytes, "test.yaml:28"));
}

static void a_comment_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static char comment[CASE_COMMENT_BYTES_MAX + 2];
    memset(comment, 'x', sizeof comment - 1);
    world.comment = text_from(comment);
    assert_int_equal(world_do(&world, "awa", "caseworker", "register", child),
                     PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/comment", "invalid");
    world.comment = (struct text){comment, CASE_COMMENT_BYTES_MAX};
    assert_int_equal(world_do(&world, "awa", "caseworker", "register", child), PROBLEM_NONE);
}

/* ---- If-Match. ---- */

static void a_stale_revision_is_told_who_changed_what_when(void **state)
{
    (void)state;
    world.has_revision = true;
    world.revision = 7;
    assert_int_equal(world_do(&world, "binta", "caseworker", "register", child),
                     PROBLEM_STALE_REVISION);
    assert_json(&world, &world_problem(&world)->extra,
                "{\"revision\": 1, \"changed_by\": \"awa\", "
                "\"changed_event\": \"case.open\", \"changed_at\": "
                "\"2026-01-01T08:00:00Z\"}");
}

static void the_revision_that_was_seen_lets_an_event_in(void **state)
{
    (void)state;
    world.has_revision = true;
    world.revision = world.state.revision;
    assert_int_equal(world_do(&world, "awa", "caseworker", "register", child), PROBLEM_NONE);
}

/* ---- Two regions. ---- */

static void two_regions_take_one_event_with_one_form(void **state)
{
    (void)state;
    struct world other;
    world_start(&other,
                "workflow: test\nroles: {clerk: {}}\n"
                "fields: {n: {type: integer}, a: {type: integer}, b: {type: integer}}\n"
                "states:\n  both:\n    type: parallel\n    done: {target: over}\n    states:\n"
                "      left:\n        states:\n"
                "          l1: {on: {go: {by: [clerk], form: {n: required}, do: [{set: {a: = "
                "data.n}}], target: l2}}}\n"
                "          l2: {type: final}\n"
                "      right:\n        states:\n"
                "          r1: {on: {go: {by: [clerk], guard: event.data.n > 1, do: [{set: {b: = "
                "data.a + event.data.n}}], target: r2}}}\n"
                "          r2: {type: final}\n"
                "  over: {type: final}\n");
    world_open(&other, "clerk", NULL);
    assert_states(&other, "[\"l1\", \"r1\"]");
    assert_int_equal(world_do(&other, "awa", "clerk", "go", "{\"n\": 1}"), PROBLEM_NONE);
    assert_states(&other, "[\"l2\", \"r1\"]");
    assert_case(&other, "states", "{\"both\": 1, \"left\": 1, \"right\": 1, \"l2\": 1, \"r1\": 1}");
    world_end(&other);
}

static void in_two_regions_what_one_does_the_next_one_sees(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, "workflow: test\nroles: {clerk: {}}\n"
                        "fields: {n: {type: integer}, a: {type: integer}, b: {type: integer}}\n"
                        "states:\n  both:\n    type: parallel\n    states:\n"
                        "      left: {on: {go: {by: [clerk], form: {n: required}, do: [{set: {a: = "
                        "data.n}}]}}}\n"
                        "      right: {on: {go: {by: [clerk], do: [{set: {b: = data.a + "
                        "event.data.n}}]}}}\n");
    world_open(&other, "clerk", NULL);
    assert_int_equal(world_do(&other, "awa", "clerk", "go", "{\"n\": 4}"), PROBLEM_NONE);
    assert_case(&other, "data", "{\"n\": 4, \"a\": 4, \"b\": 8}");
    assert_entry(&other, "taken", "[\"left.go\", \"right.go\"]");
    world_end(&other);
}

static void clearance_takes_two_different_persons(void **state)
{
    (void)state;
    struct world other;
    world_start(&other,
                "workflow: test\nroles: {host: {}, origin: {}}\n"
                "fields: {first: {type: person}}\n"
                "states:\n  a: {on: {clear: {by: [host], do: [{set: {first: = by.id}}], target: "
                "b}}}\n"
                "  b: {on: {clear: {by: [origin], guard: by.id != data.first, explain: Another "
                "person., target: c}}}\n  c: {type: final}\n");
    world_open(&other, "host", NULL);
    assert_int_equal(world_do(&other, "awa", "host", "clear", NULL), PROBLEM_NONE);
    assert_int_equal(world_do(&other, "awa", "origin", "clear", NULL), PROBLEM_GUARD_FAILED);
    struct case_person same = world_person(other.arena, "awa_second_account", "origin");
    same.person = TEXT("awa");
    assert_int_equal(world_person_does(&other, CASE_TRANSITION, &same, "clear", NULL),
                     PROBLEM_GUARD_FAILED);
    assert_int_equal(world_do(&other, "binta", "origin", "clear", NULL), PROBLEM_NONE);
    world_end(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_opened_case_stands_in_its_initial_state),
        TEST(opening_lays_its_form_over_initial_values),
        TEST(opening_needs_one_of_its_roles),
        TEST(opening_without_open_by_needs_any_role_of_the_workflow),
        TEST(a_base_has_no_cases),
        TEST(opening_is_for_people_of_that_country),
        TEST(a_transition_lays_the_form_and_moves_the_case),
        TEST(an_entry_holds_the_event_and_its_change_alone),
        TEST(an_explicit_null_unsets_a_field),
        TEST(the_first_whose_guard_holds_is_taken),
        TEST(a_candidate_of_another_role_is_passed_over),
        TEST(a_transition_without_target_or_do_consumes_its_event),
        TEST(a_top_level_final_closes_the_case),
        TEST(an_event_that_nothing_takes_tells_what_is_available),
        TEST(an_event_without_by_is_not_there_for_people),
        TEST(a_wrong_role_is_told_which_roles_may),
        TEST(the_role_is_asked_before_the_form),
        TEST(a_role_of_the_daemon_may_nothing_in_a_case),
        TEST(a_false_guard_is_explained_in_every_language),
        TEST(a_false_guard_without_explain_is_told_in_its_own_words),
        TEST(where_all_guards_are_false_the_first_ones_reason_is_told),
        TEST(a_guard_that_errs_is_a_fault_of_the_workflow_with_its_line),
        TEST(a_comment_that_is_too_long_is_refused),
        TEST(a_stale_revision_is_told_who_changed_what_when),
        TEST(the_revision_that_was_seen_lets_an_event_in),
        TEST(two_regions_take_one_event_with_one_form),
        TEST(in_two_regions_what_one_does_the_next_one_sees),
        TEST(clearance_takes_two_different_persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
