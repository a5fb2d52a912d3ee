/* Blocks of actions: `entry`, `exit` and `do`. An error ends its block, raises error.execution, and
 * the macrostep goes on. What stands under `if` belongs to the block that `if` stands in. */
#include "base/arena.h"
#include "base/check.h"
#include "case/turn.h"

/* A literal was read by its field's rules when the workflow was loaded. */
static bool set_value(struct case_turn *turn, const struct workflow_field *field,
                      const struct workflow_input *input, struct value *stored_out,
                      struct text *why_out)
{
    struct value typed;
    if (input->program == NULL) {
        *stored_out = input->literal;
        return true;
    }
    return case_evaluate(&turn->scope, input->program, &typed, why_out) == 0 &&
           field_store(field, &typed, turn->arena, stored_out, why_out);
}

static bool set(struct case_turn *turn, const struct workflow_action *action)
{
    for (size_t i = 0; i < action->sets.count; i++) {
        const struct workflow_input *input = &action->sets.items[i];
        const struct workflow_field *field = workflow_field(turn->workflow, input->name);
        struct value stored;
        struct text why;
        CHECK(field != NULL);
        if (!set_value(turn, field, input, &stored, &why)) {
            case_fault_raise(turn, &action->place,
                             text_printf(turn->arena, N_("%.*s is not set: %.*s"),
                                         TEXT_ARG(input->name), TEXT_ARG(why)));
            return false;
        }
        struct value *data = case_part(turn, PART_DATA);
        if (stored.kind == VALUE_NULL)
            value_remove(data, field->id);
        else
            value_set(data, field->id, stored);
    }
    return true;
}

static bool raise_event(struct case_turn *turn, const struct workflow_action *action)
{
    struct value data = value_null();
    struct text why;
    if (action->data.count > 0 && !case_event_data(&turn->scope, &action->data, &data, &why)) {
        case_fault_raise(turn, &action->place,
                         text_printf(turn->arena, N_("%.*s is not raised: %.*s"),
                                     TEXT_ARG(action->text), TEXT_ARG(why)));
        return false;
    }
    chart_raise(turn->run, action->text, data);
    return true;
}

bool case_action_text(struct case_turn *turn, const struct workflow_action *action,
                      struct text *text_out, struct text *why_out)
{
    struct value text;
    *text_out = action->text;
    if (action->program == NULL)
        return true;
    if (case_evaluate(&turn->scope, action->program, &text, why_out) != 0)
        return false;
    CHECK(text.kind == VALUE_STRING);
    *text_out = text.string;
    return true;
}

/* At most that many bytes, whole code points. */
static struct text cut(struct text text, size_t bytes_max)
{
    size_t end = 0, next = 0;
    while (next <= bytes_max && next < text.size) {
        end = next;
        text_next_code_point(text, &next);
    }
    return next <= bytes_max ? text : (struct text){text.bytes, end};
}

static bool tell(struct case_turn *turn, const struct workflow_action *action)
{
    struct value line = value_map(turn->arena);
    struct text text, why;
    if (!case_action_text(turn, action, &text, &why)) {
        case_fault_raise(turn, &action->place,
                         text_printf(turn->arena, "log: %.*s", TEXT_ARG(why)));
        return false;
    }
    value_put(&line, "text", value_string(text_copy(turn->arena, cut(text, CASE_LOG_BYTES_MAX))));
    if (action->is_private)
        value_put(&line, "private", value_bool(true));
    if (value_count(&turn->logs) < CASE_LOGS_MAX)
        value_append(&turn->logs, line);
    return true;
}

static bool run_blocks(struct case_turn *turn, const struct workflow_blocks *blocks);

static bool run_if(struct case_turn *turn, const struct workflow_action *action)
{
    struct value holds;
    struct text why;
    if (case_evaluate(&turn->scope, action->program, &holds, &why) != 0) {
        case_fault_raise(turn, &action->place, text_printf(turn->arena, "if: %.*s", TEXT_ARG(why)));
        return false;
    }
    return run_blocks(turn, holds.boolean ? &action->then : &action->otherwise);
}

static bool run_action(struct case_turn *turn, const struct workflow_action *action)
{
    switch (action->kind) {
    case WORKFLOW_SET:
        return set(turn, action);
    case WORKFLOW_RAISE:
        return raise_event(turn, action);
    case WORKFLOW_SEND:
        return case_send(turn, action);
    case WORKFLOW_CANCEL:
        return case_cancel(turn, action);
    case WORKFLOW_LOG:
        return tell(turn, action);
    case WORKFLOW_IF:
        return run_if(turn, action);
    case WORKFLOW_NOTIFY:
        return case_notify(turn, action);
    }
    CHECK(!"a kind of action");
    return false;
}

static bool run_block(struct case_turn *turn, const struct workflow_block *block)
{
    for (size_t i = 0; i < block->count; i++)
        if (!run_action(turn, &block->actions[i]))
            return false;
    return true;
}

/* False: an error ended the block that all of them stand in. */
static bool run_blocks(struct case_turn *turn, const struct workflow_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        const struct workflow_block *block = &blocks->items[i];
        if (!run_block(turn, block) && block->is_outer)
            return false;
    }
    return true;
}

void case_act(struct case_turn *turn, const struct workflow_blocks *blocks)
{
    run_blocks(turn, blocks);
}
