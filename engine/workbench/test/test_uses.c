/* What a workflow uses of plugins, for those that stand in: who takes which output. */
#include <string.h>

#include "base/arena.h"
#include "workbench/test/test.h"

/* ---- Collecting. ---- */

static size_t count_uses(const struct workflow *workflow)
{
    size_t count = workflow->step_count;

    for (uint16_t t = 0; t < workflow->chart.transition_count; t++)
        count += workflow->transitions[t].check_count;
    return count;
}

static struct text use_name(struct arena *arena, struct text plugin, struct text step)
{
    return text_printf(arena, "%.*s/%.*s", TEXT_ARG(plugin), TEXT_ARG(step));
}

void test_uses(struct test_reader *reader)
{
    const struct workflow *workflow = reader->workflow;
    struct test_use *uses = ARENA_ARRAY(reader->arena, struct test_use, count_uses(workflow));

    reader->uses = uses;
    for (size_t i = 0; i < workflow->step_count; i++) {
        const struct workflow_step *step = &workflow->steps[i];

        uses[reader->use_count++] = (struct test_use){
            use_name(reader->arena, step->plugin, step->step), false, step->into, step->into_count};
    }
    for (uint16_t t = 0; t < workflow->chart.transition_count; t++)
        for (size_t i = 0; i < workflow->transitions[t].check_count; i++) {
            const struct workflow_check *check = &workflow->transitions[t].checks[i];

            uses[reader->use_count++] =
                (struct test_use){use_name(reader->arena, check->plugin, check->step), true,
                                  check->into, check->into_count};
        }
}

const struct test_use *test_find_use(struct test_reader *reader, const struct yaml_entry *entry)
{
    struct text *names = ARENA_ARRAY(reader->arena, struct text, reader->use_count);
    struct diag *diag;

    for (size_t i = 0; i < reader->use_count; i++) {
        names[i] = reader->uses[i].name;
        if (text_equal(names[i], entry->key))
            return &reader->uses[i];
    }
    diag = test_fault(reader, E_TEST_NAME, entry->key_place, "the workflow uses no \"%.*s\"",
                      TEXT_ARG(entry->key));
    test_suggest(reader, diag, entry->key, names, reader->use_count);
    return NULL;
}

/* ---- Outputs. ---- */

static const struct plugin_step_type *find_type(struct test_reader *reader, struct text use)
{
    const char *slash = use.size > 0 ? memchr(use.bytes, '/', use.size) : NULL;
    const struct plugin_description *description;
    struct text plugin, step, why;

    if (reader->plugins == NULL || slash == NULL)
        return NULL;
    plugin = text_copy(reader->arena, (struct text){use.bytes, (size_t)(slash - use.bytes)});
    step = (struct text){slash + 1, use.size - plugin.size - 1};
    description = reader->plugins->find(reader->plugins->self, plugin, &why);
    return description != NULL ? plugin_step_type(description, step) : NULL;
}

static struct value by_kind(const struct plugin_field *field, const struct yaml_node *node,
                            struct arena *arena)
{
    struct plugin_field reader = *field;
    struct value value;

    reader.has_initial = true;
    reader.initial = node->text;
    if (node->kind == YAML_SCALAR && field->kind != PLUGIN_TEXTS &&
        plugin_initial(&reader, arena, &value))
        return value;
    return yaml_to_value(arena, node);
}

static struct value by_plugin(struct test_reader *reader, struct text use,
                              const struct plugin_step_type *type, const struct yaml_entry *entry)
{
    const struct plugin_field *output = plugin_field(type->outputs, entry->key);
    struct text *names = ARENA_ARRAY(reader->arena, struct text, type->outputs.count);
    struct value value = value_null();
    struct diag *diag;
    struct text why;

    if (output == NULL) {
        diag = test_fault(reader, E_TEST_NAME, entry->key_place, "%.*s has no output \"%.*s\"",
                          TEXT_ARG(use), TEXT_ARG(entry->key));
        for (size_t i = 0; i < type->outputs.count; i++)
            names[i] = type->outputs.items[i].name;
        test_suggest(reader, diag, entry->key, names, type->outputs.count);
        return value;
    }
    value = by_kind(output, entry->value, reader->arena);
    if (!plugin_accepts(output, &value, reader->arena, &why))
        test_fault(reader, E_TEST_VALUE, entry->value->place, "%.*s", TEXT_ARG(why));
    return value;
}

/* The field into which the workflow puts that output, or NULL. */
static const struct workflow_field *field_of(const struct test_reader *reader, struct text use,
                                             struct text output)
{
    for (size_t i = 0; i < reader->use_count; i++)
        for (size_t k = 0; k < reader->uses[i].into_count; k++)
            if (text_equal(reader->uses[i].name, use) &&
                text_equal(reader->uses[i].into[k].output, output))
                return reader->uses[i].into[k].field;
    return NULL;
}

struct value test_read_output(struct test_reader *reader, struct text use,
                              const struct yaml_entry *entry)
{
    const struct plugin_step_type *type = find_type(reader, use);
    const struct workflow_field *field = field_of(reader, use, entry->key);

    if (type != NULL)
        return by_plugin(reader, use, type, entry);
    return field != NULL ? test_value(field, entry->value, reader->arena)
                         : test_value_plain(entry->value, reader->arena);
}
