/* Definitions as files and pictures, for the socket: the author's tools, brought to it. */
#ifndef SANKOFA_DAEMON_PICTURES_H
#define SANKOFA_DAEMON_PICTURES_H

#include "api/api.h"
#include "workflow/workflow.h"

/* What `definition` (as it is stored) is in that form. `active`: ids of states that the picture
 * marks; NULL: none. Lives in `arena`. */
struct text pictures_draw(const struct workflow_context *context, enum api_form form,
                          struct text definition, struct text language, const struct value *active,
                          struct arena *arena);

#endif
