/* The schema for editors: made of the loader's tables, and the committed copy is that. What it
 * accepts and refuses is held against the loader's examples by tests/house/schema.py. */
#include "kit.h"

#include <stdlib.h>

#include "workbench/schema/schema.h"
#include "workflow/shape/tables.h"

static struct value schema_value(void)
{
    struct value schema;

    assert_int_equal(json_read(kit_arena, workbench_schema(kit_arena), &schema, NULL), 0);
    return schema;
}

static struct text read_committed(void)
{
    const char *root = getenv("SANKOFA_SOURCE");
    struct text_buffer buffer;
    char bytes[4096];
    size_t size;

    assert_non_null(root);
    FILE *file = fopen(text_printf(kit_arena, "%s/contrib/workflow.schema.json", root).bytes, "rb");
    assert_non_null(file);
    text_buffer_init(&buffer, kit_arena);
    while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
        text_append(&buffer, (struct text){bytes, size});
    fclose(file);
    return text_buffer_text(&buffer);
}

/* If this fails: build/sankofa workflow schema > contrib/workflow.schema.json */
static void the_committed_copy_is_current(void **state)
{
    (void)state;
    if (!text_equal(read_committed(), workbench_schema(kit_arena)))
        fail_msg("run: build/sankofa workflow schema > contrib/workflow.schema.json");
}

static size_t check_references(const struct value *definitions, const struct value *value)
{
    size_t count = 0;

    for (size_t i = 0; value->kind == VALUE_LIST && i < value_count(value); i++)
        count += check_references(definitions, value_item(value, i));
    for (size_t i = 0; value->kind == VALUE_MAP && i < value_count(value); i++) {
        const struct value_member *member = value_member(value, i);

        count += check_references(definitions, &member->value);
        if (!text_is(member->key, "$ref"))
            continue;
        assert_true(text_begins(member->value.string, "#/definitions/"));
        size_t head = strlen("#/definitions/");
        assert_non_null(value_get(definitions, (struct text){member->value.string.bytes + head,
                                                             member->value.string.size - head}));
        count++;
    }
    return count;
}

static void every_reference_has_its_definition(void **state)
{
    struct value schema = schema_value();

    (void)state;
    assert_true(check_references(value_at(&schema, "definitions"), &schema) > 50);
}

static void assert_keys(const struct value *schema, const char *definition,
                        const struct table *table, uint32_t where)
{
    const struct value *properties =
        value_at(schema, text_printf(kit_arena, "definitions/%s/properties", definition).bytes);

    assert_non_null(properties);
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];
        bool has_place = (key->where & where) != 0;

        if ((value_get(properties, text_from(key->name)) != NULL) != has_place)
            fail_msg("%s: %s", definition, key->name);
    }
}

static void a_definition_has_the_keys_of_its_table_and_variant(void **state)
{
    struct value schema = schema_value();

    (void)state;
    assert_keys(&schema, "workflow", &workflow_table_top, ANYWHERE);
    assert_keys(&schema, "state", &workflow_table_state, ANYWHERE);
    assert_keys(&schema, "field", &workflow_table_field, ANYWHERE);
    assert_keys(&schema, "transition_on", &workflow_table_transition, ON);
    assert_keys(&schema, "transition_after", &workflow_table_transition, AFTER);
    assert_keys(&schema, "transition_default", &workflow_table_transition, DEFAULT);
    assert_keys(&schema, "step", &workflow_table_step, ANYWHERE);
    assert_keys(&schema, "action", &workflow_table_action, ANYWHERE);
}

static void an_overlay_needs_nothing_and_may_delete_and_place(void **state)
{
    struct value schema = schema_value();
    const struct value *title =
        value_at(&schema, "definitions/state_in_overlay/properties/title/anyOf");

    (void)state;
    assert_null(value_at(&schema, "definitions/workflow_in_overlay/required"));
    assert_non_null(value_at(&schema, "definitions/state_in_overlay/properties/place"));
    assert_null(value_at(&schema, "definitions/state/properties/place"));
    assert_non_null(title);
    assert_true(value_is_string(value_at(value_item(title, 0), "type"), "null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_committed_copy_is_current),
        cmocka_unit_test(every_reference_has_its_definition),
        cmocka_unit_test(a_definition_has_the_keys_of_its_table_and_variant),
        cmocka_unit_test(an_overlay_needs_nothing_and_may_delete_and_place),
    };

    return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
