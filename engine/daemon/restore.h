/* `sankofad --restore`: from a backup to a new store, offline. */
#ifndef SANKOFA_DAEMON_RESTORE_H
#define SANKOFA_DAEMON_RESTORE_H

#include "daemon/config.h"
#include "daemon/opener.h"

struct restore_options {
    const char *file;           /* the backup */
    const char *identity;       /* the file of the backup key's private half */
    const char *reason;         /* why; stays in the journal */
    struct opener_given opener; /* of the store */
    const char *old;            /* a folder of the store as it was before; NULL: there is none */
};

/* Makes the store that `config` names, which must not exist: unpacked, every record opened, an
 * entry added that tells what it forked from and why. 0 or -errno, explained in `diags`; on failure
 * nothing is left. Tells its progress and what it found on standard error and output. */
int restore_store(const struct config *config, const struct restore_options *options,
                  struct diag_list *diags);

#endif
