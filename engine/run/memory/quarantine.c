/* A list, and a table to find in it. */
#include "run/memory/quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static struct text id_text(const struct vault_case_id *id)
{
    return (struct text){(const char *)id->bytes, sizeof(id->bytes)};
}

static struct text id_key(const void *item)
{
    const struct quarantined *one = item;

    return id_text(&one->id);
}

void quarantine_init(struct quarantine *quarantine)
{
    *quarantine = (struct quarantine){0};
    table_init(&quarantine->by_id, id_key);
}

static void destroy(struct quarantined *one)
{
    free(one->damaged);
    free(one);
}

void quarantine_finish(struct quarantine *quarantine)
{
    while (quarantine->first) {
        struct quarantined *one = quarantine->first;
        quarantine->first = one->next;
        destroy(one);
    }
    table_finish(&quarantine->by_id);
}

bool quarantine_add(struct quarantine *quarantine, const struct quarantined *one)
{
    if (quarantine_find(quarantine, &one->id))
        return false;
    struct quarantined *kept = malloc(sizeof(*kept));
    CHECK(kept);
    *kept = *one;
    kept->next = quarantine->first;
    quarantine->first = kept;
    table_add(&quarantine->by_id, kept);
    return true;
}

void quarantine_note(struct quarantine *quarantine, const struct vault_case_id *id, uint64_t seq)
{
    struct quarantined *one = table_find(&quarantine->by_id, id_text(id));

    if (!one)
        return;
    one->damaged = reallocarray(one->damaged, one->damaged_count + 1, sizeof(*one->damaged));
    CHECK(one->damaged);
    one->damaged[one->damaged_count++] = seq;
}

void quarantine_remove(struct quarantine *quarantine, const struct vault_case_id *id)
{
    struct quarantined **place = &quarantine->first;

    while (*place && memcmp(&(*place)->id, id, sizeof(*id)) != 0)
        place = &(*place)->next;
    if (!*place)
        return;
    struct quarantined *one = *place;
    table_remove(&quarantine->by_id, id_text(id));
    *place = one->next;
    destroy(one);
}

const struct quarantined *quarantine_find(const struct quarantine *quarantine,
                                          const struct vault_case_id *id)
{
    return table_find(&quarantine->by_id, id_text(id));
}

uint64_t quarantine_horizon(const struct quarantine *quarantine, uint64_t horizon)
{
    for (const struct quarantined *one = quarantine->first; one; one = one->next)
        if (one->since != 0 && one->since - 1 < horizon)
            horizon = one->since - 1;
    return horizon;
}

const char *quarantine_why_name(enum quarantine_why why)
{
    static const char *const names[] = {[QUARANTINE_ENTRY] = "entry",
                                        [QUARANTINE_SNAPSHOT] = "snapshot",
                                        [QUARANTINE_DEFINITION] = "definition"};

    return names[why];
}
