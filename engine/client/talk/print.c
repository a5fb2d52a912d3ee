/* Data on stdout, words on stderr. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/problem.h"
#include "base/when.h"
#include "client/people/people.h"
#include "words/heard.h"

/* What comes from plugins and files may hold what moves a terminal's cursor. */
static void put_line(const char *format, va_list arguments)
{
    ARENA_SCOPED struct arena *arena = arena_create("line");
    struct text line = text_vprintf(arena, gettext(format), arguments);

    size_t indent = line.size > 0 ? strspn(line.bytes, " ") : 0;
    look_write(stderr, line, 0, memchr(line.bytes, '\n', line.size) ? 0 : indent);
    fputc('\n', stderr);
}

void say(struct client *client, const char *format, ...)
{
    va_list arguments;

    if (client->quiet)
        return;
    va_start(arguments, format);
    put_line(format, arguments);
    va_end(arguments);
}

void print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(gettext(format), arguments);
    va_end(arguments);
}

void complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line(format, arguments);
    va_end(arguments);
}

/* ---- Problems. ---- */

/* The field that a JSON pointer names; TEXT_NONE: none. */
static struct text field_pointed(struct text pointer)
{
    static const char *const of_fields[] = {"/data/", "/set/"};

    for (size_t i = 0; i < sizeof(of_fields) / sizeof(of_fields[0]); i++) {
        size_t size = strlen(of_fields[i]);
        if (text_begins(pointer, of_fields[i]))
            return (struct text){pointer.bytes + size, pointer.size - size};
    }
    return TEXT_NONE;
}

/* What it means to who typed it. */
static struct text pointed(struct client *client, struct text pointer)
{
    struct text field = field_pointed(pointer);

    if (field.size > 0)
        return titles_typed_field(client, field);
    return text_begins(pointer, "/") ? (struct text){pointer.bytes + 1, pointer.size - 1} : pointer;
}

/* A hint names the case where the daemon has a placeholder for it. */
static struct text hint_of(struct client *client, struct text hint)
{
    static const struct text place = TEXT(" CASE");
    const char *at = hint.size > 0 ? memmem(hint.bytes, hint.size, place.bytes, place.size) : NULL;

    if (!at || !client->case_code)
        return hint;
    size_t before = (size_t)(at - hint.bytes), behind = before + place.size;
    return text_printf(client->arena, "%.*s %s%.*s", (int)before, hint.bytes, client->case_code,
                       (int)(hint.size - behind), hint.bytes + behind);
}

/* Every refusal says what to do. */
static void complain_nothing_changed(const struct client *client, const struct value *body)
{
    if (value_count(value_at(body, "errors")) > 0 || value_count(value_at(body, "available")) > 0)
        return;
    if (client->case_code)
        complain("Nothing has changed. `sankofa case explain %s` tells what is possible, and to "
                 "whom.",
                 client->case_code);
    else
        complain("Nothing has changed.");
}

/* What is wrong with a field; options and roles that may stand there by their titles, too. */
static struct text wrong_with(struct client *client, struct text pointer, struct text message)
{
    static const char choice[] = N_("This must be one of its options: %.*s.");
    static const char role[] = N_("The workflow has no such role.");
    struct text values[HEARD_VALUES_MAX], known;
    const char *sentence = heard_find(message, values);

    if (sentence && strcmp(sentence, choice) == 0) {
        known = titles_options(client, field_pointed(pointer));
        if (known.size > 0)
            return text_printf(client->arena, _(choice), TEXT_ARG(known));
    }
    if (sentence && strcmp(sentence, role) == 0) {
        known = titles_all_roles(client);
        if (known.size > 0)
            return text_printf(client->arena, _("The workflow has these roles: %.*s."),
                               TEXT_ARG(known));
    }
    return heard(client, message);
}

/* A fault of a file, as `sankofad.yaml`: its code is E and a number, what is suggested is a
 * sentence. */
static bool print_fault(struct client *client, const struct value *error)
{
    struct text code = value_text_at(error, "code");
    int64_t number;

    if (!text_begins(code, "E") ||
        !text_to_int((struct text){code.bytes + 1, code.size - 1}, &number))
        return false;
    struct text message = heard_author(client->arena, value_text_at(error, "message"));
    struct text help = heard_author(client->arena, value_text_at(error, "suggest"));
    complain("  %.*s%s%.*s [%.*s]", TEXT_ARG(pointed(client, value_text_at(error, "pointer"))),
             colon(client), TEXT_ARG(message), TEXT_ARG(code));
    if (help.size > 0)
        complain("    %.*s", TEXT_ARG(help));
    return true;
}

static void print_errors(struct client *client, const struct value *errors)
{
    for (size_t i = 0; i < value_count(errors); i++) {
        const struct value *error = value_item(errors, i);
        if (print_fault(client, error))
            continue;
        struct text pointer = value_text_at(error, "pointer");
        struct text suggest = value_text_at(error, "suggest");
        struct text message = wrong_with(client, pointer, value_text_at(error, "message"));
        pointer = pointed(client, pointer);
        const char *between = pointer.size ? colon(client) : "";
        if (suggest.size > 0)
            complain("  %.*s%s%.*s (did you mean %.*s?)", TEXT_ARG(pointer), between,
                     TEXT_ARG(message), TEXT_ARG(suggest));
        else
            complain("  %.*s%s%.*s", TEXT_ARG(pointer), between, TEXT_ARG(message));
    }
}

/* A step or a proposal that is not there is no question of events. */
static bool is_about_event(const struct value *body)
{
    static const char unavailable[] = N_("%.*s is not available now.");
    struct text values[HEARD_VALUES_MAX];
    const char *sentence = heard_find(value_text_at(body, "detail"), values);

    return sentence && strcmp(sentence, unavailable) == 0;
}

static void complain_available(struct client *client, const struct value *available)
{
    for (size_t i = 0; i < value_count(available); i++) {
        const struct value *one = value_item(available, i);
        struct text event = value_text_at(one, "event");
        struct text title = titles_name(client, event);
        if (text_equal(title, event))
            title = value_text_at(one, "title");
        if (one->kind == VALUE_MAP && value_bool_at(one, "allowed"))
            complain("  %-26.*s%.*s", TEXT_ARG(event), TEXT_ARG(title));
    }
}

/* A guard's explanation comes in every language that the workflow has. */
static struct text detail_of(struct client *client, const struct value *body)
{
    const struct value *said =
        client->language ? value_get(value_at(body, "explain"), text_from(client->language)) : NULL;

    if (said && said->kind == VALUE_STRING)
        return said->string;
    return heard(client, value_text_at(body, "detail"));
}

static void complain_stale(struct client *client, const struct value *body)
{
    struct text by = value_text_at(body, "changed_by");

    struct text at = print_time(client, value_text_at(body, "changed_at"));
    long long revision = value_int_at(body, "revision", 0);
    if (by.size > 0)
        complain("  It is at revision %lld now, changed %.*s by %.*s.", revision, TEXT_ARG(at),
                 TEXT_ARG(by));
    else
        complain("  It is at revision %lld now, changed %.*s.", revision, TEXT_ARG(at));
}

int print_problem(struct client *client, const struct client_answer *answer)
{
    const struct value *body = &answer->body;
    const struct problem_kind *kind = problem_kind_named(value_text_at(body, "code"));
    struct text detail = detail_of(client, body), hint = heard(client, value_text_at(body, "hint"));

    if (client->json && body->kind == VALUE_MAP)
        printf("%.*s\n", TEXT_ARG(json_write(client->arena, body)));
    if (!kind) {
        complain("The daemon answered what this client does not understand (status %d).",
                 answer->status);
        complain("Is the client of another version than the daemon? %.*s", TEXT_ARG(answer->raw));
        return CLIENT_INTERNAL;
    }
    complain("%.*s", TEXT_ARG(detail.size ? detail : text_from(_(kind->title))));
    print_errors(client, value_at(body, "errors"));
    if (is_about_event(body))
        complain_available(client, value_at(body, "available"));
    if (kind->code == PROBLEM_STALE_REVISION)
        complain_stale(client, body);
    if (hint.size > 0)
        complain("%.*s", TEXT_ARG(hint_of(client, hint)));
    else if (kind->exit_status == CLIENT_REFUSED || kind->exit_status == CLIENT_NOT_PERMITTED ||
             kind->exit_status == CLIENT_CONFLICT)
        complain_nothing_changed(client, body);
    return kind->exit_status;
}

struct value named_value(struct client *client, const char *name, const char *text)
{
    struct value map = value_map(client->arena);

    value_put(&map, name, value_cstring(text));
    return map;
}

bool print_json(struct client *client, const struct value *value)
{
    if (client->json)
        printf("%.*s\n", TEXT_ARG(json_write_pretty(client->arena, value)));
    return client->json;
}

/* ---- Texts. ---- */

struct text print_time(struct client *client, struct text timestamp)
{
    struct instant instant;
    struct tm local;
    char text[sizeof("2026-01-05 08:00")];

    if (!when_read_timestamp(timestamp, &instant))
        return timestamp;
    time_t seconds = instant.seconds;
    if (!localtime_r(&seconds, &local) ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local) == 0)
        return timestamp;
    return text_copy(client->arena, text_from(text));
}

struct text print_value(struct client *client, const struct value *value)
{
    struct text_buffer buffer;

    if (!value)
        return TEXT("");
    if (value->kind == VALUE_STRING)
        return value->string;
    if (value->kind == VALUE_BOOL)
        return text_from(value->boolean ? _("yes") : _("no"));
    if (value->kind == VALUE_DOUBLE)
        return text_printf(client->arena, "%.15g", value->real);
    if (value->kind != VALUE_LIST)
        return json_write(client->arena, value);
    text_buffer_init(&buffer, client->arena);
    for (size_t i = 0; i < value_count(value); i++) {
        if (i > 0)
            text_append(&buffer, TEXT(", "));
        text_append(&buffer, print_value(client, value_item(value, i)));
    }
    return text_buffer_text(&buffer);
}
