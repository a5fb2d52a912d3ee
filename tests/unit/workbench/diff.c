/* Two files compared: each kind of change in words, with the line that has it. */
#include "kit.h"

#include "workbench/diff/diff.h"

static struct workbench_differed differ(const char *before, const char *after, const char *language,
                                        enum workbench_format format)
{
    const struct workbench_file files[] = {{TEXT("a.yaml"), text_from(before)},
                                           {TEXT("b.yaml"), text_from(after)}};
    const struct workflow_context context = {0};
    struct workbench_differed differed;

    workbench_diff(&files[0], &files[1], &context, text_from(language), format, kit_arena,
                   &differed);
    return differed;
}

static void assert_differs(const char *before, const char *after, const char *wanted)
{
    struct workbench_differed differed = differ(before, after, "en", WORKBENCH_GCC);

    assert_int_equal(differed.error_count, 0);
    assert_string_equal(differed.output.bytes == NULL ? "" : differed.output.bytes, wanted);
}

static const char small[] = "workflow: w\n"
                            "version: '1'\n"
                            "roles: {cw: {}, sup: {}}\n"
                            "fields: {a: {type: text}, b: {type: boolean}}\n"
                            "states:\n"
                            "  x: {on: {go: {by: [cw], target: z}}}\n"
                            "  z: {type: final}\n";

static void comments_and_quotes_are_no_difference(void **state)
{
    struct workbench_differed differed =
        differ(small,
               "# again\nworkflow: \"w\"\nversion: \"1\"\nroles: {cw: {}, sup: {}}\n"
               "fields:\n  a:\n    type: text\n  b: {type: boolean}\n"
               "states:\n  x: {on: {go: {by: [cw], target: z}}}\n  z: {type: final}\n",
               "", WORKBENCH_GCC);

    (void)state;
    assert_int_equal(differed.output.size, 0);
    assert_int_equal(differed.added + differed.removed + differed.changed, 0);
    assert_string_equal(differed.summary.bytes, "nothing that runs differs");
}

static void what_the_top_roles_and_fields_say_is_told_under_their_headings(void **state)
{
    (void)state;
    assert_differs(
        small,
        "workflow: w\n"
        "version: '2'\n"
        "country: SN\n"
        "roles: {cw: {sees: [sensitive]}, judge: {title: Judge}}\n"
        "fields: {a: {type: text, sensitive: true, max_length: 5}, c: {type: date}}\n"
        "states:\n"
        "  x: {on: {go: {by: [cw], target: z}}}\n"
        "  z: {type: final}\n",
        "The workflow\n"
        "  ~ the version is now \"2\" (was \"1\")  [b.yaml:2]\n"
        "  + the country is new: \"SN\"  [b.yaml:3]\n"
        "\n"
        "Roles\n"
        "  - the role \"sup\" is gone  [a.yaml:3]\n"
        "  + role \"cw\": the fields it sees beyond the others are new: sensitive  [b.yaml:4]\n"
        "  + the role \"judge\" (Judge) is new  [b.yaml:4]\n"
        "\n"
        "Fields\n"
        "  - the field \"b\" is gone  [a.yaml:4]\n"
        "  ~ field \"a\": it is now sensitive  [b.yaml:5]\n"
        "  + field \"a\": the greatest length is new: 5  [b.yaml:5]\n"
        "  + the field \"c\" is new  [b.yaml:5]\n");
}

static void a_state_that_moved_or_got_another_id_is_no_new_one(void **state)
{
    (void)state;
    assert_differs("workflow: w\nroles: {cw: {}}\nstates:\n"
                   "  x: {on: {go: {by: [cw], target: z}}}\n"
                   "  y: {title: Why, on: {back: {by: [cw], target: x}}}\n"
                   "  z: {type: final}\n",
                   "workflow: w\nroles: {cw: {}}\nstates:\n"
                   "  x:\n"
                   "    on: {go: {by: [cw], target: end}}\n"
                   "    states: {y: {title: Why, on: {back: {by: [cw], target: x}}}}\n"
                   "  end: {type: final}\n",
                   "States\n"
                   "  ~ the state \"y\" (Why) is now in \"x\" (was at the top)  [b.yaml:6]\n"
                   "  ~ the state \"end\" has another id (was \"z\")  [b.yaml:7]\n"
                   "\n"
                   "State \"x\"\n"
                   "  ~ transition \"go\": the target is now end (was z)  [b.yaml:5]\n");
}

static void transitions_and_forms_are_told_by_key(void **state)
{
    (void)state;
    assert_differs(
        small,
        "workflow: w\n"
        "version: '1'\n"
        "roles: {cw: {}, sup: {}}\n"
        "fields: {a: {type: text}, b: {type: boolean}}\n"
        "states:\n"
        "  x:\n"
        "    deadline: {within: 3d}\n"
        "    on:\n"
        "      go: {by: [cw, sup], form: {b: required}, guard: data.b, explain: No, "
        "do: [set: {a: x}], target: z}\n"
        "      stop: {by: [cw], target: z}\n"
        "  z: {type: final}\n",
        "State \"x\"\n"
        "  ~ transition \"go\": the roles that may are now cw, sup (were cw)  [b.yaml:9]\n"
        "  + transition \"go\": the field \"b\" of the form is new: required  [b.yaml:9]\n"
        "  + transition \"go\": the guard is new: `data.b`  [b.yaml:9]\n"
        "  + transition \"go\": the explanation of the guard is new: \"No\"  [b.yaml:9]\n"
        "  + transition \"go\": the actions on the way are new: [{set: {a: x}}]  [b.yaml:9]\n"
        "  + the transition \"stop\" is new  [b.yaml:10]\n"
        "  + the deadline is new: {within: 3d}  [b.yaml:7]\n");
}

static void what_is_gone_is_told_with_its_line_in_the_old_file(void **state)
{
    (void)state;
    assert_differs(
        "workflow: w\nroles: {cw: {}}\nfields: {a: {type: text}}\nstates:\n"
        "  x:\n"
        "    deadline: {within: 3d}\n"
        "    steps: {s: {use: p/q, with: {n: 1}, retry: {attempts: 3, wait: 1h}}}\n"
        "    on: {go: {by: [cw], form: {a: optional}, target: z}}\n"
        "  y: {}\n"
        "  z: {type: final}\n",
        "workflow: w\nroles: {cw: {}}\nfields: {a: {type: text}}\nstates:\n"
        "  x:\n"
        "    steps: {s: {use: p/q, retry: {attempts: 4, wait: 1h}}}\n"
        "    on: {go: {by: [cw], target: z}}\n"
        "  z: {type: final}\n",
        "States\n"
        "  - the state \"y\", at the top, is gone  [a.yaml:9]\n"
        "\n"
        "State \"x\"\n"
        "  - transition \"go\": the field \"a\" of the form is gone (was optional)  [a.yaml:8]\n"
        "  - step \"s\": the value of \"n\" is gone (was \"1\")  [a.yaml:7]\n"
        "  ~ step \"s\", retry: the number of attempts is now 4 (was 3)  [b.yaml:6]\n"
        "  - the deadline is gone (was {within: 3d})  [a.yaml:6]\n");
}

static void order_has_a_meaning_and_is_told(void **state)
{
    (void)state;
    assert_differs("workflow: w\nstates:\n"
                   "  x: {always: {p: {guard: 'true', target: y}, q: {target: z}}}\n"
                   "  y: {always: {r: {target: z}}}\n"
                   "  z: {type: final}\n",
                   "workflow: w\nstates:\n"
                   "  y: {always: {r: {target: z}}}\n"
                   "  x: {always: {q: {target: z}, p: {guard: 'true', target: y}}}\n"
                   "  z: {type: final}\n",
                   "The workflow\n"
                   "  ~ the states in it stand in another order  [b.yaml:3]\n"
                   "\n"
                   "State \"x\"\n"
                   "  ~ the transitions under `always` stand in another order  [b.yaml:4]\n");
}

static void a_text_of_several_lines_is_told_on_one(void **state)
{
    (void)state;
    assert_differs("workflow: w\nstates:\n"
                   "  x: {always: {q: {guard: 'true', target: z}}}\n"
                   "  z: {type: final}\n",
                   "workflow: w\nstates:\n"
                   "  x:\n    always:\n      q:\n        guard: |-\n"
                   "          true &&\n          true\n        target: z\n"
                   "  z: {type: final}\n",
                   "State \"x\"\n"
                   "  ~ transition \"q\": the guard is now `true && true` (was `true`)  "
                   "[b.yaml:6]\n");
}

/* `done: {target: z}` and `done: {done: {target: z}}` are the same. */
static void a_single_transition_is_one_of_a_map(void **state)
{
    (void)state;
    assert_differs("workflow: w\nstates:\n"
                   "  x: {done: {target: z}, states: {x1: {type: final}}}\n"
                   "  z: {type: final}\n",
                   "workflow: w\nstates:\n"
                   "  x: {done: {done: {target: z}, more: {target: z}}, states: {x1: {type: "
                   "final}}}\n"
                   "  z: {type: final}\n",
                   "State \"x\"\n"
                   "  + the transition \"more\" is new  [b.yaml:3]\n");
}

static void titles_come_in_the_language_asked_for(void **state)
{
    static const char before[] = "workflow: w\nlanguages: [en, fr]\nstates:\n"
                                 "  x: {title: {en: Ex, fr: Icse}, always: {q: {target: z}}}\n"
                                 "  z: {type: final}\n";
    static const char after[] = "workflow: w\nlanguages: [en, fr]\nstates:\n"
                                "  x: {title: {en: Ex, fr: Ics}, always: {q: {target: z}}}\n"
                                "  z: {type: final}\n";

    (void)state;
    assert_string_equal(differ(before, after, "fr", WORKBENCH_GCC).output.bytes,
                        "State \"x\" (Ics)\n"
                        "  ~ the title in fr is now \"Ics\" (was \"Icse\")  [b.yaml:4]\n");
    assert_string_equal(differ(before, after, "pt", WORKBENCH_GCC).output.bytes,
                        "State \"x\" (Ex)\n"
                        "  ~ the title in fr is now \"Ics\" (was \"Icse\")  [b.yaml:4]\n");
}

static void a_program_gets_one_document(void **state)
{
    struct workbench_differed differed =
        differ(small,
               "workflow: w\nversion: '2'\nroles: {cw: {}, sup: {}}\n"
               "fields: {a: {type: text}, b: {type: boolean}}\n"
               "states:\n  x: {on: {go: {by: [cw], target: z}}}\n  z: {type: final}\n",
               "", WORKBENCH_JSON);
    struct value document;
    const struct value *change;

    (void)state;
    assert_int_equal(json_read(kit_arena, differed.output, &document, NULL), 0);
    assert_false(value_bool_at(&document, "equal"));
    assert_string_equal(value_text_at(&document, "before/file").bytes, "a.yaml");
    assert_string_equal(value_text_at(&document, "after/version").bytes, "2");
    assert_int_equal(value_text_at(&document, "after/hash").size, 64);
    assert_int_equal(value_count(value_get(&document, TEXT("changes"))), 1);
    change = value_item(value_get(&document, TEXT("changes")), 0);
    assert_string_equal(value_text_at(change, "change").bytes, "changed");
    assert_string_equal(value_text_at(change, "key").bytes, "version");
    assert_string_equal(value_text_at(change, "before").bytes, "1");
    assert_string_equal(value_text_at(change, "after").bytes, "2");
    assert_int_equal(value_int_at(change, "line", 0), 2);
}

static void a_file_that_is_refused_is_told_of_and_nothing_is_compared(void **state)
{
    static const char bad[] = "workflow: w\nstates: {x: {always: {q: {target: zz}}}, z: {}}\n";
    struct workbench_differed differed = differ(small, bad, "", WORKBENCH_GCC);
    struct value document;

    (void)state;
    assert_int_equal(differed.error_count, 1);
    assert_string_equal(differed.output.bytes, "b.yaml:2:35: error: unknown state \"zz\" [E114]\n");
    assert_int_equal(differed.changed, 0);
    differed = differ(small, bad, "", WORKBENCH_JSON);
    assert_int_equal(json_read(kit_arena, differed.output, &document, NULL), 0);
    assert_int_equal(value_int_at(&document, "errors", 0), 1);
    assert_int_equal(value_count(value_get(&document, TEXT("diagnostics"))), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_and_quotes_are_no_difference),
        cmocka_unit_test(what_the_top_roles_and_fields_say_is_told_under_their_headings),
        cmocka_unit_test(a_state_that_moved_or_got_another_id_is_no_new_one),
        cmocka_unit_test(transitions_and_forms_are_told_by_key),
        cmocka_unit_test(what_is_gone_is_told_with_its_line_in_the_old_file),
        cmocka_unit_test(order_has_a_meaning_and_is_told),
        cmocka_unit_test(a_text_of_several_lines_is_told_on_one),
        cmocka_unit_test(a_single_transition_is_one_of_a_map),
        cmocka_unit_test(titles_come_in_the_language_asked_for),
        cmocka_unit_test(a_program_gets_one_document),
        cmocka_unit_test(a_file_that_is_refused_is_told_of_and_nothing_is_compared),
    };

    return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
