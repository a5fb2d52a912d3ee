/* Loading: see workflow.h and load.h for the happy path. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "workflow/load.h"
#include "workflow/overlay/overlay.h"

static bool is_of_default(const struct chart *chart, uint16_t transition)
{
    return transition != CHART_NONE && chart->transitions[transition].trigger == CHART_DEFAULT;
}

/* Seals the chart. What could be wrong with it was told before with better words, or is told here.
 */
static bool seal(struct load *load)
{
    struct chart *chart = &load->workflow->chart;
    struct place place = load->root->place;
    uint16_t state, transition;
    struct text why;

    if (chart_seal(load->arena, chart, &why, &state, &transition) == 0)
        return true;
    if (transition != CHART_NONE)
        place = load->drafts[transition].place;
    else if (state != CHART_NONE && state > 0)
        place = load->state_names.places[state - 1];
    load_fault(load, is_of_default(chart, transition) ? E_DEFAULT : E_TOGETHER, place, NULL, "%.*s",
               TEXT_ARG(load_reason(load, why)));
    return false;
}

static void read_all(struct load *load)
{
    load_head(load);
    load_states(load);
    load_transitions_collect(load);
    load_steps(load);
    load_transitions(load);
    load_states_finish(load);
    load_cancels_check(load);
}

/* Everything but rendering. */
static const struct workflow *build(const struct yaml_node *root, struct text rendered,
                                    const struct workflow_context *context, struct diag_list *diags)
{
    struct workflow *workflow = ARENA_NEW(diags->arena, struct workflow);
    struct load load = {.arena = diags->arena,
                        .diags = diags,
                        .context = context,
                        .root = root,
                        .workflow = workflow};
    size_t errors = diags->error_count;

    workflow->rendered = rendered;
    vault_hash(rendered.bytes, rendered.size, workflow->hash);
    load_languages(&load);
    load_shape(&load);
    if (root->kind != YAML_MAP)
        return NULL;
    read_all(&load);
    if (diags->error_count > errors || !seal(&load))
        return NULL;
    load_warn_of_chart(&load);
    return workflow;
}

/* By file, line and column; of one place in the order they were found. */
static int compare_places(const void *a, const void *b)
{
    const struct diag *x = *(const struct diag *const *)a, *y = *(const struct diag *const *)b;
    int files = text_compare(x->place.file, y->place.file);

    if (files != 0)
        return files;
    if (x->place.line != y->place.line)
        return x->place.line < y->place.line ? -1 : 1;
    if (x->place.column != y->place.column)
        return x->place.column < y->place.column ? -1 : 1;
    return (x > y) - (x < y);
}

/* The loader finds faults kind by kind; people read them line by line. */
static void sort_diags(struct diag_list *diags, size_t first)
{
    size_t count = diags->count - first;
    const struct diag **order = ARENA_ARRAY(diags->arena, const struct diag *, count);
    struct diag *sorted = ARENA_ARRAY(diags->arena, struct diag, count);

    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        order[i] = &diags->items[first + i];
    qsort(order, count, sizeof(*order), compare_places);
    for (size_t i = 0; i < count; i++)
        sorted[i] = *order[i];
    memcpy(&diags->items[first], sorted, count * sizeof(*sorted));
}

const struct yaml_node *workflow_render(struct text source, struct text file,
                                        const struct workflow_context *context,
                                        struct diag_list *diags)
{
    const struct yaml_node *root = yaml_parse(source, text_copy(diags->arena, file), diags);

    return root != NULL ? overlay_render(root, context, diags) : NULL;
}

const struct workflow *workflow_load(struct text source, struct text file,
                                     const struct workflow_context *context,
                                     struct diag_list *diags)
{
    size_t first = diags->count;
    const struct yaml_node *root = workflow_render(source, file, context, diags);
    const struct workflow *workflow = NULL;
    struct value value;

    if (root != NULL) {
        value = yaml_to_value(diags->arena, root);
        workflow = build(root, json_write(diags->arena, &value), context, diags);
    }
    sort_diags(diags, first);
    return workflow;
}

const struct workflow *workflow_open(struct text rendered, const struct workflow_context *context,
                                     struct diag_list *diags)
{
    struct json_fault json_fault;
    struct value value;

    if (json_read(diags->arena, rendered, &value, &json_fault) != 0) {
        diag_add(diags, DIAG_ERROR, E_KIND, (struct place){0}, "a stored definition is no JSON: %s",
                 json_fault.message);
        return NULL;
    }
    return build(yaml_from_value(diags->arena, &value), text_copy(diags->arena, rendered), context,
                 diags);
}

bool workflow_role_supervises(const struct workflow *workflow, struct text role, struct text other)
{
    const struct workflow_role *supervisor = workflow_role(workflow, role);

    for (size_t i = 0; supervisor && i < supervisor->supervises.count; i++)
        if (text_equal(supervisor->supervises.ids[i], other))
            return true;
    return false;
}

const struct workflow_role *workflow_role(const struct workflow *workflow, struct text id)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (text_equal(workflow->roles[i].id, id))
            return &workflow->roles[i];
    return NULL;
}

const struct workflow_field *workflow_field(const struct workflow *workflow, struct text id)
{
    for (size_t i = 0; i < workflow->field_count; i++)
        if (text_equal(workflow->fields[i].id, id))
            return &workflow->fields[i];
    return NULL;
}

const struct workflow_step *workflow_step(const struct workflow *workflow, struct text id)
{
    for (size_t i = 0; i < workflow->step_count; i++)
        if (text_equal(workflow->steps[i].id, id))
            return &workflow->steps[i];
    return NULL;
}
