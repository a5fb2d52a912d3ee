/* A plugin's table, as the plugin has it in memory, and as the engine describes it. */
#ifndef SANKOFA_HOST_TABLE_H
#define SANKOFA_HOST_TABLE_H

#include <stdbool.h>

#include <sankofa/step.h>

#include "wire/describe.h"

struct arena;

struct table {
    struct plugin_description description;
    const struct sankofa_step_type *step_types; /* in the description's order; what a plugin of an
                                                   older header does not have is zero */
};

/* Reads the whole table or nothing. False: *why_out is a sentence naming what is wrong. The
 * description borrows the plugin's texts. */
bool table_read(const struct sankofa_plugin *plugin, struct arena *arena, struct table *table_out,
                struct text *why_out);
/* Loads the shared object behind a descriptor, for ever, and reads its table. */
bool table_load(int fd, struct arena *arena, struct table *table_out, struct text *why_out);

#endif
