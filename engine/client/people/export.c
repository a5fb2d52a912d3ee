/* Exporting a case: one person asks, another approves, both may fetch it for a day. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/client.h"
#include "vault/vault.h"

static struct text export_path(struct client *client, const char *more)
{
    return text_printf(client->arena, "/v1/cases/%.*s/export%s",
                       TEXT_ARG(http_escape(client, client->arguments[0])), more);
}

static int ask(struct client *client)
{
    struct value body = value_map(client->arena), answer;

    value_put(&body, "reason", value_cstring(client->reason));
    value_put(&body, "recipient", value_cstring(client->recipient));
    int result = http_post(client, false, export_path(client, ""), &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    say(client, "Asked for. Another person approves it: sankofa case export %s --approve",
        client->arguments[0]);
    return CLIENT_DONE;
}

static int approve(struct client *client)
{
    struct value body = value_map(client->arena), answer;
    int result = http_post(client, false, export_path(client, "/approve"), &body, &answer);

    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    say(client, "Approved. For a day you two may fetch it: sankofa case export %s %s.tar.age",
        client->arguments[0], client->arguments[0]);
    return CLIENT_DONE;
}

static int fetch(struct client *client)
{
    struct transfer_wanted wanted = {
        .path = export_path(client, ""), .size = -1, .hasher = vault_hasher_create()};
    const char *path = client->arguments[1];
    bool is_output = strcmp(path, "-") == 0;
    int result =
        is_output ? transfer_get(client, &wanted, STDOUT_FILENO) : save_file(client, path, &wanted);

    vault_hasher_destroy(wanted.hasher);
    struct value file = named_value(client, "file", path);
    if (result == CLIENT_DONE && !is_output && !print_json(client, &file)) {
        printf("%s\n", path);
        say(client, "Only its recipient opens it: age -d -i IDENTITY %s | tar -x", path);
    }
    return result;
}

int case_export(struct client *client)
{
    bool asks = client->reason || client->recipient, fetches = client->argument_count > 1;

    if (asks + client->approve + fetches != 1 ||
        (asks && (!client->reason || !client->recipient))) {
        complain("`sankofa case export` takes --reason and --recipient to ask, --approve to "
                 "approve, or a FILE to fetch.");
        complain("For instance: sankofa case export %s --reason \"she asks for it\" "
                 "--recipient age1...",
                 client->arguments[0]);
        return CLIENT_WRONG_USE;
    }
    return asks ? ask(client) : client->approve ? approve(client) : fetch(client);
}
