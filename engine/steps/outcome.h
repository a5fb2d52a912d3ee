/* What an OUTCOME frame says, checked against what the step type declares. Pure. */
#ifndef SANKOFA_STEPS_OUTCOME_H
#define SANKOFA_STEPS_OUTCOME_H

#include "run/ports.h"
#include "wire/describe.h"

struct arena;

/* `body` is a map; the outcome borrows from it. A host checks what its plugin gives, so a body that
 * does not pass here is no honest host's. False: *why_out goes on "answered with garbage: ". */
bool outcome_read(const struct plugin_step_type *type, enum run_verb verb, const struct value *body,
                  struct arena *arena, struct run_outcome *outcome_out, struct text *why_out);
/* A message that came over the wire, or words that say that it was none. */
struct text outcome_message(const struct value *body);

#endif
