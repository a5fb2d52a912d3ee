/* Why: of each transition of an active state, whether it can be taken now; of each step, what it
 * waits for. Sentences for staff, in English; what the workflow says of its guards in its own
 * language. */
#include "base/arena.h"
#include "base/when.h"
#include "case/shown/show.h"

struct asking {
    const struct case_state *state;
    const struct workflow *workflow;
    const struct case_person *viewer;
    struct text language;
    int64_t now_ms;
    const struct chart_configuration *configuration;
    struct arena *arena;
};

static struct text moment_written(const struct asking *asking, int64_t at_ms)
{
    return when_write_timestamp(asking->arena, when_from_ms(at_ms));
}

/* ---- Transitions. ---- */

static int64_t timer_due(const struct asking *asking, uint16_t transition)
{
    const struct value *timers = value_get(&asking->state->doc, TEXT("timers"));
    struct text name = case_transition_name(asking->workflow, transition, asking->arena);
    for (size_t i = 0; i < value_count(timers); i++) {
        const struct value *timer = &value_member(timers, i)->value;
        if (text_equal(value_text_at(timer, "transition"), name))
            return value_int_at(timer, "due", 0);
    }
    return -1;
}

/* Of one that no person can trigger: what it waits for. */
static struct text why_automatic(const struct asking *asking, uint16_t transition)
{
    const struct chart_transition *t = &asking->workflow->chart.transitions[transition];
    const struct cel_program *guard = asking->workflow->transitions[transition].guard;
    int64_t due_ms = t->trigger == CHART_AFTER ? timer_due(asking, transition) : -1;
    if (due_ms >= 0)
        return text_printf(asking->arena, N_("It is taken at %.*s, if its state is still active."),
                           TEXT_ARG(moment_written(asking, due_ms)));
    if (t->trigger == CHART_AFTER)
        return TEXT(N_("Its time is over, and it was not taken then."));
    struct text explained = workflow_say(
        asking->workflow, &asking->workflow->transitions[transition].explain, asking->language);
    if (t->trigger == CHART_ALWAYS && !text_is_empty(explained))
        return explained;
    if (t->trigger == CHART_ALWAYS)
        return guard == NULL
                   ? TEXT(N_("It is taken with the next event."))
                   : text_printf(asking->arena, N_("It is taken of itself once this holds: %.*s"),
                                 TEXT_ARG(cel_program_source(guard)));
    return text_printf(asking->arena, N_("No person triggers it: it comes with the event %.*s."),
                       TEXT_ARG(t->event));
}

static const char *trigger_name(const struct asking *asking, uint16_t transition)
{
    switch (asking->workflow->chart.transitions[transition].trigger) {
    case CHART_ON:
        return asking->workflow->transitions[transition].by.count > 0 ? "person" : "event";
    case CHART_ALWAYS:
        return "always";
    case CHART_AFTER:
        return "after";
    case CHART_DEFAULT:
        break;
    }
    return "default";
}

static struct text state_title(const struct asking *asking, uint16_t state)
{
    return case_say(asking->workflow, &asking->workflow->states[state].title, asking->language,
                    asking->workflow->chart.states[state].id);
}

static struct value transition_value(const struct asking *asking, uint16_t transition)
{
    const struct chart *chart = &asking->workflow->chart;
    const struct chart_transition *t = &chart->transitions[transition];
    struct value one = value_map(asking->arena), targets = value_list(asking->arena);
    bool has_person = asking->workflow->transitions[transition].by.count > 0;
    struct text why = has_person ? case_why_not(asking->state, asking->viewer, asking->language,
                                                asking->now_ms, transition, asking->arena)
                                 : why_automatic(asking, transition);
    for (uint16_t i = 0; i < t->target_count; i++)
        value_append(&targets, value_string(chart->states[t->targets[i]].id));
    struct text title = workflow_say(
        asking->workflow, &asking->workflow->transitions[transition].title, asking->language);
    value_put(&one, "id", value_string(t->id));
    if (!text_is_empty(title))
        value_put(&one, "title", value_string(title));
    value_put(&one, "state", value_string(chart->states[t->source].id));
    value_put(&one, "state_title", value_string(state_title(asking, t->source)));
    value_put(&one, "trigger", value_cstring(trigger_name(asking, transition)));
    if (t->trigger == CHART_ON)
        value_put(&one, "event", value_string(t->event));
    value_put(&one, "targets", targets);
    value_put(&one, "target_titles",
              case_state_titles(asking->workflow, &targets, asking->language, asking->arena));
    value_put(&one, "possible", value_bool(has_person && text_is_empty(why)));
    if (!text_is_empty(why))
        value_put(&one, "why", value_string(why));
    return one;
}

static struct value transitions_value(const struct asking *asking)
{
    const struct chart *chart = &asking->workflow->chart;
    struct value list = value_list(asking->arena);
    for (uint16_t i = 0; i < chart->transition_count; i++)
        if (asking->configuration->active[chart->transitions[i].source] &&
            chart->transitions[i].trigger != CHART_DEFAULT)
            value_append(&list, transition_value(asking, i));
    return list;
}

/* ---- Steps. ---- */

static struct text parked_for(const struct asking *asking, const struct workflow_step *step,
                              const struct value *record)
{
    struct text by = case_roles_written(&step->answer_by, asking->arena);
    struct text until = moment_written(asking, value_int_at(record, "until", 0));
    if (!value_bool_at(record, "wakes_answer"))
        return text_printf(asking->arena, N_("It is parked until %.*s."), TEXT_ARG(until));
    if (!value_bool_at(record, "wakes_time"))
        return text_printf(asking->arena, N_("It is parked for an answer by %.*s."), TEXT_ARG(by));
    return text_printf(asking->arena, N_("It is parked for an answer by %.*s, until %.*s."),
                       TEXT_ARG(by), TEXT_ARG(until));
}

static struct text held_for(const struct asking *asking, const struct workflow_step *step,
                            const struct value *record)
{
    struct workflow_roles roles = case_settle_roles(asking->workflow, step, asking->arena);
    const char *what =
        value_is_string(value_get(record, TEXT("status")), "lost")
            ? N_("Nobody knows whether it happened")
            : N_("The same input broke its plugin's host again, so that it is not run "
                 "any more of itself");
    return text_printf(asking->arena,
                       N_("%s: %.*s A person settles it (%.*s): done, failed or again."), what,
                       TEXT_ARG(value_text_at(record, "why")),
                       TEXT_ARG(case_roles_written(&roles, asking->arena)));
}

static struct text waits_for(const struct asking *asking, const struct workflow_step *step,
                             const struct value *record)
{
    const struct value *status = value_get(record, TEXT("status"));
    if (case_step_is_held(record))
        return held_for(asking, step, record);
    if (value_is_string(status, "parked"))
        return parked_for(asking, step, record);
    if (value_is_string(status, "waiting"))
        return text_printf(asking->arena, N_("%.*s It is tried again at %.*s."),
                           TEXT_ARG(value_text_at(record, "why")),
                           TEXT_ARG(moment_written(asking, value_int_at(record, "until", 0))));
    if (value_is_string(status, "failing"))
        return TEXT(N_("Its inputs could not be made; it fails now."));
    return text_printf(asking->arena, N_("The plugin %.*s is to run it."), TEXT_ARG(step->plugin));
}

static struct value steps_value(const struct asking *asking)
{
    const struct workflow *workflow = asking->workflow;
    const struct value *records = value_get(&asking->state->doc, TEXT("steps"));
    struct value list = value_list(asking->arena);
    for (size_t i = 0; i < workflow->step_count; i++) {
        const struct workflow_step *step = &workflow->steps[i];
        const struct value *record = value_get(records, step->id);
        if (record == NULL)
            continue;
        struct value one = value_map(asking->arena);
        value_put(&one, "id", value_string(step->id));
        value_put(&one, "title",
                  value_string(case_say(workflow, &step->title, asking->language, step->id)));
        value_put(&one, "state", value_string(workflow->chart.states[step->state].id));
        value_put(&one, "state_title", value_string(state_title(asking, step->state)));
        value_put(&one, "uses",
                  value_string(text_printf(asking->arena, "%.*s/%.*s", TEXT_ARG(step->plugin),
                                           TEXT_ARG(step->step))));
        value_put(&one, "status", *value_get(record, TEXT("status")));
        value_put(&one, "waits_for", value_string(waits_for(asking, step, record)));
        value_append(&list, one);
    }
    return list;
}

struct value case_explanation(const struct case_state *state, const struct case_person *viewer,
                              struct text language, int64_t now_ms, struct arena *arena)
{
    const struct chart_configuration configuration = case_configuration(state, arena);
    const struct asking asking = {.state = state,
                                  .workflow = state->workflow,
                                  .viewer = viewer,
                                  .language = language,
                                  .now_ms = now_ms,
                                  .configuration = &configuration,
                                  .arena = arena};
    struct value view = value_map(arena);
    value_put(&view, "code", *value_get(&state->doc, TEXT("code")));
    value_put(&view, "revision", value_int((int64_t)state->revision));
    value_put(&view, "closed", value_bool(value_bool_at(&state->doc, "closed")));
    struct value states = case_atomic_states(state->workflow, configuration.active, arena);
    value_put(&view, "states", states);
    value_put(&view, "titles", case_state_titles(state->workflow, &states, language, arena));
    value_put(&view, "transitions", transitions_value(&asking));
    value_put(&view, "steps", steps_value(&asking));
    return view;
}
