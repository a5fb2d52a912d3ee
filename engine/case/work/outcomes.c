/* What becomes of a step: its plugin's outcome, a person's answer, the time it waited for.
 *
 * The happy path of one that parks:
 * 1. run parks: what wakes it stands in the case, the time as a timer.
 * 2. The answer is a person's event, or the timer fires: the step resumes, the form's fields lie in
 *    the data.
 * 3. resume is done: `into` is laid, the chart hears done.step.ID with the outputs. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

static const struct value *record_of(const struct case_turn *turn)
{
    const struct value *record = value_get(case_peek(turn, PART_STEPS), turn->step->id);
    CHECK(record != NULL);
    return record;
}

/* An event of the chart about the step; `verb` is "done.step" and the like. */
static int tell_chart(struct case_turn *turn, const char *verb, struct value data)
{
    struct chart_event event = {
        .name = text_printf(turn->arena, "%s.%.*s", verb, TEXT_ARG(turn->step->id)),
        .transition = CHART_NONE,
        .data = data};
    return case_event_tell(turn, &event);
}

/* ---- Waking. ---- */

static void resume(struct case_turn *turn, const struct value *answer)
{
    struct value record = case_map_copy(turn->arena, record_of(turn));
    static const char *const gone[] = {"wakes_answer", "wakes_time", "until", "answer"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        value_remove(&record, text_from(gone[i]));
    value_put(&record, "status", value_cstring("resuming"));
    value_put(&record, "now", value_int(turn->event->now_ms));
    if (answer != NULL)
        value_put(&record, "answer", *answer);
    value_set(case_part(turn, PART_STEPS), turn->step->id, record);
}

/* Lays the answer into the data and resumes. What waits for this data (`always`) is tried. */
static int use_answer(struct case_turn *turn, const struct value *packed)
{
    const struct value *values = value_get(packed, TEXT("values"));
    const struct value *unset = value_get(packed, TEXT("unset"));
    struct value *data = case_part(turn, PART_DATA);
    case_lay(data, values);
    for (size_t i = 0; i < value_count(unset); i++)
        value_remove(data, value_item(unset, i)->string);
    resume(turn, values);
    int status = tell_chart(turn, "case.answer",
                            case_form_typed(&turn->step->answer_form, values, turn->arena));
    turn->is_dropped = false;
    return status;
}

int case_answer_take(struct case_turn *turn)
{
    const struct value *step = record_of(turn);
    struct value packed = case_form_pack(&turn->form, turn->arena);
    if (value_is_string(value_get(step, TEXT("status")), "parked")) {
        case_step_timer_remove(turn, turn->step->id);
        return use_answer(turn, &packed);
    }
    struct value record = case_map_copy(turn->arena, step);
    value_put(&record, "early", packed);
    value_set(case_part(turn, PART_STEPS), turn->step->id, record);
    turn->event_name = text_printf(turn->arena, "case.answer.%.*s", TEXT_ARG(turn->step->id));
    case_note(turn, "The step %.*s has not asked yet: the answer is kept.",
              TEXT_ARG(turn->step->id));
    return 0;
}

int case_step_wake(struct case_turn *turn)
{
    resume(turn, NULL);
    turn->event_name = text_printf(turn->arena, "case.wake.%.*s", TEXT_ARG(turn->step->id));
    return 0;
}

/* ---- Outcomes. ---- */

static int fail(struct case_turn *turn, struct text message, bool is_left)
{
    struct value data = value_map(turn->arena);
    value_put(&data, "message", value_string(message));
    case_note(turn, "%.*s", TEXT_ARG(message));
    case_step_end(turn, turn->step->id, is_left);
    return tell_chart(turn, "error.step", data);
}

int case_step_fail(struct case_turn *turn, struct text message)
{
    return fail(turn, message, false);
}

static int take_failed(struct case_turn *turn, const struct value *outcome)
{
    if (case_step_retry(turn, outcome))
        return 0;
    return fail(turn, value_text_at(outcome, "message"), false);
}

/* Nobody told the plugin's half what became of it: what it had parked is dropped. */
int case_step_give_up(struct case_turn *turn, struct text message)
{
    return fail(turn, message, true);
}

static int take_broken(struct case_turn *turn, const struct value *outcome)
{
    if (case_step_breaks(turn, outcome))
        return 0;
    return case_step_give_up(turn, value_text_at(outcome, "message"));
}

int case_step_done(struct case_turn *turn, const struct value *outputs)
{
    const struct workflow_step *step = turn->step;
    struct value patch, data = value_map(turn->arena);
    struct text why;
    if (!case_into(step->into, step->into_count, outputs, turn->arena, &patch, &why))
        return fail(turn,
                    text_printf(turn->arena, N_("The step %.*s is done, but %.*s"),
                                TEXT_ARG(step->id), TEXT_ARG(why)),
                    false);
    for (size_t i = 0; i < value_count(outputs); i++) {
        const struct value_member *output = value_member(outputs, i);
        value_set(&data, output->key,
                  workflow_output_value(step->outputs, output->key, &output->value));
    }
    case_step_end(turn, step->id, false);
    if (!turn->is_abridged)
        case_lay(case_part(turn, PART_DATA), &patch);
    return tell_chart(turn, "done.step", data);
}

static int take_done(struct case_turn *turn, const struct value *outcome)
{
    return case_step_done(turn, value_get(outcome, TEXT("outputs")));
}

static void park(struct case_turn *turn, const struct value *outcome, bool answer, bool time)
{
    const struct value *before = record_of(turn);
    struct text id = turn->step->id;
    struct value record = case_map_copy(turn->arena, before);
    int64_t count = value_int_at(before, "park", 0) + 1;
    int64_t until_ms = case_due(0, value_int_at(outcome, "until", 0));
    static const char *const gone[] = {"answer", "early", "try", "started", "breaks"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        value_remove(&record, text_from(gone[i]));
    value_put(&record, "status", value_cstring("parked"));
    value_put(&record, "park", value_int(count));
    value_put(&record, "cookie", value_string(value_text_at(outcome, "cookie")));
    value_put(&record, "wakes_answer", value_bool(answer));
    value_put(&record, "wakes_time", value_bool(time));
    if (time) {
        struct value timer = value_map(turn->arena);
        value_put(&timer, "step", value_string(id));
        value_put(&record, "until", value_int(until_ms));
        case_timer_set(turn,
                       text_printf(turn->arena, "step.%.*s.%lld.%lld", TEXT_ARG(id),
                                   (long long)value_int_at(before, "due", 0), (long long)count),
                       "step", until_ms, (uint16_t)(turn->step - turn->workflow->steps), timer);
    }
    value_set(case_part(turn, PART_STEPS), id, record);
}

static int take_parked(struct case_turn *turn, const struct value *outcome)
{
    const struct value *early = value_get(record_of(turn), TEXT("early"));
    struct text id = turn->step->id;
    bool answer = value_bool_at(outcome, "answer") && turn->step->has_answer;
    bool time = value_bool_at(outcome, "time");
    if (!answer && !time)
        return fail(turn,
                    text_printf(turn->arena,
                                N_("The step %.*s waits for an answer that nobody may give."),
                                TEXT_ARG(id)),
                    true);
    turn->event_name = text_printf(turn->arena, "case.park.%.*s", TEXT_ARG(id));
    turn->is_dropped = false;
    park(turn, outcome, answer, time);
    if (early == NULL)
        return 0;
    if (answer && !turn->is_abridged) {
        case_step_timer_remove(turn, id);
        return use_answer(turn, early);
    }
    case_note(turn, "The answer to %.*s was dropped: the step did not ask for it.", TEXT_ARG(id));
    return 0;
}

static int take_drop(struct case_turn *turn, const struct value *outcome)
{
    struct text message = value_text_at(outcome, "message");
    turn->event_name = text_printf(turn->arena, "case.drop.%.*s", TEXT_ARG(turn->step->id));
    if (!text_is_empty(message))
        case_note(turn, "%.*s", TEXT_ARG(message));
    value_remove(case_part(turn, PART_DROPS), turn->event->name);
    return 0;
}

int case_outcome_take(struct case_turn *turn)
{
    static const struct {
        const char *outcome;
        int (*take)(struct case_turn *turn, const struct value *outcome);
    } takers[] = {{"done", take_done},
                  {"failed", take_failed},
                  {"broken", take_broken},
                  {"parked", take_parked}};
    struct value outcome = value_copy(turn->arena, &turn->event->outcome);
    const struct value *kind = value_get(&outcome, TEXT("outcome"));
    if (value_get(case_peek(turn, PART_DROPS), turn->event->name) != NULL)
        return take_drop(turn, &outcome);
    for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++)
        if (value_is_string(kind, takers[i].outcome))
            return takers[i].take(turn, &outcome);
    return fail(turn,
                text_printf(turn->arena, N_("The step %.*s gave an outcome that no step may give."),
                            TEXT_ARG(turn->step->id)),
                true);
}
