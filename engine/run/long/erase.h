/* Erasing cases, those that are put aside too, and the certificates of it.
 *
 * Words: *aside*: put aside, since records of it are damaged (run/memory/quarantine.h), or without
 * the definition that it needs. */
#ifndef SANKOFA_RUN_ERASE_H
#define SANKOFA_RUN_ERASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"
#include "vault/vault.h"

struct arena;
struct case_person;
struct problem;
struct quarantined;
struct queued;
struct run_case;
struct wheel;

/* ---- erase.c ---- */
/* What was erased, by code or id, if the asker may know of it; else NULL. */
const struct value *erase_find(struct wheel *wheel, const struct case_person *asker,
                               struct text name);
void erase_refuse(struct wheel *wheel, const struct queued *queued, const struct value *erased);
/* Refuses the repeat of an erased case's opening: false, if queued->id is none. */
bool erase_refuse_id(struct wheel *wheel, const struct queued *queued);
bool erase_knows(const struct wheel *wheel, const struct vault_case_id *id);
/* Whether the damaged entry is known to be of an erased case, though it does not tell so itself. */
bool erase_knows_entry(const struct wheel *wheel, uint64_t seq);
/* The approval, when its turn in the case's queue has come. */
void erase_approve(struct wheel *wheel, struct run_case *one, struct queued *queued);
/* The start: what the store's meta tells; and going on with what a crash has cut short. */
int erase_recover(struct wheel *wheel);
void erase_resume(struct wheel *wheel);
/* Something of an erased case is still to be removed. */
bool erase_is_under_way(const struct wheel *wheel);

/* A case that is about to be erased: what is known of it. */
struct erasure {
    struct vault_case_id id;
    struct text code, workflow, country; /* empty: not known */
    const struct value *asked;           /* {by, person, reason, at} */
    const struct quarantined *aside;     /* NULL: it is whole */
};
/* False, and *problem_out: other long work is under way. */
bool erase_may_begin(struct wheel *wheel, struct problem *problem_out);
/* Puts the erasure into the batch that fills, answers the request with it, and begins what follows.
 * The case is the caller's to forget. What was erased, as erase_find has it. */
const struct value *erase_begin(struct wheel *wheel, const struct erasure *erasure,
                                struct queued *queued);

/* ---- erase_aside.c ---- */
/* Asking for an erasure, or approving it, of a case that is put aside. True: it was one, and
 * `queued` is taken. */
bool aside_run(struct wheel *wheel, struct queued *queued);
/* Tells how far the erasure of such a case is; true: it was one, and was told. */
bool aside_show(struct wheel *wheel, struct queued *queued);
int aside_recover(struct wheel *wheel);

/* ---- certificate.c ---- */
/* Of what erase_find tells, in `arena`: without the note. */
struct value certificate_facts(const struct value *erased, struct text code, struct arena *arena);
/* `queued` is its. */
void certificate_show(struct wheel *wheel, struct queued *queued);

#endif
