/* An outcome of a plugin's call as the core takes it. A file of its own, so that the author's tools
 * need no wheel. */
#include "base/arena.h"
#include "run/ports.h"

struct value run_outcome_value(struct arena *arena, const struct run_outcome *outcome)
{
    static const char *const names[] = {
        [RUN_DONE] = "done",     [RUN_REFUSED] = "refused", [RUN_FAILED] = "failed",
        [RUN_PARKED] = "parked", [RUN_DROPPED] = "dropped", [RUN_BROKEN] = "broken",
    };
    struct value value = value_map(arena);

    value_put(&value, "outcome", value_cstring(names[outcome->kind]));
    switch (outcome->kind) {
    case RUN_DONE:
        value_put(&value, "outputs", value_copy(arena, &outcome->outputs));
        break;
    case RUN_REFUSED:
        value_put(&value, "reasons", value_copy(arena, &outcome->reasons));
        break;
    case RUN_FAILED:
    case RUN_BROKEN:
        value_put(&value, "message", value_string(text_copy(arena, outcome->message)));
        value_put(&value, "retry", value_bool(outcome->retry));
        if (outcome->ran)
            value_put(&value, "ran", value_bool(true));
        break;
    case RUN_PARKED:
        value_put(&value, "answer", value_bool(outcome->wakes_on_answer));
        value_put(&value, "time", value_bool(outcome->wakes_on_time));
        if (outcome->wakes_on_time)
            value_put(&value, "until", value_int(outcome->until_ms));
        value_put(&value, "cookie", value_string(text_copy(arena, outcome->cookie)));
        break;
    case RUN_DROPPED:
        break;
    }
    return value;
}
