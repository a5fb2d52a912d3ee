/* Opening and closing a store, and what it tells of itself.
 *
 * The happy path of opening:
 * 1. the disk is one that a store may be on, nobody else may read it, and the lock is ours;
 * 2. the vault's known answers, then the vault itself;
 * 3. the data file is walked, so that LMDB is not led astray by it;
 * 4. the tables, the clear facts and their MACs: format, store id, horizon;
 * 5. the data key of what belongs to no case, the journal's last seq, and the tree's edge, which is
 *    compared with the newest checkpoint;
 * 6. the head, which may know of a later one; the sums of the other tables; the public key beside
 *    the data;
 * 7. all that was read is synced: a process that was killed may have left it to the page cache. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/head.h"
#include "store/modes.h"
#include "store/state.h"
#include "store/tree/public_key.h"
#include "store/walk/walk.h"

enum { LOCK_TRIES = 100, LOCK_PAUSE_MS = 10 };

/* One that was killed may have started a child that has not come to its own program yet, and holds
 * the lock until then. */
static bool lock_soon(int fd)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            return false;
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return false;
}

static int take_lock(struct store *store, const char *path, struct diag_list *diags)
{
    struct text lock = text_printf(store->arena, "%s/%s", path, STORE_LOCK_FILE);

    store->lock_fd = open(lock.bytes, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (store->lock_fd < 0)
        return disk_explain(diags, path, -errno, "E811", disk_help(-errno),
                            N_("there is no store that can be used: %s: %s"), STORE_LOCK_FILE,
                            strerror(errno));
    if (lock_soon(store->lock_fd))
        return 0;
    return disk_explain(diags, path, errno == EWOULDBLOCK ? -EBUSY : -errno, "E814",
                        N_("stop the other process first"),
                        N_("the store is in use by another process"));
}

static int open_vault(struct store *store, const struct store_options *options,
                      struct diag_list *diags)
{
    struct text slots = text_printf(store->arena, "%s/%s", options->path, STORE_SLOTS_FILE);

    if (vault_self_test() < 0)
        return disk_explain(
            diags, options->path, -EIO, "E817",
            N_("nothing is read or written with it; install Debian's libssl3 again"),
            N_("libcrypto does not compute what it must"));
    return vault_open(slots.bytes, &options->opener, &options->random, diags, &store->vault);
}

/* LMDB would make a new file where there is none, or an empty one. */
static int check_data_file(const struct store *store)
{
    struct stat status;

    if (lstat(store->data_path, &status) < 0)
        return -errno;
    if (S_ISLNK(status.st_mode))
        return -ELOOP;
    return S_ISREG(status.st_mode) && status.st_size > 0 ? 0 : -EBADMSG;
}

static int walk_here(const char *path, char *why_out)
{
    struct walk_result found;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int result = fd < 0 ? -errno : walk_file(fd, &found);

    if (fd >= 0)
        close(fd);
    if (result < 0)
        walk_explain(&found, result, why_out);
    return result;
}

static int walk_data(struct store *store, const struct store_options *options,
                     struct diag_list *diags)
{
    char why[WALK_WHY_BYTES];
    int result = check_data_file(store);

    if (result == -EBADMSG)
        return disk_explain(diags, store->data_path, result, "E816", store_help_restore,
                            N_("the store is damaged: it is empty, or no file"));
    if (result < 0)
        return disk_explain(diags, store->data_path, result, "E811", disk_help(result),
                            N_("the store cannot be opened: %s"), strerror(-result));
    result = options->walker ? walk_apart(options->walker, store->data_path, why)
                             : walk_here(store->data_path, why);
    if (result == -EBADMSG)
        return disk_explain(diags, store->data_path, result, "E816", store_help_restore,
                            N_("the store is damaged: %s"), why);
    if (result < 0)
        return disk_explain(diags, store->data_path, result, "E811",
                            N_("nothing is known against the store; start again"),
                            N_("the store cannot be looked through: %s"), why);
    return 0;
}

static int open_tables(struct store *store, const struct store_options *options,
                       struct diag_list *diags)
{
    uint64_t map_bytes = options->map_bytes ? options->map_bytes : store_map_bytes, used_bytes;
    int result = tables_open(&store->tables, options->path, map_bytes, false);

    if (result == -EBADMSG)
        return disk_explain(diags, store->data_path, result, "E816", store_help_restore,
                            N_("the store is damaged"));
    if (result < 0)
        return disk_explain(diags, store->data_path, result, "E811", disk_help(result),
                            N_("the store cannot be opened: %s"), strerror(-result));
    result = facts_read(store, diags);
    tables_room(&store->tables, &map_bytes, &used_bytes);
    store->map_bytes = map_bytes;
    store->used_bytes = used_bytes;
    return result;
}

static int check_head(struct store *store, const char *path, struct diag_list *diags)
{
    uint64_t told = 0;
    int result = store->head_fd =
        head_open(text_printf(store->arena, "%s/%s", path, STORE_HEAD_FILE).bytes, store->vault,
                  store->last_seq);

    if (result >= 0)
        result = head_check(store->head_fd, store->vault, store->last_seq, &told);
    if (result == -EBADMSG)
        return disk_explain(diags, store->data_path, result, "E819", store_help_restore,
                            N_("the journal ends at entry %llu, entry %llu was there before: the "
                               "data are damaged, or older than the store"),
                            (unsigned long long)store->last_seq, (unsigned long long)told);
    if (result < 0)
        return disk_explain(diags, path, result, "E811", disk_help(result),
                            N_("the store's %s cannot be used: %s"), STORE_HEAD_FILE,
                            strerror(-result));
    return 0;
}

/* Whoever died in the middle of a commit, or of making the store, has left what the kernel shows
 * and the disk may not have yet. From now on it is told, so it must outlive a power cut. The same
 * for one of the slots file's two copies. */
static int sync_all(const struct store *store, const char *path, struct diag_list *diags)
{
    static const char *const names[] = {STORE_SLOTS_FILE, STORE_DATA_FILE, ".", ".."};
    int result = vault_mend(store->vault);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && result == 0; i++)
        result = disk_sync(text_printf(store->arena, "%s/%s", path, names[i]).bytes);
    if (result < 0)
        disk_explain(diags, path, result, "E811", disk_help(-EIO),
                     N_("what the store holds cannot be made durable: %s"), strerror(-result));
    return result;
}

/* Where the folder really is: a link to it may be changed, and is no folder that could be synced.
 */
static const char *real_path(struct arena *arena, const char *path)
{
    char *found = realpath(path, NULL);
    const char *real = found ? text_copy(arena, text_from(found)).bytes : path;

    free(found);
    return real;
}

int store_open(const struct store_options *asked, struct diag_list *diags, struct store **store_out)
{
    struct store_options own = *asked;
    const struct store_options *options = &own;
    struct arena *arena;
    struct store *store;
    int result = disk_check(asked->path, diags);

    if (result < 0)
        return result;
    arena = arena_create("store");
    own.path = real_path(arena, asked->path);
    store = ARENA_NEW(arena, struct store);
    store->arena = arena;
    store->batch = arena_create("batch");
    store->head_fd = -1;
    store->folder = text_copy(arena, text_from(options->path)).bytes;
    store->data_path = text_printf(arena, "%s/%s", options->path, STORE_DATA_FILE).bytes;
    result = modes_check(options->path, diags);
    if (result == 0)
        result = take_lock(store, options->path, diags);
    if (result == 0)
        result = open_vault(store, options, diags);
    if (result == 0)
        result = walk_data(store, options, diags);
    if (result == 0) {
        compact_clear(store);
        ballast_open(store, options->ballast_bytes);
    }
    if (result == 0)
        result = open_tables(store, options, diags);
    if (result == 0)
        result = check_head(store, options->path, diags);
    if (result == 0)
        result = facts_compare(store, diags);
    if (result == 0)
        public_key_check(text_printf(arena, "%s/%s", options->path, STORE_AUDIT_FILE).bytes,
                         store->vault);
    if (result == 0)
        result = sync_all(store, options->path, diags);
    if (result < 0) {
        store_close(store);
        return result;
    }
    rotation_open(store);
    *store_out = store;
    return 0;
}

int store_probe(const char *path, struct diag_list *diags)
{
    static const char *const names[] = {STORE_LOCK_FILE, STORE_SLOTS_FILE, STORE_DATA_FILE};
    int result = disk_check(path, diags);

    if (result == 0)
        result = modes_check(path, diags);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && result == 0; i++)
        if (access(text_printf(diags->arena, "%s/%s", path, names[i]).bytes, R_OK | W_OK) != 0)
            result = disk_explain(diags, path, -errno, "E811", disk_help(-errno),
                                  N_("there is no store that can be used: %s: %s"), names[i],
                                  strerror(errno));
    return result;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    tables_close(&store->tables);
    sums_close(&store->sums);
    vault_close(store->vault);
    if (store->head_fd >= 0)
        close(store->head_fd);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    arena_destroy(store->batch);
    arena_destroy(store->arena);
}

bool store_is_demo(const struct store *store)
{
    return store->demo;
}

struct vault *store_vault(const struct store *store)
{
    return store->vault;
}

uint64_t store_last_seq(const struct store *store)
{
    return store->last_seq;
}

uint64_t store_horizon(const struct store *store)
{
    return store->horizon;
}

const char *store_path(const struct store *store)
{
    return store->data_path;
}

static int room_of(const struct store *store, struct disk_room *room_out)
{
    uint64_t used_bytes = store->used_bytes, missing = ballast_missing(store);
    int result = disk_room_of(store->lock_fd, room_out);

    room_out->free_bytes = room_out->free_bytes > missing ? room_out->free_bytes - missing : 0;
    room_out->map_total_bytes = store->map_bytes;
    if (used_bytes < room_out->map_total_bytes)
        room_out->map_free_bytes = room_out->map_total_bytes - used_bytes;
    if (result < 0)
        log_event(LOG_WARNING, "store.room_unknown", "errno=%d", -result);
    return result;
}

int store_has_room(const struct store *store, size_t batch_bytes, bool new_case)
{
    struct disk_room room = {0};
    int result = room_of(store, &room);

    return result < 0 ? result : disk_room_check(&room, batch_bytes, new_case);
}

const char *store_full_of(const struct store *store, size_t batch_bytes)
{
    struct disk_room room = {0};

    (void)room_of(store, &room);
    room.map_free_bytes = room.map_total_bytes = UINT64_MAX;
    return disk_room_check(&room, batch_bytes, false) < 0 ? "disk" : "map";
}

int store_has_room_for(const struct store *store, size_t batch_bytes, uint64_t document_bytes)
{
    struct disk_room room = {0};
    int result = room_of(store, &room);

    if (result == 0 && (room.free_bytes < document_bytes || room.map_free_bytes < document_bytes))
        result = -ENOSPC;
    if (result < 0)
        return result;
    room.free_bytes -= document_bytes;
    room.map_free_bytes -= document_bytes;
    return disk_room_check(&room, batch_bytes, true);
}
