/* What sealing lays out, and each of its refusals. */
#include "chart/kit.h"

#include <errno.h>

static void a_sealed_chart_knows_children_depths_and_ends(void **state)
{
    struct kit *kit = kit_start(*state, "a\n"
                                        "  a1\n"
                                        "    a11\n"
                                        "  h history  default>a1\n"
                                        "  a2\n"
                                        "b\n");
    const struct chart_state *s = kit->states;
    assert_int_equal(s[0].last, 6);
    assert_int_equal(s[0].child_count, 2);
    assert_int_equal(s[1].last, 5);
    assert_int_equal(s[1].child_count, 3);
    assert_int_equal(s[1].children[0], 2);
    assert_int_equal(s[1].children[1], 4);
    assert_int_equal(s[1].children[2], 5);
    assert_true(s[1].has_history);
    assert_false(s[2].has_history);
    assert_int_equal(s[3].depth, 3);
    assert_int_equal(s[3].last, 3);
    assert_true(chart_is_descendant(&kit->chart, 3, 1));
    assert_false(chart_is_descendant(&kit->chart, 1, 1));
    assert_false(chart_is_descendant(&kit->chart, 6, 1));
}

static void transitions_are_tried_in_file_order_and_eventless_ones_stand_first(void **state)
{
    struct kit *kit = kit_start(*state, "a  x>b always?n>b after>b done.state.a>b always?n>a\n"
                                        "b\n");
    const struct chart_state *a = &kit->states[1];
    const uint16_t expected[] = {1, 4, 0, 2, 3};
    assert_int_equal(a->transition_count, 5);
    assert_int_equal(a->always_count, 2);
    assert_memory_equal(a->transitions, expected, sizeof(expected));
}

static void the_first_child_is_the_initial_and_never_a_history(void **state)
{
    struct kit *kit = kit_start(*state, "a\n"
                                        "  h history  default>a2\n"
                                        "  a1\n"
                                        "  a2\n");
    KIT_ACTIVE(kit, "a1");
    assert_int_equal(kit->states[1].initial_count, 1);
    assert_int_equal(kit->states[1].initial[0], 3);
}

static void a_state_is_found_by_its_id_before_and_after_sealing(void **state)
{
    const char *source = "m\nz\na\nk\n";
    struct kit *read = kit_read(*state, source);
    struct kit *sealed = kit_start(*state, source);
    const char *ids[] = {"m", "z", "a", "k"};
    for (uint16_t i = 0; i < 4; i++) {
        assert_int_equal(chart_state_named(&read->chart, text_from(ids[i])), i + 1);
        assert_int_equal(chart_state_named(&sealed->chart, text_from(ids[i])), i + 1);
    }
    assert_int_equal(chart_state_named(&read->chart, TEXT("b")), CHART_NONE);
    assert_int_equal(chart_state_named(&sealed->chart, TEXT("b")), CHART_NONE);
    assert_int_equal(chart_state_named(&sealed->chart, TEXT("")), CHART_NONE);
}

static void a_refusal_says_why_and_where(void **state)
{
    static const struct {
        const char *source, *why, *state, *transition;
    } refusals[] = {
        {"", "The workflow has no states inside.", "", NULL},
        {"a compound\n", "a has no states inside.", "a", NULL},
        {"a compound\n  h history  default>a\n", "a has no states inside.", "a", NULL},
        {"a parallel\n", "a has no states inside.", "a", NULL},
        {"a final\n  b\n", "a cannot have states inside.", "a", NULL},
        {"a\n  b\n  h history  default>b\n    c\n", "h cannot have states inside.", "h", NULL},
        {"p parallel\n  a\n  f final\n",
         "f is final and a region of a parallel state: put it inside a region.", "f", NULL},
        {"a\nh history  default>a\n",
         "h is a history of the whole workflow, which is never left and entered again.", "h", NULL},
        {"a\n  b\n  h history\n", "h has no default.", "h", NULL},
        {"a\n  b\n  h history  default>\n", "The default of h has no target.", "h", "h.default"},
        {"a\n  b\n  h history  default>h\n", "The default of h leads in a circle.", "h",
         "h.default"},
        {"a\n  b\n  h history  default>g\n  g deep  default>h\n",
         "The default of h leads in a circle.", "h", "h.default"},
        {"a\n  b\n  h history  default>g\n  g deep  default>i\n  i deep  default>g\n",
         "The default of h leads in a circle.", "h", "h.default"},
        {"a\n  b\n  h history  default>c\nc\n", "The default leads to c, which is not inside a.",
         "h", "h.default"},
        {"a\n  b\n  c\n  h history  default>b,c\n",
         "The default leads to c, which cannot be active together with its other targets.", "h",
         "h.default"},
        {"a initial=c\n  b\nc\n", "The initial leads to c, which is not inside a.", "a", NULL},
        {"a initial=a\n  b\n", "The initial leads to a, which is not inside a.", "a", NULL},
        {"initial=a,b\na\nb\n",
         "The initial leads to b, which cannot be active together with its other targets.", "",
         NULL},
        {"p parallel initial=a\n  a\n  b\n", "p cannot have an initial.", "p", NULL},
        {"a initial=b\nb\n", "a cannot have an initial.", "a", NULL},
        {"a\nb final  x>a\n", "b is final: it has no transitions.", "b", "b.x"},
        {"a\n  b\n  h history  default>b x>b\n", "h is a history: it has no transitions.", "h",
         "h.x"},
        {"a  x>b,c\nb\nc\n",
         "The transition leads to c, which cannot be active together with its other targets.", "a",
         "a.x"},
        {"a  x>b,b\nb\n",
         "The transition leads to b, which cannot be active together with its other targets.", "a",
         "a.x"},
        {"a  x>b,c\nb\n  c\n",
         "The transition leads to c, which cannot be active together with its other targets.", "a",
         "a.x"},
        {"a  x>p,c\np parallel\n  b\n  c\n",
         "The transition leads to c, which cannot be active together with its other targets.", "a",
         "a.x"},
        {"a  x>c,b\nb\n  c\n",
         "The transition leads to b, which cannot be active together with its other targets.", "a",
         "a.x"},
        {"a  x>c,h\np parallel\n  h deep  default>c\n  b\n    c\n",
         "The transition leads to h, which cannot be active together with its other targets.", "a",
         "a.x"},
        {"a  x>b1,c1,b2\np parallel\n  b\n    b1\n    b2\n  c\n    c1\n",
         "The transition leads to b2, which cannot be active together with its other targets.", "a",
         "a.x"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct kit *kit = kit_read(*state, refusals[i].source);
        struct text why;
        uint16_t at, transition;
        assert_int_equal(chart_seal(*state, &kit->chart, &why, &at, &transition), -EINVAL);
        assert_string_equal(why.bytes, refusals[i].why);
        assert_int_not_equal(at, CHART_NONE);
        assert_true(text_is(kit->states[at].id, refusals[i].state));
        if (refusals[i].transition)
            assert_true(text_is(kit->transitions[transition].id, refusals[i].transition));
        else
            assert_int_equal(transition, CHART_NONE);
    }
}

static void the_root_has_no_transitions(void **state)
{
    struct kit *kit = kit_read(*state, "a  x>b\nb\n");
    struct text why;
    uint16_t at, transition;
    kit->transitions[0].source = 0;
    assert_int_equal(chart_seal(*state, &kit->chart, &why, &at, &transition), -EINVAL);
    assert_string_equal(why.bytes, "The workflow itself has no transitions.");
    assert_int_equal(transition, 0);
}

/* A flat chart of so many states beside the root, and transitions of the first. */
static int seal_flat(struct arena *arena, uint16_t state_count, uint16_t transition_count,
                     struct text *why_out)
{
    struct chart chart = {
        .states = ARENA_ARRAY(arena, struct chart_state, (size_t)state_count + 1),
        .state_count = (uint16_t)(state_count + 1),
        .transitions = ARENA_ARRAY(arena, struct chart_transition, transition_count),
        .transition_count = transition_count,
    };
    for (uint16_t s = 0; s <= state_count; s++) {
        chart.states[s].id = text_printf(arena, "s%u", s);
        chart.states[s].default_transition = CHART_NONE;
    }
    chart.states[0].kind = CHART_COMPOUND;
    chart.states[0].parent = CHART_NONE;
    for (uint16_t t = 0; t < transition_count; t++)
        chart.transitions[t] = (struct chart_transition){.source = 1, .event = TEXT("x")};
    uint16_t state, transition;
    int status = chart_seal(arena, &chart, why_out, &state, &transition);
    assert_int_equal(state, CHART_NONE);
    assert_int_equal(transition, CHART_NONE);
    return status;
}

static void charts_are_bounded(void **state)
{
    struct text why;
    assert_int_equal(seal_flat(*state, CHART_STATES_MAX, UINT16_MAX - 1, &why), 0);
    assert_int_equal(seal_flat(*state, CHART_STATES_MAX + 1, 0, &why), -EINVAL);
    assert_string_equal(why.bytes, "There are more than 4000 states.");
    assert_int_equal(seal_flat(*state, 1, UINT16_MAX, &why), -EINVAL);
    assert_string_equal(why.bytes, "There are more than 65534 transitions.");
}

static void targets_in_different_regions_may_stand_together(void **state)
{
    struct kit *kit = kit_start(*state, "a  x>b12,b2,c\n"
                                        "p parallel\n"
                                        "  b parallel\n"
                                        "    b1\n"
                                        "      b11\n"
                                        "      b12\n"
                                        "    b2\n"
                                        "  c\n");
    kit_send(kit, "x");
    KIT_ACTIVE(kit, "b12 b2 c");
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(a_sealed_chart_knows_children_depths_and_ends),
        PROMISE(transitions_are_tried_in_file_order_and_eventless_ones_stand_first),
        PROMISE(the_first_child_is_the_initial_and_never_a_history),
        PROMISE(a_state_is_found_by_its_id_before_and_after_sealing),
        PROMISE(a_refusal_says_why_and_where),
        PROMISE(the_root_has_no_transitions),
        PROMISE(charts_are_bounded),
        PROMISE(targets_in_different_regions_may_stand_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
