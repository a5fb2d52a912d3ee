/* What people do about a case beside its chart: whose it is, notes, flags, links, corrections,
 * broken glass. */
#include "world.h"

static const char yaml[] =
    "workflow: test\ntitle: Test\ncountry: SN\n"
    "roles: {clerk: {title: C, sees: [sensitive]}, chief: {title: B, supervises: [clerk]},\n"
    "        guest: {title: G}}\n"
    "open: {by: [clerk], form: {place: optional}}\n"
    "fields: {place: {type: text, max_length: 10}, name: {type: text, sensitive: true},\n"
    "         age: {type: integer}, spare: {type: text}}\n"
    "states:\n"
    "  first:\n"
    "    on:\n"
    "      write: {by: [clerk, guest], form: {name: optional}}\n"
    "      submit: {by: [clerk], form: {age: required}, guard: size(data.name) > 0,\n"
    "               approve: {by: [chief]}, target: last}\n"
    "      end: {by: [chief], target: last}\n"
    "    always: {old: {guard: has(data.age) && data.age > 17, target: grown}}\n"
    "  grown: {on: {end: {by: [chief], target: last}}}\n"
    "  last: {type: final}\n";

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    assert_int_equal(world_open(&world, "clerk", "{\"place\": \"Dakar\"}"), PROBLEM_NONE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static enum problem_code does(enum case_event_kind kind, const char *who, const char *role,
                              const char *data, const char *comment)
{
    struct case_person person = world_person(world.arena, who, role);
    world.comment = text_from(comment);
    return world_person_does(&world, kind, &person, kind == CASE_REVIEW ? "1" : NULL, data);
}

/* ---- Assignment. ---- */

static void a_role_is_somebodys_or_anybodys(void **state)
{
    (void)state;
    assert_int_equal(
        does(CASE_ASSIGN, "awa", "clerk", "{\"role\": \"clerk\", \"person\": \"awa\"}", ""),
        PROBLEM_NONE);
    assert_entry(&world, "kind", "\"assigned\"");
    assert_case(&world, "assigned/clerk/person", "\"awa\"");
    assert_int_equal(
        does(CASE_ASSIGN, "moussa", "clerk", "{\"role\": \"clerk\", \"person\": \"moussa\"}", ""),
        PROBLEM_NOT_PERMITTED);
    assert_int_equal(
        does(CASE_ASSIGN, "gil", "guest", "{\"role\": \"clerk\", \"person\": \"gil\"}", ""),
        PROBLEM_NOT_PERMITTED);
    assert_int_equal(
        does(CASE_ASSIGN, "binta", "chief", "{\"role\": \"clerk\", \"person\": \"moussa\"}", ""),
        PROBLEM_NONE);
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "assigned"), "{\"clerk\": \"moussa\"}");
    assert_int_equal(does(CASE_ASSIGN, "moussa", "clerk", "{\"role\": \"clerk\"}", ""),
                     PROBLEM_NONE);
    assert_case(&world, "assigned", "{}");
    /* Nobody supervises guests: they do it among themselves. */
    assert_int_equal(
        does(CASE_ASSIGN, "gil", "guest", "{\"role\": \"guest\", \"person\": \"ana\"}", ""),
        PROBLEM_NONE);
    assert_int_equal(does(CASE_ASSIGN, "binta", "chief", "{\"role\": \"nobody\"}", ""),
                     PROBLEM_FIELD_INVALID);
}

static void a_closed_case_is_nobodys_work(void **state)
{
    (void)state;
    assert_int_equal(world_do(&world, "binta", "chief", "end", NULL), PROBLEM_NONE);
    assert_int_equal(
        does(CASE_ASSIGN, "binta", "chief", "{\"role\": \"clerk\", \"person\": \"awa\"}", ""),
        PROBLEM_NOT_AVAILABLE);
    int64_t closed_at = value_int_at(&world.state.doc, "closed_at", 0);
    world.now_ms += WORLD_DAY_MS;
    assert_int_equal(does(CASE_NOTE, "awa", "clerk", NULL, "She is well."), PROBLEM_NONE);
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"place\": \"Thies\"}", "x"),
                     PROBLEM_NONE);
    assert_int_equal(value_int_at(&world.state.doc, "closed_at", 0), closed_at);
}

/* ---- Notes, flags, links. ---- */

static void a_note_changes_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(does(CASE_NOTE, "awa", "clerk", NULL, " \n"), PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/text", "required");
    assert_int_equal(does(CASE_NOTE, "awa", "clerk", NULL, "The uncle called."), PROBLEM_NONE);
    assert_entry(&world, "comment", "\"The uncle called.\"");
    assert_entry(&world, "patch", "{\"changed\": {\"event\": \"case.note\"}}");
}

static void flags_and_links_have_their_bounds(void **state)
{
    (void)state;
    char data[128];
    for (int i = 0; i < 17; i++) {
        snprintf(data, sizeof(data), "{\"flag\": \"f%d\", \"raised\": true}", i);
        assert_int_equal(does(CASE_FLAG, "awa", "clerk", data, ""),
                         i < 16 ? PROBLEM_NONE : PROBLEM_FIELD_INVALID);
    }
    for (int i = 0; i < 65; i++) {
        snprintf(data, sizeof(data),
                 "{\"case\": \"%032d\", \"kind\": \"sibling\", \"linked\": true}", i);
        assert_int_equal(does(CASE_LINK, "awa", "clerk", data, ""),
                         i < 64 ? PROBLEM_NONE : PROBLEM_FIELD_INVALID);
    }
    assert_text(case_link_back(TEXT("mother")), "child");
    assert_text(case_link_back(TEXT("earlier_episode")), "later_episode");
    assert_text(case_link_back(TEXT("aunt")), "");
}

/* ---- Corrections. ---- */

static void a_field_is_corrected_by_who_could_fill_it_in(void **state)
{
    (void)state;
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"place\": \"Thies\"}", "misheard"),
                     PROBLEM_NONE);
    assert_entry(&world, "kind", "\"correction\"");
    assert_entry(&world, "data", "{\"place\": \"Thies\"}");
    assert_case(&world, "data/place", "\"Thies\"");
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"place\": null}", "unknown"),
                     PROBLEM_NONE);
    assert_case(&world, "data", "{}");
    /* In no form of theirs, in no form at all, and one that a guest fills in but may not read. */
    assert_int_equal(does(CASE_CORRECT, "gil", "guest", "{\"place\": \"x\"}", "x"),
                     PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/set/place", "not-permitted");
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"spare\": \"x\"}", "x"),
                     PROBLEM_FIELD_INVALID);
    assert_int_equal(does(CASE_CORRECT, "gil", "guest", "{\"name\": \"x\"}", "x"),
                     PROBLEM_FIELD_INVALID);
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"place\": \"longer than ten\"}", "x"),
                     PROBLEM_FIELD_INVALID);
    assert_fault(world_problem(&world), 0, "/set/place", "invalid");
}

static void a_correction_ends_the_proposals_that_rest_on_it(void **state)
{
    (void)state;
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"name\": \"Bineta\"}", "x"),
                     PROBLEM_NONE);
    assert_int_equal(world_do(&world, "awa", "clerk", "submit", "{\"age\": 9}"), PROBLEM_NONE);
    assert_case(&world, "proposals/1/status", "\"open\"");
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"name\": \"Binetou\"}", "x"),
                     PROBLEM_NONE);
    assert_case(&world, "proposals/1/status", "\"changed\"");
}

static void what_holds_after_a_correction_is_taken(void **state)
{
    (void)state;
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"age\": 17}", "x"), PROBLEM_NONE);
    assert_states(&world, "[\"first\"]");
    assert_int_equal(does(CASE_CORRECT, "awa", "clerk", "{\"age\": 18}", "x"), PROBLEM_NONE);
    assert_states(&world, "[\"grown\"]");
}

/* ---- Broken glass. ---- */

static void broken_glass_is_told_and_reviewed(void **state)
{
    (void)state;
    assert_int_equal(does(CASE_GLASS, "gil", "guest", NULL, "x"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(does(CASE_GLASS, "moussa", "clerk", NULL, ""), PROBLEM_FIELD_INVALID);
    assert_int_equal(does(CASE_GLASS, "moussa", "clerk", NULL, "at the border"), PROBLEM_NONE);
    assert_case(&world, "glass/1/until", "1767258000000");
    struct value card = case_card(&world.state, world.arena);
    assert_json(&world, value_at(&card, "glass"),
                "[{\"by\": \"moussa\", \"person\": \"moussa\", \"until\": 1767258000000, "
                "\"review\": [\"chief\"]}]");
    assert_int_equal(value_count(value_at(&card, "told/notices")), 1);
    assert_int_equal(does(CASE_REVIEW, "awa", "clerk", NULL, ""), PROBLEM_NOT_PERMITTED);
    assert_int_equal(does(CASE_REVIEW, "moussa", "chief", NULL, ""), PROBLEM_NOT_PERMITTED);
    assert_int_equal(does(CASE_REVIEW, "binta", "chief", NULL, "right so"), PROBLEM_NONE);
    assert_int_equal(does(CASE_REVIEW, "binta", "chief", NULL, ""), PROBLEM_NOT_AVAILABLE);
    card = case_card(&world.state, world.arena);
    assert_int_equal(value_count(value_at(value_item(value_at(&card, "glass"), 0), "review")), 0);
}

static void glass_that_nobody_reviews_is_not_broken_for_ever(void **state)
{
    (void)state;
    for (int i = 0; i < 32; i++)
        assert_int_equal(does(CASE_GLASS, "moussa", "clerk", NULL, "x"), PROBLEM_NONE);
    assert_int_equal(does(CASE_GLASS, "moussa", "clerk", NULL, "x"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(does(CASE_REVIEW, "binta", "chief", NULL, ""), PROBLEM_NONE);
    assert_int_equal(does(CASE_GLASS, "moussa", "clerk", NULL, "x"), PROBLEM_NONE);
    assert_case(&world, "glass/33/by", "\"moussa\"");
    assert_null(value_at(&world.state.doc, "glass/1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_role_is_somebodys_or_anybodys),
        TEST(a_closed_case_is_nobodys_work),
        TEST(a_note_changes_nothing_else),
        TEST(flags_and_links_have_their_bounds),
        TEST(a_field_is_corrected_by_who_could_fill_it_in),
        TEST(a_correction_ends_the_proposals_that_rest_on_it),
        TEST(what_holds_after_a_correction_is_taken),
        TEST(broken_glass_is_told_and_reviewed),
        TEST(glass_that_nobody_reviews_is_not_broken_for_ever),
    };
    return cmocka_run_group_tests_name("care", tests, NULL, NULL);
}
