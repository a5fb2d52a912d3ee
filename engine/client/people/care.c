/* What staff do about a case beside its events: finding it, notes, whose it is, flags, links,
 * corrections, broken glass. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/people/people.h"

enum { NOTE_BYTES_MAX = 64 << 10 };

static struct text path_of(struct client *client, const char *what)
{
    return text_printf(client->arena, "/v1/cases/%.*s/%s",
                       TEXT_ARG(http_escape(client, client->arguments[0])), what);
}

/* What has been done, in words: where the case is has not changed. */
static int tell(struct client *client, int result, const struct value *answer, const char *done)
{
    if (result != CLIENT_DONE || print_json(client, answer))
        return result;
    printf("%.*s%s%s\n", TEXT_ARG(value_text_at(answer, "code")), client->quiet ? "" : "  ",
           client->quiet ? "" : _(done));
    say_similar(client, answer);
    return CLIENT_DONE;
}

static int post(struct client *client, const char *what, const struct value *body, const char *done)
{
    struct value answer;
    int result = http_post(client, false, path_of(client, what), body, &answer);

    return tell(client, result, &answer, done);
}

static void put(struct value *body, const char *name, const char *text)
{
    if (text)
        value_put(body, name, value_cstring(text));
}

static int needs_reason(const char *example)
{
    complain("This needs its reason: it stands in the history.");
    complain("Write, for instance, --reason \"%s\"", example);
    return CLIENT_WRONG_USE;
}

/* ---- Shown with the case. ---- */

struct text link_words(struct text kind)
{
    static const struct worded kinds[] = {{"sibling", N_("its brother or sister")},
                                          {"mother", N_("its mother")},
                                          {"child", N_("its child")},
                                          {"earlier_episode", N_("the same child, earlier")},
                                          {"later_episode", N_("the same child, later")},
                                          {"duplicate", N_("the same case, twice")},
                                          {NULL, NULL}};

    return words_for(kinds, kind, kind);
}

static void show_line(struct text line)
{
    fputs("  ", stdout);
    look_write(stdout, line, 2, 4);
    putchar('\n');
}

static void show_glass(struct client *client, const struct value *one, struct text code)
{
    long long number = value_int_at(one, "glass", 0);

    show_line(text_printf(client->arena, _("glass %lld broken by %.*s  %.*s, until %.*s%s%.*s"),
                          number, TEXT_ARG(value_text_at(one, "by")),
                          TEXT_ARG(print_time(client, value_text_at(one, "at"))),
                          TEXT_ARG(print_time(client, value_text_at(one, "until"))), colon(client),
                          TEXT_ARG(value_text_at(one, "reason"))));
    if (value_at(one, "reviewed"))
        print("    reviewed by %.*s  %.*s\n", TEXT_ARG(value_text_at(one, "reviewed/by")),
              TEXT_ARG(print_time(client, value_text_at(one, "reviewed/at"))));
    else
        print("    once looked into: sankofa case review %.*s %lld\n", TEXT_ARG(code), number);
}

void care_show(struct client *client, const struct value *body)
{
    const struct value *assigned = value_at(body, "assigned"), *flags = value_at(body, "flags");
    const struct value *links = value_at(body, "links"), *glass = value_at(body, "glass");

    for (size_t i = 0; i < value_count(assigned); i++) {
        const struct value *one = value_item(assigned, i);
        struct text role = titles_role(client, value_text_at(one, "role"));
        show_line(text_printf(client->arena, _("given to %.*s (%.*s) by %.*s  %.*s"),
                              TEXT_ARG(value_text_at(one, "person")), TEXT_ARG(role),
                              TEXT_ARG(value_text_at(one, "by")),
                              TEXT_ARG(print_time(client, value_text_at(one, "at")))));
    }
    for (size_t i = 0; i < value_count(flags); i++) {
        const struct value *one = value_item(flags, i);
        show_line(text_printf(client->arena, _("flag %.*s by %.*s  %.*s"),
                              TEXT_ARG(value_text_at(one, "flag")),
                              TEXT_ARG(value_text_at(one, "by")),
                              TEXT_ARG(print_time(client, value_text_at(one, "at")))));
    }
    for (size_t i = 0; i < value_count(links); i++) {
        const struct value *one = value_item(links, i);
        show_line(text_printf(client->arena, "%.*s  %.*s", TEXT_ARG(value_text_at(one, "code")),
                              TEXT_ARG(link_words(value_text_at(one, "kind")))));
    }
    for (size_t i = 0; i < value_count(glass); i++)
        show_glass(client, value_item(glass, i), value_text_at(body, "code"));
}

/* ---- Finding and seeing. ---- */

void say_similar(struct client *client, const struct value *answer)
{
    const struct value *similar = value_at(answer, "similar");

    if (value_count(similar) == 0)
        return;
    say(client, "Names like this one's stand in:");
    for (size_t i = 0; i < value_count(similar); i++) {
        const struct value *one = value_item(similar, i);
        say(client, "  %.*s  %.*s%s", TEXT_ARG(value_text_at(one, "code")),
            TEXT_ARG(titles_states(client, one)),
            value_bool_at(one, "closed") ? _(" (closed)") : "");
    }
    say(client, "Is one of them this child's? `sankofa case link %.*s CASE duplicate` keeps that.",
        TEXT_ARG(value_text_at(answer, "code")));
}

int care_search(struct client *client)
{
    struct value body = value_map(client->arena), answer;
    struct text path =
        text_printf(client->arena, "/v1/cases/search?limit=%.*s",
                    TEXT_ARG(http_escape(client, client->limit ? client->limit : "20")));

    put(&body, "text", client->arguments[0]);
    int result = http_post(client, false, path, &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    const struct value *cases = value_at(&answer, "cases");
    int64_t total = value_int_at(&answer, "total", 0);
    if (!print_cases(client, cases))
        say(client, "No case with such a name that you may see.");
    if (total > (int64_t)value_count(cases))
        say(client, "%lld in all; --limit shows more.", (long long)total);
    return CLIENT_DONE;
}

int care_diagram(struct client *client)
{
    struct client_answer answer;
    int result =
        http_ask(client, "GET", false, path_of(client, "diagram.svg"), NULL, NULL, &answer);

    if (result != CLIENT_DONE)
        return result;
    if (answer.status >= 400)
        return print_problem(client, &answer);
    printf("%.*s", TEXT_ARG(answer.raw));
    return CLIENT_DONE;
}

/* ---- Notes. ---- */

static int read_note(struct client *client, struct text *text_out)
{
    char *bytes = arena_alloc(client->arena, NOTE_BYTES_MAX);
    size_t size = fread(bytes, 1, NOTE_BYTES_MAX, stdin);

    while (size > 0 && bytes[size - 1] == '\n')
        size--;
    *text_out = (struct text){bytes, size};
    if (size > 0)
        return CLIENT_DONE;
    complain("A note needs its text.");
    complain("Write it behind the case, or on the standard input.");
    return CLIENT_WRONG_USE;
}

int care_note(struct client *client)
{
    struct value body = value_map(client->arena);
    struct text text = TEXT_NONE;

    if (client->argument_count == 2)
        text = text_from(client->arguments[1]);
    else if (read_note(client, &text) != CLIENT_DONE)
        return CLIENT_WRONG_USE;
    value_put(&body, "text", value_string(text));
    return post(client, "notes", &body, N_("the note is kept"));
}

/* ---- Whose it is. ---- */

static void put_role(struct client *client, struct value *body, const char *name, const char *typed)
{
    if (typed)
        value_put(body, name, value_string(titles_role_meant(client, text_from(typed))));
}

int care_assign(struct client *client)
{
    struct value body = value_map(client->arena);
    bool has_person = client->argument_count == 2;

    if (has_person == (client->pool != NULL)) {
        complain("Name a person, or give the case back to a role's pool.");
        complain("sankofa case assign CASE PERSON, or sankofa case assign CASE --pool ROLE");
        return CLIENT_WRONG_USE;
    }
    put(&body, "person", has_person ? client->arguments[1] : NULL);
    put_role(client, &body, "pool", client->pool);
    put_role(client, &body, "role", client->role);
    put(&body, "comment", client->comment);
    return post(client, "assign", &body,
                has_person ? N_("the case is given") : N_("the case is given back"));
}

/* ---- Flags and links. ---- */

int care_flag(struct client *client)
{
    struct value body = value_map(client->arena);

    put(&body, "flag", client->arguments[1]);
    value_put(&body, "raised", value_bool(!client->lower));
    put(&body, "comment", client->comment);
    return post(client, "flags", &body,
                client->lower ? N_("the flag is taken away") : N_("the flag is set"));
}

int care_link(struct client *client)
{
    struct value body = value_map(client->arena);

    if (client->argument_count != 3 && !client->unlink) {
        complain("What is the other case to this one?");
        complain("sankofa case link CASE OTHER sibling, mother, child, earlier_episode, "
                 "later_episode or duplicate");
        return CLIENT_WRONG_USE;
    }
    put(&body, "case", client->arguments[1]);
    put(&body, "kind", client->argument_count == 3 ? client->arguments[2] : NULL);
    value_put(&body, "linked", value_bool(!client->unlink));
    put(&body, "comment", client->comment);
    return post(client, "links", &body,
                client->unlink ? N_("the link is taken away") : N_("the link is set"));
}

/* ---- Corrections. ---- */

/* The fields of the case's workflow as a form: [{field, type, of?}]. */
static int fields_form(struct client *client, struct value *form_out)
{
    struct value body, workflow;
    struct text path = text_printf(client->arena, "/v1/cases/%.*s",
                                   TEXT_ARG(http_escape(client, client->arguments[0])));
    int result = http_get(client, false, path, &body);

    if (result != CLIENT_DONE)
        return result;
    path = text_printf(client->arena, "/v1/workflows/%.*s",
                       TEXT_ARG(value_text_at(&body, "workflow")));
    result = http_get(client, false, path, &workflow);
    const struct value *fields = value_at(&workflow, "definition/fields");
    *form_out = value_list(client->arena);
    for (size_t i = 0; result == CLIENT_DONE && i < value_count(fields); i++) {
        const struct value_member *member = value_member(fields, i);
        struct value one = value_map(client->arena);
        value_put(&one, "field", value_string(member->key));
        value_put(&one, "title", value_string(titles_field(client, fields, member->key)));
        value_put(&one, "type", value_string(value_text_at(&member->value, "type")));
        value_put(&one, "of", value_string(value_text_at(&member->value, "of")));
        value_put(&one, "options", titles_choices(client, &member->value));
        value_append(form_out, one);
    }
    return result;
}

int care_correct(struct client *client)
{
    struct value body = value_map(client->arena), form, set, answer;
    struct text path = path_of(client, "data");

    if (!client->reason)
        return needs_reason(_("The name was misheard."));
    int result = fields_form(client, &form);
    if (result == CLIENT_DONE)
        result = form_data(client, &form, &set);
    if (result != CLIENT_DONE)
        return result;
    value_put(&body, "set", set);
    put(&body, "reason", client->reason);
    result = http_patch(client, path, &body, &answer);
    return tell(client, result, &answer, N_("the data are corrected"));
}

/* ---- Broken glass. ---- */

int care_break_glass(struct client *client)
{
    struct value body = value_map(client->arena);

    if (!client->reason)
        return needs_reason(_("The child is at the border, Awa cannot be reached."));
    put(&body, "reason", client->reason);
    int result = post(client, "break-glass", &body, N_("the glass is broken"));
    if (result == CLIENT_DONE)
        say(client, "For 60 minutes. The supervisors are told, and will review it.");
    return result;
}

int care_review(struct client *client)
{
    struct value body = value_map(client->arena);
    struct text what = text_printf(client->arena, "break-glass/%.*s/review",
                                   TEXT_ARG(http_escape(client, client->arguments[1])));

    put(&body, "comment", client->comment);
    return post(client, what.bytes, &body, N_("reviewed"));
}
