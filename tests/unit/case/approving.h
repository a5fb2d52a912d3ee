/* A workflow with approvals, and people who submit, approve and reject, for the tests of proposals.
 */
#ifndef SANKOFA_TESTS_CASE_APPROVING_H
#define SANKOFA_TESTS_CASE_APPROVING_H

#include "case/plugins.h"

static const char approving_yaml[] =
    "workflow: test\nroles: {clerk: {}, judge: {}, boss: {sees: [sensitive]}, other: {}}\n"
    "fields:\n"
    "  plan: {type: text}\n"
    "  secret: {type: text, sensitive: true}\n"
    "  home: {type: text, initial: safe}\n"
    "  risk: {type: integer, min: 0, max: 10}\n"
    "  limit: {type: integer, initial: 6}\n"
    "  source: {type: text, initial: a}\n"
    "  copy: {type: text}\n"
    "  by_whom: {type: text}\n"
    "  unread: {type: integer, initial: 0}\n"
    "  both: {type: boolean}\n"
    "  author: {type: person}\n"
    "  readers: {type: list, of: person}\n"
    "states:\n"
    "  desk:\n"
    "    on:\n"
    "      decide:\n"
    "        title: {en: Decide}\n"
    "        by: [clerk, judge]\n"
    "        form: {plan: required, secret: optional}\n"
    "        check:\n"
    "          score: {use: sketch/score, with: {household: = data.home}, into: {risk: risk}}\n"
    "        guard: data.risk <= data.limit\n"
    "        explain: Too risky.\n"
    "        approve: {by: [judge, boss], need: 2}\n"
    "        do: [{set: {copy: = data.source, by_whom: = by.id}}]\n"
    "        target: done\n"
    "      stay:\n"
    "        event: decide\n"
    "        by: [clerk]\n"
    "        guard: data.plan == 'stay'\n"
    "        target: desk\n"
    "      alone: {by: [clerk], approve: {by: [clerk], exclude: []}, do: [{set: {unread: 5}}]}\n"
    "      again: {by: [clerk], form: {copy: optional}, approve: {by: [boss]}, target: desk}\n"
    "      change_home: {by: [clerk], form: {home: optional}}\n"
    "      change_source: {by: [clerk], form: {source: optional}}\n"
    "      change_limit: {by: [clerk], form: {limit: required}}\n"
    "      change_plan: {by: [clerk], form: {plan: optional}}\n"
    "      change_other: {by: [clerk], form: {unread: required}}\n"
    "      name: {by: [clerk], form: {author: optional, readers: optional}}\n"
    "      print: {by: [clerk], form: {readers: optional}, approve: {by: [judge, boss], exclude: "
    "[submitter, author, readers]}}\n"
    "      leave: {by: [clerk], target: elsewhere}\n"
    "      round: {by: [clerk], do: [{raise: out}, {raise: in}]}\n"
    "      out: {target: elsewhere}\n"
    "      close: {by: [clerk], target: over}\n"
    "  elsewhere: {on: {back: {by: [clerk], target: desk}, in: {target: desk}}}\n"
    "  done:\n"
    "    entry: [{set: {both: \"= acted('binta', 'decide') && acted('codou', 'desk.decide') && "
    "acted('awa', 'decide')\"}}]\n"
    "    on: {back: {by: [clerk], guard: \"!acted(by.id, 'decide')\", target: desk}}\n"
    "  over: {type: final}\n";

static struct world world;

static inline int setup(void **state)
{
    (void)state;
    world_start_with(&world, approving_yaml, &sketch_source);
    world_check(&world, "desk.decide.score", "{\"outcome\": \"done\", \"outputs\": {\"risk\": 4}}");
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static inline int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static inline enum problem_code submit(void)
{
    return world_do(&world, "awa", "clerk", "decide", "{\"plan\": \"return\", \"secret\": \"x\"}");
}

static inline enum problem_code approve(const char *who, const char *role)
{
    struct case_person person = world_person(world.arena, who, role);
    return world_person_does(&world, CASE_APPROVE, &person, "1", NULL);
}

static inline enum problem_code reject(const char *who, const char *role, const char *reason)
{
    struct case_person person = world_person(world.arena, who, role);
    world.comment = text_from(reason);
    return world_person_does(&world, CASE_REJECT, &person, "1", NULL);
}

static inline enum problem_code act(const char *event, const char *data)
{
    return world_do(&world, "awa", "clerk", event, data);
}

/* Submitted, and approved by as many as are needed. */
static inline void submit_and_approve(void)
{
    assert_int_equal(submit(), PROBLEM_NONE);
    assert_int_equal(approve("binta", "boss"), PROBLEM_NONE);
    assert_int_equal(approve("codou", "judge"), PROBLEM_NONE);
}

static inline int answer_to(const char *who, struct problem *problem_out)
{
    int status = 0;
    return case_approval_answer(&world.state, 1, text_from(who), world.arena, &status, problem_out)
               ? status
               : 0;
}

/* To the last one. */
static inline int answer_of(struct problem *problem_out)
{
    return answer_to("codou", problem_out);
}

#define assert_detail(expected) assert_text(world_problem(&world)->detail, (expected))

#endif
