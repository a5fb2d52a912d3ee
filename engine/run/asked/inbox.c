/* The inbox: the cases that wait for somebody, by their roles or for their approval, and what they
 * are told. All of it is in the roster; guards are not asked. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json.h"
#include "case/view.h"
#include "run/internal.h"

enum { INBOX_MAX = 500 };

/* A case of which this person is asked or told something. */
struct found {
    const struct card *card;
    /* The card's, for the order: thousands are compared, and cards lie far apart. */
    int64_t deadline_ms, changed_ms;
    unsigned waits; /* bits of enum rights_waits */
    struct value asks;
};

struct told {
    const struct card *card;
    struct value view; /* as case_notice_view makes it */
    int64_t at_s, due_s;
    bool is_overdue;
};

struct inbox {
    struct wheel *wheel;
    const struct queued *queued;
    struct arena *arena;
    int64_t now_ms;
    struct found *cases;
    size_t case_count;
    struct told *notices;
    size_t notice_count, notice_capacity;
};

/* ---- Finding. ---- */

static bool holds_one(const struct case_person *person, const struct card *card,
                      const struct text *roles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (case_person_holds_in(person, roles[i], card->country))
            return true;
    return false;
}

static bool is_told(const struct card *card, const struct case_person *person)
{
    for (size_t i = 0; i < card->told_person_count; i++)
        if (text_equal(card->told_persons[i], person->person))
            return true;
    return holds_one(person, card, card->told_roles, card->told_role_count);
}

static int64_t seconds_at(const struct value *view, const char *name)
{
    const struct value *moment = value_at(view, name);

    return moment ? moment->instant.seconds : 0;
}

static void add_notice(struct inbox *inbox, const struct card *card, const struct value *view)
{
    if (inbox->notice_count == inbox->notice_capacity) {
        size_t capacity = inbox->notice_capacity ? inbox->notice_capacity * 2 : 64;
        struct told *more = ARENA_ARRAY(inbox->arena, struct told, capacity);
        for (size_t i = 0; i < inbox->notice_count; i++)
            more[i] = inbox->notices[i];
        inbox->notices = more;
        inbox->notice_capacity = capacity;
    }
    inbox->notices[inbox->notice_count++] =
        (struct told){.card = card,
                      .view = *view,
                      .at_s = seconds_at(view, "at"),
                      .due_s = seconds_at(view, "due"),
                      .is_overdue = value_is_string(value_at(view, "kind"), "overdue")};
}

/* What the card says to single people is read only where this person is among them. */
static struct value read_told(struct inbox *inbox, const struct card *card)
{
    struct case_person person = rights_in(inbox->wheel, &inbox->queued->asker, card, inbox->arena);
    const struct workflow *workflow = rights_workflow(inbox->wheel, card);
    struct text language = inbox->queued->request.language;
    struct value told;

    CHECK(json_read(inbox->arena, card->told, &told, NULL) == 0);
    struct value notices =
        case_notice_view(workflow, value_at(&told, "notices"), &person, language, inbox->arena);
    for (size_t i = 0; i < value_count(&notices); i++)
        add_notice(inbox, card, value_item(&notices, i));
    return case_ask_view(workflow, value_at(&told, "asks"), &person, language, inbox->arena);
}

static void look_at(struct inbox *inbox, const struct card *card)
{
    const struct case_person *person = &inbox->queued->asker;
    unsigned waits = rights_waits(inbox->wheel, person, card);
    bool may_be_told = is_told(card, person) && rights_see(inbox->wheel, person, card);
    struct value asks = value_null();

    if ((waits == 0 && !may_be_told) ||
        !read_fits(card, &inbox->queued->request.filter, person, inbox->now_ms))
        return;
    if (may_be_told)
        asks = read_told(inbox, card);
    if (waits != 0 || value_count(&asks) > 0)
        inbox->cases[inbox->case_count++] =
            (struct found){card, card->deadline_ms, card->changed_ms, waits, asks};
}

/* ---- Order. ---- */

/* Overdue first, then by deadline; those without one last, the one changed longest ago first. */
static int compare_cases(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    bool a_has = a->deadline_ms != ROSTER_NEVER_MS, b_has = b->deadline_ms != ROSTER_NEVER_MS;

    if (a_has != b_has)
        return a_has ? -1 : 1;
    if (a_has && a->deadline_ms != b->deadline_ms)
        return a->deadline_ms < b->deadline_ms ? -1 : 1;
    if (a->changed_ms != b->changed_ms)
        return a->changed_ms < b->changed_ms ? -1 : 1;
    return text_compare(a->card->code, b->card->code);
}

/* What is overdue first, longest ago before all; then the newest. */
static int compare_notices(const void *left, const void *right)
{
    const struct told *a = left, *b = right;

    if (a->is_overdue != b->is_overdue)
        return a->is_overdue ? -1 : 1;
    if (a->is_overdue && a->due_s != b->due_s)
        return a->due_s < b->due_s ? -1 : 1;
    if (a->at_s != b->at_s)
        return a->at_s > b->at_s ? -1 : 1;
    return text_compare(a->card->code, b->card->code);
}

/* ---- Telling. ---- */

static struct value case_lines(const struct inbox *inbox, size_t limit)
{
    struct value lines = value_list(inbox->arena);

    for (size_t i = 0; i < inbox->case_count && i < limit; i++) {
        const struct found *found = &inbox->cases[i];
        struct value line = read_line(inbox->wheel, inbox->queued, found->card);
        value_put(&line, "waits", rights_waits_value(found->waits, inbox->arena));
        if (value_count(&found->asks) > 0)
            value_put(&line, "approve", found->asks);
        value_append(&lines, line);
    }
    return lines;
}

static struct value notice_lines(const struct inbox *inbox, size_t limit)
{
    struct value lines = value_list(inbox->arena);

    for (size_t i = 0; i < inbox->notice_count && i < limit; i++) {
        const struct told *told = &inbox->notices[i];
        struct value line = value_map(inbox->arena);
        value_put(&line, "code", value_string(text_copy(inbox->arena, told->card->code)));
        for (size_t k = 0; k < value_count(&told->view); k++)
            value_set(&line, value_member(&told->view, k)->key,
                      value_member(&told->view, k)->value);
        value_append(&lines, line);
    }
    return lines;
}

void read_inbox(struct wheel *wheel, struct queued *queued)
{
    struct inbox inbox = {.wheel = wheel,
                          .queued = queued,
                          .arena = wheel->turn,
                          .now_ms = wheel_now_ms(wheel),
                          .cases = ARENA_ARRAY(wheel->turn, struct found, wheel->roster.count)};
    size_t limit = read_limit(&queued->request.filter, INBOX_MAX);
    struct value body = value_map(wheel->turn);

    for (size_t i = 0; i < wheel->roster.count; i++)
        look_at(&inbox, wheel->roster.cards[i]);
    if (inbox.case_count > 0)
        qsort(inbox.cases, inbox.case_count, sizeof(*inbox.cases), compare_cases);
    if (inbox.notice_count > 0)
        qsort(inbox.notices, inbox.notice_count, sizeof(*inbox.notices), compare_notices);
    value_put(&body, "cases", case_lines(&inbox, limit));
    value_put(&body, "total", value_int((int64_t)inbox.case_count));
    value_put(&body, "notices", notice_lines(&inbox, limit));
    value_put(&body, "notices_total", value_int((int64_t)inbox.notice_count));
    read_reply_list(wheel, queued, body);
}
