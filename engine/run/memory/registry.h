/* The definitions that this store holds: every one that a case is pinned to, by hash, and of each
 * id the one that new cases get. */
#ifndef SANKOFA_RUN_REGISTRY_H
#define SANKOFA_RUN_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/value.h"
#include "run/memory/table.h"
#include "workflow/workflow.h"

struct arena;

struct registered {
    const struct workflow *workflow;
    struct text hash;    /* hexadecimal */
    uint64_t loaded;     /* seq of the entry that made it current */
    struct arena *arena; /* holds all of it */
};

struct registry {
    struct registered **items; /* the order in which they came */
    size_t count, capacity;
    struct table by_hash;
};

void registry_init(struct registry *registry);
void registry_finish(struct registry *registry);

/* Takes over `arena`, in which `workflow` lives; of a hash that is there already it keeps the old
 * one and destroys `arena`. Makes it current as of `loaded`. */
struct registered *registry_add(struct registry *registry, const struct workflow *workflow,
                                struct arena *arena, uint64_t loaded);
/* NULL for an unknown one. */
const struct registered *registry_hash(const struct registry *registry, struct text hash);
const struct registered *registry_current(const struct registry *registry, struct text id);
/* The id nearest to one that is not there. */
struct text registry_nearest(const struct registry *registry, struct text id, struct arena *arena);

/* What overlays extend: the definitions that new cases get. */
struct workflow_parents registry_parents(struct registry *registry);

/* {id, version, title, country, hash, languages, abstract?} */
struct value registry_line(const struct registered *one, struct text language, struct arena *arena);

#endif
