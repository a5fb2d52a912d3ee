/* Forms, and the events they belong to: transitions that can be offered together on one event bear
 * the same form, or only the first in the file bears it. */
#include <string.h>

#include "workflow/load.h"

struct workflow_form load_form(struct load *load, const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = load_get(map, key, YAML_MAP);
    struct workflow_form form = {0};
    struct workflow_form_field *items;

    if (node == NULL)
        return form;
    items = ARENA_ARRAY(load->arena, struct workflow_form_field, node->count);
    form.items = items;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        size_t field = load_names_need(load, &load->field_names, entry->key, entry->key_place);

        if (field == SIZE_MAX)
            continue;
        load->field_is_set[field] = true;
        items[form.count].field = &load->fields[field];
        items[form.count++].required =
            entry->value->kind == YAML_SCALAR && text_is(entry->value->text, "required");
    }
    return form;
}

static bool form_has(const struct workflow_form *form, const struct workflow_form_field *item)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->items[i].field == item->field)
            return form->items[i].required == item->required;
    return false;
}

static bool forms_are_equal(const struct workflow_form *a, const struct workflow_form *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!form_has(b, &a->items[i]))
            return false;
    return true;
}

/* `a` is another name for `b`, or one of its beginnings. */
static bool events_overlap(struct text a, struct text b)
{
    return chart_event_matches(a, b) || chart_event_matches(b, a);
}

static bool is_of_person(const struct load *load, size_t number)
{
    return load->drafts[number].variant == ON &&
           yaml_entry(load->drafts[number].node, "by") != NULL;
}

static void share_form(struct load *load, size_t first, size_t later)
{
    struct workflow_form *form = &load->transitions[first].form;
    struct workflow_form *other = &load->transitions[later].form;
    struct place place = load->drafts[first].place;
    struct diag *diag;

    if (other->count == 0) {
        *other = *form;
        return;
    }
    if (!load->drafts[later].bears_form || forms_are_equal(form, other))
        return;
    diag = load_fault(load, E_FORMS_DIFFER, load_key_place(load->drafts[later].node, "form"), NULL,
                      "the event \"%.*s\" has another form in line %u",
                      TEXT_ARG(load->drafts[later].event), place.line);
    diag_help(load->diags, diag,
              "transitions that are offered together on one event bear the same form, or only the "
              "first in the file bears it");
    load->drafts[later].bears_form = false; /* told */
}

/* `check` or `approve`, what the transition has of it; else NULL. */
static const char *bound_by(const struct load *load, size_t number)
{
    const struct yaml_node *check = load_get(load->drafts[number].node, "check", YAML_MAP);

    if (check != NULL && check->count > 0)
        return "check";
    return load_get(load->drafts[number].node, "approve", YAML_MAP) != NULL ? "approve" : NULL;
}

static void check_regions(struct load *load, size_t first, size_t later)
{
    uint16_t a = load->drafts[first].source, b = load->drafts[later].source;
    uint16_t common = load_state_common(load, a, b);
    size_t bearer = later;
    const char *key;
    struct diag *diag;

    if (common == a || common == b)
        return;
    key = bound_by(load, later);
    if (key == NULL) {
        bearer = first;
        key = bound_by(load, first);
    }
    if (key == NULL)
        return;
    diag = load_fault(load, E_CHECK_TWICE, load_key_place(load->drafts[bearer].node, key), NULL,
                      "the event \"%.*s\" has `%s` and is offered by two regions",
                      TEXT_ARG(load->drafts[bearer].event), key);
    diag_help(load->diags, diag, "the other one is in line %u; give one of them another event",
              load->drafts[bearer == later ? first : later].place.line);
}

/* The transitions that people take, in file order. */
static size_t list_of_people(const struct load *load, uint16_t *numbers_out)
{
    size_t count = 0;

    for (size_t i = 0; i < load->draft_count; i++)
        if (is_of_person(load, i))
            numbers_out[count++] = (uint16_t)i;
    return count;
}

void load_forms_share(struct load *load)
{
    uint16_t *numbers = ARENA_ARRAY(load->arena, uint16_t, load->draft_count);
    size_t count = list_of_people(load, numbers);

    for (size_t i = 0; i < load->draft_count; i++)
        load->drafts[i].bears_form = load->transitions[i].form.count > 0;
    for (size_t i = 0; i < count; i++) {
        const struct load_transition *later = &load->drafts[numbers[i]];
        uint16_t source =
            CHART_NONE; /* the last one asked of: those of a state follow each other */
        bool are_together = false;
        for (size_t j = 0; j < i; j++) {
            const struct load_transition *first = &load->drafts[numbers[j]];
            if (!events_overlap(first->event, later->event))
                continue;
            if (first->source != source)
                are_together = load_states_are_together(load, first->source, later->source);
            source = first->source;
            if (!are_together)
                continue;
            share_form(load, numbers[j], numbers[i]);
            check_regions(load, numbers[j], numbers[i]);
        }
    }
}
