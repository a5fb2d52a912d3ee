/* Why a case waits, and steps that only a person can settle. */
#include <stdio.h>

#include "base/arena.h"
#include "client/people/people.h"

static struct text case_path(struct client *client)
{
    return text_printf(client->arena, "/v1/cases/%.*s",
                       TEXT_ARG(http_escape(client, client->arguments[0])));
}

/* ---- case explain ---- */

enum { WAY_INDENT = 4, WHY_INDENT = 8 };

/* What a state raises when it has come to its end. */
static bool is_done(struct text event)
{
    return text_begins(event, "done.state.");
}

/* "Register the child (register) -> Assessment"; the id is what is typed. */
static struct text transition_line(struct client *client, const struct value *one)
{
    struct text event = value_text_at(one, "event"), title = value_text_at(one, "title");
    struct text id = event.size > 0 ? event : value_text_at(one, "id");
    struct text targets = print_value(client, value_at(one, "target_titles"));
    if (is_done(event))
        id = text_from(_("once all of it is done"));
    bool is_typed = title.size > 0 && value_is_string(value_at(one, "trigger"), "person");

    return text_printf(client->arena, "%.*s%s%.*s%s%s%.*s", TEXT_ARG(title.size > 0 ? title : id),
                       is_typed ? " (" : "", TEXT_ARG(is_typed ? id : TEXT_NONE),
                       is_typed ? ")" : "", targets.size > 0 ? " -> " : "", TEXT_ARG(targets));
}

static void print_transition(struct client *client, const struct value *one)
{
    struct text why = heard(client, value_text_at(one, "why"));
    bool is_told = !is_done(value_text_at(one, "event"));

    printf("%*s", WAY_INDENT, "");
    look_write(stdout, transition_line(client, one), WAY_INDENT, WAY_INDENT + 2);
    putchar('\n');
    if (!is_told)
        return;
    if (value_bool_at(one, "possible"))
        why = text_from(_("you may"));
    printf("%*s", WHY_INDENT, "");
    look_write(stdout, why, WHY_INDENT, WHY_INDENT);
    putchar('\n');
}

/* Two transitions of one event, told apart by their guards alone, are one way to people. */
static bool is_same(const struct value *a, const struct value *b)
{
    static const char *const told[] = {"event", "state", "why"};
    const struct value *targets = value_at(a, "targets");

    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        if (!text_equal(value_text_at(a, told[i]), value_text_at(b, told[i])))
            return false;
    return targets && value_equal(targets, value_at(b, "targets"));
}

static void print_step(struct client *client, const struct value *one)
{
    struct text id = value_text_at(one, "id"), title = value_text_at(one, "title");
    bool is_titled = title.size > 0 && !text_equal(title, id);

    printf("  %.*s (%.*s%s%.*s)%s%.*s\n%*s", TEXT_ARG(is_titled ? title : id),
           TEXT_ARG(is_titled ? id : TEXT_NONE), is_titled ? ", " : "",
           TEXT_ARG(value_text_at(one, "uses")), colon(client),
           TEXT_ARG(step_words(value_text_at(one, "status"))), WHY_INDENT, "");
    look_write(stdout, heard(client, value_text_at(one, "waits_for")), WHY_INDENT, WHY_INDENT);
    putchar('\n');
}

int case_explain_why(struct client *client)
{
    struct text path = text_printf(client->arena, "%.*s/explain", TEXT_ARG(case_path(client)));
    struct text last = TEXT_NONE;
    struct value body;
    int result = http_get(client, false, path, &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *transitions = value_at(&body, "transitions");
    const struct value *steps = value_at(&body, "steps");
    printf("%.*s  %.*s%s\n", TEXT_ARG(value_text_at(&body, "code")),
           TEXT_ARG(titles_states(client, &body)),
           value_bool_at(&body, "closed") ? _("  closed") : "");
    if (value_count(steps) > 0)
        print("Steps\n");
    for (size_t i = 0; i < value_count(steps); i++)
        print_step(client, value_item(steps, i));
    if (value_count(transitions) > 0)
        print("Ways on\n");
    for (size_t i = 0; i < value_count(transitions); i++) {
        const struct value *one = value_item(transitions, i);
        struct text state = value_text_at(one, "state_title");
        if (i > 0 && is_same(value_item(transitions, i - 1), one))
            continue;
        if (!text_equal(state, last))
            printf("  %.*s\n", TEXT_ARG(state));
        last = state;
        print_transition(client, one);
    }
    return CLIENT_DONE;
}

/* ---- case settle ---- */

/* What the step type puts out, as a form; NULL where the step does not wait: the daemon says so. */
static const struct value *outputs_of(const struct value *body, struct text id)
{
    const struct value *steps = value_at(body, "steps");

    for (size_t i = 0; i < value_count(steps); i++)
        if (text_equal(value_text_at(value_item(steps, i), "id"), id))
            return value_at(value_item(steps, i), "settle/outputs");
    return NULL;
}

static bool is_complete(const struct client *client)
{
    if (client->outcome && client->reason)
        return true;
    complain(client->outcome ? N_("Settling a step needs its reason.")
                             : N_("Settling a step needs its outcome."));
    complain("Say --outcome done, failed or again, and --reason TEXT.");
    return false;
}

int case_settle(struct client *client)
{
    const char *step = client->arguments[1];
    struct value before, data, body = value_map(client->arena), answer;

    if (!is_complete(client))
        return CLIENT_WRONG_USE;
    int result = http_get(client, false, case_path(client), &before);
    if (result == CLIENT_DONE)
        result = form_data(client, outputs_of(&before, text_from(step)), &data);
    if (result != CLIENT_DONE)
        return result;
    value_put(&body, "outcome", value_cstring(client->outcome));
    value_put(&body, "reason", value_cstring(client->reason));
    if (value_count(&data) > 0)
        value_put(&body, "data", data);
    struct text path =
        text_printf(client->arena, "%.*s/steps/%.*s/settle", TEXT_ARG(case_path(client)),
                    TEXT_ARG(http_escape(client, step)));
    result = http_post(client, false, path, &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    print_receipt(client, &answer);
    return CLIENT_DONE;
}
