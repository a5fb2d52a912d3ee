/* Idempotency: what a repeat of a request is known by.
 *
 * A case keeps the last CASE_KEYS_MAX keys in a ring of slots, "0" to "63", so that the patch of an
 * entry holds one slot; the opening's key is kept apart, as long as the case. A key belongs to the
 * person who sent it. */
#include "base/arena.h"
#include "case/turn.h"

static enum case_key_match match(const struct value *kept, const struct case_event *event,
                                 struct case_plan *plan)
{
    if (!text_equal(value_text_at(kept, "key"), event->key) ||
        !text_equal(value_text_at(kept, "by"), event->person->id))
        return KEY_NEW;
    if (!text_equal(value_text_at(kept, "hash"), event->request))
        return KEY_REUSED;
    plan->status = (int)value_int_at(kept, "status", 0);
    plan->seq = (uint64_t)value_int_at(kept, "seq", 0);
    plan->proposal = value_int_at(kept, "proposal", 0);
    return KEY_REPEATED;
}

enum case_key_match case_key_find(const struct value *doc, const struct case_event *event,
                                  struct case_plan *plan)
{
    if (text_is_empty(event->key) || event->person == NULL)
        return KEY_NEW;
    enum case_key_match found = match(value_get(doc, TEXT("opening")), event, plan);
    const struct value *keys = value_get(doc, TEXT("keys"));
    for (size_t i = 0; found == KEY_NEW && i < value_count(keys); i++)
        found = match(&value_member(keys, i)->value, event, plan);
    return found;
}

void case_key_keep(struct case_turn *turn, int status)
{
    const struct case_event *event = turn->event;
    struct arena *arena = turn->arena;
    if (event->person == NULL || text_is_empty(event->key))
        return;
    struct value kept = value_map(arena);
    value_put(&kept, "by", value_string(text_copy(arena, event->person->id)));
    value_put(&kept, "key", value_string(text_copy(arena, event->key)));
    value_put(&kept, "hash", value_string(text_copy(arena, event->request)));
    value_put(&kept, "status", value_int(status));
    value_put(&kept, "seq", value_int((int64_t)event->seq));
    if (!text_is_empty(turn->proposal))
        value_put(&kept, "proposal", value_int(case_proposal_number(turn->proposal)));
    if (event->kind == CASE_OPEN) {
        value_put(&turn->doc, "opening", kept);
        return;
    }
    int64_t count = value_int_at(&turn->doc, "key_count", 0);
    struct text slot = text_printf(arena, "%d", (int)(count % CASE_KEYS_MAX));
    value_set(case_part(turn, PART_KEYS), slot, kept);
    value_put(&turn->doc, "key_count", value_int(count + 1));
}
