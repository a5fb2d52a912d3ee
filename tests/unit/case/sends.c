/* What a workflow sends: it waits in the case as a timer, whatever becomes of the state that sent
 * it, and ends by `cancel`, by arriving, or with the case. */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}}\n"
    "fields: {n: {type: integer, initial: 0}, wait: {type: integer, initial: 3}, which: {type: "
    "text, initial: late}, ratio: {type: number}, day: {type: date, initial: 2026-02-03}, tags: "
    "{type: list, of: text, initial: [a, b]}, unset: {type: text}}\n"
    "states:\n"
    "  calm:\n"
    "    on:\n"
    "      at_once: {by: [clerk], do: [{send: {event: told}}, {set: {n: 7}}]}\n"
    "      later: {by: [clerk], do: [{send: {event: told, delay: 2d, id: first, data: {x: 5}}}], "
    "target: away}\n"
    "      twice: {by: [clerk], do: [{send: {event: told, delay: 1d, id: first}}, {send: {event: "
    "told, delay: 2d, id: first}}, {send: {event: told, delay: 3d, id: other}}]}\n"
    "      stop: {by: [clerk], do: [{cancel: first}]}\n"
    "      stop_any: {by: [clerk], form: {which: required}, do: [{cancel: = data.which}]}\n"
    "      stop_bad: {by: [clerk], do: [{cancel: = data.unset}, {set: {n: 99}}]}\n"
    "      computed: {by: [clerk], do: [{send: {event: = data.which, delay: '= "
    "duration(string(data.wait) + \"h\")'}}]}\n"
    "      negative: {by: [clerk], do: [{send: {event: told, delay: '= duration(\"-1h\")'}}]}\n"
    "      bad_event: {by: [clerk], do: [{send: {event: = data.unset}}, {set: {n: 99}}]}\n"
    "      bad_name: {by: [clerk], form: {which: required}, do: [{send: {event: = data.which}}, "
    "{set: {n: 99}}]}\n"
    "      bad_delay: {by: [clerk], do: [{send: {event: told, delay: '= duration(data.which)'}}, "
    "{set: {n: 99}}]}\n"
    "      bad_data: {by: [clerk], do: [{send: {event: told, data: {x: = data.unset}}}, {set: {n: "
    "99}}]}\n"
    "      infinite: {by: [clerk], do: [{send: {event: told, data: {x: '= [1.0 / 0.0]'}}}, {set: "
    "{n: 99}}]}\n"
    "      order: {by: [clerk], do: [{send: {event: digit.one, delay: 1h}}, {send: {event: "
    "digit.two}}, {send: {event: digit.three}}]}\n"
    "      rich: {by: [clerk], do: [{send: {event: rich_told, data: {day: = data.day, span: '= "
    "duration(\"1h30m\")', list: '= [data.tags, [\"c\"]]', map: '= {\"k\": 1.5}', none: = null, "
    "yes: true, whole: 4, text: some text, items: [1, 2]}}}]}\n"
    "      nest: {by: [clerk], do: [{raise: {event: grow, data: {x: '= [1]'}}}]}\n"
    "      double: {by: [clerk], do: [{set: {wait: 0}}, {raise: {event: grow, data: {x: '= "
    "[1]'}}}]}\n"
    "      grow: {do: [{raise: {event: grow, data: {x: '= data.wait > 0 ? [event.data.x] : "
    "[event.data.x, event.data.x]'}}}]}\n"
    "      flood: {by: [clerk], target: flooding}\n"
    "      fall: {by: [clerk], target: falling}\n"
    "      close: {by: [clerk], do: [{send: {event: told, delay: 9d}}], target: over}\n"
    "      err: {event: error.execution, do: [{set: {n: = data.n + 100}}]}\n"
    "      told: {do: [{set: {n: = data.n * 10 + 1}}]}\n"
    "      named: {event: late, do: [{set: {n: 42}}]}\n"
    "      digit_one: {event: digit.one, do: [{set: {n: = data.n * 10 + 1}}]}\n"
    "      digit_two: {event: digit.two, do: [{set: {n: = data.n * 10 + 2}}]}\n"
    "      digit_three: {event: digit.three, do: [{set: {n: = data.n * 10 + 3}}]}\n"
    "      rich_told:\n"
    "        guard: \"event.data.day == data.day && event.data.span == duration('90m') && "
    "event.data.list == [['a', 'b'], ['c']] && event.data.map == {'k': 1.5} && event.data.none == "
    "null && event.data.yes == true && event.data.whole == 4 && event.data.text == 'some text' && "
    "event.data.due == now && event.name == 'rich_told' && event.data.items == [1, 2]\"\n"
    "        do: [{set: {n: 77}}]\n"
    "  away:\n"
    "    on:\n"
    "      told: {guard: event.data.x == 5, do: [{set: {n: = int(event.data.x)}}], target: calm}\n"
    "  flooding:\n"
    "    entry: [{set: {n: 0}}]\n"
    "    always: {more: {guard: data.n < 300, do: [{set: {n: = data.n + 1}}, {send: {event: "
    "unheard, delay: 1d}}]}}\n"
    "    on: {err: {event: error.execution, target: away}}\n"
    "  falling:\n"
    "    entry: [{send: {event: fall_on}}, {set: {n: = data.n + 1}}]\n"
    "    on: {fall_on: {target: falling, reenter: true}}\n"
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

static size_t timer_count(void)
{
    return value_count(value_at(&world.state.doc, "timers"));
}

static void what_is_sent_without_a_delay_is_a_macrostep_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(act("at_once"), PROBLEM_NONE);
    assert_case(&world, "data/n", "7");
    /* Until then it stands in the case, so that a crash cannot lose it. */
    assert_case(&world, "timers/send.2.0/due", "1767254400000");
    assert_case(&world, "timers/send.2.0/event", "\"told\"");
    assert_true(world_fire(&world));
    assert_case(&world, "data/n", "71");
    assert_case(&world, "timers", "{}");
    assert_entry(&world, "kind", "\"timer\"");
    assert_entry(&world, "event", "\"told\"");
    assert_entry(&world, "taken", "[\"calm.told\"]");
    assert_entry(&world, "by", "null");
}

static void a_delayed_send_outlives_the_state_that_sent_it(void **state)
{
    (void)state;
    assert_int_equal(act("later"), PROBLEM_NONE);
    assert_states(&world, "[\"away\"]");
    world_wait(&world, 2 * WORLD_DAY_MS - 1);
    assert_int_equal(timer_count(), 1);
    world_wait(&world, 1);
    assert_case(&world, "states", "{\"calm\": 2}");
    assert_case(&world, "data/n", "5");
}

static void cancel_ends_all_that_bear_the_id_and_no_other(void **state)
{
    (void)state;
    act("twice");
    assert_int_equal(timer_count(), 3);
    assert_int_equal(act("stop"), PROBLEM_NONE);
    assert_int_equal(timer_count(), 1);
    assert_case(&world, "timers/send.2.2/id", "\"other\"");
    /* What is not there needs no cancelling. */
    assert_int_equal(act("stop"), PROBLEM_NONE);
    assert_int_equal(world_do(&world, "awa", "clerk", "stop_any", "{\"which\": \"other\"}"),
                     PROBLEM_NONE);
    assert_int_equal(timer_count(), 0);
}

static void a_cancel_that_errs_ends_its_block(void **state)
{
    (void)state;
    act("twice");
    assert_int_equal(act("stop_bad"), PROBLEM_NONE);
    assert_int_equal(timer_count(), 3);
    assert_case(&world, "data/n", "100");
    const struct value *fault = value_item(value_at(&world.change.entry, "faults"), 0);
    assert_true(text_begins(value_text_at(fault, "message"), "nothing is cancelled: "));
}

static void event_and_delay_may_be_expressions(void **state)
{
    (void)state;
    assert_int_equal(act("computed"), PROBLEM_NONE);
    world_wait(&world, 3 * 3600000 - 1);
    assert_case(&world, "data/n", "0");
    world_wait(&world, 1);
    assert_case(&world, "data/n", "42");
}

static void a_negative_delay_is_due_at_once(void **state)
{
    (void)state;
    assert_int_equal(act("negative"), PROBLEM_NONE);
    assert_case(&world, "timers/send.2.0/due", "1767254400000");
}

static void a_send_that_errs_is_not_sent_and_ends_its_block(void **state)
{
    static const char *const events[] = {"bad_event", "bad_delay", "bad_data", "infinite"};
    (void)state;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        assert_int_equal(act(events[i]), PROBLEM_NONE);
        assert_int_equal(timer_count(), 0);
        assert_int_equal(value_int_at(&world.state.doc, "data/n", 0), 100 * ((int64_t)i + 1));
        const struct value *fault = value_item(value_at(&world.change.entry, "faults"), 0);
        assert_true(text_begins(value_text_at(fault, "message"), "an event is not sent: "));
        assert_true(text_begins(value_text_at(fault, "place"), "test.yaml:"));
    }
    world_do(&world, "awa", "clerk", "bad_name", "{\"which\": \"No Event\"}");
    assert_int_equal(timer_count(), 0);
    assert_case(&world, "data/n", "500");
}

static void events_sent_together_arrive_in_their_order(void **state)
{
    (void)state;
    act("order");
    uint64_t seq = world.seq;
    world_wait(&world, 3600000);
    assert_case(&world, "data/n", "231");
    assert_int_equal(world.seq, seq + 3);
}

static void data_of_every_kind_arrives_as_it_was_sent(void **state)
{
    (void)state;
    assert_int_equal(act("rich"), PROBLEM_NONE);
    assert_true(world_fire(&world));
    assert_case(&world, "data/n", "77");
}

static void data_that_grow_without_end_are_not_passed_on(void **state)
{
    static const char *const events[] = {"nest", "double"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(act(events[i]), PROBLEM_NONE);
        const struct value *fault = value_item(value_at(&world.change.entry, "faults"), 0);
        assert_text(value_text_at(fault, "message"),
                    "grow is not raised: its data are larger than 64 KiB, or nested more than 16 "
                    "levels deep.");
    }
    assert_case(&world, "data/n", "200");
}

static void more_than_a_case_holds_are_not_sent(void **state)
{
    (void)state;
    assert_int_equal(act("flood"), PROBLEM_NONE);
    assert_int_equal(timer_count(), CASE_SENDS_MAX);
    assert_states(&world, "[\"away\"]");
}

static void timers_that_set_each_other_off_without_end_are_braked(void **state)
{
    (void)state;
    int64_t due_ms;
    struct text key;
    assert_int_equal(act("fall"), PROBLEM_NONE);
    for (int i = 1; i < CASE_CHAIN_MAX; i++)
        assert_true(world_fire(&world));
    assert_entry(&world, "faults", "null");
    assert_true(world_fire(&world));
    assert_int_equal(value_count(value_at(&world.change.entry, "faults")), 1);
    assert_false(world_fire(&world));
    assert_true(case_next_timer(&world.state.doc, &key, &due_ms));
    assert_int_equal(due_ms, world.now_ms + 3600000);
    /* An hour later it goes on. */
    world.now_ms += 3600000;
    assert_true(world_fire(&world));
    assert_entry(&world, "faults", "null");
}

static void a_case_that_closes_drops_what_was_sent(void **state)
{
    (void)state;
    act("twice");
    assert_int_equal(act("close"), PROBLEM_NONE);
    assert_case(&world, "timers", "{}");
    assert_case(&world, "closed", "true");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_without_a_delay_is_a_macrostep_of_its_own),
        TEST(a_delayed_send_outlives_the_state_that_sent_it),
        TEST(cancel_ends_all_that_bear_the_id_and_no_other),
        TEST(a_cancel_that_errs_ends_its_block),
        TEST(event_and_delay_may_be_expressions),
        TEST(a_negative_delay_is_due_at_once),
        TEST(a_send_that_errs_is_not_sent_and_ends_its_block),
        TEST(events_sent_together_arrive_in_their_order),
        TEST(data_of_every_kind_arrives_as_it_was_sent),
        TEST(data_that_grow_without_end_are_not_passed_on),
        TEST(more_than_a_case_holds_are_not_sent),
        TEST(timers_that_set_each_other_off_without_end_are_braked),
        TEST(a_case_that_closes_drops_what_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
