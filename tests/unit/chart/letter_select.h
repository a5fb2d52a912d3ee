/* Appendix D of the SCXML recommendation as it is written: sets, questions about states, and the
 * selection of transitions. See letter.h. */
#ifndef SANKOFA_TESTS_CHART_LETTER_SELECT_H
#define SANKOFA_TESTS_CHART_LETTER_SELECT_H

#include "chart/kit.h"

/* An ordered set of states or transitions. */
struct letter_set {
    uint16_t items[KIT_MAX];
    size_t count;
};

struct letter_queued {
    struct letter_queued *next;
    struct text name;
};

struct letter {
    struct kit *kit;
    struct letter_queued *queue, **queue_end;
    bool erred[KIT_MAX];
    bool running;
    size_t steps;
    struct letter_set defaults; /* default transitions of histories */
};

/* The one whose kit is running; hooks raise into it. */
static struct letter *letter_now;

static inline void letter_raise(struct kit *kit, struct text name)
{
    (void)kit;
    struct letter_queued *queued = ARENA_NEW(letter_now->kit->arena, struct letter_queued);
    queued->name = name;
    *letter_now->queue_end = queued;
    letter_now->queue_end = &queued->next;
}

static inline bool letter_holds(const struct letter_set *set, uint16_t item)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i] == item)
            return true;
    return false;
}

static inline void letter_add(struct letter_set *set, uint16_t item)
{
    assert_true(set->count < KIT_MAX);
    if (!letter_holds(set, item))
        set->items[set->count++] = item;
}

static inline const struct chart_state *letter_state(const struct letter *letter, uint16_t state)
{
    return &letter->kit->states[state];
}

static inline bool letter_is_descendant(const struct letter *letter, uint16_t state,
                                        uint16_t ancestor)
{
    while (state != 0) {
        state = letter_state(letter, state)->parent;
        if (state == ancestor)
            return true;
    }
    return false;
}

static inline bool letter_is_atomic(const struct letter *letter, uint16_t state)
{
    enum chart_kind kind = letter_state(letter, state)->kind;
    return kind == CHART_ATOMIC || kind == CHART_FINAL;
}

/* Children that are no history. */
static inline struct letter_set letter_children(const struct letter *letter, uint16_t state)
{
    struct letter_set children = {.count = 0};
    for (uint16_t s = 1; s < letter->kit->chart.state_count; s++)
        if (letter_state(letter, s)->parent == state &&
            letter_state(letter, s)->kind != CHART_HISTORY)
            letter_add(&children, s);
    return children;
}

/* ---- Selection ---- */

static inline bool letter_condition_match(struct letter *letter, uint16_t t,
                                          const struct chart_event *event)
{
    switch (kit_guard(letter->kit, t, event)) {
    case CHART_YES:
        return true;
    case CHART_NO:
        return false;
    case CHART_ERROR:
        if (!letter->erred[t])
            letter_raise(letter->kit, TEXT("error.execution"));
        letter->erred[t] = true;
        return false;
    }
    return false;
}

static inline bool letter_name_match(const struct letter *letter, uint16_t t,
                                     const struct chart_event *event)
{
    const struct chart_transition *transition = &letter->kit->transitions[t];
    if (event == NULL)
        return transition->trigger == CHART_ALWAYS;
    return transition->trigger == CHART_ON && chart_event_matches(transition->event, event->name);
}

static inline struct letter_set letter_effective_targets(struct letter *letter, uint16_t t)
{
    struct letter_set targets = {.count = 0};
    const struct chart_transition *transition = &letter->kit->transitions[t];
    for (uint16_t i = 0; i < transition->target_count; i++) {
        uint16_t target = transition->targets[i];
        const struct chart_memory *memory = &letter->kit->configuration.memories[target];
        if (letter_state(letter, target)->kind != CHART_HISTORY) {
            letter_add(&targets, target);
        } else if (memory->is_set) {
            for (uint16_t m = 0; m < memory->count; m++)
                letter_add(&targets, memory->states[m]);
        } else {
            struct letter_set meant =
                letter_effective_targets(letter, letter_state(letter, target)->default_transition);
            for (size_t m = 0; m < meant.count; m++)
                letter_add(&targets, meant.items[m]);
        }
    }
    return targets;
}

/* CHART_NONE: nothing is left. Ruling 2 stands here. */
static inline uint16_t letter_domain(struct letter *letter, uint16_t t)
{
    const struct chart_transition *transition = &letter->kit->transitions[t];
    struct letter_set targets = letter_effective_targets(letter, t);
    if (targets.count == 0)
        return CHART_NONE;
    if (!transition->reenter && targets.count == 1 && targets.items[0] == transition->source)
        return CHART_NONE;
    uint16_t ancestor =
        transition->reenter ? letter_state(letter, transition->source)->parent : transition->source;
    for (;; ancestor = letter_state(letter, ancestor)->parent) {
        bool fits = !transition->reenter || letter_state(letter, ancestor)->kind == CHART_COMPOUND;
        for (size_t i = 0; i < targets.count; i++)
            fits = fits && letter_is_descendant(letter, targets.items[i], ancestor);
        if (fits)
            return ancestor;
    }
}

/* Whether a state inside the domain is in a part that is left: all of it, but of a parallel domain
 * only regions that hold the source or a target. */
static inline bool letter_is_left(struct letter *letter, uint16_t t, uint16_t domain,
                                  uint16_t state)
{
    if (letter_state(letter, domain)->kind != CHART_PARALLEL)
        return true;
    struct letter_set regions = letter_children(letter, domain);
    struct letter_set named = letter_effective_targets(letter, t);
    letter_add(&named, letter->kit->transitions[t].source);
    for (size_t r = 0; r < regions.count; r++) {
        uint16_t region = regions.items[r];
        if (state != region && !letter_is_descendant(letter, state, region))
            continue;
        for (size_t i = 0; i < named.count; i++)
            if (named.items[i] == region || letter_is_descendant(letter, named.items[i], region))
                return true;
    }
    return false;
}

static inline struct letter_set letter_exit_set(struct letter *letter, uint16_t t)
{
    struct letter_set exits = {.count = 0};
    uint16_t domain = letter_domain(letter, t);
    for (uint16_t s = 1; domain != CHART_NONE && s < letter->kit->chart.state_count; s++)
        if (letter->kit->configuration.active[s] && letter_is_descendant(letter, s, domain) &&
            letter_is_left(letter, t, domain, s))
            letter_add(&exits, s);
    return exits;
}

static inline struct letter_set letter_remove_conflicting(struct letter *letter,
                                                          const struct letter_set *enabled)
{
    struct letter_set filtered = {.count = 0};
    for (size_t i = 0; i < enabled->count; i++) {
        struct letter_set exits = letter_exit_set(letter, enabled->items[i]), kept = {.count = 0};
        bool pre_empted = false;
        for (size_t f = 0; f < filtered.count && !pre_empted; f++) {
            struct letter_set others = letter_exit_set(letter, filtered.items[f]);
            bool meet = false;
            for (size_t e = 0; e < exits.count; e++)
                meet = meet || letter_holds(&others, exits.items[e]);
            if (!meet)
                letter_add(&kept, filtered.items[f]);
            else if (!letter_is_descendant(letter,
                                           letter->kit->transitions[enabled->items[i]].source,
                                           letter->kit->transitions[filtered.items[f]].source))
                pre_empted = true;
        }
        if (pre_empted)
            continue;
        filtered = kept;
        letter_add(&filtered, enabled->items[i]);
    }
    return filtered;
}

static inline struct letter_set letter_select(struct letter *letter,
                                              const struct chart_event *event)
{
    const struct kit *kit = letter->kit;
    struct letter_set enabled = {.count = 0};
    for (uint16_t s = 1; s < kit->chart.state_count; s++) {
        if (!kit->configuration.active[s] || !letter_is_atomic(letter, s))
            continue;
        bool found = false;
        for (uint16_t a = s; a != 0 && !found; a = kit->states[a].parent)
            for (uint16_t t = 0; t < kit->chart.transition_count && !found; t++)
                if (kit->transitions[t].source == a && letter_name_match(letter, t, event) &&
                    letter_condition_match(letter, t, event)) {
                    letter_add(&enabled, t);
                    found = true;
                }
    }
    return letter_remove_conflicting(letter, &enabled);
}

#endif
