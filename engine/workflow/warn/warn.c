/* Warnings that need the whole chart: what is never reached, never left, never done, never
 * triggered, never set, and regions that are left unawares. */
#include "workflow/warn/reach.h"

static void warn_of_state(struct reach *reach, uint16_t s)
{
    const struct chart_state *state = &reach->chart->states[s];
    struct place place = reach->load->state_names.places[s - 1];
    struct diag *diag;

    if (!reach->reachable[s]) {
        if (state->parent == 0 || reach->reachable[state->parent])
            load_warn(reach->load, W_UNREACHABLE, place, "never reached",
                      "no case can reach the state \"%.*s\"", TEXT_ARG(state->id));
        return;
    }
    if (state->kind != CHART_ATOMIC || reach->may_leave[s])
        return;
    if (reach->can_leave[s]) {
        load_warn(reach->load, W_STUCK, place, "nobody can leave it",
                  "nothing can trigger a transition that leaves the state \"%.*s\"",
                  TEXT_ARG(state->id));
        return;
    }
    diag = load_warn(reach->load, W_DEAD_END, place, "a dead end",
                     "nothing leads out of the state \"%.*s\", and it is not final",
                     TEXT_ARG(state->id));
    diag_help(reach->load->diags, diag, "write type: final if it ends here, else a transition");
}

/* Whether the transition leaves the parallel state (or enters it anew), but not as a whole. */
static bool touches_inside(const struct reach *reach, const struct chart_transition *transition,
                           uint16_t domain, uint16_t parallel)
{
    const struct chart *chart = reach->chart;
    uint16_t source = transition->source;

    if (!reach_leaves(chart, transition, domain, parallel) || source == parallel ||
        !load_states_are_together(reach->load, source, parallel))
        return false;
    if (reach_is_within(chart, source, parallel))
        return true;
    for (uint16_t i = 0; i < transition->target_count; i++)
        if (transition->targets[i] != parallel &&
            reach_is_within(chart, transition->targets[i], parallel))
            return true;
    return false;
}

static void warn_of_regions(struct reach *reach, uint16_t t)
{
    const struct chart *chart = reach->chart;
    const struct chart_transition *transition = &chart->transitions[t];
    uint16_t domain = reach_domain_of(chart, transition);
    struct text_buffer regions;
    struct diag *diag;

    text_buffer_init(&regions, reach->load->arena);
    for (uint16_t p = domain; domain != CHART_NONE && p <= chart->states[domain].last; p++) {
        const struct chart_state *parallel = &chart->states[p];

        if (parallel->kind != CHART_PARALLEL || !touches_inside(reach, transition, domain, p))
            continue;
        for (uint16_t i = 0; i < parallel->child_count; i++) {
            uint16_t region = parallel->children[i];

            if (!reach_is_within(chart, transition->source, region) &&
                !reach_holds_target(chart, transition, region))
                text_append_printf(&regions, "%s\"%.*s\"", regions.size > 0 ? ", " : "",
                                   TEXT_ARG(chart->states[region].id));
        }
    }
    if (regions.size == 0)
        return;
    diag = load_warn(reach->load, W_RESET, reach->load->drafts[t].place, "other regions too",
                     "this transition also leaves %.*s, which it does not name",
                     TEXT_ARG(text_buffer_text(&regions)));
    diag_help(reach->load->diags, diag,
              "if that is meant, write it at the parallel state itself, or name a target there");
}

static void warn_of_transition(struct reach *reach, uint16_t t)
{
    const struct load_transition *draft = &reach->load->drafts[t];
    struct diag *diag;

    if (draft->variant != DEFAULT)
        warn_of_regions(reach, t);
    if (reach->possible[t])
        return;
    if (text_begins(draft->event, "done.")) {
        diag = load_warn(reach->load, W_NEVER_DONE, draft->place, "never",
                         "\"%.*s\" never comes: the state cannot complete", TEXT_ARG(draft->event));
        diag_help(reach->load->diags, diag,
                  "a state completes in a final state inside it; a parallel one when all its "
                  "regions have");
        return;
    }
    diag = load_warn(reach->load, W_NO_BY, draft->place, "nobody can",
                     "no person may trigger \"%.*s\", and nothing raises or sends it",
                     TEXT_ARG(draft->event));
    diag_help(reach->load->diags, diag, "write by: [ROLE]");
}

static void warn_of_fields(struct load *load)
{
    for (size_t i = 0; i < load->workflow->field_count; i++) {
        struct diag *diag;

        if (!load->field_is_read[i] || load->field_is_set[i])
            continue;
        diag = load_warn(load, W_NEVER_SET, load->field_read_places[i], "never set",
                         "the field \"%.*s\" is read here, and nothing sets it",
                         TEXT_ARG(load->fields[i].id));
        diag_help(load->diags, diag, "ask for it in a form, or give it an initial value");
    }
}

void load_warn_of_chart(struct load *load)
{
    const struct chart *chart = &load->workflow->chart;
    struct reach reach;

    reach_find(load, &reach);
    for (uint16_t s = 1; s < chart->state_count; s++)
        warn_of_state(&reach, s);
    for (uint16_t t = 0; t < chart->transition_count; t++)
        warn_of_transition(&reach, t);
    warn_of_fields(load);
}
