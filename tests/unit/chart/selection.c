/* Ruling 4: which transitions are taken together. */
#include "chart/kit.h"

/* ---- 4: selection ---- */

static void the_innermost_transition_is_taken_and_then_the_first_in_the_file(void **state)
{
    struct kit *kit = kit_start(*state, "a  go>b\n"
                                        "  a1  go?n>b go>c go>d\n"
                                        "b\n"
                                        "c  go>b\n"
                                        "d\n");
    kit_send(kit, "go");
    KIT_ACTIVE(kit, "c");
}

static void regions_take_their_transitions_in_one_microstep(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a\n"
                                        "    a1  go>a2\n"
                                        "    a2\n"
                                        "  b\n"
                                        "    b1  go>b2\n"
                                        "    b2\n");
    kit_send(kit, "go");
    KIT_SELECTED(kit, "[go a1.go b1.go]");
    KIT_TRACE(kit, "-b1 -a1 a1.go b1.go +a2 +b2");
}

static void of_two_in_conflict_the_earlier_region_wins(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a\n"
                                        "    a1  go>x\n"
                                        "  b\n"
                                        "    b1  go>b2\n"
                                        "    b2\n"
                                        "  c\n"
                                        "    c1  go>y\n"
                                        "x\n"
                                        "y\n");
    kit_send(kit, "go");
    KIT_SELECTED(kit, "[go a1.go]");
    KIT_ACTIVE(kit, "x");
}

static void a_later_transition_that_leaves_what_an_earlier_one_moves_in_is_pre_empted(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a\n"
                                        "    a1  go>a2\n"
                                        "    a2\n"
                                        "  b\n"
                                        "    b1  go>x\n"
                                        "x\n");
    kit_send(kit, "go");
    KIT_SELECTED(kit, "[go a1.go]");
    KIT_ACTIVE(kit, "a2 b1");
}

static void a_transition_of_a_descendant_pre_empts_an_earlier_one(void **state)
{
    /* In region a nothing matches, so the transition of p comes first; b1's lies inside p. */
    struct kit *kit = kit_start(*state, "p parallel  go>x\n"
                                        "  a\n"
                                        "    a1\n"
                                        "  b\n"
                                        "    b1  go>b2\n"
                                        "    b2\n"
                                        "x\n");
    kit_send(kit, "go");
    KIT_SELECTED(kit, "[go b1.go]");
    KIT_ACTIVE(kit, "a1 b2");
}

static void a_pre_empted_transition_makes_room_for_later_ones(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel  go>x\n"
                                        "  a\n"
                                        "    a1\n"
                                        "  b\n"
                                        "    b1  go>b2\n"
                                        "    b2\n"
                                        "  c\n"
                                        "    c1  go>c2\n"
                                        "    c2\n"
                                        "x\n");
    kit_send(kit, "go");
    KIT_SELECTED(kit, "[go b1.go c1.go]");
    KIT_ACTIVE(kit, "a1 b2 c2");
}

static void transitions_that_leave_nothing_are_never_in_conflict(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  a\n"
                                        "    a1  go>x\n"
                                        "  b\n"
                                        "    b1  go>\n"
                                        "  c  go>c\n"
                                        "x\n");
    kit_send(kit, "go");
    KIT_TRACE(kit, "-c -b1 -b -a1 -a -p a1.go b1.go c.go +x");
}

static void a_guard_is_asked_once_for_all_the_regions_below_it(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel  go?n>x\n"
                                        "  a\n"
                                        "  b\n"
                                        "  c\n"
                                        "x\n");
    assert_false(kit_send(kit, "go"));
    assert_int_equal(kit->asked[kit_transition(kit, "p.go")], 1);
}

static void descriptors_match_whole_segments(void **state)
{
    (void)state;
    assert_true(chart_event_matches(TEXT("a.b"), TEXT("a.b")));
    assert_true(chart_event_matches(TEXT("a.b"), TEXT("a.b.c")));
    assert_true(chart_event_matches(TEXT("a.b.*"), TEXT("a.b")));
    assert_true(chart_event_matches(TEXT("a.b.*"), TEXT("a.b.c.d")));
    assert_true(chart_event_matches(TEXT("*"), TEXT("a")));
    assert_false(chart_event_matches(TEXT("a.b"), TEXT("a.bc")));
    assert_false(chart_event_matches(TEXT("a.b.*"), TEXT("a.bc")));
    assert_false(chart_event_matches(TEXT("a.b"), TEXT("a")));
    assert_false(chart_event_matches(TEXT("a"), TEXT("b")));
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(the_innermost_transition_is_taken_and_then_the_first_in_the_file),
        PROMISE(regions_take_their_transitions_in_one_microstep),
        PROMISE(of_two_in_conflict_the_earlier_region_wins),
        PROMISE(a_later_transition_that_leaves_what_an_earlier_one_moves_in_is_pre_empted),
        PROMISE(a_transition_of_a_descendant_pre_empts_an_earlier_one),
        PROMISE(a_pre_empted_transition_makes_room_for_later_ones),
        PROMISE(transitions_that_leave_nothing_are_never_in_conflict),
        PROMISE(a_guard_is_asked_once_for_all_the_regions_below_it),
        PROMISE(descriptors_match_whole_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
