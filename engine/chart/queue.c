/* The events that a macrostep raises itself, in order. */
#include "base/arena.h"
#include "chart/chart.h"
#include "chart/run.h"

void chart_queue_init(struct chart_run *run)
{
    run->queue = NULL;
    run->queue_end = &run->queue;
}

void chart_raise(struct chart_run *run, struct text name, struct value data)
{
    struct chart_queued *queued = ARENA_NEW(run->arena, struct chart_queued);
    queued->event = (struct chart_event){
        .name = name, .transition = CHART_NONE, .data = data, .is_internal = true};
    *run->queue_end = queued;
    run->queue_end = &queued->next;
}

const struct chart_event *chart_queue_pop(struct chart_run *run)
{
    struct chart_queued *queued = run->queue;
    if (queued == NULL)
        return NULL;
    run->queue = queued->next;
    if (run->queue == NULL)
        chart_queue_init(run);
    return &queued->event;
}
