/* One case of a workflow of the public statechart suite, in virtual time. */
#ifndef TESTS_CONFORMANCE_STATECHART_CASE_H
#define TESTS_CONFORMANCE_STATECHART_CASE_H

#include "base/arena.h"
#include "base/diag.h"
#include "case/case.h"
#include "yaml/yaml.h"

struct subject {
    struct arena *arena;
    struct case_state state;
    int64_t now_ms;
    struct text fault; /* of the workflow, or of our own: the first that was met */
};

/* False: it is refused. What is due is carried out after each of these. */
bool subject_open(struct subject *subject, const struct workflow *workflow, struct arena *arena);
void subject_send(struct subject *subject, struct text event);
void subject_wait(struct subject *subject, int64_t span_ms);
/* The active atomic states. */
struct value subject_states(const struct subject *subject);

#endif
