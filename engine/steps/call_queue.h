/* Calls that wait or are under way, in order, each with its frame as it is sent (again). */
#ifndef SANKOFA_STEPS_CALL_QUEUE_H
#define SANKOFA_STEPS_CALL_QUEUE_H

#include <stdbool.h>

#include "run/ports.h"
#include "wire/wire.h"

struct arena;

struct step_call {
    struct step_call *next;
    uint64_t number;
    enum run_verb verb;
    int64_t timeout_ms; /* 0: what the step type says */
    bool is_cancelled;
    struct text step, frame; /* behind the struct */
};

struct call_queue {
    struct step_call *first, **end;
    size_t count, bytes; /* bytes: of their frames */
};

/* What a host is sent for a call; its texts and values are the call's. */
struct wire_frame step_call_frame(const struct run_call *call, struct arena *arena);
/* Copies the call. 0; -EMSGSIZE, -EINVAL: no frame can hold its inputs. `arena` is for making the
 * frame. */
int step_call_create(const struct run_call *call, struct arena *arena, struct step_call **call_out);
/* Accepts NULL. */
void step_call_destroy(struct step_call *call);

void call_queue_init(struct call_queue *queue);
/* Destroys the calls in it. */
void call_queue_clear(struct call_queue *queue);
void call_queue_push(struct call_queue *queue, struct step_call *call);
/* NULL: it is empty. */
struct step_call *call_queue_pop(struct call_queue *queue);
/* The call of that number; NULL. */
struct step_call *call_queue_find(const struct call_queue *queue, uint64_t number);
void call_queue_remove(struct call_queue *queue, const struct step_call *call);
/* Puts all of `front` before `queue`, and leaves `front` empty; cancelled calls are destroyed. */
void call_queue_put_back(struct call_queue *queue, struct call_queue *front);

#endif
