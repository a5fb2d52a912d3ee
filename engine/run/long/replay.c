/* The journal run through the core again: whether it would make today of each case what it made of
 * it then, and whether that is what is stored.
 *
 * The happy path, of one case after the other, a few entries in each turn:
 * 1. The chain of its entries is walked from the newest to the oldest: their seqs are kept.
 * 2. From the oldest on each is made an event again and applied; the entry that comes of it must be
 *    the one that is stored.
 * 3. What came of them all must be the case in memory, and the line that lists have of it. On the
 *    way, at its seq, it must be the snapshot.
 * The first difference of a case is told, as a place in it and never by a value. Nothing is
 * changed; no plugin is called, since checks and outcomes stand in the entries. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "case/view.h"
#include "run/internal.h"

enum {
    ENTRIES_AT_ONCE = 64,
    FRESH_ENTRIES = 32, /* until what is left of the case is copied into a new arena */
    TOLD_MAX = 1000,    /* all are counted */
    WAITS_MAX = 8       /* for the newest entry of a case to be durable */
};

enum phase { BEGINNING, WALKING, RUNNING, COMPARING };

struct replay {
    struct wheel *wheel;
    struct arena *arena;
    struct vault_case_id *ids; /* of the cases when it began */
    size_t count, next;
    uint64_t entry_count, difference_count, busy_count;
    struct value told;

    /* The case under way. */
    enum phase phase;
    struct arena *chain, *doc;
    struct text code;
    uint64_t *seqs; /* the newest first */
    size_t seq_count, seq_capacity, fresh;
    uint64_t seq; /* the next to be walked to */
    unsigned waits;
    struct case_state state;
    uint64_t snapshot_seq; /* 0: there is none */
    struct value snapshot;
};

/* ---- Telling. ---- */

static void differs(struct replay *replay, uint64_t seq, struct text place, struct text what)
{
    struct arena *arena = replay->arena;
    struct value one = value_map(arena);

    log_event(LOG_WARNING, "replay.differs", "case=%.*s seq=%llu", TEXT_ARG(replay->code),
              (unsigned long long)seq);
    if (replay->difference_count++ >= TOLD_MAX)
        return;
    value_put(&one, "code", value_string(text_copy(arena, replay->code)));
    value_put(&one, "seq", value_int((int64_t)seq));
    if (!text_is_empty(place))
        value_put(&one, "at", value_string(text_copy(arena, place)));
    value_put(&one, "what", value_string(text_copy(arena, what)));
    value_append(&replay->told, one);
}

/* Where two values first differ, as a path from their root. */
static struct text place_of(const struct value *a, const struct value *b, struct text root,
                            struct arena *arena)
{
    if (!a || !b || a->kind != VALUE_MAP || b->kind != VALUE_MAP)
        return root;
    for (size_t i = 0; i < value_count(a); i++) {
        const struct value_member *member = value_member(a, i);
        const struct value *other = value_get(b, member->key);
        if (other && value_equal(&member->value, other))
            continue;
        struct text path = text_printf(arena, "%.*s/%.*s", TEXT_ARG(root), TEXT_ARG(member->key));
        return place_of(&member->value, other, path, arena);
    }
    for (size_t i = 0; i < value_count(b); i++)
        if (!value_get(a, value_member(b, i)->key))
            return text_printf(arena, "%.*s/%.*s", TEXT_ARG(root),
                               TEXT_ARG(value_member(b, i)->key));
    return root;
}

/* ---- One case. ---- */

static void forget_case(struct replay *replay)
{
    arena_reset(replay->chain);
    arena_reset(replay->doc);
    replay->seqs = NULL;
    replay->seq_count = replay->seq_capacity = replay->fresh = 0;
    replay->waits = 0;
    replay->state = (struct case_state){0};
    replay->snapshot_seq = 0;
    replay->phase = BEGINNING;
}

static void next_case(struct replay *replay)
{
    forget_case(replay);
    replay->next++;
}

/* The snapshot, if it opens; where it does not, the check of records tells so. */
static void read_snapshot(struct replay *replay, const struct card *card)
{
    struct text body;
    uint64_t seq;

    if (store_load_case(replay->wheel->store, replay->chain, &card->id, &seq, &body) == 0 &&
        json_read(replay->chain, body, &replay->snapshot, NULL) == 0)
        replay->snapshot_seq = seq;
}

/* True: it has begun. Else the case is left out, or its newest entry is waited for. */
static enum operation_step begin_case(struct replay *replay)
{
    struct wheel *wheel = replay->wheel;
    const struct card *card = roster_find(&wheel->roster, &replay->ids[replay->next]);

    if (!card) { /* erased meanwhile */
        next_case(replay);
        return OPERATION_MORE;
    }
    replay->code = text_copy(replay->chain, card->code);
    if (card->last > store_last_seq(wheel->store)) {
        if (replay->waits++ < WAITS_MAX)
            return OPERATION_WAITS;
        replay->busy_count++;
        next_case(replay);
        return OPERATION_MORE;
    }
    const struct workflow *workflow = rights_workflow(wheel, card);
    if (!workflow) {
        differs(replay, card->last, TEXT_NONE, TEXT(N_("its definition cannot be opened")));
        next_case(replay);
        return OPERATION_MORE;
    }
    replay->state = (struct case_state){.id = card->id, .workflow = workflow};
    replay->seq = card->last;
    read_snapshot(replay, card);
    replay->phase = WALKING;
    return OPERATION_MORE;
}

/* The entry of the case, in the arena of its document. */
static bool read_entry(struct replay *replay, uint64_t seq, struct arena *arena,
                       struct value *entry_out)
{
    struct store_read_entry read;
    int result = store_read_one(replay->wheel->store, arena, seq, &read);

    if (result == 0 && memcmp(&read.id, &replay->state.id, sizeof(read.id)) == 0)
        result = json_read(arena, read.body, entry_out, NULL);
    else if (result == 0)
        result = -EBADMSG;
    if (result == 0)
        return true;
    if (roster_find(&replay->wheel->roster, &replay->state.id)) /* else it was erased meanwhile */
        differs(replay, seq, TEXT_NONE, TEXT(N_("the entry does not open")));
    return false;
}

static void keep_seq(struct replay *replay, uint64_t seq)
{
    if (replay->seq_count == replay->seq_capacity) {
        size_t capacity = replay->seq_capacity ? replay->seq_capacity * 2 : 64;
        uint64_t *more = ARENA_ARRAY(replay->chain, uint64_t, capacity);
        if (replay->seq_count > 0)
            memcpy(more, replay->seqs, replay->seq_count * sizeof(*more));
        replay->seqs = more;
        replay->seq_capacity = capacity;
    }
    replay->seqs[replay->seq_count++] = seq;
}

static void walk(struct replay *replay)
{
    struct arena *scratch = replay->wheel->turn;

    for (int i = 0; i < ENTRIES_AT_ONCE && replay->seq != 0; i++) {
        struct value entry;
        if (!read_entry(replay, replay->seq, scratch, &entry)) {
            next_case(replay);
            return;
        }
        keep_seq(replay, replay->seq);
        uint64_t before = (uint64_t)value_int_at(&entry, "prev", 0);
        replay->seq = before < replay->seq ? before : 0;
        arena_reset(scratch);
    }
    if (replay->seq == 0)
        replay->phase = RUNNING;
}

/* What this core says to the event: false, and it is told, if that is something else. */
static bool apply(struct replay *replay, uint64_t seq, const struct value *stored,
                  struct case_change *change)
{
    struct case_event event;
    struct case_plan plan = {0};

    if (!case_event_again(stored, &replay->state.doc, seq, replay->doc, &event) ||
        (event.kind == CASE_OPEN) != (replay->state.doc.kind == VALUE_NULL)) {
        differs(replay, seq, TEXT("/kind"), TEXT(N_("this core knows no such event")));
        return false;
    }
    case_plan(&replay->state, &event, replay->doc, &plan);
    if (plan.kind == CASE_CARRY || plan.kind == CASE_ASK)
        case_apply(&replay->state, &event, replay->doc, change);
    if (plan.kind == CASE_REPEAT || plan.kind == CASE_DROP) {
        differs(replay, seq, TEXT_NONE, TEXT(N_("the core does nothing with it now")));
        return false;
    }
    const struct problem *problem = plan.kind == CASE_REFUSE ? &plan.problem : &change->problem;
    if (plan.kind != CASE_REFUSE && !change->is_refused)
        return true;
    differs(replay, seq, TEXT_NONE,
            text_printf(replay->chain, "the core refuses it now: %s",
                        problem_kind(problem->code)->name));
    return false;
}

/* `prev` is not the core's. */
static bool is_same_entry(struct replay *replay, uint64_t seq, struct value made,
                          struct value stored)
{
    value_remove(&made, TEXT("prev"));
    value_remove(&stored, TEXT("prev"));
    if (value_equal(&made, &stored))
        return true;
    differs(replay, seq, place_of(&stored, &made, TEXT_NONE, replay->chain),
            TEXT(N_("the core makes another entry of it now")));
    return false;
}

static bool is_same_snapshot(struct replay *replay, uint64_t seq)
{
    if (seq != replay->snapshot_seq || value_equal(&replay->snapshot, &replay->state.doc))
        return true;
    differs(replay, seq, place_of(&replay->snapshot, &replay->state.doc, TEXT_NONE, replay->chain),
            TEXT(N_("the snapshot is not what its entries make")));
    return false;
}

/* The arena holds what the events before have left. */
static void freshen(struct replay *replay)
{
    if (++replay->fresh < FRESH_ENTRIES)
        return;
    struct arena *fresh = arena_create("replay");
    replay->state.doc = value_copy(fresh, &replay->state.doc);
    arena_destroy(replay->doc);
    replay->doc = fresh;
    replay->fresh = 0;
}

static bool run_one(struct replay *replay, uint64_t seq)
{
    struct case_change change = {0};
    struct value stored;

    if (!read_entry(replay, seq, replay->doc, &stored) || !apply(replay, seq, &stored, &change) ||
        !is_same_entry(replay, seq, change.entry, stored))
        return false;
    replay->state.doc = change.doc;
    replay->state.last = replay->state.revision = seq;
    replay->entry_count++;
    freshen(replay);
    return is_same_snapshot(replay, seq);
}

static void run(struct replay *replay)
{
    for (int i = 0; i < ENTRIES_AT_ONCE && replay->seq_count > 0; i++)
        if (!run_one(replay, replay->seqs[--replay->seq_count])) {
            next_case(replay);
            return;
        }
    if (replay->seq_count == 0)
        replay->phase = COMPARING;
}

/* ---- What it came to. ---- */

static bool is_same_line(const struct card *card, const struct value *facts)
{
    const struct value *states = value_at(facts, "states");
    bool is_same = value_count(states) == card->state_count;

    for (size_t i = 0; is_same && i < card->state_count; i++)
        is_same = text_equal(value_item(states, i)->string, card->states[i]);
    return is_same && text_equal(value_text_at(facts, "code"), card->code) &&
           value_bool_at(facts, "closed") == card->is_closed &&
           value_int_at(facts, "opened", 0) == card->opened_ms &&
           value_int_at(facts, "changed", 0) == card->changed_ms &&
           value_int_at(facts, "timer", ROSTER_NEVER_MS) == card->timer_ms &&
           value_int_at(facts, "deadline", ROSTER_NEVER_MS) == card->deadline_ms;
}

/* Entries may have come meanwhile: then the case as it is now is compared another time. */
static void compare(struct replay *replay)
{
    struct wheel *wheel = replay->wheel;
    const struct case_state *state = &replay->state;
    const struct card *card = roster_find(&wheel->roster, &state->id);
    const struct run_case *one = cases_find(&wheel->cases, &state->id);

    if (!card || card->last != state->last)
        return;
    if (one && one->state.last == state->last && !value_equal(&one->state.doc, &state->doc)) {
        differs(replay, state->last,
                place_of(&one->state.doc, &state->doc, TEXT_NONE, replay->chain),
                TEXT(N_("the case in memory is not what its entries make")));
        return;
    }
    struct value facts = case_card(state, replay->doc);
    if (!is_same_line(card, &facts))
        differs(replay, state->last, TEXT_NONE,
                TEXT(N_("its line in lists is not what its entries make")));
}

/* ---- The operation. ---- */

static void succeed(struct replay *replay, struct operation *operation)
{
    struct value result = value_map(replay->arena);

    value_put(&result, "same", value_bool(replay->difference_count == 0));
    value_put(&result, "cases", value_int((int64_t)replay->count));
    value_put(&result, "entries", value_int((int64_t)replay->entry_count));
    value_put(&result, "busy", value_int((int64_t)replay->busy_count));
    value_put(&result, "differing", value_int((int64_t)replay->difference_count));
    value_put(&result, "differences", replay->told);
    operation_succeed(operation, &result);
}

static enum operation_step piece(void *self, struct operation *operation)
{
    struct replay *replay = self;
    enum operation_step step = OPERATION_MORE;

    operation_set_total(operation, replay->count);
    operation_set_done(operation, replay->next);
    if (replay->next == replay->count) {
        succeed(replay, operation);
        return OPERATION_OVER;
    }
    switch (replay->phase) {
    case BEGINNING:
        step = begin_case(replay);
        break;
    case WALKING:
        walk(replay);
        break;
    case RUNNING:
        run(replay);
        break;
    case COMPARING:
        compare(replay);
        next_case(replay);
        break;
    }
    return step;
}

static void ended(void *self, struct operation *operation)
{
    struct replay *replay = self;

    (void)operation;
    arena_destroy(replay->chain);
    arena_destroy(replay->doc);
    arena_destroy(replay->arena);
}

void long_replay(struct wheel *wheel, struct queued *queued)
{
    struct operation_work work = {.kind = "replay", .piece = piece, .ended = ended};

    if (operation_may_begin(wheel, queued, work.kind)) {
        struct arena *arena = arena_create("replay");
        struct replay *replay = ARENA_NEW(arena, struct replay);
        *replay =
            (struct replay){.wheel = wheel,
                            .arena = arena,
                            .ids = ARENA_ARRAY(arena, struct vault_case_id, wheel->roster.count),
                            .count = wheel->roster.count,
                            .told = value_list(arena),
                            .chain = arena_create("replay chain"),
                            .doc = arena_create("replay")};
        for (size_t i = 0; i < replay->count; i++)
            replay->ids[i] = wheel->roster.cards[i]->id;
        work.self = replay;
        operation_begin(wheel, queued, &work);
    }
    wheel_drop(queued);
}
