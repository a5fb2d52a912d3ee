/* One case: where it is, what is known, what can be done now. */
#include <stdio.h>

#include "base/arena.h"
#include "client/people/people.h"

static void show_states(struct client *client, const struct value *body)
{
    const struct value *states = value_at(body, "states"), *deadlines = value_at(body, "deadlines");

    for (size_t i = 0; i < value_count(states); i++) {
        const struct value *state = value_item(states, i);
        printf("  %.*s\n", TEXT_ARG(value_text_at(state, "title")));
    }
    for (size_t i = 0; i < value_count(deadlines); i++) {
        const struct value *deadline = value_item(deadlines, i);
        struct text due = text_printf(client->arena, _("due %.*s: %.*s%s"),
                                      TEXT_ARG(print_time(client, value_text_at(deadline, "due"))),
                                      TEXT_ARG(value_text_at(deadline, "title")),
                                      value_bool_at(deadline, "overdue") ? _("  OVERDUE") : "");
        fputs("  ", stdout);
        look_write(stdout, due, 2, 4);
        putchar('\n');
    }
}

enum { NAME_COLUMNS = 26, FORM_INDENT = 6 };

static void show_pair(struct text name, struct text text)
{
    fputs("  ", stdout);
    look_write(stdout, name, 2, 2);
    look_beside(stdout, text, 2 + look_width(name), NAME_COLUMNS + 2, FORM_INDENT);
    putchar('\n');
}

/* Items of a list, and lines of a text, stand below each other. */
void show_field(struct client *client, const struct value *fields, struct text name,
                const struct value *value)
{
    struct text text = titles_value(client, value_get(fields, name), value);

    while (text_ends(text, "\n"))
        text.size--;
    show_pair(titles_field(client, fields, name), text);
}

static void show_data(struct client *client, const struct value *fields, const struct value *body)
{
    const struct value *data = value_at(body, "data"), *hidden = value_at(body, "hidden");

    if (value_count(data) > 0)
        print("Data\n");
    for (size_t i = 0; i < value_count(data); i++)
        show_field(client, fields, value_member(data, i)->key, &value_member(data, i)->value);
    if (value_count(hidden) > 0)
        printf(ngettext("  (%zu field your role does not see)\n",
                        "  (%zu fields your role does not see)\n", value_count(hidden)),
               value_count(hidden));
}

struct text step_words(struct text status)
{
    static const char *const names[] = {N_("due"),     N_("started"), N_("parked"),
                                        N_("waiting"), N_("failing"), N_("done"),
                                        N_("failed"),  N_("lost"),    N_("quarantined")};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text_is(status, names[i]))
            return text_from(_(names[i]));
    return status;
}

static void show_steps(struct client *client, const struct value *body)
{
    const struct value *steps = value_at(body, "steps");

    if (value_count(steps) > 0)
        print("Steps\n");
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value *step = value_item(steps, i);
        struct text until = print_time(client, value_text_at(step, "until"));
        show_pair(value_text_at(step, "title"),
                  text_printf(client->arena, "%.*s%s%.*s%s",
                              TEXT_ARG(step_words(value_text_at(step, "status"))),
                              until.size ? _(", until ") : "", TEXT_ARG(until),
                              value_bool_at(step, "answer/may") ? _(", you may answer") : ""));
        if (value_bool_at(step, "answer/may"))
            printf("%*s%s %.*s %.*s\n", FORM_INDENT, "", "sankofa answer",
                   TEXT_ARG(value_text_at(body, "code")), TEXT_ARG(value_text_at(step, "id")));
        if (value_at(step, "settle"))
            print("      %.*s\n      settle it, as %.*s: sankofa case settle %.*s %.*s\n",
                  TEXT_ARG(heard(client, value_text_at(step, "why"))),
                  TEXT_ARG(titles_roles(client, value_at(step, "settle/by"))),
                  TEXT_ARG(value_text_at(body, "code")), TEXT_ARG(value_text_at(step, "id")));
    }
}

/* What is typed behind -f and the equals sign, by the type of the field. */
static const char *type_words(struct text type)
{
    static const struct {
        const char *type, *words;
    } types[] = {
        {"text", N_("a text")},       {"integer", N_("a whole number")},
        {"number", N_("a number")},   {"boolean", N_("yes or no")},
        {"date", N_("a date")},       {"time", N_("a time of the day")},
        {"choice", N_("one of")},     {"list", N_("a list")},
        {"document", N_("document")}, {"person", N_("a person")},
        {"case", N_("a case")},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (text_is(type, types[i].type))
            return _(types[i].words);
    return type.bytes;
}

/* "-f wish=  Wish of the child, one of home (Wants to go home), stay (Wants to stay); optional" */
static struct text form_line(struct client *client, const struct value *field)
{
    const struct value *options = value_at(field, "options");
    struct text_buffer line;

    text_buffer_init(&line, client->arena);
    text_append_printf(&line, "-f %.*s=  %.*s, %s", TEXT_ARG(value_text_at(field, "field")),
                       TEXT_ARG(value_text_at(field, "title")),
                       type_words(value_text_at(field, "type")));
    for (size_t i = 0; i < value_count(options); i++) {
        const struct value *option = value_item(options, i);
        text_append_printf(&line, "%s%.*s (%.*s)", i == 0 ? " " : ", ",
                           TEXT_ARG(value_text_at(option, "id")),
                           TEXT_ARG(value_text_at(option, "title")));
    }
    text_append(&line, text_from(value_bool_at(field, "required") ? "" : _("; optional")));
    return text_buffer_text(&line);
}

void print_form(struct client *client, const struct value *form)
{
    for (size_t i = 0; i < value_count(form); i++) {
        printf("%*s", FORM_INDENT, "");
        look_write(stdout, form_line(client, value_item(form, i)), FORM_INDENT, FORM_INDENT + 3);
        putchar('\n');
    }
}

static void print_possible(struct client *client, const struct value *one)
{
    show_pair(value_text_at(one, "event"), value_text_at(one, "title"));
    print_form(client, value_at(one, "form"));
}

static void print_impossible(struct client *client, const struct value *one)
{
    struct text why = heard(client, value_text_at(one, "why_not"));
    struct text line =
        text_printf(client->arena, "%.*s%s%.*s", TEXT_ARG(value_text_at(one, "title")),
                    colon(client), TEXT_ARG(why));

    fputs("  ", stdout);
    look_write(stdout, line, 2, 4);
    putchar('\n');
}

static size_t count_allowed(const struct value *available)
{
    size_t count = 0;

    for (size_t i = 0; i < value_count(available); i++)
        count += value_bool_at(value_item(available, i), "allowed");
    return count;
}

void print_available(struct client *client, const struct value *available)
{
    size_t count = value_count(available), allowed = count_allowed(available);

    if (count == 0)
        return;
    print("What can be done now\n");
    if (allowed == 0)
        print("  nothing, by you\n");
    for (size_t i = 0; i < count; i++)
        if (value_bool_at(value_item(available, i), "allowed"))
            print_possible(client, value_item(available, i));
    if (allowed < count)
        print("Not possible now\n");
    for (size_t i = 0; i < count; i++)
        if (!value_bool_at(value_item(available, i), "allowed"))
            print_impossible(client, value_item(available, i));
}

int case_show(struct client *client)
{
    struct text path = text_printf(client->arena, "/v1/cases/%.*s",
                                   TEXT_ARG(http_escape(client, client->arguments[0])));
    struct value body, fields;
    int result = http_get(client, false, path, &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    result = titles_read(client, value_text_at(&body, "workflow"), &fields);
    if (result != CLIENT_DONE)
        return result;
    struct text head = text_printf(
        client->arena, _("%.*s  %.*s  revision %lld%s"), TEXT_ARG(value_text_at(&body, "code")),
        TEXT_ARG(value_text_at(&body, "title")), (long long)value_int_at(&body, "revision", 0),
        value_bool_at(&body, "closed") ? _("  closed") : "");
    look_write(stdout, head, 0, 2);
    putchar('\n');
    show_states(client, &body);
    care_show(client, &body);
    show_data(client, &fields, &body);
    show_steps(client, &body);
    print_proposals(client, &fields, value_text_at(&body, "code"), value_at(&body, "proposals"));
    print_notices(client, value_at(&body, "notices"));
    print_available(client, value_at(&body, "available"));
    return CLIENT_DONE;
}
