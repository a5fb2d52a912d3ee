/* Documents as a case knows them: names, numbers, who sees which. */
#include "world.h"

static const char yaml[] =
    "workflow: test\ntitle: Test\ncountry: SN\n"
    "roles: {clerk: {title: C}, worker: {title: W, sees: [sensitive]}}\n"
    "open: {by: [clerk, worker]}\n"
    "states: {first: {on: {end: {by: [worker], target: last}}}, last: {type: final}}\n";

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

static enum problem_code attach(const char *who, const char *role, struct text name)
{
    struct case_person person = world_person(world.arena, who, role);
    struct value data = value_map(world.arena);

    value_put(&data, "id", value_cstring("00112233445566778899aabbccddeeff"));
    value_put(&data, "name", value_string(name));
    value_put(&data, "type", value_cstring("text/plain"));
    value_put(&data, "size", value_int(3));
    value_put(&data, "sha256", value_cstring("ba78"));
    return world_person_does(&world, CASE_DOCUMENT, &person, NULL,
                             json_write(world.arena, &data).bytes);
}

static void each_gets_the_next_number_and_an_entry(void **state)
{
    (void)state;
    assert_int_equal(attach("awa", "worker", TEXT("a.txt")), PROBLEM_NONE);
    assert_entry(&world, "kind", "\"document\"");
    assert_entry(&world, "patch/documents/1/name", "\"a.txt\"");
    assert_int_equal(attach("awa", "worker", TEXT("b.txt")), PROBLEM_NONE);
    assert_null(value_at(&world.change.entry, "patch/documents/1"));
    assert_case(&world, "documents/2/name", "\"b.txt\"");
    assert_case(&world, "documents/2/id", "\"00112233445566778899aabbccddeeff\"");
}

static void a_name_is_a_files_and_looks_like_itself(void **state)
{
    static const char *const bad[] = {
        "",
        ".",
        "..",
        "a/b",
        "a\nb",
        "a\x7f",
        "a\xc2\x85",
        "/",
        "\t",
        "a\xe2\x80\xae",
        "\xe2\x81\xa6",
        "\xe2\x80\xa8",
        "a\xe2\x80\x8e",
        "\xe2\x80\x8f"
        "a",
    };
    char longest[202];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(attach("awa", "worker", text_from(bad[i])), PROBLEM_FIELD_INVALID);
    memset(longest, 'x', sizeof longest);
    assert_int_equal(attach("awa", "worker", (struct text){longest, 201}), PROBLEM_FIELD_INVALID);
    assert_int_equal(attach("awa", "worker", (struct text){longest, 200}), PROBLEM_NONE);
    assert_int_equal(attach("awa", "worker", TEXT("Bordereau n° 7 – été.pdf")), PROBLEM_NONE);
    assert_int_equal(attach("awa", "worker", TEXT(".hidden")), PROBLEM_NONE);
}

static void one_sees_ones_own_or_all_that_is_sensitive(void **state)
{
    struct case_person worker = world_person(world.arena, "binta", "worker");
    struct case_person clerk = world_person(world.arena, "carla", "clerk");

    (void)state;
    assert_int_equal(attach("awa", "worker", TEXT("a")), PROBLEM_NONE);
    assert_int_equal(attach("carla", "clerk", TEXT("b")), PROBLEM_NONE);
    assert_non_null(case_document(&world.state, TEXT("1"), &worker));
    assert_non_null(case_document(&world.state, TEXT("2"), &worker));
    assert_null(case_document(&world.state, TEXT("3"), &worker));
    assert_null(case_document(&world.state, TEXT("1"), &clerk));
    assert_non_null(case_document(&world.state, TEXT("2"), &clerk));
    struct value shown = case_documents_view(&world.state, &clerk, world.arena);
    assert_int_equal(value_count(value_get(&shown, TEXT("documents"))), 1);
    assert_int_equal(value_int_at(&shown, "hidden", 0), 1);
}

static void the_history_names_it_to_who_may_see_it(void **state)
{
    struct case_person worker = world_person(world.arena, "binta", "worker");
    struct case_person clerk = world_person(world.arena, "carla", "clerk");

    (void)state;
    assert_int_equal(attach("awa", "worker", TEXT("a")), PROBLEM_NONE);
    struct value view = case_entry_view(world.state.workflow, 2, &world.change.entry, &worker,
                                        TEXT_NONE, world.arena);
    assert_true(text_is(value_text_at(&view, "document/name"), "a"));
    view = case_entry_view(world.state.workflow, 2, &world.change.entry, &clerk, TEXT_NONE,
                           world.arena);
    assert_null(value_at(&view, "document/name"));
    assert_int_equal(value_at(&view, "document/document")->integer, 1);
    assert_null(strstr(json_write(world.arena, &view).bytes, "ba78"));
}

/* As if so many were attached. */
static void put_many(int count)
{
    struct value documents = value_map(world.arena);

    for (int i = 1; i <= count; i++)
        value_put(&documents, text_printf(world.arena, "%d", i).bytes, value_map(world.arena));
    value_put(&world.state.doc, "documents", documents);
    value_put(&world.shadow.doc, "documents", documents);
}

static void five_hundred_and_no_more(void **state)
{
    (void)state;
    put_many(499);
    assert_int_equal(attach("awa", "worker", TEXT("a")), PROBLEM_NONE);
    assert_int_equal(attach("awa", "worker", TEXT("a")), PROBLEM_FIELD_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_gets_the_next_number_and_an_entry),
        TEST(a_name_is_a_files_and_looks_like_itself),
        TEST(one_sees_ones_own_or_all_that_is_sensitive),
        TEST(the_history_names_it_to_who_may_see_it),
        TEST(five_hundred_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
