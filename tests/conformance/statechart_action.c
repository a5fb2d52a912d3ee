/* Running a workflow of the suite: expressions, actions, and `send` in virtual time. `log` is
 * passed over. An error ends its block of actions and raises error.execution. */
#include "base/when.h"
#include "statechart_subject.h"

/* ---- Expressions ---- */

static size_t field_named(const struct subject *subject, struct text name)
{
    for (size_t i = 0; i < subject->field_count; i++)
        if (text_equal(subject->names[i].name, name))
            return i;
    return SIZE_MAX;
}

static bool read_name(void *self, struct text name, struct value *value_out)
{
    const struct subject *subject = self;
    size_t field = field_named(subject, name);
    if (field != SIZE_MAX)
        *value_out = subject->values[field];
    else if (text_is(name, "event.name"))
        *value_out = value_string(subject->event.name);
    else
        *value_out = subject->event.data;
    return value_out->kind != VALUE_NULL;
}

static bool is_in_state(void *self, struct text id)
{
    const struct subject *subject = self;
    return subject->configuration.active[chart_state_named(&subject->chart, id)];
}

bool subject_evaluate(struct subject *subject, struct text source, struct place place,
                      const struct cel_type *wanted, struct value *value_out)
{
    struct cel_bindings bindings = {.self = subject, .read = read_name, .in_state = is_in_state};
    struct text error;
    const struct cel_program *program =
        cel_compile(&subject->scope, source, place, wanted, subject->diags);
    if (program == NULL)
        return false;
    if (cel_evaluate(program, &bindings, subject->arena, value_out, &error) == 0)
        return true;
    diag_add(subject->diags, DIAG_ERROR, "T2", place, "%.*s", TEXT_ARG(error));
    return false;
}

bool subject_value(struct subject *subject, const struct yaml_node *node, struct value *value_out)
{
    int64_t integer;
    if (text_begins(node->text, "=")) {
        struct text source = {node->text.bytes + 1, node->text.size - 1};
        return subject_evaluate(subject, source, node->place, NULL, value_out);
    }
    *value_out = value_string(node->text);
    if (node->plain && text_to_int(node->text, &integer))
        *value_out = value_int(integer);
    return true;
}

/* ---- Actions ---- */

static bool do_set(struct subject *subject, const struct yaml_node *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct yaml_entry *entry = &fields->entries[i];
        size_t field =
            field_named(subject, text_printf(subject->arena, "data.%.*s", TEXT_ARG(entry->key)));
        struct value value;
        if (field == SIZE_MAX)
            return SUBJECT_FAULT(subject, entry->value, "there is no such field");
        if (!subject_value(subject, entry->value, &value))
            return false;
        if (value.kind != VALUE_INT)
            return SUBJECT_FAULT(subject, entry->value, "an integer is meant");
        subject->values[field] = value;
    }
    return true;
}

/* `event`, or {event, data}. */
static bool read_event(struct subject *subject, const struct yaml_node *node,
                       struct chart_event *event_out)
{
    const struct yaml_node *name = node->kind == YAML_MAP ? yaml_get(node, "event") : node;
    const struct yaml_node *data = yaml_get(node, "data");
    struct value value;
    if (name == NULL)
        return SUBJECT_FAULT(subject, node, "there is no event");
    if (!subject_value(subject, name, &value))
        return false;
    if (value.kind != VALUE_STRING)
        return SUBJECT_FAULT(subject, name, "the event has no name");
    *event_out = (struct chart_event){.name = value.string, .transition = CHART_NONE};
    if (data)
        event_out->data = value_map(subject->arena);
    for (size_t i = 0; data && i < data->count; i++) {
        if (!subject_value(subject, data->entries[i].value, &value))
            return false;
        value_set(&event_out->data, data->entries[i].key, value);
    }
    return true;
}

static bool do_raise(struct subject *subject, const struct yaml_node *node)
{
    struct chart_event event;
    if (!read_event(subject, node, &event))
        return false;
    chart_raise(subject->run, event.name, event.data);
    return true;
}

static bool read_delay(struct subject *subject, const struct yaml_node *node, int64_t *delay_ms_out)
{
    struct value value;
    if (node == NULL)
        return true;
    if (!subject_value(subject, node, &value))
        return false;
    if (value.kind == VALUE_DURATION) {
        *delay_ms_out = when_to_ms(value.instant);
        return true;
    }
    if (value.kind != VALUE_STRING || !when_read_span(value.string, delay_ms_out))
        return SUBJECT_FAULT(subject, node, "a duration is meant");
    return true;
}

static bool do_send(struct subject *subject, const struct yaml_node *node)
{
    struct timer *timer = ARENA_NEW(subject->arena, struct timer);
    const struct yaml_node *id = yaml_get(node, "id");
    int64_t delay_ms = 0;
    if (!read_event(subject, node, &timer->event) ||
        !read_delay(subject, yaml_get(node, "delay"), &delay_ms))
        return false;
    timer->id = id ? id->text : TEXT_NONE;
    timer->due_ms = subject->now_ms + delay_ms;
    struct timer **at = &subject->timers;
    while (*at && (*at)->due_ms <= timer->due_ms)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
    return true;
}

static bool do_cancel(struct subject *subject, const struct yaml_node *node)
{
    struct value id;
    if (!subject_value(subject, node, &id))
        return false;
    for (struct timer **at = &subject->timers; *at;) {
        if (id.kind == VALUE_STRING && text_equal((*at)->id, id.string))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    return true;
}

static bool do_log(struct subject *subject, const struct yaml_node *node)
{
    (void)subject;
    (void)node;
    return true;
}

static bool do_all(struct subject *subject, const struct yaml_node *list);

static bool do_if(struct subject *subject, const struct yaml_node *item)
{
    const struct yaml_node *condition = yaml_get(item, "if");
    struct value holds;
    if (!subject_evaluate(subject, condition->text, condition->place, cel_type_of(CEL_BOOL),
                          &holds))
        return false;
    const struct yaml_node *branch = yaml_get(item, holds.boolean ? "then" : "else");
    return branch == NULL || do_all(subject, branch);
}

static const struct {
    const char *key;
    bool (*run)(struct subject *subject, const struct yaml_node *node);
} actions[] = {
    {"set", do_set}, {"raise", do_raise}, {"send", do_send}, {"cancel", do_cancel}, {"log", do_log},
};

static bool do_one(struct subject *subject, const struct yaml_node *item)
{
    if (item->kind == YAML_LIST) {
        subject_do(subject, item);
        return true;
    }
    if (yaml_get(item, "if"))
        return do_if(subject, item);
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
        const struct yaml_node *node = yaml_get(item, actions[i].key);
        if (node)
            return actions[i].run(subject, node);
    }
    return SUBJECT_FAULT(subject, item, "this action is not known to this suite");
}

static bool do_all(struct subject *subject, const struct yaml_node *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!do_one(subject, list->entries[i].value))
            return false;
    return true;
}

void subject_do(struct subject *subject, const struct yaml_node *list)
{
    if (list && !do_all(subject, list))
        chart_raise(subject->run, TEXT("error.execution"), value_null());
}

/* ---- Hooks ---- */

static enum chart_answer guard(void *self, uint16_t transition, const struct chart_event *event)
{
    struct subject *subject = self;
    const struct yaml_node *written = yaml_get(subject->transitions[transition], "guard");
    struct value holds;
    (void)event;
    if (written == NULL)
        return CHART_YES;
    if (!subject_evaluate(subject, written->text, written->place, cel_type_of(CEL_BOOL), &holds))
        return CHART_ERROR;
    return holds.boolean ? CHART_YES : CHART_NO;
}

static void selected(void *self, const uint16_t *transitions, size_t count,
                     const struct chart_event *event)
{
    (void)self;
    (void)transitions;
    (void)count;
    (void)event;
}

static void leave(void *self, uint16_t state)
{
    struct subject *subject = self;
    subject_do(subject, yaml_get(subject->states[state], "exit"));
}

static void act(void *self, uint16_t transition)
{
    struct subject *subject = self;
    subject_do(subject, yaml_get(subject->transitions[transition], "do"));
}

static void enter(void *self, uint16_t state)
{
    struct subject *subject = self;
    subject_do(subject, yaml_get(subject->states[state], "entry"));
}

static struct value final_data(void *self, uint16_t state)
{
    (void)self;
    (void)state;
    return value_null();
}

static void bind(void *self, const struct chart_event *event)
{
    ((struct subject *)self)->event = *event;
}

static void begin(void *self, struct chart_run *run)
{
    ((struct subject *)self)->run = run;
}

/* ---- Running ---- */

typedef int chart_entry(const struct chart *chart, struct chart_configuration *configuration,
                        const struct chart_event *event, const struct chart_hooks *hooks,
                        struct arena *arena, void (*begin)(void *self, struct chart_run *run),
                        struct chart_result *result_out);

/* One macrostep. */
static bool take(struct subject *subject, chart_entry *entry, struct chart_event event)
{
    struct chart_hooks hooks = {.self = subject,
                                .guard = guard,
                                .selected = selected,
                                .leave = leave,
                                .act = act,
                                .enter = enter,
                                .final_data = final_data,
                                .bind = bind};
    struct chart_result result;
    if (entry(&subject->chart, &subject->configuration, &event, &hooks, subject->arena, begin,
              &result) < 0)
        return SUBJECT_FAULT(subject, subject->states[0], "the chart does not settle");
    if (result.is_closed)
        subject->timers = NULL;
    return true;
}

bool subject_wait(struct subject *subject, int64_t span_ms)
{
    int64_t until_ms = subject->now_ms + span_ms;
    while (subject->timers && subject->timers->due_ms <= until_ms) {
        struct timer *timer = subject->timers;
        subject->timers = timer->next;
        if (timer->due_ms > subject->now_ms)
            subject->now_ms = timer->due_ms;
        if (!take(subject, chart_step, timer->event))
            return false;
    }
    subject->now_ms = until_ms;
    return true;
}

bool subject_start(struct subject *subject)
{
    struct chart_event event = {.name = TEXT("case.open"), .transition = CHART_NONE};
    return take(subject, chart_start, event) && subject_wait(subject, 0);
}

bool subject_send(struct subject *subject, struct chart_event event)
{
    return take(subject, chart_step, event) && subject_wait(subject, 0);
}
