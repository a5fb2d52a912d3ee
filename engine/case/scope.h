/* What names mean to the expressions of a workflow, at one moment of one case. */
#ifndef SANKOFA_CASE_SCOPE_H
#define SANKOFA_CASE_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/value.h"
#include "case/case.h"
#include "workflow/workflow.h"

struct arena;

struct case_scope {
    const struct workflow *workflow;
    struct arena *arena;
    int64_t now_ms;
    struct text code;
    const struct value *data;         /* {FIELD: stored value} */
    const struct value *acted;        /* {PERSON: {"state.transition": true}} */
    const bool *active;               /* by state */
    const struct case_person *person; /* NULL: `by` is unset */
    struct text event_name;
    const struct value *event_data; /* typed, a map; NULL or VALUE_NULL: it has none */
};

/* 0 and *value_out, typed; or -EINVAL and *why_out, a sentence. */
int case_evaluate(const struct case_scope *scope, const struct cel_program *program,
                  struct value *value_out, struct text *why_out);

/* The field whose value alone an input passes on (`= data.FIELD`), or NULL. */
const struct workflow_field *case_input_field(const struct workflow *workflow,
                                              const struct workflow_input *input);
/* The inputs of a plugin's call, in JSON's kinds. An input that passes on a field which is unset is
 * left out: whether it may be missing is the step type's to say. False and *why_out. */
bool case_inputs(const struct case_scope *scope, const struct workflow_inputs *inputs,
                 struct value *json_out, struct text *why_out);
/* Data of an event that the workflow makes itself: typed values. False and *why_out. */
bool case_event_data(const struct case_scope *scope, const struct workflow_inputs *inputs,
                     struct value *typed_out, struct text *why_out);

#endif
