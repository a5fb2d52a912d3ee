/* Open addressing with linear probing; a removal closes its gap, so there are no tombstones. */
#include "run/memory/table.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"

enum { CAPACITY_MIN = 64 };

/* FNV-1a: keys are random ids and our own codes, so nobody can aim at collisions. */
static size_t hash(struct text key)
{
    uint64_t sum = 1469598103934665603u;

    for (size_t i = 0; i < key.size; i++)
        sum = (sum ^ (uint8_t)key.bytes[i]) * 1099511628211u;
    return (size_t)(sum ^ (sum >> 32));
}

void table_init(struct table *table, struct text (*key)(const void *item))
{
    *table = (struct table){.key = key};
}

void table_finish(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

static size_t find_slot(const struct table *table, struct text key)
{
    size_t slot = hash(key) & (table->capacity - 1);

    while (table->slots[slot] && !text_equal(table->key(table->slots[slot]), key))
        slot = (slot + 1) & (table->capacity - 1);
    return slot;
}

void *table_find(const struct table *table, struct text key)
{
    return table->capacity > 0 ? table->slots[find_slot(table, key)] : NULL;
}

static void grow(struct table *table)
{
    struct table old = *table;

    table->capacity = old.capacity > 0 ? old.capacity * 2 : CAPACITY_MIN;
    table->slots = calloc(table->capacity, sizeof(void *));
    CHECK(table->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i])
            table->slots[find_slot(table, table->key(old.slots[i]))] = old.slots[i];
    free(old.slots);
}

void table_add(struct table *table, void *item)
{
    if (table->count * 2 >= table->capacity)
        grow(table);
    size_t slot = find_slot(table, table->key(item));
    CHECK(!table->slots[slot]);
    table->slots[slot] = item;
    table->count++;
}

void table_remove(struct table *table, struct text key)
{
    if (table->capacity == 0)
        return;
    size_t gap = find_slot(table, key);
    if (!table->slots[gap])
        return;
    table->slots[gap] = NULL;
    table->count--;
    /* What probed past the gap moves into it, unless it stands at or behind its own place. */
    for (size_t slot = (gap + 1) & (table->capacity - 1); table->slots[slot];
         slot = (slot + 1) & (table->capacity - 1)) {
        size_t home = hash(table->key(table->slots[slot])) & (table->capacity - 1);
        size_t from_home = (slot - home) & (table->capacity - 1);
        size_t from_gap = (slot - gap) & (table->capacity - 1);
        if (from_home >= from_gap) {
            table->slots[gap] = table->slots[slot];
            table->slots[slot] = NULL;
            gap = slot;
        }
    }
}
