/* The disk under a store: which file systems are refused, how much room there is. */
#ifndef SANKOFA_STORE_DISK_H
#define SANKOFA_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag_list;

/* Whether the file system of `path` may hold a store. -EOPNOTSUPP with a sentence for one that
 * LMDB cannot rely on: its pages are mapped, and its locks are this machine's. One that forgets
 * everything at a power cut is allowed, with a warning in the log. */
int disk_check(const char *path, struct diag_list *diags);

/* What a batch needs to know of the disk and of the map. */
struct disk_room {
    uint64_t free_bytes, total_bytes;
    uint64_t map_free_bytes, map_total_bytes;
};
/* -ENOSPC: a batch of `batch_bytes` might not fit, or `new_case` would take from the reserve that
 * is kept for the open cases: 5 % or 256 MiB of the disk, 5 % of the map. */
int disk_room_check(const struct disk_room *room, size_t batch_bytes, bool new_case);
/* Fills in the disk's half, by an open file of the store. */
int disk_room_of(int fd, struct disk_room *room_out);

/* What to do about an -errno that a file of the store gave. */
const char *disk_help(int result);

/* Syncs a file or folder by its path. */
int disk_sync(const char *path);

/* Reads all of `size` bytes; `self` points to an open file's descriptor. 0, or -errno: -EIO where
 * the file ends before. The `read` of a walk_source and an age_source. */
int disk_read(void *self, uint64_t offset, void *bytes_out, size_t size);

/* Adds one message about `path` and returns `result`. */
__attribute__((format(printf, 6, 7))) int disk_explain(struct diag_list *diags, const char *path,
                                                       int result, const char *code,
                                                       const char *help, const char *format, ...);

#endif
