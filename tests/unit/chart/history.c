/* History: shallow, deep and by default. */
#include "chart/kit.h"

static const char *const shallow = "a  back>h in>b2\n"
                                   "b  out>a\n"
                                   "  b1\n"
                                   "  b2\n"
                                   "    b21  next>b22\n"
                                   "    b22\n"
                                   "  h history  default!x>b1\n";

static void a_history_that_remembers_nothing_takes_its_default(void **state)
{
    struct kit *kit = kit_start(*state, shallow);
    kit_send(kit, "back");
    KIT_TRACE(kit, "-a a.back +b h.default +b1");
    KIT_BOUND(kit, "back ~x");
}

static void a_shallow_history_restores_the_child_by_its_initial(void **state)
{
    struct kit *kit = kit_start(*state, shallow);
    kit_send(kit, "in");
    kit_send(kit, "next");
    kit_send(kit, "out");
    kit_send(kit, "back");
    KIT_TRACE(kit, "-a a.back +b +b2 +b21");
    KIT_BOUND(kit, "back");
}

static void a_deep_history_restores_all_that_was_active(void **state)
{
    struct kit *kit = kit_start(*state, "a  in>p back>h\n"
                                        "p parallel  out>a\n"
                                        "  b\n"
                                        "    b1  x>b22\n"
                                        "    b2\n"
                                        "      b21\n"
                                        "      b22\n"
                                        "  c\n"
                                        "    c1  y>c2\n"
                                        "    c2 final\n"
                                        "  d\n"
                                        "  h deep  default>b1\n");
    kit_send(kit, "in");
    kit_send(kit, "x");
    kit_send(kit, "y");
    kit_send(kit, "out");
    kit_send(kit, "back");
    KIT_ACTIVE(kit, "b22 c2 d");
    /* A final state that is entered again turns its region complete again. */
    KIT_BOUND(kit, "back ~done.state.c");
}

static void a_shallow_history_of_a_parallel_state_restores_its_regions(void **state)
{
    struct kit *kit = kit_start(*state, "a  back>h\n"
                                        "p parallel  out>a\n"
                                        "  h history  default>b2\n"
                                        "  b\n"
                                        "    b1\n"
                                        "    b2\n"
                                        "  c\n"
                                        "    c1\n");
    kit_send(kit, "back");
    KIT_TRACE(kit, "-a a.back +p h.default +b +b2 +c +c1");
    kit_send(kit, "out");
    kit_send(kit, "back");
    KIT_TRACE(kit, "-a a.back +p +b +b1 +c +c1");
}

static void an_initial_may_be_a_history(void **state)
{
    struct kit *kit = kit_start(*state, "a  in>b\n"
                                        "b initial=h  out>a\n"
                                        "  h history  default>b2\n"
                                        "  b1\n"
                                        "  b2  next>b1\n");
    kit_send(kit, "in");
    KIT_TRACE(kit, "-a a.in +b h.default +b2");
    kit_send(kit, "next");
    kit_send(kit, "out");
    kit_send(kit, "in");
    KIT_TRACE(kit, "-a a.in +b +b1");
}

static void a_default_may_lead_to_other_histories(void **state)
{
    struct kit *kit = kit_start(*state, "a  in>h1\n"
                                        "b\n"
                                        "  h1 history  default>h2\n"
                                        "  h2 history  default>h3\n"
                                        "  b1\n"
                                        "  b2\n"
                                        "    h3 history  default>b22\n"
                                        "    b21\n"
                                        "    b22\n");
    kit_send(kit, "in");
    KIT_TRACE(kit, "-a a.in +b h1.default h2.default +b2 h3.default +b22");
}

static void a_history_is_read_after_its_parent_was_left(void **state)
{
    /* By reenter the parent is left first, so what was active is what it restores. */
    struct kit *kit = kit_start(*state, "b  again>>h keep>h\n"
                                        "  h deep  default>b1\n"
                                        "  b1  next>b22\n"
                                        "  b2\n"
                                        "    b21\n"
                                        "    b22\n");
    kit_send(kit, "next");
    kit_send(kit, "again");
    KIT_TRACE(kit, "-b22 -b2 -b b.again +b +b2 +b22");
}

static void a_history_of_a_state_that_stays_active_still_runs_its_default_first(void **state)
{
    struct kit *kit = kit_start(*state, "b  keep>h\n"
                                        "  h history  default>b2\n"
                                        "  b1\n"
                                        "  b2\n");
    kit_send(kit, "keep");
    KIT_TRACE(kit, "-b1 b.keep h.default +b2");
    /* b itself was not left, so nothing is remembered yet. */
    kit_send(kit, "keep");
    KIT_TRACE(kit, "-b2 b.keep h.default +b2");
}

static void several_histories_may_be_targets_together(void **state)
{
    struct kit *kit = kit_start(*state, "a  in>p back>hb,hc\n"
                                        "p parallel  out>a\n"
                                        "  b\n"
                                        "    hb history  default>b1\n"
                                        "    b1  x>b2\n"
                                        "    b2\n"
                                        "  c\n"
                                        "    hc history  default>c2\n"
                                        "    c1\n"
                                        "    c2\n");
    kit_send(kit, "back");
    KIT_ACTIVE(kit, "b1 c2");
    kit_send(kit, "x");
    kit_send(kit, "out");
    kit_send(kit, "back");
    KIT_ACTIVE(kit, "b2 c2");
}

static void a_transition_to_a_history_stays_as_deep_as_what_it_stands_for(void **state)
{
    struct kit *kit = kit_start(*state, "a  in>b11\n"
                                        "b  out>a\n"
                                        "  h deep  default>b11\n"
                                        "  b1\n"
                                        "    b11  back>h next>b12\n"
                                        "    b12  back>h\n");
    kit_send(kit, "in");
    kit_send(kit, "out");
    kit_send(kit, "in");
    kit_send(kit, "next");
    kit_send(kit, "back");
    KIT_TRACE(kit, "-b12 b12.back +b11");
    /* What it stands for is the source itself: only `do` runs. */
    kit_send(kit, "back");
    KIT_TRACE(kit, "b11.back");
}

static void a_copied_configuration_remembers_by_itself(void **state)
{
    struct kit *kit = kit_start(*state, shallow);
    kit_send(kit, "in");
    kit_send(kit, "out");
    struct chart_configuration copy =
        chart_configuration_copy(*state, &kit->chart, &kit->configuration);
    uint16_t h = chart_state_named(&kit->chart, TEXT("h"));
    kit->configuration.memories[h].states[0] = chart_state_named(&kit->chart, TEXT("b1"));
    kit->configuration.active[chart_state_named(&kit->chart, TEXT("a"))] = false;
    kit->configuration = copy;
    kit_send(kit, "back");
    KIT_ACTIVE(kit, "b21");
}

static void what_is_active_or_remembered_against_the_rules_is_not_legal(void **state)
{
    struct kit *kit = kit_start(*state, shallow);
    const struct chart *chart = &kit->chart;
    struct chart_configuration *now = &kit->configuration;
    uint16_t a = chart_state_named(chart, TEXT("a")), b1 = chart_state_named(chart, TEXT("b1")),
             h = chart_state_named(chart, TEXT("h"));
    assert_true(chart_configuration_is_legal(chart, now));
    now->active[b1] = true; /* without its parent */
    assert_false(chart_configuration_is_legal(chart, now));
    now->active[b1] = now->active[a] = false; /* nothing in the root */
    assert_false(chart_configuration_is_legal(chart, now));
    now->active[a] = true;
    now->active[0] = false;
    assert_false(chart_configuration_is_legal(chart, now));
    now->active[0] = true;
    now->memories[h] = (struct chart_memory){.is_set = true, .states = &a, .count = 1};
    assert_false(chart_configuration_is_legal(chart, now)); /* outside its parent */
    now->memories[h].states = &h;
    assert_false(chart_configuration_is_legal(chart, now));
    now->memories[h].states = &b1;
    assert_true(chart_configuration_is_legal(chart, now));
    now->memories[h].count = 0;
    assert_false(chart_configuration_is_legal(chart, now));
    now->memories[h].is_set = false;
    now->memories[a] = (struct chart_memory){.is_set = true, .states = &b1, .count = 1};
    assert_false(chart_configuration_is_legal(chart, now)); /* no history */
}

static void an_active_history_or_half_a_parallel_state_is_not_legal(void **state)
{
    struct kit *kit = kit_start(*state, "p parallel\n"
                                        "  h history  default>a\n"
                                        "  a\n"
                                        "  b\n");
    uint16_t a = chart_state_named(&kit->chart, TEXT("a")),
             h = chart_state_named(&kit->chart, TEXT("h"));
    kit->configuration.active[h] = true;
    assert_false(chart_configuration_is_legal(&kit->chart, &kit->configuration));
    kit->configuration.active[h] = kit->configuration.active[a] = false;
    assert_false(chart_configuration_is_legal(&kit->chart, &kit->configuration));
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(a_history_that_remembers_nothing_takes_its_default),
        PROMISE(a_shallow_history_restores_the_child_by_its_initial),
        PROMISE(a_deep_history_restores_all_that_was_active),
        PROMISE(a_shallow_history_of_a_parallel_state_restores_its_regions),
        PROMISE(an_initial_may_be_a_history),
        PROMISE(a_default_may_lead_to_other_histories),
        PROMISE(a_history_is_read_after_its_parent_was_left),
        PROMISE(a_history_of_a_state_that_stays_active_still_runs_its_default_first),
        PROMISE(several_histories_may_be_targets_together),
        PROMISE(a_transition_to_a_history_stays_as_deep_as_what_it_stands_for),
        PROMISE(a_copied_configuration_remembers_by_itself),
        PROMISE(what_is_active_or_remembered_against_the_rules_is_not_legal),
        PROMISE(an_active_history_or_half_a_parallel_state_is_not_legal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
