/* Checking what a store has signed, and others keep: a checkpoint, the proof of an entry, the
 * certificate of an erasure. Needs the public keys of who must have signed it; no daemon. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"
#include "store/tree/certificate.h"

int check_refuse(const char *why, const char *what_to_do)
{
    complain("%s", _(why));
    complain("%s", _(what_to_do));
    return CLIENT_REFUSED;
}

int check_read_key(struct client *client, const char *path, struct note_key *key_out)
{
    struct text text;
    int result = audit_read_file(client, path, &text);

    if (result != CLIENT_DONE)
        return result;
    const char *end = text.size ? memchr(text.bytes, '\n', text.size) : NULL;
    if (end && note_key_read((struct text){text.bytes, (size_t)(end - text.bytes)}, key_out))
        return CLIENT_DONE;
    complain("%s is no public key of a store or a witness.", path);
    complain("A store has its own in the file audit.pub; `sankofa admin key` prints it.");
    return CLIENT_WRONG_USE;
}

/* `by`: what a store calls itself in it. */
static int check_key(struct client *client, const char *path, const struct note *note,
                     struct text by)
{
    struct note_key key;
    uint64_t time_s;
    int result = check_read_key(client, path, &key);

    if (result != CLIENT_DONE)
        return result;
    if ((key.kind == NOTE_LOG && !text_equal(key.name, by)) ||
        note_check(client->arena, note, &key, &time_s) != NOTE_SIGNED) {
        complain("It is not signed by %.*s.", TEXT_ARG(key.name));
        complain("Nothing that it says is proven.");
        return CLIENT_REFUSED;
    }
    if (time_s > 0)
        print("cosigned by %.*s at %llu\n", TEXT_ARG(key.name), (unsigned long long)time_s);
    else
        print("signed by %.*s\n", TEXT_ARG(key.name));
    return CLIENT_DONE;
}

static int check_checkpoint(struct client *client, const struct note *note)
{
    int result = CLIENT_DONE;

    for (int i = 1; i < client->argument_count && result == CLIENT_DONE; i++)
        result = check_key(client, client->arguments[i], note, note->checkpoint.origin);
    return result;
}

static int check_proof(struct client *client, const struct proof_text *proof)
{
    const struct checkpoint *checkpoint = &proof->note.checkpoint;
    int result;

    if (!merkle_check_leaf(&proof->proof, &proof->leaf, proof->number, checkpoint->size,
                           &checkpoint->root))
        return check_refuse(N_("The proof does not hold: the entry is not under this checkpoint."),
                            N_("The entry or the proof was changed."));
    result = check_checkpoint(client, &proof->note);
    if (result == CLIENT_DONE)
        print("entry %llu is one of %llu\n", (unsigned long long)proof->number + 1,
              (unsigned long long)checkpoint->size);
    return result;
}

/* ---- Certificates. ---- */

/* By the first key, its store's; the others are of witnesses, who cosign checkpoints alone. */
static int check_signed(struct client *client, const struct certificate_file *file)
{
    struct note_key key;
    int result = check_read_key(client, client->arguments[1], &key);

    if (result == CLIENT_DONE && key.kind != NOTE_LOG) {
        complain("%s is the key of a witness, not of a store.", client->arguments[1]);
        complain("Give the store's file audit.pub first.");
        return CLIENT_WRONG_USE;
    }
    if (result == CLIENT_DONE && !file->has_proof && client->argument_count > 2)
        return check_refuse(
            N_("The certificate comes without a proof: no witness has cosigned it."),
            N_("`sankofa case erase CASE --certificate` prints it with one."));
    return result != CLIENT_DONE
               ? result
               : check_key(client, client->arguments[1], &file->note, file->certificate.store);
}

static int check_certificate(struct client *client, const struct certificate_file *file)
{
    const struct certificate *it = &file->certificate;
    int result = check_signed(client, file);

    if (result == CLIENT_DONE && file->has_proof) {
        if (!certificate_is_proven(file))
            return check_refuse(N_("The proof behind the certificate does not hold."),
                                N_("It is of another entry, or it was changed."));
        result = check_proof(client, &file->proof);
    }
    if (result != CLIENT_DONE)
        return result;
    print("the case %.*s was erased for good\n",
          TEXT_ARG(text_is_empty(it->code) ? it->id : it->code));
    print("asked for by %.*s, approved by %.*s at %.*s\n", TEXT_ARG(it->asked_by),
          TEXT_ARG(it->approved_by), TEXT_ARG(it->erased));
    print("its last key destroyed at %.*s\n", TEXT_ARG(it->finished));
    return CLIENT_DONE;
}

/* Behind the file the keys of all who must have signed it. */
int check_file(struct client *client)
{
    struct certificate_file certificate;
    struct proof_text proof;
    struct text text;
    struct note note;
    int result = audit_read_file(client, client->arguments[0], &text);

    if (result != CLIENT_DONE)
        return result;
    if (certificate_read(client->arena, text, &certificate))
        return check_certificate(client, &certificate);
    if (proof_read(client->arena, text, &proof) && !proof.is_growth)
        return check_proof(client, &proof);
    if (!note_read(text, &note))
        return check_refuse(
            N_("The file is no certificate, no proof of an entry and no checkpoint, or it "
               "was changed."),
            N_("`sankofa admin proof SEQ` and `sankofa admin checkpoint` print them, "
               "`sankofa case erase CASE --certificate` a certificate."));
    result = check_checkpoint(client, &note);
    if (result == CLIENT_DONE)
        print("a checkpoint of %llu entries\n", (unsigned long long)note.checkpoint.size);
    return result;
}
