/* The macros that walk a list or a map's keys; internal to cel/. */
#ifndef SANKOFA_CEL_MACROS_H
#define SANKOFA_CEL_MACROS_H

#include "cel/tree.h"

struct macro {
    const char *name;
    enum loop_kind loop;
    bool is_predicate; /* the body is a condition */
};

extern const struct macro CEL_MACROS[];
extern const size_t CEL_MACRO_COUNT;

#endif
