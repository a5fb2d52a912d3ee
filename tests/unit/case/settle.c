/* Steps that wait for a person: lost, because they may run only once, or quarantined, because they
 * break their host; and why a case is where it is. */
#include "case/plugins.h"

static const char yaml[] =
    "workflow: test\n"
    "roles: {clerk: {}, officer: {}, judge: {}, guest: {}}\n"
    "fields: {granted: {type: boolean}, number: {type: text, max_length: 5}, why: {type: text},\n"
    "         x: {type: integer, initial: 0}}\n"
    "states:\n"
    "  start: {on: {go: {by: [clerk], target: travel}, alone: {by: [clerk], target: lonely}}}\n"
    "  around:\n"
    "    on: {stop: {by: [judge], target: start}}\n"
    "    states:\n"
    "      travel:\n"
    "        steps:\n"
    "          paper:\n"
    "            use: sketch/issue\n"
    "            into: {number: number}\n"
    "            answer: {by: [officer], form: {granted: required}}\n"
    "            done: {target: ready}\n"
    "            failed: {do: [{set: {why: = event.data.message}}], target: start}\n"
    "        always: {never: {guard: data.x > 5, target: start}}\n"
    "        after: {late: {delay: 30d, target: start}}\n"
    "        on: {leave: {by: [clerk], guard: data.x > 0, explain: Not yet., target: start}}\n"
    "  lonely: {steps: {quiet: {use: sketch/plain, done: {target: ready}}}}\n"
    "  ready: {type: final}\n";

static const char crashed[] =
    "{\"outcome\": \"broken\", \"message\": \"It crashed.\", \"retry\": true, \"ran\": true}";
static const char unusable[] = "{\"outcome\": \"broken\", \"message\": \"It said nonsense.\", "
                               "\"retry\": false, \"ran\": true}";
static const char parks[] = "{\"outcome\": \"parked\", \"answer\": true, \"cookie\": \"c0ffee\"}";
static const char done[] = "{\"outcome\": \"done\", \"outputs\": {\"number\": \"A\"}}";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start_with(&world, yaml, &sketch_source);
    world_open(&world, "clerk", NULL);
    return world_do(&world, "awa", "clerk", "go", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static void begin(const char *key)
{
    struct case_event event = {.kind = CASE_START, .name = text_copy(world.arena, text_from(key))};
    assert_int_equal(world_play(&world, &event), PROBLEM_NONE);
}

static enum problem_code settle_with(const char *role, const char *step, const char *outcome,
                                     const char *reason)
{
    struct case_person person = world_person(world.arena, "eve", role);
    struct case_event event = {.kind = CASE_SETTLE,
                               .name = text_from(step),
                               .person = &person,
                               .outcome = world_json(&world, outcome)};
    world.comment = text_from(reason);
    return world_play(&world, &event);
}

static enum problem_code settle(const char *role, const char *outcome)
{
    return settle_with(role, "paper", outcome, "I asked.");
}

static struct text waits_for(void)
{
    struct case_person clerk = world_person(world.arena, "awa", "clerk");
    struct value view =
        case_explanation(&world.state, &clerk, TEXT_NONE, world.now_ms, world.arena);
    return value_text_at(value_item(value_at(&view, "steps"), 0), "waits_for");
}

/* ---- Lost. ---- */

static void a_start_is_written_down_once(void **state)
{
    (void)state;
    begin("run.paper.2.1");
    assert_entry(&world, "kind", "\"started\"");
    assert_entry(&world, "event", "\"case.start.paper\"");
    assert_case(&world, "steps/paper/started", "true");
    size_t count;
    assert_true(case_calls(&world.state, world.arena, &count)->is_started);
    begin("run.paper.2.1");
    assert_int_equal(world.plan.kind, CASE_DROP);
    begin("run.paper.2.2");
    assert_int_equal(world.plan.kind, CASE_DROP);
}

static void what_was_started_and_broke_is_lost(void **state)
{
    (void)state;
    begin("run.paper.2.1");
    world_outcome(&world, crashed);
    assert_entry(&world, "event", "\"case.lost.paper\"");
    assert_entry(&world, "note", "\"It crashed. It waits for a person: `sankofa case settle`.\"");
    assert_case(&world, "steps/paper/status", "\"lost\"");
    assert_case(&world, "timers",
                "{\"after.travel.late.1\": {\"state\": \"travel\", \"visit\": 1, "
                "\"transition\": \"travel.late\", \"due\": 1769846400000, "
                "\"kind\": \"after\", \"seq\": 2, \"rank\": 6}}");
    assert_int_equal(world_call_count(&world), 0);
    assert_text(waits_for(), "Nobody knows whether it happened: It crashed. A person settles it "
                             "(clerk, officer or judge): done, failed or again.");
}

static void an_answer_that_cannot_be_used_loses_it_too(void **state)
{
    (void)state;
    begin("run.paper.2.1");
    world_outcome(&world, unusable);
    assert_case(&world, "steps/paper/status", "\"lost\"");
}

static void what_the_plugin_says_itself_is_believed(void **state)
{
    (void)state;
    begin("run.paper.2.1");
    world_outcome(&world, "{\"outcome\": \"failed\", \"message\": \"Closed.\", \"retry\": false}");
    assert_case(&world, "data/why", "\"Closed.\"");
}

static void a_resumption_has_a_start_of_its_own(void **state)
{
    (void)state;
    begin("run.paper.2.1");
    world_outcome(&world, parks);
    assert_true(value_at(&world.state.doc, "steps/paper/started") == NULL);
    world_answer(&world, "officer", "paper", "{\"granted\": true}");
    begin("resume.paper.2.1");
    world_outcome(&world, crashed);
    assert_case(&world, "steps/paper/again", "\"resuming\"");
    assert_int_equal(settle("officer", "{\"outcome\": \"again\"}"), PROBLEM_NONE);
    assert_entry(&world, "kind", "\"settled\"");
    size_t count;
    const struct case_call *call = case_calls(&world.state, world.arena, &count);
    assert_int_equal(count, 1);
    assert_text(call->key, "resume.paper.2.1.2");
    assert_int_equal(call->park_count, 1);
    assert_false(call->is_started);
    assert_json(&world, &call->answer, "{\"granted\": true}");
    begin("resume.paper.2.1.2");
    world_outcome(&world, crashed);
    /* It is given up: what it had parked is dropped. */
    assert_int_equal(settle("judge", "{\"outcome\": \"failed\"}"), PROBLEM_NONE);
    assert_states(&world, "[\"start\"]");
    assert_case(&world, "data/why", "\"I asked.\"");
    assert_int_equal(case_calls(&world.state, world.arena, &count)->verb, CASE_STEP_DROP);
    assert_int_equal(count, 1);
}

/* ---- Settled. ---- */

static void lose(void)
{
    begin("run.paper.2.1");
    world_outcome(&world, crashed);
}

static void a_person_says_that_it_happened(void **state)
{
    (void)state;
    lose();
    assert_int_equal(settle("clerk", "{\"outcome\": \"done\", \"outputs\": {\"number\": \"LP7\"}}"),
                     PROBLEM_NONE);
    assert_entry(&world, "kind", "\"settled\"");
    assert_entry(&world, "comment", "\"I asked.\"");
    assert_entry(&world, "outcome", "{\"outcome\": \"done\", \"outputs\": {\"number\": \"LP7\"}}");
    assert_entry(&world, "step", "\"paper\"");
    assert_case(&world, "data/number", "\"LP7\"");
    assert_states(&world, "[\"ready\"]");
}

static void a_settlement_needs_no_outputs(void **state)
{
    (void)state;
    lose();
    assert_int_equal(settle("clerk", "{\"outcome\": \"done\"}"), PROBLEM_NONE);
    assert_states(&world, "[\"ready\"]");
}

static void who_answers_or_leads_on_may_settle(void **state)
{
    static const char done_alone[] = "{\"outcome\": \"failed\"}";
    (void)state;
    assert_int_equal(settle("clerk", done_alone), PROBLEM_NOT_AVAILABLE);
    lose();
    assert_int_equal(settle("guest", done_alone), PROBLEM_NOT_PERMITTED);
    assert_text(world_problem(&world)->detail,
                "To settle paper needs the role clerk, officer or judge.");
    assert_int_equal(settle_with("clerk", "papr", done_alone, "x"), PROBLEM_NO_SUCH_STEP);
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "held"), "1");
    assert_json(&world, value_at(&card, "roles"), "[\"clerk\", \"officer\", \"judge\"]");
    assert_int_equal(settle("judge", done_alone), PROBLEM_NONE);
}

static void where_nobody_is_named_any_role_may_settle(void **state)
{
    (void)state;
    world_outcome(&world, done);
    world_end(&world);
    world_start_with(&world, yaml, &sketch_source);
    world_open(&world, "clerk", NULL);
    world_do(&world, "awa", "clerk", "alone", NULL);
    begin("run.quiet.2.1");
    world_outcome(&world, crashed);
    assert_int_equal(settle_with("stranger", "quiet", "{\"outcome\": \"failed\"}", "x"),
                     PROBLEM_NOT_PERMITTED);
    assert_int_equal(settle_with("guest", "quiet", "{\"outcome\": \"done\"}", "x"), PROBLEM_NONE);
    assert_states(&world, "[\"ready\"]");
}

static void assert_refused(const char *outcome, const char *reason, const char *pointer,
                           const char *words)
{
    assert_int_equal(settle_with("clerk", "paper", outcome, reason), PROBLEM_FIELD_INVALID);
    const struct value *error = value_item(&world_problem(&world)->errors, 0);
    assert_text(value_text_at(error, "pointer"), pointer);
    if (strstr(value_text_at(error, "message").bytes, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", value_text_at(error, "message").bytes, words);
    assert_case(&world, "steps/paper/status", "\"lost\"");
}

static void what_is_no_settlement_is_refused_by_its_member(void **state)
{
    (void)state;
    lose();
    assert_refused("{\"outcome\": \"skipped\"}", "x", "/outcome", "It happened: done.");
    assert_refused("{\"outcome\": \"done\"}", " \n\t", "/reason", "needs its reason");
    assert_refused("{\"outcome\": \"again\", \"outputs\": {\"number\": \"x\"}}", "x", "/data",
                   "Only a step that is done");
    assert_refused("{\"outcome\": \"done\", \"outputs\": {\"numbr\": \"x\"}}", "x", "/data",
                   "There is no output numbr.");
    assert_refused("{\"outcome\": \"done\", \"outputs\": {\"number\": 7}}", "x", "/data", "number");
    assert_refused("{\"outcome\": \"done\", \"outputs\": {\"number\": \"too long\"}}", "x", "/data",
                   "its output number is against the rule of number");
}

static void leaving_the_state_ends_the_waiting(void **state)
{
    (void)state;
    lose();
    world_wait(&world, (int64_t)30 * 86400000);
    assert_states(&world, "[\"start\"]");
    assert_case(&world, "steps", "{}");
}

static void an_early_answer_is_kept_while_it_is_lost(void **state)
{
    (void)state;
    lose();
    assert_int_equal(world_answer(&world, "officer", "paper", "{\"granted\": true}"), PROBLEM_NONE);
    assert_int_equal(settle("clerk", "{\"outcome\": \"again\"}"), PROBLEM_NONE);
    world_outcome(&world, parks);
    assert_case(&world, "steps/paper/status", "\"resuming\"");
}

/* ---- Quarantined. ---- */

static void what_breaks_its_host_twice_runs_no_more_of_itself(void **state)
{
    (void)state;
    world_outcome(&world, crashed);
    assert_case(&world, "steps/paper/status", "\"waiting\"");
    assert_entry(&world, "note", "\"It crashed. It is tried again at 2026-01-01T08:00:02Z.\"");
    world_wait(&world, 2000);
    world_outcome(&world, crashed);
    assert_entry(&world, "event", "\"case.quarantined.paper\"");
    assert_int_equal(world_call_count(&world), 0);
    assert_text(
        waits_for(),
        "The same input broke its plugin's host again, so that it is not run any more of "
        "itself: It crashed. A person settles it (clerk, officer or judge): done, failed or "
        "again.");
    assert_int_equal(settle("clerk", "{\"outcome\": \"again\"}"), PROBLEM_NONE);
    assert_int_equal(world_call_count(&world), 1);
    world_outcome(&world, crashed); /* one more try was asked for, and one more was had */
    assert_case(&world, "steps/paper/status", "\"quarantined\"");
}

static void another_input_is_another_matter(void **state)
{
    (void)state;
    world_outcome(&world, crashed);
    world_wait(&world, 2000);
    world_outcome(&world, parks);
    world_answer(&world, "officer", "paper", "{\"granted\": true}");
    world_outcome(&world, crashed);
    assert_case(&world, "steps/paper/status", "\"waiting\"");
    world_wait(&world, 2000);
    world_outcome(&world, done);
    assert_states(&world, "[\"ready\"]");
}

static void a_plugin_that_breaks_its_word_fails_the_step(void **state)
{
    (void)state;
    world_outcome(&world, unusable);
    assert_case(&world, "data/why", "\"It said nonsense.\"");
}

/* ---- Parks by number. ---- */

static enum problem_code answer_park(int64_t park)
{
    struct case_person person = world_person(world.arena, "dibor", "officer");
    struct case_event event = {.kind = CASE_ANSWER,
                               .name = TEXT("paper"),
                               .person = &person,
                               .park = park,
                               .data = world_json(&world, "{\"granted\": true}")};
    return world_play(&world, &event);
}

static void an_answer_to_an_earlier_park_is_refused(void **state)
{
    (void)state;
    assert_int_equal(answer_park(1), PROBLEM_NOT_AVAILABLE); /* it has not parked yet */
    world_outcome(&world, parks);
    assert_int_equal(answer_park(2), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(answer_park(1), PROBLEM_NONE);
    world_outcome(&world, parks);
    assert_int_equal(answer_park(1), PROBLEM_NOT_AVAILABLE);
    assert_text(world_problem(&world)->detail,
                "The step paper does not wait for the answer to its park 1 any more.");
    assert_int_equal(answer_park(2), PROBLEM_NONE);
}

/* ---- Why. ---- */

static void each_way_on_says_why_it_is_closed(void **state)
{
    (void)state;
    struct case_person clerk = world_person(world.arena, "awa", "clerk");
    struct value view =
        case_explanation(&world.state, &clerk, TEXT_NONE, world.now_ms, world.arena);
    const struct value *ways = value_at(&view, "transitions");
    static const char *const expected[][3] = {
        {"stop", "false", "needs the role judge"},
        {"done.step.paper", "false",
         "No person triggers it: it comes with the event done.step.paper."},
        {"error.step.paper", "false",
         "No person triggers it: it comes with the event error.step.paper."},
        {"never", "false", "It is taken of itself once this holds: data.x > 5"},
        {"late", "false", "It is taken at 2026-01-31T08:00:00Z, if its state is still active."},
        {"leave", "false", "Not yet."},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct value *way = NULL;
        for (size_t k = 0; k < value_count(ways); k++)
            if (text_is(value_text_at(value_item(ways, k), "id"), expected[i][0]))
                way = value_item(ways, k);
        if (way == NULL)
            fail_msg("no way %s", expected[i][0]);
        assert_text(value_text_at(way, "why"), expected[i][2]);
        assert_false(value_bool_at(way, "possible"));
    }
    assert_int_equal(value_count(ways), sizeof expected / sizeof expected[0]);
    assert_text(waits_for(), "The plugin sketch is to run it.");
    world_outcome(&world, parks);
    assert_text(waits_for(), "It is parked for an answer by officer.");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_start_is_written_down_once),
        TEST(what_was_started_and_broke_is_lost),
        TEST(an_answer_that_cannot_be_used_loses_it_too),
        TEST(what_the_plugin_says_itself_is_believed),
        TEST(a_resumption_has_a_start_of_its_own),
        TEST(a_person_says_that_it_happened),
        TEST(a_settlement_needs_no_outputs),
        TEST(who_answers_or_leads_on_may_settle),
        TEST(where_nobody_is_named_any_role_may_settle),
        TEST(what_is_no_settlement_is_refused_by_its_member),
        TEST(leaving_the_state_ends_the_waiting),
        TEST(an_early_answer_is_kept_while_it_is_lost),
        TEST(what_breaks_its_host_twice_runs_no_more_of_itself),
        TEST(another_input_is_another_matter),
        TEST(a_plugin_that_breaks_its_word_fails_the_step),
        TEST(an_answer_to_an_earlier_park_is_refused),
        TEST(each_way_on_says_why_it_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
