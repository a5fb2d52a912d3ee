/* Checks: what their outcomes mean for the transition that asked them, and what the outputs of a
 * plugin's call may put into the data. */
#include "base/arena.h"
#include "case/turn.h"

struct text case_check_key(const struct workflow *workflow, uint16_t transition,
                           const struct workflow_check *check, struct arena *arena)
{
    struct text name = case_transition_name(workflow, transition, arena);
    return text_printf(arena, "%.*s.%.*s", TEXT_ARG(name), TEXT_ARG(check->id));
}

bool case_into(const struct workflow_into *into, size_t count, const struct value *outputs,
               struct arena *arena, struct value *patch_out, struct text *why_out)
{
    *patch_out = value_map(arena);
    for (size_t i = 0; i < count; i++) {
        const struct workflow_field *field = into[i].field;
        const struct value *output = value_get(outputs, into[i].output);
        struct value stored = value_null();
        struct text why, suggest;
        if (output != NULL && !field_accept(field, output, arena, &stored, &why, &suggest)) {
            *why_out = text_printf(arena, N_("its output %.*s is against the rule of %.*s: %.*s"),
                                   TEXT_ARG(into[i].output), TEXT_ARG(field->id), TEXT_ARG(why));
            return false;
        }
        value_set(patch_out, field->id, stored);
    }
    return true;
}

/* The field that a plugin's input stands for, as a pointer into the request; else empty. */
static struct text input_pointer(const struct case_turn *turn, const struct workflow_check *check,
                                 struct text input)
{
    for (size_t i = 0; i < check->with.count; i++) {
        const struct workflow_input *item = &check->with.items[i];
        const struct workflow_field *field = case_input_field(turn->workflow, item);
        if (text_equal(item->name, input) && field != NULL)
            return case_pointer(field->id, turn->arena);
    }
    return TEXT_NONE;
}

static void add_reasons(const struct case_turn *turn, const struct workflow_check *check,
                        const struct value *outcome, struct problem *problem)
{
    struct arena *arena = turn->arena;
    const struct value *reasons = value_get(outcome, TEXT("reasons"));
    if (problem->code == PROBLEM_NONE)
        problem_set(problem, arena, PROBLEM_CHECK_REFUSED, "The check %.*s refuses this.",
                    TEXT_ARG(check->id));
    for (size_t i = 0; i < value_count(reasons); i++) {
        const struct value *reason = value_item(reasons, i);
        problem_add(problem, arena, input_pointer(turn, check, value_text_at(reason, "input")),
                    "refused", value_text_at(reason, "message"), TEXT_NONE);
    }
}

static void set_broken(struct case_turn *turn, const struct workflow_check *check,
                       struct text message, bool is_retryable)
{
    problem_set(&turn->broken, turn->arena, PROBLEM_PLUGIN_FAILED,
                "The check %.*s (%.*s/%.*s) failed: %.*s", TEXT_ARG(check->id),
                TEXT_ARG(check->plugin), TEXT_ARG(check->step), TEXT_ARG(message));
    if (is_retryable)
        return;
    turn->broken.extra = value_map(turn->arena);
    value_put(&turn->broken.extra, "retryable", value_bool(false));
}

enum verdict { PASSES, REFUSES, FAILS, FAULT };

/* Nobody asked it, because its inputs have a fault, or nobody answered. */
static enum verdict judge_unanswered(struct case_turn *turn, uint16_t transition,
                                     const struct workflow_check *check)
{
    struct value inputs;
    struct text why;
    if (case_inputs(&turn->scope, &check->with, &inputs, &why)) {
        set_broken(turn, check, TEXT(N_("it was not answered.")), true);
        return FAILS;
    }
    case_fault(turn, &turn->workflow->transitions[transition].place,
               text_printf(turn->arena, "check %.*s: %.*s", TEXT_ARG(check->id), TEXT_ARG(why)));
    return FAULT;
}

static enum verdict judge_outcome(struct case_turn *turn, const struct workflow_check *check,
                                  const struct value *outcome, struct value *outputs,
                                  struct problem *refusal)
{
    const struct value *kind = value_get(outcome, TEXT("outcome"));
    struct value patch;
    struct text why = value_text_at(outcome, "message");
    bool is_retryable = true;
    if (value_is_string(kind, "refused")) {
        add_reasons(turn, check, outcome, refusal);
        return REFUSES;
    }
    if (value_is_string(kind, "done")) {
        if (case_into(check->into, check->into_count, value_get(outcome, TEXT("outputs")),
                      turn->arena, &patch, &why)) {
            for (size_t i = 0; i < value_count(&patch); i++)
                value_set(outputs, value_member(&patch, i)->key, value_member(&patch, i)->value);
            return PASSES;
        }
    } else if (value_is_string(kind, "failed") || value_is_string(kind, "broken")) {
        is_retryable = value_bool_at(outcome, "retry");
    } else {
        why = TEXT(N_("its outcome is none of a check."));
    }
    set_broken(turn, check, why, is_retryable);
    return FAILS;
}

bool case_checks_pass(struct case_turn *turn, uint16_t transition, struct value *outputs_out,
                      bool *is_fault_out)
{
    const struct workflow_transition *t = &turn->workflow->transitions[transition];
    struct problem refusal = {0};
    *outputs_out = value_map(turn->arena);
    *is_fault_out = false;
    for (size_t i = 0; i < t->check_count; i++) {
        const struct workflow_check *check = &t->checks[i];
        const struct value *outcome = value_get(
            &turn->event->checks, case_check_key(turn->workflow, transition, check, turn->arena));
        enum verdict verdict = outcome == NULL
                                   ? judge_unanswered(turn, transition, check)
                                   : judge_outcome(turn, check, outcome, outputs_out, &refusal);
        *is_fault_out = verdict == FAULT;
        if (verdict == FAILS || verdict == FAULT)
            return false;
    }
    if (refusal.code != PROBLEM_NONE && turn->reason.code == PROBLEM_NONE)
        turn->reason = refusal;
    return refusal.code == PROBLEM_NONE;
}

struct text case_explain(const struct workflow *workflow, uint16_t transition, struct text language,
                         struct arena *arena)
{
    const struct workflow_transition *t = &workflow->transitions[transition];
    struct text words = workflow_say(workflow, &t->explain, language);
    if (!text_is_empty(words))
        return words;
    return text_printf(arena, N_("This needs: %.*s"), TEXT_ARG(cel_program_source(t->guard)));
}
