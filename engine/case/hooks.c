/* What the chart asks for while a macrostep runs.
 *
 * The happy path of a person's event:
 * 1. guard: each candidate is tried on a copy of the data of its own: form values, what its checks
 *    put in, then its guard.
 * 2. selected: what was taken lays its copy, in document order; the others' copies are gone.
 * 3. leave, act, enter: visits, timers, steps, and the blocks of actions. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

/* ---- Guards. ---- */

static void tell_guard(const struct case_turn *turn, uint16_t transition, bool holds)
{
    const struct case_watch *watch = turn->event->watch;
    if (watch != NULL)
        watch->guard(watch->self, transition, holds);
}

static enum chart_answer guard_on(struct case_turn *turn, uint16_t transition,
                                  const struct value *data)
{
    const struct workflow_transition *t = &turn->workflow->transitions[transition];
    const struct value *before = turn->scope.data;
    struct value holds;
    struct text why;
    if (t->guard == NULL)
        return CHART_YES;
    turn->scope.data = data;
    int result = case_evaluate(&turn->scope, t->guard, &holds, &why);
    turn->scope.data = before;
    tell_guard(turn, transition, result == 0 && holds.boolean);
    if (result != 0) {
        case_fault(turn, &t->place, text_printf(turn->arena, "guard: %.*s", TEXT_ARG(why)));
        return CHART_ERROR;
    }
    CHECK(holds.kind == VALUE_BOOL);
    return holds.boolean ? CHART_YES : CHART_NO;
}

static void explain(struct case_turn *turn, uint16_t transition)
{
    const struct workflow *workflow = turn->workflow;
    const struct workflow_words *words = &workflow->transitions[transition].explain;
    struct value by_language = value_map(turn->arena);
    if (turn->reason.code != PROBLEM_NONE)
        return;
    problem_set(&turn->reason, turn->arena, PROBLEM_GUARD_FAILED, "%.*s",
                TEXT_ARG(case_explain(workflow, transition, TEXT_NONE, turn->arena)));
    for (size_t i = 0; i < workflow->language_count; i++) {
        struct text said = workflow_say(workflow, words, workflow->languages[i]);
        if (!text_is_empty(said))
            value_set(&by_language, workflow->languages[i], value_string(said));
    }
    if (value_count(&by_language) == 0)
        return;
    turn->reason.extra = value_map(turn->arena);
    value_put(&turn->reason.extra, "explain", by_language);
}

static void remember(struct case_turn *turn, uint16_t transition, struct value outputs)
{
    if (turn->passed == NULL)
        turn->passed = ARENA_ARRAY(turn->arena, struct case_passed, turn->candidate_count);
    CHECK(turn->passed_count < turn->candidate_count);
    turn->passed[turn->passed_count++] = (struct case_passed){transition, outputs};
}

/* A person's event: form and checks count before the guard does. */
static enum chart_answer try_candidate(struct case_turn *turn, uint16_t transition)
{
    const struct workflow_transition *t = &turn->workflow->transitions[transition];
    struct value outputs, scratch = turn->laid;
    bool is_fault;
    if (turn->broken.code != PROBLEM_NONE || !case_person_holds_any(turn->person, &t->by))
        return CHART_NO;
    const struct value *before = turn->scope.data;
    turn->scope.data = &turn->laid;
    bool passes = case_checks_pass(turn, transition, &outputs, &is_fault);
    turn->scope.data = before;
    if (!passes)
        return is_fault ? CHART_ERROR : CHART_NO;
    if (value_count(&outputs) > 0) {
        scratch = case_map_copy(turn->arena, &turn->laid);
        case_lay(&scratch, &outputs);
    }
    enum chart_answer answer = guard_on(turn, transition, &scratch);
    if (answer == CHART_YES)
        remember(turn, transition, outputs);
    else if (answer == CHART_NO)
        explain(turn, transition);
    return answer;
}

static bool is_of_person(const struct case_turn *turn, const struct chart_event *event)
{
    return event != NULL && !event->is_internal &&
           (turn->event->kind == CASE_TRANSITION || turn->is_carrying);
}

static enum chart_answer guard(void *self, uint16_t transition, const struct chart_event *event)
{
    struct case_turn *turn = self;
    bool needs_person = turn->workflow->transitions[transition].by.count > 0;
    if (needs_person != is_of_person(turn, event) || turn->needs_approval != CHART_NONE ||
        (needs_person && turn->is_carrying && transition != turn->candidates[0]))
        return CHART_NO;
    return needs_person ? try_candidate(turn, transition)
                        : guard_on(turn, transition, case_peek(turn, PART_DATA));
}

/* ---- What is taken. ---- */

static const struct value *outputs_of(const struct case_turn *turn, uint16_t transition)
{
    for (size_t i = 0; i < turn->passed_count; i++)
        if (turn->passed[i].transition == transition)
            return &turn->passed[i].outputs;
    CHECK(!"what was taken was tried");
    return NULL;
}

static void act_as(struct case_turn *turn, struct text person, struct text name)
{
    struct arena *arena = turn->arena;
    struct value *acted = case_part(turn, PART_ACTED);
    const struct value *before = value_get(acted, person);
    struct value names = before == NULL ? value_map(arena) : case_map_copy(arena, before);
    value_set(&names, name, value_bool(true));
    value_set(acted, text_copy(arena, person), names);
}

/* Who submitted it, and of a proposal those who approved it. */
static void act_as_all(struct case_turn *turn, struct text name)
{
    const struct value *proposal = value_get(case_peek(turn, PART_PROPOSALS), turn->proposal);
    const struct value *approvals = value_get(proposal, TEXT("approvals"));
    act_as(turn, turn->person->person, name);
    for (size_t i = 0; i < value_count(approvals); i++)
        act_as(turn, value_member(approvals, i)->key, name);
}

/* The one of them that is not carried out before others have approved it. */
static uint16_t find_unapproved(const struct case_turn *turn, const uint16_t *transitions,
                                size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (turn->workflow->transitions[transitions[i]].approve != NULL)
            return transitions[i];
    return CHART_NONE;
}

static void selected(void *self, const uint16_t *transitions, size_t count,
                     const struct chart_event *event)
{
    struct case_turn *turn = self;
    const struct case_watch *watch = turn->event->watch;
    if (is_of_person(turn, event) && !turn->is_carrying)
        turn->needs_approval = find_unapproved(turn, transitions, count);
    if (turn->needs_approval != CHART_NONE)
        return;
    for (size_t i = 0; watch != NULL && i < count; i++)
        watch->take(watch->self, transitions[i]);
    if (event == NULL || event->is_internal)
        return;
    bool is_person = is_of_person(turn, event);
    if (is_person)
        case_lay(case_part(turn, PART_DATA), &turn->form);
    for (size_t i = 0; i < count; i++) {
        struct text name = case_transition_name(turn->workflow, transitions[i], turn->arena);
        value_append(&turn->taken, value_string(name));
        if (!is_person)
            continue;
        case_lay(case_part(turn, PART_DATA), outputs_of(turn, transitions[i]));
        act_as_all(turn, name);
    }
}

/* ---- What is done. ---- */

static void leave(void *self, uint16_t state)
{
    struct case_turn *turn = self;
    struct text id = turn->workflow->chart.states[state].id;
    if (turn->needs_approval != CHART_NONE)
        return;
    turn->told_in = turn->workflow->chart.states[state].parent;
    case_act(turn, &turn->workflow->states[state].exit);
    case_notices_leave(turn, state);
    turn->entered[state] = false;
    value_remove(case_part(turn, PART_STATES), id);
    case_timers_leave(turn, state);
    case_steps_leave(turn, state);
}

/* The state that a transition is about: where it leads, or, if nowhere, where it stands. */
static uint16_t led_to(const struct chart *chart, uint16_t transition)
{
    const struct chart_transition *t = &chart->transitions[transition];
    uint16_t state = t->target_count > 0 ? t->targets[0] : t->source;
    return chart->states[state].kind == CHART_HISTORY ? chart->states[state].parent : state;
}

static void act(void *self, uint16_t transition)
{
    struct case_turn *turn = self;
    if (turn->needs_approval != CHART_NONE)
        return;
    turn->told_in = led_to(&turn->workflow->chart, transition);
    case_act(turn, &turn->workflow->transitions[transition].act);
}

static void enter(void *self, uint16_t state)
{
    struct case_turn *turn = self;
    struct text id = turn->workflow->chart.states[state].id;
    if (turn->needs_approval != CHART_NONE)
        return;
    turn->told_in = state;
    struct value *visits = case_part(turn, PART_VISITS);
    const struct value *before = value_get(visits, id);
    int64_t visit = before == NULL ? 1 : before->integer + 1;
    value_set(visits, id, value_int(visit));
    value_set(case_part(turn, PART_STATES), id, value_int(visit));
    turn->entered[state] = true;
    if (turn->event->watch != NULL)
        turn->event->watch->enter(turn->event->watch->self, state);
    case_act(turn, &turn->workflow->states[state].entry);
    case_timers_enter(turn, state);
}

static struct value final_data(void *self, uint16_t state)
{
    struct case_turn *turn = self;
    const struct workflow_inputs *inputs = &turn->workflow->states[state].data;
    struct value data;
    struct text why;
    if (inputs->count == 0 || turn->needs_approval != CHART_NONE)
        return value_null();
    if (case_event_data(&turn->scope, inputs, &data, &why))
        return data;
    case_fault_raise(turn, NULL,
                     text_printf(turn->arena, N_("data of %.*s: %.*s"),
                                 TEXT_ARG(turn->workflow->chart.states[state].id), TEXT_ARG(why)));
    return value_map(turn->arena);
}

static void bind(void *self, const struct chart_event *event)
{
    struct case_turn *turn = self;
    turn->scope.event_name = event->name;
    turn->bound_data = event->data;
    turn->scope.event_data = &turn->bound_data;
}

static void begin(void *self, struct chart_run *run)
{
    ((struct case_turn *)self)->run = run;
}

int case_macrostep(struct case_turn *turn, const struct chart_event *event)
{
    const struct chart_hooks hooks = {.self = turn,
                                      .guard = guard,
                                      .selected = selected,
                                      .leave = leave,
                                      .act = act,
                                      .enter = enter,
                                      .final_data = final_data,
                                      .bind = bind};
    const struct chart *chart = &turn->workflow->chart;
    struct chart_result result;
    int status =
        turn->event->kind == CASE_OPEN
            ? chart_start(chart, &turn->configuration, event, &hooks, turn->arena, begin, &result)
            : chart_step(chart, &turn->configuration, event, &hooks, turn->arena, begin, &result);
    turn->run = NULL;
    turn->event_name = event->name;
    turn->is_dropped = !result.taken;
    turn->is_closed = result.is_closed;
    if (status == 0)
        case_memories_keep(turn);
    return status;
}

int case_event_tell(struct case_turn *turn, const struct chart_event *event)
{
    turn->event_name = event->name;
    return turn->is_abridged ? 0 : case_macrostep(turn, event);
}
