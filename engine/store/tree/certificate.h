/* The certificate of an erasure, as whoever receives it checks it years later: a C2SP signed note
 * (store/tree/note.h) by the key that signs the checkpoints. Its text says at its first line what
 * it is, so that it is never taken for a checkpoint, nor one for it:
 *
 *   sankofa erasure certificate v1
 *   SENTENCE
 *   NAME VALUE                a line each, in the order of the members below
 *
 * What is not known of a case that was damaged has no line. The reason is a JSON string; all other
 * values stand as they are. Behind the note, and an empty line, a tlog-proof of the entry may
 * follow. Pure. */
#ifndef SANKOFA_STORE_TREE_CERTIFICATE_H
#define SANKOFA_STORE_TREE_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/tree/note.h"

struct certificate {
    struct text store; /* its origin */
    struct text id;    /* 32 hexadecimal digits */
    struct text code, workflow, country;
    struct text asked; /* RFC 3339, as the two other times */
    struct text asked_by, asked_person;
    struct text erased;
    struct text approved_by, approved_person;
    struct text finished; /* the last key that opened it was destroyed */
    struct text reason;
    uint64_t seq;            /* of the entry that tells of it */
    struct merkle_hash leaf; /* of that entry in the tree */
    uint64_t finished_seq;   /* of the one that tells of its end */
};

/* What is signed. A member that is empty has no line. */
struct text certificate_body(struct arena *arena, const struct certificate *certificate);

struct certificate_file {
    struct note note; /* body and signatures */
    struct certificate certificate;
    bool has_proof;
    struct proof_text proof; /* of the entry; whether it holds is not looked at */
};
/* Borrows from `text` and `arena`. False: it is none, or what is behind its note is no proof. */
bool certificate_read(struct arena *arena, struct text text, struct certificate_file *file_out);
/* That the proof is of the certificate's entry, and holds under its checkpoint. */
bool certificate_is_proven(const struct certificate_file *file);

#endif
