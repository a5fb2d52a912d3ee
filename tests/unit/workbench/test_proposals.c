/* Submissions that wait, in the tests of workflows. */
#include "workbench/kit.h"

static const char yaml[] =
    "workflow: a\n"
    "roles: {clerk: {}, judge: {}}\n"
    "fields: {limit: {type: integer, initial: 3}, risk: {type: integer}}\n"
    "states:\n"
    "  desk:\n"
    "    on:\n"
    "      decide: {by: [clerk], guard: data.limit > 1, approve: {by: [judge], need: 2}, target: "
    "done}\n"
    "      once: {by: [clerk], guard: '!acted(by.id, \"look\")', approve: {by: [judge]}, target: "
    "done}\n"
    "      look: {by: [clerk], do: []}\n"
    "      ask: {by: [clerk], check: {score: {use: sketch/score, with: {n: = data.limit}, into: "
    "{risk: risk}}}, approve: {by: [judge]}, target: done}\n"
    "      lower: {by: [clerk], do: [set: {limit: = data.limit - 1}]}\n"
    "  done: {type: final}\n";

#define HEAD "workflow: a\npeople: {awa: [clerk], bo: [judge], co: [judge]}\n"

static void a_test_submits_approves_and_rejects_by_the_event(void **state)
{
    (void)state;
    kit_assert_passes_with(
        yaml,
        HEAD "tests:\n"
             "  approved:\n"
             "    - {do: decide, as: awa, expect: {states: [desk], proposal: decide}}\n"
             "    - {approve: decide, as: awa, expect: {refused: not-permitted}}\n"
             "    - {approve: decide, as: bo, comment: Well., expect: {states: [desk], proposal: "
             "decide}}\n"
             "    - {approve: decide, as: bo, expect: {refused: not-available}}\n"
             "    - {approve: decide, as: co, expect: {states: [done], proposal: ~}}\n"
             "  rejected:\n"
             "    - {do: decide, as: awa}\n"
             "    - {reject: decide, as: bo, reason: No., expect: {states: [desk], proposal: ~}}\n"
             "    - {approve: decide, as: co, expect: {refused: not-available}}\n"
             "    - {do: decide, as: awa}\n"
             "    - {approve: decide, as: co, expect: {proposal: decide}}\n"
             "  overtaken:\n"
             "    - {do: decide, as: awa}\n"
             "    - {do: lower, as: awa, expect: {proposal: ~}}\n"
             "  never submitted:\n"
             "    - {approve: decide, as: bo, expect: {refused: no-such-proposal}}\n");
}

static void what_keeps_it_from_being_carried_out_is_the_last_approvals_answer(void **state)
{
    (void)state;
    kit_assert_passes_with(
        yaml, HEAD
        "tests:\n"
        "  a guard:\n"
        "    - {do: once, as: awa}\n"
        "    - {do: look, as: awa}\n"
        "    - {approve: once, as: bo, expect: {refused: guard-failed, states: [desk], proposal: "
        "~}}\n"
        "  a check that refuses:\n"
        "    - {do: ask, as: awa, steps: {sketch/score: {done: {risk: 1}}}}\n"
        "    - {approve: ask, as: bo, steps: {sketch/score: {refused: No.}}, expect: {refused: "
        "check-refused}}\n"
        "  a check that fails is tried again:\n"
        "    - {do: ask, as: awa, steps: {sketch/score: {done: {risk: 1}}}}\n"
        "    - {approve: ask, as: bo, steps: {sketch/score: {failed: {message: Down., retry: "
        "true}}}, expect: {states: [desk], proposal: ask}}\n"
        "    - {wait: 1min, steps: {sketch/score: {done: {risk: 1}}}, expect: {states: [done]}}\n");
}

static void what_is_open_is_shown_beside_what_is_wanted(void **state)
{
    (void)state;
    kit_assert_output(yaml,
                      HEAD "tests:\n"
                           "  none:\n"
                           "    - expect: {proposal: decide}\n"
                           "  one:\n"
                           "    - {do: once, as: awa, expect: {proposal: ~}}\n"
                           "  another:\n"
                           "    - {do: once, as: awa, expect: {proposal: decide}}\n",
                      "FAILED a.test.yaml:4: none\n"
                      "  a.test.yaml:5:26: no such proposal is open\n"
                      "    wanted  decide\n"
                      "    got     none\n"
                      "FAILED a.test.yaml:6: one\n"
                      "  a.test.yaml:7:46: a proposal is open\n"
                      "    wanted  none\n"
                      "    got     once\n"
                      "FAILED a.test.yaml:8: another\n"
                      "  a.test.yaml:9:46: no such proposal is open\n"
                      "    wanted  decide\n"
                      "    got     once\n");
}

static void an_event_that_needs_no_approval_is_told(void **state)
{
    const struct kit kit = {.workflow = yaml,
                            .test = HEAD
                            "tests: {t: [{approve: decid, as: bo}, {expect: {proposal: lower}}]}\n",
                            .format = WORKBENCH_CARET};

    (void)state;
    struct text output = kit_run(&kit).output;
    assert_non_null(strstr(output.bytes, "error[E354]: no event \"decid\" waits for approval in "
                                         "this workflow"));
    assert_non_null(strstr(output.bytes, "did you mean \"decide\"?"));
    assert_non_null(strstr(output.bytes, "no event \"lower\" waits for approval"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_submits_approves_and_rejects_by_the_event),
        cmocka_unit_test(what_keeps_it_from_being_carried_out_is_the_last_approvals_answer),
        cmocka_unit_test(what_is_open_is_shown_beside_what_is_wanted),
        cmocka_unit_test(an_event_that_needs_no_approval_is_told),
    };

    return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
