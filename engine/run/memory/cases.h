/* The cases that are in memory: each in an arena of its own, the one used last kept longest. */
#ifndef SANKOFA_RUN_CASES_H
#define SANKOFA_RUN_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/case.h"
#include "run/memory/table.h"

struct arena;
struct queued;
struct call;

struct run_case {
    struct case_state state;
    struct arena *arena;
    size_t compact_bytes;    /* the arena's size when the case was last copied into it */
    uint64_t newest_batch;   /* that holds an entry of it; 0: none since it was loaded */
    uint64_t snapshot_batch; /* that holds its last snapshot; 0 likewise */
    unsigned newer;          /* entries since its last snapshot */
    uint64_t dirty_since;    /* its first entry after its last snapshot; 0: clean */
    struct run_case *dirty_before, *dirty_after;
    struct run_case *older, *younger;
    /* Events that wait for it, and the one whose checks are under way. */
    struct queued *waiting, **waiting_last;
    size_t people_waiting;
    struct queued *current;
    bool is_ready; /* in the wheel's list of cases that have something to do */
    struct run_case *next_ready;
    struct call *calls; /* of steps, under way */
    /* Approvals whose answer waits until their proposal is carried out, in order. */
    struct queued *approvals, **approvals_last;
};

struct cases {
    struct table by_id;
    struct run_case *oldest, *youngest;        /* by last use */
    struct run_case *dirty_first, *dirty_last; /* by dirty_since */
    size_t count_max;
};

void cases_init(struct cases *cases, size_t count_max);
void cases_finish(struct cases *cases);

struct run_case *cases_find(struct cases *cases, const struct vault_case_id *id);
/* A new one, of no content. */
struct run_case *cases_add(struct cases *cases, const struct vault_case_id *id);
/* It was used just now. */
void cases_touch(struct cases *cases, struct run_case *one);
/* Forgets it: nothing waits for it, and it is clean. */
void cases_drop(struct cases *cases, struct run_case *one);

/* An entry of that seq was applied. */
void cases_soil(struct cases *cases, struct run_case *one, uint64_t seq);
/* The same for one that tells of a read: no snapshot is due because of it. */
void cases_soil_read(struct cases *cases, struct run_case *one, uint64_t seq);
/* A snapshot of it is in that batch. */
void cases_clean(struct cases *cases, struct run_case *one, uint64_t batch);
/* The seq before the first entry that no snapshot holds yet; `last_seq` if every case is clean. */
uint64_t cases_horizon(const struct cases *cases, uint64_t last_seq);
/* Whether it may be dropped once batches up to `durable` are written. */
bool cases_may_drop(const struct run_case *one, uint64_t durable);
/* Makes room in its arena once what it no longer needs outweighs what it holds. */
void cases_compact(struct run_case *one);

#endif
