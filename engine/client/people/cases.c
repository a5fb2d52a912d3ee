/* Opening, listing, showing cases, and their history. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/client.h"

/* ---- Lists. ---- */

static const char *const list_heads[] = {N_("CODE"), N_("WORKFLOW"), N_("STATES"), N_("CHANGED"),
                                         N_("DEADLINE")};
enum { LIST_COLUMNS = 5 };

static struct text deadline_cell(struct client *client, const struct value *line)
{
    struct text deadline = print_time(client, value_text_at(line, "deadline"));

    if (value_bool_at(line, "closed"))
        return text_from(_("closed"));
    return value_bool_at(line, "overdue")
               ? text_printf(client->arena, _("%.*s OVERDUE"), TEXT_ARG(deadline))
               : deadline;
}

void print_cases(struct client *client, const struct value *cases)
{
    size_t count = value_count(cases);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * LIST_COLUMNS);

    for (size_t i = 0; i < count; i++) {
        const struct value *line = value_item(cases, i);
        struct text *row = &cells[i * LIST_COLUMNS];
        row[0] = value_text_at(line, "code");
        row[1] = value_text_at(line, "workflow");
        row[2] = print_value(client, value_at(line, "states"));
        row[3] = print_time(client, value_text_at(line, "changed"));
        row[4] = deadline_cell(client, line);
    }
    print_table(client, list_heads, LIST_COLUMNS, cells, count);
}

static struct text list_path(struct client *client, const char *cursor)
{
    const struct {
        const char *name, *value;
    } arguments[] = {
        {"state", client->state},
        {"workflow", client->workflow},
        {"mine", client->mine ? "1" : NULL},
        {"overdue", client->overdue ? "1" : NULL},
        {"closed", client->closed ? "1"
                   : client->open ? "0"
                                  : NULL},
        {"limit", client->limit},
        {"cursor", cursor},
    };
    const char *separator = "?";
    struct text_buffer path;

    text_buffer_init(&path, client->arena);
    text_append(&path, TEXT("/v1/cases"));
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        if (arguments[i].value) {
            struct text value = http_escape(client, arguments[i].value);
            text_append_printf(&path, "%s%s=%.*s", separator, arguments[i].name, TEXT_ARG(value));
            separator = "&";
        }
    return text_buffer_text(&path);
}

int case_list(struct client *client)
{
    const char *cursor = client->cursor;
    struct value all = value_list(client->arena), body;

    if (client->open && client->closed) {
        complain("--open and --closed exclude each other.");
        complain("Leave both out to see all cases.");
        return CLIENT_WRONG_USE;
    }
    for (;;) {
        int result = http_get(client, false, list_path(client, cursor), &body);
        if (result != CLIENT_DONE)
            return result;
        const struct value *cases = value_at(&body, "cases");
        for (size_t i = 0; i < value_count(cases); i++)
            value_append(&all, *value_item(cases, i));
        cursor = value_text_at(&body, "cursor").bytes;
        if (!cursor || !client->all)
            break;
    }
    value_put(&body, "cases", all);
    if (print_json(client, &body))
        return CLIENT_DONE;
    print_cases(client, &all);
    if (cursor)
        say(client, "There are more: --cursor %s goes on, --all shows them all.", cursor);
    return CLIENT_DONE;
}

/* ---- Opening. ---- */

static int post_new(struct client *client, const char *workflow, const struct value *data,
                    struct value *answer_out)
{
    struct value body = value_map(client->arena);

    value_put(&body, "workflow", value_cstring(workflow));
    value_put(&body, "data", *data);
    if (client->comment)
        value_put(&body, "comment", value_cstring(client->comment));
    return http_post(client, false, TEXT("/v1/cases"), &body, answer_out);
}

int case_new(struct client *client)
{
    const char *workflow = client->arguments[0];
    struct text path =
        text_printf(client->arena, "/v1/workflows/%.*s", TEXT_ARG(http_escape(client, workflow)));
    struct value definition, data = value_map(client->arena), answer;
    int result = http_get(client, false, path, &definition);
    const struct value *form = value_at(&definition, "open");
    bool is_asked = ask_may(client) && value_count(form) > 0;

    if (result != CLIENT_DONE)
        return result;
    do {
        result = is_asked ? fill_form(client, form, NULL, &data) : form_data(client, form, &data);
        if (result == CLIENT_DONE)
            result = post_new(client, workflow, &data, &answer);
    } while (is_asked && result == CLIENT_REFUSED);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    printf("%.*s\n", TEXT_ARG(value_text_at(&answer, "code")));
    say(client, "Opened. `sankofa show %.*s` tells what can be done now.",
        TEXT_ARG(value_text_at(&answer, "code")));
    return CLIENT_DONE;
}

/* ---- One case. ---- */

static void show_states(struct client *client, const struct value *body)
{
    const struct value *states = value_at(body, "states"), *deadlines = value_at(body, "deadlines");

    for (size_t i = 0; i < value_count(states); i++) {
        const struct value *state = value_item(states, i);
        printf("  %.*s  (%.*s)\n", TEXT_ARG(value_text_at(state, "title")),
               TEXT_ARG(value_text_at(state, "id")));
    }
    for (size_t i = 0; i < value_count(deadlines); i++) {
        const struct value *deadline = value_item(deadlines, i);
        print("  due %.*s: %.*s%s\n", TEXT_ARG(print_time(client, value_text_at(deadline, "due"))),
              TEXT_ARG(value_text_at(deadline, "title")),
              value_bool_at(deadline, "overdue") ? _("  OVERDUE") : "");
    }
}

enum { NAME_COLUMNS = 26, FORM_INDENT = 6 };

static void show_name(struct text name)
{
    size_t width = look_width(name);

    fputs("  ", stdout);
    look_write(stdout, name, 2, 2);
    if (width < NAME_COLUMNS)
        printf("%*s", (int)(NAME_COLUMNS - width), "");
    else
        printf("\n%*s", NAME_COLUMNS + 2, "");
}

/* Items of a list, and lines of a text, stand below each other. */
void show_field(struct client *client, const struct value *fields, struct text name,
                const struct value *value)
{
    struct text text = titles_value(client, value_get(fields, name), value);

    while (text_ends(text, "\n"))
        text.size--;
    show_name(titles_field(client, fields, name));
    look_write(stdout, text, NAME_COLUMNS + 2, NAME_COLUMNS + 2);
    putchar('\n');
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

static struct text status_words(struct text status)
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
        printf("  %-*.*s%.*s%s%.*s%s\n", NAME_COLUMNS, TEXT_ARG(value_text_at(step, "id")),
               TEXT_ARG(status_words(value_text_at(step, "status"))),
               until.size ? _(", until ") : "", TEXT_ARG(until),
               value_bool_at(step, "answer/may") ? _(", you may answer") : "");
        if (value_at(step, "settle"))
            print("      %.*s\n      settle it, as %.*s: sankofa case settle %.*s %.*s\n",
                  TEXT_ARG(heard(client, value_text_at(step, "why"))),
                  TEXT_ARG(print_value(client, value_at(step, "settle/by"))),
                  TEXT_ARG(value_text_at(body, "code")), TEXT_ARG(value_text_at(step, "id")));
    }
}

void print_form(struct client *client, const struct value *form)
{
    for (size_t i = 0; i < value_count(form); i++) {
        const struct value *field = value_item(form, i);
        const struct value *options = value_at(field, "options");
        struct text_buffer line;
        text_buffer_init(&line, client->arena);
        text_append_printf(&line, "-f %.*s=  %.*s%s", TEXT_ARG(value_text_at(field, "field")),
                           TEXT_ARG(value_text_at(field, "type")),
                           value_bool_at(field, "required") ? "" : _(", optional"));
        for (size_t k = 0; k < value_count(options); k++)
            text_append_printf(&line, "%s%.*s", k == 0 ? ": " : " | ",
                               TEXT_ARG(value_text_at(value_item(options, k), "id")));
        printf("%*s", FORM_INDENT, "");
        look_write(stdout, text_buffer_text(&line), FORM_INDENT, FORM_INDENT + 3);
        putchar('\n');
    }
}

void print_available(struct client *client, const struct value *available, bool with_forms)
{
    for (size_t i = 0; i < value_count(available); i++) {
        const struct value *one = value_item(available, i);
        bool allowed = value_bool_at(one, "allowed");
        struct text why = heard(client, value_text_at(one, "why_not"));
        struct text line =
            text_printf(client->arena, "%.*s%s%.*s%s", TEXT_ARG(value_text_at(one, "title")),
                        allowed ? "" : _("  (not possible: "), TEXT_ARG(allowed ? TEXT_NONE : why),
                        allowed ? "" : ")");
        show_name(value_text_at(one, "event"));
        look_write(stdout, line, NAME_COLUMNS + 2, NAME_COLUMNS + 2);
        putchar('\n');
        if (allowed && with_forms)
            print_form(client, value_at(one, "form"));
    }
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
    print("%.*s  %.*s  revision %lld%s\n", TEXT_ARG(value_text_at(&body, "code")),
          TEXT_ARG(value_text_at(&body, "title")), (long long)value_int_at(&body, "revision", 0),
          value_bool_at(&body, "closed") ? _("  closed") : "");
    show_states(client, &body);
    show_data(client, &fields, &body);
    show_steps(client, &body);
    print_proposals(client, &fields, value_text_at(&body, "code"), value_at(&body, "proposals"));
    print_notices(client, value_at(&body, "notices"));
    if (value_count(value_at(&body, "available")) > 0)
        print("What can be done now\n");
    print_available(client, value_at(&body, "available"), true);
    return CLIENT_DONE;
}

/* ---- History. ---- */

static const char *const history_heads[] = {N_("SEQ"), N_("WHEN"), N_("WHAT"), N_("BY"),
                                            N_("STATES AFTER")};
enum { HISTORY_COLUMNS = 5, PAGE_COUNT_MAX = 1000 };

struct text entry_words(const struct value *entry)
{
    static const struct {
        const char *kind, *words;
    } kinds[] = {
        {"answer", N_("a step was answered")},
        {"approval", N_("a proposal was approved")},
        {"assigned", N_("the case was given to somebody")},
        {"correction", N_("data were corrected")},
        {"document", N_("a document was attached")},
        {"dropped", N_("an event was dropped")},
        {"erasure", N_("erasing was asked for")},
        {"flag", N_("a flag was set or taken away")},
        {"glass", N_("the glass was broken")},
        {"link", N_("a link was set or taken away")},
        {"note", N_("a note")},
        {"open", N_("the case was opened")},
        {"outcome", N_("a step gave its outcome")},
        {"proposal", N_("a proposal was made")},
        {"rejection", N_("a proposal was rejected")},
        {"review", N_("broken glass was reviewed")},
        {"settled", N_("a step was settled")},
        {"started", N_("a step began")},
        {"timer", N_("a time had come")},
    };
    struct text words = value_text_at(entry, "title"), kind = value_text_at(entry, "kind");

    for (size_t i = 0; words.size == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (text_is(kind, kinds[i].kind))
            words = text_from(_(kinds[i].words));
    return words.size > 0 ? words : kind;
}

static void print_history(struct client *client, const struct value *entries)
{
    size_t count = value_count(entries);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * HISTORY_COLUMNS);

    for (size_t i = 0; i < count; i++) {
        const struct value *entry = value_item(entries, i);
        struct text *row = &cells[i * HISTORY_COLUMNS];
        row[0] = text_printf(client->arena, "%lld", (long long)value_int_at(entry, "seq", 0));
        row[1] = print_time(client, value_text_at(entry, "at"));
        row[2] = entry_words(entry);
        row[3] = value_text_at(entry, "by");
        row[4] = print_value(client, value_at(entry, "states"));
    }
    print_table(client, history_heads, HISTORY_COLUMNS, cells, count);
}

/* Pages come newest first, each oldest first inside; together they are turned round. */
static int gather_pages(struct client *client, const char *what, const char *member,
                        struct value *whole_out)
{
    struct text name = http_escape(client, client->arguments[0]);
    const struct value **pages = ARENA_ARRAY(client->arena, const struct value *, PAGE_COUNT_MAX);
    struct text cursor = client->cursor ? http_escape(client, client->cursor) : TEXT_NONE;
    struct text limit = http_escape(client, client->limit ? client->limit : "200");
    struct value lines = value_list(client->arena);
    size_t count = 0;

    while (count < PAGE_COUNT_MAX) {
        struct value *body = ARENA_NEW(client->arena, struct value);
        struct text path =
            text_printf(client->arena, "/v1/cases/%.*s/%s?limit=%.*s%s%.*s", TEXT_ARG(name), what,
                        TEXT_ARG(limit), cursor.size ? "&cursor=" : "", TEXT_ARG(cursor));
        int result = http_get(client, false, path, body);
        if (result != CLIENT_DONE)
            return result;
        pages[count++] = value_at(body, member);
        cursor = value_text_at(body, "cursor");
        if (cursor.size == 0 || client->limit)
            break;
    }
    while (count > 0) {
        const struct value *page = pages[--count];
        for (size_t i = 0; i < value_count(page); i++)
            value_append(&lines, *value_item(page, i));
    }
    *whole_out = value_map(client->arena);
    value_put(whole_out, member, lines);
    if (cursor.size > 0)
        value_put(whole_out, "cursor", value_string(cursor));
    return CLIENT_DONE;
}

static int show_pages(struct client *client, const char *what, const char *member,
                      void (*print)(struct client *client, const struct value *lines))
{
    struct value whole;
    int result = gather_pages(client, what, member, &whole);

    if (result != CLIENT_DONE || print_json(client, &whole))
        return result;
    print(client, value_at(&whole, member));
    struct text cursor = value_text_at(&whole, "cursor");
    if (cursor.size > 0)
        say(client, "There are older entries: --cursor %.*s shows them.", TEXT_ARG(cursor));
    return CLIENT_DONE;
}

int case_history(struct client *client)
{
    return show_pages(client, "history", "entries", print_history);
}

/* ---- Who read it. ---- */

static const char *const read_heads[] = {N_("SEQ"),    N_("WHEN"),  N_("BY"),
                                         N_("PERSON"), N_("ROLES"), N_("WHAT")};
enum { READ_COLUMNS = 6 };

static void print_reads(struct client *client, const struct value *reads)
{
    size_t count = value_count(reads);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * READ_COLUMNS);

    for (size_t i = 0; i < count; i++) {
        const struct value *read = value_item(reads, i);
        struct text what = value_text_at(read, "what"), *row = &cells[i * READ_COLUMNS];
        row[0] = text_printf(client->arena, "%lld", (long long)value_int_at(read, "seq", 0));
        row[1] = print_time(client, value_text_at(read, "at"));
        row[2] = value_text_at(read, "by");
        row[3] = value_text_at(read, "person");
        row[4] = print_value(client, value_at(read, "roles"));
        row[5] = value_bool_at(read, "glass")
                     ? text_printf(client->arena, _("%.*s, by broken glass"), TEXT_ARG(what))
                     : what;
    }
    print_table(client, read_heads, READ_COLUMNS, cells, count);
}

int case_reads(struct client *client)
{
    return show_pages(client, "reads", "reads", print_reads);
}
