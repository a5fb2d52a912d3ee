/* The keys of the store, and unlocking it. What is secret is read from a terminal without echo or
 * from a file, never from the command line, which others of this machine can see. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/client.h"
#include "system/system.h"
#include "vault/keys.h"
#include "vault/slots/shares.h"

enum { FILE_BYTES_MAX = 16 << 10, NEW_KEY_BYTES = 64 };

/* ---- What is read. ---- */

static int refuse_read(int result)
{
    if (result == -ENOTTY) {
        complain("There is no terminal to ask for the passphrase at.");
        complain("Give --passphrase-file FILE, or --passphrase-file - for the standard input.");
    } else {
        complain("The passphrase cannot be read: %s.", strerror(-result));
        complain("A passphrase has at most %d bytes.", VAULT_PASSPHRASE_BYTES_MAX);
    }
    return CLIENT_WRONG_USE;
}

static int read_passphrase(struct client *client, const char *prompt, struct text *passphrase_out)
{
    char *bytes = arena_alloc(client->arena, VAULT_PASSPHRASE_BYTES_MAX);
    size_t size = 0;
    int result = client->passphrase_file
                     ? system_read_passphrase(client->passphrase_file, bytes,
                                              VAULT_PASSPHRASE_BYTES_MAX, &size)
                     : system_ask_passphrase(prompt, bytes, VAULT_PASSPHRASE_BYTES_MAX, &size);

    *passphrase_out = (struct text){bytes, size};
    return result == 0 ? CLIENT_DONE : refuse_read(result);
}

/* Twice where it is typed. */
static int read_new_passphrase(struct client *client, struct text *passphrase_out)
{
    struct text again;
    int result = read_passphrase(client, _("The new passphrase: "), passphrase_out);

    if (result != CLIENT_DONE || client->passphrase_file)
        return result;
    result = read_passphrase(client, _("The same again: "), &again);
    if (result == CLIENT_DONE && !text_equal(*passphrase_out, again)) {
        complain("The two differ.");
        complain("Nothing was changed; try again.");
        return CLIENT_WRONG_USE;
    }
    return result;
}

/* Paragraphs: one share each. */
static int read_shares(struct client *client, struct value *list_out)
{
    char *bytes = arena_alloc(client->arena, FILE_BYTES_MAX);
    struct text shares[SHARES_MADE];
    size_t size = 0;
    bool is_typed = strcmp(client->shares, "-") == 0 && isatty(STDIN_FILENO) == 1;

    if (is_typed)
        say(client, "Type the shares, an empty line between two of them; end with Ctrl-D.");
    int result = system_read_passphrase(client->shares, bytes, FILE_BYTES_MAX, &size);
    if (result != 0) {
        complain("The shares cannot be read: %s.", strerror(-result));
        complain("--shares names a file with them, or - for the standard input.");
        return CLIENT_WRONG_USE;
    }
    size_t count = shares_split((struct text){bytes, size}, shares);
    *list_out = value_list(client->arena);
    for (size_t i = 0; i < count; i++)
        value_append(list_out, value_string(shares[i]));
    return CLIENT_DONE;
}

/* ---- Unlocking. ---- */

int admin_unlock(struct client *client)
{
    struct value status, body = value_map(client->arena), shares, answer;
    struct text passphrase;
    int result = http_get(client, true, TEXT("/v1/status"), &status);

    if (result != CLIENT_DONE)
        return result;
    if (!value_bool_at(&status, "sealed")) {
        if (!print_json(client, &status))
            say(client, "The store is open already.");
        return CLIENT_DONE;
    }
    if (client->shares) {
        result = read_shares(client, &shares);
        value_put(&body, "shares", shares);
    } else {
        result = read_passphrase(client, _("The passphrase of the store: "), &passphrase);
        value_put(&body, "passphrase", value_string(passphrase));
    }
    if (result == CLIENT_DONE)
        result = http_post(client, true, TEXT("/v1/admin/unlock"), &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    say(client, "The store is open.");
    return CLIENT_DONE;
}

/* ---- Slots. ---- */

/* How the daemon names kinds of slots, in words. */
static struct text kind_words(struct text kind)
{
    static const char *const named[] = {N_("key file"), N_("passphrase"), N_("credential"),
                                        N_("recovery")};

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (text_is(kind, named[i]))
            return text_from(_(named[i]));
    return kind;
}

int keys_list(struct client *client)
{
    static const char *const heads[] = {N_("SLOT"), N_("KIND"), N_("LABEL"), N_("ADDED")};
    struct value body;
    int result = http_get(client, true, TEXT("/v1/admin/keys"), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *slots = value_at(&body, "slots");
    long long epoch = value_int_at(&body, "epoch", 0);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, 4 * value_count(slots) + 1);
    for (size_t i = 0; i < value_count(slots); i++) {
        const struct value *slot = value_item(slots, i);
        cells[4 * i] = print_value(client, value_at(slot, "slot"));
        cells[4 * i + 1] = kind_words(value_text_at(slot, "kind"));
        cells[4 * i + 2] = print_value(client, value_at(slot, "label"));
        cells[4 * i + 3] = print_time(client, value_text_at(slot, "added"));
    }
    print_table(client, heads, 4, cells, value_count(slots));
    if (value_bool_at(&body, "rotating"))
        say(client, "Epoch %lld; records are being brought under it.", epoch);
    else
        say(client, "Epoch %lld.", epoch);
    return CLIENT_DONE;
}

/* A key file that is not there is made, whole and on the disk before its slot. */
static int make_key(const char *path)
{
    struct port_random random = system_random();
    uint8_t key[NEW_KEY_BYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    random.fill(random.self, key, sizeof(key));
    ssize_t written = write(fd, key, sizeof(key));
    int result = written == (ssize_t)sizeof(key) && fsync(fd) == 0 ? 0 : -EIO;
    explicit_bzero(key, sizeof(key));
    close(fd);
    if (result != 0)
        unlink(path);
    return result;
}

static int add_key(struct client *client, struct value *body, bool makes)
{
    struct port_files files = system_files();
    const char *path = client->argument_count > 1 ? client->arguments[1] : NULL;
    struct text key;

    if (!path) {
        complain("This kind of slot needs a FILE.");
        complain("For instance: sankofa admin keys add-slot key-file /media/stick/key");
        return CLIENT_WRONG_USE;
    }
    int result = makes ? make_key(path) : 0;
    if (result == 0)
        result = files.read(files.self, client->arena, path, VAULT_KEY_BYTES_MAX, &key);
    if (result != 0) {
        complain("The key in %s cannot be used: %s.", path, strerror(-result));
        complain("It has %d to %d bytes.", VAULT_KEY_BYTES_MIN, VAULT_KEY_BYTES_MAX);
        return CLIENT_WRONG_USE;
    }
    value_put(body, "key", value_string(text_hex(client->arena, key.bytes, key.size)));
    return CLIENT_DONE;
}

static int add_passphrase(struct client *client, struct value *body, bool makes)
{
    struct text passphrase;
    int result = read_new_passphrase(client, &passphrase);

    (void)makes;
    value_put(body, "passphrase", value_string(passphrase));
    return result;
}

static int add_nothing(struct client *client, struct value *body, bool makes)
{
    (void)client;
    (void)body;
    (void)makes;
    return CLIENT_DONE;
}

static const struct {
    const char *word, *kind;
    int (*add)(struct client *client, struct value *body, bool makes);
    bool makes; /* the file, where there is none */
} kinds[] = {
    {"key-file", "key_file", add_key, true},
    {"passphrase", "passphrase", add_passphrase, false},
    {"credential", "credential", add_key, false},
    {"recovery", "recovery", add_nothing, false},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

/* For paper: each on a page of its own would be best. */
static void print_shares(struct client *client, const struct value *answer)
{
    const struct value *shares = value_at(answer, "shares");

    if (!shares)
        return;
    for (size_t i = 0; i < value_count(shares); i++)
        print("Share %zu of %zu\n\n%.*s\n\n", i + 1, value_count(shares),
              TEXT_ARG(value_item(shares, i)->string));
    say(client,
        "Write each on paper of its own, give them to five people, and clear this screen: they "
        "are not shown again. Any %lld open the store.",
        (long long)value_int_at(answer, "needed", 0));
}

static int find_kind(const char *word, size_t *index_out)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i].word, word) == 0) {
            *index_out = i;
            return CLIENT_DONE;
        }
    complain("There is no kind of slot \"%s\".", word);
    complain("There are: key-file FILE, passphrase, credential FILE, recovery.");
    return CLIENT_WRONG_USE;
}

int keys_add_slot(struct client *client)
{
    struct value body = value_map(client->arena), answer;
    size_t index;
    int result = find_kind(client->arguments[0], &index);

    if (result != CLIENT_DONE)
        return result;
    value_put(&body, "kind", value_cstring(kinds[index].kind));
    if (client->label)
        value_put(&body, "label", value_cstring(client->label));
    result = kinds[index].add(client, &body, kinds[index].makes);
    if (result == CLIENT_DONE)
        result = http_post(client, true, TEXT("/v1/admin/keys/slots"), &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    print_shares(client, &answer);
    say(client, "Slot %lld was added.", (long long)value_int_at(&answer, "slot", 0));
    return CLIENT_DONE;
}

int keys_remove_slot(struct client *client)
{
    struct text path = text_printf(client->arena, "/v1/admin/keys/slots/%.*s/remove",
                                   TEXT_ARG(http_escape(client, client->arguments[0])));
    struct value body = value_map(client->arena), answer;
    int result = http_post(client, true, path, &body, &answer);

    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    say(client, "Slot %lld (%.*s) was removed.", (long long)value_int_at(&answer, "slot", 0),
        TEXT_ARG(kind_words(value_text_at(&answer, "slot_kind"))));
    return CLIENT_DONE;
}

int keys_rotate(struct client *client)
{
    struct value body = value_map(client->arena), begun, result_value;
    int result = http_post(client, true, TEXT("/v1/admin/keys/rotate"), &body, &begun);

    if (result == CLIENT_DONE)
        result = operation_follow(client, &begun, &result_value);
    if (result != CLIENT_DONE || print_json(client, &result_value))
        return result;
    say(client, "Epoch %lld; the one before is destroyed. Records brought under it: %lld.",
        (long long)value_int_at(&result_value, "epoch", 0),
        (long long)value_int_at(&result_value, "records", 0));
    return CLIENT_DONE;
}
