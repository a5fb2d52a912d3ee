/* The head of a file: its name, where it belongs, roles, fields, who may open a case. */
#include "base/check.h"
#include "workflow/load.h"

enum { SPAN_DAYS_MAX = 36525, VERSION_BYTES_MAX = 100 };

static bool is_workflow_id(struct text text)
{
    if (text.size == 0 || text.size > 64 || text.bytes[0] < 'a' || text.bytes[0] > 'z')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

static void name_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "workflow", YAML_SCALAR);
    struct diag *diag;

    if (node == NULL)
        return;
    load->workflow->id = node->text;
    if (is_workflow_id(node->text) || node->text.size == 0)
        return;
    diag = load_fault(load, E_ID, node->place, "not an id", "\"%.*s\" cannot name a workflow",
                      TEXT_ARG(node->text));
    diag_help(load->diags, diag, "it begins with a-z and goes on with a-z, 0-9 and -, at most 64");
}

static void version_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "version", YAML_SCALAR);

    if (node == NULL)
        return;
    load->workflow->version = node->text;
    if (node->text.size > VERSION_BYTES_MAX)
        load_fault(load, E_TOO_MANY, node->place, "too long", "a version has at most %d bytes",
                   (int)VERSION_BYTES_MAX);
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static void country_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "country", YAML_SCALAR);
    struct diag *diag;

    if (node == NULL || node->text.size == 0)
        return;
    if (node->text.size == 2 && is_capital(node->text.bytes[0]) &&
        is_capital(node->text.bytes[1])) {
        load->workflow->country = node->text;
        return;
    }
    diag = load_fault(load, E_COUNTRY, node->place, "not a country", "\"%.*s\" is not a country",
                      TEXT_ARG(node->text));
    diag_help(load->diags, diag, "write its two capital letters of ISO 3166-1, as SN");
}

static void zone_read(struct load *load)
{
    const struct yaml_node *node = load_get(load->root, "time_zone", YAML_SCALAR);
    const struct zone_source *zones = load->context->zones;
    struct diag *diag;

    if (node == NULL || node->text.size == 0)
        return;
    load->workflow->time_zone = node->text;
    if (text_is(node->text, "UTC"))
        return;
    if (zones != NULL)
        load->workflow->zone = zones->load(zones->self, node->text);
    if (load->workflow->zone != NULL)
        return;
    diag = load_fault(load, E_ZONE, node->place, "no such zone", "unknown time zone \"%.*s\"",
                      TEXT_ARG(node->text));
    diag_help(load->diags, diag, "write a name of the IANA time zones, as Africa/Dakar");
}

/* How many entries of the map are read; an error where there are more than `most`. */
static size_t bounded(struct load *load, const struct yaml_node *map, size_t most, const char *noun)
{
    if (map == NULL)
        return 0;
    if (map->count <= most)
        return map->count;
    load_fault(load, E_TOO_MANY, map->entries[most].key_place, "too many",
               "%zu %s; %zu are the most", map->count, noun, most);
    return most;
}

static void roles_declare(struct load *load)
{
    const struct yaml_node *map = load_get(load->root, "roles", YAML_MAP);
    size_t count = bounded(load, map, WORKFLOW_ROLES_MAX, "roles");

    load_names_init(load, &load->role_names, "role", E_ROLE, count);
    load->roles = ARENA_ARRAY(load->arena, struct workflow_role, count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_entry *entry = &map->entries[i];
        const struct yaml_node *sees = load_get(entry->value, "sees", YAML_LIST);
        struct workflow_role *role = &load->roles[i];

        role->id = entry->key;
        role->title = load_words(load, entry->value, "title");
        for (size_t j = 0; sees != NULL && j < sees->count; j++)
            role->sees_sensitive |= text_is(sees->entries[j].value->text, "sensitive");
        load_names_add(&load->role_names, entry->key, entry->key_place);
    }
    load->workflow->roles = load->roles;
    load->workflow->role_count = count;
}

static bool type_named(struct text name, enum field_type *type_out)
{
    for (int i = 0; workflow_field_types[i] != NULL; i++) {
        if (!text_is(name, workflow_field_types[i]))
            continue;
        *type_out = (enum field_type)i;
        return true;
    }
    return false;
}

static const struct cel_type *field_cel_type(struct load *load, enum field_type type,
                                             enum field_type of)
{
    static const enum cel_type_kind kinds[] = {
        [FIELD_TEXT] = CEL_STRING,   [FIELD_INTEGER] = CEL_INT,    [FIELD_NUMBER] = CEL_DOUBLE,
        [FIELD_BOOLEAN] = CEL_BOOL,  [FIELD_DATE] = CEL_TIMESTAMP, [FIELD_TIME] = CEL_STRING,
        [FIELD_CHOICE] = CEL_STRING, [FIELD_LIST] = CEL_LIST,      [FIELD_DOCUMENT] = CEL_STRING,
        [FIELD_PERSON] = CEL_STRING, [FIELD_CASE] = CEL_STRING,
    };
    struct cel_type *list;

    if (type != FIELD_LIST)
        return cel_type_of(kinds[type]);
    list = ARENA_NEW(load->arena, struct cel_type);
    list->kind = CEL_LIST;
    list->element = field_cel_type(load, of, of);
    return list;
}

/* A field whose type cannot be told takes part as one of any type, so that what reads it is still
 * checked for the rest. */
static void type_read(struct load *load, const struct yaml_node *node, struct workflow_field *field)
{
    field->cel_type = cel_type_of(CEL_UNKNOWN);
    if (!type_named(load_get_text(node, "type"), &field->type))
        return;
    if (field->type == FIELD_LIST) {
        if (!type_named(load_get_text(node, "of"), &field->of) || field->of == FIELD_LIST) {
            if (text_is(load_get_text(node, "of"), "list"))
                load_fault(load, E_WORD, yaml_get(node, "of")->place, "not a list",
                           "a list cannot hold lists");
            field->type = field->of = FIELD_TEXT;
            return;
        }
    }
    field->cel_type = field_cel_type(load, field->type, field->of);
}

static void options_read(struct load *load, const struct yaml_node *node,
                         struct workflow_field *field)
{
    const struct yaml_node *map = load_get(node, "options", YAML_MAP);
    size_t count = bounded(load, map, WORKFLOW_FIELDS_MAX, "options");
    struct field_option *options = ARENA_ARRAY(load->arena, struct field_option, count);

    for (size_t i = 0; i < count; i++) {
        options[i].id = map->entries[i].key;
        options[i].title = load_words_of(load, map->entries[i].value);
    }
    field->options = options;
    field->option_count = count;
}

static size_t count_read(const struct yaml_node *node, const char *key, int64_t most)
{
    int64_t number;

    if (!text_to_int(load_get_text(node, key), &number) || number < 1 || number > most)
        return 0;
    return (size_t)number;
}

static void rules_read(struct load *load, const struct yaml_node *node,
                       struct workflow_field *field)
{
    struct diag *diag;

    field->has_min = text_to_double(load_get_text(node, "min"), &field->min);
    field->has_max = text_to_double(load_get_text(node, "max"), &field->max);
    field->length_max = count_read(node, "max_length", INT32_MAX);
    field->items_max = count_read(node, "max_items", INT32_MAX);
    if (field->has_min && field->has_max && field->min > field->max)
        load_fault(load, E_RULE, load_key_place(node, "min"), "more than max",
                   "no number is from %g to %g", field->min, field->max);
    if (field->length_max > FIELD_LENGTH_MAX) {
        diag = load_fault(load, E_RULE, load_key_place(node, "max_length"), "too long",
                          "a text has at most %d characters", (int)FIELD_LENGTH_MAX);
        diag_help(load->diags, diag, "what is longer belongs into a document");
    }
    if (field->items_max > FIELD_ITEMS_MAX)
        load_fault(load, E_RULE, load_key_place(node, "max_items"), "too many",
                   "a list has at most %d items", (int)FIELD_ITEMS_MAX);
}

static void field_declare(struct load *load, const struct yaml_entry *entry,
                          struct workflow_field *field)
{
    const struct yaml_node *node = entry->value;
    const struct yaml_node *initial = yaml_get(node, "initial");

    field->id = entry->key;
    field->title = load_words(load, node, "title");
    field->sensitive = text_is(load_get_text(node, "sensitive"), "true");
    type_read(load, node, field);
    options_read(load, node, field);
    rules_read(load, node, field);
    if (field->cel_type->kind != CEL_UNKNOWN)
        field->has_initial = load_literal(load, field, initial, &field->initial);
}

static void fields_declare(struct load *load)
{
    const struct yaml_node *map = load_get(load->root, "fields", YAML_MAP);
    size_t count = bounded(load, map, WORKFLOW_FIELDS_MAX, "fields");

    load_names_init(load, &load->field_names, "field", E_FIELD, count);
    load->fields = ARENA_ARRAY(load->arena, struct workflow_field, count);
    load->field_is_set = ARENA_ARRAY(load->arena, bool, count);
    load->field_is_read = ARENA_ARRAY(load->arena, bool, count);
    load->field_read_places = ARENA_ARRAY(load->arena, struct place, count);
    load->workflow->fields = load->fields;
    load->workflow->field_count = count;
    for (size_t i = 0; i < count; i++) {
        load_names_add(&load->field_names, map->entries[i].key, map->entries[i].key_place);
        field_declare(load, &map->entries[i], &load->fields[i]);
        load->field_is_set[i] = load->fields[i].has_initial;
    }
}

static bool literal_is_of_text(enum field_type type)
{
    return type != FIELD_BOOLEAN && type != FIELD_INTEGER && type != FIELD_NUMBER;
}

static bool scalar_read(struct load *load, const struct workflow_field *field,
                        const struct yaml_node *node, struct value *stored_out)
{
    struct diag *diag;
    struct text why;

    if (load_is_expression(node)) {
        diag = load_fault(load, E_EXPRESSION, node->place, "an expression",
                          "only a value may stand here, not an expression");
        diag_help(load->diags, diag, "set it by an action: {set: {FIELD: \"= ...\"}}");
        return false;
    }
    if (literal_is_of_text(field->type))
        load_text_check(load, node);
    if (field_read(field, node->text, load->arena, stored_out, &why))
        return true;
    diag = load_fault(load, E_LITERAL, node->place, NULL, "\"%.*s\" is no value of the field %.*s",
                      TEXT_ARG(node->text), TEXT_ARG(field->id));
    diag->help = why;
    return false;
}

static bool list_read(struct load *load, const struct workflow_field *field,
                      const struct yaml_node *node, struct value *stored_out)
{
    struct workflow_field item = field_item(field);
    struct value list = value_list(load->arena), stored;
    struct text why;
    struct diag *diag;

    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *scalar = node->entries[i].value;

        if (scalar->kind != YAML_SCALAR || load_is_expression(scalar))
            return false;
        if (!scalar_read(load, &item, scalar, &stored))
            return false;
        value_append(&list, stored);
    }
    if (field_accept(field, &list, load->arena, stored_out, &why, NULL))
        return true;
    diag = load_fault(load, E_LITERAL, node->place, NULL, "this is no value of the field %.*s",
                      TEXT_ARG(field->id));
    diag->help = why;
    return false;
}

bool load_literal(struct load *load, const struct workflow_field *field,
                  const struct yaml_node *node, struct value *stored_out)
{
    struct diag *diag;

    if (node == NULL || yaml_is_null(node) || node->kind == YAML_MAP)
        return false;
    if ((node->kind == YAML_LIST) == (field->type == FIELD_LIST))
        return node->kind == YAML_LIST ? list_read(load, field, node, stored_out)
                                       : scalar_read(load, field, node, stored_out);
    if (node->kind == YAML_SCALAR && load_is_expression(node))
        return scalar_read(load, field, node, stored_out);
    diag = load_fault(load, E_LITERAL, node->place, NULL, "the field %.*s takes %s",
                      TEXT_ARG(field->id), field->type == FIELD_LIST ? "a list" : "one value");
    if (field->type == FIELD_LIST)
        diag_help(load->diags, diag, "write [FIRST, SECOND]");
    return false;
}

struct workflow_roles load_roles(struct load *load, const struct yaml_node *map, const char *key)
{
    const struct yaml_node *list = load_get(map, key, YAML_LIST);
    struct workflow_roles roles = {0};
    struct text *ids = ARENA_ARRAY(load->arena, struct text, list != NULL ? list->count : 0);

    roles.ids = ids;
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct yaml_node *item = list->entries[i].value;

        if (item->kind == YAML_SCALAR && item->text.size > 0 &&
            load_names_need(load, &load->role_names, item->text, item->place) != SIZE_MAX)
            ids[roles.count++] = item->text;
    }
    return roles;
}

bool load_span(struct load *load, const struct yaml_node *scalar, int64_t least_ms, int64_t *ms_out)
{
    struct diag *diag;

    *ms_out = 0;
    if (scalar == NULL || scalar->kind != YAML_SCALAR || scalar->text.size == 0)
        return false;
    if (text_ends(scalar->text, "wd")) {
        load_fault(
            load, E_KEY_LATER, scalar->place, "not in this version",
            "working days (`wd`) are part of the language, but this version of Sankofa cannot "
            "run them yet");
        return false;
    }
    if (when_read_span(scalar->text, ms_out) && *ms_out >= least_ms &&
        *ms_out <= (int64_t)SPAN_DAYS_MAX * 86400000)
        return true;
    *ms_out = 0;
    diag = load_fault(load, E_SPAN, scalar->place, "not a duration",
                      "\"%.*s\" is not a duration here", TEXT_ARG(scalar->text));
    diag_help(load->diags, diag, "write it as 90s, 30min, 48h, 10d or 2w, up to 100 years");
    return false;
}

void load_head(struct load *load)
{
    const struct yaml_node *open = load_get(load->root, "open", YAML_MAP);

    name_read(load);
    version_read(load);
    country_read(load);
    zone_read(load);
    load->workflow->title = load_words(load, load->root, "title");
    roles_declare(load);
    fields_declare(load);
    load->workflow->has_open_by = yaml_entry(open, "by") != NULL;
    load->workflow->open_by = load_roles(load, open, "by");
    load->workflow->open_form = load_form(load, open, "form");
}
