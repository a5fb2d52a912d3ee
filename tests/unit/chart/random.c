/* Random charts under random events: the configuration is always legal, every exit has its entry,
 * the same event from a copy gives the same calls, and Appendix D as it is written gives them too.
 *
 * The charts are written as text, so that one that fails can be read and kept as a test. */
#include "chart/letter.h"

#include <errno.h>
#include <stdio.h>

enum { CHARTS = 600, EVENTS = 10, STATES_MAX = 22 };

/* ---- Making charts ---- */

struct maker {
    uint64_t seed;
    struct text_buffer text;
    unsigned made;    /* states so far */
    unsigned planned; /* targets are drawn from so many */
};

/* 0 to below - 1, by xorshift. */
static unsigned draw(struct maker *maker, unsigned below)
{
    maker->seed ^= maker->seed << 13;
    maker->seed ^= maker->seed >> 7;
    maker->seed ^= maker->seed << 17;
    return (unsigned)((maker->seed >> 20) % below);
}

static void make_targets(struct maker *maker)
{
    unsigned count = draw(maker, 4) == 0 ? 2 : 1;
    for (unsigned i = 0; i < count; i++)
        text_append_printf(&maker->text, "%ss%u", i > 0 ? "," : "", draw(maker, maker->planned));
}

static void make_transition(struct maker *maker)
{
    static const char *const events[] = {
        "x", "y", "z", "x.far", "x", "y", "z", "y.*", "x.*", "done.state", "error.execution", "*"};
    const char *event = events[draw(maker, sizeof(events) / sizeof(*events))];
    if (draw(maker, 30) == 0)
        event = "always";
    text_append_printf(&maker->text, " %s", event);
    if (draw(maker, 30) == 0)
        text_append_printf(&maker->text, "!%s", draw(maker, 2) ? "x" : "y.far,z");
    text_append(&maker->text, draw(maker, 3) ? TEXT(">") : TEXT(">>"));
    if (draw(maker, 8) > 0)
        make_targets(maker);
}

/* The default leads to a state behind its parent, which is likely inside it. */
static void make_history(struct maker *maker, unsigned parent)
{
    unsigned target = parent + 1 + draw(maker, 3);
    const char *kind = draw(maker, 2) ? "deep default" : "history default!z";
    text_append_printf(&maker->text, "%s>s%u\n", kind,
                       target < maker->planned ? target : maker->planned - 1);
}

/* A state and what is inside it. Histories and final states stand where they may. */
static void make_state(struct maker *maker, unsigned depth, unsigned parent, bool in_parallel)
{
    unsigned self = maker->made++, room = maker->planned - maker->made, kind = draw(maker, 14);
    text_append_printf(&maker->text, "%*ss%u ", (int)(2 * depth), "", self);
    if (kind == 0 && depth > 0 && self > parent + 1) {
        make_history(maker, parent);
        return;
    }
    if (kind == 1 && self > 0 && !in_parallel && (depth > 0 || draw(maker, 2) == 0)) {
        text_append(&maker->text, TEXT("final\n"));
        return;
    }
    unsigned children = depth < 4 && kind > 4 ? 1 + draw(maker, 4) : 0;
    bool parallel = children > 0 && kind > 10;
    children = children < room ? children : room;
    if (children > 0 && parallel)
        text_append(&maker->text, TEXT(" parallel"));
    else if (children > 0 && draw(maker, 4) == 0)
        text_append_printf(&maker->text, " initial=s%u", maker->made + draw(maker, children));
    if (draw(maker, 25) == 0)
        text_append(&maker->text, draw(maker, 2) ? TEXT(" entry=y") : TEXT(" exit=z"));
    for (unsigned t = draw(maker, 4); t > 0; t--)
        make_transition(maker);
    text_append(&maker->text, TEXT("\n"));
    for (unsigned i = 0; i < children && maker->made < maker->planned; i++)
        make_state(maker, depth + 1, self, parallel);
}

static struct text make_chart(struct arena *arena, uint64_t seed)
{
    struct maker maker = {.seed = (seed + 1) * 0x9e3779b97f4a7c15u};
    text_buffer_init(&maker.text, arena);
    maker.planned = 4 + draw(&maker, STATES_MAX - 4);
    while (maker.made < maker.planned)
        make_state(&maker, 0, 0, false);
    return text_buffer_text(&maker.text);
}

/* ---- Running them ---- */

/* NULL: it cannot be sealed. Targets that cannot be active together are cut down to the first. */
static struct kit *read_chart(struct arena *arena, struct text source, uint64_t salt)
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

static void show(struct text source, const struct kit *a, const struct kit *b)
{
    print_error("%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n", TEXT_ARG(source),
                TEXT_ARG(text_buffer_text(&a->bound)), TEXT_ARG(text_buffer_text(&a->trace)),
                TEXT_ARG(text_buffer_text(&b->bound)), TEXT_ARG(text_buffer_text(&b->trace)));
}

static bool memories_equal(const struct chart_memory *a, const struct chart_memory *b)
{
    return a->is_set == b->is_set && a->count == b->count &&
           (!a->is_set || memcmp(a->states, b->states, a->count * sizeof(*a->states)) == 0);
}

/* Two kits of one chart were told the same and are in the same configuration. */
static void compare(struct text source, const struct kit *a, const struct kit *b)
{
    size_t state_count = a->chart.state_count;
    bool same = text_equal(text_buffer_text(&a->trace), text_buffer_text(&b->trace)) &&
                text_equal(text_buffer_text(&a->bound), text_buffer_text(&b->bound)) &&
                text_equal(text_buffer_text(&a->selected), text_buffer_text(&b->selected)) &&
                memcmp(a->configuration.active, b->configuration.active, state_count) == 0;
    for (size_t s = 0; s < state_count; s++)
        same = same && memories_equal(&a->configuration.memories[s], &b->configuration.memories[s]);
    if (!same)
        show(source, a, b);
    assert_true(same);
}

static void check_presence(const struct kit *kit)
{
    assert_true(chart_configuration_is_legal(&kit->chart, &kit->configuration));
    for (uint16_t s = 1; s < kit->chart.state_count; s++)
        assert_int_equal(kit->present[s], kit->configuration.active[s]);
}

/* How much was tried. */
struct tally {
    unsigned charts, macrosteps, taken, unsettled, closed;
};

/* One event by the interpreter, by it again from a copy, and by the letter. False: the chart does
 * not settle, for none of them. */
static bool step_all(struct text source, struct kit *kit, struct kit *again, struct kit *other,
                     struct letter *letter, const char *name)
{
    struct chart_event event = {.name = text_from(name), .transition = CHART_NONE};
    again->configuration = chart_configuration_copy(kit->arena, &kit->chart, &kit->configuration);
    int status = kit_step(kit, &event);
    assert_int_equal(kit_step(again, &event), status);
    assert_int_equal(letter_step(letter, other, name), status == 0);
    if (status < 0)
        return false;
    compare(source, kit, again);
    compare(source, kit, other);
    assert_int_equal(kit->result.is_closed, !letter->running);
    check_presence(kit);
    return true;
}

static bool start_all(struct text source, struct kit *kit, struct kit *again, struct kit *other,
                      struct letter *letter)
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
    compare(source, kit, other);
    check_presence(kit);
    return true;
}

static void try_chart(struct arena *arena, uint64_t seed, struct tally *tally)
{
    static const char *const names[] = {"x", "y", "z", "x.far", "y.far"};
    struct maker dice = {.seed = seed * 77 + 1};
    struct text source = make_chart(arena, seed);
    struct kit *kit = read_chart(arena, source, seed + 1);
    if (kit == NULL)
        return;
    struct kit *again = read_chart(arena, source, seed + 1);
    struct kit *other = read_chart(arena, source, seed + 1);
    struct letter *letter = ARENA_NEW(arena, struct letter);
    tally->charts++;
    bool settles = start_all(source, kit, again, other, letter);
    for (unsigned e = 0; settles && e < EVENTS; e++) {
        settles = step_all(source, kit, again, other, letter, names[draw(&dice, 5)]);
        tally->macrosteps++;
        tally->taken += kit->result.taken;
        tally->closed += kit->result.is_closed;
    }
    tally->unsettled += !settles;
}

static void the_interpreter_does_what_the_appendix_says(void **state)
{
    struct tally tally = {0};
    (void)state;
    for (uint64_t seed = 0; seed < CHARTS; seed++) {
        ARENA_SCOPED struct arena *arena = arena_create("chart");
        try_chart(arena, seed, &tally);
    }
    print_message("%u charts, %u macrosteps, %u taken, %u closed, %u unsettled\n", tally.charts,
                  tally.macrosteps, tally.taken, tally.closed, tally.unsettled);
    /* The dice must give charts that do something. */
    assert_true(tally.charts > CHARTS / 4);
    assert_true(tally.taken > tally.macrosteps / 4);
    assert_true(tally.unsettled < tally.charts / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interpreter_does_what_the_appendix_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
