/* Values, and merge patches by RFC 7396 with the cases of its appendix. */
#include "fixture.h"

static void maps_keep_document_order_and_unique_keys(void **state)
{
    (void)state;
    struct value map = value_map(arena);
    value_put(&map, "b", value_int(1));
    value_put(&map, "a", value_int(2));
    value_put(&map, "b", value_int(3));
    assert_int_equal(value_count(&map), 2);
    assert_text(value_member(&map, 0)->key, "b");
    assert_int_equal(value_member(&map, 0)->value.integer, 3);
    value_remove(&map, TEXT("b"));
    value_remove(&map, TEXT("zz"));
    assert_int_equal(value_count(&map), 1);
    assert_null(value_get(&map, TEXT("b")));
    assert_int_equal(value_get(&map, TEXT("a"))->integer, 2);
}

static void large_maps_find_replace_and_remove_like_small_ones(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct value map = value_map(arena);
    for (int i = 0; i < COUNT; i++)
        value_set(&map, text_printf(arena, "key%d", i), value_int(i));
    for (int i = 0; i < COUNT; i += 100)
        value_remove(&map, text_printf(arena, "key%d", i));
    for (int i = 1; i < COUNT; i += 100)
        value_set(&map, text_printf(arena, "key%d", i), value_int(-i));
    assert_int_equal(value_count(&map), COUNT - COUNT / 100);
    for (int i = 0; i < COUNT; i++) {
        const struct value *value = value_get(&map, text_printf(arena, "key%d", i));
        if (i % 100 == 0)
            assert_null(value);
        else
            assert_int_equal(value->integer, i % 100 == 1 ? -i : i);
    }
    while (value_count(&map) > 3)
        value_remove(&map, value_member(&map, value_count(&map) / 2)->key);
    value_put(&map, "new", value_bool(true));
    assert_true(value_bool_at(&map, "new"));
}

static void paths_lead_into_maps_and_nowhere_else(void **state)
{
    (void)state;
    struct value map = json("{'timers': {'review': {'due': 5, 'who': 'awa', 'on': true}}, 'n': 1}");
    assert_int_equal(value_int_at(&map, "timers/review/due", -1), 5);
    assert_text(value_text_at(&map, "timers/review/who"), "awa");
    assert_true(value_bool_at(&map, "timers/review/on"));
    assert_true(value_is_string(value_at(&map, "timers/review/who"), "awa"));
    assert_int_equal(value_int_at(&map, "timers/none/due", -1), -1);
    assert_int_equal(value_int_at(&map, "n/due", -1), -1);
    assert_null(value_text_at(&map, "n").bytes);
    assert_false(value_bool_at(&map, "n"));
    assert_null(value_at(NULL, "n"));
    assert_int_equal(value_count(NULL), 0);
    assert_int_equal(value_count(value_at(&map, "n")), 0);
}

static void equality_minds_kinds_and_content_but_not_order(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"{'a': 1, 'b': [1, 2]}", "{'b': [1, 2], 'a': 1}", true},
        {"{'a': 1}", "{'a': 1.0}", false},
        {"{'a': 1}", "{'b': 1}", false},
        {"{'a': 1}", "{'a': 1, 'b': 1}", false},
        {"[1, 2]", "[2, 1]", false},
        {"[1]", "[1, 1]", false},
        {"null", "null", true},
        {"true", "false", false},
        {"'a'", "'b'", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value a = json(cases[i].a), b = json(cases[i].b);
        assert_int_equal(value_equal(&a, &b), cases[i].equal);
    }
    struct value moment = value_timestamp((struct instant){5, 6});
    struct value span = value_duration((struct instant){5, 6});
    struct value later = value_timestamp((struct instant){5, 7});
    assert_true(value_equal(&moment, &moment));
    assert_false(value_equal(&moment, &span));
    assert_false(value_equal(&moment, &later));
}

static void a_copy_shares_nothing_with_its_original(void **state)
{
    (void)state;
    struct arena *other = arena_create("other");
    struct text source = text_copy(other, TEXT("{\"a\": [\"x\", {\"b\": 1.5}], \"c\": null}"));
    struct value value;
    assert_int_equal(json_read(other, source, &value, NULL), 0);
    struct value copy = value_copy(arena, &value);
    arena_destroy(other);
    assert_value(copy, "{'a': ['x', {'b': 1.5}], 'c': null}");
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(value_kind_name(VALUE_NULL), "null");
    assert_string_equal(value_kind_name(VALUE_TIMESTAMP), "timestamp");
    assert_string_equal(value_kind_name(VALUE_MAP), "map");
}

static void patches_apply_as_appendix_a_of_rfc_7396_says(void **state)
{
    (void)state;
    static const struct {
        const char *original, *patch, *result;
    } cases[] = {
        {"{'a':'b'}", "{'a':'c'}", "{'a':'c'}"},
        {"{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}"},
        {"{'a':'b'}", "{'a':null}", "{}"},
        {"{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}"},
        {"{'a':['b']}", "{'a':'c'}", "{'a':'c'}"},
        {"{'a':'c'}", "{'a':['b']}", "{'a':['b']}"},
        {"{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}"},
        {"{'a':[{'b':'c'}]}", "{'a':[1]}", "{'a':[1]}"},
        {"['a','b']", "['c','d']", "['c','d']"},
        {"{'a':'b'}", "['c']", "['c']"},
        {"{'a':'foo'}", "null", "null"},
        {"{'a':'foo'}", "'bar'", "'bar'"},
        {"{'e':null}", "{'a':1}", "{'e':null,'a':1}"},
        {"[1,2]", "{'a':'b','c':null}", "{'a':'b'}"},
        {"{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value original = json(cases[i].original), patch = json(cases[i].patch);
        assert_value(value_patch_apply(arena, &original, &patch), cases[i].result);
        /* Nothing was changed under the feet of whoever holds the original. */
        assert_value(original, cases[i].original);
    }
}

static void a_patched_map_keeps_its_order_and_appends_what_is_new(void **state)
{
    (void)state;
    struct value before = json("{'c': 1, 'a': {'x': 1}, 'b': 3}");
    struct value patch = json("{'new': 9, 'b': 4, 'a': {'y': 2}}");
    struct value after = value_patch_apply(arena, &before, &patch);
    assert_text(json_write(arena, &after), "{\"c\":1,\"a\":{\"x\":1,\"y\":2},\"b\":4,\"new\":9}");
}

static void a_patch_tells_no_more_than_the_change(void **state)
{
    (void)state;
    struct value before = json("{'a': 1, 'b': {'x': 1, 'y': 2}, 'l': [1, 2], 'gone': 1}");
    struct value after = json("{'a': 1, 'b': {'x': 1, 'y': 3}, 'l': [1, 2], 'new': {}}");
    assert_value(value_patch_between(arena, &before, &after),
                 "{'gone': null, 'b': {'y': 3}, 'new': {}}");
    assert_value(value_patch_between(arena, &before, &before), "{}");
}

/* A map without nulls, over few keys so that two of them meet often. */
static struct value some_map(uint64_t *seed, int depth);

static struct value some_value(uint64_t *seed, int depth)
{
    switch (next_number(seed, depth > 3 ? 4 : 7)) {
    case 0:
        return value_int((int64_t)next_number(seed, 3));
    case 1:
        return value_double((double)next_number(seed, 3) / 2);
    case 2:
        return value_bool(next_number(seed, 2) == 0);
    case 3:
        return value_string(text_printf(arena, "s%d", (int)next_number(seed, 3)));
    case 4: {
        struct value list = value_list(arena);
        for (uint64_t i = next_number(seed, 3); i > 0; i--)
            value_append(&list, some_value(seed, depth + 1));
        return list;
    }
    default:
        return some_map(seed, depth + 1);
    }
}

static struct value some_map(uint64_t *seed, int depth)
{
    struct value map = value_map(arena);
    for (uint64_t i = next_number(seed, 6); i > 0; i--)
        value_set(&map, text_printf(arena, "k%d", (int)next_number(seed, 6)),
                  some_value(seed, depth));
    return map;
}

static void the_patch_between_two_maps_makes_the_second_of_the_first(void **state)
{
    (void)state;
    uint64_t seed = 20260101;
    for (int i = 0; i < 3000; i++) {
        struct value before = some_map(&seed, 0), after = some_map(&seed, 0);
        struct value patch = value_patch_between(arena, &before, &after);
        struct value result = value_patch_apply(arena, &before, &patch);
        if (!value_equal(&result, &after))
            fail_msg("round %d: %s", i, json_write(arena, &patch).bytes);
        if (i % 100 == 0)
            arena_reset(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(maps_keep_document_order_and_unique_keys),
        WITH_ARENA(large_maps_find_replace_and_remove_like_small_ones),
        WITH_ARENA(paths_lead_into_maps_and_nowhere_else),
        WITH_ARENA(equality_minds_kinds_and_content_but_not_order),
        WITH_ARENA(a_copy_shares_nothing_with_its_original),
        WITH_ARENA(kinds_have_names),
        WITH_ARENA(patches_apply_as_appendix_a_of_rfc_7396_says),
        WITH_ARENA(a_patched_map_keeps_its_order_and_appends_what_is_new),
        WITH_ARENA(a_patch_tells_no_more_than_the_change),
        WITH_ARENA(the_patch_between_two_maps_makes_the_second_of_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
