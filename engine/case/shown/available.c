/* What people may do now, by event, in document order. */
#include "base/arena.h"
#include "base/check.h"
#include "case/shown/show.h"

struct looking {
    const struct case_state *state;
    const struct workflow *workflow;
    const struct case_person *viewer;
    struct text language;
    const struct chart_configuration *configuration;
    struct case_scope scope;
    struct arena *arena;
    const struct value_member *open; /* the proposal of the event that is looked at; NULL: none */
};

static bool is_in_form(const struct workflow_transition *t, struct text field)
{
    for (size_t i = 0; i < t->form.count; i++)
        if (text_equal(t->form.items[i].field->id, field))
            return true;
    return false;
}

static bool is_in_into(const struct workflow_transition *t, struct text field)
{
    for (size_t c = 0; c < t->check_count; c++)
        for (size_t i = 0; i < t->checks[c].into_count; i++)
            if (text_equal(t->checks[c].into[i].field->id, field))
                return true;
    return false;
}

/* Whether the guard can be known before anything is filled in or checked. */
static bool is_knowable(const struct workflow_transition *t)
{
    static const struct text data = TEXT("data.");
    size_t count;
    const struct text *reads = cel_program_reads(t->guard, &count);
    for (size_t i = 0; i < count; i++) {
        if (text_begins(reads[i], "event."))
            return false;
        if (!text_begins(reads[i], data.bytes))
            continue;
        struct text field = {reads[i].bytes + data.size, reads[i].size - data.size};
        if (is_in_form(t, field) || is_in_into(t, field))
            return false;
    }
    return true;
}

/* Empty: as far as can be known, this person may. */
static struct text why_not(const struct looking *looking, uint16_t transition)
{
    const struct workflow_transition *t = &looking->workflow->transitions[transition];
    struct value holds;
    struct text why;
    if (!case_person_holds_any(looking->viewer, &t->by))
        return text_printf(looking->arena, N_("needs the role %.*s"),
                           TEXT_ARG(case_roles_written(&t->by, looking->arena)));
    if (looking->open != NULL)
        return text_printf(looking->arena, N_("proposal %.*s waits for approval"),
                           TEXT_ARG(looking->open->key));
    if (t->guard == NULL || !is_knowable(t))
        return TEXT_NONE;
    if (case_evaluate(&looking->scope, t->guard, &holds, &why) != 0)
        return text_printf(looking->arena, N_("The workflow has a fault: %.*s"), TEXT_ARG(why));
    if (holds.boolean)
        return TEXT_NONE;
    return case_explain(looking->workflow, transition, looking->language, looking->arena);
}

/* The one that is told of an event: the first that the person may take, else the first whose `by`
 * fits, else the first. */
struct offer {
    uint16_t transition;
    struct text why_not;
    int rank; /* 2: allowed, 1: `by` fits, 0 */
};

static struct offer best_offer(const struct looking *looking, const uint16_t *transitions,
                               size_t count)
{
    struct offer best = {.transition = CHART_NONE, .rank = -1};
    for (size_t i = 0; i < count; i++) {
        const struct workflow_transition *t = &looking->workflow->transitions[transitions[i]];
        if (t->by.count == 0)
            continue;
        struct text why = why_not(looking, transitions[i]);
        bool fits = case_person_holds_any(looking->viewer, &t->by);
        int rank = text_is_empty(why) ? 2 : fits ? 1 : 0;
        if (rank > best.rank)
            best = (struct offer){transitions[i], why, rank};
    }
    CHECK(best.transition != CHART_NONE);
    return best;
}

/* What a submission of it waits for. */
static struct value approve_value(const struct workflow_approval *approval, struct arena *arena)
{
    struct value value = value_map(arena);
    value_put(&value, "need", value_int(approval->need));
    value_put(&value, "by", case_roles_value(&approval->by, arena));
    return value;
}

static struct value offer_value(struct looking *looking, struct text event)
{
    const struct workflow *workflow = looking->workflow;
    const struct chart_event asked = {.name = event, .transition = CHART_NONE};
    struct value one = value_map(looking->arena);
    size_t count;
    const uint16_t *transitions =
        chart_candidates(&workflow->chart, looking->configuration, &asked, looking->arena, &count);
    looking->open = case_proposal_of(workflow, value_get(&looking->state->doc, TEXT("proposals")),
                                     event, transitions, count);
    struct offer offer = best_offer(looking, transitions, count);
    const struct workflow_transition *t = &workflow->transitions[offer.transition];
    value_put(&one, "event", value_string(event));
    value_put(&one, "title", value_string(case_say(workflow, &t->title, looking->language, event)));
    value_put(&one, "allowed", value_bool(offer.rank == 2));
    if (offer.rank < 2)
        value_put(&one, "why_not", value_string(offer.why_not));
    value_put(&one, "by", case_roles_value(&t->by, looking->arena));
    if (t->approve != NULL)
        value_put(&one, "approve", approve_value(t->approve, looking->arena));
    value_put(&one, "form", case_form(workflow, &t->form, looking->language, looking->arena));
    return one;
}

static bool is_listed(const struct value *list, struct text event)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (text_equal(value_text_at(value_item(list, i), "event"), event))
            return true;
    return false;
}

static struct looking look(const struct case_state *state, const struct case_person *viewer,
                           struct text language, int64_t now_ms,
                           const struct chart_configuration *configuration, struct arena *arena)
{
    return (struct looking){
        .state = state,
        .workflow = state->workflow,
        .viewer = viewer,
        .language = language,
        .configuration = configuration,
        .scope = case_show_scope(state, viewer, now_ms, configuration->active, arena),
        .arena = arena};
}

struct text case_why_not(const struct case_state *state, const struct case_person *viewer,
                         struct text language, int64_t now_ms, uint16_t transition,
                         struct arena *arena)
{
    const struct chart_configuration configuration = case_configuration(state, arena);
    struct looking looking = look(state, viewer, language, now_ms, &configuration, arena);
    looking.open =
        case_proposal_of(state->workflow, value_get(&state->doc, TEXT("proposals")),
                         state->workflow->chart.transitions[transition].event, &transition, 1);
    return why_not(&looking, transition);
}

struct value case_available(const struct case_state *state, const struct case_person *viewer,
                            struct text language, int64_t now_ms, struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    struct chart_configuration configuration = case_configuration(state, arena);
    struct looking looking = look(state, viewer, language, now_ms, &configuration, arena);
    struct value list = value_list(arena);
    for (uint16_t i = 0; i < workflow->chart.transition_count; i++) {
        const struct chart_transition *t = &workflow->chart.transitions[i];
        if (configuration.active[t->source] && workflow->transitions[i].by.count > 0 &&
            !is_listed(&list, t->event))
            value_append(&list, offer_value(&looking, t->event));
    }
    return list;
}
