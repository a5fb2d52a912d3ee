/* Who may read and change the files of a store: the daemon's user alone. */
#ifndef SANKOFA_STORE_MODES_H
#define SANKOFA_STORE_MODES_H

struct diag_list;

/* Looks at the folder and each file in it that is there. What others may read or change is made the
 * user's alone, and told in the log. 0; -EPERM, explained (E810): the slots file could be copied by
 * others, something belongs to another user, or the disk keeps no modes. */
int modes_check(const char *path, struct diag_list *diags);

#endif
