/* The statechart interpreter: the bytes say which chart, which guards hold, what actions raise, and
 * which events come. A model of its own follows what the interpreter tells the hooks:
 *
 * - a state is entered when it is not active and its parent is, left when nothing inside it is;
 * - what the hooks were told is what the configuration says, and that is legal;
 * - histories remember what was active when their parent was left;
 * - a guard is asked only of what chart_candidates names;
 * - the same chart and events give the same calls. */
#include <errno.h>
#include <string.h>

#include "chart/chart.h"
#include "fuzz.h"

enum {
    STATES_MAX = 40,
    TRANSITIONS_MAX = 60,
    EVENTS_MAX = 24,
    CALLS_PATIENT = 100, /* of a macrostep that is not endless on purpose */
    DEPTH_MAX = 6,
    MEMORY_MAX = 64 << 20
};

static const struct text ids[] = {
    TEXT("s1"),  TEXT("s2"),  TEXT("s3"),  TEXT("s4"),  TEXT("s5"),  TEXT("s6"),  TEXT("s7"),
    TEXT("s8"),  TEXT("s9"),  TEXT("s10"), TEXT("s11"), TEXT("s12"), TEXT("s13"), TEXT("s14"),
    TEXT("s15"), TEXT("s16"), TEXT("s17"), TEXT("s18"), TEXT("s19"), TEXT("s20"), TEXT("s21"),
    TEXT("s22"), TEXT("s23"), TEXT("s24"), TEXT("s25"), TEXT("s26"), TEXT("s27"), TEXT("s28"),
    TEXT("s29"), TEXT("s30"), TEXT("s31"), TEXT("s32"), TEXT("s33"), TEXT("s34"), TEXT("s35"),
    TEXT("s36"), TEXT("s37"), TEXT("s38"), TEXT("s39"), TEXT("s40")};
static const struct text descriptors[] = {TEXT("a"), TEXT("b"),          TEXT("a.b"),
                                          TEXT("*"), TEXT("a.*"),        TEXT("done.state.s2"),
                                          TEXT("c"), TEXT("done.state"), TEXT("error.execution")};
static const struct text events[] = {TEXT("a"), TEXT("b"), TEXT("a.b"), TEXT("a.b.c"), TEXT("c")};

/* ---- A chart ---- */

struct build {
    struct fuzz_bytes *bytes;
    struct arena *arena;
    bool is_careless;
    struct chart chart;
    struct chart_state states[STATES_MAX + 1];
    struct chart_transition transitions[TRANSITIONS_MAX];
};

static uint16_t add_state(struct build *build, uint16_t parent, enum chart_kind kind)
{
    uint16_t number = build->chart.state_count++;

    build->states[number] = (struct chart_state){.id = number > 0 ? ids[number - 1] : TEXT(""),
                                                 .kind = kind,
                                                 .parent = parent,
                                                 .default_transition = CHART_NONE};
    return number;
}

static void add_children(struct build *build, uint16_t parent, unsigned depth)
{
    unsigned count = 1 + fuzz_below(build->bytes, 4);

    for (unsigned i = 0; i < count && build->chart.state_count <= STATES_MAX; i++) {
        /* A parallel state of one or none is legal, but the rest must be filled. */
        static const enum chart_kind kinds[] = {CHART_ATOMIC,   CHART_ATOMIC,  CHART_COMPOUND,
                                                CHART_PARALLEL, CHART_FINAL,   CHART_HISTORY,
                                                CHART_COMPOUND, CHART_PARALLEL};
        enum chart_kind kind = kinds[fuzz_below(build->bytes, 8)];
        bool is_inner = kind == CHART_COMPOUND || kind == CHART_PARALLEL;
        bool is_region = build->states[parent].kind == CHART_PARALLEL;

        if ((is_inner && (depth == DEPTH_MAX || build->chart.state_count == STATES_MAX)) ||
            (kind == CHART_FINAL && is_region) ||
            (kind == CHART_HISTORY && (parent == 0 || i == 0)))
            kind = CHART_ATOMIC;
        uint16_t state = add_state(build, parent, kind);
        build->states[state].deep = kind == CHART_HISTORY && fuzz_below(build->bytes, 2);
        if (kind == CHART_COMPOUND || kind == CHART_PARALLEL)
            add_children(build, state, depth + 1);
    }
}

/* The number behind the last state inside; before sealing. */
static uint16_t end_of(const struct build *build, uint16_t state)
{
    uint16_t s = (uint16_t)(state + 1);

    for (; s < build->chart.state_count; s++) {
        uint16_t a = s;
        while (a != CHART_NONE && a != state)
            a = build->states[a].parent;
        if (a == CHART_NONE)
            break;
    }
    return s;
}

static uint16_t pick_state(struct build *build, uint16_t within)
{
    uint16_t first = (uint16_t)(within + 1), end = end_of(build, within);

    CHECK(first < end);
    return (uint16_t)(first + fuzz_below(build->bytes, (unsigned)(end - first)));
}

/* A state inside `within` that is not inside any of the regions around `other`, of which one is a
 * child of a parallel state: both can be active together. CHART_NONE where there is none. */
static uint16_t pick_beside(struct build *build, uint16_t within, uint16_t other)
{
    const struct chart_state *states = build->states;
    uint16_t parallel = states[other].parent, region = other, sibling = CHART_NONE;

    while (parallel != CHART_NONE && parallel >= within &&
           states[parallel].kind != CHART_PARALLEL) {
        region = parallel;
        parallel = states[parallel].parent;
    }
    if (parallel == CHART_NONE || parallel < within)
        return CHART_NONE;
    for (uint16_t s = (uint16_t)(parallel + 1); s < end_of(build, parallel); s++)
        if (states[s].parent == parallel && s != region && states[s].kind != CHART_HISTORY &&
            (sibling == CHART_NONE || fuzz_below(build->bytes, 2)))
            sibling = s;
    if (sibling == CHART_NONE || end_of(build, sibling) == sibling + 1 ||
        fuzz_below(build->bytes, 2))
        return sibling;
    return pick_state(build, sibling);
}

/* A list of states inside `within`: mostly one, or two that can be active together. A careless
 * chart has any, and sealing says what is wrong with them. */
static const uint16_t *pick_targets(struct build *build, uint16_t within, uint16_t *count_out)
{
    uint16_t *targets = ARENA_ARRAY(build->arena, uint16_t, 3), beside = CHART_NONE;
    bool has_more = fuzz_below(build->bytes, 4) == 0;

    targets[0] = pick_state(build, within);
    *count_out = 1;
    while (has_more && build->is_careless && *count_out < 3)
        targets[(*count_out)++] = pick_state(build, within);
    if (has_more && !build->is_careless && build->states[targets[0]].kind != CHART_HISTORY)
        beside = pick_beside(build, within, targets[0]);
    if (beside != CHART_NONE)
        targets[(*count_out)++] = beside;
    return targets;
}

static struct chart_transition *add_transition(struct build *build, uint16_t source,
                                               enum chart_trigger trigger)
{
    struct chart_transition *transition = &build->transitions[build->chart.transition_count++];

    *transition = (struct chart_transition){.id = TEXT("t"), .source = source, .trigger = trigger};
    return transition;
}

/* Which is no history. */
static const uint16_t *first_child(struct build *build, uint16_t parent, uint16_t *count_out)
{
    uint16_t *target = ARENA_NEW(build->arena, uint16_t);

    *target = (uint16_t)(parent + 1);
    CHECK(build->states[*target].kind != CHART_HISTORY);
    *count_out = 1;
    return target;
}

static void add_defaults(struct build *build)
{
    for (uint16_t s = 1; s < build->chart.state_count; s++) {
        if (build->states[s].kind != CHART_HISTORY)
            continue;
        build->states[s].default_transition = build->chart.transition_count;
        struct chart_transition *t = add_transition(build, s, CHART_DEFAULT);
        t->targets = pick_targets(build, build->states[s].parent, &t->target_count);
        /* A history that leads to a history may lead in a circle. */
        if (!build->is_careless && build->states[*t->targets].kind == CHART_HISTORY)
            t->targets = first_child(build, build->states[s].parent, &t->target_count);
    }
}

static void add_transitions(struct build *build)
{
    static const enum chart_trigger triggers[] = {CHART_ON, CHART_ON,    CHART_ON,
                                                  CHART_ON, CHART_AFTER, CHART_ALWAYS};
    unsigned count = fuzz_below(build->bytes, 24);

    for (unsigned i = 0; i < count && build->chart.transition_count < TRANSITIONS_MAX; i++) {
        uint16_t source =
            (uint16_t)(1 + fuzz_below(build->bytes, (unsigned)build->chart.state_count - 1));
        enum chart_kind kind = build->states[source].kind;

        if (kind == CHART_FINAL || kind == CHART_HISTORY)
            continue;
        struct chart_transition *t =
            add_transition(build, source, triggers[fuzz_below(build->bytes, 6)]);
        t->event = descriptors[fuzz_below(build->bytes, 9)];
        t->reenter = fuzz_below(build->bytes, 4) == 0;
        if (fuzz_below(build->bytes, 6) > 0)
            t->targets = pick_targets(build, 0, &t->target_count);
    }
}

static void add_initials(struct build *build)
{
    for (uint16_t s = 0; s < build->chart.state_count; s++)
        if (build->states[s].kind == CHART_COMPOUND && fuzz_below(build->bytes, 3) == 0)
            build->states[s].initial = pick_targets(build, s, &build->states[s].initial_count);
}

/* False: sealing refused it, with a reason and a place. */
static bool build_chart(struct build *build)
{
    struct text why = TEXT_NONE;
    uint16_t state = 0, transition = 0;

    build->is_careless = fuzz_below(build->bytes, 8) == 1;
    build->chart.states = build->states;
    build->chart.transitions = build->transitions;
    add_state(build, CHART_NONE, CHART_COMPOUND);
    add_children(build, 0, 1);
    add_defaults(build);
    add_transitions(build);
    add_initials(build);
    int status = chart_seal(build->arena, &build->chart, &why, &state, &transition);
    CHECK(status == 0 || status == -EINVAL);
    if (status == 0)
        return true;
    CHECK(why.size > 0);
    CHECK(state == CHART_NONE || state < build->chart.state_count);
    CHECK(transition == CHART_NONE || transition < build->chart.transition_count);
    return false;
}

/* ---- A run, and the model beside it ---- */

struct run {
    const struct chart *chart;
    struct arena *arena;
    const uint8_t *answers; /* what guards say and actions raise, by a number that is mixed */
    size_t answer_count;
    struct chart_configuration configuration;
    struct chart_run *under_way;
    bool active[STATES_MAX + 1];     /* by what the hooks were told */
    bool before[STATES_MAX + 1];     /* as the microstep began */
    bool candidate[TRANSITIONS_MAX]; /* of the external event */
    bool is_first; /* the event at hand is the external one, no microstep has been taken */
    size_t microsteps;
    uint64_t digest; /* of all calls */
    unsigned calls;  /* of this macrostep */
    bool is_endless; /* as many of them as it likes: until the interpreter has had enough */
};

static void note(struct run *run, uint64_t what)
{
    run->digest = (run->digest ^ what) * 0x100000001b3U;
    run->calls++;
}

/* A decision that depends on what is decided and on all that went before. Of most runs a macrostep
 * ends: from a number of calls on no guard holds and nothing is raised. */
static unsigned decide(struct run *run, unsigned what)
{
    uint64_t mixed = (run->digest ^ what) * 0x9e3779b97f4a7c15U;

    if (run->calls > CALLS_PATIENT && !run->is_endless)
        return 3;
    return run->answer_count > 0 ? run->answers[(mixed >> 33) % run->answer_count] : 0;
}

static void raise_some(struct run *run, unsigned what)
{
    unsigned decision = decide(run, what);

    if (decision % 8 == 1)
        chart_raise(run->under_way, events[decision / 8 % 5], value_null());
}

static enum chart_answer guard(void *self, uint16_t transition, const struct chart_event *event)
{
    struct run *run = self;
    const struct chart_transition *t = &run->chart->transitions[transition];
    unsigned decision = decide(run, transition);

    CHECK(run->active[t->source]);
    CHECK((event == NULL) == (t->trigger == CHART_ALWAYS));
    CHECK(!run->is_first || event == NULL || run->candidate[transition]);
    CHECK(t->trigger != CHART_AFTER || event->transition == transition);
    CHECK(t->trigger != CHART_ON || chart_event_matches(t->event, event->name));
    note(run, 1000u + transition);
    return decision % 8 == 7 ? CHART_ERROR : decision % 4 == 3 ? CHART_NO : CHART_YES;
}

static void selected(void *self, const uint16_t *transitions, size_t count,
                     const struct chart_event *event)
{
    struct run *run = self;

    CHECK(count > 0);
    for (size_t i = 0; i < count; i++) {
        CHECK(run->active[run->chart->transitions[transitions[i]].source]);
        CHECK((event == NULL) == (run->chart->transitions[transitions[i]].trigger == CHART_ALWAYS));
        note(run, 2000u + transitions[i]);
    }
    memcpy(run->before, run->active, sizeof run->before);
    run->microsteps++;
    run->is_first = false;
}

static bool is_inside(const struct chart *chart, uint16_t state, uint16_t ancestor)
{
    while (state != CHART_NONE && state != ancestor)
        state = chart->states[state].parent;
    return state == ancestor;
}

/* The memory of a history against the model of what was active as the microstep began. */
static void judge_memory(const struct run *run, uint16_t history)
{
    const struct chart *chart = run->chart;
    const struct chart_memory *memory = &run->configuration.memories[history];
    uint16_t parent = chart->states[history].parent, next = 0;

    CHECK(memory->is_set);
    for (uint16_t s = 1; s < chart->state_count; s++) {
        enum chart_kind kind = chart->states[s].kind;
        bool is_leaf = kind == CHART_ATOMIC || kind == CHART_FINAL;
        bool is_meant = chart->states[history].deep
                            ? s != parent && is_leaf && is_inside(chart, s, parent)
                            : chart->states[s].parent == parent;
        if (!run->before[s] || !is_meant)
            continue;
        CHECK(next < memory->count);
        CHECK(memory->states[next] == s);
        next++;
    }
    CHECK(next == memory->count);
}

static void leave(void *self, uint16_t state)
{
    struct run *run = self;

    CHECK(run->active[state]);
    for (uint16_t s = 1; s < run->chart->state_count; s++) {
        CHECK(!run->active[s] || run->chart->states[s].parent != state);
        if (run->chart->states[s].kind == CHART_HISTORY && run->chart->states[s].parent == state)
            judge_memory(run, s);
    }
    note(run, 3000u + state);
    raise_some(run, state);
    run->active[state] = false;
}

static void act(void *self, uint16_t transition)
{
    struct run *run = self;

    note(run, 4000u + transition);
    raise_some(run, 100u + transition);
}

static void enter(void *self, uint16_t state)
{
    struct run *run = self;
    uint16_t parent = run->chart->states[state].parent;

    CHECK(state > 0);
    CHECK(!run->active[state]);
    CHECK(parent == 0 || run->active[parent]);
    CHECK(run->chart->states[state].kind != CHART_HISTORY);
    for (uint16_t s = 1; s < run->chart->state_count; s++)
        CHECK(run->chart->states[parent].kind == CHART_PARALLEL || !run->active[s] ||
              run->chart->states[s].parent != parent);
    run->active[state] = true;
    note(run, 5000u + state);
    raise_some(run, 200u + state);
}

static struct value final_data(void *self, uint16_t state)
{
    struct run *run = self;

    CHECK(run->chart->states[state].kind == CHART_FINAL);
    CHECK(run->chart->states[state].parent != 0);
    note(run, 6000u + state);
    return value_int(state);
}

static void bind(void *self, const struct chart_event *event)
{
    struct run *run = self;

    note(run, event->is_internal ? 7001u : 7000u);
    run->is_first = !event->is_internal;
}

static void begin(void *self, struct chart_run *under_way)
{
    ((struct run *)self)->under_way = under_way;
}

static const struct chart_hooks hooks = {.guard = guard,
                                         .selected = selected,
                                         .leave = leave,
                                         .act = act,
                                         .enter = enter,
                                         .final_data = final_data,
                                         .bind = bind};

static void judge_end(const struct run *run, const struct chart_result *result, size_t microsteps)
{
    CHECK(chart_configuration_is_legal(run->chart, &run->configuration));
    CHECK(result->microsteps == microsteps);
    bool is_closed = false;
    for (uint16_t s = 1; s < run->chart->state_count; s++) {
        CHECK(run->configuration.active[s] == run->active[s]);
        is_closed |= run->active[s] && run->chart->states[s].parent == 0 &&
                     run->chart->states[s].kind == CHART_FINAL;
    }
    CHECK(result->is_closed == is_closed);
}

static bool start(struct run *run)
{
    struct chart_event event = {.name = TEXT("case.open"), .transition = CHART_NONE};
    struct chart_hooks own = hooks;
    struct chart_result result;

    own.self = run;
    run->calls = 0;
    run->configuration = chart_configuration_empty(run->arena, run->chart);
    int status =
        chart_start(run->chart, &run->configuration, &event, &own, run->arena, begin, &result);
    CHECK(status == 0 || status == -ELOOP);
    if (status != 0)
        return false;
    CHECK(result.taken);
    judge_end(run, &result, run->microsteps + 1);
    return true;
}

/* One event; false: it would not end, and the case stays as it is. */
static bool step(struct run *run, unsigned choice)
{
    struct chart_event event = {.name = events[choice % 5], .transition = CHART_NONE};
    struct chart_configuration before =
        chart_configuration_copy(run->arena, run->chart, &run->configuration);
    struct chart_hooks own = hooks;
    struct chart_result result;
    size_t count;

    if (choice >= 128 && run->chart->transition_count > 0)
        event = (struct chart_event){
            .name = TEXT("timer"), .transition = (uint16_t)(choice % run->chart->transition_count)};
    own.self = run;
    const uint16_t *candidates =
        chart_candidates(run->chart, &run->configuration, &event, run->arena, &count);
    memset(run->candidate, 0, sizeof run->candidate);
    for (size_t i = 0; i < count; i++) {
        CHECK(!run->candidate[candidates[i]]);
        run->candidate[candidates[i]] = true;
    }
    run->microsteps = 0;
    run->calls = 0;
    int status =
        chart_step(run->chart, &run->configuration, &event, &own, run->arena, begin, &result);
    CHECK(status == 0 || status == -ELOOP);
    if (status == 0) {
        judge_end(run, &result, run->microsteps);
        CHECK(!result.taken || count > 0);
        return true;
    }
    run->configuration = before;
    memcpy(run->active, before.active, run->chart->state_count * sizeof *run->active);
    return false;
}

static uint64_t play(const struct chart *chart, struct fuzz_bytes bytes)
{
    ARENA_SCOPED struct arena *arena = arena_create("run");
    struct run run = {.chart = chart, .arena = arena, .digest = 0xcbf29ce484222325U};
    unsigned event_count = fuzz_below(&bytes, EVENTS_MAX);

    run.is_endless = fuzz_below(&bytes, 32) == 1;
    struct fuzz_bytes choices = bytes;

    for (unsigned i = 0; i < event_count; i++)
        fuzz_byte(&bytes);
    run.answers = bytes.at;
    run.answer_count = bytes.left;
    if (!start(&run))
        return run.digest;
    for (unsigned i = 0; i < event_count; i++)
        note(&run, step(&run, fuzz_byte(&choices)));
    CHECK(arena_bytes(arena) < MEMORY_MAX);
    return run.digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct fuzz_bytes bytes = {data, size};
    struct build *build = ARENA_NEW(arena, struct build);

    build->bytes = &bytes;
    build->arena = arena;
    if (!build_chart(build))
        return 0;
    uint64_t digest = play(&build->chart, bytes);
    CHECK(play(&build->chart, bytes) == digest);
    return 0;
}
