/* Who is there: what the people table says of accounts that cases name, asked once and kept,
 * until the configuration is read anew. */
#ifndef SANKOFA_RUN_KNOWN_H
#define SANKOFA_RUN_KNOWN_H

#include <stdbool.h>

#include "case/case.h"
#include "run/memory/table.h"
#include "run/ports.h"

struct known {
    const struct run_people *people;
    struct arena *arena;
    struct table by_id;
};

/* `people` is borrowed. */
void known_init(struct known *known, const struct run_people *people);
void known_finish(struct known *known);
/* NULL: the account is not there, or not any more. */
const struct case_person *known_find(struct known *known, struct text account);
/* Whether the account holds a role in that country. */
bool known_holds(struct known *known, struct text account, struct text role, struct text country);
/* Whether it holds any of the workflow's. */
bool known_takes_part(struct known *known, struct text account, struct text country,
                      const struct workflow *workflow);

#endif
