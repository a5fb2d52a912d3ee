/* Ballast: blocks of the disk that a file beside the data holds, so that a full disk can still be
 * helped: erasing a case and stopping write a little before they free much.
 *
 * The happy path:
 * 1. the file is made, where work has room beside it;
 * 2. what work may take of the disk never includes it, whether the file holds the blocks or they
 *    are free (ballast_missing);
 * 3. before a batch that makes room is written, the file goes if it takes that;
 * 4. once there is room again it is made anew. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/state.h"

enum { STAT_BLOCK_BYTES = 512, OPENING_BYTES = 1 << 20 };

static const char *path_of(struct arena *arena, const struct store *store)
{
    return text_printf(arena, "%s/%s", store->folder, STORE_BALLAST_FILE).bytes;
}

/* A copy of the folder may hold the file without its blocks. */
static bool is_whole(const struct store *store, const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (uint64_t)status.st_blocks * STAT_BLOCK_BYTES >= store->ballast_bytes;
}

static int make(const struct store *store, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = fd < 0 ? -errno : -posix_fallocate(fd, 0, (off_t)store->ballast_bytes);

    if (fd >= 0)
        close(fd);
    if (result < 0)
        unlink(path);
    return result;
}

/* What is freed is there for others once the file system has written that down. */
static void release(struct store *store)
{
    ARENA_SCOPED struct arena *arena = arena_create("ballast");
    const char *path = path_of(arena, store);
    int result = unlink(path) < 0 ? -errno : disk_sync(store->folder);

    store->ballast_is_held = false;
    log_event(LOG_WARNING, "store.ballast_released", "bytes=%llu errno=%d",
              (unsigned long long)store->ballast_bytes, -result);
}

uint64_t ballast_missing(const struct store *store)
{
    return store->ballast_is_held ? 0 : store->ballast_bytes;
}

static int free_bytes_of(const struct store *store, uint64_t *free_bytes_out)
{
    struct disk_room room = {0};
    int result = disk_room_of(store->lock_fd, &room);

    *free_bytes_out = room.free_bytes;
    return result;
}

static int may_take(const struct store *store, uint64_t bytes)
{
    uint64_t free_bytes;
    int result = free_bytes_of(store, &free_bytes);

    if (result < 0)
        return result;
    return free_bytes + store->ballast_bytes - ballast_missing(store) < bytes ? -ENOSPC : 0;
}

static void make_room(struct store *store, uint64_t bytes)
{
    uint64_t free_bytes;

    if (store->ballast_is_held && free_bytes_of(store, &free_bytes) == 0 && free_bytes < bytes)
        release(store);
}

void ballast_open(struct store *store, uint64_t bytes)
{
    ARENA_SCOPED struct arena *arena = arena_create("ballast");

    store->ballast_bytes = bytes;
    if (bytes == 0)
        return;
    store->ballast_is_held = is_whole(store, path_of(arena, store));
    make_room(store, OPENING_BYTES);
}

int store_keep_ballast(struct store *store)
{
    ARENA_SCOPED struct arena *arena = arena_create("ballast");

    if (ballast_missing(store) == 0)
        return 0;
    int result = store_has_room(store, 0, false);
    if (result == 0)
        result = make(store, path_of(arena, store));
    if (result == 0) {
        store->ballast_is_held = true;
        log_event(LOG_INFO, "store.ballast_made", "bytes=%llu",
                  (unsigned long long)store->ballast_bytes);
    }
    return result;
}

int store_may_make_room(const struct store *store, uint64_t bytes)
{
    uint64_t map_bytes = store->map_bytes, used_bytes = store->used_bytes;

    if (used_bytes > map_bytes || map_bytes - used_bytes < bytes)
        return -ENOSPC;
    return may_take(store, bytes);
}

int store_may_compact(const struct store *store)
{
    return may_take(store, store->used_bytes);
}

void store_make_room(struct store *store, uint64_t bytes, bool compacts)
{
    make_room(store, compacts && store->used_bytes > bytes ? store->used_bytes : bytes);
}
