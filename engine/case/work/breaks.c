/* What becomes of a step whose host was lost while it ran, or whose answer cannot be used.
 *
 *   idempotent      the first time it is tried again: by its `retry`, where it has one, else after
 *                   BREAK_PAUSE_MS. What breaks its host BREAKS_MAX times with the same input is
 *                   *quarantined*: it waits for a person, and runs no more of itself.
 *   not idempotent  nobody knows whether it happened: it is *lost*, and waits for a person.
 *
 * Each break is an entry of its own, so that a restart forgets none. What parks has come further,
 * and what resumes it is another input: breaks are counted anew. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

enum { BREAKS_MAX = 2, BREAK_PAUSE_MS = 2000 };

static struct value record_of(const struct case_turn *turn)
{
    const struct value *record = value_get(case_peek(turn, PART_STEPS), turn->step->id);
    CHECK(record != NULL);
    return case_map_copy(turn->arena, record);
}

/* It waits for a person (settle.c). */
static void hold(struct case_turn *turn, struct value record, const char *status,
                 struct text message)
{
    struct text id = turn->step->id;
    value_put(&record, "again", *value_get(&record, TEXT("status")));
    value_put(&record, "status", value_cstring(status));
    value_put(&record, "why", value_string(message));
    value_put(&record, "since", value_int(turn->event->now_ms));
    value_remove(&record, TEXT("started"));
    value_set(case_part(turn, PART_STEPS), id, record);
    turn->event_name = text_printf(turn->arena, "case.%s.%.*s", status, TEXT_ARG(id));
    case_note(turn, "%.*s It waits for a person: `sankofa case settle`.", TEXT_ARG(message));
}

bool case_step_breaks(struct case_turn *turn, const struct value *outcome)
{
    struct value record = record_of(turn);
    struct text message = value_text_at(outcome, "message");
    bool has_run = value_bool_at(outcome, "ran"), retry = value_bool_at(outcome, "retry");
    int64_t breaks = value_int_at(&record, "breaks", 0) + 1;
    if (has_run && value_bool_at(&record, "started")) {
        hold(turn, record, "lost", message);
        return true;
    }
    if (!retry)
        return false;
    if (has_run) {
        value_put(&record, "breaks", value_int(breaks));
        value_set(case_part(turn, PART_STEPS), turn->step->id, record);
    }
    if (has_run && breaks >= BREAKS_MAX)
        hold(turn, record, "quarantined", message);
    else if (turn->step->retry.attempts > 0)
        return case_step_retry(turn, outcome);
    else
        case_step_pause(turn, BREAK_PAUSE_MS, message);
    return true;
}

/* ---- The call of one that is not idempotent. ---- */

int case_start_take(struct case_turn *turn)
{
    struct value record = record_of(turn);
    value_put(&record, "started", value_bool(true));
    value_set(case_part(turn, PART_STEPS), turn->step->id, record);
    turn->event_name = text_printf(turn->arena, "case.start.%.*s", TEXT_ARG(turn->step->id));
    return 0;
}
