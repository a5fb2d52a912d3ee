/* Types: writing them, and unification of those that an expression leaves open. */
#include "cel/check/types.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"

static const char *const KIND_NAMES[] = {
    [CEL_UNKNOWN] = "?",           [CEL_NULL] = "null",
    [CEL_BOOL] = "bool",           [CEL_INT] = "int",
    [CEL_DOUBLE] = "double",       [CEL_STRING] = "string",
    [CEL_TIMESTAMP] = "timestamp", [CEL_DURATION] = "duration",
    [CEL_LIST] = "list",           [CEL_MAP] = "map",
};

static const struct cel_type KINDS[] = {
    [CEL_UNKNOWN] = {CEL_UNKNOWN, NULL},     [CEL_NULL] = {CEL_NULL, NULL},
    [CEL_BOOL] = {CEL_BOOL, NULL},           [CEL_INT] = {CEL_INT, NULL},
    [CEL_DOUBLE] = {CEL_DOUBLE, NULL},       [CEL_STRING] = {CEL_STRING, NULL},
    [CEL_TIMESTAMP] = {CEL_TIMESTAMP, NULL}, [CEL_DURATION] = {CEL_DURATION, NULL},
};

const struct cel_type *cel_type_of(enum cel_type_kind kind)
{
    CHECK(kind < CEL_LIST);
    return &KINDS[kind];
}

struct text cel_type_write(struct arena *arena, const struct cel_type *type)
{
    if (type->kind == CEL_LIST) {
        struct text element = cel_type_write(arena, type->element);
        return text_printf(arena, "list<%.*s>", TEXT_ARG(element));
    }
    if (type->kind == CEL_MAP) {
        struct text element = cel_type_write(arena, type->element);
        return text_printf(arena, "map<string,%.*s>", TEXT_ARG(element));
    }
    return text_from(KIND_NAMES[type->kind]);
}

struct term *cel_term_new(struct arena *arena, enum cel_type_kind kind, struct term *element)
{
    struct term *term = ARENA_NEW(arena, struct term);

    term->kind = kind;
    term->element = element;
    return term;
}

struct term *cel_term_variable(struct arena *arena)
{
    struct term *term = ARENA_NEW(arena, struct term);

    term->is_variable = true;
    return term;
}

struct term *cel_term_from(struct arena *arena, const struct cel_type *type)
{
    return cel_term_new(arena, type->kind,
                        type->element ? cel_term_from(arena, type->element) : NULL);
}

struct term *cel_term_find(struct term *term)
{
    while (term->is_variable && term->bound)
        term = term->bound;
    return term;
}

bool cel_term_is_open(struct term *term)
{
    return cel_term_find(term)->is_variable;
}

bool cel_term_is(struct term *term, enum cel_type_kind kind)
{
    term = cel_term_find(term);
    return !term->is_variable && term->kind == kind;
}

const struct cel_type *cel_term_type(struct arena *arena, struct term *term)
{
    term = cel_term_find(term);
    if (term->is_variable)
        return cel_type_of(CEL_UNKNOWN);
    if (!term->element)
        return cel_type_of(term->kind);
    struct cel_type *type = ARENA_NEW(arena, struct cel_type);
    type->kind = term->kind;
    type->element = cel_term_type(arena, term->element);
    return type;
}

struct text cel_term_write(struct arena *arena, struct term *term)
{
    return cel_type_write(arena, cel_term_type(arena, term));
}

static bool occurs(struct term *variable, struct term *term)
{
    for (term = cel_term_find(term); term;
         term = term->element ? cel_term_find(term->element) : NULL) {
        if (term == variable)
            return true;
    }
    return false;
}

static bool bind(struct type_trail *trail, struct term *variable, struct term *term)
{
    if (variable == term)
        return true;
    if (occurs(variable, term))
        return false;
    if (trail->count == trail->capacity) {
        size_t capacity = trail->capacity ? 2 * trail->capacity : 16;
        struct term **bound = ARENA_ARRAY(trail->arena, struct term *, capacity);
        if (trail->count > 0)
            memcpy(bound, trail->bound, trail->count * sizeof(*bound));
        trail->bound = bound;
        trail->capacity = capacity;
    }
    trail->bound[trail->count++] = variable;
    variable->bound = term;
    return true;
}

/* `lenient`: CEL_UNKNOWN goes with everything. */
static bool join(struct type_trail *trail, struct term *a, struct term *b, bool lenient)
{
    for (;;) {
        a = cel_term_find(a);
        b = cel_term_find(b);
        if (a->is_variable)
            return bind(trail, a, b);
        if (b->is_variable)
            return bind(trail, b, a);
        if (lenient && (a->kind == CEL_UNKNOWN || b->kind == CEL_UNKNOWN))
            return true;
        if (a->kind != b->kind)
            return false;
        if (!a->element)
            return true;
        a = a->element;
        b = b->element;
    }
}

bool cel_term_unify(struct type_trail *trail, struct term *a, struct term *b)
{
    return join(trail, a, b, false);
}

bool cel_term_compare(struct type_trail *trail, struct term *a, struct term *b)
{
    return join(trail, a, b, true);
}

size_t cel_trail_mark(const struct type_trail *trail)
{
    return trail->count;
}

void cel_trail_undo(struct type_trail *trail, size_t mark)
{
    while (trail->count > mark)
        trail->bound[--trail->count]->bound = NULL;
}
