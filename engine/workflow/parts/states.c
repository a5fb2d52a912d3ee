/* The states: numbered as the chart numbers them, and where they stand to each other. */
#include "workflow/load.h"

/* How much there is of each, before room is made. */
struct tally {
    size_t states, transitions, steps;
};

static size_t count_entries(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = load_get(map, key, YAML_MAP);

    return node != NULL ? node->count : 0;
}

/* Under `done` and `failed`. */
static size_t count_or_one(const struct yaml_node *map, const char *key)
{
    return load_is_single_transition(load_get(map, key, YAML_MAP)) ? 1 : count_entries(map, key);
}

static void tally_state(const struct yaml_node *node, struct tally *tally)
{
    static const char *const keys[] = {"on", "always", "after"};
    const struct yaml_node *steps = load_get(node, "steps", YAML_MAP);
    const struct yaml_node *states = load_get(node, "states", YAML_MAP);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        tally->transitions += count_entries(node, keys[i]);
    tally->transitions += count_or_one(node, "done");
    tally->transitions += load_get(node, "default", YAML_MAP) != NULL;
    for (size_t i = 0; steps != NULL && i < steps->count; i++) {
        tally->transitions += count_or_one(steps->entries[i].value, "done");
        tally->transitions += count_or_one(steps->entries[i].value, "failed");
    }
    tally->steps += steps != NULL ? steps->count : 0;
    tally->states += states != NULL ? states->count : 0;
    for (size_t i = 0; states != NULL && i < states->count; i++)
        tally_state(states->entries[i].value, tally);
}

/* The first `most` are read, so that the rest of the file is still checked. */
static size_t bounded(struct load *load, size_t count, size_t most, const char *noun)
{
    if (count <= most)
        return count;
    load_fault(load, E_TOO_MANY, load_key_place(load->root, "states"), "too many",
               "the workflow has %zu %s; %zu are the most", count, noun, most);
    return most;
}

static void make_room(struct load *load)
{
    struct tally tally = {.states = 0};
    struct chart *chart = &load->workflow->chart;
    size_t states;

    tally_state(load->root, &tally);
    states = bounded(load, tally.states, CHART_STATES_MAX, "states") + 1;
    tally.transitions = bounded(load, tally.transitions, WORKFLOW_TRANSITIONS_MAX, "transitions");
    tally.steps = bounded(load, tally.steps, WORKFLOW_STEPS_MAX, "steps");
    load_names_init(load, &load->state_names, E_STATE, states);
    load_names_init(load, &load->step_names, E_STEP, tally.steps);
    load->states = ARENA_ARRAY(load->arena, struct workflow_state, states);
    load->state_nodes = ARENA_ARRAY(load->arena, const struct yaml_node *, states);
    load->steps = ARENA_ARRAY(load->arena, struct workflow_step, tally.steps);
    load->step_entries = ARENA_ARRAY(load->arena, const struct yaml_entry *, tally.steps);
    load->draft_capacity = tally.transitions;
    load->drafts = ARENA_ARRAY(load->arena, struct load_transition, tally.transitions);
    load->transitions = ARENA_ARRAY(load->arena, struct workflow_transition, tally.transitions);
    chart->states = ARENA_ARRAY(load->arena, struct chart_state, states);
    chart->transitions = ARENA_ARRAY(load->arena, struct chart_transition, tally.transitions);
    load->workflow->states = load->states;
    load->workflow->transitions = load->transitions;
    load->workflow->steps = load->steps;
}

static enum chart_kind kind_of(const struct yaml_node *node)
{
    switch (load_state_variant(node)) {
    case STATE_PARALLEL:
        return CHART_PARALLEL;
    case STATE_FINAL:
        return CHART_FINAL;
    case STATE_HISTORY:
        return CHART_HISTORY;
    case STATE_COMPOUND:
        return CHART_COMPOUND;
    default: /* no enum: bits */
        return CHART_ATOMIC;
    }
}

static void check_type(struct load *load, const struct yaml_node *node, uint16_t parent)
{
    const struct yaml_node *type = load_get(node, "type", YAML_SCALAR);
    struct diag *diag;

    if (type == NULL)
        return;
    if (text_is(type->text, "history") && parent == 0) {
        diag = load_fault(load, E_HISTORY, type->place, "of what?",
                          "a history of the whole workflow remembers nothing: a case never leaves "
                          "its workflow");
        diag_help(load->diags, diag, "put it inside the state whose states it is to remember");
    }
    if (!text_is(type->text, "final") ||
        load->workflow->chart.states[parent].kind != CHART_PARALLEL)
        return;
    diag = load_fault(load, E_REGION, type->place, N_("a region"),
                      "a final state cannot be a region of a parallel state");
    diag_help(load->diags, diag, "put it inside a state that is the region");
}

static uint16_t add_state(struct load *load, const struct yaml_entry *entry, uint16_t parent)
{
    struct chart *chart = &load->workflow->chart;
    struct chart_state *state = &chart->states[chart->state_count];
    size_t first = load_names_find(&load->state_names, entry->key);
    struct diag *diag;

    if (first != SIZE_MAX) {
        diag = load_fault(load, E_STATE_TWICE, entry->key_place, "again",
                          "there are two states \"%.*s\"", TEXT_ARG(entry->key));
        diag_help(load->diags, diag,
                  "the other one stands at %.*s:%u; ids of states are unique in the whole workflow",
                  TEXT_ARG(load->state_names.places[first].file),
                  load->state_names.places[first].line);
    }
    check_type(load, entry->value, parent);
    state->id = entry->key;
    state->kind = kind_of(entry->value);
    state->deep = text_is(load_get_text(entry->value, "deep"), "true");
    state->parent = parent;
    state->depth = (uint16_t)(chart->states[parent].depth + 1);
    state->default_transition = CHART_NONE;
    load->state_nodes[chart->state_count] = entry->value;
    load->states[chart->state_count].title = load_words(load, entry->value, "title");
    load->states[chart->state_count].place = entry->key_place;
    load_names_add(&load->state_names, entry->key, entry->key_place);
    return chart->state_count++;
}

static void add_children(struct load *load, const struct yaml_node *node, uint16_t parent)
{
    const struct yaml_node *states = load_get(node, "states", YAML_MAP);

    for (size_t i = 0; states != NULL && i < states->count; i++) {
        if (load->state_names.count + 1 >= load->state_names.capacity)
            return;
        uint16_t state = add_state(load, &states->entries[i], parent);
        add_children(load, states->entries[i].value, state);
    }
}

bool load_state_is_inside(const struct load *load, uint16_t state, uint16_t ancestor)
{
    const struct chart_state *states = load->workflow->chart.states;

    do
        state = states[state].parent;
    while (state != CHART_NONE && state != ancestor);
    return state == ancestor;
}

uint16_t load_state_common(const struct load *load, uint16_t a, uint16_t b)
{
    const struct chart_state *states = load->workflow->chart.states;

    while (a != b) {
        if (states[a].depth >= states[b].depth)
            a = states[a].parent;
        else
            b = states[b].parent;
    }
    return a;
}

bool load_states_are_together(const struct load *load, uint16_t a, uint16_t b)
{
    uint16_t common = load_state_common(load, a, b);

    return common == a || common == b ||
           load->workflow->chart.states[common].kind == CHART_PARALLEL;
}

/* A history stands for something inside its state, and nobody knows what. */
static uint16_t meant_by(const struct load *load, uint16_t target)
{
    const struct chart_state *state = &load->workflow->chart.states[target];

    return state->kind == CHART_HISTORY ? state->parent : target;
}

/* Two targets of one list: neither holds the other, and each has a region of its own. */
static bool targets_agree(const struct load *load, uint16_t first, uint16_t later)
{
    uint16_t a = meant_by(load, first), b = meant_by(load, later);
    uint16_t common = load_state_common(load, a, b);

    return common != a && common != b &&
           load->workflow->chart.states[common].kind == CHART_PARALLEL;
}

static void add_target(struct load *load, const struct yaml_node *scalar, uint16_t *targets,
                       uint16_t *count)
{
    struct diag *diag;
    size_t found;

    if (scalar->kind != YAML_SCALAR || scalar->text.size == 0 || yaml_is_null(scalar))
        return;
    found = load_names_need(load, &load->state_names, scalar->text, scalar->place);
    if (found == SIZE_MAX)
        return;
    targets[*count] = (uint16_t)(found + 1);
    for (uint16_t i = 0; i < *count; i++) {
        if (targets[i] == targets[*count] || targets_agree(load, targets[i], targets[*count]))
            continue;
        diag =
            load_fault(load, E_TOGETHER, scalar->place, "not together",
                       "\"%.*s\" cannot be active together with \"%.*s\"", TEXT_ARG(scalar->text),
                       TEXT_ARG(load->workflow->chart.states[targets[i]].id));
        diag_help(load->diags, diag, "several targets are states of different parallel regions");
        return;
    }
    ++*count;
}

const uint16_t *load_targets(struct load *load, const struct yaml_node *node, uint16_t *count_out)
{
    size_t count = node != NULL && node->kind == YAML_LIST ? node->count : 1;
    uint16_t *targets = ARENA_ARRAY(load->arena, uint16_t, count);

    *count_out = 0;
    /* A longer list was told of. */
    if (node == NULL || count > WORKFLOW_LIST_MAX)
        return NULL;
    if (node->kind == YAML_SCALAR)
        add_target(load, node, targets, count_out);
    for (size_t i = 0; node->kind == YAML_LIST && i < node->count; i++)
        add_target(load, node->entries[i].value, targets, count_out);
    return *count_out > 0 ? targets : NULL;
}

static void initial_read(struct load *load, uint16_t number)
{
    struct chart_state *state = &load->workflow->chart.states[number];
    const struct yaml_node *node = yaml_get(load->state_nodes[number], "initial");
    struct diag *diag;

    if (state->kind != CHART_COMPOUND || node == NULL || yaml_is_null(node))
        return;
    state->initial = load_targets(load, node, &state->initial_count);
    for (uint16_t i = 0; i < state->initial_count; i++) {
        struct text id = load->workflow->chart.states[state->initial[i]].id;

        if (load_state_is_inside(load, state->initial[i], number))
            continue;
        diag = load_fault(load, E_INITIAL, node->place, "outside",
                          "\"%.*s\" is not inside \"%.*s\"", TEXT_ARG(id), TEXT_ARG(state->id));
        diag_help(load->diags, diag, "`initial` names a state below the one it stands in");
    }
}

void load_states(struct load *load)
{
    struct chart *chart = &load->workflow->chart;

    make_room(load);
    chart->states[0].kind = CHART_COMPOUND;
    chart->states[0].parent = CHART_NONE;
    chart->states[0].default_transition = CHART_NONE;
    load->state_nodes[0] = load->root;
    chart->state_count = 1;
    add_children(load, load->root, 0);
    for (uint16_t i = 0; i < chart->state_count; i++)
        initial_read(load, i);
}

void load_states_finish(struct load *load)
{
    for (uint16_t i = 1; i < load->workflow->chart.state_count; i++) {
        const struct yaml_node *node = load->state_nodes[i];
        struct workflow_state *state = &load->states[i];

        state->entry = load_actions(load, node, "entry", CHART_NONE);
        state->exit = load_actions(load, node, "exit", CHART_NONE);
        state->data = load_data(load, node, "data", CHART_NONE);
        state->deadline = load_deadline(load, node);
    }
}
