/* Another attempt of a step that failed, by its `retry`. A failure that another try may mend waits
 * as a timer of the case; the run, or the resumption, is then asked for again under the same
 * idempotency key. A step that parks has come further: its attempts are counted anew. */
#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"

static struct value record_of(const struct case_turn *turn)
{
    const struct value *record = value_get(case_peek(turn, PART_STEPS), turn->step->id);
    CHECK(record != NULL);
    return case_map_copy(turn->arena, record);
}

/* The wait behind attempt `made`, from 1. */
static int64_t wait_of(const struct workflow_retry *retry, int64_t made)
{
    int64_t most_ms = retry->wait_max_ms > 0 ? retry->wait_max_ms : INT64_C(100) * 366 * 86400000;
    double wait_ms = (double)retry->wait_ms;
    for (int64_t i = 1; i < made && wait_ms < (double)most_ms; i++)
        wait_ms *= retry->factor;
    return wait_ms < (double)most_ms ? (int64_t)wait_ms : most_ms;
}

/* The time that it is due, for the note. */
static struct text wait(struct case_turn *turn, struct value record, int64_t due_ms,
                        struct text message)
{
    const struct workflow_step *step = turn->step;
    struct arena *arena = turn->arena;
    struct value timer = value_map(arena);
    value_put(&record, "again", *value_get(&record, TEXT("status")));
    value_put(&record, "status", value_cstring("waiting"));
    value_put(&record, "until", value_int(due_ms));
    value_put(&record, "why", value_string(message));
    value_remove(&record, TEXT("started"));
    value_put(&timer, "step", value_string(step->id));
    case_timer_set(turn,
                   text_printf(arena, "retry.%.*s.%lld.%lld", TEXT_ARG(step->id),
                               (long long)value_int_at(&record, "due", 0),
                               (long long)value_int_at(&record, "run", 0)),
                   "retry", due_ms, step - turn->workflow->steps, timer);
    value_set(case_part(turn, PART_STEPS), step->id, record);
    turn->event_name = text_printf(arena, "case.wait.%.*s", TEXT_ARG(step->id));
    return when_write_timestamp(arena, when_from_ms(due_ms));
}

void case_step_pause(struct case_turn *turn, int64_t pause_ms, struct text message)
{
    struct text at = wait(turn, record_of(turn), case_due(turn->event->now_ms, pause_ms), message);

    case_note(turn, "%.*s It is tried again at %.*s.", TEXT_ARG(message), TEXT_ARG(at));
}

bool case_step_retry(struct case_turn *turn, const struct value *outcome)
{
    struct value record = record_of(turn);
    int64_t made = value_int_at(&record, "try", 1);
    if (!value_bool_at(outcome, "retry") || made >= turn->step->retry.attempts)
        return false;
    struct text message = value_text_at(outcome, "message");
    int64_t due_ms = case_due(turn->event->now_ms, wait_of(&turn->step->retry, made));
    struct text at = wait(turn, record, due_ms, message);
    case_note(turn, "%.*s It is tried again at %.*s, attempt %lld of %lld.", TEXT_ARG(message),
              TEXT_ARG(at), (long long)(made + 1), (long long)turn->step->retry.attempts);
    return true;
}

int case_step_again(struct case_turn *turn)
{
    struct value record = record_of(turn);
    value_put(&record, "status", *value_get(&record, TEXT("again")));
    value_put(&record, "run", value_int(value_int_at(&record, "run", 0) + 1));
    value_put(&record, "try", value_int(value_int_at(&record, "try", 1) + 1));
    value_put(&record, "now", value_int(turn->event->now_ms));
    static const char *const gone[] = {"again", "until", "why", "since"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        value_remove(&record, text_from(gone[i]));
    value_set(case_part(turn, PART_STEPS), turn->step->id, record);
    turn->event_name = text_printf(turn->arena, "case.again.%.*s", TEXT_ARG(turn->step->id));
    return 0;
}
