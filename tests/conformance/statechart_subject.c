/* Reading a workflow of the suite into a chart. Only what the suite writes is known here: anything
 * else is an error, so that nothing is passed over. */
#include "statechart_subject.h"

enum { ITEMS_MAX = 500 };

static const char *const state_keys[] = {"title",  "type",   "initial", "entry",   "exit", "on",
                                         "always", "states", "deep",    "default", NULL};
static const char *const transition_keys[] = {"event", "guard", "do", "target", "reenter", NULL};

static bool knows_keys(struct subject *subject, const struct yaml_node *node,
                       const char *const *known)
{
    if (node->kind != YAML_MAP)
        return SUBJECT_FAULT(subject, node, "a map is meant");
    for (size_t i = 0; i < node->count; i++) {
        size_t k = 0;
        while (known[k] && !text_is(node->entries[i].key, known[k]))
            k++;
        if (known[k] == NULL)
            return SUBJECT_FAULT(subject, node, "%.*s is not known to this suite",
                                 TEXT_ARG(node->entries[i].key));
    }
    return true;
}

static bool is_written(const struct yaml_node *node, const char *key, const char *value)
{
    const struct yaml_node *written = yaml_get(node, key);
    return written && text_is(written->text, value);
}

static enum chart_kind kind_of(const struct yaml_node *node)
{
    if (is_written(node, "type", "parallel"))
        return CHART_PARALLEL;
    if (is_written(node, "type", "final"))
        return CHART_FINAL;
    if (is_written(node, "type", "history"))
        return CHART_HISTORY;
    return yaml_get(node, "states") ? CHART_COMPOUND : CHART_ATOMIC;
}

/* ---- States ---- */

static bool read_state(struct subject *subject, const struct yaml_entry *entry, uint16_t parent)
{
    const struct yaml_node *node = entry->value;
    uint16_t number = subject->chart.state_count;
    if (!knows_keys(subject, node, state_keys))
        return false;
    if (number == ITEMS_MAX)
        return SUBJECT_FAULT(subject, node, "there are too many states");
    subject->chart.state_count++;
    subject->states[number] = node;
    subject->chart.states[number] = (struct chart_state){
        .id = entry->key,
        .kind = kind_of(node),
        .deep = is_written(node, "deep", "true"),
        .parent = parent,
        .default_transition = CHART_NONE,
    };
    const struct yaml_node *inner = yaml_get(node, "states");
    for (size_t i = 0; inner && i < inner->count; i++)
        if (!read_state(subject, &inner->entries[i], number))
            return false;
    return true;
}

/* One id or a list of them. */
static bool read_targets(struct subject *subject, const struct yaml_node *node,
                         const uint16_t **states_out, uint16_t *count_out)
{
    if (node == NULL)
        return true;
    size_t count = node->kind == YAML_LIST ? node->count : 1;
    uint16_t *states = ARENA_ARRAY(subject->arena, uint16_t, count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *id = node->kind == YAML_LIST ? node->entries[i].value : node;
        states[i] = chart_state_named(&subject->chart, id->text);
        if (states[i] == CHART_NONE)
            return SUBJECT_FAULT(subject, id, "there is no state %.*s", TEXT_ARG(id->text));
    }
    *states_out = states;
    *count_out = (uint16_t)count;
    return true;
}

/* ---- Transitions ---- */

static bool read_transition(struct subject *subject, uint16_t source, struct text id,
                            const struct yaml_node *node, enum chart_trigger trigger)
{
    uint16_t number = subject->chart.transition_count;
    if (!knows_keys(subject, node, transition_keys))
        return false;
    if (number == ITEMS_MAX)
        return SUBJECT_FAULT(subject, node, "there are too many transitions");
    subject->chart.transition_count++;
    subject->transitions[number] = node;
    struct chart_transition *t = &subject->chart.transitions[number];
    const struct yaml_node *event = yaml_get(node, "event");
    *t = (struct chart_transition){
        .id = id,
        .source = source,
        .trigger = trigger,
        .event = event ? event->text : id,
        .reenter = is_written(node, "reenter", "true"),
    };
    if (trigger == CHART_DEFAULT)
        subject->chart.states[source].default_transition = number;
    return read_targets(subject, yaml_get(node, "target"), &t->targets, &t->target_count);
}

static bool read_transitions(struct subject *subject, uint16_t source, const struct yaml_node *map,
                             enum chart_trigger trigger)
{
    for (size_t i = 0; i < map->count; i++)
        if (!read_transition(subject, source, map->entries[i].key, map->entries[i].value, trigger))
            return false;
    return true;
}

static bool read_behaviour(struct subject *subject, uint16_t state)
{
    const struct yaml_node *node = subject->states[state];
    struct chart_state *s = &subject->chart.states[state];
    if (!read_targets(subject, yaml_get(node, "initial"), &s->initial, &s->initial_count))
        return false;
    for (size_t i = 0; state > 0 && i < node->count; i++) {
        const struct yaml_entry *entry = &node->entries[i];
        bool done = true;
        if (text_is(entry->key, "on"))
            done = read_transitions(subject, state, entry->value, CHART_ON);
        else if (text_is(entry->key, "always"))
            done = read_transitions(subject, state, entry->value, CHART_ALWAYS);
        else if (text_is(entry->key, "default"))
            done = read_transition(subject, state, entry->key, entry->value, CHART_DEFAULT);
        if (!done)
            return false;
    }
    return true;
}

/* ---- The whole ---- */

/* Every field of the suite is an integer. */
static bool read_fields(struct subject *subject, const struct yaml_node *fields)
{
    size_t count = fields ? fields->count : 0;
    subject->names = ARENA_ARRAY(subject->arena, struct cel_name, count + 2);
    subject->values = ARENA_ARRAY(subject->arena, struct value, count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *field = fields->entries[i].value;
        if (!is_written(field, "type", "integer"))
            return SUBJECT_FAULT(subject, field, "a field that is no integer");
        subject->names[i] = (struct cel_name){
            .name = text_printf(subject->arena, "data.%.*s", TEXT_ARG(fields->entries[i].key)),
            .type = cel_type_of(CEL_INT),
        };
        const struct yaml_node *initial = yaml_get(field, "initial");
        if (initial && !subject_value(subject, initial, &subject->values[i]))
            return false;
    }
    subject->field_count = count;
    subject->names[count] =
        (struct cel_name){.name = TEXT("event.name"), .type = cel_type_of(CEL_STRING)};
    subject->names[count + 1] =
        (struct cel_name){.name = TEXT("event.data"), .type = cel_type_of(CEL_UNKNOWN)};
    struct text *ids = ARENA_ARRAY(subject->arena, struct text, subject->chart.state_count);
    for (uint16_t s = 0; s < subject->chart.state_count; s++)
        ids[s] = subject->chart.states[s].id;
    subject->scope = (struct cel_scope){.names = subject->names,
                                        .name_count = count + 2,
                                        .states = ids + 1,
                                        .state_count = (size_t)subject->chart.state_count - 1};
    return true;
}

bool subject_read(struct subject *subject, const struct yaml_node *workflow)
{
    struct chart *chart = &subject->chart;
    const struct yaml_node *states = yaml_get(workflow, "states");
    struct text why;
    uint16_t state, transition;

    if (states == NULL)
        return SUBJECT_FAULT(subject, workflow, "there are no states");
    chart->states = ARENA_ARRAY(subject->arena, struct chart_state, ITEMS_MAX);
    chart->transitions = ARENA_ARRAY(subject->arena, struct chart_transition, ITEMS_MAX);
    subject->states = ARENA_ARRAY(subject->arena, const struct yaml_node *, ITEMS_MAX);
    subject->transitions = ARENA_ARRAY(subject->arena, const struct yaml_node *, ITEMS_MAX);
    chart->states[0] = (struct chart_state){
        .kind = CHART_COMPOUND, .parent = CHART_NONE, .default_transition = CHART_NONE};
    subject->states[0] = workflow;
    chart->state_count = 1;
    for (size_t i = 0; i < states->count; i++)
        if (!read_state(subject, &states->entries[i], 0))
            return false;
    for (uint16_t s = 0; s < chart->state_count; s++)
        if (!read_behaviour(subject, s))
            return false;
    if (!read_fields(subject, yaml_get(workflow, "fields")))
        return false;
    if (chart_seal(subject->arena, chart, &why, &state, &transition) < 0)
        return SUBJECT_FAULT(subject, subject->states[state == CHART_NONE ? 0 : state], "%.*s",
                             TEXT_ARG(why));
    subject->configuration = chart_configuration_empty(subject->arena, chart);
    return true;
}
