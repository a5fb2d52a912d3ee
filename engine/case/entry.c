/* What is written down of an event: itself, and what it made of the case. */
#include "base/arena.h"
#include "case/turn.h"

static const char *const kind_names[] = {
    [CASE_OPEN] = "open",          [CASE_TRANSITION] = "transition",
    [CASE_ANSWER] = "answer",      [CASE_APPROVE] = "approval",
    [CASE_REJECT] = "rejection",   [CASE_TIMER] = "timer",
    [CASE_OUTCOME] = "outcome",    [CASE_SIGNAL] = "signal",
    [CASE_ASSIGN] = "assigned",    [CASE_NOTE] = "note",
    [CASE_FLAG] = "flag",          [CASE_LINK] = "link",
    [CASE_CORRECT] = "correction", [CASE_GLASS] = "glass",
    [CASE_REVIEW] = "review",      [CASE_START] = "started",
    [CASE_SETTLE] = "settled",     [CASE_ERASURE] = "erasure",
    [CASE_DOCUMENT] = "document",  [CASE_EXPORT] = "export",
    [CASE_RELEASE] = "release",
};

static void put_text(struct value *map, const char *name, struct text text, struct arena *arena)
{
    if (!text_is_empty(text))
        value_put(map, name, value_string(text_copy(arena, text)));
}

static void put_person(struct value *entry, const struct case_person *person, struct arena *arena)
{
    struct value roles = value_list(arena);
    for (size_t i = 0; i < person->role_count; i++)
        value_append(&roles, value_string(text_copy(arena, person->roles[i])));
    put_text(entry, "by", person->id, arena);
    put_text(entry, "person", person->person, arena);
    value_put(entry, "roles", roles);
}

/* What came from outside, as far as this kind of event has it. */
static void put_event(struct value *entry, struct case_turn *turn, int status)
{
    const struct case_event *event = turn->event;
    struct arena *arena = turn->arena;
    if (turn->person != NULL)
        put_person(entry, turn->person, arena);
    value_put(entry, "event", value_string(turn->event_name));
    if (event->kind != CASE_OPEN)
        put_text(entry, "name", event->name, arena);
    if (turn->step != NULL)
        value_put(entry, "step", value_string(turn->step->id));
    if (value_count(&turn->form) > 0)
        value_put(entry, "data", turn->form);
    if ((event->kind == CASE_SIGNAL || event->kind == CASE_ASSIGN || event->kind == CASE_FLAG ||
         event->kind == CASE_LINK) &&
        value_count(&event->data) > 0)
        value_put(entry, "data", value_copy(arena, &event->data));
    put_text(entry, "comment", event->comment, arena);
    if (!text_is_empty(turn->proposal))
        value_put(entry, "proposal", value_int(case_proposal_number(turn->proposal)));
    if (value_count(&event->checks) > 0)
        value_put(entry, "checks", value_copy(arena, &event->checks));
    if (event->kind == CASE_OUTCOME || event->kind == CASE_SETTLE)
        value_put(entry, "outcome", value_copy(arena, &event->outcome));
    put_text(entry, "key", event->key, arena);
    if (!text_is_empty(event->key))
        put_text(entry, "request", event->request, arena);
    if (event->person != NULL)
        value_put(entry, "status", value_int(status));
}

struct value case_entry(struct case_turn *turn, int status)
{
    const struct case_state *state = turn->state;
    struct arena *arena = turn->arena;
    struct value entry = value_map(arena);
    value_put(&entry, "kind",
              value_cstring(turn->kind != NULL ? turn->kind
                            : turn->is_dropped ? "dropped"
                                               : kind_names[turn->event->kind]));
    value_put(&entry, "at", value_int(turn->event->now_ms));
    put_event(&entry, turn, status);
    if (state->last > 0)
        value_put(&entry, "prev", value_int((int64_t)state->last));
    value_put(&entry, "case",
              value_string(text_hex(arena, state->id.bytes, sizeof state->id.bytes)));
    value_put(&entry, "patch",
              state->doc.kind == VALUE_NULL ? turn->doc
                                            : value_patch_between(arena, &state->doc, &turn->doc));
    value_put(&entry, "states",
              case_atomic_states(turn->workflow, turn->configuration.active, arena));
    if (value_count(&turn->taken) > 0)
        value_put(&entry, "taken", turn->taken);
    if (value_count(&turn->faults) > 0)
        value_put(&entry, "faults", turn->faults);
    if (value_count(&turn->logs) > 0)
        value_put(&entry, "log", turn->logs);
    put_text(&entry, "note", text_buffer_text(&turn->note), arena);
    return entry;
}

struct value case_recover(struct arena *arena, const struct value *doc, const struct value *entry)
{
    const struct value *patch = value_get(entry, TEXT("patch"));
    return patch == NULL ? *doc : value_patch_apply(arena, doc, patch);
}
