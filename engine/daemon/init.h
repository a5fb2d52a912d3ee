/* `sankofad --init`: a key file if there is none, and a store. */
#ifndef SANKOFA_DAEMON_INIT_H
#define SANKOFA_DAEMON_INIT_H

#include <stdbool.h>

#include "daemon/config.h"

/* Makes them; a key file that is there is used as it is. 0 or -errno, explained in `diags`. */
int init_store(const struct config *config, bool is_demo, struct diag_list *diags);
/* The content of the key file, in diags->arena. It must belong to this user or root and be readable
 * by nobody else. */
int init_read_key(const struct config *config, struct diag_list *diags, struct text *key_out);

#endif
