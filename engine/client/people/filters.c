/* What lists are narrowed by, where it is typed wrong: a list that is empty for want of a letter
 * looks like one that is empty. */
#include <stdio.h>

#include "base/arena.h"
#include "base/sound.h"
#include "client/people/people.h"

enum { NAMES_MAX = 4096 };

struct names {
    struct client *client;
    struct text ids[NAMES_MAX];
    size_t count;
    struct text wanted, folded;
    bool is_known;
    struct text by_title; /* the id of what is called so; empty: nothing */
};

static void add(struct names *names, struct text id, struct text title)
{
    names->is_known = names->is_known || text_equal(id, names->wanted);
    if (text_equal(sound_fold(names->client->arena, title), names->folded))
        names->by_title = id;
    if (names->count < NAMES_MAX)
        names->ids[names->count++] = id;
}

/* In each language that it has. */
static void add_titled(struct names *names, struct text id, const struct value *title)
{
    if (!title || title->kind == VALUE_STRING)
        add(names, id, title ? title->string : id);
    else if (value_count(title) == 0)
        add(names, id, id);
    for (size_t i = 0; title && title->kind == VALUE_MAP && i < value_count(title); i++)
        add(names, id, value_member(title, i)->value.string);
}

static void add_states(struct names *names, const struct value *states)
{
    for (size_t i = 0; i < value_count(states); i++) {
        const struct value_member *state = value_member(states, i);
        add_titled(names, state->key, value_at(&state->value, "title"));
        if (value_at(&state->value, "states"))
            add_states(names, value_at(&state->value, "states"));
    }
}

/* The names of those workflows, or of the states of each; `only`: of one. */
static int gather(struct names *names, const char *only, bool has_states)
{
    struct client *client = names->client;
    struct value *body = ARENA_NEW(client->arena, struct value);
    int result = http_get(client, false, TEXT("/v1/workflows"), body);
    const struct value *workflows = value_at(body, "workflows");

    for (size_t i = 0; result == CLIENT_DONE && i < value_count(workflows); i++) {
        const struct value *one = value_item(workflows, i);
        struct text id = value_text_at(one, "id");
        struct value *definition = ARENA_NEW(client->arena, struct value);
        if (!has_states)
            add(names, id, value_text_at(one, "title"));
        if (!has_states || (only && !text_is(id, only)))
            continue;
        result =
            http_get(client, false, text_printf(client->arena, "/v1/workflows/%.*s", TEXT_ARG(id)),
                     definition);
        add_states(names, value_at(definition, "definition/states"));
    }
    return result;
}

static int refuse(const struct names *names, const char *sentence)
{
    struct text nearest = text_nearest(names->wanted, names->ids, names->count);

    complain(sentence, TEXT_ARG(names->wanted));
    if (nearest.size > 0)
        complain("Did you mean %.*s?", TEXT_ARG(nearest));
    else
        complain("`sankofa workflow list` and `sankofa workflow show ID` tell what there is.");
    return CLIENT_NOT_FOUND;
}

/* Makes an id of what was typed. */
static int settle(struct client *client, const char **typed, bool has_states, const char *only,
                  const char *sentence)
{
    struct names *names = ARENA_NEW(client->arena, struct names);

    names->client = client;
    names->wanted = text_from(*typed);
    names->folded = sound_fold(client->arena, names->wanted);
    int result = gather(names, only, has_states);
    if (result != CLIENT_DONE || names->is_known)
        return result;
    if (names->by_title.size == 0)
        return refuse(names, sentence);
    *typed = text_copy(client->arena, names->by_title).bytes;
    return CLIENT_DONE;
}

int filters_settle(struct client *client)
{
    int result = CLIENT_DONE;

    if (client->workflow)
        result = settle(client, &client->workflow, false, NULL,
                        N_("There is no workflow \"%.*s\" here."));
    if (result == CLIENT_DONE && client->state)
        result = settle(client, &client->state, true, client->workflow,
                        N_("No workflow here has a state \"%.*s\"."));
    return result;
}
