/* Proposals: submissions that wait until others have approved them.
 *
 * The happy path:
 * 1. A person's event would take a transition with `approve`: nothing of it is done, the submission
 *    is kept with the visit of its source state.
 * 2. Others approve it, each person once. The last one sets a timer that is due now.
 * 3. The timer carries it out as an event of whoever submitted it (carry.c).
 * What changes a field that it rests on, or leaves its source state, ends it on the way.
 *
 *   {N: {status, event, transition, by, person, at, approvals {PERSON: {by, at, comment?}}, ...}}
 *
 * status   beside these members
 *   open       state, visit, roles, comment?, need, form {values, unset}
 *   approved   the same, and tries, message once a check has failed
 *   carried, rejected, refused, changed, left   ended {at, seq, by?}, reason?, field?, refusal?
 *              the last CASE_ENDED_MAX of them, so that those who took part can read what came of
 * it */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

enum { CASE_ENDED_MAX = 16 };

static bool is_status(const struct value *proposal, const char *status)
{
    return value_is_string(value_get(proposal, TEXT("status")), status);
}

bool case_proposal_is_open(const struct value *proposal)
{
    return is_status(proposal, "open") || is_status(proposal, "approved");
}

int64_t case_proposal_number(struct text key)
{
    int64_t number;
    return text_to_int(key, &number) ? number : 0;
}

uint16_t case_proposal_transition(const struct workflow *workflow, const struct value *proposal)
{
    uint16_t transition = case_transition_named(workflow, value_text_at(proposal, "transition"));
    CHECK(transition != CHART_NONE);
    CHECK(workflow->transitions[transition].approve != NULL);
    return transition;
}

const struct value_member *case_proposal_of(const struct workflow *workflow,
                                            const struct value *proposals, struct text event,
                                            const uint16_t *transitions, size_t count)
{
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value_member *member = value_member(proposals, i);
        if (!case_proposal_is_open(&member->value))
            continue;
        if (text_equal(value_text_at(&member->value, "event"), event))
            return member;
        uint16_t transition = case_proposal_transition(workflow, &member->value);
        for (size_t t = 0; t < count; t++)
            if (transitions[t] == transition)
                return member;
    }
    return NULL;
}

/* ---- Submitting. ---- */

static struct value roles_value(const struct case_person *person, struct arena *arena)
{
    struct value roles = value_list(arena);
    for (size_t i = 0; i < person->role_count; i++)
        value_append(&roles, value_string(text_copy(arena, person->roles[i])));
    return roles;
}

/* Who, when, and what they said. */
static void put_act(struct value *map, struct case_turn *turn)
{
    value_put(map, "by", value_string(text_copy(turn->arena, turn->person->id)));
    value_put(map, "at", value_int(turn->event->now_ms));
    if (!text_is_empty(turn->event->comment))
        value_put(map, "comment", value_string(text_copy(turn->arena, turn->event->comment)));
}

void case_propose(struct case_turn *turn)
{
    const struct workflow *workflow = turn->workflow;
    struct arena *arena = turn->arena;
    struct text state =
        workflow->chart.states[workflow->chart.transitions[turn->needs_approval].source].id;
    int64_t number = value_int_at(&turn->doc, "proposal_count", 0) + 1;
    struct value made = value_map(arena);
    value_put(&made, "status", value_cstring("open"));
    value_put(&made, "event", value_string(text_copy(arena, turn->name)));
    value_put(&made, "transition",
              value_string(case_transition_name(workflow, turn->needs_approval, arena)));
    value_put(&made, "state", value_string(state));
    value_put(&made, "visit", *value_get(case_peek(turn, PART_STATES), state));
    put_act(&made, turn);
    value_put(&made, "person", value_string(text_copy(arena, turn->person->person)));
    value_put(&made, "roles", roles_value(turn->person, arena));
    value_put(&made, "need", value_int(workflow->transitions[turn->needs_approval].approve->need));
    value_put(&made, "form", case_form_pack(&turn->form, arena));
    value_put(&made, "approvals", value_map(arena));
    turn->proposal = text_printf(arena, "%lld", (long long)number);
    turn->event_name = text_printf(arena, "case.propose.%.*s", TEXT_ARG(turn->name));
    turn->kind = "proposal";
    value_set(case_part(turn, PART_PROPOSALS), turn->proposal, made);
    value_put(&turn->doc, "proposal_count", value_int(number));
}

/* ---- Approving and rejecting. ---- */

static struct value proposal_of(struct case_turn *turn)
{
    const struct value *proposal = value_get(case_peek(turn, PART_PROPOSALS), turn->proposal);
    CHECK(proposal != NULL);
    return case_map_copy(turn->arena, proposal);
}

static void name_event(struct case_turn *turn, const char *kind, const char *verb,
                       const struct value *proposal)
{
    turn->kind = kind;
    turn->event_name =
        text_printf(turn->arena, "case.%s.%.*s", verb, TEXT_ARG(value_text_at(proposal, "event")));
}

void case_proposal_schedule(struct case_turn *turn, struct text key, int64_t due_ms)
{
    const struct value *proposal = value_get(case_peek(turn, PART_PROPOSALS), key);
    struct value timer = value_map(turn->arena);
    value_put(&timer, "state", *value_get(proposal, TEXT("state")));
    value_put(&timer, "proposal", value_string(key));
    case_timer_set(turn,
                   text_printf(turn->arena, "proposal.%.*s.%lld", TEXT_ARG(key),
                               (long long)value_int_at(proposal, "tries", 0) + 1),
                   "proposal", due_ms, 0, timer);
}

int case_approval_take(struct case_turn *turn)
{
    struct value proposal = proposal_of(turn), act = value_map(turn->arena);
    struct value approvals = case_map_copy(turn->arena, value_get(&proposal, TEXT("approvals")));
    put_act(&act, turn);
    value_set(&approvals, text_copy(turn->arena, turn->person->person), act);
    value_put(&proposal, "approvals", approvals);
    name_event(turn, "approval", "approve", &proposal);
    bool is_enough = (int64_t)value_count(&approvals) >= value_int_at(&proposal, "need", 1);
    if (is_enough)
        value_put(&proposal, "status", value_cstring("approved"));
    value_set(case_part(turn, PART_PROPOSALS), turn->proposal, proposal);
    if (is_enough)
        case_proposal_schedule(turn, turn->proposal, turn->event->now_ms);
    return 0;
}

int case_rejection_take(struct case_turn *turn)
{
    struct value proposal = proposal_of(turn), facts = value_map(turn->arena);
    name_event(turn, "rejection", "reject", &proposal);
    value_put(&facts, "reason", value_string(text_copy(turn->arena, turn->event->comment)));
    case_proposal_end(turn, turn->proposal, "rejected", &facts);
    return 0;
}

/* ---- Ending. ---- */

static void remove_timer(struct case_turn *turn, struct text key)
{
    const struct value *timers = case_peek(turn, PART_TIMERS);
    for (size_t i = 0; i < value_count(timers); i++) {
        const struct value_member *timer = value_member(timers, i);
        if (!text_equal(value_text_at(&timer->value, "proposal"), key))
            continue;
        value_remove(case_part(turn, PART_TIMERS), timer->key);
        return;
    }
}

/* Keys are numbers, and the lowest is the oldest. */
static void forget_oldest(struct case_turn *turn)
{
    const struct value *proposals = case_peek(turn, PART_PROPOSALS);
    const struct value_member *oldest = NULL;
    size_t count = 0;
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value_member *member = value_member(proposals, i);
        if (case_proposal_is_open(&member->value))
            continue;
        count++;
        if (oldest == NULL || case_proposal_number(member->key) < case_proposal_number(oldest->key))
            oldest = member;
    }
    if (count > CASE_ENDED_MAX)
        value_remove(case_part(turn, PART_PROPOSALS), oldest->key);
}

static void tell(struct case_turn *turn, struct text person, struct text key)
{
    if (turn->person == NULL || !text_equal(turn->person->person, person))
        case_tell_person(turn, person, key);
}

static void tell_all(struct case_turn *turn, const struct value *proposal, struct text key)
{
    const struct value *approvals = value_get(proposal, TEXT("approvals"));
    struct text submitter = value_text_at(proposal, "person");
    tell(turn, submitter, key);
    for (size_t i = 0; i < value_count(approvals); i++)
        if (!text_equal(value_member(approvals, i)->key, submitter))
            tell(turn, value_member(approvals, i)->key, key);
}

void case_proposal_end(struct case_turn *turn, struct text key, const char *status,
                       const struct value *facts)
{
    static const char *const kept[] = {"event", "transition", "by", "person", "at", "approvals"};
    struct value before = *value_get(case_peek(turn, PART_PROPOSALS), key);
    struct value after = value_map(turn->arena), ended = value_map(turn->arena);
    value_put(&after, "status", value_cstring(status));
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        value_put(&after, kept[i], *value_get(&before, text_from(kept[i])));
    value_put(&ended, "at", value_int(turn->event->now_ms));
    value_put(&ended, "seq", value_int((int64_t)turn->event->seq));
    if (turn->event->person != NULL)
        value_put(&ended, "by", value_string(text_copy(turn->arena, turn->event->person->id)));
    value_put(&after, "ended", ended);
    for (size_t i = 0; i < value_count(facts); i++)
        value_set(&after, value_member(facts, i)->key, value_member(facts, i)->value);
    remove_timer(turn, key);
    value_set(case_part(turn, PART_PROPOSALS), key, after);
    forget_oldest(turn);
    if (!text_is(text_from(status), "carried"))
        tell_all(turn, &after, key);
}

/* ---- What it rests on. ---- */

static bool is_left(const struct case_turn *turn, const struct value *proposal)
{
    const struct value *visit =
        value_get(case_peek(turn, PART_STATES), value_text_at(proposal, "state"));
    return visit == NULL || visit->integer != value_int_at(proposal, "visit", 0);
}

/* The first field that is not as it was before this event; NULL: none. */
static const struct workflow_field *changed_field(const struct case_turn *turn,
                                                  const struct value *proposal)
{
    uint16_t transition = case_proposal_transition(turn->workflow, proposal);
    const struct workflow_approval *approval = turn->workflow->transitions[transition].approve;
    const struct value *before = value_get(&turn->state->doc, TEXT("data"));
    const struct value *after = case_peek(turn, PART_DATA);
    for (size_t i = 0; i < approval->field_count; i++) {
        const struct value *old = value_get(before, approval->fields[i]->id);
        const struct value *new = value_get(after, approval->fields[i]->id);
        if ((old == NULL) != (new == NULL) || (old != NULL && !value_equal(old, new)))
            return approval->fields[i];
    }
    return NULL;
}

static void review(struct case_turn *turn, struct text key, const struct value *proposal)
{
    struct text event = value_text_at(proposal, "event");
    struct value facts = value_map(turn->arena);
    const struct workflow_field *field;
    if (is_left(turn, proposal)) {
        case_note(turn, "Proposal %.*s (%.*s) has ended: its state was left.", TEXT_ARG(key),
                  TEXT_ARG(event));
        case_proposal_end(turn, key, "left", NULL);
        return;
    }
    field = changed_field(turn, proposal);
    if (field == NULL)
        return;
    case_note(turn, "Proposal %.*s (%.*s) has ended: %.*s has changed.", TEXT_ARG(key),
              TEXT_ARG(event), TEXT_ARG(field->id));
    value_put(&facts, "field", value_string(field->id));
    case_proposal_end(turn, key, "changed", &facts);
}

void case_proposals_review(struct case_turn *turn)
{
    /* Of the map as it is now: ending one changes it. */
    struct value proposals = case_map_copy(turn->arena, case_peek(turn, PART_PROPOSALS));
    for (size_t i = 0; i < value_count(&proposals); i++) {
        const struct value_member *member = value_member(&proposals, i);
        if (case_proposal_is_open(&member->value))
            review(turn, member->key, &member->value);
    }
}
