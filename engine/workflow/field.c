/* Values of fields: taken from outside, read from a workflow file, turned into CEL's kinds and
 * back. One table of rules, by type; a list applies its items' rule to each. */
#include "workflow/field.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"

/* Where a value is taken to: what a rule may need. */
struct take {
    const struct workflow_field *field;
    struct arena *arena;
    struct value *stored_out;
    struct text *why_out, *suggest_out;
};

static bool refuse(const struct take *take, struct text why)
{
    *take->why_out = why;
    return false;
}

static bool keep(const struct take *take, struct value stored)
{
    *take->stored_out = stored;
    return true;
}

/* True for what may stand in no text; newlines only where `lines` allows them. */
static bool is_control(uint32_t code_point, bool lines)
{
    if (code_point == '\n' || code_point == '\t')
        return !lines;
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

static bool has_control(struct text text, bool lines)
{
    for (size_t at = 0; at < text.size;)
        if (is_control(text_next_code_point(text, &at), lines))
            return true;
    return false;
}

static bool is_blank(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr(" \t\n", text.bytes[i]) == NULL)
            return false;
    return true;
}

static bool accept_string(const struct take *take, const struct value *given, bool lines)
{
    size_t length_max = take->field->length_max ? take->field->length_max : FIELD_LENGTH_MAX;

    if (given->kind != VALUE_STRING)
        return refuse(take, TEXT(N_("A text is needed here.")));
    if (!text_is_utf8(given->string))
        return refuse(take, TEXT(N_("The text is not UTF-8.")));
    if (is_blank(given->string))
        return refuse(take, TEXT(N_("The text is blank; leave the field out instead.")));
    if (has_control(given->string, lines))
        return refuse(take, TEXT(N_("The text holds control characters.")));
    if (text_code_points(given->string) > length_max)
        return refuse(take,
                      text_printf(take->arena, N_("The text has %zu characters; %zu are allowed."),
                                  text_code_points(given->string), length_max));
    return keep(take, value_string(text_copy(take->arena, given->string)));
}

static bool accept_text(const struct take *take, const struct value *given)
{
    return accept_string(take, given, true);
}

static bool accept_name(const struct take *take, const struct value *given)
{
    return accept_string(take, given, false);
}

static bool is_within(const struct take *take, double number)
{
    const struct workflow_field *field = take->field;

    if (field->has_min && number < field->min)
        return refuse(
            take, text_printf(take->arena, N_("The least that is allowed is %.15g."), field->min));
    if (field->has_max && number > field->max)
        return refuse(
            take, text_printf(take->arena, N_("The most that is allowed is %.15g."), field->max));
    return true;
}

static bool accept_integer(const struct take *take, const struct value *given)
{
    /* 4.0 is the whole number 4; above 2^53 a double no longer tells which number was meant. */
    static const double exact_max = 9007199254740992.0;
    int64_t integer;

    if (given->kind == VALUE_INT)
        integer = given->integer;
    else if (given->kind == VALUE_DOUBLE && fabs(given->real) <= exact_max &&
             floor(given->real) == given->real)
        integer = (int64_t)given->real;
    else
        return refuse(take, TEXT(N_("A whole number is needed here.")));
    return is_within(take, (double)integer) && keep(take, value_int(integer));
}

static bool accept_number(const struct take *take, const struct value *given)
{
    double number;

    if (given->kind == VALUE_INT)
        number = (double)given->integer;
    else if (given->kind == VALUE_DOUBLE && isfinite(given->real))
        number = given->real;
    else
        return refuse(take, TEXT(N_("A number is needed here.")));
    return is_within(take, number) && keep(take, value_double(number));
}

static bool accept_boolean(const struct take *take, const struct value *given)
{
    if (given->kind != VALUE_BOOL)
        return refuse(take, TEXT(N_("true or false is needed here.")));
    return keep(take, *given);
}

static bool accept_date(const struct take *take, const struct value *given)
{
    struct instant instant;

    if (given->kind != VALUE_STRING || !when_read_date(given->string, &instant))
        return refuse(take, TEXT(N_("A date is needed here, as 2012-05-04.")));
    return keep(take, value_string(text_copy(take->arena, given->string)));
}

static bool accept_time(const struct take *take, const struct value *given)
{
    struct text text = given->kind == VALUE_STRING ? given->string : TEXT_NONE;
    const char *at = text.bytes;
    bool is_time = text.size == 5 && at[2] == ':';

    for (size_t i = 0; is_time && i < 5; i++)
        if (i != 2 && (at[i] < '0' || at[i] > '9'))
            is_time = false;
    if (!is_time || memcmp(at, "23:59", 5) > 0 || at[3] > '5')
        return refuse(take, TEXT(N_("A time of the day is needed here, as 08:30.")));
    return keep(take, value_string(text_copy(take->arena, text)));
}

/* "safe", "unsafe" or "unknown" */
static struct text options_written(const struct take *take)
{
    const struct field_option *options = take->field->options;
    struct text_buffer buffer;
    size_t count = take->field->option_count;

    text_buffer_init(&buffer, take->arena);
    for (size_t i = 0; i + 1 < count; i++)
        text_append_printf(&buffer, "%s\"%.*s\"", i == 0 ? "" : ", ", TEXT_ARG(options[i].id));
    if (count == 0)
        return TEXT_NONE;
    if (count == 1)
        return text_printf(take->arena, "\"%.*s\"", TEXT_ARG(options[0].id));
    return text_printf(take->arena, N_("%.*s or \"%.*s\""), TEXT_ARG(text_buffer_text(&buffer)),
                       TEXT_ARG(options[count - 1].id));
}

static bool accept_choice(const struct take *take, const struct value *given)
{
    const struct workflow_field *field = take->field;
    struct text *ids = ARENA_ARRAY(take->arena, struct text, field->option_count);

    for (size_t i = 0; i < field->option_count; i++) {
        ids[i] = field->options[i].id;
        if (given->kind == VALUE_STRING && text_equal(ids[i], given->string))
            return keep(take, value_string(ids[i]));
    }
    if (given->kind == VALUE_STRING && take->suggest_out != NULL)
        *take->suggest_out = text_nearest(given->string, ids, field->option_count);
    return refuse(take, text_printf(take->arena, N_("This must be one of its options: %.*s."),
                                    TEXT_ARG(options_written(take))));
}

struct workflow_field field_item(const struct workflow_field *list)
{
    struct workflow_field item = *list;

    CHECK(list->of != FIELD_LIST);
    item.type = list->of;
    return item;
}

static bool accept_list(const struct take *take, const struct value *given)
{
    size_t items_max = take->field->items_max ? take->field->items_max : FIELD_ITEMS_MAX;
    struct workflow_field item = field_item(take->field);
    struct value list = value_list(take->arena);

    if (given->kind != VALUE_LIST)
        return refuse(take, TEXT(N_("A list is needed here.")));
    if (value_count(given) > items_max)
        return refuse(take, text_printf(take->arena, N_("The list has %zu items; %zu are allowed."),
                                        value_count(given), items_max));
    for (size_t i = 0; i < value_count(given); i++) {
        struct value stored;
        struct text why;

        if (value_item(given, i)->kind == VALUE_NULL)
            return refuse(take, text_printf(take->arena, N_("Item %zu is null."), i + 1));
        if (!field_accept(&item, value_item(given, i), take->arena, &stored, &why,
                          take->suggest_out))
            return refuse(take,
                          text_printf(take->arena, N_("Item %zu: %.*s"), i + 1, TEXT_ARG(why)));
        value_append(&list, stored);
    }
    return keep(take, list);
}

static const struct field_rule {
    const char *name;
    bool (*accept)(const struct take *take, const struct value *given);
} rules[] = {
    [FIELD_TEXT] = {"text", accept_text},         [FIELD_INTEGER] = {"integer", accept_integer},
    [FIELD_NUMBER] = {"number", accept_number},   [FIELD_BOOLEAN] = {"boolean", accept_boolean},
    [FIELD_DATE] = {"date", accept_date},         [FIELD_TIME] = {"time", accept_time},
    [FIELD_CHOICE] = {"choice", accept_choice},   [FIELD_LIST] = {"list", accept_list},
    [FIELD_DOCUMENT] = {"document", accept_name}, [FIELD_PERSON] = {"person", accept_name},
    [FIELD_CASE] = {"case", accept_name},
};

const char *field_type_name(enum field_type type)
{
    return rules[type].name;
}

bool field_accept(const struct workflow_field *field, const struct value *given,
                  struct arena *arena, struct value *stored_out, struct text *why_out,
                  struct text *suggest_out)
{
    struct take take = {field, arena, stored_out, why_out, suggest_out};

    if (suggest_out != NULL)
        *suggest_out = TEXT_NONE;
    if (given->kind == VALUE_NULL)
        return keep(&take, value_null());
    return rules[field->type].accept(&take, given);
}

/* What a literal is before the field's rules look at it: numbers and booleans by the type. */
static struct value literal_value(enum field_type type, struct text literal)
{
    int64_t integer;
    double number;

    if (type == FIELD_INTEGER && text_to_int(literal, &integer))
        return value_int(integer);
    if (type == FIELD_NUMBER && text_to_double(literal, &number))
        return value_double(number);
    if (type == FIELD_BOOLEAN && (text_is(literal, "true") || text_is(literal, "false")))
        return value_bool(text_is(literal, "true"));
    return value_string(literal);
}

bool field_read(const struct workflow_field *field, struct text literal, struct arena *arena,
                struct value *stored_out, struct text *why_out)
{
    struct value given = literal_value(field->type, literal);
    struct text suggest;

    if (field_accept(field, &given, arena, stored_out, why_out, &suggest))
        return true;
    if (!text_is_empty(suggest))
        *why_out = text_printf(arena, N_("%.*s Did you mean \"%.*s\"?"), TEXT_ARG(*why_out),
                               TEXT_ARG(suggest));
    return false;
}

struct value field_typed(const struct workflow_field *field, const struct value *stored,
                         struct arena *arena)
{
    struct instant instant;

    if (field->type == FIELD_DATE && stored->kind == VALUE_STRING) {
        CHECK(when_read_date(stored->string, &instant));
        return value_timestamp(instant);
    }
    if (field->type == FIELD_NUMBER && stored->kind == VALUE_INT)
        return value_double((double)stored->integer);
    if (field->type == FIELD_LIST && stored->kind == VALUE_LIST) {
        struct workflow_field item = field_item(field);
        struct value list = value_list(arena);

        for (size_t i = 0; i < value_count(stored); i++)
            value_append(&list, field_typed(&item, value_item(stored, i), arena));
        return list;
    }
    return *stored;
}

/* JSON's kinds of a typed value; a point in time stays one where it is no date. */
static struct value untyped(const struct value *typed, struct arena *arena)
{
    struct civil civil;

    if (typed->kind == VALUE_TIMESTAMP) {
        civil = when_civil(typed->instant, 0);
        if (civil.hour == 0 && civil.minute == 0 && civil.second == 0 && civil.nanos == 0)
            return value_string(when_write_date(arena, typed->instant));
    }
    if (typed->kind == VALUE_LIST) {
        struct value list = value_list(arena);

        for (size_t i = 0; i < value_count(typed); i++)
            value_append(&list, untyped(value_item(typed, i), arena));
        return list;
    }
    return *typed;
}

bool field_store(const struct workflow_field *field, const struct value *typed, struct arena *arena,
                 struct value *stored_out, struct text *why_out)
{
    enum field_type type = field->type == FIELD_LIST ? field->of : field->type;
    struct value given = type == FIELD_DATE ? untyped(typed, arena) : *typed;

    return field_accept(field, &given, arena, stored_out, why_out, NULL);
}
