/* Backups: a copy of a store that is in use, in one file that only the backup key's holder can
 * open; and the way back.
 *
 * The file is an age file (vault/age); in it is a tar archive, so that the usual tools open it too:
 *   backup.json   what this is: format, store id, when, the last seq when it was begun
 *   slots         the keys, wrapped as in the store
 *   head          the seq that the journal must reach
 *   data.mdb      LMDB's own compacting copy; records are sealed in it as they are in the store
 * Nothing in it can be read without the store's own key as well. */
#ifndef SANKOFA_STORE_BACKUP_H
#define SANKOFA_STORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/port.h"
#include "store/store.h"
#include "vault/age/age.h"

enum { BACKUP_FORMAT = 1 };

struct backup_options {
    const char *path; /* absolute; nothing may be there */
    const struct age_keys *recipients;
    struct port_random random;
    int64_t now_ms;
    void *self;
    /* Bytes done of those expected; false: give up (-ECANCELED). */
    bool (*progress)(void *self, uint64_t done, uint64_t total);
};

struct backup_facts {
    uint64_t bytes; /* of the file */
    uint64_t seq;   /* the journal's last one in the copy */
    uint64_t cases; /* that have a data key */
};

/* Makes one: written under another name beside `path`, synced, read again from the disk and
 * verified (every piece of the encryption, the structure of the data file, the header of every
 * record, the journal without a gap), renamed, its folder synced. On failure nothing is left there.
 * Any thread, while the store is in use; no epoch may begin or end meanwhile. -EEXIST: there is
 * something at `path`; -ENOSPC; -EBADMSG: what was read again is not whole; -ECANCELED; or -errno.
 * Explained in `diags`. */
int backup_make(struct store *store, const struct backup_options *options, struct diag_list *diags,
                struct backup_facts *facts_out);

/* What a backup says of itself. */
struct backup_label {
    int64_t made_ms;
    uint64_t seq, bytes;
    uint8_t store_id[VAULT_STORE_ID_BYTES];
};

/* Unpacks `file` into `folder`, which must not exist: a store's folder, synced, not yet opened.
 * -EACCES: none of the identities opens it; -EBADMSG; -EEXIST; or -errno. On failure the folder is
 * gone again. */
int backup_unpack(const char *file, const struct age_keys *identities, const char *folder,
                  bool (*progress)(void *self, uint64_t done, uint64_t total), void *self,
                  struct diag_list *diags, struct backup_label *label_out);
/* Removes such a folder. */
void backup_remove(const char *folder);

/* The seq that the head in another folder of the same store tells of: the journal went that far
 * there. -ENOENT, -EBADMSG: it is damaged or of another store; or -errno. */
int backup_head_seq(const struct store *store, const char *folder, uint64_t *seq_out);

#endif
