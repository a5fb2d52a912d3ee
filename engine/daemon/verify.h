/* The store checked record by record, with no daemon running. */
#ifndef SANKOFA_DAEMON_VERIFY_H
#define SANKOFA_DAEMON_VERIFY_H

struct diag_list;
struct store;

/* What is not whole goes to stdout, a line each, then the sum. `against`: the file of a checkpoint
 * that must be of this store; NULL: none. The exit status; explains itself in `diags`. */
int verify_store(struct store *store, const char *against, struct diag_list *diags);

#endif
