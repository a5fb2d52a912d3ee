/* What loading makes of a file: numbers, order, values, texts, identity. */
#include "workflow/codes.h"
#include "workflow/kit.h"

static uint16_t state_named(const struct workflow *workflow, const char *id)
{
    uint16_t state = chart_state_named(&workflow->chart, text_from(id));

    assert_int_not_equal(state, CHART_NONE);
    return state;
}

static uint16_t transition_named(const struct workflow *workflow, const char *state, const char *id)
{
    for (uint16_t i = 0; i < workflow->chart.transition_count; i++)
        if (workflow->chart.transitions[i].source == state_named(workflow, state) &&
            text_is(workflow->chart.transitions[i].id, id))
            return i;
    fail_msg("there is no transition %s.%s", state, id);
    return CHART_NONE;
}

static const struct workflow *load_sketch(struct kit *kit)
{
    const struct workflow *workflow = workflow_load(kit_read(kit, "return-sketch.yaml"),
                                                    TEXT("sketch"), &kit->context, &kit->diags);

    assert_non_null(workflow);
    return workflow;
}

static void the_head_is_read(void **state)
{
    const struct workflow *workflow = load_sketch(*state);

    assert_true(text_is(workflow->id, "return-sketch"));
    assert_true(text_is(workflow->version, "3"));
    assert_true(text_is(workflow->country, "SN"));
    assert_true(text_is(workflow->time_zone, "Africa/Dakar"));
    assert_non_null(workflow->zone);
    assert_int_equal(workflow->language_count, 2);
    assert_true(workflow->has_open_by);
    assert_true(text_is(workflow->open_by.ids[0], "caseworker"));
    assert_int_equal(workflow->open_form.count, 1);
    assert_false(workflow->open_form.items[0].required);
    assert_true(workflow_role(workflow, TEXT("judge"))->sees_sensitive);
    assert_false(workflow_role(workflow, TEXT("travel_officer"))->sees_sensitive);
    assert_null(workflow_role(workflow, TEXT("nobody")));
}

static void fields_have_their_rules_and_types(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    const struct workflow_field *household = workflow_field(workflow, TEXT("household"));
    const struct workflow_field *siblings = workflow_field(workflow, TEXT("siblings"));
    const struct workflow_field *risk = workflow_field(workflow, TEXT("risk"));

    assert_int_equal(household->type, FIELD_CHOICE);
    assert_true(value_is_string(&household->initial, "unsafe"));
    assert_int_equal(siblings->of, FIELD_TEXT);
    assert_int_equal(siblings->items_max, 20);
    assert_int_equal(siblings->cel_type->kind, CEL_LIST);
    assert_true(siblings->sensitive);
    assert_true(risk->has_min && risk->has_max && risk->max == 10);
    assert_null(workflow_field(workflow, TEXT("nothing")));
}

static void states_and_transitions_bear_the_charts_numbers(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    uint16_t register_ = transition_named(workflow, "identification", "register");
    uint16_t too_long = transition_named(workflow, "travel", "too_long");
    const struct workflow_state *travel = &workflow->states[state_named(workflow, "travel")];

    assert_non_null(workflow->transitions[register_].guard);
    assert_int_equal(workflow->transitions[register_].form.count, 3);
    assert_int_equal(workflow->chart.transitions[too_long].trigger, CHART_AFTER);
    assert_int_equal(workflow->transitions[too_long].wait.ms, INT64_C(30) * 86400000);
    assert_int_equal(workflow->states[state_named(workflow, "identification")].deadline->within.ms,
                     3 * 86400000);
    assert_null(travel->deadline);
    assert_int_equal(travel->step_count, 1);
    assert_ptr_equal(travel->steps[0], workflow_step(workflow, TEXT("laissez_passer")));
    assert_null(workflow_step(workflow, TEXT("nothing")));
}

static void done_stands_for_the_events_of_the_engine(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    const struct chart_transition *done =
        &workflow->chart
             .transitions[transition_named(workflow, "assessment", "done.state.assessment")];
    const struct chart_transition *issued =
        &workflow->chart
             .transitions[transition_named(workflow, "travel", "done.step.laissez_passer")];
    const struct chart_transition *failed =
        &workflow->chart
             .transitions[transition_named(workflow, "travel", "error.step.laissez_passer")];

    assert_int_equal(done->trigger, CHART_ON);
    assert_true(text_is(done->event, "done.state.assessment"));
    assert_int_equal(issued->targets[0], state_named(workflow, "ready_to_travel"));
    assert_int_equal(failed->targets[0], state_named(workflow, "travel_blocked"));
}

static void a_step_knows_its_plugin_inputs_and_who_answers(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    const struct workflow_step *step = workflow_step(workflow, TEXT("laissez_passer"));

    assert_true(text_is(step->plugin, "sketch"));
    assert_true(text_is(step->step, "issue"));
    assert_int_equal(step->state, state_named(workflow, "travel"));
    assert_int_equal(step->with.count, 2);
    assert_null(step->with.items[0].program);
    assert_true(value_is_string(&step->with.items[0].literal, "DGM"));
    assert_non_null(step->with.items[1].program);
    assert_int_equal(step->with.items[1].kind, PLUGIN_TEXT);
    assert_true(text_is(step->into[0].output, "number"));
    assert_true(step->has_answer);
    assert_true(text_is(step->answer_by.ids[0], "travel_officer"));
    assert_true(step->answer_form.items[0].required);
    assert_int_equal(step->outputs.count, 3);
}

static void a_check_reads_its_literals_by_the_inputs_kind(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    uint16_t number = transition_named(workflow, "decision", "decide");
    const struct workflow_check *check = &workflow->transitions[number].checks[0];

    assert_int_equal(workflow->transitions[number].check_count, 1);
    assert_true(text_is(check->id, "score"));
    assert_int_equal(check->with.items[1].literal.kind, VALUE_INT);
    assert_int_equal(check->with.items[1].literal.integer, 6);
}

static void the_second_transition_of_an_event_gets_the_firsts_form(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    const struct workflow_transition *keep =
        &workflow->transitions[transition_named(workflow, "decision", "keep")];

    assert_true(text_is(workflow->chart.transitions[keep - workflow->transitions].event, "decide"));
    assert_int_equal(keep->form.count, 1);
    assert_true(text_is(keep->form.items[0].field->id, "recommendation"));
}

static void a_text_is_said_in_the_language_asked_for_or_the_first(void **state)
{
    const struct workflow *workflow = load_sketch(*state);
    struct workflow_words any = {.any = TEXT("SOS")}, none = {.count = 0};

    assert_true(
        text_is(workflow_say(workflow, &workflow->title, TEXT("fr")), "Retour d'un enfant"));
    assert_true(text_is(workflow_say(workflow, &workflow->title, TEXT("pt")), "Return of a child"));
    assert_true(
        text_is(workflow_say(workflow, &workflow->title, TEXT("pt fr en")), "Retour d'un enfant"));
    assert_true(text_is(workflow_language(workflow, TEXT("pt fr en")), "fr"));
    assert_true(text_is(workflow_language(workflow, TEXT("pt")), "en"));
    assert_true(text_is(workflow_say(workflow, &any, TEXT("fr")), "SOS"));
    assert_true(text_is_empty(workflow_say(workflow, &none, TEXT("fr"))));
}

static void identity_is_of_the_content_not_of_its_layout(void **state)
{
    struct kit *kit = *state;
    const struct workflow *a = kit_load(kit, "workflow: a\nstates: {x: {type: final}}\n");
    const struct workflow *b =
        kit_load(kit, "# why\nworkflow: 'a'\nstates:\n  x:\n    type: final\n");
    const struct workflow *c = kit_load(kit, "workflow: a\nstates: {y: {type: final}}\n");

    assert_string_equal(a->rendered.bytes,
                        "{\"workflow\":\"a\",\"states\":{\"x\":{\"type\":\"final\"}}}");
    assert_memory_equal(a->hash, b->hash, sizeof(a->hash));
    assert_memory_not_equal(a->hash, c->hash, sizeof(a->hash));
}

static void transitions_are_numbered_in_file_order(void **state)
{
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\n"
                         "roles: {r: {}}\n"
                         "states:\n"
                         "  outer:\n"
                         "    states:\n"
                         "      in:\n"
                         "        after: {one: {delay: 1d, target: out}}\n"
                         "        on: {two: {by: [r], target: out}}\n"
                         "    on: {three: {by: [r], target: out}}\n"
                         "    always: {four: {guard: \"1 > 2\", target: out}}\n"
                         "  out: {type: final}\n");
    const char *const ids[] = {"one", "two", "three", "four"};

    for (uint16_t i = 0; i < 4; i++)
        assert_true(text_is(workflow->chart.transitions[i].id, ids[i]));
}

static void a_list_within_a_list_of_actions_is_a_block_of_its_own(void **state)
{
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\n"
                         "fields: {n: {type: integer}}\n"
                         "states:\n"
                         "  x:\n"
                         "    type: final\n"
                         "    entry: [{set: {n: 1}}, {raise: e}, [{set: {n: \"= null\"}}], {raise: "
                         "{event: f.g, data: {a: \"= data.n\", b: [c, d]}}}]\n");
    struct workflow_blocks entry = workflow->states[1].entry;

    assert_int_equal(entry.count, 3);
    assert_true(entry.items[0].is_outer);
    assert_int_equal(entry.items[0].count, 2);
    assert_int_equal(entry.items[0].actions[0].kind, WORKFLOW_SET);
    assert_int_equal(entry.items[0].actions[0].sets.items[0].literal.integer, 1);
    assert_int_equal(entry.items[0].actions[1].kind, WORKFLOW_RAISE);
    assert_false(entry.items[1].is_outer);
    assert_int_equal(entry.items[1].actions[0].sets.items[0].literal.kind, VALUE_NULL);
    assert_null(entry.items[1].actions[0].sets.items[0].program);
    assert_true(text_is(entry.items[2].actions[0].text, "f.g"));
    assert_non_null(entry.items[2].actions[0].data.items[0].program);
    assert_int_equal(value_count(&entry.items[2].actions[0].data.items[1].literal), 2);
}

static void an_initial_may_lie_deeper_or_be_several(void **state)
{
    const struct workflow *workflow = kit_load(
        *state,
        "workflow: a\n"
        "initial: [l2, r2]\n"
        "roles: {r: {}}\n"
        "states:\n"
        "  p:\n"
        "    type: parallel\n"
        "    on: {end: {by: [r], target: z}}\n"
        "    states:\n"
        "      left: {initial: l1, states: {l2: {}, l1: {}}, on: {a: {by: [r], target: l1}}}\n"
        "      right: {states: {r1: {}, r2: {}}, on: {b: {by: [r], target: r1}}}\n"
        "  z: {type: final}\n");

    assert_int_equal(workflow->chart.states[0].initial_count, 2);
    assert_int_equal(workflow->chart.states[0].initial[1], state_named(workflow, "r2"));
}

static void a_delay_may_be_an_expression(void **state)
{
    const struct workflow *workflow =
        kit_load(*state, "workflow: a\n"
                         "fields: {due: {type: date, initial: 2026-03-01}}\n"
                         "states:\n"
                         "  x: {after: {late: {delay: \"= data.due - now\", target: y}}}\n"
                         "  y: {type: final}\n");

    assert_non_null(workflow->transitions[0].delay);
    assert_int_equal(workflow->transitions[0].wait.ms, 0);
}

static void a_stored_definition_that_is_no_json_is_refused(void **state)
{
    struct kit *kit = *state;

    assert_null(workflow_open(TEXT("{\"workflow\":"), &kit->context, &kit->diags));
    assert_int_equal(kit->diags.error_count, 1);
    diag_list_init(&kit->diags, kit->arena);
    assert_null(workflow_open(TEXT("[1]"), &kit->context, &kit->diags));
    assert_true(kit->diags.error_count > 0);
}

static void a_stored_definition_outlives_its_plugin(void **state)
{
    struct kit *kit = *state;
    const struct workflow *loaded = load_sketch(kit), *opened;

    kit->plugins.find = kit_find_nothing;
    assert_null(workflow_open(loaded->rendered, &kit->context, &kit->diags));
    diag_list_init(&kit->diags, kit->arena);
    kit->context.lenient_plugins = true;
    opened = workflow_open(loaded->rendered, &kit->context, &kit->diags);
    assert_non_null(opened);
    assert_int_equal(kit->diags.error_count, 0);
    assert_string_equal(kit->diags.items[0].code, W_PLUGIN);
    assert_int_equal(workflow_step(opened, TEXT("laissez_passer"))->with.items[1].kind, 0);
}

static void without_plugins_nothing_is_held_against_them(void **state)
{
    struct kit *kit = *state;

    kit->context.plugins = NULL;
    load_sketch(kit);
    assert_string_equal(kit_diags(kit), "");
}

static void without_zones_only_utc_is_known(void **state)
{
    struct kit *kit = *state;

    kit->context.zones = NULL;
    assert_non_null(kit_try(kit, "workflow: a\ntime_zone: UTC\nstates: {x: {type: final}}\n"));
    assert_null(kit_try(kit, "workflow: a\ntime_zone: Africa/Dakar\nstates: {x: {type: final}}\n"));
    assert_string_equal(kit->diags.items[0].code, E_ZONE);
}

static void dates_go_to_plugins_as_text_and_come_back_as_timestamps(void **state)
{
    struct kit *kit = *state;
    struct value typed = value_timestamp((struct instant){86400, 0}), json, back;
    struct plugin_fields outputs = {kit_issue_outputs, 3};
    struct text why;

    assert_true(workflow_input_value(PLUGIN_DATE, &typed, kit->arena, &json, &why));
    assert_true(value_is_string(&json, "1970-01-02"));
    back = workflow_output_value(outputs, TEXT("valid_to"), &json);
    assert_true(value_equal(&back, &typed));
    assert_true(workflow_input_value(PLUGIN_TIMESTAMP, &typed, kit->arena, &json, &why));
    assert_true(value_is_string(&json, "1970-01-02T00:00:00Z"));
    typed = value_timestamp((struct instant){86401, 0});
    assert_false(workflow_input_value(PLUGIN_DATE, &typed, kit->arena, &json, &why));
    assert_true(workflow_input_value((enum plugin_kind)0, &typed, kit->arena, &json, &why));
    json = value_int(3);
    assert_int_equal(workflow_output_value(outputs, TEXT("fee"), &json).kind, VALUE_DOUBLE);
    assert_int_equal(workflow_output_value(outputs, TEXT("other"), &json).kind, VALUE_INT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(the_head_is_read),
        KIT_TEST(fields_have_their_rules_and_types),
        KIT_TEST(states_and_transitions_bear_the_charts_numbers),
        KIT_TEST(done_stands_for_the_events_of_the_engine),
        KIT_TEST(a_step_knows_its_plugin_inputs_and_who_answers),
        KIT_TEST(a_check_reads_its_literals_by_the_inputs_kind),
        KIT_TEST(the_second_transition_of_an_event_gets_the_firsts_form),
        KIT_TEST(a_text_is_said_in_the_language_asked_for_or_the_first),
        KIT_TEST(identity_is_of_the_content_not_of_its_layout),
        KIT_TEST(transitions_are_numbered_in_file_order),
        KIT_TEST(a_list_within_a_list_of_actions_is_a_block_of_its_own),
        KIT_TEST(an_initial_may_lie_deeper_or_be_several),
        KIT_TEST(a_delay_may_be_an_expression),
        KIT_TEST(a_stored_definition_that_is_no_json_is_refused),
        KIT_TEST(a_stored_definition_outlives_its_plugin),
        KIT_TEST(without_plugins_nothing_is_held_against_them),
        KIT_TEST(without_zones_only_utc_is_known),
        KIT_TEST(dates_go_to_plugins_as_text_and_come_back_as_timestamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
