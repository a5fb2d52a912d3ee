/* Running the tests of workflows: what each item does, what is told when it fails. */
#include "workbench/kit.h"

static const char yaml[] =
    "workflow: a\n"
    "roles: {clerk: {}, chief: {}}\n"
    "open: {by: [clerk], form: {name: optional}}\n"
    "fields: {name: {type: text}, count: {type: integer, initial: 0}, risk: {type: integer}, day: "
    "{type: date}, number: {type: text}, tags: {type: list, of: text}}\n"
    "states:\n"
    "  calm:\n"
    "    deadline: {within: 2d}\n"
    "    on:\n"
    "      go: {by: [clerk], form: {count: required}, guard: data.count > 2, target: risky}\n"
    "      tag: {by: [clerk], form: {tags: required, day: optional}}\n"
    "      ask: {by: [chief], check: {score: {use: sketch/score, with: {n: = data.count}, into: "
    "{risk: risk}}}, guard: data.risk < 5, target: issuing}\n"
    "    after: {bored: {delay: 10d, do: [set: {count: = data.count + 1}]}}\n"
    "  risky: {entry: [set: {count: 7}], after: {turn: {delay: 1d, target: calm}}}\n"
    "  issuing:\n"
    "    steps: {paper: {use: sketch/issue, with: {n: = data.count}, into: {number: number}, "
    "answer: "
    "{by: [chief], form: {name: required}}, done: {target: over}, failed: {target: risky}}}\n"
    "    on: {leave: {by: [clerk], target: calm}}\n"
    "  over: {type: final}\n";

#define HEAD "workflow: a\npeople: {awa: [clerk], bo: [chief]}\n"

/* ---- Items. ---- */

static void each_test_has_a_case_of_its_own(void **state)
{
    (void)state;
    kit_assert_passes_with(yaml, HEAD
                           "tests:\n"
                           "  one:\n"
                           "    - {do: go, as: awa, with: {count: 3}, expect: {states: [risky]}}\n"
                           "  two:\n"
                           "    - expect: {states: [calm], data: {count: 0, name: ~}}\n");
}

static void a_case_is_opened_as_the_test_says(void **state)
{
    (void)state;
    kit_assert_passes_with(yaml, HEAD
                           "tests:\n"
                           "  said:\n"
                           "    - {open: {as: awa, with: {name: B}}, expect: {data: {name: B}}}\n"
                           "  nobody:\n"
                           "    - {open: {as: bo}, expect: {refused: not-permitted}}\n");
}

static void without_a_case_nothing_more_can_be_done(void **state)
{
    (void)state;
    kit_assert_output(yaml,
                      HEAD "tests:\n"
                           "  nobody:\n"
                           "    - {open: {as: bo}, expect: {refused: not-permitted}}\n"
                           "    - expect: {states: [calm]}\n",
                      "FAILED a.test.yaml:4: nobody\n"
                      "  a.test.yaml:6:7: there is no case: its opening was refused\n");
}

static void a_form_that_must_be_filled_cannot_be_opened_by_nobody(void **state)
{
    (void)state;
    kit_assert_output(
        "workflow: a\nroles: {clerk: {}}\nfields: {name: {type: text}}\nopen: {form: "
        "{name: required}}\nstates: {z: {type: final}}\n",
        "workflow: a\ntests: {t: [expect: {states: [z]}]}\n",
        "FAILED a.test.yaml:2: t\n"
        "  a.test.yaml:2:9: no case can be opened without data: 1 field is missing or "
        "wrong. Write `- open: {as: WHO, with: {...}}`.\n");
}

static void a_workflow_without_roles_can_be_tried(void **state)
{
    (void)state;
    kit_assert_passes_with("workflow: a\nstates: {a: {after: {t: {delay: 1d, target: z}}}, z: "
                           "{type: final}}\n",
                           "workflow: a\ntests: {t: [{expect: {states: [a]}}, {wait: 1d, expect: "
                           "{states: [z]}}]}\n");
}

static void given_states_are_not_entered(void **state)
{
    (void)state;
    kit_assert_passes_with(yaml, HEAD
                           "tests:\n"
                           "  t:\n"
                           "    - given: {states: [risky], data: {count: 5, day: 2026-01-05}}\n"
                           "      expect: {states: [risky], data: {count: 5, day: 2026-01-05}}\n"
                           "    - {wait: 1d, expect: {states: [calm]}}\n");
}

static void time_is_virtual_and_begins_where_the_file_says(void **state)
{
    (void)state;
    kit_assert_passes_with("workflow: a\nroles: {clerk: {}}\nfields: {day: {type: date}, n: {type: "
                           "integer, initial: 0}}\nstates: {x: {entry: [set: {day: = today}], "
                           "after: {t: {delay: 1d, target: x, do: [set: {day: = today}]}}}}\n",
                           "workflow: a\nat: 2030-12-31T23:00:00Z\ntests:\n  t:\n"
                           "    - expect: {data: {day: 2030-12-31}}\n"
                           "    - {wait: 1d, expect: {data: {day: 2031-01-01}}}\n"
                           "    - {wait: 5200w, expect: {states: [x]}}\n");
}

static void lists_dates_and_numbers_are_read_by_their_fields(void **state)
{
    (void)state;
    kit_assert_passes_with(
        yaml,
        HEAD "tests:\n"
             "  t:\n"
             "    - {do: tag, as: awa, with: {tags: [a, 1], day: 2026-02-28}}\n"
             "    - expect: {data: {tags: [a, \"1\"], day: 2026-02-28, count: 0}}\n"
             "    - {do: tag, as: awa, with: {tags: one}, expect: {refused: field-invalid}}\n"
             "    - {do: tag, as: awa, with: {tags: [a], x: 1}, expect: {refused: field-invalid}}\n"
             "    - {do: go, as: awa, with: {count: many}, expect: {refused: field-invalid}}\n"
             "    - {do: nothing, as: awa, expect: {refused: not-available}}\n"
             "    - {do: tag, as: awa, with: {tags: [a], day: ~}, expect: {data: {day: ~}}}\n");
}

static void an_event_from_outside_may_bring_data_and_may_find_nobody(void **state)
{
    (void)state;
    kit_assert_passes_with(
        "workflow: a\nfields: {n: {type: integer}}\nstates: {x: {on: {told: {guard: "
        "int(event.data.n) > 3, do: [set: {n: = event.data.n}], target: z}}}, z: {type: "
        "final}}\n",
        "workflow: a\ntests:\n  t:\n"
        "    - {send: told, data: {n: 3}, expect: {states: [x]}}\n"
        "    - {send: some.event, data: {x: [1, a]}, expect: {states: [x]}}\n"
        "    - {send: told, data: {n: 4}, expect: {states: [z], data: {n: 4}}}\n");
}

/* ---- Stand-ins. ---- */

#define GIVEN "    - given: {states: [calm]}\n"
#define ASK   "    - {do: ask, as: bo, expect: {states: [issuing], data: {risk: 4}}}\n"

static void stand_ins_park_until_they_are_answered(void **state)
{
    (void)state;
    kit_assert_passes_with(
        yaml, HEAD "steps: {sketch/score: {done: {risk: 4}}, sketch/issue: {parked: {then: {done: "
                   "{number: LP-1}}}}}\n"
                   "tests:\n  t:\n" ASK "    - {wait: 300d, expect: {states: [issuing]}}\n"
                   "    - {answer: paper, as: awa, expect: {refused: not-permitted}}\n"
                   "    - {answer: paper, as: bo, with: {name: X}, expect: {states: [over], data: "
                   "{number: LP-1, name: X}}}\n");
}

static void stand_ins_park_for_a_time_and_several_times(void **state)
{
    (void)state;
    kit_assert_passes_with(
        yaml, HEAD "steps: {sketch/score: {done: {risk: 4}}, sketch/issue: {parked: {wait: 2d, "
                   "then: {parked: {wait: 1d, then: {failed: too late}}}}}}\n"
                   "tests:\n  t:\n" ASK "    - {wait: 71h, expect: {states: [issuing]}}\n"
                   "    - {wait: 1h, expect: {states: [risky]}}\n"
                   "  left:\n" ASK "    - {do: leave, as: awa, expect: {states: [calm]}}\n");
}

static void a_parked_stand_in_without_more_is_done_when_it_is_answered(void **state)
{
    (void)state;
    kit_assert_passes_with(yaml, HEAD
                           "steps: {sketch/score: {done: {risk: 4}}, sketch/issue: {parked: {}}}\n"
                           "tests:\n  t:\n" ASK
                           "    - {answer: paper, as: bo, with: {name: X}, expect: {states: "
                           "[over], data: {number: ~}}}\n");
}

static void stand_ins_refuse_and_fail(void **state)
{
    (void)state;
    kit_assert_passes_with(
        yaml, HEAD "steps: {sketch/score: {done: {risk: 4}}, sketch/issue: {failed: ~}}\n"
                   "tests:\n"
                   "  words:\n"
                   "    - {steps: {sketch/score: {refused: no}}, do: ask, as: bo, expect: "
                   "{refused: check-refused}}\n"
                   "  input:\n"
                   "    - {steps: {sketch/score: {refused: {n: too small}}}, do: ask, as: bo, "
                   "expect: {refused: check-refused}}\n"
                   "  fails:\n"
                   "    - {steps: {sketch/score: {failed: {message: no power, retry: true}}}, do: "
                   "ask, as: bo, expect: {refused: plugin-failed}}\n"
                   "  step:\n"
                   "    - {do: ask, as: bo, expect: {states: [risky]}}\n"
                   "  guard:\n"
                   "    - {steps: {sketch/score: {done: {risk: 5}}}, do: ask, as: bo, expect: "
                   "{refused: guard-failed}}\n");
}

static void a_stand_in_of_an_item_holds_for_the_rest_of_its_test_alone(void **state)
{
    (void)state;
    kit_assert_passes_with(yaml, HEAD
                           "steps: {sketch/score: {done: {risk: 9}}, sketch/issue: {failed: ~}}\n"
                           "tests:\n"
                           "  one:\n"
                           "    - steps: {sketch/score: {done: {risk: 1}}}\n"
                           "    - {do: ask, as: bo, expect: {data: {risk: 1}}}\n"
                           "  two:\n"
                           "    - {do: ask, as: bo, expect: {refused: guard-failed}}\n");
}

/* ---- Plugins. ---- */

static unsigned called[4];

static void play(void *self, const struct run_call *call, struct arena *arena,
                 struct run_outcome *outcome_out)
{
    assert_ptr_equal(self, called);
    assert_true(text_is(call->plugin, "sketch"));
    called[call->verb]++;
    *outcome_out = (struct run_outcome){.kind = RUN_DONE, .outputs = value_map(arena)};
    switch (call->verb) {
    case RUN_CHECK:
        assert_true(value_int_at(&call->inputs, "n", -1) == 0);
        value_put(&outcome_out->outputs, "risk", value_int(4));
        break;
    case RUN_STEP:
        *outcome_out = (struct run_outcome){
            .kind = RUN_PARKED, .wakes_on_answer = true, .cookie = TEXT("abcd")};
        break;
    case RUN_RESUME:
        assert_true(text_is(call->cookie, "abcd"));
        assert_true(text_is(value_text_at(&call->answer, "name"), "X"));
        value_put(&outcome_out->outputs, "number", value_cstring("real"));
        break;
    case RUN_DROP:
        *outcome_out = (struct run_outcome){.kind = RUN_DROPPED};
        break;
    }
}

static void what_has_no_stand_in_is_really_run(void **state)
{
    const struct workbench_hosts hosts = {called, play};
    const struct kit kit = {
        .workflow = yaml,
        .plugins = &kit_plugins,
        .hosts = &hosts,
        .test = HEAD "tests:\n  t:\n" ASK
                     "    - {answer: paper, as: bo, with: {name: X}, expect: {states: "
                     "[over], data: {number: real}}}\n"
                     "  left:\n" ASK "    - {do: leave, as: awa, expect: {states: [calm]}}\n"};
    (void)state;

    kit_assert_passes(&kit);
    assert_int_equal(called[RUN_CHECK], 2);
    assert_int_equal(called[RUN_STEP], 2);
    assert_int_equal(called[RUN_RESUME], 1);
    assert_int_equal(called[RUN_DROP], 1);
}

static void a_step_with_a_stand_in_needs_no_plugin(void **state)
{
    static const char elsewhere[] =
        "workflow: a\nroles: {clerk: {}}\nstates: {x: {steps: {s: {use: other/thing, with: {q: 1}, "
        "done: {target: z}}}}, z: {type: final}}\n";
    struct kit kit = {.workflow = elsewhere,
                      .plugins = &kit_plugins,
                      .test = "workflow: a\nsteps: {other/thing: {done: {}}}\ntests: {t: [expect: "
                              "{states: [z]}]}\n"};
    (void)state;

    kit_assert_passes(&kit);
    kit.test = "workflow: a\ntests: {t: [{steps: {other/thing: {done: {}}}, expect: {states: "
               "[x]}}]}\n";
    assert_int_equal(kit_run(&kit).failed, 1);
    kit.format = WORKBENCH_GCC;
    kit.test = "workflow: a\ntests: {t: [expect: {states: [z]}]}\n";
    assert_string_equal(kit_run(&kit).output.bytes,
                        "a.yaml:3:31: error: unknown plugin \"other\": no plugin of this name is "
                        "here [E131]\nFAILED a.test.yaml: it cannot be run\n");
}

static void what_cannot_be_run_fails_its_item(void **state)
{
    (void)state;
    kit_assert_output(yaml, HEAD "tests:\n  t:\n    - {do: ask, as: bo}\n",
                      "FAILED a.test.yaml:4: t\n"
                      "  a.test.yaml:5:7: sketch/score could not be run: sketch/score has no "
                      "stand-in, and there are no plugins.\n"
                      "  a.test.yaml:5:7: this is refused\n"
                      "    wanted  accepted\n"
                      "    got     refused, plugin-failed: The check score (sketch/score) failed: "
                      "sketch/score has no stand-in, and there are no plugins.\n");
}

/* ---- What is told. ---- */

static void wanted_stands_beside_got_with_file_and_line(void **state)
{
    (void)state;
    kit_assert_output(yaml,
                      HEAD
                      "tests:\n"
                      "  wrong:\n"
                      "    - do: go\n"
                      "      as: awa\n"
                      "      with: {count: 2}\n"
                      "      expect: {states: [risky], data: {count: 2, day: 2026-01-01}}\n"
                      "  also wrong:\n"
                      "    - {do: go, as: awa, with: {count: 3}, expect: {refused: guard-failed}}\n"
                      "    - expect: {states: [over]}\n"
                      "  otherwise:\n"
                      "    - {do: go, as: awa, expect: {refused: guard-failed}}\n"
                      "  right:\n"
                      "    - {do: go, as: awa, with: {count: 3}}\n",
                      "FAILED a.test.yaml:4: wrong\n"
                      "  a.test.yaml:8:7: this is refused\n"
                      "    wanted  accepted\n"
                      "    got     refused, guard-failed: This needs: data.count > 2\n"
                      "  a.test.yaml:8:24: other states are active\n"
                      "    wanted  risky\n"
                      "    got     calm\n"
                      "  a.test.yaml:8:47: count has another value\n"
                      "    wanted  2\n"
                      "    got     0\n"
                      "  a.test.yaml:8:55: day has another value\n"
                      "    wanted  \"2026-01-01\"\n"
                      "    got     unset\n"
                      "FAILED a.test.yaml:9: also wrong\n"
                      "  a.test.yaml:10:61: this is not refused\n"
                      "    wanted  refused, guard-failed\n"
                      "    got     accepted\n"
                      "FAILED a.test.yaml:12: otherwise\n"
                      "  a.test.yaml:13:43: this is refused for another reason\n"
                      "    wanted  refused, guard-failed\n"
                      "    got     refused, field-invalid: 1 field is missing or wrong.\n"
                      "            /data/count: This field is required.\n");
}

static void a_fault_of_the_workflow_is_told_and_fails_nothing(void **state)
{
    (void)state;
    kit_assert_output(
        "workflow: a\nroles: {clerk: {}}\nfields: {n: {type: integer}}\nstates:\n  "
        "x: {always: {t: {guard: data.n > 1, target: z}}}\n  z: {type: final}\n",
        "workflow: a\ntests:\n  t:\n    - expect: {states: [x]}\n",
        "  a.yaml:5: a fault of the workflow, in \"t\": guard: data.n has no value yet\n"
        "ok     a.test.yaml: 1 test\n");
}

static void a_case_that_never_rests_fails_its_item(void **state)
{
    static const char endless[] =
        "workflow: a\nroles: {clerk: {}}\nstates: {x: {on: {go: {by: [clerk], target: y}}}, "
        "y: {steps: {s: {use: a/b, done: {target: z}}}}, z: {steps: {t: {use: a/b, done: {target: "
        "y}}}}}\n";
    (void)state;
    kit_assert_output(endless,
                      "workflow: a\npeople: {awa: [clerk]}\nsteps: {a/b: {done: {}}}\n"
                      "tests: {t: [{do: go, as: awa}]}\n",
                      "FAILED a.test.yaml:4: t\n"
                      "  a.test.yaml:4:13: the case never comes to rest: 100000 events were "
                      "tried\n");
}

static void a_workflow_that_is_not_there_or_not_sound_fails(void **state)
{
    struct workbench_pair pair = {.test = {TEXT("a.test.yaml"), TEXT("workflow: a\ntests: {}\n")},
                                  .workflow = {.name = TEXT("a.yaml")}};
    const struct workflow_context context = {0};
    const struct workbench_tester tester = {.context = &context, .format = WORKBENCH_GCC};
    struct workbench_tested tested;
    (void)state;

    workbench_test(&pair, 1, &tester, kit_arena, &tested);
    assert_string_equal(tested.output.bytes,
                        "a.test.yaml: error: there is no workflow a.yaml beside it [E356]\n"
                        "FAILED a.test.yaml: it cannot be run\n");
    assert_string_equal(tested.summary.bytes, "0 passed, 1 failed");
    kit_assert_output("workflow: a\n", "workflow: a\ntests: {}\n",
                      "a.yaml:1:1: error: a workflow needs the key `states` [E100]\n"
                      "FAILED a.test.yaml: it cannot be run\n");
}

/* ---- Coverage. ---- */

static void coverage_counts_states_transitions_guards_and_deadlines(void **state)
{
    static const char covered[] =
        "workflow: a\nroles: {clerk: {}}\nfields: {n: {type: integer, initial: 1}}\nstates:\n"
        "  x:\n    deadline: {within: 1d}\n    on:\n"
        "      go: {by: [clerk], guard: data.n > 1, target: y}\n"
        "      up: {by: [clerk], do: [set: {n: 2}]}\n"
        "  y: {deadline: {within: 1d}, on: {end: {by: [clerk], guard: data.n > 5, target: z}}}\n"
        "  z: {type: final}\n";
    struct kit kit = {.workflow = covered,
                      .coverage = true,
                      .test = "workflow: a\npeople: {awa: [clerk]}\ntests:\n  t:\n"
                              "    - {do: go, as: awa, expect: {refused: guard-failed}}\n"
                              "    - wait: 25h\n"
                              "    - {do: up, as: awa}\n"
                              "    - {do: go, as: awa}\n"};
    (void)state;

    assert_string_equal(
        kit_run(&kit).output.bytes,
        "ok     a.test.yaml: 1 test\n"
        "  covered: states 2 of 3, transitions 2 of 3, guards both ways 1 of 2, deadlines passed 1 "
        "of 2\n"
        "  a.yaml:11: was never in z\n"
        "  a.yaml:10: never took y.end\n"
        "  a.yaml:10: the guard of y.end was never true or false\n"
        "  a.yaml:10: never overdue in y\n");
}

static void programs_get_one_document(void **state)
{
    struct kit kit = {.workflow = yaml,
                      .format = WORKBENCH_JSON,
                      .coverage = true,
                      .test = HEAD "tests:\n"
                                   "  good: [expect: {states: [calm]}]\n"
                                   "  bad: [expect: {states: [over]}]\n"};
    struct value told;
    (void)state;

    assert_int_equal(json_read(kit_arena, kit_run(&kit).output, &told, NULL), 0);
    assert_int_equal(value_int_at(&told, "passed", -1), 1);
    assert_int_equal(value_int_at(&told, "failed", -1), 1);
    const struct value *file = value_item(value_at(&told, "files"), 0);
    assert_true(text_is(value_text_at(file, "workflow"), "a"));
    assert_int_equal(value_int_at(file, "coverage/states/count", -1), 4);
    assert_int_equal(value_int_at(file, "coverage/states/covered", -1), 1);
    const struct value *bad = value_item(value_at(file, "tests"), 1);
    assert_false(value_bool_at(bad, "passed"));
    const struct value *failure = value_item(value_at(bad, "failures"), 0);
    assert_true(text_is(value_text_at(failure, "wanted"), "over"));
    assert_true(text_is(value_text_at(failure, "got"), "calm"));
    assert_int_equal(value_int_at(failure, "line", -1), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_test_has_a_case_of_its_own),
        cmocka_unit_test(a_case_is_opened_as_the_test_says),
        cmocka_unit_test(without_a_case_nothing_more_can_be_done),
        cmocka_unit_test(a_form_that_must_be_filled_cannot_be_opened_by_nobody),
        cmocka_unit_test(a_workflow_without_roles_can_be_tried),
        cmocka_unit_test(given_states_are_not_entered),
        cmocka_unit_test(time_is_virtual_and_begins_where_the_file_says),
        cmocka_unit_test(lists_dates_and_numbers_are_read_by_their_fields),
        cmocka_unit_test(an_event_from_outside_may_bring_data_and_may_find_nobody),
        cmocka_unit_test(stand_ins_park_until_they_are_answered),
        cmocka_unit_test(stand_ins_park_for_a_time_and_several_times),
        cmocka_unit_test(a_parked_stand_in_without_more_is_done_when_it_is_answered),
        cmocka_unit_test(stand_ins_refuse_and_fail),
        cmocka_unit_test(a_stand_in_of_an_item_holds_for_the_rest_of_its_test_alone),
        cmocka_unit_test(what_has_no_stand_in_is_really_run),
        cmocka_unit_test(a_step_with_a_stand_in_needs_no_plugin),
        cmocka_unit_test(what_cannot_be_run_fails_its_item),
        cmocka_unit_test(wanted_stands_beside_got_with_file_and_line),
        cmocka_unit_test(a_fault_of_the_workflow_is_told_and_fails_nothing),
        cmocka_unit_test(a_case_that_never_rests_fails_its_item),
        cmocka_unit_test(a_workflow_that_is_not_there_or_not_sound_fails),
        cmocka_unit_test(coverage_counts_states_transitions_guards_and_deadlines),
        cmocka_unit_test(programs_get_one_document),
    };
    return cmocka_run_group_tests_name("test", tests, kit_setup, kit_teardown);
}
