/* Steps of states and checks of transitions; and how values pass between expressions and plugins.
 */
#include "base/when.h"
#include "workflow/load.h"

enum { RETRY_WAIT_MS_MIN = 1000 };

void load_steps_collect(struct load *load, uint16_t state, const struct yaml_node *steps)
{
    for (size_t i = 0; steps->kind == YAML_MAP && i < steps->count; i++) {
        const struct yaml_entry *entry = &steps->entries[i];
        size_t number = load->step_names.count,
               first = load_names_find(&load->step_names, entry->key);
        struct diag *diag;

        if (number == load->step_names.capacity)
            return;
        if (first != SIZE_MAX) {
            diag = load_fault(load, E_STEP_TWICE, entry->key_place, "again",
                              "there are two steps \"%.*s\"", TEXT_ARG(entry->key));
            diag_help(load->diags, diag,
                      "the other one stands at %.*s:%u; ids of steps are unique in the whole "
                      "workflow",
                      TEXT_ARG(load->step_names.places[first].file),
                      load->step_names.places[first].line);
        }
        load_names_add(&load->step_names, entry->key, entry->key_place);
        load->step_entries[number] = entry;
        load->steps[number].id = entry->key;
        load->steps[number].state = state;
        load_transitions_of_step(load, entry->value, &load->steps[number]);
    }
}

/* The description belongs to whoever found the plugin: what is kept of it is copied. */
static struct plugin_fields copy_outputs(struct load *load, struct plugin_fields from)
{
    struct plugin_field *items = ARENA_ARRAY(load->arena, struct plugin_field, from.count);

    for (size_t i = 0; i < from.count; i++) {
        items[i].name = text_copy(load->arena, from.items[i].name);
        items[i].kind = from.items[i].kind;
    }
    return (struct plugin_fields){items, from.count};
}

static void retry_fault(struct load *load, const struct yaml_node *scalar, const char *label,
                        const char *why)
{
    load_fault(load, E_RETRY, scalar->place, label, "%s", why);
}

static struct workflow_retry read_retry(struct load *load, const struct yaml_node *step)
{
    const struct yaml_node *map = load_get(step, "retry", YAML_MAP);
    const struct yaml_node *attempts = load_get(map, "attempts", YAML_SCALAR);
    const struct yaml_node *factor = load_get(map, "factor", YAML_SCALAR);
    const struct yaml_node *wait_max = load_get(map, "wait_max", YAML_SCALAR);
    struct workflow_retry retry = {.factor = 1};

    if (attempts != NULL && text_to_int(attempts->text, &retry.attempts) && retry.attempts == 1)
        retry_fault(load, attempts, "only once",
                    "the first attempt counts: with one there is no retry");
    if (factor != NULL && text_to_double(factor->text, &retry.factor) && retry.factor < 1)
        retry_fault(load, factor, "below 1", "by this factor the waits become shorter");
    load_span(load, load_get(map, "wait", YAML_SCALAR), RETRY_WAIT_MS_MIN, &retry.wait_ms);
    if (load_span(load, wait_max, RETRY_WAIT_MS_MIN, &retry.wait_max_ms) &&
        retry.wait_max_ms < retry.wait_ms)
        retry_fault(load, wait_max, "below `wait`", "the longest wait is shorter than the first");
    return retry;
}

static void read_step(struct load *load, size_t number)
{
    const struct yaml_entry *entry = load->step_entries[number];
    struct workflow_step *step = &load->steps[number];
    const struct yaml_node *answer = load_get(entry->value, "answer", YAML_MAP);
    struct plugin_use use = load_use(load, entry->value, false);

    step->title = load_words(load, entry->value, "title");
    step->plugin = use.plugin;
    step->step = use.step;
    step->timeout_ms = use.timeout_ms;
    step->retry = read_retry(load, entry->value);
    step->with = load_with(load, entry->value, &use, CHART_NONE);
    step->into = load_into(load, entry->value, &use, &step->into_count);
    step->has_answer = answer != NULL;
    step->answer_by = load_roles(load, answer, "by");
    step->answer_form = load_form(load, answer, "form");
    load_answers_check(load, entry, step, &use);
    if (use.type != NULL)
        step->outputs = copy_outputs(load, use.type->outputs);
}

/* Gives each state its steps, which stand in the order of their states' keys. */
static void hang_steps(struct load *load)
{
    for (uint16_t i = 0; i < load->workflow->chart.state_count; i++) {
        struct workflow_state *state = &load->states[i];
        const struct yaml_node *node = load_get(load->state_nodes[i], "steps", YAML_MAP);
        const struct workflow_step **steps = ARENA_ARRAY(load->arena, const struct workflow_step *,
                                                         node != NULL && i > 0 ? node->count : 0);

        state->steps = steps;
        for (size_t j = 0; node != NULL && j < load->step_names.count; j++)
            if (load->steps[j].state == i)
                steps[state->step_count++] = &load->steps[j];
    }
}

void load_steps(struct load *load)
{
    for (size_t i = 0; i < load->step_names.count; i++)
        read_step(load, i);
    hang_steps(load);
}

void load_checks(struct load *load, uint16_t number)
{
    const struct yaml_node *map = load_get(load->drafts[number].node, "check", YAML_MAP);
    struct workflow_transition *transition = &load->transitions[number];
    struct workflow_check *checks =
        ARENA_ARRAY(load->arena, struct workflow_check, map != NULL ? map->count : 0);

    transition->checks = checks;
    for (size_t i = 0; map != NULL && i < map->count; i++) {
        const struct yaml_node *node = map->entries[i].value;
        struct workflow_check *check = &checks[transition->check_count++];
        struct plugin_use use = load_use(load, node, true);

        check->id = map->entries[i].key;
        check->title = load_words(load, node, "title");
        check->plugin = use.plugin;
        check->step = use.step;
        check->timeout_ms = use.timeout_ms;
        check->with = load_with(load, node, &use, number);
        check->into = load_into(load, node, &use, &check->into_count);
    }
}

static bool is_midnight(struct instant instant)
{
    struct civil civil = when_civil(instant, 0);

    return civil.hour == 0 && civil.minute == 0 && civil.second == 0 && civil.nanos == 0;
}

bool workflow_input_value(enum plugin_kind kind, const struct value *typed, struct arena *arena,
                          struct value *json_out, struct text *why_out)
{
    const struct plugin_field field = {.name = TEXT(N_("The value")), .kind = kind};

    *json_out = *typed;
    if (typed->kind == VALUE_TIMESTAMP && kind == PLUGIN_DATE && is_midnight(typed->instant))
        *json_out = value_string(when_write_date(arena, typed->instant));
    else if (typed->kind == VALUE_TIMESTAMP && kind != PLUGIN_DATE)
        *json_out = value_string(when_write_timestamp(arena, typed->instant));
    return (int)kind == 0 || plugin_accepts(&field, json_out, arena, why_out);
}

struct value workflow_output_value(struct plugin_fields outputs, struct text name,
                                   const struct value *json)
{
    const struct plugin_field *output = plugin_field(outputs, name);
    struct instant instant;

    if (output != NULL && output->kind == PLUGIN_NUMBER && json->kind == VALUE_INT)
        return value_double((double)json->integer);
    if (output == NULL || json->kind != VALUE_STRING)
        return *json;
    if ((output->kind == PLUGIN_DATE && when_read_date(json->string, &instant)) ||
        (output->kind == PLUGIN_TIMESTAMP && when_read_timestamp(json->string, &instant)))
        return value_timestamp(instant);
    return *json;
}
