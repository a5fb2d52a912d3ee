/* The head: the seq of the last commit, told beside the data.
 *
 * LMDB keeps two roots, the last commit's and the one before, and takes the older one where the
 * newer one's number is damaged: a store that is whole in itself, and has forgotten. So does a data
 * file that somebody put back. The head knows better. It is written after each commit, and not
 * synced: a power cut may leave an older one, never one ahead of the journal. */
#ifndef SANKOFA_STORE_HEAD_H
#define SANKOFA_STORE_HEAD_H

#include <stdint.h>

#include "vault/vault.h"

struct head {
    uint8_t magic[8], seq[8], mac[VAULT_HASH_BYTES];
};

void head_fill(struct head *head, struct vault *vault, uint64_t last_seq);

/* Makes the head's file, of no content yet. The descriptor, or -errno. */
int head_make(const char *path);
/* Opens it; one that is missing is told to the log, and made of what the journal says. The
 * descriptor, or -errno. */
int head_open(const char *path, struct vault *vault, uint64_t last_seq);
/* The seq that it tells of; -EBADMSG: it is damaged or of another store; or -errno. */
int head_read(int fd, struct vault *vault, uint64_t *told_out);
/* Whether the journal reaches to where the head says: 0, -EBADMSG with *told_out, or -errno. A head
 * that is damaged is told to the log, and proves nothing. */
int head_check(int fd, struct vault *vault, uint64_t last_seq, uint64_t *told_out);
/* 0 or -errno. */
int head_write(int fd, struct vault *vault, uint64_t last_seq);

#endif
