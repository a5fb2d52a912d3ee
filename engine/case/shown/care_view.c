/* Assignment, flags and broken glass, as people see them, and as the card keeps them. */
#include "base/arena.h"
#include "case/shown/show.h"

/* {KEY: {..., at}} as a list of {NAME: KEY, ..., at}. */
static struct value listed(const struct value *map, const char *name, const char *const *members,
                           size_t count, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(map); i++) {
        const struct value_member *member = value_member(map, i);
        struct value one = value_map(arena);
        value_put(&one, name, value_string(member->key));
        for (size_t k = 0; k < count; k++)
            value_put(&one, members[k], *value_get(&member->value, text_from(members[k])));
        value_put(&one, "at", case_moment(value_int_at(&member->value, "at", 0)));
        value_append(&list, one);
    }
    return list;
}

static struct value glass_value(const struct value_member *member, struct arena *arena)
{
    const struct value *broken = &member->value, *reviewed = value_get(broken, TEXT("reviewed"));
    struct value one = value_map(arena);
    value_put(&one, "glass", value_int(case_proposal_number(member->key)));
    value_put(&one, "by", *value_get(broken, TEXT("by")));
    value_put(&one, "at", case_moment(value_int_at(broken, "at", 0)));
    value_put(&one, "until", case_moment(value_int_at(broken, "until", 0)));
    value_put(&one, "reason", *value_get(broken, TEXT("reason")));
    if (reviewed != NULL) {
        struct value mark = case_map_copy(arena, reviewed);
        value_put(&mark, "at", case_moment(value_int_at(reviewed, "at", 0)));
        value_put(&one, "reviewed", mark);
    }
    return one;
}

void case_care_show(const struct case_state *state, const struct case_person *viewer,
                    struct value *view, struct arena *arena)
{
    static const char *const held[] = {"person", "by"}, *const made[] = {"by"};
    const struct value *glass = value_get(&state->doc, TEXT("glass"));
    struct value shown = value_list(arena);
    value_put(view, "assigned",
              listed(value_get(&state->doc, TEXT("assigned")), "role", held, 2, arena));
    value_put(view, "flags", listed(value_get(&state->doc, TEXT("flags")), "flag", made, 1, arena));
    for (size_t i = 0; i < value_count(glass); i++) {
        const struct value_member *member = value_member(glass, i);
        if (text_equal(value_text_at(&member->value, "by"), viewer->id) ||
            case_glass_may_review(state->workflow, &member->value, viewer))
            value_append(&shown, glass_value(member, arena));
    }
    value_put(view, "glass", shown);
}

static struct value glass_card(const struct case_state *state, struct arena *arena)
{
    static const char *const plain[] = {"by", "person", "until"};
    const struct value *glass = value_get(&state->doc, TEXT("glass"));
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(glass); i++) {
        const struct value *broken = &value_member(glass, i)->value;
        struct value one = value_map(arena), review = value_list(arena);
        for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
            value_put(&one, plain[k], *value_get(broken, text_from(plain[k])));
        if (value_get(broken, TEXT("reviewed")) == NULL)
            review = case_glass_reviewers(state->workflow, broken, arena);
        value_put(&one, "review", review);
        value_append(&list, one);
    }
    return list;
}

static bool has(const struct value *list, struct text text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (text_equal(value_item(list, i)->string, text))
            return true;
    return false;
}

static struct value submitters(const struct value *proposals, struct arena *arena)
{
    struct value list = value_list(arena);
    for (size_t i = 0; i < value_count(proposals); i++) {
        const struct value *proposal = &value_member(proposals, i)->value;
        if (case_proposal_is_open(proposal) && !has(&list, value_text_at(proposal, "by")))
            value_append(&list, *value_get(proposal, TEXT("by")));
    }
    return list;
}

/* {KEY: {NAME: text}} as {KEY: text}. */
static struct value plucked(const struct value *map, const char *name, struct arena *arena)
{
    struct value plain = value_map(arena);
    for (size_t i = 0; i < value_count(map); i++)
        value_set(&plain, value_member(map, i)->key,
                  *value_get(&value_member(map, i)->value, text_from(name)));
    return plain;
}

static void put_filled(struct value *card, const char *name, struct value value)
{
    if (value_count(&value) > 0)
        value_put(card, name, value);
}

void case_care_card(const struct case_state *state, struct value *card, struct arena *arena)
{
    const struct value *doc = &state->doc, *flags = value_get(doc, TEXT("flags"));
    struct value raised = value_list(arena);
    for (size_t i = 0; i < value_count(flags); i++)
        value_append(&raised, value_string(value_member(flags, i)->key));
    put_filled(card, "assigned", plucked(value_get(doc, TEXT("assigned")), "person", arena));
    put_filled(card, "flags", raised);
    put_filled(card, "links", plucked(value_get(doc, TEXT("links")), "kind", arena));
    put_filled(card, "glass", glass_card(state, arena));
    put_filled(card, "submitters", submitters(value_get(doc, TEXT("proposals")), arena));
}
