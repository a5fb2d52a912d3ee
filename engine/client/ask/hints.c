/* What a field says while it is typed. The rules are the daemon's own (workflow/field.h); besides,
 * what is not right yet is told from what never will be. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/sound.h"
#include "base/when.h"
#include "client/ask/ask.h"

enum { LENGTH_LEFT_TOLD = 20 };

static struct hint hint(enum hint_kind kind, struct text text)
{
    return (struct hint){kind, text};
}

static const struct value *option_at(const struct asked *asked, size_t index)
{
    return value_item(value_at(asked->json, "options"), index);
}

/* ---- Choices. ---- */

/* Whether what was typed begins the title, whatever its case and accents. */
static bool begins_title(const struct asked *asked, struct text typed, size_t index)
{
    struct arena *arena = asked->client->arena;
    struct text title = sound_fold(arena, value_text_at(option_at(asked, index), "title"));
    struct text folded = sound_fold(arena, typed);

    return folded.size > 0 && folded.size <= title.size &&
           memcmp(title.bytes, folded.bytes, folded.size) == 0;
}

static bool is_title(const struct asked *asked, struct text typed, size_t index)
{
    struct arena *arena = asked->client->arena;

    return text_equal(sound_fold(arena, value_text_at(option_at(asked, index), "title")),
                      sound_fold(arena, typed));
}

/* The options that it may still become; *first_out is the first of them. */
static size_t count_begun(const struct asked *asked, struct text typed, size_t *first_out)
{
    size_t count = 0;

    for (size_t i = asked->field.option_count; i-- > 0;)
        if (begins_title(asked, typed, i)) {
            *first_out = i;
            count++;
        }
    return count;
}

/* By its number, its title, or so much of it that it is no other. */
static struct value choice_typed(const struct asked *asked, struct text typed)
{
    size_t count = asked->field.option_count, at;
    int64_t number;

    if (text_to_int(typed, &number) && number >= 1 && number <= (int64_t)count)
        return value_string(value_text_at(option_at(asked, (size_t)number - 1), "id"));
    for (size_t i = 0; i < count; i++)
        if (is_title(asked, typed, i))
            return value_string(value_text_at(option_at(asked, i), "id"));
    if (count_begun(asked, typed, &at) == 1)
        return value_string(value_text_at(option_at(asked, at), "id"));
    return form_meant(asked->client, asked->json, TEXT("choice"), typed);
}

static struct text titles_begun(const struct asked *asked, struct text typed)
{
    struct text_buffer buffer;

    text_buffer_init(&buffer, asked->client->arena);
    for (size_t i = 0; i < asked->field.option_count; i++)
        if (begins_title(asked, typed, i))
            text_append_printf(&buffer, "%s%.*s", buffer.size > 0 ? " · " : "",
                               TEXT_ARG(value_text_at(option_at(asked, i), "title")));
    return text_buffer_text(&buffer);
}

/* ---- Taken. ---- */

bool hint_take(const struct asked *asked, struct text typed, struct value *value_out,
               struct text *why_out)
{
    const struct workflow_field *field = &asked->field;
    struct client *client = asked->client;
    struct value given =
        field->type == FIELD_CHOICE
            ? choice_typed(asked, typed)
            : form_meant(client, asked->json, text_from(field_type_name(field->type)), typed);
    struct text why = TEXT_NONE, suggest = TEXT_NONE;

    if (field_accept(field, &given, client->arena, value_out, &why, &suggest))
        return true;
    /* What a program is told to send is not what a person types. */
    *why_out = field->type == FIELD_CHOICE    ? text_from(_("Write the number of one of them."))
               : field->type == FIELD_BOOLEAN ? text_from(_("Answer yes or no."))
                                              : heard(client, why);
    return false;
}

struct text hint_name(const struct asked *asked, const struct value *value)
{
    for (size_t i = 0; value->kind == VALUE_STRING && i < asked->field.option_count; i++)
        if (text_equal(value_text_at(option_at(asked, i), "id"), value->string))
            return value_text_at(option_at(asked, i), "title");
    return print_value(asked->client, value);
}

struct text hint_meaning(const struct asked *asked, struct text typed, const struct value *value)
{
    struct text name = hint_name(asked, value);

    return asked->field.type == FIELD_TEXT || text_equal(name, typed)
               ? TEXT_NONE
               : text_printf(asked->client->arena, "= %.*s", TEXT_ARG(name));
}

struct text hint_bounds(const struct asked *asked)
{
    const struct workflow_field *field = &asked->field;
    struct arena *arena = asked->client->arena;

    if (field->has_min && field->has_max)
        return text_printf(arena, _("from %.15g to %.15g"), field->min, field->max);
    if (field->has_min)
        return text_printf(arena, _("at least %.15g"), field->min);
    if (field->has_max)
        return text_printf(arena, _("at most %.15g"), field->max);
    return TEXT_NONE;
}

/* ---- Not right yet. ---- */

/* Whether it fits the beginning of a shape: d is a digit. */
static bool begins_shape(struct text typed, const char *shape, const char *separators)
{
    if (typed.size > strlen(shape))
        return false;
    for (size_t i = 0; i < typed.size; i++)
        if (shape[i] == 'd' ? !isdigit((unsigned char)typed.bytes[i])
                            : !strchr(separators, typed.bytes[i]))
            return false;
    return true;
}

/* Two digits at that place; what is not there yet may be anything. */
static bool is_part_within(struct text typed, size_t at, int least, int most)
{
    int first = at < typed.size ? typed.bytes[at] - '0' : 0;

    if (at >= typed.size)
        return true;
    if (at + 1 >= typed.size)
        return first * 10 <= most;
    int part = first * 10 + typed.bytes[at + 1] - '0';
    return part >= least && part <= most;
}

static bool may_become_date(struct text typed)
{
    return (begins_shape(typed, "dddd-dd-dd", "-") && typed.size < 10 &&
            is_part_within(typed, 5, 1, 12) && is_part_within(typed, 8, 1, 31)) ||
           (begins_shape(typed, "dd/dd/dddd", "/.-") && typed.size < 10 &&
            is_part_within(typed, 0, 1, 31) && is_part_within(typed, 3, 1, 12));
}

static bool may_become_time(struct text typed)
{
    return begins_shape(typed, "dd:dd", ":") && typed.size < 5 && is_part_within(typed, 0, 0, 23) &&
           is_part_within(typed, 3, 0, 59);
}

/* More digits make a number larger, away from zero. */
static bool may_become_number(const struct asked *asked, struct text typed)
{
    const struct workflow_field *field = &asked->field;
    bool is_negative = text_begins(typed, "-");
    struct text digits = {typed.bytes + is_negative, typed.size - is_negative};
    struct text letters = {digits.bytes, digits.size};
    size_t whole = 0;

    while (whole < letters.size && isdigit((unsigned char)letters.bytes[whole]))
        whole++;
    if (is_negative && field->has_min && field->min >= 0)
        return false;
    if (whole == letters.size) {
        double number = 0;
        for (size_t i = 0; i < whole; i++)
            number = number * 10 + (letters.bytes[i] - '0');
        return is_negative ? !field->has_min || -number >= field->min
                           : !field->has_max || number <= field->max;
    }
    /* "3," goes on behind the comma. */
    return field->type == FIELD_NUMBER && whole > 0 && whole + 1 == letters.size &&
           strchr(",.", letters.bytes[whole]);
}

static bool may_become_boolean(struct text typed)
{
    static const char *const words[] = {"yes", "true", "oui", "sim", "no", "false", "non", "não"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (typed.size <= strlen(words[i]) && strncasecmp(typed.bytes, words[i], typed.size) == 0)
            return true;
    return false;
}

static struct hint not_yet(const struct asked *asked, struct text typed, struct text why)
{
    size_t first;

    switch (asked->field.type) {
    case FIELD_DATE:
        if (may_become_date(typed))
            return hint(HINT_EXPECTS, text_from(_("2012-05-04 or 04/05/2012")));
        break;
    case FIELD_TIME:
        if (may_become_time(typed))
            return hint(HINT_EXPECTS, TEXT("08:30"));
        break;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        if (may_become_number(asked, typed))
            return hint(HINT_EXPECTS, hint_bounds(asked));
        break;
    case FIELD_BOOLEAN:
        if (may_become_boolean(typed))
            return hint(HINT_EXPECTS, text_from(_("yes or no")));
        break;
    case FIELD_CHOICE:
        if (count_begun(asked, typed, &first) > 1)
            return hint(HINT_EXPECTS, titles_begun(asked, typed));
        break;
    case FIELD_TEXT:
    case FIELD_LIST:
    case FIELD_DOCUMENT:
    case FIELD_PERSON:
    case FIELD_CASE:
        break;
    }
    return hint(HINT_WRONG, why);
}

/* ---- Said. ---- */

/* What Enter alone would do. */
static struct hint say_empty(const struct asked *asked, bool is_whole)
{
    struct client *client = asked->client;
    bool is_required = value_bool_at(asked->json, "required");

    if (asked->is_item)
        return hint(HINT_EXPECTS, is_whole ? TEXT_NONE : text_from(_("Enter ends the list")));
    if (is_required && !asked->now)
        return is_whole
                   ? hint(HINT_WRONG,
                          text_from(_("This field is required: < goes back, Ctrl-D gives up.")))
                   : hint(HINT_EXPECTS, text_from(_("required")));
    if (!asked->now)
        return hint(is_whole ? HINT_NONE : HINT_EXPECTS, text_from(_("Enter leaves it out")));
    struct text now = hint_name(asked, asked->now);
    return is_whole ? hint(HINT_MEANS, text_printf(client->arena, "= %.*s", TEXT_ARG(now)))
                    : hint(HINT_EXPECTS,
                           text_printf(client->arena, _("Enter keeps %.*s"), TEXT_ARG(now)));
}

/* How much of a text is left, once it is little. */
static struct hint say_length(const struct asked *asked, struct text typed)
{
    size_t most = asked->field.length_max ? asked->field.length_max : FIELD_LENGTH_MAX;
    size_t left = most - text_code_points(typed);

    if (asked->field.type != FIELD_TEXT || left > LENGTH_LEFT_TOLD)
        return hint(HINT_NONE, TEXT_NONE);
    return hint(HINT_EXPECTS,
                text_printf(asked->client->arena,
                            ngettext("%zu letter left", "%zu letters left", left), left));
}

struct hint hint_say(void *self, struct text typed, bool is_whole)
{
    const struct asked *asked = self;
    struct value value;
    struct text why;

    if (typed.size == 0)
        return say_empty(asked, is_whole);
    if (text_is(typed, "<"))
        return hint(HINT_EXPECTS, text_from(_("back")));
    if (text_is(typed, "?"))
        return hint(HINT_EXPECTS, text_from(_("tells more")));
    if (text_is(typed, "-") && !asked->is_item)
        return value_bool_at(asked->json, "required")
                   ? say_empty(asked, is_whole)
                   : hint(HINT_EXPECTS, text_from(_("empties it")));
    if (!hint_take(asked, typed, &value, &why))
        return is_whole ? hint(HINT_WRONG, why) : not_yet(asked, typed, why);
    struct text meaning = hint_meaning(asked, typed, &value);
    return meaning.size > 0 ? hint(HINT_MEANS, meaning) : say_length(asked, typed);
}

/* ---- Tab. ---- */

/* So much of the titles that begin so as they have in common. */
static struct text complete_choice(const struct asked *asked, struct text typed)
{
    size_t first, count = count_begun(asked, typed, &first);

    if (count == 0)
        return typed;
    struct text whole = value_text_at(option_at(asked, first), "title");
    for (size_t i = first + 1; i < asked->field.option_count; i++) {
        struct text other = value_text_at(option_at(asked, i), "title");
        size_t same = 0, end = 0;
        if (!begins_title(asked, typed, i))
            continue;
        while (same < whole.size && same < other.size && whole.bytes[same] == other.bytes[same])
            same++;
        while (end < same && edit_letter_end(whole, end) <= same)
            end = edit_letter_end(whole, end);
        whole.size = end;
    }
    struct arena *arena = asked->client->arena;
    return sound_fold(arena, whole).size >= sound_fold(arena, typed).size ? whole : typed;
}

struct text hint_complete(void *self, struct text typed)
{
    const struct asked *asked = self;
    struct value value = form_yes_or_no(typed);

    if (asked->field.type == FIELD_CHOICE)
        return complete_choice(asked, typed);
    if (asked->field.type == FIELD_BOOLEAN && value.kind == VALUE_BOOL)
        return print_value(asked->client, &value);
    return typed;
}
