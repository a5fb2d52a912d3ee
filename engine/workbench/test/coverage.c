/* What the tests of a workflow came to: states that were active, transitions that were taken,
 * guards that held and guards that did not, deadlines that passed. */
#include "base/arena.h"
#include "words/heard.h"
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
    return coverage->guards_not[transition] ? "true" : N_("true or false");
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

/* Of a guard is said, too, what it never was: true, false, or either. */
static const struct {
    const char *key, *missing;
} kinds[] = {
    {"states", N_("  %.*s:%lld: was never in %.*s\n")},
    {"transitions", N_("  %.*s:%lld: never took %.*s\n")},
    {"guards", N_("  %.*s:%lld: the guard of %.*s was never %s\n")},
    {"deadlines", N_("  %.*s:%lld: never overdue in %.*s\n")},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void write_missing(const struct value *missing, const char *words,
                          struct text_buffer *output)
{
    struct text never = value_text_at(missing, "never");

    text_append_printf(output, gettext(words), TEXT_ARG(value_text_at(missing, "file")),
                       (long long)value_int_at(missing, "line", 0),
                       TEXT_ARG(value_text_at(missing, "name")),
                       text_is(never, "true or false") ? _("true or false") : never.bytes);
}

void coverage_write(const struct value *coverage, struct text_buffer *output)
{
    const struct value *tallies[KINDS];
    long long covered[KINDS], count[KINDS];

    for (size_t k = 0; k < KINDS; k++) {
        tallies[k] = value_get(coverage, text_from(kinds[k].key));
        covered[k] = value_int_at(tallies[k], "covered", 0);
        count[k] = value_int_at(tallies[k], "count", 0);
    }
    text_append_printf(output,
                       _("  covered: states %lld of %lld, transitions %lld of %lld, guards both "
                         "ways %lld of %lld, deadlines passed %lld of %lld\n"),
                       covered[0], count[0], covered[1], count[1], covered[2], count[2], covered[3],
                       count[3]);
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < value_count(value_at(tallies[k], "missing")); i++)
            write_missing(value_item(value_at(tallies[k], "missing"), i), kinds[k].missing, output);
}
