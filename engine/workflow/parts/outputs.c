/* What plugins give back and are answered, held against the fields it goes into: `into`, `answer`.
 */
#include "base/check.h"
#include "workflow/load.h"

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

/* An option that the output may give and the choice field does not have; TEXT_NONE if there is
 * none. */
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
        diag = load_plugin_fault(load, E_OUTPUT, place, "no such output",
                                 "%.*s/%.*s has no output \"%.*s\"", TEXT_ARG(use->plugin),
                                 TEXT_ARG(use->step), TEXT_ARG(entry->value->text));
        load_suggest_field(load, diag, entry->value->text, use->type->outputs);
        return;
    }
    if (field->cel_type->kind == CEL_UNKNOWN)
        return;
    if (!kinds_fit(output->kind, field, false)) {
        load_plugin_fault(load, E_OUTPUT_KIND, place, plugin_kind_name(output->kind),
                          "the output %.*s is %s and the field %.*s is %s", TEXT_ARG(output->name),
                          plugin_kind_name(output->kind), TEXT_ARG(field->id),
                          field_type_name(field->type));
        return;
    }
    option = foreign_option(output, field);
    if (!text_is_empty(option))
        load_plugin_fault(load, E_OUTPUT_KIND, place, "an option more",
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
        struct diag *diag =
            load_plugin_fault(load, E_ANSWER_MISSING, place, NULL, "the form must ask for `%.*s`",
                              TEXT_ARG(answer->name));
        diag_help(load->diags, diag, "write %.*s: required; a field of this name is %s",
                  TEXT_ARG(answer->name), plugin_kind_name(answer->kind));
        return;
    }
    if (item == NULL || item->field->cel_type->kind == CEL_UNKNOWN ||
        kinds_fit(answer->kind, item->field, true))
        return;
    load_plugin_fault(
        load, E_ANSWER_KIND, place, NULL, "the step takes %s for `%.*s`, the field is %s",
        plugin_kind_name(answer->kind), TEXT_ARG(answer->name), field_type_name(item->field->type));
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
        diag = load_plugin_fault(load, E_ANSWER_NEEDED, entry->key_place, NULL,
                                 "the step \"%.*s\" waits for an answer, and nobody may give it",
                                 TEXT_ARG(step->id));
        diag_help(load->diags, diag, "write answer: {by: [ROLE], form: {...}}");
    }
    if (answer == NULL)
        return;
    if (!type->parks)
        load_plugin_fault(load, E_ANSWER_IDLE, answer->key_place, "nothing waits",
                          "%.*s/%.*s never waits for an answer", TEXT_ARG(use->plugin),
                          TEXT_ARG(use->step));
    for (size_t i = 0; type->parks && i < type->answers.count; i++)
        check_answer(load, answer, &step->answer_form, &type->answers.items[i]);
}
