/* Appendix D of the SCXML recommendation as it is written, slowly, with the rulings of the language
 * where it rules: what the interpreter is held against. Names are those of the appendix. */
#ifndef SANKOFA_TESTS_CHART_LETTER_H
#define SANKOFA_TESTS_CHART_LETTER_H

#include "chart/letter_select.h"

/* ---- Leaving ---- */

static inline void letter_remember(struct letter *letter, uint16_t history)
{
    struct kit *kit = letter->kit;
    const struct chart_state *h = &kit->states[history];
    struct chart_memory *memory = &kit->configuration.memories[history];
    *memory =
        (struct chart_memory){.is_set = true, .states = ARENA_ARRAY(kit->arena, uint16_t, KIT_MAX)};
    for (uint16_t s = 1; s < kit->chart.state_count; s++) {
        bool is_meant =
            h->deep ? letter_is_atomic(letter, s) && letter_is_descendant(letter, s, h->parent)
                    : kit->states[s].parent == h->parent;
        if (is_meant && kit->configuration.active[s])
            memory->states[memory->count++] = s;
    }
}

static inline void letter_exit_states(struct letter *letter, const struct letter_set *enabled)
{
    struct kit *kit = letter->kit;
    struct letter_set exits = {.count = 0};
    for (size_t i = 0; i < enabled->count; i++) {
        struct letter_set of_one = letter_exit_set(letter, enabled->items[i]);
        for (size_t e = 0; e < of_one.count; e++)
            letter_add(&exits, of_one.items[e]);
    }
    for (uint16_t s = 1; s < kit->chart.state_count; s++)
        if (kit->states[s].kind == CHART_HISTORY && letter_holds(&exits, kit->states[s].parent))
            letter_remember(letter, s);
    for (uint16_t s = (uint16_t)(kit->chart.state_count - 1); s > 0; s--)
        if (letter_holds(&exits, s)) {
            kit_leave(kit, s);
            kit->configuration.active[s] = false;
        }
}

/* ---- Entering ---- */

static inline void letter_add_descendants(struct letter *letter, uint16_t state,
                                          struct letter_set *enter);

static inline void letter_add_missing(struct letter *letter, uint16_t state,
                                      struct letter_set *enter)
{
    bool is_there = letter_holds(enter, state);
    for (size_t i = 0; i < enter->count; i++)
        is_there = is_there || letter_is_descendant(letter, enter->items[i], state);
    if (!is_there)
        letter_add_descendants(letter, state, enter);
}

static inline void letter_add_regions(struct letter *letter, uint16_t parallel,
                                      struct letter_set *enter)
{
    struct letter_set regions = letter_children(letter, parallel);
    for (size_t i = 0; i < regions.count; i++)
        letter_add_missing(letter, regions.items[i], enter);
}

/* Here the letter is not followed: of a history that leads no further out than the source's
 * surroundings, it would enter ancestors again that were never left. */
static inline void letter_add_ancestors(struct letter *letter, uint16_t state, uint16_t ancestor,
                                        struct letter_set *enter)
{
    const bool *active = letter->kit->configuration.active;
    for (uint16_t a = letter_state(letter, state)->parent; a != ancestor && !active[a];
         a = letter_state(letter, a)->parent) {
        letter_add(enter, a);
        if (letter_state(letter, a)->kind == CHART_PARALLEL)
            letter_add_regions(letter, a, enter);
    }
}

static inline void letter_add_all(struct letter *letter, const uint16_t *states, size_t count,
                                  uint16_t ancestor, struct letter_set *enter)
{
    for (size_t i = 0; i < count; i++)
        letter_add_descendants(letter, states[i], enter);
    for (size_t i = 0; i < count; i++)
        letter_add_ancestors(letter, states[i], ancestor, enter);
}

static inline void letter_add_descendants(struct letter *letter, uint16_t state,
                                          struct letter_set *enter)
{
    const struct chart_state *s = letter_state(letter, state);
    if (s->kind == CHART_HISTORY) {
        const struct chart_memory *memory = &letter->kit->configuration.memories[state];
        const struct chart_transition *t = &letter->kit->transitions[s->default_transition];
        if (memory->is_set) {
            letter_add_all(letter, memory->states, memory->count, s->parent, enter);
            return;
        }
        letter_add(&letter->defaults, s->default_transition);
        letter_add_all(letter, t->targets, t->target_count, s->parent, enter);
        return;
    }
    letter_add(enter, state);
    if (s->kind == CHART_COMPOUND)
        letter_add_all(letter, s->initial, s->initial_count, state, enter);
    else if (s->kind == CHART_PARALLEL)
        letter_add_regions(letter, state, enter);
}

static inline bool letter_is_in_final_state(const struct letter *letter, uint16_t state)
{
    const bool *active = letter->kit->configuration.active;
    enum chart_kind kind = letter_state(letter, state)->kind;
    struct letter_set children = letter_children(letter, state);
    bool some = false, every = true;
    for (size_t i = 0; i < children.count; i++) {
        uint16_t child = children.items[i];
        some = some || (letter_state(letter, child)->kind == CHART_FINAL && active[child]);
        every = every && letter_is_in_final_state(letter, child);
    }
    return kind == CHART_COMPOUND ? some : kind == CHART_PARALLEL && every;
}

/* Ruling 3: completion climbs. */
static inline void letter_raise_done(struct letter *letter, uint16_t final)
{
    struct kit *kit = letter->kit;
    uint16_t state = kit->states[final].parent;
    if (state == 0)
        letter->running = false;
    while (state != 0 && letter_is_in_final_state(letter, state)) {
        letter_raise(kit,
                     text_printf(kit->arena, "done.state.%.*s", TEXT_ARG(kit->states[state].id)));
        state = kit->states[state].parent;
    }
}

/* The content of default transitions: behind the entry of their parent; where the parent stays
 * active, before the first state inside it. */
static inline void letter_run_defaults(struct letter *letter, uint16_t state, bool entered,
                                       const struct letter_set *enter)
{
    struct letter_set left = {.count = 0};
    for (size_t i = 0; i < letter->defaults.count; i++) {
        uint16_t t = letter->defaults.items[i];
        uint16_t parent = letter->kit->states[letter->kit->transitions[t].source].parent;
        bool is_due =
            entered ? parent == state
                    : !letter_holds(enter, parent) && letter_is_descendant(letter, state, parent);
        if (is_due)
            kit_act(letter->kit, t);
        else
            letter_add(&left, t);
    }
    letter->defaults = left;
}

static inline void letter_enter_all(struct letter *letter, const struct letter_set *enter)
{
    struct kit *kit = letter->kit;
    for (uint16_t s = 1; s < kit->chart.state_count; s++) {
        if (!letter_holds(enter, s))
            continue;
        letter_run_defaults(letter, s, false, enter);
        kit->configuration.active[s] = true;
        kit_enter(kit, s);
        letter_run_defaults(letter, s, true, enter);
        if (kit->states[s].kind == CHART_FINAL)
            letter_raise_done(letter, s);
    }
    assert_int_equal(letter->defaults.count, 0);
}

static inline void letter_add_entry(struct letter *letter, uint16_t t, uint16_t domain,
                                    const struct letter_set *left, struct letter_set *enter)
{
    const struct chart_transition *transition = &letter->kit->transitions[t];
    for (uint16_t i = 0; i < transition->target_count; i++)
        letter_add_descendants(letter, transition->targets[i], enter);
    struct letter_set targets = letter_effective_targets(letter, t);
    for (size_t i = 0; i < targets.count; i++)
        letter_add_ancestors(letter, targets.items[i], domain, enter);
    for (size_t i = 0; i < left->count; i++)
        if (letter_state(letter, domain)->kind == CHART_PARALLEL &&
            letter_state(letter, left->items[i])->parent == domain)
            letter_add_missing(letter, left->items[i], enter);
}

/* ---- The loop ---- */

static inline void letter_microstep(struct letter *letter, const struct letter_set *enabled,
                                    const struct chart_event *event)
{
    uint16_t domains[KIT_MAX];
    struct letter_set *left = ARENA_ARRAY(letter->kit->arena, struct letter_set, enabled->count);
    struct letter_set enter = {.count = 0};
    kit_selected(letter->kit, enabled->items, enabled->count, event);
    for (size_t i = 0; i < enabled->count; i++) {
        domains[i] = letter_domain(letter, enabled->items[i]);
        left[i] = letter_exit_set(letter, enabled->items[i]);
    }
    letter_exit_states(letter, enabled);
    for (size_t i = 0; i < enabled->count; i++)
        kit_act(letter->kit, enabled->items[i]);
    for (size_t i = 0; i < enabled->count; i++)
        if (domains[i] != CHART_NONE)
            letter_add_entry(letter, enabled->items[i], domains[i], &left[i], &enter);
    letter_enter_all(letter, &enter);
}

/* False: too many steps. */
static inline bool letter_take(struct letter *letter, const struct letter_set *enabled,
                               const struct chart_event *event)
{
    if (enabled->count == 0)
        return true;
    if (++letter->steps > CHART_STEPS_MAX)
        return false;
    letter_microstep(letter, enabled, event);
    return true;
}

static inline bool letter_settle(struct letter *letter)
{
    while (letter->running) {
        struct chart_event event = {.transition = CHART_NONE, .is_internal = true};
        struct letter_set enabled = letter_select(letter, NULL);
        bool is_eventless = enabled.count > 0;
        if (!is_eventless) {
            if (letter->queue == NULL)
                return true;
            event.name = letter->queue->name;
            letter->queue = letter->queue->next;
            if (letter->queue == NULL)
                letter->queue_end = &letter->queue;
            if (++letter->steps > CHART_STEPS_MAX)
                return false;
            kit_bind(letter->kit, &event);
            enabled = letter_select(letter, &event);
        }
        if (!letter_take(letter, &enabled, is_eventless ? NULL : &event))
            return false;
    }
    return true;
}

static inline void letter_begin(struct letter *letter, struct kit *kit)
{
    *letter = (struct letter){.kit = kit, .running = true};
    letter->queue_end = &letter->queue;
    letter_now = letter;
    kit_hooks(kit);
    kit->raise = letter_raise;
}

/* Both do to the configuration of `kit` what chart_start and chart_step would, with its hooks.
 * False: too many steps. */
static inline bool letter_start(struct letter *letter, struct kit *kit)
{
    struct chart_event event = {.name = TEXT("case.open"), .transition = CHART_NONE};
    struct letter_set enter = {.count = 0};
    letter_begin(letter, kit);
    kit_bind(kit, &event);
    letter->steps = 1;
    kit->configuration.active[0] = true;
    letter_add_all(letter, kit->states[0].initial, kit->states[0].initial_count, 0, &enter);
    letter_enter_all(letter, &enter);
    return letter_settle(letter);
}

static inline bool letter_step(struct letter *letter, struct kit *kit, const char *name)
{
    struct chart_event event = {.name = text_from(name), .transition = CHART_NONE};
    letter_begin(letter, kit);
    for (uint16_t s = 1; s < kit->chart.state_count; s++)
        if (kit->states[s].parent == 0 && kit->states[s].kind == CHART_FINAL &&
            kit->configuration.active[s])
            letter->running = false;
    kit_bind(kit, &event);
    struct letter_set enabled = letter_select(letter, &event);
    return letter_take(letter, &enabled, &event) && letter_settle(letter);
}

#endif
