/* One event under way: its copy of the case, and what it has to tell. */
#include "case/turn.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/when.h"

enum { FAULTS_MAX = 20 };

static const char *const part_names[PART_COUNT] = {
    [PART_STATES] = "states",       [PART_VISITS] = "visits",       [PART_MEMORIES] = "memories",
    [PART_DATA] = "data",           [PART_TIMERS] = "timers",       [PART_DEADLINES] = "deadlines",
    [PART_STEPS] = "steps",         [PART_DROPS] = "drops",         [PART_ACTED] = "acted",
    [PART_PROPOSALS] = "proposals", [PART_NOTICES] = "notices",     [PART_KEYS] = "keys",
    [PART_ASSIGNED] = "assigned",   [PART_FLAGS] = "flags",         [PART_LINKS] = "links",
    [PART_GLASS] = "glass",         [PART_DOCUMENTS] = "documents",
};

/* 9999-12-31T23:59:59.999Z, the last moment that can be written as text. */
static const int64_t last_ms = 253402300799999;

struct value case_map_copy(struct arena *arena, const struct value *map)
{
    struct value copy = value_map(arena);
    for (size_t i = 0; i < value_count(map); i++) {
        const struct value_member *member = value_member(map, i);
        value_set(&copy, member->key, member->value);
    }
    return copy;
}

struct value *case_part(struct case_turn *turn, enum case_part part)
{
    if (!turn->is_own[part]) {
        turn->parts[part] = case_map_copy(turn->arena, &turn->parts[part]);
        turn->is_own[part] = true;
        value_put(&turn->doc, part_names[part], turn->parts[part]);
    }
    return &turn->parts[part];
}

const struct value *case_peek(const struct case_turn *turn, enum case_part part)
{
    return &turn->parts[part];
}

void case_lay(struct value *map, const struct value *patch)
{
    for (size_t i = 0; i < value_count(patch); i++) {
        const struct value_member *member = value_member(patch, i);
        if (member->value.kind == VALUE_NULL)
            value_remove(map, member->key);
        else
            value_set(map, member->key, member->value);
    }
}

static uint16_t state_named(const struct chart *chart, struct text id)
{
    uint16_t number = chart_state_named(chart, id);
    CHECK(number != CHART_NONE);
    return number;
}

static struct chart_memory read_memory(const struct chart *chart, const struct value *ids,
                                       struct arena *arena)
{
    uint16_t *states = ARENA_ARRAY(arena, uint16_t, value_count(ids));
    for (size_t i = 0; i < value_count(ids); i++)
        states[i] = state_named(chart, value_item(ids, i)->string);
    return (struct chart_memory){
        .is_set = true, .states = states, .count = (uint16_t)value_count(ids)};
}

struct chart_configuration case_configuration(const struct case_state *state, struct arena *arena)
{
    const struct chart *chart = &state->workflow->chart;
    struct chart_configuration configuration = chart_configuration_empty(arena, chart);
    const struct value *states = value_get(&state->doc, TEXT("states"));
    const struct value *memories = value_get(&state->doc, TEXT("memories"));
    for (size_t i = 0; i < value_count(states); i++)
        configuration.active[state_named(chart, value_member(states, i)->key)] = true;
    for (size_t i = 0; i < value_count(memories); i++) {
        const struct value_member *memory = value_member(memories, i);
        configuration.memories[state_named(chart, memory->key)] =
            read_memory(chart, &memory->value, arena);
    }
    configuration.active[0] = states != NULL;
    return configuration;
}

void case_memories_keep(struct case_turn *turn)
{
    const struct chart *chart = &turn->workflow->chart;
    for (uint16_t s = 0; s < chart->state_count; s++) {
        const struct chart_memory *memory = &turn->configuration.memories[s];
        if (!memory->is_set)
            continue;
        const struct value *before = value_get(case_peek(turn, PART_MEMORIES), chart->states[s].id);
        struct value ids = value_list(turn->arena);
        for (uint16_t i = 0; i < memory->count; i++)
            value_append(&ids, value_string(chart->states[memory->states[i]].id));
        if (before == NULL || !value_equal(before, &ids))
            value_set(case_part(turn, PART_MEMORIES), chart->states[s].id, ids);
    }
}

static void init_scope(struct case_turn *turn)
{
    turn->scope = (struct case_scope){
        .workflow = turn->workflow,
        .arena = turn->arena,
        .now_ms = turn->event->now_ms,
        .code =
            turn->event->kind == CASE_OPEN ? turn->event->code : value_text_at(&turn->doc, "code"),
        .data = &turn->parts[PART_DATA],
        .acted = &turn->parts[PART_ACTED],
        .active = turn->configuration.active,
        .person = turn->person,
    };
}

void case_turn_init(struct case_turn *turn, const struct case_state *state,
                    const struct case_event *event, struct arena *arena)
{
    *turn = (struct case_turn){.state = state,
                               .workflow = state->workflow,
                               .event = event,
                               .arena = arena,
                               .transition = CHART_NONE,
                               .person = event->person,
                               .name = event->name,
                               .needs_approval = CHART_NONE,
                               .told_in = CHART_NONE};
    CHECK(event->kind == CASE_OPEN || state->doc.kind == VALUE_MAP);
    turn->doc = case_map_copy(arena, &state->doc);
    for (int i = 0; i < PART_COUNT; i++) {
        const struct value *part = value_get(&state->doc, text_from(part_names[i]));
        if (part != NULL)
            turn->parts[i] = *part;
    }
    turn->configuration = case_configuration(state, arena);
    turn->entered = ARENA_ARRAY(arena, bool, state->workflow->chart.state_count);
    turn->faults = value_list(arena);
    turn->taken = value_list(arena);
    turn->logs = value_list(arena);
    text_buffer_init(&turn->note, arena);
    init_scope(turn);
}

/* "guinea/return.yaml:31", or empty. */
static struct text place_written(const struct place *place, struct arena *arena)
{
    if (place == NULL || place->line == 0)
        return TEXT_NONE;
    return text_printf(arena, "%.*s:%u", TEXT_ARG(place->file), place->line);
}

/* Told once, however often the macrostep meets it, and not without end. */
void case_fault(struct case_turn *turn, const struct place *place, struct text message)
{
    struct value fault = value_map(turn->arena);
    struct text written = place_written(place, turn->arena);
    if (!text_is_empty(written))
        value_put(&fault, "place", value_string(written));
    value_put(&fault, "message", value_string(text_copy(turn->arena, message)));
    for (size_t i = 0; i < value_count(&turn->faults); i++)
        if (value_equal(value_item(&turn->faults, i), &fault))
            return;
    if (value_count(&turn->faults) < FAULTS_MAX)
        value_append(&turn->faults, fault);
}

void case_fault_raise(struct case_turn *turn, const struct place *place, struct text message)
{
    struct value data = value_map(turn->arena);
    case_fault(turn, place, message);
    value_put(&data, "message", value_string(text_copy(turn->arena, message)));
    if (turn->run != NULL)
        chart_raise(turn->run, TEXT("error.execution"), data);
}

void case_note(struct case_turn *turn, const char *format, ...)
{
    va_list arguments;
    if (turn->note.size > 0)
        text_append(&turn->note, TEXT(" "));
    va_start(arguments, format);
    text_append(&turn->note, text_vprintf(turn->arena, format, arguments));
    va_end(arguments);
}

struct text case_transition_name(const struct workflow *workflow, uint16_t transition,
                                 struct arena *arena)
{
    const struct chart_transition *t = &workflow->chart.transitions[transition];
    struct text source = workflow->chart.states[t->source].id;
    return text_printf(arena, "%.*s.%.*s", TEXT_ARG(source), TEXT_ARG(t->id));
}

uint16_t case_transition_named(const struct workflow *workflow, struct text name)
{
    const struct chart *chart = &workflow->chart;
    for (uint16_t i = 0; i < chart->transition_count; i++) {
        const struct chart_transition *t = &chart->transitions[i];
        struct text source = chart->states[t->source].id;
        if (name.size == source.size + 1 + t->id.size && name.bytes[source.size] == '.' &&
            text_equal((struct text){name.bytes, source.size}, source) &&
            text_equal((struct text){name.bytes + source.size + 1, t->id.size}, t->id))
            return i;
    }
    return CHART_NONE;
}

struct value case_atomic_states(const struct workflow *workflow, const bool *active,
                                struct arena *arena)
{
    const struct chart *chart = &workflow->chart;
    struct value list = value_list(arena);
    for (uint16_t s = 1; s < chart->state_count; s++) {
        enum chart_kind kind = chart->states[s].kind;
        if (active[s] && (kind == CHART_ATOMIC || kind == CHART_FINAL))
            value_append(&list, value_string(chart->states[s].id));
    }
    return list;
}

int64_t case_due(int64_t now_ms, int64_t delay_ms)
{
    int64_t due_ms;
    if (delay_ms <= 0)
        return now_ms;
    if (__builtin_add_overflow(now_ms, delay_ms, &due_ms) || due_ms > last_ms)
        return last_ms;
    return due_ms;
}

int64_t case_due_after(const struct workflow *workflow, int64_t from_ms,
                       const struct workflow_wait *wait)
{
    int64_t due_ms;
    if (wait->workdays == 0)
        return wait->ms < 0 ? from_ms + wait->ms : case_due(from_ms, wait->ms);
    CHECK(workflow->calendar != NULL);
    if (!calendar_due(workflow->calendar, from_ms, wait->workdays, &due_ms) || due_ms > last_ms)
        return last_ms;
    return due_ms;
}
