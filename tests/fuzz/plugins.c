/* What a workflow of the corpus may name: the plugin `sketch`, with a field of every kind, a check,
 * a step that parks and one that does not; the zone Africa/Dakar, and one far from it. A file that
 * does not name sketch is read as where nothing is known of plugins. */
#include <string.h>

#include "fuzz.h"
#include "workflows.h"

static const struct text households[] = {TEXT("safe"), TEXT("unsafe")};
static const struct plugin_field score_inputs[] = {
    {.name = TEXT("household"), .kind = PLUGIN_TEXT, .options = households, .option_count = 2},
    {.name = TEXT("threshold"), .kind = PLUGIN_INTEGER, .has_initial = true, .initial = TEXT("5")},
    {.name = TEXT("weight"), .kind = PLUGIN_NUMBER},
    {.name = TEXT("seen"), .kind = PLUGIN_BOOLEAN},
    {.name = TEXT("day"), .kind = PLUGIN_DATE},
    {.name = TEXT("at"), .kind = PLUGIN_TIMESTAMP},
    {.name = TEXT("tags"), .kind = PLUGIN_TEXTS},
    {.name = TEXT("child"), .kind = PLUGIN_TEXT},
};
static const struct plugin_field score_outputs[] = {
    {.name = TEXT("risk"), .kind = PLUGIN_INTEGER},
    {.name = TEXT("weight"), .kind = PLUGIN_NUMBER},
    {.name = TEXT("advice"), .kind = PLUGIN_TEXT},
};
static const struct plugin_field issue_inputs[] = {
    {.name = TEXT("authority"), .kind = PLUGIN_TEXT},
    {.name = TEXT("child"), .kind = PLUGIN_TEXT},
    {.name = TEXT("weight"), .kind = PLUGIN_NUMBER},
    {.name = TEXT("at"), .kind = PLUGIN_TIMESTAMP},
    {.name = TEXT("tags"), .kind = PLUGIN_TEXTS},
};
static const struct plugin_field issue_outputs[] = {
    {.name = TEXT("number"), .kind = PLUGIN_TEXT},
    {.name = TEXT("expires"), .kind = PLUGIN_DATE},
    {.name = TEXT("fee"), .kind = PLUGIN_NUMBER},
};
static const struct plugin_field issue_answers[] = {
    {.name = TEXT("granted"), .kind = PLUGIN_BOOLEAN, .required = true},
};

#define FIELDS(array)                                                                              \
    {                                                                                              \
        (array), sizeof(array) / sizeof((array)[0])                                                \
    }

static const struct plugin_step_type types[] = {
    {.name = TEXT("score"),
     .is_check = true,
     .is_idempotent = true,
     .inputs = FIELDS(score_inputs),
     .outputs = FIELDS(score_outputs)},
    {.name = TEXT("issue"),
     .is_idempotent = true,
     .parks = true,
     .has_drop = true,
     .inputs = FIELDS(issue_inputs),
     .outputs = FIELDS(issue_outputs),
     .answers = FIELDS(issue_answers)},
    {.name = TEXT("plain"), .is_idempotent = true, .inputs = FIELDS(issue_inputs)},
};
static const struct plugin_description sketch = {
    .name = TEXT("sketch"), .version = TEXT("1"), .step_types = types, .step_type_count = 3};

static const struct plugin_description *find(void *self, struct text name, struct text *why_out)
{
    (void)self;
    *why_out = TEXT("There is only sketch.");
    return text_is(name, "sketch") ? &sketch : NULL;
}

static const struct zone *load_zone(void *self, struct text name)
{
    static struct arena *arena;
    static const struct zone *far, *near;

    (void)self;
    if (arena == NULL) {
        arena = arena_create("zones");
        far = zone_fixed(arena, 14 * 3600);
        near = zone_fixed(arena, 0);
    }
    if (text_is(name, "Pacific/Kiritimati"))
        return far;
    return text_is(name, "Africa/Dakar") ? near : NULL;
}

const struct zone_source *fuzz_zones(void)
{
    static const struct zone_source zones = {.load = load_zone};

    return &zones;
}

struct workflow_context fuzz_context(struct text source)
{
    static const struct plugin_source plugins = {.find = find};
    bool is_known = source.size > 0 && memmem(source.bytes, source.size, "sketch/", 7) != NULL;

    return (struct workflow_context){.plugins = is_known ? &plugins : NULL, .zones = fuzz_zones()};
}
