/* Workflow files of the offline commands. */
#ifndef SANKOFA_CLIENT_WORKFLOW_FILE_H
#define SANKOFA_CLIENT_WORKFLOW_FILE_H

#include "client/client.h"
#include "workbench/workbench.h"
#include "yaml/yaml.h"

/* A file that is too large by one byte is read, so that the loader says it with everything else. */
enum { WORKFLOW_FILE_BYTES_MAX = YAML_BYTES_MAX + 1 };

/* CLIENT_DONE; or CLIENT_WRONG_USE, told. */
int workflow_file_read(struct client *client, const char *path, struct workbench_file *file_out);
/* --format and --json; without a word of it people get carets, programs that read along get lines
 * as gcc writes. */
int workflow_format_read(const struct client *client, enum workbench_format *format_out);

/* ---- workflow_show.c ---- */
/* Whether a word names a file; else the id of a workflow that the daemon has. */
bool workflow_is_file(const char *word);

/* ---- parents.c ---- */
/* Parents of overlays, found beside the file that extends them. */
struct workflow_parents parents_beside(struct client *client);

#endif
