/* The card: the few facts of a case that lists need. Nothing of its data. */
#include "base/arena.h"
#include "case/shown/show.h"

static int64_t first_deadline(const struct value *doc)
{
    const struct value *deadlines = value_get(doc, TEXT("deadlines"));
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < value_count(deadlines); i++) {
        int64_t due = value_member(deadlines, i)->value.integer;
        first = due < first ? due : first;
    }
    return first;
}

static struct value roles_value(const struct case_state *state, const bool *active,
                                struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    struct value roles = value_list(arena);
    for (size_t i = 0; i < workflow->role_count; i++)
        if (case_role_may_act(workflow, &state->doc, active, 0, workflow->roles[i].id))
            value_append(&roles, value_string(workflow->roles[i].id));
    return roles;
}

/* Steps that wait for a person to say what became of them. */
static int64_t held_count(const struct value *doc)
{
    const struct value *steps = value_get(doc, TEXT("steps"));
    int64_t count = 0;
    for (size_t i = 0; i < value_count(steps); i++)
        count += case_step_is_held(&value_member(steps, i)->value);
    return count;
}

static bool has_calls(const struct value *doc, struct arena *arena)
{
    const struct value *steps = value_get(doc, TEXT("steps"));
    if (value_count(value_get(doc, TEXT("drops"))) > 0)
        return true;
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value_member *step = value_member(steps, i);
        if (!text_is_empty(case_run_key(&step->value, step->key, arena)))
            return true;
    }
    return false;
}

/* ---- What single people are told and asked. ---- */

static void add_once(struct value *list, const struct value *item)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (text_equal(value_item(list, i)->string, item->string))
            return;
    value_append(list, *item);
}

/* Whom to look at `told` for, so that a list need not read it for everybody. */
static struct value audience_of(const struct value *notices, const struct value *asks,
                                struct arena *arena)
{
    struct value roles = value_list(arena), persons = value_list(arena);
    struct value audience = value_map(arena);
    for (size_t i = 0; i < value_count(notices); i++) {
        const struct value *notice = value_item(notices, i);
        const struct value *person = value_get(notice, TEXT("person"));
        if (person != NULL)
            add_once(&persons, person);
        else
            add_once(&roles, value_get(notice, TEXT("to")));
    }
    for (size_t i = 0; i < value_count(asks); i++) {
        const struct value *by = value_get(value_item(asks, i), TEXT("by"));
        for (size_t k = 0; k < value_count(by); k++)
            add_once(&roles, value_item(by, k));
    }
    value_put(&audience, "roles", roles);
    value_put(&audience, "persons", persons);
    return audience;
}

static void put_told(struct value *card, const struct case_state *state, struct arena *arena)
{
    struct value notices = case_notice_list(&state->doc, arena);
    struct value asks = case_ask_list(state, arena), told = value_map(arena);
    if (value_count(&notices) == 0 && value_count(&asks) == 0)
        return;
    value_put(card, "audience", audience_of(&notices, &asks, arena));
    value_put(&told, "notices", notices);
    value_put(&told, "asks", asks);
    value_put(card, "told", told);
}

struct value case_card(const struct case_state *state, struct arena *arena)
{
    const struct value *doc = &state->doc;
    const bool *active = case_configuration(state, arena).active;
    int64_t deadline = first_deadline(doc), due;
    struct value card = value_map(arena);
    struct text key;
    value_put(&card, "code", *value_get(doc, TEXT("code")));
    value_put(&card, "workflow", *value_at(doc, "workflow/id"));
    value_put(&card, "hash", *value_at(doc, "workflow/hash"));
    value_put(&card, "country", *value_get(doc, TEXT("country")));
    value_put(&card, "states", case_atomic_states(state->workflow, active, arena));
    value_put(&card, "opened", *value_at(doc, "opened/at"));
    value_put(&card, "changed", *value_at(doc, "changed/at"));
    value_put(&card, "closed", value_bool(value_bool_at(doc, "closed")));
    value_put(&card, "revision", value_int((int64_t)state->revision));
    value_put(&card, "last", value_int((int64_t)state->last));
    if (state->read_last != 0)
        value_put(&card, "read", value_int((int64_t)state->read_last));
    if (case_next_timer(doc, &key, &due))
        value_put(&card, "timer", value_int(due));
    if (deadline < INT64_MAX)
        value_put(&card, "deadline", value_int(deadline));
    value_put(&card, "calls", value_bool(has_calls(doc, arena)));
    if (held_count(doc) > 0)
        value_put(&card, "held", value_int(held_count(doc)));
    value_put(&card, "roles", roles_value(state, active, arena));
    put_told(&card, state, arena);
    value_put(&card, "opener", *value_at(doc, "opened/by"));
    case_care_card(state, &card, arena);
    return card;
}
