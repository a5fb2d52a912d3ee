/* Two queues: requests and events in the order in which they came, and the cases that have
 * something to do. What a request holds is copied into an arena of its own, which is its life. */
#include "base/arena.h"
#include "run/internal.h"

struct queued *wheel_queued(struct wheel *wheel)
{
    (void)wheel;
    struct arena *arena = arena_create("request");
    struct queued *queued = ARENA_NEW(arena, struct queued);

    queued->arena = arena;
    return queued;
}

void wheel_drop(struct queued *queued)
{
    arena_destroy(queued->arena);
}

void wheel_enqueue(struct wheel *wheel, struct queued *queued)
{
    queued->next = NULL;
    *wheel->queue_last = queued;
    wheel->queue_last = &queued->next;
    wheel->queue_count++;
}

struct queued *wheel_dequeue(struct wheel *wheel)
{
    struct queued *queued = wheel->queue;

    wheel->queue = queued->next;
    if (!wheel->queue)
        wheel->queue_last = &wheel->queue;
    wheel->queue_count--;
    return queued;
}

void wheel_make_ready(struct wheel *wheel, struct run_case *one)
{
    if (one->is_ready)
        return;
    one->is_ready = true;
    one->next_ready = NULL;
    *wheel->ready_last = one;
    wheel->ready_last = &one->next_ready;
}

struct run_case *wheel_take_ready(struct wheel *wheel)
{
    struct run_case *one = wheel->ready;

    wheel->ready = one->next_ready;
    if (!wheel->ready)
        wheel->ready_last = &wheel->ready;
    one->is_ready = false;
    return one;
}

void wheel_enqueue_case(struct wheel *wheel, struct run_case *one, struct queued *queued)
{
    queued->next = NULL;
    *one->waiting_last = queued;
    one->waiting_last = &queued->next;
    if (queued->is_person)
        one->people_waiting++;
    if (!one->current)
        wheel_make_ready(wheel, one);
}

/* ---- A request is copied, with all that it points to. ---- */

static struct text copy(struct queued *queued, struct text text)
{
    return text_copy(queued->arena, text);
}

static const struct text *copy_texts(struct arena *arena, const struct text *texts, size_t count)
{
    struct text *copies = ARENA_ARRAY(arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        copies[i] = text_copy(arena, texts[i]);
    return copies;
}

static void copy_person(struct queued *queued, const struct case_person *person)
{
    queued->asker = (struct case_person){
        .id = copy(queued, person->id),
        .person = copy(queued, person->person),
        .roles = copy_texts(queued->arena, person->roles, person->role_count),
        .countries = person->countries
                         ? copy_texts(queued->arena, person->countries, person->role_count)
                         : NULL,
        .role_count = person->role_count};
    queued->person = queued->asker;
    queued->request.person = &queued->asker;
}

static void copy_filter(struct queued *queued)
{
    struct run_filter *filter = &queued->request.filter;

    filter->state = copy(queued, filter->state);
    filter->workflow = copy(queued, filter->workflow);
    filter->country = copy(queued, filter->country);
    filter->code = copy(queued, filter->code);
    filter->cursor = copy(queued, filter->cursor);
}

void wheel_post(struct wheel *wheel, const struct run_request *request)
{
    struct queued *queued = wheel_queued(wheel);
    struct run_request *own = &queued->request;

    queued->is_person = true;
    *own = *request;
    copy_person(queued, request->person);
    own->case_name = copy(queued, request->case_name);
    own->name = copy(queued, request->name);
    own->data = value_copy(queued->arena, &request->data);
    own->comment = copy(queued, request->comment);
    own->key = copy(queued, request->key);
    own->request = copy(queued, request->request);
    own->language = copy(queued, request->language);
    own->source = copy(queued, request->source);
    own->file = copy(queued, request->file);
    own->outcome = copy(queued, request->outcome);
    if (request->slot_change)
        queued->slot_change = *request->slot_change;
    copy_filter(queued);
    wheel_enqueue(wheel, queued);
}
