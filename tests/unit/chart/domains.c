/* Ruling 2: what a transition leaves and enters again. */
#include "chart/kit.h"

/* ---- 2: what a transition leaves ---- */

static const char *const nested = "a compound  in>a2 self>a out>b again>>a deeper>>a2\n"
                                  "  a1  up>a side>a2 me>a1 meagain>>a1\n"
                                  "  a2\n"
                                  "    a21  cousin>a1\n"
                                  "b\n";

static void a_transition_into_its_own_source_does_not_leave_it(void **state)
{
    struct kit *kit = kit_start(*state, nested);
    kit_send(kit, "in");
    KIT_TRACE(kit, "-a1 a.in +a2 +a21");
}

static void a_target_that_is_the_state_itself_runs_only_do(void **state)
{
    struct kit *kit = kit_start(*state, nested);
    assert_true(kit_send(kit, "self"));
    KIT_TRACE(kit, "a.self");
    assert_true(kit_send(kit, "me"));
    KIT_TRACE(kit, "a1.me");
    KIT_ACTIVE(kit, "a1");
}

static void a_target_outside_leaves_up_to_the_common_ancestor(void **state)
{
    struct kit *kit = kit_start(*state, nested);
    kit_send(kit, "side");
    KIT_TRACE(kit, "-a1 a1.side +a2 +a21");
    kit_send(kit, "cousin");
    KIT_TRACE(kit, "-a21 -a2 a21.cousin +a1");
    kit_send(kit, "up");
    KIT_TRACE(kit, "-a1 -a a1.up +a +a1");
    kit_send(kit, "out");
    KIT_TRACE(kit, "-a1 -a a.out +b");
}

static void reenter_leaves_its_source_and_enters_it_again(void **state)
{
    struct kit *kit = kit_start(*state, nested);
    kit_send(kit, "again");
    KIT_TRACE(kit, "-a1 -a a.again +a +a1");
    kit_send(kit, "deeper");
    KIT_TRACE(kit, "-a1 -a a.deeper +a +a2 +a21");
    kit_send(kit, "cousin");
    kit_send(kit, "meagain");
    KIT_TRACE(kit, "-a1 a1.meagain +a1");
}

static const char *const tracks = "p parallel  one>b2 both>a2,b2 all>p anew>>p anewone>>b2\n"
                                  "  a\n"
                                  "    a1  over>b2 two>a2,b2 outer>>b2\n"
                                  "    a2  x>a1\n"
                                  "  b\n"
                                  "    b1  y>b2\n"
                                  "    b2\n"
                                  "  c  self>>c\n"
                                  "    c1  next>c2\n"
                                  "    c2\n";

static void a_parallel_domain_leaves_only_regions_that_hold_source_or_target(void **state)
{
    struct kit *kit = kit_start(*state, tracks);
    kit_send(kit, "next");
    kit_send(kit, "over");
    KIT_TRACE(kit, "-b1 -b -a1 -a a1.over +a +a1 +b +b2");
    KIT_ACTIVE(kit, "a1 b2 c2");
}

static void the_region_of_the_source_is_entered_by_default_or_to_its_target(void **state)
{
    struct kit *kit = kit_start(*state, tracks);
    kit_send(kit, "two");
    KIT_TRACE(kit, "-b1 -b -a1 -a a1.two +a +a2 +b +b2");
    KIT_ACTIVE(kit, "a2 b2 c1");
}

static void a_parallel_source_keeps_the_regions_that_are_not_named(void **state)
{
    struct kit *kit = kit_start(*state, tracks);
    kit_send(kit, "next");
    kit_send(kit, "one");
    KIT_TRACE(kit, "-b1 -b p.one +b +b2");
    kit_send(kit, "both");
    KIT_TRACE(kit, "-b2 -b -a1 -a p.both +a +a2 +b +b2");
    KIT_ACTIVE(kit, "a2 b2 c2");
    kit_send(kit, "all");
    KIT_TRACE(kit, "p.all");
}

static void with_reenter_a_parallel_state_is_never_a_domain(void **state)
{
    struct kit *kit = kit_start(*state, tracks);
    kit_send(kit, "next");
    kit_send(kit, "outer");
    KIT_TRACE(kit, "-c2 -c -b1 -b -a1 -a -p a1.outer +p +a +a1 +b +b2 +c +c1");
    kit_send(kit, "self");
    KIT_TRACE(kit, "-c1 -c -b2 -b -a1 -a -p c.self +p +a +a1 +b +b1 +c +c1");
    kit_send(kit, "anewone");
    KIT_ACTIVE(kit, "a1 b2 c1");
    kit_send(kit, "anew");
    KIT_ACTIVE(kit, "a1 b1 c1");
}

static void a_transition_without_target_consumes_the_event(void **state)
{
    struct kit *kit = kit_start(*state, "a  go>b\n"
                                        "  a1  go>\n"
                                        "b\n");
    assert_true(kit_send(kit, "go"));
    KIT_TRACE(kit, "a1.go");
    assert_int_equal(kit->result.microsteps, 1);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(a_transition_into_its_own_source_does_not_leave_it),
        PROMISE(a_target_that_is_the_state_itself_runs_only_do),
        PROMISE(a_target_outside_leaves_up_to_the_common_ancestor),
        PROMISE(reenter_leaves_its_source_and_enters_it_again),
        PROMISE(a_parallel_domain_leaves_only_regions_that_hold_source_or_target),
        PROMISE(the_region_of_the_source_is_entered_by_default_or_to_its_target),
        PROMISE(a_parallel_source_keeps_the_regions_that_are_not_named),
        PROMISE(with_reenter_a_parallel_state_is_never_a_domain),
        PROMISE(a_transition_without_target_consumes_the_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
