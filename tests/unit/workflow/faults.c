/* The words and places of faults, and rules that need more than one example. */
#include "workflow/codes.h"
#include "workflow/kit.h"

/* The first diagnostic as a terminal shows it. */
static void shows(struct kit *kit, const char *source, const char *want)
{
    kit_try(kit, source);
    assert_true(kit->diags.count > 0);
    assert_string_equal(diag_write_caret(kit->arena, &kit->diags.items[0], text_from(source)).bytes,
                        want);
}

static void tells(struct kit *kit, const char *source, const char *want)
{
    kit_try(kit, source);
    assert_string_equal(kit_diags(kit), want);
}

static void an_unknown_state_is_told_with_the_nearest_and_where_it_stands(void **state)
{
    shows(*state,
          "workflow: a\n"
          "roles: {r: {}}\n"
          "states:\n"
          "  open:\n"
          "    on: {find: {by: [r], target: traceing}}\n"
          "  tracing: {type: final}\n",
          "error[E114]: unknown state \"traceing\"\n"
          " --> test.yaml:5:34\n"
          "  |\n"
          "5 |     on: {find: {by: [r], target: traceing}}\n"
          "  |                                  ^^^^^^^^ no state has this name\n"
          "help: did you mean \"tracing\", defined at test.yaml:6:3?\n");
}

static void a_fault_in_an_expression_stands_where_it_is_in_the_file(void **state)
{
    struct kit *kit = *state;

    kit_try(kit, "workflow: a\n"
                 "states:\n"
                 "  x: {always: {g: {guard: nam == 'a', target: z}}}\n"
                 "  y: {always: {g: {guard: \"nam == 'a'\", target: z}}}\n"
                 "  z: {type: final, data: {a: =   nam, b: \"= nam\"}}\n");
    assert_int_equal(kit->diags.count, 4);
    assert_int_equal(kit->diags.items[0].place.column, 27);
    assert_int_equal(kit->diags.items[1].place.column, 28);
    assert_int_equal(kit->diags.items[2].place.column, 34);
    assert_int_equal(kit->diags.items[3].place.column, 45);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(kit->diags.items[i].place.width, 3);
}

static void a_fault_in_an_expression_of_several_lines_stands_at_its_beginning(void **state)
{
    struct kit *kit = *state;

    kit_try(kit, "workflow: a\n"
                 "states:\n"
                 "  x:\n"
                 "    always:\n"
                 "      g:\n"
                 "        guard: >\n"
                 "          1 == 1 &&\n"
                 "          nam == 'a'\n"
                 "        target: z\n"
                 "  z: {type: final}\n");
    assert_int_equal(kit->diags.count, 1);
    assert_int_equal(kit->diags.items[0].place.line, 6);
    assert_int_equal(kit->diags.items[0].place.column, 16);
}

static void faults_are_told_line_by_line(void **state)
{
    struct kit *kit = *state;

    kit_try(kit, "workflow: A\ntitel: x\nstates: {z: {typ: final, entry: [{set: {a: 1}}]}}\n"
                 "country: x\n");
    assert_int_equal(kit->diags.count, 5);
    for (size_t i = 1; i < kit->diags.count; i++)
        assert_true(kit->diags.items[i - 1].place.line <= kit->diags.items[i].place.line);
}

static void a_guard_must_be_true_or_false(void **state)
{
    struct kit *kit = *state;

    kit_try(
        kit,
        "workflow: a\nstates: {x: {always: {g: {guard: 1 + 1, target: z}}}, z: {type: final}}\n");
    assert_int_equal(kit->diags.error_count, 1);
    assert_int_equal(kit->diags.items[0].place.column, 34);
}

static void a_person_is_known_only_where_one_acts(void **state)
{
    struct kit *kit = *state;

    kit_load(kit, "workflow: a\nroles: {r: {}}\nfields: {who: {type: person}}\n"
                  "states: {x: {on: {g: {by: [r], guard: \"'r' in by.roles\", do: [{set: {who: "
                  "\"= by.id\"}}], target: z}}}, z: {type: final}}\n");
    kit_try(kit, "workflow: a\nfields: {who: {type: person}}\n"
                 "states: {z: {type: final, entry: [{set: {who: \"= by.id\"}}]}}\n");
    assert_int_equal(kit->diags.error_count, 1);
    assert_string_equal(kit->diags.items[0].code, "E306");
}

static void the_data_of_an_event_is_known_by_its_form(void **state)
{
    struct kit *kit = *state;

    kit_load(kit, "workflow: a\nroles: {r: {}}\nfields: {n: {type: integer}}\n"
                  "states: {x: {on: {g: {by: [r], form: {n: required}, guard: event.data.n > 1, "
                  "target: z}}}, z: {type: final}}\n");
    kit_try(kit, "workflow: a\nroles: {r: {}}\nfields: {n: {type: integer}}\n"
                 "states: {x: {on: {g: {by: [r], form: {n: required}, guard: event.data.m > 1, "
                 "target: z}}}, z: {type: final}}\n");
    assert_string_equal(kit->diags.items[0].code, "E306");
}

static void the_data_of_a_steps_end_is_known_by_its_outputs(void **state)
{
    struct kit *kit = *state;
    const char *format = "workflow: a\nroles: {r: {}}\nfields: {granted: {type: boolean}}\n"
                         "states: {x: {steps: {s: {use: sketch/issue, with: {authority: a}, "
                         "answer: {by: [r], form: {granted: required}}, "
                         "done: {guard: %s, target: z}}}}, z: {type: final}}\n";

    kit_load(kit, text_printf(kit->arena, format, "event.data.valid_to > now").bytes);
    kit_try(kit, text_printf(kit->arena, format, "event.data.valid_to > 1").bytes);
    assert_int_equal(kit->diags.error_count, 1);
    kit_try(kit, text_printf(kit->arena, format, "event.data.nothing > 1").bytes);
    assert_string_equal(kit->diags.items[0].code, "E306");
}

static void the_data_of_a_timer_is_when_it_was_due(void **state)
{
    kit_load(*state, "workflow: a\n"
                     "states: {x: {after: {g: {delay: 1d, guard: event.data.due < now, target: z}}}"
                     ", z: {type: final}}\n");
}

static void an_expression_has_the_type_of_what_it_is_for(void **state)
{
    struct kit *kit = *state;

    kit_try(kit, "workflow: a\nfields: {n: {type: integer, initial: 1}, d: {type: date}}\n"
                 "states: {z: {type: final, entry: [{set: {n: \"= 'a'\", d: \"= data.n\"}}]}}\n");
    assert_int_equal(kit->diags.error_count, 2);
    kit_try(kit, "workflow: a\nfields: {n: {type: integer, initial: 1}}\n"
                 "states: {x: {after: {g: {delay: \"= data.n\", target: z}}}, z: {type: final}}\n");
    assert_int_equal(kit->diags.error_count, 1);
}

static void a_form_on_the_first_is_everyones(void **state)
{
    /* An ancestor that stands before its states bears the form for them. */
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\nroles: {r: {}}\nfields: {n: {type: text}}\n"
                         "states:\n"
                         "  x:\n"
                         "    on: {stop: {by: [r], form: {n: required}, target: z}}\n"
                         "    states: {y: {on: {stop: {by: [r], target: z}}}}\n"
                         "  z: {type: final}\n");

    assert_int_equal(workflow->transitions[1].form.count, 1);
}

static void a_form_on_the_second_alone_is_a_fault(void **state)
{
    tells(*state,
          "workflow: a\nroles: {r: {}}\nfields: {n: {type: text}}\n"
          "states:\n"
          "  x:\n"
          "    on: {stop: {by: [r], target: z}}\n"
          "    states: {y: {on: {stop: {by: [r], form: {n: required}, target: z}}}}\n"
          "  z: {type: final}\n",
          "test.yaml:7:39: error: the event \"stop\" has another form in line 6 [E119]\n");
}

static void states_that_are_never_together_may_have_forms_of_their_own(void **state)
{
    kit_load(*state, "workflow: a\nroles: {r: {}}\nfields: {n: {type: text}, m: {type: text}}\n"
                     "states:\n"
                     "  x: {on: {stop: {by: [r], form: {n: required}, target: y}}}\n"
                     "  y: {on: {stop: {by: [r], form: {m: required}, target: z}}}\n"
                     "  z: {type: final}\n");
}

static void regions_offer_one_event_with_one_form(void **state)
{
    kit_try(*state, "workflow: a\nroles: {r: {}}\nfields: {n: {type: text}, m: {type: text}}\n"
                    "states:\n"
                    "  p:\n"
                    "    type: parallel\n"
                    "    done: {target: z}\n"
                    "    states:\n"
                    "      a: {states: {a1: {on: {stop: {by: [r], form: {n: required}, target: "
                    "a2}}}, a2: {type: final}}}\n"
                    "      b: {states: {b1: {on: {stop: {by: [r], form: {m: required}, target: "
                    "b2}}}, b2: {type: final}}}\n"
                    "  z: {type: final}\n");
    assert_string_equal(((struct kit *)*state)->diags.items[0].code, E_FORMS_DIFFER);
}

static void one_single_transition_and_several_may_stand_under_done(void **state)
{
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\nfields: {n: {type: integer, initial: 1}}\n"
                         "states:\n"
                         "  x:\n"
                         "    steps:\n"
                         "      s:\n"
                         "        use: sketch/stamp\n"
                         "        done:\n"
                         "          small: {guard: data.n < 5, target: z}\n"
                         "          large: {target: z}\n"
                         "        failed: {target: z}\n"
                         "  z: {type: final}\n");

    assert_int_equal(workflow->chart.transition_count, 3);
    assert_true(text_is(workflow->chart.transitions[1].event, "done.step.s"));
    assert_true(text_is(workflow->chart.transitions[1].id, "large"));
}

static void more_than_there_is_room_for_is_refused(void **state)
{
    static const struct {
        const char *before, *each, *after;
        size_t count;
    } files[] = {
        {"workflow: a\nroles: {", "a%zu: {}, ", "}\nstates: {z: {type: final}}\n", 101},
        {"workflow: a\nfields: {", "a%zu: {type: text}, ", "}\nstates: {z: {type: final}}\n", 501},
        {"workflow: a\nstates: {", "a%zu: {}, ", "}\n", CHART_STATES_MAX + 1},
        {"workflow: a\nstates: {z: {type: final}, y: {on: {", "a%zu: {}, ", "}}}\n", 4001},
        {"workflow: a\nstates: {y: {steps: {", "a%zu: {use: sketch/stamp}, ", "}}}\n", 1001},
        {"workflow: a\nfields: {f: {type: choice, options: {", "a%zu: A, ",
         "}}}\nstates: {z: {type: final}}\n", 501},
        {"workflow: a\nstates: {z: {type: final, entry: [", "{send: {event: e, id: a%zu}}, ",
         "]}}\n", 1002},
        {"workflow: a\nversion: \"", "%06zu", "\"\nstates: {z: {type: final}}\n", 20},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct text_buffer source;

        text_buffer_init(&source, kit->arena);
        text_append(&source, text_from(files[i].before));
        for (size_t j = 0; j < files[i].count; j++) {
            char each[64];

            snprintf(each, sizeof(each), files[i].each, j);
            text_append(&source, text_from(each));
        }
        text_append(&source, text_from(files[i].after));
        assert_null(kit_try(kit, text_buffer_text(&source).bytes));
        assert_int_equal(kit->diags.error_count, 1);
        assert_string_equal(kit->diags.items[0].code, E_TOO_MANY);
    }
}

static void as_much_as_there_is_room_for_is_loaded(void **state)
{
    struct kit *kit = *state;
    struct text_buffer source;

    text_buffer_init(&source, kit->arena);
    text_append(&source, TEXT("workflow: a\nroles: {r: {}}\nstates: {\n"));
    for (size_t i = 0; i + 1 < CHART_STATES_MAX; i++) {
        char each[80];

        snprintf(each, sizeof(each), " a%zu: {on: {go: {by: [r], target: a%zu}}},\n", i, i + 1);
        text_append(&source, text_from(each));
    }
    text_append(&source, TEXT(" a3999: {type: final}}\n"));
    kit_load(kit, text_buffer_text(&source).bytes);
}

/* Many transitions of one event read what its form of many fields brought. */
static void a_form_that_many_share_costs_memory_once(void **state)
{
    struct kit *kit = *state;
    struct text_buffer source, form;

    text_buffer_init(&source, kit->arena);
    text_buffer_init(&form, kit->arena);
    text_append(&source, TEXT("workflow: a\nroles: {r: {}}\nfields:\n"));
    for (int i = 0; i < 500; i++) {
        text_append_printf(&source, "  f%d: {type: integer}\n", i);
        text_append_printf(&form, "%sf%d: required", i == 0 ? "" : ", ", i);
    }
    text_append_printf(&source,
                       "states:\n  a:\n    on:\n      t: {event: go, by: [r], form: {%.*s}}\n",
                       TEXT_ARG(text_buffer_text(&form)));
    for (int i = 0; i < 2000; i++)
        text_append_printf(
            &source, "      t%d: {event: go, by: [r], guard: event.data.f%d > 0, target: b}\n", i,
            i % 500);
    text_append(&source, TEXT("  b: {type: final}\n"));
    size_t before = arena_bytes(kit->arena);
    kit_load(kit, text_buffer_text(&source).bytes);
    assert_true(arena_bytes(kit->arena) - before < 200 * text_buffer_text(&source).size);
}

/* What is no slip of a letter: help says what it is. */
static void a_key_that_only_looks_right_is_told(void **state)
{
    static const struct {
        const char *source, *help;
    } cases[] = {
        {"workflow: a\nstates: {a: {type:final: }}\n",
         "write type: final, with a space behind the colon"},
        {"workflow: a\nstates:\n  a:\n    type\xc2\xa0: final\n",
         "U+00A0 stands in it, which looks like a space and is none: write it anew"},
        {"workflow: a\nroles: {r: {}}\nstates: {a: {go: {by: [r], target: b}}, b: {type: final}}\n",
         "a transition stands under `on`, `always`, `after` or `done`"},
        {"workflow: a\nstates: {a: {b: {type: final}}}\n",
         "a state inside a state stands under `states`"},
        {"workflow: a\nlanguages: [en, fr]\ntitle: {en: A, rf: B}\nstates: {a: {type: final}}\n",
         "\"rf\" is not among `languages`: is it meant?"},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(kit_try(kit, cases[i].source));
        assert_true(kit->diags.error_count > 0);
        assert_string_equal(kit->diags.items[0].help.bytes, cases[i].help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(an_unknown_state_is_told_with_the_nearest_and_where_it_stands),
        KIT_TEST(a_fault_in_an_expression_stands_where_it_is_in_the_file),
        KIT_TEST(a_fault_in_an_expression_of_several_lines_stands_at_its_beginning),
        KIT_TEST(faults_are_told_line_by_line),
        KIT_TEST(a_guard_must_be_true_or_false),
        KIT_TEST(a_person_is_known_only_where_one_acts),
        KIT_TEST(the_data_of_an_event_is_known_by_its_form),
        KIT_TEST(the_data_of_a_steps_end_is_known_by_its_outputs),
        KIT_TEST(the_data_of_a_timer_is_when_it_was_due),
        KIT_TEST(an_expression_has_the_type_of_what_it_is_for),
        KIT_TEST(a_form_on_the_first_is_everyones),
        KIT_TEST(a_form_on_the_second_alone_is_a_fault),
        KIT_TEST(states_that_are_never_together_may_have_forms_of_their_own),
        KIT_TEST(regions_offer_one_event_with_one_form),
        KIT_TEST(one_single_transition_and_several_may_stand_under_done),
        KIT_TEST(a_key_that_only_looks_right_is_told),
        KIT_TEST(more_than_there_is_room_for_is_refused),
        KIT_TEST(as_much_as_there_is_room_for_is_loaded),
        KIT_TEST(a_form_that_many_share_costs_memory_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
