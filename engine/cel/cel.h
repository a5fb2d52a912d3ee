/* Expressions: the profile of CEL that workflow-language.md describes, and our functions.
 *
 * The happy path:
 * 1. The loader declares what is in scope (cel_scope).
 * 2. cel_compile parses and types one expression; faults are diagnostics with a column.
 * 3. cel_evaluate runs the program over bindings, bounded in steps, and gives a value or an error.
 *
 * Pure: `now`, `today`, zones and everything else come in by declaration and binding. A program is
 * immutable and may be run by any thread; it lives in the arena it was compiled in. */
#ifndef SANKOFA_CEL_CEL_H
#define SANKOFA_CEL_CEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/value.h"
#include "base/when.h"

struct arena;

enum cel_type_kind {
    CEL_UNKNOWN, /* `?`: nothing determines it, or typed only at run time (event.data) */
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,
    CEL_DOUBLE,
    CEL_STRING,
    CEL_TIMESTAMP,
    CEL_DURATION,
    CEL_LIST, /* of `element` */
    CEL_MAP   /* string to `element` */
};

struct cel_type {
    enum cel_type_kind kind;
    const struct cel_type *element;
};

/* "list<string>" */
struct text cel_type_write(struct arena *arena, const struct cel_type *type);
/* A shared constant for the kinds without an element. */
const struct cel_type *cel_type_of(enum cel_type_kind kind);

/* A name in scope. A dot is member access: `data.risk` declares `data` with a member `risk`; a name
 * that is only a prefix of others (`data`) cannot be used by itself. */
struct cel_name {
    struct text name;
    const struct cel_type *type;
    const struct text
        *options; /* a choice field's: literals compared with it must be one of these */
    size_t option_count;
};

struct cel_scope {
    const struct cel_name *names;
    size_t name_count;
    const struct cel_scope *outer; /* its names are in scope, too, and nothing else of it; NULL */
    const struct text *states;     /* ids known to in_state(); NULL: in_state is not in scope */
    size_t state_count;
    const struct text
        *transitions; /* "submit", "state.submit" known to acted(); NULL: not in scope */
    size_t transition_count;
    const struct zone_source
        *zones; /* for literal time zones; NULL: every name but UTC is refused */
    const struct calendar *calendar; /* lives as long as the programs; NULL: add_workdays and
                                        workdays_between are refused */
};

struct cel_program;

/* Compiles `source`, whose first character stands at `place` (line 0: columns are within the
 * source; an expression may span lines). `wanted`: the result must have this type (NULL: any).
 * A result typed only at run time is refused where a bool is wanted, and else checked when it is
 * evaluated.
 * Everything lives in diags->arena. Returns NULL with at least one error added. */
const struct cel_program *cel_compile(const struct cel_scope *scope, struct text source,
                                      struct place place, const struct cel_type *wanted,
                                      struct diag_list *diags);
const struct cel_type *cel_program_type(const struct cel_program *program);
/* The names of the scope that it reads ("data.risk"), each once; also through has(). */
const struct text *cel_program_reads(const struct cel_program *program, size_t *count_out);
/* The states it asks in_state() of, each once. */
const struct text *cel_program_states(const struct cel_program *program, size_t *count_out);
struct text cel_program_source(const struct cel_program *program);

/* What names mean now. */
struct cel_bindings {
    void *self;
    /* Value of a declared name in full ("data.risk"), of its declared type; false: it is unset. */
    bool (*read)(void *self, struct text name, struct value *value_out);
    bool (*in_state)(void *self, struct text state);
    bool (*acted)(void *self, struct text person, struct text transition);
};

enum { CEL_COST_MAX = 10000, CEL_DEPTH_MAX = 64, CEL_RESULT_BYTES_MAX = 4 << 20 };

/* Evaluates. 0 and *value_out in `arena` (a double may be infinite or NaN, which no record holds);
 * or -EINVAL and *error_out, a sentence for people in `arena` ("data.risk has no value yet"). */
int cel_evaluate(const struct cel_program *program, const struct cel_bindings *bindings,
                 struct arena *arena, struct value *value_out, struct text *error_out);

#endif
