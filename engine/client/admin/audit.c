/* Checkpoints, proofs and the check of every record, as the daemon gives them. What needs no daemon
 * is in witness.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"
#include "store/tree/note.h"
#include "system/system.h"

static int print_text(struct client *client, const struct value *body, const char *name)
{
    struct text text = value_text_at(body, name);

    if (!print_json(client, body))
        fwrite(text.bytes, 1, text.size, stdout);
    return CLIENT_DONE;
}

static int list_all(struct client *client)
{
    struct value body;
    int result = http_get(client, true, TEXT("/v1/admin/checkpoints"), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *list = value_at(&body, "checkpoints");
    for (size_t i = 0; i < value_count(list); i++) {
        struct text text = value_text_at(value_item(list, i), "checkpoint");
        printf("%s%.*s", i > 0 ? "\n" : "", TEXT_ARG(text));
    }
    return CLIENT_DONE;
}

int audit_checkpoint(struct client *client)
{
    struct value none = value_map(client->arena), body;
    struct text path = TEXT("/v1/admin/checkpoint");

    if (client->all)
        return list_all(client);
    if (client->old)
        path = text_printf(client->arena, "/v1/admin/checkpoint?old=%.*s",
                           TEXT_ARG(http_escape(client, client->old)));
    int result = http_post(client, true, path, &none, &body);
    return result == CLIENT_DONE ? print_text(client, &body, "checkpoint") : result;
}

int audit_proof(struct client *client)
{
    struct value body;
    struct text path = text_printf(client->arena, "/v1/admin/proof?seq=%.*s",
                                   TEXT_ARG(http_escape(client, client->arguments[0])));
    int result = http_get(client, true, path, &body);

    return result == CLIENT_DONE ? print_text(client, &body, "proof") : result;
}

int audit_key(struct client *client)
{
    struct value body;
    int result = http_get(client, true, TEXT("/v1/admin/checkpoints"), &body);

    return result == CLIENT_DONE ? print_text(client, &body, "key") : result;
}

int audit_read_file(struct client *client, const char *path, struct text *text_out)
{
    struct port_files files = system_files();
    int result = files.read(files.self, client->arena, path, AUDIT_FILE_BYTES_MAX, text_out);

    if (result == 0)
        return CLIENT_DONE;
    complain("%s cannot be read: %s.", path, strerror(-result));
    complain("Give the path of a file that a command of Sankofa has written.");
    return CLIENT_WRONG_USE;
}

/* ---- Quarantine. ---- */

static void print_aside(const struct value *one)
{
    struct text code = value_text_at(one, "code"), what = value_text_at(one, "what");
    int64_t seq = value_int_at(one, "seq", 0);

    printf("%.*s ", TEXT_ARG(code.size > 0 ? code : value_text_at(one, "id")));
    if (seq != 0)
        printf(_("entry %lld of the journal is damaged\n"), (long long)seq);
    else if (text_is(what, "definition"))
        printf(_("its definition is damaged\n"));
    else
        printf(_("its snapshot is damaged\n"));
}

int audit_quarantine(struct client *client)
{
    struct value body;
    int result = http_get(client, true, TEXT("/v1/admin/quarantine"), &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *cases = value_at(&body, "cases");
    for (size_t i = 0; i < value_count(cases); i++)
        print_aside(value_item(cases, i));
    if (value_count(cases) == 0)
        say(client, "No case is put aside.");
    else
        say(client, "Keep a copy of this store as it is, and bring the newest backup from before "
                    "the damage back.");
    return CLIENT_DONE;
}

/* ---- Verify. ---- */

static void print_finding(struct client *client, const struct value *finding)
{
    struct text key = value_text_at(finding, "key");
    int64_t seq = value_int_at(finding, "seq", 0);

    if (seq != 0)
        key = text_printf(client->arena, "%lld", (long long)seq);
    printf("%.*s %.*s %.*s\n", TEXT_ARG(value_text_at(finding, "table")), TEXT_ARG(key),
           TEXT_ARG(heard(client, value_text_at(finding, "what"))));
}

static unsigned long count_at(const struct value *body, const char *name)
{
    return (unsigned long)value_int_at(body, name, 0);
}

/* `format` is what ngettext gave for that count. */
static void print_count(const char *format, unsigned long count, const char *behind)
{
    printf(format, (long long)count);
    fputs(behind, stdout);
}

static int print_verified(struct client *client, const struct value *body)
{
    const struct value *findings = value_at(body, "findings");
    int64_t found = value_int_at(body, "found", 0);

    if (!print_json(client, body)) {
        for (size_t i = 0; i < value_count(findings); i++)
            print_finding(client, value_item(findings, i));
        print_count(ngettext("%lld entry", "%lld entries", count_at(body, "entries")),
                    count_at(body, "entries"), ", ");
        print_count(ngettext("%lld checkpoint", "%lld checkpoints", count_at(body, "checkpoints")),
                    count_at(body, "checkpoints"), ", ");
        print_count(ngettext("%lld other record", "%lld other records", count_at(body, "records")),
                    count_at(body, "records"), colon(client));
        if (found == 0)
            print("all whole\n");
        else
            print("%lld not whole\n", (long long)found);
    }
    return found == 0 ? CLIENT_DONE : CLIENT_REFUSED;
}

int audit_verify(struct client *client)
{
    struct value request = value_map(client->arena), body, result_body;
    struct text against;
    int result = CLIENT_DONE;

    if (client->against)
        result = audit_read_file(client, client->against, &against);
    if (result == CLIENT_DONE && client->against)
        value_put(&request, "against", value_string(against));
    if (result == CLIENT_DONE)
        result = http_post(client, true, TEXT("/v1/admin/verify"), &request, &body);
    if (result == CLIENT_DONE)
        result = operation_follow(client, &body, &result_body);
    return result == CLIENT_DONE ? print_verified(client, &result_body) : result;
}

/* ---- Replay. ---- */

static int print_replayed(struct client *client, const struct value *body)
{
    const struct value *differences = value_at(body, "differences");
    int64_t differing = value_int_at(body, "differing", 0), busy = value_int_at(body, "busy", 0);

    if (!print_json(client, body)) {
        for (size_t i = 0; i < value_count(differences); i++) {
            const struct value *one = value_item(differences, i);
            printf("%.*s %lld%s%.*s %.*s\n", TEXT_ARG(value_text_at(one, "code")),
                   (long long)value_int_at(one, "seq", 0), value_at(one, "at") ? " " : "",
                   TEXT_ARG(value_text_at(one, "at")),
                   TEXT_ARG(heard(client, value_text_at(one, "what"))));
        }
        print_count(ngettext("%lld case", "%lld cases", count_at(body, "cases")),
                    count_at(body, "cases"), ", ");
        print_count(ngettext("%lld entry", "%lld entries", count_at(body, "entries")),
                    count_at(body, "entries"), colon(client));
        if (differing == 0)
            print("all the same\n");
        else
            print_count(
                ngettext("%lld case differs", "%lld cases differ", (unsigned long)differing),
                (unsigned long)differing, "\n");
        if (busy > 0)
            say(client,
                ngettext("%lld case was left out: it changed all the while. Repeat for it.",
                         "%lld cases were left out: they changed all the while. Repeat for them.",
                         (unsigned long)busy),
                (long long)busy);
    }
    return differing == 0 ? CLIENT_DONE : CLIENT_REFUSED;
}

int audit_replay(struct client *client)
{
    struct value none = value_map(client->arena), body, result_body;
    int result = http_post(client, true, TEXT("/v1/admin/replay"), &none, &body);

    if (result == CLIENT_DONE)
        result = operation_follow(client, &body, &result_body);
    return result == CLIENT_DONE ? print_replayed(client, &result_body) : result;
}
