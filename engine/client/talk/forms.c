/* -f field=value: what is typed is text; a form tells what each field is. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/sound.h"
#include "client/client.h"
#include "system/system.h"
#include "yaml/yaml.h"

enum { FORM_BYTES_MAX = 1 << 20 };

/* The one of a list that is meant: by its id, else by its title, which is what people see, else by
 * a title that differs in capitals, accents and signs alone, if there is but one. */
static const struct value *meant(struct client *client, const struct value *list, const char *id,
                                 struct text typed)
{
    const char *const by[] = {id, "title"};
    const struct value *found = NULL;
    struct text folded = sound_fold(client->arena, typed);

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < value_count(list); i++)
            if (text_equal(value_text_at(value_item(list, i), by[k]), typed))
                return value_item(list, i);
    for (size_t i = 0; folded.size > 0 && i < value_count(list); i++) {
        struct text title = value_text_at(value_item(list, i), "title");
        if (!text_equal(sound_fold(client->arena, title), folded))
            continue;
        if (found)
            return NULL;
        found = value_item(list, i);
    }
    return found;
}

static struct text name_of(const struct value *field, struct text given)
{
    return field ? value_text_at(field, "field") : given;
}

/* ---- What was typed. ---- */

static bool is_one_of(struct text text, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == text.size && strncasecmp(*words, text.bytes, text.size) == 0)
            return true;
    return false;
}

struct value form_yes_or_no(struct text text)
{
    static const char *const yes[] = {"yes", "y", "true", "oui", "o", "sim", "s", NULL};
    static const char *const no[] = {"no", "n", "false", "non", "não", "nÃo", "nao", NULL};

    return is_one_of(text, yes)  ? value_bool(true)
           : is_one_of(text, no) ? value_bool(false)
                                 : value_string(text);
}

/* 04/05/2012 is the fourth of May; what else there is stays as it is. */
static struct value date_of(struct client *client, struct text text)
{
    static const char shape[] = "dd/dd/dddd";
    const char *at = text.bytes;

    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (text.size != sizeof(shape) - 1 ||
            (shape[i] == 'd' ? !isdigit((unsigned char)at[i]) : !strchr("/.-", at[i])))
            return value_string(text);
    return value_string(text_printf(client->arena, "%.4s-%.2s-%.2s", at + 6, at + 3, at));
}

static struct value choice_of(struct client *client, const struct value *field, struct text text)
{
    const struct value *option = meant(client, value_at(field, "options"), "id", text);

    return value_string(option ? value_text_at(option, "id") : text);
}

/* The bytes of a space, as French and Portuguese set it between thousands; 0: there is none. */
static size_t space_size(struct text text)
{
    static const char *const spaces[] = {" ", "\u00a0", "\u202f"};

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (text_begins(text, spaces[i]))
            return strlen(spaces[i]);
    return 0;
}

static bool begins_with_three_digits(struct text text)
{
    size_t digits = 0;

    while (digits < text.size && isdigit((unsigned char)text.bytes[digits]))
        digits++;
    return digits == 3;
}

/* 300000, and 300 000. */
static struct value integer_of(struct client *client, struct text text)
{
    struct text_buffer buffer;
    int64_t integer;

    text_buffer_init(&buffer, client->arena);
    for (struct text rest = text; rest.size > 0;) {
        size_t space = buffer.size > 0 ? space_size(rest) : 0;
        struct text behind = {rest.bytes + space, rest.size - space};
        if (space == 0 || !begins_with_three_digits(behind)) {
            text_append(&buffer, (struct text){rest.bytes, 1});
            behind = (struct text){rest.bytes + 1, rest.size - 1};
        }
        rest = behind;
    }
    return text_to_int(text_buffer_text(&buffer), &integer) ? value_int(integer)
                                                            : value_string(text);
}

/* 3,5 is a number, too; 1,000 may be one or a thousand. */
static struct value number_of(struct client *client, struct text text)
{
    struct text copy = text_copy(client->arena, text);
    char *comma = memchr((char *)(uintptr_t)copy.bytes, ',', copy.size);
    double real;

    if (comma && copy.bytes + copy.size - comma != sizeof(",000") - 1)
        *comma = '.';
    return text_to_double(copy, &real) ? value_double(real) : value_string(text);
}

/* What does not fit stays text: the daemon says what is wrong with it, beside everything else that
 * is wrong. */
struct value form_meant(struct client *client, const struct value *field, struct text type,
                        struct text text)
{
    if (text_is(type, "boolean"))
        return form_yes_or_no(text);
    if (text_is(type, "date"))
        return date_of(client, text);
    if (text_is(type, "choice"))
        return choice_of(client, field, text);
    if (text_is(type, "integer"))
        return integer_of(client, text);
    if (text_is(type, "number"))
        return number_of(client, text);
    return value_string(text);
}

/* ---- A form file. ---- */

static struct value typed_node(struct client *client, const struct value *field, struct text type,
                               const struct yaml_node *node)
{
    bool is_text = node->kind == YAML_SCALAR && !yaml_is_null(node);

    return is_text ? form_meant(client, field, type, node->text)
                   : yaml_to_value(client->arena, node);
}

/* What no field takes, a map for instance, is sent as it is: the daemon refuses it by its name. */
static struct value node_value(struct client *client, const struct value *field,
                               const struct yaml_node *node)
{
    struct value list = value_list(client->arena);

    if (node->kind != YAML_LIST)
        return typed_node(client, field, value_text_at(field, "type"), node);
    for (size_t i = 0; i < node->count; i++)
        value_append(&list,
                     typed_node(client, field, value_text_at(field, "of"), node->entries[i].value));
    return list;
}

/* A form file is a map of field to value, in YAML (and so in JSON). */
static int read_file(struct client *client, const struct value *form, struct value *data)
{
    struct port_files files = system_files();
    struct diag_list diags;
    struct text source;
    int result = files.read(files.self, client->arena, client->form, FORM_BYTES_MAX, &source);

    if (result != 0) {
        complain("The form %s cannot be read: %s.", client->form, strerror(-result));
        complain("--form takes a YAML or JSON file of field: value.");
        return CLIENT_WRONG_USE;
    }
    diag_list_init(&diags, client->arena);
    const struct yaml_node *node = yaml_parse(source, text_from(client->form), &diags);
    if (!node) {
        for (size_t i = 0; i < diags.count; i++) {
            struct diag diag = heard_diag(client->arena, &diags.items[i]);
            complain("%.*s", TEXT_ARG(diag_write_caret(client->arena, &diag, source)));
        }
        return CLIENT_WRONG_USE;
    }
    if (node->kind != YAML_MAP) {
        complain("The form %s is no map of field: value.", client->form);
        complain("Write one field on each line, as in  found_place: Dakar");
        return CLIENT_WRONG_USE;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        const struct value *field = meant(client, form, "field", entry->key);
        value_set(data, name_of(field, entry->key), node_value(client, field, entry->value));
    }
    return CLIENT_DONE;
}

/* ---- -f. ---- */

/* Whether the same name was given before, by -f. */
static bool is_repeated(struct client *client, const struct value *form, struct text name,
                        size_t index)
{
    for (size_t i = 0; i < index; i++) {
        struct text given = client->fields.items[i].name;
        if (text_equal(name_of(meant(client, form, "field", given), given), name))
            return true;
    }
    return false;
}

/* The first -f of a field replaces what the form file says of it. */
static int set_field(struct client *client, const struct value *form, size_t index,
                     struct value *data)
{
    struct text name = client->fields.items[index].name, text = client->fields.items[index].value;
    const struct value *field = meant(client, form, "field", name);
    name = name_of(field, name);
    const struct value *before =
        is_repeated(client, form, name, index) ? value_get(data, name) : NULL;

    if (text_is(value_text_at(field, "type"), "list")) {
        struct value list = before ? *before : value_list(client->arena);
        if (text.size > 0)
            value_append(&list, form_meant(client, field, value_text_at(field, "of"), text));
        value_set(data, name, list);
        return CLIENT_DONE;
    }
    if (before) {
        complain("-f %.*s is given twice, and it is no list.", TEXT_ARG(name));
        complain("Give it once.");
        return CLIENT_WRONG_USE;
    }
    value_set(data, name,
              text.size > 0 ? form_meant(client, field, value_text_at(field, "type"), text)
                            : value_null());
    return CLIENT_DONE;
}

int form_data(struct client *client, const struct value *form, struct value *data_out)
{
    int result = CLIENT_DONE;

    *data_out = value_map(client->arena);
    if (client->form)
        result = read_file(client, form, data_out);
    for (size_t i = 0; result == CLIENT_DONE && i < client->fields.count; i++)
        result = set_field(client, form, i, data_out);
    return result;
}
