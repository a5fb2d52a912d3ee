/* Making a store.
 *
 * The happy path:
 * 1. a temporary folder beside the place where the store shall be;
 * 2. in it the slots file, the lock's file, the head, the public key, and the tables with the first
 * facts, committed;
 * 3. every file synced, then the folder;
 * 4. the folder gets its name, and its parent is synced.
 * A power cut leaves the whole store or a folder named PATH.new-*, which nothing ever opens. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/disk.h"
#include "store/head.h"
#include "store/state.h"
#include "store/tree/public_key.h"
#include "vault/bytes.h"

struct making {
    const struct store_options *options;
    struct arena *arena;
    struct diag_list *diags;
    char *folder; /* the temporary one */
    const char *path, *parent;
};

static const char *const files[] = {STORE_SLOTS_FILE, STORE_LOCK_FILE, STORE_HEAD_FILE,
                                    STORE_AUDIT_FILE, STORE_DATA_FILE};
static const size_t file_count = sizeof(files) / sizeof(files[0]);

static char *in_folder(struct making *making, const char *name)
{
    struct text path = text_printf(making->arena, "%s/%s", making->folder, name);

    return arena_copy(making->arena, path.bytes, path.size);
}

static int explain(struct making *making, int result)
{
    return disk_explain(making->diags, making->path, result, "E818",
                        N_("check that the folder above it may be written and has room"),
                        N_("the store cannot be made: %s"), strerror(-result));
}

static int make_lock_file(struct making *making)
{
    int fd =
        open(in_folder(making, STORE_LOCK_FILE), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static int make_head(struct making *making, struct vault *vault)
{
    int fd = head_make(in_folder(making, STORE_HEAD_FILE));
    int result = fd < 0 ? fd : head_write(fd, vault, 0);

    if (fd >= 0)
        close(fd);
    return result;
}

static int write_first(struct making *making, struct tables *tables, struct vault *vault,
                       MDB_txn *txn)
{
    uint8_t format[4], horizon[8] = {0}, demo[1] = {making->options->demo};
    uint8_t wrapped[VAULT_WRAPPED_KEY_BYTES_MAX];
    size_t size;
    int result = vault_key_create(vault, &store_no_case, wrapped, &size);

    bytes_put_u32(format, STORE_FORMAT);
    if (result == 0)
        result = tables_put(tables, txn, TABLE_KEY, store_key_id(&store_no_case),
                            (MDB_val){size, wrapped}, MDB_NOOVERWRITE);
    if (result == 0)
        result = fact_put(tables, txn, vault, STORE_FACT_FORMAT, format, sizeof(format));
    if (result == 0)
        result = fact_put(tables, txn, vault, STORE_FACT_STORE, vault_store_id(vault),
                          VAULT_STORE_ID_BYTES);
    if (result == 0)
        result = fact_put(tables, txn, vault, STORE_FACT_DEMO, demo, sizeof(demo));
    if (result == 0)
        result = fact_put(tables, txn, vault, STORE_FACT_HORIZON, horizon, sizeof(horizon));
    if (result == 0)
        result = sums_create(tables, txn, vault);
    return result;
}

static int make_tables(struct making *making, struct vault *vault)
{
    uint64_t map_bytes = making->options->map_bytes;
    struct tables tables = {.env = NULL};
    MDB_txn *txn = NULL;
    int result;

    result = tables_open(&tables, making->folder, map_bytes ? map_bytes : store_map_bytes, true);
    if (result == 0)
        result = tables_error(mdb_txn_begin(tables.env, NULL, 0, &txn));
    if (result == 0) {
        result = write_first(making, &tables, vault, txn);
        if (result == 0)
            result = tables_error(mdb_txn_commit(txn));
        else
            mdb_txn_abort(txn);
    }
    tables_close(&tables);
    return result;
}

/* Explains itself where the vault does not. */
static int fill(struct making *making)
{
    const struct store_options *options = making->options;
    const char *slots = in_folder(making, STORE_SLOTS_FILE);
    struct vault *vault = NULL;
    int result =
        vault_create(slots, &options->opener, options->now_ms, &options->random, making->diags);

    if (result == 0)
        result = vault_open(slots, &options->opener, &options->random, making->diags, &vault);
    if (result < 0)
        return result;
    result = make_lock_file(making);
    if (result == 0)
        result = make_head(making, vault);
    if (result == 0)
        result = public_key_write(in_folder(making, STORE_AUDIT_FILE), vault);
    if (result == 0)
        result = make_tables(making, vault);
    vault_close(vault);
    return result < 0 ? explain(making, result) : 0;
}

static int sync_all(struct making *making)
{
    int result = 0;

    for (size_t i = 0; i < file_count && result == 0; i++)
        result = disk_sync(in_folder(making, files[i]));
    return result == 0 ? disk_sync(making->folder) : result;
}

static int publish(struct making *making)
{
    int result = sync_all(making);

    if (result == 0 &&
        renameat2(AT_FDCWD, making->folder, AT_FDCWD, making->path, RENAME_NOREPLACE) < 0)
        result = -errno;
    if (result < 0)
        return explain(making, result);
    result = disk_sync(making->parent);
    if (result < 0) {
        making->folder = arena_copy(making->arena, making->path, strlen(making->path));
        return explain(making, result);
    }
    return 0;
}

static void remove_folder(struct making *making)
{
    for (size_t i = 0; i < file_count; i++)
        unlink(in_folder(making, files[i]));
    unlink(in_folder(making, "lock.mdb"));
    rmdir(making->folder);
}

static int check_place(struct making *making)
{
    struct stat status;

    if (lstat(making->path, &status) == 0)
        return disk_explain(making->diags, making->path, -EEXIST, "E812",
                            N_("give another path, or use the store that is there"),
                            N_("there is something at this path already"));
    if (errno != ENOENT)
        return explain(making, -errno);
    return disk_check(making->parent, making->diags);
}

static int make(struct making *making)
{
    int result = check_place(making);

    if (result < 0)
        return result;
    if (vault_self_test() < 0)
        return disk_explain(making->diags, making->path, -EIO, "E817",
                            N_("nothing is written with it; install Debian's libssl3 again"),
                            N_("libcrypto does not compute what it must"));
    if (!mkdtemp(making->folder))
        return explain(making, -errno);
    result = fill(making);
    if (result == 0)
        result = publish(making);
    if (result < 0)
        remove_folder(making);
    return result;
}

/* Without slashes at its end. */
static char *trimmed(struct arena *arena, const char *path)
{
    size_t size = strlen(path);

    while (size > 1 && path[size - 1] == '/')
        size--;
    return arena_copy(arena, path, size);
}

int store_create(const struct store_options *options, struct diag_list *diags)
{
    ARENA_SCOPED struct arena *arena = arena_create("store creation");
    char *path = trimmed(arena, options->path);
    struct text folder = text_printf(arena, "%s.new-XXXXXX", path);
    struct making making = {
        .options = options,
        .arena = arena,
        .diags = diags,
        .folder = arena_copy(arena, folder.bytes, folder.size),
        .path = path,
        .parent = dirname(trimmed(arena, path)),
    };

    return make(&making);
}
