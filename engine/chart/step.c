/* One macrostep: an external event, then eventless transitions and internal events until none is
 * left.
 *
 * The happy path:
 * 1. The event is bound and its transitions are selected and taken: one microstep.
 * 2. Eventless transitions are tried; where there are none, the next internal event.
 * 3. Nothing is left, or a top-level final state was entered. The configuration must be legal. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "chart/chart.h"
#include "chart/run.h"

static void run_init(struct chart_run *run, const struct chart *chart,
                     struct chart_configuration *configuration, const struct chart_hooks *hooks,
                     struct arena *arena)
{
    size_t state_count = chart->state_count;
    *run = (struct chart_run){
        .chart = chart,
        .configuration = configuration,
        .hooks = hooks,
        .arena = arena,
        .erred = ARENA_ARRAY(arena, bool, chart->transition_count),
        .seen = ARENA_ARRAY(arena, bool, state_count),
        .is_root = ARENA_ARRAY(arena, bool, state_count),
        .beneath = ARENA_ARRAY(arena, uint16_t, state_count),
        .entering = ARENA_ARRAY(arena, bool, state_count),
        .wanted = ARENA_ARRAY(arena, uint16_t, state_count),
        .list = ARENA_ARRAY(arena, uint16_t, state_count),
        .defaults = ARENA_ARRAY(arena, uint16_t, state_count),
    };
    chart_queue_init(run);
}

static void bind(struct chart_run *run, const struct chart_event *event)
{
    if (run->hooks->bind)
        run->hooks->bind(run->hooks->self, event);
}

/* Counts a microstep or an internal event; false: there were too many. */
static bool count_step(struct chart_run *run)
{
    return ++run->step_count <= CHART_STEPS_MAX;
}

/* Takes what was selected, if anything was. */
static int take(struct chart_run *run, const struct chart_event *event)
{
    if (run->move_count == 0)
        return 0;
    if (!count_step(run))
        return -ELOOP;
    run->microstep_count++;
    chart_microstep(run, event);
    return 0;
}

/* Goes on until nothing is left to do. */
static int settle(struct chart_run *run)
{
    while (!run->is_closed) {
        const struct chart_event *event = NULL;
        chart_select(run, NULL);
        if (run->move_count == 0) {
            event = chart_queue_pop(run);
            if (event == NULL)
                return 0;
            if (!count_step(run))
                return -ELOOP;
            bind(run, event);
            chart_select(run, event);
        }
        if (take(run, event) < 0)
            return -ELOOP;
    }
    return 0;
}

/* Whether the root's active child is final. */
static bool is_closed(const struct chart *chart, const struct chart_configuration *configuration)
{
    uint16_t top = chart_first_active(chart, configuration->active, 0);
    return top != CHART_NONE && chart->states[top].kind == CHART_FINAL;
}

static int finish(struct chart_run *run, int status, bool taken, struct chart_result *result_out)
{
    *result_out = (struct chart_result){
        .taken = taken, .is_closed = run->is_closed, .microsteps = run->microstep_count};
    CHECK(status < 0 || chart_configuration_is_legal(run->chart, run->configuration));
    return status;
}

int chart_start(const struct chart *chart, struct chart_configuration *configuration,
                const struct chart_event *event, const struct chart_hooks *hooks,
                struct arena *arena, void (*begin)(void *self, struct chart_run *run),
                struct chart_result *result_out)
{
    struct chart_run run;
    CHECK(!configuration->active[0]);
    run_init(&run, chart, configuration, hooks, arena);
    begin(hooks->self, &run);
    bind(&run, event);
    run.step_count = run.microstep_count = 1;
    chart_enter_initial(&run);
    return finish(&run, settle(&run), true, result_out);
}

int chart_step(const struct chart *chart, struct chart_configuration *configuration,
               const struct chart_event *event, const struct chart_hooks *hooks,
               struct arena *arena, void (*begin)(void *self, struct chart_run *run),
               struct chart_result *result_out)
{
    struct chart_run run;
    CHECK(configuration->active[0]);
    run_init(&run, chart, configuration, hooks, arena);
    run.is_closed = is_closed(chart, configuration);
    begin(hooks->self, &run);
    bind(&run, event);
    chart_select(&run, event);
    bool taken = run.move_count > 0;
    int status = take(&run, event);
    if (status == 0)
        status = settle(&run);
    return finish(&run, status, taken, result_out);
}
