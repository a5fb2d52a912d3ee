/* Descriptions of plugins: what comes back as it went, and what is refused with a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "wire/describe.h"

/* Step types, as JSON, in a plugin that is sound otherwise. */
#define PLUGIN(step_types)                                                                         \
    "{\"name\":\"sketch\",\"version\":\"1.0\",\"summary\":\"For "                                  \
    "tests.\",\"step_types\":[" step_types "]}"
#define TYPE(name, nature, inputs, outputs, answers)                                               \
    "{\"name\":\"" name "\",\"summary\":\"Does it.\"," nature ",\"inputs\":[" inputs               \
    "],\"outputs\":[" outputs "],\"answers\":[" answers "]}"
#define NATURE(check, parks, drop, needs, timeout)                                                 \
    "\"check\":" check ",\"idempotent\":true,\"parks\":" parks ",\"drop\":" drop                   \
    ",\"needs\":" needs ",\"timeout_ms\":" timeout
#define CHECK_NATURE NATURE("true", "false", "false", "0", "0")
#define STEP_NATURE  NATURE("false", "true", "true", "3", "1000")
#define FIELD(name, kind, more)                                                                    \
    "{\"name\":\"" name "\",\"kind\":\"" kind "\",\"required\":false" more "}"
#define INPUT(field) PLUGIN(TYPE("a", CHECK_NATURE, field, "", ""))

static int set_up(void **state)
{
    *state = arena_create("test");
    return 0;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct value json(struct arena *arena, const char *text)
{
    struct value value;
    assert_int_equal(json_read(arena, text_from(text), &value, NULL), 0);
    return value;
}

static void a_description_comes_back_as_it_went(void **state)
{
    struct arena *arena = *state;
    struct value body =
        json(arena, PLUGIN(TYPE("score", CHECK_NATURE,
                                FIELD("days", "integer",
                                      ",\"initial\":\"7\",\"unit\":\"days\",\"doc\":\"How "
                                      "old.\"") "," FIELD("colours", "texts",
                                                          ",\"options\":[\"green\",\"red\"]"),
                                FIELD("risk", "number", ""),
                                "") "," TYPE("issue", STEP_NATURE, "", FIELD("on", "date", ""),
                                             FIELD("granted", "boolean", ""))));
    struct plugin_description read;
    struct text why = TEXT_NONE;
    if (plugin_read(arena, &body, &read, &why) != 0)
        fail_msg("%.*s", TEXT_ARG(why));
    const struct plugin_step_type *score = plugin_step_type(&read, TEXT("score"));
    assert_true(score->is_check && score->is_idempotent && !score->parks);
    const struct plugin_field *days = plugin_field(score->inputs, TEXT("days"));
    assert_int_equal(days->kind, PLUGIN_INTEGER);
    assert_true(days->has_initial && text_is(days->initial, "7") && text_is(days->unit, "days"));
    assert_int_equal(plugin_field(score->inputs, TEXT("colours"))->option_count, 2);
    assert_null(plugin_field(score->inputs, TEXT("risk")));
    const struct plugin_step_type *issue = plugin_step_type(&read, TEXT("issue"));
    assert_true(issue->parks && issue->has_drop && issue->needs == 3 && issue->timeout_ms == 1000);
    assert_null(plugin_step_type(&read, TEXT("nothing")));

    struct value again = plugin_describe(arena, &read);
    assert_true(value_equal(&again, &body));
    assert_true(text_equal(json_write(arena, &again), json_write(arena, &body)));
}

static void what_is_read_outlives_what_it_was_read_from(void **state)
{
    struct arena *gone = arena_create("gone");
    struct value body = json(gone, INPUT(FIELD("days", "text", ",\"options\":[\"a\"]")));
    struct plugin_description read;
    struct text why;
    assert_int_equal(plugin_read(*state, &body, &read, &why), 0);
    arena_destroy(gone);
    assert_true(text_is(read.name, "sketch"));
    assert_true(text_is(read.step_types[0].inputs.items[0].options[0], "a"));
}

static void refuses(struct arena *arena, const struct value *body, const char *words)
{
    struct plugin_description read;
    struct text why = TEXT_NONE;
    if (plugin_read(arena, body, &read, &why) != -EINVAL)
        fail_msg("%s is taken, and should say: %s", json_write(arena, body).bytes, words);
    if (memmem(why.bytes, why.size, words, strlen(words)) == NULL)
        fail_msg("\"%.*s\" does not say \"%s\"", TEXT_ARG(why), words);
}

static void a_broken_rule_is_named(void **state)
{
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"{\"name\":\"A\",\"version\":\"1\",\"summary\":\"x\",\"step_types\":[]}",
         "The plugin has a name that is not"},
        {"{\"name\":\"a\",\"version\":\"\",\"summary\":\"x\",\"step_types\":[]}",
         "The plugin has no version"},
        {"{\"name\":\"a\",\"version\":\"1 2\",\"summary\":\"x\",\"step_types\":[]}",
         "The plugin has no version, or one with spaces"},
        {"{\"name\":\"a\",\"version\":\"1\",\"summary\":\"\",\"step_types\":[]}",
         "The plugin has no summary"},
        {"{\"name\":\"a\",\"version\":\"1\",\"summary\":\"two\\nlines\",\"step_types\":[]}",
         "The plugin has no summary of one line"},
        {PLUGIN(""), "The plugin has no step types"},
        {PLUGIN(TYPE("B", CHECK_NATURE, "", "", "")), "has a step type whose name is not"},
        {PLUGIN(TYPE("a", CHECK_NATURE, "", "", "") "," TYPE("a", CHECK_NATURE, "", "", "")),
         "has two step types of the name a"},
        {PLUGIN(TYPE("a", NATURE("true", "true", "false", "0", "0"), "", "", "")),
         "The step type a is a check and has resume"},
        {PLUGIN(TYPE("a", NATURE("false", "false", "true", "0", "0"), "", "", "")),
         "has drop and no resume"},
        {PLUGIN(TYPE("a", CHECK_NATURE, "", "", FIELD("x", "text", ""))),
         "declares answers and has no resume"},
        {PLUGIN(TYPE("a", NATURE("false", "false", "false", "8", "0"), "", "", "")),
         "needs something that does not exist"},
        {INPUT(FIELD("X", "text", "")), "has an input whose name is not"},
        {INPUT(FIELD("x", "colour", "")), "gives the input x a kind that does not exist"},
        {INPUT(FIELD("x", "text", "") "," FIELD("x", "text", "")), "has two inputs of the name x"},
        {INPUT(FIELD("x", "text", ",\"doc\":\"two\\nlines\"")), "no line of plain text"},
        {INPUT(FIELD("x", "text", ",\"unit\":\"\\u0007\"")), "no line of plain text"},
        {INPUT(FIELD("x", "integer", ",\"options\":[\"1\"]")), "which is not text"},
        {INPUT(FIELD("x", "text", ",\"options\":[\"a\",\"a\"]")), "the option a twice"},
        {INPUT(FIELD("x", "text", ",\"options\":[\"\"]")), "an option that is empty"},
        {INPUT(FIELD("x", "text", ",\"options\":[\"a\"],\"initial\":\"b\"")),
         "an initial value that it does not accept"},
        {INPUT(FIELD("x", "integer", ",\"initial\":\"soon\"")),
         "an initial value that it does not accept"},
        {INPUT("{\"name\":\"x\",\"kind\":\"text\",\"required\":true,\"initial\":\"a\"}"),
         "an initial value to the input x, which is required"},
        {PLUGIN(TYPE("a", CHECK_NATURE, "", FIELD("x", "text", ",\"initial\":\"a\""), "")),
         "an initial value to x, which is no input"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value body = json(arena, cases[i].body);
        refuses(arena, &body, cases[i].why);
    }
}

/* Every member of every object, left out, of another kind, and one too many. */
static void spoil(struct arena *arena, struct value *root, struct value *map)
{
    struct value copy = value_copy(arena, map);
    for (size_t i = 0; i < value_count(&copy); i++) {
        const struct value_member *member = value_member(&copy, i);
        value_remove(map, member->key);
        if (!text_is(member->key, "options"))
            refuses(arena, root, "lacks a member, or has a wrong or unknown one");
        value_set(map, member->key, value_null());
        refuses(arena, root, "lacks a member, or has a wrong or unknown one");
        value_set(map, member->key, member->value);
    }
    value_put(map, "surprise", value_int(1));
    refuses(arena, root, "one that is unknown");
    value_remove(map, TEXT("surprise"));
}

static void every_member_must_be_there_and_of_its_kind(void **state)
{
    struct arena *arena = *state;
    struct value root = json(arena, INPUT(FIELD("x", "text", ",\"options\":[\"a\"]")));
    struct value *type = &value_get(&root, TEXT("step_types"))->list->items[0];
    struct value *field = &value_get(type, TEXT("inputs"))->list->items[0];
    spoil(arena, &root, field); /* the innermost first: what is put back is a copy */
    spoil(arena, &root, type);
    spoil(arena, &root, &root);
    struct value list = value_list(arena), odd = json(arena, INPUT("7"));
    refuses(arena, &list, "lacks a member");
    refuses(arena, &odd, "lacks a member");
    odd = json(arena, INPUT(FIELD("x", "text", ",\"options\":[7]")));
    refuses(arena, &odd, "unknown one: options");
    odd = json(arena, PLUGIN(TYPE("a", NATURE("true", "false", "false", "-1", "0"), "", "", "")));
    refuses(arena, &odd, "unknown one: needs");
    odd = json(arena,
               PLUGIN(TYPE("a", NATURE("true", "false", "false", "0", "86400001"), "", "", "")));
    refuses(arena, &odd, "unknown one: timeout_ms");
}

static void repeat(struct arena *arena, struct value *list, size_t count)
{
    while (value_count(list) < count)
        value_append(list, value_copy(arena, value_item(list, 0)));
}

static void counts_are_bounded(void **state)
{
    struct arena *arena = *state;
    struct value root = json(arena, INPUT(FIELD("x", "text", ",\"options\":[\"a\"]")));
    struct value *types = (struct value *)value_get(&root, TEXT("step_types"));
    struct value *fields = (struct value *)value_get(&types->list->items[0], TEXT("inputs"));
    struct value *options = (struct value *)value_get(&fields->list->items[0], TEXT("options"));
    repeat(arena, options, PLUGIN_OPTIONS_MAX + 1);
    refuses(arena, &root, "unknown one: options");
    root = json(arena, INPUT(FIELD("x", "text", "")));
    types = (struct value *)value_get(&root, TEXT("step_types"));
    fields = (struct value *)value_get(&types->list->items[0], TEXT("inputs"));
    repeat(arena, fields, PLUGIN_FIELDS_MAX + 1);
    refuses(arena, &root, "unknown one: inputs");
    root = json(arena, INPUT(""));
    types = (struct value *)value_get(&root, TEXT("step_types"));
    repeat(arena, types, PLUGIN_STEP_TYPES_MAX + 1);
    refuses(arena, &root, "unknown one: step_types");
}

/* What a host makes of a table has not been read from JSON: the same bounds hold. */
static void a_table_is_bounded_as_well(void **state)
{
    struct arena *arena = *state;
    struct plugin_step_type types[PLUGIN_STEP_TYPES_MAX + 1] = {0};
    struct plugin_field fields[PLUGIN_FIELDS_MAX + 1] = {0};
    struct text options[PLUGIN_OPTIONS_MAX + 1], why;
    struct plugin_description description = {.name = TEXT("a"),
                                             .version = TEXT("1"),
                                             .summary = TEXT("x"),
                                             .step_types = types,
                                             .step_type_count = PLUGIN_STEP_TYPES_MAX + 1};
    assert_false(plugin_check(&description, arena, &why));
    assert_string_equal(why.bytes, "The plugin has more than 64 step types.");

    description.step_type_count = 1;
    types[0] = (struct plugin_step_type){.name = TEXT("a"), .summary = TEXT("x")};
    types[0].outputs = (struct plugin_fields){fields, PLUGIN_FIELDS_MAX + 1};
    assert_false(plugin_check(&description, arena, &why));
    assert_string_equal(why.bytes, "The step type a has more than 64 outputs.");

    for (size_t i = 0; i <= PLUGIN_OPTIONS_MAX; i++)
        options[i] = text_printf(arena, "%zu", i);
    fields[0] = (struct plugin_field){.name = TEXT("x"),
                                      .kind = PLUGIN_TEXT,
                                      .options = options,
                                      .option_count = PLUGIN_OPTIONS_MAX + 1};
    types[0].outputs.count = 1;
    assert_false(plugin_check(&description, arena, &why));
    assert_string_equal(why.bytes, "The step type a gives the field x more than 256 options.");

    fields[0].option_count = 1;
    options[0] = text_printf(arena, "%*s", PLUGIN_OPTION_BYTES_MAX + 1, "x");
    assert_false(plugin_check(&description, arena, &why));
    options[0] = TEXT("a");
    assert_true(plugin_check(&description, arena, &why));

    types[0].timeout_ms = PLUGIN_TIMEOUT_MS_MAX + 1;
    assert_false(plugin_check(&description, arena, &why));
    assert_string_equal(why.bytes, "The step type a asks for more than a day for one call.");
    types[0].timeout_ms = 0;
    types[0].summary = text_printf(arena, "%*s", PLUGIN_WORDS_BYTES_MAX + 1, "x");
    assert_false(plugin_check(&description, arena, &why));
    assert_string_equal(why.bytes, "The step type a has no summary of one line.");
    types[0].summary = TEXT("caf\xe9");
    assert_false(plugin_check(&description, arena, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_description_comes_back_as_it_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_read_outlives_what_it_was_read_from, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_broken_rule_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_member_must_be_there_and_of_its_kind, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(counts_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_is_bounded_as_well, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
