/* Exports: asked for by one, released by another, for a day and for these two. */
#include "world.h"

static const char yaml[] =
    "workflow: test\ntitle: Test\ncountry: SN\n"
    "roles: {clerk: {title: C}}\nopen: {by: [clerk]}\n"
    "states: {first: {on: {end: {by: [clerk], target: last}}}, last: {type: final}}\n";

enum { HOUR_MS = 3600 * 1000 };

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_start(&world, yaml);
    assert_int_equal(world_open(&world, "clerk", "{}"), PROBLEM_NONE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&world);
    return 0;
}

static struct case_person account(const char *id, const char *person)
{
    return (struct case_person){.id = text_from(id), .person = text_from(person)};
}

static enum problem_code ask(const char *who, const char *reason)
{
    struct case_person person = account(who, who);
    world.comment = text_from(reason);
    return world_person_does(&world, CASE_EXPORT, &person, NULL, "{\"recipient\": \"age1x\"}");
}

static enum problem_code release_by(const char *id, const char *human)
{
    struct case_person person = account(id, human);
    return world_person_does(&world, CASE_RELEASE, &person, NULL, "{}");
}

static enum problem_code fetches(const char *who, int64_t later_ms)
{
    struct case_person person = account(who, who);
    struct problem problem;
    bool may = case_may_fetch_export(&world.state, &person, world.now_ms + later_ms, world.arena,
                                     &problem);
    return may ? PROBLEM_NONE : problem.code;
}

static void one_asks_and_another_releases(void **state)
{
    (void)state;
    assert_int_equal(release_by("binta", "binta"), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(fetches("dado", 0), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(ask("dado", " \n"), PROBLEM_FIELD_INVALID);
    assert_int_equal(ask("dado", "asked"), PROBLEM_NONE);
    assert_entry(&world, "kind", "\"export\"");
    assert_case(&world, "export/recipient", "\"age1x\"");
    assert_int_equal(fetches("dado", 0), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(release_by("dado", "dado"), PROBLEM_NOT_PERMITTED);
    assert_int_equal(release_by("other-account", "dado"), PROBLEM_NOT_PERMITTED);
    assert_int_equal(release_by("binta", "binta"), PROBLEM_NONE);
    assert_entry(&world, "kind", "\"release\"");
    assert_case(&world, "export/by", "\"dado\"");
    assert_case(&world, "export/released/by", "\"binta\"");
    assert_int_equal(release_by("bob", "bob"), PROBLEM_NOT_AVAILABLE);
}

static void for_a_day_these_two_fetch_it(void **state)
{
    (void)state;
    assert_int_equal(ask("dado", "asked"), PROBLEM_NONE);
    assert_int_equal(release_by("binta", "binta"), PROBLEM_NONE);
    assert_int_equal(fetches("dado", 0), PROBLEM_NONE);
    assert_int_equal(fetches("binta", 24 * HOUR_MS), PROBLEM_NONE);
    assert_int_equal(fetches("binta", 24 * HOUR_MS + 1), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(fetches("bob", 0), PROBLEM_NOT_PERMITTED);
}

static void asking_anew_ends_what_was_released(void **state)
{
    (void)state;
    assert_int_equal(ask("dado", "asked"), PROBLEM_NONE);
    assert_int_equal(release_by("binta", "binta"), PROBLEM_NONE);
    assert_int_equal(ask("dado", "again"), PROBLEM_NONE);
    assert_int_equal(fetches("binta", 0), PROBLEM_NOT_AVAILABLE);
    assert_int_equal(release_by("bob", "bob"), PROBLEM_NONE);
    assert_int_equal(fetches("binta", 0), PROBLEM_NOT_PERMITTED);
    assert_int_equal(fetches("bob", 0), PROBLEM_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_asks_and_another_releases),
        TEST(for_a_day_these_two_fetch_it),
        TEST(asking_anew_ends_what_was_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
