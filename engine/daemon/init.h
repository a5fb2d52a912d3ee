/* `sankofad --init`: a store, and a key file if there is none. */
#ifndef SANKOFA_DAEMON_INIT_H
#define SANKOFA_DAEMON_INIT_H

#include <stdbool.h>

#include "daemon/config.h"
#include "vault/keys.h"

/* Makes them. The store's first slot is of the key file, which is made if there is none; where the
 * configuration names no key file, of its credential; where it names neither, or `passphrase_file`
 * is given ("-": the standard input), of a passphrase, asked for twice at the terminal. 0 or
 * -errno, explained in `diags`. */
int init_store(const struct config *config, const char *passphrase_file, bool is_demo,
               struct diag_list *diags, enum vault_opener_kind *kind_out);
/* The content of the key file, in diags->arena. It must belong to this user or root and be readable
 * by nobody else. */
int init_read_key(const struct config *config, struct diag_list *diags, struct text *key_out);
/* The content of the key file or the credential; the configuration names it. */
int init_read_opener(const struct config *config, enum vault_opener_kind kind,
                     struct diag_list *diags, struct vault_opener *opener_out);

#endif
