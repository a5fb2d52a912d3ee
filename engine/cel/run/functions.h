/* Functions, methods and operators: one table of overloads, which the checker types calls by and
 * the evaluator runs; internal to cel/. */
#ifndef SANKOFA_CEL_FUNCTIONS_H
#define SANKOFA_CEL_FUNCTIONS_H

#include "cel/tree.h"

struct evaluation;

enum call_shape { CALL_OPERATOR, CALL_FUNCTION, CALL_METHOD };

/* What the last value of a call must be, beside its type; or what the scope must have. */
enum literal_rule {
    RULE_NONE,
    RULE_ZONE,       /* a literal time zone, found at load */
    RULE_STATE,      /* a literal, one of the scope's states */
    RULE_TRANSITION, /* a literal, one of the scope's transitions */
    RULE_CALENDAR
};

enum { CALL_ITEMS_MAX = 2 };

struct overload {
    const char *name;
    enum call_shape shape;
    uint8_t item_count;
    /* CEL_UNKNOWN is any type T; CEL_LIST and CEL_MAP are of T, the same T in the whole row. */
    enum cel_type_kind items[CALL_ITEMS_MAX];
    enum cel_type_kind result;
    /* 0, or -EINVAL by cel_evaluation_fail. */
    int (*run)(struct evaluation *evaluation, const struct node *node, const struct value *items,
               struct value *value_out);
    enum literal_rule rule;
    bool is_conversion; /* of literals: done at load; also of values typed at run time */
};

extern const struct overload CEL_OVERLOADS[];
extern const size_t CEL_OVERLOAD_COUNT;

enum call_shape cel_node_shape(const struct node *node);
/* Whether the row has the name, shape and number of items of the call. */
bool cel_overload_fits(const struct overload *overload, const struct node *node);
/* Whether some row or macro has this name, in whatever shape. */
bool cel_function_is_known(struct text name);
/* All names of a shape, macros included; for suggestions. */
struct text *cel_function_names(struct arena *arena, enum call_shape shape, size_t *count_out);
/* The row for values whose types were not known before; NULL if there is none. */
const struct overload *cel_overload_for(const struct node *node, const struct value *items);
/* The value kind that a type has at run time; CEL_UNKNOWN has none and gives VALUE_NULL. */
enum value_kind cel_kind_of(enum cel_type_kind kind);
/* The CEL name of a value's kind: "int", "string". */
const char *cel_kind_name(enum value_kind kind);

/* Evaluation, as far as the rows need it. */
struct evaluation {
    const struct cel_program *program;
    const struct cel_bindings *bindings;
    struct arena *arena;
    uint32_t cost;
    bool is_spent; /* over CEL_COST_MAX: nothing absorbs this error */
    struct text error;
    struct value locals[CEL_DEPTH_MAX + 1];
};

/* Sets the error. Always -EINVAL. */
__attribute__((format(printf, 2, 3))) int cel_evaluation_fail(struct evaluation *evaluation,
                                                              const char *format, ...);
/* Counts steps; fails once there were too many. */
int cel_evaluation_charge(struct evaluation *evaluation, size_t steps);

/* The rows' functions, by the file that has them. */
#define CEL_RUN(name)                                                                              \
    int name(struct evaluation *evaluation, const struct node *node, const struct value *items,    \
             struct value *value_out)

/* operators.c */
CEL_RUN(cel_run_equal);
CEL_RUN(cel_run_unequal);
CEL_RUN(cel_run_order);
CEL_RUN(cel_run_not);
CEL_RUN(cel_run_negate_int);
CEL_RUN(cel_run_negate_double);
CEL_RUN(cel_run_int);
CEL_RUN(cel_run_double);
CEL_RUN(cel_run_in_list);
CEL_RUN(cel_run_in_map);
CEL_RUN(cel_run_index_list);
CEL_RUN(cel_run_index_map);
CEL_RUN(cel_run_join_text);
CEL_RUN(cel_run_join_list);
CEL_RUN(cel_run_size);
CEL_RUN(cel_run_contains);
CEL_RUN(cel_run_begins);
CEL_RUN(cel_run_ends);
/* convert.c */
CEL_RUN(cel_run_same);
CEL_RUN(cel_run_to_bool);
CEL_RUN(cel_run_to_int);
CEL_RUN(cel_run_to_double);
CEL_RUN(cel_run_to_string);
CEL_RUN(cel_run_to_timestamp);
CEL_RUN(cel_run_to_duration);
CEL_RUN(cel_run_to_date);
/* time.c */
CEL_RUN(cel_run_add_time);
CEL_RUN(cel_run_subtract_time);
CEL_RUN(cel_run_time_part);
CEL_RUN(cel_run_duration_part);
CEL_RUN(cel_run_age);
CEL_RUN(cel_run_days_between);
CEL_RUN(cel_run_add_workdays);
CEL_RUN(cel_run_workdays_between);
/* evaluate.c */
CEL_RUN(cel_run_in_state);
CEL_RUN(cel_run_acted);

#endif
