/* Timers: they stand in the case, {KEY: {due, kind, seq, rank, ...}}, and die with what they belong
 * to.
 *
 *   after   {state, visit, transition}: of a state, removed when it is left
 *   send    {event, id?, data?}: of the case (sends.c)
 *   step    {step}: wakes a parked step, removed with it
 *   retry   {step}: begins the next attempt of one that failed, removed with it
 *   fault   {step}: a step whose inputs could not be made; fails it in a macrostep of its own
 *   remind, escalate  {state, visit}: of a deadline (deadlines.c)
 *   proposal {state, proposal}: carries it out (carry.c)
 *
 * One that was due soon when it was set bears `chain`: how many such timers in a row, itself
 * included, set each other off.
 *
 * Timers due at once keep the order in which they were made: by the entry's seq, then by document
 * order (rank), never by the order of members, which recovery need not keep. */
#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"

enum { SOON_MS = 1000, BRAKE_MS = 3600000 };

/* A workflow whose timers set each other off without end would fill the disk with its entries. One
 * that is due soon counts those that brought it about; after too many it waits for an hour. */
static int64_t brake(struct case_turn *turn, int64_t due_ms, struct value *timer)
{
    if (due_ms >= turn->event->now_ms + SOON_MS)
        return due_ms;
    if (turn->chain < CASE_CHAIN_MAX) {
        value_put(timer, "chain", value_int(turn->chain + 1));
        return due_ms;
    }
    case_fault(
        turn, NULL,
        text_printf(turn->arena,
                    N_("%d timers in a row set each other off at once: the next one waits for "
                       "an hour."),
                    CASE_CHAIN_MAX));
    return case_due(turn->event->now_ms, BRAKE_MS);
}

void case_timer_set(struct case_turn *turn, struct text key, const char *kind, int64_t due_ms,
                    int64_t rank, struct value timer)
{
    value_put(&timer, "due", value_int(brake(turn, due_ms, &timer)));
    value_put(&timer, "kind", value_cstring(kind));
    value_put(&timer, "seq", value_int((int64_t)turn->event->seq));
    value_put(&timer, "rank", value_int(rank));
    value_set(case_part(turn, PART_TIMERS), key, timer);
}

/* ---- after ---- */

static bool due_of(struct case_turn *turn, const struct workflow_transition *t, int64_t *due_ms_out)
{
    struct value delay;
    struct text why;
    *due_ms_out = case_due_after(turn->workflow, turn->event->now_ms, &t->wait);
    if (t->delay == NULL)
        return true;
    if (case_evaluate(&turn->scope, t->delay, &delay, &why) != 0) {
        case_fault_raise(turn, &t->place, text_printf(turn->arena, "delay: %.*s", TEXT_ARG(why)));
        return false;
    }
    CHECK(delay.kind == VALUE_DURATION);
    *due_ms_out = case_due(turn->event->now_ms, when_to_ms(delay.instant));
    return true;
}

static void set_after(struct case_turn *turn, uint16_t state, uint16_t transition)
{
    struct text id = turn->workflow->chart.states[state].id;
    struct text name = case_transition_name(turn->workflow, transition, turn->arena);
    int64_t visit = value_get(case_peek(turn, PART_STATES), id)->integer;
    int64_t due_ms;
    if (!due_of(turn, &turn->workflow->transitions[transition], &due_ms))
        return;
    struct value timer = value_map(turn->arena);
    value_put(&timer, "state", value_string(id));
    value_put(&timer, "visit", value_int(visit));
    value_put(&timer, "transition", value_string(name));
    case_timer_set(turn,
                   text_printf(turn->arena, "after.%.*s.%lld", TEXT_ARG(name), (long long)visit),
                   "after", due_ms, transition, timer);
}

void case_timers_enter(struct case_turn *turn, uint16_t state)
{
    const struct chart_state *s = &turn->workflow->chart.states[state];
    for (uint16_t i = 0; i < s->transition_count; i++)
        if (turn->workflow->chart.transitions[s->transitions[i]].trigger == CHART_AFTER)
            set_after(turn, state, s->transitions[i]);
    case_deadline_begin(turn, state);
}

void case_timers_leave(struct case_turn *turn, uint16_t state)
{
    struct text id = turn->workflow->chart.states[state].id;
    const struct value *timers = case_peek(turn, PART_TIMERS);
    for (size_t i = value_count(timers); i-- > 0;) {
        const struct value_member *member = value_member(timers, i);
        if (text_equal(value_text_at(&member->value, "state"), id))
            value_remove(case_part(turn, PART_TIMERS), member->key);
        timers = case_peek(turn, PART_TIMERS);
    }
    if (value_get(case_peek(turn, PART_DEADLINES), id) != NULL)
        value_remove(case_part(turn, PART_DEADLINES), id);
}

/* ---- Firing. ---- */

static int fire_after(struct case_turn *turn, const struct value *timer)
{
    struct text name = case_transition_name(turn->workflow, turn->transition, turn->arena);
    struct value data = value_map(turn->arena);
    value_put(&data, "due", value_timestamp(when_from_ms(value_int_at(timer, "due", 0))));
    struct chart_event event = {.name = text_printf(turn->arena, "case.after.%.*s", TEXT_ARG(name)),
                                .transition = turn->transition,
                                .data = data};
    return case_event_tell(turn, &event);
}

static int wake_step(struct case_turn *turn, const struct value *timer)
{
    (void)timer;
    return case_step_wake(turn);
}

static int try_step(struct case_turn *turn, const struct value *timer)
{
    (void)timer;
    return case_step_again(turn);
}

static int fail_step(struct case_turn *turn, const struct value *timer)
{
    return case_step_fail(turn, value_text_at(timer, "message"));
}

int case_timer_fire(struct case_turn *turn)
{
    static const struct {
        const char *kind;
        int (*fire)(struct case_turn *turn, const struct value *timer);
    } kinds[] = {{"after", fire_after},
                 {"send", case_send_fire},
                 {"step", wake_step},
                 {"retry", try_step},
                 {"fault", fail_step},
                 {"remind", case_deadline_tell},
                 {"escalate", case_deadline_tell},
                 {"proposal", case_carry_out}};
    const struct value timer = *value_get(case_peek(turn, PART_TIMERS), turn->event->name);
    turn->chain = value_int_at(&timer, "chain", 0);
    value_remove(case_part(turn, PART_TIMERS), turn->event->name);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (value_is_string(value_get(&timer, TEXT("kind")), kinds[i].kind))
            return kinds[i].fire(turn, &timer);
    CHECK(!"a kind of timer");
    return 0;
}

/* Whether `a` comes before `b`. */
static bool is_before(const struct value_member *a, const struct value_member *b)
{
    static const char *const order[] = {"due", "seq", "rank"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        int64_t of_a = value_int_at(&a->value, order[i], 0);
        int64_t of_b = value_int_at(&b->value, order[i], 0);
        if (of_a != of_b)
            return of_a < of_b;
    }
    return text_compare(a->key, b->key) < 0;
}

bool case_next_timer(const struct value *doc, struct text *key_out, int64_t *due_out)
{
    const struct value *timers = value_get(doc, TEXT("timers"));
    const struct value_member *first = NULL;
    for (size_t i = 0; i < value_count(timers); i++) {
        const struct value_member *member = value_member(timers, i);
        if (first == NULL || is_before(member, first))
            first = member;
    }
    if (first == NULL)
        return false;
    *key_out = first->key;
    *due_out = value_int_at(&first->value, "due", 0);
    return true;
}
