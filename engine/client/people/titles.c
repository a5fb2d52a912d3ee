/* What fields, choices, states and roles are called, as the workflow says it. */
#include <string.h>

#include "base/arena.h"
#include "base/sound.h"
#include "client/people/people.h"

/* ---- The definition. ---- */

int titles_read(struct client *client, struct text workflow, struct value *fields_out)
{
    struct value *body = ARENA_NEW(client->arena, struct value);

    *fields_out = value_map(client->arena);
    if (workflow.size == 0)
        return CLIENT_DONE; /* an answer that does not say */
    int result = http_get(
        client, false, text_printf(client->arena, "/v1/workflows/%.*s", TEXT_ARG(workflow)), body);
    const struct value *fields = result == CLIENT_DONE ? value_at(body, "definition/fields") : NULL;

    client->definition = result == CLIENT_DONE ? value_at(body, "definition") : NULL;
    if (fields)
        *fields_out = *fields;
    return result;
}

void titles_about(struct client *client, struct text workflow)
{
    client->about = workflow;
}

/* NULL where the daemon does not give it: then names stay as they are. */
static const struct value *get(struct client *client, struct text path)
{
    struct client_answer *answer = ARENA_NEW(client->arena, struct client_answer);
    int result = http_ask(client, "GET", false, path, NULL, NULL, answer);

    return result == CLIENT_DONE && answer->status == 200 ? &answer->body : NULL;
}

/* Asked for once, and only where something has to be named. The line of a list tells the workflow
 * of a case, and is no look into it. */
static const struct value *definition(struct client *client)
{
    struct text code = client->case_code ? http_escape(client, client->case_code) : TEXT_NONE;
    struct text workflow = client->about;

    if (client->definition || client->is_asked)
        return client->definition;
    client->is_asked = true;
    if (workflow.size == 0 && code.size > 0) {
        const struct value *list =
            get(client, text_printf(client->arena, "/v1/cases?code=%.*s", TEXT_ARG(code)));
        if (value_count(value_at(list, "cases")) > 0)
            workflow = value_text_at(value_item(value_at(list, "cases"), 0), "workflow");
    }
    if (workflow.size > 0)
        client->definition = value_at(
            get(client, text_printf(client->arena, "/v1/workflows/%.*s", TEXT_ARG(workflow))),
            "definition");
    return client->definition;
}

/* In the language asked for, else in that of our own words, else in the workflow's first: as the
 * daemon says it. */
static struct text said(const struct client *client, const struct value *words)
{
    const struct value *found = NULL;

    if (!words || words->kind == VALUE_STRING)
        return words ? words->string : TEXT_NONE;
    const struct value *languages = value_at(client->definition, "languages");
    if (client->language)
        found = value_get(words, text_from(client->language));
    if (!found && client->speaks)
        found = value_get(words, text_from(client->speaks));
    if (!found && value_count(languages) > 0)
        found = value_get(words, value_item(languages, 0)->string);
    if (!found && value_count(words) > 0)
        found = &value_member(words, 0)->value;
    return found && found->kind == VALUE_STRING ? found->string : TEXT_NONE;
}

/* ---- Fields. ---- */

struct text titles_field(const struct client *client, const struct value *fields, struct text name)
{
    struct text title = said(client, value_at(value_get(fields, name), "title"));

    return title.size > 0 ? title : name;
}

struct text titles_value(struct client *client, const struct value *field,
                         const struct value *value)
{
    struct text_buffer buffer;

    if (value->kind == VALUE_STRING) {
        struct text title = said(client, value_get(value_at(field, "options"), value->string));
        return title.size > 0 ? title : heard_kept(client, value->string);
    }
    if (value->kind != VALUE_LIST)
        return print_value(client, value);
    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(value); i++) {
        text_append(&buffer, i > 0 ? TEXT("\n") : TEXT(""));
        text_append(&buffer, titles_value(client, field, value_item(value, i)));
    }
    return text_buffer_text(&buffer);
}

/* ---- States and roles. ---- */

struct text titles_states(struct client *client, const struct value *answer)
{
    const struct value *titles = value_at(answer, "titles");
    const struct value *states = titles ? titles : value_at(answer, "states");
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(states); i++)
        text_append_printf(&buffer, "%s%.*s", i > 0 ? " · " : "",
                           TEXT_ARG(value_item(states, i)->string));
    return text_buffer_text(&buffer);
}

/* As ids are written: small letters, digits, _ between them. */
static bool is_id(struct text text)
{
    bool is_one = text.size > 0 && text.bytes[0] >= 'a' && text.bytes[0] <= 'z';

    for (size_t i = 0; i < text.size; i++)
        is_one = is_one && strchr("abcdefghijklmnopqrstuvwxyz0123456789_", text.bytes[i]);
    return is_one;
}

struct text titles_role(struct client *client, struct text role)
{
    if (!is_id(role))
        return role;
    struct text title =
        said(client, value_at(value_get(value_at(definition(client), "roles"), role), "title"));

    return title.size > 0 ? title : role;
}

struct text titles_role_meant(struct client *client, struct text typed)
{
    const struct value *roles = value_at(definition(client), "roles");
    struct text folded = sound_fold(client->arena, typed), found = typed;
    size_t count = 0;

    if (value_get(roles, typed))
        return typed;
    for (size_t i = 0; i < value_count(roles); i++) {
        struct text role = value_member(roles, i)->key;
        if (text_equal(sound_fold(client->arena, titles_role(client, role)), folded)) {
            found = role;
            count++;
        }
    }
    return count == 1 ? found : typed;
}

struct text titles_all_roles(struct client *client)
{
    const struct value *roles = value_at(definition(client), "roles");
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(roles); i++) {
        struct text role = value_member(roles, i)->key, title = titles_role(client, role);
        text_append_printf(&buffer, "%s%.*s", i > 0 ? ", " : "", TEXT_ARG(role));
        if (!text_equal(title, role))
            text_append_printf(&buffer, " (%.*s)", TEXT_ARG(title));
    }
    return text_buffer_text(&buffer);
}

/* Of the state, the event or the step of that id, in these states and those inside. */
static struct text of_states(const struct client *client, const struct value *states,
                             struct text id)
{
    static const char *const parts[] = {"on", "steps"};
    struct text title = said(client, value_at(value_get(states, id), "title"));

    for (size_t i = 0; title.size == 0 && i < value_count(states); i++) {
        const struct value *state = &value_member(states, i)->value;
        for (size_t k = 0; title.size == 0 && k < sizeof(parts) / sizeof(parts[0]); k++)
            title = said(client, value_at(value_get(value_at(state, parts[k]), id), "title"));
        if (title.size == 0 && value_at(state, "states"))
            title = of_states(client, value_at(state, "states"), id);
    }
    return title;
}

/* Of a check of these states' transitions. */
static struct text of_checks(const struct client *client, const struct value *states,
                             struct text id)
{
    struct text title = TEXT_NONE;

    for (size_t i = 0; title.size == 0 && i < value_count(states); i++) {
        const struct value *state = &value_member(states, i)->value, *on = value_at(state, "on");
        for (size_t k = 0; title.size == 0 && k < value_count(on); k++) {
            const struct value *checks = value_at(&value_member(on, k)->value, "check");
            title = said(client, value_at(value_get(checks, id), "title"));
        }
        if (title.size == 0)
            title = of_checks(client, value_at(state, "states"), id);
    }
    return title;
}

struct text titles_name(struct client *client, struct text id)
{
    if (!is_id(id) || !definition(client))
        return id;
    struct text title = titles_role(client, id);
    if (text_equal(title, id))
        title = of_states(client, value_at(client->definition, "states"), id);
    return title.size > 0 ? title : id;
}

struct text titles_check(struct client *client, struct text id)
{
    return is_id(id) && definition(client)
               ? of_checks(client, value_at(client->definition, "states"), id)
               : TEXT_NONE;
}

struct text titles_options(struct client *client, struct text field)
{
    const struct value *found =
        is_id(field) ? value_get(value_at(definition(client), "fields"), field) : NULL;
    const struct value *options = value_at(found, "options");
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(options); i++) {
        const struct value_member *option = value_member(options, i);
        struct text title = said(client, &option->value);
        text_append_printf(&buffer, "%s%.*s", i > 0 ? ", " : "", TEXT_ARG(option->key));
        if (title.size > 0)
            text_append_printf(&buffer, " (%.*s)", TEXT_ARG(title));
    }
    return text_buffer_text(&buffer);
}

struct value titles_choices(const struct client *client, const struct value *field)
{
    const struct value *options = value_at(field, "options");
    struct value list = value_list(client->arena);

    for (size_t i = 0; i < value_count(options); i++) {
        const struct value_member *option = value_member(options, i);
        struct value one = value_map(client->arena);
        value_put(&one, "id", value_string(option->key));
        value_put(&one, "title", value_string(said(client, &option->value)));
        value_append(&list, one);
    }
    return list;
}

struct text titles_known_field(struct client *client, struct text id)
{
    return is_id(id) ? titles_field(client, value_at(definition(client), "fields"), id) : id;
}

struct text titles_typed_field(struct client *client, struct text id)
{
    struct text title = titles_known_field(client, id);

    return text_equal(title, id)
               ? id
               : text_printf(client->arena, "%.*s (%.*s)", TEXT_ARG(title), TEXT_ARG(id));
}

struct text titles_roles(struct client *client, const struct value *roles)
{
    size_t count = value_count(roles);
    struct text_buffer buffer;

    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < count; i++) {
        struct text role = value_item(roles, i)->string;
        text_append_printf(&buffer, "%s%.*s",
                           i == 0          ? ""
                           : i + 1 < count ? ", "
                                           : _(" or "),
                           TEXT_ARG(titles_role(client, role)));
    }
    return text_buffer_text(&buffer);
}
