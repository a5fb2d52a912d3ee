/* Checkpoints as C2SP signed notes (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature), and
 * the texts that carry proofs (c2sp.org/tlog-proof, the request of tlog-witness). Pure.
 *
 * Words: a *checkpoint* says which log (its *origin*) had how many leaves, under which root; a
 * *note* is its body and signature lines; a *witness* has seen that the log only grew, and adds its
 * *cosignature*, which bears a time. */
#ifndef SANKOFA_STORE_TREE_NOTE_H
#define SANKOFA_STORE_TREE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "store/tree/merkle.h"
#include "vault/sign.h"

struct arena;

enum {
    NOTE_BYTES_MAX = 16 << 10,
    NOTE_SIGNATURES_MAX = 64,
    NOTE_NAME_BYTES_MAX = 200,
    NOTE_ID_BYTES = 4
};

/* The signature types that C2SP has assigned. */
enum note_kind { NOTE_LOG = 0x01, NOTE_WITNESS = 0x04 };

struct note_key {
    enum note_kind kind;
    struct text name;
    uint8_t public_key[SIGN_KEY_BYTES];
};

/* Without spaces, control characters or plus; not empty. */
bool note_name_is_valid(struct text name);
/* A verifier key: NAME+ID+BASE64, the ID in hexadecimal. */
struct text note_key_text(struct arena *arena, const struct note_key *key);
/* The name borrows from `text`. False: it is none, or of another kind. */
bool note_key_read(struct text text, struct note_key *key_out);

struct checkpoint {
    struct text origin;
    uint64_t size;
    struct merkle_hash root;
};

/* What is signed. */
struct text checkpoint_body(struct arena *arena, const struct checkpoint *checkpoint);
/* A signature line of the body's own log, its newline included. `key` signs as NOTE_LOG. */
struct text note_log_line(struct arena *arena, const struct note_key *key,
                          const uint8_t signature[SIGN_BYTES]);
/* What a witness signs, and its line. */
struct text note_witness_message(struct arena *arena, struct text body, uint64_t time_s);
struct text note_witness_line(struct arena *arena, const struct note_key *key, uint64_t time_s,
                              const uint8_t signature[SIGN_BYTES]);

/* A note's parts; they borrow from it. */
struct note {
    struct text body;       /* its last newline included */
    struct text signatures; /* lines */
    struct checkpoint checkpoint;
};
/* Body and signatures of any note. False: it is none. */
bool note_split(struct text text, struct note *note_out);
/* Of a checkpoint. False: it is none that is signed. Further lines of the body are skipped, and
 * signed. */
bool note_read(struct text text, struct note *note_out);

enum note_verdict {
    NOTE_UNSIGNED, /* no line of that key */
    NOTE_FORGED,   /* a line of that key does not verify */
    NOTE_SIGNED    /* with *time_s_out of a witness, else 0 */
};
enum note_verdict note_check(struct arena *arena, const struct note *note,
                             const struct note_key *key, uint64_t *time_s_out);

/* c2sp.org/tlog-proof: leaf `index` is in the tree of the note. The entry that the leaf is the hash
 * of goes along as `extra`: sealed, as it is stored. */
struct text proof_write_leaf(struct arena *arena, uint64_t index, struct text sealed,
                             const struct merkle_proof *proof, struct text note);
/* c2sp.org/tlog-witness, add-checkpoint: the note's tree begins with that of `old_size`. */
struct text proof_write_growth(struct arena *arena, uint64_t old_size,
                               const struct merkle_proof *proof, struct text note);

struct proof_text {
    bool is_growth; /* else of a leaf */
    struct merkle_hash leaf;
    uint64_t number; /* the leaf's index, or the old size */
    struct merkle_proof proof;
    struct text note_text;
    struct note note;
};
/* Either; it borrows from `text`. */
bool proof_read(struct arena *arena, struct text text, struct proof_text *proof_out);

#endif
