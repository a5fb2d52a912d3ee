/* May this event be tried at all? Everything that needs neither checks nor guards.
 *
 * The happy path of a person's event:
 * 1. It is no repeat of what was carried out, and speaks of the revision it saw.
 * 2. There is such a transition (or parked step) now, and a role of the person's may.
 * 3. The form is read, all faults at once, and laid over a copy of the data. */
#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"
#include "case/turn.h"
#include "case/view.h"

static bool refuse(struct case_plan *plan)
{
    plan->kind = CASE_REFUSE;
    return false;
}

/* ---- 1. The request itself. ---- */

static bool is_sound(struct case_turn *turn, struct case_plan *plan)
{
    const struct case_event *event = turn->event;
    if (event->key.size > CASE_KEY_BYTES_MAX || !text_is_utf8(event->key)) {
        problem_set(&plan->problem, turn->arena, PROBLEM_BAD_REQUEST,
                    "The idempotency key is not UTF-8 text of at most %d bytes.",
                    CASE_KEY_BYTES_MAX);
        return refuse(plan);
    }
    if (event->comment.size > CASE_COMMENT_BYTES_MAX || !text_is_utf8(event->comment)) {
        problem_set(&plan->problem, turn->arena, PROBLEM_FIELD_INVALID,
                    "1 field is missing or wrong.");
        problem_add(
            &plan->problem, turn->arena, TEXT("/comment"), "invalid",
            text_printf(turn->arena, N_("A comment has at most %d bytes."), CASE_COMMENT_BYTES_MAX),
            TEXT_NONE);
        return refuse(plan);
    }
    return true;
}

/* A person's key that opened this case may open no other: the case's id is made of both. */
static bool is_new(struct case_turn *turn, struct case_plan *plan)
{
    const struct case_event *event = turn->event;
    enum case_key_match match = case_key_find(&turn->state->doc, event, plan);
    if (match == KEY_REPEATED) {
        plan->kind = CASE_REPEAT;
        return false;
    }
    bool is_opened_twice = event->kind == CASE_OPEN && turn->state->doc.kind != VALUE_NULL;
    if (match == KEY_NEW && !is_opened_twice)
        return true;
    problem_set(&plan->problem, turn->arena, PROBLEM_IDEMPOTENCY_KEY_REUSED,
                "This key was used for another request of yours.");
    problem_hint(&plan->problem, turn->arena, "Send a new key with a new request.");
    return refuse(plan);
}

static bool is_fresh(struct case_turn *turn, struct case_plan *plan)
{
    const struct case_event *event = turn->event;
    const struct value *changed = value_get(&turn->state->doc, TEXT("changed"));
    if (!event->has_revision || event->kind == CASE_OPEN ||
        event->revision == turn->state->revision)
        return true;
    problem_set(&plan->problem, turn->arena, PROBLEM_STALE_REVISION,
                "The case has changed since revision %llu.", (unsigned long long)event->revision);
    problem_hint(&plan->problem, turn->arena, "Read the case again, then decide again.");
    struct value extra = value_map(turn->arena);
    value_put(&extra, "revision", value_int((int64_t)turn->state->revision));
    if (value_get(changed, TEXT("by")) != NULL)
        value_put(&extra, "changed_by", *value_get(changed, TEXT("by")));
    if (value_get(changed, TEXT("event")) != NULL)
        value_put(&extra, "changed_event", *value_get(changed, TEXT("event")));
    value_put(&extra, "changed_at", value_timestamp(when_from_ms(value_int_at(changed, "at", 0))));
    plan->problem.extra = extra;
    return refuse(plan);
}

/* ---- 2. Is there such a thing now, and may this person? ---- */

/* What is available instead; whoever may not see the case is told nothing of it. */
static void tell_available(struct case_turn *turn, struct case_plan *plan)
{
    const struct case_event *event = turn->event;
    if (turn->state->doc.kind == VALUE_NULL || event->kind == CASE_GLASS ||
        event->kind == CASE_ERASURE || event->kind == CASE_EXPORT || event->kind == CASE_RELEASE)
        return;
    struct value available =
        case_available(turn->state, event->person, event->language, event->now_ms, turn->arena);
    size_t count = value_count(&available);
    struct text *names = ARENA_ARRAY(turn->arena, struct text, count);
    for (size_t i = 0; i < count; i++)
        names[i] = value_text_at(value_item(&available, i), "event");
    struct text nearest = text_nearest(event->name, names, count);
    if (event->kind == CASE_TRANSITION && !text_equal(nearest, event->name))
        problem_suggest(&plan->problem, turn->arena, nearest);
    if (plan->problem.extra.kind == VALUE_NULL)
        plan->problem.extra = value_map(turn->arena);
    value_put(&plan->problem.extra, "available", available);
}

static bool refuse_role(struct case_turn *turn, struct case_plan *plan,
                        const struct workflow_roles *roles)
{
    problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED, "%.*s needs the role %.*s.",
                TEXT_ARG(turn->event->name), TEXT_ARG(case_roles_written(roles, turn->arena)));
    return refuse(plan);
}

/* The roles of all these transitions, each once. */
static struct workflow_roles roles_of(struct case_turn *turn, const uint16_t *transitions,
                                      size_t count)
{
    const struct workflow *workflow = turn->workflow;
    struct text *ids = ARENA_ARRAY(turn->arena, struct text, workflow->role_count);
    struct workflow_roles roles = {.ids = ids};
    for (size_t r = 0; r < workflow->role_count; r++) {
        bool is_named = false;
        for (size_t i = 0; i < count; i++) {
            const struct workflow_roles *by = &workflow->transitions[transitions[i]].by;
            for (size_t b = 0; b < by->count; b++)
                is_named = is_named || text_equal(by->ids[b], workflow->roles[r].id);
        }
        if (is_named)
            ids[roles.count++] = workflow->roles[r].id;
    }
    return roles;
}

/* One open proposal per event. */
static bool is_unproposed(struct case_turn *turn, struct case_plan *plan,
                          const uint16_t *transitions, size_t count)
{
    const struct value_member *open = case_proposal_of(
        turn->workflow, case_peek(turn, PART_PROPOSALS), turn->event->name, transitions, count);
    if (open == NULL)
        return true;
    problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                "%.*s was submitted already: proposal %.*s waits for approval.",
                TEXT_ARG(turn->event->name), TEXT_ARG(open->key));
    return refuse(plan);
}

static bool find_candidates(struct case_turn *turn, struct case_plan *plan)
{
    const struct chart_event event = {.name = turn->event->name, .transition = CHART_NONE};
    const struct workflow_transition *transitions = turn->workflow->transitions;
    size_t count, open_count = 0, fit_count = 0;
    const uint16_t *all =
        chart_candidates(&turn->workflow->chart, &turn->configuration, &event, turn->arena, &count);
    /* `visit` takes visit.late, but not whatever begins with "visit." */
    if (!workflow_is_event(event.name))
        count = 0;
    uint16_t *open = ARENA_ARRAY(turn->arena, uint16_t, count);
    uint16_t *fit = ARENA_ARRAY(turn->arena, uint16_t, count);
    for (size_t i = 0; i < count; i++) {
        if (transitions[all[i]].by.count == 0)
            continue;
        open[open_count++] = all[i];
        if (case_person_holds_any(turn->event->person, &transitions[all[i]].by))
            fit[fit_count++] = all[i];
    }
    turn->candidates = fit;
    turn->candidate_count = fit_count;
    if (open_count == 0) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "%.*s is not available now.", TEXT_ARG(turn->event->name));
        return refuse(plan);
    }
    if (fit_count == 0) {
        struct workflow_roles roles = roles_of(turn, open, open_count);
        return refuse_role(turn, plan, &roles);
    }
    turn->asked = &transitions[fit[0]].form;
    return is_unproposed(turn, plan, all, count);
}

static bool may_open(struct case_turn *turn, struct case_plan *plan)
{
    const struct workflow *workflow = turn->workflow;
    const struct case_person *person = turn->event->person;
    turn->asked = &workflow->open_form;
    if (workflow->is_abstract) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "%.*s is a base: no case is opened on it.", TEXT_ARG(workflow->id));
        problem_hint(&plan->problem, turn->arena, "Open it on a workflow that extends it.");
        return refuse(plan);
    }
    if (workflow->has_open_by
            ? case_person_holds_any(person, &workflow->open_by)
            : workflow->role_count == 0 || case_person_takes_part(person, workflow))
        return true;
    if (workflow->has_open_by) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "Opening a case needs the role %.*s.",
                    TEXT_ARG(case_roles_written(&workflow->open_by, turn->arena)));
    } else {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_PERMITTED,
                    "Opening a case needs a role of this workflow.");
    }
    return refuse(plan);
}

bool case_admit_step(struct case_turn *turn, struct case_plan *plan)
{
    const struct workflow *workflow = turn->workflow;
    turn->step = workflow_step(workflow, turn->event->name);
    if (turn->step != NULL)
        return true;
    struct text *ids = ARENA_ARRAY(turn->arena, struct text, workflow->step_count);
    for (size_t i = 0; i < workflow->step_count; i++)
        ids[i] = workflow->steps[i].id;
    problem_set(&plan->problem, turn->arena, PROBLEM_NO_SUCH_STEP, "The workflow has no step %.*s.",
                TEXT_ARG(turn->event->name));
    problem_hint(&plan->problem, turn->arena, "`sankofa case explain CASE` lists the steps.");
    problem_suggest(&plan->problem, turn->arena,
                    text_nearest(turn->event->name, ids, workflow->step_count));
    return refuse(plan);
}

static bool may_answer(struct case_turn *turn, struct case_plan *plan)
{
    if (!case_admit_step(turn, plan))
        return false;
    const struct value *step = value_get(case_peek(turn, PART_STEPS), turn->step->id);
    turn->asked = &turn->step->answer_form;
    if (!turn->step->has_answer || step == NULL || !case_step_takes_answer(step)) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "The step %.*s waits for no answer now.", TEXT_ARG(turn->step->id));
        return refuse(plan);
    }
    int64_t park =
        value_get(step, TEXT("wakes_answer")) != NULL ? value_int_at(step, "park", 0) : 0;
    if (turn->event->park != 0 && turn->event->park != park) {
        problem_set(&plan->problem, turn->arena, PROBLEM_NOT_AVAILABLE,
                    "The step %.*s does not wait for the answer to its park %lld any more.",
                    TEXT_ARG(turn->step->id), (long long)turn->event->park);
        problem_hint(&plan->problem, turn->arena, "Read the case again, then answer again.");
        return refuse(plan);
    }
    return case_person_holds_any(turn->event->person, &turn->step->answer_by) ||
           refuse_role(turn, plan, &turn->step->answer_by);
}

/* ---- 3. The form. ---- */

static bool read_form(struct case_turn *turn, struct case_plan *plan)
{
    if (!case_form_read(turn->workflow, turn->asked, &turn->event->data, turn->arena, &turn->form,
                        &plan->problem))
        return refuse(plan);
    plan->problem = (struct problem){0};
    turn->laid = turn->parts[PART_DATA];
    if (value_count(&turn->form) > 0 && turn->event->kind == CASE_TRANSITION) {
        turn->laid = case_map_copy(turn->arena, &turn->laid);
        case_lay(&turn->laid, &turn->form);
    }
    return true;
}

/* ---- Events of the engine: do they still mean something? ---- */

static bool is_due(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *timer = value_get(case_peek(turn, PART_TIMERS), turn->event->name);
    if (timer == NULL || value_int_at(timer, "due", 0) > turn->event->now_ms) {
        plan->kind = CASE_DROP;
        return false;
    }
    if (value_get(timer, TEXT("transition")) != NULL) {
        turn->transition =
            case_transition_named(turn->workflow, value_text_at(timer, "transition"));
        CHECK(turn->transition != CHART_NONE);
    }
    if (value_get(timer, TEXT("step")) != NULL) {
        turn->step = workflow_step(turn->workflow, value_text_at(timer, "step"));
        CHECK(turn->step != NULL);
    }
    if (value_get(timer, TEXT("proposal")) != NULL)
        case_carry_admit(turn, timer);
    return true;
}

static bool is_awaited(struct case_turn *turn, struct case_plan *plan)
{
    turn->step = case_call_step(turn, turn->event->name);
    if (turn->step == NULL)
        plan->kind = CASE_DROP;
    return turn->step != NULL;
}

/* A step's call that has not begun; drops may be told twice. */
static bool is_to_start(struct case_turn *turn, struct case_plan *plan)
{
    if (!is_awaited(turn, plan))
        return false;
    const struct value *record = value_get(case_peek(turn, PART_STEPS), turn->step->id);
    bool is_drop = value_get(case_peek(turn, PART_DROPS), turn->event->name) != NULL;
    if (!is_drop && !value_bool_at(record, "started"))
        return true;
    plan->kind = CASE_DROP;
    return false;
}

static bool is_told(struct case_turn *turn, struct case_plan *plan)
{
    CHECK(workflow_is_event(turn->event->name));
    (void)plan;
    return true;
}

void case_admit(struct case_turn *turn, struct case_plan *plan_out)
{
    static bool (*const may[])(struct case_turn *, struct case_plan *) = {
        [CASE_OPEN] = may_open,
        [CASE_TRANSITION] = find_candidates,
        [CASE_ANSWER] = may_answer,
        [CASE_APPROVE] = case_may_approve,
        [CASE_REJECT] = case_may_reject,
        [CASE_TIMER] = is_due,
        [CASE_OUTCOME] = is_awaited,
        [CASE_START] = is_to_start,
        [CASE_SETTLE] = case_may_settle,
        [CASE_SIGNAL] = is_told,
        [CASE_ASSIGN] = case_may_assign,
        [CASE_NOTE] = case_may_note,
        [CASE_FLAG] = case_may_flag,
        [CASE_LINK] = case_may_link,
        [CASE_CORRECT] = case_may_correct,
        [CASE_GLASS] = case_may_break,
        [CASE_REVIEW] = case_may_review,
        [CASE_ERASURE] = case_may_ask_erasure,
        [CASE_DOCUMENT] = case_may_attach,
        [CASE_EXPORT] = case_may_ask_export,
        [CASE_RELEASE] = case_may_release,
    };
    const struct case_event *event = turn->event;
    *plan_out = (struct case_plan){.kind = CASE_CARRY};
    if (event->kind == CASE_TIMER || event->kind == CASE_OUTCOME || event->kind == CASE_START ||
        event->kind == CASE_SIGNAL) {
        may[event->kind](turn, plan_out);
        return;
    }
    CHECK(event->person != NULL);
    if (is_sound(turn, plan_out) && is_new(turn, plan_out) && is_fresh(turn, plan_out) &&
        may[event->kind](turn, plan_out) && event->kind < CASE_ASSIGN)
        read_form(turn, plan_out);
    if (plan_out->kind == CASE_REFUSE && plan_out->problem.code == PROBLEM_NOT_AVAILABLE)
        tell_available(turn, plan_out);
}
