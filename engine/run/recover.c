/* The start: definitions, cards, then what the journal holds beyond the snapshots.
 *
 * The happy path:
 * 1. Every stored definition is opened; one that cannot be is reported, its cases wait.
 * 2. Every card becomes a line of the roster.
 * 3. Entries after the horizon are applied to their cases, by their patches alone.
 * 4. Calls that cases need are begun again by the first turn.
 * What is damaged in between concerns its case, which is put aside; what does not tell whose it is
 * might concern any, and ends the start. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "case/view.h"
#include "run/internal.h"
#include "run/long/erase.h"

enum { ENTRIES_AT_ONCE = 256 };

struct recovery {
    struct wheel *wheel;
    struct diag_list *diags;
    uint64_t next; /* the seq to read next */
    struct arena *arena;
    struct bare {
        struct vault_case_id id;
        struct bare *next;
    } * bare;           /* cases whose card is damaged */
    size_t fault_count; /* records that could not be taken */
    int result;
};

static void complain(struct recovery *recovery, const char *format, struct text what)
{
    recovery->fault_count++;
    diag_add(recovery->diags, DIAG_ERROR, "E900", (struct place){0}, format, TEXT_ARG(what));
}

/* ---- Definitions. ---- */

static bool take_workflow(void *self, const struct store_workflow *stored)
{
    struct recovery *recovery = self;
    struct wheel *wheel = recovery->wheel;
    struct workflow_context context = {
        .plugins = &wheel->plugins, .zones = &wheel->zones, .lenient_plugins = true};
    struct arena *arena = arena_create("workflow");
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct workflow *workflow =
        workflow_open(text_copy(arena, stored->rendered), &context, &diags);
    if (workflow) {
        registry_add(&wheel->registry, workflow, arena, stored->seq);
        return true;
    }
    struct text hash = text_hex(wheel->turn, stored->hash, sizeof(stored->hash));
    log_event(LOG_ERROR, "workflow.unreadable", "hash=%.*s why=\"%.*s\"", TEXT_ARG(hash),
              TEXT_ARG(diags.items[0].message));
    complain(recovery, "The stored definition %.*s cannot be opened; its cases wait.", hash);
    arena_destroy(arena);
    return true;
}

/* ---- Cards. ---- */

static bool take_card(void *self, const struct vault_case_id *id, uint64_t seq, struct text body)
{
    struct recovery *recovery = self;
    struct wheel *wheel = recovery->wheel;
    struct value card;

    (void)seq;
    if (json_read(wheel->turn, body, &card, NULL) != 0 || !roster_put(&wheel->roster, id, &card)) {
        struct text name = text_hex(wheel->turn, id->bytes, sizeof(id->bytes));
        struct bare *bare = ARENA_NEW(recovery->arena, struct bare);
        log_event(LOG_ERROR, "card.unreadable", "id=%.*s", TEXT_ARG(name));
        complain(recovery, "The card of case %.*s is damaged.", name);
        *bare = (struct bare){*id, recovery->bare};
        recovery->bare = bare;
    }
    arena_reset(wheel->turn);
    return true;
}

/* ---- Entries after the horizon. ---- */

static const struct workflow *pinned(struct wheel *wheel, const struct value *doc)
{
    const struct registered *one =
        registry_hash(&wheel->registry, value_text_at(doc, "workflow/hash"));

    return one ? one->workflow : NULL;
}

/* Puts the case aside, with what of it is in memory already. `since`: the first entry that no
 * snapshot holds, as far as that was seen; `seq`: the damaged one. */
static void put_aside(struct recovery *recovery, const struct vault_case_id *id,
                      enum quarantine_why why, uint64_t seq, uint64_t since)
{
    struct wheel *wheel = recovery->wheel;
    struct run_case *one = cases_find(&wheel->cases, id);
    struct quarantined aside = {.id = *id, .why = why, .seq = seq, .since = since};

    if (one && one->dirty_since != 0)
        aside.since = one->dirty_since;
    /* Whoever knows its code is to learn what became of it. */
    if (one && (one->state.workflow = pinned(wheel, &one->state.doc))) {
        struct value card = case_card(&one->state, wheel->turn);
        CHECK(roster_put(&wheel->roster, id, &card));
    }
    if (one) {
        cases_clean(&wheel->cases, one, 0);
        cases_drop(&wheel->cases, one);
    }
    event_quarantine(wheel, &aside);
    complain(recovery, "Case %.*s is put aside, since records of it are damaged.",
             text_hex(wheel->turn, id->bytes, sizeof(id->bytes)));
}

/* The case as of its snapshot, or empty if this is its first entry, which is `seq`. NULL: it is put
 * aside, or recovery->result says why it cannot be had. */
static struct run_case *find_case(struct recovery *recovery, const struct vault_case_id *id,
                                  uint64_t seq)
{
    struct wheel *wheel = recovery->wheel;
    struct run_case *one = cases_find(&wheel->cases, id);
    struct text body;

    if (one || quarantine_find(&wheel->quarantine, id))
        return one;
    one = cases_add(&wheel->cases, id);
    int result = store_load_case(wheel->store, one->arena, id, &one->state.last, &body);
    if (result == -EBADMSG && store_horizon(wheel->store) == 0) {
        log_event(LOG_WARNING, "case.made_anew", "entry=%llu", (unsigned long long)seq);
        result = -ENOENT; /* all its entries are read */
        one->state.last = 0;
    }
    if (result == 0)
        result = json_read(one->arena, body, &one->state.doc, NULL);
    if (result == 0 && !(one->state.workflow = pinned(wheel, &one->state.doc)))
        result = -ENOEXEC;
    one->state.revision = one->state.last;
    const struct card *card = roster_find(&wheel->roster, id);
    one->state.read_last = card ? card->read_last : 0;
    one->compact_bytes = arena_bytes(one->arena);
    if (result == 0 || result == -ENOENT)
        return one;
    if (result == -EBADMSG || result == -ENOEXEC)
        put_aside(recovery, id, result == -EBADMSG ? QUARANTINE_SNAPSHOT : QUARANTINE_DEFINITION, 0,
                  seq);
    else
        recovery->result = result;
    return NULL;
}

/* What the entry says is read into the case's own arena, since the case keeps parts of its patch.
 */
static int take_change(struct recovery *recovery, const struct store_read_entry *read)
{
    struct wheel *wheel = recovery->wheel;
    struct run_case *one = find_case(recovery, &read->id, read->seq);
    struct value entry;

    if (!one || read->seq <= one->state.last)
        return recovery->result;
    if (json_read(one->arena, read->body, &entry, NULL) != 0) {
        put_aside(recovery, &read->id, QUARANTINE_ENTRY, read->seq, read->seq);
        return 0;
    }
    one->state.doc = case_recover(one->arena, &one->state.doc, &entry);
    one->state.last = one->state.revision = read->seq;
    cases_soil(&wheel->cases, one, read->seq);
    cases_compact(one);
    return 0;
}

/* It is noted with the case, where that can be read: else it is quarantined, and stays so. */
static void take_read(struct wheel *wheel, const struct store_read_entry *read)
{
    const struct card *card = roster_find(&wheel->roster, &read->id);
    struct run_case *one = cases_find(&wheel->cases, &read->id);
    int error;

    if (card && card->read_last >= read->seq)
        return; /* its card was written after that */
    if (card && !one)
        one = event_case(wheel, &read->id, &error);
    if (card)
        roster_set_read(card, read->seq);
    if (!one)
        return;
    one->state.read_last = read->seq;
    cases_soil_read(&wheel->cases, one, read->seq);
}

static bool take_entry(void *self, const struct store_read_entry *read)
{
    static const struct vault_case_id none;
    struct recovery *recovery = self;

    recovery->next = read->seq + 1;
    if (read->is_erased)
        recovery->result = erase_knows(recovery->wheel, &read->id) ? 0 : -EBADMSG;
    else if (read_log_is(read->body))
        take_read(recovery->wheel, read);
    else if (memcmp(&read->id, &none, sizeof(none)) != 0)
        recovery->result = take_change(recovery, read);
    return recovery->result == 0;
}

/* Cases whose snapshot held their entries already are not kept beyond what memory is meant to hold.
 */
static void drop_clean(struct cases *cases)
{
    struct run_case *one = cases->oldest;

    while (one && cases->by_id.count > cases->count_max) {
        struct run_case *next = one->younger;
        if (cases_may_drop(one, 0))
            cases_drop(cases, one);
        one = next;
    }
}

/* The cards of the cases that have newer entries than their snapshots. */
static void put_cards(struct recovery *recovery)
{
    struct wheel *wheel = recovery->wheel;
    struct run_case *one = wheel->cases.dirty_first;

    while (one) {
        struct run_case *next = one->dirty_after;
        one->state.workflow = pinned(wheel, &one->state.doc);
        if (one->state.workflow) {
            struct value card = case_card(&one->state, wheel->turn);
            CHECK(roster_put(&wheel->roster, &one->state.id, &card));
        } else {
            struct vault_case_id id = one->state.id;
            put_aside(recovery, &id, QUARANTINE_DEFINITION, 0, 0);
        }
        arena_reset(wheel->turn);
        one = next;
    }
}

/* A card says nothing that the snapshot does not: it is made anew of it, and written with the next
 * one. */
static void mend_cards(struct recovery *recovery)
{
    struct cases *cases = &recovery->wheel->cases;
    uint64_t first = store_horizon(recovery->wheel->store) + 1;

    for (const struct bare *bare = recovery->bare; bare && recovery->result == 0;
         bare = bare->next) {
        struct run_case *one = find_case(recovery, &bare->id, 0);
        if (one && one->state.doc.kind != VALUE_NULL)
            cases_soil(cases, one, first);
        else if (one && first > 1)
            put_aside(recovery, &bare->id, QUARANTINE_SNAPSHOT, 0, 0);
    }
}

/* Whether the entry still names the case in its header. */
static bool says_whose(struct wheel *wheel, uint64_t seq, const struct vault_case_id *id)
{
    struct store_read_entry read = {0};

    (void)store_read_one(wheel->store, wheel->turn, seq, &read);
    return memcmp(&read.id, id, sizeof(*id)) == 0;
}

/* Neither card nor snapshot nor any entry. */
static void put_bare_aside(struct recovery *recovery)
{
    for (const struct bare *bare = recovery->bare; bare; bare = bare->next) {
        const struct run_case *one = cases_find(&recovery->wheel->cases, &bare->id);

        if (one && one->state.doc.kind == VALUE_NULL)
            put_aside(recovery, &bare->id, QUARANTINE_SNAPSHOT, 0, 0);
    }
}

/* Entry `seq` does not open: whoever it belongs to is put aside. */
static int take_damaged(struct recovery *recovery, uint64_t seq)
{
    static const struct vault_case_id none;
    struct vault_case_id id;
    struct wheel *wheel = recovery->wheel;
    int result = store_owner(wheel->store, seq, &id);
    bool is_of_erased = result == -ENOENT && erase_knows_entry(wheel, seq);

    if (result != 0 && !is_of_erased)
        return result == -ENOENT ? -EBADMSG : result;
    log_event(LOG_ERROR, "entry.unreadable", "seq=%llu", (unsigned long long)seq);
    recovery->next = seq + 1;
    if (is_of_erased)
        return 0;
    if (memcmp(&id, &none, sizeof(none)) == 0)
        complain(recovery, "Entry %.*s of the journal, which is of no case, is damaged.",
                 text_printf(wheel->turn, "%llu", (unsigned long long)seq));
    else if (!erase_knows(wheel, &id))
        put_aside(recovery, &id, QUARANTINE_ENTRY, seq, seq);
    if (!says_whose(wheel, seq, &id))
        quarantine_note(&wheel->quarantine, &id, seq);
    return 0;
}

static int take_entries(struct recovery *recovery)
{
    struct wheel *wheel = recovery->wheel;
    uint64_t last = store_last_seq(wheel->store), bad = 0;

    recovery->next = store_horizon(wheel->store) + 1;
    while (recovery->next <= last && recovery->result == 0) {
        int count =
            store_read(wheel->store, recovery->next, ENTRIES_AT_ONCE, take_entry, recovery, &bad);
        if (count == -EBADMSG)
            recovery->result = take_damaged(recovery, bad);
        else if (count < 0)
            recovery->result = count;
        else if (count == 0)
            recovery->result = -EBADMSG;
        drop_clean(&wheel->cases);
    }
    if (recovery->result == 0) {
        put_bare_aside(recovery);
        put_cards(recovery);
    } else
        diag_add(
            recovery->diags, DIAG_ERROR, "E901", (struct place){0},
            "Entry %llu of the journal cannot be read: %s.",
            (unsigned long long)(bad ? bad : recovery->next),
            recovery->result == -EBADMSG
                ? N_("it is damaged or gone and does not tell whose it is, so that any case might "
                     "lack it. Bring the newest backup back (sankofad --restore)")
                : strerror(-recovery->result));
    return recovery->result;
}

/* ---- Serials, calls. ---- */

static int read_metas(struct wheel *wheel)
{
    struct text body;
    struct value clock;
    int result = store_read_meta(wheel->store, wheel->turn, "serials", &body);

    wheel->serials = value_map(wheel->serials_arena);
    if (result == 0)
        result = json_read(wheel->serials_arena, text_copy(wheel->serials_arena, body),
                           &wheel->serials, NULL);
    if (result != 0 && result != -ENOENT)
        return result;
    result = store_read_meta(wheel->store, wheel->turn, "clock", &body);
    if (result == 0)
        result = json_read(wheel->turn, body, &clock, NULL);
    if (result == 0)
        wheel->clock_offset_ms = value_int_at(&clock, "offset_ms", 0);
    return result == -ENOENT ? 0 : result;
}

static void begin_calls(struct wheel *wheel)
{
    for (size_t i = 0; i < wheel->roster.count; i++) {
        const struct card *card = wheel->roster.cards[i];
        int error = 0;
        if (!card->has_calls)
            continue;
        struct run_case *one = event_case(wheel, &card->id, &error);
        if (one)
            calls_follow(wheel, one);
        else
            log_event(LOG_ERROR, "case.unreadable", "case=%.*s error=%d", TEXT_ARG(card->code),
                      -error);
        arena_reset(wheel->turn);
    }
}

int recover(struct wheel *wheel, struct diag_list *diags)
{
    ARENA_SCOPED struct arena *arena = arena_create("recovery");
    struct recovery recovery = {.wheel = wheel, .diags = diags, .arena = arena};

    wheel->next_seq = store_last_seq(wheel->store) + 1;
    checkpoint_init(wheel);
    int result = read_metas(wheel);
    if (result == 0)
        result = erase_recover(wheel);
    if (result == 0)
        result = aside_recover(wheel);
    if (result == 0)
        result = once_recover(wheel);
    if (result == 0)
        result = store_each_workflow(wheel->store, take_workflow, &recovery);
    if (result == 0)
        result = store_each_card(wheel->store, take_card, &recovery);
    if (result == 0) {
        clock_read_last(wheel);
        mend_cards(&recovery);
        result = take_entries(&recovery);
    } else {
        diag_add(diags, DIAG_ERROR, "E902", (struct place){0}, "The store cannot be read: %s.",
                 strerror(-result));
    }
    if (result != 0)
        return result;
    clock_catch_up(wheel);
    roster_sort(&wheel->roster);
    begin_calls(wheel);
    result = document_recover(wheel);
    if (result != 0) {
        diag_add(diags, DIAG_ERROR, "E902", (struct place){0}, "The store cannot be read: %s.",
                 strerror(-result));
        return result;
    }
    erase_resume(wheel);
    log_event(LOG_INFO, "store.recovered", "cases=%zu seq=%llu faults=%zu", wheel->roster.count,
              (unsigned long long)(wheel->next_seq - 1), recovery.fault_count);
    return 0;
}
