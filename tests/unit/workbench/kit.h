/* A workflow, a test file as text, plugins that the test plays: what the tests of workbench's test
 * runner have in common. */
#ifndef SANKOFA_TESTS_WORKBENCH_KIT_H
#define SANKOFA_TESTS_WORKBENCH_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "workbench/workbench.h"

static struct arena *kit_arena;

static inline int kit_setup(void **state)
{
    (void)state;
    kit_arena = arena_create("test");
    return 0;
}

static inline int kit_teardown(void **state)
{
    (void)state;
    arena_destroy(kit_arena);
    return 0;
}

static const struct plugin_field kit_inputs[] = {
    {.name = {"n", 1}, .kind = PLUGIN_INTEGER},
};
static const struct plugin_field kit_outputs[] = {
    {.name = {"number", 6}, .kind = PLUGIN_TEXT},
    {.name = {"risk", 4}, .kind = PLUGIN_INTEGER},
};
static const struct plugin_step_type kit_step_types[] = {
    {.name = {"issue", 5},
     .is_idempotent = true,
     .parks = true,
     .has_drop = true,
     .inputs = {kit_inputs, 1},
     .outputs = {kit_outputs, 1}},
    {.name = {"score", 5},
     .is_check = true,
     .is_idempotent = true,
     .inputs = {kit_inputs, 1},
     .outputs = {kit_outputs + 1, 1}},
};
static const struct plugin_description kit_plugin = {
    .name = {"sketch", 6}, .step_types = kit_step_types, .step_type_count = 2};

static inline const struct plugin_description *kit_find(void *self, struct text name,
                                                        struct text *why_out)
{
    (void)self;
    *why_out = TEXT("no plugin of this name is here");
    return text_is(name, "sketch") ? &kit_plugin : NULL;
}

static const struct plugin_source kit_plugins = {NULL, kit_find};

struct kit {
    const char *workflow, *test;
    const struct plugin_source *plugins;
    const struct workbench_hosts *hosts;
    enum workbench_format format;
    bool coverage;
};

static inline struct workbench_tested kit_run(const struct kit *kit)
{
    const struct workbench_pair pair = {
        .test = {TEXT("a.test.yaml"), text_from(kit->test)},
        .workflow = {TEXT("a.yaml"), text_from(kit->workflow)},
    };
    const struct workflow_context context = {.plugins = kit->plugins};
    const struct workbench_tester tester = {
        .context = &context, .hosts = kit->hosts, .format = kit->format, .coverage = kit->coverage};
    struct workbench_tested tested;

    workbench_test(&pair, 1, &tester, kit_arena, &tested);
    return tested;
}

/* The output of lines as gcc writes them must be this. */
static inline void kit_assert_output(const char *workflow, const char *test, const char *wanted)
{
    const struct kit kit = {.workflow = workflow, .test = test, .format = WORKBENCH_GCC};

    assert_string_equal(kit_run(&kit).output.bytes, wanted);
}

static inline void kit_assert_passes(const struct kit *kit)
{
    struct workbench_tested tested = kit_run(kit);

    if (tested.failed > 0)
        fail_msg("%s", tested.output.bytes);
    assert_true(tested.passed > 0);
}

static inline void kit_assert_passes_with(const char *workflow, const char *test)
{
    const struct kit kit = {.workflow = workflow, .test = test};

    kit_assert_passes(&kit);
}

#endif
