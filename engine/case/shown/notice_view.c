/* Notices as people read them: in the case, and, by its card, in their inbox. */
#include "base/arena.h"
#include "case/shown/show.h"

static struct value fact_of(const struct value *doc, const struct value *notice,
                            struct arena *arena)
{
    static const char *const kept[] = {"kind", "to",   "person", "state",    "at",
                                       "due",  "text", "texts",  "proposal", "by"};
    const struct value *proposals = value_get(doc, TEXT("proposals"));
    const struct value *proposal = value_get(proposals, value_text_at(notice, "proposal"));
    struct value fact = value_map(arena);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (value_get(notice, text_from(kept[i])) != NULL)
            value_put(&fact, kept[i], *value_get(notice, text_from(kept[i])));
    if (proposal == NULL)
        return fact;
    value_put(&fact, "event", *value_get(proposal, TEXT("event")));
    value_put(&fact, "status", *value_get(proposal, TEXT("status")));
    return fact;
}

struct value case_notice_list(const struct value *doc, struct arena *arena)
{
    const struct value *notices = value_get(doc, TEXT("notices"));
    size_t count = value_count(notices);
    const struct value **sorted = ARENA_ARRAY(arena, const struct value *, count);
    struct value list = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        const struct value *notice = &value_member(notices, i)->value;
        for (; place > 0 && case_notice_is_before(notice, sorted[place - 1]); place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = notice;
    }
    for (size_t i = 0; i < count; i++)
        value_append(&list, fact_of(doc, sorted[i], arena));
    return list;
}

static bool is_for(const struct value *fact, const struct case_person *viewer)
{
    const struct value *person = value_get(fact, TEXT("person"));
    if (person != NULL)
        return text_equal(person->string, viewer->person);
    return case_person_holds(viewer, value_text_at(fact, "to"));
}

static struct text words_of(const struct workflow *workflow, const struct value *fact,
                            struct text wanted)
{
    const struct value *texts = value_get(fact, TEXT("texts"));
    const struct value *text = value_get(texts, workflow_language(workflow, wanted));
    if (text == NULL && workflow->language_count > 0)
        text = value_get(texts, workflow->languages[0]);
    if (text == NULL && value_count(texts) > 0)
        text = &value_member(texts, 0)->value;
    return text == NULL ? value_text_at(fact, "text") : text->string;
}

static struct text ended_written(const struct workflow *workflow, const struct value *fact,
                                 struct text language, struct arena *arena)
{
    struct text event = value_text_at(fact, "event"), status = value_text_at(fact, "status");
    if (text_is_empty(event))
        return text_printf(arena, N_("Proposal %.*s has ended."),
                           TEXT_ARG(value_text_at(fact, "proposal")));
    return text_printf(arena, N_("Proposal %.*s (%.*s) has ended: %.*s."),
                       TEXT_ARG(value_text_at(fact, "proposal")),
                       TEXT_ARG(case_event_title(workflow, event, language)), TEXT_ARG(status));
}

static struct value shown(const struct workflow *workflow, const struct value *fact,
                          struct text language, struct arena *arena)
{
    static const char *const plain[] = {"kind", "to", "event", "status", "by"};
    struct value one = value_map(arena);
    struct text id = value_text_at(fact, "state"), title = id;
    uint16_t state = chart_state_named(&workflow->chart, id);
    struct text kind = value_text_at(fact, "kind"), text = words_of(workflow, fact, language);
    if (state != CHART_NONE)
        title = case_say(workflow, &workflow->states[state].title, language, id);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (value_get(fact, text_from(plain[i])) != NULL)
            value_put(&one, plain[i], *value_get(fact, text_from(plain[i])));
    if (text_is(kind, "remind"))
        text = text_printf(arena, N_("Due soon: %.*s"), TEXT_ARG(title));
    else if (text_is(kind, "overdue"))
        text = text_printf(arena, N_("Overdue: %.*s"), TEXT_ARG(title));
    else if (text_is(kind, "proposal"))
        text = ended_written(workflow, fact, language, arena);
    else if (text_is(kind, "glass"))
        text = text_printf(arena, N_("%.*s broke the glass of this case: review it."),
                           TEXT_ARG(value_text_at(fact, "by")));
    value_put(&one, "text", value_string(text));
    value_put(&one, "at", case_moment(value_int_at(fact, "at", 0)));
    if (!text_is_empty(id)) {
        value_put(&one, "state", value_string(id));
        value_put(&one, "title", value_string(title));
    }
    if (value_get(fact, TEXT("due")) != NULL)
        value_put(&one, "due", case_moment(value_int_at(fact, "due", 0)));
    if (text_is(kind, "proposal"))
        value_put(&one, "proposal",
                  value_int(case_proposal_number(value_text_at(fact, "proposal"))));
    return one;
}

/* The same words at the same moment, to another role. */
static bool is_same(const struct value *a, const struct value *b)
{
    static const char *const told[] = {"kind", "state", "at", "due", "text", "texts", "proposal"};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const struct value *of_a = value_get(a, text_from(told[i]));
        const struct value *of_b = value_get(b, text_from(told[i]));
        if ((of_a == NULL) != (of_b == NULL) || (of_a != NULL && !value_equal(of_a, of_b)))
            return false;
    }
    return true;
}

/* Who holds two roles is told once. */
static bool was_told(const struct value *list, size_t index, const struct case_person *viewer)
{
    for (size_t i = index; i-- > 0;)
        if (is_for(value_item(list, i), viewer) &&
            is_same(value_item(list, i), value_item(list, index)))
            return true;
    return false;
}

struct value case_notice_view(const struct workflow *workflow, const struct value *list,
                              const struct case_person *viewer, struct text language,
                              struct arena *arena)
{
    struct value shown_list = value_list(arena);
    for (size_t i = 0; i < value_count(list); i++)
        if (is_for(value_item(list, i), viewer) && !was_told(list, i, viewer))
            value_append(&shown_list, shown(workflow, value_item(list, i), language, arena));
    return shown_list;
}
