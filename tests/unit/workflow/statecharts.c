/* The statechart half of the language, as it is loaded: histories, wildcards, events that are sent,
 * choices among actions, attempts; and what is told of each. */
#include "workflow/codes.h"
#include "workflow/kit.h"

#define HEAD                                                                                       \
    "workflow: a\nroles: {r: {}}\nfields: {n: {type: integer, initial: 1}, s: {type: text, "       \
    "initial: x}, secret: {type: text, sensitive: true, initial: x}}\nstates:\n"
#define CLOSE "  z: {type: final}\n"

static const struct workflow *load(void **state, const char *states)
{
    struct kit *kit = *state;

    return kit_load(kit, text_printf(kit->arena, HEAD "%s" CLOSE, states).bytes);
}

/* "E104 5:3 W204 9:1 ": codes and places. */
static void tells(void **state, const char *states, const char *want)
{
    struct kit *kit = *state;
    struct text_buffer got;

    kit_try(kit, text_printf(kit->arena, HEAD "%s" CLOSE, states).bytes);
    text_buffer_init(&got, kit->arena);
    for (size_t i = 0; i < kit->diags.count; i++)
        text_append_printf(&got, "%s %u:%u ", kit->diags.items[i].code,
                           kit->diags.items[i].place.line, kit->diags.items[i].place.column);
    if (!text_is(text_buffer_text(&got), want))
        fail_msg("wanted %s, got:\n%s", want, kit_diags(kit));
}

static const struct chart_state *state_of(const struct workflow *workflow, const char *id)
{
    uint16_t state = chart_state_named(&workflow->chart, text_from(id));

    assert_int_not_equal(state, CHART_NONE);
    return &workflow->chart.states[state];
}

/* ---- Histories ---- */

#define HISTORY(default)                                                                           \
    "  p:\n"                                                                                       \
    "    on: {out: {by: [r], target: x}}\n"                                                        \
    "    states:\n"                                                                                \
    "      h: {type: history, deep: true, default: " default "}\n"                                 \
                                                             "      c: {on: {end: {by: [r], "      \
                                                             "target: z}}}\n"                      \
                                                             "  x: {on: {in: {by: [r], target: "   \
                                                             "h}}}\n"

static void a_history_has_a_default_and_a_depth(void **state)
{
    const struct workflow *workflow = load(state, HISTORY("{do: [{set: {n: 2}}], target: c}"));
    const struct chart_state *history = state_of(workflow, "h");
    const struct chart_transition *transition =
        &workflow->chart.transitions[history->default_transition];

    assert_int_equal(history->kind, CHART_HISTORY);
    assert_true(history->deep);
    assert_int_equal(transition->trigger, CHART_DEFAULT);
    assert_true(text_is(transition->id, "default"));
    assert_true(text_is(workflow->chart.states[transition->targets[0]].id, "c"));
    assert_int_equal(workflow->transitions[history->default_transition].act.count, 1);
    assert_true(text_is(workflow->chart.states[state_of(workflow, "p")->initial[0]].id, "c"));
}

static void a_history_without_a_default_or_a_default_without_a_target_is_refused(void **state)
{
    tells(state, "  p: {states: {h: {type: history}, c: {always: {g: {target: z}}}}}\n",
          "E100 5:16 ");
    tells(state, HISTORY("{}"), "E100 8:38 ");
    tells(state, HISTORY("{do: []}"), "E100 8:38 ");
}

static void a_default_has_no_guard_no_event_and_no_name_of_its_own(void **state)
{
    tells(state, HISTORY("{guard: data.n > 1, explain: no, reenter: true, target: c}"),
          "E104 8:48 E104 8:67 E104 8:80 ");
    tells(state, HISTORY("{event: e, by: [r], form: {n: required}, target: c}"),
          "E104 8:48 E104 8:58 E104 8:67 ");
    tells(state, HISTORY("{first: {target: c}}"), "E100 8:38 E101 8:48 ");
}

static void nothing_happens_in_a_history(void **state)
{
    tells(
        state,
        "  p:\n"
        "    states:\n"
        "      h: {type: history, default: {target: c}, on: {}, always: {}, after: {}, steps: {}, "
        "entry: [], exit: [], done: {target: c}, deadline: {within: 1d}, states: {x: {}}, "
        "initial: x, data: {}}\n"
        "      c: {on: {end: {by: [r], target: z}, again: {by: [r], target: h}}}\n",
        "E104 7:48 E104 7:56 E104 7:68 E104 7:79 E104 7:90 E104 7:101 E104 7:111 E104 7:130 "
        "E104 7:154 E104 7:171 E104 7:183 ");
    tells(state, "  p: {deep: true, default: {target: z}, on: {e: {by: [r], target: z}}}\n",
          "E104 5:7 E104 5:19 ");
}

static void a_default_that_leads_in_a_circle_is_refused(void **state)
{
    struct kit *kit = *state;

    tells(state,
          "  p:\n"
          "    states:\n"
          "      h: {type: history, default: {target: g}}\n"
          "      g: {type: history, default: {target: h}}\n"
          "      c: {on: {end: {by: [r], target: z}, again: {by: [r], target: h}}}\n",
          "E152 7:26 ");
    assert_non_null(strstr(kit_diags(kit), "leads in a circle"));
}

static void a_history_stands_for_its_state_among_several_targets(void **state)
{
    static const char format[] = "  p:\n"
                                 "    type: parallel\n"
                                 "    states:\n"
                                 "      l: {states: {hl: {type: history, default: {target: l1}}, "
                                 "l1: {}, l2: {}}}\n"
                                 "      m: {states: {m1: {}, m2: {}}}\n"
                                 "      hp: {type: history, default: {target: [l2, m2]}}\n"
                                 "    on: {e: {by: [r], target: %s}, f: {by: [r], target: hp}, "
                                 "g: {by: [r], target: z}}\n";
    struct kit *kit = *state;

    load(state, text_printf(kit->arena, format, "[hl, m2]").bytes);
    tells(state, text_printf(kit->arena, format, "[hp, m2]").bytes, "E116 11:36 ");
    tells(state, text_printf(kit->arena, format, "[hl, l2]").bytes, "E116 11:36 ");
}

static void what_only_a_history_leads_to_is_reached(void **state)
{
    load(state, "  x: {on: {in: {by: [r], target: h}}}\n"
                "  p:\n"
                "    states:\n"
                "      first: {on: {end: {by: [r], target: z}}}\n"
                "      h: {type: history, default: {target: second}}\n"
                "      second: {on: {back: {by: [r], target: first}}}\n");
}

static void a_history_that_nothing_names_is_told(void **state)
{
    tells(state,
          "  p:\n"
          "    states:\n"
          "      h: {type: history, default: {target: c}}\n"
          "      c: {on: {end: {by: [r], target: z}}}\n",
          "W200 7:7 ");
}

/* ---- Transitions ---- */

static void reenter_is_kept_and_needs_a_target(void **state)
{
    const struct workflow *workflow = load(
        state, "  x: {on: {a: {by: [r], reenter: true, target: x}, b: {by: [r], reenter: false, "
               "target: z}}}\n");

    assert_true(workflow->chart.transitions[0].reenter);
    assert_false(workflow->chart.transitions[1].reenter);
    tells(state, "  x: {on: {a: {by: [r], reenter: true}, b: {by: [r], target: z}}}\n",
          "E100 5:25 ");
    tells(state, "  x: {on: {a: {by: [r], reenter: yes, target: z}}}\n", "E103 5:34 ");
}

static void reenter_out_of_a_region_warns_of_the_others(void **state)
{
    static const char format[] = "  p:\n"
                                 "    type: parallel\n"
                                 "    on: {end: {by: [r], target: z}}\n"
                                 "    states:\n"
                                 "      l: {on: {again: {by: [r], target: l%s}}}\n"
                                 "      m: {states: {m1: {}}}\n";
    struct kit *kit = *state;

    load(state, text_printf(kit->arena, format, "").bytes);
    tells(state, text_printf(kit->arena, format, ", reenter: true").bytes, "W204 9:16 ");
}

static void a_wildcard_is_kept_as_it_is_written(void **state)
{
    const struct workflow *workflow =
        load(state, "  x:\n"
                    "    entry: [{raise: a.b.c}]\n"
                    "    on:\n"
                    "      one: {event: a.b.*, target: z}\n"
                    "      two: {event: \"*\", do: [{set: {n: 1}}]}\n"
                    "      three: {event: error.*, do: [{set: {n: 2}}]}\n");

    assert_true(text_is(workflow->chart.transitions[0].event, "a.b.*"));
    assert_true(text_is(workflow->chart.transitions[1].event, "*"));
    tells(state,
          "  x: {on: {a: {event: a.*.b, target: z}, b: {event: \"**\", target: z}, c: {event: "
          ".*, target: z}}}\n",
          "E118 5:23 E118 5:53 E118 5:82 ");
    tells(state, "  x: {on: {a: {event: done.state.y.*, target: z}}}\n", "E114 5:23 ");
    tells(state, "  x: {on: {a: {event: done.state.x.*}, b: {by: [r], target: z}}}\n",
          "W207 5:12 ");
}

static void a_wildcard_that_nothing_answers_to_is_told(void **state)
{
    tells(state, "  x: {on: {a: {event: b.*, target: z}, c: {by: [r], target: z}}}\n",
          "W203 5:12 ");
}

/* ---- Actions ---- */

static const struct workflow_action *action_of(const struct workflow *workflow, size_t block,
                                               size_t index)
{
    const struct workflow_blocks *act = &workflow->transitions[0].act;

    assert_true(block < act->count && index < act->items[block].count);
    return &act->items[block].actions[index];
}

static void what_is_sent_is_read_with_its_delay_id_and_data(void **state)
{
    const struct workflow *workflow = load(
        state, "  x:\n"
               "    on:\n"
               "      go: {by: [r], do: [{send: {event: later, delay: 2d, id: first, data: {a: "
               "4, b: true, c: text, d: [1, 2], e: [1, x], f: = data.n}}}, {send: {event: = "
               "data.s, delay: '= duration(\"1h\")'}}, {cancel: first}, {cancel: = data.s}], "
               "target: z}\n");
    const struct workflow_action *send = action_of(workflow, 0, 0);
    const struct workflow_input *data = send->data.items;

    assert_int_equal(send->kind, WORKFLOW_SEND);
    assert_true(text_is(send->text, "later"));
    assert_int_equal(send->wait.ms, INT64_C(2) * 86400000);
    assert_true(text_is(send->id, "first"));
    assert_int_equal(data[0].literal.integer, 4);
    assert_true(data[1].literal.boolean);
    assert_true(text_is(data[2].literal.string, "text"));
    assert_int_equal(value_item(&data[3].literal, 1)->integer, 2);
    assert_true(text_is(value_item(&data[4].literal, 0)->string, "1"));
    assert_non_null(data[5].program);
    send = action_of(workflow, 0, 1);
    assert_non_null(send->program);
    assert_non_null(send->delay);
    assert_int_equal(action_of(workflow, 0, 2)->kind, WORKFLOW_CANCEL);
    assert_non_null(action_of(workflow, 0, 3)->program);
}

static void what_is_wrong_with_a_send_is_told_in_its_place(void **state)
{
    tells(state, "  x: {exit: [{send: {delay: 1d}}], always: {g: {target: z}}}\n", "E100 5:15 ");
    tells(state, "  x: {exit: [{send: later}], always: {g: {target: z}}}\n", "E103 5:21 ");
    tells(state,
          "  x: {exit: [{send: {event: Later, delay: soon, id: First}}, {cancel: Last}], always: "
          "{g: {target: z}}}\n",
          "E118 5:29 E122 5:43 E105 5:53 E153 5:71 ");
    tells(state,
          "  x: {exit: [{send: {event: = data.n, delay: = data.n}}, {cancel: = data.n}, {log: = "
          "data.n}], always: {g: {target: z}}}\n",
          "E312 5:31 E312 5:48 E312 5:69 E312 5:86 ");
    tells(state, "  x: {exit: [{send: {event: e, delay: -1d}}], always: {g: {target: z}}}\n",
          "E122 5:39 ");
}

static void what_is_sent_by_an_expression_may_be_any_event(void **state)
{
    load(state, "  x:\n"
                "    entry: [{send: {event: = data.s}}]\n"
                "    on: {a: {event: whatever, target: z}}\n");
}

static void a_choice_holds_both_its_branches(void **state)
{
    const struct workflow *workflow =
        load(state, "  x:\n"
                    "    on:\n"
                    "      go: {by: [r], do: [{if: data.n > 1, then: [{set: {n: 2}}, [{log: a}]], "
                    "else: [{if: data.n > 0, then: []}]}], target: z}\n");
    const struct workflow_action *choice = action_of(workflow, 0, 0);

    assert_int_equal(choice->kind, WORKFLOW_IF);
    assert_non_null(choice->program);
    assert_int_equal(choice->then.count, 2);
    assert_false(choice->then.items[1].is_outer);
    assert_int_equal(choice->otherwise.items[0].actions[0].kind, WORKFLOW_IF);
}

/* A list and an action in turn, many times: memory grows with the file, not with its square. */
static void many_blocks_cost_no_more_than_they_hold(void **state)
{
    struct kit *kit = *state;
    struct text_buffer source;

    text_buffer_init(&source, kit->arena);
    text_append(&source, TEXT(HEAD "  z:\n    type: final\n    entry: ["));
    for (size_t i = 0; i < 20000; i++)
        text_append(&source, TEXT("[], {log: a}, "));
    text_append(&source, TEXT("]\n"));
    const struct workflow *workflow = kit_load(kit, text_buffer_text(&source).bytes);
    assert_int_equal(workflow->states[1].entry.count, 40000);
    assert_true(arena_bytes(kit->arena) < (size_t)64 << 20);
}

static void what_is_wrong_with_a_choice_is_told_in_its_place(void **state)
{
    tells(state, "  x: {exit: [{if: = data.n > 1, then: []}], always: {g: {target: z}}}\n",
          "E147 5:19 ");
    tells(state, "  x: {exit: [{if: data.n, then: []}], always: {g: {target: z}}}\n", "E312 5:19 ");
    tells(state, "  x: {exit: [{if: data.n > 1}], always: {g: {target: z}}}\n", "E143 5:14 ");
    tells(state, "  x: {exit: [{then: []}, {else: []}], always: {g: {target: z}}}\n",
          "E104 5:15 E104 5:27 ");
    tells(state,
          "  x: {exit: [{if: data.n > 1, set: {n: 2}, then: [{if: true}, {set: {m: 1}}]}], always: "
          "{g: {target: z}}}\n",
          "E143 5:14 E143 5:51 E111 5:70 ");
}

static void a_log_tells_whether_it_may_be_told_to_all(void **state)
{
    const struct workflow *workflow = load(
        state, "  x: {on: {go: {by: [r], form: {n: required}, do: [{log: text}, {log: = data.s "
               "+ by.id}, {log: = data.secret}, {log: = string(event.data.n)}], target: z}}}\n");
    static const bool is_private[] = {false, false, true, true};

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(action_of(workflow, 0, i)->is_private, is_private[i]);
}

/* ---- acted(), retry ---- */

static void acted_asks_of_what_people_do(void **state)
{
    load(state, "  x:\n"
                "    on:\n"
                "      a: {by: [r], guard: \"!acted(by.id, 'b') && !acted('awa', 'x.a')\", target: "
                "z}\n"
                "      b: {by: [r], target: z}\n");
    tells(state,
          "  x: {on: {a: {by: [r], guard: \"acted(by.id, 'c')\", target: z}, b: {event: e, guard: "
          "\"acted('awa', 'x.b')\", target: z}}}\n",
          "E311 5:46 E311 5:100 ");
}

static void attempts_are_read_and_checks_have_none(void **state)
{
    const struct workflow *workflow =
        load(state, "  x: {steps: {s: {use: sketch/stamp, retry: {attempts: 3, wait: 1h}, done: "
                    "{target: z}, failed: {target: z}}}}\n");
    const struct workflow_retry *retry = &workflow->steps[0].retry;

    assert_int_equal(retry->attempts, 3);
    assert_int_equal(retry->wait_ms, 3600000);
    assert_int_equal(retry->wait_max_ms, 0);
    assert_true(retry->factor >= 1 && retry->factor <= 1);
    tells(state,
          "  x: {on: {a: {by: [r], check: {c: {use: sketch/score, with: {household: safe}, retry: "
          "{attempts: 3, wait: 1h}}}, target: z}}}\n",
          "E104 5:81 ");
    tells(state,
          "  x: {steps: {s: {use: sketch/stamp, retry: {attempts: 0, wait: 1ms, factor: x}, done: "
          "{target: z}, failed: {target: z}}}}\n",
          "E103 5:56 E122 5:65 E103 5:78 ");
    tells(state,
          "  x: {steps: {s: {use: sketch/stamp, retry: {}, done: {target: z}, failed: {target: "
          "z}}}}\n",
          "E100 5:38 E100 5:38 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(a_history_has_a_default_and_a_depth),
        KIT_TEST(a_history_without_a_default_or_a_default_without_a_target_is_refused),
        KIT_TEST(a_default_has_no_guard_no_event_and_no_name_of_its_own),
        KIT_TEST(nothing_happens_in_a_history),
        KIT_TEST(a_default_that_leads_in_a_circle_is_refused),
        KIT_TEST(a_history_stands_for_its_state_among_several_targets),
        KIT_TEST(what_only_a_history_leads_to_is_reached),
        KIT_TEST(a_history_that_nothing_names_is_told),
        KIT_TEST(reenter_is_kept_and_needs_a_target),
        KIT_TEST(reenter_out_of_a_region_warns_of_the_others),
        KIT_TEST(a_wildcard_is_kept_as_it_is_written),
        KIT_TEST(a_wildcard_that_nothing_answers_to_is_told),
        KIT_TEST(what_is_sent_is_read_with_its_delay_id_and_data),
        KIT_TEST(what_is_wrong_with_a_send_is_told_in_its_place),
        KIT_TEST(what_is_sent_by_an_expression_may_be_any_event),
        KIT_TEST(a_choice_holds_both_its_branches),
        KIT_TEST(many_blocks_cost_no_more_than_they_hold),
        KIT_TEST(what_is_wrong_with_a_choice_is_told_in_its_place),
        KIT_TEST(a_log_tells_whether_it_may_be_told_to_all),
        KIT_TEST(acted_asks_of_what_people_do),
        KIT_TEST(attempts_are_read_and_checks_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
