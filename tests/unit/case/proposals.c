/* Proposals: what is kept of a submission, who may approve it, and how people see it. */
#include "case/approving.h"

/* ---- Submitting. ---- */

static void a_submission_is_kept_as_a_proposal_and_nothing_of_it_is_laid_into_the_data(void **state)
{
    (void)state;
    struct value before = value_copy(world.arena, value_at(&world.state.doc, "data"));
    assert_int_equal(submit(), PROBLEM_NONE);
    assert_int_equal(world.change.status, 202);
    assert_int_equal(world.change.proposal, 1);
    assert_true(value_equal(&before, value_at(&world.state.doc, "data")));
    assert_case(&world, "states", "{\"desk\": 1}");
    assert_case(&world, "acted", "{}");
    assert_case(&world, "proposals/1/status", "\"open\"");
    assert_case(&world, "proposals/1/form",
                "{\"values\": {\"plan\": \"return\", \"secret\": \"x\"}, \"unset\": []}");
    assert_entry(&world, "kind", "\"proposal\"");
    assert_entry(&world, "event", "\"case.propose.decide\"");
    assert_entry(&world, "proposal", "1");
    assert_entry(&world, "status", "202");
    assert_entry(&world, "taken", "null");
}

static void a_submission_is_held_against_form_checks_and_guard_at_once(void **state)
{
    (void)state;
    assert_int_equal(act("decide", NULL), PROBLEM_FIELD_INVALID);
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 9}}");
    assert_int_equal(submit(), PROBLEM_GUARD_FAILED);
    world_check(&world, "desk.decide.score", "{\"outcome\": \"refused\", \"reasons\": []}");
    assert_int_equal(submit(), PROBLEM_CHECK_REFUSED);
    world_check(&world, "desk.decide.score",
                "{\"outcome\": \"broken\", \"message\": \"Crash.\", \"retry\": true}");
    assert_int_equal(submit(), PROBLEM_PLUGIN_FAILED);
    assert_case(&world, "proposals", "{}");
}

static void another_transition_of_the_event_that_needs_no_approval_is_taken_at_once(void **state)
{
    (void)state;
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 9}}");
    assert_int_equal(act("decide", "{\"plan\": \"stay\"}"), PROBLEM_NONE);
    assert_int_equal(world.change.status, 200);
    assert_entry(&world, "taken", "[\"desk.stay\"]");
    assert_case(&world, "proposals", "{}");
}

static void a_second_submission_of_the_event_conflicts(void **state)
{
    (void)state;
    submit();
    assert_int_equal(submit(), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(problem_kind(PROBLEM_NOT_AVAILABLE)->status, 409);
    assert_detail("decide was submitted already: proposal 1 waits for approval.");
    /* Of another transition of the event, too, and by whomever. */
    assert_int_equal(world_do(&world, "dibor", "judge", "decide", "{\"plan\": \"stay\"}"),
                     PROBLEM_NOT_AVAILABLE);
    /* Another event is another matter. */
    assert_int_equal(act("alone", NULL), PROBLEM_NONE);
    assert_case(&world, "proposals/2/event", "\"alone\"");
}

static void a_submission_that_is_repeated_is_answered_as_before(void **state)
{
    (void)state;
    world.key = TEXT("k");
    world.request = TEXT("h");
    submit();
    world.key = TEXT("k");
    world.request = TEXT("h");
    submit();
    assert_int_equal(world.plan.kind, CASE_REPEAT);
    assert_int_equal(world.plan.status, 202);
    assert_int_equal(world.plan.proposal, 1);
    assert_int_equal(world.plan.seq, 2);
}

static void what_a_form_unsets_is_unset_when_it_is_carried_out(void **state)
{
    (void)state;
    act("change_other", "{\"unread\": 1}");
    assert_int_equal(act("again", "{\"copy\": null}"), PROBLEM_NONE);
    assert_case(&world, "proposals/1/form", "{\"values\": {}, \"unset\": [\"copy\"]}");
    assert_int_equal(approve("binta", "boss"), PROBLEM_NONE);
    assert_true(world_fire(&world));
    assert_entry(&world, "data", "{\"copy\": null}");
}

/* ---- Approving. ---- */

static void need_distinct_people_approve_and_the_last_one_sets_a_timer_due_now(void **state)
{
    (void)state;
    int64_t due_ms;
    struct text key;
    submit();
    assert_int_equal(approve("binta", "boss"), PROBLEM_NONE);
    assert_int_equal(world.change.status, 200);
    assert_entry(&world, "kind", "\"approval\"");
    assert_entry(&world, "event", "\"case.approve.decide\"");
    assert_case(&world, "proposals/1/status", "\"open\"");
    assert_false(case_next_timer(&world.state.doc, &key, &due_ms));
    assert_int_equal(approve("codou", "judge"), PROBLEM_NONE);
    assert_case(&world, "proposals/1/status", "\"approved\"");
    assert_case(&world, "states", "{\"desk\": 1}");
    assert_true(case_next_timer(&world.state.doc, &key, &due_ms));
    assert_text(key, "proposal.1.1");
    assert_int_equal(due_ms, world.now_ms);
}

static void two_accounts_of_one_person_count_once(void **state)
{
    (void)state;
    struct case_person second = world_person(world.arena, "binta2", "judge");
    second.person = TEXT("binta");
    submit();
    approve("binta", "boss");
    assert_int_equal(world_person_does(&world, CASE_APPROVE, &second, "1", NULL),
                     PROBLEM_NOT_AVAILABLE);
    assert_detail("You have approved proposal 1 already, as binta.");
    assert_case(&world, "proposals/1/status", "\"open\"");
}

static void whoever_submitted_it_may_not_approve_it_by_another_account_either(void **state)
{
    (void)state;
    struct case_person second = world_person(world.arena, "awa2", "judge");
    second.person = TEXT("awa");
    world_do(&world, "awa", "judge", "decide", "{\"plan\": \"return\"}");
    assert_int_equal(approve("awa", "judge"), PROBLEM_NOT_PERMITTED);
    assert_detail("Proposal 1 is your own: somebody else must approve it.");
    assert_int_equal(world_person_does(&world, CASE_APPROVE, &second, "1", NULL),
                     PROBLEM_NOT_PERMITTED);
    assert_int_equal(reject("awa", "judge", "no"), PROBLEM_NOT_PERMITTED);
}

static void where_nobody_is_excluded_the_submitter_may_approve(void **state)
{
    (void)state;
    act("alone", NULL);
    assert_int_equal(approve("awa", "clerk"), PROBLEM_NONE);
    assert_true(world_fire(&world));
    assert_case(&world, "data/unread", "5");
}

static void whom_a_field_names_may_be_excluded_too(void **state)
{
    (void)state;
    act("name", "{\"author\": \"binta\"}");
    act("print", "{\"readers\": [\"dibor\", \"codou\"]}");
    assert_int_equal(approve("binta", "boss"), PROBLEM_NOT_PERMITTED);
    assert_detail("The field author names you: somebody else must approve proposal 1.");
    assert_int_equal(reject("codou", "judge", "no"), PROBLEM_NOT_PERMITTED);
    assert_detail("The field readers names you: somebody else must reject proposal 1.");
    struct case_person person = world_person(world.arena, "codou", "judge");
    struct value view = case_proposal_view(&world.state, 1, &person, TEXT_NONE, world.arena);
    assert_text(value_text_at(&view, "approve/why_not"), "readers names you");
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(value_item(value_at(&card, "told/asks"), 0), "not"),
                "[\"awa\", \"binta\", \"dibor\", \"codou\"]");
    assert_int_equal(approve("gil", "judge"), PROBLEM_NONE);
}

static void whom_it_excludes_is_what_a_proposal_rests_on(void **state)
{
    (void)state;
    act("name", "{\"author\": \"binta\"}");
    act("print", NULL);
    act("name", "{\"author\": \"codou\"}");
    assert_case(&world, "proposals/1/status", "\"changed\"");
    assert_case(&world, "proposals/1/field", "\"author\"");
}

static void approving_needs_one_of_its_roles(void **state)
{
    (void)state;
    submit();
    assert_int_equal(approve("dibor", "other"), PROBLEM_NOT_PERMITTED);
    assert_detail("To approve decide needs the role judge or boss.");
    assert_int_equal(reject("dibor", "other", "no"), PROBLEM_NOT_PERMITTED);
}

static void a_proposal_that_is_not_there_is_told(void **state)
{
    (void)state;
    assert_int_equal(approve("binta", "boss"), PROBLEM_NO_SUCH_PROPOSAL);
    assert_int_equal(problem_kind(PROBLEM_NO_SUCH_PROPOSAL)->status, 404);
    submit();
    struct case_person person = world_person(world.arena, "binta", "boss");
    assert_int_equal(world_person_does(&world, CASE_APPROVE, &person, "01", NULL),
                     PROBLEM_NO_SUCH_PROPOSAL);
}

static void more_approvals_than_are_needed_are_refused(void **state)
{
    (void)state;
    submit_and_approve();
    assert_int_equal(approve("dibor", "boss"), PROBLEM_NOT_AVAILABLE);
    assert_detail("Proposal 1 has the approvals it needs.");
}

static void an_approval_speaks_of_the_revision_it_saw(void **state)
{
    (void)state;
    submit();
    world.has_revision = true;
    world.revision = 1;
    assert_int_equal(approve("binta", "boss"), PROBLEM_STALE_REVISION);
}

/* ---- Seen by people. ---- */

static struct value view_of(const char *who, const char *role)
{
    struct case_person person = world_person(world.arena, who, role);
    return case_proposals_view(&world.state, &person, TEXT("en"), world.arena);
}

static void a_proposal_is_shown_with_what_its_viewer_may_see_and_do(void **state)
{
    (void)state;
    submit();
    world.comment = TEXT("I agree.");
    approve("codou", "judge");
    struct value list = view_of("binta", "boss");
    assert_json(&world, &list,
                "[{\"proposal\": 1, \"event\": \"decide\", \"title\": \"Decide\", \"status\": "
                "\"open\", \"by\": \"awa\", \"at\": \"2026-01-01T08:00:00Z\", \"approvals\": "
                "[{\"by\": \"codou\", \"at\": \"2026-01-01T08:00:00Z\", \"comment\": \"I "
                "agree.\"}], \"data\": {\"plan\": \"return\", \"secret\": \"x\"}, \"hidden\": [], "
                "\"need\": 2, \"missing\": 1, \"approve\": {\"may\": true, \"by\": [\"judge\", "
                "\"boss\"]}}]");
    list = view_of("codou", "judge");
    assert_json(&world, value_at(value_item(&list, 0), "data"), "{\"plan\": \"return\"}");
    assert_json(&world, value_at(value_item(&list, 0), "hidden"), "[\"secret\"]");
    assert_json(&world, value_at(value_item(&list, 0), "approve/why_not"),
                "\"you have approved it already\"");
    list = view_of("dibor", "other");
    assert_json(&world, value_at(value_item(&list, 0), "approve/why_not"),
                "\"needs the role judge or boss\"");
    list = view_of("awa", "boss");
    assert_json(&world, value_at(value_item(&list, 0), "approve/why_not"), "\"it is your own\"");
}

static void an_ended_one_tells_why(void **state)
{
    (void)state;
    submit_and_approve();
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 9}}");
    world_fire(&world);
    struct value list = view_of("binta", "boss");
    assert_json(&world, value_at(value_item(&list, 0), "refusal"),
                "{\"code\": \"guard-failed\", \"detail\": \"Too risky.\"}");
    assert_json(&world, value_at(value_item(&list, 0), "ended"),
                "{\"at\": \"2026-01-01T08:00:00Z\", \"seq\": 5}");
    list = view_of("dibor", "other"); /* what was said may quote what this role may not see */
    assert_json(&world, value_at(value_item(&list, 0), "refusal"), "{\"code\": \"guard-failed\"}");
}

static void the_newest_proposal_is_shown_first(void **state)
{
    (void)state;
    submit();
    act("alone", NULL);
    struct value list = view_of("binta", "boss");
    assert_int_equal(value_int_at(value_item(&list, 0), "proposal", 0), 2);
    assert_int_equal(value_int_at(value_item(&list, 1), "proposal", 0), 1);
    struct case_person person = world_person(world.arena, "binta", "boss");
    struct value none = case_proposal_view(&world.state, 3, &person, TEXT_NONE, world.arena);
    assert_int_equal(none.kind, VALUE_NULL);
}

static void an_event_that_waits_for_approval_is_not_offered(void **state)
{
    (void)state;
    struct case_person person = world_person(world.arena, "awa", "clerk");
    struct value list = case_available(&world.state, &person, TEXT_NONE, world.now_ms, world.arena);
    assert_true(value_bool_at(value_item(&list, 0), "allowed"));
    assert_json(&world, value_at(value_item(&list, 0), "approve"),
                "{\"need\": 2, \"by\": [\"judge\", \"boss\"]}");
    submit();
    list = case_available(&world.state, &person, TEXT_NONE, world.now_ms, world.arena);
    assert_false(value_bool_at(value_item(&list, 0), "allowed"));
    assert_text(value_text_at(value_item(&list, 0), "why_not"), "proposal 1 waits for approval");
}

static void the_card_waits_for_approvers_and_no_longer_for_submitters(void **state)
{
    (void)state;
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "roles"), "[\"clerk\", \"judge\"]");
    assert_null(value_at(&card, "told"));
    submit();
    card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "roles"), "[\"clerk\"]");
    assert_json(&world, value_at(&card, "audience/roles"), "[\"judge\", \"boss\"]");
    approve("binta", "boss");
    card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "told/asks"),
                "[{\"proposal\": \"1\", \"transition\": \"desk.decide\", \"submitter\": \"awa\", "
                "\"by\": [\"judge\", \"boss\"], \"not\": [\"awa\", \"binta\"]}]");
    approve("codou", "judge");
    card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "roles"), "[\"clerk\"]");
}

static void the_history_tells_of_every_step(void **state)
{
    (void)state;
    struct case_person person = world_person(world.arena, "codou", "judge");
    submit();
    struct value view =
        case_entry_view(world.workflow, 2, &world.change.entry, &person, TEXT_NONE, world.arena);
    assert_json(&world, value_at(&view, "kind"), "\"proposal\"");
    assert_json(&world, value_at(&view, "proposal"), "1");
    assert_json(&world, value_at(&view, "data"), "{\"plan\": \"return\"}");
    assert_json(&world, value_at(&view, "hidden"), "[\"secret\"]");
    reject("codou", "judge", "No.");
    view = case_entry_view(world.workflow, 3, &world.change.entry, &person, TEXT_NONE, world.arena);
    assert_json(&world, value_at(&view, "kind"), "\"rejection\"");
    assert_json(&world, value_at(&view, "by"), "\"codou\"");
    assert_json(&world, value_at(&view, "comment"), "\"No.\"");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_submission_is_kept_as_a_proposal_and_nothing_of_it_is_laid_into_the_data),
        TEST(a_submission_is_held_against_form_checks_and_guard_at_once),
        TEST(another_transition_of_the_event_that_needs_no_approval_is_taken_at_once),
        TEST(a_second_submission_of_the_event_conflicts),
        TEST(a_submission_that_is_repeated_is_answered_as_before),
        TEST(what_a_form_unsets_is_unset_when_it_is_carried_out),
        TEST(need_distinct_people_approve_and_the_last_one_sets_a_timer_due_now),
        TEST(two_accounts_of_one_person_count_once),
        TEST(whoever_submitted_it_may_not_approve_it_by_another_account_either),
        TEST(where_nobody_is_excluded_the_submitter_may_approve),
        TEST(whom_a_field_names_may_be_excluded_too),
        TEST(whom_it_excludes_is_what_a_proposal_rests_on),
        TEST(approving_needs_one_of_its_roles),
        TEST(a_proposal_that_is_not_there_is_told),
        TEST(more_approvals_than_are_needed_are_refused),
        TEST(an_approval_speaks_of_the_revision_it_saw),
        TEST(a_proposal_is_shown_with_what_its_viewer_may_see_and_do),
        TEST(an_ended_one_tells_why),
        TEST(the_newest_proposal_is_shown_first),
        TEST(an_event_that_waits_for_approval_is_not_offered),
        TEST(the_card_waits_for_approvers_and_no_longer_for_submitters),
        TEST(the_history_tells_of_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
