/* One item of a test: what is done, by whom, with what, and what is expected of it. */
#include "base/arena.h"
#include "workbench/test/test.h"

enum {
    MAY_AS = 1,
    MAY_WITH = 2,
    MAY_DATA = 4,
    MAY_REASON = 8,
    MAY_COMMENT = 16,
    NEEDS_AS = 32,
    NEEDS_REASON = 64,
    OF_PERSON = MAY_AS | NEEDS_AS | MAY_COMMENT
};

static const struct verb {
    const char *name;
    unsigned rules;
} verbs[TEST_VERB_COUNT] = {
    [TEST_NOTHING] = {NULL, 0},
    [TEST_OPEN] = {"open", 0},
    [TEST_GIVEN] = {"given", 0},
    [TEST_DO] = {"do", OF_PERSON | MAY_WITH},
    [TEST_APPROVE] = {"approve", OF_PERSON},
    [TEST_REJECT] = {"reject", OF_PERSON | MAY_REASON | NEEDS_REASON},
    [TEST_ANSWER] = {"answer", OF_PERSON | MAY_WITH},
    [TEST_SEND] = {"send", MAY_DATA},
    [TEST_WAIT] = {"wait", 0},
};

static const struct {
    const char *name;
    unsigned may, needs;
} parts[] = {
    {"as", MAY_AS, NEEDS_AS},    {"with", MAY_WITH, 0},
    {"data", MAY_DATA, 0},       {"reason", MAY_REASON, NEEDS_REASON},
    {"comment", MAY_COMMENT, 0},
};

static const struct test_key keys[] = {
    {"open", OF_MAP, false},     {"given", OF_MAP, false},   {"do", OF_TEXT, false},
    {"approve", OF_TEXT, false}, {"reject", OF_TEXT, false}, {"answer", OF_TEXT, false},
    {"send", OF_TEXT, false},    {"wait", OF_TEXT, false},   {"as", OF_TEXT, false},
    {"with", OF_MAP, false},     {"data", OF_MAP, false},    {"reason", OF_TEXT, false},
    {"comment", OF_TEXT, false}, {"steps", OF_MAP, false},   {"expect", OF_MAP, false},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- What it does. ---- */

static bool find_verb(struct test_reader *reader, const struct yaml_node *node,
                      enum test_verb *verb_out)
{
    *verb_out = TEST_NOTHING;
    for (int verb = TEST_NOTHING + 1; verb < TEST_VERB_COUNT; verb++) {
        const struct yaml_entry *entry = yaml_entry(node, verbs[verb].name);

        if (entry == NULL)
            continue;
        if (*verb_out != TEST_NOTHING) {
            test_fault(reader, E_TEST_ITEM, entry->key_place,
                       "an item does one thing: `%s` or `%s`", verbs[*verb_out].name,
                       verbs[verb].name);
            return false;
        }
        *verb_out = (enum test_verb)verb;
    }
    return true;
}

static void check_parts(struct test_reader *reader, const struct yaml_node *node,
                        enum test_verb verb)
{
    const char *noun = verb == TEST_NOTHING
                           ? N_("an item that does nothing")
                           : text_printf(reader->arena, "`%s`", verbs[verb].name).bytes;

    for (size_t i = 0; i < COUNT(parts); i++) {
        const struct yaml_entry *entry = yaml_entry(node, parts[i].name);

        if (entry != NULL && (verbs[verb].rules & parts[i].may) == 0)
            test_fault(reader, E_TEST_ITEM, entry->key_place, "`%s` has no place in %s",
                       parts[i].name, noun);
        if (entry == NULL && (verbs[verb].rules & parts[i].needs) != 0)
            test_fault(reader, E_TEST_MISSING, node->place, "%s needs the key `%s`", noun,
                       parts[i].name);
    }
    if (verb == TEST_NOTHING && yaml_get(node, "expect") == NULL && yaml_get(node, "steps") == NULL)
        test_fault(reader, E_TEST_ITEM, node->place, "this item does nothing and expects nothing");
}

/* A form's values, for the form to judge: what is wrong with them may be what is tested. */
static struct value form_values(struct test_reader *reader, const struct yaml_node *map)
{
    struct value values = value_map(reader->arena);

    if (map == NULL)
        return value_null();
    for (size_t i = 0; i < map->count; i++)
        value_set(&values, map->entries[i].key,
                  test_value(workflow_field(reader->workflow, map->entries[i].key),
                             map->entries[i].value, reader->arena));
    return values;
}

static void read_open(struct test_reader *reader, const struct yaml_node *node,
                      struct test_item *item)
{
    static const struct test_key open_keys[] = {{"as", OF_TEXT, false}, {"with", OF_MAP, false}};
    const struct yaml_node *as = yaml_get(node, "as");

    if (!test_check_keys(reader, node, item->place, "`open`", open_keys, COUNT(open_keys)))
        return;
    item->person = as != NULL ? test_read_person(reader, as) : NULL;
    item->data = form_values(reader, yaml_get(node, "with"));
}

static void read_given(struct test_reader *reader, const struct yaml_node *node,
                       struct test_item *item)
{
    static const struct test_key given_keys[] = {{"states", OF_LIST, true},
                                                 {"data", OF_MAP, false}};

    if (!test_check_keys(reader, node, item->place, "`given`", given_keys, COUNT(given_keys)))
        return;
    item->states = test_read_states(reader, yaml_get(node, "states"), &item->state_count);
    item->data = test_read_data(reader, yaml_get(node, "data"));
}

static void check_step(struct test_reader *reader, const struct yaml_node *scalar)
{
    const struct workflow *workflow = reader->workflow;
    struct text *names = ARENA_ARRAY(reader->arena, struct text, workflow->step_count);
    struct diag *diag;

    if (workflow_step(workflow, scalar->text) != NULL)
        return;
    diag = test_fault(reader, E_TEST_NAME, scalar->place, "the workflow has no step \"%.*s\"",
                      TEXT_ARG(scalar->text));
    for (size_t i = 0; i < workflow->step_count; i++)
        names[i] = workflow->steps[i].id;
    test_suggest(reader, diag, scalar->text, names, workflow->step_count);
}

/* The event of a transition that others must approve. */
static void check_approved(struct test_reader *reader, const struct yaml_node *scalar)
{
    const struct workflow *workflow = reader->workflow;
    const struct chart *chart = &workflow->chart;
    struct text *names = ARENA_ARRAY(reader->arena, struct text, chart->transition_count);
    struct diag *diag;
    size_t count = 0;

    for (uint16_t i = 0; i < chart->transition_count; i++)
        if (workflow->transitions[i].approve != NULL) {
            /* `visit` takes visit.late, too. */
            if (chart_event_matches(chart->transitions[i].event, scalar->text))
                return;
            names[count++] = chart->transitions[i].event;
        }
    diag =
        test_fault(reader, E_TEST_NAME, scalar->place,
                   "no event \"%.*s\" waits for approval in this workflow", TEXT_ARG(scalar->text));
    test_suggest(reader, diag, scalar->text, names, count);
}

static void read_verb(struct test_reader *reader, const struct yaml_node *node,
                      struct test_item *item)
{
    const struct yaml_node *what = yaml_get(node, verbs[item->verb].name);
    const struct yaml_node *data = yaml_get(node, "data");

    item->name = what->text;
    switch (item->verb) {
    case TEST_OPEN:
        read_open(reader, what, item);
        return;
    case TEST_GIVEN:
        read_given(reader, what, item);
        return;
    case TEST_WAIT:
        item->wait_ms = test_read_span(reader, what);
        return;
    case TEST_SEND:
        if (!workflow_is_event(what->text))
            test_fault(reader, E_TEST_VALUE, what->place, "\"%.*s\" is not the name of an event",
                       TEXT_ARG(what->text));
        if (data != NULL)
            item->data = test_value_plain(data, reader->arena);
        return;
    case TEST_ANSWER:
        check_step(reader, what);
        item->data = form_values(reader, yaml_get(node, "with"));
        return;
    case TEST_DO:
        item->data = form_values(reader, yaml_get(node, "with"));
        return;
    case TEST_APPROVE:
    case TEST_REJECT:
        check_approved(reader, what);
        return;
    case TEST_NOTHING:
    case TEST_VERB_COUNT:
        return;
    }
}

static struct text text_of(const struct yaml_node *node, const char *key)
{
    const struct yaml_node *value = yaml_get(node, key);

    return value != NULL ? value->text : TEXT_NONE;
}

/* ---- What is expected. ---- */

static void check_refused(struct test_reader *reader, const struct yaml_node *scalar)
{
    struct text names[PROBLEM_COUNT];
    struct diag *diag;

    if (problem_kind_named(scalar->text) != NULL)
        return;
    diag = test_fault(reader, E_TEST_NAME, scalar->place, "nothing is refused as \"%.*s\"",
                      TEXT_ARG(scalar->text));
    for (int code = 0; code < PROBLEM_COUNT; code++)
        names[code] = text_from(problem_kind((enum problem_code)code)->name);
    test_suggest(reader, diag, scalar->text, names, PROBLEM_COUNT);
}

/* A test names what is active down to the last: whatever holds it is active with it. */
static void check_atomic(struct test_reader *reader, const struct yaml_node *list)
{
    const struct chart *chart = &reader->workflow->chart;

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct yaml_node *scalar = list->entries[i].value;
        uint16_t state =
            scalar->kind == YAML_SCALAR ? chart_state_named(chart, scalar->text) : CHART_NONE;

        if (state != CHART_NONE && chart->states[state].kind != CHART_ATOMIC &&
            chart->states[state].kind != CHART_FINAL)
            test_fault(reader, E_TEST_VALUE, scalar->place,
                       "\"%.*s\" holds other states: name the one that is active inside it",
                       TEXT_ARG(scalar->text));
    }
}

static void read_wanted(struct test_reader *reader, const struct yaml_node *map,
                        struct test_expect *expect)
{
    struct value stored = test_read_data(reader, map);
    size_t count = map != NULL ? map->count : 0;
    struct test_wanted *wanted = ARENA_ARRAY(reader->arena, struct test_wanted, count);

    expect->data = wanted;
    for (size_t i = 0; i < count; i++) {
        const struct value *value = value_get(&stored, map->entries[i].key);

        if (value != NULL)
            wanted[expect->data_count++] =
                (struct test_wanted){workflow_field(reader->workflow, map->entries[i].key), *value,
                                     map->entries[i].value->place};
    }
}

/* An empty `proposal` says that none is open. */
static void read_proposal(struct test_reader *reader, const struct yaml_node *scalar,
                          struct test_expect *expect)
{
    if (scalar == NULL)
        return;
    if (!yaml_is_null(scalar))
        check_approved(reader, scalar);
    expect->has_proposal = true;
    expect->proposal = yaml_is_null(scalar) ? TEXT_NONE : scalar->text;
    expect->proposal_place = scalar->place;
}

static const struct test_expect *read_expect(struct test_reader *reader,
                                             const struct yaml_entry *entry)
{
    static const struct test_key expect_keys[] = {{"states", OF_LIST, false},
                                                  {"data", OF_MAP, false},
                                                  {"refused", OF_TEXT, false},
                                                  {"proposal", OF_TEXT, false}};
    struct test_expect *expect = ARENA_NEW(reader->arena, struct test_expect);
    const struct yaml_node *states, *refused;

    if (entry == NULL || !test_check_keys(reader, entry->value, entry->key_place, "`expect`",
                                          expect_keys, COUNT(expect_keys)))
        return NULL;
    states = yaml_get(entry->value, "states");
    refused = yaml_get(entry->value, "refused");
    expect->has_states = states != NULL;
    expect->states = test_read_states(reader, states, &expect->state_count);
    check_atomic(reader, states);
    expect->states_place = states != NULL ? states->place : entry->key_place;
    read_wanted(reader, yaml_get(entry->value, "data"), expect);
    expect->refused_place = entry->key_place;
    if (refused != NULL) {
        check_refused(reader, refused);
        expect->refused = refused->text;
        expect->refused_place = refused->place;
    }
    read_proposal(reader, yaml_get(entry->value, "proposal"), expect);
    return expect;
}

/* ---- Together. ---- */

bool test_read_item(struct test_reader *reader, const struct yaml_node *node,
                    struct test_item *item_out)
{
    const struct yaml_node *as;
    size_t errors = reader->diags->error_count;

    *item_out = (struct test_item){.place = node->place, .data = value_null()};
    if (!test_check_keys(reader, node, node->place, "an item", keys, COUNT(keys)) ||
        !find_verb(reader, node, &item_out->verb))
        return false;
    check_parts(reader, node, item_out->verb);
    if (reader->diags->error_count > errors)
        return false;
    as = yaml_get(node, "as");
    if (as != NULL)
        item_out->person = test_read_person(reader, as);
    item_out->reason = text_of(node, "reason");
    item_out->comment = text_of(node, "comment");
    item_out->stand_ins = test_read_stand_ins(reader, yaml_get(node, "steps"));
    item_out->expect = read_expect(reader, yaml_entry(node, "expect"));
    if (item_out->verb != TEST_NOTHING)
        read_verb(reader, node, item_out);
    return reader->diags->error_count == errors;
}
