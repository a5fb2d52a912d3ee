/* What the tests of a workflow came to: states that were active, transitions that were taken,
 * guards that held and guards that did not, deadlines that passed. */
#include "base/arena.h"
#include "workbench/test/test.h"

static void see_guard(void *self, uint16_t transition, bool holds)
{
    struct coverage *coverage = self;

    if (holds)
        coverage->guards_held[transition] = true;
    else
        coverage->guards_not[transition] = true;
}

static void see_take(void *self, uint16_t transition)
{
    struct coverage *coverage = self;

    coverage->transitions[transition] = true;
}

static void see_enter(void *self, uint16_t state)
{
    struct coverage *coverage = self;

    coverage->states[state] = true;
}

void coverage_init(struct coverage *coverage, const struct workflow *workflow, struct arena *arena)
{
    size_t states = workflow->chart.state_count, transitions = workflow->chart.transition_count;

    *coverage = (struct coverage){.workflow = workflow,
                                  .states = ARENA_ARRAY(arena, bool, states),
                                  .deadlines = ARENA_ARRAY(arena, bool, states),
                                  .transitions = ARENA_ARRAY(arena, bool, transitions),
                                  .guards_held = ARENA_ARRAY(arena, bool, transitions),
                                  .guards_not = ARENA_ARRAY(arena, bool, transitions),
                                  .watch = {coverage, see_guard, see_take, see_enter}};
}

void coverage_look(struct coverage *coverage, const struct value *doc, int64_t now_ms)
{
    const struct value *deadlines = value_get(doc, TEXT("deadlines"));

    for (size_t i = 0; i < value_count(deadlines); i++) {
        const struct value_member *member = value_member(deadlines, i);
        uint16_t state = chart_state_named(&coverage->workflow->chart, member->key);

        if (state != CHART_NONE && value_int_at(deadlines, member->key.bytes, INT64_MAX) <= now_ms)
            coverage->deadlines[state] = true;
    }
}

/* ---- As data. ---- */

struct tally {
    struct arena *arena;
    size_t count, covered;
    struct value missing;
};

static void tally_init(struct tally *tally, struct arena *arena)
{
    *tally = (struct tally){.arena = arena, .missing = value_list(arena)};
}

static void tally_add(struct tally *tally, bool is_covered, struct text name,
                      const struct place *place, const char *never)
{
    struct value missing;

    tally->count++;
    tally->covered += is_covered;
    if (is_covered)
        return;
    missing = value_map(tally->arena);
    value_put(&missing, "name", value_string(name));
    if (never != NULL)
        value_put(&missing, "never", value_cstring(never));
    value_put(&missing, "file", value_string(place->file));
    value_put(&missing, "line", value_int(place->line));
    value_append(&tally->missing, missing);
}

static struct value tally_value(const struct tally *tally)
{
    struct value map = value_map(tally->arena);

    value_put(&map, "count", value_int((int64_t)tally->count));
    value_put(&map, "covered", value_int((int64_t)tally->covered));
    value_put(&map, "missing", tally->missing);
    return map;
}

static const char *never_of(const struct coverage *coverage, uint16_t transition)
{
    if (coverage->guards_held[transition])
        return "false";
    return coverage->guards_not[transition] ? "true" : "true or false";
}

static void tally_states(const struct coverage *coverage, struct tally *states,
                         struct tally *deadlines)
{
    const struct workflow *workflow = coverage->workflow;

    for (uint16_t s = 1; s < workflow->chart.state_count; s++) {
        const struct chart_state *state = &workflow->chart.states[s];
        const struct place *place = &workflow->states[s].place;

        if (state->kind != CHART_HISTORY)
            tally_add(states, coverage->states[s], state->id, place, NULL);
        if (workflow->states[s].deadline != NULL)
            tally_add(deadlines, coverage->deadlines[s], state->id, place, NULL);
    }
}

static void tally_transitions(const struct coverage *coverage, struct tally *transitions,
                              struct tally *guards)
{
    const struct workflow *workflow = coverage->workflow;

    for (uint16_t t = 0; t < workflow->chart.transition_count; t++) {
        const struct chart_transition *transition = &workflow->chart.transitions[t];
        const struct place *place = &workflow->transitions[t].place;
        struct text name = text_printf(transitions->arena, "%.*s.%.*s",
                                       TEXT_ARG(workflow->chart.states[transition->source].id),
                                       TEXT_ARG(transition->id));

        if (transition->trigger != CHART_DEFAULT)
            tally_add(transitions, coverage->transitions[t], name, place, NULL);
        if (workflow->transitions[t].guard != NULL)
            tally_add(guards, coverage->guards_held[t] && coverage->guards_not[t], name, place,
                      never_of(coverage, t));
    }
}

struct value coverage_value(const struct coverage *coverage, struct arena *arena)
{
    struct tally states, transitions, guards, deadlines;
    struct value map = value_map(arena);

    tally_init(&states, arena);
    tally_init(&transitions, arena);
    tally_init(&guards, arena);
    tally_init(&deadlines, arena);
    tally_states(coverage, &states, &deadlines);
    tally_transitions(coverage, &transitions, &guards);
    value_put(&map, "states", tally_value(&states));
    value_put(&map, "transitions", tally_value(&transitions));
    value_put(&map, "guards", tally_value(&guards));
    value_put(&map, "deadlines", tally_value(&deadlines));
    return map;
}

/* ---- For people. ---- */

static const struct {
    const char *key, *counted, *missing;
} kinds[] = {
    {"states", "states", "was never in"},
    {"transitions", "transitions", "never took"},
    {"guards", "guards both ways", "the guard of"},
    {"deadlines", "deadlines passed", "never overdue in"},
};

static void write_missing(const struct value *missing, const char *words,
                          struct text_buffer *output)
{
    struct text never = value_text_at(missing, "never");

    text_append_printf(output, "  %.*s:%lld: %s %.*s", TEXT_ARG(value_text_at(missing, "file")),
                       (long long)value_int_at(missing, "line", 0), words,
                       TEXT_ARG(value_text_at(missing, "name")));
    if (!text_is_empty(never))
        text_append_printf(output, " was never %.*s", TEXT_ARG(never));
    text_append(output, TEXT("\n"));
}

void coverage_write(const struct value *coverage, struct text_buffer *output)
{
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const struct value *tally = value_get(coverage, text_from(kinds[k].key));

        text_append_printf(output, "%s%s %lld of %lld", k == 0 ? "  covered: " : ", ",
                           kinds[k].counted, (long long)value_int_at(tally, "covered", 0),
                           (long long)value_int_at(tally, "count", 0));
    }
    text_append(output, TEXT("\n"));
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const struct value *missing =
            value_at(value_get(coverage, text_from(kinds[k].key)), "missing");

        for (size_t i = 0; i < value_count(missing); i++)
            write_missing(value_item(missing, i), kinds[k].missing, output);
    }
}
