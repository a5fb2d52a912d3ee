/* The public key of a store's checkpoints, in clear beside the data: a verifier key (C2SP) on the
 * first line, then the same key as PEM, which openssl reads. Who trusts it took a copy of it at a
 * time when nobody had a reason to change it. */
#ifndef SANKOFA_STORE_TREE_PUBLIC_KEY_H
#define SANKOFA_STORE_TREE_PUBLIC_KEY_H

#include "base/text.h"
#include "store/tree/note.h"

struct vault;

/* What the file holds. */
struct text public_key_text(struct arena *arena, const struct note_key *key);
/* Makes or replaces the file. 0 or -errno. */
int public_key_write(const char *path, const struct vault *vault);
/* Replaces one that is missing or says something else; told to the log. */
void public_key_check(const char *path, const struct vault *vault);

#endif
