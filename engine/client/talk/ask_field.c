/* One field of a form, asked until it holds what it may: its title, what may stand in it, its
 * choices, what it holds now. The rules are the daemon's own (workflow/field.h), read from the form
 * that it gave. */
#include <stdio.h>

#include "base/arena.h"
#include "client/client.h"
#include "workflow/field.h"

struct asked {
    struct client *client;
    const struct value *json; /* the field as the daemon gave it */
    struct workflow_field field;
    const struct value *now;
};

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
        return _("one of these, by its number");
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

static void tell_bounds(const struct workflow_field *field)
{
    if (field->has_min && field->has_max)
        fprintf(stderr, _(", from %.15g to %.15g"), field->min, field->max);
    else if (field->has_min)
        fprintf(stderr, _(", at least %.15g"), field->min);
    else if (field->has_max)
        fprintf(stderr, _(", at most %.15g"), field->max);
    if (field->length_max > 0)
        fprintf(stderr, _(", at most %zu letters"), field->length_max);
}

static void tell_options(const struct asked *asked)
{
    const struct value *options = value_at(asked->json, "options");

    for (size_t i = 0; i < value_count(options); i++)
        complain("    %zu  %.*s", i + 1, TEXT_ARG(value_text_at(value_item(options, i), "title")));
}

static void tell(const struct asked *asked)
{
    const struct workflow_field *field = &asked->field;
    struct client *client = asked->client;

    fprintf(stderr, "\n%s%.*s%s%s\n  ", look(client, stderr, LOOK_STRONG),
            TEXT_ARG(value_text_at(asked->json, "title")), look(client, stderr, LOOK_PLAIN),
            value_bool_at(asked->json, "required") ? _("  (required)") : "");
    if (field->type == FIELD_LIST)
        fprintf(stderr, _("a list, each line %s; an empty line ends it"), kind_words(field->of));
    else
        fputs(kind_words(field->type), stderr);
    tell_bounds(field);
    fputc('\n', stderr);
    tell_options(asked);
    if (asked->now)
        complain("  now: %.*s", TEXT_ARG(print_value(client, asked->now)));
}

static void tell_help(void)
{
    complain("  Enter alone keeps what is there, or leaves the field out; - empties it.");
    complain(
        "  < goes back to the field before; ? shows this; Ctrl-D gives up, and sends nothing.");
}

/* ---- What was typed. ---- */

/* A choice by its number, too. */
static struct value value_typed(const struct asked *asked, enum field_type type, struct text text)
{
    const struct value *options = value_at(asked->json, "options");
    int64_t number;

    if (type == FIELD_CHOICE && text_to_int(text, &number) && number >= 1 &&
        number <= (int64_t)value_count(options))
        return value_string(value_text_at(value_item(options, (size_t)number - 1), "id"));
    return form_meant(asked->client, asked->json, text_from(field_type_name(type)), text);
}

/* By the daemon's rules; why not is told. */
static bool take(const struct asked *asked, const struct workflow_field *field, struct text line,
                 struct value *value_out)
{
    struct client *client = asked->client;
    struct value given = value_typed(asked, field->type, line);
    struct text why = TEXT_NONE, suggest = TEXT_NONE;

    if (field_accept(field, &given, client->arena, value_out, &why, &suggest))
        return true;
    /* What a program is told to send is not what a person types. */
    if (field->type == FIELD_CHOICE)
        why = text_from(_("Write the number of one of them."));
    else if (field->type == FIELD_BOOLEAN)
        why = text_from(_("Answer yes or no."));
    fputs(look(client, stderr, LOOK_ALARM), stderr);
    fprintf(stderr, "  %.*s", TEXT_ARG(heard(client, why)));
    fprintf(stderr, "%s\n", look(client, stderr, LOOK_PLAIN));
    return false;
}

/* ---- Asked. ---- */

/* The items up to an empty line; "<" takes the last one back. */
static enum ask_answer ask_items(const struct asked *asked, struct value *value_out)
{
    const struct workflow_field item = field_item(&asked->field);
    size_t most = asked->field.items_max ? asked->field.items_max : FIELD_ITEMS_MAX;
    struct value *items = ARENA_ARRAY(asked->client->arena, struct value, most);
    size_t count = 0;

    while (count < most) {
        struct text line;
        struct text prompt = text_printf(asked->client->arena, "  %zu> ", count + 1);
        enum ask_answer answer = ask_line(asked->client, prompt.bytes, &line);
        if (answer == ASK_ENDED || answer == ASK_HELP)
            return answer;
        if (answer == ASK_BACK && count == 0)
            return ASK_BACK;
        if (answer == ASK_LEFT_OUT)
            break;
        if (count == 0 && text_is(line, "-")) {
            *value_out = value_null();
            return ASK_GIVEN;
        }
        if (answer == ASK_BACK)
            count--;
        else
            count += take(asked, &item, line, &items[count]);
    }
    *value_out = value_list(asked->client->arena);
    for (size_t i = 0; i < count; i++)
        value_append(value_out, items[i]);
    return count == 0 ? ASK_LEFT_OUT : ASK_GIVEN;
}

/* One value; ASK_HELP also where what was typed will not do. */
static enum ask_answer ask_one(const struct asked *asked, struct value *value_out)
{
    struct text line;
    enum ask_answer answer = ask_line(asked->client, "> ", &line);

    if (answer != ASK_GIVEN)
        return answer;
    if (text_is(line, "-")) {
        *value_out = value_null();
        return ASK_GIVEN;
    }
    while (!take(asked, &asked->field, line, value_out)) {
        answer = ask_line(asked->client, "> ", &line);
        if (answer != ASK_GIVEN)
            return answer;
    }
    return ASK_GIVEN;
}

enum ask_answer ask_field(struct client *client, const struct value *field, const struct value *now,
                          struct value *value_out)
{
    struct asked asked = {.client = client,
                          .json = field,
                          .field = field_of(client->arena, field),
                          .now = now && now->kind != VALUE_NULL ? now : NULL};
    bool is_required = value_bool_at(field, "required");

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
            complain("  This field is required: < goes back, Ctrl-D gives up.");
        else
            return answer;
    }
}
