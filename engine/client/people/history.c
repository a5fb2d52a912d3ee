/* What happened to a case, and who read it. */
#include <stdio.h>

#include "base/arena.h"
#include "client/people/people.h"

static const char *const history_heads[] = {N_("SEQ"), N_("WHEN"), N_("WHAT"), N_("BY"),
                                            N_("NEW STATES")};
enum { HISTORY_COLUMNS = 5, PAGE_COUNT_MAX = 1000 };

static const struct worded kinds[] = {
    {"answer", N_("a step was answered")},
    {"approval", N_("a proposal was approved")},
    {"assigned", N_("the case was given to somebody")},
    {"clock.advanced", N_("the clock was moved on")},
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
    {"workflow.loaded", N_("a workflow was loaded")},
    {NULL, NULL},
};

static const struct worded outcomes[] = {
    {"broken", N_("a step broke off")},
    {"done", N_("a step is done")},
    {"failed", N_("a step has failed")},
    {"parked", N_("a step waits")},
    {NULL, NULL},
};

struct text entry_words(struct client *client, const struct value *entry)
{
    struct text title = value_text_at(entry, "title"), kind = value_text_at(entry, "kind");
    struct text words = words_for(kinds, kind, kind), event = value_text_at(entry, "event");
    const struct value *raised = value_at(entry, "raised"),
                       *linked = value_at(entry, "link/linked");

    words = words_for(outcomes, value_text_at(entry, "outcome"), words);
    if (raised)
        words = text_from(raised->boolean ? _("a flag was set") : _("a flag was taken away"));
    if (linked)
        words = text_from(linked->boolean ? _("a link was set") : _("a link was taken away"));
    if (title.size == 0)
        return words;
    /* A proposal's title is that of what it asks for. */
    return text_begins(event, "case.")
               ? text_printf(client->arena, "%.*s (%.*s)", TEXT_ARG(words), TEXT_ARG(title))
               : title;
}

/* The fields that were corrected, by their titles. */
static struct text fields_of(struct client *client, const struct value *data)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(data); i++)
        text_append_printf(&buffer, "%s%.*s", i > 0 ? ", " : "",
                           TEXT_ARG(titles_known_field(client, value_member(data, i)->key)));
    return text_buffer_text(&buffer);
}

/* "SN-2026-00001-Y, its mother" */
static struct text link_about(struct client *client, const struct value *link)
{
    struct text kind = link_words(value_text_at(link, "kind"));

    return text_printf(client->arena, "%.*s%s%.*s", TEXT_ARG(value_text_at(link, "code")),
                       kind.size > 0 ? ", " : "", TEXT_ARG(kind));
}

static struct text entry_about(struct client *client, const struct value *entry)
{
    if (value_at(entry, "link"))
        return link_about(client, value_at(entry, "link"));
    if (value_at(entry, "person"))
        return value_text_at(entry, "person");
    if (value_at(entry, "role"))
        return titles_role(client, value_text_at(entry, "role"));
    if (value_at(entry, "document/name"))
        return value_text_at(entry, "document/name");
    if (value_at(entry, "step"))
        return titles_name(client, value_text_at(entry, "step"));
    if (value_is_string(value_at(entry, "kind"), "correction"))
        return fields_of(client, value_at(entry, "data"));
    return value_text_at(entry, "flag");
}

struct text entry_whole(struct client *client, const struct value *entry)
{
    struct text words = entry_words(client, entry), about = entry_about(client, entry);

    return about.size == 0 || text_equal(about, words)
               ? words
               : text_printf(client->arena, "%.*s (%.*s)", TEXT_ARG(words), TEXT_ARG(about));
}

struct text entry_said(struct client *client, const struct value *entry)
{
    struct text comment = value_text_at(entry, "comment");

    return comment.size > 0 ? comment : heard(client, value_text_at(entry, "note"));
}

/* All of it on one line. */
static struct text entry_line(struct client *client, const struct value *entry)
{
    struct text whole = entry_whole(client, entry), told = entry_said(client, entry);

    return told.size == 0 ? whole
                          : text_printf(client->arena, "%.*s%s%.*s", TEXT_ARG(whole), colon(client),
                                        TEXT_ARG(told));
}

static bool has_state(const struct value *entry, struct text id)
{
    const struct value *states = value_at(entry, "states");

    for (size_t i = 0; i < value_count(states); i++)
        if (text_equal(value_item(states, i)->string, id))
            return true;
    return false;
}

/* Those that were not there before: the others only repeat themselves. */
static struct text new_states(struct client *client, const struct value *before,
                              const struct value *entry)
{
    const struct value *ids = value_at(entry, "states"), *titles = value_at(entry, "titles");
    struct value news = value_list(client->arena), one = value_map(client->arena);

    for (size_t i = 0; i < value_count(ids); i++)
        if (!before || !has_state(before, value_item(ids, i)->string))
            value_append(&news, *value_item(titles ? titles : ids, i));
    value_put(&one, "states", news);
    return titles_states(client, &one);
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
        row[2] = entry_line(client, entry);
        row[3] = value_text_at(entry, "by");
        row[4] = new_states(client, i > 0 ? value_item(entries, i - 1) : NULL, entry);
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
        titles_about(client, value_text_at(body, "workflow"));
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
    if (client->about.size > 0)
        value_put(whole_out, "workflow", value_string(client->about));
    value_put(whole_out, member, lines);
    if (cursor.size > 0)
        value_put(whole_out, "cursor", value_string(cursor));
    return CLIENT_DONE;
}

int history_read(struct client *client, struct value *whole_out)
{
    return gather_pages(client, "history", "entries", whole_out);
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

static struct text roles_held(struct client *client, const struct value *roles)
{
    struct value titles = value_list(client->arena);

    for (size_t i = 0; i < value_count(roles); i++)
        value_append(&titles, value_string(titles_role(client, value_item(roles, i)->string)));
    return print_value(client, &titles);
}

/* What was shown. */
static struct text read_words(struct client *client, struct text what)
{
    static const struct text document = TEXT("document ");
    static const struct worded kinds[] = {{"case", N_("the case")},
                                          {"search", N_("a name, by searching")},
                                          {"export", N_("all of it, as an export")},
                                          {NULL, NULL}};

    if (text_begins(what, document.bytes))
        return text_printf(client->arena, _("document %.*s"), (int)(what.size - document.size),
                           what.bytes + document.size);
    return words_for(kinds, what, what);
}

static void print_reads(struct client *client, const struct value *reads)
{
    size_t count = value_count(reads);
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * READ_COLUMNS);

    for (size_t i = 0; i < count; i++) {
        const struct value *read = value_item(reads, i);
        struct text what = read_words(client, value_text_at(read, "what")),
                    *row = &cells[i * READ_COLUMNS];
        row[0] = text_printf(client->arena, "%lld", (long long)value_int_at(read, "seq", 0));
        row[1] = print_time(client, value_text_at(read, "at"));
        row[2] = value_text_at(read, "by");
        row[3] = value_text_at(read, "person");
        row[4] = roles_held(client, value_at(read, "roles"));
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
