/* What staff do all day: the inbox, events, answers. */
#include <stdio.h>

#include "base/arena.h"
#include "client/client.h"

int work_inbox(struct client *client)
{
    struct text_buffer path;
    struct value body;

    text_buffer_init(&path, client->arena);
    text_append_printf(&path, "/v1/inbox?limit=%.*s%s",
                       TEXT_ARG(http_escape(client, client->limit ? client->limit : "50")),
                       client->overdue ? "&overdue=1" : "");
    int result = http_get(client, false, text_buffer_text(&path), &body);
    if (result != CLIENT_DONE || print_json(client, &body))
        return result;
    const struct value *cases = value_at(&body, "cases");
    int64_t total = value_int_at(&body, "total", 0);
    print_cases(client, cases);
    print_asked(cases);
    print_notices(client, value_at(&body, "notices"));
    if (total > (int64_t)value_count(cases))
        say(client, "%lld in all; --limit shows more.", (long long)total);
    return CLIENT_DONE;
}

static struct text case_path(struct client *client)
{
    return text_printf(client->arena, "/v1/cases/%.*s",
                       TEXT_ARG(http_escape(client, client->arguments[0])));
}

/* The form that the fields are read by; NULL where the daemon offers none: it then says what is
 * wrong. */
static const struct value *event_form(const struct value *body, struct text event)
{
    const struct value *available = value_at(body, "available");

    for (size_t i = 0; i < value_count(available); i++)
        if (text_equal(value_text_at(value_item(available, i), "event"), event))
            return value_at(value_item(available, i), "form");
    return NULL;
}

static const struct value *step_of(const struct value *body, struct text id)
{
    const struct value *steps = value_at(body, "steps");

    for (size_t i = 0; i < value_count(steps); i++)
        if (text_equal(value_text_at(value_item(steps, i), "id"), id))
            return value_item(steps, i);
    return NULL;
}

/* The park that was read is the one that is answered. */
static int64_t park_of(const struct value *step)
{
    bool is_parked = value_is_string(value_get(step, TEXT("status")), "parked");

    return is_parked ? value_int_at(step, "park", 0) : 0;
}

/* `park` 0: it is no answer to one. */
static int submit(struct client *client, const struct value *form, int64_t park, struct text path)
{
    struct value body = value_map(client->arena), data, answer;
    int result = form_data(client, form, &data);

    if (result != CLIENT_DONE)
        return result;
    value_put(&body, "data", data);
    if (park > 0)
        value_put(&body, "park", value_int(park));
    if (client->comment)
        value_put(&body, "comment", value_cstring(client->comment));
    result = http_post(client, false, path, &body, &answer);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    printf("%.*s  %.*s\n", TEXT_ARG(value_text_at(&answer, "code")),
           TEXT_ARG(print_value(client, value_at(&answer, "states"))));
    say_proposal(client, value_text_at(&answer, "code"), value_at(&answer, "proposal"), true);
    return CLIENT_DONE;
}

static int show_possible(struct client *client, const struct value *body)
{
    const struct value *available = value_at(body, "available");

    if (available && print_json(client, available))
        return CLIENT_DONE;
    print_available(client, available, true);
    say(client, "Name one: sankofa do %s EVENT [-f field=value]...", client->arguments[0]);
    return CLIENT_DONE;
}

int work_do(struct client *client)
{
    struct value body;
    int result = http_get(client, false, case_path(client), &body);

    if (result != CLIENT_DONE)
        return result;
    if (client->argument_count == 1)
        return show_possible(client, &body);
    const char *event = client->arguments[1];
    struct text path =
        text_printf(client->arena, "%.*s/transitions/%.*s", TEXT_ARG(case_path(client)),
                    TEXT_ARG(http_escape(client, event)));
    return submit(client, event_form(&body, text_from(event)), 0, path);
}

int work_answer(struct client *client)
{
    const char *step = client->arguments[1];
    struct value body;
    int result = http_get(client, false, case_path(client), &body);

    if (result != CLIENT_DONE)
        return result;
    struct text path =
        text_printf(client->arena, "%.*s/steps/%.*s/answer", TEXT_ARG(case_path(client)),
                    TEXT_ARG(http_escape(client, step)));
    const struct value *asks = step_of(&body, text_from(step));
    return submit(client, value_at(asks, "answer/form"), park_of(asks), path);
}
