/* Calls, from the wheel's words to a frame, and lists of them. */
#include "steps/call_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/wipe.h"

static enum wire_kind kind_of(enum run_verb verb)
{
    switch (verb) {
    case RUN_CHECK:
    case RUN_STEP:
        return WIRE_RUN;
    case RUN_RESUME:
        return WIRE_RESUME;
    case RUN_DROP:
        return WIRE_DROP;
    }
    CHECK(!"a verb of the table");
    return WIRE_RUN;
}

static struct value body_of(const struct run_call *call, struct arena *arena)
{
    struct value body = value_map(arena);
    value_put(&body, "step", value_string(call->step));
    value_put(&body, "inputs", call->inputs);
    value_put(&body, "key", value_string(call->key));
    value_put(&body, "now_ms", value_int(call->now_ms));
    if (call->verb != RUN_CHECK) {
        value_put(&body, "attempt", value_int(call->attempt > 0 ? call->attempt : 1));
        value_put(&body, "parks", value_int(call->park_count));
    }
    if (call->verb == RUN_RESUME) {
        value_put(&body, "woken_by", value_cstring(call->woken_by_time ? "time" : "answer"));
        if (!call->woken_by_time)
            value_put(&body, "answer", call->answer);
    }
    if (call->verb == RUN_RESUME || call->verb == RUN_DROP)
        value_put(&body, "cookie", value_string(call->cookie));
    return body;
}

struct wire_frame step_call_frame(const struct run_call *call, struct arena *arena)
{
    return (struct wire_frame){
        .kind = kind_of(call->verb), .call = call->number, .body = body_of(call, arena)};
}

int step_call_create(const struct run_call *call, struct arena *arena, struct step_call **call_out)
{
    struct wire_frame frame = step_call_frame(call, arena);
    struct text bytes;
    int result = wire_write(arena, &frame, &bytes);
    if (result != 0)
        return result;
    struct step_call *made = malloc(sizeof *made + call->step.size + bytes.size);
    CHECK(made != NULL);
    char *step = (char *)(made + 1);
    *made = (struct step_call){.number = call->number,
                               .verb = call->verb,
                               .timeout_ms = call->timeout_ms,
                               .step = {step, call->step.size},
                               .frame = {step + call->step.size, bytes.size}};
    memcpy(step, call->step.bytes, call->step.size);
    memcpy(step + call->step.size, bytes.bytes, bytes.size);
    *call_out = made;
    return 0;
}

void step_call_destroy(struct step_call *call)
{
    wipe_free(call);
}

void call_queue_init(struct call_queue *queue)
{
    *queue = (struct call_queue){.end = &queue->first};
}

void call_queue_clear(struct call_queue *queue)
{
    for (struct step_call *call; (call = call_queue_pop(queue)) != NULL;)
        step_call_destroy(call);
}

void call_queue_push(struct call_queue *queue, struct step_call *call)
{
    call->next = NULL;
    *queue->end = call;
    queue->end = &call->next;
    queue->count++;
    queue->bytes += call->frame.size;
}

static struct step_call *unlink_at(struct call_queue *queue, struct step_call **link)
{
    struct step_call *call = *link;
    *link = call->next;
    if (call->next == NULL)
        queue->end = link;
    queue->count--;
    queue->bytes -= call->frame.size;
    return call;
}

struct step_call *call_queue_pop(struct call_queue *queue)
{
    return queue->first == NULL ? NULL : unlink_at(queue, &queue->first);
}

struct step_call *call_queue_find(const struct call_queue *queue, uint64_t number)
{
    struct step_call *call = queue->first;
    while (call != NULL && call->number != number)
        call = call->next;
    return call;
}

void call_queue_remove(struct call_queue *queue, const struct step_call *call)
{
    struct step_call **link = &queue->first;
    while (*link != call)
        link = &(*link)->next;
    unlink_at(queue, link);
}

void call_queue_put_back(struct call_queue *queue, struct call_queue *front)
{
    struct call_queue behind;
    call_queue_init(&behind);
    for (struct step_call *call; (call = call_queue_pop(queue)) != NULL;)
        call_queue_push(&behind, call);
    for (struct step_call *call; (call = call_queue_pop(front)) != NULL;) {
        if (call->is_cancelled)
            step_call_destroy(call);
        else
            call_queue_push(queue, call);
    }
    for (struct step_call *call; (call = call_queue_pop(&behind)) != NULL;)
        call_queue_push(queue, call);
}
