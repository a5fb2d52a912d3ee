/* A workflow with steps of every sort, for the tests of steps and of what they park. */
#ifndef SANKOFA_TESTS_CASE_TRAVEL_H
#define SANKOFA_TESTS_CASE_TRAVEL_H

#include "case/plugins.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}, officer: {}, boss: {}}\n"
    "fields:\n"
    "  child: {type: text, initial: Aminata}\n"
    "  number: {type: text, max_length: 8}\n"
    "  expires: {type: date}\n"
    "  granted: {type: boolean}\n"
    "  why: {type: text}\n"
    "states:\n"
    "  start: {on: {go: {by: [clerk], target: travel}, bad: {by: [clerk], form: {child: optional}, "
    "target: faulty}, pass: {by: [clerk], target: passing}, two: {by: [clerk], target: both}, "
    "turn: {by: [clerk], target: endless}}}\n"
    "  travel:\n"
    "    steps:\n"
    "      pass_paper:\n"
    "        use: sketch/issue\n"
    "        with: {child: = data.child, asked_at: = now}\n"
    "        into: {number: number, expires: expires}\n"
    "        timeout: 30s\n"
    "        answer: {by: [officer], form: {granted: required, why: optional}}\n"
    "        done: {do: [{set: {why: = event.data.number}}], target: ready}\n"
    "        failed: {do: [{set: {why: = event.data.message}}], target: blocked}\n"
    "    on: {leave: {by: [clerk], target: start}, stop: {by: [clerk], target: over}}\n"
    "    always: {refused: {guard: has(data.granted) && !data.granted && has(data.why) && data.why "
    "== 'never', target: blocked}}\n"
    "  ready: {on: {again: {by: [clerk], target: travel}}}\n"
    "  blocked: {on: {again: {by: [clerk], target: travel}}}\n"
    "  faulty:\n"
    "    steps:\n"
    "      never:\n"
    "        use: sketch/plain\n"
    "        with: {child: '= data.child + data.why'}\n"
    "        failed: {do: [{set: {why: = event.data.message}}], target: blocked}\n"
    "  passing:\n"
    "    steps: {unused: {use: sketch/plain}}\n"
    "    always: {on_we_go: {target: start}}\n"
    "  both:\n"
    "    steps: {first: {use: sketch/plain}, second: {use: sketch/plain, with: {child: static}}}\n"
    "    on: {leave: {by: [clerk], target: start}}\n"
    "  endless:\n"
    "    steps:\n"
    "      turning:\n"
    "        use: sketch/issue\n"
    "        into: {number: number}\n"
    "        answer: {by: [officer], form: {granted: required}}\n"
    "        done: {target: round}\n"
    "    always: {turn: {guard: has(data.granted), target: round}}\n"
    "    on: {leave: {by: [clerk], target: start}}\n"
    "  round: {always: {turn: {target: about}}, on: {leave: {by: [clerk], target: start}}}\n"
    "  about: {always: {turn: {target: round}}}\n"
    "  over: {type: final}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start_with(&world, yaml, &sketch_source);
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static inline enum problem_code act(const char *event)
{
    return world_do(&world, "awa", "clerk", event, NULL);
}

static __attribute__((unused)) const char parks_for_answer[] =
    "{\"outcome\": \"parked\", \"answer\": true, \"cookie\": \"c0ffee\"}";
static __attribute__((unused)) const char parks_for_both[] =
    "{\"outcome\": \"parked\", \"answer\": true, \"time\": true, "
    "\"until\": 1767340800000, \"cookie\": \"c0ffee\"}";
static const char done[] =
    "{\"outcome\": \"done\", \"outputs\": {\"number\": \"LP-1\", \"expires\": \"2026-06-01\"}}";

static inline const struct case_call *the_call(void)
{
    size_t count;
    const struct case_call *calls = case_calls(&world.state, world.arena, &count);
    assert_int_equal(count, 1);
    return calls;
}

#endif
