/* `workflow schema`: what editors need to know of a workflow file, as a JSON Schema (draft-07). */
#ifndef SANKOFA_WORKBENCH_SCHEMA_H
#define SANKOFA_WORKBENCH_SCHEMA_H

#include "base/text.h"

struct arena;

/* Of the loader's own tables (workflow/tables.h): which keys there are, where, and what kind of
 * value they take. What the tables do not say is the loader's alone: names that must be declared,
 * expressions, plugins. Ends with a newline; lives in `arena`. */
struct text workbench_schema(struct arena *arena);

#endif
