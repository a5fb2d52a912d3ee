/* Forms: values are read by their fields, and all faults are told at once. */
#include "case/world.h"

static const char yaml[] =
    "workflow: test\nroles: {clerk: {}}\n"
    "fields:\n"
    "  name: {type: text, max_length: 10}\n"
    "  born: {type: date}\n"
    "  risk: {type: integer, min: 0, max: 10}\n"
    "  weight: {type: number}\n"
    "  household: {type: choice, options: {safe: Safe, unsafe: Unsafe}}\n"
    "  siblings: {type: list, of: text, max_items: 2}\n"
    "  agrees: {type: boolean}\n"
    "  elsewhere: {type: text}\n"
    "states:\n"
    "  one:\n"
    "    on:\n"
    "      fill:\n"
    "        by: [clerk]\n"
    "        form: {name: required, born: required, risk: optional, weight: optional, household: "
    "optional, siblings: optional, agrees: optional}\n"
    "      plain: {by: [clerk]}\n"
    "      dated: {by: [clerk], form: {born: optional}, guard: has(event.data.born) && "
    "event.data.born < today, do: [{set: {born: '= event.data.born + duration(\"24h\")'}}]}\n"
    "      say: {by: [clerk], do: [{set: {elsewhere: = case.code}}]}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    return world_open(&world, "clerk", NULL) != PROBLEM_NONE;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code fill(const char *data)
{
    return world_do(&world, "awa", "clerk", "fill", data);
}

static void every_type_is_kept_in_its_stored_form(void **state)
{
    (void)state;
    assert_int_equal(fill("{\"name\": \"Aminata\", \"born\": \"2014-05-04\", \"risk\": 4, "
                          "\"weight\": 31, \"household\": \"safe\", \"siblings\": [\"A\", \"B\"], "
                          "\"agrees\": true}"),
                     PROBLEM_NONE);
    assert_case(&world, "data",
                "{\"name\": \"Aminata\", \"born\": \"2014-05-04\", \"risk\": 4, \"weight\": 31.0, "
                "\"household\": \"safe\", \"siblings\": [\"A\", \"B\"], \"agrees\": true}");
}

static void all_faults_are_told_at_once(void **state)
{
    (void)state;
    assert_int_equal(fill("{\"name\": \"Much too long a name\", \"risk\": 11, \"household\": "
                          "\"saef\", \"siblins\": [], \"elsewhere\": \"x\"}"),
                     PROBLEM_FIELD_INVALID);
    const struct problem *problem = world_problem(&world);
    assert_int_equal(value_count(&problem->errors), 6);
    assert_fault(problem, 0, "/data/name", "invalid");
    assert_fault(problem, 1, "/data/born", "required");
    assert_fault(problem, 2, "/data/risk", "invalid");
    assert_fault(problem, 3, "/data/household", "invalid");
    assert_text(value_text_at(value_item(&problem->errors, 3), "suggest"), "safe");
    assert_fault(problem, 4, "/data/siblins", "unknown");
    assert_text(value_text_at(value_item(&problem->errors, 4), "suggest"), "siblings");
    assert_fault(problem, 5, "/data/elsewhere", "unknown");
    assert_text(problem->detail, "6 fields are missing or wrong.");
}

static void a_required_field_may_not_be_unset(void **state)
{
    (void)state;
    assert_int_equal(fill("{\"name\": null, \"born\": \"2014-05-04\"}"), PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/data/name", "required");
    assert_text(world_problem(&world)->detail, "1 field is missing or wrong.");
}

static void no_data_is_an_empty_form(void **state)
{
    (void)state;
    assert_int_equal(fill(NULL), PROBLEM_FIELD_INVALID);
    assert_int_equal(value_count(&world_problem(&world)->errors), 2);
    assert_int_equal(world_do(&world, "awa", "clerk", "plain", NULL), PROBLEM_NONE);
    assert_int_equal(world_do(&world, "awa", "clerk", "plain", "{}"), PROBLEM_NONE);
}

static void an_event_without_a_form_takes_no_field(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "clerk", "plain", "{\"name\": \"A\"}"),
                     PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/data/name", "unknown");
}

static void data_that_is_no_object_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fill("[1]"), PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/data", "invalid");
}

static void pointers_escape_what_rfc_6901_says(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "clerk", "plain", "{\"a/b~c\": 1}"),
                     PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/data/a~1b~0c", "unknown");
}

static void a_flood_of_unknown_fields_is_told_in_part(void **state)
{
    (void)state;
    struct value flood = value_map(world.arena);
    struct case_person person = world_person(world.arena, "awa", "clerk");
    for (int i = 0; i < 5000; i++)
        value_set(&flood, text_printf(world.arena, "field_%d", i), value_int(i));
    struct case_event event = {
        .kind = CASE_TRANSITION, .name = TEXT("plain"), .person = &person, .data = flood};
    assert_int_equal(world_play(&world, &event), PROBLEM_FIELD_INVALID);
    assert_int_equal(value_count(&world_problem(&world)->errors), 100);
}

static void event_data_is_the_form_with_its_types(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "clerk", "dated", NULL), PROBLEM_GUARD_FAILED);
    assert_int_equal(world_do(&world, "awa", "clerk", "dated", "{\"born\": \"2031-01-01\"}"),
                     PROBLEM_GUARD_FAILED);
    assert_int_equal(world_do(&world, "awa", "clerk", "dated", "{\"born\": \"2014-12-31\"}"),
                     PROBLEM_NONE);
    assert_case(&world, "data/born", "\"2015-01-01\"");
}

static void expressions_know_the_code_of_the_case(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "awa", "clerk", "say", NULL), PROBLEM_NONE);
    assert_case(&world, "data/elsewhere", "\"SN-2026-00042-G\"");
}

/* Two hours east of UTC. */
static const struct zone *load_east(void *self, struct text name)
{
    return text_is(name, "Africa/Maputo") ? zone_fixed(self, 7200) : NULL;
}

static void today_is_the_date_in_the_zone_of_the_workflow(void **state)
{
    (void)state;
    struct arena *zones = arena_create("zones");
    const struct zone_source source = {.self = zones, .load = load_east};
    const struct workflow_context context = {.zones = &source};
    struct world east;
    world_start_in(&east,
                   "workflow: test\ntime_zone: Africa/Maputo\nroles: {clerk: {}}\nfields: {day: "
                   "{type: date}}\nstates: {one: {on: {look: {by: [clerk], do: [{set: {day: = "
                   "today}}]}}}}\n",
                   &context);
    east.now_ms += 13 * 3600000 + 3599999; /* 21:59:59.999Z */
    assert_int_equal(world_open(&east, "clerk", NULL), PROBLEM_NONE);
    world_do(&east, "awa", "clerk", "look", NULL);
    assert_case(&east, "data/day", "\"2026-01-01\"");
    east.now_ms += 1;
    world_do(&east, "awa", "clerk", "look", NULL);
    assert_case(&east, "data/day", "\"2026-01-02\"");
    world_end(&east);
    arena_destroy(zones);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_kept_in_its_stored_form),
        TEST(all_faults_are_told_at_once),
        TEST(a_required_field_may_not_be_unset),
        TEST(no_data_is_an_empty_form),
        TEST(an_event_without_a_form_takes_no_field),
        TEST(data_that_is_no_object_is_refused),
        TEST(pointers_escape_what_rfc_6901_says),
        TEST(a_flood_of_unknown_fields_is_told_in_part),
        TEST(event_data_is_the_form_with_its_types),
        TEST(expressions_know_the_code_of_the_case),
        TEST(today_is_the_date_in_the_zone_of_the_workflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
