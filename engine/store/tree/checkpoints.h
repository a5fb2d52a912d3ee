/* The signed checkpoints of a store, in table `checkpoint`: size, a native u64 -> note. The newest
 * CHECKPOINTS_KEPT stay; proofs reach from any size to any other without them. */
#ifndef SANKOFA_STORE_TREE_CHECKPOINTS_H
#define SANKOFA_STORE_TREE_CHECKPOINTS_H

#include "store/state.h"
#include "store/tree/note.h"

enum { CHECKPOINTS_KEPT = 256 };

/* The key that the store signs with, its name and origin. The name lives in `arena`. */
struct note_key checkpoints_key(const struct vault *vault, struct arena *arena);
/* A note: the body, signed with that key. */
struct text checkpoints_note(const struct store *store, struct arena *arena, struct text body);
/* Signs the tree as the transaction will leave it; nothing where there is one of that size. */
int checkpoints_sign(struct store *store, MDB_txn *txn);
/* The newest one that is whole and signed with `key`; others are told to the log. -ENOENT. */
int checkpoints_newest(const struct store *store, MDB_txn *txn, struct arena *arena,
                       struct text *note_out, struct note *read_out);
/* At the opening: rebuilds the edge, and compares it with the newest checkpoint. Where they differ
 * the history was rewritten or is damaged, and nothing is signed any more: told to the log. */
int checkpoints_open(struct store *store, MDB_txn *txn);

#endif
