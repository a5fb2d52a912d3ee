/* Notes, flags and links to other cases. None of them asks the chart. */
#include "base/arena.h"
#include "case/turn.h"
#include "case/view.h"

enum { FLAGS_MAX = 16, LINKS_MAX = 64 };

/* ---- Notes: what an entry's comment holds, and nothing else of the case. ---- */

bool case_may_note(struct case_turn *turn, struct case_plan *plan)
{
    return case_care_says(turn, plan, "/text", "A note needs its text.");
}

int case_note_take(struct case_turn *turn)
{
    turn->event_name = TEXT("case.note");
    return 0;
}

/* ---- Flags: words that lists show. ---- */

/* That is to be lowered, and is none of the case's. */
static bool refuse_flag(struct case_turn *turn, struct case_plan *plan, struct text flag)
{
    const struct value *flags = case_peek(turn, PART_FLAGS);
    struct text names[FLAGS_MAX];
    size_t count = 0;
    while (count < value_count(flags) && count < FLAGS_MAX) {
        names[count] = value_member(flags, count)->key;
        count++;
    }
    return case_care_refuse_name(turn, plan, "/flag", N_("The case does not bear this flag."), flag,
                                 (struct case_names){names, count});
}

bool case_may_flag(struct case_turn *turn, struct case_plan *plan)
{
    struct text flag = value_text_at(&turn->event->data, "flag");
    const struct value *flags = case_peek(turn, PART_FLAGS);
    bool is_raised = value_bool_at(&turn->event->data, "raised");
    if (!text_is_id(flag))
        return case_care_refuse(turn, plan, "/flag", "invalid",
                                TEXT(N_("A flag is one word of a-z, 0-9 and _: lists show it.")));
    if (is_raised && value_get(flags, flag) == NULL && value_count(flags) >= FLAGS_MAX)
        return case_care_refuse(
            turn, plan, "/flag", "too-many",
            text_printf(turn->arena, N_("A case has at most %d flags."), FLAGS_MAX));
    if (!is_raised && value_get(flags, flag) == NULL)
        return refuse_flag(turn, plan, flag);
    return true;
}

int case_flag_take(struct case_turn *turn)
{
    struct text flag = text_copy(turn->arena, value_text_at(&turn->event->data, "flag"));
    turn->event_name = TEXT("case.flag");
    if (value_bool_at(&turn->event->data, "raised"))
        value_set(case_part(turn, PART_FLAGS), flag, case_care_mark(turn));
    else
        value_remove(case_part(turn, PART_FLAGS), flag);
    return 0;
}

/* ---- Links: kept in one of the two cases, told of both. ---- */

static const struct {
    const char *kind, *back;
} link_kinds[] = {
    {"sibling", "sibling"},
    {"mother", "child"},
    {"child", "mother"},
    {"earlier_episode", "later_episode"},
    {"later_episode", "earlier_episode"},
    {"duplicate", "duplicate"},
};

struct text case_link_back(struct text kind)
{
    for (size_t i = 0; i < sizeof link_kinds / sizeof link_kinds[0]; i++)
        if (text_is(kind, link_kinds[i].kind))
            return text_from(link_kinds[i].back);
    return TEXT_NONE;
}

static bool refuse_kind(struct case_turn *turn, struct case_plan *plan, struct text kind)
{
    struct text names[sizeof link_kinds / sizeof link_kinds[0]];
    size_t count = sizeof names / sizeof names[0];
    for (size_t i = 0; i < count; i++)
        names[i] = text_from(link_kinds[i].kind);
    return case_care_refuse_name(turn, plan, "/kind",
                                 N_("Write sibling, mother, child, earlier_episode, "
                                    "later_episode or duplicate: what the other case is."),
                                 kind, (struct case_names){names, count});
}

bool case_may_link(struct case_turn *turn, struct case_plan *plan)
{
    const struct value *links = case_peek(turn, PART_LINKS);
    struct text other = value_text_at(&turn->event->data, "case");
    struct text kind = value_text_at(&turn->event->data, "kind");
    if (!value_bool_at(&turn->event->data, "linked"))
        return value_get(links, other) != NULL ||
               case_care_refuse(turn, plan, "/case", "unknown",
                                TEXT(N_("No link to that case is kept in this one.")));
    if (text_is_empty(case_link_back(kind)))
        return refuse_kind(turn, plan, kind);
    if (text_equal(other, value_text_at(&turn->doc, "id")))
        return case_care_refuse(turn, plan, "/case", "invalid",
                                TEXT(N_("A case is not linked to itself.")));
    if (value_get(links, other) == NULL && value_count(links) >= LINKS_MAX)
        return case_care_refuse(
            turn, plan, "/case", "too-many",
            text_printf(turn->arena, N_("A case has at most %d links."), LINKS_MAX));
    return true;
}

int case_link_take(struct case_turn *turn)
{
    struct text other = text_copy(turn->arena, value_text_at(&turn->event->data, "case"));
    turn->event_name = TEXT("case.link");
    if (!value_bool_at(&turn->event->data, "linked")) {
        value_remove(case_part(turn, PART_LINKS), other);
        return 0;
    }
    struct value mark = case_care_mark(turn);
    value_put(&mark, "kind",
              value_string(text_copy(turn->arena, value_text_at(&turn->event->data, "kind"))));
    value_set(case_part(turn, PART_LINKS), other, mark);
    return 0;
}
