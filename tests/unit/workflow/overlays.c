/* Overlays: merged by RFC 7396, with places among siblings, and parts that no overlay touches. */
#include "base/json.h"
#include "workflow/kit.h"
#include "workflow/overlay/overlay.h"

static struct yaml_node *parse(struct kit *kit, const char *source, const char *file)
{
    struct yaml_node *node = yaml_parse(text_from(source), text_from(file), &kit->diags);

    assert_string_equal(kit_diags(kit), "");
    return node;
}

/* ---- RFC 7396. ---- */

/* Through the YAML layer numbers are texts, and null is a plain null. */
static void the_cases_of_rfc_7396_appendix_a(void **state)
{
    static const struct {
        const char *target, *patch, *wanted;
    } cases[] = {
        {"{a: b}", "{a: c}", "{\"a\":\"c\"}"},
        {"{a: b}", "{b: c}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{a: b}", "{a: null}", "{}"},
        {"{a: b, b: c}", "{a: null}", "{\"b\":\"c\"}"},
        {"{a: [b]}", "{a: c}", "{\"a\":\"c\"}"},
        {"{a: c}", "{a: [b]}", "{\"a\":[\"b\"]}"},
        {"{a: {b: c}}", "{a: {b: d, c: null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{a: [{b: c}]}", "{a: [1]}", "{\"a\":[\"1\"]}"},
        {"[a, b]", "[c, d]", "[\"c\",\"d\"]"},
        {"{a: b}", "[c]", "[\"c\"]"},
        {"{a: foo}", "null", NULL},
        {"{a: foo}", "bar", "\"bar\""},
        {"{e: null}", "{a: 1}", "{\"e\":null,\"a\":\"1\"}"},
        {"[1, 2]", "{a: b, c: null}", "{\"a\":\"b\"}"},
        {"{}", "{a: {bb: {ccc: null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct yaml_node *target = parse(kit, cases[i].target, "target.yaml");
        const struct yaml_node *patch = parse(kit, cases[i].patch, "patch.yaml");
        const struct yaml_node *got = overlay_patch(kit->arena, target, patch);
        struct value value;

        if (cases[i].wanted == NULL) {
            assert_null(got);
            continue;
        }
        value = yaml_to_value(kit->arena, got);
        assert_string_equal(json_write(kit->arena, &value).bytes, cases[i].wanted);
    }
}

static void what_a_patch_leaves_alone_keeps_its_order_and_its_place(void **state)
{
    struct kit *kit = *state;
    const struct yaml_node *target = parse(kit, "a: 1\nb: {x: 1,\n y: 2}\nc: 3\n", "target.yaml");
    const struct yaml_node *patch = parse(kit, "d: 4\nb: {y: 3}\n", "patch.yaml");
    const struct yaml_node *got = overlay_patch(kit->arena, target, patch);
    struct value value = yaml_to_value(kit->arena, got);
    const struct yaml_entry *b = yaml_entry(got, "b");

    assert_string_equal(json_write(kit->arena, &value).bytes,
                        "{\"a\":\"1\",\"b\":{\"x\":\"1\",\"y\":\"3\"},\"c\":\"3\",\"d\":\"4\"}");
    assert_true(text_is(b->key_place.file, "target.yaml"));
    assert_true(text_is(yaml_entry(b->value, "x")->key_place.file, "target.yaml"));
    assert_true(text_is(yaml_entry(b->value, "y")->key_place.file, "patch.yaml"));
    assert_true(text_is(yaml_entry(got, "d")->key_place.file, "patch.yaml"));
}

/* ---- The whole way. ---- */

static const char *parent_source;

static bool find(void *self, struct text id, struct text child, struct arena *arena,
                 struct workflow_parent *parent_out, struct text *why_out)
{
    (void)self;
    (void)child;
    (void)arena;
    *why_out = TEXT("no such workflow");
    parent_out->suggest = TEXT("base");
    if (!text_is(id, "base"))
        return false;
    *parent_out =
        (struct workflow_parent){.file = TEXT("base.yaml"), .source = text_from(parent_source)};
    return true;
}

static const struct workflow_parents parents = {NULL, find};

static const struct workflow *extend(struct kit *kit, const char *parent, const char *overlay)
{
    parent_source = parent;
    kit->context.parents = &parents;
    return kit_try(kit, overlay);
}

static const char base[] =
    "workflow: base\n"
    "abstract: true\n"
    "roles: {worker: {}}\n"
    "fields: {n: {type: integer}, safe: {type: boolean, final: true}}\n"
    "states:\n"
    "  open:\n"
    "    on:\n"
    "      a: {by: [worker], form: {n: optional, safe: required}, target: closed}\n"
    "      b: {final: true, by: [worker], target: closed}\n"
    "  closed: {type: final}\n";

#define HEAD "workflow: country\nextends: base\n"

static void an_overlay_becomes_one_definition_with_a_name_of_its_own(void **state)
{
    struct kit *kit = *state;
    const struct workflow *workflow =
        extend(kit, base,
               HEAD "country: GW\nfields: {n: {max: 5}, m: {type: text}}\n"
                    "states: {open: {on: {a: {form: {m: optional}}}}}\n");

    assert_string_equal(kit_diags(kit), "");
    assert_string_equal(
        workflow->rendered.bytes,
        "{\"workflow\":\"country\",\"roles\":{\"worker\":{}},\"fields\":{\"n\":{\"type\":"
        "\"integer\",\"max\":\"5\"},\"safe\":{\"type\":\"boolean\",\"final\":\"true\"},\"m\":{"
        "\"type\":\"text\"}},\"states\":{\"open\":{\"on\":{\"a\":{\"by\":[\"worker\"],\"form\":{"
        "\"n\":\"optional\",\"safe\":\"required\",\"m\":\"optional\"},\"target\":\"closed\"},\"b\":"
        "{\"final\":\"true\",\"by\":[\"worker\"],\"target\":\"closed\"}}},\"closed\":{\"type\":"
        "\"final\"}},\"country\":\"GW\"}");
    assert_false(workflow->is_abstract);
    assert_true(text_is(workflow->country, "GW"));
}

static void a_base_is_abstract_and_its_overlay_only_if_it_says_so(void **state)
{
    struct kit *kit = *state;

    assert_true(kit_load(kit, base)->is_abstract);
    assert_true(extend(kit, base, HEAD "abstract: true\n")->is_abstract);
}

static void an_overlay_of_a_stored_definition_gives_the_same(void **state)
{
    static const char overlay[] =
        HEAD "states: {x: {place: {before: closed}, always: {g: {target: closed}}}, open: {on: "
             "{a: {target: x}}}}\n";
    struct kit *kit = *state;
    const struct workflow *of_file = extend(kit, base, overlay);
    struct text stored = kit_load(kit, base)->rendered;
    const struct workflow *of_stored = extend(kit, stored.bytes, overlay);

    assert_string_equal(of_file->rendered.bytes, of_stored->rendered.bytes);
}

static void new_parts_stand_where_their_place_says(void **state)
{
    struct kit *kit = *state;
    const struct workflow *workflow = extend(
        kit,
        "workflow: base\nstates: {a: {always: {g: {target: b}}}, b: {always: {g: {target: c}}}, "
        "c: {type: final}}\n",
        HEAD "states:\n  x: {place: {after: a}, always: {g: {target: c}}}\n"
             "  w: {place: {before: x}, always: {g: {target: c}}}\n"
             "  y: {type: final}\n  a: {always: {h: {place: {before: g}, target: [x]}}}\n");
    const char *const order[] = {"a", "w", "x", "b", "c", "y"};

    assert_non_null(workflow);
    for (size_t i = 0; i < 6; i++)
        assert_true(text_is(workflow->chart.states[i + 1].id, order[i]));
    assert_true(text_is(workflow->chart.transitions[0].id, "h"));
    assert_null(strstr(workflow->rendered.bytes, "place"));
}

/* By RFC 7396 a map that meets none keeps none of its nulls. */
static void a_part_that_was_empty_takes_what_the_overlay_says(void **state)
{
    struct kit *kit = *state;
    struct diag_list *diags = &kit->diags;
    const struct yaml_node *root;
    struct value value;

    parent_source = "workflow: base\nstates: {a: }\n";
    kit->context.parents = &parents;
    diag_list_init(diags, kit->arena);
    root = workflow_render(TEXT(HEAD "states: {a: {title: null, on: {e: {target: a}}}}\n"),
                           TEXT("test.yaml"), &kit->context, diags);
    assert_non_null(root);
    value = yaml_to_value(kit->arena, root);
    assert_string_equal(
        json_write(kit->arena, &value).bytes,
        "{\"workflow\":\"country\",\"states\":{\"a\":{\"on\":{\"e\":{\"target\":\"a\"}}}}}");
}

static void faults_stand_in_the_file_that_made_them(void **state)
{
    struct kit *kit = *state;

    extend(kit,
           "workflow: base\nroles: {r: {}}\nstates:\n  a: {on: {e: {by: [q], target: b}}}\n  b: "
           "{type: final}\n",
           HEAD "states:\n  a: {on: {e: {target: c}}}\n");
    assert_string_equal(kit_diags(kit), "base.yaml:4:21: error: unknown role \"q\" [E110]\n"
                                        "test.yaml:4:24: error: unknown state \"c\" [E114]\n");
    extend(kit, "workflow: base\nstates: {a: {type: final}\n", HEAD);
    assert_true(strncmp(kit_diags(kit), "base.yaml:", 10) == 0);
}

/* ---- What is final. ---- */

static void nothing_of_a_final_part_is_changed_replaced_or_deleted(void **state)
{
    static const struct {
        const char *patch, *told;
    } cases[] = {
        {"fields: {safe: {title: Safe}}\n",
         "test.yaml:3:10: error: \"safe\" is final: no overlay may change it [E161]\n"},
        {"fields: {safe: null}\n",
         "test.yaml:3:10: error: \"safe\" is final: no overlay may change it [E161]\n"},
        {"fields: {safe: {final: false}}\n",
         "test.yaml:3:10: error: \"safe\" is final: no overlay may change it [E161]\n"},
        {"fields: null\n",
         "test.yaml:3:1: error: \"fields\" holds what is final: no overlay may remove it [E161]\n"},
        {"fields: [a]\n",
         "test.yaml:3:1: error: \"fields\" holds what is final: no overlay may remove it [E161]\n"},
        {"states: {open: null}\n",
         "test.yaml:3:10: error: \"open\" holds what is final: no overlay may remove it [E161]\n"},
        {"states: {open: {on: {b: {by: null}}}}\n",
         "test.yaml:3:22: error: \"b\" is final: no overlay may change it [E161]\n"},
        {"states: {open: {on: null}}\n",
         "test.yaml:3:17: error: \"on\" holds what is final: no overlay may remove it [E161]\n"},
        {"states: closed\n",
         "test.yaml:3:1: error: \"states\" holds what is final: no overlay may remove it [E161]\n"},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text overlay = text_printf(kit->arena, HEAD "%s", cases[i].patch);

        assert_null(extend(kit, base, overlay.bytes));
        assert_string_equal(kit_diags(kit), cases[i].told);
    }
    assert_true(strstr(kit->diags.items[0].help.bytes, "base.yaml:9") != NULL);
}

static void a_final_part_under_a_single_key_is_kept_too(void **state)
{
    struct kit *kit = *state;

    extend(kit,
           "workflow: base\nroles: {r: {}}\nopen: {final: true, by: [r]}\nstates: {a: {deadline: "
           "{final: true, within: 1d}, always: {g: {target: b}}}, b: {type: final}}\n",
           HEAD "open: {by: null}\nstates: {a: {deadline: {within: 9d}}}\n");
    assert_string_equal(kit_diags(kit),
                        "test.yaml:3:1: error: \"open\" is final: no overlay may change it [E161]\n"
                        "test.yaml:4:14: error: \"deadline\" is final: no overlay may change it "
                        "[E161]\n");
    extend(kit, "workflow: base\nfinal: true\nstates: {a: {type: final}}\n", HEAD "country: GW\n");
    assert_string_equal(kit_diags(kit),
                        "test.yaml:1:1: error: \"workflow\" is final: no overlay may change it "
                        "[E161]\n");
}

static void what_is_called_final_is_not_final_for_that(void **state)
{
    struct kit *kit = *state;
    const struct workflow *workflow = extend(
        kit,
        "workflow: base\nroles: {r: {}}\nfields: {final: {type: text}}\nopen: {form: {final: "
        "required}}\nstates: {a: {type: final}}\n",
        HEAD "open: {form: {final: optional}}\nfields: {final: {max_length: 5}}\n");

    assert_string_equal(kit_diags(kit), "");
    assert_false(workflow->open_form.items[0].required);
}

static void what_an_overlay_makes_final_holds_for_its_own_overlays(void **state)
{
    static const char middle[] =
        "workflow: base\nabstract: true\nstates: {a: {final: true, always: "
        "{g: {target: b}}}, b: {type: final}}\n";
    struct kit *kit = *state;
    const struct workflow *workflow = extend(kit, middle, HEAD);
    struct text rendered = text_copy(kit->arena, workflow->rendered);

    assert_non_null(strstr(rendered.bytes, "\"final\":\"true\""));
    assert_null(extend(kit, rendered.bytes, HEAD "states: {a: {always: {g: {target: a}}}}\n"));
    assert_string_equal(kit->diags.items[0].code, "E161");
}

/* ---- Parents. ---- */

static void a_parent_that_is_not_there_is_told_with_the_nearest(void **state)
{
    struct kit *kit = *state;

    assert_null(extend(kit, base, "workflow: x\nextends: bas\n"));
    assert_string_equal(kit_diags(kit), "test.yaml:2:10: error: the workflow \"bas\" cannot be "
                                        "extended: no such workflow [E160]\n");
    assert_string_equal(kit->diags.items[0].help.bytes, "did you mean \"base\"?");
    kit->context.parents = NULL;
    assert_null(kit_try(kit, HEAD));
    assert_string_equal(kit->diags.items[0].code, "E160");
}

static void overlays_do_not_go_round_in_circles(void **state)
{
    struct kit *kit = *state;

    assert_null(extend(kit, "workflow: base\nextends: base\nstates: {}\n", HEAD));
    assert_string_equal(kit_diags(kit), "base.yaml:2:10: error: overlays go round in a circle: "
                                        "base, base [E160]\n");
}

/* Each extends the next: 1, 2, 3, ... */
static bool find_next(void *self, struct text id, struct text child, struct arena *arena,
                      struct workflow_parent *parent_out, struct text *why_out)
{
    (void)self;
    (void)child;
    (void)why_out;
    parent_out->file = text_printf(arena, "%.*s.yaml", TEXT_ARG(id));
    parent_out->source =
        text_printf(arena, "workflow: %.*s\nextends: %.*sx\n", TEXT_ARG(id), TEXT_ARG(id));
    return true;
}

static void so_many_overlays_upon_each_other_and_no_more(void **state)
{
    const struct workflow_parents endless = {NULL, find_next};
    struct kit *kit = *state;

    kit->context.parents = &endless;
    assert_null(kit_try(kit, "workflow: x\nextends: xx\n"));
    assert_string_equal(kit_diags(kit),
                        "xxxxxxxx.yaml:2:10: error: 8 overlays upon each other are the most "
                        "[E160]\n");
}

static void an_overlay_must_be_sound_itself(void **state)
{
    static const struct {
        const char *source, *told;
    } cases[] = {
        {"extends: base\n",
         "test.yaml:1:1: error: an overlay needs the key `workflow`: a name of its own [E100]\n"},
        {"workflow: x\nextends: [base]\n",
         "test.yaml:2:10: error: `extends` takes the name of a workflow [E103]\n"},
        {"workflow: x\nextends:\n",
         "test.yaml:2:9: error: `extends` takes the name of a workflow [E103]\n"},
        {"workflow: x\nstates: {a: {type: final, place: {before: b}}}\n",
         "test.yaml:2:27: error: `place` belongs to what is new in an overlay [E104]\n"},
        {"workflow: x\nextends: base\nopen: {place: {before: b}}\n",
         "test.yaml:3:8: error: `place` belongs to what is new in an overlay [E104]\n"},
        {"workflow: x\nabstract: perhaps\nstates: {a: {type: final, final: yes}}\n",
         "test.yaml:2:11: error: `abstract` is true or false [E103]\n"
         "test.yaml:3:34: error: `final` is true or false [E103]\n"},
        {"workflow: x\nextends: base\nroles: {worker: gone}\n",
         "test.yaml:3:17: error: `worker` takes a map, not a text [E103]\n"},
    };
    struct kit *kit = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(extend(kit, base, cases[i].source));
        assert_string_equal(kit_diags(kit), cases[i].told);
    }
    assert_null(extend(kit, "- a\n", HEAD));
    assert_string_equal(kit_diags(kit),
                        "base.yaml:1:1: error: a workflow is a map that begins with "
                        "`workflow: NAME` [E160]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        KIT_TEST(the_cases_of_rfc_7396_appendix_a),
        KIT_TEST(what_a_patch_leaves_alone_keeps_its_order_and_its_place),
        KIT_TEST(an_overlay_becomes_one_definition_with_a_name_of_its_own),
        KIT_TEST(a_base_is_abstract_and_its_overlay_only_if_it_says_so),
        KIT_TEST(an_overlay_of_a_stored_definition_gives_the_same),
        KIT_TEST(new_parts_stand_where_their_place_says),
        KIT_TEST(a_part_that_was_empty_takes_what_the_overlay_says),
        KIT_TEST(faults_stand_in_the_file_that_made_them),
        KIT_TEST(nothing_of_a_final_part_is_changed_replaced_or_deleted),
        KIT_TEST(a_final_part_under_a_single_key_is_kept_too),
        KIT_TEST(what_is_called_final_is_not_final_for_that),
        KIT_TEST(what_an_overlay_makes_final_holds_for_its_own_overlays),
        KIT_TEST(a_parent_that_is_not_there_is_told_with_the_nearest),
        KIT_TEST(overlays_do_not_go_round_in_circles),
        KIT_TEST(so_many_overlays_upon_each_other_and_no_more),
        KIT_TEST(an_overlay_must_be_sound_itself),
    };
    return cmocka_run_group_tests_name("overlays", tests, NULL, NULL);
}
