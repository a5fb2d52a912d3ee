/* A test file against its workflow: who there is, what stands in, when it is, the tests. */
#include "base/arena.h"
#include "base/when.h"
#include "workbench/test/test.h"

#define FIRST_MS INT64_C(1767254400000) /* 2026-01-01T08:00:00Z */
enum { SPAN_DAYS_MAX = 36525 };

/* ---- What all files of reading use. ---- */

struct diag *test_fault(struct test_reader *reader, const char *code, struct place place,
                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct text message = text_vprintf(reader->arena, format, arguments);
    va_end(arguments);
    return diag_add(reader->diags, DIAG_ERROR, code, place, "%.*s", TEXT_ARG(message));
}

void test_suggest(struct test_reader *reader, struct diag *diag, struct text name,
                  const struct text *names, size_t count)
{
    struct text nearest = text_nearest(name, names, count);

    if (!text_is_empty(nearest))
        diag_help(reader->diags, diag, "did you mean \"%.*s\"?", TEXT_ARG(nearest));
}

static const struct test_key *find_key(const struct test_key *keys, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static void unknown_key(struct test_reader *reader, const struct yaml_entry *entry,
                        const char *noun, const struct test_key *keys, size_t count)
{
    struct text *names = ARENA_ARRAY(reader->arena, struct text, count);
    struct diag *diag = test_fault(reader, E_TEST_KEY, entry->key_place, "%s has no key \"%.*s\"",
                                   noun, TEXT_ARG(entry->key));

    for (size_t i = 0; i < count; i++)
        names[i] = text_from(keys[i].name);
    test_suggest(reader, diag, entry->key, names, count);
}

static const char *kinds_written(unsigned kinds)
{
    switch (kinds) {
    case OF_TEXT:
        return N_("a text");
    case OF_LIST:
        return N_("a list");
    case OF_MAP:
        return N_("a map");
    case OF_TEXT | OF_MAP:
        return N_("a text or a map");
    default: /* no enum: bits */
        return N_("a text or a list");
    }
}

bool test_check_keys(struct test_reader *reader, const struct yaml_node *node, struct place place,
                     const char *noun, const struct test_key *keys, size_t count)
{
    size_t errors = reader->diags->error_count;

    if (node->kind != YAML_MAP) {
        test_fault(reader, E_TEST_KIND, node->place, "%s is a map", noun);
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        const struct test_key *key = find_key(keys, count, entry->key);

        if (key == NULL)
            unknown_key(reader, entry, noun, keys, count);
        else if ((key->kinds & (1U << entry->value->kind)) == 0)
            test_fault(reader, E_TEST_KIND, entry->value->place, "`%s` takes %s", key->name,
                       kinds_written(key->kinds));
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].is_required && yaml_get(node, keys[i].name) == NULL)
            test_fault(reader, E_TEST_MISSING, place, "%s needs the key `%s`", noun, keys[i].name);
    return reader->diags->error_count == errors;
}

static uint16_t read_state(struct test_reader *reader, const struct yaml_node *scalar)
{
    const struct chart *chart = &reader->workflow->chart;
    struct text *names = ARENA_ARRAY(reader->arena, struct text, chart->state_count);
    uint16_t state = CHART_NONE;
    struct diag *diag;

    if (scalar->kind == YAML_SCALAR)
        state = chart_state_named(chart, scalar->text);
    if (state != CHART_NONE)
        return state;
    diag = test_fault(reader, E_TEST_NAME, scalar->place, "the workflow has no state \"%.*s\"",
                      TEXT_ARG(scalar->text));
    for (uint16_t i = 1; i < chart->state_count; i++)
        names[i - 1] = chart->states[i].id;
    test_suggest(reader, diag, scalar->text, names, chart->state_count - 1U);
    return CHART_NONE;
}

const uint16_t *test_read_states(struct test_reader *reader, const struct yaml_node *list,
                                 size_t *count_out)
{
    size_t count = list != NULL && list->kind == YAML_LIST ? list->count : 0;
    uint16_t *states = ARENA_ARRAY(reader->arena, uint16_t, count);

    *count_out = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t state = read_state(reader, list->entries[i].value);

        if (state != CHART_NONE)
            states[(*count_out)++] = state;
    }
    return states;
}

int64_t test_read_span(struct test_reader *reader, const struct yaml_node *scalar)
{
    struct diag *diag;
    int64_t span_ms;

    if (when_read_span(scalar->text, &span_ms) && span_ms > 0 &&
        span_ms <= (int64_t)SPAN_DAYS_MAX * 86400000)
        return span_ms;
    diag = test_fault(reader, E_TEST_VALUE, scalar->place, "\"%.*s\" is not a duration here",
                      TEXT_ARG(scalar->text));
    diag_help(reader->diags, diag, "write it as 90s, 30min, 48h, 10d or 2w, up to 100 years");
    return 0;
}

const struct case_person *test_read_person(struct test_reader *reader,
                                           const struct yaml_node *scalar)
{
    const struct test_file *file = reader->file;
    struct text *names = ARENA_ARRAY(reader->arena, struct text, file->people_count);
    struct diag *diag;

    for (size_t i = 0; i < file->people_count; i++) {
        names[i] = file->people[i].id;
        if (text_equal(names[i], scalar->text))
            return &file->people[i];
    }
    diag = test_fault(reader, E_TEST_NAME, scalar->place,
                      "nobody under `people` is called \"%.*s\"", TEXT_ARG(scalar->text));
    test_suggest(reader, diag, scalar->text, names, file->people_count);
    return NULL;
}

static const struct workflow_field *read_field(struct test_reader *reader,
                                               const struct yaml_entry *entry)
{
    const struct workflow *workflow = reader->workflow;
    const struct workflow_field *field = workflow_field(workflow, entry->key);
    struct text *names = ARENA_ARRAY(reader->arena, struct text, workflow->field_count);
    struct diag *diag;

    if (field != NULL)
        return field;
    diag = test_fault(reader, E_TEST_NAME, entry->key_place, "the workflow has no field \"%.*s\"",
                      TEXT_ARG(entry->key));
    for (size_t i = 0; i < workflow->field_count; i++)
        names[i] = workflow->fields[i].id;
    test_suggest(reader, diag, entry->key, names, workflow->field_count);
    return NULL;
}

struct value test_read_data(struct test_reader *reader, const struct yaml_node *map)
{
    struct value data = value_map(reader->arena);

    for (size_t i = 0; map != NULL && map->kind == YAML_MAP && i < map->count; i++) {
        const struct yaml_entry *entry = &map->entries[i];
        const struct workflow_field *field = read_field(reader, entry);
        struct value given, stored;
        struct text why, suggest;

        if (field == NULL)
            continue;
        given = test_value(field, entry->value, reader->arena);
        if (field_accept(field, &given, reader->arena, &stored, &why, &suggest))
            value_set(&data, entry->key, stored);
        else
            test_fault(reader, E_TEST_VALUE, entry->value->place, "this is no value of %.*s: %.*s",
                       TEXT_ARG(field->id), TEXT_ARG(why));
    }
    return data;
}

/* ---- People. ---- */

static const struct text *read_roles(struct test_reader *reader, const struct yaml_entry *entry)
{
    const struct workflow *workflow = reader->workflow;
    const struct yaml_node *list = entry->value;
    size_t count = list->kind == YAML_LIST ? list->count : 0;
    struct text *roles = ARENA_ARRAY(reader->arena, struct text, count);
    struct text *names = ARENA_ARRAY(reader->arena, struct text, workflow->role_count);

    if (list->kind != YAML_LIST)
        test_fault(reader, E_TEST_KIND, list->place, "`%.*s` takes a list of roles",
                   TEXT_ARG(entry->key));
    for (size_t i = 0; i < workflow->role_count; i++)
        names[i] = workflow->roles[i].id;
    for (size_t i = 0; i < count; i++) {
        struct text role = list->entries[i].value->text;

        roles[i] = role;
        if (workflow_role(workflow, role) == NULL)
            test_suggest(reader,
                         test_fault(reader, E_TEST_NAME, list->entries[i].value->place,
                                    "the workflow has no role \"%.*s\"", TEXT_ARG(role)),
                         role, names, workflow->role_count);
    }
    return roles;
}

static void read_people(struct test_reader *reader, const struct yaml_node *map)
{
    size_t count = map != NULL ? map->count : 0;
    struct case_person *people = ARENA_ARRAY(reader->arena, struct case_person, count);

    for (size_t i = 0; i < count; i++)
        people[i] = (struct case_person){.id = map->entries[i].key,
                                         .person = map->entries[i].key,
                                         .roles = read_roles(reader, &map->entries[i]),
                                         .role_count = map->entries[i].value->count};
    reader->file->people = people;
    reader->file->people_count = count;
}

/* Whoever opens a case where the test does not say: the first role that may. */
static struct case_person invent_person(const struct workflow *workflow, struct arena *arena)
{
    struct case_person someone = {.id = TEXT("someone"), .person = TEXT("someone")};
    struct text *role = ARENA_NEW(arena, struct text);

    if (workflow->open_by.count > 0)
        *role = workflow->open_by.ids[0];
    else if (workflow->role_count > 0)
        *role = workflow->roles[0].id;
    someone.roles = role;
    someone.role_count = workflow->role_count > 0;
    return someone;
}

/* ---- The file. ---- */

static void read_at(struct test_reader *reader, const struct yaml_node *scalar)
{
    struct instant instant;
    struct diag *diag;

    reader->file->at_ms = FIRST_MS;
    if (scalar == NULL)
        return;
    if (when_read_timestamp(scalar->text, &instant) || when_read_date(scalar->text, &instant)) {
        reader->file->at_ms = when_to_ms(instant);
        return;
    }
    diag = test_fault(reader, E_TEST_VALUE, scalar->place, "\"%.*s\" is no point in time",
                      TEXT_ARG(scalar->text));
    diag_help(reader->diags, diag, "write it as 2026-01-01T08:00:00Z, or as a date");
}

static void check_workflow(struct test_reader *reader, const struct yaml_node *scalar)
{
    if (!text_equal(scalar->text, reader->workflow->id))
        test_fault(reader, E_TEST_WORKFLOW, scalar->place,
                   "this tests \"%.*s\", and the workflow beside it is \"%.*s\"",
                   TEXT_ARG(scalar->text), TEXT_ARG(reader->workflow->id));
}

static void read_test(struct test_reader *reader, const struct yaml_entry *entry, struct test *test)
{
    const struct yaml_node *list = entry->value;
    size_t count = list->kind == YAML_LIST ? list->count : 0;
    struct test_item *items = ARENA_ARRAY(reader->arena, struct test_item, count);

    *test = (struct test){.name = entry->key, .place = entry->key_place, .items = items};
    if (list->kind != YAML_LIST)
        test_fault(reader, E_TEST_KIND, list->place, "a test is a list of items");
    for (size_t i = 0; i < count; i++) {
        struct test_item *item = &items[test->item_count];

        if (!test_read_item(reader, list->entries[i].value, item))
            continue;
        if (item->verb == TEST_OPEN && i > 0)
            test_fault(reader, E_TEST_ITEM, item->place, "`open` stands first in a test");
        test->item_count++;
    }
}

static void read_tests(struct test_reader *reader, const struct yaml_node *map)
{
    struct test *tests = ARENA_ARRAY(reader->arena, struct test, map->count);

    for (size_t i = 0; i < map->count; i++)
        read_test(reader, &map->entries[i], &tests[i]);
    reader->file->tests = tests;
    reader->file->test_count = map->count;
}

bool test_read(const struct yaml_node *root, const struct workflow *workflow,
               const struct plugin_source *plugins, struct diag_list *diags,
               struct test_file *file_out)
{
    static const struct test_key keys[] = {
        {"workflow", OF_TEXT, true}, {"people", OF_MAP, false}, {"steps", OF_MAP, false},
        {"at", OF_TEXT, false},      {"tests", OF_MAP, true},
    };
    struct test_reader reader = {.arena = diags->arena,
                                 .diags = diags,
                                 .workflow = workflow,
                                 .plugins = plugins,
                                 .file = file_out};

    *file_out =
        (struct test_file){.workflow = workflow, .someone = invent_person(workflow, diags->arena)};
    if (!test_check_keys(&reader, root, root->place, "a test file", keys,
                         sizeof(keys) / sizeof(keys[0])))
        return false;
    test_uses(&reader);
    check_workflow(&reader, yaml_get(root, "workflow"));
    read_people(&reader, yaml_get(root, "people"));
    read_at(&reader, yaml_get(root, "at"));
    file_out->stand_ins = test_read_stand_ins(&reader, yaml_get(root, "steps"));
    read_tests(&reader, yaml_get(root, "tests"));
    return diags->error_count == 0;
}
