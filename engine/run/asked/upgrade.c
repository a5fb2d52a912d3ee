/* Whether another version of a plugin would do for the definitions of the store: each is opened
 * once with the plugins as they are, and once with the other one. What is wrong only then is the
 * reason not to take it. */
#include "base/arena.h"
#include "run/internal.h"

struct swap {
    const struct plugin_source *others;
    struct text name;
    const struct plugin_description *description;
};

static const struct plugin_description *find_swapped(void *self, struct text name,
                                                     struct text *why_out)
{
    const struct swap *swap = self;

    if (!text_equal(name, swap->name))
        return swap->others->find(swap->others->self, name, why_out);
    *why_out = TEXT(N_("it would not be there any more"));
    return swap->description;
}

static void open_with(struct wheel *wheel, const struct plugin_source *plugins,
                      const struct workflow *workflow, struct diag_list *diags)
{
    struct workflow_context context = {
        .plugins = plugins, .zones = &wheel->zones, .lenient_plugins = true};

    (void)workflow_open(text_copy(diags->arena, workflow->rendered), &context, diags);
}

static bool holds(const struct diag_list *diags, const struct diag *wanted)
{
    for (size_t i = 0; i < diags->count; i++)
        if (text_is(text_from(diags->items[i].code), wanted->code) &&
            text_equal(diags->items[i].message, wanted->message))
            return true;
    return false;
}

/* What `after` holds and `before` does not; NULL. */
static const struct diag *news(const struct diag_list *before, const struct diag_list *after)
{
    for (size_t i = 0; i < after->count; i++)
        if (!holds(before, &after->items[i]))
            return &after->items[i];
    return NULL;
}

/* A step that is parked now is to be woken by the other one. */
static const struct workflow_step *cannot_wake(const struct workflow *workflow,
                                               const struct swap *swap)
{
    struct text why;
    const struct plugin_description *now = swap->others->find(swap->others->self, swap->name, &why);

    for (size_t i = 0; now && swap->description && i < workflow->step_count; i++) {
        const struct workflow_step *step = &workflow->steps[i];
        if (!text_equal(step->plugin, swap->name))
            continue;
        const struct plugin_step_type *old = plugin_step_type(now, step->step);
        const struct plugin_step_type *new = plugin_step_type(swap->description, step->step);
        if (old && new && old->parks && !new->parks)
            return step;
    }
    return NULL;
}

static bool suits(struct wheel *wheel, const struct workflow *workflow, struct swap *swap,
                  struct arena *arena, struct text *why_out)
{
    ARENA_SCOPED struct arena *trial = arena_create("trial");
    struct plugin_source swapped = {swap, find_swapped};
    struct diag_list before, after;

    diag_list_init(&before, trial);
    diag_list_init(&after, trial);
    open_with(wheel, &wheel->plugins, workflow, &before);
    open_with(wheel, &swapped, workflow, &after);
    const struct diag *diag = news(&before, &after);
    const struct workflow_step *asleep = cannot_wake(workflow, swap);
    if (diag)
        *why_out =
            text_printf(arena, N_("The workflow %.*s, which is in the store, uses it: %.*s."),
                        TEXT_ARG(workflow->id), TEXT_ARG(diag->message));
    else if (asleep)
        *why_out =
            text_printf(arena,
                        N_("The workflow %.*s, which is in the store, may have steps that are "
                           "parked, and %.*s/%.*s does not park any more."),
                        TEXT_ARG(workflow->id), TEXT_ARG(asleep->plugin), TEXT_ARG(asleep->step));
    return !diag && !asleep;
}

bool wheel_allows_plugin(struct wheel *wheel, struct text name,
                         const struct plugin_description *description, struct arena *arena,
                         struct text *why_out)
{
    struct swap swap = {&wheel->plugins, name, description};

    for (size_t i = 0; i < wheel->registry.count; i++)
        if (!suits(wheel, wheel->registry.items[i]->workflow, &swap, arena, why_out))
            return false;
    return true;
}
