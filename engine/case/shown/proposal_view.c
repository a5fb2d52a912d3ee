/* Proposals as people read them. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "case/shown/show.h"

struct looking {
    const struct workflow *workflow;
    const struct value *doc;
    const struct case_person *viewer;
    struct text language;
    struct arena *arena;
};

static struct value approvals_value(const struct looking *looking, const struct value *approvals)
{
    struct value list = value_list(looking->arena);
    for (size_t i = 0; i < value_count(approvals); i++) {
        const struct value *kept = &value_member(approvals, i)->value;
        struct value one = value_map(looking->arena);
        value_put(&one, "by", *value_get(kept, TEXT("by")));
        value_put(&one, "at", case_moment(value_int_at(kept, "at", 0)));
        if (value_get(kept, TEXT("comment")) != NULL)
            value_put(&one, "comment", *value_get(kept, TEXT("comment")));
        value_append(&list, one);
    }
    return list;
}

/* What was filled in, as far as the viewer may see it; null: unset. */
static void put_form(const struct looking *looking, struct value *one, const struct value *proposal)
{
    struct value form = case_form_unpack(value_get(proposal, TEXT("form")), looking->arena);
    struct value data = value_map(looking->arena), hidden = value_list(looking->arena);
    case_show_data(looking->workflow, looking->viewer, &form, false, &data, &hidden);
    value_put(one, "data", data);
    value_put(one, "hidden", hidden);
}

/* Why this person may not approve it; empty: may. */
static struct text why_not(const struct looking *looking, const struct workflow_approval *approval,
                           const struct value *proposal)
{
    const struct value *approvals = value_get(proposal, TEXT("approvals"));
    if (!value_is_string(value_get(proposal, TEXT("status")), "open"))
        return TEXT(N_("it has the approvals it needs"));
    if (!case_person_holds_any(looking->viewer, &approval->by))
        return text_printf(looking->arena, N_("needs the role %.*s"),
                           TEXT_ARG(case_roles_written(&approval->by, looking->arena)));
    const char *as = case_excluded_as(approval, proposal, looking->doc, looking->viewer->person);
    if (as != NULL && strcmp(as, "submitter") == 0)
        return TEXT(N_("it is your own"));
    if (as != NULL)
        return text_printf(looking->arena, N_("%s names you"), as);
    if (value_get(approvals, looking->viewer->person) != NULL)
        return TEXT(N_("you have approved it already"));
    return TEXT_NONE;
}

static void put_open(const struct looking *looking, struct value *one, const struct value *proposal,
                     const struct workflow_approval *approval)
{
    struct value approve = value_map(looking->arena);
    struct text why = why_not(looking, approval, proposal);
    int64_t missing = value_int_at(proposal, "need", 1) -
                      (int64_t)value_count(value_get(proposal, TEXT("approvals")));
    put_form(looking, one, proposal);
    if (value_get(proposal, TEXT("comment")) != NULL)
        value_put(one, "comment", *value_get(proposal, TEXT("comment")));
    value_put(one, "need", *value_get(proposal, TEXT("need")));
    value_put(one, "missing", value_int(missing > 0 ? missing : 0));
    value_put(&approve, "may", value_bool(text_is_empty(why)));
    if (!text_is_empty(why))
        value_put(&approve, "why_not", value_string(why));
    value_put(&approve, "by", case_roles_value(&approval->by, looking->arena));
    value_put(one, "approve", approve);
    if (value_get(proposal, TEXT("message")) != NULL)
        value_put(one, "message", *value_get(proposal, TEXT("message")));
}

/* What a plugin or a fault said may quote values of the case. */
static void put_refusal(const struct looking *looking, struct value *one,
                        const struct value *refusal)
{
    static const char *const plain[] = {"code", "detail", "errors"};
    bool sees_all = case_person_sees_sensitive(looking->viewer, looking->workflow);
    struct value told = value_map(looking->arena);
    for (size_t i = 0; i < (sees_all ? sizeof plain / sizeof plain[0] : 1); i++)
        if (value_get(refusal, text_from(plain[i])) != NULL)
            value_put(&told, plain[i], *value_get(refusal, text_from(plain[i])));
    value_put(one, "refusal", told);
}

static void put_ended(const struct looking *looking, struct value *one,
                      const struct value *proposal)
{
    static const char *const plain[] = {"reason", "field"};
    const struct value *refusal = value_get(proposal, TEXT("refusal"));
    struct value ended = case_map_copy(looking->arena, value_get(proposal, TEXT("ended")));
    value_put(&ended, "at", case_moment(value_int_at(&ended, "at", 0)));
    value_put(one, "ended", ended);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (value_get(proposal, text_from(plain[i])) != NULL)
            value_put(one, plain[i], *value_get(proposal, text_from(plain[i])));
    if (refusal != NULL)
        put_refusal(looking, one, refusal);
}

static struct value proposal_value(const struct looking *looking, const struct value_member *member)
{
    const struct workflow *workflow = looking->workflow;
    const struct value *proposal = &member->value;
    uint16_t transition = case_proposal_transition(workflow, proposal);
    struct text event = value_text_at(proposal, "event");
    struct value one = value_map(looking->arena);
    value_put(&one, "proposal", value_int(case_proposal_number(member->key)));
    value_put(&one, "event", value_string(event));
    value_put(&one, "title",
              value_string(case_say(workflow, &workflow->transitions[transition].title,
                                    looking->language, event)));
    value_put(&one, "status", *value_get(proposal, TEXT("status")));
    value_put(&one, "by", *value_get(proposal, TEXT("by")));
    value_put(&one, "at", case_moment(value_int_at(proposal, "at", 0)));
    value_put(&one, "approvals", approvals_value(looking, value_get(proposal, TEXT("approvals"))));
    if (case_proposal_is_open(proposal))
        put_open(looking, &one, proposal, workflow->transitions[transition].approve);
    else
        put_ended(looking, &one, proposal);
    return one;
}

static struct looking look(const struct case_state *state, const struct case_person *viewer,
                           struct text language, struct arena *arena)
{
    return (struct looking){state->workflow, &state->doc, viewer, language, arena};
}

static const struct value_member *find(const struct case_state *state, int64_t number)
{
    const struct value *proposals = value_get(&state->doc, TEXT("proposals"));
    for (size_t i = 0; i < value_count(proposals); i++)
        if (case_proposal_number(value_member(proposals, i)->key) == number)
            return value_member(proposals, i);
    return NULL;
}

struct value case_proposal_view(const struct case_state *state, int64_t number,
                                const struct case_person *viewer, struct text language,
                                struct arena *arena)
{
    struct looking looking = look(state, viewer, language, arena);
    const struct value_member *member = find(state, number);
    return member == NULL ? value_null() : proposal_value(&looking, member);
}

struct value case_proposals_view(const struct case_state *state, const struct case_person *viewer,
                                 struct text language, struct arena *arena)
{
    struct looking looking = look(state, viewer, language, arena);
    int64_t count = value_int_at(&state->doc, "proposal_count", 0);
    size_t left = value_count(value_get(&state->doc, TEXT("proposals")));
    struct value list = value_list(arena);
    for (int64_t number = count; number > 0 && left > 0; number--) {
        const struct value_member *member = find(state, number);
        if (member == NULL)
            continue;
        value_append(&list, proposal_value(&looking, member));
        left--;
    }
    return list;
}

/* ---- Whom they wait for. ---- */

static void add_persons(struct value *list, const struct value *held)
{
    if (held != NULL && held->kind == VALUE_STRING)
        value_append(list, *held);
    for (size_t i = 0; held != NULL && held->kind == VALUE_LIST && i < value_count(held); i++)
        value_append(list, *value_item(held, i));
}

static struct value ask_of(const struct case_state *state, const struct value_member *member,
                           struct arena *arena)
{
    const struct workflow *workflow = state->workflow;
    const struct value *approvals = value_get(&member->value, TEXT("approvals"));
    uint16_t transition = case_proposal_transition(workflow, &member->value);
    const struct workflow_approval *approval = workflow->transitions[transition].approve;
    struct value ask = value_map(arena), excluded = value_list(arena);
    if (approval->excludes_submitter)
        value_append(&excluded, *value_get(&member->value, TEXT("person")));
    for (size_t i = 0; i < approval->excluded_count; i++) {
        struct text field = approval->excluded[i]->id;
        add_persons(&excluded, value_get(value_get(&state->doc, TEXT("data")), field));
        add_persons(&excluded, value_get(value_at(&member->value, "form/values"), field));
    }
    for (size_t i = 0; i < value_count(approvals); i++)
        value_append(&excluded, value_string(value_member(approvals, i)->key));
    value_put(&ask, "proposal", value_string(member->key));
    value_put(&ask, "transition", *value_get(&member->value, TEXT("transition")));
    value_put(&ask, "submitter", *value_get(&member->value, TEXT("by")));
    value_put(&ask, "by", case_roles_value(&approval->by, arena));
    value_put(&ask, "not", excluded);
    return ask;
}

struct value case_ask_list(const struct case_state *state, struct arena *arena)
{
    const struct value *proposals = value_get(&state->doc, TEXT("proposals"));
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value_member *member = value_member(proposals, i);
        if (value_is_string(value_get(&member->value, TEXT("status")), "open"))
            value_append(&list, ask_of(state, member, arena));
    }
    return list;
}

static bool is_asked(const struct value *ask, const struct case_person *viewer)
{
    const struct value *by = value_get(ask, TEXT("by")), *excluded = value_get(ask, TEXT("not"));
    bool holds = false;
    for (size_t i = 0; i < value_count(by); i++)
        holds = holds || case_person_holds(viewer, value_item(by, i)->string);
    for (size_t i = 0; i < value_count(excluded); i++)
        holds = holds && !text_equal(value_item(excluded, i)->string, viewer->person);
    return holds;
}

struct value case_ask_view(const struct workflow *workflow, const struct value *asks,
                           const struct case_person *viewer, struct text language,
                           struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(asks); i++) {
        const struct value *ask = value_item(asks, i);
        if (!is_asked(ask, viewer))
            continue;
        uint16_t transition = case_proposal_transition(workflow, ask);
        struct text event = workflow->chart.transitions[transition].event;
        struct value one = value_map(arena);
        value_put(&one, "proposal",
                  value_int(case_proposal_number(value_text_at(ask, "proposal"))));
        value_put(&one, "event", value_string(event));
        value_put(&one, "title",
                  value_string(case_say(workflow, &workflow->transitions[transition].title,
                                        language, event)));
        value_put(&one, "by", *value_get(ask, TEXT("submitter")));
        value_append(&list, one);
    }
    return list;
}
