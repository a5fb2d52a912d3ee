/* Paths that the configuration names, as the disk knows them.
 *
 * What the disk does not answer is told as E840: to go on with a guess could lead anywhere. */
#ifndef SANKOFA_DAEMON_PATH_H
#define SANKOFA_DAEMON_PATH_H

#include <stdbool.h>

struct arena;
struct diag_list;

/* The absolute path of the folder that the file `path` stands in; NULL, and told. */
const char *path_folder(const char *path, struct diag_list *diags);
/* Whether `path` lies in `folder` once links are followed. Neither has to exist yet; what cannot be
 * looked up is told. */
bool path_is_inside(const char *path, const char *folder, struct diag_list *diags);
/* The path of a file that stands in the folder of this program. */
const char *path_beside_program(const char *name, struct arena *arena);

#endif
