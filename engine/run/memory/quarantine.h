/* Cases that are put aside because records of them are damaged: nothing of them is shown or
 * changed, so that nothing wrong is, and everybody else is served. It is found anew at each start,
 * from the damage itself: once the records are whole again, so is the case. */
#ifndef SANKOFA_RUN_QUARANTINE_H
#define SANKOFA_RUN_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/memory/table.h"
#include "vault/vault.h"

enum quarantine_why {
    QUARANTINE_ENTRY,     /* an entry that no snapshot holds yet is damaged */
    QUARANTINE_SNAPSHOT,  /* the snapshot, its card or its data key is */
    QUARANTINE_DEFINITION /* entries that no snapshot holds yet need a definition that is */
};

struct quarantined {
    struct vault_case_id id;
    enum quarantine_why why;
    uint64_t seq;   /* of the damaged entry; 0: it is no entry */
    uint64_t since; /* the first entry that no snapshot holds; 0: none */
    /* The quarantine's own: entries whose id was hit, found to be of the case by its key alone. */
    uint64_t *damaged;
    size_t damaged_count;
    struct quarantined *next;
};

struct quarantine {
    struct table by_id;
    struct quarantined *first;
};

void quarantine_init(struct quarantine *quarantine);
void quarantine_finish(struct quarantine *quarantine);
/* False: it is there already, and stays as it was. */
bool quarantine_add(struct quarantine *quarantine, const struct quarantined *one);
/* Entry `seq` is of that case, though it does not say so; nothing, if the case is not there. */
void quarantine_note(struct quarantine *quarantine, const struct vault_case_id *id, uint64_t seq);
/* The case is erased. */
void quarantine_remove(struct quarantine *quarantine, const struct vault_case_id *id);
/* NULL: it is not there. */
const struct quarantined *quarantine_find(const struct quarantine *quarantine,
                                          const struct vault_case_id *id);
/* The horizon stays before what no snapshot holds: the next start must find the damage again. */
uint64_t quarantine_horizon(const struct quarantine *quarantine, uint64_t horizon);
/* "entry", "snapshot", "definition". */
const char *quarantine_why_name(enum quarantine_why why);

#endif
