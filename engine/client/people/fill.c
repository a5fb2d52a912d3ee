/* Filling in a form at the terminal.
 *
 * 1. How one answers is told once.
 * 2. Each field is asked, and checked before the next one; "<" goes back, and what was typed stays.
 * 3. All of it is shown, and sent once somebody says yes; "no" gives up, "<" goes back into it.
 * What the daemon then refuses is told by work.c, which asks again with what was typed. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "client/ask/ask.h"
#include "client/people/people.h"

static struct text name_of(const struct value *field)
{
    return value_text_at(field, "field");
}

/* What a field holds now: typed before, else of the case. */
static const struct value *now_of(const struct value *field, const struct value *before,
                                  const struct value *data)
{
    const struct value *typed = value_get(data, name_of(field));

    return typed || !before ? typed : value_get(before, name_of(field));
}

/* What the person sees instead of a choice's id. */
static struct text shown(struct client *client, const struct value *field,
                         const struct value *value)
{
    const struct value *options = value_at(field, "options");

    for (size_t i = 0; value->kind == VALUE_STRING && i < value_count(options); i++)
        if (text_equal(value_text_at(value_item(options, i), "id"), value->string))
            return value_text_at(value_item(options, i), "title");
    if (value->kind == VALUE_LIST)
        return titles_value(client, NULL, value);
    return value->kind == VALUE_NULL ? text_from(_("(emptied)")) : print_value(client, value);
}

static void show_all(struct client *client, const struct value *form, const struct value *data)
{
    size_t width = 0;

    for (size_t i = 0; i < value_count(form); i++) {
        size_t title = look_width(value_text_at(value_item(form, i), "title"));
        if (value_get(data, name_of(value_item(form, i))) && title > width)
            width = title;
    }
    fputc('\n', stderr);
    for (size_t i = 0; i < value_count(form); i++) {
        const struct value *field = value_item(form, i), *value = value_get(data, name_of(field));
        struct text title = value_text_at(field, "title");
        if (!value)
            continue;
        fprintf(stderr, "  %.*s", TEXT_ARG(title));
        look_beside(stderr, shown(client, field, value), 2 + look_width(title), width + 4, 6);
        fputc('\n', stderr);
    }
    if (value_count(data) == 0)
        complain("  Nothing is filled in.");
}

/* In single quotes, whatever is in it. */
static struct text for_shell(struct arena *arena, struct text text)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, arena);
    text_append(&buffer, TEXT("'"));
    for (size_t i = 0; i < text.size; i++)
        if (text.bytes[i] == '\'')
            text_append(&buffer, TEXT("'\\''"));
        else
            text_append(&buffer, (struct text){text.bytes + i, 1});
    text_append(&buffer, TEXT("'"));
    return text_buffer_text(&buffer);
}

/* What was typed, as words for a shell: a person who gives up has not lost it. */
static int give_up(struct client *client, const struct value *data)
{
    complain("Nothing was sent.");
    for (size_t i = 0; i < value_count(data); i++) {
        const struct value_member *member = value_member(data, i);
        const struct value *items = &member->value;
        size_t count = items->kind == VALUE_LIST ? value_count(items) : 1;
        if (i == 0)
            complain("What you typed, to go on with later:");
        for (size_t k = 0; k < count; k++) {
            const struct value *one = items->kind == VALUE_LIST ? value_item(items, k) : items;
            struct text text = one->kind == VALUE_STRING ? one->string
                               : one->kind == VALUE_NULL ? TEXT("")
                                                         : json_write(client->arena, one);
            /* In one piece, to be copied. */
            fprintf(stderr, "  -f %.*s=%.*s\n", TEXT_ARG(member->key),
                    TEXT_ARG(for_shell(client->arena, text)));
        }
    }
    return CLIENT_GIVEN_UP;
}

/* Puts what was answered into the data. A field that is kept is sent only if it must be. */
static void put_answer(const struct value *field, enum ask_answer answer, struct value given,
                       const struct value *before, struct value *data)
{
    const struct value *held = before ? value_get(before, name_of(field)) : NULL;

    if (answer == ASK_GIVEN)
        value_set(data, name_of(field), given);
    else if (!value_get(data, name_of(field)) && held && value_bool_at(field, "required"))
        value_set(data, name_of(field), *held);
}

static struct hint say_save(void *self, struct text typed, bool is_whole)
{
    struct value word = form_yes_or_no(typed);

    (void)self;
    if (word.kind == VALUE_BOOL)
        return (struct hint){HINT_MEANS,
                             text_from(word.boolean ? _("it is sent") : _("nothing is sent"))};
    if (text_is(typed, "<"))
        return (struct hint){HINT_EXPECTS, text_from(_("back"))};
    return (struct hint){is_whole ? HINT_WRONG : HINT_EXPECTS, text_from(_("yes or no"))};
}

/* Yes: ASK_GIVEN. No, or an end: ASK_ENDED. */
static enum ask_answer ask_save(struct client *client)
{
    const struct ask_help help = {.say = say_save};
    struct text line;

    for (;;) {
        enum ask_answer answer =
            ask_line(client, _("Send it? yes, no, or < to go back: "), &help, &line);
        struct value word = answer == ASK_GIVEN ? form_yes_or_no(line) : value_null();
        if (answer == ASK_ENDED || answer == ASK_BACK)
            return answer;
        if (word.kind == VALUE_BOOL)
            return word.boolean ? ASK_GIVEN : ASK_ENDED;
    }
}

void say_how_to_fill(struct client *client, int result)
{
    if (result == CLIENT_REFUSED && client->fields.count == 0 && !client->form)
        complain("Give each field by -f FIELD=VALUE, or all by --form FILE.");
}

int fill_form(struct client *client, const struct value *form, const struct value *before,
              struct value *data)
{
    size_t count = value_count(form), at = 0;
    enum ask_answer answer;
    struct value given;

    if (count > 0)
        complain(
            "Enter alone leaves a field as it is, < goes back, ? tells more, Ctrl-D gives up.");
    for (;;) {
        const struct value *field = at < count ? value_item(form, at) : NULL;
        if (!field)
            show_all(client, form, data);
        answer = field ? ask_field(client, field, now_of(field, before, data), &given)
                       : ask_save(client);
        if (answer == ASK_ENDED) {
            if (field && value_count(&given) > 0)
                value_set(data, name_of(field), given);
            return give_up(client, data);
        }
        if (answer == ASK_BACK) {
            at -= at > 0;
            continue;
        }
        if (!field)
            return CLIENT_DONE;
        put_answer(field, answer, given, before, data);
        at++;
    }
}
