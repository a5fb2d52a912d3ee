/* Plan, apply, recover: as the wheel does it, and each case is the one that its entries give. */
#include "statechart_case.h"

#include "base/check.h"
#include "base/json.h"
#include "case/view.h"

static void note_fault(struct subject *subject, struct text fault)
{
    if (text_is_empty(subject->fault))
        subject->fault = fault;
}

/* What a restart would make of the entry. */
static void check_entry(struct subject *subject, const struct case_change *change)
{
    struct value entry, recovered;
    struct text json = json_write(subject->arena, &change->entry);

    CHECK(json_read(subject->arena, json, &entry, NULL) == 0);
    recovered = case_recover(subject->arena, &subject->state.doc, &entry);
    if (!value_equal(&recovered, &change->doc))
        note_fault(subject, TEXT("the case recovered from its entries is another"));
    if (value_get(&change->entry, TEXT("faults")) != NULL)
        note_fault(subject, value_text_at(value_item(value_get(&change->entry, TEXT("faults")), 0),
                                          "message"));
}

static bool play(struct subject *subject, struct case_event *event)
{
    struct case_change change;
    struct case_plan plan;

    event->now_ms = subject->now_ms;
    event->seq = subject->state.last + 1;
    case_plan(&subject->state, event, subject->arena, &plan);
    if (plan.kind != CASE_CARRY)
        return false;
    case_apply(&subject->state, event, subject->arena, &change);
    if (change.is_refused)
        return false;
    check_entry(subject, &change);
    subject->state.doc = change.doc;
    subject->state.revision = subject->state.last = event->seq;
    return true;
}

void subject_wait(struct subject *subject, int64_t span_ms)
{
    int64_t until_ms = subject->now_ms + span_ms, due_ms;
    struct case_event event = {.kind = CASE_TIMER};

    while (case_next_timer(&subject->state.doc, &event.name, &due_ms) && due_ms <= until_ms) {
        subject->now_ms = due_ms > subject->now_ms ? due_ms : subject->now_ms;
        if (!play(subject, &event))
            note_fault(subject, TEXT("a timer that is due is not carried out"));
    }
    subject->now_ms = until_ms;
}

bool subject_open(struct subject *subject, const struct workflow *workflow, struct arena *arena)
{
    const struct case_person somebody = {.id = TEXT("somebody"), .person = TEXT("somebody")};
    struct case_event event = {.kind = CASE_OPEN, .person = &somebody, .code = TEXT("ZZ-2026-1")};

    *subject = (struct subject){
        .arena = arena, .state = {.workflow = workflow}, .now_ms = INT64_C(1767254400000)};
    if (!play(subject, &event))
        return false;
    subject_wait(subject, 0);
    return true;
}

void subject_send(struct subject *subject, struct text name)
{
    struct case_event event = {.kind = CASE_SIGNAL, .name = name};

    if (!play(subject, &event))
        note_fault(subject, TEXT("an event is refused"));
    subject_wait(subject, 0);
}

struct value subject_states(const struct subject *subject)
{
    struct value receipt =
        case_receipt(&subject->state, subject->state.last, TEXT_NONE, subject->arena);

    return *value_get(&receipt, TEXT("states"));
}
