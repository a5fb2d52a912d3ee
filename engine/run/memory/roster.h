/* The roster: the card of every case, in memory. Lists, inboxes and due times come from it, so that
 * nothing on disk tells them to a thief. */
#ifndef SANKOFA_RUN_ROSTER_H
#define SANKOFA_RUN_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/value.h"
#include "run/memory/marks.h"
#include "run/memory/table.h"
#include "vault/vault.h"

struct arena;
struct workflow;

enum { ROSTER_NEVER_MS = -1 };

/* Facts of one case; the texts live in one block that the card owns. */
struct card {
    struct vault_case_id id;
    struct text code, workflow, hash, country, opener;
    const struct text *states;
    size_t state_count;
    const struct text *roles; /* that may do something now */
    size_t role_count;
    /* Single people are told or asked something: whom, and what, as case_card has it, in JSON. */
    const struct text *told_roles, *told_persons;
    size_t told_role_count, told_person_count;
    struct text told; /* empty: nothing */
    int64_t opened_ms, changed_ms;
    int64_t timer_ms, deadline_ms;      /* ROSTER_NEVER_MS: none */
    uint64_t revision, last, read_last; /* as in struct case_state */
    bool is_closed, has_calls;
    bool is_quarantined; /* what else is here may be old: it tells only which case it is */
    uint32_t held_count; /* steps that wait to be settled */
    struct marks marks;
    const struct workflow *pinned; /* that `hash` names; NULL: not looked up yet */
    /* The roster's own: */
    size_t index; /* in document order: of opening */
    size_t heap;  /* place in the heap of timers, SIZE_MAX: not in it */
    void *block;
};

struct roster {
    struct card **cards; /* in the order in which they came; a gap is NULL */
    size_t count, capacity;
    struct table by_id, by_code;
    struct card **heap; /* by timer_ms, the earliest first */
    size_t heap_count, heap_capacity;
    struct arena *scratch; /* of one roster_put */
};

void roster_init(struct roster *roster);
void roster_finish(struct roster *roster);

/* Takes the card (as case_card makes it) of a case: a new one, or in place of the old. False:
 * `card` is not what case_card makes. */
bool roster_put(struct roster *roster, const struct vault_case_id *id, const struct value *card);
/* Forgets the card of that id, if there is one. */
void roster_remove(struct roster *roster, const struct vault_case_id *id);
/* Sorts by time of opening and code: once, after recovery. */
void roster_sort(struct roster *roster);

/* NULL if there is none. Valid until the card's next roster_put. */
const struct card *roster_find(const struct roster *roster, const struct vault_case_id *id);
const struct card *roster_find_code(const struct roster *roster, struct text code);
/* The one whose timer is due first; NULL if no case has a timer. */
const struct card *roster_first_timer(const struct roster *roster);
/* Takes the card's timer out of that order until the card's next roster_put. */
void roster_hold_timer(struct roster *roster, const struct card *card);
/* Somebody read the case: `seq` tells of it. */
void roster_set_read(const struct card *card, uint64_t seq);

/* The case is put aside: its card waits for nobody any more, and tells no states nor times. Until
 * the card's next roster_put. */
void roster_quarantine(struct roster *roster, const struct card *card);

/* Keeps with the card what its `hash` names, until the card's next roster_put: lists ask for it
 * thousands of times. */
void roster_pin(const struct card *card, const struct workflow *workflow);

/* A line of a list: {id, code, workflow, country, states, opened, changed, closed, revision,
 * deadline?, overdue?, assigned {ROLE: account}?, flags?}. Dates are RFC 3339. Of one that is put
 * aside: {id, code, workflow, country, opened, quarantined}. */
struct value roster_line(const struct card *card, int64_t now_ms, struct arena *arena);

#endif
