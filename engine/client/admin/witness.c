/* A witness of a store's checkpoints: another office, or a USB stick. It works without a daemon and
 * without a network.
 *
 * The happy path, in a folder of the witness's own:
 * 1. `admin witness FOLDER NAME KEYFILE` makes its key, and keeps the store's public key.
 * 2. `admin checkpoint --old SIZE` of the office that is watched gives a file.
 * 3. `admin cosign FOLDER FILE` checks the store's signature, and that the tree only grew since the
 *    checkpoint that this witness saw last; remembers the new one; prints it with its cosignature.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"
#include "store/tree/note.h"
#include "system/system.h"

/* Files of the folder. */
#define SEED_FILE "witness.key"
#define KEY_FILE  "witness.pub"
#define LOG_FILE  "log.pub"
#define SEEN_FILE "seen"

static const char *in_folder(struct client *client, const char *folder, const char *name)
{
    return text_printf(client->arena, "%s/%s", folder, name).bytes;
}

/* ---- Files: whole and on the disk, or not there. ---- */

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 || fsync(fd) != 0 ? -errno : 0;

    if (fd >= 0)
        close(fd);
    return result;
}

static int write_new(const char *path, struct text text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), result = 0;

    if (fd < 0)
        return -errno;
    while (text.size > 0 && result == 0) {
        ssize_t size = write(fd, text.bytes, text.size);
        if (size < 0 && errno != EINTR)
            result = -errno;
        text.bytes += size > 0 ? size : 0;
        text.size -= size > 0 ? (size_t)size : 0;
    }
    if (result == 0 && fsync(fd) != 0)
        result = -errno;
    if (close(fd) != 0 && result == 0)
        result = -errno;
    return result;
}

static int keep(struct client *client, const char *folder, const char *name, struct text text)
{
    const char *path = in_folder(client, folder, name);
    const char *making = text_printf(client->arena, "%s.new", path).bytes;
    int result = write_new(making, text);

    if (result == 0 && rename(making, path) != 0)
        result = -errno;
    if (result == 0)
        result = sync_folder(folder);
    if (result == 0)
        return CLIENT_DONE;
    unlink(making);
    complain("%s cannot be written: %s.", path, strerror(-result));
    complain("The witness needs a folder of its own, with some room.");
    return CLIENT_WRONG_USE;
}

/* ---- Keys. ---- */

static int read_log_key(struct client *client, const char *path, struct note_key *key_out)
{
    int result = check_read_key(client, path, key_out);

    if (result != CLIENT_DONE || key_out->kind == NOTE_LOG)
        return result;
    complain("%s is the key of a witness, not of a store.", path);
    complain("Give the store's file audit.pub.");
    return CLIENT_WRONG_USE;
}

static int make_folder(const char *folder)
{
    if (mkdir(folder, 0700) == 0)
        return CLIENT_DONE;
    complain("The folder %s cannot be made: %s.", folder, strerror(errno));
    complain("Name one that is not there yet: a witness keeps its key and what it saw in it.");
    return CLIENT_WRONG_USE;
}

int witness_make(struct client *client)
{
    const char *folder = client->arguments[0];
    struct port_random random = system_random();
    struct note_key key = {.kind = NOTE_WITNESS, .name = text_from(client->arguments[1])}, log;
    uint8_t seed[SIGN_KEY_BYTES];
    int result = read_log_key(client, client->arguments[2], &log);

    if (result == CLIENT_DONE && !note_name_is_valid(key.name)) {
        complain("\"%s\" is no name of a witness.", client->arguments[1]);
        complain("Write it without spaces and plus signs, as in bissau.example/audit");
        result = CLIENT_WRONG_USE;
    }
    if (result == CLIENT_DONE)
        result = make_folder(folder);
    if (result != CLIENT_DONE)
        return result;
    random.fill(random.self, seed, sizeof(seed));
    sign_public_key(seed, key.public_key);
    struct text line =
        text_printf(client->arena, "%.*s\n", TEXT_ARG(note_key_text(client->arena, &key)));
    struct text log_line =
        text_printf(client->arena, "%.*s\n", TEXT_ARG(note_key_text(client->arena, &log)));
    result = keep(client, folder, SEED_FILE, (struct text){(const char *)seed, sizeof(seed)});
    explicit_bzero(seed, sizeof(seed));
    if (result == CLIENT_DONE)
        result = keep(client, folder, LOG_FILE, log_line);
    if (result == CLIENT_DONE)
        result = keep(client, folder, KEY_FILE, line);
    struct value made = named_value(client, "folder", folder);
    value_put(&made, "key", value_string(line));
    if (result == CLIENT_DONE && !print_json(client, &made))
        printf("%.*s", TEXT_ARG(line));
    return result;
}

/* ---- Cosigning. ---- */

struct cosigning {
    struct client *client;
    const char *folder;
    struct note_key key, log;
    struct proof_text proof;
    bool has_seen;
    struct checkpoint seen;
};

static int read_seen(struct cosigning *cosigning)
{
    struct client *client = cosigning->client;
    const char *path = in_folder(client, cosigning->folder, SEEN_FILE);
    struct text text;
    struct note note;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return CLIENT_DONE;
    int result = audit_read_file(client, path, &text);
    if (result != CLIENT_DONE)
        return result;
    uint64_t time_s;
    if (!note_read(text, &note) ||
        note_check(client->arena, &note, &cosigning->key, &time_s) != NOTE_SIGNED)
        return check_refuse(N_("What this witness saw last is damaged: nothing is cosigned."),
                            N_("Take its file `seen` from a copy; a new witness begins anew."));
    cosigning->has_seen = true;
    cosigning->seen = note.checkpoint;
    return CLIENT_DONE;
}

static int check_signature(struct cosigning *cosigning)
{
    const struct note *note = &cosigning->proof.note;
    uint64_t time_s;

    if (!text_equal(note->checkpoint.origin, cosigning->log.name) ||
        note_check(cosigning->client->arena, note, &cosigning->log, &time_s) != NOTE_SIGNED)
        return check_refuse(
            N_("The checkpoint is not signed by the store that this witness watches."),
            N_("Was it changed on its way, or is it of another office?"));
    return CLIENT_DONE;
}

static int check_growth(struct cosigning *cosigning)
{
    const struct proof_text *proof = &cosigning->proof;
    const struct checkpoint *now = &proof->note.checkpoint, *seen = &cosigning->seen;
    uint64_t old_size = cosigning->has_seen ? seen->size : 0;

    if (proof->number != old_size) {
        complain("This witness saw the journal up to entry %llu; the file begins at %llu.",
                 (unsigned long long)old_size, (unsigned long long)proof->number);
        complain("Ask the office for: sankofa admin checkpoint --old %llu",
                 (unsigned long long)old_size);
        return CLIENT_REFUSED;
    }
    if (now->size < old_size ||
        !merkle_check_growth(&proof->proof, old_size, &seen->root, now->size, &now->root))
        return check_refuse(
            N_("The history is not the one that this witness saw: nothing is cosigned."),
            N_("Keep this file: it is the proof. Entries were changed or taken away."));
    return CLIENT_DONE;
}

static int cosign(struct cosigning *cosigning)
{
    struct client *client = cosigning->client;
    struct port_clock clock = system_clock();
    uint64_t now_s = (uint64_t)(clock.wall_ms(clock.self) / 1000);
    struct text seed, message, line, signed_note;
    uint8_t signature[SIGN_BYTES];
    int result = audit_read_file(client, in_folder(client, cosigning->folder, SEED_FILE), &seed);

    if (result != CLIENT_DONE)
        return result;
    if (seed.size != SIGN_KEY_BYTES)
        return check_refuse(N_("The key of this witness is damaged."), N_("Take it from a copy."));
    message = note_witness_message(client->arena, cosigning->proof.note.body, now_s);
    sign_bytes((const uint8_t *)seed.bytes, message.bytes, message.size, signature);
    explicit_bzero((char *)(uintptr_t)seed.bytes, seed.size);
    line = note_witness_line(client->arena, &cosigning->key, now_s, signature);
    signed_note = text_printf(client->arena, "%.*s%.*s", TEXT_ARG(cosigning->proof.note_text),
                              TEXT_ARG(line));
    /* Remembered first: what it has cosigned it must not contradict. */
    result = keep(client, cosigning->folder, SEEN_FILE, signed_note);
    struct value cosigned = value_map(client->arena);
    value_put(&cosigned, "checkpoint", value_string(signed_note));
    value_put(&cosigned, "size", value_int((int64_t)cosigning->proof.note.checkpoint.size));
    value_put(&cosigned, "by", value_string(cosigning->key.name));
    if (result == CLIENT_DONE && !print_json(client, &cosigned))
        fwrite(signed_note.bytes, 1, signed_note.size, stdout);
    return result;
}

int witness_cosign(struct client *client)
{
    struct cosigning cosigning = {.client = client, .folder = client->arguments[0]};
    struct text text;
    int result =
        check_read_key(client, in_folder(client, cosigning.folder, KEY_FILE), &cosigning.key);

    if (result == CLIENT_DONE)
        result =
            read_log_key(client, in_folder(client, cosigning.folder, LOG_FILE), &cosigning.log);
    if (result == CLIENT_DONE)
        result = audit_read_file(client, client->arguments[1], &text);
    if (result != CLIENT_DONE)
        return result;
    if (!proof_read(client->arena, text, &cosigning.proof) || !cosigning.proof.is_growth)
        return check_refuse(
            N_("The file is not what `sankofa admin checkpoint --old SIZE` prints."),
            N_("SIZE is 0 the first time, then what this witness saw last."));
    result = read_seen(&cosigning);
    if (result == CLIENT_DONE)
        result = check_signature(&cosigning);
    if (result == CLIENT_DONE)
        result = check_growth(&cosigning);
    return result == CLIENT_DONE ? cosign(&cosigning) : result;
}
