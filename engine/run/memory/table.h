/* A table of items by a key that is part of each item. It holds pointers and owns nothing but its
 * slots. */
#ifndef SANKOFA_RUN_TABLE_H
#define SANKOFA_RUN_TABLE_H

#include <stddef.h>

#include "base/text.h"

struct table {
    struct text (*key)(const void *item);
    void **slots;
    size_t capacity, count; /* capacity: 0 or a power of two */
};

/* `key` gives an item's key, which does not change while the item is in the table. */
void table_init(struct table *table, struct text (*key)(const void *item));
void table_finish(struct table *table);
/* NULL if there is none. */
void *table_find(const struct table *table, struct text key);
/* The key must not be there yet. */
void table_add(struct table *table, void *item);
void table_remove(struct table *table, struct text key);

#endif
