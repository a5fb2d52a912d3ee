/* Proposals that are carried out, refused on the way, or ended before. */
#include "case/approving.h"

/* ---- Carrying out. ---- */

static void an_approved_proposal_is_carried_out_as_an_event_of_its_submitter(void **state)
{
    (void)state;
    submit_and_approve();
    assert_true(world_fire(&world));
    assert_int_equal(world.plan.kind, CASE_ASK);
    assert_text(world.plan.checks[0].key, "desk.decide.score");
    assert_states(&world, "[\"done\"]");
    assert_entry(&world, "kind", "\"carried\"");
    assert_entry(&world, "event", "\"decide\"");
    assert_entry(&world, "by", "\"awa\"");
    assert_entry(&world, "person", "\"awa\"");
    assert_entry(&world, "roles", "[\"clerk\"]");
    assert_entry(&world, "taken", "[\"desk.decide\"]");
    assert_entry(&world, "data", "{\"plan\": \"return\", \"secret\": \"x\"}");
    assert_entry(&world, "status", "null");
    assert_case(&world, "data/plan", "\"return\"");
    assert_case(&world, "data/risk", "4");
    assert_case(&world, "data/copy", "\"a\"");
    assert_case(&world, "data/by_whom", "\"awa\"");
    assert_case(&world, "proposals/1/status", "\"carried\"");
    assert_case(&world, "proposals/1/form", "null");
    assert_case(&world, "changed/by", "\"awa\"");
    assert_case(&world, "notices", "{}");
}

static void submitter_and_approvers_have_acted_once_it_is_carried_out(void **state)
{
    (void)state;
    submit_and_approve();
    assert_case(&world, "acted", "{}");
    world_fire(&world);
    assert_case(&world, "acted",
                "{\"awa\": {\"desk.decide\": true}, \"binta\": {\"desk.decide\": true}, "
                "\"codou\": {\"desk.decide\": true}}");
    assert_case(&world, "data/both", "true");
    assert_int_equal(world_do(&world, "codou", "clerk", "back", NULL), PROBLEM_GUARD_FAILED);
    assert_int_equal(world_do(&world, "dibor", "clerk", "back", NULL), PROBLEM_NONE);
}

static void its_checks_and_guard_are_asked_anew_and_a_refusal_ends_it_with_the_reason(void **state)
{
    (void)state;
    struct problem problem;
    submit_and_approve();
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 9}}");
    assert_int_equal(answer_of(&problem), 0);
    assert_true(world_fire(&world));
    assert_entry(&world, "kind", "\"refused\"");
    assert_entry(&world, "event", "\"case.refuse.decide\"");
    assert_entry(&world, "taken", "null");
    assert_case(&world, "states", "{\"desk\": 1}");
    assert_case(&world, "data/plan", "null");
    assert_case(&world, "data/risk", "null");
    assert_case(&world, "timers", "{}");
    assert_case(&world, "proposals/1/status", "\"refused\"");
    assert_case(&world, "proposals/1/refusal/code", "\"guard-failed\"");
    assert_int_equal(answer_of(&problem), 200);
    assert_int_equal(problem.code, PROBLEM_GUARD_FAILED);
    assert_text(problem.detail, "Too risky.");
    /* It may be submitted anew. */
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 4}}");
    assert_int_equal(submit(), PROBLEM_NONE);
    assert_case(&world, "proposals/2/status", "\"open\"");
}

static void a_check_that_refuses_ends_it_with_its_reasons(void **state)
{
    (void)state;
    struct problem problem;
    submit_and_approve();
    world_check(&world, "desk.decide.score",
                "{\"outcome\": \"refused\", \"reasons\": [{\"input\": \"household\", "
                "\"message\": \"Not safe.\"}]}");
    world_fire(&world);
    assert_case(&world, "proposals/1/refusal/code", "\"check-refused\"");
    answer_of(&problem);
    assert_int_equal(problem.code, PROBLEM_CHECK_REFUSED);
    assert_fault(&problem, 0, "/data/home", "refused");
}

static void only_the_transition_that_was_approved_may_be_taken(void **state)
{
    (void)state;
    /* The guard of `stay` holds for this form, and was never asked about. */
    assert_int_equal(act("decide", "{\"plan\": \"stay\"}"), PROBLEM_NONE);
    assert_int_equal(world.change.status, 202);
    approve("binta", "boss");
    approve("codou", "judge");
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 9}}");
    world_fire(&world);
    assert_case(&world, "proposals/1/status", "\"refused\"");
    assert_case(&world, "data/plan", "null");
}

static void a_check_that_fails_leaves_it_to_be_tried_again(void **state)
{
    (void)state;
    struct problem problem;
    submit_and_approve();
    world_check(&world, "desk.decide.score",
                "{\"outcome\": \"broken\", \"message\": \"Crash.\", \"retry\": true}");
    assert_true(world_fire(&world));
    assert_entry(&world, "kind", "\"postponed\"");
    assert_case(&world, "proposals/1/status", "\"approved\"");
    assert_case(&world, "proposals/1/tries", "1");
    assert_case(&world, "timers/proposal.1.2/due", "1767254410000");
    assert_int_equal(answer_of(&problem), 202);
    assert_int_equal(problem.code, PROBLEM_NONE);
    assert_false(world_fire(&world));
    world_wait(&world, 10000);
    assert_case(&world, "timers/proposal.1.3/due", "1767254430000"); /* 20 s on */
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 4}}");
    world_wait(&world, 20000);
    assert_states(&world, "[\"done\"]");
    assert_int_equal(answer_of(&problem), 200);
}

static void the_waits_between_tries_grow_to_a_day(void **state)
{
    (void)state;
    submit_and_approve();
    world_check(&world, "desk.decide.score",
                "{\"outcome\": \"broken\", \"message\": \"Crash.\", \"retry\": true}");
    world_wait(&world, 10 * WORLD_DAY_MS);
    int64_t due_ms, before_ms = world.now_ms;
    struct text key;
    assert_true(case_next_timer(&world.state.doc, &key, &due_ms));
    assert_true(due_ms - before_ms <= WORLD_DAY_MS);
    assert_true(value_int_at(&world.state.doc, "proposals/1/tries", 0) < 30);
}

static void a_check_that_will_never_pass_ends_it(void **state)
{
    (void)state;
    struct problem problem;
    submit_and_approve();
    world_check(&world, "desk.decide.score",
                "{\"outcome\": \"failed\", \"message\": \"No such office.\", \"retry\": false}");
    world_fire(&world);
    assert_case(&world, "proposals/1/status", "\"refused\"");
    answer_of(&problem);
    assert_int_equal(problem.code, PROBLEM_PLUGIN_FAILED);
}

static void an_approval_that_is_repeated_is_answered_as_before(void **state)
{
    (void)state;
    struct case_person person = world_person(world.arena, "binta", "boss");
    submit();
    for (int i = 0; i < 2; i++) {
        world.key = TEXT("k");
        world.request = TEXT("h");
        world_person_does(&world, CASE_APPROVE, &person, "1", NULL);
    }
    assert_int_equal(world.plan.kind, CASE_REPEAT);
    assert_int_equal(world.plan.status, 200);
    assert_int_equal(world.plan.proposal, 1);
}

/* ---- Ending. ---- */

static void one_rejection_with_its_reason_ends_it(void **state)
{
    (void)state;
    submit();
    approve("codou", "judge");
    assert_int_equal(reject("binta", "boss", "The household is not safe."), PROBLEM_NONE);
    assert_entry(&world, "kind", "\"rejection\"");
    assert_entry(&world, "comment", "\"The household is not safe.\"");
    assert_case(&world, "proposals/1/status", "\"rejected\"");
    assert_case(&world, "proposals/1/reason", "\"The household is not safe.\"");
    assert_case(&world, "proposals/1/ended/by", "\"binta\"");
    assert_int_equal(approve("dibor", "boss"), PROBLEM_NOT_AVAILABLE);
    assert_detail("Proposal 1 has ended: binta rejected it.");
    assert_text(world_problem(&world)->hint, "The reason: The household is not safe.");
    assert_int_equal(reject("dibor", "boss", "no"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(submit(), PROBLEM_NONE);
}

static void who_approved_before_the_last_is_answered_by_that_alone(void **state)
{
    (void)state;
    struct problem problem;
    submit();
    approve("binta", "boss");
    assert_int_equal(answer_to("binta", &problem), 200);
    reject("codou", "judge", "no");
    assert_int_equal(answer_to("binta", &problem), 200);
    assert_int_equal(problem.code, PROBLEM_NONE);
    submit();
}

static void a_rejection_needs_its_reason(void **state)
{
    (void)state;
    submit();
    assert_int_equal(reject("binta", "boss", " \n"), PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/reason", "required");
    assert_case(&world, "proposals/1/status", "\"open\"");
}

static void a_rejection_ends_it_even_while_it_waits_to_be_carried_out(void **state)
{
    (void)state;
    struct problem problem;
    submit_and_approve();
    assert_int_equal(reject("binta", "boss", "On second thoughts."), PROBLEM_NONE);
    assert_case(&world, "timers", "{}");
    assert_int_equal(answer_of(&problem), 200);
    assert_int_equal(problem.code, PROBLEM_NOT_AVAILABLE);
    /* The timer's event was on its way already. */
    struct case_event event = {.kind = CASE_TIMER, .name = TEXT("proposal.1.1")};
    event.now_ms = world.now_ms;
    case_plan(&world.state, &event, world.arena, &world.plan);
    assert_int_equal(world.plan.kind, CASE_DROP);
}

/* What guard, check and `do` read, and the fields of its form. */
static void a_change_to_what_it_rests_on_ends_it(void **state)
{
    (void)state;
    static const struct {
        const char *event, *data, *field;
    } changes[] = {{"change_limit", "{\"limit\": 7}", "limit"},
                   {"change_home", "{\"home\": \"far\"}", "home"},
                   {"change_home", "{\"home\": null}", "home"},
                   {"change_source", "{\"source\": \"b\"}", "source"},
                   {"change_plan", "{\"plan\": \"stay\"}", "plan"}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct text key = text_printf(world.arena, "%zu", i + 1);
        assert_int_equal(submit(), PROBLEM_NONE);
        assert_int_equal(act(changes[i].event, changes[i].data), PROBLEM_NONE);
        const struct value *proposal = value_get(value_at(&world.state.doc, "proposals"), key);
        assert_text(value_text_at(proposal, "status"), "changed");
        assert_text(value_text_at(proposal, "field"), changes[i].field);
        assert_non_null(strstr(value_text_at(&world.change.entry, "note").bytes, "has ended"));
    }
}

static void a_change_to_anything_else_leaves_it(void **state)
{
    (void)state;
    submit();
    assert_int_equal(act("change_other", "{\"unread\": 9}"), PROBLEM_NONE);
    assert_int_equal(act("change_source", "{\"source\": \"a\"}"), PROBLEM_NONE); /* as it was */
    assert_case(&world, "proposals/1/status", "\"open\"");
}

static void leaving_its_source_state_ends_it_although_it_is_entered_again(void **state)
{
    (void)state;
    submit();
    assert_int_equal(act("leave", NULL), PROBLEM_NONE);
    assert_case(&world, "proposals/1/status", "\"left\"");
    act("back", NULL);
    submit();
    assert_int_equal(act("round", NULL), PROBLEM_NONE); /* out and in again in one macrostep */
    assert_case(&world, "states/desk", "3");
    assert_case(&world, "proposals/2/status", "\"left\"");
}

static void leaving_its_state_ends_it_while_it_waits_to_be_carried_out(void **state)
{
    (void)state;
    struct problem problem;
    submit_and_approve();
    act("leave", NULL);
    assert_case(&world, "timers", "{}");
    answer_of(&problem);
    assert_text(problem.detail, "Proposal 1 has ended: the state it was made in was left.");
}

static void those_who_took_part_are_told_of_its_end_but_not_who_ended_it(void **state)
{
    (void)state;
    submit();
    approve("codou", "judge");
    act("leave", NULL); /* by awa, who submitted it */
    assert_case(&world, "notices",
                "{\"4.0\": {\"person\": \"codou\", \"proposal\": \"1\", \"kind\": \"proposal\", "
                "\"seq\": 4, \"rank\": 0, \"at\": 1767254400000}}");
    act("back", NULL);
    submit();
    assert_int_equal(world_do(&world, "dibor", "clerk", "leave", NULL), PROBLEM_NONE);
    assert_case(&world, "notices/7.0/person", "\"awa\"");
}

static void a_notice_to_a_person_is_gone_once_they_act(void **state)
{
    (void)state;
    submit();
    approve("codou", "judge");
    act("leave", NULL);
    assert_int_equal(value_count(value_at(&world.state.doc, "notices")), 1);
    act("back", NULL);
    assert_int_equal(value_count(value_at(&world.state.doc, "notices")), 1);
    world_do(&world, "codou", "clerk", "leave", NULL);
    assert_case(&world, "notices", "{}");
}

static void a_case_that_closes_leaves_no_proposal_open_and_nobody_to_tell(void **state)
{
    (void)state;
    submit_and_approve();
    act("again", NULL);
    assert_int_equal(act("close", NULL), PROBLEM_NONE);
    assert_case(&world, "proposals/1/status", "\"left\"");
    assert_case(&world, "proposals/2/status", "\"left\"");
    assert_case(&world, "notices", "{}");
    assert_case(&world, "timers", "{}");
}

static void only_the_last_ended_ones_are_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(act("alone", NULL), PROBLEM_NONE);
        struct case_person person = world_person(world.arena, "binta", "clerk");
        world.comment = TEXT("no");
        struct text key = text_printf(world.arena, "%d", i + 1);
        assert_int_equal(world_person_does(&world, CASE_REJECT, &person, key.bytes, NULL),
                         PROBLEM_NONE);
    }
    assert_int_equal(value_count(value_at(&world.state.doc, "proposals")), 16);
    assert_case(&world, "proposals/4", "null");
    assert_non_null(value_at(&world.state.doc, "proposals/5"));
    assert_case(&world, "proposal_count", "20");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_approved_proposal_is_carried_out_as_an_event_of_its_submitter),
        TEST(submitter_and_approvers_have_acted_once_it_is_carried_out),
        TEST(its_checks_and_guard_are_asked_anew_and_a_refusal_ends_it_with_the_reason),
        TEST(a_check_that_refuses_ends_it_with_its_reasons),
        TEST(only_the_transition_that_was_approved_may_be_taken),
        TEST(a_check_that_fails_leaves_it_to_be_tried_again),
        TEST(the_waits_between_tries_grow_to_a_day),
        TEST(a_check_that_will_never_pass_ends_it),
        TEST(an_approval_that_is_repeated_is_answered_as_before),
        TEST(one_rejection_with_its_reason_ends_it),
        TEST(who_approved_before_the_last_is_answered_by_that_alone),
        TEST(a_rejection_needs_its_reason),
        TEST(a_rejection_ends_it_even_while_it_waits_to_be_carried_out),
        TEST(a_change_to_what_it_rests_on_ends_it),
        TEST(a_change_to_anything_else_leaves_it),
        TEST(leaving_its_source_state_ends_it_although_it_is_entered_again),
        TEST(leaving_its_state_ends_it_while_it_waits_to_be_carried_out),
        TEST(those_who_took_part_are_told_of_its_end_but_not_who_ended_it),
        TEST(a_notice_to_a_person_is_gone_once_they_act),
        TEST(a_case_that_closes_leaves_no_proposal_open_and_nobody_to_tell),
        TEST(only_the_last_ended_ones_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
