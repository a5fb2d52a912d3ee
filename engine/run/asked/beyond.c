/* What a checked definition may use that this daemon cannot bring to people yet: proposals,
 * notices. Such a definition can be checked and tested; a case on it would wait for ever, so it is
 * refused by name before one can be opened. */
#include "run/internal.h"

static bool notifies(const struct workflow_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        for (size_t k = 0; k < blocks->items[i].count; k++) {
            const struct workflow_action *action = &blocks->items[i].actions[k];
            if (action->kind == WORKFLOW_NOTIFY || notifies(&action->then) ||
                notifies(&action->otherwise))
                return true;
        }
    return false;
}

static const char *beyond_state(const struct workflow_state *state)
{
    if (state->deadline && state->deadline->reminder_count > 0)
        return "remind";
    if (state->deadline && !text_is_empty(state->deadline->escalate))
        return "escalate";
    return notifies(&state->entry) || notifies(&state->exit) ? "notify" : NULL;
}

const char *beyond_this_version(const struct workflow *workflow)
{
    const char *word = NULL;

    for (size_t i = 0; i < workflow->chart.state_count && !word; i++)
        word = beyond_state(&workflow->states[i]);
    for (size_t i = 0; i < workflow->chart.transition_count && !word; i++) {
        const struct workflow_transition *transition = &workflow->transitions[i];
        word = transition->approve ? "approve" : notifies(&transition->act) ? "notify" : NULL;
    }
    return word;
}
