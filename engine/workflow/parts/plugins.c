/* What a workflow asks of plugins, held against what they say of themselves: `use` and `with`.
 * Where nothing is known of plugins, names and expressions are checked and no more. */
#include <stdarg.h>
#include <string.h>

#include "base/check.h"
#include "workflow/load.h"

struct diag *load_plugin_fault(struct load *load, const char *code, struct place place,
                               const char *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct text message = text_vprintf(load->arena, format, arguments);
    va_end(arguments);
    if (load->context->lenient_plugins)
        return load_warn(load, W_PLUGIN, place, label, "%.*s", TEXT_ARG(message));
    return load_fault(load, code, place, label, "%.*s", TEXT_ARG(message));
}

void load_suggest_field(struct load *load, struct diag *diag, struct text name,
                        struct plugin_fields fields)
{
    struct load_names names;

    load_names_init(load, &names, "", fields.count);
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

static bool has_stand_in(const struct load *load, struct text use)
{
    for (size_t i = 0; i < load->context->stand_in_count; i++)
        if (text_equal(load->context->stand_ins[i], use))
            return true;
    return false;
}

/* `node` holds the whole of it, plugin/step. */
static const struct plugin_step_type *find_type(struct load *load, const struct plugin_use *use,
                                                const struct yaml_node *node)
{
    struct place place = node->place;
    const struct plugin_source *plugins = load->context->plugins;
    const struct plugin_description *description;
    const struct plugin_step_type *type;
    struct load_names names;
    struct text why = TEXT_NONE;
    struct diag *diag;

    if (plugins == NULL)
        return NULL;
    description = plugins->find(plugins->self, use->plugin, &why);
    if (description == NULL && has_stand_in(load, node->text))
        return NULL;
    if (description == NULL) {
        load_plugin_fault(load, E_PLUGIN, place, "no such plugin", "unknown plugin \"%.*s\": %.*s",
                          TEXT_ARG(use->plugin), TEXT_ARG(load_reason(load, why)));
        return NULL;
    }
    type = plugin_step_type(description, use->step);
    if (type != NULL)
        return type;
    diag = load_plugin_fault(load, E_STEP_TYPE, place, "no such step type",
                             "the plugin %.*s has no step type \"%.*s\"", TEXT_ARG(use->plugin),
                             TEXT_ARG(use->step));
    load_names_init(load, &names, "", description->step_type_count);
    for (size_t i = 0; i < description->step_type_count; i++)
        load_names_add(&names, description->step_types[i].name, (struct place){0});
    load_suggest(load, diag, use->step, &names);
    return NULL;
}

static int64_t read_timeout(struct load *load, const struct yaml_node *map)
{
    const struct yaml_node *node = load_get(map, "timeout", YAML_SCALAR);
    int64_t timeout_ms;

    if (load_span(load, node, 1, &timeout_ms) && timeout_ms > PLUGIN_TIMEOUT_MS_MAX)
        load_fault(load, E_SPAN, node->place, "too long", "a call of a plugin lasts a day at most");
    return timeout_ms;
}

struct plugin_use load_use(struct load *load, const struct yaml_node *map, bool is_check)
{
    const struct yaml_node *node = load_get(map, "use", YAML_SCALAR);
    struct plugin_use use = {.timeout_ms = read_timeout(load, map)};
    struct diag *diag;

    if (node == NULL || node->text.size == 0)
        return use;
    if (!split_use(node->text, &use)) {
        diag = load_fault(load, E_USE, node->place, "not plugin/step",
                          "\"%.*s\" does not name a step type", TEXT_ARG(node->text));
        diag_help(load->diags, diag, "write PLUGIN/STEP, as assessment/score");
        return use;
    }
    use.type = find_type(load, &use, node);
    if (use.type == NULL)
        return use;
    if (use.type->is_check != is_check) {
        load_plugin_fault(load, E_STEP_KIND, node->place, is_check ? N_("a step") : N_("a check"),
                          is_check ? "%.*s is a step: it stands under `steps` of a state"
                                   : N_("%.*s is a check: it stands under `check` of a transition"),
                          TEXT_ARG(node->text));
        use.type = NULL;
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
                       const struct plugin_field *field, uint16_t around,
                       struct workflow_input *input)
{
    static const struct plugin_field unknown = {.kind = PLUGIN_TEXT};
    struct text why;

    if (load_is_expression(node)) {
        input->program =
            load_expression(load, around, node, field ? load_kind_type(field->kind) : NULL);
        return;
    }
    if (field != NULL && field->kind == PLUGIN_TEXT)
        load_text_check(load, node);
    if (read_literal(load, field ? field : &unknown, node, &input->literal, &why) || field == NULL)
        return;
    /* The sentence begins with the input's name. */
    load_plugin_fault(load, E_INPUT_VALUE, node->place, NULL, "the input %.*s",
                      TEXT_ARG(load_reason(load, why)));
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
        diag = load_plugin_fault(load, E_INPUT_MISSING,
                                 load_key_place(map, with != NULL ? "with" : "use"), NULL,
                                 "the input `%.*s` is missing", TEXT_ARG(field->name));
        diag_help(load->diags, diag, "%.*s takes %s%s%.*s", TEXT_ARG(field->name),
                  plugin_kind_name(field->kind), doc.size > 0 ? ": " : "", TEXT_ARG(doc));
    }
}

struct workflow_inputs load_with(struct load *load, const struct yaml_node *map,
                                 const struct plugin_use *use, uint16_t around)
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
            struct diag *diag = load_plugin_fault(
                load, E_INPUT, entry->key_place, "no such input", "%.*s/%.*s has no input \"%.*s\"",
                TEXT_ARG(use->plugin), TEXT_ARG(use->step), TEXT_ARG(entry->key));
            load_suggest_field(load, diag, entry->key, use->type->inputs);
        }
        read_input(load, entry->value, field, around, &items[i]);
    }
    if (use->type != NULL)
        check_required(load, map, use->type);
    return inputs;
}
