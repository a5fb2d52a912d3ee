/* Checking what a store has signed, and others keep: a checkpoint, the proof of an entry, the
 * certificate of an erasure. Needs the public keys of who must have signed it; no daemon. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/when.h"
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

/* What was found, told at once to people, and to programs in the end. */
struct checking {
    struct client *client;
    struct value found;   /* {kind, signed, ...} */
    struct value signers; /* [{by, at?}]; `at`: of a cosignature, seconds since 1970 */
};

static void found_signer(struct checking *checking, struct text by, uint64_t time_s)
{
    struct client *client = checking->client;
    struct value signer = value_map(client->arena);
    struct text at =
        when_write_timestamp(client->arena, (struct instant){.seconds = (int64_t)time_s});

    value_put(&signer, "by", value_string(by));
    if (time_s > 0)
        value_put(&signer, "at", value_string(at));
    value_append(&checking->signers, signer);
    if (client->json)
        return;
    if (time_s > 0)
        print("cosigned by %.*s at %.*s\n", TEXT_ARG(by), TEXT_ARG(print_time(client, at)));
    else
        print("signed by %.*s\n", TEXT_ARG(by));
}

static void found_text(struct checking *checking, const char *name, struct text text)
{
    value_put(&checking->found, name, value_string(text));
}

static void found_count(struct checking *checking, const char *name, uint64_t count)
{
    value_put(&checking->found, name, value_int((int64_t)count));
}

/* `by`: what a store calls itself in it. */
static int check_key(struct checking *checking, const char *path, const struct note *note,
                     struct text by)
{
    struct client *client = checking->client;
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
    found_signer(checking, key.name, time_s);
    return CLIENT_DONE;
}

static int check_checkpoint(struct checking *checking, const struct note *note)
{
    struct client *client = checking->client;
    int result = CLIENT_DONE;

    for (int i = 1; i < client->argument_count && result == CLIENT_DONE; i++)
        result = check_key(checking, client->arguments[i], note, note->checkpoint.origin);
    found_count(checking, "size", note->checkpoint.size);
    return result;
}

static int check_proof(struct checking *checking, const struct proof_text *proof)
{
    const struct checkpoint *checkpoint = &proof->note.checkpoint;
    int result;

    if (!merkle_check_leaf(&proof->proof, &proof->leaf, proof->number, checkpoint->size,
                           &checkpoint->root))
        return check_refuse(N_("The proof does not hold: the entry is not under this checkpoint."),
                            N_("The entry or the proof was changed."));
    result = check_checkpoint(checking, &proof->note);
    found_count(checking, "entry", proof->number + 1);
    if (result == CLIENT_DONE && !checking->client->json)
        print("entry %llu is one of %llu\n", (unsigned long long)proof->number + 1,
              (unsigned long long)checkpoint->size);
    return result;
}

/* ---- Certificates. ---- */

/* By the first key, its store's; the others are of witnesses, who cosign checkpoints alone. */
static int check_signed(struct checking *checking, const struct certificate_file *file)
{
    struct client *client = checking->client;
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
               : check_key(checking, client->arguments[1], &file->note, file->certificate.store);
}

static void found_certificate(struct checking *checking, const struct certificate *it)
{
    found_text(checking, "code", it->code);
    found_text(checking, "id", it->id);
    found_text(checking, "asked_by", it->asked_by);
    found_text(checking, "approved_by", it->approved_by);
    found_text(checking, "erased", it->erased);
    found_text(checking, "finished", it->finished);
    struct client *client = checking->client;
    if (client->json)
        return;
    print("the case %.*s was erased for good\n",
          TEXT_ARG(text_is_empty(it->code) ? it->id : it->code));
    print("asked for by %.*s, approved by %.*s at %.*s\n", TEXT_ARG(it->asked_by),
          TEXT_ARG(it->approved_by), TEXT_ARG(print_time(client, it->erased)));
    print("its last key destroyed at %.*s\n", TEXT_ARG(print_time(client, it->finished)));
}

static int check_certificate(struct checking *checking, const struct certificate_file *file)
{
    int result = check_signed(checking, file);

    if (result == CLIENT_DONE && file->has_proof) {
        if (!certificate_is_proven(file))
            return check_refuse(N_("The proof behind the certificate does not hold."),
                                N_("It is of another entry, or it was changed."));
        result = check_proof(checking, &file->proof);
    }
    if (result == CLIENT_DONE)
        found_certificate(checking, &file->certificate);
    return result;
}

static int check_text(struct checking *checking, struct text text)
{
    struct client *client = checking->client;
    struct certificate_file certificate;
    struct proof_text proof;
    struct note note;

    if (certificate_read(client->arena, text, &certificate)) {
        found_text(checking, "kind", TEXT("certificate"));
        return check_certificate(checking, &certificate);
    }
    if (proof_read(client->arena, text, &proof) && !proof.is_growth) {
        found_text(checking, "kind", TEXT("proof"));
        return check_proof(checking, &proof);
    }
    if (!note_read(text, &note))
        return check_refuse(
            N_("The file is no certificate, no proof of an entry and no checkpoint, or it "
               "was changed."),
            N_("`sankofa admin proof SEQ` and `sankofa admin checkpoint` print them, "
               "`sankofa case erase CASE --certificate` a certificate."));
    found_text(checking, "kind", TEXT("checkpoint"));
    int result = check_checkpoint(checking, &note);
    if (result == CLIENT_DONE && !client->json)
        print("a checkpoint up to entry %llu\n", (unsigned long long)note.checkpoint.size);
    return result;
}

/* Behind the file the keys of all who must have signed it. */
int check_file(struct client *client)
{
    struct checking checking = {
        .client = client, .found = value_map(client->arena), .signers = value_list(client->arena)};
    struct text text;
    int result = audit_read_file(client, client->arguments[0], &text);

    if (result == CLIENT_DONE)
        result = check_text(&checking, text);
    value_put(&checking.found, "signed", checking.signers);
    if (result == CLIENT_DONE)
        print_json(client, &checking.found);
    return result;
}
