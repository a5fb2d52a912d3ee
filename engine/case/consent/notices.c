/* Notices: what people are told in their inbox. No value of the case gets into one.
 *
 *   {SEQ.RANK: {kind, seq, rank, to or person, state?, at, ...}}
 *
 * kind
 *   notify     of the workflow: text, or texts {LANGUAGE: text}
 *   remind     a deadline of a state comes near: due
 *   overdue    it is past: due
 *   proposal   one that the person took part in has ended: proposal
 *   glass      somebody sees the case by breaking glass: by, due (until when)
 *
 * One belongs to a state and is gone when that is left, or to the case. Of those for one role, and
 * of those for persons, the newest CASE_NOTICES_MAX are kept; a person's are gone once the person
 * acts in the case. A case that is closed has none. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

enum { CASE_NOTICES_MAX = 32 };

/* ---- Making them. ---- */

bool case_notice_is_before(const struct value *a, const struct value *b)
{
    int64_t of_a = value_int_at(a, "seq", 0), of_b = value_int_at(b, "seq", 0);
    if (of_a != of_b)
        return of_a < of_b;
    return value_int_at(a, "rank", 0) < value_int_at(b, "rank", 0);
}

/* Makes room for one more of that audience: a role, or (empty) persons. */
static void forget_oldest(struct case_turn *turn, struct text role)
{
    const struct value *notices = case_peek(turn, PART_NOTICES);
    const struct value_member *oldest = NULL;
    size_t count = 0;
    for (size_t i = 0; i < value_count(notices); i++) {
        const struct value_member *member = value_member(notices, i);
        if (!text_equal(value_text_at(&member->value, "to"), role))
            continue;
        count++;
        if (oldest == NULL || case_notice_is_before(&member->value, &oldest->value))
            oldest = member;
    }
    if (count >= CASE_NOTICES_MAX)
        value_remove(case_part(turn, PART_NOTICES), oldest->key);
}

static void add(struct case_turn *turn, const char *kind, struct value notice)
{
    size_t rank = turn->notice_count++;
    forget_oldest(turn, value_text_at(&notice, "to"));
    value_put(&notice, "kind", value_cstring(kind));
    value_put(&notice, "seq", value_int((int64_t)turn->event->seq));
    value_put(&notice, "rank", value_int((int64_t)rank));
    value_put(&notice, "at", value_int(turn->event->now_ms));
    value_set(case_part(turn, PART_NOTICES),
              text_printf(turn->arena, "%llu.%zu", (unsigned long long)turn->event->seq, rank),
              notice);
}

static void put_state(struct value *notice, const struct case_turn *turn, uint16_t state)
{
    if (state != CHART_NONE && state != 0)
        value_put(notice, "state", value_string(turn->workflow->chart.states[state].id));
}

static void put_words(struct value *notice, const struct workflow_words *words, struct arena *arena)
{
    struct value texts = value_map(arena);
    for (size_t i = 0; i < words->count; i++)
        value_set(&texts, words->items[i].language, value_string(words->items[i].text));
    if (words->count > 0)
        value_put(notice, "texts", texts);
    else
        value_put(notice, "text", value_string(words->any));
}

bool case_notify(struct case_turn *turn, const struct workflow_action *action)
{
    for (size_t i = 0; i < action->to.count; i++) {
        struct value notice = value_map(turn->arena);
        value_put(&notice, "to", value_string(action->to.ids[i]));
        put_state(&notice, turn, turn->told_in);
        put_words(&notice, &action->words, turn->arena);
        add(turn, "notify", notice);
    }
    return true;
}

void case_tell_role(struct case_turn *turn, struct text role, const char *kind, uint16_t state,
                    int64_t due_ms)
{
    struct value notice = value_map(turn->arena);
    value_put(&notice, "to", value_string(role));
    put_state(&notice, turn, state);
    value_put(&notice, "due", value_int(due_ms));
    add(turn, kind, notice);
}

void case_tell_person(struct case_turn *turn, struct text person, struct text proposal)
{
    struct value notice = value_map(turn->arena);
    value_put(&notice, "person", value_string(text_copy(turn->arena, person)));
    value_put(&notice, "proposal", value_string(text_copy(turn->arena, proposal)));
    add(turn, "proposal", notice);
}

void case_tell_glass(struct case_turn *turn, struct text role, int64_t until_ms)
{
    struct value notice = value_map(turn->arena);
    value_put(&notice, "to", value_string(role));
    value_put(&notice, "by", value_string(text_copy(turn->arena, turn->person->id)));
    value_put(&notice, "due", value_int(until_ms));
    add(turn, "glass", notice);
}

/* ---- Their end. ---- */

static void remove_those(struct case_turn *turn, const char *member, struct text wanted,
                         const char *kind)
{
    for (size_t i = value_count(case_peek(turn, PART_NOTICES)); i-- > 0;) {
        const struct value_member *notice = value_member(case_peek(turn, PART_NOTICES), i);
        const struct value *found = value_get(&notice->value, text_from(member));
        if (found == NULL || !text_equal(found->string, wanted))
            continue;
        if (kind == NULL || value_is_string(value_get(&notice->value, TEXT("kind")), kind))
            value_remove(case_part(turn, PART_NOTICES), notice->key);
    }
}

void case_notices_leave(struct case_turn *turn, uint16_t state)
{
    remove_those(turn, "state", turn->workflow->chart.states[state].id, NULL);
}

void case_notices_replace(struct case_turn *turn, uint16_t state)
{
    remove_those(turn, "state", turn->workflow->chart.states[state].id, "remind");
}

void case_notices_read(struct case_turn *turn)
{
    if (turn->event->person != NULL)
        remove_those(turn, "person", turn->event->person->person, NULL);
}

void case_notices_clear(struct case_turn *turn)
{
    struct value *notices = case_part(turn, PART_NOTICES);
    while (value_count(notices) > 0)
        value_remove(notices, value_member(notices, 0)->key);
}
