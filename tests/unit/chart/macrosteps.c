/* Rulings 1, 3, 5 to 7 and 12: events, eventless steps, completion and faults. */
#include "chart/kit.h"

#include <errno.h>

/* ---- 1: one event, one macrostep, a bound ---- */

static void a_chart_starts_in_its_initial_states(void **state)
{
    struct kit *kit = kit_start(*state, "initial=b2\n"
                                        "a\n"
                                        "b\n"
                                        "  b1\n"
                                        "  b2 parallel\n"
                                        "    c\n"
                                        "      c1\n"
                                        "    d\n");
    KIT_TRACE(kit, "+b +b2 +c +c1 +d");
    KIT_BOUND(kit, "case.open");
    assert_true(kit->result.taken);
    assert_int_equal(kit->result.microsteps, 1);
    assert_true(chart_configuration_is_legal(&kit->chart, &kit->configuration));
}

static void a_macrostep_runs_until_nothing_is_left(void **state)
{
    struct kit *kit = kit_start(*state, "a  go!x>b\n"
                                        "b  always>c\n"
                                        "c  x>d\n"
                                        "d\n");
    assert_true(kit_send(kit, "go"));
    KIT_TRACE(kit, "-a a.go +b -b b.always +c -c c.x +d");
    assert_int_equal(kit->result.microsteps, 3);
}

static void an_initial_may_name_several_states(void **state)
{
    struct kit *kit = kit_start(*state, "initial=a2,b2\n"
                                        "p parallel\n"
                                        "  a\n"
                                        "    a1\n"
                                        "    a2\n"
                                        "  b\n"
                                        "    b1\n"
                                        "    b2\n"
                                        "  c\n");
    KIT_ACTIVE(kit, "a2 b2 c");
}

/* A chart that takes `count` internal events, each with its microstep. */
static int run_long(struct arena *arena, size_t count, size_t *microsteps_out)
{
    struct kit *kit = kit_start(arena, "a  go>b\n"
                                       "b  x!x>b stop>a\n");
    struct text_buffer events;
    text_buffer_init(&events, arena);
    for (size_t i = 0; i < count; i++)
        text_append(&events, i > 0 ? TEXT(",y") : TEXT("y"));
    kit->act[kit_transition(kit, "a.go")] = text_buffer_text(&events);
    struct chart_event event = {.name = TEXT("go"), .transition = CHART_NONE};
    int status = kit_step(kit, &event);
    *microsteps_out = kit->result.microsteps;
    return status;
}

static void a_thousand_steps_are_done_and_one_more_is_refused(void **state)
{
    size_t microsteps;
    assert_int_equal(run_long(*state, CHART_STEPS_MAX - 1, &microsteps), 0);
    assert_int_equal(microsteps, 1);
    assert_int_equal(run_long(*state, CHART_STEPS_MAX, &microsteps), -ELOOP);
}

static void microsteps_count_to_the_bound_as_internal_events_do(void **state)
{
    struct kit *kit = kit_start(*state, "a  go!x>b\n"
                                        "b  x!x>b\n");
    struct chart_event event = {.name = TEXT("go"), .transition = CHART_NONE};
    assert_int_equal(kit_step(kit, &event), -ELOOP);
    /* One for `go`, then an event and its microstep in turn. */
    assert_int_equal(kit->result.microsteps, CHART_STEPS_MAX / 2);
    kit = kit_start(*state, "a  go>b\n"
                            "b  always>>b\n");
    assert_int_equal(kit_step(kit, &event), -ELOOP);
    assert_int_equal(kit->result.microsteps, CHART_STEPS_MAX);
}

static void a_chart_that_cannot_settle_cannot_be_opened(void **state)
{
    struct arena *arena = *state;
    struct kit *kit = kit_read(arena, "a  always>>a\n");
    struct text why;
    uint16_t at, transition;
    assert_int_equal(chart_seal(arena, &kit->chart, &why, &at, &transition), 0);
    kit->configuration = chart_configuration_empty(arena, &kit->chart);
    struct chart_event event = {.name = TEXT("case.open"), .transition = CHART_NONE};
    struct chart_hooks hooks = kit_hooks(kit);
    assert_int_equal(chart_start(&kit->chart, &kit->configuration, &event, &hooks, arena, kit_begin,
                                 &kit->result),
                     -ELOOP);
}

static void the_last_event_stays_bound_through_eventless_steps(void **state)
{
    struct kit *kit = kit_start(*state, "a  go!x,y>b\n"
                                        "b  always>c\n"
                                        "c  y>d\n"
                                        "d  always>e\n"
                                        "e\n");
    kit_send(kit, "go");
    KIT_BOUND(kit, "go ~x ~y");
    KIT_SELECTED(kit, "[go a.go] [always b.always] [y c.y] [always d.always]");
}

/* ---- 3: done.state climbs ---- */

static const char *const offices = "q parallel  done.state.q>over\n"
                                   "  p parallel\n"
                                   "    a\n"
                                   "      a1  x>a2\n"
                                   "      a2 final=signed\n"
                                   "    b  again>>b2\n"
                                   "      b1  y>b2\n"
                                   "      b2 final\n"
                                   "  r\n"
                                   "    r1  z>r2\n"
                                   "    r2 final\n"
                                   "over\n";

static void done_state_climbs_child_first_through_every_completed_ancestor(void **state)
{
    struct kit *kit = kit_start(*state, offices);
    kit_send(kit, "z");
    KIT_BOUND(kit, "z ~done.state.r");
    kit_send(kit, "y");
    KIT_BOUND(kit, "y ~done.state.b");
    kit_send(kit, "x");
    KIT_BOUND(kit, "x ~done.state.a =signed ~done.state.p ~done.state.q");
    KIT_ACTIVE(kit, "over");
}

static void done_state_is_raised_each_time_a_state_turns_complete(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a  again>a2\n"
                                        "    a1  x>a2\n"
                                        "    a2 final\n"
                                        "  b\n"
                                        "    b1  y>b2\n"
                                        "    b2 final\n");
    kit_send(kit, "y");
    kit_send(kit, "x");
    KIT_BOUND(kit, "x ~done.state.a ~done.state.p");
    kit_send(kit, "again");
    KIT_BOUND(kit, "again ~done.state.a ~done.state.p");
}

static void regions_that_finish_at_once_complete_their_parent_once(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a\n"
                                        "    a1  x>a2\n"
                                        "    a2 final\n"
                                        "  b\n"
                                        "    b1  x>b2\n"
                                        "    b2 final\n");
    kit_send(kit, "x");
    KIT_BOUND(kit, "x ~done.state.a ~done.state.b ~done.state.p");
}

static void a_compound_state_completes_by_a_final_child_only(void **state)
{
    struct kit *kit = kit_start(*state, "c\n"
                                        "  p parallel\n"
                                        "    a\n"
                                        "      a1  x>a2\n"
                                        "      a2 final\n"
                                        "  d final\n");
    kit_send(kit, "x");
    KIT_BOUND(kit, "x ~done.state.a ~done.state.p");
}

static void a_parallel_state_with_an_unfinished_or_atomic_region_is_not_complete(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a\n"
                                        "    a1  x>a2\n"
                                        "    a2 final\n"
                                        "  b\n");
    kit_send(kit, "x");
    KIT_BOUND(kit, "x ~done.state.a");
}

static void a_top_level_final_state_closes_and_drops_what_is_queued(void **state)
{
    struct kit *kit = kit_start(*state, "a  go!x>b\n"
                                        "b final=lost\n");
    kit_send(kit, "go");
    KIT_BOUND(kit, "go");
    KIT_ACTIVE(kit, "b");
    assert_true(kit->result.is_closed);
    assert_false(kit_send(kit, "go"));
    assert_true(kit->result.is_closed);
}

/* ---- 5: the order of events ---- */

static void an_always_is_tried_before_any_internal_event(void **state)
{
    struct kit *kit = kit_start(*state, "a  go>b\n"
                                        "b entry=x  x>wrong always>c\n"
                                        "c  x>right\n"
                                        "wrong\n"
                                        "right\n");
    kit_send(kit, "go");
    KIT_ACTIVE(kit, "right");
}

static void internal_events_drain_in_the_order_they_were_raised(void **state)
{
    struct kit *kit = kit_start(*state, "a exit=e1  go!e2>b\n"
                                        "b entry=e3,e4\n");
    kit_send(kit, "go");
    KIT_BOUND(kit, "go ~e1 ~e2 ~e3 ~e4");
}

/* ---- 6: what no transition takes ---- */

static void an_event_that_nothing_takes_changes_nothing(void **state)
{
    struct kit *kit = kit_start(*state, "a  go>b\n"
                                        "b\n");
    assert_false(kit_send(kit, "other"));
    KIT_TRACE(kit, "");
    assert_int_equal(kit->result.microsteps, 0);
    KIT_ACTIVE(kit, "a");
}

static void candidates_are_told_in_the_order_they_are_tried(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel  go>p *>p always?n>p\n"
                                        "  a\n"
                                        "    a1  go>a1 go.far>a1 go.*>a1\n"
                                        "  b  go>b\n"
                                        "    b1  other>b1\n");
    struct chart_event event = {.name = TEXT("go"), .transition = CHART_NONE};
    size_t count;
    const uint16_t *candidates =
        chart_candidates(&kit->chart, &kit->configuration, &event, *state, &count);
    const char *expected[] = {"a1.go", "a1.go.*", "p.go", "p.*", "b.go"};
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++)
        assert_true(text_is(kit->transitions[candidates[i]].id, expected[i]));
}

/* ---- 7: timers ---- */

static void a_timer_takes_only_the_transition_it_belongs_to(void **state)
{
    struct kit *kit = kit_start(*state, "a  after>b after>c\n"
                                        "b\n"
                                        "c\n");
    struct chart_event timer = {.name = TEXT("after.a.second"), .transition = 1};
    assert_false(kit_send(kit, "after.a.second"));
    assert_int_equal(kit_step(kit, &timer), 0);
    KIT_ACTIVE(kit, "c");
    assert_int_equal(kit_step(kit, &timer), 0);
    assert_false(kit->result.taken);
}

/* ---- 12: guards that err ---- */

static void a_guard_that_errs_counts_as_false_and_raises_once_a_macrostep(void **state)
{
    struct kit *kit = kit_start(*state, "a  always?e>b go!x>c\n"
                                        "b\n"
                                        "c  always?e>b always?e>b x>d error.execution>e\n"
                                        "d\n"
                                        "e\n");
    KIT_BOUND(kit, "case.open ~error.execution");
    kit_send(kit, "go");
    KIT_BOUND(kit, "go ~x ~error.execution ~error.execution");
    KIT_ACTIVE(kit, "d");
    assert_int_equal(kit->asked[2], 1);
}

static void a_guard_that_errs_on_an_event_lets_the_next_one_try(void **state)
{
    struct kit *kit = kit_start(*state, "a  go?e>b go>c\n"
                                        "b\n"
                                        "c  error.execution>d\n"
                                        "d\n");
    assert_true(kit_send(kit, "go"));
    KIT_ACTIVE(kit, "d");
    kit = kit_start(*state, "a  go?e>b error>c\n"
                            "b\n"
                            "c\n");
    assert_false(kit_send(kit, "go"));
    KIT_ACTIVE(kit, "c");
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(a_chart_starts_in_its_initial_states),
        PROMISE(a_macrostep_runs_until_nothing_is_left),
        PROMISE(an_initial_may_name_several_states),
        PROMISE(a_thousand_steps_are_done_and_one_more_is_refused),
        PROMISE(microsteps_count_to_the_bound_as_internal_events_do),
        PROMISE(a_chart_that_cannot_settle_cannot_be_opened),
        PROMISE(the_last_event_stays_bound_through_eventless_steps),
        PROMISE(done_state_climbs_child_first_through_every_completed_ancestor),
        PROMISE(done_state_is_raised_each_time_a_state_turns_complete),
        PROMISE(regions_that_finish_at_once_complete_their_parent_once),
        PROMISE(a_compound_state_completes_by_a_final_child_only),
        PROMISE(a_parallel_state_with_an_unfinished_or_atomic_region_is_not_complete),
        PROMISE(a_top_level_final_state_closes_and_drops_what_is_queued),
        PROMISE(an_always_is_tried_before_any_internal_event),
        PROMISE(internal_events_drain_in_the_order_they_were_raised),
        PROMISE(an_event_that_nothing_takes_changes_nothing),
        PROMISE(candidates_are_told_in_the_order_they_are_tried),
        PROMISE(a_timer_takes_only_the_transition_it_belongs_to),
        PROMISE(a_guard_that_errs_counts_as_false_and_raises_once_a_macrostep),
        PROMISE(a_guard_that_errs_on_an_event_lets_the_next_one_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
