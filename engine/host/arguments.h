/* The words that a host is started with. */
#ifndef SANKOFA_HOST_ARGUMENTS_H
#define SANKOFA_HOST_ARGUMENTS_H

#include <stdbool.h>

#include "jail/jail.h"

enum { ARGUMENT_PATHS_MAX = 64, ARGUMENT_PORTS_MAX = 64 };

struct arguments {
    int plugin_fd;
    bool keeps_words; /* what the plugin writes to its standard error goes where the host's does */
    struct jail jail; /* its lists are those below */
    uint16_t ports[ARGUMENT_PORTS_MAX];
    const char *read[ARGUMENT_PATHS_MAX], *write[ARGUMENT_PATHS_MAX], *programs[ARGUMENT_PATHS_MAX];
};

/* False: wrong use. Borrows the words. *arguments_out must stay where it is. */
bool arguments_read(int argc, char **argv, struct arguments *arguments_out);

#endif
