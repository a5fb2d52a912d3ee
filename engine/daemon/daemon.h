/* The daemon's life, from the opened store to a clean stop. */
#ifndef SANKOFA_DAEMON_DAEMON_H
#define SANKOFA_DAEMON_DAEMON_H

#include "daemon/config.h"
#include "store/store.h"

/* Which people may be in the configuration of this store; NULL: it is sealed, and nobody knows. */
enum people_store daemon_people_of(const struct store *store);

/* Serves until SIGTERM or SIGINT, or until it cannot begin; SIGHUP reads `config_path` anew.
 * *store NULL: it is sealed, and opened
 * when somebody unlocks it; the caller closes it. `diags` holds what went wrong. Returns the
 * process's exit status. */
int daemon_run(const char *config_path, const struct config *config, struct store **store,
               const struct people *people, struct diag_list *diags);

#endif
