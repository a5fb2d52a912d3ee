/* What the whole loader uses: faults, names with the place where they were declared, and the
 * nearest of them; careful reading of the tree. */
#include <stdarg.h>
#include <string.h>

#include "base/check.h"
#include "workflow/load.h"

enum { LISTED_MAX = 12 };

/* A whole sentence for each kind of names: other languages bend the words around a noun. */
static const struct {
    const char *code, *message, *label;
} unknown[] = {
    {E_ROLE, N_("unknown role \"%.*s\""), N_("no role has this name")},
    {E_FIELD, N_("unknown field \"%.*s\""), N_("no field has this name")},
    {E_STEP, N_("unknown step \"%.*s\""), N_("no step has this name")},
    {E_STATE, N_("unknown state \"%.*s\""), N_("no state has this name")},
    {E_SEND, N_("unknown send \"%.*s\""), N_("no send has this name")},
};

static struct diag *add(struct load *load, enum diag_severity severity, const char *code,
                        struct place place, const char *label, const char *format,
                        va_list arguments)
{
    struct text message = text_vprintf(load->arena, format, arguments);
    struct diag *diag = diag_add(load->diags, severity, code, place, "%.*s", TEXT_ARG(message));

    if (label != NULL)
        diag->label = text_from(label);
    return diag;
}

struct diag *load_fault(struct load *load, const char *code, struct place place, const char *label,
                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct diag *diag = add(load, DIAG_ERROR, code, place, label, format, arguments);
    va_end(arguments);
    return diag;
}

struct diag *load_warn(struct load *load, const char *code, struct place place, const char *label,
                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct diag *diag = add(load, DIAG_WARNING, code, place, label, format, arguments);
    va_end(arguments);
    return diag;
}

struct text load_reason(struct load *load, struct text why)
{
    char *first;

    if (why.size < 2)
        return why;
    first = arena_copy(load->arena, why.bytes, why.size);
    if (first[0] >= 'A' && first[0] <= 'Z' &&
        (first[1] == ' ' || (first[1] >= 'a' && first[1] <= 'z')))
        first[0] = (char)(first[0] - 'A' + 'a');
    return (struct text){first, text_ends(why, ".") ? why.size - 1 : why.size};
}

bool load_is_told(const struct load *load)
{
    return load->diags->error_count > DIAG_MAX;
}

void load_names_init(struct load *load, struct load_names *names, const char *code, size_t capacity)
{
    *names = (struct load_names){.code = code, .capacity = capacity};
    names->ids = ARENA_ARRAY(load->arena, struct text, capacity);
    names->places = ARENA_ARRAY(load->arena, struct place, capacity);
}

void load_names_add(struct load_names *names, struct text id, struct place place)
{
    CHECK(names->count < names->capacity);
    names->ids[names->count] = id;
    names->places[names->count++] = place;
}

size_t load_names_find(const struct load_names *names, struct text id)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->ids[i], id))
            return i;
    return SIZE_MAX;
}

static void list_names(struct load *load, struct diag *diag, const struct load_names *names)
{
    struct text_buffer buffer;

    if (names->count == 0 || names->count > LISTED_MAX)
        return;
    text_buffer_init(&buffer, load->arena);
    for (size_t i = 0; i < names->count; i++)
        text_append_printf(&buffer, "%s%.*s", i == 0 ? "" : ", ", TEXT_ARG(names->ids[i]));
    diag_help(load->diags, diag, "known here: %.*s", TEXT_ARG(text_buffer_text(&buffer)));
}

void load_suggest(struct load *load, struct diag *diag, struct text name,
                  const struct load_names *names)
{
    struct text nearest;
    struct place place;

    if (load_is_told(load))
        return;
    nearest = text_nearest(name, names->ids, names->count);
    if (text_is_empty(nearest)) {
        list_names(load, diag, names);
        return;
    }
    place = names->places[load_names_find(names, nearest)];
    if (place.line == 0)
        diag_help(load->diags, diag, "did you mean \"%.*s\"?", TEXT_ARG(nearest));
    else
        diag_help(load->diags, diag, "did you mean \"%.*s\", defined at %.*s:%u:%u?",
                  TEXT_ARG(nearest), TEXT_ARG(place.file), place.line, place.column);
}

size_t load_names_need(struct load *load, const struct load_names *names, struct text id,
                       struct place place)
{
    size_t found = load_names_find(names, id), kind = 0;
    struct diag *diag;

    if (found != SIZE_MAX)
        return found;
    while (strcmp(unknown[kind].code, names->code) != 0)
        CHECK(++kind < sizeof(unknown) / sizeof(unknown[0]));
    diag = load_fault(load, names->code, place, unknown[kind].label, unknown[kind].message,
                      TEXT_ARG(id));
    load_suggest(load, diag, id, names);
    return SIZE_MAX;
}

const struct yaml_node *load_get(const struct yaml_node *map, const char *key, enum yaml_kind kind)
{
    const struct yaml_node *node = yaml_get(map, key);

    return node != NULL && node->kind == kind && !yaml_is_null(node) ? node : NULL;
}

struct text load_get_text(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = load_get(map, key, YAML_SCALAR);

    return node != NULL ? node->text : TEXT_NONE;
}

struct place load_key_place(const struct yaml_node *map, const char *key)
{
    const struct yaml_entry *entry = yaml_entry(map, key);

    CHECK(map != NULL);
    return entry != NULL ? entry->key_place : map->place;
}

bool load_is_expression(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && text_begins(node->text, "=");
}
