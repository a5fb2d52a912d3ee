/* What the tests of expressions share: a scope as a workflow has it, and values for it. */
#ifndef TESTS_UNIT_CEL_FIXTURE_H
#define TESTS_UNIT_CEL_FIXTURE_H

#include <string.h>

#include "base/arena.h"
#include "base/when.h"
#include "cel/cel.h"

static const struct cel_type LIST_OF_STRING = {CEL_LIST,
                                               &(const struct cel_type){CEL_STRING, NULL}};
static const struct cel_type LIST_OF_INT = {CEL_LIST, &(const struct cel_type){CEL_INT, NULL}};
static const struct cel_type MAP_OF_ANY = {CEL_MAP, &(const struct cel_type){CEL_UNKNOWN, NULL}};

static const struct text CONSENTS[] = {{"given", 5}, {"refused", 7}, {"not_asked", 9}};
/* Saturday and Sunday, and the first of May of every year. */
static const struct calendar CALENDAR = {
    .weekend = 1 << 6 | 1 << 0, .closes_s = 86400, .yearly = {[4] = {[0] = true}}};
static const struct text STATES[] = {{"identification", 14}, {"decision", 8}, {"travel", 6}};
static const struct text TRANSITIONS[] = {{"decide", 6}, {"decision.decide", 15}};

#define FIXTURE_NAME(literal, of_type)                                                             \
    {                                                                                              \
        .name = {literal, sizeof(literal) - 1}, .type = (of_type)                                  \
    }
#define FIXTURE_CHOICE(literal, of_type)                                                           \
    {                                                                                              \
        .name = {literal, sizeof(literal) - 1}, .type = (of_type), .options = CONSENTS,            \
        .option_count = 3                                                                          \
    }

struct fixture {
    struct arena *arena;
    struct cel_name names[32];
    struct cel_scope scope;
    struct diag_list diags;
    struct value values; /* by name; a name that is missing is unset */
    size_t read_count;   /* calls of the read binding */
};

static inline bool fixture_read(void *self, struct text name, struct value *value_out)
{
    struct fixture *fixture = self;
    const struct value *value = value_get(&fixture->values, name);

    fixture->read_count++;
    if (value)
        *value_out = *value;
    return value != NULL;
}

static inline bool fixture_in_state(void *self, struct text state)
{
    (void)self;
    return text_is(state, "decision");
}

static inline bool fixture_acted(void *self, struct text person, struct text transition)
{
    (void)self;
    return text_is(person, "awa") && text_is(transition, "decide");
}

/* Knows one zone, two hours east. */
static inline const struct zone *fixture_zone(void *self, struct text name)
{
    struct fixture *fixture = self;

    return text_is(name, "Test/East") ? zone_fixed(fixture->arena, 7200) : NULL;
}

static inline void fixture_init(struct fixture *fixture)
{
    static struct zone_source zones = {NULL, fixture_zone};
    const struct cel_name names[] = {
        FIXTURE_NAME("data.risk", cel_type_of(CEL_INT)),
        FIXTURE_NAME("data.score", cel_type_of(CEL_DOUBLE)),
        FIXTURE_NAME("data.granted", cel_type_of(CEL_BOOL)),
        FIXTURE_NAME("data.child_name", cel_type_of(CEL_STRING)),
        FIXTURE_NAME("data.birth_date", cel_type_of(CEL_TIMESTAMP)),
        FIXTURE_NAME("data.siblings", &LIST_OF_STRING),
        FIXTURE_NAME("data.visits", &LIST_OF_INT),
        FIXTURE_CHOICE("data.consent", cel_type_of(CEL_STRING)),
        FIXTURE_CHOICE("data.consents", &LIST_OF_STRING),
        FIXTURE_NAME("event.name", cel_type_of(CEL_STRING)),
        FIXTURE_NAME("event.data", &MAP_OF_ANY),
        FIXTURE_NAME("by.id", cel_type_of(CEL_STRING)),
        FIXTURE_NAME("by.roles", &LIST_OF_STRING),
        FIXTURE_NAME("today", cel_type_of(CEL_TIMESTAMP)),
        FIXTURE_NAME("now", cel_type_of(CEL_TIMESTAMP)),
        FIXTURE_NAME("any", cel_type_of(CEL_UNKNOWN)),
    };

    *fixture = (struct fixture){.arena = arena_create("test")};
    memcpy(fixture->names, names, sizeof(names));
    zones.self = fixture;
    fixture->scope = (struct cel_scope){.names = fixture->names,
                                        .name_count = sizeof(names) / sizeof(*names),
                                        .states = STATES,
                                        .state_count = 3,
                                        .transitions = TRANSITIONS,
                                        .transition_count = 2,
                                        .zones = &zones,
                                        .calendar = &CALENDAR};
    diag_list_init(&fixture->diags, fixture->arena);
    fixture->values = value_map(fixture->arena);
}

static inline void fixture_finish(struct fixture *fixture)
{
    arena_destroy(fixture->arena);
}

static inline void fixture_set(struct fixture *fixture, const char *name, struct value value)
{
    value_put(&fixture->values, name, value);
}

/* The last diagnostics are dropped first. `wanted` may be NULL. */
static inline const struct cel_program *fixture_compile(struct fixture *fixture, struct text source,
                                                        const struct cel_type *wanted)
{
    diag_list_init(&fixture->diags, fixture->arena);
    return cel_compile(&fixture->scope, source, (struct place){.line = 1, .column = 1}, wanted,
                       &fixture->diags);
}

static inline int fixture_evaluate(struct fixture *fixture, const struct cel_program *program,
                                   struct value *value_out, struct text *error_out)
{
    struct cel_bindings bindings = {fixture, fixture_read, fixture_in_state, fixture_acted};

    return cel_evaluate(program, &bindings, fixture->arena, value_out, error_out);
}

#endif
