/* Charts written as a few lines of text, run with hooks that write down what they are told.
 *
 *   a  go>b  stay?n>a        a state and its transitions; `?n` `?e`: the guard says no, errs
 *   b parallel  off!x>>a     `!x`: the `do` raises x; `>>`: reenter; `tick>`: targetless
 *     r1 initial=r12         two spaces more: inside the state above
 *       r11  always>r12      always, after and default are triggers, anything else an event
 *       r12 final entry=x    entry and exit raise events; final=x is the data of a final state
 *
 * The trace of a macrostep: -left, +entered, state.event for a `do`, parted by blanks. */
#ifndef SANKOFA_TESTS_CHART_KIT_H
#define SANKOFA_TESTS_CHART_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "chart/chart.h"

enum { KIT_MAX = 256 };

struct kit {
    struct arena *arena;
    struct chart chart;
    struct chart_state states[KIT_MAX];
    struct chart_transition transitions[KIT_MAX];
    struct text initials[KIT_MAX], targets[KIT_MAX]; /* a,b: not resolved yet */
    struct text entry[KIT_MAX], exit[KIT_MAX], data[KIT_MAX], act[KIT_MAX]; /* events to raise */
    enum chart_answer answers[KIT_MAX];
    uint64_t salt; /* guards answer by it, the transition and what is active; 0: by answers */
    size_t asked[KIT_MAX]; /* how often a guard was asked */
    bool present[KIT_MAX]; /* entered and not left since */
    void (*raise)(struct kit *kit, struct text name);
    struct chart_configuration configuration;
    struct chart_run *run;
    struct chart_result result;
    struct text_buffer trace, bound, selected;
};

/* ---- Reading ---- */

/* Cuts off what stands before the first of `stops`; the rest keeps the stop. */
static inline struct text kit_cut(struct text *rest, const char *stops)
{
    size_t size = 0;
    while (size < rest->size && strchr(stops, rest->bytes[size]) == NULL)
        size++;
    struct text cut = {rest->bytes, size};
    rest->bytes += size;
    rest->size -= size;
    return cut;
}

static inline void kit_skip(struct text *rest, const char *prefix)
{
    assert_true(text_begins(*rest, prefix));
    rest->bytes += strlen(prefix);
    rest->size -= strlen(prefix);
}

static inline void kit_read_transition(struct kit *kit, uint16_t source, struct text token)
{
    uint16_t number = kit->chart.transition_count++;
    struct chart_transition *t = &kit->transitions[number];
    assert_true(number < KIT_MAX);
    t->source = source;
    t->event = kit_cut(&token, "?!>");
    t->trigger = text_is(t->event, "always")    ? CHART_ALWAYS
                 : text_is(t->event, "after")   ? CHART_AFTER
                 : text_is(t->event, "default") ? CHART_DEFAULT
                                                : CHART_ON;
    t->id =
        text_printf(kit->arena, "%.*s.%.*s", TEXT_ARG(kit->states[source].id), TEXT_ARG(t->event));
    if (t->trigger == CHART_DEFAULT)
        kit->states[source].default_transition = number;
    kit->answers[number] = CHART_YES;
    if (text_begins(token, "?")) {
        kit->answers[number] = token.bytes[1] == 'n' ? CHART_NO : CHART_ERROR;
        kit_cut(&token, "!>");
    }
    if (text_begins(token, "!")) {
        kit_skip(&token, "!");
        kit->act[number] = kit_cut(&token, ">");
    }
    kit_skip(&token, ">");
    t->reenter = text_begins(token, ">");
    if (t->reenter)
        kit_skip(&token, ">");
    kit->targets[number] = token;
}

static inline void kit_read_token(struct kit *kit, uint16_t state, struct text token)
{
    struct text rest = token, word = kit_cut(&rest, "=>");
    struct chart_state *s = &kit->states[state];
    if (text_begins(rest, "=")) {
        kit_skip(&rest, "=");
        struct text *list = text_is(word, "initial") ? kit->initials
                            : text_is(word, "entry") ? kit->entry
                            : text_is(word, "exit")  ? kit->exit
                                                     : kit->data;
        list[state] = rest;
        s->kind = text_is(word, "final") ? CHART_FINAL : s->kind;
    } else if (text_begins(rest, ">")) {
        kit_read_transition(kit, state, token);
    } else if (text_is(word, "parallel")) {
        s->kind = CHART_PARALLEL;
    } else if (text_is(word, "final")) {
        s->kind = CHART_FINAL;
    } else if (text_is(word, "compound")) {
        s->kind = CHART_COMPOUND;
    } else {
        assert_true(text_is(word, "history") || text_is(word, "deep"));
        s->kind = CHART_HISTORY;
        s->deep = text_is(word, "deep");
    }
}

static inline uint16_t *kit_read_states(struct kit *kit, struct text list, uint16_t *count_out)
{
    uint16_t *states = ARENA_ARRAY(kit->arena, uint16_t, KIT_MAX);
    *count_out = 0;
    while (list.size > 0) {
        if (text_begins(list, ","))
            kit_skip(&list, ",");
        uint16_t state = chart_state_named(&kit->chart, kit_cut(&list, ","));
        assert_int_not_equal(state, CHART_NONE);
        states[(*count_out)++] = state;
    }
    return *count_out > 0 ? states : NULL;
}

static inline void kit_read_line(struct kit *kit, struct text line, uint16_t *above)
{
    size_t indent = 0;
    while (indent < line.size && line.bytes[indent] == ' ')
        indent++;
    line = (struct text){line.bytes + indent, line.size - indent};
    uint16_t state = kit->chart.state_count++;
    assert_true(state < KIT_MAX);
    uint16_t parent = above[indent / 2];
    above[indent / 2 + 1] = state;
    kit->states[state] = (struct chart_state){
        .id = kit_cut(&line, " "), .parent = parent, .default_transition = CHART_NONE};
    if (kit->states[parent].kind == CHART_ATOMIC)
        kit->states[parent].kind = CHART_COMPOUND;
    while (line.size > 0) {
        if (line.bytes[0] == ' ')
            kit_skip(&line, " ");
        else
            kit_read_token(kit, state, kit_cut(&line, " "));
    }
}

static inline void kit_raise(struct kit *kit, struct text name)
{
    chart_raise(kit->run, name, value_null());
}

/* Reads a chart that is not sealed yet. */
static inline struct kit *kit_read(struct arena *arena, const char *source)
{
    struct kit *kit = ARENA_NEW(arena, struct kit);
    struct text rest = text_from(source);
    uint16_t above[64] = {0};
    kit->arena = arena;
    kit->raise = kit_raise;
    kit->chart =
        (struct chart){.states = kit->states, .transitions = kit->transitions, .state_count = 1};
    kit->states[0] = (struct chart_state){
        .kind = CHART_COMPOUND, .parent = CHART_NONE, .default_transition = CHART_NONE};
    while (rest.size > 0) {
        struct text line = kit_cut(&rest, "\n");
        if (rest.size > 0)
            kit_skip(&rest, "\n");
        if (text_begins(line, "initial="))
            kit_read_token(kit, 0, line);
        else
            kit_read_line(kit, line, above);
    }
    for (uint16_t s = 0; s < kit->chart.state_count; s++)
        kit->states[s].initial =
            kit_read_states(kit, kit->initials[s], &kit->states[s].initial_count);
    for (uint16_t t = 0; t < kit->chart.transition_count; t++)
        kit->transitions[t].targets =
            kit_read_states(kit, kit->targets[t], &kit->transitions[t].target_count);
    return kit;
}

/* ---- Hooks ---- */

static inline void kit_raise_all(struct kit *kit, struct text events)
{
    while (events.size > 0) {
        if (text_begins(events, ","))
            kit_skip(&events, ",");
        kit->raise(kit, kit_cut(&events, ","));
    }
}

static inline void kit_note(struct text_buffer *buffer, const char *sign, struct text what)
{
    text_append_printf(buffer, "%s%s%.*s", buffer->size > 0 ? " " : "", sign, TEXT_ARG(what));
}

static inline enum chart_answer kit_guard(void *self, uint16_t transition,
                                          const struct chart_event *event)
{
    struct kit *kit = self;
    (void)event;
    kit->asked[transition]++;
    if (kit->salt == 0)
        return kit->answers[transition];
    uint64_t hash = kit->salt + transition;
    for (uint16_t s = 0; s < kit->chart.state_count; s++)
        hash = (hash ^ kit->configuration.active[s]) * 1099511628211u;
    return hash >> 60 < 10 ? CHART_YES : hash >> 60 < 14 ? CHART_NO : CHART_ERROR;
}

static inline void kit_selected(void *self, const uint16_t *transitions, size_t count,
                                const struct chart_event *event)
{
    struct kit *kit = self;
    kit_note(&kit->selected, "[", event ? event->name : TEXT("always"));
    for (size_t i = 0; i < count; i++)
        kit_note(&kit->selected, "", kit->transitions[transitions[i]].id);
    text_append(&kit->selected, TEXT("]"));
}

static inline void kit_leave(void *self, uint16_t state)
{
    struct kit *kit = self;
    assert_true(kit->configuration.active[state]);
    assert_true(kit->present[state]);
    kit->present[state] = false;
    kit_note(&kit->trace, "-", kit->states[state].id);
    kit_raise_all(kit, kit->exit[state]);
}

static inline void kit_act(void *self, uint16_t transition)
{
    struct kit *kit = self;
    kit_note(&kit->trace, "", kit->transitions[transition].id);
    kit_raise_all(kit, kit->act[transition]);
}

static inline void kit_enter(void *self, uint16_t state)
{
    struct kit *kit = self;
    assert_true(kit->configuration.active[state]);
    assert_false(kit->present[state]);
    kit->present[state] = true;
    kit_note(&kit->trace, "+", kit->states[state].id);
    kit_raise_all(kit, kit->entry[state]);
}

static inline struct value kit_final_data(void *self, uint16_t state)
{
    struct kit *kit = self;
    return kit->data[state].size > 0 ? value_string(kit->data[state]) : value_null();
}

static inline void kit_bind(void *self, const struct chart_event *event)
{
    struct kit *kit = self;
    kit_note(&kit->bound, event->is_internal ? "~" : "", event->name);
    if (event->data.kind == VALUE_STRING)
        kit_note(&kit->bound, "=", event->data.string);
}

static inline void kit_begin(void *self, struct chart_run *run)
{
    ((struct kit *)self)->run = run;
}

/* ---- Running ---- */

static inline struct chart_hooks kit_hooks(struct kit *kit)
{
    text_buffer_init(&kit->trace, kit->arena);
    text_buffer_init(&kit->bound, kit->arena);
    text_buffer_init(&kit->selected, kit->arena);
    memset(kit->asked, 0, sizeof(kit->asked));
    return (struct chart_hooks){.self = kit,
                                .guard = kit_guard,
                                .selected = kit_selected,
                                .leave = kit_leave,
                                .act = kit_act,
                                .enter = kit_enter,
                                .final_data = kit_final_data,
                                .bind = kit_bind};
}

/* Reads, seals and starts a chart. */
static inline struct kit *kit_start(struct arena *arena, const char *source)
{
    struct kit *kit = kit_read(arena, source);
    struct text why;
    uint16_t state, transition;
    if (chart_seal(arena, &kit->chart, &why, &state, &transition) < 0)
        fail_msg("%.*s", TEXT_ARG(why));
    kit->configuration = chart_configuration_empty(arena, &kit->chart);
    struct chart_event event = {.name = TEXT("case.open"), .transition = CHART_NONE};
    struct chart_hooks hooks = kit_hooks(kit);
    assert_int_equal(chart_start(&kit->chart, &kit->configuration, &event, &hooks, arena, kit_begin,
                                 &kit->result),
                     0);
    return kit;
}

static inline int kit_step(struct kit *kit, const struct chart_event *event)
{
    struct chart_hooks hooks = kit_hooks(kit);
    return chart_step(&kit->chart, &kit->configuration, event, &hooks, kit->arena, kit_begin,
                      &kit->result);
}

/* One macrostep; whether the event was taken. */
static inline bool kit_send(struct kit *kit, const char *name)
{
    struct chart_event event = {.name = text_from(name), .transition = CHART_NONE};
    assert_int_equal(kit_step(kit, &event), 0);
    return kit->result.taken;
}

/* ---- Looking ---- */

static inline uint16_t kit_transition(const struct kit *kit, const char *id)
{
    for (uint16_t t = 0; t < kit->chart.transition_count; t++)
        if (text_is(kit->transitions[t].id, id))
            return t;
    fail_msg("no transition %s", id);
    return CHART_NONE;
}

static inline void kit_compare(struct kit *kit, const struct text_buffer *buffer,
                               const char *expected, const char *file, int line)
{
    struct text got = text_copy(kit->arena, text_buffer_text(buffer));
    _assert_string_equal(got.size > 0 ? got.bytes : "", expected, file, line);
}

/* The active states that hold no others. */
static inline void kit_compare_active(struct kit *kit, const char *expected, const char *file,
                                      int line)
{
    struct text_buffer active;
    text_buffer_init(&active, kit->arena);
    for (uint16_t s = 1; s < kit->chart.state_count; s++)
        if (kit->configuration.active[s] && kit->states[s].child_count == 0)
            kit_note(&active, "", kit->states[s].id);
    kit_compare(kit, &active, expected, file, line);
}

#define KIT_TRACE(kit, expected) kit_compare((kit), &(kit)->trace, (expected), __FILE__, __LINE__)
#define KIT_BOUND(kit, expected) kit_compare((kit), &(kit)->bound, (expected), __FILE__, __LINE__)
#define KIT_SELECTED(kit, expected)                                                                \
    kit_compare((kit), &(kit)->selected, (expected), __FILE__, __LINE__)
#define KIT_ACTIVE(kit, expected) kit_compare_active((kit), (expected), __FILE__, __LINE__)

/* A test with an arena of its own. */
static inline int kit_setup(void **state)
{
    *state = arena_create("test");
    return 0;
}

static inline int kit_teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

#endif
