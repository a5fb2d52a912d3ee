/* case_apply: the event is carried out on a copy of the case; a refusal leaves nothing behind.
 *
 * The happy path:
 * 1. The event is let in as case_plan let it in.
 * 2. Its macrostep runs (hooks.c); a person's event must have been taken.
 * 3. Steps of states that were entered become due; a case that ended lets go of everything.
 * 4. The key is kept, and the entry written: the event, and the patch from the old case to the new.
 */
#include <errno.h>

#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

/* ---- Refusals of a person's event. ---- */

static void explain_fault(struct case_turn *turn, struct problem *problem)
{
    problem_set(problem, turn->arena, PROBLEM_WORKFLOW_FAULT,
                "%.*s cannot be decided: the workflow has a fault.", TEXT_ARG(turn->name));
    for (size_t i = 0; i < value_count(&turn->faults); i++) {
        const struct value *fault = value_item(&turn->faults, i);
        struct text place = value_text_at(fault, "place");
        struct text message = value_text_at(fault, "message");
        if (!text_is_empty(place))
            message = text_printf(turn->arena, "%.*s: %.*s", TEXT_ARG(place), TEXT_ARG(message));
        if (i == 0)
            problem->detail =
                text_printf(turn->arena, "%.*s %.*s", TEXT_ARG(problem->detail), TEXT_ARG(message));
        problem_add(problem, turn->arena, TEXT_NONE, "fault", message, TEXT_NONE);
    }
    problem_hint(problem, turn->arena, "Tell whoever keeps the workflow; nothing has changed.");
}

void case_explain_endless(struct case_turn *turn, struct problem *problem)
{
    problem_set(problem, turn->arena, PROBLEM_WORKFLOW_FAULT,
                "The workflow has a fault: this event never comes to rest (%d steps were tried).",
                CHART_STEPS_MAX);
    problem_hint(problem, turn->arena, "Tell whoever keeps the workflow; nothing has changed.");
}

/* Why nothing took it, or a check that failed; PROBLEM_NONE: it was taken. */
void case_judge(struct case_turn *turn, struct problem *problem)
{
    if (turn->broken.code != PROBLEM_NONE) {
        *problem = turn->broken;
    } else if (turn->is_dropped) {
        if (value_count(&turn->faults) > 0)
            explain_fault(turn, problem);
        else
            *problem = turn->reason;
        CHECK(problem->code != PROBLEM_NONE);
    }
}

/* ---- Events of people. ---- */

void case_doc_open(struct case_turn *turn)
{
    const struct workflow *workflow = turn->workflow;
    const struct case_event *event = turn->event;
    struct arena *arena = turn->arena;
    struct text by = text_copy(arena, event->person->id);
    struct value named = value_map(arena), opened = value_map(arena);
    value_put(&named, "id", value_string(workflow->id));
    value_put(&named, "hash", value_string(text_hex(arena, workflow->hash, sizeof workflow->hash)));
    value_put(&opened, "by", value_string(by));
    value_put(&opened, "at", value_int(event->now_ms));
    value_put(&turn->doc, "id",
              value_string(text_hex(arena, turn->state->id.bytes, sizeof turn->state->id.bytes)));
    value_put(&turn->doc, "code", value_string(text_copy(arena, event->code)));
    value_put(&turn->doc, "workflow", named);
    value_put(&turn->doc, "country",
              text_is_empty(workflow->country) ? value_cstring("ZZ")
                                               : value_string(workflow->country));
    value_put(&turn->doc, "opened", opened);
    for (int part = 0; part < PART_OPENED; part++)
        case_part(turn, (enum case_part)part);
    struct value *data = case_part(turn, PART_DATA);
    for (size_t i = 0; i < workflow->field_count; i++) {
        const struct workflow_field *field = &workflow->fields[i];
        if (field->has_initial && field->initial.kind != VALUE_NULL)
            value_set(data, field->id, field->initial);
    }
}

static int open_case(struct case_turn *turn)
{
    const struct chart_event event = {.name = TEXT("case.open"),
                                      .transition = CHART_NONE,
                                      .data =
                                          case_form_typed(turn->asked, &turn->form, turn->arena)};
    case_doc_open(turn);
    case_lay(case_part(turn, PART_DATA), &turn->form);
    return case_macrostep(turn, &event);
}

static int transition(struct case_turn *turn)
{
    const struct chart_event event = {.name = text_copy(turn->arena, turn->event->name),
                                      .transition = CHART_NONE,
                                      .data =
                                          case_form_typed(turn->asked, &turn->form, turn->arena)};
    return case_macrostep(turn, &event);
}

/* ---- Any event. ---- */

static int signal(struct case_turn *turn)
{
    const struct chart_event event = {.name = text_copy(turn->arena, turn->event->name),
                                      .transition = CHART_NONE,
                                      .data = value_copy(turn->arena, &turn->event->data)};
    return case_event_tell(turn, &event);
}

static int carry(struct case_turn *turn)
{
    static int (*const carriers[])(struct case_turn *) = {
        [CASE_OPEN] = open_case,
        [CASE_TRANSITION] = transition,
        [CASE_ANSWER] = case_answer_take,
        [CASE_TIMER] = case_timer_fire,
        [CASE_OUTCOME] = case_outcome_take,
        [CASE_START] = case_start_take,
        [CASE_SETTLE] = case_settle_take,
        [CASE_SIGNAL] = signal,
        [CASE_APPROVE] = case_approval_take,
        [CASE_REJECT] = case_rejection_take,
        [CASE_ASSIGN] = case_assignment_take,
        [CASE_NOTE] = case_note_take,
        [CASE_FLAG] = case_flag_take,
        [CASE_LINK] = case_link_take,
        [CASE_CORRECT] = case_correction_take,
        [CASE_GLASS] = case_glass_take,
        [CASE_REVIEW] = case_review_take,
        [CASE_ERASURE] = case_erasure_take,
        [CASE_DOCUMENT] = case_document_take,
        [CASE_EXPORT] = case_export_take,
        [CASE_RELEASE] = case_release_take,
    };
    return carriers[turn->event->kind](turn);
}

/* A case that ended keeps what it knows, and waits for nothing: all but a final state was left,
 * with its timers, deadline and steps, and a final state has none. What was sent is dropped. */
static void close_case(struct case_turn *turn)
{
    case_sends_drop(turn);
    case_notices_clear(turn);
    CHECK(value_count(case_peek(turn, PART_TIMERS)) == 0);
    CHECK(value_count(case_peek(turn, PART_DEADLINES)) == 0);
    CHECK(value_count(case_peek(turn, PART_STEPS)) == 0);
    value_put(&turn->doc, "closed", value_bool(true));
    value_put(&turn->doc, "closed_at", value_int(turn->event->now_ms));
}

static void finish(struct case_turn *turn, struct case_change *change_out)
{
    const struct case_event *event = turn->event;
    struct value changed = value_map(turn->arena);
    bool is_proposed = event->kind == CASE_TRANSITION && !text_is_empty(turn->proposal);
    bool is_made = event->kind == CASE_OPEN || event->kind == CASE_DOCUMENT;
    change_out->status = is_made ? 201 : is_proposed ? 202 : 200;
    change_out->proposal = case_proposal_number(turn->proposal);
    case_notices_read(turn);
    case_proposals_review(turn);
    if (turn->is_closed)
        close_case(turn);
    else
        case_steps_start(turn);
    case_key_keep(turn, change_out->status);
    if (turn->person != NULL)
        value_put(&changed, "by", value_string(text_copy(turn->arena, turn->person->id)));
    value_put(&changed, "at", value_int(event->now_ms));
    value_put(&changed, "event", value_string(turn->event_name));
    value_put(&turn->doc, "changed", changed);
    if (turn->is_dropped && !turn->is_abridged)
        case_note(turn, "Nothing takes %.*s: it was dropped.", TEXT_ARG(turn->event_name));
    change_out->entry = case_entry(turn, change_out->status);
    change_out->doc = turn->doc;
}

/* Nothing of it was done: the submission is kept instead. */
static void propose(struct case_turn *turn)
{
    uint16_t transition = turn->needs_approval;
    struct value faults = turn->faults;
    struct case_plan plan;
    case_turn_init(turn, turn->state, turn->event, turn->arena);
    case_admit(turn, &plan);
    turn->needs_approval = transition;
    turn->faults = faults;
    case_propose(turn);
}

/* An engine's event whose macrostep never ends cannot be refused: it would come again. */
static void abridge(struct case_turn *turn, const struct case_state *state,
                    const struct case_event *event, struct arena *arena)
{
    struct case_plan plan;
    case_turn_init(turn, state, event, arena);
    case_admit(turn, &plan);
    turn->is_abridged = true;
    turn->is_dropped = true;
    struct text why = text_printf(
        arena, N_("This event never came to rest (%d steps were tried): nothing of it was kept."),
        CHART_STEPS_MAX);
    case_fault(turn, NULL, why);
    CHECK(carry(turn) == 0);
}

void case_apply(const struct case_state *state, const struct case_event *event, struct arena *arena,
                struct case_change *change_out)
{
    struct case_turn turn;
    struct case_plan plan;
    *change_out = (struct case_change){0};
    case_turn_init(&turn, state, event, arena);
    case_admit(&turn, &plan);
    CHECK(plan.kind == CASE_CARRY || plan.kind == CASE_REFUSE);
    change_out->problem = plan.problem;
    if (plan.kind == CASE_CARRY) {
        int status = carry(&turn);
        CHECK(status == 0 || status == -ELOOP);
        if (turn.needs_approval != CHART_NONE && turn.broken.code == PROBLEM_NONE)
            propose(&turn);
        else if (turn.is_carrying)
            case_carry_settle(&turn, status);
        else if (status != 0 && event->person == NULL)
            abridge(&turn, state, event, arena);
        else if (status != 0)
            case_explain_endless(&turn, &change_out->problem);
        else if (event->kind == CASE_TRANSITION)
            case_judge(&turn, &change_out->problem);
    }
    change_out->is_refused = change_out->problem.code != PROBLEM_NONE;
    if (!change_out->is_refused)
        finish(&turn, change_out);
}
