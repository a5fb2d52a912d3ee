/* What a workflow says to plugins, held against what they say of themselves: use, with, into,
 * answers. Where nothing is known of plugins, names and expressions are checked and no more. */
#include <stdarg.h>
#include <string.h>

#include "base/check.h"
#include "workflow/load.h"

/* A fault of a file that is loaded; of a stored definition, which runs as well as it can with the
 * plugins as they are now, a warning. */
__attribute__((format(printf, 5, 6))) static struct diag *
plugin_fault(struct load *load, const char *code, struct place place, const char *label,
             const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct text message = text_vprintf(load->arena, format, arguments);
    va_end(arguments);
    if (load->context->lenient_plugins)
        return load_warn(load, W_PLUGIN, place, label, "%.*s", TEXT_ARG(message));
    return load_fault(load, code, place, label, "%.*s", TEXT_ARG(message));
}

/* Help: the nearest of the fields, or all. */
static void suggest_field(struct load *load, struct diag *diag, struct text name,
                          struct plugin_fields fields)
{
    struct load_names names;

    load_names_init(load, &names, "", "", fields.count);
    for (size_t i = 0; i < fields.count; i++)
        load_names_add(&names, fields.items[i].name, (struct place){0});
    load_suggest(load, diag, name, &names);
}

static bool split_use(struct text use, struct plugin_use *parts_out)
{
    const char *slash = use.size > 0 ? memchr(use.bytes, '/', use.size) : NULL;

    if (slash == NULL)
        return false;
    parts_out->plugin = (struct text){use.bytes, (size_t)(slash - use.bytes)};
    parts_out->step = (struct text){slash + 1, use.size - parts_out->plugin.size - 1};
    return text_is_id(parts_out->plugin) && text_is_id(parts_out->step);
}

static const struct plugin_step_type *find_type(struct load *load, const struct plugin_use *use,
                                                struct place place)
{
    const struct plugin_source *plugins = load->context->plugins;
    const struct plugin_description *description;
    const struct plugin_step_type *type;
    struct load_names names;
    struct text why = TEXT_NONE;
    struct diag *diag;

    if (plugins == NULL)
        return NULL;
    description = plugins->find(plugins->self, use->plugin, &why);
    if (description == NULL) {
        diag = plugin_fault(load, E_PLUGIN, place, "no such plugin", "unknown plugin \"%.*s\"",
                            TEXT_ARG(use->plugin));
        diag->help = text_copy(load->arena, why);
        return NULL;
    }
    type = plugin_step_type(description, use->step);
    if (type != NULL)
        return type;
    diag = plugin_fault(load, E_STEP_TYPE, place, "no such step type",
                        "the plugin %.*s has no step type \"%.*s\"", TEXT_ARG(use->plugin),
                        TEXT_ARG(use->step));
    load_names_init(load, &names, "", "", description->step_type_count);
    for (size_t i = 0; i < description->step_type_count; i++)
        load_names_add(&names, description->step_types[i].name, (struct place){0});
    load_suggest(load, diag, use->step, &names);
    return NULL;
}

struct plugin_use load_use(struct load *load, const struct yaml_node *map, bool is_check)
{
    const struct yaml_node *node = load_get(map, "use", YAML_SCALAR);
    struct plugin_use use = {0};
    struct diag *diag;

    load_span(load, load_get(map, "timeout", YAML_SCALAR), 1, &use.timeout_ms);
    if (node == NULL || node->text.size == 0)
        return use;
    if (!split_use(node->text, &use)) {
        diag = load_fault(load, E_USE, node->place, "not plugin/step",
                          "\"%.*s\" does not name a step type", TEXT_ARG(node->text));
        diag_help(load->diags, diag, "write PLUGIN/STEP, as assessment/score");
        return use;
    }
    use.type = find_type(load, &use, node->place);
    if (use.type == NULL)
        return use;
    if (use.type->is_check != is_check) {
        plugin_fault(load, E_STEP_KIND, node->place, is_check ? "a step" : "a check",
                     is_check ? "%.*s is a step: it stands under `steps` of a state"
                              : "%.*s is a check: it stands under `check` of a transition",
                     TEXT_ARG(node->text));
        use.type = NULL;
    } else if (!is_check && !use.type->is_idempotent) {
        plugin_fault(
            load, E_NOT_IDEMPOTENT, node->place, "may run only once",
            "%.*s is not idempotent, and this version of Sankofa cannot run such steps yet",
            TEXT_ARG(node->text));
    }
    return use;
}

/* A literal by the input's kind, as JSON's kinds. */
static bool read_literal(struct load *load, const struct plugin_field *field,
                         const struct yaml_node *node, struct value *value_out,
                         struct text *why_out)
{
    struct plugin_field reader = *field;

    if (node->kind == YAML_LIST) {
        *value_out = value_list(load->arena);
        for (size_t i = 0; i < node->count; i++)
            value_append(value_out, value_string(node->entries[i].value->text));
        return plugin_accepts(field, value_out, load->arena, why_out);
    }
    reader.has_initial = true;
    reader.initial = node->text;
    if (plugin_initial(&reader, load->arena, value_out))
        return true;
    *value_out = value_string(node->text);
    CHECK(!plugin_accepts(field, value_out, load->arena, why_out));
    return false;
}

static void read_input(struct load *load, const struct yaml_node *node,
                       const struct plugin_field *field, const struct cel_scope *scope,
                       struct workflow_input *input)
{
    static const struct plugin_field unknown = {.kind = PLUGIN_TEXT};
    struct text why;
    struct diag *diag;

    if (load_is_expression(node)) {
        input->program =
            load_expression(load, scope, node, field ? load_kind_type(field->kind) : NULL);
        return;
    }
    if (field != NULL && field->kind == PLUGIN_TEXT)
        load_text_check(load, node);
    if (read_literal(load, field ? field : &unknown, node, &input->literal, &why) || field == NULL)
        return;
    diag = plugin_fault(load, E_INPUT_VALUE, node->place, NULL,
                        "this is no value of the input %.*s", TEXT_ARG(field->name));
    diag->help = why;
}

static void check_required(struct load *load, const struct yaml_node *map,
                           const struct plugin_step_type *type)
{
    const struct yaml_node *with = load_get(map, "with", YAML_MAP);
    struct diag *diag;

    for (size_t i = 0; i < type->inputs.count; i++) {
        const struct plugin_field *field = &type->inputs.items[i];
        struct text doc = field->doc;
        bool given = false;

        for (size_t j = 0; with != NULL && j < with->count; j++)
            given |= text_equal(with->entries[j].key, field->name);
        if (given || !field->required)
            continue;
        diag =
            plugin_fault(load, E_INPUT_MISSING, load_key_place(map, with != NULL ? "with" : "use"),
                         NULL, "the input `%.*s` is missing", TEXT_ARG(field->name));
        diag_help(load->diags, diag, "%.*s takes %s%s%.*s", TEXT_ARG(field->name),
                  plugin_kind_name(field->kind), doc.size > 0 ? ": " : "", TEXT_ARG(doc));
    }
}

struct workflow_inputs load_with(struct load *load, const struct yaml_node *map,
                                 const struct plugin_use *use, const struct cel_scope *scope)
{
    const struct yaml_node *with = load_get(map, "with", YAML_MAP);
    size_t count = with != NULL ? with->count : 0;
    struct workflow_input *items = ARENA_ARRAY(load->arena, struct workflow_input, count);
    struct workflow_inputs inputs = {items, count};

    for (size_t i = 0; i < count; i++) {
        const struct yaml_entry *entry = &with->entries[i];
        const struct plugin_field *field =
            use->type != NULL ? plugin_field(use->type->inputs, entry->key) : NULL;

        items[i].name = entry->key;
        if (field != NULL) {
            items[i].kind = field->kind;
        } else if (use->type != NULL) {
            struct diag *diag = plugin_fault(
                load, E_INPUT, entry->key_place, "no such input", "%.*s/%.*s has no input \"%.*s\"",
                TEXT_ARG(use->plugin), TEXT_ARG(use->step), TEXT_ARG(entry->key));
            suggest_field(load, diag, entry->key, use->type->inputs);
        }
        read_input(load, entry->value, field, scope, &items[i]);
    }
    if (use->type != NULL)
        check_required(load, map, use->type);
    return inputs;
}

static bool is_text_type(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_CHOICE:
    case FIELD_DOCUMENT:
    case FIELD_PERSON:
    case FIELD_CASE:
        return true;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
    case FIELD_BOOLEAN:
    case FIELD_DATE:
    case FIELD_LIST:
        return false;
    }
    CHECK(!"a type of field");
    return false;
}

/* Whether a value of the plugin's kind may be one of the field's; `given`: the other way. */
static bool kinds_fit(enum plugin_kind kind, const struct workflow_field *field, bool given)
{
    switch (kind) {
    case PLUGIN_TEXT:
        return is_text_type(field->type);
    case PLUGIN_INTEGER:
        return field->type == FIELD_INTEGER || (!given && field->type == FIELD_NUMBER);
    case PLUGIN_NUMBER:
        return field->type == FIELD_NUMBER || (given && field->type == FIELD_INTEGER);
    case PLUGIN_BOOLEAN:
        return field->type == FIELD_BOOLEAN;
    case PLUGIN_DATE:
        return field->type == FIELD_DATE;
    case PLUGIN_TIMESTAMP:
        return !given && field->type == FIELD_TEXT;
    case PLUGIN_TEXTS:
        return field->type == FIELD_LIST && is_text_type(field->of);
    }
    CHECK(!"a kind of the plugin ABI");
    return false;
}

/* An option of a choice field that is none of the plugin's, or the other way; TEXT_NONE. */
static struct text foreign_option(const struct plugin_field *output,
                                  const struct workflow_field *field)
{
    for (size_t i = 0; field->option_count > 0 && i < output->option_count; i++) {
        size_t j = 0;

        while (j < field->option_count && !text_equal(field->options[j].id, output->options[i]))
            j++;
        if (j == field->option_count)
            return output->options[i];
    }
    return TEXT_NONE;
}

static void check_output(struct load *load, const struct yaml_entry *entry,
                         const struct workflow_field *field, const struct plugin_use *use)
{
    const struct plugin_field *output = plugin_field(use->type->outputs, entry->value->text);
    struct place place = entry->value->place;
    struct text option;
    struct diag *diag;

    if (output == NULL) {
        diag = plugin_fault(load, E_OUTPUT, place, "no such output",
                            "%.*s/%.*s has no output \"%.*s\"", TEXT_ARG(use->plugin),
                            TEXT_ARG(use->step), TEXT_ARG(entry->value->text));
        suggest_field(load, diag, entry->value->text, use->type->outputs);
        return;
    }
    if (field->cel_type->kind == CEL_UNKNOWN)
        return;
    if (!kinds_fit(output->kind, field, false)) {
        plugin_fault(load, E_OUTPUT_KIND, place, plugin_kind_name(output->kind),
                     "the output %.*s is %s and the field %.*s is %s", TEXT_ARG(output->name),
                     plugin_kind_name(output->kind), TEXT_ARG(field->id),
                     field_type_name(field->type));
        return;
    }
    option = foreign_option(output, field);
    if (!text_is_empty(option))
        plugin_fault(load, E_OUTPUT_KIND, place, "an option more",
                     "the output %.*s may be \"%.*s\", which is no option of the field %.*s",
                     TEXT_ARG(output->name), TEXT_ARG(option), TEXT_ARG(field->id));
}

const struct workflow_into *load_into(struct load *load, const struct yaml_node *map,
                                      const struct plugin_use *use, size_t *count_out)
{
    const struct yaml_node *node = load_get(map, "into", YAML_MAP);
    struct workflow_into *into =
        ARENA_ARRAY(load->arena, struct workflow_into, node != NULL ? node->count : 0);

    *count_out = 0;
    for (size_t i = 0; node != NULL && i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        size_t field = load_names_need(load, &load->field_names, entry->key, entry->key_place);

        if (field == SIZE_MAX || entry->value->kind != YAML_SCALAR)
            continue;
        load->field_is_set[field] = true;
        if (use->type != NULL)
            check_output(load, entry, &load->fields[field], use);
        into[*count_out].field = &load->fields[field];
        into[(*count_out)++].output = entry->value->text;
    }
    return into;
}

static void check_answer(struct load *load, const struct yaml_entry *entry,
                         const struct workflow_form *form, const struct plugin_field *answer)
{
    const struct yaml_entry *place_of = yaml_entry(entry->value, "form");
    const struct workflow_form_field *item = NULL;
    struct place place = place_of != NULL ? place_of->key_place : entry->key_place;

    for (size_t i = 0; i < form->count && item == NULL; i++)
        if (text_equal(form->items[i].field->id, answer->name))
            item = &form->items[i];
    if (answer->required && (item == NULL || !item->required)) {
        struct diag *diag = plugin_fault(load, E_ANSWER_MISSING, place, NULL,
                                         "the form must ask for `%.*s`", TEXT_ARG(answer->name));
        diag_help(load->diags, diag, "write %.*s: required; a field of this name is %s",
                  TEXT_ARG(answer->name), plugin_kind_name(answer->kind));
        return;
    }
    if (item == NULL || item->field->cel_type->kind == CEL_UNKNOWN ||
        kinds_fit(answer->kind, item->field, true))
        return;
    plugin_fault(load, E_ANSWER_KIND, place, NULL, "the step takes %s for `%.*s`, the field is %s",
                 plugin_kind_name(answer->kind), TEXT_ARG(answer->name),
                 field_type_name(item->field->type));
}

void load_answers_check(struct load *load, const struct yaml_entry *entry,
                        struct workflow_step *step, const struct plugin_use *use)
{
    const struct yaml_entry *answer = yaml_entry(entry->value, "answer");
    const struct plugin_step_type *type = use->type;
    struct diag *diag;

    if (type == NULL)
        return;
    if (answer == NULL && type->parks && type->answers.count > 0) {
        diag = plugin_fault(load, E_ANSWER_NEEDED, entry->key_place, NULL,
                            "the step \"%.*s\" waits for an answer, and nobody may give it",
                            TEXT_ARG(step->id));
        diag_help(load->diags, diag, "write answer: {by: [ROLE], form: {...}}");
    }
    if (answer == NULL)
        return;
    if (!type->parks)
        plugin_fault(load, E_ANSWER_IDLE, answer->key_place, "nothing waits",
                     "%.*s/%.*s never waits for an answer", TEXT_ARG(use->plugin),
                     TEXT_ARG(use->step));
    for (size_t i = 0; type->parks && i < type->answers.count; i++)
        check_answer(load, answer, &step->answer_form, &type->answers.items[i]);
}
