/* A workflow of the public statechart suite, read into a chart and run in virtual time. */
#ifndef TESTS_CONFORMANCE_STATECHART_SUBJECT_H
#define TESTS_CONFORMANCE_STATECHART_SUBJECT_H

#include "base/arena.h"
#include "base/diag.h"
#include "cel/cel.h"
#include "chart/chart.h"
#include "yaml/yaml.h"

/* A `send` that waits; without a delay it is due at once. */
struct timer {
    struct timer *next; /* due at the same time or later */
    int64_t due_ms;
    struct text id;
    struct chart_event event;
};

struct subject {
    struct arena *arena;
    struct diag_list *diags; /* what cannot be understood, and expressions that err */

    struct chart chart;
    const struct yaml_node **states, **transitions; /* their maps, by number */
    struct cel_name *names;                         /* of the scope: the fields, then the event's */
    struct value *values;                           /* of the fields; null: unset */
    size_t field_count;
    struct cel_scope scope;

    struct chart_configuration configuration;
    struct chart_run *run;
    struct chart_event event; /* the one that is bound */
    struct timer *timers;
    int64_t now_ms;
};

/* Reads a workflow. False, with an error added: it is not one of this suite. */
bool subject_read(struct subject *subject, const struct yaml_node *workflow);
/* The actions of a list; what they can be is told in statechart_action.c. */
void subject_do(struct subject *subject, const struct yaml_node *list);
/* A literal or an `= expression`. False, with an error added: it errs. */
bool subject_value(struct subject *subject, const struct yaml_node *node, struct value *value_out);
/* An expression of the type that is wanted (NULL: any). */
bool subject_evaluate(struct subject *subject, struct text source, struct place place,
                      const struct cel_type *wanted, struct value *value_out);

/* Enters the chart; one external event; some time. What is due is carried out each time. False,
 * with an error added: the chart does not settle. */
bool subject_start(struct subject *subject);
bool subject_send(struct subject *subject, struct chart_event event);
bool subject_wait(struct subject *subject, int64_t span_ms);

/* "node:line:column: error: ..." */
#define SUBJECT_FAULT(subject, node, ...)                                                          \
    (diag_add((subject)->diags, DIAG_ERROR, "T1", (node)->place, __VA_ARGS__), false)

#endif
