/* Erasing a case: one person asks, another approves and gets the certificate, as who asks for it
 * later does. */
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "client/client.h"

enum { FIRST_PAUSE_MS = 20, LAST_PAUSE_MS = 1000 };

static struct text erase_path(struct client *client, const char *more)
{
    return text_printf(client->arena, "/v1/cases/%.*s/erase%s",
                       TEXT_ARG(http_escape(client, client->arguments[0])), more);
}

static int ask(struct client *client)
{
    struct value body = value_map(client->arena), answer;

    value_put(&body, "reason", value_cstring(client->reason));
    int result = http_post(client, false, erase_path(client, ""), &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    say(client, "Asked for. Another person erases it: sankofa case erase %s --approve",
        client->arguments[0]);
    return CLIENT_DONE;
}

/* Gone it is at once; until its old keys are destroyed takes a moment more. */
static int wait_erased(struct client *client, struct value *certificate)
{
    long wait_ms = FIRST_PAUSE_MS;
    int result = CLIENT_DONE;

    while (result == CLIENT_DONE && value_is_string(value_at(certificate, "status"), "erasing")) {
        struct timespec pause = {wait_ms / 1000, wait_ms % 1000 * 1000000};

        nanosleep(&pause, NULL);
        wait_ms = wait_ms * 2 < LAST_PAUSE_MS ? wait_ms * 2 : LAST_PAUSE_MS;
        result = http_get(client, false, erase_path(client, ""), certificate);
    }
    return result;
}

/* Why the store has not signed it. */
static int refuse_unsigned(struct text why)
{
    if (text_is(why, "erasing")) {
        complain("The case is erased, and its last keys are being destroyed: no certificate yet.");
        complain("Repeat in a moment. If it stays so: `sankofa admin status`, and the log.");
        return CLIENT_BUSY;
    }
    complain("The case is erased. The store signs no certificate: the entry that tells of it is "
             "damaged.");
    complain("`sankofa admin verify` tells what is; a backup made since the erasure has it.");
    return CLIENT_INTERNAL;
}

static void say_unproven(struct client *client, struct text why)
{
    if (text_is(why, "history-differs"))
        say(client, "The certificate is signed, and comes without a proof: the journal is not the "
                    "one that was signed. `sankofa admin verify` tells what is damaged.");
    else
        say(client, "No checkpoint covers its entry yet: the certificate has no proof. Ask for it "
                    "again later.");
}

/* What is kept: the note, and behind an empty line the proof. What it means is said by
 * `sankofa admin check`. */
static int print_certificate(struct client *client, const struct value *certificate)
{
    struct text note = value_text_at(certificate, "note");
    struct text proof = value_text_at(certificate, "proof");

    if (print_json(client, certificate))
        return CLIENT_DONE;
    if (text_is_empty(note))
        return refuse_unsigned(value_text_at(certificate, "unsigned"));
    printf("%.*s", TEXT_ARG(note));
    if (text_is_empty(proof))
        say_unproven(client, value_text_at(certificate, "unproven"));
    else
        printf("\n%.*s", TEXT_ARG(proof));
    return CLIENT_DONE;
}

static int approve(struct client *client)
{
    struct value body = value_map(client->arena), certificate;
    int result = http_post(client, false, erase_path(client, "/approve"), &body, &certificate);

    if (result == CLIENT_DONE)
        result = wait_erased(client, &certificate);
    if (result == CLIENT_DONE)
        result = print_certificate(client, &certificate);
    if (result == CLIENT_DONE)
        say(client,
            "The case is erased. Keep this certificate; `sankofa case erase %s "
            "--certificate` prints it again. Delete backups made before it in their time.",
            client->arguments[0]);
    return result;
}

static int show(struct client *client)
{
    struct value certificate;
    int result = http_get(client, false, erase_path(client, ""), &certificate);

    return result == CLIENT_DONE ? print_certificate(client, &certificate) : result;
}

int case_erase(struct client *client)
{
    if (client->approve + client->certificate + (client->reason != NULL) != 1) {
        complain("`sankofa case erase` takes --reason TEXT to ask, --approve to approve, or "
                 "--certificate.");
        complain("For instance: sankofa case erase %s --reason \"the family asked\"",
                 client->arguments[0]);
        return CLIENT_WRONG_USE;
    }
    if (client->certificate)
        return show(client);
    return client->approve ? approve(client) : ask(client);
}
