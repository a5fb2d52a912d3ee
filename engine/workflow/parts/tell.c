/* What tells people something and never moves the case: deadlines with their reminders, `notify`.
 */
#include "workflow/load.h"

/* Of two waits of one kind, whether the reminder comes after the beginning. Days of the calendar
 * and days of the clock cannot be compared before it is known when they begin. */
static bool comes_after_begin(const struct workflow_wait *within,
                              const struct workflow_wait *reminder)
{
    if (within->workdays > 0 && reminder->workdays > 0)
        return reminder->workdays < within->workdays;
    return within->workdays > 0 || reminder->workdays > 0 || reminder->ms < within->ms;
}

static void read_reminders(struct load *load, const struct yaml_node *list,
                           struct workflow_deadline *deadline)
{
    size_t count = list != NULL && list->count <= WORKFLOW_LIST_MAX ? list->count : 0;
    struct workflow_wait *reminders = ARENA_ARRAY(load->arena, struct workflow_wait, count);

    deadline->reminders = reminders;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list->entries[i].value;
        struct workflow_wait *reminder = &reminders[deadline->reminder_count];
        struct diag *diag;

        if (!load_wait(load, item, 1, reminder))
            continue;
        deadline->reminder_count++;
        if ((deadline->within.ms == 0 && deadline->within.workdays == 0) ||
            comes_after_begin(&deadline->within, reminder))
            continue;
        diag = load_fault(load, E_REMINDER, item->place, "too early",
                          "%.*s before the deadline, it has not begun yet", TEXT_ARG(item->text));
        diag_help(load->diags, diag, "a reminder comes so long before the deadline is due");
    }
}

const struct workflow_deadline *load_deadline(struct load *load, const struct yaml_node *state)
{
    const struct yaml_node *node = load_get(state, "deadline", YAML_MAP);
    const struct yaml_node *escalate = load_get(node, "escalate", YAML_SCALAR);
    struct workflow_deadline *deadline;

    if (node == NULL)
        return NULL;
    deadline = ARENA_NEW(load->arena, struct workflow_deadline);
    load_wait(load, load_get(node, "within", YAML_SCALAR), 1, &deadline->within);
    read_reminders(load, load_get(node, "remind", YAML_LIST), deadline);
    if (escalate != NULL && escalate->text.size > 0 &&
        load_names_need(load, &load->role_names, escalate->text, escalate->place) != SIZE_MAX)
        deadline->escalate = escalate->text;
    return deadline;
}

/* `to` names a role, or lists several. */
static struct workflow_roles read_to(struct load *load, const struct yaml_node *node)
{
    const struct yaml_node *to = load_get(node, "to", YAML_SCALAR);
    struct workflow_roles roles = {0};

    if (to == NULL)
        return load_roles(load, node, "to");
    if (to->text.size > 0 &&
        load_names_need(load, &load->role_names, to->text, to->place) != SIZE_MAX) {
        roles.ids = &to->text;
        roles.count = 1;
    }
    return roles;
}

/* What people are told is written for everybody to read: no value of a case gets into it. */
static void refuse_expressions(struct load *load, const struct yaml_node *words)
{
    struct diag *diag;

    for (size_t i = 0; words != NULL && words->kind == YAML_MAP && i < words->count; i++)
        refuse_expressions(load, words->entries[i].value);
    if (words == NULL || !load_is_expression(words))
        return;
    diag = load_fault(load, E_EXPRESSION, words->place, N_("an expression"),
                      "`text` takes no expression: it is shown where no data of a case is");
    diag_help(load->diags, diag, "write the words themselves; who opens the case sees its data");
}

bool load_notify(struct load *load, const struct yaml_node *node, uint16_t around,
                 struct workflow_action *action)
{
    (void)around;
    action->kind = WORKFLOW_NOTIFY;
    action->to = read_to(load, node);
    action->words = load_words(load, node, "text");
    refuse_expressions(load, yaml_get(node, "text"));
    return true;
}
