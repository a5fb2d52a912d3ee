/* The list of operations: a few under way, and the last ones that are over, for whoever asks late.
 */
#include "run/long/operations.h"

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/when.h"
#include "run/internal.h"

enum { OPERATIONS_MAX = 32, ETA_AFTER_MS = 500, ID_BYTES = 8 };

enum status { RUNNING, DONE, FAILED, STATUS_COUNT };

static const char *const status_names[STATUS_COUNT] = {
    [RUNNING] = "running", [DONE] = "done", [FAILED] = "failed"};

struct operation {
    struct operation *next;
    struct arena *arena;
    struct text id, by;
    struct text key, request; /* of the request that began it; may be empty */
    struct operation_work work;
    enum status status; /* loop's thread; RUNNING until it was told to have ended */
    bool waits;         /* for the next batch */
    int64_t began_ms, ended_ms, began_steady_ms;
    uint64_t batch; /* once it is over: what it has written is in this one or an earlier one */
    _Atomic uint64_t done, total;
    atomic_bool is_cancelled;
    bool has_outcome; /* `result` or `problem` */
    struct value result, problem;
};

/* ---- The list. ---- */

void operations_init(struct operations *operations)
{
    operations->last = &operations->first;
}

static struct operation *find(const struct operations *operations, struct text id)
{
    struct operation *one = operations->first;

    while (one && !text_equal(one->id, id))
        one = one->next;
    return one;
}

static void add(struct operations *operations, struct operation *operation)
{
    *operations->last = operation;
    operations->last = &operation->next;
    operations->count++;
    operations->running_count++;
}

/* Makes room for one more: the oldest that is over is forgotten. */
static void forget_oldest(struct operations *operations)
{
    struct operation **at = &operations->first;

    if (operations->count < OPERATIONS_MAX)
        return;
    while (*at && (*at)->status == RUNNING)
        at = &(*at)->next;
    if (!*at)
        return; /* one of a kind at a time: they are fewer than that */
    struct operation *gone = *at;
    *at = gone->next;
    if (!gone->next)
        operations->last = at;
    operations->count--;
    arena_destroy(gone->arena);
}

/* ---- Beginning. ---- */

static struct operation *same_key(const struct operations *operations, const struct queued *queued,
                                  const char *kind)
{
    struct operation *one = operations->first;

    if (text_is_empty(queued->request.key))
        return NULL;
    while (one && (strcmp(one->work.kind, kind) != 0 || !text_equal(one->by, queued->person.id) ||
                   !text_equal(one->key, queued->request.key)))
        one = one->next;
    return one;
}

/* What a kind needs to stay as it is, and what it changes. */
enum { KEYS = 1, FILE_OF_DATA = 2 };
static const struct {
    const char *kind;
    unsigned needs, changes;
} relations[] = {
    {"backup", KEYS | FILE_OF_DATA, 0}, {"verify", FILE_OF_DATA, 0},
    {"replay", FILE_OF_DATA, 0},        {"rotate", 0, KEYS},
    {"erase", 0, KEYS | FILE_OF_DATA},
};

static bool disturbs(const char *kind, const char *other)
{
    unsigned changes = 0, touches = 0;

    for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
        if (strcmp(relations[i].kind, kind) == 0)
            changes = relations[i].changes;
        if (strcmp(relations[i].kind, other) == 0)
            touches = relations[i].needs | relations[i].changes;
    }
    return (changes & touches) != 0;
}

/* The one that another of this kind has to wait for; NULL: none. */
static const struct operation *under_way(const struct operations *operations, const char *kind)
{
    const struct operation *one = operations->first;

    while (one && (one->status != RUNNING ||
                   (strcmp(one->work.kind, kind) != 0 && !disturbs(kind, one->work.kind) &&
                    !disturbs(one->work.kind, kind))))
        one = one->next;
    return one;
}

static int64_t steady_ms(struct wheel *wheel)
{
    return wheel->ports.clock.steady_ms(wheel->ports.clock.self);
}

/* Whole seconds still to go at the pace so far; -1: nobody can say yet. */
static int64_t eta_s(struct wheel *wheel, const struct operation *operation)
{
    int64_t elapsed_ms = steady_ms(wheel) - operation->began_steady_ms;
    uint64_t done = operation->done, total = operation->total;

    if (operation->status != RUNNING || done == 0 || total < done || elapsed_ms < ETA_AFTER_MS)
        return -1;
    return (int64_t)((double)elapsed_ms / (double)done * (double)(total - done) / 1000.0 + 0.5);
}

static struct value describe(struct wheel *wheel, const struct operation *operation,
                             struct arena *arena)
{
    struct value body = value_map(arena);
    int64_t eta = eta_s(wheel, operation);

    value_put(&body, "id", value_string(operation->id));
    value_put(&body, "kind", value_cstring(operation->work.kind));
    value_put(&body, "status", value_cstring(status_names[operation->status]));
    value_put(&body, "by", value_string(operation->by));
    value_put(&body, "began", value_timestamp(when_from_ms(operation->began_ms)));
    if (operation->status != RUNNING)
        value_put(&body, "ended", value_timestamp(when_from_ms(operation->ended_ms)));
    value_put(&body, "done", value_int((int64_t)operation->done));
    value_put(&body, "total", value_int((int64_t)operation->total));
    if (eta >= 0)
        value_put(&body, "eta", value_int(eta));
    if (operation->status == DONE)
        value_put(&body, "result", operation->result);
    if (operation->status == FAILED)
        value_put(&body, "problem", operation->problem);
    return body;
}

static void answer(struct wheel *wheel, const struct queued *queued,
                   const struct operation *operation, int status, bool is_repeat)
{
    struct run_reply reply = {.status = status,
                              .body = describe(wheel, operation, queued->arena),
                              .is_repeat = is_repeat};

    wheel_reply(wheel, queued, operation->batch, &reply);
}

bool operation_may_begin(struct wheel *wheel, const struct queued *queued, const char *kind)
{
    const struct operation *before = same_key(&wheel->operations, queued, kind);

    if (before && text_equal(before->request, queued->request.request))
        answer(wheel, queued, before, 202, true);
    else if (before)
        wheel_fail(wheel, queued, PROBLEM_IDEMPOTENCY_KEY_REUSED,
                   "Another operation was begun with this Idempotency-Key.",
                   "Use a new key for a new request.");
    else if (under_way(&wheel->operations, kind))
        wheel_fail(wheel, queued, PROBLEM_BUSY,
                   "An operation that this one has to wait for is under way.",
                   "Wait until it is over, and repeat.");
    else
        return true;
    return false;
}

static struct text new_id(struct wheel *wheel, struct arena *arena)
{
    uint8_t bytes[ID_BYTES];

    wheel->ports.random.fill(wheel->ports.random.self, bytes, sizeof(bytes));
    return text_hex(arena, bytes, sizeof(bytes));
}

bool operation_is_free(const struct wheel *wheel, const char *kind)
{
    return !under_way(&wheel->operations, kind);
}

static struct operation *make(struct wheel *wheel, struct text by,
                              const struct operation_work *work)
{
    struct arena *arena = arena_create("operation");
    struct operation *operation = ARENA_NEW(arena, struct operation);

    CHECK(!under_way(&wheel->operations, work->kind));
    operation->arena = arena;
    operation->id = new_id(wheel, arena);
    operation->by = text_copy(arena, by);
    operation->work = *work;
    operation->began_ms = wheel_now_ms(wheel);
    operation->began_steady_ms = steady_ms(wheel);
    forget_oldest(&wheel->operations);
    add(&wheel->operations, operation);
    log_event(LOG_INFO, "operation.begun", "operation=%.*s kind=%s by=%.*s",
              TEXT_ARG(operation->id), work->kind, TEXT_ARG(operation->by));
    return operation;
}

static void set_out(struct wheel *wheel, struct operation *operation)
{
    if (operation->work.is_threaded)
        wheel->ports.workers.begin(wheel->ports.workers.self, operation);
    else
        wheel->operations.has_piece = true;
}

void operation_start(struct wheel *wheel, struct text by, const struct operation_work *work)
{
    set_out(wheel, make(wheel, by, work));
}

void operation_begin(struct wheel *wheel, const struct queued *queued,
                     const struct operation_work *work)
{
    struct operation *operation = make(wheel, queued->person.id, work);

    operation->key = text_copy(operation->arena, queued->request.key);
    operation->request = text_copy(operation->arena, queued->request.request);
    answer(wheel, queued, operation, 202, false);
    set_out(wheel, operation);
}

void operation_show(struct wheel *wheel, const struct queued *queued)
{
    const struct operation *operation = find(&wheel->operations, queued->request.name);

    if (operation)
        answer(wheel, queued, operation, 200, false);
    else
        wheel_fail(wheel, queued, PROBLEM_NO_SUCH_OPERATION,
                   "No operation of this id is known to the daemon.",
                   "It forgets them when it ends, and the oldest when there are many.");
}

/* ---- The work. ---- */

void operation_set_total(struct operation *operation, uint64_t total)
{
    operation->total = total;
}

void operation_set_done(struct operation *operation, uint64_t done)
{
    operation->done = done;
}

struct arena *operation_arena(struct operation *operation)
{
    return operation->arena;
}

bool operation_is_cancelled(const struct operation *operation)
{
    return operation->is_cancelled;
}

void operation_succeed(struct operation *operation, const struct value *result)
{
    CHECK(!operation->has_outcome);
    operation->has_outcome = true;
    operation->result = value_copy(operation->arena, result);
}

void operation_fail(struct operation *operation, const struct problem *problem)
{
    CHECK(!operation->has_outcome);
    operation->has_outcome = true;
    struct value body = problem_value(operation->arena, problem, TEXT_NONE);
    operation->problem = value_copy(operation->arena, &body);
}

/* It was given up, or its work had nothing to say. */
static void fail_silent(struct operation *operation)
{
    struct problem problem;

    if (operation->is_cancelled) {
        problem_set(&problem, operation->arena, PROBLEM_STOPPING,
                    "The daemon stopped before this was over.");
        problem_hint(&problem, operation->arena, "Begin it again once the daemon runs.");
    } else {
        problem_set(&problem, operation->arena, PROBLEM_INTERNAL, "It ended without an outcome.");
    }
    operation_fail(operation, &problem);
}

static void end(struct wheel *wheel, struct operation *operation)
{
    if (operation->work.ended)
        operation->work.ended(operation->work.self, operation);
    if (!operation->has_outcome)
        fail_silent(operation);
    operation->status = operation->problem.kind == VALUE_MAP ? FAILED : DONE;
    operation->ended_ms = wheel_now_ms(wheel);
    if (batch_has_records(wheel->filling))
        operation->batch = wheel->filling->number;
    wheel->operations.running_count--;
    log_event(operation->status == DONE ? LOG_INFO : LOG_WARNING, "operation.ended",
              "operation=%.*s kind=%s status=%s code=%.*s", TEXT_ARG(operation->id),
              operation->work.kind, status_names[operation->status],
              TEXT_ARG(operation->status == DONE ? TEXT("none")
                                                 : value_text_at(&operation->problem, "code")));
}

void wheel_operation_ended(struct wheel *wheel, struct operation *operation)
{
    CHECK(operation->work.is_threaded);
    CHECK(operation->status == RUNNING);
    end(wheel, operation);
}

void operation_run(struct operation *operation)
{
    enum operation_step step = OPERATION_MORE;

    while (step == OPERATION_MORE && !operation->is_cancelled)
        step = operation->work.piece(operation->work.self, operation);
    CHECK(step != OPERATION_WAITS);
}

void operations_turn(struct wheel *wheel)
{
    wheel->operations.has_piece = false;
    for (struct operation *one = wheel->operations.first; one; one = one->next) {
        if (one->status != RUNNING || one->work.is_threaded || one->waits)
            continue;
        enum operation_step step = one->work.piece(one->work.self, one);
        one->waits = step == OPERATION_WAITS;
        if (step == OPERATION_OVER)
            end(wheel, one);
        else
            wheel->operations.has_piece |= step == OPERATION_MORE;
        arena_reset(wheel->turn);
    }
}

void operations_go_on(struct operations *operations)
{
    for (struct operation *one = operations->first; one; one = one->next)
        if (one->waits) {
            one->waits = false;
            operations->has_piece = true;
        }
}

void operations_stop(struct wheel *wheel)
{
    for (struct operation *one = wheel->operations.first; one; one = one->next) {
        if (one->status != RUNNING)
            continue;
        one->is_cancelled = true;
        if (!one->work.is_threaded)
            end(wheel, one);
    }
    wheel->operations.has_piece = false;
}

void operations_finish(struct wheel *wheel)
{
    operations_stop(wheel);
    while (wheel->operations.first) {
        struct operation *one = wheel->operations.first;
        wheel->operations.first = one->next;
        arena_destroy(one->arena);
    }
}
