/* Random charts under random events: the configuration is always legal, every exit has its entry,
 * the same event from a copy gives the same calls, and Appendix D as it is written gives them too.
 *
 * The charts are written as text, so that one that fails can be read and kept as a test. */
#ifndef SANKOFA_TESTS_CHART_RANDOM_H
#define SANKOFA_TESTS_CHART_RANDOM_H

#include "chart/letter.h"

#include <errno.h>
#include <stdio.h>

enum { RANDOM_EVENTS = 10, RANDOM_STATES_MAX = 22 };

/* ---- Making charts ---- */

struct random_maker {
    uint64_t seed;
    struct text_buffer text;
    unsigned made;    /* states so far */
    unsigned planned; /* targets are drawn from so many */
};

/* 0 to below - 1, by xorshift. */
static inline unsigned random_draw(struct random_maker *maker, unsigned below)
{
    maker->seed ^= maker->seed << 13;
    maker->seed ^= maker->seed >> 7;
    maker->seed ^= maker->seed << 17;
    return (unsigned)((maker->seed >> 20) % below);
}

static inline void random_make_targets(struct random_maker *maker)
{
    unsigned count = random_draw(maker, 4) == 0 ? 2 : 1;
    for (unsigned i = 0; i < count; i++)
        text_append_printf(&maker->text, "%ss%u", i > 0 ? "," : "",
                           random_draw(maker, maker->planned));
}

static inline void random_make_transition(struct random_maker *maker)
{
    static const char *const events[] = {
        "x", "y", "z", "x.far", "x", "y", "z", "y.*", "x.*", "done.state", "error.execution", "*"};
    const char *event = events[random_draw(maker, sizeof(events) / sizeof(*events))];
    if (random_draw(maker, 30) == 0)
        event = "always";
    text_append_printf(&maker->text, " %s", event);
    if (random_draw(maker, 30) == 0)
        text_append_printf(&maker->text, "!%s", random_draw(maker, 2) ? "x" : "y.far,z");
    text_append(&maker->text, random_draw(maker, 3) ? TEXT(">") : TEXT(">>"));
    if (random_draw(maker, 8) > 0)
        random_make_targets(maker);
}

/* The default leads to a state behind its parent, which is likely inside it. */
static inline void random_make_history(struct random_maker *maker, unsigned parent)
{
    unsigned target = parent + 1 + random_draw(maker, 3);
    const char *kind = random_draw(maker, 2) ? "deep default" : "history default!z";
    text_append_printf(&maker->text, "%s>s%u\n", kind,
                       target < maker->planned ? target : maker->planned - 1);
}

/* A state and what is inside it. Histories and final states stand where they may. */
static inline void random_make_state(struct random_maker *maker, unsigned depth, unsigned parent,
                                     bool in_parallel)
{
    unsigned self = maker->made++, room = maker->planned - maker->made,
             kind = random_draw(maker, 14);
    text_append_printf(&maker->text, "%*ss%u ", (int)(2 * depth), "", self);
    if (kind == 0 && depth > 0 && self > parent + 1) {
        random_make_history(maker, parent);
        return;
    }
    if (kind == 1 && self > 0 && !in_parallel && (depth > 0 || random_draw(maker, 2) == 0)) {
        text_append(&maker->text, TEXT("final\n"));
        return;
    }
    unsigned children = depth < 4 && kind > 4 ? 1 + random_draw(maker, 4) : 0;
    bool parallel = children > 0 && kind > 10;
    children = children < room ? children : room;
    if (children > 0 && parallel)
        text_append(&maker->text, TEXT(" parallel"));
    else if (children > 0 && random_draw(maker, 4) == 0)
        text_append_printf(&maker->text, " initial=s%u",
                           maker->made + random_draw(maker, children));
    if (random_draw(maker, 25) == 0)
        text_append(&maker->text, random_draw(maker, 2) ? TEXT(" entry=y") : TEXT(" exit=z"));
    for (unsigned t = random_draw(maker, 4); t > 0; t--)
        random_make_transition(maker);
    text_append(&maker->text, TEXT("\n"));
    for (unsigned i = 0; i < children && maker->made < maker->planned; i++)
        random_make_state(maker, depth + 1, self, parallel);
}

static inline struct text random_make(struct arena *arena, uint64_t seed)
{
    struct random_maker maker = {.seed = (seed + 1) * 0x9e3779b97f4a7c15u};
    text_buffer_init(&maker.text, arena);
    maker.planned = 4 + random_draw(&maker, RANDOM_STATES_MAX - 4);
    while (maker.made < maker.planned)
        random_make_state(&maker, 0, 0, false);
    return text_buffer_text(&maker.text);
}

/* ---- Running them ---- */

/* NULL: it cannot be sealed. Targets that cannot be active together are cut down to the first. */
static inline struct kit *random_read(struct arena *arena, struct text source, uint64_t salt)
{
    struct text why;
    uint16_t state, transition;
    struct kit *kit = kit_read(arena, source.bytes);
    while (chart_seal(arena, &kit->chart, &why, &state, &transition) < 0) {
        if (transition == CHART_NONE || kit->transitions[transition].target_count < 2)
            return NULL;
        kit->transitions[transition].target_count = 1;
    }
    kit->salt = salt;
    kit->configuration = chart_configuration_empty(arena, &kit->chart);
    return kit;
}

static inline void random_show(struct text source, const struct kit *a, const struct kit *b)
{
    print_error("%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n", TEXT_ARG(source),
                TEXT_ARG(text_buffer_text(&a->bound)), TEXT_ARG(text_buffer_text(&a->trace)),
                TEXT_ARG(text_buffer_text(&b->bound)), TEXT_ARG(text_buffer_text(&b->trace)));
}

static inline bool random_memories_equal(const struct chart_memory *a, const struct chart_memory *b)
{
    return a->is_set == b->is_set && a->count == b->count &&
           (!a->is_set || memcmp(a->states, b->states, a->count * sizeof(*a->states)) == 0);
}

/* Two kits of one chart were told the same and are in the same configuration. */
static inline void random_compare(struct text source, const struct kit *a, const struct kit *b)
{
    size_t state_count = a->chart.state_count;
    bool same = text_equal(text_buffer_text(&a->trace), text_buffer_text(&b->trace)) &&
                text_equal(text_buffer_text(&a->bound), text_buffer_text(&b->bound)) &&
                text_equal(text_buffer_text(&a->selected), text_buffer_text(&b->selected)) &&
                memcmp(a->configuration.active, b->configuration.active, state_count) == 0;
    for (size_t s = 0; s < state_count; s++)
        same = same &&
               random_memories_equal(&a->configuration.memories[s], &b->configuration.memories[s]);
    if (!same)
        random_show(source, a, b);
    assert_true(same);
}

static inline void random_check_presence(const struct kit *kit)
{
    assert_true(chart_configuration_is_legal(&kit->chart, &kit->configuration));
    for (uint16_t s = 1; s < kit->chart.state_count; s++)
        assert_int_equal(kit->present[s], kit->configuration.active[s]);
}

/* How much was tried. */
struct random_tally {
    unsigned charts, macrosteps, taken, unsettled, closed;
    uint64_t digest; /* of all that the hooks were told */
};

static inline void random_digest(struct random_tally *tally, const struct kit *kit)
{
    const struct text_buffer *told[] = {&kit->trace, &kit->bound, &kit->selected};
    for (size_t i = 0; i < 3; i++)
        for (size_t at = 0; at < told[i]->size; at++)
            tally->digest = (tally->digest ^ (unsigned char)told[i]->bytes[at]) * 1099511628211u;
}

/* One event by the interpreter, by it again from a copy, and by the letter. False: the chart does
 * not settle, for none of them. */
static inline bool random_step(struct text source, struct kit *kit, struct kit *again,
                               struct kit *other, struct letter *letter, const char *name)
{
    struct chart_event event = {.name = text_from(name), .transition = CHART_NONE};
    again->configuration = chart_configuration_copy(kit->arena, &kit->chart, &kit->configuration);
    int status = kit_step(kit, &event);
    assert_int_equal(kit_step(again, &event), status);
    assert_int_equal(letter_step(letter, other, name), status == 0);
    if (status < 0)
        return false;
    random_compare(source, kit, again);
    random_compare(source, kit, other);
    assert_int_equal(kit->result.is_closed, !letter->running);
    random_check_presence(kit);
    return true;
}

static inline bool random_start(struct text source, struct kit *kit, struct kit *again,
                                struct kit *other, struct letter *letter)
{
    struct chart_event event = {.name = TEXT("case.open"), .transition = CHART_NONE};
    struct chart_hooks hooks = kit_hooks(kit), hooks_again = kit_hooks(again);
    int status = chart_start(&kit->chart, &kit->configuration, &event, &hooks, kit->arena,
                             kit_begin, &kit->result);
    assert_int_equal(chart_start(&again->chart, &again->configuration, &event, &hooks_again,
                                 again->arena, kit_begin, &again->result),
                     status);
    assert_int_equal(letter_start(letter, other), status == 0);
    if (status < 0)
        return false;
    random_compare(source, kit, other);
    random_check_presence(kit);
    return true;
}

/* Makes a chart of the seed and tries it, if it can be sealed. */
static inline void random_try(struct arena *arena, uint64_t seed, struct random_tally *tally)
{
    static const char *const names[] = {"x", "y", "z", "x.far", "y.far"};
    struct random_maker dice = {.seed = seed * 77 + 1};
    struct text source = random_make(arena, seed);
    struct kit *kit = random_read(arena, source, seed + 1);
    if (kit == NULL)
        return;
    struct kit *again = random_read(arena, source, seed + 1);
    struct kit *other = random_read(arena, source, seed + 1);
    struct letter *letter = ARENA_NEW(arena, struct letter);
    tally->charts++;
    bool settles = random_start(source, kit, again, other, letter);
    random_digest(tally, kit);
    for (unsigned e = 0; settles && e < RANDOM_EVENTS; e++) {
        settles = random_step(source, kit, again, other, letter, names[random_draw(&dice, 5)]);
        random_digest(tally, kit);
        tally->macrosteps++;
        tally->taken += kit->result.taken;
        tally->closed += kit->result.is_closed;
    }
    tally->unsettled += !settles;
}

#endif
