/* A world for the tests of the core: a workflow, one case of it, a clock that stands until it is
 * moved, and plugins that answer what the test told them.
 *
 * Every event that is applied is applied twice: to the case as the core made it, and to a shadow
 * that was recovered from the JSON of each entry, as a restart would. Both must give the same
 * entry, and each entry recovered must give the very case; and the event that the entry is made
 * again must give that entry, too (`sankofa admin replay`). */
#ifndef SANKOFA_TESTS_CASE_WORLD_H
#define SANKOFA_TESTS_CASE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "case/case.h"
#include "case/view.h"

#define WORLD_NOW_MS 1767254400000 /* 2026-01-01T08:00:00Z */
#define WORLD_DAY_MS INT64_C(86400000)

struct world {
    struct arena *arena;
    const struct workflow *workflow;
    struct case_state state, shadow;
    int64_t now_ms;
    uint64_t seq;
    /* What the next event bears; each is cleared by it. */
    struct text key, request, comment;
    bool has_revision;
    uint64_t revision;
    struct value checks; /* outcomes by key; an asked check that is not here is done with {} */
    /* What the last event gave. */
    struct case_plan plan;
    struct case_change change;
};

static struct case_person world_person(struct arena *arena, const char *id, const char *role)
{
    struct text *roles = ARENA_NEW(arena, struct text);
    *roles = text_from(role);
    return (struct case_person){
        .id = text_from(id), .person = text_from(id), .roles = roles, .role_count = 1};
}

static inline struct value world_json(struct world *world, const char *json)
{
    struct value value;
    struct json_fault fault;
    if (json_read(world->arena, text_from(json), &value, &fault) != 0)
        fail_msg("%s: %s", json, fault.message);
    return value;
}

static inline void world_start_in(struct world *world, const char *yaml,
                                  const struct workflow_context *context)
{
    struct diag_list diags;
    *world = (struct world){.arena = arena_create("test"), .now_ms = WORLD_NOW_MS};
    diag_list_init(&diags, world->arena);
    world->workflow = workflow_load(text_from(yaml), TEXT("test.yaml"), context, &diags);
    for (size_t i = 0; world->workflow == NULL && i < diags.count; i++)
        print_error("%s\n", diag_write_caret(world->arena, &diags.items[i], text_from(yaml)).bytes);
    assert_non_null(world->workflow);
    world->state.workflow = world->shadow.workflow = world->workflow;
    memset(world->state.id.bytes, 0xab, sizeof world->state.id.bytes);
    world->shadow.id = world->state.id;
    world->checks = value_map(world->arena);
}

static inline void world_start_with(struct world *world, const char *yaml,
                                    const struct plugin_source *plugins)
{
    const struct workflow_context context = {.plugins = plugins};
    world_start_in(world, yaml, &context);
}

static inline void world_start(struct world *world, const char *yaml)
{
    world_start_with(world, yaml, NULL);
}

static inline void world_end(struct world *world)
{
    arena_destroy(world->arena);
}

/* What a plugin answers to a check, by the check's key. */
static inline void world_check(struct world *world, const char *key, const char *outcome)
{
    value_put(&world->checks, key, world_json(world, outcome));
}

static inline void world_recover(struct world *world, const struct value *entry)
{
    struct value read, written;
    struct text json = json_write(world->arena, entry);
    assert_int_equal(json_read(world->arena, json, &read, NULL), 0);
    assert_true(value_equal(&read, entry));
    world->shadow.doc = case_recover(world->arena, &world->shadow.doc, &read);
    assert_true(value_equal(&world->shadow.doc, &world->change.doc));
    json = json_write(world->arena, &world->change.doc);
    assert_int_equal(json_read(world->arena, json, &written, NULL), 0);
    assert_true(value_equal(&written, &world->change.doc));
}

/* What comes from outside by nobody is for the author's tools, and never in a journal. */
static inline void world_replay(struct world *world, const struct case_event *first,
                                const struct value *stored)
{
    struct case_event event;
    struct case_plan plan = {0};
    struct case_change again = {0};
    if (first->kind == CASE_SIGNAL)
        return;
    assert_true(case_event_again(stored, &world->state.doc, first->seq, world->arena, &event));
    assert_int_equal(event.kind, first->kind);
    case_plan(&world->state, &event, world->arena, &plan);
    assert_true(plan.kind == CASE_CARRY || plan.kind == CASE_ASK);
    case_apply(&world->state, &event, world->arena, &again);
    assert_false(again.is_refused);
    if (!value_equal(&again.entry, stored))
        fail_msg("%s\nis run again to %s", json_write(world->arena, stored).bytes,
                 json_write(world->arena, &again.entry).bytes);
}

/* Carries out what was planned. */
static inline void world_apply(struct world *world, struct case_event *event)
{
    struct case_change again;
    struct value before = value_copy(world->arena, &world->state.doc);
    case_apply(&world->state, event, world->arena, &world->change);
    case_apply(&world->shadow, event, world->arena, &again);
    assert_true(value_equal(&before, &world->state.doc));
    assert_int_equal(again.is_refused, world->change.is_refused);
    if (world->change.is_refused) {
        assert_int_not_equal(world->change.problem.code, PROBLEM_NONE);
        return;
    }
    assert_true(value_equal(&again.entry, &world->change.entry));
    world_recover(world, &world->change.entry);
    world_replay(world, event, &world->change.entry);
    world->state.doc = world->change.doc;
    world->state.revision = world->state.last = event->seq;
    world->shadow.revision = world->shadow.last = event->seq;
    world->seq = event->seq;
}

/* Plans, answers checks, applies. The problem of a refusal, wherever it came; else PROBLEM_NONE. */
static inline enum problem_code world_play(struct world *world, struct case_event *event)
{
    event->now_ms = world->now_ms;
    event->seq = world->seq + 1;
    event->key = world->key;
    event->request = world->request;
    event->comment = world->comment;
    event->has_revision = world->has_revision;
    event->revision = world->revision;
    world->change = (struct case_change){0};
    case_plan(&world->state, event, world->arena, &world->plan);
    if (world->plan.kind == CASE_ASK) {
        event->checks = value_map(world->arena);
        for (size_t i = 0; i < world->plan.check_count; i++) {
            const struct value *told = value_get(&world->checks, world->plan.checks[i].key);
            value_set(&event->checks, world->plan.checks[i].key,
                      told ? *told : world_json(world, "{\"outcome\": \"done\", \"outputs\": {}}"));
        }
    }
    if (world->plan.kind == CASE_ASK || world->plan.kind == CASE_CARRY)
        world_apply(world, event);
    world->key = world->request = world->comment = TEXT_NONE;
    world->has_revision = false;
    if (world->plan.kind == CASE_REFUSE)
        return world->plan.problem.code;
    return world->change.is_refused ? world->change.problem.code : PROBLEM_NONE;
}

static inline const struct problem *world_problem(const struct world *world)
{
    return world->plan.kind == CASE_REFUSE ? &world->plan.problem : &world->change.problem;
}

static inline enum problem_code world_person_does(struct world *world, enum case_event_kind kind,
                                                  const struct case_person *person,
                                                  const char *name, const char *data)
{
    struct case_event event = {.kind = kind,
                               .name = text_from(name),
                               .person = person,
                               .data = data ? world_json(world, data) : value_null(),
                               .code = kind == CASE_OPEN ? TEXT("SN-2026-00042-G") : TEXT_NONE};
    return world_play(world, &event);
}

static inline enum problem_code world_open(struct world *world, const char *role, const char *data)
{
    struct case_person person = world_person(world->arena, "awa", role);
    return world_person_does(world, CASE_OPEN, &person, NULL, data);
}

/* `who` in the role `role` triggers `event`. */
static inline enum problem_code world_do(struct world *world, const char *who, const char *role,
                                         const char *event, const char *data)
{
    struct case_person person = world_person(world->arena, who, role);
    return world_person_does(world, CASE_TRANSITION, &person, event, data);
}

static inline enum problem_code world_answer(struct world *world, const char *role,
                                             const char *step, const char *data)
{
    struct case_person person = world_person(world->arena, "dibor", role);
    return world_person_does(world, CASE_ANSWER, &person, step, data);
}

/* An event from outside, by nobody. */
static inline void world_signal(struct world *world, const char *name, const char *data)
{
    struct case_event event = {.kind = CASE_SIGNAL,
                               .name = text_from(name),
                               .data = data ? world_json(world, data) : value_null()};
    assert_int_equal(world_play(world, &event), PROBLEM_NONE);
}

/* Fires the next timer if it is due; false: none is. */
static inline bool world_fire(struct world *world)
{
    struct case_event event = {.kind = CASE_TIMER};
    int64_t due_ms, shadow_due_ms;
    struct text shadow_name;
    bool has_timer = case_next_timer(&world->state.doc, &event.name, &due_ms);
    assert_int_equal(case_next_timer(&world->shadow.doc, &shadow_name, &shadow_due_ms), has_timer);
    if (!has_timer || due_ms > world->now_ms)
        return false;
    assert_true(text_equal(event.name, shadow_name));
    assert_int_equal(world_play(world, &event), PROBLEM_NONE);
    assert_int_not_equal(world->plan.kind, CASE_DROP);
    return true;
}

static inline void world_wait(struct world *world, int64_t ms)
{
    world->now_ms += ms;
    while (world_fire(world))
        ;
}

/* The outcome of a call by its key. */
static inline void world_outcome_of(struct world *world, const char *key, const char *outcome)
{
    struct case_event event = {.kind = CASE_OUTCOME,
                               .name = text_copy(world->arena, text_from(key)),
                               .outcome = world_json(world, outcome)};
    assert_int_equal(world_play(world, &event), PROBLEM_NONE);
}

/* The outcome of the only call that plugins work on. */
static inline void world_outcome(struct world *world, const char *outcome)
{
    size_t count;
    const struct case_call *calls = case_calls(&world->state, world->arena, &count);
    assert_int_equal(count, 1);
    world_outcome_of(world, calls[0].key.bytes, outcome);
}

static inline size_t world_call_count(struct world *world)
{
    size_t count;
    case_calls(&world->state, world->arena, &count);
    return count;
}

#define assert_json(world, value, expected) assert_json_at((world), (value), (expected), __LINE__)
static inline void assert_json_at(struct world *world, const struct value *value,
                                  const char *expected, int line)
{
    struct value wanted = world_json(world, expected);
    struct value nothing = value_null(), plain;
    /* Moments are compared as they are written. */
    struct text json = json_write(world->arena, value ? value : &nothing);
    assert_int_equal(json_read(world->arena, json, &plain, NULL), 0);
    if (!value_equal(&plain, &wanted))
        fail_msg("line %d: wanted %s, got %s", line, expected, json.bytes);
}

/* The part of the case at that path. */
#define assert_case(world, path, expected)                                                         \
    assert_json_at((world), value_at(&(world)->state.doc, (path)), (expected), __LINE__)
#define assert_entry(world, path, expected)                                                        \
    assert_json_at((world), value_at(&(world)->change.entry, (path)), (expected), __LINE__)

#define assert_states(world, expected) assert_entry((world), "states", (expected))

#define assert_text(text, expected) assert_text_at((text), (expected), __LINE__)
static inline void assert_text_at(struct text text, const char *expected, int line)
{
    if (!text_is(text, expected))
        fail_msg("line %d: wanted %s, got %.*s", line, expected, TEXT_ARG(text));
}

/* One sub-error of a problem: its pointer, code and message. */
static inline void assert_fault(const struct problem *problem, size_t index, const char *pointer,
                                const char *code)
{
    assert_true(index < value_count(&problem->errors));
    const struct value *error = value_item(&problem->errors, index);
    assert_text(value_text_at(error, "pointer"), pointer);
    assert_text(value_text_at(error, "code"), code);
}

#endif
