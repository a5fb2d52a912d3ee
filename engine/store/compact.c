/* Compacting: what was freed goes away with the file that it lay in.
 *
 * The happy path:
 * 1. the writer, its batch being durable, lets LMDB write a copy of what is in use beside the data
 *    file; the copy is synced and walked;
 * 2. the loop, no batch being under way, closes the tables, gives the copy the name of the data
 *    file, syncs the folder, and opens the tables again.
 * A copy that a crash has left is removed at the next opening. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/state.h"
#include "store/walk/walk.h"

static struct text copy_path(struct arena *arena, const struct store *store)
{
    return text_printf(arena, "%s/%s", store->folder, STORE_COPY_FILE);
}

static int write_copy(const struct store *store, const char *path)
{
    struct walk_result found;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = fd < 0 ? -errno : tables_copy(&store->tables, fd);

    if (result == 0 && fsync(fd) < 0)
        result = -errno;
    if (result == 0)
        result = walk_file(fd, &found);
    if (fd >= 0)
        close(fd);
    return result;
}

void compact_copy(struct store *store)
{
    const char *path = copy_path(store->batch, store).bytes;
    int result = write_copy(store, path);

    if (result < 0) {
        unlink(path);
        log_event(LOG_WARNING, "store.compact_failed", "errno=%d", -result);
    }
    store->compaction = result == 0 ? 1 : result;
    arena_reset(store->batch);
}

int store_compact(struct store *store)
{
    ARENA_SCOPED struct arena *arena = arena_create("compacting");
    const char *path = copy_path(arena, store).bytes;
    uint64_t map_bytes = store->map_bytes, used_bytes;
    int result = store->compaction;

    store->compaction = 0;
    if (result <= 0)
        return result == 0 ? -ENOENT : result;
    tables_close(&store->tables);
    result = rename(path, store->data_path) < 0 ? -errno : disk_sync(store->folder);
    if (result == 0)
        result = tables_open(&store->tables, store->folder, map_bytes, false);
    if (result < 0) {
        log_event(LOG_ERROR, "store.reopen_failed", "errno=%d", -result);
        store->failed = true;
        return -ENOTRECOVERABLE;
    }
    tables_room(&store->tables, &map_bytes, &used_bytes);
    store->used_bytes = used_bytes;
    log_event(LOG_INFO, "store.compacted", "bytes=%llu", (unsigned long long)used_bytes);
    return 0;
}

void compact_clear(const struct store *store)
{
    ARENA_SCOPED struct arena *arena = arena_create("compacting");

    unlink(copy_path(arena, store).bytes);
}
