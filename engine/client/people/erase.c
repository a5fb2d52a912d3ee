/* Erasing a case: one person asks, another approves and gets the certificate. */
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

static int approve(struct client *client)
{
    struct value body = value_map(client->arena), certificate;
    int result = http_post(client, false, erase_path(client, "/approve"), &body, &certificate);

    if (result == CLIENT_DONE)
        result = wait_erased(client, &certificate);
    if (result != CLIENT_DONE || print_json(client, &certificate))
        return result;
    for (size_t i = 0; i < value_count(&certificate); i++) {
        const struct value_member *member = value_member(&certificate, i);
        printf("%-14.*s %.*s\n", TEXT_ARG(member->key),
               TEXT_ARG(print_value(client, &member->value)));
    }
    say(client, "Keep this: it is the certificate. Delete backups made before it in their time.");
    return CLIENT_DONE;
}

int case_erase(struct client *client)
{
    if (client->approve == (client->reason != NULL)) {
        complain("`sankofa case erase` takes --reason TEXT to ask, or --approve to approve.");
        complain("For instance: sankofa case erase %s --reason \"the family asked\"",
                 client->arguments[0]);
        return CLIENT_WRONG_USE;
    }
    return client->approve ? approve(client) : ask(client);
}
