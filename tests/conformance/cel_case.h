/* A conformance case of expressions, read from its JSON line. */
#ifndef TESTS_CONFORMANCE_CEL_CASE_H
#define TESTS_CONFORMANCE_CEL_CASE_H

#include "base/arena.h"
#include "cel/cel.h"

struct variable {
    const struct cel_type *type;
    bool is_set;
    struct value value;
};

struct conformance_case {
    struct arena *arena;
    struct value json;
    struct text expression;
    struct cel_name *names;
    struct variable *variables;
    size_t name_count;
    struct cel_scope scope;
    const struct value *active; /* states */
    const struct value *acted;  /* pairs of person and transition */
};

/* Fills the case from `one->json`. False: it cannot be understood. */
bool case_read(struct conformance_case *one);
/* The type that a text names; NULL if it names none. */
const struct cel_type *type_read(struct arena *arena, struct text text);
/* The value that JSON writes for a type. */
bool value_read(struct arena *arena, const struct cel_type *type, const struct value *json,
                struct value *value_out);
/* The string at a place of a list; TEXT_NONE where there is none. */
struct text text_of_item(const struct value *list, size_t index);

#endif
