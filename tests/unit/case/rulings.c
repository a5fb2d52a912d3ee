/* The rulings of the language, as a case lives them: what is left and entered, in which order, and
 * what is remembered. What world.h looks after for every event: a case is recovered from its
 * entries. */
#include "case/world.h"

static struct world world;

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

/* A workflow whose states are `states`, two spaces in; its case is open. */
static void begin(const char *states)
{
    struct arena *arena = arena_create("yaml");
    struct text yaml =
        text_printf(arena,
                    "workflow: test\nroles: {clerk: {}}\n"
                    "fields: {n: {type: integer, initial: 0}, m: {type: integer, initial: 0}, "
                    "said: {type: text, initial: x}, big: {type: integer, max: 9}}\n"
                    "states:\n%s",
                    states);
    world_start(&world, yaml.bytes);
    arena_destroy(arena);
    assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_NONE);
}

static enum problem_code act(const char *event)
{
    return world_do(&world, "awa", "clerk", event, NULL);
}

/* ---- 2. What a transition leaves ---- */

static const char regions[] =
    "  both:\n"
    "    type: parallel\n"
    "    on: {anew: {by: [clerk], target: both, reenter: true}, same: {by: [clerk], do: [{set: {n: "
    "1}}], target: both}, to_a2: {by: [clerk], target: a2}}\n"
    "    states:\n"
    "      a:\n"
    "        on: {a_again: {by: [clerk], target: a}, a_anew: {by: [clerk], target: a, reenter: "
    "true}, cross: {by: [clerk], target: b2}}\n"
    "        states: {a1: {on: {next: {by: [clerk], target: a2}}}, a2: {}}\n"
    "      b:\n"
    "        states: {b1: {on: {b_next: {by: [clerk], target: b2}}}, b2: {}}\n"
    "      c: {}\n";

static void a_sibling_region_is_never_reset_by_surprise(void **state)
{
    (void)state;
    begin(regions);
    act("next");
    act("b_next");
    assert_int_equal(act("to_a2"), PROBLEM_NONE);
    assert_case(&world, "states",
                "{\"both\": 1, \"a\": 2, \"a2\": 2, \"b\": 1, \"b2\": 1, \"c\": 1}");
}

static void a_transition_across_regions_enters_its_own_region_by_default(void **state)
{
    (void)state;
    begin(regions);
    act("next");
    assert_int_equal(act("cross"), PROBLEM_NONE);
    assert_case(&world, "states",
                "{\"both\": 1, \"a\": 2, \"a1\": 2, \"b\": 2, \"b2\": 1, \"c\": 1}");
}

static void a_target_that_is_the_state_itself_runs_only_do(void **state)
{
    (void)state;
    begin(regions);
    act("next");
    assert_int_equal(act("same"), PROBLEM_NONE);
    assert_case(&world, "data/n", "1");
    assert_entry(&world, "patch/states", "null");
    assert_int_equal(act("a_again"), PROBLEM_NONE);
    assert_entry(&world, "patch/states", "null");
}

static void reenter_leaves_the_state_and_enters_it_again(void **state)
{
    (void)state;
    begin(regions);
    act("next");
    act("b_next");
    assert_int_equal(act("anew"), PROBLEM_NONE);
    assert_case(&world, "states",
                "{\"both\": 2, \"a\": 2, \"a1\": 2, \"b\": 2, \"b1\": 2, \"c\": 2}");
}

static void with_reenter_a_parallel_state_is_never_a_domain(void **state)
{
    (void)state;
    begin(regions);
    act("b_next");
    assert_int_equal(act("a_anew"), PROBLEM_NONE);
    assert_case(&world, "states",
                "{\"both\": 2, \"a\": 2, \"a1\": 2, \"b\": 2, \"b1\": 2, \"c\": 2}");
}

/* ---- 3. Done ---- */

static void done_climbs_child_first_and_comes_each_time_a_state_turns_complete(void **state)
{
    (void)state;
    begin("  all:\n"
          "    type: parallel\n"
          "    on: {inner_done: {event: done.state.one, do: [{set: {n: = data.n * 10 + 1}}]}, "
          "outer_done: {event: done.state.all, do: [{set: {n: = data.n * 10 + 2}}]}}\n"
          "    states:\n"
          "      one: {states: {o1: {on: {go: {by: [clerk], target: o2}}}, o2: {type: final, "
          "data: {x: 5}}}, on: {back: {by: [clerk], target: o1}}}\n"
          "      two: {states: {t1: {on: {go: {by: [clerk], target: t2}}}, t2: {type: final}}}\n");
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_case(&world, "data/n", "12");
    act("back");
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_case(&world, "data/n", "1212");
}

/* ---- 4, 5. Order ---- */

static void what_lies_inside_is_asked_first_then_the_first_in_the_file(void **state)
{
    (void)state;
    begin("  outer:\n"
          "    on: {go: {by: [clerk], target: wrong}}\n"
          "    states:\n"
          "      inner: {on: {barred: {event: go, by: [clerk], guard: data.n > 0, target: wrong}, "
          "first: {event: go, by: [clerk], target: right}, second: {event: go, by: [clerk], "
          "target: wrong}}}\n"
          "  right: {type: final}\n  wrong: {type: final}\n");
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_states(&world, "[\"right\"]");
    assert_entry(&world, "taken", "[\"inner.first\"]");
}

static void all_exits_run_then_all_do_then_all_entries(void **state)
{
    (void)state;
    begin("  a: {exit: [{set: {said: \"= data.said + ' exit'\"}}], on: {go: {by: [clerk], do: "
          "[{set: {said: \"= data.said + ' do'\"}}], target: b}}}\n"
          "  b: {entry: [{set: {said: \"= data.said + ' entry'\"}}]}\n");
    act("go");
    assert_case(&world, "data/said", "\"x exit do entry\"");
}

static void always_goes_before_raised_events_and_these_before_what_is_sent(void **state)
{
    (void)state;
    begin("  a:\n"
          "    on:\n"
          "      go: {by: [clerk], do: [{send: {event: sent}}, {raise: raised}, {set: {m: 1}}]}\n"
          "      sent: {do: [{set: {n: = data.n * 10 + 3}}]}\n"
          "      raised: {do: [{set: {n: = data.n * 10 + 2}}]}\n"
          "    always: {t: {guard: data.m == 1, do: [{set: {m: 2, n: = data.n * 10 + 1}}]}}\n");
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_case(&world, "data/n", "12");
    assert_true(world_fire(&world));
    assert_case(&world, "data/n", "123");
}

/* ---- 8. History ---- */

static const char remembering[] =
    "  work:\n"
    "    on: {pause: {by: [clerk], target: paused}}\n"
    "    states:\n"
    "      before: {type: history, default: {do: [{set: {n: = data.n + 1}}], target: second}}\n"
    "      exactly: {type: history, deep: true, default: {target: first}}\n"
    "      first: {on: {next: {by: [clerk], target: second}}}\n"
    "      second:\n"
    "        entry: [{set: {said: \"= data.said + string(data.n)\"}}]\n"
    "        states: {s1: {on: {next: {by: [clerk], target: s2}}}, s2: {}}\n"
    "  paused:\n"
    "    on: {resume: {by: [clerk], target: before}, restore: {by: [clerk], target: exactly}}\n";

static void a_history_remembers_by_state_id_in_the_case(void **state)
{
    (void)state;
    begin(remembering);
    assert_case(&world, "memories", "{}");
    act("next");
    act("next");
    assert_int_equal(act("pause"), PROBLEM_NONE);
    assert_case(&world, "memories", "{\"before\": [\"second\"], \"exactly\": [\"s2\"]}");
    assert_entry(&world, "patch/memories", "{\"before\": [\"second\"], \"exactly\": [\"s2\"]}");
}

static void a_shallow_history_restores_the_child_and_a_deep_one_all(void **state)
{
    (void)state;
    begin(remembering);
    act("next");
    act("next");
    act("pause");
    assert_int_equal(act("resume"), PROBLEM_NONE);
    assert_states(&world, "[\"s1\"]");
    act("next");
    act("pause");
    assert_int_equal(act("restore"), PROBLEM_NONE);
    assert_states(&world, "[\"s2\"]");
    assert_entry(&world, "patch/memories", "null");
}

static void what_is_remembered_changes_with_each_leaving(void **state)
{
    (void)state;
    begin(remembering);
    act("pause");
    assert_case(&world, "memories", "{\"before\": [\"first\"], \"exactly\": [\"first\"]}");
    act("resume");
    assert_states(&world, "[\"first\"]");
    act("next");
    act("pause");
    assert_case(&world, "memories", "{\"before\": [\"second\"], \"exactly\": [\"s1\"]}");
    /* The default acts only where nothing is remembered. */
    assert_case(&world, "data/n", "0");
}

static void a_default_acts_behind_its_parents_entry_and_before_its_childrens(void **state)
{
    (void)state;
    begin("  out: {on: {in: {by: [clerk], target: h}}}\n"
          "  p:\n"
          "    entry: [{set: {said: \"= data.said + ' parent'\"}}]\n"
          "    states:\n"
          "      h: {type: history, default: {do: [{set: {said: \"= data.said + ' default'\"}}], "
          "target: c}}\n"
          "      c: {entry: [{set: {said: \"= data.said + ' child'\"}}]}\n");
    assert_int_equal(act("in"), PROBLEM_NONE);
    assert_case(&world, "data/said", "\"x parent default child\"");
}

static void a_refused_event_remembers_nothing(void **state)
{
    (void)state;
    begin("  p:\n"
          "    on: {out: {by: [clerk], target: spin}}\n"
          "    states: {h: {type: history, default: {target: c}}, c: {}}\n"
          "  spin: {always: {t: {target: spun}}, on: {x: {by: [clerk], target: h}}}\n"
          "  spun: {always: {t: {target: spin}}}\n");
    assert_int_equal(act("out"), PROBLEM_WORKFLOW_FAULT);
    assert_case(&world, "memories", "{}");
}

/* ---- Events by prefix and wildcard ---- */

static const char listening[] = "  a:\n"
                                "    on:\n"
                                "      visit: {by: [clerk], do: [{set: {n: 1}}]}\n"
                                "      missed: {event: miss.*, do: [{set: {n: 2}}]}\n"
                                "      rest: {event: \"*\", do: [{set: {said: = event.name}}]}\n"
                                "      raise_miss: {by: [clerk], do: [{raise: miss.late}]}\n"
                                "      raise_other: {by: [clerk], do: [{raise: missing}]}\n";

static void an_event_is_taken_by_its_beginning(void **state)
{
    (void)state;
    begin(listening);
    assert_int_equal(act("visit.home.late"), PROBLEM_NONE);
    assert_case(&world, "data/n", "1");
    assert_entry(&world, "event", "\"visit.home.late\"");
    assert_int_equal(act("visits"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(act("visit."), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(act("visit.<b>"), PROBLEM_NOT_AVAILABLE);
}

static void a_wildcard_takes_whatever_the_workflow_makes(void **state)
{
    (void)state;
    begin(listening);
    assert_int_equal(act("raise_miss"), PROBLEM_NONE);
    assert_case(&world, "data/n", "2");
    assert_int_equal(act("raise_other"), PROBLEM_NONE);
    assert_case(&world, "data/said", "\"missing\"");
    world_signal(&world, "from.outside", NULL);
    assert_case(&world, "data/said", "\"from.outside\"");
}

static void a_wildcard_gives_people_nothing(void **state)
{
    (void)state;
    begin(listening);
    assert_int_equal(act("anything"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(act("miss.late"), PROBLEM_NOT_AVAILABLE);
}

static void an_event_from_outside_that_nothing_takes_is_dropped_with_an_entry(void **state)
{
    (void)state;
    begin("  a: {on: {told: {do: [{set: {n: = int(event.data.x)}}]}}}\n");
    world_signal(&world, "told", "{\"x\": 4}");
    assert_entry(&world, "kind", "\"signal\"");
    assert_entry(&world, "data", "{\"x\": 4}");
    assert_case(&world, "data/n", "4");
    world_signal(&world, "unheard", NULL);
    assert_entry(&world, "kind", "\"dropped\"");
    assert_entry(&world, "note", "\"Nothing takes unheard: it was dropped.\"");
}

static void an_event_from_outside_that_never_comes_to_rest_does_nothing(void **state)
{
    (void)state;
    begin("  a: {on: {go: {target: b}, x: {by: [clerk]}}}\n"
          "  b: {always: {t: {target: c}}}\n  c: {always: {t: {target: b}}}\n");
    world_signal(&world, "go", NULL);
    assert_entry(&world, "kind", "\"dropped\"");
    assert_case(&world, "states", "{\"a\": 1}");
}

/* ---- 11, 12. Errors ---- */

static void a_guard_raises_its_error_once_a_macrostep(void **state)
{
    (void)state;
    begin("  a:\n"
          "    on: {go: {by: [clerk], do: [{raise: more}]}, more: {do: [{set: {m: 1}}]}, err: "
          "{event: error.execution, do: [{set: {n: = data.n + 1}}]}}\n"
          "    always: {errs: {guard: data.big > 1}}\n");
    /* Opening met it, too. */
    assert_case(&world, "data/n", "1");
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_case(&world, "data/n", "2");
}

static void a_final_states_data_that_errs_is_empty(void **state)
{
    (void)state;
    begin("  p: {states: {a: {on: {go: {by: [clerk], target: b}}}, b: {type: final, data: {x: = "
          "data.big}}}, done: {guard: \"!has(event.data.x)\", target: end}}\n"
          "  end: {type: final}\n");
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_states(&world, "[\"end\"]");
    assert_int_equal(value_count(value_at(&world.change.entry, "faults")), 1);
}

static void in_state_of_a_history_is_false(void **state)
{
    (void)state;
    begin("  p:\n"
          "    on: {go: {by: [clerk], guard: in_state('h'), target: end}}\n"
          "    states: {h: {type: history, default: {target: c}}, c: {}}\n"
          "  end: {type: final}\n");
    assert_int_equal(act("go"), PROBLEM_GUARD_FAILED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_sibling_region_is_never_reset_by_surprise),
        TEST(a_transition_across_regions_enters_its_own_region_by_default),
        TEST(a_target_that_is_the_state_itself_runs_only_do),
        TEST(reenter_leaves_the_state_and_enters_it_again),
        TEST(with_reenter_a_parallel_state_is_never_a_domain),
        TEST(done_climbs_child_first_and_comes_each_time_a_state_turns_complete),
        TEST(what_lies_inside_is_asked_first_then_the_first_in_the_file),
        TEST(all_exits_run_then_all_do_then_all_entries),
        TEST(always_goes_before_raised_events_and_these_before_what_is_sent),
        TEST(a_history_remembers_by_state_id_in_the_case),
        TEST(a_shallow_history_restores_the_child_and_a_deep_one_all),
        TEST(what_is_remembered_changes_with_each_leaving),
        TEST(a_default_acts_behind_its_parents_entry_and_before_its_childrens),
        TEST(a_refused_event_remembers_nothing),
        TEST(an_event_is_taken_by_its_beginning),
        TEST(a_wildcard_takes_whatever_the_workflow_makes),
        TEST(a_wildcard_gives_people_nothing),
        TEST(an_event_from_outside_that_nothing_takes_is_dropped_with_an_entry),
        TEST(an_event_from_outside_that_never_comes_to_rest_does_nothing),
        TEST(a_guard_raises_its_error_once_a_macrostep),
        TEST(a_final_states_data_that_errs_is_empty),
        TEST(in_state_of_a_history_is_false),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
