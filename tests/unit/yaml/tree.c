/* The tree without its file: look-ups, and the way to a value and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "yaml/yaml.h"

static struct arena *arena;

static int arena_up(void **state)
{
    (void)state;
    arena = arena_create("test");
    return 0;
}

static int arena_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_up, arena_down)

static struct yaml_node *tree_of(const char *json)
{
    struct value value;
    assert_int_equal(json_read(arena, text_from(json), &value, NULL), 0);
    return yaml_from_value(arena, &value);
}

static void members_are_found_by_key(void **state)
{
    (void)state;
    struct yaml_node *node = tree_of("{\"a\": {\"b\": \"x\"}, \"l\": [\"y\"]}");
    assert_true(text_is(yaml_get(yaml_get(node, "a"), "b")->text, "x"));
    assert_true(text_is(yaml_entry(node, "l")->value->entries[0].value->text, "y"));
    assert_null(yaml_entry(node, "z"));
    assert_null(yaml_get(yaml_get(node, "l"), "0"));
    assert_null(yaml_get(NULL, "a"));
}

static void a_stored_definition_comes_back_as_it_was(void **state)
{
    (void)state;
    static const char json[] =
        "{\"b\":\"1.10\",\"a\":[null,\"null\",\"~\",\"\",[],{}],\"c\":{\"d\":"
        "\"no\"}}";
    struct value again = yaml_to_value(arena, tree_of(json));
    assert_true(text_is(json_write(arena, &again), json));
}

static void numbers_and_truths_of_json_become_plain_texts(void **state)
{
    (void)state;
    struct yaml_node *node = tree_of("[1, 1.5, true, null, \"null\"]");
    static const char *const texts[] = {"1", "1.5", "true", "", "null"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(text_is(node->entries[i].value->text, texts[i]));
        assert_int_equal(node->entries[i].value->plain, i != 4);
        assert_int_equal(yaml_is_null(node->entries[i].value), i == 3);
    }
    assert_int_equal(node->place.line, 0);
    assert_false(yaml_is_null(node));
}

static void a_tree_from_a_file_and_its_value_agree(void **state)
{
    (void)state;
    struct diag_list diags;
    diag_list_init(&diags, arena);
    struct text source = TEXT("w: x\nby: [a, ~]\nnested: {q: 'null', e: }\n");
    struct value value = yaml_to_value(arena, yaml_parse(source, TEXT("f"), &diags));
    struct value again = yaml_to_value(arena, yaml_from_value(arena, &value));
    assert_true(value_equal(&value, &again));
    assert_true(
        text_is(json_write(arena, &again),
                "{\"w\":\"x\",\"by\":[\"a\",null],\"nested\":{\"q\":\"null\",\"e\":null}}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(members_are_found_by_key),
        WITH_ARENA(a_stored_definition_comes_back_as_it_was),
        WITH_ARENA(numbers_and_truths_of_json_become_plain_texts),
        WITH_ARENA(a_tree_from_a_file_and_its_value_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
