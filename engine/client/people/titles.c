/* What fields and choices are called, as the workflow says it. */
#include "base/arena.h"
#include "client/client.h"

int titles_read(struct client *client, struct text workflow, struct value *fields_out)
{
    struct value body;

    *fields_out = value_map(client->arena);
    if (workflow.size == 0)
        return CLIENT_DONE; /* an answer that does not say */
    int result = http_get(
        client, false, text_printf(client->arena, "/v1/workflows/%.*s", TEXT_ARG(workflow)), &body);
    const struct value *fields =
        result == CLIENT_DONE ? value_at(&body, "definition/fields") : NULL;

    if (fields)
        *fields_out = *fields;
    return result;
}

/* In the language asked for, else as it was written, else in whichever there is. */
static struct text said(const struct client *client, const struct value *words)
{
    const struct value *found = NULL;

    if (!words || words->kind == VALUE_STRING)
        return words ? words->string : TEXT_NONE;
    if (client->language)
        found = value_get(words, text_from(client->language));
    if (!found && client->speaks)
        found = value_get(words, text_from(client->speaks));
    if (!found && value_count(words) > 0)
        found = &value_member(words, 0)->value;
    return found && found->kind == VALUE_STRING ? found->string : TEXT_NONE;
}

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
        return title.size > 0 ? title : value->string;
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
