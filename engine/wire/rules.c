/* The rules a description keeps, whoever made it: the host asks before it says LOADED, the daemon
 * when it reads what a host says. */
#include <stdarg.h>

#include "base/arena.h"
#include "wire/describe.h"

/* What is being looked at, for the sentence. */
struct checker {
    struct arena *arena;
    struct text *why_out;
    struct text step_type; /* empty: the plugin itself */
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct checker *checker,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct text what = text_vprintf(checker->arena, format, arguments);
    va_end(arguments);
    if (checker->step_type.size == 0)
        *checker->why_out = text_printf(checker->arena, "The plugin %.*s.", TEXT_ARG(what));
    else
        *checker->why_out = text_printf(checker->arena, "The step type %.*s %.*s.",
                                        TEXT_ARG(checker->step_type), TEXT_ARG(what));
    return false;
}

/* One line of words. */
static bool words_are_sound(struct text words)
{
    if (words.size > PLUGIN_WORDS_BYTES_MAX || !text_is_utf8(words))
        return false;
    for (size_t i = 0; i < words.size; i++) {
        if ((unsigned char)words.bytes[i] < 0x20)
            return false;
    }
    return true;
}

static bool option_is_sound(struct text option)
{
    return option.size > 0 && option.size <= PLUGIN_OPTION_BYTES_MAX && words_are_sound(option);
}

static bool version_is_sound(struct text version)
{
    for (size_t i = 0; i < version.size; i++) {
        if (version.bytes[i] <= ' ' || version.bytes[i] > '~')
            return false;
    }
    return version.size > 0 && version.size <= PLUGIN_VERSION_BYTES_MAX;
}

static bool check_options(const struct checker *checker, const struct plugin_field *field)
{
    if (field->option_count == 0)
        return true;
    if (field->kind != PLUGIN_TEXT && field->kind != PLUGIN_TEXTS)
        return refuse(checker, "gives options to the field %.*s, which is not text",
                      TEXT_ARG(field->name));
    if (field->option_count > PLUGIN_OPTIONS_MAX)
        return refuse(checker, "gives the field %.*s more than %d options", TEXT_ARG(field->name),
                      PLUGIN_OPTIONS_MAX);
    for (size_t i = 0; i < field->option_count; i++) {
        if (!option_is_sound(field->options[i]))
            return refuse(checker,
                          "gives the field %.*s an option that is empty, longer than %d bytes or "
                          "no plain text",
                          TEXT_ARG(field->name), PLUGIN_OPTION_BYTES_MAX);
        for (size_t j = 0; j < i; j++) {
            if (text_equal(field->options[i], field->options[j]))
                return refuse(checker, "gives the field %.*s the option %.*s twice",
                              TEXT_ARG(field->name), TEXT_ARG(field->options[i]));
        }
    }
    return true;
}

static bool check_initial(const struct checker *checker, const struct plugin_field *field,
                          bool of_input)
{
    struct value value;
    if (!field->has_initial)
        return true;
    if (!of_input)
        return refuse(checker, "gives an initial value to %.*s, which is no input",
                      TEXT_ARG(field->name));
    if (field->required)
        return refuse(checker, "gives an initial value to the input %.*s, which is required",
                      TEXT_ARG(field->name));
    if (!words_are_sound(field->initial) || !plugin_initial(field, checker->arena, &value))
        return refuse(checker, "gives the input %.*s an initial value that it does not accept",
                      TEXT_ARG(field->name));
    return true;
}

static bool check_field(const struct checker *checker, const struct plugin_field *field,
                        const char *what)
{
    if (!text_is_id(field->name))
        return refuse(checker, "has an %s whose name is not of the form [a-z][a-z0-9_]*", what);
    if (field->kind < PLUGIN_TEXT || field->kind > PLUGIN_TEXTS)
        return refuse(checker, "gives the %s %.*s a kind that does not exist", what,
                      TEXT_ARG(field->name));
    if (!words_are_sound(field->unit) || !words_are_sound(field->doc))
        return refuse(checker, "gives the %s %.*s a unit or doc that is no line of plain text",
                      what, TEXT_ARG(field->name));
    return check_options(checker, field) && check_initial(checker, field, what[0] == 'i');
}

static bool check_fields(const struct checker *checker, struct plugin_fields fields,
                         const char *what)
{
    if (fields.count > PLUGIN_FIELDS_MAX)
        return refuse(checker, "has more than %d %ss", PLUGIN_FIELDS_MAX, what);
    for (size_t i = 0; i < fields.count; i++) {
        if (!check_field(checker, &fields.items[i], what))
            return false;
        for (size_t j = 0; j < i; j++) {
            if (text_equal(fields.items[i].name, fields.items[j].name))
                return refuse(checker, "has two %ss of the name %.*s", what,
                              TEXT_ARG(fields.items[i].name));
        }
    }
    return true;
}

static bool check_nature(const struct checker *checker, const struct plugin_step_type *type)
{
    if (type->is_check && type->parks)
        return refuse(checker, "is a check and has resume: checks do not park");
    if (type->has_drop && !type->parks)
        return refuse(checker, "has drop and no resume: only a step that parks is dropped");
    if (type->answers.count > 0 && !type->parks)
        return refuse(checker, "declares answers and has no resume");
    if ((type->needs & ~(uint32_t)PLUGIN_NEEDS_ALL) != 0)
        return refuse(checker, "needs something that does not exist");
    if (type->timeout_ms < 0 || type->timeout_ms > PLUGIN_TIMEOUT_MS_MAX)
        return refuse(checker, "asks for more than a day for one call");
    return true;
}

static bool check_step_type(const struct checker *checker, const struct plugin_step_type *type)
{
    if (!words_are_sound(type->summary) || type->summary.size == 0)
        return refuse(checker, "has no summary of one line");
    return check_nature(checker, type) && check_fields(checker, type->inputs, "input") &&
           check_fields(checker, type->outputs, "output") &&
           check_fields(checker, type->answers, "answer");
}

static bool check_step_types(struct checker *checker, const struct plugin_description *description)
{
    for (size_t i = 0; i < description->step_type_count; i++) {
        const struct plugin_step_type *type = &description->step_types[i];
        checker->step_type = TEXT_NONE;
        if (!text_is_id(type->name))
            return refuse(checker, "has a step type whose name is not of the form [a-z][a-z0-9_]*");
        for (size_t j = 0; j < i; j++) {
            if (text_equal(type->name, description->step_types[j].name))
                return refuse(checker, "has two step types of the name %.*s", TEXT_ARG(type->name));
        }
        checker->step_type = type->name;
        if (!check_step_type(checker, type))
            return false;
    }
    return true;
}

bool plugin_check(const struct plugin_description *description, struct arena *arena,
                  struct text *why_out)
{
    struct checker checker = {.arena = arena, .why_out = why_out};
    if (!text_is_id(description->name))
        return refuse(&checker, "has a name that is not of the form [a-z][a-z0-9_]*");
    if (!version_is_sound(description->version))
        return refuse(&checker, "has no version, or one with spaces");
    if (!words_are_sound(description->summary) || description->summary.size == 0)
        return refuse(&checker, "has no summary of one line");
    if (description->step_type_count == 0)
        return refuse(&checker, "has no step types");
    if (description->step_type_count > PLUGIN_STEP_TYPES_MAX)
        return refuse(&checker, "has more than %d step types", PLUGIN_STEP_TYPES_MAX);
    return check_step_types(&checker, description);
}
