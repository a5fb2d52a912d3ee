/* The key file is written first and synced with its folder: a store without its key is lost. */
#include "daemon/init.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/store.h"
#include "system/system.h"
#include "words/heard.h"

enum { KEY_BYTES = 64, KEY_BYTES_MAX = VAULT_KEY_BYTES_MAX };

static int complain(struct diag_list *diags, int result, const char *what, const char *path,
                    const char *help)
{
    return diag_fail(diags, result, "E848", help, what, path, strerror(-result));
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

/* Where there is no store yet either, --init makes both. Whoever has one needs no new key. */
static const char *help_without_key(const struct config *config)
{
    struct stat facts;

    return lstat(config->store, &facts) == 0
               ? N_("bring its copy back; if it is lost, another slot opens the store: set "
                    "`wait_for_key: true`, start, and `sankofa admin unlock` with a passphrase or "
                    "recovery shares")
               : N_("`sankofad --config FILE --init` makes one, and a new store; with --restore, "
                    "bring the store's own key file, or give --passphrase-file or --shares");
}

int init_read_key(const struct config *config, struct diag_list *diags, struct text *key_out)
{
    struct port_files files = system_files();
    struct stat facts;

    if (stat(config->key_file, &facts) != 0)
        return complain(diags, -errno, N_("the key file cannot be used: %s: %s"), config->key_file,
                        help_without_key(config));
    if ((facts.st_uid != geteuid() && facts.st_uid != 0) || (facts.st_mode & 077) != 0)
        return complain(diags, -EPERM, N_("the key file may be read by others: %s: %s"),
                        config->key_file,
                        N_("make it yours alone: chown and chmod 0400; a stick that keeps no modes "
                           "(FAT) is mounted with umask=077"));
    int result = files.read(files.self, diags->arena, config->key_file, KEY_BYTES_MAX, key_out);
    return result == 0
               ? 0
               : complain(diags, result, N_("the key file cannot be read: %s: %s"),
                          config->key_file, N_("it holds at least 32 and at most 4096 bytes"));
}

/* systemd sees to who may read it. */
static int read_credential(const struct config *config, struct diag_list *diags,
                           struct text *key_out)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    struct port_files files = system_files();
    int result = -ENOENT;

    if (folder && folder[0] == '/') {
        struct text path = text_printf(diags->arena, "%s/%s", folder, config->key_credential);
        result = files.read(files.self, diags->arena, path.bytes, KEY_BYTES_MAX, key_out);
    }
    return result == 0
               ? 0
               : complain(diags, result, N_("the credential cannot be read: %s: %s"),
                          config->key_credential,
                          N_("let systemd start the daemon, with LoadCredentialEncrypted="));
}

int init_read_opener(const struct config *config, enum vault_opener_kind kind,
                     struct diag_list *diags, struct vault_opener *opener_out)
{
    opener_out->kind = kind;
    return kind == VAULT_CREDENTIAL ? read_credential(config, diags, &opener_out->secret)
                                    : init_read_key(config, diags, &opener_out->secret);
}

/* ---- The first opener of a new store. ---- */

/* Made if there is none, and on the disk before a store needs it. */
static int first_key_file(const struct config *config, struct diag_list *diags,
                          struct vault_opener *opener_out)
{
    int result = create_key(config->key_file, diags->arena);

    if (result != 0 && result != -EEXIST)
        return complain(diags, result, N_("the key file cannot be made: %s: %s"), config->key_file,
                        N_("its folder must exist, and be yours"));
    result = init_read_opener(config, VAULT_KEY_FILE, diags, opener_out);
    if (result != 0)
        return result;
    result = sync_key(diags->arena, config->key_file);
    if (result != 0)
        complain(diags, result, N_("the key file cannot be made durable: %s: %s"), config->key_file,
                 N_("look at its disk; the kernel's log may say more"));
    return result;
}

static int passphrase_fault(struct diag_list *diags, int result, const char *help)
{
    return complain(diags, result, N_("the passphrase cannot be read%s: %s"), "", help);
}

/* Twice, since nobody sees what they type. */
static int ask_twice(struct diag_list *diags, char *passphrase_out, size_t *size_out)
{
    char *again = arena_alloc(diags->arena, VAULT_PASSPHRASE_BYTES_MAX);
    size_t again_size;
    int result = system_ask_passphrase(_("A passphrase for the new store: "), passphrase_out,
                                       VAULT_PASSPHRASE_BYTES_MAX, size_out);

    if (result == 0)
        result = system_ask_passphrase(_("The same again: "), again, VAULT_PASSPHRASE_BYTES_MAX,
                                       &again_size);
    if (result == -ENOTTY)
        return passphrase_fault(
            diags, result,
            N_("there is no terminal to ask at; give --passphrase-file FILE, or "
               "name a key_file in the configuration"));
    if (result == 0 && (again_size != *size_out || memcmp(again, passphrase_out, again_size) != 0))
        result =
            passphrase_fault(diags, -EINVAL, N_("the two differ; nothing was made, try again"));
    else if (result != 0)
        passphrase_fault(diags, result, N_("a passphrase has at most 1024 bytes"));
    explicit_bzero(again, VAULT_PASSPHRASE_BYTES_MAX);
    return result;
}

static int first_passphrase(const char *file, struct diag_list *diags,
                            struct vault_opener *opener_out)
{
    char *passphrase = arena_alloc(diags->arena, VAULT_PASSPHRASE_BYTES_MAX);
    size_t size = 0;
    int result = file ? system_read_passphrase(file, passphrase, VAULT_PASSPHRASE_BYTES_MAX, &size)
                      : ask_twice(diags, passphrase, &size);

    if (file && result != 0)
        passphrase_fault(diags, result,
                         "--passphrase-file names a file with it, or - for the "
                         "standard input");
    *opener_out = (struct vault_opener){VAULT_PASSPHRASE, {passphrase, size}};
    return result;
}

static int first_opener(const struct config *config, const char *passphrase_file,
                        struct diag_list *diags, struct vault_opener *opener_out)
{
    if (passphrase_file || (!config->key_file && !config->key_credential))
        return first_passphrase(passphrase_file, diags, opener_out);
    return config->key_file ? first_key_file(config, diags, opener_out)
                            : init_read_opener(config, VAULT_CREDENTIAL, diags, opener_out);
}

int init_store(const struct config *config, const char *passphrase_file, bool is_demo,
               struct diag_list *diags, enum vault_opener_kind *kind_out)
{
    struct port_clock clock = system_clock();
    struct store_options options = {.path = config->store,
                                    .map_bytes = config->map_bytes,
                                    .now_ms = clock.wall_ms(clock.self),
                                    .demo = is_demo,
                                    .random = system_random()};
    struct stat facts;

    if (lstat(config->store, &facts) == 0) /* before a key is made that no store would need */
        return complain(diags, -EEXIST, N_("the store cannot be made: %s: %s"), config->store,
                        N_("nothing was changed; move it away if you want a new one"));
    int result = first_opener(config, passphrase_file, diags, &options.opener);
    if (result == 0)
        result = store_create(&options, diags);
    if (options.opener.secret.size > 0)
        explicit_bzero((char *)(uintptr_t)options.opener.secret.bytes, options.opener.secret.size);
    *kind_out = options.opener.kind;
    return result;
}
