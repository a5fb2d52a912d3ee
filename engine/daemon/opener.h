/* What opens the store while no daemon runs: `sankofad --verify` and `--restore`. */
#ifndef SANKOFA_DAEMON_OPENER_H
#define SANKOFA_DAEMON_OPENER_H

#include "daemon/config.h"
#include "vault/keys.h"

/* Files; "-": the standard input. NULL: not given. At most one of them is. */
struct opener_given {
    const char *passphrase_file;
    const char *shares_file; /* recovery shares, an empty line between two */
};

/* Of what is given; else the key file or the credential, whichever the configuration names; else of
 * a passphrase asked for at the terminal. 0 or -errno, explained in `diags`. The caller wipes the
 * secret, which lies in diags->arena. */
int opener_offline(const struct config *config, const struct opener_given *given,
                   struct diag_list *diags, struct vault_opener *opener_out);

#endif
