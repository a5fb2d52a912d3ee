/* What is active in a chart, and questions about charts that need no run. */
#include "chart/chart.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "chart/run.h"

bool chart_is_descendant(const struct chart *chart, uint16_t state, uint16_t ancestor)
{
    return state > ancestor && state <= chart->states[ancestor].last;
}

uint16_t chart_child_towards(const struct chart *chart, uint16_t ancestor, uint16_t state)
{
    while (chart->states[state].parent != ancestor)
        state = chart->states[state].parent;
    return state;
}

uint16_t chart_first_active(const struct chart *chart, const bool *active, uint16_t state)
{
    for (uint16_t s = (uint16_t)(state + 1); s <= chart->states[state].last; s++)
        if (active[s])
            return s;
    return CHART_NONE;
}

static uint16_t search_all(const struct chart *chart, struct text id)
{
    for (uint16_t s = 1; s < chart->state_count; s++)
        if (text_equal(chart->states[s].id, id))
            return s;
    return CHART_NONE;
}

uint16_t chart_state_named(const struct chart *chart, struct text id)
{
    if (chart->by_id == NULL)
        return search_all(chart, id);
    size_t low = 0, high = (size_t)chart->state_count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(chart->states[chart->by_id[middle]].id, id);
        if (order == 0)
            return chart->by_id[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return CHART_NONE;
}

bool chart_event_matches(struct text descriptor, struct text event)
{
    /* This is asked of every transition in reach, and few are wildcards: the last byte tells. */
    if (descriptor.size > 0 && descriptor.bytes[descriptor.size - 1] == '*') {
        if (descriptor.size == 1)
            return true;
        if (text_ends(descriptor, ".*"))
            descriptor.size -= 2;
    }
    if (event.size < descriptor.size || memcmp(event.bytes, descriptor.bytes, descriptor.size) != 0)
        return false;
    return event.size == descriptor.size || event.bytes[descriptor.size] == '.';
}

struct chart_configuration chart_configuration_empty(struct arena *arena, const struct chart *chart)
{
    return (struct chart_configuration){
        .active = ARENA_ARRAY(arena, bool, chart->state_count),
        .memories = ARENA_ARRAY(arena, struct chart_memory, chart->state_count),
    };
}

struct chart_configuration chart_configuration_copy(struct arena *arena, const struct chart *chart,
                                                    const struct chart_configuration *from)
{
    struct chart_configuration copy = chart_configuration_empty(arena, chart);
    memcpy(copy.active, from->active, chart->state_count * sizeof(*copy.active));
    for (uint16_t s = 0; s < chart->state_count; s++) {
        const struct chart_memory *memory = &from->memories[s];
        if (!memory->is_set)
            continue;
        copy.memories[s] = *memory;
        copy.memories[s].states =
            arena_copy(arena, memory->states, memory->count * sizeof(*memory->states));
    }
    return copy;
}

/* Whether the children of an active state are active as its kind asks. */
static bool children_are_legal(const struct chart *chart, const bool *active, uint16_t state)
{
    const struct chart_state *s = &chart->states[state];
    size_t region_count = 0, active_count = 0;
    for (uint16_t i = 0; i < s->child_count; i++) {
        if (chart->states[s->children[i]].kind == CHART_HISTORY)
            continue;
        region_count++;
        active_count += active[s->children[i]];
    }
    switch (s->kind) {
    case CHART_COMPOUND:
        return active_count == 1;
    case CHART_PARALLEL:
        return active_count == region_count;
    case CHART_ATOMIC:
    case CHART_FINAL:
        return true;
    case CHART_HISTORY:
        return false;
    }
    CHECK(!"a kind of state");
    return false;
}

/* What a history remembers lies inside its parent and is no history. */
static bool memory_is_legal(const struct chart *chart, uint16_t state,
                            const struct chart_memory *memory)
{
    if (!memory->is_set)
        return true;
    if (chart->states[state].kind != CHART_HISTORY || memory->count == 0)
        return false;
    for (uint16_t i = 0; i < memory->count; i++) {
        uint16_t remembered = memory->states[i];
        if (remembered >= chart->state_count || chart->states[remembered].kind == CHART_HISTORY ||
            !chart_is_descendant(chart, remembered, chart->states[state].parent))
            return false;
    }
    return true;
}

bool chart_configuration_is_legal(const struct chart *chart,
                                  const struct chart_configuration *configuration)
{
    const bool *active = configuration->active;
    if (!active[0])
        return false;
    for (uint16_t s = 0; s < chart->state_count; s++) {
        if (!memory_is_legal(chart, s, &configuration->memories[s]))
            return false;
        if (!active[s])
            continue;
        if (s > 0 && !active[chart->states[s].parent])
            return false;
        if (!children_are_legal(chart, active, s))
            return false;
    }
    return true;
}
