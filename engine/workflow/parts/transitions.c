/* The transitions: collected in file order, so that their numbers are the chart's; then read. */
#include <string.h>

#include "workflow/load.h"

static void collect_state(struct load *load, uint16_t state, uint16_t *next);

static void add_draft(struct load *load, const struct load_transition *draft)
{
    /* A file with more was told of. */
    if (load->draft_count < load->draft_capacity)
        load->drafts[load->draft_count++] = *draft;
}

/* `draft` holds what all transitions under one key have in common. Its id is for the one that
 * stands there without an id of its own. */
static void collect_map(struct load *load, const struct yaml_node *map, struct place place,
                        struct load_transition draft)
{
    if (map == NULL)
        return;
    if (!text_is_empty(draft.id) && load_is_single_transition(map)) {
        draft.node = map;
        draft.place = place;
        add_draft(load, &draft);
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_node *event = load_get(map->entries[i].value, "event", YAML_SCALAR);

        draft.id = map->entries[i].key;
        draft.node = map->entries[i].value;
        draft.place = map->entries[i].key_place;
        if (draft.variant == ON)
            draft.event = event != NULL ? event->text : draft.id;
        add_draft(load, &draft);
    }
}

void load_transitions_of_step(struct load *load, const struct yaml_node *node,
                              const struct workflow_step *step)
{
    struct load_transition draft = {.variant = DONE, .source = step->state, .step = step};

    for (size_t i = 0; node->kind == YAML_MAP && i < node->count; i++) {
        bool done = text_is(node->entries[i].key, "done");

        if (!done && !text_is(node->entries[i].key, "failed"))
            continue;
        draft.event =
            text_printf(load->arena, "%s.step.%.*s", done ? "done" : "error", TEXT_ARG(step->id));
        draft.id = draft.event;
        if (node->entries[i].value->kind == YAML_MAP)
            collect_map(load, node->entries[i].value, node->entries[i].key_place, draft);
    }
}

static void collect_key(struct load *load, uint16_t state, const struct yaml_entry *entry)
{
    static const struct {
        const char *name;
        unsigned variant;
    } keys[] = {
        {"on", ON}, {"always", ALWAYS}, {"after", AFTER}, {"done", DONE}, {"default", DEFAULT}};
    struct load_transition draft = {.source = state};

    if (entry->value->kind != YAML_MAP)
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!text_is(entry->key, keys[i].name))
            continue;
        draft.variant = keys[i].variant;
        if (draft.variant == DONE) {
            draft.event = text_printf(load->arena, "done.state.%.*s",
                                      TEXT_ARG(load->workflow->chart.states[state].id));
            draft.id = draft.event;
        }
        if (draft.variant == DEFAULT)
            draft.id = entry->key;
        collect_map(load, entry->value, entry->key_place, draft);
    }
    if (text_is(entry->key, "steps"))
        load_steps_collect(load, state, entry->value);
}

static void collect_children(struct load *load, const struct yaml_node *states, uint16_t *next)
{
    for (size_t i = 0; states->kind == YAML_MAP && i < states->count; i++)
        if (*next < load->workflow->chart.state_count)
            collect_state(load, (*next)++, next);
}

/* States are met in the order of their numbers: `next` is the number of the one met next. */
static void collect_state(struct load *load, uint16_t state, uint16_t *next)
{
    const struct yaml_node *node = load->state_nodes[state];

    for (size_t i = 0; node->kind == YAML_MAP && i < node->count; i++) {
        if (text_is(node->entries[i].key, "states"))
            collect_children(load, node->entries[i].value, next);
        else if (state != 0)
            collect_key(load, state, &node->entries[i]);
    }
}

static void check_ids(struct load *load)
{
    for (size_t i = 1; i < load->draft_count; i++) {
        const struct load_transition *draft = &load->drafts[i];

        for (size_t j = 0; j < i; j++) {
            const struct load_transition *other = &load->drafts[j];
            struct diag *diag;

            if (other->source != draft->source || !text_equal(other->id, draft->id))
                continue;
            diag = load_fault(load, E_TRANSITION_TWICE, draft->place, "again",
                              "the state has two transitions \"%.*s\"", TEXT_ARG(draft->id));
            diag_help(load->diags, diag, "the other one stands at %.*s:%u; give one another id%s",
                      TEXT_ARG(other->place.file), other->place.line,
                      draft->variant == ON && text_equal(draft->event, draft->id)
                          ? N_(" and write `event:`")
                          : "");
            break;
        }
    }
}

void load_transitions_collect(struct load *load)
{
    uint16_t next = 1;

    collect_state(load, 0, &next);
    check_ids(load);
    load->workflow->step_count = load->step_names.count;
}

/* What only a person's transition may have. */
static void check_person(struct load *load, const struct load_transition *draft)
{
    static const char *const keys[] = {"form", "check", "approve"};
    const struct yaml_entry *by = yaml_entry(draft->node, "by");
    struct diag *diag;

    if (by != NULL && load_event_is_of_engine(draft->event)) {
        diag = load_fault(load, E_ENGINE_EVENT, by->key_place, "nobody can",
                          "the event \"%.*s\" comes from the engine: no person can trigger it",
                          TEXT_ARG(draft->event));
        diag_help(load->diags, diag, "leave `by` out, or name another event");
    }
    if (by != NULL && load_event_is_wildcard(draft->event)) {
        diag = load_fault(load, E_WILDCARD, load_key_place(draft->node, "event"), "which one?",
                          "people trigger one event, and \"%.*s\" stands for many",
                          TEXT_ARG(draft->event));
        diag_help(load->diags, diag, "leave `by` out, or write the whole name of one event");
    }
    for (size_t i = 0; by == NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct yaml_entry *entry = yaml_entry(draft->node, keys[i]);

        if (entry == NULL)
            continue;
        diag =
            load_fault(load, E_NOBODY, entry->key_place, "nobody is asked",
                       "`%s` needs `by`: without it no person triggers this transition", keys[i]);
        diag_help(load->diags, diag, "write by: [ROLE]");
    }
}

static void check_reenter(struct load *load, const struct load_transition *draft)
{
    const struct yaml_entry *reenter = yaml_entry(draft->node, "reenter");
    struct diag *diag;

    if (reenter == NULL || yaml_entry(draft->node, "target") != NULL)
        return;
    diag = load_fault(load, E_KEY_MISSING, reenter->key_place, "no target",
                      "`reenter` needs `target`: without one no state is left or entered");
    diag_help(load->diags, diag, "write target: %.*s to leave the state and enter it again",
              TEXT_ARG(load->workflow->chart.states[draft->source].id));
}

/* A history's default leads to states inside the history's own state. */
static void check_default(struct load *load, uint16_t number)
{
    const struct chart *chart = &load->workflow->chart;
    const struct chart_transition *transition = &chart->transitions[number];
    uint16_t parent = chart->states[transition->source].parent;
    struct diag *diag;

    for (uint16_t i = 0; i < transition->target_count; i++) {
        if (parent == 0 || load_state_is_inside(load, transition->targets[i], parent))
            continue;
        diag = load_fault(load, E_DEFAULT, load_key_place(load->drafts[number].node, "target"),
                          "outside", "\"%.*s\" is not inside \"%.*s\"",
                          TEXT_ARG(chart->states[transition->targets[i]].id),
                          TEXT_ARG(chart->states[parent].id));
        diag_help(load->diags, diag, "the default of a history names a state beside it or below");
    }
}

static void read_chart_part(struct load *load, uint16_t number)
{
    static const enum chart_trigger triggers[] = {[ON] = CHART_ON,
                                                  [ALWAYS] = CHART_ALWAYS,
                                                  [AFTER] = CHART_AFTER,
                                                  [DONE] = CHART_ON,
                                                  [DEFAULT] = CHART_DEFAULT};
    const struct load_transition *draft = &load->drafts[number];
    struct chart_transition *transition = &load->workflow->chart.transitions[number];
    const struct yaml_node *event = load_get(draft->node, "event", YAML_SCALAR);

    transition->id = draft->id;
    transition->source = draft->source;
    transition->trigger = triggers[draft->variant];
    transition->event = draft->event;
    transition->targets =
        load_targets(load, yaml_get(draft->node, "target"), &transition->target_count);
    transition->reenter = text_is(load_get_text(draft->node, "reenter"), "true");
    if (draft->variant == ON && event != NULL && event->text.size > 0)
        load_descriptor_check(load, event->text, event->place);
    if (draft->variant == DEFAULT) {
        load->workflow->chart.states[draft->source].default_transition = number;
        check_default(load, number);
    }
    check_reenter(load, draft);
    load->workflow->chart.transition_count++;
}

static void read_delay(struct load *load, uint16_t number)
{
    const struct yaml_node *delay = load_get(load->drafts[number].node, "delay", YAML_SCALAR);
    struct workflow_transition *transition = &load->transitions[number];

    if (load->drafts[number].variant != AFTER || delay == NULL)
        return;
    if (load_is_expression(delay))
        transition->delay = load_expression(load, number, delay, cel_type_of(CEL_DURATION));
    else
        load_wait(load, delay, 0, &transition->wait);
}

/* What needs the forms and scopes of all. */
static void read_expressions(struct load *load, uint16_t number)
{
    const struct load_transition *draft = &load->drafts[number];
    struct workflow_transition *transition = &load->transitions[number];

    load_approval(load, number);
    read_delay(load, number);
    if (draft->variant == ON)
        load_checks(load, number);
    transition->guard =
        load_condition(load, number, load_get(draft->node, "guard", YAML_SCALAR), "guard");
    transition->act = load_actions(load, draft->node, "do", number);
    load_approval_finish(load, number);
}

static bool is_titled(const struct workflow_transition *transition)
{
    return transition->title.count > 0 || !text_is_empty(transition->title.any);
}

/* People know the event, whichever of its transitions is taken: of the same state the first that
 * has a title, else of the whole workflow. */
static void share_title(struct load *load, size_t number)
{
    const struct load_transition *draft = &load->drafts[number];
    const struct load_transition *from = NULL;

    for (size_t i = 0; i < load->draft_count; i++) {
        const struct load_transition *other = &load->drafts[i];
        if (other->variant != ON || !text_equal(other->event, draft->event) ||
            !is_titled(&load->transitions[i]))
            continue;
        if (!from || (from->source != draft->source && other->source == draft->source))
            from = other;
    }
    if (from)
        load->transitions[number].title = load->transitions[from - load->drafts].title;
}

void load_transitions(struct load *load)
{
    for (size_t i = 0; i < load->draft_count; i++) {
        const struct load_transition *draft = &load->drafts[i];
        struct workflow_transition *transition = &load->transitions[i];

        read_chart_part(load, (uint16_t)i);
        transition->title = load_words(load, draft->node, "title");
        transition->explain = load_words(load, draft->node, "explain");
        transition->place = draft->place;
        if (draft->variant != ON)
            continue;
        check_person(load, draft);
        transition->by = load_roles(load, draft->node, "by");
        transition->form = load_form(load, draft->node, "form");
    }
    load_forms_share(load);
    for (size_t i = 0; i < load->draft_count; i++)
        if (load->drafts[i].variant == ON && !is_titled(&load->transitions[i]))
            share_title(load, i);
    for (size_t i = 0; i < load->draft_count; i++)
        read_expressions(load, (uint16_t)i);
}
