/* The index of words: made, and kept true.
 *
 * The happy path:
 * 1. From the start on the index is made: a few cases at each turn, while everything else goes on;
 *    what needs it before it is whole waits.
 * 2. Every event that changes a text keeps it true. */
#include "base/arena.h"
#include "base/json.h"
#include "run/internal.h"

enum { AT_ONCE = 16 };

static void index_stored(struct wheel *wheel, const struct card *card)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    struct case_state state = {.id = card->id, .workflow = workflow};
    struct text body;
    uint64_t seq;

    /* What is damaged is found by nobody; who opens it is told. */
    if (workflow && store_load_case(wheel->store, wheel->turn, &card->id, &seq, &body) == 0 &&
        json_read(wheel->turn, body, &state.doc, NULL) == 0)
        index_put(&wheel->search.index, &state);
    arena_reset(wheel->turn);
}

static void index_next(struct wheel *wheel)
{
    const struct card *card = wheel->roster.cards[wheel->search.next++];
    struct run_case *one = cases_find(&wheel->cases, &card->id);

    if (card->is_quarantined || index_find(&wheel->search.index, &card->id))
        return; /* put aside, or an event came before */
    if (one && one->state.doc.kind != VALUE_NULL)
        index_put(&wheel->search.index, &one->state);
    else
        index_stored(wheel, card);
}

static void release(struct wheel *wheel)
{
    struct queued *queued = wheel->search.waiting;

    wheel->search.waiting = NULL;
    wheel->search.waiting_last = &wheel->search.waiting;
    while (queued) {
        struct queued *next = queued->next;
        wheel_enqueue(wheel, queued);
        queued = next;
    }
}

bool search_is_being_made(const struct wheel *wheel)
{
    return !wheel->search.is_whole;
}

void search_turn(struct wheel *wheel)
{
    struct search *search = &wheel->search;

    if (!search_is_being_made(wheel))
        return;
    for (int i = 0; i < AT_ONCE && search->next < wheel->roster.count; i++)
        index_next(wheel);
    search->is_whole = search->next >= wheel->roster.count;
    if (search->is_whole)
        release(wheel);
}

void search_stop(struct wheel *wheel)
{
    release(wheel); /* to be refused */
}

bool search_is_ready(struct wheel *wheel, struct queued *queued)
{
    struct search *search = &wheel->search;

    if (search->is_whole)
        return true;
    queued->next = NULL;
    *search->waiting_last = queued;
    search->waiting_last = &queued->next;
    return false;
}

void search_forget(struct wheel *wheel, const struct vault_case_id *id)
{
    const struct card *card = roster_find(&wheel->roster, id);

    /* Those behind it move up: the next one is still the next one. */
    if (card && card->index < wheel->search.next)
        wheel->search.next--;
    index_drop(&wheel->search.index, id);
}

void search_follow(struct wheel *wheel, const struct run_case *one, const struct value *patch)
{
    if (!index_find(&wheel->search.index, &one->state.id) ||
        index_is_touched(one->state.workflow, patch))
        index_put(&wheel->search.index, &one->state);
}

void search_begin(struct wheel *wheel)
{
    wheel->search.is_whole = wheel->roster.count == 0;
}

void search_init(struct wheel *wheel)
{
    index_init(&wheel->search.index);
    wheel->search.waiting_last = &wheel->search.waiting;
}

void search_finish(struct wheel *wheel)
{
    while (wheel->search.waiting) {
        struct queued *next = wheel->search.waiting->next;
        wheel_drop(wheel->search.waiting);
        wheel->search.waiting = next;
    }
    index_finish(&wheel->search.index);
}
