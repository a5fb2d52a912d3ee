/* A case on paper: what a person may see of it, in order, in lines that fit a page.
 *
 * Nothing is asked for that the daemon does not show this person anyway; what is hidden is counted,
 * never named. */
#include "client/people/summary.h"

#include <string.h>
#include <time.h>

#include "base/arena.h"

enum { LABEL_COLUMNS = 28, INDENT = 2 };

/* ---- Lines. ---- */

static void add(struct summary *summary, enum summary_style style, struct text text)
{
    if (summary->count == summary->room) {
        size_t room = summary->room ? 2 * summary->room : 64;
        struct summary_line *lines = ARENA_ARRAY(summary->client->arena, struct summary_line, room);
        for (size_t i = 0; i < summary->count; i++)
            lines[i] = summary->lines[i];
        summary->lines = lines;
        summary->room = room;
    }
    summary->lines[summary->count++] = (struct summary_line){style, text};
}

static void add_blank(struct summary *summary)
{
    add(summary, SUMMARY_PLAIN, TEXT(""));
}

/* A head stands on the page of what follows it. */
static void add_head(struct summary *summary, const char *head)
{
    size_t row = (summary->count + 1) % SUMMARY_ROWS;

    add_blank(summary);
    for (; row > 0 && row + 3 > SUMMARY_ROWS; row = (row + 1) % SUMMARY_ROWS)
        add_blank(summary);
    add(summary, SUMMARY_HEAD, text_from(head));
}

/* The first line of what is left to say; taken off it. */
static struct text take_line(struct text *rest, size_t columns)
{
    const char *newline = rest->size > 0 ? memchr(rest->bytes, '\n', rest->size) : NULL;
    struct text line = {rest->bytes, newline ? (size_t)(newline - rest->bytes) : rest->size};
    size_t size = look_fit(line, columns), skip = size + (newline && size == line.size);

    *rest = (struct text){rest->bytes + skip, rest->size - skip};
    line.size = size;
    while (line.size > 0 && line.bytes[line.size - 1] == ' ')
        line.size--;
    return line;
}

/* "  Label          text that goes on
 *                   below itself" */
static void add_pair(struct summary *summary, struct text label, struct text text)
{
    struct arena *arena = summary->client->arena;
    size_t columns = SUMMARY_COLUMNS - LABEL_COLUMNS - INDENT;

    do {
        struct text name = take_line(&label, LABEL_COLUMNS - 2), line = take_line(&text, columns);
        int gap = line.size > 0 ? (int)(LABEL_COLUMNS - look_width(name)) : 0;
        add(summary, SUMMARY_PLAIN,
            text_printf(arena, "%*s%.*s%*s%.*s", INDENT, "", TEXT_ARG(name), gap, "",
                        TEXT_ARG(line)));
    } while (label.size > 0 || text.size > 0);
}

static void add_paragraph(struct summary *summary, struct text text)
{
    do {
        struct text line = take_line(&text, SUMMARY_COLUMNS - INDENT);
        add(summary, SUMMARY_PLAIN,
            text_printf(summary->client->arena, "%*s%.*s", INDENT, "", TEXT_ARG(line)));
    } while (text.size > 0);
}

/* ---- What stands on it. ---- */

static void add_moment(struct summary *summary, const char *label, const struct value *moment)
{
    struct client *client = summary->client;
    struct text at = print_time(client, value_text_at(moment, "at"));
    struct text by = value_text_at(moment, "by");

    if (at.size > 0)
        add_pair(summary, text_from(label),
                 text_printf(client->arena, "%.*s%s%.*s", TEXT_ARG(at), by.size ? _(" by ") : "",
                             TEXT_ARG(by)));
}

/* {ROLE: whose it is}, flags, and linked cases, where there are any. */
static void add_care(struct summary *summary, const struct value *view)
{
    struct client *client = summary->client;
    const struct value *assigned = value_at(view, "assigned"), *flags = value_at(view, "flags"),
                       *links = value_at(view, "links");

    for (size_t i = 0; i < value_count(assigned); i++) {
        const struct value *one = value_item(assigned, i);
        add_pair(summary, text_from(_("Given to")),
                 text_printf(client->arena, "%.*s (%.*s)", TEXT_ARG(value_text_at(one, "person")),
                             TEXT_ARG(titles_role(client, value_text_at(one, "role")))));
    }
    for (size_t i = 0; i < value_count(flags); i++)
        add_pair(summary, text_from(_("Flag")), value_text_at(value_item(flags, i), "flag"));
    for (size_t i = 0; i < value_count(links); i++)
        add_pair(summary, text_from(_("Linked case")),
                 text_printf(client->arena, "%.*s, %.*s",
                             TEXT_ARG(value_text_at(value_item(links, i), "code")),
                             TEXT_ARG(link_words(value_text_at(value_item(links, i), "kind")))));
}

static void add_top(struct summary *summary, const struct value *view)
{
    struct client *client = summary->client;
    struct text title = value_text_at(view, "title"), code = value_text_at(view, "code");

    add(summary, SUMMARY_HEAD, code);
    while (title.size > 0)
        add(summary, SUMMARY_HEAD, take_line(&title, SUMMARY_COLUMNS));
    add_blank(summary);
    add_pair(summary, text_from(_("Country")), value_text_at(view, "country"));
    add_moment(summary, _("Opened"), value_at(view, "opened"));
    add_moment(summary, _("Changed"), value_at(view, "changed"));
    if (value_bool_at(view, "closed"))
        add_pair(summary, text_from(_("Closed")),
                 print_time(client, value_text_at(view, "closed_at")));
    add_care(summary, view);
}

static void add_states(struct summary *summary, const struct value *view)
{
    struct client *client = summary->client;
    const struct value *states = value_at(view, "states"), *dues = value_at(view, "deadlines");

    add_head(summary, _("Where the case is"));
    for (size_t i = 0; i < value_count(states); i++)
        add_paragraph(summary, value_text_at(value_item(states, i), "title"));
    for (size_t i = 0; i < value_count(dues); i++) {
        const struct value *due = value_item(dues, i);
        struct text at = print_time(client, value_text_at(due, "due"));
        add_paragraph(summary, text_printf(client->arena, _("Due %.*s: %.*s%s"), TEXT_ARG(at),
                                           TEXT_ARG(value_text_at(due, "title")),
                                           value_bool_at(due, "overdue") ? _("  OVERDUE") : ""));
    }
}

static void add_data(struct summary *summary, const struct value *view, const struct value *fields)
{
    struct client *client = summary->client;
    const struct value *data = value_at(view, "data");
    size_t hidden = value_count(value_at(view, "hidden"));

    add_head(summary, _("What is known"));
    for (size_t i = 0; i < value_count(data); i++) {
        const struct value_member *member = value_member(data, i);
        add_pair(summary, titles_field(client, fields, member->key),
                 titles_value(client, value_get(fields, member->key), &member->value));
    }
    if (hidden > 0)
        add_paragraph(summary,
                      text_printf(client->arena,
                                  ngettext("%zu field is not shown to your role.",
                                           "%zu fields are not shown to your role.", hidden),
                                  hidden));
}

static void add_documents(struct summary *summary, const struct value *body)
{
    struct client *client = summary->client;
    const struct value *documents = value_at(body, "documents");
    int64_t hidden = value_int_at(body, "hidden", 0);

    if (value_count(documents) == 0 && hidden == 0)
        return;
    add_head(summary, _("Documents"));
    for (size_t i = 0; i < value_count(documents); i++) {
        const struct value *one = value_item(documents, i);
        add_pair(summary,
                 text_printf(client->arena, "%lld", (long long)value_int_at(one, "document", 0)),
                 text_printf(client->arena, _("%.*s, %.*s, by %.*s  %.*s"),
                             TEXT_ARG(value_text_at(one, "name")),
                             TEXT_ARG(document_size(client, value_int_at(one, "size", 0))),
                             TEXT_ARG(value_text_at(one, "by")),
                             TEXT_ARG(print_time(client, value_text_at(one, "at")))));
    }
    if (hidden > 0)
        add_paragraph(summary, text_printf(client->arena,
                                           ngettext("%lld document is not shown to your role.",
                                                    "%lld documents are not shown to your role.",
                                                    (unsigned long)hidden),
                                           (long long)hidden));
}

static void add_proposals(struct summary *summary, const struct value *view)
{
    const struct value *proposals = value_at(view, "proposals");
    bool is_first = true;

    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value *one = value_item(proposals, i);
        if (!value_is_string(value_at(one, "status"), "open"))
            continue;
        if (is_first)
            add_head(summary, _("Waits for approval"));
        is_first = false;
        add_pair(summary, print_time(summary->client, value_text_at(one, "at")),
                 text_printf(summary->client->arena, _("%.*s, by %.*s"),
                             TEXT_ARG(value_text_at(one, "title")),
                             TEXT_ARG(value_text_at(one, "by"))));
    }
}

/* What people did; what the workflow did of itself stands in the history on the screen. */
static void add_history(struct summary *summary, const struct value *entries)
{
    struct client *client = summary->client;

    add_head(summary, _("What people did"));
    for (size_t i = 0; i < value_count(entries); i++) {
        const struct value *entry = value_item(entries, i);
        struct text title = entry_whole(client, entry), by = value_text_at(entry, "by");
        struct text comment = entry_said(client, entry);
        if (by.size == 0)
            continue;
        add_pair(summary, print_time(client, value_text_at(entry, "at")),
                 text_printf(client->arena, _("%.*s, by %.*s%s%.*s"), TEXT_ARG(title), TEXT_ARG(by),
                             comment.size ? "\n" : "", TEXT_ARG(comment)));
    }
}

void summary_lay_out(struct summary *summary, const struct value *view, const struct value *fields,
                     const struct value *documents, const struct value *entries)
{
    struct client *client = summary->client;

    summary->foot = text_printf(client->arena, _("%.*s  confidential: keep it locked away"),
                                TEXT_ARG(value_text_at(view, "code")));
    add_top(summary, view);
    add_states(summary, view);
    add_data(summary, view, fields);
    add_documents(summary, documents);
    add_proposals(summary, view);
    add_history(summary, entries);
}

/* ---- Pages. ---- */

size_t summary_page_count(const struct summary *summary)
{
    return (summary->count + SUMMARY_ROWS - 1) / SUMMARY_ROWS;
}

struct text summary_foot(const struct summary *summary, size_t page)
{
    struct arena *arena = summary->client->arena;
    struct text number =
        text_printf(arena, _("page %zu of %zu"), page + 1, summary_page_count(summary));
    size_t used = look_width(summary->foot) + look_width(number);

    return text_printf(arena, "%.*s%*s%.*s", TEXT_ARG(summary->foot),
                       used + 2 < SUMMARY_COLUMNS ? (int)(SUMMARY_COLUMNS - used) : 2, "",
                       TEXT_ARG(number));
}
