/* Why a case waits, and steps that only a person can settle. */
#include <stdio.h>

#include "base/arena.h"
#include "client/client.h"

static struct text case_path(struct client *client)
{
    return text_printf(client->arena, "/v1/cases/%.*s",
                       TEXT_ARG(http_escape(client, client->arguments[0])));
}

/* ---- case explain ---- */

enum { WHY_INDENT = 6 };

static void print_targets(const struct value *targets)
{
    for (size_t i = 0; i < value_count(targets); i++)
        printf("%s%.*s", i == 0 ? " -> " : ", ", TEXT_ARG(value_item(targets, i)->string));
}

static void print_transition(struct client *client, const struct value *one)
{
    struct text event = value_text_at(one, "event"), why = heard(client, value_text_at(one, "why"));
    struct text id = event.size > 0 ? event : value_text_at(one, "id");

    printf("  %.*s: %.*s", TEXT_ARG(value_text_at(one, "state")), TEXT_ARG(id));
    print_targets(value_at(one, "targets"));
    putchar('\n');
    if (value_bool_at(one, "possible"))
        why = text_from(_("you may"));
    printf("%*s", WHY_INDENT, "");
    look_write(stdout, why, WHY_INDENT, WHY_INDENT);
    putchar('\n');
}

static void print_step(struct client *client, const struct value *one)
{
    printf("  %.*s (%.*s): %.*s\n      %.*s\n", TEXT_ARG(value_text_at(one, "id")),
           TEXT_ARG(value_text_at(one, "uses")), TEXT_ARG(value_text_at(one, "status")),
           TEXT_ARG(heard(client, value_text_at(one, "waits_for"))));
}

int case_explain_why(struct client *client)
{
    struct text path = text_printf(client->arena, "%.*s/explain", TEXT_ARG(case_path(client)));
    struct value body;
    int result = http_get(client, false, path, &body);

    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *transitions = value_at(&body, "transitions");
    const struct value *steps = value_at(&body, "steps");
    printf("%.*s  %.*s%s\n", TEXT_ARG(value_text_at(&body, "code")),
           TEXT_ARG(print_value(client, value_at(&body, "states"))),
           value_bool_at(&body, "closed") ? _("  closed") : "");
    if (value_count(steps) > 0)
        print("Steps\n");
    for (size_t i = 0; i < value_count(steps); i++)
        print_step(client, value_item(steps, i));
    if (value_count(transitions) > 0)
        print("Ways on\n");
    for (size_t i = 0; i < value_count(transitions); i++)
        print_transition(client, value_item(transitions, i));
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
    printf("%.*s  %.*s\n", TEXT_ARG(value_text_at(&answer, "code")),
           TEXT_ARG(print_value(client, value_at(&answer, "states"))));
    return CLIENT_DONE;
}
