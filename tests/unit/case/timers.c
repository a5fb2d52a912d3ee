/* after and deadlines: of one visit of a state, in order of their due time, each its own macrostep.
 */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}}\n"
    "fields: {wait: {type: integer, initial: 2}, count: {type: integer, initial: 0}, when: {type: "
    "date}}\n"
    "states:\n"
    "  calm: {on: {go: {by: [clerk], target: waiting}, odd: {by: [clerk], target: computed}, race: "
    "{by: [clerk], target: races}, err: {by: [clerk], target: erring}, ask: {by: [clerk], target: "
    "asked}}}\n"
    "  waiting:\n"
    "    deadline: {within: 2d}\n"
    "    on: {stay: {by: [clerk], do: [{set: {count: = data.count + 1}}]}, leave: {by: [clerk], "
    "target: calm}}\n"
    "    after: {too_long: {delay: 3d, target: late}}\n"
    "  late: {on: {back: {by: [clerk], target: waiting}}}\n"
    "  computed:\n"
    "    entry: [{set: {wait: = data.wait + 1}}]\n"
    "    after:\n"
    "      soon: {delay: '= duration(string(data.wait) + \"h\")', do: [{set: {when: = "
    "date(\"2026-05-04\")}}], target: late}\n"
    "  races:\n"
    "    after:\n"
    "      second: {delay: 2h, do: [{set: {count: = data.count * 10 + 2}}]}\n"
    "      first: {delay: 1h, do: [{set: {count: = data.count * 10 + 1}}]}\n"
    "      third: {delay: 2h, do: [{set: {count: = data.count * 10 + 3}}]}\n"
    "      negative: {delay: '= duration(\"-1h\")', do: [{set: {count: = data.count * 10 + 4}}]}\n"
    "      barred: {delay: 3h, guard: data.count == 0, target: late}\n"
    "      told: {delay: 4h, guard: event.data.due < now, do: [{set: {count: = data.count * 10 + "
    "5}}]}\n"
    "  erring:\n"
    "    after: {never: {delay: '= duration(string(data.wait))', target: late}}\n"
    "    on: {err: {event: error.execution, target: late}}\n"
    "  asked:\n"
    "    after: {unused: {delay: 1d, guard: data.when > today, target: late}}\n"
    "    on: {end: {by: [clerk], target: over}}\n"
    "  over: {type: final}\n";

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

static void a_timer_and_a_deadline_begin_when_their_state_is_entered(void **state)
{
    (void)state;
    int64_t due_ms;
    struct text key;
    assert_false(case_next_timer(&world.state.doc, &key, &due_ms));
    assert_int_equal(act("go"), PROBLEM_NONE);
    assert_true(case_next_timer(&world.state.doc, &key, &due_ms));
    assert_text(key, "after.waiting.too_long.1");
    assert_int_equal(due_ms, WORLD_NOW_MS + 3 * WORLD_DAY_MS);
    assert_case(&world, "deadlines", "{\"waiting\": 1767427200000}");
}

static void a_timer_takes_its_transition_when_it_is_due(void **state)
{
    (void)state;
    act("go");
    world_wait(&world, 3 * WORLD_DAY_MS - 1);
    assert_case(&world, "states", "{\"waiting\": 1}");
    world_wait(&world, 1);
    assert_case(&world, "states", "{\"late\": 1}");
    assert_case(&world, "timers", "{}");
    assert_case(&world, "deadlines", "{}");
    assert_entry(&world, "kind", "\"timer\"");
    assert_entry(&world, "event", "\"case.after.waiting.too_long\"");
    assert_entry(&world, "taken", "[\"waiting.too_long\"]");
    assert_entry(&world, "by", "null");
    assert_case(&world, "changed/by", "null");
}

static void a_timer_goes_with_its_state(void **state)
{
    (void)state;
    act("go");
    assert_int_equal(act("leave"), PROBLEM_NONE);
    assert_case(&world, "timers", "{}");
    assert_case(&world, "deadlines", "{}");
    world_wait(&world, 10 * WORLD_DAY_MS);
    assert_case(&world, "states", "{\"calm\": 2}");
}

static void a_transition_that_stays_keeps_the_timer(void **state)
{
    (void)state;
    act("go");
    world.now_ms += WORLD_DAY_MS;
    assert_int_equal(act("stay"), PROBLEM_NONE);
    assert_entry(&world, "patch/timers", "null");
    world_wait(&world, 2 * WORLD_DAY_MS);
    assert_case(&world, "states", "{\"late\": 1}");
}

static void a_timer_of_an_earlier_visit_means_nothing(void **state)
{
    (void)state;
    act("go");
    act("leave");
    world.now_ms += WORLD_DAY_MS;
    act("go");
    struct case_event event = {.kind = CASE_TIMER,
                               .name = TEXT("after.waiting.too_long.1"),
                               .now_ms = world.now_ms + 9 * WORLD_DAY_MS};
    case_plan(&world.state, &event, world.arena, &world.plan);
    assert_int_equal(world.plan.kind, CASE_DROP);
    assert_non_null(value_at(&world.state.doc, "timers/after.waiting.too_long.2"));
}

static void a_timer_before_its_time_means_nothing(void **state)
{
    (void)state;
    act("go");
    struct case_event event = {.kind = CASE_TIMER,
                               .name = TEXT("after.waiting.too_long.1"),
                               .now_ms = world.now_ms + WORLD_DAY_MS};
    case_plan(&world.state, &event, world.arena, &world.plan);
    assert_int_equal(world.plan.kind, CASE_DROP);
}

static void a_delay_may_be_computed_from_what_the_entry_set(void **state)
{
    (void)state;
    assert_int_equal(act("odd"), PROBLEM_NONE);
    assert_case(&world, "timers/after.computed.soon.1/due", "1767265200000"); /* 3 h */
    world_wait(&world, WORLD_DAY_MS);
    assert_case(&world, "states", "{\"late\": 1}");
    assert_case(&world, "data/when", "\"2026-05-04\"");
}

static void overdue_timers_fire_in_order_of_their_due_time(void **state)
{
    (void)state;
    assert_int_equal(act("race"), PROBLEM_NONE);
    uint64_t seq = world.seq;
    world_wait(&world, 2 * 3600000);
    /* The negative one at once, then the shortest, then those of one time in file order. */
    assert_case(&world, "data/count", "4123");
    assert_int_equal(world.seq, seq + 4);
}

static void a_negative_delay_is_due_at_once(void **state)
{
    (void)state;
    act("race");
    assert_true(world_fire(&world));
    assert_case(&world, "data/count", "4");
    assert_false(world_fire(&world));
}

static void a_timer_that_nothing_takes_is_dropped_with_an_entry(void **state)
{
    (void)state;
    act("race");
    world_wait(&world, 3 * 3600000);
    assert_entry(&world, "kind", "\"dropped\"");
    assert_entry(&world, "note", "\"Nothing takes case.after.races.barred: it was dropped.\"");
    assert_case(&world, "states", "{\"races\": 1}");
    assert_case(&world, "timers/after.races.barred.1", "null");
}

static void a_timers_event_tells_when_it_was_due(void **state)
{
    (void)state;
    act("race");
    world_wait(&world, 5 * 3600000); /* as after a stop: now is five hours on, due was at four */
    assert_entry(&world, "taken", "[\"races.told\"]");
    assert_entry(&world, "at", "1767272400000");
    assert_case(&world, "data/count", "41235");
}

static void a_delay_that_errs_raises_an_error_and_sets_no_timer(void **state)
{
    (void)state;
    assert_int_equal(act("err"), PROBLEM_NONE);
    assert_case(&world, "timers", "{}");
    assert_states(&world, "[\"late\"]");
    const struct value *fault = value_item(value_at(&world.change.entry, "faults"), 0);
    assert_true(text_begins(value_text_at(fault, "message"), "delay: "));
    assert_true(text_begins(value_text_at(fault, "place"), "test.yaml:"));
}

static void a_guard_that_errs_on_a_timer_is_told_in_the_entry(void **state)
{
    (void)state;
    act("ask");
    world_wait(&world, WORLD_DAY_MS);
    assert_entry(&world, "kind", "\"dropped\"");
    const struct value *fault = value_item(value_at(&world.change.entry, "faults"), 0);
    assert_non_null(strstr(value_text_at(fault, "message").bytes, "data.when"));
}

static void a_person_may_not_fire_a_timer(void **state)
{
    (void)state;
    act("go");
    assert_int_equal(act("case.after.waiting.too_long"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(act("too_long"), PROBLEM_NOT_AVAILABLE);
}

static void a_final_state_leaves_nothing_to_wait_for(void **state)
{
    (void)state;
    act("ask");
    assert_int_equal(act("end"), PROBLEM_NONE);
    assert_case(&world, "timers", "{}");
    assert_case(&world, "deadlines", "{}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_timer_and_a_deadline_begin_when_their_state_is_entered),
        TEST(a_timer_takes_its_transition_when_it_is_due),
        TEST(a_timer_goes_with_its_state),
        TEST(a_transition_that_stays_keeps_the_timer),
        TEST(a_timer_of_an_earlier_visit_means_nothing),
        TEST(a_timer_before_its_time_means_nothing),
        TEST(a_delay_may_be_computed_from_what_the_entry_set),
        TEST(overdue_timers_fire_in_order_of_their_due_time),
        TEST(a_negative_delay_is_due_at_once),
        TEST(a_timer_that_nothing_takes_is_dropped_with_an_entry),
        TEST(a_timers_event_tells_when_it_was_due),
        TEST(a_delay_that_errs_raises_an_error_and_sets_no_timer),
        TEST(a_guard_that_errs_on_a_timer_is_told_in_the_entry),
        TEST(a_person_may_not_fire_a_timer),
        TEST(a_final_state_leaves_nothing_to_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
