/* What staff do all day: events, answers. */
#include <stdio.h>

#include "base/arena.h"
#include "base/sound.h"
#include "client/ask/ask.h"
#include "client/people/people.h"

static struct text case_path(struct client *client)
{
    return text_printf(client->arena, "/v1/cases/%.*s",
                       TEXT_ARG(http_escape(client, client->arguments[0])));
}

/* The event that is meant: by its id, else by its title. NULL where the daemon offers none: it then
 * says what is wrong. */
static const struct value *event_named(struct client *client, const struct value *body,
                                       struct text name)
{
    const struct value *available = value_at(body, "available");
    struct text folded = sound_fold(client->arena, name);

    for (size_t i = 0; i < value_count(available); i++)
        if (text_equal(value_text_at(value_item(available, i), "event"), name))
            return value_item(available, i);
    for (size_t i = 0; i < value_count(available); i++) {
        const struct value *one = value_item(available, i);
        if (text_equal(sound_fold(client->arena, value_text_at(one, "title")), folded))
            return one;
    }
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

struct submission {
    struct text path;
    const struct value *form;   /* NULL: the daemon offers none */
    const struct value *before; /* what the case holds */
    int64_t park;               /* 0: it is no answer to one */
    struct text title;          /* of what is filled in */
    bool is_confirmed;          /* asked for, though there is nothing to fill in */
};

static int post(struct client *client, const struct submission *submission,
                const struct value *data, struct value *answer_out)
{
    struct value body = value_map(client->arena);

    value_put(&body, "data", *data);
    if (submission->park > 0)
        value_put(&body, "park", value_int(submission->park));
    if (client->comment)
        value_put(&body, "comment", value_cstring(client->comment));
    return http_post(client, false, submission->path, &body, answer_out);
}

/* Asked field by field, and again with what was typed where the daemon refuses it. */
static int ask_and_post(struct client *client, const struct submission *submission,
                        struct value *answer_out)
{
    struct value data = value_map(client->arena);
    int result;

    if (!submission->is_confirmed) /* else it stands above */
        fprintf(stderr, "%s%.*s%s\n", look(client, stderr, LOOK_STRONG),
                TEXT_ARG(submission->title), look(client, stderr, LOOK_PLAIN));
    do {
        result = fill_form(client, submission->form, submission->before, &data);
        if (result == CLIENT_DONE)
            result = post(client, submission, &data, answer_out);
    } while (result == CLIENT_REFUSED);
    return result;
}

static int submit(struct client *client, const struct submission *submission)
{
    struct value data, answer;
    bool is_asked = ask_may(client) && submission->form &&
                    (value_count(submission->form) > 0 || submission->is_confirmed);
    int result = is_asked ? ask_and_post(client, submission, &answer)
                          : form_data(client, submission->form, &data);

    if (!is_asked && result == CLIENT_DONE)
        result = post(client, submission, &data, &answer);
    if (!is_asked && value_count(submission->form) > 0)
        say_how_to_fill(client, result);
    if (result != CLIENT_DONE || print_json(client, &answer))
        return result;
    print_receipt(client, &answer);
    say_similar(client, &answer);
    say_proposal(client, value_text_at(&answer, "code"), value_at(&answer, "proposal"), true);
    if (!value_at(&answer, "proposal"))
        say(client, "Saved. `sankofa do %.*s` asks for what comes next.",
            TEXT_ARG(value_text_at(&answer, "code")));
    return CLIENT_DONE;
}

static int show_possible(struct client *client, const struct value *body)
{
    const struct value *available = value_at(body, "available");

    if (available && print_json(client, available))
        return CLIENT_DONE;
    print_available(client, available);
    say(client, "Name one: sankofa do %s EVENT [-f field=value]...", client->arguments[0]);
    return CLIENT_DONE;
}

/* Which of the events that are possible now; NULL: none was chosen, told. */
static const char *choose_event(struct client *client, const struct value *body)
{
    const struct value *available = value_at(body, "available");
    const char **events = ARENA_ARRAY(client->arena, const char *, value_count(available) + 1);
    struct text *titles = ARENA_ARRAY(client->arena, struct text, value_count(available) + 1);
    size_t count = 0, index;

    complain("%.*s  %.*s", TEXT_ARG(value_text_at(body, "code")),
             TEXT_ARG(value_text_at(body, "title")));
    for (size_t i = 0; i < value_count(available); i++) {
        const struct value *one = value_item(available, i);
        if (!value_bool_at(one, "allowed"))
            continue;
        titles[count] = value_text_at(one, "title");
        events[count++] = text_copy(client->arena, value_text_at(one, "event")).bytes;
        complain("  %2zu  %.*s", count, TEXT_ARG(value_text_at(one, "title")));
    }
    if (count == 0)
        complain("There is nothing that you may do in this case now.");
    else if (ask_number(client, _("Which one? "), titles, count, &index) == ASK_GIVEN)
        return events[index];
    else
        complain("Nothing was sent.");
    return NULL;
}

int work_do(struct client *client)
{
    struct value body;
    bool is_chosen = client->argument_count == 1 && ask_may(client);
    int result = http_get(client, false, case_path(client), &body);

    if (result != CLIENT_DONE)
        return result;
    titles_about(client, value_text_at(&body, "workflow"));
    if (client->argument_count == 1 && !is_chosen)
        return show_possible(client, &body);
    const char *event = is_chosen ? choose_event(client, &body) : client->arguments[1];
    if (!event)
        return CLIENT_GIVEN_UP;
    const struct value *named = event_named(client, &body, text_from(event));
    struct text id = named ? value_text_at(named, "event") : text_from(event);
    const struct submission submission = {
        .path = text_printf(client->arena, "%.*s/transitions/%.*s", TEXT_ARG(case_path(client)),
                            TEXT_ARG(http_escape(client, text_copy(client->arena, id).bytes))),
        .form = value_at(named, "form"),
        .before = value_at(&body, "data"),
        .title = value_text_at(named, "title"),
        .is_confirmed = is_chosen,
    };
    return submit(client, &submission);
}

int work_answer(struct client *client)
{
    const char *step = client->arguments[1];
    struct value body;
    int result = http_get(client, false, case_path(client), &body);

    if (result != CLIENT_DONE)
        return result;
    titles_about(client, value_text_at(&body, "workflow"));
    const struct value *asks = step_of(&body, text_from(step));
    const struct submission submission = {
        .path = text_printf(client->arena, "%.*s/steps/%.*s/answer", TEXT_ARG(case_path(client)),
                            TEXT_ARG(http_escape(client, step))),
        .form = value_at(asks, "answer/form"),
        .title = value_text_at(asks, "id"),
        .park = park_of(asks),
    };
    return submit(client, &submission);
}
