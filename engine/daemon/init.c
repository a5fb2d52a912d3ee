/* The key file is written first and synced with its folder: a store without its key is lost. */
#include "daemon/init.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/store.h"
#include "system/system.h"

enum { KEY_BYTES = 64, KEY_BYTES_MAX = 4096 };

static int complain(struct diag_list *diags, int result, const char *what, const char *path,
                    const char *help)
{
    struct diag *diag = diag_add(diags, DIAG_ERROR, "E848", (struct place){0}, "%s %s: %s", what,
                                 path, strerror(-result));

    diag_help(diags, diag, "%s", help);
    return result;
}

static int sync_folder_of(struct arena *arena, const char *path)
{
    char *copy = arena_copy(arena, path, strlen(path));
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 || fsync(fd) != 0 ? -errno : 0;

    if (fd >= 0)
        close(fd);
    return result;
}

/* With its name. One that an --init before this one left may be in the page cache alone. */
static int sync_key(struct arena *arena, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result = fd < 0 || fsync(fd) != 0 ? -errno : 0;

    if (fd >= 0)
        close(fd);
    return result == 0 ? sync_folder_of(arena, path) : result;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static int write_key(const char *path)
{
    struct port_random random = system_random();
    uint8_t key[KEY_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

    if (fd < 0)
        return -errno;
    random.fill(random.self, key, sizeof(key));
    int result = write_all(fd, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    if (result == 0 && fsync(fd) != 0)
        result = -errno;
    close(fd);
    return result;
}

/* 0; -EEXIST: there is one, which is no fault. It gets its name once it is whole on the disk: a
 * power cut must not leave half a key, or zeros, for the next --init to make a store with. */
static int create_key(const char *path, struct arena *arena)
{
    struct port_random random = system_random();
    uint8_t suffix[4];
    struct stat facts;

    if (lstat(path, &facts) == 0)
        return -EEXIST;
    random.fill(random.self, suffix, sizeof(suffix));
    const char *making =
        text_printf(arena, "%s.new-%.*s", path, TEXT_ARG(text_hex(arena, suffix, sizeof(suffix))))
            .bytes;
    int result = write_key(making);
    if (result == 0 && renameat2(AT_FDCWD, making, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
        result = -errno;
    if (result != 0)
        unlink(making);
    return result;
}

int init_read_key(const struct config *config, struct diag_list *diags, struct text *key_out)
{
    struct port_files files = system_files();
    struct stat facts;

    if (stat(config->key_file, &facts) != 0)
        return complain(diags, -errno, "the key file cannot be used:", config->key_file,
                        "`sankofad --config FILE --init` makes one; without the key of a store "
                        "nothing in it can be read");
    if ((facts.st_uid != geteuid() && facts.st_uid != 0) || (facts.st_mode & 077) != 0)
        return complain(diags, -EPERM, "the key file may be read by others:", config->key_file,
                        "make it yours alone: chown and chmod 0400");
    int result = files.read(files.self, diags->arena, config->key_file, KEY_BYTES_MAX, key_out);
    return result == 0 ? 0
                       : complain(diags, result, "the key file cannot be read:", config->key_file,
                                  "it holds at least 32 and at most 4096 bytes");
}

int init_store(const struct config *config, bool is_demo, struct diag_list *diags)
{
    struct store_options options = {.path = config->store,
                                    .map_bytes = config->map_bytes,
                                    .demo = is_demo,
                                    .random = system_random()};
    struct stat facts;

    if (lstat(config->store, &facts) == 0) /* before a key is made that no store would need */
        return complain(diags, -EEXIST, "the store cannot be made:", config->store,
                        "nothing was changed; move it away if you want a new one");
    int result = create_key(config->key_file, diags->arena);
    if (result != 0 && result != -EEXIST)
        return complain(diags, result, "the key file cannot be made:", config->key_file,
                        "its folder must exist, and be yours");
    result = init_read_key(config, diags, &options.opener.secret);
    if (result != 0)
        return result;
    result = sync_key(diags->arena, config->key_file);
    if (result != 0)
        complain(diags, result, "the key file cannot be made durable:", config->key_file,
                 "look at its disk; the kernel's log may say more");
    else
        result = store_create(&options, diags);
    explicit_bzero((char *)options.opener.secret.bytes, options.opener.secret.size);
    return result;
}
