/* Who may know of a case, and with which roles: role x country x assignment, and broken glass.
 *
 * A role reaches a case where it is held in the case's country and the case is not, in that role,
 * somebody else's. What is assigned to an account that is not there any more, or lost the role, is
 * for those who supervise the role; where nobody does, it is anybody's again who holds it. */
#include "base/arena.h"
#include "case/view.h"
#include "run/internal.h"

static bool has_left(struct wheel *wheel, const struct card *card, struct text role,
                     struct text holder)
{
    return !known_holds(&wheel->known, holder, role, card->country);
}

static bool is_reached(struct wheel *wheel, const struct case_person *asker,
                       const struct card *card, const struct workflow *workflow, struct text role)
{
    if (!case_person_holds_in(asker, role, card->country))
        return false;
    struct text holder = marks_holder(&card->marks, role);
    return text_is_empty(holder) || text_equal(holder, asker->id) ||
           (has_left(wheel, card, role, holder) && !case_role_has_supervisor(workflow, role));
}

bool rights_has_glass(struct wheel *wheel, const struct case_person *asker, const struct card *card)
{
    int64_t now_ms = wheel_now_ms(wheel);

    for (size_t i = 0; i < card->marks.count; i++) {
        const struct mark *mark = &card->marks.rows[i];
        if (mark->kind == MARK_GLASS && now_ms < mark->until_ms &&
            text_equal(mark->person, asker->id))
            return true;
    }
    return false;
}

/* Wherever it is held. */
static bool holds_anywhere(const struct case_person *asker, struct text role)
{
    const struct case_person everywhere = {.roles = asker->roles, .role_count = asker->role_count};

    return case_person_holds_in(&everywhere, role, TEXT_NONE);
}

static struct case_person gather(struct wheel *wheel, const struct case_person *asker,
                                 const struct card *card, const struct workflow *workflow,
                                 bool has_glass, struct arena *arena)
{
    struct text *roles = ARENA_ARRAY(arena, struct text, workflow->role_count);
    struct case_person person = {.id = asker->id, .person = asker->person, .roles = roles};

    for (size_t i = 0; i < workflow->role_count; i++) {
        struct text role = workflow->roles[i].id;
        if (has_glass ? holds_anywhere(asker, role) && !workflow_role_is_of_daemon(role)
                      : is_reached(wheel, asker, card, workflow, role))
            roles[person.role_count++] = role;
    }
    return person;
}

const struct workflow *rights_workflow(struct wheel *wheel, const struct card *card)
{
    if (!card->pinned) {
        const struct registered *definition = registry_hash(&wheel->registry, card->hash);
        roster_pin(card, definition ? definition->workflow : NULL);
    }
    return card->pinned;
}

bool rights_see(struct wheel *wheel, const struct case_person *asker, const struct card *card)
{
    const struct workflow *workflow = rights_workflow(wheel, card);

    for (size_t i = 0; workflow && i < workflow->role_count; i++)
        if (is_reached(wheel, asker, card, workflow, workflow->roles[i].id))
            return true;
    return workflow && rights_has_glass(wheel, asker, card) && rights_may_break(wheel, asker, card);
}

const struct card *rights_card(struct wheel *wheel, const struct case_person *asker,
                               struct text name)
{
    struct vault_case_id id;
    const struct card *card = text_from_hex(name, id.bytes, sizeof(id.bytes))
                                  ? roster_find(&wheel->roster, &id)
                                  : roster_find_code(&wheel->roster, name);

    return card && rights_see(wheel, asker, card) ? card : NULL;
}

struct case_person rights_in(struct wheel *wheel, const struct case_person *asker,
                             const struct card *card, struct arena *arena)
{
    const struct workflow *workflow = rights_workflow(wheel, card);

    return gather(wheel, asker, card, workflow, rights_has_glass(wheel, asker, card), arena);
}

bool rights_may_break(struct wheel *wheel, const struct case_person *asker, const struct card *card)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    const struct case_person everywhere = {.roles = asker->roles, .role_count = asker->role_count};

    return workflow && case_is_visible(&everywhere, card->country, workflow);
}

struct case_person rights_through_glass(struct wheel *wheel, const struct case_person *asker,
                                        const struct card *card, struct arena *arena)
{
    return gather(wheel, asker, card, rights_workflow(wheel, card), true, arena);
}

/* ---- What waits for whom. ---- */

static bool supervises_anybody(const struct case_person *asker, const struct card *card,
                               const struct workflow *workflow)
{
    for (size_t i = 0; i < workflow->role_count; i++)
        if (workflow->roles[i].supervises.count > 0 &&
            case_person_holds_in(asker, workflow->roles[i].id, card->country))
            return true;
    return false;
}

static unsigned mark_waits(struct wheel *wheel, const struct case_person *asker,
                           const struct card *card, const struct workflow *workflow,
                           const struct mark *mark)
{
    switch (mark->kind) {
    case MARK_ASSIGNED:
        if (card->is_closed)
            return 0;
        if (text_equal(mark->person, asker->id))
            return case_person_holds_in(asker, mark->name, card->country) ? RIGHTS_MINE : 0;
        return case_person_supervises(asker, card->country, workflow, mark->name) &&
                       has_left(wheel, card, mark->name, mark->person)
                   ? RIGHTS_LEFT
                   : 0;
    case MARK_SUBMITTER:
        return supervises_anybody(asker, card, workflow) &&
                       !known_takes_part(&wheel->known, mark->person, card->country, workflow)
                   ? RIGHTS_LEFT
                   : 0;
    case MARK_REVIEW:
        return case_person_holds_in(asker, mark->name, card->country) &&
                       !text_equal(mark->person, asker->person)
                   ? RIGHTS_REVIEW
                   : 0;
    case MARK_FLAG:
    case MARK_LINK:
    case MARK_GLASS:
        break;
    }
    return 0;
}

unsigned rights_waits(struct wheel *wheel, const struct case_person *asker, const struct card *card)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    unsigned waits = 0;

    if (!workflow)
        return 0;
    for (size_t i = 0; i < card->role_count && !card->is_closed; i++)
        if (is_reached(wheel, asker, card, workflow, card->roles[i]) &&
            !text_equal(marks_holder(&card->marks, card->roles[i]), asker->id))
            waits |= RIGHTS_POOL;
    for (size_t i = 0; i < card->marks.count; i++)
        waits |= mark_waits(wheel, asker, card, workflow, &card->marks.rows[i]);
    return waits;
}

struct value rights_waits_value(unsigned waits, struct arena *arena)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{RIGHTS_MINE, "mine"},
                 {RIGHTS_POOL, "pool"},
                 {RIGHTS_LEFT, "left"},
                 {RIGHTS_REVIEW, "review"}};
    struct value list = value_list(arena);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (waits & names[i].bit)
            value_append(&list, value_cstring(names[i].name));
    return list;
}

/* ---- Erasing, and who read. ---- */

/* A role of the daemon's own, which no workflow declares. */
static bool holds_there(const struct case_person *asker, const char *role, struct text country)
{
    for (size_t i = 0; i < asker->role_count; i++) {
        bool is_there = !asker->countries || text_is_empty(asker->countries[i]) ||
                        text_equal(asker->countries[i], country);
        if (is_there && text_is(asker->roles[i], role))
            return true;
    }
    return false;
}

bool rights_is_dpo(const struct case_person *asker, struct text country)
{
    return holds_there(asker, "dpo", country);
}

bool rights_is_administrator(const struct case_person *asker, struct text country)
{
    return holds_there(asker, "administrator", country);
}

bool rights_may_audit(const struct case_person *asker, const struct card *card)
{
    return holds_there(asker, "auditor", card->country) || rights_is_dpo(asker, card->country);
}

bool rights_may_ask_erasure(const struct case_person *asker, const struct card *card)
{
    return rights_is_dpo(asker, card->country);
}

bool rights_may_approve_erasure(struct wheel *wheel, const struct case_person *asker,
                                const struct card *card)
{
    const struct workflow *workflow = rights_workflow(wheel, card);
    bool any_supervises = false;

    for (size_t i = 0; workflow && i < workflow->role_count; i++)
        any_supervises |= workflow->roles[i].supervises.count > 0;
    if (!workflow || any_supervises)
        return workflow && supervises_anybody(asker, card, workflow);
    return rights_may_ask_erasure(asker, card);
}
