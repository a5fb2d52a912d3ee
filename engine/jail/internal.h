/* Inside jail/: the layers that have a file of their own. Each gives 0 or -errno. */
#ifndef SANKOFA_JAIL_INTERNAL_H
#define SANKOFA_JAIL_INTERNAL_H

#include "jail/jail.h"

/* landlock.c; needs no_new_privs */
int landlock_enter(const struct jail *jail);
/* filter.c; needs no_new_privs, and is the last */
int filter_enter(const struct jail *jail);
/* guard.c: a process beside this one that ends its group with it. */
int guard_start(const struct jail *jail);

/* From which version on Landlock keeps signals inside. */
enum { LANDLOCK_ABI_SIGNALS = 6 };

#endif
