/* One event of a test's case, and what is due then. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "workbench/test/test.h"

enum { EVENTS_MAX = 100000, ARENA_BYTES_MAX = 4 << 20, FAULTS_MAX = 20 };

struct test_failure *test_fail(struct test_run *run, struct place place, const char *format, ...)
{
    struct test_result *result = run->result;
    va_list arguments;

    if (result->failure_count == result->failure_capacity) {
        size_t capacity = result->failure_capacity * 2 + 4;
        struct test_failure *failures =
            ARENA_ARRAY(run->report_arena, struct test_failure, capacity);

        if (result->failure_count > 0)
            memcpy(failures, result->failures, result->failure_count * sizeof(*failures));
        result->failures = failures;
        result->failure_capacity = capacity;
    }
    va_start(arguments, format);
    struct text message = text_vprintf(run->report_arena, format, arguments);
    va_end(arguments);
    result->failures[result->failure_count] =
        (struct test_failure){.place = place, .message = message};
    return &result->failures[result->failure_count++];
}

/* ---- One event. ---- */

static void keep_faults(struct test_run *run, const struct value *faults)
{
    struct value *kept = &run->result->faults;

    for (size_t i = 0; i < value_count(faults); i++) {
        bool is_known = false;

        for (size_t k = 0; k < value_count(kept); k++)
            is_known |= value_equal(value_item(kept, k), value_item(faults, i));
        if (!is_known && value_count(kept) < FAULTS_MAX)
            value_append(kept, value_copy(run->report_arena, value_item(faults, i)));
    }
}

static struct value ask(struct test_run *run, const struct case_plan *plan)
{
    struct value outcomes = value_map(run->arena);

    for (size_t i = 0; i < plan->check_count; i++)
        value_set(&outcomes, plan->checks[i].key, test_check(run, &plan->checks[i]));
    return outcomes;
}

static struct problem apply(struct test_run *run, const struct case_event *event)
{
    struct case_change change;

    case_apply(&run->state, event, run->arena, &change);
    if (change.is_refused)
        return change.problem;
    run->state.doc = change.doc;
    run->state.revision = run->state.last = event->seq;
    keep_faults(run, value_get(&change.entry, TEXT("faults")));
    return (struct problem){.code = PROBLEM_NONE};
}

struct problem test_play(struct test_run *run, struct case_event *event)
{
    struct case_plan plan;

    event->now_ms = run->now_ms;
    event->seq = run->state.last + 1;
    event->watch = &run->coverage->watch;
    case_plan(&run->state, event, run->arena, &plan);
    switch (plan.kind) {
    case CASE_REFUSE:
        return plan.problem;
    case CASE_ASK:
        event->checks = ask(run, &plan);
        return apply(run, event);
    case CASE_CARRY:
        return apply(run, event);
    case CASE_DROP:
        return (struct problem){.code = PROBLEM_NONE};
    case CASE_REPEAT:
        break;
    }
    CHECK(!"no event of a test has a key");
    return (struct problem){.code = PROBLEM_NONE};
}

/* ---- What is due. ---- */

/* A year of timers must not fill the memory: what was is forgotten from time to time. */
static void compact(struct test_run *run)
{
    struct arena *other = run->other_arena;

    if (arena_bytes(run->arena) < ARENA_BYTES_MAX)
        return;
    arena_reset(other);
    run->state.doc = value_copy(other, &run->state.doc);
    run->other_arena = run->arena;
    run->arena = other;
}

/* A plugin's call that is open, else a timer that is due. False: there is neither. */
static bool happen(struct test_run *run)
{
    size_t count;
    const struct case_call *calls = case_calls(&run->state, run->arena, &count);
    struct case_event event = {.kind = CASE_TIMER};
    int64_t due_ms;

    if (count > 0) {
        event.kind = CASE_OUTCOME;
        event.name = calls[0].key;
        event.outcome = test_call(run, &calls[0]);
    } else if (!case_next_timer(&run->state.doc, &event.name, &due_ms) || due_ms > run->now_ms) {
        return false;
    }
    struct problem problem = test_play(run, &event);
    CHECK(problem.code == PROBLEM_NONE); /* only people's events are refused */
    compact(run);
    return true;
}

static bool is_endless(struct test_run *run)
{
    if (++run->event_count < EVENTS_MAX)
        return false;
    test_fail(run, run->item != NULL ? run->item->place : run->result->test->place,
              "the case never comes to rest: %d events were tried", EVENTS_MAX);
    return true;
}

bool test_settle(struct test_run *run)
{
    while (happen(run)) {
        coverage_look(run->coverage, &run->state.doc, run->now_ms);
        if (is_endless(run))
            return false;
    }
    return true;
}

void test_wait(struct test_run *run, int64_t span_ms)
{
    int64_t end_ms = run->now_ms + span_ms, due_ms;
    struct text key;

    if (!test_settle(run))
        return;
    while (case_next_timer(&run->state.doc, &key, &due_ms) && due_ms <= end_ms) {
        run->now_ms = due_ms;
        coverage_look(run->coverage, &run->state.doc, run->now_ms);
        if (!test_settle(run))
            return;
    }
    run->now_ms = end_ms;
    coverage_look(run->coverage, &run->state.doc, run->now_ms);
}
