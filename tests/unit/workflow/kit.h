/* What tests of workflows share: an arena, the plugin `sketch`, a zone, loading with less to say.
 *
 * `sketch` has every kind of input, output and answer, a check, a step that parks, one that does
 * not, and one that is not idempotent. */
#ifndef SANKOFA_TESTS_UNIT_WORKFLOW_KIT_H
#define SANKOFA_TESTS_UNIT_WORKFLOW_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "workflow/workflow.h"

struct kit {
    struct arena *arena;
    struct diag_list diags;
    struct zone_source zones;
    struct plugin_source plugins;
    struct workflow_context context;
};

static const struct text kit_households[] = {{"safe", 4}, {"unsafe", 6}};
static const struct text kit_levels[] = {{"low", 3}, {"high", 4}};

static const struct plugin_field kit_score_inputs[] = {
    {.name = {"household", 9},
     .kind = PLUGIN_TEXT,
     .required = true,
     .doc = {"How safe the household is.", 26},
     .options = kit_households,
     .option_count = 2},
    {.name = {"threshold", 9}, .kind = PLUGIN_INTEGER, .has_initial = true, .initial = {"5", 1}},
    {.name = {"weight", 6}, .kind = PLUGIN_NUMBER},
    {.name = {"seen", 4}, .kind = PLUGIN_BOOLEAN},
    {.name = {"day", 3}, .kind = PLUGIN_DATE},
    {.name = {"at", 2}, .kind = PLUGIN_TIMESTAMP},
    {.name = {"tags", 4}, .kind = PLUGIN_TEXTS},
    {.name = {"place", 5}, .kind = PLUGIN_TEXT},
};
static const struct plugin_field kit_score_outputs[] = {
    {.name = {"risk", 4}, .kind = PLUGIN_INTEGER},
    {.name = {"level", 5}, .kind = PLUGIN_TEXT, .options = kit_levels, .option_count = 2},
};
static const struct plugin_field kit_issue_inputs[] = {
    {.name = {"authority", 9}, .kind = PLUGIN_TEXT, .required = true},
    {.name = {"child", 5}, .kind = PLUGIN_TEXT},
};
static const struct plugin_field kit_issue_outputs[] = {
    {.name = {"number", 6}, .kind = PLUGIN_TEXT},
    {.name = {"valid_to", 8}, .kind = PLUGIN_DATE},
    {.name = {"fee", 3}, .kind = PLUGIN_NUMBER},
};
static const struct plugin_field kit_issue_answers[] = {
    {.name = {"granted", 7}, .kind = PLUGIN_BOOLEAN, .required = true},
    {.name = {"note", 4}, .kind = PLUGIN_TEXT},
};
static const struct plugin_step_type kit_step_types[] = {
    {.name = {"score", 5},
     .is_check = true,
     .inputs = {kit_score_inputs, sizeof(kit_score_inputs) / sizeof(kit_score_inputs[0])},
     .outputs = {kit_score_outputs, sizeof(kit_score_outputs) / sizeof(kit_score_outputs[0])}},
    {.name = {"issue", 5},
     .is_idempotent = true,
     .parks = true,
     .inputs = {kit_issue_inputs, sizeof(kit_issue_inputs) / sizeof(kit_issue_inputs[0])},
     .outputs = {kit_issue_outputs, sizeof(kit_issue_outputs) / sizeof(kit_issue_outputs[0])},
     .answers = {kit_issue_answers, sizeof(kit_issue_answers) / sizeof(kit_issue_answers[0])}},
    {.name = {"stamp", 5}, .is_idempotent = true},
    {.name = {"pay", 3}},
};
static const struct plugin_description kit_sketch = {
    .name = {"sketch", 6},
    .version = {"1", 1},
    .step_types = kit_step_types,
    .step_type_count = sizeof(kit_step_types) / sizeof(kit_step_types[0]),
};

static inline const struct plugin_description *kit_find_plugin(void *self, struct text name,
                                                               struct text *why_out)
{
    (void)self;
    if (text_is(name, "sketch"))
        return &kit_sketch;
    *why_out = TEXT("no plugin of this name is configured");
    return NULL;
}

static inline const struct plugin_description *kit_find_nothing(void *self, struct text name,
                                                                struct text *why_out)
{
    (void)self;
    *why_out = text_is(name, "sketch") ? TEXT("it did not start") : TEXT("it is not configured");
    return NULL;
}

static inline const struct zone *kit_load_zone(void *self, struct text name)
{
    struct kit *kit = self;

    return text_is(name, "Africa/Dakar") ? zone_fixed(kit->arena, 0) : NULL;
}

/* Parents of overlays stand among the examples. */
static inline bool kit_find_parent(void *self, struct text id, struct text child,
                                   struct arena *arena, struct workflow_parent *parent_out,
                                   struct text *why_out)
{
    static char bytes[1 << 16];
    const char *root = getenv("SANKOFA_SOURCE");
    struct text path = text_printf(arena, "%s/tests/unit/workflow/examples/%.*s.yaml",
                                   root != NULL ? root : ".", TEXT_ARG(id));
    FILE *file = fopen(path.bytes, "r");

    (void)self;
    assert_true(child.size > 0);
    *why_out = TEXT("there is no such example");
    if (file == NULL)
        return false;
    parent_out->file = text_printf(arena, "%.*s.yaml", TEXT_ARG(id));
    parent_out->source =
        text_copy(arena, (struct text){bytes, fread(bytes, 1, sizeof(bytes), file)});
    fclose(file);
    return true;
}

static const struct workflow_parents kit_parents = {NULL, kit_find_parent};

/* One person is lonely, many are anything else. */
static inline size_t kit_count_people(void *self, const struct text *roles, size_t role_count,
                                      struct text country)
{
    (void)self;
    (void)country;
    return role_count == 1 && text_is(roles[0], "lonely") ? 1 : 9;
}

static const struct workflow_people kit_people = {NULL, kit_count_people};

static inline int kit_setup(void **state)
{
    struct kit *kit = calloc(1, sizeof(*kit));

    kit->arena = arena_create("test");
    kit->zones = (struct zone_source){kit, kit_load_zone};
    kit->plugins = (struct plugin_source){NULL, kit_find_plugin};
    kit->context.zones = &kit->zones;
    kit->context.plugins = &kit->plugins;
    kit->context.parents = &kit_parents;
    kit->context.people = &kit_people;
    diag_list_init(&kit->diags, kit->arena);
    *state = kit;
    return 0;
}

static inline int kit_teardown(void **state)
{
    struct kit *kit = *state;

    arena_destroy(kit->arena);
    free(kit);
    return 0;
}

/* The diagnostics so far, as gcc writes them. */
static inline const char *kit_diags(struct kit *kit)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, kit->arena);
    for (size_t i = 0; i < kit->diags.count; i++)
        text_append(&buffer, diag_write_gcc(kit->arena, &kit->diags.items[i]));
    return text_buffer_text(&buffer).bytes;
}

static inline const struct workflow *kit_try(struct kit *kit, const char *source)
{
    diag_list_init(&kit->diags, kit->arena);
    return workflow_load(text_from(source), TEXT("test.yaml"), &kit->context, &kit->diags);
}

/* A file that must load without a word. */
static inline const struct workflow *kit_load(struct kit *kit, const char *source)
{
    const struct workflow *workflow = kit_try(kit, source);

    assert_string_equal(kit_diags(kit), "");
    assert_non_null(workflow);
    return workflow;
}

/* A file of the source tree. */
static inline struct text kit_read_source(struct kit *kit, const char *name)
{
    const char *root = getenv("SANKOFA_SOURCE");
    struct text path = text_printf(kit->arena, "%s/%s", root != NULL ? root : ".", name);
    FILE *file = fopen(path.bytes, "r");
    static char bytes[1 << 20];
    size_t size;

    if (file == NULL)
        fail_msg("there is no file %s", path.bytes);
    size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return text_copy(kit->arena, (struct text){bytes, size});
}

/* An example of this folder. */
static inline struct text kit_read(struct kit *kit, const char *name)
{
    return kit_read_source(kit,
                           text_printf(kit->arena, "tests/unit/workflow/examples/%s", name).bytes);
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

#endif
