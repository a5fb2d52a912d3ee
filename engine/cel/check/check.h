/* The checker's state, shared by its files; internal to cel/. Every cel_check_ function gives the
 * node a type, at worst an open variable, so that one fault is told once and the rest is still
 * checked. */
#ifndef SANKOFA_CEL_CHECK_H
#define SANKOFA_CEL_CHECK_H

#include "cel/check/types.h"
#include "cel/tree.h"

struct local {
    struct text name;
    struct term *type;
    const struct cel_name *options;
};

struct check {
    struct compile *compile;
    struct type_trail trail;
    struct local locals[CEL_DEPTH_MAX + 1]; /* macro variables, the innermost last */
    uint8_t local_count;
};

/* check.c */
void cel_check_node(struct check *check, struct node *node);
/* A fault in `node` was told: from here on it has any type. */
void cel_check_give_up(struct check *check, struct node *node);
/* Adds an error unless the node is a bool. */
void cel_check_condition(struct check *check, struct node *node);
/* A map literal; `may_mix`: its values may be of several types. */
void cel_check_map(struct check *check, struct node *node, bool may_mix);
/* A member of a value; the node is no declared name. */
void cel_check_member(struct check *check, struct node *node);

/* names.c: a name, or a chain of members that begins with one. False: it is no declared name. */
bool cel_check_declared(struct check *check, struct node *node);
bool cel_check_local(struct check *check, struct node *node);
/* Whether a chain begins with something known; true for what is no chain of names. */
bool cel_check_resolves(struct check *check, struct node *node);
/* `node` is a name, or a chain of members, that does not resolve. */
void cel_check_unknown_name(struct check *check, struct node *node);
/* The program asks in_state() of this state. */
void cel_check_note_state(struct check *check, struct text id);
/* "did you mean ..."; nothing is said if no candidate is near. */
void cel_suggest(struct compile *compile, struct diag *diag, struct text name,
                 const struct text *candidates, size_t count);

/* macros.c: has() and the macros that walk. False if the call is no macro. */
bool cel_check_macro(struct check *check, struct node *node);

/* calls.c: a function, method or operator, its items included. */
void cel_check_call(struct check *check, struct node *node);

/* constants.c: what must be a literal, before the items are checked (zones, states, transitions).
 */
void cel_check_literal_rule(struct check *check, struct node *node);
/* A conversion of a literal is done now: the call becomes a literal, or an error is added. */
void cel_check_conversion(struct check *check, struct node *node);
/* Literals that are compared with a choice field must be among its options. */
void cel_check_options(struct check *check, struct node *node);

/* mismatch.c: says why no overload takes these items, and what to write instead. */
void cel_explain_mismatch(struct check *check, struct node *node);
void cel_explain_count(struct check *check, struct node *node);
void cel_explain_unknown_function(struct check *check, struct node *node);
/* A value typed at run time stands where a type is needed: `wanted`, or CEL_UNKNOWN if several
 * would do. */
void cel_explain_run_typed(struct check *check, struct node *node, enum cel_type_kind wanted);

#endif
