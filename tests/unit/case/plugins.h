/* Plugins as the loader of workflows sees them in these tests; what they answer is the test's. */
#ifndef SANKOFA_TESTS_CASE_PLUGINS_H
#define SANKOFA_TESTS_CASE_PLUGINS_H

#include "case/world.h"
#include "wire/describe.h"

#define FIELD_OF(kind_, name_)                                                                     \
    {                                                                                              \
        .name = TEXT(name_), .kind = (kind_)                                                       \
    }

static const struct plugin_field score_inputs[] = {FIELD_OF(PLUGIN_TEXT, "household"),
                                                   FIELD_OF(PLUGIN_DATE, "born"),
                                                   FIELD_OF(PLUGIN_INTEGER, "threshold")};
static const struct plugin_field score_outputs[] = {FIELD_OF(PLUGIN_INTEGER, "risk"),
                                                    FIELD_OF(PLUGIN_TEXT, "advice")};
static const struct plugin_field issue_inputs[] = {FIELD_OF(PLUGIN_TEXT, "child"),
                                                   FIELD_OF(PLUGIN_TIMESTAMP, "asked_at")};
static const struct plugin_field issue_outputs[] = {FIELD_OF(PLUGIN_TEXT, "number"),
                                                    FIELD_OF(PLUGIN_DATE, "expires")};
static const struct plugin_field issue_answers[] = {FIELD_OF(PLUGIN_BOOLEAN, "granted")};

static const struct plugin_step_type sketch_types[] = {
    {.name = TEXT("score"),
     .is_check = true,
     .is_idempotent = true,
     .inputs = {score_inputs, 3},
     .outputs = {score_outputs, 2}},
    {.name = TEXT("issue"),
     .is_idempotent = true,
     .parks = true,
     .has_drop = true,
     .inputs = {issue_inputs, 2},
     .outputs = {issue_outputs, 2},
     .answers = {issue_answers, 1}},
    {.name = TEXT("plain"), .is_idempotent = true, .parks = true, .inputs = {issue_inputs, 2}},
};
static const struct plugin_description sketch = {
    .name = TEXT("sketch"), .step_types = sketch_types, .step_type_count = 3};

static inline const struct plugin_description *find_sketch(void *self, struct text name,
                                                           struct text *why_out)
{
    (void)self;
    *why_out = TEXT("There is only sketch.");
    return text_is(name, "sketch") ? &sketch : NULL;
}

static const struct plugin_source sketch_source = {.find = find_sketch};

#endif
