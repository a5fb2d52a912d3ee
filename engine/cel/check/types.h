/* Types while an expression is checked: cel_type with variables, solved by unification; internal to
 * cel/. `[]` is a list of a new variable, which takes its type from use; what no use determines is
 * written `?` at the end. CEL_UNKNOWN is a type of its own here: a value typed at run time. */
#ifndef SANKOFA_CEL_TYPES_H
#define SANKOFA_CEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "cel/cel.h"

struct term {
    bool is_variable;
    enum cel_type_kind kind; /* of a term that is no variable */
    struct term *element;    /* of a list or map */
    struct term *bound;      /* of a variable: what it stands for; NULL: still open */
};

/* The variables bound so far, so that a failed attempt can be taken back. */
struct type_trail {
    struct arena *arena;
    struct term **bound;
    size_t count, capacity;
};

struct term *cel_term_new(struct arena *arena, enum cel_type_kind kind, struct term *element);
struct term *cel_term_variable(struct arena *arena);
struct term *cel_term_from(struct arena *arena, const struct cel_type *type);
/* Follows bound variables. */
struct term *cel_term_find(struct term *term);
/* An open variable. */
bool cel_term_is_open(struct term *term);
bool cel_term_is(struct term *term, enum cel_type_kind kind);
/* Open variables become CEL_UNKNOWN. */
const struct cel_type *cel_term_type(struct arena *arena, struct term *term);
struct text cel_term_write(struct arena *arena, struct term *term);

/* Makes both the same by binding variables. False: they cannot be; take back to a mark. */
bool cel_term_unify(struct type_trail *trail, struct term *a, struct term *b);
/* As cel_term_unify, but CEL_UNKNOWN goes with everything, at any depth: for == and !=. */
bool cel_term_compare(struct type_trail *trail, struct term *a, struct term *b);
size_t cel_trail_mark(const struct type_trail *trail);
void cel_trail_undo(struct type_trail *trail, size_t mark);

#endif
