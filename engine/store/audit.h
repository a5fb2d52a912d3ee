/* What an open store tells of its journal's tree: checkpoints and proofs (store/tree/note.h has
 * their texts). Entry `seq` is leaf seq - 1. Called by the loop's thread. */
#ifndef SANKOFA_STORE_AUDIT_H
#define SANKOFA_STORE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct arena;
struct certificate;
struct store;

/* The journal is not the one that the newest checkpoint was signed over, or entries or tiles of its
 * end are missing: found at the opening. Nothing is signed any more. */
bool store_history_differs(const struct store *store);
/* The public key of its checkpoints: a verifier key, and PEM. In `arena`. */
struct text store_audit_key(const struct store *store, struct arena *arena);

/* The newest checkpoint that is whole: its size, and the note. -ENOENT: there is none. */
int store_newest_checkpoint(struct store *store, struct arena *arena, uint64_t *size_out,
                            struct text *note_out);
/* Every stored note, newest first; damaged ones as they are. */
int store_each_checkpoint(struct store *store,
                          bool (*each)(void *self, uint64_t size, struct text note), void *self);

/* That entry `seq` is under the newest checkpoint, as c2sp.org/tlog-proof. -ENOENT: there is no
 * such entry; -EAGAIN: it is newer than that checkpoint; -EBADMSG: tiles are damaged: the proof
 * that came out does not hold. */
int store_prove_entry(struct store *store, struct arena *arena, uint64_t seq,
                      struct text *proof_out);
/* Signs what is known of an erasure (store/tree/certificate.h): a note, in `arena`. `store` and
 * `leaf` are filled in here, the latter from the entry `seq` as it is stored. -EBADMSG: that entry
 * is damaged. */
int store_certify(struct store *store, struct arena *arena, struct certificate *certificate,
                  struct text *note_out);
/* That the newest checkpoint's tree begins with that of `old_size` leaves, as a request of
 * c2sp.org/tlog-witness. -ERANGE: it is smaller; otherwise as above. */
int store_prove_growth(struct store *store, struct arena *arena, uint64_t old_size,
                       struct text *proof_out);
/* Whether a checkpoint that somebody kept fits this store. 0; -EINVAL: it is no checkpoint signed
 * by this store; -ERANGE: the store is older than it; -EBADMSG: the history is another one. */
int store_compare(struct store *store, struct text note, uint64_t *size_out);

#endif
