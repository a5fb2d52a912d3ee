/* Macrosteps: blocks of actions, events the workflow raises itself, and what happens when it errs.
 */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}}\n"
    "fields: {n: {type: integer, max: 9, initial: 0}, m: {type: integer}, log: {type: text}, left: "
    "{type: boolean}}\n"
    "states:\n"
    "  one:\n"
    "    entry: [{set: {n: 0}}]\n"
    "    exit: [{set: {left: true}}]\n"
    "    on:\n"
    "      chain: {by: [clerk], do: [{raise: next}], target: chained}\n"
    "      data: {by: [clerk], do: [{raise: {event: told, data: {x: = data.n + 5, y: why}}}]}\n"
    "      told: {guard: event.name == 'told', do: [{set: {n: = event.data.x, log: = "
    "event.data.y}}]}\n"
    "      blocks: {by: [clerk], do: [[{set: {n: = data.n + 100}}, {set: {log: inner}}], {set: "
    "{m: 1}}, [{set: {m: 2}}]]}\n"
    "      outer: {by: [clerk], do: [{set: {n: = data.n + 100}}, [{set: {m: 2}}], {set: {log: "
    "unreached}}]}\n"
    "      unset: {by: [clerk], do: [{set: {n: = null}}]}\n"
    "      spin: {by: [clerk], target: spinning}\n"
    "      later: {by: [clerk], target: slow_spin}\n"
    "      always: {by: [clerk], do: [{set: {m: 7}}], target: always}\n"
    "      over: {by: [clerk], target: parts}\n"
    "      caught: {by: [clerk], do: [{set: {n: = data.n + 100}}], target: catching}\n"
    "      raise_bad: {by: [clerk], do: [{raise: {event: told, data: {x: = 1 / data.n}}}]}\n"
    "      wait: {target: two}\n"
    "  chained:\n"
    "    on:\n"
    "      next: {do: [{set: {log: next}}], target: two}\n"
    "  spinning: {on: {back: {by: [clerk], target: one}}, always: {turn: {target: spun}}}\n"
    "  spun: {always: {turn: {target: spinning}}}\n"
    "  slow_spin: {after: {now: {delay: 1h, target: spinning}}, on: {back: {by: [clerk], target: "
    "one}}}\n"
    "  always: {always: {seven: {guard: data.m == 7 && event.name == 'always', target: "
    "two}}}\n"
    "  catching: {on: {err: {event: error.execution, do: [{set: {log: caught}}], target: two}}}\n"
    "  two: {on: {one: {by: [clerk], target: one}}}\n"
    "  parts:\n"
    "    type: parallel\n"
    "    done: {target: two}\n"
    "    states:\n"
    "      a:\n"
    "        states: {a1: {on: {fa: {by: [clerk], target: a2}}}, a2: {type: final, data: {x: = "
    "data.n + 1}}}\n"
    "        on: {a_done: {event: done.state.a, do: [{set: {m: = event.data.x}}]}}\n"
    "      b:\n"
    "        states: {b1: {on: {fb: {by: [clerk], target: b2}}}, b2: {type: final, data: {x: = 1 "
    "/ (data.n - data.n)}}}\n"
    "        on: {b_done: {event: done.state.b, do: [{set: {log: b is done}}]}}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code act(const char *event)
{
    return world_do(&world, "awa", "clerk", event, NULL);
}

static void fault_is(size_t index, const char *part)
{
    const struct value *faults = value_at(&world.change.entry, "faults");
    assert_true(index < value_count(faults));
    struct text message = value_text_at(value_item(faults, index), "message");
    if (strstr(message.bytes, part) == NULL)
        fail_msg("wanted %s in %s", part, message.bytes);
}

static void raised_events_are_taken_in_the_same_macrostep(void **state)
{
    (void)state;
    assert_int_equal(act("chain"), PROBLEM_NONE);
    assert_states(&world, "[\"two\"]");
    assert_case(&world, "data", "{\"n\": 0, \"log\": \"next\", \"left\": true}");
    assert_entry(&world, "taken", "[\"one.chain\"]");
    assert_case(&world, "visits/chained", "1");
}

static void raised_data_is_seen_by_what_takes_it(void **state)
{
    (void)state;
    assert_int_equal(act("data"), PROBLEM_NONE);
    assert_case(&world, "data", "{\"n\": 5, \"log\": \"why\"}");
}

static void a_person_cannot_do_what_only_the_workflow_raises(void **state)
{
    (void)state;
    assert_int_equal(act("told"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(act("wait"), PROBLEM_NOT_AVAILABLE);
}

static void what_is_raised_never_takes_a_persons_transition(void **state)
{
    (void)state;
    struct world other;
    world_start(&other,
                "workflow: test\nroles: {clerk: {}}\nstates:\n  one: {entry: [{raise: go}], on: "
                "{go: {by: [clerk], target: two}, engine: {event: go, target: three}}}\n  two: "
                "{type: final}\n  three: {on: {end: {by: [clerk], target: two}}}\n");
    assert_int_equal(world_open(&other, "clerk", NULL), PROBLEM_NONE);
    assert_states(&other, "[\"three\"]");
    world_end(&other);
}

static void a_value_against_its_fields_rule_ends_the_block(void **state)
{
    (void)state;
    struct world other;
    world_start(&other,
                "workflow: test\nroles: {clerk: {}}\nfields: {n: {type: integer, max: 9, initial: "
                "8}, m: {type: integer}}\nstates:\n  one: {on: {go: {by: [clerk], do: [{set: {n: = "
                "data.n + 5}}, {set: {m: 1}}]}}}\n");
    world_open(&other, "clerk", NULL);
    assert_int_equal(world_do(&other, "awa", "clerk", "go", NULL), PROBLEM_NONE);
    assert_case(&other, "data", "{\"n\": 8}");
    const struct value *fault = value_item(value_at(&other.change.entry, "faults"), 0);
    assert_true(text_begins(value_text_at(fault, "message"), "n is not set: "));
    assert_true(text_begins(value_text_at(fault, "place"), "test.yaml:"));
    world_end(&other);
}

static void an_error_in_an_inner_block_ends_that_block_alone(void **state)
{
    (void)state;
    assert_int_equal(act("blocks"), PROBLEM_NONE);
    assert_case(&world, "data", "{\"n\": 0, \"m\": 2}");
    fault_is(0, "n is not set");
}

static void an_error_in_the_outer_list_ends_all_that_follows(void **state)
{
    (void)state;
    assert_int_equal(act("outer"), PROBLEM_NONE);
    assert_case(&world, "data", "{\"n\": 0}");
}

static void an_error_may_be_caught_by_the_workflow(void **state)
{
    (void)state;
    assert_int_equal(act("caught"), PROBLEM_NONE);
    assert_states(&world, "[\"two\"]");
    assert_case(&world, "data/log", "\"caught\"");
}

static void an_event_whose_data_errs_is_not_raised(void **state)
{
    (void)state;
    assert_int_equal(act("raise_bad"), PROBLEM_NONE);
    assert_case(&world, "data", "{\"n\": 0}");
    fault_is(0, "told is not raised");
}

static void set_to_null_unsets(void **state)
{
    (void)state;
    assert_int_equal(act("unset"), PROBLEM_NONE);
    assert_case(&world, "data", "{}");
}

static void always_sees_the_data_and_the_last_event(void **state)
{
    (void)state;
    assert_int_equal(act("always"), PROBLEM_NONE);
    assert_states(&world, "[\"two\"]");
    assert_case(&world, "visits/always", "1");
}

static void a_parallel_state_is_done_when_all_its_regions_are(void **state)
{
    (void)state;
    act("over");
    assert_states(&world, "[\"a1\", \"b1\"]");
    assert_int_equal(act("fa"), PROBLEM_NONE);
    assert_states(&world, "[\"a2\", \"b1\"]");
    assert_case(&world, "data/m", "1");
    assert_int_equal(act("fb"), PROBLEM_NONE);
    assert_states(&world, "[\"two\"]");
}

static void data_of_a_final_state_that_errs_is_told_and_empty(void **state)
{
    (void)state;
    act("over");
    assert_int_equal(act("fb"), PROBLEM_NONE);
    fault_is(0, "data of b2");
    assert_case(&world, "data/log", "\"b is done\"");
}

static void a_macrostep_that_never_ends_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(act("spin"), PROBLEM_WORKFLOW_FAULT);
    assert_case(&world, "states", "{\"one\": 1}");
    assert_non_null(strstr(world_problem(&world)->detail.bytes, "1000"));
}

static void an_endless_timer_is_gone_after_its_first_try(void **state)
{
    (void)state;
    act("later");
    assert_int_equal(value_count(value_at(&world.state.doc, "timers")), 1);
    world_wait(&world, 3600000);
    assert_entry(&world, "kind", "\"dropped\"");
    fault_is(0, "never came to rest");
    assert_case(&world, "states", "{\"slow_spin\": 1}");
    assert_case(&world, "timers", "{}");
    assert_int_equal(act("back"), PROBLEM_NONE);
}

static void an_opening_that_never_ends_is_refused(void **state)
{
    (void)state;
    struct world other;
    world_start(&other, "workflow: test\nroles: {clerk: {}}\nstates: {one: {always: {t: {target: "
                        "two}}}, two: {always: {t: {target: one}}}, x: {type: final}}\n");
    assert_int_equal(world_open(&other, "clerk", NULL), PROBLEM_WORKFLOW_FAULT);
    assert_int_equal(other.state.doc.kind, VALUE_NULL);
    world_end(&other);
}

static void a_fault_is_told_once_however_often_it_is_met(void **state)
{
    (void)state;
    struct world other;
    world_start(&other,
                "workflow: test\nroles: {clerk: {}}\nfields: {n: {type: integer, initial: 0}, m: "
                "{type: integer}}\nstates: {one: {on: {go: {by: [clerk], do: [{set: {n: = data.n + "
                "1}}]}}, always: {again: {guard: data.n > 0 && data.n < 9, do: [{set: {n: = data.n "
                "+ 1}}]}, errs: {guard: data.m > 1}}}}\n");
    world_open(&other, "clerk", NULL);
    assert_int_equal(world_do(&other, "awa", "clerk", "go", NULL), PROBLEM_NONE);
    assert_case(&other, "data/n", "9");
    assert_int_equal(value_count(value_at(&other.change.entry, "faults")), 1);
    world_end(&other);
}

static void visits_count_every_entering(void **state)
{
    (void)state;
    act("chain");
    act("one");
    assert_case(&world, "visits", "{\"one\": 2, \"chained\": 1, \"two\": 1}");
    assert_case(&world, "states", "{\"one\": 2}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(raised_events_are_taken_in_the_same_macrostep),
        TEST(raised_data_is_seen_by_what_takes_it),
        TEST(a_person_cannot_do_what_only_the_workflow_raises),
        TEST(what_is_raised_never_takes_a_persons_transition),
        TEST(a_value_against_its_fields_rule_ends_the_block),
        TEST(an_error_in_an_inner_block_ends_that_block_alone),
        TEST(an_error_in_the_outer_list_ends_all_that_follows),
        TEST(an_error_may_be_caught_by_the_workflow),
        TEST(an_event_whose_data_errs_is_not_raised),
        TEST(set_to_null_unsets),
        TEST(always_sees_the_data_and_the_last_event),
        TEST(a_parallel_state_is_done_when_all_its_regions_are),
        TEST(data_of_a_final_state_that_errs_is_told_and_empty),
        TEST(a_macrostep_that_never_ends_is_refused_and_changes_nothing),
        TEST(an_endless_timer_is_gone_after_its_first_try),
        TEST(an_opening_that_never_ends_is_refused),
        TEST(a_fault_is_told_once_however_often_it_is_met),
        TEST(visits_count_every_entering),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
