/* What the files of backups share. */
#ifndef SANKOFA_STORE_BACKUP_INTERNAL_H
#define SANKOFA_STORE_BACKUP_INTERNAL_H

#include "store/backup/backup.h"
#include "store/backup/tar.h"
#include "store/walk/walk.h"

#define BACKUP_LABEL_FILE "backup.json"
enum { BACKUP_LABEL_BYTES_MAX = 4096, BACKUP_BUFFER_BYTES = 256 << 10 };

/* What writes everything, and what reads until there is no more; 0 or -errno. */
int backup_write_all(int fd, const void *bytes, size_t size);

/* A member of the archive: where its bytes begin. */
struct backup_member {
    struct tar_member tar;
    uint64_t at;
};
/* The member at *offset, and *offset behind it. -ENOENT: the archive ends there; -EBADMSG. */
int backup_next(struct age_reader *reader, uint64_t *offset, struct backup_member *member_out);

/* Whether the archive's data file is whole: its structure, every record's header, the journal from
 * 1 on without a gap. Fills seq and the counts. -EBADMSG with a sentence in `why_out`. */
int backup_verify_data(struct age_reader *reader, const struct backup_member *data,
                       struct backup_facts *facts_out, char why_out[WALK_WHY_BYTES]);

#endif
