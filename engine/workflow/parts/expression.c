/* Expressions: what is in scope where, and where their faults stand in the file. */
#include <string.h>

#include "base/check.h"
#include "workflow/load.h"

const struct cel_type *load_kind_type(enum plugin_kind kind)
{
    static const struct cel_type string = {CEL_STRING, NULL};
    static const struct cel_type texts = {CEL_LIST, &string};

    switch (kind) {
    case PLUGIN_TEXT:
        return cel_type_of(CEL_STRING);
    case PLUGIN_INTEGER:
        return cel_type_of(CEL_INT);
    case PLUGIN_NUMBER:
        return cel_type_of(CEL_DOUBLE);
    case PLUGIN_BOOLEAN:
        return cel_type_of(CEL_BOOL);
    case PLUGIN_DATE:
    case PLUGIN_TIMESTAMP:
        return cel_type_of(CEL_TIMESTAMP);
    case PLUGIN_TEXTS:
        return &texts;
    }
    CHECK(!"a kind of the plugin ABI");
    return NULL;
}

static const struct text *option_ids(struct load *load, const struct workflow_field *field)
{
    struct text *ids = ARENA_ARRAY(load->arena, struct text, field->option_count);

    for (size_t i = 0; i < field->option_count; i++)
        ids[i] = field->options[i].id;
    return ids;
}

static bool is_of_person(const struct load_transition *draft)
{
    return draft->variant == ON && yaml_entry(draft->node, "by") != NULL;
}

/* The names that stand around every scope. */
static void make_names(struct load *load)
{
    static const struct {
        const char *name;
        enum cel_type_kind kind;
    } fixed[] = {{"case.code", CEL_STRING},
                 {"case.language", CEL_STRING},
                 {"event.name", CEL_STRING},
                 {"now", CEL_TIMESTAMP},
                 {"today", CEL_TIMESTAMP}};
    size_t fixed_count = sizeof(fixed) / sizeof(fixed[0]);
    const struct workflow *workflow = load->workflow;

    load->names = ARENA_ARRAY(load->arena, struct cel_name, workflow->field_count + fixed_count);
    for (size_t i = 0; i < workflow->field_count; i++) {
        const struct workflow_field *field = &workflow->fields[i];
        struct cel_name *name = &load->names[load->name_count++];

        name->name = text_printf(load->arena, "data.%.*s", TEXT_ARG(field->id));
        name->type = field->cel_type;
        if (field->type != FIELD_CHOICE || field->option_count == 0)
            continue;
        name->options = option_ids(load, field);
        name->option_count = field->option_count;
    }
    for (size_t i = 0; i < fixed_count; i++)
        load->names[load->name_count++] =
            (struct cel_name){.name = text_from(fixed[i].name), .type = cel_type_of(fixed[i].kind)};
}

/* What people can have done: the transitions they trigger, as "transition" and as
 * "state.transition". */
static void make_acts(struct load *load)
{
    const struct chart_state *states = load->workflow->chart.states;

    load->acts = ARENA_ARRAY(load->arena, struct text, 2 * load->draft_count);
    for (size_t i = 0; i < load->draft_count; i++) {
        const struct load_transition *draft = &load->drafts[i];

        if (!is_of_person(draft))
            continue;
        load->acts[load->act_count++] = draft->id;
        load->acts[load->act_count++] = text_printf(
            load->arena, "%.*s.%.*s", TEXT_ARG(states[draft->source].id), TEXT_ARG(draft->id));
    }
}

static void make_outer(struct load *load)
{
    struct cel_scope *scope = ARENA_NEW(load->arena, struct cel_scope);

    make_names(load);
    make_acts(load);
    scope->names = load->names;
    scope->name_count = load->name_count;
    load->scope_outer = scope;
}

/* A scope around which the names of every scope stand, with room for `most` of its own; *names_out
 * is where they go, scope->name_count grows. */
static struct cel_scope *scope_create(struct load *load, size_t most, struct cel_name **names_out)
{
    struct cel_scope *scope = ARENA_NEW(load->arena, struct cel_scope);
    struct cel_name *names = ARENA_ARRAY(load->arena, struct cel_name, most);

    if (load->scope_outer == NULL)
        make_outer(load);
    scope->names = names;
    scope->outer = load->scope_outer;
    scope->states = load->state_names.ids;
    scope->state_count = load->state_names.count;
    scope->transitions = load->acts;
    scope->transition_count = load->act_count;
    scope->zones = load->context->zones;
    scope->calendar = load->workflow->calendar;
    *names_out = names;
    return scope;
}

static const struct cel_scope *scope_with(struct load *load, const char *name,
                                          enum cel_type_kind kind)
{
    struct cel_name *names;
    struct cel_scope *scope = scope_create(load, 1, &names);

    names[scope->name_count++] =
        (struct cel_name){.name = text_from(name), .type = cel_type_of(kind)};
    return scope;
}

static const struct cel_scope *scope_of_person(struct load *load, const struct workflow_form *form)
{
    static const struct cel_type string = {CEL_STRING, NULL};
    static const struct cel_type strings = {CEL_LIST, &string};
    struct cel_name *names;
    struct cel_scope *scope = scope_create(load, form->count + 2, &names);

    names[scope->name_count++] = (struct cel_name){.name = TEXT("by.id"), .type = &string};
    names[scope->name_count++] = (struct cel_name){.name = TEXT("by.roles"), .type = &strings};
    for (size_t i = 0; i < form->count; i++) {
        const struct workflow_field *field = form->items[i].field;
        struct cel_name *name = &names[scope->name_count++];

        *name = load->names[field - load->fields];
        name->name = text_printf(load->arena, "event.data.%.*s", TEXT_ARG(field->id));
    }
    return scope;
}

static const struct cel_scope *scope_of_outputs(struct load *load, struct plugin_fields outputs)
{
    struct cel_name *names;
    struct cel_scope *scope = scope_create(load, outputs.count, &names);

    for (size_t i = 0; i < outputs.count; i++) {
        struct cel_name *name = &names[scope->name_count++];

        name->name = text_printf(load->arena, "event.data.%.*s", TEXT_ARG(outputs.items[i].name));
        name->type = load_kind_type(outputs.items[i].kind);
    }
    return scope;
}

/* The step whose done event it is, or NULL. */
static const struct workflow_step *step_of_event(const struct load *load, struct text event)
{
    size_t prefix = strlen("done.step."), found;

    if (!text_begins(event, "done.step."))
        return NULL;
    found = load_names_find(&load->step_names,
                            (struct text){event.bytes + prefix, event.size - prefix});
    return found != SIZE_MAX ? &load->steps[found] : NULL;
}

/* Of states and steps, and of events whose data nobody declares. */
static const struct cel_scope *scope_open(struct load *load)
{
    if (load->scope == NULL)
        load->scope = scope_with(load, "event.data", CEL_UNKNOWN);
    return load->scope;
}

/* The scope of another transition that bears the same form, if one was made: an event that many
 * transitions share may have a form of hundreds of fields. */
static const struct cel_scope *scope_shared(const struct load *load, uint16_t transition)
{
    const struct workflow_form *form = &load->transitions[transition].form;

    for (size_t i = 0; form->count > 0 && i < load->draft_count; i++)
        if (load->transitions[i].form.items == form->items && load->drafts[i].scope != NULL)
            return load->drafts[i].scope;
    return NULL;
}

static const struct cel_scope *scope_make(struct load *load, uint16_t transition)
{
    const struct load_transition *draft = &load->drafts[transition];
    const struct cel_scope *shared = scope_shared(load, transition);
    const struct workflow_step *step = step_of_event(load, draft->event);

    if (draft->variant == AFTER)
        return scope_with(load, "event.data.due", CEL_TIMESTAMP);
    if (is_of_person(draft))
        return shared != NULL ? shared : scope_of_person(load, &load->transitions[transition].form);
    if (step != NULL && step->outputs.count > 0)
        return scope_of_outputs(load, step->outputs);
    return scope_open(load);
}

/* Most expressions do not read their event, and share a scope: a workflow of many fields and forms
 * would else hold the names of all fields for each transition. */
static const struct cel_scope *scope_for(struct load *load, uint16_t around, struct text source)
{
    static const struct workflow_form no_form;
    struct load_transition *draft;

    if (around == CHART_NONE)
        return scope_open(load);
    draft = &load->drafts[around];
    if (memmem(source.bytes, source.size, "event", strlen("event")) != NULL) {
        if (draft->scope == NULL)
            draft->scope = scope_make(load, around);
        return draft->scope;
    }
    if (!is_of_person(draft))
        return scope_open(load);
    if (load->scope_person == NULL)
        load->scope_person = scope_of_person(load, &no_form);
    return load->scope_person;
}

static void note_reads(struct load *load, const struct cel_program *program, struct place place)
{
    size_t count, prefix = strlen("data.");
    const struct text *reads = cel_program_reads(program, &count);

    for (size_t i = 0; i < count; i++) {
        size_t field;

        if (!text_begins(reads[i], "data."))
            continue;
        field = load_names_find(&load->field_names,
                                (struct text){reads[i].bytes + prefix, reads[i].size - prefix});
        CHECK(field != SIZE_MAX);
        if (!load->field_is_read[field])
            load->field_read_places[field] = place;
        load->field_is_read[field] = true;
        if (load->rests != NULL)
            load->rests[field] = true;
    }
}

/* A history is no state to be in. */
static void warn_of_histories(struct load *load, const struct cel_program *program,
                              struct place place)
{
    const struct chart *chart = &load->workflow->chart;
    size_t count;
    const struct text *states = cel_program_states(program, &count);

    for (size_t i = 0; i < count; i++) {
        uint16_t state = chart_state_named(chart, states[i]);
        struct diag *diag;

        if (state == CHART_NONE || chart->states[state].kind != CHART_HISTORY)
            continue;
        diag = load_warn(load, W_IN_HISTORY, place, "always false",
                         "in_state('%.*s') is always false: a history is never active",
                         TEXT_ARG(states[i]));
        diag_help(load->diags, diag, "name the state that the history leads to");
    }
}

/* Whether the columns of a scalar's text are those of the file: it stands in one line, and its
 * quotes escape nothing. */
static bool columns_are_told(const struct yaml_node *scalar)
{
    return scalar->place.width == text_code_points(scalar->text) + (scalar->plain ? 0 : 2);
}

const struct cel_program *load_expression(struct load *load, uint16_t around,
                                          const struct yaml_node *scalar,
                                          const struct cel_type *wanted)
{
    struct text source = scalar->text;
    struct place place = scalar->place;
    size_t first = load->diags->count;
    const struct cel_program *program;

    if (!scalar->plain)
        place.column++;
    while (source.size > 0 && (source.bytes[0] == ' ' || source.bytes == scalar->text.bytes) &&
           strchr("= ", source.bytes[0]) != NULL) {
        source = (struct text){source.bytes + 1, source.size - 1};
        place.column++;
    }
    program = cel_compile(scope_for(load, around, source), source, place, wanted, load->diags);
    for (size_t i = first; i < load->diags->count && !columns_are_told(scalar); i++)
        load->diags->items[i].place = scalar->place;
    if (program != NULL) {
        note_reads(load, program, scalar->place);
        warn_of_histories(load, program, scalar->place);
    }
    return program;
}
