/* A case put where a test says, and what is told to those who watch. */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}}\n"
    "fields: {count: {type: integer, initial: 2}, name: {type: text}}\n"
    "states:\n"
    "  calm: {entry: [{set: {count: 9}}], deadline: {within: 1d}, exit: [{set: {count: 8}}],\n"
    "    after: {old: {delay: 1d, target: over}}}\n"
    "  both:\n"
    "    type: parallel\n"
    "    states:\n"
    "      left: {states: {l1: {on: {go: {by: [clerk], guard: data.count > 2, target: l2}}}, l2: "
    "{}}}\n"
    "      right:\n"
    "        initial: r2\n"
    "        states:\n"
    "          r1: {}\n"
    "          r2: {entry: [{set: {count: 7}}], deadline: {within: 2d},\n"
    "            after: {late: {delay: 3d, target: over}},\n"
    "            steps: {work: {use: a/b, with: {n: = data.count}}}}\n"
    "  erring: {after: {never: {delay: '= duration(data.name)', target: over}}}\n"
    "  over: {type: final}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static struct text why;

static bool give(const char *const *ids, size_t count, const char *data)
{
    struct case_person person = world_person(world.arena, "awa", "clerk");
    struct case_event event = {.kind = CASE_OPEN,
                               .now_ms = world.now_ms,
                               .seq = world.seq + 1,
                               .person = &person,
                               .code = TEXT("SN-2026-00042-G"),
                               .data = data ? world_json(&world, data) : value_null()};
    uint16_t states[4];

    for (size_t i = 0; i < count; i++) {
        states[i] = chart_state_named(&world.workflow->chart, text_from(ids[i]));
        assert_int_not_equal(states[i], CHART_NONE);
    }
    if (!case_given(&world.state, &event, states, count, world.arena, &world.state.doc, &why))
        return false;
    world.shadow.doc = world.state.doc;
    world.seq = world.state.last = world.state.revision = ++world.shadow.last;
    world.shadow.revision = world.seq;
    return true;
}

static void given_states_have_timers_and_steps_but_no_entry(void **state)
{
    static const char *const ids[] = {"l2", "r2"};
    size_t count;
    (void)state;

    assert_true(give(ids, 2, "{\"name\": \"Awa\"}"));
    assert_case(&world, "states", "{\"both\": 1, \"left\": 1, \"l2\": 1, \"right\": 1, \"r2\": 1}");
    assert_case(&world, "data", "{\"count\": 2, \"name\": \"Awa\"}");
    assert_int_equal(value_count(value_at(&world.state.doc, "timers")), 1);
    assert_int_equal(value_count(value_at(&world.state.doc, "deadlines")), 1);
    const struct case_call *calls = case_calls(&world.state, world.arena, &count);
    assert_int_equal(count, 1);
    assert_json(&world, &calls[0].inputs, "{\"n\": 2}");
    world_wait(&world, 3 * WORLD_DAY_MS);
    assert_case(&world, "closed", "true");
}

static void what_is_not_named_takes_its_initial_states(void **state)
{
    static const char *const ids[] = {"l2"};
    (void)state;

    assert_true(give(ids, 1, NULL));
    assert_case(&world, "states", "{\"both\": 1, \"left\": 1, \"l2\": 1, \"right\": 1, \"r2\": 1}");
    static const char *const whole[] = {"both"};
    assert_true(give(whole, 1, NULL));
    assert_case(&world, "states", "{\"both\": 2, \"left\": 2, \"l1\": 1, \"right\": 2, \"r2\": 2}");
}

static void a_case_that_is_open_keeps_its_code_and_data_and_leaves_all_else(void **state)
{
    static const char *const ids[] = {"r1"};
    (void)state;

    assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_NONE);
    assert_case(&world, "data/count", "9");
    assert_true(give(ids, 1, NULL));
    assert_case(&world, "code", "\"SN-2026-00042-G\"");
    assert_case(&world, "data/count", "9");
    assert_case(&world, "timers", "{}");
    assert_case(&world, "deadlines", "{}");
}

static void states_that_exclude_each_other_are_refused(void **state)
{
    static const char *const ids[] = {"calm", "r1"};
    (void)state;

    assert_false(give(ids, 2, NULL));
    assert_text(why, "These states cannot be active together.");
}

static void a_timer_that_has_a_fault_is_told(void **state)
{
    static const char *const ids[] = {"erring"};
    (void)state;

    assert_false(give(ids, 1, NULL));
    assert_true(text_begins(why, "delay: "));
}

static void a_case_given_at_its_end_is_closed(void **state)
{
    static const char *const ids[] = {"over"};
    (void)state;

    assert_true(give(ids, 1, NULL));
    assert_case(&world, "closed", "true");
}

/* ---- Watching. ---- */

static unsigned held, failed, taken, entered;

static void see_guard(void *self, uint16_t transition, bool holds)
{
    assert_ptr_equal(self, &world);
    assert_text(world.workflow->chart.transitions[transition].id, "go");
    held += holds;
    failed += !holds;
}

static void see_take(void *self, uint16_t transition)
{
    assert_ptr_equal(self, &world);
    assert_text(world.workflow->chart.transitions[transition].id, "go");
    taken++;
}

static void see_enter(void *self, uint16_t number)
{
    assert_ptr_equal(self, &world);
    assert_text(world.workflow->chart.states[number].id, "l2");
    entered++;
}

static void who_watches_is_told_of_refused_events_too(void **state)
{
    const struct case_watch watch = {&world, see_guard, see_take, see_enter};
    struct case_person person = world_person(world.arena, "awa", "clerk");
    struct case_event event = {
        .kind = CASE_TRANSITION, .name = TEXT("go"), .person = &person, .watch = &watch};
    static const char *const ids[] = {"l1", "r1"};
    struct case_change change;
    (void)state;

    event.now_ms = world.now_ms;
    event.data = value_null();
    assert_true(give(ids, 2, NULL));
    case_apply(&world.state, &event, world.arena, &change);
    assert_true(change.is_refused);
    assert_int_equal(failed, 1);
    assert_int_equal(held + taken + entered, 0);
    assert_true(give(ids, 2, "{\"count\": 3}"));
    case_apply(&world.state, &event, world.arena, &change);
    assert_false(change.is_refused);
    assert_int_equal(held, 1);
    assert_int_equal(taken, 1);
    assert_int_equal(entered, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(given_states_have_timers_and_steps_but_no_entry, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_not_named_takes_its_initial_states, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_case_that_is_open_keeps_its_code_and_data_and_leaves_all_else, setup, teardown),
        cmocka_unit_test_setup_teardown(states_that_exclude_each_other_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_timer_that_has_a_fault_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_case_given_at_its_end_is_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(who_watches_is_told_of_refused_events_too, setup, teardown),
    };
    return cmocka_run_group_tests_name("given", tests, NULL, NULL);
}
