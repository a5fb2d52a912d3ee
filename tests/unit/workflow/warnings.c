/* Warnings of the whole chart: what is worth one and, as important, what is not. */
#include "workflow/codes.h"
#include "workflow/kit.h"

#define HEAD  "workflow: a\nroles: {r: {}}\nfields: {n: {type: integer, initial: 1}}\nstates:\n"
#define CLOSE "  z: {type: final}\n"

/* "W200 5:3 W204 9:1 ": codes and places. */
static void warns(void **state, const char *states, const char *want)
{
    struct kit *kit = *state;
    struct text source = text_printf(kit->arena, HEAD "%s" CLOSE, states);
    struct text_buffer got;

    assert_non_null(kit_try(kit, source.bytes));
    text_buffer_init(&got, kit->arena);
    for (size_t i = 0; i < kit->diags.count; i++)
        text_append_printf(&got, "%s %u:%u ", kit->diags.items[i].code,
                           kit->diags.items[i].place.line, kit->diags.items[i].place.column);
    if (!text_is(text_buffer_text(&got), want))
        fail_msg("wanted %s, got:\n%s", want, kit_diags(kit));
}

static void an_initial_deeper_inside_reaches_its_way_and_the_other_regions(void **state)
{
    warns(state,
          "  x: {on: {go: {by: [r], target: l2}}}\n"
          "  p:\n"
          "    type: parallel\n"
          "    done: {target: z}\n"
          "    states:\n"
          "      l: {states: {l1: {on: {a: {by: [r], target: l2}}}, l2: {type: final}}}\n"
          "      m: {states: {m1: {on: {b: {by: [r], target: m2}}}, m2: {type: final}}}\n",
          "W200 10:20 ");
}

static void a_state_reached_only_from_an_unreachable_one_is_unreachable(void **state)
{
    warns(state,
          "  x: {on: {go: {by: [r], target: z}}}\n"
          "  y: {on: {go: {by: [r], target: w}}}\n"
          "  w: {on: {go: {by: [r], target: y}}}\n",
          "W200 6:3 W200 7:3 ");
}

static void a_region_that_rests_is_no_dead_end_where_the_whole_can_be_left(void **state)
{
    warns(state,
          "  p:\n"
          "    type: parallel\n"
          "    on: {end: {by: [r], target: z}}\n"
          "    states:\n"
          "      flag: {states: {down: {on: {raise: {by: [r], target: up}}}, up: {}}}\n"
          "      work: {states: {busy: {}}}\n",
          "");
}

static void a_transition_that_only_comes_back_is_no_way_out(void **state)
{
    warns(state, "  c:\n    on: {again: {by: [r], target: x}}\n    states: {x: {}}\n",
          "W201 7:14 W200 8:3 ");
}

static void a_done_that_can_come_is_a_way_out(void **state)
{
    warns(state,
          "  p:\n"
          "    type: parallel\n"
          "    done: {target: z}\n"
          "    states:\n"
          "      a: {states: {a1: {after: {t: {delay: 1d, target: a2}}}, a2: {type: final}}}\n"
          "      b: {states: {b1: {always: {t: {guard: data.n > 1, target: b2}}}, b2: {type: "
          "final}}}\n",
          "");
}

static void a_done_of_a_parallel_state_with_a_region_that_never_ends_never_comes(void **state)
{
    warns(state,
          "  p:\n"
          "    type: parallel\n"
          "    done: {target: z}\n"
          "    on: {end: {by: [r], target: z}}\n"
          "    states:\n"
          "      a: {states: {a1: {after: {t: {delay: 1d, target: a2}}}, a2: {type: final}}}\n"
          "      b: {states: {b1: {}}}\n",
          "W207 7:5 ");
}

static void an_event_that_is_raised_needs_no_by(void **state)
{
    warns(state,
          "  x: {entry: [{raise: a.b}], on: {a: {target: y}}}\n"
          "  y: {on: {failed: {event: error.execution, target: z}}}\n",
          "");
}

static void only_what_nothing_triggers_leaves_nobody_a_way_out(void **state)
{
    warns(state, "  x: {on: {a: {target: z}}}\n", "W202 5:3 W203 5:12 ");
}

static void leaving_a_parallel_state_as_a_whole_is_no_surprise(void **state)
{
    warns(state,
          "  c:\n"
          "    on: {stop: {by: [r], target: z}, again: {by: [r], target: p}}\n"
          "    states:\n"
          "      p:\n"
          "        type: parallel\n"
          "        on: {end: {by: [r], target: z}, left: {by: [r], target: l2}}\n"
          "        states:\n"
          "          l: {states: {l1: {}, l2: {}}}\n"
          "          m: {states: {m1: {on: {b: {by: [r], target: m2}}}, m2: {}}}\n",
          "");
}

static void entering_one_region_from_around_resets_the_others(void **state)
{
    warns(state,
          "  c:\n"
          "    on: {redo: {by: [r], target: l1}, both: {by: [r], target: [l1, m2]}}\n"
          "    states:\n"
          "      p:\n"
          "        type: parallel\n"
          "        on: {end: {by: [r], target: z}}\n"
          "        states:\n"
          "          l: {states: {l1: {}}}\n"
          "          m: {states: {m1: {}, m2: {}}}\n",
          "W204 6:10 ");
}

static void entering_a_parallel_state_that_was_not_active_resets_nothing(void **state)
{
    warns(state,
          "  x: {on: {go: {by: [r], target: l1}}}\n"
          "  p:\n"
          "    type: parallel\n"
          "    on: {end: {by: [r], target: z}}\n"
          "    states:\n"
          "      l: {states: {l1: {}}}\n"
          "      m: {states: {m1: {}}}\n",
          "");
}

static void moving_to_another_region_resets_none_but_these_two(void **state)
{
    warns(state,
          "  p:\n"
          "    type: parallel\n"
          "    on: {end: {by: [r], target: z}}\n"
          "    states:\n"
          "      l: {states: {l1: {on: {go: {by: [r], target: m2}}}}}\n"
          "      m: {states: {m1: {}, m2: {}}}\n"
          "      n: {states: {n1: {}}}\n",
          "");
}

static void a_field_that_only_a_step_sets_is_set(void **state)
{
    struct kit *kit = *state;

    kit_load(kit, "workflow: a\nfields: {number: {type: text}, granted: {type: boolean}}\n"
                  "states:\n"
                  "  x: {steps: {s: {use: sketch/issue, with: {authority: A}, into: {number: "
                  "number}, answer: {by: [r], form: {granted: required}}, done: "
                  "{guard: has(data.number), target: z}, failed: {target: z}}}}\n"
                  "  z: {type: final}\n"
                  "roles: {r: {}}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(an_initial_deeper_inside_reaches_its_way_and_the_other_regions),
        KIT_TEST(a_state_reached_only_from_an_unreachable_one_is_unreachable),
        KIT_TEST(a_region_that_rests_is_no_dead_end_where_the_whole_can_be_left),
        KIT_TEST(a_transition_that_only_comes_back_is_no_way_out),
        KIT_TEST(a_done_that_can_come_is_a_way_out),
        KIT_TEST(a_done_of_a_parallel_state_with_a_region_that_never_ends_never_comes),
        KIT_TEST(an_event_that_is_raised_needs_no_by),
        KIT_TEST(only_what_nothing_triggers_leaves_nobody_a_way_out),
        KIT_TEST(leaving_a_parallel_state_as_a_whole_is_no_surprise),
        KIT_TEST(entering_one_region_from_around_resets_the_others),
        KIT_TEST(entering_a_parallel_state_that_was_not_active_resets_nothing),
        KIT_TEST(moving_to_another_region_resets_none_but_these_two),
        KIT_TEST(a_field_that_only_a_step_sets_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
