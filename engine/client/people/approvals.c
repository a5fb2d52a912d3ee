/* Submissions that wait for others: approving and rejecting them, and how they are shown. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/people/people.h"

static bool is_status(const struct value *proposal, const char *status)
{
    return value_is_string(value_at(proposal, "status"), status);
}

static bool is_open(const struct value *proposal)
{
    return is_status(proposal, "open") || is_status(proposal, "approved");
}

struct text proposal_end(struct text status)
{
    static const struct worded ends[] = {{"carried", N_("carried out")},
                                         {"rejected", N_("rejected")},
                                         {"refused", N_("approved, and could not be carried out")},
                                         {"changed", N_("what it rests on has changed")},
                                         {"left", N_("the state it was made in was left")},
                                         {NULL, NULL}};

    return words_for(ends, status, status);
}

static struct text roles_of(struct client *client, const struct value *proposal)
{
    return titles_roles(client, value_at(proposal, "approve/by"));
}

/* ---- In words. ---- */

static void say_waiting(struct client *client, struct text code, const struct value *proposal)
{
    long long number = value_int_at(proposal, "proposal", 0);
    long long missing = value_int_at(proposal, "missing", 0);

    say(client,
        ngettext(
            "Nothing has changed yet: proposal %lld (%.*s) waits for %lld more approval, by %.*s.",
            "Nothing has changed yet: proposal %lld (%.*s) waits for %lld more approvals, by %.*s.",
            (unsigned long)missing),
        number, TEXT_ARG(value_text_at(proposal, "title")), missing,
        TEXT_ARG(roles_of(client, proposal)));
    say(client,
        "They look at it with `sankofa show %.*s`, and agree with `sankofa approve %.*s %lld`",
        TEXT_ARG(code), TEXT_ARG(code), number);
    say(client, "or refuse with `sankofa reject %.*s %lld --reason TEXT`.", TEXT_ARG(code), number);
}

void say_proposal(struct client *client, struct text code, const struct value *proposal,
                  bool is_own)
{
    long long number = value_int_at(proposal, "proposal", 0);
    struct text message = heard(client, value_text_at(proposal, "message"));

    if (!proposal)
        return;
    if (is_status(proposal, "open") && is_own)
        say_waiting(client, code, proposal);
    else if (is_status(proposal, "open"))
        say(client, "Approved; proposal %lld (%.*s) waits for %lld more, by %.*s.", number,
            TEXT_ARG(value_text_at(proposal, "title")),
            (long long)value_int_at(proposal, "missing", 0), TEXT_ARG(roles_of(client, proposal)));
    else if (is_status(proposal, "approved") && message.size > 0)
        say(client, "Proposal %lld has its approvals; it is tried again: %.*s", number,
            TEXT_ARG(message));
    else if (is_status(proposal, "approved"))
        say(client, "Proposal %lld has its approvals and is about to be carried out.", number);
    else if (is_status(proposal, "carried"))
        say(client, "Proposal %lld was carried out.", number);
    else if (is_status(proposal, "rejected"))
        say(client, "Proposal %lld is rejected; who took part is told in their inbox.", number);
    else
        say(client, "Proposal %lld has ended: %.*s.", number,
            TEXT_ARG(proposal_end(value_text_at(proposal, "status"))));
}

/* ---- Shown. ---- */

enum { UNDER_INDENT = 6 };

/* printf of a line below what it tells of. */
__attribute__((format(printf, 2, 3))) static void put_under(struct client *client,
                                                            const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct text line = text_vprintf(client->arena, format, arguments);
    va_end(arguments);
    printf("%*s", UNDER_INDENT, "");
    look_write(stdout, line, UNDER_INDENT, UNDER_INDENT + 2);
    putchar('\n');
}

static void print_approvals(struct client *client, const struct value *approvals)
{
    for (size_t i = 0; i < value_count(approvals); i++) {
        const struct value *one = value_item(approvals, i);
        struct text comment = value_text_at(one, "comment");
        put_under(client, _("approved by %.*s  %.*s%s%.*s"), TEXT_ARG(value_text_at(one, "by")),
                  TEXT_ARG(print_time(client, value_text_at(one, "at"))), comment.size ? "  " : "",
                  TEXT_ARG(comment));
    }
}

static void print_head(struct client *client, const struct value *proposal)
{
    struct text line = text_printf(client->arena, _("%lld  %.*s  by %.*s  %.*s"),
                                   (long long)value_int_at(proposal, "proposal", 0),
                                   TEXT_ARG(value_text_at(proposal, "title")),
                                   TEXT_ARG(value_text_at(proposal, "by")),
                                   TEXT_ARG(print_time(client, value_text_at(proposal, "at"))));

    fputs("  ", stdout);
    look_write(stdout, line, 2, 5);
    putchar('\n');
}

static void print_waiting(struct client *client, const struct value *fields, struct text code,
                          const struct value *proposal)
{
    const struct value *data = value_at(proposal, "data");
    struct text comment = value_text_at(proposal, "comment");
    struct text message = heard(client, value_text_at(proposal, "message"));
    long long number = value_int_at(proposal, "proposal", 0);
    size_t hidden = value_count(value_at(proposal, "hidden"));

    print_head(client, proposal);
    for (size_t i = 0; i < value_count(data); i++)
        show_field(client, fields, value_member(data, i)->key, &value_member(data, i)->value);
    if (hidden > 0)
        put_under(client,
                  ngettext("(%zu field your role does not see)",
                           "(%zu fields your role does not see)", hidden),
                  hidden);
    if (comment.size > 0)
        put_under(client, _("said: %.*s"), TEXT_ARG(comment));
    print_approvals(client, value_at(proposal, "approvals"));
    if (message.size > 0)
        put_under(client, _("could not be carried out, is tried again: %.*s"), TEXT_ARG(message));
    long long need = value_int_at(proposal, "need", 1);
    put_under(client,
              ngettext("%zu of %lld approval, by %.*s", "%zu of %lld approvals, by %.*s",
                       (unsigned long)need),
              value_count(value_at(proposal, "approvals")), need,
              TEXT_ARG(roles_of(client, proposal)));
    if (value_bool_at(proposal, "approve/may"))
        put_under(client, _("you may: sankofa approve %.*s %lld"), TEXT_ARG(code), number);
    else
        put_under(client, _("you may not: %.*s"),
                  TEXT_ARG(heard(client, value_text_at(proposal, "approve/why_not"))));
}

static void print_ended(struct client *client, const struct value *proposal)
{
    struct text words = proposal_end(value_text_at(proposal, "status"));
    struct text by = value_text_at(proposal, "ended/by"), why = value_text_at(proposal, "reason");

    if (why.size == 0)
        why = value_text_at(proposal, "field");
    if (why.size == 0)
        why = heard(client, value_text_at(proposal, "refusal/detail"));
    print_head(client, proposal);
    print_approvals(client, value_at(proposal, "approvals"));
    put_under(client, "%.*s  %.*s%s%.*s%s%.*s", TEXT_ARG(words),
              TEXT_ARG(print_time(client, value_text_at(proposal, "ended/at"))),
              by.size ? _(" by ") : "", TEXT_ARG(by), why.size ? colon(client) : "", TEXT_ARG(why));
}

void print_proposals(struct client *client, const struct value *fields, struct text code,
                     const struct value *proposals)
{
    size_t count = value_count(proposals), open_count = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_open(value_item(proposals, i)))
            continue;
        if (open_count++ == 0)
            print("Waits for approval\n");
        print_waiting(client, fields, code, value_item(proposals, i));
    }
    if (open_count < count)
        print("Submitted before\n");
    for (size_t i = 0; i < count; i++)
        if (!is_open(value_item(proposals, i)))
            print_ended(client, value_item(proposals, i));
}

void print_asked(struct client *client, const struct value *cases)
{
    bool is_first = true;

    for (size_t i = 0; i < value_count(cases); i++) {
        const struct value *line = value_item(cases, i), *asked = value_at(line, "approve");
        struct text code = value_text_at(line, "code");
        for (size_t k = 0; k < value_count(asked); k++) {
            const struct value *one = value_item(asked, k);
            if (is_first)
                print("\nWaits for your approval\n");
            is_first = false;
            printf("  %.*s  ", TEXT_ARG(code));
            struct text line = text_printf(
                client->arena, _("%.*s, by %.*s  (sankofa approve %.*s %lld)"),
                TEXT_ARG(value_text_at(one, "title")), TEXT_ARG(value_text_at(one, "by")),
                TEXT_ARG(code), (long long)value_int_at(one, "proposal", 0));
            look_write(stdout, line, look_width(code) + 4, look_width(code) + 4);
            putchar('\n');
        }
    }
}

void print_notices(struct client *client, const struct value *notices)
{
    if (value_count(notices) > 0)
        print("\nYou are told\n");
    for (size_t i = 0; i < value_count(notices); i++) {
        const struct value *one = value_item(notices, i);
        struct text code = value_text_at(one, "code"), due = value_text_at(one, "due");
        struct text at = print_time(client, value_text_at(one, "at"));
        struct text line = text_printf(
            client->arena, "%.*s%s%.*s%s%.*s%s", TEXT_ARG(code), code.size ? "  " : "",
            TEXT_ARG(heard(client, value_text_at(one, "text"))), due.size ? _("  (due ") : "",
            TEXT_ARG(print_time(client, due)), due.size ? ")" : "");
        printf("  %.*s  ", TEXT_ARG(at));
        look_write(stdout, line, look_width(at) + 4, look_width(at) + 4);
        putchar('\n');
    }
}

/* ---- The commands. ---- */

/* The only open one; where there are several they are shown, so that nobody agrees to what they did
 * not mean. */
static int find_open(struct client *client, struct text path, struct text *number_out)
{
    struct value body;
    size_t count = 0;
    int result = http_get(client, false, path, &body);

    if (result != CLIENT_DONE)
        return result;
    const struct value *proposals = value_at(&body, "proposals");
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value *one = value_item(proposals, i);
        if (!is_open(one))
            continue;
        *number_out =
            text_printf(client->arena, "%lld", (long long)value_int_at(one, "proposal", 0));
        count++;
    }
    if (count == 1)
        return CLIENT_DONE;
    if (count == 0) {
        complain("No proposal of %s waits for approval.", client->arguments[0]);
        complain("`sankofa show %s` tells what can be done now.", client->arguments[0]);
        return CLIENT_NOT_FOUND;
    }
    struct value fields;
    if (!print_json(client, proposals) &&
        titles_read(client, value_text_at(&body, "workflow"), &fields) == CLIENT_DONE)
        print_proposals(client, &fields, value_text_at(&body, "code"), proposals);
    complain("%zu proposals of %s wait for approval.", count, client->arguments[0]);
    complain("Name one by its number.");
    return CLIENT_WRONG_USE;
}

static int judge(struct client *client, const char *verb, const char *member, const char *said)
{
    struct text path = text_printf(client->arena, "/v1/cases/%.*s",
                                   TEXT_ARG(http_escape(client, client->arguments[0])));
    struct value body = value_map(client->arena), answer;
    struct text number = TEXT_NONE;
    int result = CLIENT_DONE;

    if (client->argument_count == 2)
        number = http_escape(client, client->arguments[1]);
    else
        result = find_open(client, path, &number);
    if (result != CLIENT_DONE)
        return result;
    if (said)
        value_put(&body, member, value_cstring(said));
    path = text_printf(client->arena, "%.*s/proposals/%.*s/%s", TEXT_ARG(path), TEXT_ARG(number),
                       verb);
    result = http_post(client, false, path, &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    print_receipt(client, &answer);
    say_proposal(client, value_text_at(&answer, "code"), value_at(&answer, "proposal"), false);
    return CLIENT_DONE;
}

int work_approve(struct client *client)
{
    return judge(client, "approve", "comment", client->comment);
}

int work_reject(struct client *client)
{
    if (client->reason)
        return judge(client, "reject", "reason", client->reason);
    complain("A rejection needs its reason: whoever submitted it reads it.");
    complain("Write, for instance, --reason \"The family was not seen.\"");
    return CLIENT_WRONG_USE;
}
