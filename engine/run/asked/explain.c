/* Why a case is where it is: what the core says of it, and what only the wheel knows, that a call
 * was turned away. */
#include "base/arena.h"
#include "case/view.h"
#include "run/internal.h"

/* Steps whose calls wait for their plugin to come back. */
static void say_away(const struct run_case *one, const struct value *steps, struct arena *arena)
{
    for (size_t i = 0; i < value_count(steps); i++) {
        struct value step = *value_item(steps, i);
        struct text why = calls_why_away(one, value_text_at(&step, "id"));
        if (text_is_empty(why))
            continue;
        why = text_printf(arena, N_("Its plugin could not take it yet, and is asked again: %.*s"),
                          TEXT_ARG(why));
        value_set(&step, TEXT("waits_for"), value_string(why));
    }
}

void explain_run(struct wheel *wheel, struct queued *queued)
{
    uint64_t batch = 0;
    struct run_case *one = read_case_logged(wheel, queued, &batch);

    if (!one)
        return;
    struct run_reply answer = {.status = 200,
                               .has_revision = true,
                               .revision = one->state.revision,
                               .body = case_explanation(&one->state, &queued->person,
                                                        queued->request.language,
                                                        wheel_now_ms(wheel), wheel->turn)};
    say_away(one, value_get(&answer.body, TEXT("steps")), wheel->turn);
    wheel_reply(wheel, queued, batch, &answer);
}
