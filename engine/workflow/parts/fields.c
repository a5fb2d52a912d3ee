/* The fields a workflow declares: types, rules, options; and literals by their rules. */
#include "workflow/load.h"

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
    size_t count = load_bounded(load, map, WORKFLOW_OPTIONS_MAX, "options");
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
    field->is_name = text_is(load_get_text(node, "name"), "true");
    type_read(load, node, field);
    options_read(load, node, field);
    rules_read(load, node, field);
    if (field->cel_type->kind != CEL_UNKNOWN)
        field->has_initial = load_literal(load, field, initial, &field->initial);
}

void load_fields(struct load *load)
{
    const struct yaml_node *map = load_get(load->root, "fields", YAML_MAP);
    size_t count = load_bounded(load, map, WORKFLOW_FIELDS_MAX, "fields");

    load_names_init(load, &load->field_names, E_FIELD, count);
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
        diag = load_fault(load, E_EXPRESSION, node->place, N_("an expression"),
                          "only a value may stand here, not an expression");
        diag_help(load->diags, diag, "set it by an action: {set: {FIELD: \"= ...\"}}");
        return false;
    }
    if (literal_is_of_text(field->type))
        load_text_check(load, node);
    if (field_read(field, node->text, load->arena, stored_out, &why))
        return true;
    load_fault(load, E_LITERAL, node->place, NULL, "\"%.*s\" is no value of the field %.*s: %.*s",
               TEXT_ARG(node->text), TEXT_ARG(field->id), TEXT_ARG(load_reason(load, why)));
    return false;
}

static bool list_read(struct load *load, const struct workflow_field *field,
                      const struct yaml_node *node, struct value *stored_out)
{
    struct workflow_field item = field_item(field);
    struct value list = value_list(load->arena), stored;
    struct text why;

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
    load_fault(load, E_LITERAL, node->place, NULL, "this is no value of the field %.*s: %.*s",
               TEXT_ARG(field->id), TEXT_ARG(load_reason(load, why)));
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
    diag =
        load_fault(load, E_LITERAL, node->place, NULL, "the field %.*s takes %s",
                   TEXT_ARG(field->id), field->type == FIELD_LIST ? N_("a list") : N_("one value"));
    if (field->type == FIELD_LIST)
        diag_help(load->diags, diag, "write [FIRST, SECOND]");
    return false;
}
