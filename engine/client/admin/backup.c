/* Backups, their key, and the way back. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "client/client.h"
#include "vault/age/age.h"
#include "words/place.h"

/* The daemon has another working folder. */
static const char *absolute(struct client *client, const char *path)
{
    char folder[PATH_MAX];

    if (path[0] == '/' || !getcwd(folder, sizeof(folder)))
        return path;
    return text_printf(client->arena, "%s/%s", folder, path).bytes;
}

int admin_backup(struct client *client)
{
    struct value body = value_map(client->arena), begun, found;

    value_put(&body, "file", value_cstring(absolute(client, client->arguments[0])));
    int result = http_post(client, true, TEXT("/v1/admin/backup"), &body, &begun);
    if (result == CLIENT_DONE)
        result = operation_follow(client, &begun, &found);
    if (result != CLIENT_DONE || print_json(client, &found))
        return result;
    printf("%.*s\n", TEXT_ARG(value_text_at(&found, "file")));
    say(client, "%lld bytes, up to entry %lld; cases: %lld. Read again and found whole.",
        (long long)value_int_at(&found, "bytes", 0), (long long)value_int_at(&found, "seq", 0),
        (long long)value_int_at(&found, "cases", 0));
    return CLIENT_DONE;
}

/* ---- The key. ---- */

static void fill(void *self, void *bytes_out, size_t size)
{
    (void)self;
    CHECK(getrandom(bytes_out, size, 0) == (ssize_t)size);
}

static int refuse_file(const char *path, int error)
{
    complain("%s cannot be made: %s.", path, strerror(error));
    complain("Name a file that is not there yet, in a folder that is yours.");
    return EXIT_FAILURE;
}

static int write_identity(const char *path, const char *identity, const char *recipient)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (!file)
        return refuse_file(path, errno);
    fprintf(file, "# backup key; its recipient: %s\n%s\n", recipient, identity);
    bool good = fflush(file) == 0 && fsync(fd) == 0;
    good = fclose(file) == 0 && good;
    if (good)
        return CLIENT_DONE;
    int error = errno;
    unlink(path);
    return refuse_file(path, error);
}

int admin_backup_key(struct client *client)
{
    struct port_random random = {.fill = fill};
    char identity[AGE_TEXT_BYTES], recipient[AGE_TEXT_BYTES];

    age_identity_create(&random, identity, recipient);
    int result = write_identity(client->arguments[0], identity, recipient);
    explicit_bzero(identity, sizeof(identity));
    struct value made = named_value(client, "file", client->arguments[0]);
    value_put(&made, "recipient", value_cstring(recipient));
    if (result != CLIENT_DONE || print_json(client, &made))
        return result;
    puts(recipient);
    say(client, "Keep %s away from this machine, and twice: without it no backup can be opened.",
        client->arguments[0]);
    say(client, "Put the line above into the file that backup_recipients names in sankofad.yaml.");
    return CLIENT_DONE;
}

/* ---- The way back: sankofad does it, offline. ---- */

int admin_restore(struct client *client)
{
    const char *arguments[16] = {place_beside(client->arena, "sankofad")};
    const struct {
        const char *name, *value;
    } options[] = {
        {"--config", client->config},     {"--restore", client->arguments[0]},
        {"--identity", client->identity}, {"--reason", client->reason},
        {"--old", client->old},           {"--passphrase-file", client->passphrase_file},
        {"--shares", client->shares},
    };
    size_t count = 1;

    if (!client->config || !client->identity || !client->reason) {
        complain("`sankofa admin restore` needs --config, --identity and --reason.");
        complain("For instance: sankofa admin restore monday.backup --config sankofad.yaml "
                 "--identity office.identity --reason \"the disk broke\"");
        return CLIENT_WRONG_USE;
    }
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i].value) {
            arguments[count++] = options[i].name;
            arguments[count++] = options[i].value;
        }
    execv(arguments[0], (char **)(uintptr_t)arguments);
    complain("%s cannot be started: %s.", arguments[0], strerror(errno));
    complain("It must stand beside this program.");
    return EXIT_FAILURE;
}
