/* The daemon itself, the clock of a demo store, and requests as they are. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/when.h"
#include "client/client.h"

enum { NAME_COLUMNS = 30 };

/* What a member of the status tells; one of a later daemon by its name. */
static struct text member_words(struct text name)
{
    static const struct worded members[] = {{"version", N_("version")},
                                            {"state", N_("state")},
                                            {"sealed", N_("sealed")},
                                            {"now", N_("now")},
                                            {"demo", N_("a demo store")},
                                            {"cases", N_("cases")},
                                            {"open", N_("cases that are open")},
                                            {"overdue", N_("cases past a deadline")},
                                            {"in_memory", N_("cases in memory")},
                                            {"quarantined", N_("cases put aside")},
                                            {"workflows", N_("workflows")},
                                            {"calls", N_("calls of plugins")},
                                            {"calls_away", N_("calls that wait for a plugin")},
                                            {"steps_to_settle", N_("steps to settle")},
                                            {"seq", N_("last entry")},
                                            {"horizon", N_("last entry of a checkpoint")},
                                            {"batches", N_("writes to the disk")},
                                            {"epoch", N_("epoch of the keys")},
                                            {"rotating", N_("keys are being changed")},
                                            {"disk_full", N_("disk full")},
                                            {"plugins", N_("plugins")},
                                            {NULL, NULL}};

    return words_for(members, name, name);
}

static void print_pair(struct text name, struct text text)
{
    look_write(stdout, name, 0, 0);
    look_beside(stdout, text, look_width(name), NAME_COLUMNS, 4);
    putchar('\n');
}

static void print_member(struct client *client, const struct value_member *member)
{
    struct text name = member_words(member->key);

    if (text_is(member->key, "state")) {
        print_pair(name, state_words(member->value.string));
    } else if (member->value.kind != VALUE_LIST) {
        struct text text = print_value(client, &member->value);
        print_pair(name, print_time(client, text));
    }
    for (size_t i = 0; i < value_count(&member->value); i++) {
        const struct value *plugin = value_item(&member->value, i);
        print_pair(i == 0 ? name : TEXT(""), plugin_line(client, plugin, true));
    }
}

/* The staff socket answers this too; the admin socket is asked where none is named. */
int admin_status(struct client *client)
{
    struct value body;
    int result = http_get(client, true, TEXT("/v1/status"), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    for (size_t i = 0; i < value_count(&body); i++)
        print_member(client, value_member(&body, i));
    return CLIENT_DONE;
}

int admin_clock(struct client *client)
{
    const char *span = client->arguments[0];
    struct value body = value_map(client->arena), answer;
    int64_t milliseconds;

    span += span[0] == '+';
    if (!when_read_span(text_from(span), &milliseconds)) {
        complain("\"%s\" is no span of time.", client->arguments[0]);
        complain("Write, for instance, +31d or \"+2h 30min\".");
        return CLIENT_WRONG_USE;
    }
    value_put(&body, "advance", value_cstring(span));
    int result = http_post(client, true, TEXT("/v1/admin/clock"), &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    printf("%.*s\n", TEXT_ARG(print_time(client, value_text_at(&answer, "now"))));
    return CLIENT_DONE;
}

static bool is_method(const char *method)
{
    for (const char *at = method; *at; at++)
        if (!isupper((unsigned char)*at))
            return false;
    return method[0] != '\0';
}

int api_call(struct client *client)
{
    const char *method = client->arguments[0], *path = client->arguments[1];
    bool is_admin =
        strncmp(path, "/v1/admin/", 10) == 0 || strncmp(path, "/v1/operations/", 15) == 0;
    struct text body = text_from(client->body);
    struct client_answer answer;

    if (!is_method(method) || path[0] != '/') {
        complain("api takes a method in capitals and a path, as in: GET /v1/status");
        complain("The routes are in the reference page of the socket.");
        return CLIENT_WRONG_USE;
    }
    int result = http_ask(client, method, is_admin, text_from(path), client->body ? &body : NULL,
                          client->body ? "application/json" : NULL, &answer);
    if (result != CLIENT_DONE)
        return result;
    if (answer.status >= 400)
        return print_problem(client, &answer);
    printf("%.*s\n", TEXT_ARG(answer.raw));
    return CLIENT_DONE;
}
