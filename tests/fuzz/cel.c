/* Expressions: the input is one, in a scope as workflows have it. What compiles is evaluated over
 * values that its own text decides: the limits of every type, unset ones, and what is typed only at
 * run time. */
#include <errno.h>
#include <math.h>

#include "base/calendar.h"
#include "cel/cel.h"
#include "fuzz.h"
#include "workflows.h"

enum {
    MEMORY_BASE = 1 << 20,
    MEMORY_EACH = 1 << 14,
    RUNS = 4,
    /* 10,000 steps, of which each may copy what it took to charge it. */
    RUN_MEMORY_MAX = 64 << 20
};

static const struct cel_type strings = {CEL_LIST, &(const struct cel_type){CEL_STRING, NULL}};
static const struct cel_type ints = {CEL_LIST, &(const struct cel_type){CEL_INT, NULL}};
static const struct cel_type dates = {CEL_LIST, &(const struct cel_type){CEL_TIMESTAMP, NULL}};
static const struct cel_type any_map = {CEL_MAP, &(const struct cel_type){CEL_UNKNOWN, NULL}};
static const struct text households[] = {TEXT("safe"), TEXT("unsafe"), TEXT("unknown")};
static const struct text states[] = {TEXT("decision"), TEXT("travel"), TEXT("a_state")};
static const struct text transitions[] = {TEXT("decide"), TEXT("decision.decide")};
static const struct calendar calendar = {
    .weekend = 1 << 6 | 1 << 0, .closes_s = 86400, .yearly = {[4] = {[0] = true}}};

#define NAME(literal, of)                                                                          \
    {                                                                                              \
        .name = TEXT(literal), .type = (of)                                                        \
    }

/* The types of fields, and what stands beside them. */
static size_t declare(struct cel_name *names)
{
    const struct cel_name declared[] = {
        NAME("data.i", cel_type_of(CEL_INT)),
        NAME("data.risk", cel_type_of(CEL_INT)),
        NAME("data.d", cel_type_of(CEL_DOUBLE)),
        NAME("data.b", cel_type_of(CEL_BOOL)),
        NAME("data.s", cel_type_of(CEL_STRING)),
        NAME("data.t", cel_type_of(CEL_TIMESTAMP)),
        NAME("data.birth_date", cel_type_of(CEL_TIMESTAMP)),
        NAME("data.l", &strings),
        NAME("data.n", &ints),
        NAME("data.days", &dates),
        NAME("event.data", cel_type_of(CEL_UNKNOWN)),
        NAME("event.name", cel_type_of(CEL_STRING)),
        NAME("case.code", cel_type_of(CEL_STRING)),
        NAME("case.language", cel_type_of(CEL_STRING)),
        NAME("by.id", cel_type_of(CEL_STRING)),
        NAME("by.roles", &strings),
        NAME("now", cel_type_of(CEL_TIMESTAMP)),
        NAME("today", cel_type_of(CEL_TIMESTAMP)),
        NAME("x.span", cel_type_of(CEL_DURATION)),
        NAME("x.map", &any_map),
        NAME("x.none", cel_type_of(CEL_NULL)),
        {.name = TEXT("data.household"),
         .type = cel_type_of(CEL_STRING),
         .options = households,
         .option_count = 3},
    };
    size_t count = sizeof declared / sizeof declared[0];

    for (size_t i = 0; i < count; i++)
        names[i] = declared[i];
    return count;
}

struct run {
    struct fuzz_chance chance;
    struct arena *arena;
    const struct cel_scope *scope;
    const struct cel_program *program;
    struct value values; /* that were read, so that each name means one thing; null: unset */
};

static struct value value_of_type(struct run *run, const struct cel_type *type)
{
    static const enum value_kind kinds[] = {
        [CEL_NULL] = VALUE_NULL,        [CEL_BOOL] = VALUE_BOOL,
        [CEL_INT] = VALUE_INT,          [CEL_DOUBLE] = VALUE_DOUBLE,
        [CEL_STRING] = VALUE_STRING,    [CEL_TIMESTAMP] = VALUE_TIMESTAMP,
        [CEL_DURATION] = VALUE_DURATION};
    struct value list;

    switch (type->kind) {
    case CEL_UNKNOWN:
        return fuzz_pick(&run->chance, 3) == 0
                   ? fuzz_value(&run->chance, run->arena, VALUE_TIMESTAMP, 0)
                   : fuzz_json(&run->chance, run->arena, 3);
    case CEL_MAP:
        return fuzz_value(&run->chance, run->arena, VALUE_MAP, 3);
    case CEL_LIST:
        list = value_list(run->arena);
        for (size_t i = fuzz_pick(&run->chance, 10); i > 0; i--)
            value_append(&list, value_of_type(run, type->element));
        return list;
    case CEL_NULL:
    case CEL_BOOL:
    case CEL_INT:
    case CEL_DOUBLE:
    case CEL_STRING:
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return fuzz_value(&run->chance, run->arena, kinds[type->kind], 0);
    }
    CHECK(!"a type");
    return value_null();
}

static bool is_among(const struct text *names, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

static bool read(void *self, struct text name, struct value *value_out)
{
    struct run *run = self;
    const struct value *known = value_get(&run->values, name);
    size_t count;
    const struct text *reads = cel_program_reads(run->program, &count);
    const struct cel_name *declared = NULL;

    CHECK(is_among(reads, count, name));
    for (size_t i = 0; i < run->scope->name_count && declared == NULL; i++)
        if (text_equal(run->scope->names[i].name, name))
            declared = &run->scope->names[i];
    CHECK(declared != NULL);
    if (known == NULL) {
        bool is_set = declared->type->kind != CEL_NULL && fuzz_pick(&run->chance, 8) > 0;
        value_set(&run->values, name, is_set ? value_of_type(run, declared->type) : value_null());
        known = value_get(&run->values, name);
    }
    *value_out = *known;
    return known->kind != VALUE_NULL;
}

static bool in_state(void *self, struct text state)
{
    struct run *run = self;
    size_t count;
    const struct text *asked = cel_program_states(run->program, &count);

    CHECK(is_among(asked, count, state));
    return state.size % 2 == 0;
}

static bool acted(void *self, struct text person, struct text transition)
{
    (void)self;
    CHECK(is_among(transitions, sizeof transitions / sizeof transitions[0], transition));
    return person.size % 2 == 0;
}

/* Whether a result is of the type that was found without running anything. */
static bool has_type(const struct value *value, const struct cel_type *type)
{
    static const enum cel_type_kind kinds[] = {[VALUE_NULL] = CEL_NULL,
                                               [VALUE_BOOL] = CEL_BOOL,
                                               [VALUE_INT] = CEL_INT,
                                               [VALUE_DOUBLE] = CEL_DOUBLE,
                                               [VALUE_STRING] = CEL_STRING,
                                               [VALUE_TIMESTAMP] = CEL_TIMESTAMP,
                                               [VALUE_DURATION] = CEL_DURATION,
                                               [VALUE_LIST] = CEL_LIST,
                                               [VALUE_MAP] = CEL_MAP};

    if (type->kind == CEL_UNKNOWN)
        return true;
    if (kinds[value->kind] != type->kind)
        return false;
    for (size_t i = 0; type->kind >= CEL_LIST && i < value_count(value); i++)
        if (!has_type(type->kind == CEL_LIST ? value_item(value, i)
                                             : &value_member(value, i)->value,
                      type->element))
            return false;
    return true;
}

/* As value_equal, but NaN is itself. */
static bool is_same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind || value_count(a) != value_count(b))
        return false;
    if (a->kind == VALUE_DOUBLE)
        return a->real == b->real || (isnan(a->real) && isnan(b->real));
    if (a->kind != VALUE_LIST && a->kind != VALUE_MAP)
        return value_equal(a, b);
    for (size_t i = 0; i < value_count(a); i++) {
        bool is_list = a->kind == VALUE_LIST;
        if (!is_list && !text_equal(value_member(a, i)->key, value_member(b, i)->key))
            return false;
        if (!is_same(is_list ? value_item(a, i) : &value_member(a, i)->value,
                     is_list ? value_item(b, i) : &value_member(b, i)->value))
            return false;
    }
    return true;
}

/* Everything that a result is made of can be shown and kept. */
static void judge_value(const struct value *value)
{
    if (value->kind == VALUE_STRING)
        CHECK(text_is_utf8(value->string));
    if (value->kind == VALUE_TIMESTAMP || value->kind == VALUE_DURATION)
        CHECK(value->instant.nanos >= 0 && value->instant.nanos < 1000000000);
    if (value->kind == VALUE_TIMESTAMP)
        CHECK(value->instant.seconds >= -62135596800 && value->instant.seconds <= 253402300799);
    for (size_t i = 0; i < value_count(value); i++)
        judge_value(value->kind == VALUE_LIST ? value_item(value, i)
                                              : &value_member(value, i)->value);
}

static int evaluate(struct run *run, struct value *value_out, struct text *error_out)
{
    const struct cel_bindings bindings = {run, read, in_state, acted};
    size_t before = arena_bytes(run->arena);
    int status = cel_evaluate(run->program, &bindings, run->arena, value_out, error_out);

    CHECK(status == 0 || status == -EINVAL);
    CHECK(arena_bytes(run->arena) - before < RUN_MEMORY_MAX);
    return status;
}

static void judge_run(const struct cel_scope *scope, const struct cel_program *program,
                      struct fuzz_chance chance)
{
    ARENA_SCOPED struct arena *arena = arena_create("run");
    struct run run = {chance, arena, scope, program, value_map(arena)};
    struct value value, again;
    struct text error = TEXT_NONE, error_again = TEXT_NONE;
    int status = evaluate(&run, &value, &error);

    CHECK(evaluate(&run, &again, &error_again) == status);
    if (status < 0) {
        CHECK(error.size > 0);
        CHECK(text_is_utf8(error));
        CHECK(text_equal(error, error_again));
        return;
    }
    CHECK(has_type(&value, cel_program_type(program)));
    CHECK(is_same(&value, &again));
    judge_value(&value);
}

/* The type that was found, wanted, changes nothing; another one is refused. */
static void judge_wanted(const struct cel_scope *scope, struct text source,
                         const struct cel_type *type, struct arena *arena)
{
    static const enum cel_type_kind others[] = {CEL_BOOL, CEL_INT, CEL_STRING};
    struct diag_list diags;

    diag_list_init(&diags, arena);
    CHECK(cel_compile(scope, source, (struct place){0}, type, &diags) != NULL);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        diag_list_init(&diags, arena);
        const struct cel_program *program =
            cel_compile(scope, source, (struct place){0}, cel_type_of(others[i]), &diags);
        bool fits = type->kind == others[i] || (type->kind == CEL_UNKNOWN && others[i] != CEL_BOOL);
        CHECK((program != NULL) == fits);
        fuzz_judge_diags(&diags, source, program == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ARENA_SCOPED struct arena *arena = arena_create("fuzz");
    struct text source = {(const char *)data, size};
    struct cel_name names[32];
    struct cel_scope scope = {.names = names,
                              .name_count = declare(names),
                              .states = states,
                              .state_count = 3,
                              .transitions = transitions,
                              .transition_count = 2,
                              .zones = fuzz_zones(),
                              .calendar = &calendar};
    struct fuzz_chance chance = fuzz_chance_of(source);
    struct diag_list diags;

    diag_list_init(&diags, arena);
    const struct cel_program *program =
        cel_compile(&scope, source, (struct place){TEXT("fuzz.yaml"), 1, 1, 1}, NULL, &diags);
    fuzz_judge_memory(arena, MEMORY_BASE, MEMORY_EACH, size);
    fuzz_judge_diags(&diags, source, program == NULL);
    if (program == NULL)
        return 0;
    CHECK(text_equal(cel_program_source(program), source));
    judge_wanted(&scope, source, cel_program_type(program), arena);
    for (int i = 0; i < RUNS; i++, fuzz_next(&chance))
        judge_run(&scope, program, chance);
    return 0;
}
