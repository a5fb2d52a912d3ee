/* sankofad.yaml: where the store is, who the people are, which plugins may run. */
#ifndef SANKOFA_DAEMON_CONFIG_H
#define SANKOFA_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "api/api.h"
#include "base/diag.h"
#include "base/port.h"
#include "steps/steps.h"
#include "yaml/yaml.h"

struct config {
    const char *store;
    const char *key_file;       /* NULL: none */
    const char *key_credential; /* a name in $CREDENTIALS_DIRECTORY; NULL: none */
    bool waits_for_key;         /* serve sealed where neither of them opens the store */
    const char *staff_socket, *admin_socket; /* admin_socket: NULL where it is left out */
    gid_t staff_gid;                         /* (gid_t)-1: none named */
    uint64_t map_bytes;                      /* 0: the store's default */
    const char *backup_recipients;           /* NULL where it is left out */
    const struct yaml_node *people;          /* read once the store says whether it is a demo */
    const struct steps_plugin *plugins;
    size_t plugin_count;
    struct api_limits limits;
    size_t cases_max;    /* in memory; 0: the wheel's default */
    uint64_t host_bytes; /* memory of a host; 0: the jail's default */
};

/* Reads and checks the file. Relative paths are relative to the file's folder. Everything lives in
 * diags->arena. NULL with errors added. *source_out is the file's text, for carets; empty where it
 * could not be read. */
const struct config *config_read(const struct port_files *files, const char *path,
                                 struct diag_list *diags, struct text *source_out);

#endif
