/* Random walks through a workflow with everything in it: whatever happens, in whatever order, the
 * case recovered from its entries is the case (world.h looks after every event), its configuration
 * is legal, and what it waits for belongs to states that are active. */
#include "case/plugins.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}, officer: {}}\n"
    "calendar: {hours: 08:00-17:00}\n"
    "fields: {n: {type: integer, initial: 0}, number: {type: text}, granted: {type: boolean}, day: "
    "{type: date}}\n"
    "states:\n"
    "  begin:\n"
    "    deadline: {within: 2d, remind: [1d, 1wd], escalate: officer}\n"
    "    on: {go: {by: [clerk], form: {day: optional}, target: work}, odd: {by: [officer], check: "
    "{score: {use: sketch/score, with: {born: = data.day}, into: {n: risk}}}, guard: data.n > 3, "
    "approve: {by: [officer], need: 2}, target: work}}\n"
    "    after: {bored: {delay: 3d, target: work}}\n"
    "  work:\n"
    "    entry: [{notify: {to: [clerk, officer], text: Work}}]\n"
    "    deadline: {within: 3wd, remind: [1wd], escalate: clerk}\n"
    "    type: parallel\n"
    "    done: {target: end}\n"
    "    states:\n"
    "      papers:\n"
    "        states:\n"
    "          asking:\n"
    "            steps:\n"
    "              paper:\n"
    "                use: sketch/issue\n"
    "                with: {child: = data.number, asked_at: = now}\n"
    "                into: {number: number, day: expires}\n"
    "                answer: {by: [officer], form: {granted: required}}\n"
    "                retry: {attempts: 3, wait: 2h, factor: 2}\n"
    "                done: {target: asked}\n"
    "                failed: {do: [{set: {n: = data.n + 1}}, {raise: told}], target: "
    "asking_again}\n"
    "            always: {no: {guard: has(data.granted) && !data.granted, target: asking_again}}\n"
    "          asking_again:\n"
    "            entry: [{set: {granted: = null}}]\n"
    "            after: {soon: {delay: '= duration(string(data.n) + \"h\")', target: asking}}\n"
    "          asked: {type: final}\n"
    "      other:\n"
    "        states:\n"
    "          idle: {on: {go: {by: [clerk], form: {day: optional}, do: [{set: {n: = data.n + 1}}, "
    "{send: {event: told, delay: 5h, id: nudge, data: {when: = now}}}, {send: {event: "
    "told.again}}], "
    "target: busy}, told: {do: [{if: data.n < 50, then: [{set: {n: = data.n + 10}}], else: [{log: "
    "= string(data.n)}]}]}}}\n"
    "          busy: {on: {go: {by: [clerk], target: rest}, back: {by: [clerk], do: [{cancel: "
    "nudge}], target: idle}}, after: {tired: {delay: 12h, target: idle}}}\n"
    "          rest: {type: final}\n"
    "      were: {type: history, deep: true, default: {do: [{set: {n: = data.n + 2}}], target: "
    "[asking, busy]}}\n"
    "    on: {restart: {by: [officer], approve: {by: [clerk, officer], exclude: []}, do: [{set: "
    "{n: "
    "= data.n}}, {notify: {to: clerk, text: Anew}}], target: begin}, anew: {event: restart.all, "
    "by: [officer], "
    "target: work, reenter: true}, rest: {event: error.*, do: [{log: an error}]}}\n"
    "  end: {on: {reopen: {by: [officer], target: begin}, back: {by: [clerk], target: were}, "
    "close: "
    "{by: [officer], target: over}}}\n"
    "  over: {type: final}\n";

static uint64_t seed;

static unsigned chance(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % below;
}

/* Now and then what is not available, by who may not, with what does not fit. */
static void trigger(struct world *world)
{
    static const char *const events[] = {"go",  "go",      "back",        "told",
                                         "odd", "restart", "restart.all", "reopen"};
    static const char *const data[] = {"{\"day\": \"2026-02-03\"}", "{\"day\": null}",
                                       "{\"day\": \"x\"}"};
    unsigned event = chance(8);
    bool is_clerk = (event < 4) != (chance(10) == 0);
    if (chance(3) == 0) {
        world->key = text_printf(world->arena, "k%u", chance(100));
        world->request = text_printf(world->arena, "h%u", chance(2));
    }
    world_check(world, "begin.odd.score",
                chance(2) ? "{\"outcome\": \"done\", \"outputs\": {\"risk\": 5}}"
                          : "{\"outcome\": \"refused\", \"reasons\": []}");
    world_do(world, "awa", is_clerk ? "clerk" : "officer", events[event],
             event < 2 && chance(2) ? data[chance(3)] : NULL);
}

/* The newest proposal, approved or rejected by somebody who may, or may not. */
static void judge(struct world *world)
{
    static const char *const people[] = {"awa", "binta", "codou"};
    struct case_person person =
        world_person(world->arena, people[chance(3)], chance(4) ? "officer" : "clerk");
    struct text number = text_printf(
        world->arena, "%lld", (long long)value_int_at(&world->state.doc, "proposal_count", 0));
    bool is_rejected = chance(8) == 0;
    if (is_rejected)
        world->comment = TEXT("No.");
    world_check(world, "begin.odd.score",
                chance(3) ? "{\"outcome\": \"done\", \"outputs\": {\"risk\": 5}}"
                          : "{\"outcome\": \"broken\", \"message\": \"Crash.\", \"retry\": true}");
    world_person_does(world, is_rejected ? CASE_REJECT : CASE_APPROVE, &person, number.bytes, NULL);
    if (chance(2))
        world_wait(world, 0);
}

static void answer(struct world *world)
{
    world_answer(world, "officer", "paper",
                 chance(3) ? "{\"granted\": true}" : "{\"granted\": false}");
}

static void give_outcome(struct world *world)
{
    static const char *const outcomes[] = {
        "{\"outcome\": \"done\", \"outputs\": {\"number\": \"LP-1\", \"expires\": \"2026-06-01\"}}",
        "{\"outcome\": \"done\", \"outputs\": {\"expires\": \"never\"}}",
        "{\"outcome\": \"failed\", \"message\": \"No.\", \"retry\": false}",
        "{\"outcome\": \"failed\", \"message\": \"Later.\", \"retry\": true}",
        "{\"outcome\": \"broken\", \"message\": \"Crash.\", \"retry\": true}",
        "{\"outcome\": \"parked\", \"answer\": true, \"time\": true, \"until\": 1767700000000, "
        "\"cookie\": \"aa\"}",
        "{\"outcome\": \"parked\", \"answer\": true, \"time\": false, \"cookie\": \"\"}",
        "{\"outcome\": \"dropped\"}"};
    size_t count;
    const struct case_call *calls = case_calls(&world->state, world->arena, &count);
    if (count > 0)
        world_outcome_of(world, calls[chance((unsigned)count)].key.bytes, outcomes[chance(8)]);
}

static void pass_time(struct world *world)
{
    world_wait(world, (int64_t)chance(48) * 3600000);
}

static bool is_active(const struct world *world, struct text state)
{
    return value_get(value_at(&world->state.doc, "states"), state) != NULL;
}

/* Open ones are of this visit of their state; what people are told is of states that are active. */
static void assert_people_sound(const struct world *world)
{
    const struct value *proposals = value_at(&world->state.doc, "proposals");
    const struct value *notices = value_at(&world->state.doc, "notices");
    const struct value *states = value_at(&world->state.doc, "states");
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value *proposal = &value_member(proposals, i)->value;
        const struct value *visit = value_get(states, value_text_at(proposal, "state"));
        if (value_get(proposal, TEXT("ended")) == NULL)
            assert_true(value_equal(visit, value_get(proposal, TEXT("visit"))));
    }
    for (size_t i = 0; i < value_count(notices); i++) {
        const struct value *notice = &value_member(notices, i)->value;
        if (value_get(notice, TEXT("state")) != NULL)
            assert_true(is_active(world, value_text_at(notice, "state")));
    }
}

static void assert_sound(const struct world *world)
{
    const struct value *timers = value_at(&world->state.doc, "timers");
    const struct value *deadlines = value_at(&world->state.doc, "deadlines");
    const struct value *steps = value_at(&world->state.doc, "steps");
    const struct chart *chart = &world->workflow->chart;
    for (size_t i = 0; i < value_count(timers); i++) {
        const struct value *timer = &value_member(timers, i)->value;
        if (value_get(timer, TEXT("state")) != NULL)
            assert_true(is_active(world, value_text_at(timer, "state")));
        else if (value_get(timer, TEXT("step")) != NULL)
            assert_non_null(value_get(steps, value_text_at(timer, "step")));
        else
            assert_text(value_text_at(timer, "kind"), "send");
    }
    for (size_t i = 0; i < value_count(deadlines); i++)
        assert_true(is_active(world, value_member(deadlines, i)->key));
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct workflow_step *step =
            workflow_step(world->workflow, value_member(steps, i)->key);
        assert_true(is_active(world, chart->states[step->state].id));
    }
    assert_people_sound(world);
}

static void walk(uint64_t first_seed, size_t event_count)
{
    static void (*const moves[])(struct world *) = {
        trigger, trigger, answer, trigger, give_outcome, give_outcome, judge, judge, pass_time};
    struct world world;
    seed = first_seed;
    world_start_with(&world, yaml, &sketch_source);
    assert_int_equal(world_open(&world, "clerk", NULL), PROBLEM_NONE);
    for (size_t i = 0; i < event_count; i++) {
        moves[chance(sizeof moves / sizeof moves[0])](&world);
        assert_sound(&world);
    }
    assert_true(world.seq > event_count / 8);
    world_end(&world);
}

static void a_case_recovered_from_its_entries_is_the_case_after_any_walk(void **state)
{
    (void)state;
    for (uint64_t first_seed = 1; first_seed <= 12; first_seed++)
        walk(first_seed * 0x9e3779b97f4a7c15U, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_recovered_from_its_entries_is_the_case_after_any_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
