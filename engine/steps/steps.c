/* The processes of plugins, as the daemon sees them: plugins, the alarm, answers, the end.
 *
 * The happy path:
 *   1. steps_start hashes every plugin's file and starts a first host each; `described`
 *   2. steps_begin makes a frame of a call and gives it to a lane of its plugin
 *   3. the lane's host answers; `answered`
 *   4. steps_close kills all hosts; once the last one is reaped, `closed` */
#include "steps/steps.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "steps/internal.h"

struct later {
    struct later *next;
    uint64_t call;
    enum steps_break how;
    struct text why;
};

int64_t steps_now_ms(const struct steps *steps)
{
    return steps->options.clock.steady_ms(steps->options.clock.self);
}

/* The lanes of all plugins, one after the other. */
static struct lane *lane_at(const struct steps *steps, size_t index)
{
    return &steps->plugins[index / LANE_COUNT]->lanes[index % LANE_COUNT];
}

/* The alarm. */

static void alarm_rang(uv_timer_t *timer)
{
    struct steps *steps = timer->data;
    int64_t now_ms = steps_now_ms(steps);
    steps->alarm_ms = INT64_MAX;
    for (size_t i = 0; i < steps->plugin_count * LANE_COUNT; i++)
        lane_tick(lane_at(steps, i), now_ms);
    for (size_t i = 0; i < steps->plugin_count * LANE_COUNT; i++)
        steps_wake_at(steps, lane_due_ms(lane_at(steps, i)));
}

void steps_wake_at(struct steps *steps, int64_t at_ms)
{
    if (steps->is_closing || at_ms >= steps->alarm_ms)
        return;
    int64_t delay_ms = at_ms - steps_now_ms(steps);
    steps->alarm_ms = at_ms;
    CHECK(uv_timer_start(&steps->alarm, alarm_rang, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0) == 0);
}

/* Answers. */

void steps_answer(struct steps *steps, uint64_t call, const struct run_outcome *outcome)
{
    if (!steps->is_closing)
        steps->options.answered(steps->options.self, call, outcome);
}

static void give_later(uv_timer_t *timer);

static void tell(struct steps *steps, struct plugin *plugin)
{
    struct text why = plugin->state == PLUGIN_DESCRIBED ? TEXT_NONE : text_from(plugin->why);
    plugin->is_to_be_told = false;
    plugin->is_told = true;
    switch (plugin->role) {
    case PLUGIN_CURRENT:
        steps->options.described(steps->options.self, text_from(plugin->options->name), why);
        break;
    case PLUGIN_CANDIDATE:
        steps->options.tried(steps->options.self, text_from(plugin->options->name),
                             why.size == 0 ? &plugin->description : NULL, why);
        break;
    case PLUGIN_RETIRED:
    case PLUGIN_REJECTED:
        break;
    }
}

static void wake_later(struct steps *steps)
{
    if (!steps->is_closing && !uv_is_active((uv_handle_t *)&steps->later_timer))
        CHECK(uv_timer_start(&steps->later_timer, give_later, 0, 0) == 0);
}

static bool is_untold(const struct plugin *plugin)
{
    return plugin->role == PLUGIN_CURRENT && !plugin->is_told;
}

/* No plugin is told of again before each was told of once, so that these can be counted. */
static void tell_all(struct steps *steps)
{
    size_t untold_count = 0;
    for (size_t i = 0; i < steps->plugin_count; i++)
        untold_count += is_untold(steps->plugins[i]);
    for (size_t i = 0; i < steps->plugin_count && !steps->is_closing; i++) {
        struct plugin *plugin = steps->plugins[i];
        if (!plugin->is_to_be_told || (plugin->is_told && untold_count > 0))
            continue;
        untold_count -= is_untold(plugin);
        tell(steps, plugin);
        if (untold_count == 0)
            wake_later(steps); /* for those that had to wait */
    }
}

/* Whoever is answered may break further calls; these are for the next turn. */
static void give_later(uv_timer_t *timer)
{
    struct steps *steps = timer->data;
    struct later *later = steps->later_first;
    struct arena *arena = steps->later_arena;
    steps->later_first = NULL;
    steps->later_end = &steps->later_first;
    steps->later_arena = steps->later_spare;
    steps->later_spare = arena;

    tell_all(steps);
    for (; later != NULL; later = later->next) {
        struct run_outcome outcome = {.kind = RUN_BROKEN,
                                      .message = later->why,
                                      .retry = later->how != STEPS_HOPELESS,
                                      .ran = later->how == STEPS_RAN};
        steps_answer(steps, later->call, &outcome);
    }
    arena_reset(arena);
}

void steps_tell_later(struct plugin *plugin)
{
    plugin->is_to_be_told = true;
    wake_later(plugin->steps);
}

void steps_break_later(struct steps *steps, uint64_t call, enum steps_break how, struct text why)
{
    struct later *later = ARENA_NEW(steps->later_arena, struct later);
    *later = (struct later){.call = call, .how = how, .why = text_copy(steps->later_arena, why)};
    *steps->later_end = later;
    steps->later_end = &later->next;
    wake_later(steps);
}

void steps_answer_later(struct steps *steps, struct step_call *call, enum steps_break how,
                        struct text why)
{
    if (!call->is_cancelled)
        steps_break_later(steps, call->number, how, why);
    step_call_destroy(call);
}

/* Calls. */

struct plugin *steps_find(const struct steps *steps, struct text name)
{
    for (size_t i = 0; i < steps->plugin_count; i++) {
        struct plugin *plugin = steps->plugins[i];
        if (plugin->role == PLUGIN_CURRENT && text_is(name, plugin->options->name))
            return plugin;
    }
    return NULL;
}

void steps_begin(struct steps *steps, const struct run_call *call)
{
    struct plugin *plugin = steps_find(steps, call->plugin);
    struct step_call *made;
    if (steps->is_closing)
        return;
    if (plugin == NULL) {
        steps_break_later(steps, call->number,
                          call->verb == RUN_CHECK ? STEPS_HOPELESS : STEPS_AWAY,
                          TEXT(N_("No plugin of that name is configured.")));
        return;
    }
    int result = step_call_create(call, steps->turn, &made);
    arena_reset(steps->turn); /* what a case holds is not kept beside the call */
    if (result != 0) {
        steps_break_later(
            steps, call->number, STEPS_HOPELESS,
            result == -EMSGSIZE
                ? TEXT(N_("The inputs of the call are larger than 4 MiB."))
                : TEXT(N_("The inputs of the call hold what is no JSON: a number that "
                          "is not finite, a text that is not UTF-8, or too many levels.")));
        return;
    }
    lane_begin(&plugin->lanes[call->verb == RUN_CHECK ? LANE_CHECKS : LANE_STEPS], made);
}

void steps_cancel(struct steps *steps, uint64_t call)
{
    for (size_t i = 0; i < steps->plugin_count * LANE_COUNT; i++) {
        if (lane_cancel(lane_at(steps, i), call))
            return;
    }
}

/* Life. */

struct plugin *steps_add(struct steps *steps, const struct steps_plugin *options,
                         enum plugin_role role)
{
    struct plugin *plugin = calloc(1, sizeof *plugin);
    CHECK(plugin != NULL);
    if (steps->plugin_count == steps->plugin_capacity) {
        steps->plugin_capacity = steps->plugin_capacity * 2 + 8;
        steps->plugins = realloc(steps->plugins, steps->plugin_capacity * sizeof *steps->plugins);
        CHECK(steps->plugins != NULL);
    }
    plugin_init(plugin, steps, options);
    plugin->role = role;
    steps->plugins[steps->plugin_count++] = plugin;
    return plugin;
}

struct steps *steps_create(const struct steps_options *options)
{
    struct steps *steps = calloc(1, sizeof *steps);
    CHECK(steps != NULL);
    steps->options = *options;
    steps->alarm_ms = INT64_MAX;
    steps->turn = arena_create("turn");
    steps->judging = arena_create("judging");
    steps->later_arena = arena_create("later");
    steps->later_spare = arena_create("later");
    steps->later_end = &steps->later_first;
    CHECK(uv_timer_init(options->loop, &steps->alarm) == 0);
    CHECK(uv_timer_init(options->loop, &steps->later_timer) == 0);
    steps->alarm.data = steps;
    steps->later_timer.data = steps;
    steps->handles_open = 2;
    for (size_t i = 0; i < options->plugin_count; i++)
        steps_add(steps, &options->plugins[i], PLUGIN_CURRENT);
    return steps;
}

void steps_start(struct steps *steps)
{
    for (size_t i = 0; i < steps->plugin_count; i++)
        plugin_start(steps->plugins[i]);
}

static void finish_closing(struct steps *steps)
{
    if (steps->handles_open == 0 && steps->host_count == 0)
        steps->closed(steps->closed_self);
}

void steps_host_gone(void *self)
{
    struct steps *steps = self;
    steps->host_count--;
    if (steps->is_closing)
        finish_closing(steps);
}

static void timer_closed(uv_handle_t *handle)
{
    struct steps *steps = handle->data;
    steps->handles_open--;
    finish_closing(steps);
}

void steps_close(struct steps *steps, void (*closed)(void *self), void *self)
{
    CHECK(!steps->is_closing);
    steps->is_closing = true;
    steps->closed = closed;
    steps->closed_self = self;
    for (size_t i = 0; i < steps->plugin_count * LANE_COUNT; i++)
        lane_kill(lane_at(steps, i));
    uv_close((uv_handle_t *)&steps->alarm, timer_closed);
    uv_close((uv_handle_t *)&steps->later_timer, timer_closed);
}

void steps_destroy(struct steps *steps)
{
    if (steps == NULL)
        return;
    CHECK(steps->is_closing);
    CHECK(steps->handles_open == 0);
    CHECK(steps->host_count == 0);
    for (size_t i = 0; i < steps->plugin_count; i++) {
        plugin_finish(steps->plugins[i]);
        free(steps->plugins[i]);
    }
    free(steps->plugins);
    arena_destroy(steps->turn);
    arena_destroy(steps->judging);
    arena_destroy(steps->later_arena);
    arena_destroy(steps->later_spare);
    free(steps);
}

/* Looking. */

static const struct plugin_description *find_description(void *self, struct text name,
                                                         struct text *why_out)
{
    struct plugin *plugin = steps_find(self, name);
    if (plugin == NULL)
        *why_out = TEXT(N_("no plugin of this name is configured"));
    else if (plugin->state == PLUGIN_DESCRIBED)
        return &plugin->description;
    else if (plugin->why[0] == '\0')
        *why_out = TEXT(N_("the plugin is still being loaded"));
    else
        *why_out = text_from(plugin->why);
    return NULL;
}

size_t steps_host_count(const struct steps *steps, struct text name)
{
    const struct plugin *plugin = steps_find(steps, name);

    return plugin == NULL ? 0 : plugin->lanes[LANE_STEPS].slot_count;
}

struct plugin_source steps_source(struct steps *steps)
{
    return (struct plugin_source){steps, find_description};
}

struct value steps_status(struct steps *steps, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < steps->plugin_count; i++) {
        if (steps->plugins[i]->role == PLUGIN_CURRENT)
            value_append(&list, plugin_status(steps->plugins[i], arena));
    }
    return list;
}

struct value steps_care(struct steps *steps, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < steps->plugin_count; i++) {
        if (steps->plugins[i]->role == PLUGIN_CURRENT)
            value_append(&list, plugin_care(steps->plugins[i], arena));
    }
    return list;
}
