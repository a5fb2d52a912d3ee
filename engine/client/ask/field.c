/* One field of a form, asked until it holds what it may: its title, what may stand in it, its
 * choices, what it holds now. The rules are the daemon's own (workflow/field.h), read from the form
 * that it gave. */
#include <stdio.h>

#include "base/arena.h"
#include "client/ask/ask.h"

/* ---- The field. ---- */

static enum field_type type_named(struct text name)
{
    for (int i = FIELD_TEXT; i <= FIELD_CASE; i++)
        if (text_is(name, field_type_name((enum field_type)i)))
            return (enum field_type)i;
    return FIELD_TEXT; /* of a later daemon, which checks it again */
}

static double bound_of(const struct value *bound)
{
    return bound->kind == VALUE_INT ? (double)bound->integer : bound->real;
}

static struct workflow_field field_of(struct arena *arena, const struct value *json)
{
    const struct value *options = value_at(json, "options");
    const struct value *min = value_at(json, "min"), *max = value_at(json, "max");
    size_t count = value_count(options);
    struct field_option *list = ARENA_ARRAY(arena, struct field_option, count + 1);

    for (size_t i = 0; i < count; i++)
        list[i].id = value_text_at(value_item(options, i), "id");
    return (struct workflow_field){
        .id = value_text_at(json, "field"),
        .type = type_named(value_text_at(json, "type")),
        .of = type_named(value_text_at(json, "of")),
        .options = list,
        .option_count = count,
        .has_min = min != NULL,
        .has_max = max != NULL,
        .min = min ? bound_of(min) : 0,
        .max = max ? bound_of(max) : 0,
        .length_max = (size_t)value_int_at(json, "max_length", 0),
        .items_max = (size_t)value_int_at(json, "max_items", 0),
    };
}

/* ---- What may stand in it. ---- */

static const char *kind_words(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
        return _("a text");
    case FIELD_INTEGER:
        return _("a whole number");
    case FIELD_NUMBER:
        return _("a number");
    case FIELD_BOOLEAN:
        return _("yes or no");
    case FIELD_DATE:
        return _("a date, as 2012-05-04 or 04/05/2012 (day first)");
    case FIELD_TIME:
        return _("a time of the day, as 08:30");
    case FIELD_CHOICE:
        return _("one of these, by its number or its beginning");
    case FIELD_LIST:
        return _("a list");
    case FIELD_DOCUMENT:
        return _("the number of a document of this case");
    case FIELD_PERSON:
        return _("the name a person signs on with");
    case FIELD_CASE:
        return _("the code of a case, as SN-2026-00001-A");
    }
    return "";
}

/* "a whole number, from 0 to 120" */
static struct text what_fits(const struct asked *asked)
{
    const struct workflow_field *field = &asked->field;
    struct text bounds = hint_bounds(asked);
    struct text_buffer buffer;

    text_buffer_init(&buffer, asked->client->arena);
    if (field->type == FIELD_LIST)
        text_append_printf(&buffer, _("a list, each line %s; an empty line ends it"),
                           kind_words(field->of));
    else
        text_append(&buffer, text_from(kind_words(field->type)));
    if (bounds.size > 0)
        text_append_printf(&buffer, ", %.*s", TEXT_ARG(bounds));
    if (field->length_max > 0)
        text_append_printf(&buffer, _(", at most %zu letters"), field->length_max);
    return text_buffer_text(&buffer);
}

static void tell_options(const struct asked *asked)
{
    const struct value *options = value_at(asked->json, "options");

    for (size_t i = 0; i < value_count(options); i++)
        complain("    %zu  %.*s", i + 1, TEXT_ARG(value_text_at(value_item(options, i), "title")));
}

static void tell(const struct asked *asked)
{
    struct client *client = asked->client;

    fprintf(stderr, "\n%s%.*s%s%s\n", look(client, stderr, LOOK_STRONG),
            TEXT_ARG(value_text_at(asked->json, "title")), look(client, stderr, LOOK_PLAIN),
            value_bool_at(asked->json, "required") ? _("  (required)") : "");
    complain("  %.*s", TEXT_ARG(what_fits(asked)));
    tell_options(asked);
    if (asked->now)
        complain("  now: %.*s", TEXT_ARG(hint_name(asked, asked->now)));
}

static void tell_help(void)
{
    complain("  Enter alone keeps what is there, or leaves the field out; - empties it.");
    if (typing_may())
        complain("  Tab completes a choice; Shift-Tab is <; Ctrl-C is Ctrl-D.");
    complain(
        "  < goes back to the field before; ? shows this; Ctrl-D gives up, and sends nothing.");
}

/* ---- Asked. ---- */

/* By the daemon's rules; why not is told, and where nothing is drawn what it was taken for. */
static bool take(const struct asked *asked, struct text line, struct value *value_out)
{
    struct client *client = asked->client;
    struct text why;

    if (!hint_take(asked, line, value_out, &why)) {
        fputs(look(client, stderr, LOOK_ALARM), stderr);
        fprintf(stderr, "  %.*s", TEXT_ARG(why));
        fprintf(stderr, "%s\n", look(client, stderr, LOOK_PLAIN));
        return false;
    }
    struct text meaning = hint_meaning(asked, line, value_out);
    if (meaning.size > 0 && !typing_may())
        complain("  %.*s", TEXT_ARG(meaning));
    return true;
}

static struct ask_help help_of(struct asked *asked)
{
    return (struct ask_help){.self = asked,
                             .say = hint_say,
                             .complete = hint_complete,
                             .takes_lines = asked->field.type == FIELD_TEXT};
}

/* The items up to an empty line; "<" takes the last one back. */
static enum ask_answer ask_items(const struct asked *asked, struct value *value_out)
{
    struct asked item = *asked;
    size_t most = asked->field.items_max ? asked->field.items_max : FIELD_ITEMS_MAX;
    struct value *items = ARENA_ARRAY(asked->client->arena, struct value, most);
    size_t count = 0;
    bool is_ended = false;

    item.field = field_item(&asked->field);
    while (count < most) {
        struct text line;
        struct text prompt = text_printf(asked->client->arena, "  %zu> ", count + 1);
        item.is_item = count > 0;
        const struct ask_help help = help_of(&item);
        enum ask_answer answer = ask_line(asked->client, prompt.bytes, &help, &line);
        if (answer == ASK_HELP || (answer == ASK_BACK && count == 0))
            return answer;
        is_ended = answer == ASK_ENDED;
        if (answer == ASK_LEFT_OUT || is_ended)
            break;
        if (count == 0 && text_is(line, "-")) {
            *value_out = value_null();
            return ASK_GIVEN;
        }
        if (answer == ASK_BACK)
            count--;
        else
            count += take(&item, line, &items[count]);
    }
    *value_out = value_list(asked->client->arena);
    for (size_t i = 0; i < count; i++)
        value_append(value_out, items[i]);
    return is_ended ? ASK_ENDED : count == 0 ? ASK_LEFT_OUT : ASK_GIVEN;
}

/* One value; ASK_HELP also where what was typed will not do. */
static enum ask_answer ask_one(struct asked *asked, struct value *value_out)
{
    const struct ask_help help = help_of(asked);
    struct text line;

    for (;;) {
        enum ask_answer answer = ask_line(asked->client, "> ", &help, &line);
        if (answer != ASK_GIVEN)
            return answer;
        if (text_is(line, "-")) {
            *value_out = value_null();
            return ASK_GIVEN;
        }
        if (take(asked, line, value_out))
            return ASK_GIVEN;
    }
}

enum ask_answer ask_field(struct client *client, const struct value *field, const struct value *now,
                          struct value *value_out)
{
    struct asked asked = {.client = client,
                          .json = field,
                          .field = field_of(client->arena, field),
                          .now = now && now->kind != VALUE_NULL ? now : NULL};
    bool is_required = value_bool_at(field, "required");

    *value_out = value_null();
    tell(&asked);
    for (;;) {
        enum ask_answer answer = asked.field.type == FIELD_LIST ? ask_items(&asked, value_out)
                                                                : ask_one(&asked, value_out);
        bool is_empty = answer == ASK_LEFT_OUT
                            ? !asked.now
                            : answer == ASK_GIVEN && value_out->kind == VALUE_NULL;
        if (answer == ASK_HELP)
            tell_help();
        else if (is_required && is_empty)
            complain("  %s", _("This field is required: < goes back, Ctrl-D gives up."));
        else
            return answer;
    }
}
