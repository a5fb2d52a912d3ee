/* Faults of test files: each by its code, with its place and what to write instead. */
#include "base/json.h"
#include "tongues.h"
#include "workbench/kit.h"

static const char yaml[] =
    "workflow: a\nroles: {clerk: {}}\n"
    "fields: {count: {type: integer, max: 5}, kind: {type: choice, options: {red: Red, blue: "
    "Blue}}}\n"
    "states:\n"
    "  calm: {on: {go: {by: [clerk], check: {score: {use: sketch/score, into: {count: risk}}}, "
    "target: both}}}\n"
    "  both: {type: parallel, states: {left: {states: {l1: {}}}, right: {steps: {paper: {use: "
    "sketch/issue}}}}}\n";

static const struct fault {
    const char *test, *wanted, *help; /* help: NULL where there is none */
} faults[] = {
    /* E350 */
    {"workflow: a\ntest: {}\ntests: {}\n",
     "a.test.yaml:2:1: error: a test file has no key \"test\" [E350]\n",
     "help: did you mean \"tests\"?\n"},
    {"workflow: a\ntests: {t: [{go: x}]}\n",
     "a.test.yaml:2:14: error: an item has no key \"go\" [E350]\n", "help: did you mean \"do\"?\n"},
    {"workflow: a\ntests: {t: [{open: {by: x}}]}\n",
     "a.test.yaml:2:21: error: `open` has no key \"by\" [E350]\n", NULL},
    {"workflow: a\ntests: {t: [{expect: {state: [calm]}}]}\n",
     "a.test.yaml:2:23: error: `expect` has no key \"state\" [E350]\n",
     "help: did you mean \"states\"?\n"},
    {"workflow: a\nsteps: {sketch/issue: {did: {}}}\ntests: {}\n",
     "a.test.yaml:2:24: error: a stand-in has no key \"did\" [E350]\n", NULL},
    /* E351 */
    {"workflow: a\ntests: []\n", "a.test.yaml:2:8: error: `tests` takes a map [E351]\n", NULL},
    {"workflow: a\ntests: {t: {do: x}}\n",
     "a.test.yaml:2:12: error: a test is a list of items [E351]\n", NULL},
    {"workflow: a\ntests: {t: [go]}\n", "a.test.yaml:2:13: error: an item is a map [E351]\n", NULL},
    {"workflow: a\npeople: {awa: clerk}\ntests: {}\n",
     "a.test.yaml:2:15: error: `awa` takes a list of roles [E351]\n", NULL},
    {"- a\n", "a.test.yaml:1:1: error: a test file is a map [E351]\n", NULL},
    /* E352 */
    {"tests: {}\n", "a.test.yaml:1:1: error: a test file needs the key `workflow` [E352]\n", NULL},
    {"workflow: a\ntests: {t: [{do: go}]}\n",
     "a.test.yaml:2:13: error: `do` needs the key `as` [E352]\n", NULL},
    {"workflow: a\npeople: {awa: [clerk]}\ntests: {t: [{reject: go, as: awa}]}\n",
     "a.test.yaml:3:13: error: `reject` needs the key `reason` [E352]\n", NULL},
    {"workflow: a\ntests: {t: [{given: {data: {count: 1}}}]}\n",
     "a.test.yaml:2:13: error: `given` needs the key `states` [E352]\n", NULL},
    /* E353 */
    {"workflow: a\npeople: {awa: [clerk]}\ntests: {t: [{do: go, wait: 1d, as: awa}]}\n",
     "a.test.yaml:3:22: error: an item does one thing: `do` or `wait` [E353]\n", NULL},
    {"workflow: a\ntests: {t: [{wait: 1d, data: {x: 1}}]}\n",
     "a.test.yaml:2:24: error: `data` has no place in `wait` [E353]\n", NULL},
    {"workflow: a\ntests: {t: [{}]}\n",
     "a.test.yaml:2:13: error: this item does nothing and expects nothing [E353]\n", NULL},
    {"workflow: a\ntests: {t: [{wait: 1d}, {open: {}}]}\n",
     "a.test.yaml:2:25: error: `open` stands first in a test [E353]\n", NULL},
    /* E354 */
    {"workflow: a\npeople: {awa: [clark]}\ntests: {}\n",
     "a.test.yaml:2:16: error: the workflow has no role \"clark\" [E354]\n",
     "help: did you mean \"clerk\"?\n"},
    {"workflow: a\npeople: {awa: [clerk]}\ntests: {t: [{do: go, as: awe}]}\n",
     "a.test.yaml:3:26: error: nobody under `people` is called \"awe\" [E354]\n",
     "help: did you mean \"awa\"?\n"},
    {"workflow: a\ntests: {t: [{expect: {states: [clam]}}]}\n",
     "a.test.yaml:2:32: error: the workflow has no state \"clam\" [E354]\n",
     "help: did you mean \"calm\"?\n"},
    {"workflow: a\ntests: {t: [{expect: {data: {cont: 1}}}]}\n",
     "a.test.yaml:2:30: error: the workflow has no field \"cont\" [E354]\n",
     "help: did you mean \"count\"?\n"},
    {"workflow: a\ntests: {t: [{expect: {refused: guard-fail}}]}\n",
     "a.test.yaml:2:32: error: nothing is refused as \"guard-fail\" [E354]\n",
     "help: did you mean \"guard-failed\"?\n"},
    {"workflow: a\npeople: {awa: [clerk]}\ntests: {t: [{answer: papr, as: awa}]}\n",
     "a.test.yaml:3:22: error: the workflow has no step \"papr\" [E354]\n",
     "help: did you mean \"paper\"?\n"},
    {"workflow: a\nsteps: {sketch/isue: {done: {}}}\ntests: {}\n",
     "a.test.yaml:2:9: error: the workflow uses no \"sketch/isue\" [E354]\n",
     "help: did you mean \"sketch/issue\"?\n"},
    {"workflow: a\nsteps: {sketch/issue: {done: {numbr: 1}}}\ntests: {}\n",
     "a.test.yaml:2:31: error: sketch/issue has no output \"numbr\" [E354]\n",
     "help: did you mean \"number\"?\n"},
    /* E355 */
    {"workflow: a\ntests: {t: [{expect: {data: {count: 6}}}]}\n",
     "a.test.yaml:2:37: error: this is no value of count: The most that is allowed is 5. [E355]\n",
     NULL},
    {"workflow: a\ntests: {t: [{given: {states: [calm], data: {kind: green}}}]}\n",
     "a.test.yaml:2:51: error: this is no value of kind: This must be one of its options: \"red\" "
     "or \"blue\". [E355]\n",
     NULL},
    {"workflow: a\ntests: {t: [{wait: soon}]}\n",
     "a.test.yaml:2:20: error: \"soon\" is not a duration here [E355]\n",
     "help: write it as 90s, 30min, 48h, 10d or 2w, up to 100 years\n"},
    {"workflow: a\nat: tomorrow\ntests: {}\n",
     "a.test.yaml:2:5: error: \"tomorrow\" is no point in time [E355]\n",
     "help: write it as 2026-01-01T08:00:00Z, or as a date\n"},
    {"workflow: a\nsteps: {sketch/score: {done: {risk: high}}}\ntests: {}\n",
     "a.test.yaml:2:37: error: risk must be an integer. [E355]\n", NULL},
    {"workflow: a\nsteps: {sketch/issue: {failed: {retry: perhaps}}}\ntests: {}\n",
     "a.test.yaml:2:40: error: `retry` is true or false [E355]\n", NULL},
    {"workflow: a\ntests: {t: [{expect: {states: [left]}}]}\n",
     "a.test.yaml:2:32: error: \"left\" holds other states: name the one that is active inside it "
     "[E355]\n",
     NULL},
    {"workflow: a\ntests: {t: [{send: a..b}]}\n",
     "a.test.yaml:2:20: error: \"a..b\" is not the name of an event [E355]\n", NULL},
    /* E356 */
    {"workflow: b\ntests: {}\n",
     "a.test.yaml:1:11: error: this tests \"b\", and the workflow beside it is \"a\" [E356]\n",
     NULL},
    /* E357 */
    {"workflow: a\nsteps: {sketch/issue: {refused: no}}\ntests: {}\n",
     "a.test.yaml:2:9: error: sketch/issue is a step: it fails, never refuses [E357]\n", NULL},
    {"workflow: a\nsteps: {sketch/score: {parked: {}}}\ntests: {}\n",
     "a.test.yaml:2:9: error: sketch/score is a check: it cannot park [E357]\n", NULL},
    {"workflow: a\nsteps: {sketch/issue: {done: {}, failed: x}}\ntests: {}\n",
     "a.test.yaml:2:9: error: a stand-in is one of `done`, `failed`, `refused`, `parked` [E357]\n",
     NULL},
};

/* Those that are data are English: they are what is said in another language. */
static void look_in_other_languages(const struct kit *kit)
{
    struct kit data = *kit;
    struct value told;

    data.format = WORKBENCH_JSON;
    assert_int_equal(json_read(kit_arena, kit_run(&data).output, &told, NULL), 0);
    const struct value *diagnostics =
        value_at(value_item(value_at(&told, "files"), 0), "diagnostics");
    for (size_t i = 0; i < value_count(diagnostics); i++) {
        tongues_check_text(kit_arena, value_text_at(value_item(diagnostics, i), "message"));
        tongues_check_text(kit_arena, value_text_at(value_item(diagnostics, i), "help"));
    }
}

static void every_fault_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        const struct kit kit = {.workflow = yaml,
                                .test = faults[i].test,
                                .plugins = &kit_plugins,
                                .format = WORKBENCH_GCC};
        struct kit caret = kit;
        struct workbench_tested tested = kit_run(&kit);

        caret.format = WORKBENCH_CARET;
        assert_int_equal(tested.failed, 1);
        if (!strstr(tested.output.bytes, faults[i].wanted))
            fail_msg("fault %zu: wanted %sgot %s", i, faults[i].wanted, tested.output.bytes);
        if (faults[i].help && !strstr(kit_run(&caret).output.bytes, faults[i].help))
            fail_msg("fault %zu: no %s", i, faults[i].help);
        look_in_other_languages(&kit);
    }
}

static void all_faults_are_told_at_once(void **state)
{
    const struct kit kit = {
        .workflow = yaml,
        .test = "workflow: b\nat: x\ntests: {t: [{wait: x}, {expect: {states: [x, y]}}]}\n",
        .format = WORKBENCH_JSON};
    struct value told;
    (void)state;

    assert_int_equal(json_read(kit_arena, kit_run(&kit).output, &told, NULL), 0);
    const struct value *file = value_item(value_at(&told, "files"), 0);
    size_t errors = 0;
    for (size_t i = 0; i < value_count(value_at(file, "diagnostics")); i++)
        errors +=
            text_begins(value_text_at(value_item(value_at(file, "diagnostics"), i), "code"), "E3");
    assert_int_equal(errors, 5);
}

static void a_file_that_is_no_yaml_is_told_as_such(void **state)
{
    const struct kit kit = {.workflow = yaml, .test = "a: [\n", .format = WORKBENCH_GCC};
    (void)state;

    assert_true(text_begins(kit_run(&kit).output, "a.test.yaml:"));
    assert_int_equal(kit_run(&kit).failed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_told_with_its_place),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(a_file_that_is_no_yaml_is_told_as_such),
        cmocka_unit_test(what_was_told_is_told_in_other_languages_too),
    };
    return cmocka_run_group_tests_name("test_faults", tests, kit_setup, kit_teardown);
}
