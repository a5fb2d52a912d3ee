/* Two lists over one table: by last use, and the dirty ones by their first entry without a
 * snapshot. */
#include "run/memory/cases.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/value.h"

enum { GARBAGE_FACTOR = 4, GARBAGE_BYTES_MIN = 64 << 10 };

static struct text id_key(const void *item)
{
    const struct run_case *one = item;

    return (struct text){(const char *)one->state.id.bytes, sizeof(one->state.id.bytes)};
}

void cases_init(struct cases *cases, size_t count_max)
{
    *cases = (struct cases){.count_max = count_max};
    table_init(&cases->by_id, id_key);
}

static void free_case(struct run_case *one)
{
    arena_destroy(one->arena);
    free(one);
}

void cases_finish(struct cases *cases)
{
    while (cases->oldest) {
        struct run_case *one = cases->oldest;
        cases->oldest = one->younger;
        free_case(one);
    }
    table_finish(&cases->by_id);
    *cases = (struct cases){0};
}

struct run_case *cases_find(struct cases *cases, const struct vault_case_id *id)
{
    return table_find(&cases->by_id, (struct text){(const char *)id->bytes, sizeof(id->bytes)});
}

static void append_youngest(struct cases *cases, struct run_case *one)
{
    one->older = cases->youngest;
    one->younger = NULL;
    if (cases->youngest)
        cases->youngest->younger = one;
    else
        cases->oldest = one;
    cases->youngest = one;
}

static void unlink_age(struct cases *cases, struct run_case *one)
{
    if (one->older)
        one->older->younger = one->younger;
    else
        cases->oldest = one->younger;
    if (one->younger)
        one->younger->older = one->older;
    else
        cases->youngest = one->older;
}

struct run_case *cases_add(struct cases *cases, const struct vault_case_id *id)
{
    struct run_case *one = calloc(1, sizeof(*one));

    CHECK(one);
    one->state.id = *id;
    one->arena = arena_create("case");
    one->waiting_last = &one->waiting;
    one->approvals_last = &one->approvals;
    table_add(&cases->by_id, one);
    append_youngest(cases, one);
    return one;
}

void cases_touch(struct cases *cases, struct run_case *one)
{
    if (cases->youngest == one)
        return;
    unlink_age(cases, one);
    append_youngest(cases, one);
}

void cases_drop(struct cases *cases, struct run_case *one)
{
    CHECK(one->dirty_since == 0);
    CHECK(!one->waiting && !one->current && !one->is_ready && !one->calls && !one->approvals);
    unlink_age(cases, one);
    table_remove(&cases->by_id, id_key(one));
    free_case(one);
}

void cases_soil(struct cases *cases, struct run_case *one, uint64_t seq)
{
    one->newer++;
    cases_soil_read(cases, one, seq);
}

void cases_soil_read(struct cases *cases, struct run_case *one, uint64_t seq)
{
    if (one->dirty_since != 0)
        return;
    one->dirty_since = seq;
    one->dirty_before = cases->dirty_last;
    one->dirty_after = NULL;
    if (cases->dirty_last)
        cases->dirty_last->dirty_after = one;
    else
        cases->dirty_first = one;
    cases->dirty_last = one;
}

void cases_clean(struct cases *cases, struct run_case *one, uint64_t batch)
{
    one->newer = 0;
    one->snapshot_batch = batch;
    if (one->dirty_since == 0)
        return;
    one->dirty_since = 0;
    if (one->dirty_before)
        one->dirty_before->dirty_after = one->dirty_after;
    else
        cases->dirty_first = one->dirty_after;
    if (one->dirty_after)
        one->dirty_after->dirty_before = one->dirty_before;
    else
        cases->dirty_last = one->dirty_before;
}

uint64_t cases_horizon(const struct cases *cases, uint64_t last_seq)
{
    return cases->dirty_first ? cases->dirty_first->dirty_since - 1 : last_seq;
}

bool cases_may_drop(const struct run_case *one, uint64_t durable)
{
    return one->dirty_since == 0 && !one->waiting && !one->current && !one->is_ready &&
           !one->calls && !one->approvals && one->newest_batch <= durable &&
           one->snapshot_batch <= durable;
}

void cases_compact(struct run_case *one)
{
    size_t bytes = arena_bytes(one->arena);

    if (bytes < GARBAGE_BYTES_MIN || bytes < GARBAGE_FACTOR * one->compact_bytes)
        return;
    struct arena *fresh = arena_create("case");
    one->state.doc = value_copy(fresh, &one->state.doc);
    arena_destroy(one->arena);
    one->arena = fresh;
    one->compact_bytes = arena_bytes(fresh);
}
