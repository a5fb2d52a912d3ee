/* What differs between two readings of the configuration. */
#ifndef SANKOFA_DAEMON_CONFIG_SAME_H
#define SANKOFA_DAEMON_CONFIG_SAME_H

#include <stdbool.h>

#include "daemon/config.h"

/* The first key that differs and takes effect at a start alone; NULL. */
const char *config_fixed_change(const struct config *before, const struct config *after);
/* Whether both would start the same hosts. */
bool config_same_plugin(const struct steps_plugin *one, const struct steps_plugin *other);

#endif
