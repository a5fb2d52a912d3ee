/* Opening, listing, showing cases, and their history. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "client/ask/ask.h"
#include "client/people/people.h"

/* ---- Lists. ---- */

static const char *const list_heads[] = {N_("CODE"),    N_("WORKFLOW"), N_("STATES"),
                                         N_("CHANGED"), N_("DEADLINE"), N_("FLAGS"),
                                         N_("WAITS")};
enum {
    COLUMN_CODE,
    COLUMN_WORKFLOW,
    COLUMN_STATES,
    COLUMN_CHANGED,
    COLUMN_DEADLINE,
    COLUMN_FLAGS,
    COLUMN_WAITS,
    LIST_COLUMNS
};

static struct text deadline_cell(struct client *client, const struct value *line)
{
    struct text deadline = print_time(client, value_text_at(line, "deadline"));

    if (value_bool_at(line, "quarantined"))
        return text_from(_("damaged"));
    if (value_bool_at(line, "closed"))
        return text_from(_("closed"));
    return value_bool_at(line, "overdue")
               ? text_printf(client->arena, _("%.*s OVERDUE"), TEXT_ARG(deadline))
               : deadline;
}

/* Why it is in the inbox; nothing of what is there because anybody with the role may act. */
static struct text waits_cell(struct client *client, const struct value *waits)
{
    static const struct {
        const char *waits, *words;
    } kinds[] = {{"mine", N_("for you")},
                 {"left", N_("whose it was is gone")},
                 {"review", N_("glass was broken")}};
    struct value words = value_list(client->arena);

    for (size_t i = 0; i < value_count(waits); i++)
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            if (value_is_string(value_item(waits, i), kinds[k].waits))
                value_append(&words, value_cstring(_(kinds[k].words)));
    return print_value(client, &words);
}

static void fill_row(struct client *client, const struct value *line, struct text *row)
{
    struct text title = value_text_at(line, "title");

    row[COLUMN_CODE] = value_text_at(line, "code");
    row[COLUMN_WORKFLOW] = title.size > 0 ? title : value_text_at(line, "workflow");
    row[COLUMN_STATES] = titles_states(client, line);
    row[COLUMN_CHANGED] = print_time(client, value_text_at(line, "changed"));
    row[COLUMN_DEADLINE] = deadline_cell(client, line);
    row[COLUMN_FLAGS] = print_value(client, value_at(line, "flags"));
    row[COLUMN_WAITS] = waits_cell(client, value_at(line, "waits"));
}

/* What tells nothing is left out: the workflow where it is the same in every line, flags where
 * there are none. */
static bool is_telling(size_t column, const struct text *cells, size_t count)
{
    bool is_same = true, is_empty = true;

    for (size_t i = 0; i < count; i++) {
        is_same = is_same && text_equal(cells[i * LIST_COLUMNS + column], cells[column]);
        is_empty = is_empty && cells[i * LIST_COLUMNS + column].size == 0;
    }
    return column == COLUMN_WORKFLOW                          ? !is_same
           : column == COLUMN_FLAGS || column == COLUMN_WAITS ? !is_empty
                                                              : true;
}

bool print_cases(struct client *client, const struct value *cases)
{
    size_t count = value_count(cases), column_count = 0;
    struct text *cells = ARENA_ARRAY(client->arena, struct text, count * LIST_COLUMNS);
    struct text *shown = ARENA_ARRAY(client->arena, struct text, count * LIST_COLUMNS);
    const char *heads[LIST_COLUMNS];
    size_t columns[LIST_COLUMNS];

    if (count == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        fill_row(client, value_item(cases, i), &cells[i * LIST_COLUMNS]);
    for (size_t column = 0; column < LIST_COLUMNS; column++)
        if (is_telling(column, cells, count)) {
            heads[column_count] = list_heads[column];
            columns[column_count++] = column;
        }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < column_count; k++)
            shown[i * column_count + k] = cells[i * LIST_COLUMNS + columns[k]];
    print_table(client, heads, column_count, shown, count);
    return true;
}

void print_receipt(struct client *client, const struct value *answer)
{
    struct text code = value_text_at(answer, "code");
    size_t indent = look_width(code) + 2;

    titles_about(client, value_text_at(answer, "workflow"));
    printf("%.*s  ", TEXT_ARG(code));
    look_write(stdout, titles_states(client, answer), indent, indent);
    putchar('\n');
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

/* The page at the cursor, or with --all every page; *cursor_out: of the next one, NULL: none. */
static int get_cases(struct client *client, struct value *body_out, const char **cursor_out)
{
    const char *cursor = client->cursor;
    struct value all = value_list(client->arena);

    for (;;) {
        int result = http_get(client, false, list_path(client, cursor), body_out);
        if (result != CLIENT_DONE)
            return result;
        const struct value *cases = value_at(body_out, "cases");
        for (size_t i = 0; i < value_count(cases); i++)
            value_append(&all, *value_item(cases, i));
        cursor = value_text_at(body_out, "cursor").bytes;
        if (!cursor || !client->all)
            break;
    }
    value_put(body_out, "cases", all);
    *cursor_out = cursor;
    return CLIENT_DONE;
}

int case_list(struct client *client)
{
    const char *state = client->state, *workflow = client->workflow, *cursor;
    struct value body;

    if (client->open && client->closed) {
        complain("--open and --closed exclude each other.");
        complain("Leave both out to see all cases.");
        return CLIENT_WRONG_USE;
    }
    int result = get_cases(client, &body, &cursor);
    bool is_empty = result == CLIENT_DONE && value_count(value_at(&body, "cases")) == 0;
    if (is_empty && (state || workflow)) {
        result = filters_settle(client);
        if (result == CLIENT_DONE && (client->state != state || client->workflow != workflow))
            result = get_cases(client, &body, &cursor);
    }
    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    if (!print_cases(client, value_at(&body, "cases")))
        say(client, "No case that you may see.");
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
    titles_about(client, text_from(workflow));
    do {
        result = is_asked ? fill_form(client, form, NULL, &data) : form_data(client, form, &data);
        if (result == CLIENT_DONE)
            result = post_new(client, workflow, &data, &answer);
    } while (is_asked && result == CLIENT_REFUSED);
    if (!is_asked)
        say_how_to_fill(client, result);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    printf("%.*s\n", TEXT_ARG(value_text_at(&answer, "code")));
    say_similar(client, &answer);
    say(client, "Opened. `sankofa show %.*s` tells what can be done now.",
        TEXT_ARG(value_text_at(&answer, "code")));
    return CLIENT_DONE;
}
